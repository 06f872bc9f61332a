import Glibc

/// One connection as a scripted server sees it. Blocking; nothing waits for longer than a minute.
package final class Peer {
    /// Which of the server's connections this is, from 1.
    package let number: Int
    private let descriptor: Int32
    private let record: (RequestHead) -> Void
    private var unread: [UInt8] = []

    package init(_ descriptor: Int32, number: Int, record: @escaping (RequestHead) -> Void) {
        self.descriptor = descriptor
        self.number = number
        self.record = record
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setSendTimeout(limit)
    }

    // MARK: Reading

    /// The next request's head; nil where the connection ended before it was whole.
    @discardableResult
    package func readHead() -> RequestHead? {
        while true {
            if let end = unread.firstRange(of: Array("\r\n\r\n".utf8)) {
                let head = RequestHead(String(decoding: unread[..<end.lowerBound], as: UTF8.self))
                unread.removeSubrange(..<end.upperBound)
                record(head)
                return head
            }
            guard receive() else { return nil }
        }
    }

    /// So many bytes of a body; fewer where the connection ended before.
    @discardableResult
    package func read(_ count: Int) -> [UInt8] {
        while unread.count < count, receive() {}
        defer { unread.removeFirst(min(count, unread.count)) }
        return Array(unread.prefix(count))
    }

    /// The body that belongs to a head.
    package func readBody(of head: RequestHead?) -> [UInt8] {
        if let length = head?.field("content-length").flatMap(Int.init) { return read(length) }
        return head?.field("transfer-encoding") == nil ? [] : readChunks() ?? []
    }

    /// A whole chunked body, without its framing; nil where it broke off.
    package func readChunks() -> [UInt8]? {
        var body: [UInt8] = []
        while let line = readLine(), let size = Int(line, radix: 16) {
            let chunk = read(size)
            guard chunk.count == size, readLine() == "" else { return nil }
            if size == 0 { return body }
            body += chunk
        }
        return nil
    }

    /// All that still comes, to the connection's end.
    @discardableResult
    package func readToEnd() -> [UInt8] {
        while receive() {}
        defer { unread = [] }
        return unread
    }

    private func readLine() -> String? {
        while true {
            if let end = unread.firstRange(of: Array("\r\n".utf8)) {
                defer { unread.removeSubrange(..<end.upperBound) }
                return String(decoding: unread[..<end.lowerBound], as: UTF8.self)
            }
            guard receive() else { return nil }
        }
    }

    private func receive() -> Bool {
        var piece = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &piece, piece.count, 0)
        guard count > 0 else { return false }
        unread += piece[..<count]
        return true
    }

    // MARK: Writing

    package func send(_ text: String) { send(Array(text.utf8)) }

    /// False where the client has closed the connection.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Sends until the client and the system have taken nothing more for a while.
    package func sendUntilStuck(_ bytes: [UInt8]) {
        setSendTimeout(timeval(tv_sec: 0, tv_usec: 300_000))
        send(bytes)
        setSendTimeout(timeval(tv_sec: 60, tv_usec: 0))
    }

    private func setSendTimeout(_ limit: timeval) {
        var limit = limit
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Waits until the client's system has got all that was sent; false where it has not within ten seconds.
    package func isAcknowledged() -> Bool {
        for _ in 0..<1000 {
            var unsent: Int32 = 0
            if ioctl(descriptor, UInt(TIOCOUTQ), &unsent) == 0, unsent == 0 { return true }
            usleep(10_000)
        }
        return false
    }

    /// Lets the connection end by a reset when the script ends.
    package func resetAtEnd() {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    }

    /// Answers with a body of known length.
    package func answer(_ status: String = "200 OK", _ body: String = "") { answer(status, Array(body.utf8)) }

    package func answer(_ status: String, _ body: [UInt8]) {
        send(Array("HTTP/1.1 \(status)\r\ncontent-length: \(body.count)\r\n\r\n".utf8) + body)
    }
}

/// A request's head: its line, and its fields sorted, since their order is libcurl's own.
package struct RequestHead: Equatable, Sendable {
    package let line: String
    package let fields: [String]

    package init(line: String, fields: [String]) {
        self.line = line
        self.fields = fields.sorted()
    }

    /// A field's value; nil where there is none of this name.
    package func field(_ name: String) -> String? {
        fields.first { $0.lowercased().hasPrefix(name + ": ") }.map { String($0.dropFirst(name.count + 2)) }
    }

    package init(_ text: String) {
        let lines = text.split(separator: "\r\n").map(String.init)
        self.init(line: lines.first ?? "", fields: Array(lines.dropFirst()))
    }
}
