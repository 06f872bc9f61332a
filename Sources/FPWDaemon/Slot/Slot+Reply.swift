import FPWConfig
import FPWMetrics
import FPWProtocol
import FPWTransport

// What becomes of a reply after its POST: taken, sent again, replaced or given up (PROTOCOL.md §2, §4).
extension Slot {
    func settle(_ reply: inout Reply?, _ reading: AnswerReading) async {
        guard let sent = reply else { return }
        if let status = reading.refusedSize ?? sent.refusedFraming(reading.answer) {
            tunnel.replyRefused(sent, status: status)
            if sent.wasRefusedForFraming(status), await reframe(sent) {
                reply?.isResend = tunnel.features.contains(.resend)
                return tunnel.metrics.repliesResent.add()
            }
            upstream.clear()
            guard !sent.isReplacement else { return drop(&reply, .tooLarge) }
            reply = page(UpstreamFault.replyTooLarge.page, inPlaceOf: sent)
            return
        }
        switch reading.replyFate {
        case .taken: finish(&reply)
        case .kept: salvage(&reply)
        case .dropped: drop(&reply, .gone)
        }
    }

    /// The relay wants to know a reply's length beforehand. Where nothing of the body is lost yet the rest of it is awaited,
    /// and it can go again with its length; otherwise false.
    private func reframe(_ reply: Reply) async -> Bool {
        guard reply.body.rewind() else { return false }
        upstream.spool(max: tunnel.config.spoolMax.bytes)
        while !reply.body.isFinished, !reply.body.hasFailed, stop != .now {
            let idleEnds = upstream.progressAt + tunnel.config.idleTimeout
            guard idleEnds > .now else { return false }
            await upstream.waitForBody(until: idleEnds)
        }
        return reply.body.isFinished && reply.body.rewind()
    }

    /// The POST did not deliver the reply: decides whether it is sent again.
    func salvage(_ reply: inout Reply?) {
        guard let kept = reply else { return }
        let first = kept.firstFailure ?? .now
        kept.firstFailure = first
        let facts = Resend.Facts(
            wasIssued: exchange.wasIssued, wasAnswered: exchange.isAnswered, bodyFailed: kept.body.hasFailed,
            isKept: kept.body.rewind(), relayResends: tunnel.features.contains(.resend), firstFailure: first,
            sentAt: exchange.progress.readAt(within: tunnel.config.idleTimeout))
        switch Resend.decide(facts, at: .now) {
        case .sendAgain(let isResend):
            kept.isResend = kept.isResend || isResend
            tunnel.metrics.repliesResent.add()
        case .taken: finish(&reply)
        case .drop(let reason):
            drop(&reply, reason)
        }
    }

    /// Gives up a reply that nobody could wait for any longer; otherwise tells when that will be.
    func expire(_ reply: inout Reply?) -> Moment {
        guard let first = reply?.firstFailure else { return .distantFuture }
        let expiry = first + (stop == .none ? Resend.lifetime : Resend.lifetimeWhileStopping)
        if expiry <= .now { drop(&reply, .expired) }
        return expiry
    }

    /// The relay has the reply. What the upstream has not read of the visit's body by now serves nobody.
    func finish(_ reply: inout Reply?) {
        guard reply != nil else { return }
        book(reply)
        reply = nil
        replyEnded()
        upstream.clear()
        arrival.clear()
        pageBody.reset(window: 0, keep: 0)
    }

    /// Counts the reply's visit, once: when all of the reply is on its way, or none of it will be.
    func book(_ reply: Reply?) {
        guard let ended = reply, !ended.record.isLogged else { return }
        ended.record.isLogged = true
        tunnel.served(ended, received: arrival.visitBody.written)
    }

    func drop(_ reply: inout Reply?, _ reason: Resend.DropReason) {
        guard let dropped = reply else { return }
        finish(&reply)
        tunnel.dropped(dropped, reason)
    }
}

extension Reply {
    /// The relay takes no chunked bodies, says its answer to one.
    fileprivate func wasRefusedForFraming(_ status: Int) -> Bool { wasChunked && (status == 411 || status == 501) }

    /// 501 to a chunked reply means its framing (RFC 9112 §6.1).
    fileprivate func refusedFraming(_ answer: PollAnswer) -> Int? {
        wasChunked && answer == .failed(status: 501) ? 501 : nil
    }
}

extension AnswerReading {
    /// The relay had nothing to complain about and nothing to do.
    var isPeaceful: Bool { answer == .idle && !countsAsError }

    /// The status of a relay that finds the reply too large or badly framed.
    var refusedSize: Int? {
        switch answer {
        case .replyTooLarge(let status): status
        case .visit, .idle, .message, .refused, .visitGone, .wait, .redirect, .failed: nil
        }
    }
}
