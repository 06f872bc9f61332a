import FPWConfig
import FPWProtocol
import NIOCore

/// Who wants to serve a name below a wildcard.
struct Claimant: Sendable, Hashable {
    let token: Token
    /// Nil where it is not known.
    let address: AddressBlock?
}

/// Below a wildcard a name belongs to the token with which its first slot came, as long as one of its slots is here.
struct Tenure: Sendable {
    /// More addresses and claims are not remembered.
    private static let capacity = 64

    let holder: Token
    /// From which the holder's slots came.
    private var addresses: Set<AddressBlock?>
    /// When other tokens' began, of those from the same addresses.
    private var claims: [Claimant: NIODeadline] = [:]
    /// Who waits.
    private(set) var heir: Claimant?
    /// The holder has closed its last slot that was not at work: those that are will not come back.
    var isEnding = false

    init(_ claimant: Claimant) {
        holder = claimant.token
        addresses = [claimant.address]
    }

    mutating func confirm(_ claimant: Claimant) {
        isEnding = false
        if !addresses.contains(claimant.address), addresses.count < Self.capacity { addresses.insert(claimant.address) }
    }

    /// Whether a claim by another token may wait for the name to be free.
    ///
    /// It may where the holder's slots come from the same address, because a worker whose token is replaced opens its new
    /// slots before it closes the old ones. What is not free after `patience` is not the worker's own.
    mutating func mayWait(_ claimant: Claimant, for patience: TimeAmount, at now: NIODeadline) -> Bool {
        guard addresses.contains(claimant.address), claims[claimant] != nil || claims.count < Self.capacity else {
            return false
        }
        let began = claims[claimant, default: now]
        claims[claimant] = began
        guard now < began + patience else { return false }
        heir = claimant
        return true
    }
}

/// What becomes of a claim to serve a name.
enum Claim {
    case granted
    case waits
    case refused
}

extension HostMachine {
    /// A slot has come.
    ///
    /// - Parameter claimant: nil where the name has a table of its own, whose tokens are all one holder's.
    mutating func claim(by claimant: Claimant?, at now: NIODeadline) -> Claim {
        guard let claimant else { return .granted }
        if tenure?.holder == claimant.token {
            tenure?.confirm(claimant)
            return .granted
        }
        guard isHeld(at: now), var held = tenure else {
            tenure = Tenure(claimant)
            return .granted
        }
        defer { tenure = held }
        return held.mayWait(claimant, for: limits.claimTime, at: now) ? .waits : .refused
    }

    /// Whether a slot is here, at work or coming back.
    private func isHeld(at now: NIODeadline) -> Bool {
        parked.count > 0 || tenure?.isEnding == false && hasSlots(at: now)
    }

    /// A slot was closed by its own wish.
    ///
    /// - Parameter claimant: as to `claim`; what others than the holder close changes nothing.
    mutating func slotLeft(by claimant: Claimant?) {
        if parked.count == 0, claimant?.token == tenure?.holder { tenure?.isEnding = true }
    }

    /// Lets the polls of claimants take the name where it has become free, or tells them that it will not.
    mutating func settleClaims(at now: NIODeadline) -> [HostAction<Visitor, Post>] {
        guard claiming.count > 0 else { return [] }
        guard isHeld(at: now) else {
            // It is expected at once, and visitors wait for it.
            tenure = tenure?.heir.map(Tenure.init)
            expectReturn(at: now)
            return claiming.removeAll { _ in true }.map(HostAction.expirePoll)
        }
        guard !claiming.posts(parkedBy: now - limits.claimTime).isEmpty else { return [] }
        return claiming.removeAll { _ in true }.map(HostAction.refusePoll)
    }

    /// The holder's token counts no more.
    mutating func endTenure(unless isAdmitted: (Token) -> Bool) {
        if let holder = tenure?.holder, !isAdmitted(holder) { tenure = nil }
    }
}
