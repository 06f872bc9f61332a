/// Why a visit is answered here, without the upstream being contacted (PROTOCOL.md §5).
package enum VisitRefusal: Error, Hashable, Sendable {
    case badHeader(HeaderJSONError)
    case badTarget
    case badMethod
    /// It is not told in one way where the body ends: whether it is whole could not be known.
    case badLength
    /// CONNECT asks for a tunnel through the tunnel.
    case connect
    /// WebSocket or another protocol was asked for.
    case upgrade
    /// The visitor's fields are more than `fpw-header` may hold.
    case headerTooLarge
    /// The request came back to the daemon that sent it.
    case loop

    init(_ error: HeaderJSONError) {
        switch error {
        case .tooLarge, .tooManyFields: self = .headerTooLarge
        case .syntax, .notAnObject, .badType, .duplicate, .badName, .badValue: self = .badHeader(error)
        }
    }

    /// The status that the visitor gets.
    package var status: Int {
        switch self {
        case .badHeader, .badTarget, .badMethod, .badLength: 400
        case .headerTooLarge: 431
        case .connect, .upgrade: 501
        case .loop: 508
        }
    }

    /// A short word for machines: error pages, logs and metric labels carry it.
    package var reason: String {
        switch self {
        case .badHeader: "bad-header"
        case .badTarget: "bad-target"
        case .badMethod: "bad-method"
        case .badLength: "bad-length"
        case .headerTooLarge: "header-too-large"
        case .connect: "connect"
        case .upgrade: "upgrade"
        case .loop: "loop"
        }
    }

    /// One sentence for people.
    package var explanation: String {
        switch self {
        case .badHeader(let error): "The request's header fields cannot be passed on: \(error)."
        case .badTarget: "The request's target is not a path on this site."
        case .badMethod: "The request's method is not a valid token."
        case .badLength: "It is not told in one way where the request's body ends."
        case .headerTooLarge: "The request's header fields are larger than 64 KiB or more than 256."
        case .connect: "This site is not a proxy: CONNECT is not served."
        case .upgrade: "This tunnel does not carry WebSocket or other protocol upgrades."
        case .loop: "The upstream of this site leads back to its own tunnel; point it at the web service."
        }
    }
}
