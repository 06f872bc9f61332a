/// A number of bytes.
package struct ByteCount: Sendable, Hashable, Comparable {
    package var bytes: Int

    package init(bytes: Int) { self.bytes = bytes }

    /// Reads `512B`, `64KiB`, `1MiB`, `2GiB`, `1TiB`.
    package init(parsing text: String) throws(InvalidValue) {
        bytes = try Quantity.size.parse(text)
    }

    package static func kibibytes(_ count: Int) -> ByteCount { ByteCount(bytes: count << 10) }
    package static func mebibytes(_ count: Int) -> ByteCount { ByteCount(bytes: count << 20) }
    package static func gibibytes(_ count: Int) -> ByteCount { ByteCount(bytes: count << 30) }
    package static func tebibytes(_ count: Int) -> ByteCount { ByteCount(bytes: count << 40) }

    package static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }
}

extension ByteCount: CustomStringConvertible {
    /// As a configuration writes it: in the largest unit that needs no fraction.
    package var description: String { Quantity.size.text(bytes) }
}
