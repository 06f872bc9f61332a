import FPWConfig
import FPWMetrics
import FPWProtocol
import Logging
import NIOCore

/// One TCP connection, of a visitor, of a slot, or of a proxy that carries both: reads requests one after the other,
/// lets an `Exchange` answer each, and keeps the books of reading, writing and closing.
///
/// Confined to its event loop.
final class Connection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    let relay: Relay
    let loop: RelayLoop
    let listener: ListenerRole
    let channel: any Channel
    /// Nil where the connection is in clear text.
    private let wire: Wire?
    let peer: Peer

    private var decoder = RequestDecoder()
    private var exchange: (any Exchange)?
    /// Visits were delivered here and are not answered yet: their slots want to know when the connection is lost.
    private var watchers: [SlotPost] = []
    private(set) var requestIsComplete = false
    private var isProcessing = false
    private var closing = Closing.no
    private var patience = RequestPatience(acceptedAt: .now())
    private var ending: ConnectionEnding?
    let output: Output
    let probe: PeerProbe
    private var watch = PeerWatch()
    /// A slot has shown a good token here: the connection may be silent for as long as a visit takes.
    var isSlots = false
    /// The good tokens that it has shown.
    var tokens: [Token] = []
    /// Nil where it does not count among its address's.
    let countedAs: AddressBlock?

    init(
        _ channel: any Channel, relay: Relay, loop: RelayLoop, listener: ListenerRole, countedAs: AddressBlock? = nil,
        wire: Wire? = nil,
        carriedBytes: @escaping (any Channel) -> CarriedBytes? = SocketOptions.carriedBytes,
        setProbing: @escaping (any Channel, Bool) -> Void = SocketOptions.probe,
        unansweredProbes: @escaping (any Channel) -> Int? = SocketOptions.unansweredProbes
    ) {
        self.channel = channel
        self.relay = relay
        self.loop = loop
        self.listener = listener
        self.wire = wire
        self.countedAs = countedAs
        peer = Peer(channel.remoteAddress?.ipAddress)
        output = Output(channel, wire: wire, carriedBytes: carriedBytes)
        probe = PeerProbe(channel: channel, set: setProbing, unanswered: unansweredProbes)
    }
}

// MARK: Reading

extension Connection {
    func channelActive(context: ChannelHandlerContext) {
        loop.add(self)
        channel.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard closing == .no else { return }
        loop.readClock()
        if mayBegin { patience.bytesCame(at: loop.now) }
        decoder.feed(unwrapInboundIn(data))
        process()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        readIfWanted()
    }

    /// Asks for more bytes unless somebody has not digested the last ones.
    ///
    /// While an answer is awaited reading goes on: it costs less than to stop and start, and a pipelined request stops it.
    func readIfWanted() {
        let wanted =
            switch exchange {
            case _ where closing != .no: true
            case nil: mayBegin
            case let exchange?: requestIsComplete ? decoder.isBetweenRequests : exchange.wantsBody
            }
        if wanted { channel.read() }
    }

    /// Whether the next request may begin: a peer that takes no answers is not given more of them, which would pile up.
    private var mayBegin: Bool { exchange == nil && channel.isWritable }

    private func process() {
        isProcessing = true
        defer { isProcessing = false }
        do throws(RequestError) {
            while let part = try nextPart() { take(part) }
            if mayBegin, !decoder.isBetweenRequests { patience.bytesCame(at: loop.now) }
            if !requestIsComplete { exchange?.burstEnded() }
        } catch {
            fail(error)
        }
    }

    private func nextPart() throws(RequestError) -> RequestPart? {
        guard closing == .no, exchange == nil ? mayBegin : !requestIsComplete else { return nil }
        return try decoder.next()
    }

    private func take(_ part: consuming RequestPart) {
        switch part {
        case .head(let head):
            begin(head)
        case .body(let bytes):
            exchange?.received(bytes)
        case .end:
            requestIsComplete = true
            exchange?.requestEnded()
        }
    }

    private func begin(_ head: consuming RequestHead) {
        requestIsComplete = false
        patience.headCame()
        for watcher in watchers { watcher.wasRead() }
        if SlotRequest.isSlotPost(method: head.method, headers: head.headers) {
            let post = SlotPost(head, on: self)
            exchange = post
            post.begin()
            watchers.removeAll { !$0.outlives(post) }
        } else {
            let visitor = Visitor(head, on: self)
            exchange = visitor
            watchers.removeAll()
            visitor.begin()
        }
    }

    private func fail(_ error: RequestError) {
        relay.metrics.protocolErrors.series("http").add()
        if let exchange { exchange.requestBroke(error) } else { refuse(with: ErrorPage(error)) }
    }

    /// There is no request to answer, and will be none.
    private func refuse(with page: ErrorPage) {
        if !isSlots { relay.unknownSite.metrics.visits[.clientError].add() }
        let (fields, body) = page.render(accept: nil)
        output.write(
            ResponseHead(
                status: page.status, headers: fields, framing: .length(body.utf8.count), closesConnection: true))
        output.write(ByteBuffer(string: body), chunked: false)
        finishAndClose()
    }
}

// MARK: Answering

extension Connection {
    /// The exchange has written its answer whole.
    ///
    /// - Parameter watcher: is told when the connection ends before its slot's next request.
    func answerEnded(closing: Bool, watcher: SlotPost? = nil) {
        exchange = nil
        if let watcher { watchers.append(watcher) }
        patience.answerEnded(at: loop.now)
        guard !closing, requestIsComplete else { return finishAndClose() }
        output.flush()
        if !isProcessing, !decoder.isBetweenRequests {
            process()
            readIfWanted()
        }
    }

    /// The visit that was delivered here is answered, or another slot's.
    func forget(_ watcher: SlotPost) {
        watchers.removeAll { $0 === watcher }
    }

    /// Sends what was written, then closes; what the peer is still sending is thrown away for a while.
    func finishAndClose() {
        guard closing == .no else { return }
        closing = .flushing(until: .now() + relay.live.idleTimeout)
        exchange = nil
        output.flush { self.linger() }
        if closing != .closed { channel.read() }
    }

    private func linger() {
        guard case .flushing = closing else { return }
        if ending != nil || requestIsComplete && decoder.isBetweenRequests { return close() }
        closing = .lingering(until: .now() + Closing.lingerTime)
        channel.close(mode: .output, promise: nil)
    }

    /// Ends the connection so that the peer cannot take what it has got for whole.
    ///
    /// - Parameter ending: what the exchange is told.
    func reset(as ending: ConnectionEnding = ConnectionEnding(isFailure: true)) {
        guard closing != .closed else { return }
        if self.ending == nil { self.ending = ending }
        SocketOptions.resetOnClose(channel)
        closing = .closed
        if let wire { wire.abort() } else { channel.close(promise: nil) }
    }

    func close() {
        closing = .closed
        if let wire { wire.close() } else { channel.close(promise: nil) }
    }

    /// The peer came by TLS.
    var isSecure: Bool { wire != nil }
    var isWritable: Bool { channel.isWritable }

    /// Whether a visitor's request is under way here, or bytes wait to be sent.
    var isBusy: Bool { exchange is Visitor || output.hasUnsentBytes }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        loop.readClock()
        guard channel.isWritable else { return }
        if let exchange { return exchange.becameWritable() }
        guard !isProcessing else { return }
        process()
        readIfWanted()
    }
}

// MARK: Ending

extension Connection {
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        noteEnding(isFailure: true)
        close()
    }

    /// The peer has closed its side. A visitor who sends no more is taken for gone, as most servers do.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let event = event as? ChannelEvent, event == .inputClosed else { return }
        noteEnding(isFailure: false)
        if case .flushing = closing { return }
        close()
    }

    /// While the socket is open it can still be asked what the peer has got.
    private func noteEnding(isFailure: Bool) {
        guard ending == nil else { return }
        ending = ConnectionEnding(isFailure: isFailure, receipt: isSlots ? output.receipt : nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        closing = .closed
        loop.readClock()
        loop.remove(self)
        let ending = ending ?? ConnectionEnding(isFailure: false)
        let (exchange, watchers) = (exchange, watchers)
        self.exchange = nil
        self.watchers = []
        exchange?.connectionClosed(ending)
        for watcher in watchers where !watcher.isOvertaken { watcher.connectionClosed(ending) }
        guard isSlots else { return }
        relay.logger.debug("a slot's connection is closed", metadata: ["address": "\(peer.text)"])
        relay.slotConnectionClosed(of: peer, leaving: watchers.filter(\.isOvertaken))
    }

    /// Comes also where the channel has never become active.
    func handlerRemoved(context: ChannelHandlerContext) {
        if let countedAs { relay.connectionClosed(countedAs, isSlots: isSlots, tokens: tokens) }
    }

    /// Ends what has lasted too long.
    func tick(at now: NIODeadline) {
        if isSlots, closing != .closed { watch.tick(channel, written: output.byteCount, at: now) }
        switch closing {
        case .closed: return
        case .flushing(let until), .lingering(let until): return until <= now ? close() : ()
        case .no: break
        }
        if let exchange { return exchange.tick(at: now) }
        for watcher in watchers { watcher.tick(at: now) }
        let isSilent = decoder.isBetweenRequests
        if patience.headIsLate(at: now) { return isSilent ? close() : cutOff() }
        let isLeftOver = relay.isGoingDown && watchers.isEmpty && isSilent && !output.hasUnsentBytes
        if isLeftOver || isIdle(at: now) { close() }
    }

    /// The end of an answer that its peer has not taken yet has the time of a body that stands still.
    private func isIdle(at now: NIODeadline) -> Bool {
        let limit = isSlots ? relay.live.slotIdleTime : RequestPatience.keepAlive
        guard patience.isIdle(longerThan: limit, at: now) else { return false }
        return patience.isIdle(longerThan: relay.live.idleTimeout, at: now) || !output.hasUnsentBytes
    }

    private func cutOff() {
        relay.metrics.slowRequests[.head].add()
        refuse(with: .slowHead)
    }
}
