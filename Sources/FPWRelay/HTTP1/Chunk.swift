package import NIOCore

/// The framing of a chunked body (RFC 9112 §7.1), to be written around data that is not copied.
///
/// A chunk is `writeHead(length:into:)`, the data, `tail`; the body ends with `last`.
package enum Chunk {
    /// Ends a chunk's data.
    package static let tail = ByteBuffer(string: "\r\n")
    /// Ends the body, without trailers.
    package static let last = ByteBuffer(string: "0\r\n\r\n")

    /// Writes the size line of a chunk of `length` bytes; `length` must be above 0, since 0 ends the body.
    package static func writeHead(length: Int, into buffer: inout ByteBuffer) {
        buffer.writeString(String(length, radix: 16))
        buffer.writeStaticString("\r\n")
    }
}
