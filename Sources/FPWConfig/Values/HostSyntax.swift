import FPWProtocol

/// Which texts are host names: letters, digits and hyphens (RFC 1123 §2.1), returned in lower case.
enum HostSyntax {
    /// A full name, `blog.example.org`.
    static func fullName(_ text: String) throws(InvalidValue) -> String {
        let name = try Self.name(text)
        guard name.contains(".") else {
            throw InvalidValue("is not a full host name; write \"\(name).\(FPWDefaults.publicDomain)\" or the like")
        }
        return name
    }

    static func name(_ text: String) throws(InvalidValue) -> String {
        guard isName(text) else { throw InvalidValue("is no host name; \(advice(for: text))") }
        return text.lowercased()
    }

    /// A name, or `*.example.org` for any name below it.
    static func pattern(_ text: String) throws(InvalidValue) -> String {
        guard isName(text.hasPrefix("*.") ? String(text.dropFirst(2)) : text) else {
            throw InvalidValue("is no host name; write \"blog.example.org\", or \"*.example.org\" for all below it")
        }
        return text.lowercased()
    }

    /// Whether it is one or more labels of 1 to 63, together of at most 253 characters.
    ///
    /// Names of services in a container network have underscores, which public names must not.
    static func isName(_ text: String, allowingUnderscore: Bool = false) -> Bool {
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return text.utf8.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                    && label.allSatisfy { isLetterDigitHyphen($0) || (allowingUnderscore && $0 == UInt8(ascii: "_")) }
            }
    }

    private static func isLetterDigitHyphen(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func advice(for text: String) -> String {
        if text.contains("/") || text.contains(":") { return "write the name alone, without scheme, port and path" }
        if !text.utf8.allSatisfy({ $0 < 0x80 }) { return "write its ASCII form, \"xn--…\"" }
        return "use letters, digits and '-' between dots"
    }
}
