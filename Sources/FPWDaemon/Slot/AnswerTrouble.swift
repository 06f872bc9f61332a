import FPWProtocol

extension AnswerReading {
    /// Whether the answer tells of trouble with the relay.
    /// - Parameters:
    ///   - carriedReply: the POST carried a reply; an answer about that reply says nothing about the relay.
    ///   - isWanted: the answer came at once because it was asked for.
    func isTrouble(carriedReply: Bool, isWanted: Bool) -> Bool {
        let isAboutTheReply = carriedReply && (answer == .visitGone || refusedSize != nil)
        return countsAsError && !isWanted && !isAboutTheReply
    }
}
