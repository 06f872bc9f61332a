/// The header lines of a request in the form that libcurl takes, one after the other in one buffer.
///
/// Whoever appends has checked the bytes: libcurl cleans nothing.
package struct HeaderLines: Sendable {
    private(set) var bytes: [UInt8] = []
    package private(set) var count = 0

    package init() { bytes.reserveCapacity(1024) }

    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        count = 0
    }

    package mutating func append(name: Span<UInt8>, value: Span<UInt8>) {
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
        count += 1
    }

    package mutating func append(_ name: String, _ value: String) {
        append(name: name.utf8.span, value: value.utf8.span)
    }
}
