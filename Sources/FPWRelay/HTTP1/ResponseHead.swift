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
        let date = headers.contains("date") ? nil : now()
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: largestSize) { memory in
            var writer = HeadWriter(memory)
            writeStatusLine(to: &writer)
            headers.forEachField { name, value in writer.write(name: name, value: value) }
            if let date { writer.write(dateField: date) }
            writeFraming(to: &writer)
            writer.write(closesConnection ? "connection: close\r\n\r\n" : "\r\n")
            return writer.count
        }
    }

    /// The bytes of the fields with what stands between them, and room for the status line and the fields of our own.
    private var largestSize: Int { headers.byteCount + 4 * headers.count + 256 }

    private func writeStatusLine(to writer: inout HeadWriter) {
        writer.write("HTTP/1.1 ")
        writer.write(decimal: status)
        writer.write(ReasonPhrase.text(for: status))
        writer.write("\r\n")
    }

    private func writeFraming(to writer: inout HeadWriter) {
        switch framing {
        case .none: break
        case .chunked: writer.write("transfer-encoding: chunked\r\n")
        case .length(let length):
            writer.write("content-length: ")
            writer.write(decimal: length)
            writer.write("\r\n")
        }
    }

    /// Writes the interim answer that lets a client send its body.
    package static func writeContinue(into buffer: inout ByteBuffer) {
        buffer.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
    }
}
