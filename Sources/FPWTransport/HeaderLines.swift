/// The header lines of a request in the form that libcurl takes, one after the other in one buffer.
///
/// For each request libcurl goes through its list of items some fifteen times, to find those that it treats in a way of
/// its own. All others it passes on unseen: they share items, with CRLF between them.
/// Whoever appends has checked the bytes: libcurl cleans nothing.
package struct HeaderLines: Sendable {
    /// Items, each with a NUL behind it.
    private(set) var bytes: [UInt8] = []
    /// Of the items.
    package private(set) var count = 0
    /// Whether the last item may take another line.
    private var isOpen = false

    package init() { bytes.reserveCapacity(1024) }

    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        count = 0
        isOpen = false
    }

    package mutating func append(name: Span<UInt8>, value: Span<UInt8>) {
        let joins = !value.isEmpty && !name.isOfInterestToCurl
        if joins && isOpen {
            bytes[bytes.count - 1] = UInt8(ascii: "\r")
            bytes.append(UInt8(ascii: "\n"))
        } else {
            count += 1
        }
        isOpen = joins
        unsafe name.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
        if value.isEmpty {
            // libcurl reads "name:" as "leave this one out".
            bytes.append(UInt8(ascii: ";"))
        } else {
            bytes.append(UInt8(ascii: ":"))
            bytes.append(UInt8(ascii: " "))
            unsafe value.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
        }
        bytes.append(0)
    }

    package mutating func append(_ name: String, _ value: String) {
        append(name: name.utf8.span, value: value.utf8.span)
    }
}

extension Span<UInt8> {
    /// Whether libcurl looks for a field of this name: in place of one of its own, or to find out the host.
    fileprivate var isOfInterestToCurl: Bool {
        switch count {
        case 4: isNamed("host")
        case 6: isNamed("accept")
        case 12: isNamed("content-type")
        default: false
        }
    }

    private func isNamed(_ lowercased: StaticString) -> Bool {
        for index in indices where unsafe self[index] | 0x20 != lowercased.utf8Start[index] { return false }
        return true
    }
}
