extension [UInt8] {
    /// The text with the characters that some services take for dots, slashes and other signs of a path put as these: by
    /// compatibility (NFKC, Unicode UAX #15), or by the nearest one of a Windows code page ("best fit").
    var compatibilityFolded: [UInt8] {
        guard contains(where: { $0 >= 0x80 }) else { return self }
        var folded = ""
        for scalar in String(decoding: self, as: UTF8.self).unicodeScalars {
            switch scalar.value {
            case 0x2024, 0xFE52: folded += "."
            case 0x2025, 0xFE30: folded += ".."
            case 0x2026, 0xFE19: folded += "..."
            case 0x2044, 0x2215: folded += "/"
            // ¥ and ₩ stand where Japanese and Korean code pages have the backslash.
            case 0xA5, 0x20A9, 0x2216, 0xFE68: folded += "\\"
            case 0x37E, 0xFE14, 0xFE54: folded += ";"
            case 0xFE6A: folded += "%"
            // The full-width forms of visible ASCII.
            case 0xFF01...0xFF5E: folded.unicodeScalars.append(Unicode.Scalar(UInt8(scalar.value - 0xFEE0)))
            default: folded.unicodeScalars.append(scalar)
            }
        }
        return Array(folded.utf8)
    }
}
