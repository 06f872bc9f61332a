import FPWConfig
import FPWMetrics
import FPWProtocol
import FPWService
import FPWTransport
import TestSupport
import Testing

@testable import FPWDaemon

private let notCredentials: [(HeaderFields, AccessRefusal)] = [
    ([:], .credentialsMissing(realm: "blog")),
    (["authorization": "Bearer abc"], .credentialsMissing(realm: "blog")),
    (["authorization": ""], .credentialsMissing(realm: "blog")),
    (["authorization": "Basic"], .credentialsWrong(realm: "blog")),
    (["authorization": "Basic \u{1}"], .credentialsWrong(realm: "blog")),
    (["authorization": "Basic !!!!"], .credentialsWrong(realm: "blog")),
    (["authorization": "Basic YW5uOnMzY3JldA"], .credentialsWrong(realm: "blog")),
    (["authorization": "Basic YW5u"], .credentialsWrong(realm: "blog")),
    (["authorization": "Basic YW5uOnMzY3JldA== x"], .credentialsWrong(realm: "blog")),
    (
        ["authorization": "Basic YW5uOnMzY3JldA==", "Authorization": "Basic YW5uOnMzY3JldA=="],
        .credentialsWrong(realm: "blog")
    ),
    (
        ["authorization": "Basic \(String(repeating: "A", count: 60_000))"], .credentialsWrong(realm: "blog")
    ),
    (["authorization": "Basic \(Array("ann:s3cret\0x".utf8).base64)"], .credentialsWrong(realm: "blog")),
    (
        ["authorization": "Basic \((Array("ann:".utf8) + [0xFF, 0xFE]).base64)"],
        .credentialsWrong(realm: "blog")
    ),
    (
        ["authorization": "Basic \(Array("ann:\(String(repeating: "x", count: 256))".utf8).base64)"],
        .credentialsWrong(realm: "blog")
    ),
]

@Suite("User names and passwords")
struct BasicAuthTests {
    private let visitor = VisitorBlock(.verified("192.0.2.1"))

    private func fields(_ user: String, _ password: String) -> HeaderFields {
        ["authorization": "Basic \(Array("\(user):\(password)".utf8).base64)"]
    }

    /// What becomes of the request when all is compared; nil: it passes.
    private func outcome(
        _ auth: BasicAuth, _ fields: HeaderFields, from visitor: VisitorBlock? = nil, at now: Moment = .at(0)
    ) async -> AccessRefusal? {
        let visitor = visitor ?? self.visitor
        switch auth.ask(fields, from: visitor, at: now) {
        case .pass: return nil
        case .refuse(let refusal): return refusal
        case .check(let check, let isFirst):
            let gate = Gate()
            check.whenDone { gate.open() }
            #expect(await gate.passed())
            return auth.settle(check, isFirst: isFirst, from: visitor, at: now)
        }
    }

    @Test(
        "a right password passes, of each kind of hash",
        arguments: [("ann", "s3cret"), ("ünï", "pässwörd"), ("rounds", "s3cret"), ("yes", "s3cret")])
    func passes(user: String, password: String) async throws {
        let auth = BasicAuth(try .sample(), realm: "blog", slots: 200)
        #expect(await outcome(auth, fields(user, password)) == nil)
    }

    @Test(
        "a wrong password, and an unknown user with a known password, do not",
        arguments: [
            ("ann", "s3cre"), ("ann", "s3cret "), ("ann", "S3cret"), ("ann", ""), ("ann", "pässwörd"), ("", "s3cret"),
            ("nobody", "s3cret"), ("Ann", "s3cret"), ("u\u{308}ni\u{308}", "pässwörd"),
            ("ann", "$2y$04$abcdefghijklmnopqrstuuLZYjhNQAOdpbzt4WxWlUHjv1wsyH5DG"),
        ])
    func refuses(user: String, password: String) async throws {
        let auth = BasicAuth(try .sample(), realm: "blog", slots: 200)
        #expect(await outcome(auth, fields(user, password)) == .credentialsWrong(realm: "blog"))
    }

    @Test("what is no user and password is told from what is malformed", arguments: notCredentials)
    func malformed(fields: HeaderFields, refusal: AccessRefusal) async throws {
        let auth = BasicAuth(try .sample(), realm: "blog", slots: 200)
        #expect(await outcome(auth, fields) == refusal)
    }

    @Test("the scheme may be written in either case")
    func scheme() async throws {
        let auth = BasicAuth(try .sample(), realm: "blog", slots: 200)
        #expect(await outcome(auth, ["AUTHORIZATION": "bAsIc  YW5uOnMzY3JldA=="]) == nil)
    }

    @Test("a password that was right is not compared again, until five minutes after its last use")
    func remembers() async throws {
        let auth = BasicAuth(try .sample(), realm: "blog", slots: 200)
        #expect(await outcome(auth, fields("ann", "s3cret")) == nil)
        let now = Moment.now
        for seconds in [0, 299, 598, 897] {
            let later = now + .seconds(seconds)
            guard case .pass = auth.ask(fields("ann", "s3cret"), from: .unverified, at: later) else {
                Issue.record("compared again after \(seconds) s")
                return
            }
        }
        let later = now + .seconds(897 + 300)
        guard case .check = auth.ask(fields("ann", "s3cret"), from: .unverified, at: later) else {
            Issue.record("not compared again")
            return
        }
    }

    @Test("ten wrong passwords of an address are enough, for a while; a right one that is known still passes")
    func limitsFailures() async throws {
        let auth = BasicAuth(try .sample(), realm: "blog", slots: 200)
        #expect(await outcome(auth, fields("ann", "s3cret")) == nil)
        var outcomes: [AccessRefusal?] = []
        for number in 0..<11 { outcomes.append(await outcome(auth, fields("ann", "\(number)"))) }
        let wrong = AccessRefusal.credentialsWrong(realm: "blog")
        #expect(outcomes == Array(repeating: wrong, count: 10) + [.failures(retryAfter: .seconds(6))])
        #expect(await outcome(auth, ["authorization": "Basic x"]) == .failures(retryAfter: .seconds(6)))
        #expect(await outcome(auth, fields("ann", "s3cret")) == nil)
        #expect(await outcome(auth, fields("ann", "x"), from: .unverified) == wrong)
        #expect(await outcome(auth, fields("ann", "x"), at: .at(6)) == wrong)
    }

    @Test("right passwords cost nothing of what wrong ones may")
    func countsOnlyFailures() async throws {
        let auth = BasicAuth(try .sample(), realm: "blog", slots: 200)
        for number in 0..<30 {
            let later = Moment.at(Double(number) * 0.001)
            #expect(await outcome(auth, fields("ann", "s3cret"), at: later) == nil)
        }
    }

    @Test("requests with the same password wait for one comparison")
    func joins() async throws {
        let auth = BasicAuth(try .sample(), realm: "blog", slots: 300)
        async let outcomes = withTaskGroup(of: AccessRefusal?.self) { group in
            for _ in 0..<100 { group.addTask { await self.outcome(auth, self.fields("yes", "s3cret")) } }
            return await group.reduce(into: [AccessRefusal?]()) { $0.append($1) }
        }
        #expect(await outcomes == Array(repeating: nil, count: 100))
    }

    @Test("so many may wait to be compared, and one more is asked to come again")
    func isBounded() async throws {
        let auth = BasicAuth(try .sample(), realm: "blog", slots: 200)
        let outcomes = await withTaskGroup(of: AccessRefusal?.self) { group in
            for number in 0..<200 {
                let visitor = VisitorBlock.number(UInt64(number))
                group.addTask { await self.outcome(auth, self.fields("yes", "\(number)"), from: visitor) }
            }
            return await group.reduce(into: [AccessRefusal?]()) { $0.append($1) }
        }
        #expect(outcomes.count { $0 == .credentialsWrong(realm: "blog") } >= BasicAuth.queueLimit)
        #expect(outcomes.allSatisfy { $0 == .credentialsWrong(realm: "blog") || $0 == .busy })
        #expect(await outcome(auth, fields("yes", "s3cret")) == nil)
    }

    @Test(
        "who waits for a comparison leaves half of the slots to others, at once, whether the password is new or not",
        arguments: [(1, 1), (2, 1), (3, 1), (6, 3)])
    func leavesSlots(slots: Int, waiting: Int) async throws {
        for sharesPassword in [false, true] {
            let auth = BasicAuth(try .slowSample(), realm: "blog", slots: slots)
            var checks: [PasswordCheck] = []
            var refused: [AccessRefusal] = []
            for number in 0..<slots + 2 {
                let fields = fields("eve", sharesPassword ? "x" : "\(number)")
                switch auth.ask(fields, from: .number(UInt64(number)), at: .at(0)) {
                case .pass: Issue.record("passed")
                case .refuse(let refusal): refused.append(refusal)
                case .check(let check, _): checks.append(check)
                }
            }
            #expect(checks.count == waiting)
            #expect(refused == Array(repeating: .busy, count: slots + 2 - waiting))
            for check in checks {
                let gate = Gate()
                check.whenDone { gate.open() }
                #expect(await gate.passed())
            }
            #expect(await outcome(auth, fields("ann", "s3cret")) == nil)
        }
    }

    @Test(
        "who guesses leaves two places to wait to addresses that do not, of few places none",
        arguments: [(200, 14, 16), (16, 6, 8), (8, 3, 4), (6, 3, 3), (1, 1, 1)])
    func keepsPlaces(slots: Int, ofGuessers: Int, ofAll: Int) async throws {
        let auth = BasicAuth(try .slowSample(), realm: "blog", slots: slots)
        var checks: [PasswordCheck] = []
        func ask(_ visitor: VisitorBlock, at now: Moment) {
            let fields = fields(checks.isEmpty ? "eve" : "ann", "\(checks.count)")
            if case .check(let check, _) = auth.ask(fields, from: visitor, at: now) { checks.append(check) }
        }
        let guessers = (0..<20).map { VisitorBlock.number(UInt64($0)) }
        for guesser in guessers { _ = auth.ask(["authorization": "Basic x"], from: guesser, at: .at(0)) }
        for guesser in guessers { ask(guesser, at: .at(1)) }
        #expect(checks.count == ofGuessers)
        for number in 100..<120 { ask(.number(UInt64(number)), at: .at(1)) }
        #expect(checks.count == ofAll)
        for check in checks {
            let gate = Gate()
            check.whenDone { gate.open() }
            #expect(await gate.passed())
        }
    }

    @Test("what is remembered is bounded, and no password")
    func cacheIsBounded() throws {
        var cache = CredentialCache()
        let other = CredentialCache()
        var last: CredentialDigest?
        for number in 0..<3000 {
            let text = "Basic \(Array("ann:\(number)".utf8).base64)"
            guard case .given(let credentials) = BasicCredentials.reading(in: ["authorization": text]) else { return }
            let digest = cache.digest(of: credentials)
            #expect(digest != other.digest(of: credentials))
            cache.add(digest, at: .at(0))
            last = digest
        }
        let known = try #require(last)
        #expect(cache.use(known, at: .at(299)) == true)
        #expect(cache.use(known, at: .at(599)) == false)
        let kept = Mirror(reflecting: cache).children.compactMap { ($0.value as? [CredentialDigest: Moment])?.count }
        #expect(kept.count == 1)
        #expect(kept.allSatisfy { (1...CredentialCache.capacity).contains($0) })
    }
}
