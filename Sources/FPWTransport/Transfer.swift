import CFPWCurl

struct TransferEvents: OptionSet {
    let rawValue: UInt32

    static let head = TransferEvents(rawValue: UInt32(FPW_EVENT_HEAD))
    static let data = TransferEvents(rawValue: UInt32(FPW_EVENT_DATA))
    static let sent = TransferEvents(rawValue: UInt32(FPW_EVENT_SENT))
    static let done = TransferEvents(rawValue: UInt32(FPW_EVENT_DONE))
}

/// One HTTP exchange with an endpoint, used for one after the other; its task waits at its waiter.
///
/// Belongs to the loop's thread. Ending it (`cancel`, `deinit`) closes the connection of an unfinished exchange.
@safe package final class Transfer {
    /// What a request is made of, besides its endpoint.
    package struct Request {
        package var method: String
        /// Sent byte for byte; nil: the path of the endpoint's URL.
        package var target: [UInt8]?
        package var headers: HeaderLines
        package var body: RequestBody
        /// Where the answer's body goes.
        package var sink: Body?
        /// On a connection of its own, not on one that was used before.
        package var isFresh = false

        package init(
            method: String, target: [UInt8]? = nil, headers: HeaderLines, body: RequestBody = .none, sink: Body? = nil
        ) {
            self.method = method
            self.target = target
            self.headers = headers
            self.body = body
            self.sink = sink
        }
    }

    package enum RequestBody {
        /// No body, and nothing said about its length.
        case none
        /// `content-length: 0`.
        case empty
        /// Sent as it comes; without a length it goes out chunked.
        case stream(Body, length: Int?)
    }

    private let handle: OpaquePointer
    private let waiter: Waiter
    // The C transfer only borrows them.
    private var source: Body?
    private var sink: Body?
    /// Whether bytes in the sink wake the task; the head and the end always do.
    package var wakesOnData = false
    /// Whether the request's end wakes the task.
    package var wakesOnSent = false

    package init(loop: EventLoop, endpoint: Endpoint, waiter: Waiter) throws(TransferFailure) {
        self.waiter = waiter
        loop.assertOnThread()
        let created = unsafe waiter.pool.flatMap { pool in
            unsafe endpoint.withCEndpoint { unsafe fpw_transfer_create(pool, $0, nil) }
        }
        guard let created = unsafe created else {
            throw TransferFailure(.resources, detail: "libcurl does not take these settings, or memory is out")
        }
        unsafe handle = created
        unsafe fpw_transfer_set_context(created, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit { unsafe fpw_transfer_destroy(handle) }

    func happened(_ events: TransferEvents) {
        if events.contains(.done) { letGoOfBodies() }
        var wanted: TransferEvents = [.head, .done]
        if wakesOnData { wanted.insert(.data) }
        if wakesOnSent { wanted.insert(.sent) }
        if !events.isDisjoint(with: wanted) { waiter.fire() }
    }

    /// Starts an exchange; one that still runs is cancelled. A failure to start shows as `failure`, like any other.
    package func start(_ request: Request) {
        cancel()
        var source: Body?
        var length = 0
        if case .stream(let body, let known) = request.body {
            source = body
            length = known ?? -1
        }
        var sendsLength = false
        if case .empty = request.body { sendsLength = true }
        self.source = source
        sink = request.sink
        unsafe request.method.withCString { method in
            unsafe withBytes(of: request.target) { target in
                unsafe request.headers.bytes.withUnsafeBytes { lines in
                    var request = unsafe fpw_request(
                        method: method, target: target.baseAddress?.assumingMemoryBound(to: CChar.self),
                        target_length: target.count, headers: lines.baseAddress?.assumingMemoryBound(to: CChar.self),
                        headers_length: lines.count, header_count: request.headers.count, source: source?.handle,
                        source_length: Int64(length), sends_length: sendsLength, sink: request.sink?.handle,
                        fresh: request.isFresh
                    )
                    _ = unsafe fpw_transfer_start(handle, &request)
                }
            }
        }
        if !isRunning { letGoOfBodies() }
    }

    /// Ends the exchange now; its sink stays as it is.
    package func cancel() {
        unsafe fpw_transfer_cancel(handle)
        letGoOfBodies()
    }

    private func letGoOfBodies() {
        source = nil
        sink = nil
    }
}

// MARK: - What is known of the exchange

extension Transfer {
    package var isRunning: Bool { unsafe fpw_transfer_is_running(handle) }

    /// The head of the final answer is there: `status`, `headLines` and its fields may be used.
    package var hasHead: Bool { unsafe fpw_transfer_has_head(handle) }

    package var status: Int { Int(unsafe fpw_transfer_status(handle)) }

    /// The number in the answer's only Content-Length.
    package var contentLength: Int? {
        let length = unsafe fpw_transfer_content_length(handle)
        return length < 0 ? nil : Int(length)
    }

    /// Body bytes of the answer.
    package var received: Int { Int(unsafe fpw_transfer_received(handle)) }

    /// Whether a connection was there and the request went out on it.
    package var wasIssued: Bool { unsafe fpw_transfer_was_issued(handle) }

    /// The address of this machine that the exchange's connection goes out from; nil: there is no connection yet.
    package var localAddress: String? {
        let address = unsafe String(cString: fpw_transfer_local_address(handle))
        return address.isEmpty ? nil : address
    }

    /// When the request had been sent whole.
    package var sentAt: Moment? { moment(unsafe fpw_transfer_sent_at(handle)) }

    /// When the peer was last found not to have read all that was sent; to be asked while the exchange runs.
    package var unreadAt: Moment? { moment(unsafe fpw_transfer_unread_at(handle)) }

    /// When the answer's head was complete.
    package var headAt: Moment? { moment(unsafe fpw_transfer_head_at(handle)) }

    /// When bytes last moved, either way.
    package var progressAt: Moment { Moment(nanoseconds: unsafe fpw_transfer_progress_at(handle)) }

    private func moment(_ nanoseconds: Int64) -> Moment? {
        nanoseconds == 0 ? nil : Moment(nanoseconds: nanoseconds)
    }

    /// The lines of the answer's head, one behind the other: the bytes are as they came, less the lines' ends.
    package var headLines: [UInt8] {
        var length = 0
        let lines = unsafe fpw_transfer_head(handle, &length)
        return unsafe [UInt8](UnsafeRawBufferPointer(start: lines, count: length))
    }

    package var fieldCount: Int {
        var count = 0
        _ = unsafe fpw_transfer_fields(handle, &count)
        return count
    }

    /// Calls with where each field's name and value stand in `headLines`, in order; blanks around values are left out.
    package func forEachField(_ body: (_ name: Range<Int>, _ value: Range<Int>) -> Void) {
        var count = 0
        guard let fields = unsafe fpw_transfer_fields(handle, &count) else { return }
        for index in 0..<count {
            let field = unsafe fields[index]
            body(Int(field.name)..<Int(field.name_end), Int(field.value)..<Int(field.value_end))
        }
    }

    /// Why the exchange ended badly; nil while it runs and where it ended well.
    package var failure: TransferFailure? {
        guard !isRunning, let kind = TransferFailure.Kind(result: unsafe fpw_transfer_result(handle)) else {
            return nil
        }
        return TransferFailure(kind, detail: unsafe String(cString: fpw_transfer_error(handle)))
    }
}

private func withBytes<Result>(of bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    guard let bytes else { return unsafe body(UnsafeRawBufferPointer(start: nil, count: 0)) }
    return unsafe bytes.withUnsafeBytes { unsafe body($0) }
}
