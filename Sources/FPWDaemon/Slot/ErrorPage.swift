import FPWProtocol

/// What a visitor sees where there is no answer of the upstream: small, clear, HTML or JSON by `Accept`.
struct ErrorPage: Equatable {
    let status: Int
    /// A short word for machines, also in the field `x-fpw-reason`.
    let reason: String
    /// One sentence for people; never anything that only the operator should know.
    let explanation: String

    init(status: Int, reason: String, explanation: String) {
        self.status = status
        self.reason = reason
        self.explanation = explanation
    }

    init(_ refusal: VisitRefusal) {
        self.init(status: refusal.status, reason: refusal.reason, explanation: refusal.explanation)
    }

    private var title: String {
        switch status {
        case 400: "Bad request"
        case 413: "Content too large"
        case 431: "Request header fields too large"
        case 501: "Not implemented"
        case 504: "The web service did not answer in time"
        case 508: "Loop detected"
        default: "The web service cannot be reached"
        }
    }

    /// The page's fields and body, in the form that the visitor prefers.
    func rendered(accept: String?) -> (fields: HeaderFields, body: [UInt8]) {
        let asJSON = Self.prefersJSON(accept)
        let fields: HeaderFields = [
            "content-type": asJSON ? "application/json" : "text/html; charset=utf-8",
            "cache-control": "no-store",
            "x-fpw-reason": reason,
        ]
        return (fields, Array((asJSON ? json : html).utf8))
    }

    /// JSON where it is named and HTML is not, or is named later.
    static func prefersJSON(_ accept: String?) -> Bool {
        guard let accept = accept?.lowercased(), let json = accept.firstRange(of: "json") else { return false }
        guard let html = accept.firstRange(of: "text/html") else { return true }
        return json.lowerBound < html.lowerBound
    }

    private var json: String {
        #"{"status":\#(status),"reason":"\#(reason)","message":\#(JSONText.string(explanation))}"# + "\n"
    }

    private var html: String {
        """
        <!doctype html>
        <html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <title>\(status) \(title)</title>
        <style>:root{color-scheme:light dark}body{font:1.1em/1.5 system-ui,sans-serif;max-width:34em;margin:15vh auto;\
        padding:0 1em}small{opacity:.6}</style>
        <h1>\(title)</h1>
        <p>\(explanation.escaped(Self.htmlEscapes))</p>
        <p><small>\(status) · \(reason) · fpwd</small></p>
        </html>

        """
    }

    private static let htmlEscapes: [Character: String] = ["<": "&lt;", ">": "&gt;", "&": "&amp;"]
}

extension String {
    fileprivate func escaped(_ escapes: [Character: String]) -> String {
        reduce(into: "") { $0 += escapes[$1] ?? String($1) }
    }

    fileprivate func firstRange(of text: String) -> Range<String.Index>? { ranges(of: text).first }
}
