import NIOCore

/// The bytes of a connection that were not read yet, and how far they were searched for a line's end.
struct LineBuffer {
    private var bytes = ByteBuffer()
    /// No line ends before this offset: a line that arrives byte by byte is searched once.
    private var scanned = 0

    var count: Int { bytes.readableBytes }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ arrived: ByteBuffer) {
        if isEmpty {
            bytes = arrived
        } else {
            // Only when it is the greater part, so that many small arrivals do not move the rest each time.
            if bytes.readerIndex > bytes.readableBytes { bytes.discardReadBytes() }
            bytes.writeImmutableBuffer(arrived)
        }
    }

    /// The next line without its CR LF, nil where its end has not come.
    ///
    /// - Throws: `tooLong` where the line has more than `limit` bytes, 400 where it holds a control character.
    mutating func takeLine(limit: Int, _ tooLong: @autoclosure () -> RequestError) throws(RequestError) -> ByteBuffer? {
        switch LineScanner.scan(bytes.readableBytesUInt8Span, from: scanned) {
        case .end(let index) where index <= limit:
            return take(lineOf: index)
        case .incomplete(let index) where index <= limit:
            scanned = index
            return nil
        case .forbidden(let byte, let index) where index <= limit:
            throw LineScanner.refusal(of: byte)
        case .end, .incomplete, .forbidden:
            throw tooLong()
        }
    }

    /// Calls with each field line that is there; true where the empty line that ends them was among them.
    mutating func readFields(
        _ section: inout FieldSection, _ body: (Span<UInt8>) throws(RequestError) -> Void
    ) throws(RequestError) -> Bool {
        let unread = bytes
        let isWhole = try section.read(unread.readableBytesUInt8Span, from: scanned, body)
        bytes.moveReaderIndex(forwardBy: section.consumed)
        scanned = section.scanned
        releaseIfEmpty()
        return isWhole
    }

    private mutating func take(lineOf length: Int) -> ByteBuffer? {
        scanned = 0
        let line = bytes.readSlice(length: length)
        bytes.moveReaderIndex(forwardBy: 2)
        releaseIfEmpty()
        return line
    }

    /// What is there of a body, nil where there is nothing.
    mutating func takeData(upTo length: Int) -> ByteBuffer? {
        guard !isEmpty else { return nil }
        defer { releaseIfEmpty() }
        return bytes.readSlice(length: min(length, count))
    }

    /// An idle connection must not hold the memory of a whole read.
    private mutating func releaseIfEmpty() {
        if isEmpty { bytes = ByteBuffer() }
    }
}
