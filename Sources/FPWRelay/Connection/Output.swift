import NIOCore

/// What a connection writes, gathered so that an answer leaves in one piece, and counted.
///
/// An object, because writing may come back here: where the peer has gone, NIO reads what it still said, and tells it, before
/// a flush returns.
final class Output {
    private let channel: any Channel
    /// Nil without TLS.
    private let wire: Wire?
    private let carriedBytes: (any Channel) -> CarriedBytes?
    private var gathered = ByteBuffer()
    private var hasUnflushed = false
    /// All bytes ever written, before TLS.
    private(set) var byteCount = 0
    private var mark = 0

    /// Bodies up to this size are copied into the head's buffer; longer ones are written as they are.
    private static let copiedBytes = 8 << 10

    /// - Parameter carriedBytes: asks the system how much the peer has got; nil where it does not say.
    init(_ channel: any Channel, wire: Wire?, carriedBytes: @escaping (any Channel) -> CarriedBytes?) {
        self.channel = channel
        self.wire = wire
        self.carriedBytes = carriedBytes
    }

    func write(_ head: ResponseHead) {
        head.write(into: &gathered)
    }

    func writeContinue() {
        ResponseHead.writeContinue(into: &gathered)
        flush()
    }

    /// Writes a part of the body, as a chunk or as it is; an empty part is nothing.
    func write(_ body: ByteBuffer, chunked: Bool) {
        guard body.readableBytes > 0 else { return }
        if chunked { Chunk.writeHead(length: body.readableBytes, into: &gathered) }
        if body.readableBytes <= Self.copiedBytes {
            gathered.writeImmutableBuffer(body)
        } else {
            release()
            pass(body)
        }
        if chunked { gathered.writeImmutableBuffer(Chunk.tail) }
    }

    func writeLastChunk() {
        gathered.writeImmutableBuffer(Chunk.last)
    }

    func flush() {
        guard gathered.readableBytes > 0 || hasUnflushed else { return }
        if gathered.readableBytes > 0 {
            byteCount += gathered.readableBytes
            channel.writeAndFlush(gathered, promise: nil)
            // An idle connection keeps the memory of a common answer, not of the largest.
            if gathered.capacity > 4 * Self.copiedBytes { gathered = ByteBuffer() } else { gathered.clear() }
        } else {
            channel.flush()
        }
        hasUnflushed = false
    }

    /// Flushes, and calls back when all has been handed to the system, or cannot be.
    func flush(_ done: @escaping () -> Void) {
        byteCount += gathered.readableBytes
        channel.writeAndFlush(gathered).assumeIsolated().whenComplete { _ in done() }
        gathered = ByteBuffer()
        hasUnflushed = false
    }

    /// Bytes wait that the system has not taken.
    var hasUnsentBytes: Bool {
        let buffered = try? channel.syncOptions?.getOption(.bufferedWritableBytes)
        return buffered.map { $0 > 0 } ?? false
    }

    private func release() {
        guard gathered.readableBytes > 0 else { return }
        pass(gathered)
        gathered = ByteBuffer()
    }

    private func pass(_ bytes: ByteBuffer) {
        byteCount += bytes.readableBytes
        channel.write(bytes, promise: nil)
        hasUnflushed = true
    }
}

extension Output {
    /// What is written from here on is what `receipt` asks for.
    func markWritten() {
        if let wire {
            flush()
            mark = wire.byteCount
        } else {
            mark = byteCount + gathered.readableBytes
        }
    }

    /// What became of the bytes written since the mark; nil where the system does not say.
    ///
    /// The count of acknowledged ones may be one above ours, because an acknowledged SYN counts as a byte.
    var receipt: Receipt? {
        guard let carried = carriedBytes(channel) else { return nil }
        if carried.acknowledged > mark + 1 { return .acknowledged }
        return carried.sent > mark ? .unacknowledged : .unsent
    }
}
