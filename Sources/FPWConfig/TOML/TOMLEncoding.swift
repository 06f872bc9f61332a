/// TOML is UTF-8. Bytes that are not are reported, and replaced so that the rest of the text can still be checked.
enum TOMLEncoding {
    static func decode(_ bytes: [UInt8]) -> (scalars: [Unicode.Scalar], errors: [SyntaxError]) {
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        let scalars = Array(String(decoding: text, as: UTF8.self).unicodeScalars)
        if String(validating: text, as: UTF8.self) != nil { return (scalars, []) }
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let errors = lines.enumerated().compactMap { index, line in
            columnOfInvalidByte(in: line).map { column in
                SyntaxError(
                    position: SourcePosition(line: index + 1, column: column),
                    message: "these bytes are not UTF-8; save the file as UTF-8"
                )
            }
        }
        return (scalars, errors)
    }

    private static func columnOfInvalidByte(in line: ArraySlice<UInt8>) -> Int? {
        var decoder = UTF8()
        var bytes = line.makeIterator()
        var column = 1
        while true {
            switch decoder.decode(&bytes) {
            case .scalarValue: column += 1
            case .emptyInput: return nil
            case .error: return column
            }
        }
    }
}
