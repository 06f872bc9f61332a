import FPWConfig
import FPWProtocol

/// What a tunnel's rules say of a visit by its address, method and path. An unverified address matches no `allow`
/// (PROTOCOL.md §1).
struct AccessRules {
    /// Fields by which a visitor can ask some frameworks for another method than the request's.
    private static let methodOverrides: Set<String> = [
        "x-http-method-override", "x-http-method", "x-method-override", "x-override-method", "x-original-method",
    ]
    /// The same for another path.
    private static let pathOverrides: Set<String> = [
        "x-original-url", "x-original-uri", "x-original-path", "x-rewrite-url", "x-rewrite-uri", "x-rewrite-path",
        "x-override-url", "x-override-uri", "x-override-path",
    ]

    /// Where WebDAV's COPY and MOVE lead.
    private static let destinations: Set<String> = ["destination"]

    private let allow: [AddressRange]?
    private let deny: [AddressRange]
    private let methods: [Method]?
    private let paths: [PathPrefix]?

    init(_ config: AccessConfig) {
        allow = config.allow
        deny = config.deny ?? []
        paths = config.paths
        methods = config.methods.map { methods in
            // Where GET is served HEAD is (RFC 9110 §9.1).
            methods.contains(.get) && !methods.contains(.head) ? methods + [.head] : methods
        }
    }

    /// Whether a rule needs to know who visits.
    var asksForAddress: Bool { allow != nil || !deny.isEmpty }

    /// Who says that it is denied is believed; who says that it is allowed is not, unless the relay says so.
    func admits(_ address: VisitorAddress) -> Bool {
        if !deny.isEmpty, let claimed = address.claimed, deny.contains(where: { $0.contains(claimed) }) { return false }
        guard let allow else { return true }
        guard let known = address.known else { return false }
        return allow.contains { $0.contains(known) }
    }

    /// Why this may not be asked for; nil: it may.
    func refusal(ofRequest visit: Visit) -> AccessRefusal? {
        if let methods, !admits(visit, among: methods) { return .method(allowed: methods) }
        if let paths, !admits(visit, below: paths) { return .path }
        return nil
    }

    private func admits(_ visit: Visit, below paths: [PathPrefix]) -> Bool {
        visit.target.lies(below: paths) && visit.headers.values(of: Self.pathOverrides).isEmpty
            && visit.headers.values(of: Self.destinations).allSatisfy { value in
                RequestTarget(destination: value).map { $0.lies(below: paths) } ?? false
            }
    }

    private func admits(_ visit: Visit, among methods: [Method]) -> Bool {
        let overrides = visit.headers.values(of: Self.methodOverrides)
        return methods.contains(visit.method)
            && overrides.allSatisfy { value in
                let name = String(decoding: value, as: UTF8.self).uppercased()
                return methods.contains { $0.name == name }
            }
    }
}

extension RequestTarget {
    /// The path of a URL, or a path that stands alone (RFC 4918 §10.3).
    fileprivate init?(destination: ArraySlice<UInt8>) {
        var path = destination
        if path.first != UInt8(ascii: "/") {
            guard let authority = path.firstRange(of: Array("://".utf8))?.upperBound else { return nil }
            path = path[authority...].drop { $0 != UInt8(ascii: "/") }
        }
        guard let target = try? RequestTarget(Array(path), method: .get) else { return nil }
        self = target
    }
}

extension HeaderFields {
    /// The values of fields of these names, written with `-` or `_`, which CGI programs cannot tell from it.
    fileprivate func values(of names: Set<String>) -> [ArraySlice<UInt8>] {
        filter { field in
            let name = field.name.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0.asciiLowercased }
            return names.contains(String(decoding: name, as: UTF8.self))
        }.map(\.value)
    }
}
