import FPWProtocol
import NIOCore

extension Visitor {
    /// A part of the reply has come. What does not come from the POST that carries the reply now is not wanted.
    func take(_ part: ReplyPart, from post: SlotPost) {
        guard !isOver else { return takeSuperfluous(from: post) }
        if let head = part.head {
            guard begin(head, length: part.length, from: post) else { return }
        }
        guard case .replying(let owner) = state, owner === post, let framing else { return }
        madeProgress()
        guard framing.hasBody else {
            end(framing)
            return takeSuperfluous(from: post)
        }
        for chunk in part.chunks { pass(progress.pass(chunk), framing) }
        if part.isLast {
            end(framing)
        } else {
            connection.output.flush()
            undigested.add(from: post)
            if connection.isWritable { tellDigested() }
        }
    }

    /// False where the visit has ended instead.
    private func begin(_ reply: SlotReply, length: Int?, from post: SlotPost) -> Bool {
        state = .replying(post)
        switch progress.begin(.init(status: reply.status, length: length)) {
        case .resumed: return true
        case .mismatch:
            giveUp(ErrorPage(.slotLost))
            return false
        case .first: break
        }
        do throws(ReplyFault) {
            let head = try ReplyHead(status: reply.status, headers: reply.headers, visitMethod: head.method)
            writeHead(head, length: length)
            return true
        } catch {
            progress = ReplyProgress()
            giveUp(.badReply(error))
            return false
        }
    }

    private func writeHead(_ reply: ReplyHead, length: Int?) {
        let framing = ReplyFraming(
            status: reply.status, method: head.method, isHTTP10: head.isHTTP10, length: length)
        self.framing = framing
        closesConnection =
            !head.keepAlive || framing.endsWithConnection || !connection.requestIsComplete || relay.isGoingDown
        log.status = reply.status
        log.replied = loop.now
        connection.output.write(
            ResponseHead(
                status: reply.status, headers: reply.headers, framing: framing.framing,
                closesConnection: closesConnection))
    }

    /// The answer to HEAD, and a 204 or 304, is whole with its head; a body that the slot sends all the same is dropped.
    private func takeSuperfluous(from post: SlotPost) {
        guard framing?.hasBody == false else { return }
        post.loop.run { post.replyDigested(parts: 1) }
    }

    private func pass(_ bytes: ByteBuffer, _ framing: ReplyFraming) {
        log.sent(bytes.readableBytes)
        connection.output.write(bytes, chunked: framing.framing == .chunked)
    }

    private func end(_ framing: ReplyFraming) {
        guard progress.isWhole || !framing.hasBody else { return giveUp(ErrorPage(.slotLost)) }
        if framing.framing == .chunked { connection.output.writeLastChunk() }
        finish(outcome: .replied)
        connection.answerEnded(closing: closesConnection)
    }

    func becameWritable() {
        madeProgress()
        tellDigested()
    }

    /// Tells the slot that there is room for more of the reply.
    private func tellDigested() {
        guard let (post, parts) = undigested.takeAll() else { return }
        post.loop.run { post.replyDigested(parts: parts) }
    }

    /// Answers with a page, or breaks off an answer that has begun.
    func answer(_ page: ErrorPage) {
        guard !isOver else { return }
        guard progress.declared == nil else {
            finish(outcome: .brokenOff(page.reason))
            return breakOff()
        }
        let (fields, text) = page.render(accept: head.headers.first("accept"))
        let closes = !head.keepAlive || !connection.requestIsComplete || relay.isGoingDown
        let hasBody = !ReplyHead.hasNoBody(status: page.status, visitMethod: head.method)
        log.status = page.status
        log.sent(hasBody ? text.utf8.count : 0)
        writePage(page, fields, text, hasBody: hasBody, closes: closes)
        finish(outcome: .page(page.reason))
        connection.answerEnded(closing: closes)
    }

    private func writePage(_ page: ErrorPage, _ fields: HeaderFields, _ text: String, hasBody: Bool, closes: Bool) {
        var fields = fields
        if !hasBody { fields.append(name: "content-length", value: String(text.utf8.count)) }
        connection.output.write(
            ResponseHead(
                status: page.status, headers: fields, framing: hasBody ? .length(text.utf8.count) : .none,
                closesConnection: closes))
        if hasBody { connection.output.write(ByteBuffer(string: text), chunked: false) }
    }

    /// The visitor must see that the answer is not whole.
    private func breakOff() {
        if framing?.endsWithConnection == true {
            connection.reset()
        } else {
            connection.finishAndClose()
        }
    }
}
