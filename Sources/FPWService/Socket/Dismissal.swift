import Glibc

/// The last words to a connection that is not served.
package enum Dismissal {
    /// A whole response that says when to come back.
    ///
    /// - Parameters:
    ///   - status: with its reason phrase.
    ///   - fields: further field lines, each with its line end.
    package static func answer(_ status: String, _ text: String, retryAfter seconds: Int, fields: String = "") -> String
    {
        "HTTP/1.1 \(status)\r\ncontent-type: text/plain; charset=utf-8\r\nretry-after: \(seconds)\r\n\(fields)"
            + "connection: close\r\ncontent-length: \(text.utf8.count)\r\n\r\n\(text)"
    }

    /// Sends an answer that fits into the socket's buffer, and ends the sending side. The caller closes.
    package static func send(_ answer: [UInt8], to connection: Int32) {
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        Glibc.send(connection, answer, answer.count, flags)
        shutdown(connection, Int32(SHUT_WR))
        // What was sent and not read would turn the close into a reset, and the answer might be lost.
        var request = [UInt8](repeating: 0, count: 16 << 10)
        _ = recv(connection, &request, request.count, flags)
    }
}
