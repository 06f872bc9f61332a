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
        UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: bytes)
        count += bytes.count
    }
}
