import FPWProtocol
import FoundationEssentials

/// What is accepted is JSON, means what another reader says, and comes back from its own writing as it was.
func checkHeaderJSON(_ input: [UInt8]) throws(BrokenClaim) {
    guard let fields = try? HeaderJSON.decode(input[...]) else { return }
    try expectSound(fields)
    try expect(
        fields.asJSONObject.unordered == reference(input)?.unordered, "accepted, but read differently: \(fields)")
    guard let written = try? HeaderJSON.encode(fields) else { return }
    try expect(written.allSatisfy { (0x20...0x7E).contains($0) }, "the written JSON is not visible ASCII")
    let again = try? HeaderJSON.decode(written[...])
    try expect(again?.asJSONObject == fields.asJSONObject, "came back as \(again as Any)")
}

/// Every name is a token, every value free of control characters and of blanks around it.
func expectSound(_ fields: HeaderFields) throws(BrokenClaim) {
    for field in fields {
        try expect(HeaderSyntax.isToken(field.name.span), "a name is no token")
        try expect(HeaderSyntax.isValue(field.value.span), "a value holds a control character")
    }
}

/// A field's values by its name in lower case, in order.
typealias JSONObject = [String: [[UInt8]]]

extension HeaderFields {
    fileprivate var asJSONObject: JSONObject {
        var object = JSONObject()
        for field in self {
            object[String(decoding: field.name, as: UTF8.self).lowercased(), default: []].append(Array(field.value))
        }
        return object
    }
}

extension JSONObject {
    /// For comparison with a reader that does not keep the order of keys which differ only in case.
    fileprivate var unordered: JSONObject { mapValues { $0.sorted { $0.lexicographicallyPrecedes($1) } } }
}

/// What Foundation reads; nil where it refuses the input.
private func reference(_ input: [UInt8]) -> JSONObject? {
    guard let object = try? JSONDecoder().decode([String: TextOrTexts].self, from: Data(input)) else { return nil }
    var fields = JSONObject()
    for (name, value) in object where !value.texts.isEmpty {
        fields[name.lowercased(), default: []] += value.texts.map(headerBytes)
    }
    return fields
}

private struct TextOrTexts: Decodable {
    let texts: [String]

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            texts = [text]
        } else {
            texts = try container.decode([String].self)
        }
    }
}

/// PROTOCOL.md §1: code points up to U+00FF are bytes, unless there is one above; blanks around a value do not count.
private func headerBytes(_ text: String) -> [UInt8] {
    let isBytes = text.unicodeScalars.allSatisfy { $0.value <= 0xFF }
    let bytes = isBytes ? text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } : Array(text.utf8)
    let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
    return Array(bytes.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
}
