import FPWConfig

/// What quick mode says once visitors can come.
struct QuickBanner {
    let url: String
    let tunnel: TunnelConfig
    /// The status page's URL, with its key; nil where there is none.
    var page: String?

    var text: String {
        let sentences = ["Anyone on the internet can open this URL.", "The relay's operator can read what passes."]
        var lines = ["    \(url)  →  \(tunnel.upstream)", ""] + (sentences + aboutToken).map { "    \($0)" }
        if let page { lines.insert("    \(page)  shows visits as they come", at: 1) }
        return "\n" + lines.joined(separator: "\n") + "\n\n    Ctrl-C ends it.\n"
    }

    private var aboutToken: [String] {
        switch tunnel.tokenSource {
        case .publicDefault:
            [
                "With the public token, whoever knows the name may be able to receive its visitors:",
                "use a token or a relay of your own for anything private.",
            ]
        case .inline, .file, .environment: []
        }
    }
}
