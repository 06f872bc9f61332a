/// What a visitor sees where there is no answer of the web service: small, clear, HTML or JSON by `Accept`.
package struct VisitorPage: Encodable, Sendable {
    /// The program that shows it.
    private let source: String
    private let status: Int
    /// A short word for machines.
    private let reason: String
    /// For people; never anything that only the operator should know.
    private let message: String

    package init(source: String, status: Int, reason: String, message: String) {
        self.source = source
        self.status = status
        self.reason = reason
        self.message = message
    }

    /// The page in the form that the visitor prefers.
    ///
    /// - Parameter accept: the request's field of that name (RFC 9110 §12.5.1).
    package func rendered(accept: String?) -> (contentType: String, text: String) {
        Self.prefersJSON(accept) ? ("application/json", JSON.line(self)) : ("text/html; charset=utf-8", html)
    }

    /// JSON where it is named and HTML is not, or is named later.
    private static func prefersJSON(_ accept: String?) -> Bool {
        guard let accept = accept?.lowercased(), let json = accept.ranges(of: "json").first else { return false }
        guard let html = accept.ranges(of: "text/html").first else { return true }
        return json.lowerBound < html.lowerBound
    }

    private var html: String {
        """
        <!doctype html>
        <html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <title>\(status) \(title)</title>
        <style>:root{color-scheme:light dark}body{font:1.1em/1.5 system-ui,sans-serif;max-width:34em;margin:15vh auto;\
        padding:0 1em}small{opacity:.6}</style>
        <h1>\(title)</h1>
        <p>\(message.escapedForHTML)</p>
        <p><small>\(status) · \(reason) · \(source)</small></p>
        </html>

        """
    }

    private var title: String {
        switch status {
        case 400: "Bad request"
        case 401: "Please sign in"
        case 403: "Not open to you"
        case 404: "There is no site here"
        case 405: "Method not allowed"
        case 413: "Content too large"
        case 414: "Address too long"
        case 429: "Too many requests"
        case 431: "Request header fields too large"
        case 501: "Not implemented"
        case 503: "The web service is not available now"
        case 504: "The web service did not answer in time"
        case 505: "HTTP version not supported"
        case 508: "Loop detected"
        default: "The web service cannot be reached"
        }
    }
}

extension String {
    fileprivate var escapedForHTML: String {
        reduce(into: "") { text, character in
            switch character {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            default: text.append(character)
            }
        }
    }
}
