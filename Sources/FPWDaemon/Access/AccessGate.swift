import FPWConfig
import FPWMetrics
import FPWProtocol
import FPWTransport

/// Who may visit a tunnel, and what may be asked for: every visit is asked about here before the upstream hears of it.
///
/// The cheapest question comes first, and a password is the last: whatever is refused before it costs next to nothing.
final class AccessGate: Sendable {
    enum Decision {
        case pass
        case refuse(AccessRefusal)
        /// `settle` tells when the check is done.
        case check(PasswordCheck, isFirst: Bool)
    }

    private let rules: AccessRules
    private let rates: Locked<RateTable>?
    private let auth: BasicAuth?

    /// - Parameters:
    ///   - name: the tunnel's, which visitors are shown when they are asked for a password.
    ///   - slots: how many the tunnel may have.
    init(_ config: AccessConfig, name: String, slots: Int) {
        rules = AccessRules(config)
        rates = config.rateLimit.map { Locked(RateTable($0)) }
        auth = config.passwords.map { BasicAuth($0, realm: name, slots: slots) }
    }

    /// `Authorization` is for this gate, and not for the upstream.
    var takesCredentials: Bool { auth != nil }

    /// A rule is about addresses, and the relay does not tell this one.
    func misses(_ address: VisitorAddress) -> Bool { rules.asksForAddress && address.known == nil }

    func decide(on visit: Visit, at now: Moment) -> Decision {
        guard rules.admits(visit.address) else { return .refuse(.address) }
        if let wait = rates?.withLock({ $0.take(VisitorBlock(visit.address), at: now) }) {
            return .refuse(.rate(retryAfter: wait))
        }
        if let refusal = rules.refusal(ofRequest: visit) { return .refuse(refusal) }
        switch auth?.ask(visit.headers, from: VisitorBlock(visit.address), at: now) {
        case nil, .pass: return .pass
        case .refuse(let refusal): return .refuse(refusal)
        case .check(let check, let isFirst): return .check(check, isFirst: isFirst)
        }
    }

    /// What a check's verdict means for the visit; nil: pass.
    func settle(_ check: PasswordCheck, isFirst: Bool, of visit: Visit, at now: Moment) -> AccessRefusal? {
        auth?.settle(check, isFirst: isFirst, from: VisitorBlock(visit.address), at: now)
    }
}
