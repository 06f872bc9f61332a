/// A request target that can only name something at the configured upstream, kept byte for byte (PROTOCOL.md §5).
///
/// It starts with `/`, or is `*` for OPTIONS, and holds visible ASCII only. `/../`, `%2e` and `//x` pass as they are.
package struct RequestTarget: Hashable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    package init(_ bytes: some Collection<UInt8>, method: Method) throws(VisitRefusal) {
        guard Self.isOriginForm(bytes) || method == .options && bytes.elementsEqual("*".utf8) else {
            throw .badTarget
        }
        self.bytes = Array(bytes)
    }

    package var description: String { String(decoding: bytes, as: UTF8.self) }

    private static func isOriginForm(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.first == UInt8(ascii: "/") && bytes.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
