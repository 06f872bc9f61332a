import FPWConfig
import FPWMetrics
import FPWProtocol
import FPWService
import FPWTransport

/// Asks visitors of one tunnel for a user and a password.
///
/// Passwords are compared one after another on a thread that lives as long as there are some; never on an event loop. Who has
/// sent too many wrong ones is refused before that.
final class BasicAuth: Sendable {
    /// Comparisons that may wait, however many slots there are.
    static let queueLimit = 16
    /// Wrong passwords of one address.
    static let failureRate = RequestRate(10, per: .minute)

    enum Answer {
        case pass
        case refuse(AccessRefusal)
        /// - isFirst: nobody else waits for it yet; only then a wrong one has been counted beforehand.
        case check(PasswordCheck, isFirst: Bool)
    }

    private struct State {
        var known = CredentialCache()
        var failures = RateTable(BasicAuth.failureRate)
        var pending: [CredentialDigest: (check: PasswordCheck, visits: Int)] = [:]
        /// Those of `pending` whose turn has not come.
        var queue: [PasswordCheck] = []
        var isComparing = false

        /// The visits that wait for a verdict, each in a slot of its own.
        var waiting: Int { pending.values.reduce(0) { $0 + $1.visits } }
    }

    private let file: PasswordFile
    private let realm: String
    private let waitingLimit: Int
    /// Of the places to wait, for addresses without a password that was wrong of late, or waits: of eight and more two, of
    /// few none.
    private let reserve: Int
    private let state = Locked(State())

    /// - Parameter slots: how many the tunnel may have. Half of them stay free of visits that wait to be compared: who
    ///   guesses must not keep out who is known.
    init(_ file: PasswordFile, realm: String, slots: Int) {
        self.file = file
        self.realm = realm
        waitingLimit = max(1, slots / 2)
        reserve = min(2, waitingLimit / 4)
    }

    func ask(_ fields: HeaderFields, from visitor: VisitorBlock, at now: Moment) -> Answer {
        switch BasicCredentials.reading(in: fields) {
        case .missing: return .refuse(.credentialsMissing(realm: realm))
        case .malformed:
            let wait = state.withLock { $0.failures.take(visitor, at: now) }
            return .refuse(wait.map { .failures(retryAfter: $0) } ?? .credentialsWrong(realm: realm))
        case .given(let credentials):
            let answer = answer(to: credentials, from: visitor, at: now)
            if case .check(_, isFirst: true) = answer { startComparing() }
            return answer
        }
    }

    /// What the verdict means for one of those who waited; nil: pass.
    func settle(
        _ check: PasswordCheck, isFirst: Bool, from visitor: VisitorBlock, at now: Moment
    ) -> AccessRefusal? {
        let verdict = check.verdict ?? .unknown
        state.withLock { state in
            if verdict != .wrong, isFirst { state.failures.giveBack(visitor) }
            if verdict == .wrong, !isFirst { _ = state.failures.take(visitor, at: now) }
        }
        switch verdict {
        case .right: return nil
        case .wrong: return .credentialsWrong(realm: realm)
        case .unknown: return .busy
        }
    }

    private func answer(to credentials: BasicCredentials, from visitor: VisitorBlock, at now: Moment) -> Answer {
        state.withLock { [file, waitingLimit, reserve] state in
            let digest = state.known.digest(of: credentials)
            if state.known.use(digest, at: now) { return .pass }
            let kept = state.failures.isFull(visitor, at: now) ? 0 : reserve
            if let check = state.pending[digest]?.check {
                guard state.waiting + kept < waitingLimit else { return .refuse(.busy) }
                state.pending[digest]?.visits += 1
                return .check(check, isFirst: false)
            }
            // Counted as a failure until it is known to be none: many at once are as many.
            if let wait = state.failures.take(visitor, at: now) { return .refuse(.failures(retryAfter: wait)) }
            guard state.waiting + kept < waitingLimit, state.pending.count + kept < Self.queueLimit else {
                state.failures.giveBack(visitor)
                return .refuse(.busy)
            }
            let check = PasswordCheck(credentials, digest, in: file)
            state.pending[digest] = (check, visits: 1)
            state.queue.append(check)
            return .check(check, isFirst: true)
        }
    }
}

// MARK: - The thread

extension BasicAuth {
    private func startComparing() {
        let isComparing = state.withLock { state in
            defer { state.isComparing = true }
            return state.isComparing
        }
        if !isComparing, !Thread.startIfPossible({ [self] in compareAll() }) { giveUp() }
    }

    private func compareAll() {
        while let check = next() {
            let isRight = check.compare()
            state.withLock { state in
                state.pending[check.digest] = nil
                if isRight { state.known.add(check.digest, at: .now) }
            }
            check.finish(isRight ? .right : .wrong)
        }
    }

    private func next() -> PasswordCheck? {
        state.withLock { state in
            state.isComparing = !state.queue.isEmpty
            return state.queue.isEmpty ? nil : state.queue.removeFirst()
        }
    }

    /// The system gives no thread: nobody will compare what waits.
    private func giveUp() {
        let queue = state.withLock { state in
            state.isComparing = false
            for check in state.queue { state.pending[check.digest] = nil }
            defer { state.queue = [] }
            return state.queue
        }
        for check in queue { check.finish(.unknown) }
    }
}
