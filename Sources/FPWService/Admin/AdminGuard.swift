import NIOHTTP1

/// Who may see what on an admin listener: decided from a request's head alone.
///
/// The page and what it asks for need a key: other users of the machine can connect too. The Host field must name this
/// machine, because a page elsewhere may have let its own name point here (DNS rebinding). A change also needs the Origin
/// of the page itself.
struct AdminGuard: Sendable {
    enum Verdict: Equatable {
        case admit
        /// The key is in the URL: it moves into a cookie.
        case signIn
        case askForKey
        case refuse(status: Int, String)
    }

    /// From where the listener can be reached.
    enum Reach: Equatable, Sendable {
        /// The file's permissions say who may connect.
        case unix(path: String)
        case loopback(port: Int)
        case network
    }

    /// `fpwd`: in the cookie's name and in what is said.
    let program: String
    let reach: Reach
    let key: AccessKey

    init(program: String, address: ServerAddress, key: AccessKey) {
        self.program = program
        self.key = key
        reach = Reach(address)
    }

    func verdict(on request: AdminRequest, _ access: AdminRoute.Access) -> Verdict {
        guard reach != .network else {
            return access == .everyone ? .admit : .refuse(status: 403, Self.notFromElsewhere)
        }
        guard namesThisMachine(request, access) else { return .refuse(status: 421, Self.wrongHost) }
        guard access == .key else { return .admit }
        if request.path == "/", let candidate = request.queryValue("key"), needsKey {
            return key.matches(candidate.utf8) ? .signIn : .askForKey
        }
        guard !needsKey || hasKey(request) else { return .askForKey }
        guard request.method != .post || hasOwnOrigin(request) else { return .refuse(status: 403, Self.wrongOrigin) }
        return .admit
    }

    /// A unix socket's permissions do for a key.
    private var needsKey: Bool {
        switch reach {
        case .unix: false
        case .loopback, .network: true
        }
    }

    /// Browsers always send a Host; a tool that sends none is no browser.
    private func namesThisMachine(_ request: AdminRequest, _ access: AdminRoute.Access) -> Bool {
        let fields = request.headers[canonicalForm: "host"]
        guard let field = fields.first else { return access != .key }
        guard fields.count == 1, let host = HostField(String(field)) else { return false }
        switch reach {
        case .unix: return access != .key || host.isLoopback
        case .loopback(let port): return host.isLoopback && host.port == port
        case .network: return false
        }
    }

    private func hasKey(_ request: AdminRequest) -> Bool {
        let cookies = request.headers["cookie"].flatMap { $0.split(separator: ";") }
        return cookies.map { $0.drop { $0 == " " } }.contains { cookie in
            cookie.hasPrefix("\(cookieName)=") && key.matches(cookie.utf8.dropFirst(cookieName.utf8.count + 1))
        }
    }

    /// The origin of a page that this listener served (RFC 6454 §6.2).
    private func hasOwnOrigin(_ request: AdminRequest) -> Bool {
        guard let host = request.headers.first(name: "host"), let origin = request.headers.first(name: "origin") else {
            return false
        }
        return origin.lowercased() == "http://\(host.lowercased())"
    }

    /// Cookies are shared by all ports of a host: the port is a part of the name.
    var cookieName: String {
        if case .loopback(let port) = reach { "\(program)-\(port)" } else { program }
    }

    private static let notFromElsewhere = """
        admin_listen is not on loopback: only /metrics, /healthz and /readyz are answered here.
        The page and /status show visitors' data; see them on a loopback or unix address, by ssh -L from elsewhere.
        """
    private static let wrongHost = """
        this listener is asked under localhost, 127.0.0.1 or [::1] with its own port only (with ssh -L: the same port).
        """
    private static let wrongOrigin = "a change is taken from the status page only"
}

extension AdminGuard.Reach {
    init(_ address: ServerAddress) {
        switch address {
        case .unix(let path): self = .unix(path: path)
        case .tcp(let host, let port):
            self = HostField(name: host, port: port).isLoopback ? .loopback(port: port) : .network
        }
    }
}
