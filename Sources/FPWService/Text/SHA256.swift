/// SHA-256 (FIPS 180-4): the status page's policy names its script by hash, once at the start.
enum SHA256 {
    static func digest(of message: some Sequence<UInt8>) -> [UInt8] {
        var state = initial
        var bytes = Array(message)
        let bitCount = UInt64(bytes.count) * 8
        bytes.append(0x80)
        bytes += repeatElement(0, count: (120 - bytes.count % 64) % 64)
        bytes += withUnsafeBytes(of: bitCount.bigEndian, Array.init)
        for start in stride(from: 0, to: bytes.count, by: 64) { compress(bytes[start..<start + 64], into: &state) }
        return state.flatMap { withUnsafeBytes(of: $0.bigEndian, Array.init) }
    }

    private static func compress(_ block: ArraySlice<UInt8>, into state: inout [UInt32]) {
        var schedule = (0..<16).map { word in
            block.dropFirst(4 * word).prefix(4).reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
        }
        for index in 16..<64 {
            let (w2, w15) = (schedule[index - 2], schedule[index - 15])
            let small0 = w15.rotated(7) ^ w15.rotated(18) ^ w15 >> 3
            let small1 = w2.rotated(17) ^ w2.rotated(19) ^ w2 >> 10
            schedule.append(schedule[index - 16] &+ small0 &+ schedule[index - 7] &+ small1)
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for index in 0..<64 {
            let big1 = e.rotated(6) ^ e.rotated(11) ^ e.rotated(25)
            let first = h &+ big1 &+ ((e & f) ^ (~e & g)) &+ roundConstants[index] &+ schedule[index]
            let big0 = a.rotated(2) ^ a.rotated(13) ^ a.rotated(22)
            let second = big0 &+ ((a & b) ^ (a & c) ^ (b & c))
            (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
        }
        for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= word }
    }

    /// The first 32 bits of the fractional parts of the square roots of the first 8 primes.
    private static let initial = primes.prefix(8).map { fraction(of: $0.squareRoot()) }
    /// The same of the cube roots of the first 64 primes.
    private static let roundConstants = primes.map { fraction(of: cubeRoot($0)) }

    private static let primes: [Double] = (2...311).filter { number in
        !(2..<number).contains { number % $0 == 0 }
    }.map(Double.init)

    private static func fraction(of root: Double) -> UInt32 {
        UInt32((root - root.rounded(.down)) * 4_294_967_296)
    }

    /// By Newton's method: exact to the last bits, of which only the first 32 of the fraction matter.
    private static func cubeRoot(_ number: Double) -> Double {
        (0..<60).reduce(number) { root, _ in (2 * root + number / (root * root)) / 3 }
    }
}

extension UInt32 {
    fileprivate func rotated(_ count: UInt32) -> UInt32 { self >> count | self << (32 - count) }
}
