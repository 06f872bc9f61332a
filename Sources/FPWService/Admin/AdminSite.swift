import NIOHTTP1

/// All that a listener answers: the routes, and the guard before them.
struct AdminSite: Sendable {
    let routes: [String: AdminRoute]
    let guardian: AdminGuard

    /// What a body may have: only changes have a use for one.
    func bodyLimit(for head: HTTPRequestHead, _ limits: AdminLimits) -> Int {
        guard let request = AdminRequest(head), let route = found(request.path).route, route.isChange,
            guardian.verdict(on: request, route.access) == .admit
        else { return limits.bodyBytes }
        return limits.changeBytes
    }

    func response(to head: HTTPRequestHead, body: [UInt8]) async -> AdminResponse {
        guard var request = AdminRequest(head) else {
            let (route, _) = found(AdminRequest(method: .get, target: head.uri).path)
            return Self.methodRefused(route?.methods ?? "GET, HEAD")
        }
        let (route, number) = found(request.path)
        let access = route?.access ?? (request.path.hasPrefix("/ui/") ? .key : .machine)
        let response: AdminResponse
        switch guardian.verdict(on: request, access) {
        case .admit:
            request.number = number
            if request.method == .post { request.body = body }
            response = await answer(request, route)
        case .signIn: response = guardian.signedIn
        case .askForKey: response = guardian.keyWanted(isPage: request.path == "/")
        case .refuse(let status, let why): response = .text(why, status: status)
        }
        return access == .key ? response.secured : response.asItIs
    }

    private func answer(_ request: AdminRequest, _ route: AdminRoute?) async -> AdminResponse {
        guard let route else {
            let open = routes.filter { $0.value.access != .key }.keys.sorted()
            return .text("not found; there is \(open.joined(separator: ", "))", status: 404)
        }
        guard route.allows(request.method) else { return Self.methodRefused(route.methods) }
        return await route.answer(request)
    }

    private static func methodRefused(_ methods: String) -> AdminResponse {
        var refusal = AdminResponse.text("only \(methods) is allowed here", status: 405)
        refusal.headers.add(name: "allow", value: methods)
        return refusal
    }

    /// `/ui/visits/17/send` is listed as `/ui/visits/*/send`, and its number is 17.
    private func found(_ path: String) -> (route: AdminRoute?, number: Int?) {
        if let route = routes[path] { return (route, nil) }
        var parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard let place = parts.firstIndex(where: { !$0.isEmpty && $0.allSatisfy(\.isASCIIDigit) }),
            let number = Int(parts[place])
        else { return (nil, nil) }
        parts[place] = "*"
        return (routes[parts.joined(separator: "/")], number)
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { "0" <= self && self <= "9" && isASCII }
}
