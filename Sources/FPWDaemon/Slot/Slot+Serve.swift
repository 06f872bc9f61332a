import FPWConfig
import FPWMetrics
import FPWProtocol
import FPWTransport

// A visit, from its arrival to the reply that is ready to leave.
extension Slot {
    /// Answers the visit: with the upstream's answer, or with a page that says why there is none. Nil: nobody waits for it.
    func serve(
        _ reference: VisitReference, _ visit: Result<Visit, VisitRefusal>, arriving exchange: RelayExchange
    ) async -> Reply? {
        var record = VisitRecord(startedAt: .now)
        capture = nil
        switch visit {
        case .failure(let refusal):
            record.method = exchange.shownField(FPWField.method) ?? record.method
            record.target = exchange.shownField(FPWField.url) ?? record.target
            record.address = exchange.shownField(FPWField.ip) ?? exchange.shownField(FPWField.uip) ?? record.address
            exchange.cancel()
            return page(ErrorPage(refusal), to: reference, accept: nil, record)
        case .success(var visit):
            let id = visit.requestID ?? RequestID()
            visit.requestID = id
            record.id = id.description
            if tunnel.logsVisitorFields {
                record.referer = visit.headers.first("referer").map { Array($0) }
                record.userAgent = visit.headers.first("user-agent").map { Array($0) }
            }
            record.method = visit.method.name
            record.metricMethod = visit.method.metricLabel
            record.target = visit.target.description
            record.address = visit.address.description
            if let refusal = await refusal(of: visit) {
                exchange.cancel()
                return page(refusal, to: visit, record)
            }
            if tunnel.access.takesCredentials { visit.removeCredentials() }
            return await forward(visit, arriving: exchange, record)
        }
    }

    private func forward(_ visit: Visit, arriving exchange: RelayExchange, _ record: VisitRecord) async -> Reply? {
        guard let target = tunnel.firstTarget else {
            exchange.cancel()
            return failed(visit, .down, record)
        }
        guard let visitBody = await visitBody(of: visit, arriving: exchange) else { return visitorLeft(record) }
        guard stop != .now else { return stopped(record) }
        if let limit = tunnel.config.maxBody?.bytes, exchange.contentLength ?? 0 > limit {
            exchange.cancel()
            return page(UpstreamFault.bodyTooLarge(limit: limit).page, to: visit, record)
        }
        let asked = Moment.now
        let answer: Upstream.Answer
        do throws(VisitRefusal) {
            answer = try await ask(target, visit, visitBody)
        } catch {
            exchange.cancel()
            return page(ErrorPage(error), to: visit, record)
        }
        var record = record
        record.upstreamTook = .now - asked
        switch answer {
        case .visitorGone: return visitorLeft(record)
        case .fault(let fault), .unreachable(let fault):
            exchange.cancel()
            return failed(visit, fault, record)
        case .head(let head, let fields):
            record.upstreamAnswered = true
            return await collect(visit, head, fields, arriving: exchange, record)
        }
    }

    /// Asks a service, and where no connection to it can be made the one after it.
    private func ask(
        _ target: UpstreamChoice.Target, _ visit: Visit, _ visitBody: Transfer.RequestBody
    ) async throws(VisitRefusal) -> Upstream.Answer {
        let fields = try tunnel.service(target).forwarding.upstreamFields(for: visit)
        if tunnel.captures != nil {
            capture = VisitCapture(
                tunnel: tunnel.config.name, method: visit.method, target: visit.target, fields: fields,
                body: arrival.visitBody)
        }
        let answer = await upstream.ask(
            visit, at: target, fields: fields, visitBody: visitBody, keep: tunnel.config.replyBuffer.bytes,
            collects: !tunnel.features.contains(.stream), limits: tunnel.limits)
        if target == .fallback { tunnel.metrics.upstreamFallbacks.add() }
        guard case .unreachable(let fault) = answer, stop != .now, let next = tunnel.choice.next(after: target) else {
            return answer
        }
        tunnel.fellBack(fault)
        return try await ask(next, visit, visitBody)
    }

    /// The visit's body as the upstream's request takes it, once it is known whether there is one. Nil: it broke off.
    private func visitBody(of visit: Visit, arriving exchange: RelayExchange) async -> Transfer.RequestBody? {
        // It would have no meaning (RFC 9110 §9.3.2).
        if visit.method == .head { return Transfer.RequestBody.none }
        if exchange.contentLength == nil {
            _ = await exchange.waitForBody(waiter, bytes: 1, until: .now + tunnel.config.idleTimeout)
        }
        let body = exchange.visitBody
        if body.hasFailed && !body.exceededLimit { return nil }
        let length = body.isFinished ? body.written : exchange.contentLength
        if length == 0 { return visit.method.anticipatesContent ? .empty : Transfer.RequestBody.none }
        return .stream(body, length: length)
    }

    /// Waits until the reply can leave.
    private func collect(
        _ visit: Visit, _ head: ReplyHead, _ fields: HeaderFields, arriving exchange: RelayExchange,
        _ record: VisitRecord
    ) async -> Reply? {
        if ReplyHead.hasNoBody(status: head.status, visitMethod: visit.method) {
            return reply(visit, head, length: 0, record)
        }
        let start = ReplyStart(
            relayStreams: tunnel.features.contains(.stream), needsLength: tunnel.relayNeedsLength,
            isEventStream: isEventStream(fields),
            headAt: upstream.headAt ?? .now, replyBuffer: min(tunnel.config.replyBuffer.bytes, upstream.room),
            announced: upstream.contentLength)
        if start.needsLength { upstream.spool(max: tunnel.config.spoolMax.bytes) }
        while stop != .now {
            // The upstream has answered without reading all of the visit: nobody will.
            if !upstream.isRunning, exchange.isRunning { exchange.cancel() }
            let body = upstream.body
            let idleEnds = upstream.progressAt + tunnel.config.idleTimeout
            switch start.decide(
                written: body.written, isFinished: body.isFinished, hasFailed: body.hasFailed, at: .now)
            {
            case .start(let length): return reply(visit, head, length: length, record)
            case .broken: return failed(visit, upstream.brokenOff, record)
            case .wait(let deadline):
                if idleEnds <= .now { return failed(visit, .stalled(after: tunnel.config.idleTimeout), record) }
                await upstream.waitForBody(until: min(deadline, idleEnds))
            }
        }
        return stopped(record)
    }

    private func isEventStream(_ fields: HeaderFields) -> Bool {
        guard let type = fields.first("content-type") else { return false }
        return type.starts(with: "text/event-stream".utf8, by: { $0.asciiLowercased == $1 })
    }

    private func reply(_ visit: Visit, _ head: ReplyHead, length: Int?, _ record: VisitRecord) -> Reply {
        var record = record
        record.status = head.status
        return Reply(
            reference: visit.reference, head: head, body: upstream.body, length: length, record: record,
            capture: capture)
    }
}

// MARK: - Replies of our own

extension Slot {
    private func visitorLeft(_ record: VisitRecord) -> Reply? {
        upstream.clear()
        arrival.clear()
        tunnel.visitorLeft(record)
        return nil
    }

    /// The daemon ends now: the visit was handed over, and nobody will answer it here.
    private func stopped(_ record: VisitRecord) -> Reply? {
        tunnel.stopped(record)
        return nil
    }

    private func failed(_ visit: Visit, _ fault: UpstreamFault, _ record: VisitRecord) -> Reply? {
        upstream.cancel()
        guard stop != .now else { return stopped(record) }
        tunnel.upstreamFailed(fault)
        return page(fault.page, to: visit, record)
    }

    private func page(_ refusal: AccessRefusal, to visit: Visit, _ record: VisitRecord) -> Reply {
        tunnel.metrics.visitsRefused[refusal.reason].add()
        return page(refusal.page, to: visit, record)
    }

    private func page(_ page: ErrorPage, to visit: Visit, _ record: VisitRecord) -> Reply {
        self.page(
            page, to: visit.reference, accept: visit.headers.firstString("accept"), record,
            isHead: visit.method == .head)
    }

    /// A small page in the place of a reply that the relay found too large.
    func page(_ page: ErrorPage, inPlaceOf reply: Reply) -> Reply {
        let replacement = self.page(
            page, to: reply.reference, accept: nil, reply.record, isHead: reply.record.method == Method.head.name)
        replacement.isReplacement = true
        return replacement
    }

    private func page(
        _ page: ErrorPage, to reference: VisitReference, accept: String?, _ record: VisitRecord, isHead: Bool = false
    ) -> Reply {
        let (fields, bytes) = page.rendered(accept: accept)
        pageBody.reset(window: bytes.count, keep: bytes.count)
        pageBody.fill(isHead ? [] : bytes)
        var record = record
        record.status = page.status
        record.reason = page.reason
        return Reply(
            reference: reference, head: ReplyHead(own: page.status, fields), body: pageBody, record: record,
            capture: capture)
    }
}

extension Method {
    /// Whether a request without a body says `content-length: 0` (RFC 9110 §8.6).
    var anticipatesContent: Bool { self == .post || self == .put || self == .patch }
}
