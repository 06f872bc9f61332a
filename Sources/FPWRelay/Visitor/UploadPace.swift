import NIOCore

/// Whether a visitor's body comes fast enough, judged over the time in which it was waited for: where a slow slot holds the
/// visitor up, no time passes.
///
/// Looked at about once a second.
struct UploadPace {
    /// What the rate is the average over: a connection may stall so long.
    static let window: Int64 = 30

    /// Since the window began.
    private var waited = TimeAmount.zero
    /// What had been received then.
    private var mark = 0
    private var lastLook: NIODeadline?

    /// - Parameters:
    ///   - received: bytes of the body so far.
    ///   - minimum: bytes in a second; nil: any pace will do.
    mutating func isTooSlow(received: Int, isAwaited: Bool, minimum: Int?, at now: NIODeadline) -> Bool {
        defer { lastLook = isAwaited ? now : nil }
        guard let minimum, isAwaited, let lastLook else { return false }
        waited = waited + (now - lastLook)
        guard waited >= .seconds(Self.window) else { return false }
        defer { (waited, mark) = (.zero, received) }
        return received - mark < minimum * Int(Self.window)
    }
}
