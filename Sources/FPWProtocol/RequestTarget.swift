/// A request target that can only name something at the configured upstream, kept byte for byte (PROTOCOL.md §5).
///
/// It starts with `/`, or is `*` for OPTIONS, and holds visible ASCII only. `/../`, `%2e` and `//x` pass as they are.
package struct RequestTarget: Hashable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    package init(_ bytes: [UInt8], method: Method) throws(VisitRefusal) {
        self.bytes = bytes
        guard isOriginForm || method == .options && self.bytes == [UInt8(ascii: "*")] else { throw .badTarget }
    }

    package var description: String { String(decoding: bytes, as: UTF8.self) }

    private var isOriginForm: Bool {
        bytes.first == UInt8(ascii: "/") && bytes.allSatisfy { $0 >= 0x21 && $0 <= 0x7E }
    }
}
