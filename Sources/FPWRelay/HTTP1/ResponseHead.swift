package import FPWProtocol
package import FPWService
package import NIOCore

/// An answer's status and fields, with the framing of its body.
package struct ResponseHead: Equatable, Sendable {
    /// 100…999
    package var status: Int
    /// Written as they are; must not hold Transfer-Encoding, nor Content-Length unless `framing` is `.none` and the
    /// answer is one to HEAD or a 304 (RFC 9110 §8.6).
    package var headers: HeaderFields
    /// `.none` writes no framing field: for 204, 304, HEAD, and with `closesConnection` for a body that ends with the
    /// connection (HTTP/1.0).
    package var framing: BodyFraming
    /// Writes `connection: close`.
    package var closesConnection: Bool

    package init(
        status: Int, headers: HeaderFields = [:], framing: BodyFraming = .length(0), closesConnection: Bool = false
    ) {
        self.status = status
        self.headers = headers
        self.framing = framing
        self.closesConnection = closesConnection
    }
}

extension ResponseHead {
    /// Writes the head as HTTP/1.1, with a `date` where `headers` hold none (RFC 9110 §6.6.1).
    package func write(into buffer: inout ByteBuffer, at now: @autoclosure () -> WallClock = .now) {
        buffer.reserveCapacity(minimumWritableBytes: headers.byteCount + 4 * headers.count + 160)
        buffer.writeStaticString("HTTP/1.1 ")
        buffer.writeString(String(status))
        buffer.writeStaticString(ReasonPhrase.text(for: status))
        buffer.writeStaticString("\r\n")
        var hasDate = false
        for field in headers {
            if field.isNamed("date") { hasDate = true }
            buffer.writeBytes(field.name.span.bytes)
            buffer.writeStaticString(": ")
            buffer.writeBytes(field.value.span.bytes)
            buffer.writeStaticString("\r\n")
        }
        if !hasDate { now().writeDateField(into: &buffer) }
        writeFraming(into: &buffer)
        buffer.writeStaticString(closesConnection ? "connection: close\r\n\r\n" : "\r\n")
    }

    private func writeFraming(into buffer: inout ByteBuffer) {
        switch framing {
        case .none: break
        case .chunked: buffer.writeStaticString("transfer-encoding: chunked\r\n")
        case .length(let length):
            buffer.writeStaticString("content-length: ")
            buffer.writeString(String(length))
            buffer.writeStaticString("\r\n")
        }
    }

    /// Writes the interim answer that lets a client send its body.
    package static func writeContinue(into buffer: inout ByteBuffer) {
        buffer.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
    }
}
