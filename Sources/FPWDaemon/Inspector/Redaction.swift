import FPWProtocol
import FPWService

/// What is shown of header fields: secrets only by their names, and URLs without theirs. What is sent again is the original.
enum Redaction {
    /// Names and values in order.
    static func shown(_ headers: HeaderFields) -> [[String]] {
        headers.map { field in
            let name = String(decoding: field.name, as: UTF8.self)
            let value = isSecret(name) ? Array(QuerySecrets.mark.utf8) : QuerySecrets.shown(Array(field.value))
            return [name, String(decoding: value, as: UTF8.self)]
        }
    }

    /// The value of a field that a page showed, and may have changed, with its secrets; nil where they are not known.
    static func restored(_ value: String, from original: [UInt8]?) -> [UInt8]? {
        value == QuerySecrets.mark ? original : QuerySecrets.restored(Array(value.utf8), from: original ?? [])
    }

    /// Whether a field of this name holds something that opens doors; letters' case, `-`, `_` and digits at the end make no
    /// difference. A signature of the body, `X-Hub-Signature-256`, opens none: it is good for this one body, and whoever
    /// writes web hooks must see it.
    static func isSecret(_ name: String) -> Bool {
        var name = name.lowercased().filter { $0 != "-" && $0 != "_" }
        while name.last?.isWholeNumber == true { name.removeLast() }
        return names.contains(name) || parts.contains { name.contains($0) }
            || endings.contains { name.hasSuffix($0) } && !plainKeys.contains { name.hasSuffix($0) }
    }

    private static let names: Set = [
        "auth", "xauth", "bearer", "xbearer", "session", "xsession", "sid", "xsid", "xamznoidcdata",
    ]
    private static let parts = [
        "authorization", "authentication", "cookie", "jwt", "csrf", "xsrf", "token", "secret", "password", "passwd",
        "credential", "apikey", "accesskey", "authkey", "privatekey", "sessionid",
    ]
    private static let endings = ["key", "otp", "passphrase"]
    /// Keys by which something is found or made sure.
    private static let plainKeys = ["idempotencykey", "secwebsocketkey"]
}
