import FPWProtocol
@testable import FPWRelay
import NIOCore
import Testing

/// What a decoder made of some input: the whole requests, what was begun behind them, and the error.
struct Decoded: Equatable {
    struct Message: Equatable {
        var head: RequestHead
        var body: [UInt8] = []
        var isWhole = false
    }

    var messages: [Message] = []
    var error: RequestError?

    /// Feeds the pieces one after the other and takes all parts after each.
    init(_ pieces: [ArraySlice<UInt8>], limits: RequestLimits = RequestLimits()) {
        var decoder = RequestDecoder(limits: limits)
        do throws(RequestError) {
            for piece in pieces {
                decoder.feed(ByteBuffer(bytes: piece))
                while let part = try decoder.next() { add(part) }
            }
        } catch {
            self.error = error
        }
    }

    init(_ input: String, limits: RequestLimits = RequestLimits()) {
        self.init([Array(input.utf8)[...]], limits: limits)
    }

    private mutating func add(_ part: RequestPart) {
        switch part {
        case .head(let head): messages.append(Message(head: head))
        case .body(let bytes): messages[messages.count - 1].body += Array(bytes.readableBytesView)
        case .end: messages[messages.count - 1].isWhole = true
        }
    }
}

/// Every way to deliver the bytes that must not matter: byte by byte, and cut in two at every place.
func deliveries(of bytes: [UInt8]) -> [[ArraySlice<UInt8>]] {
    let single = bytes.indices.map { bytes[$0...$0] }
    return [single] + bytes.indices.map { [bytes[..<$0], bytes[$0...]] }
}

/// A request's lines, each with its end, and the empty line.
func head(_ lines: String...) -> String {
    lines.map { "\($0)\r\n" }.joined() + "\r\n"
}

extension RequestHead {
    /// The head of a GET for `/` at `a`, changed.
    static func plain(_ change: (inout RequestHead) -> Void = { _ in }) -> RequestHead {
        var head = RequestHead(
            method: .get, target: Array("/".utf8), isHTTP10: false, headers: ["Host": "a"], framing: .none,
            keepAlive: true, expectsContinue: false, host: HostName("a".utf8))
        change(&head)
        return head
    }
}

/// A request and what it must become.
struct Accepted: CustomTestStringConvertible {
    let testDescription: String
    let input: String
    let message: Decoded.Message

    init(_ claim: String, _ input: String, body: String = "", _ change: (inout RequestHead) -> Void = { _ in }) {
        testDescription = claim
        self.input = input
        message = Decoded.Message(head: .plain(change), body: Array(body.utf8), isWhole: true)
    }
}

/// A request and how it must be refused.
struct Refused: CustomTestStringConvertible {
    let testDescription: String
    let input: [UInt8]
    let error: RequestError

    init(_ input: String, _ status: Int, _ reason: String) {
        testDescription = input.debugDescription
        self.input = Array(input.utf8)
        error = RequestError(status: status, reason: reason)
    }
}
