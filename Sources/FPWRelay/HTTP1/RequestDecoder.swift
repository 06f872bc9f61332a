package import NIOCore

/// Reads HTTP/1 requests strictly by RFC 9112 from the bytes of one connection.
///
/// A connection's handler owns one, feeds it what arrives and takes parts until there is none. To read one request at a
/// time it takes nothing after `.end` until it has answered: what is pipelined behind waits as bytes, and the handler stops
/// reading from the socket. After an error every further call throws the same error.
package struct RequestDecoder {
    private enum Phase {
        case requestLine(emptyLines: Int)
        case fields(FieldSection)
        case body(remaining: Int)
        case chunkSize
        case chunkData(remaining: Int)
        case chunkEnd
        case trailers(FieldSection)
        case end
        case failed(RequestError)
    }

    private let limits: RequestLimits
    private var phase = Phase.requestLine(emptyLines: 0)
    private var lines = LineBuffer()
    /// Set while the fields are read.
    private var builder: HeadBuilder?

    package init(limits: RequestLimits = RequestLimits()) {
        self.limits = limits
    }

    /// Appends what has arrived.
    package mutating func feed(_ arrived: ByteBuffer) {
        lines.append(arrived)
    }

    /// The next part, or nil where more bytes are needed.
    package mutating func next() throws(RequestError) -> RequestPart? {
        do throws(RequestError) {
            return try advance()
        } catch {
            phase = .failed(error)
            throw error
        }
    }

    /// Whether no byte of a request has come since the last `.end`: the connection may be closed without loss.
    package var isBetweenRequests: Bool {
        if case .requestLine = phase { lines.isEmpty } else { false }
    }
}

extension RequestDecoder {
    private mutating func advance() throws(RequestError) -> RequestPart? {
        while true {
            switch phase {
            case .requestLine(let emptyLines):
                guard try readRequestLine(emptyLines) else { return nil }
            case .fields(var section):
                let isWhole = try lines.readFields(&section) { line throws(RequestError) in try builder?.add(line) }
                if isWhole { return try takeHead() }
                phase = .fields(section)
                return nil
            case .body(let remaining):
                guard let data = lines.takeData(upTo: remaining) else { return nil }
                let rest = remaining - data.readableBytes
                phase = rest == 0 ? .end : .body(remaining: rest)
                return .body(data)
            case .chunkSize:
                guard try readChunkSize() else { return nil }
            case .chunkData(let remaining):
                guard let data = lines.takeData(upTo: remaining) else { return nil }
                let rest = remaining - data.readableBytes
                phase = rest == 0 ? .chunkEnd : .chunkData(remaining: rest)
                return .body(data)
            case .chunkEnd:
                guard try lines.takeLine(limit: 0, Self.malformedChunk) != nil else { return nil }
                phase = .chunkSize
            case .trailers(var section):
                let isWhole = try lines.readFields(&section) { line throws(RequestError) in _ = try FieldLine(line) }
                phase = isWhole ? .end : .trailers(section)
                if !isWhole { return nil }
            case .end:
                phase = .requestLine(emptyLines: 0)
                return .end
            case .failed(let error):
                throw error
            }
        }
    }

    /// Reads the request line or an empty line before it, of which two are tolerated (RFC 9112 §2.2).
    private mutating func readRequestLine(_ emptyLines: Int) throws(RequestError) -> Bool {
        let tooLong = RequestError(status: 414, reason: "request line too long")
        guard let line = try lines.takeLine(limit: limits.requestLine, tooLong) else { return false }
        if line.readableBytes > 0 {
            builder = try HeadBuilder(
                RequestLine(line.readableBytesUInt8Span), expectedBytes: min(lines.count, 4096))
            phase = .fields(FieldSection(limits))
        } else if emptyLines < 2 {
            phase = .requestLine(emptyLines: emptyLines + 1)
        } else {
            throw RequestError(status: 400, reason: "empty lines before a request")
        }
        return true
    }

    /// Ends the head at its empty line.
    private mutating func takeHead() throws(RequestError) -> RequestPart? {
        guard let head = try builder.take()?.finish() else { return nil }
        switch head.framing {
        case .none, .length(0): phase = .end
        case .length(let length): phase = .body(remaining: length)
        case .chunked: phase = .chunkSize
        }
        return .head(head)
    }

    private mutating func readChunkSize() throws(RequestError) -> Bool {
        let tooLong = RequestError(status: 400, reason: "chunk size line too long")
        guard let line = try lines.takeLine(limit: ChunkSize.lineLimit, tooLong) else { return false }
        let size = try ChunkSize.parse(line.readableBytesUInt8Span)
        phase = size == 0 ? .trailers(FieldSection(limits)) : .chunkData(remaining: size)
        return true
    }

    private static let malformedChunk = RequestError(status: 400, reason: "chunk longer than its size")
}
