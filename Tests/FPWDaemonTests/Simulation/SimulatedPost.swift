import FPWProtocol
import FPWTransport

@testable import FPWDaemon

/// A reply on its way in a simulation; of its content only the visit is known.
struct SimulatedReply {
    let visit: Int
    var firstFailure: Moment?
    var isResend = false
}

/// One POST, as the slot sees it and as the relay does.
final class SimulatedPost {
    enum Kind: Equatable {
        case poll, hello, reply(visit: Int, isResend: Bool)

        var isReply: Bool { if case .reply = self { true } else { false } }
    }

    let kind: Kind
    let slot: SlotID
    let isDraining: Bool
    let isProbe: Bool
    let startedAt: Moment
    /// It has a connection of its own.
    var isFresh = false
    /// It carries a reply that no POST carried before.
    var isFirstSending = false
    /// The slot, when something has happened.
    var tell: () -> Void = {}
    private(set) var isRunning = true
    private(set) var wasIssued = false
    private(set) var sentAt: Moment?
    private(set) var answer: AnswerFacts?
    private(set) var failure: TransferFailure?

    init(_ kind: Kind, slot: SlotID, isDraining: Bool, isProbe: Bool, at now: Moment) {
        self.kind = kind
        self.slot = slot
        self.isDraining = isDraining
        self.isProbe = isProbe
        startedAt = now
    }

    var isResend: Bool { if case .reply(_, true) = kind { true } else { false } }

    var carriesReply: Bool { if case .reply = kind { true } else { false } }

    var progress: PostWatch.Progress {
        PostWatch.Progress(
            isAnswered: answer != nil, isRunning: isRunning, sentAt: sentAt, progressAt: sentAt ?? startedAt)
    }

    func issued() { wasIssued = true }

    func sent(at now: Moment) {
        guard isRunning else { return }
        wasIssued = true
        sentAt = now
        tell()
    }

    func answered(_ status: Int, _ fields: HeaderFields, at now: Moment) {
        guard isRunning else { return }
        isRunning = false
        let since = sentAt.map { now - $0 } ?? .zero
        answer = AnswerFacts(status: status, headers: fields, sinceUpload: since, carriedReply: carriesReply)
        tell()
    }

    func failed(_ kind: TransferFailure.Kind) {
        guard isRunning else { return }
        isRunning = false
        failure = TransferFailure(kind, detail: "simulated")
        tell()
    }

    /// The slot gave it up: nothing of it is heard any more.
    func cancel() {
        isRunning = false
        tell = {}
    }
}
