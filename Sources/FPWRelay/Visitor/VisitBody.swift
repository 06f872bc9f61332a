import NIOCore

/// A visitor's body as far as it has come, with a copy of its beginning, so that the visit can be handed over again.
struct VisitBody {
    /// A longer body is not kept: it can be sent to one slot only.
    static let keptBytes = 64 << 10

    /// All that has been received, where `isAtHand`.
    private(set) var kept = ByteBuffer()
    private(set) var received = 0
    private(set) var isComplete = false

    /// Whether every byte so far is kept.
    var isAtHand: Bool { kept.readableBytes == received }

    mutating func append(_ bytes: ByteBuffer) {
        received += bytes.readableBytes
        if received <= Self.keptBytes {
            kept.writeImmutableBuffer(bytes)
        } else {
            kept = ByteBuffer()
        }
    }

    mutating func end() { isComplete = true }

    /// Gives up the copy: the visit will not be handed over again.
    mutating func forget() { kept = ByteBuffer() }
}
