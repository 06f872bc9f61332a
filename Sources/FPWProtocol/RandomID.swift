/// Names one slot on every POST that it sends: 128 random bits, as 32 lower-case hexadecimal digits (PROTOCOL.md §1).
package struct SlotID: Hashable, Sendable, CustomStringConvertible {
    private let bits: UInt128

    /// Draws an id from the system's CSPRNG.
    package init() { bits = .random(in: .min ... .max) }

    /// Reads exactly 32 hexadecimal digits of either case.
    package init?(_ text: some Collection<UInt8>) {
        guard let bits = UInt128(hexadecimal: text) else { return nil }
        self.bits = bits
    }

    package var description: String { bits.hexadecimal }
}

/// Names one visit at fpw-relay. Nobody can guess one: 128 bits from the system's CSPRNG (PROTOCOL.md §5).
package struct VisitID: Hashable, Sendable, CustomStringConvertible {
    private let bits: UInt128

    /// Draws an id from the system's CSPRNG.
    package init() {
        var generator = SystemRandomNumberGenerator()
        self.init(using: &generator)
    }

    /// - Parameter generator: gives the system's random numbers.
    package init(using generator: inout some RandomNumberGenerator) {
        bits = UInt128(generator.next()) << 64 | UInt128(generator.next())
    }

    /// Reads exactly 32 hexadecimal digits of either case.
    package init?(_ text: some Collection<UInt8>) {
        guard let bits = UInt128(hexadecimal: text) else { return nil }
        self.bits = bits
    }

    package var description: String { bits.hexadecimal }
}

extension UInt128 {
    fileprivate init?(hexadecimal text: some Collection<UInt8>) {
        guard text.count == 32 else { return nil }
        self = 0
        for digit in text {
            guard let value = digit.hexadecimalValue else { return nil }
            self = self << 4 | UInt128(value)
        }
    }

    fileprivate var hexadecimal: String {
        String(unsafeUninitializedCapacity: 32) { buffer in
            withUnsafeBytes(of: bigEndian) { bytes in
                for (index, byte) in bytes.enumerated() {
                    buffer.initializeElement(at: 2 * index, to: (byte >> 4).hexadecimalDigit)
                    buffer.initializeElement(at: 2 * index + 1, to: (byte & 0xF).hexadecimalDigit)
                }
            }
            return 32
        }
    }
}
