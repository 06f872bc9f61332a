import FPWProtocol

/// What is shown of header fields: secrets only by their names. What is sent again is the original.
enum Redaction {
    static let mark = "<redacted>"

    /// Names and values in order.
    static func shown(_ headers: HeaderFields) -> [[String]] {
        headers.map { field in
            let name = String(decoding: field.name, as: UTF8.self)
            return [name, isSecret(name) ? mark : String(decoding: field.value, as: UTF8.self)]
        }
    }

    /// Whether a field of this name holds something that opens doors.
    static func isSecret(_ name: String) -> Bool {
        let name = name.lowercased()
        return names.contains(name) || parts.contains { name.contains($0) }
    }

    private static let names: Set = ["x-auth", "x-session"]
    private static let parts = [
        "authorization", "authentication", "cookie", "jwt", "csrf", "xsrf",
        "token", "secret", "password", "passwd", "credential", "api-key", "apikey", "api_key", "access-key", "auth-key",
        "private-key", "session-id",
    ]
}
