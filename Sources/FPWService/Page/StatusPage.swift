import CFPWPage

/// The status page, one file without anything from elsewhere, built into the program.
enum StatusPage {
    static let html = Array(UnsafeBufferPointer(start: fpw_page(), count: fpw_page_size()))

    /// Admits the page's own style and script, by their hashes, and nothing else (CSP Level 3).
    static let contentSecurityPolicy = """
        default-src 'none'; style-src \(hash(of: "style")); script-src \(hash(of: "script")); connect-src 'self'; \
        img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
        """

    /// Of the only element of this name.
    private static func hash(of element: String) -> String {
        guard let start = html.firstRange(of: "<\(element)>".utf8)?.upperBound,
            let end = html[start...].firstRange(of: "</\(element)>".utf8)?.lowerBound
        else { return "'none'" }
        return "'sha256-\(SHA256.digest(of: html[start..<end]).base64)'"
    }
}

extension AdminRoute {
    /// The status page of both programs.
    package static let statusPage = AdminRoute.page { _ in
        AdminResponse(contentType: "text/html; charset=utf-8", body: .bytes(StatusPage.html))
    }
}
