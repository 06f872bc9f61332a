import FoundationEssentials

/// JSON for tools: what the programs say of themselves, and their error pages.
package enum JSON {
    /// The value on one line, with its line break; keys in order, `/` as it is.
    package static func line(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Only numbers that are not finite have no form in JSON, and nothing here holds such.
        guard let data = try? encoder.encode(value) else { return "null\n" }
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    /// Reads a value; nil where the bytes are no JSON of its form.
    package static func value<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) -> Value? {
        try? JSONDecoder().decode(type, from: Data(bytes))
    }
}
