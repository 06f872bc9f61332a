import FPWConfig
import FPWProtocol
import NIOCore
import Testing

@testable import FPWRelay

/// A visitor or a POST, told apart by identity and shown by name.
final class Party: Sendable, CustomStringConvertible {
    let name: String

    init(_ name: String) { self.name = name }

    var description: String { name }
}

typealias Machine = HostMachine<Party, Party>

extension HostMachine<Party, Party> {
    static func make(_ change: (inout HostLimits) -> Void = { _ in }) -> Machine {
        var limits = HostLimits()
        change(&limits)
        return Machine(limits: limits)
    }

    /// Parks a poll and hands it a visit.
    mutating func handOver(_ visitor: Party, id: VisitID, to poll: Party, of slot: SlotID? = .first) {
        _ = pollEnded(poll, slot: slot, loop: 0, at: .at(0))
        #expect(text(visitorArrived(visitor, id: id, loop: 0, at: .at(0))) == "hand over to \(poll)")
    }
}

extension NIODeadline {
    /// Seconds on the tests' clock.
    static func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(1_000_000 + seconds) }
}

extension Claimant {
    /// A token by its name, at an address of 192.0.2.0/24.
    init(_ token: String, at number: UInt8) {
        self.init(token: Token(token), address: IPAddress(bytes: [192, 0, 2, number]).map { AddressBlock($0) })
    }
}

extension SlotID {
    static let first = SlotID()
    static let second = SlotID()
}

/// What a machine decided, as text that can be compared whole.
func text(_ placement: Placement<Party>) -> String {
    switch placement {
    case .handOver(let post): "hand over to \(post)"
    case .waits: "waits"
    case .refused(let failure): "refused: \(failure.rawValue)"
    case .superseded: "superseded"
    }
}

func text(_ parking: Parking<Party>) -> String {
    switch parking {
    case .parked: "parked"
    case .handOver(let visitor, _): "takes \(visitor)"
    case .drained: "drained"
    case .goingDown: "going down"
    case .full: "full"
    case .held: "held"
    }
}

func text(_ admission: Admission<Party, Party>) -> String {
    switch admission {
    case .accepted(let visitor, nil): "for \(visitor)"
    case .accepted(let visitor, let earlier?): "for \(visitor), replacing \(earlier)"
    case .abandoned: "abandoned"
    case .refused: "refused"
    }
}

func text(_ departure: Departure<Party>) -> String {
    switch departure {
    case .unnoticed: "unnoticed"
    case .handedOver(let post): "handed over to \(post)"
    case .replying(let post): "replying by \(post)"
    }
}

func text(_ result: DrainResult<Party>) -> String {
    switch result {
    case .parked(let post): "parked: \(post)"
    case .busy: "busy"
    case .unknown: "unknown"
    }
}

func text(_ visit: GivenUp<Party, Party>) -> String {
    switch visit {
    case .seen(let visitor): "\(visitor): seen"
    case .unseen(let visitor): "\(visitor): unseen"
    case .known(let visitor, let post): "\(visitor): \(post) knows"
    }
}

func text(_ actions: [HostAction<Party, Party>]) -> [String] {
    actions.map { action in
        switch action {
        case .expirePoll(let post): "expire \(post)"
        case .dismissPoll(let post): "dismiss \(post)"
        case .refusePoll(let post): "refuse \(post)"
        case .fail(let visitor, let failure): "fail \(visitor): \(failure.rawValue)"
        case .reconsider(let visitor): "reconsider \(visitor)"
        }
    }.sorted()
}
