import CFPWCurl
import Glibc

/// Notices without polling that the machine woke up or that its addresses changed. Belongs to a loop's thread.
@safe final class NetworkWatch {
    private let handle: OpaquePointer
    private let tell: (NetworkChange) -> Void
    private var addresses: Set<String>
    private var gauge: SleepGauge

    /// nil: the system does not tell; the timeouts of connections have to do.
    init?(_ tell: @escaping (NetworkChange) -> Void) {
        guard let handle = unsafe fpw_network_create() else { return nil }
        unsafe self.handle = handle
        self.tell = tell
        addresses = Self.currentAddresses
        gauge = SleepGauge(monotonic: Self.monotonic, boottime: Self.boottime)
    }

    deinit { unsafe fpw_network_destroy(handle) }

    var descriptor: Int32 { unsafe fpw_network_descriptor(handle) }

    /// Something happened to the descriptor.
    func look() {
        unsafe fpw_network_read(handle)
        let known = addresses
        addresses = Self.currentAddresses
        if gauge.hasSlept(monotonic: Self.monotonic, boottime: Self.boottime) {
            tell(.wokeUp)
        } else if addresses != known {
            tell(.addresses(addresses))
        }
    }

    private static var monotonic: Duration { .nanoseconds(fpw_now()) }
    private static var boottime: Duration { .nanoseconds(fpw_now_with_sleep()) }

    private static var currentAddresses: Set<String> {
        guard let text = unsafe fpw_network_addresses() else { return [] }
        defer { unsafe free(text) }
        return Set(unsafe String(cString: text).split(separator: "\n").map(String.init))
    }
}
