/// The secrets that a URL carries, and how a page shows it without them.
///
/// A secret is the value of a pair behind the first `?` or `#`, where the pair's name speaks of one. A name begins behind
/// `?`, `#`, `&` or `;`; of it only letters and digits count, in lower case and with `%XX` undone: `user%5BApi_Key%5D` is
/// `userapikey`. The value goes on to the next `&`, `#` or blank: rather too much is hidden than too little.
package enum QuerySecrets {
    /// What stands in the place of a secret.
    package static let mark = "<redacted>"

    /// The text without its secrets: the path and query of a request, or a header field that may hold a URL.
    package static func shown(_ text: [UInt8]) -> [UInt8] {
        var shown: [UInt8] = []
        var end = text.startIndex
        for secret in secrets(in: text) {
            shown += text[end..<secret.value.lowerBound] + Array(mark.utf8)
            end = secret.value.upperBound
        }
        return shown + text[end...]
    }

    package static func shown(_ text: String) -> String {
        String(decoding: shown(Array(text.utf8)), as: UTF8.self)
    }

    /// The text with the secrets of `original` in the place of the marks: each with that of the same name and place among
    /// those of its name. Nil where there is none.
    package static func restored(_ text: [UInt8], from original: [UInt8]) -> [UInt8]? {
        let known = Dictionary(grouping: secrets(in: original), by: \.name)
        var seen: [[UInt8]: Int] = [:]
        var restored: [UInt8] = []
        var end = text.startIndex
        for secret in secrets(in: text) {
            let place = seen[secret.name, default: 0]
            seen[secret.name] = place + 1
            guard text[secret.value].elementsEqual(mark.utf8) else { continue }
            guard let values = known[secret.name], values.indices.contains(place) else { return nil }
            restored += text[end..<secret.value.lowerBound] + original[values[place].value]
            end = secret.value.upperBound
        }
        return restored + text[end...]
    }

    /// Whether what has this name opens doors.
    private static func isSecret(_ name: [UInt8]) -> Bool {
        wholeNames.contains(name)
            || endings.contains { $0.last == name.last && name.suffix($0.count).elementsEqual($0) }
    }

    private static let wholeNames = Set(
        [
            "auth", "authcode", "code", "csrf", "hmac", "idtokenhint", "jwt", "key", "otp", "pass", "pwd", "sid", "sig",
            "xsrf",
        ].map { Array($0.utf8) })
    private static let endings = [
        "token", "tokens", "secret", "password", "passwd", "passphrase", "passcode", "credential", "credentials",
        "signature", "authorization", "authorizationcode", "sessionid", "sessid", "apikey", "accesskey", "authkey",
        "privatekey", "secretkey",
    ].map { Array($0.utf8) }
}

extension QuerySecrets {
    private struct Secret {
        let name: [UInt8]
        let value: Range<Int>
    }

    /// In order, without empty ones.
    private static func secrets(in text: [UInt8]) -> [Secret] {
        var secrets: [Secret] = []
        var next = text.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }
        while let separator = next {
            let nameEnd = text[(separator + 1)...].firstIndex { $0 == UInt8(ascii: "=") || isSeparator($0) }
            next = nameEnd
            guard let nameEnd, text[nameEnd] == UInt8(ascii: "=") else { continue }
            let name = plain(text[(separator + 1)..<nameEnd])
            var end = nameEnd + 1
            if isSecret(name) {
                end = text[end...].firstIndex(where: endsSecret) ?? text.endIndex
                if end > nameEnd + 1 { secrets.append(Secret(name: name, value: (nameEnd + 1)..<end)) }
            }
            next = text[end...].firstIndex(where: isSeparator)
        }
        return secrets
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "&"), UInt8(ascii: ";"): true
        default: false
        }
    }

    private static func endsSecret(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "&"), UInt8(ascii: "#"), UInt8(ascii: " "), UInt8(ascii: "\t"): true
        default: false
        }
    }

    private static func plain(_ name: ArraySlice<UInt8>) -> [UInt8] {
        var rest = name
        var plain: [UInt8] = []
        while var byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"),
                let escaped = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                byte = escaped
                rest = rest.dropFirst(2)
            }
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): plain.append(byte)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): plain.append(byte + 0x20)
            default: break
            }
        }
        return plain
    }
}
