import NIOHTTP1

extension AdminGuard {
    /// Where the page is, with the key; nil where it needs none or is not served.
    func pageURL(on address: ServerAddress) -> String? {
        guard case .loopback = reach else { return nil }
        return "http://\(address)/?key=\(key.secret)"
    }

    /// To the page without the key in its URL, which would stay in the browser's history.
    var signedIn: AdminResponse {
        let cookie = "\(cookieName)=\(key.secret); HttpOnly; SameSite=Strict; Path=/"
        return AdminResponse(
            status: 303, contentType: "text/plain; charset=utf-8", headers: ["location": "/", "set-cookie": cookie],
            body: .bytes([]))
    }

    /// - Parameter isPage: for a person, and not for the page's script.
    func keyWanted(isPage: Bool) -> AdminResponse {
        let how = "the key is missing or out of date; get the page's URL with: \(program) status --url"
        guard isPage else { return .failure(401, how) }
        let html = """
            <!doctype html>
            <html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>\(program)</title>
            <h1>This page needs a key</h1>
            <p>\(program) makes a new one at each start. Run this on its machine, as its user or as root, \
            and open the URL that it prints:</p>
            <pre>\(program) status --url</pre>
            </html>

            """
        return AdminResponse(status: 401, contentType: "text/html; charset=utf-8", body: .bytes(Array(html.utf8)))
    }
}

extension AdminResponse {
    /// For every answer: a page of another site cannot load it as a script or a style.
    var asItIs: AdminResponse {
        var response = self
        response.headers.replaceOrAdd(name: "x-content-type-options", value: "nosniff")
        return response
    }

    /// For answers that show visitors' data: nothing is loaded from elsewhere, kept, framed or told to another site.
    var secured: AdminResponse {
        var response = asItIs
        for (name, value) in [
            ("content-security-policy", StatusPage.contentSecurityPolicy), ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"), ("cache-control", "no-store"),
        ] {
            response.headers.replaceOrAdd(name: name, value: value)
        }
        return response
    }
}
