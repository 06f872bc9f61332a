/// The secrets that a URL carries, and how a page shows it without them.
///
/// A secret is the value of a pair behind the first `?` or `#`, or the first `;` of a path, where the pair's name speaks of
/// one. A name begins behind `?`, `#`, `&` or `;`; of it only letters and digits count, in lower case and without digits at
/// its end: `user%5BApi_Key%5D[0]` is `userapikey`. The value goes on to the next `&`, `#` or blank.
///
/// All of these may be escaped, however often: a value may be a URL. What ends a value is escaped no more often than the
/// sign before it. Rather too much is hidden than too little.
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
        var name = name
        while let last = name.last, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(last) { name.removeLast() }
        return wholeNames.contains(name)
            || endings.contains { $0.last == name.last && name.suffix($0.count).elementsEqual($0) }
    }

    private static let wholeNames = Set(
        [
            "auth", "authcode", "bearer", "code", "csrf", "hmac", "idtokenhint", "jwt", "key", "pass", "pwd",
            "samlresponse", "session", "sid", "sig", "ticket", "xsrf",
        ].map { Array($0.utf8) })
    private static let endings = [
        "token", "tokens", "secret", "password", "passwd", "passphrase", "passcode", "credential", "credentials",
        "signature", "authorization", "authorizationcode", "sessionid", "sessid", "apikey", "accesskey", "authkey",
        "privatekey", "secretkey", "otp",
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
        var next = beginning(of: text)
        while let separator = next {
            next = URLByte.first(in: text, from: separator.range.upperBound) { $0.byte == equals || isSeparator($0) }
            guard let sign = next, sign.byte == equals else { continue }
            let name = plain(text, separator.range.upperBound..<sign.range.lowerBound)
            var end = sign.range.upperBound
            if isSecret(name) {
                end =
                    URLByte.first(in: text, from: end) { endsSecret($0, behind: sign) }?.range.lowerBound
                    ?? text.endIndex
                let value = sign.range.upperBound..<end
                if !value.isEmpty { secrets.append(Secret(name: name, value: value)) }
            }
            next = URLByte.first(in: text, from: end, where: isSeparator)
        }
        return secrets
    }

    private static let equals = UInt8(ascii: "=")

    /// What the first name stands behind. A `;` without a path before it is no URL's, but parts a field's parameters.
    private static func beginning(of text: [UInt8]) -> URLByte? {
        var hasPath = false
        return URLByte.first(in: text, from: text.startIndex) { character in
            switch character.byte {
            case UInt8(ascii: "?"), UInt8(ascii: "#"): return true
            case UInt8(ascii: ";"): return hasPath
            case UInt8(ascii: "/"): hasPath = true
            default: break
            }
            return false
        }
    }

    private static func isSeparator(_ character: URLByte) -> Bool {
        switch character.byte {
        case UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "&"), UInt8(ascii: ";"): true
        default: false
        }
    }

    private static func endsSecret(_ character: URLByte, behind sign: URLByte) -> Bool {
        switch character.byte {
        case UInt8(ascii: "&"), UInt8(ascii: "#"), UInt8(ascii: " "), UInt8(ascii: "\t"): character.depth <= sign.depth
        default: false
        }
    }

    private static func plain(_ text: [UInt8], _ name: Range<Int>) -> [UInt8] {
        var plain: [UInt8] = []
        var index = name.lowerBound
        while index < name.upperBound {
            let character = URLByte(text, at: index)
            switch character.byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                plain.append(character.byte)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): plain.append(character.byte + 0x20)
            default: break
            }
            index = character.range.upperBound
        }
        return plain
    }
}
