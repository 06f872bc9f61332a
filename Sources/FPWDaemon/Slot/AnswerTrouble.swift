import FPWProtocol
import FPWTransport

extension AnswerReading {
    /// Whether the answer tells of trouble with the relay.
    /// - Parameters:
    ///   - carriedReply: the POST carried a reply; an answer about that reply says nothing about the relay.
    ///   - isWanted: the answer came at once because it was asked for.
    ///   - isLeaving: the relay says with it that it is going down, however long it held the poll.
    func isTrouble(carriedReply: Bool, isWanted: Bool, isLeaving: Bool) -> Bool {
        guard countsAsError || isLeaving, !isWanted else { return false }
        if isLeaving { return true }
        let isAboutTheReply = carriedReply && (answer == .visitGone || refusedSize != nil)
        return !isAboutTheReply
    }
}

extension TransferFailure {
    /// Whether the POST only met a used connection that had ended: that says nothing about the relay, and it is tried again
    /// at once.
    /// - Parameter isFresh: the POST had a connection of its own.
    func metDeadConnection(isFresh: Bool) -> Bool { kind == .unanswered && !isFresh }
}
