/// Names one request in the logs of all programs that it passes, and in the upstream's `X-Request-Id`.
///
/// Unlike a `VisitID` it is no secret and gives no right to anything.
package struct RequestID: Hashable, Sendable, CustomStringConvertible {
    /// The field that carries it to the next program.
    package static let field = "x-request-id"
    private static let longest = 128

    package let description: String

    /// Draws 128 bits, as 32 lower-case hexadecimal digits.
    package init() { description = VisitID().description }

    package init(using generator: inout some RandomNumberGenerator) {
        description = VisitID(using: &generator).description
    }

    /// Reads the field where it stands once and is well-formed: 1…128 letters, digits or signs of URLs.
    package init?(in fields: HeaderFields) {
        guard let value = fields.only(Self.field), (1...Self.longest).contains(value.count),
            value.allSatisfy(\.isRequestIDCharacter)
        else { return nil }
        description = String(decoding: value, as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var isRequestIDCharacter: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~:/+=@".utf8.contains(self)
        }
    }
}
