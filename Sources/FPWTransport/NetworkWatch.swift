import CFPWCurl
import Glibc

/// Notices without polling that the machine woke up, or that its addresses or its default route changed. Belongs to a loop's thread.
@safe final class NetworkWatch {
    private let handle: OpaquePointer
    private let tell: (NetworkChange) -> Void
    private var addresses: KnownAddresses
    private var gauge: SleepGauge

    /// nil: the system does not tell; the timeouts of connections have to do.
    init?(_ tell: @escaping (NetworkChange) -> Void) {
        guard let handle = unsafe fpw_network_create() else { return nil }
        unsafe self.handle = handle
        self.tell = tell
        addresses = KnownAddresses(Self.currentAddresses ?? [])
        gauge = SleepGauge(monotonic: Self.monotonic, boottime: Self.boottime)
    }

    deinit { unsafe fpw_network_destroy(handle) }

    var descriptor: Int32 { unsafe fpw_network_descriptor(handle) }

    /// Something happened to the descriptor.
    func look() {
        let isRerouted = unsafe fpw_network_read(handle)
        let change = addresses.update(Self.currentAddresses)
        if gauge.hasSlept(monotonic: Self.monotonic, boottime: Self.boottime) {
            tell(.wokeUp)
        } else {
            if let change { tell(.addresses(change)) }
            if isRerouted { tell(.rerouted) }
        }
    }

    private static var monotonic: Duration { .nanoseconds(fpw_now()) }
    private static var boottime: Duration { .nanoseconds(fpw_now_with_sleep()) }

    private static var currentAddresses: Set<String>? {
        guard let text = unsafe fpw_network_addresses() else { return nil }
        defer { unsafe free(text) }
        return Set(unsafe String(cString: text).split(separator: "\n").map(String.init))
    }
}

/// The machine's addresses as far as they are known.
struct KnownAddresses {
    private var all: Set<String>

    init(_ all: Set<String>) { self.all = all }

    /// Takes in what was read, and returns it where it is news. Nil, which is what a process without descriptors reads, is
    /// none: to take it for a machine without addresses would end every connection.
    mutating func update(_ read: Set<String>?) -> Set<String>? {
        guard let read, read != all else { return nil }
        all = read
        return read
    }
}
