/// How a tunnel's visits are shown to its upstream (PROTOCOL.md §5).
package struct ForwardingRules: Sendable {
    package var hostHeader: HostHeader
    /// The tunnel's `public_scheme`, for a relay that does not say what the visitor used.
    package var publicScheme: String?
    package var relayIsHTTPS: Bool
    /// The upstream's own host, with its port where it is not the scheme's.
    package var upstreamAuthority: String
    package var publicHost: String
    /// Known to this daemon alone; a visit that brings it has been here before.
    package var loopID: String

    package init(
        hostHeader: HostHeader, publicScheme: String?, relayIsHTTPS: Bool, upstreamAuthority: String,
        publicHost: String, loopID: String
    ) {
        self.hostHeader = hostHeader
        self.publicScheme = publicScheme
        self.relayIsHTTPS = relayIsHTTPS
        self.upstreamAuthority = upstreamAuthority
        self.publicHost = publicHost
        self.loopID = loopID
    }

    /// The fields of the request to the upstream: the visitor's own, then `Host` and what is known of the visitor.
    ///
    /// An unverified address is not passed on: the upstream would take it for the truth.
    package func upstreamFields(for visit: Visit) throws(VisitRefusal) -> HeaderFields {
        guard !hasPassedHere(visit) else { throw .loop }
        var fields = visit.headers
        fields.reserveCapacity(bytes: visit.headers.byteCount + 256, fields: visit.headers.count + 7)
        let visitorHost = visit.host ?? publicHost
        fields.append(name: "host", value: host(asked: visitorHost))
        if case .verified(let address) = visit.address {
            fields.append(name: "x-forwarded-for", value: address)
            fields.append(name: "x-real-ip", value: address)
        }
        fields.append(name: "x-forwarded-proto", value: scheme(of: visit))
        fields.append(name: "x-forwarded-host", value: visit.relayHost ?? visitorHost)
        if let id = visit.requestID { fields.append(name: RequestID.field, value: id.description) }
        fields.append(name: FPWField.loop, value: loopID)
        return fields
    }

    /// The fields of a request of fpwd's own, such as a health check.
    package func ownFields(userAgent: String) -> HeaderFields {
        ["host": host(asked: publicHost), "user-agent": userAgent, FPWField.loop: loopID]
    }

    private func hasPassedHere(_ visit: Visit) -> Bool {
        guard visit.headers.contains(FPWField.loop) else { return false }
        return visit.headers.contains { $0.isNamed(FPWField.loop) && $0.value.elementsEqual(loopID.utf8) }
    }

    private func host(asked: String) -> String {
        switch hostHeader {
        case .keep: asked
        case .upstream: upstreamAuthority
        case .name(let name): name
        }
    }

    private func scheme(of visit: Visit) -> String {
        visit.relayProto ?? publicScheme ?? (relayIsHTTPS ? "https" : "http")
    }
}
