/// Reduces a web page to what an operator wants to know of it.
///
/// Where a relay should answer, a page is a captive portal's login, a proxy's or a CDN's error: its title says which.
enum HTMLText {
    /// `web page "TITLE"`, or the page's text where it has no title; nil where the text is no HTML.
    static func summary(of text: String) -> String? {
        let lowercased = Array(text.utf8.map(\.asciiLowercased))
        guard isPage(lowercased) else { return nil }
        let bytes = Array(text.utf8)
        if let title = content(of: "title", in: lowercased) {
            let text = unescaped(bytes[title]).trimmingSpaces
            if !text.isEmpty { return "web page \"\(text)\"" }
        }
        return "web page: " + unescaped(withoutMarkup(bytes, lowercased)[...])
    }

    private static func isPage(_ text: [UInt8]) -> Bool {
        guard text.first(where: { $0 > 0x20 }) == UInt8(ascii: "<") else { return false }
        return ["<!doctype html", "<html", "<head", "<body", "<title"].contains { text[...].firstRange(of: $0) != nil }
    }

    /// Where the content of the first element of this name stands.
    private static func content(of name: String, in text: [UInt8]) -> Range<Int>? {
        guard let opening = text[...].firstRange(of: "<" + name),
            let start = text[opening.upperBound...].firstIndex(of: UInt8(ascii: ">"))
        else { return nil }
        let end = text[start...].firstRange(of: "</" + name)?.lowerBound ?? text.endIndex
        return (start + 1)..<end
    }

    /// The text between the tags, without that of scripts and styles.
    private static func withoutMarkup(_ bytes: [UInt8], _ lowercased: [UInt8]) -> [UInt8] {
        var visible: [UInt8] = []
        var position = 0
        while let tag = lowercased[position...].firstIndex(of: UInt8(ascii: "<")) {
            visible += bytes[position..<tag] + [UInt8(ascii: " ")]
            let rest = lowercased[tag...]
            let hidden = ["script", "style"].first { rest.starts(with: "<\($0)".utf8) }
            let last = hidden.flatMap { rest.firstRange(of: "</" + $0)?.lowerBound } ?? tag
            position = lowercased[last...].firstIndex(of: UInt8(ascii: ">")).map { $0 + 1 } ?? lowercased.endIndex
        }
        return visible + bytes[position...]
    }

    private static func unescaped(_ bytes: ArraySlice<UInt8>) -> String {
        var text = String(decoding: bytes, as: UTF8.self)
        for (entity, character) in entities {
            text = text.split(separator: entity, omittingEmptySubsequences: false).joined(separator: character)
        }
        return text
    }

    /// The ampersand comes last, so that nothing is unescaped twice.
    private static let entities = [
        ("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&"),
    ]
}

extension ArraySlice<UInt8> {
    fileprivate func firstRange(of text: String) -> Range<Int>? {
        let wanted = Array(text.utf8)
        return indices.first { self[$0...].starts(with: wanted) }.map { $0..<($0 + wanted.count) }
    }
}

extension String {
    fileprivate var trimmingSpaces: Substring {
        var text = drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
