import FoundationEssentials

extension [UInt8] {
    /// RFC 4648 §4.
    package var base64: String { Data(self).base64EncodedString() }

    /// Nil where the text is no base64.
    package init?(base64 text: String) {
        guard let data = Data(base64Encoded: text) else { return nil }
        self.init(data)
    }
}
