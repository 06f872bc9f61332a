/// How a tunnel's visits are shown to its upstream (PROTOCOL.md §5).
package struct ForwardingRules: Sendable {
    package var hostHeader: HostHeader
    /// The tunnel's `public_scheme`.
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

    /// The fields of the request to the upstream: `Host` first, the visitor's own, then what is known of the visitor.
    ///
    /// An unverified address is not passed on: the upstream would take it for the truth.
    package func upstreamFields(for visit: Visit) throws(VisitRefusal) -> HeaderFields {
        var fields = HeaderFields()
        fields.reserveCapacity(bytes: visit.headers.byteCount + 256, fields: visit.headers.count + 6)
        let visitorHost = visit.headers.firstString("host") ?? publicHost
        fields.append(name: "host", value: host(asked: visitorHost))
        for field in visit.headers where !field.isNamed("host") && !field.isForwardingClaim {
            guard !field.isNamed(FPWField.loop) || !field.value.elementsEqual(loopID.utf8) else { throw .loop }
            fields.append(field)
        }
        if case .verified(let address) = visit.address {
            fields.append(name: "x-forwarded-for", value: address)
            fields.append(name: "x-real-ip", value: address)
        }
        fields.append(name: "x-forwarded-proto", value: scheme(of: visit))
        fields.append(name: "x-forwarded-host", value: visit.relayHost ?? visitorHost)
        fields.append(name: FPWField.loop, value: loopID)
        return fields
    }

    private func host(asked: String) -> String {
        switch hostHeader {
        case .keep: asked
        case .upstream: upstreamAuthority
        case .name(let name): name
        }
    }

    private func scheme(of visit: Visit) -> String {
        publicScheme ?? visit.relayProto ?? (relayIsHTTPS ? "https" : "http")
    }
}

extension HeaderFields.Field {
    /// Whether the field tells where a request came from, which a visitor may not do.
    package var isForwardingClaim: Bool {
        name.hasPrefixIgnoringASCIICase("x-forwarded-") || isNamed("forwarded") || isNamed("x-real-ip")
    }
}
