/// The `fpw-header` field: a JSON object of header fields, name → string or → array of strings (PROTOCOL.md §1, §5).
///
/// A code point U+0080–00FF stands for one byte; a value that holds any above is text and stands for its UTF-8. Written
/// JSON is pure ASCII, so every byte of a header comes back as it was.
package enum HeaderJSON {
    /// Reads an object strictly (RFC 8259).
    ///
    /// Every name is a token and every value free of control characters; blanks around a value are trimmed. Keys that
    /// differ only in case are one header that repeats.
    package static func decode(_ json: ArraySlice<UInt8>) throws(HeaderJSONError) -> HeaderFields {
        guard json.count <= FPWLimits.readHeaderJSON else { throw .tooLarge }
        return try HeaderJSONReader().read(json.span)
    }

    /// Writes fields in their order; a name that repeats, in any case, is written once, as an array, at its first place.
    package static func encode(_ fields: HeaderFields) throws(HeaderJSONError) -> [UInt8] {
        guard fields.count <= FPWLimits.headerFields else { throw .tooManyFields }
        guard fields.byteCount <= FPWLimits.headerJSON else { throw .tooLarge }
        let json = HeaderJSONWriter.write(fields)
        guard json.count <= FPWLimits.headerJSON else { throw .tooLarge }
        return json
    }
}

/// What is wrong with an `fpw-header`.
package enum HeaderJSONError: Error, Hashable, Sendable {
    /// Not JSON; the offset of the first byte that cannot be.
    case syntax(offset: Int)
    case notAnObject
    /// A value that is neither a string nor an array of strings.
    case badType(name: String)
    /// The same key twice.
    case duplicate(name: String)
    /// A name that is no token.
    case badName
    /// A value with a control character.
    case badValue(name: String)
    case tooLarge
    case tooManyFields
}

extension HeaderJSONError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .syntax(let offset): "fpw-header is not JSON at byte \(offset)"
        case .notAnObject: "fpw-header is not a JSON object"
        case .badType(let name): "\(name) is neither a string nor an array of strings"
        case .duplicate(let name): "\(name) stands twice"
        case .badName: "a name is not a token"
        case .badValue(let name): "the value of \(name) holds a control character"
        case .tooLarge: "fpw-header is too large"
        case .tooManyFields: "there are more than \(FPWLimits.headerFields) fields"
        }
    }
}
