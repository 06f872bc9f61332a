/// Writes the parts of a head into memory that is large enough for all of them.
///
/// A head has dozens of parts, and a `ByteBuffer` checks its storage anew for each.
struct HeadWriter {
    private let memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    /// The memory stays the caller's.
    init(_ memory: UnsafeMutableRawBufferPointer) {
        self.memory = memory
    }

    mutating func write(_ text: StaticString) {
        write(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func write(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBytes { write($0) }
    }

    /// Writes a field line.
    mutating func write(name: Span<UInt8>, value: Span<UInt8>) {
        write(name)
        write(":", " ")
        write(value)
        write("\r", "\n")
    }

    private mutating func write(_ first: Unicode.Scalar, _ second: Unicode.Scalar) {
        memory[count] = UInt8(ascii: first)
        memory[count + 1] = UInt8(ascii: second)
        count += 2
    }

    mutating func write(decimal number: Int) {
        write(String(number).utf8.span)
    }

    /// Writes a number of 0…99 with two digits.
    mutating func write(twoDigits number: Int) {
        memory[count] = UInt8(ascii: "0") + UInt8(number / 10)
        memory[count + 1] = UInt8(ascii: "0") + UInt8(number % 10)
        count += 2
    }

    private mutating func write(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count <= memory.count - count, "the memory is large enough")
        guard let source = bytes.baseAddress, let target = memory.baseAddress else { return }
        (target + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }
}
