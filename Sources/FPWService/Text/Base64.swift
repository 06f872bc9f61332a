import FoundationEssentials

extension [UInt8] {
    /// RFC 4648 §4.
    package var base64: String { Data(self).base64EncodedString() }

    /// Nil where the text is not what `base64` writes of any bytes: what others read differently means nothing here
    /// (RFC 4648 §3.5, §12).
    package init?(base64 text: String) {
        // Foundation takes more padding than there may be, and bits behind the last byte.
        guard let data = Data(base64Encoded: text), data.base64EncodedString() == text else { return nil }
        self.init(data)
    }
}
