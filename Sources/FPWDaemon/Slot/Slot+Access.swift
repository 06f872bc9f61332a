import FPWProtocol
import FPWTransport

// Whether a visit may pass to the upstream.
extension Slot {
    /// Why the tunnel's rules refuse the visit; nil: it may pass, or the slot ends now, and then nothing passes any more.
    func refusal(of visit: Visit) async -> AccessRefusal? {
        if tunnel.access.misses(visit.address) { tunnel.reports.addressMissing() }
        switch tunnel.access.decide(on: visit, at: .now) {
        case .pass: return nil
        case .refuse(let refusal): return refusal
        case .check(let check, let isFirst):
            let handle = SlotHandle(self, on: loop)
            check.whenDone { handle.wake() }
            _ = await waiter.wait { check.verdict != nil || stop == .now }
            guard stop != .now else { return nil }
            return tunnel.access.settle(check, isFirst: isFirst, of: visit, at: .now)
        }
    }
}
