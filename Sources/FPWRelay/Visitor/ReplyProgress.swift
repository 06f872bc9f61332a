import NIOCore

/// How much of a reply has reached the visitor, so that a resend continues where the first sending broke
/// (PROTOCOL.md §4, resend).
struct ReplyProgress {
    /// What a sending of the reply declares.
    struct Declared: Equatable {
        let status: Int
        /// Bytes of its body; nil where it is chunked.
        let length: Int?
    }

    enum Beginning: Equatable {
        /// The visitor gets the head now.
        case first
        /// What the visitor has already will be passed over.
        case resumed
        /// This is another reply: what the visitor has of the first cannot be completed.
        case mismatch
    }

    private(set) var declared: Declared?
    /// Body bytes that the visitor has got.
    private(set) var passed = 0
    private var toSkip = 0

    mutating func begin(_ sending: Declared) -> Beginning {
        guard let first = declared else {
            declared = sending
            return .first
        }
        guard first.status == sending.status, sending.length.map({ $0 >= passed }) ?? true else { return .mismatch }
        if let before = first.length, let now = sending.length, before != now { return .mismatch }
        toSkip = passed
        return .resumed
    }

    /// The part of `bytes` that the visitor has not got yet.
    mutating func pass(_ bytes: ByteBuffer) -> ByteBuffer {
        var rest = bytes
        let skipped = min(toSkip, rest.readableBytes)
        rest.moveReaderIndex(forwardBy: skipped)
        toSkip -= skipped
        passed += rest.readableBytes
        return rest
    }

    /// Whether a body that ends here is the one that was declared first.
    var isWhole: Bool {
        toSkip == 0 && declared?.length.map { $0 == passed } ?? true
    }
}
