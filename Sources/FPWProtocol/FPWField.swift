/// The names of the protocol's own header fields, in lower case (PROTOCOL.md §1, §4).
package enum FPWField {
    package static let host = "fpw-host"
    package static let token = "fpw-token"
    package static let slot = "fpw-slot"
    /// A visit's id as documented.
    package static let id = "fpw-id"
    /// A visit's id as the public relay and its clients spell it.
    package static let rid = "fpw-rid"
    package static let method = "fpw-method"
    package static let url = "fpw-url"
    package static let header = "fpw-header"
    /// The visitor's address as documented.
    package static let ip = "fpw-ip"
    /// The visitor's address in version 2.
    package static let uip = "fpw-uip"
    package static let status = "fpw-status"
    package static let features = "fpw-features"
    package static let hello = "fpw-hello"
    package static let publicURL = "fpw-public-url"
    package static let resend = "fpw-resend"
    package static let drain = "fpw-drain"
    package static let drained = "fpw-drained"

    /// Carries the ids of the daemons that a request has passed, on its way to an upstream.
    ///
    /// It is no `fpw-` name, because relays strip those from visitors: a loop could not be found.
    package static let loop = "x-fpw-loop"

    /// The value of `fpw-drain` on a reply that ends its slot.
    package static let drainSelf = "self"
    /// The value that turns `fpw-hello` and `fpw-resend` on.
    package static let set = "1"
}

/// What the public platform's clients send where the user has nothing of their own (PROTOCOL.md §1).
package enum FPWDefaults {
    package static let publicToken = Token("21a018194adc44e7")
    package static let publicDomain = "28820.com"
    package static let userAgent = "php-worker-v1"
    package static let contentType = "application/octet-stream"
}

/// What the sender of an `fpw-header` keeps to (PROTOCOL.md §5).
package enum FPWLimits {
    /// Bytes of the JSON as written.
    package static let headerJSON = 64 << 10
    package static let headerFields = 256
    /// Bytes of JSON that are read at the most: other relays may send more than we do.
    package static let readHeaderJSON = 1 << 20
}
