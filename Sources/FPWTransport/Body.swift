import CFPWCurl

/// The bytes between a transfer that produces them and one that consumes them, with a window above which the producer is
/// paused. Belongs to the loop's thread, and outlives the transfers that use it.
@safe package final class Body {
    let handle: OpaquePointer

    /// - Parameters:
    ///   - budget: bounds what all bodies of the process keep; nil: no bound.
    ///   - tally: counts what transfers read of this body and of others.
    package init(budget: KeepBudget? = nil, tally: ByteTally? = nil) {
        guard let handle = unsafe fpw_body_create(budget?.handle, tally?.handle) else { fatalError("out of memory") }
        unsafe self.handle = handle
        self.budget = budget
        self.tally = tally
    }

    private let budget: KeepBudget?
    private let tally: ByteTally?
    // Outlives the copy that is charged to it.
    private var captureBudget: KeepBudget?

    deinit { unsafe fpw_body_destroy(handle) }

    /// Empties the body for a new use.
    /// - Parameters:
    ///   - window: bytes that may wait unread before the producer is paused.
    ///   - keep: a body no longer than this can be read again from its start.
    ///   - limit: a longer body fails; nil: none is too long.
    package func reset(window: Int, keep: Int, limit: Int? = nil) {
        unsafe fpw_body_reset(handle, window, keep, Int64(limit ?? -1))
    }

    /// From here on what exceeds `keep` goes to this file, which the body closes, and can be read once the body is whole.
    /// A body longer than `limit` fails.
    package func spool(to descriptor: Int32, limit: Int) {
        unsafe fpw_body_spool_to(handle, descriptor, Int64(limit))
    }

    /// Puts in bytes that no transfer produces, whole.
    package func fill(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { _ = unsafe fpw_body_append(handle, $0.baseAddress, $0.count) }
        unsafe fpw_body_finish(handle, false)
    }

    /// Breaks off: whoever consumes it fails.
    package func fail() { unsafe fpw_body_finish(handle, true) }

    /// Takes out at most `count` bytes that have come and were not read yet.
    package func read(_ count: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            initialized = unsafe fpw_body_read(handle, buffer.baseAddress, buffer.count)
        }
    }

    /// Reads from the first byte again; false where it was not kept.
    package func rewind() -> Bool { unsafe fpw_body_rewind(handle) }

    /// Copies the first bytes of each use aside from the next `reset` on, for one who looks on; 0: none.
    ///
    /// - Parameter budget: bounds the copies of many bodies: where it is used up, a copy ends early.
    package func capturesFirst(_ count: Int, within budget: KeepBudget? = nil) {
        unsafe fpw_body_capture_first(handle, count, budget?.handle)
        captureBudget = budget
    }

    /// The bytes that were copied aside since the last `reset`.
    package var captured: [UInt8] {
        var count = 0
        let bytes = unsafe fpw_body_captured(handle, &count)
        return unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: count))
    }

    /// Gives up the kept copy.
    package func forget() { unsafe fpw_body_forget(handle) }

    /// The producer ended it whole: its length is known.
    package var isFinished: Bool { unsafe fpw_body_is_finished(handle) }
    package var hasFailed: Bool { unsafe fpw_body_has_failed(handle) }
    package var exceededLimit: Bool { unsafe fpw_body_exceeded_limit(handle) }
    package var isKept: Bool { unsafe fpw_body_is_kept(handle) }
    /// Bytes that came in.
    package var written: Int { Int(unsafe fpw_body_written(handle)) }
    /// Bytes that a consumer has read at least once.
    package var consumed: Int { Int(unsafe fpw_body_consumed(handle)) }
}

/// What the kept copies of many bodies may take together; used from any thread.
@safe package final class KeepBudget: @unchecked Sendable {
    let handle: OpaquePointer

    package init(bytes: Int) {
        guard let handle = unsafe fpw_budget_create(bytes) else { fatalError("out of memory") }
        unsafe self.handle = handle
    }

    deinit { unsafe fpw_budget_destroy(handle) }

    package var limit: Int {
        get { unsafe fpw_budget_limit(handle) }
        set { unsafe fpw_budget_set_limit(handle, newValue) }
    }
    package var used: Int { unsafe fpw_budget_used(handle) }
}

/// Counts the bytes of many bodies while transfers read them, each byte once; used from any thread.
@safe package final class ByteTally: @unchecked Sendable {
    let handle: OpaquePointer

    package init() {
        guard let handle = unsafe fpw_tally_create() else { fatalError("out of memory") }
        unsafe self.handle = handle
    }

    deinit { unsafe fpw_tally_destroy(handle) }

    package var total: Int { Int(unsafe fpw_tally_total(handle)) }
}
