/// The field lines of a head or of trailers, read as they come, many in one go.
struct FieldSection {
    private let limits: RequestLimits
    private var fieldCount = 0
    private var byteCount = 0
    /// Bytes that the last read has used up.
    private(set) var consumed = 0
    /// How far the bytes behind them were searched for a line's end.
    private(set) var scanned = 0

    init(_ limits: RequestLimits) {
        self.limits = limits
    }

    /// Calls with each line that is whole; true where the empty line that ends the section was among them.
    ///
    /// - Throws: 431 beyond the limits, 400 for a control character in a line, and what `body` throws.
    mutating func read(
        _ bytes: Span<UInt8>, from start: Int, _ body: (Span<UInt8>) throws(RequestError) -> Void
    ) throws(RequestError) -> Bool {
        consumed = 0
        scanned = start
        while let end = try lineEnd(in: bytes) {
            let line = bytes.extracting(consumed..<end)
            consumed = end + 2
            scanned = 0
            if line.isEmpty { return true }
            try count(line)
            try body(line)
        }
        return false
    }

    /// The index of the next line's end, or nil where it has not come.
    private mutating func lineEnd(in bytes: Span<UInt8>) throws(RequestError) -> Int? {
        let limit = consumed + limits.headerBytes - byteCount
        switch LineScanner.scan(bytes, from: consumed + scanned) {
        case .end(let index) where index <= limit:
            return index
        case .incomplete(let index) where index <= limit:
            scanned = index - consumed
            return nil
        case .forbidden(let byte, let index) where index <= limit:
            throw LineScanner.refusal(of: byte)
        case .end, .incomplete, .forbidden:
            throw RequestError(status: 431, reason: "header fields too large")
        }
    }

    private mutating func count(_ line: Span<UInt8>) throws(RequestError) {
        fieldCount += 1
        byteCount += line.count
        if fieldCount > limits.fields { throw RequestError(status: 431, reason: "too many header fields") }
    }
}
