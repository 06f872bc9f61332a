import FPWProtocol
import FPWService

/// A user and a password, as `Authorization` carries them by the scheme Basic (RFC 7617 §2).
struct BasicCredentials: Hashable {
    enum Reading: Equatable {
        /// No field, or one of another scheme.
        case missing
        case malformed
        case given(BasicCredentials)
    }

    /// Of base64: a name and a password of 255 bytes each.
    private static let limit = 4 * ((255 + 1 + 255 + 2) / 3)

    let user: [UInt8]
    /// Without NUL, at which crypt(3) would stop.
    let password: [UInt8]

    static func reading(in fields: HeaderFields) -> Reading {
        let values = fields.filter { $0.isNamed("authorization") }.map(\.value)
        guard let value = values.first else { return .missing }
        // Whoever reads on may take the other one.
        guard values.count == 1 else { return .malformed }
        let scheme = value.prefix { $0 != UInt8(ascii: " ") }
        guard scheme.equalsIgnoringASCIICase("basic") else { return .missing }
        return BasicCredentials(base64: value.dropFirst(scheme.count).trimmingBlanks).map { .given($0) } ?? .malformed
    }

    private init?(base64 text: ArraySlice<UInt8>) {
        guard text.count <= Self.limit, let bytes = [UInt8](base64: String(decoding: text, as: UTF8.self)),
            let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon <= 255, bytes.count - colon - 1 <= 255,
            bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        else { return nil }
        user = Array(bytes[..<colon])
        password = Array(bytes[(colon + 1)...])
    }
}
