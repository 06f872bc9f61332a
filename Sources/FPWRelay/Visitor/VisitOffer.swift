import FPWProtocol
import NIOCore

/// What a slot needs to answer its POST with a visit.
struct VisitOffer: Sendable {
    let id: VisitID
    let request: VisitorRequest
    let framing: BodyFraming
    /// The body as far as it has come.
    let body: ByteBuffer
    let bodyIsComplete: Bool
}

/// Whether a slot got its visit.
enum Sight { case no, perhaps, yes }

/// A part of a reply, on its way from a slot's POST to the visitor.
struct ReplyPart: Sendable {
    /// Begins the reply.
    var head: SlotReply?
    /// Bytes of the body; nil where they are not known beforehand. Belongs to `head`.
    var length: Int?
    var chunks: [ByteBuffer] = []
    var isLast = false

    /// Leaves an empty part behind.
    mutating func take() -> ReplyPart {
        var taken = ReplyPart()
        swap(&taken, &self)
        return taken
    }

    var isEmpty: Bool { head == nil && chunks.isEmpty && !isLast }
}
