import CFPWPage

/// The status page, one file without anything from elsewhere, built into the program.
enum StatusPage {
    static let html = Array(UnsafeBufferPointer(start: fpw_page(), count: fpw_page_size()))

    /// Admits the page's own style and script, by their hashes, and nothing else (CSP Level 3).
    static let contentSecurityPolicy: String = {
        let text = String(decoding: html, as: UTF8.self)
        let styles = hashes(of: "style", in: text).map { "style-src \($0); " } ?? ""
        let scripts = hashes(of: "script", in: text).map { "script-src \($0); " } ?? ""
        return "default-src 'none'; \(styles)\(scripts)connect-src 'self'; img-src data:; base-uri 'none'; "
            + "form-action 'none'; frame-ancestors 'none'"
    }()

    /// Of each element of this name without attributes; nil where there is none.
    private static func hashes(of element: String, in text: String) -> String? {
        let pieces = text.split(separator: "<\(element)>", omittingEmptySubsequences: false).dropFirst()
        let contents = pieces.compactMap {
            $0.split(separator: "</\(element)>", maxSplits: 1, omittingEmptySubsequences: false).first
        }
        guard !contents.isEmpty else { return nil }
        return contents.map { "'sha256-\(SHA256.digest(of: $0.utf8).base64)'" }.joined(separator: " ")
    }
}

extension AdminRoute {
    /// The status page of both programs.
    package static let statusPage = AdminRoute.page { _ in
        AdminResponse(contentType: "text/html; charset=utf-8", body: .bytes(StatusPage.html))
    }
}
