import FPWConfig
import FPWProtocol

@testable import FPWDaemon

/// Passwords are `s3cret` and, of `ünï`, `pässwörd`; of bcrypt's least cost.
let passwords = """
    ann:$2y$04$abcdefghijklmnopqrstuuLZYjhNQAOdpbzt4WxWlUHjv1wsyH5DG
    ünï:$2b$04$zbcdefghijklmnopqrstuuL7piPAn98YcLhX1/7Kt26q77bdRMnOO
    rounds:$6$rounds=1000$saltsalt$zcCvYcDM8j0aB28drG.Vwe4L4mnOkoRyg3Q.Bu7J9v6yK9aKDDPiDDlrOhF03cpnd3KFfSzTDNEBa0iVYm2H90
    yes:$y$j75$abcdefgh1234$1K9jgXs9TMY0xdl1v71SQvD9FjTHc7EyTtvowOhc2.3
    """

extension AccessConfig {
    init(_ change: (inout AccessConfig) -> Void) {
        self.init()
        change(&self)
    }
}

extension PasswordFile {
    static func sample() throws -> PasswordFile {
        try PasswordFile(path: "/p", bytes: Array(passwords.utf8))
    }

    /// With `eve`, whose passwords take a quarter of a second to compare, and are all wrong.
    static func slowSample() throws -> PasswordFile {
        let eve = "\neve:$2y$12$abcdefghijklmnopqrstuuLZYjhNQAOdpbzt4WxWlUHjv1wsyH5DG"
        return try PasswordFile(path: "/p", bytes: Array((passwords + eve).utf8))
    }
}

/// A visit whose relay told this; `fields` is the object of the visitor's fields, in JSON.
func visit(
    _ method: String = "GET", _ target: String = "/", address: String? = "192.0.2.1", fields: String = "{}"
) throws -> Visit {
    var answer: HeaderFields = ["fpw-id": "1", "fpw-method": method, "fpw-url": target, "fpw-header": fields]
    if let address { answer.append(name: "fpw-ip", value: address) }
    let reference = VisitReference(fieldName: "fpw-id", value: "1".utf8)
    return try Visit(reference: reference, answer: answer)
}

extension VisitorBlock {
    /// One of many.
    static func number(_ number: UInt64) -> VisitorBlock {
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * (7 - $0))) }
        return IPAddress(bytes: bytes + bytes).map { .known(AddressBlock($0)) } ?? .unverified
    }
}
