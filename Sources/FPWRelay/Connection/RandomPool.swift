import Glibc

/// The system's random numbers, drawn many at once: a visit takes four, and a system call for each of them costs more than
/// all else that its ids need.
struct RandomPool: RandomNumberGenerator {
    /// As many as getentropy(3) fills at once.
    private var numbers = [UInt64](repeating: 0, count: 256 / MemoryLayout<UInt64>.size)
    private var left = 0

    mutating func next() -> UInt64 {
        if left == 0 { refill() }
        left -= 1
        return numbers[left]
    }

    private mutating func refill() {
        left = numbers.count
        guard getentropy(&numbers, numbers.count * MemoryLayout<UInt64>.size) != 0 else { return }
        var system = SystemRandomNumberGenerator()
        for index in numbers.indices { numbers[index] = system.next() }
    }
}
