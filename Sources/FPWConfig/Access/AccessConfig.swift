package import FPWProtocol

/// Who may visit a tunnel, and what may be asked for; nil: there is no such rule.
package struct AccessConfig: Sendable, Equatable {
    package var allow: [AddressRange]?
    /// Goes before `allow`.
    package var deny: [AddressRange]?
    package var methods: [Method]?
    package var paths: [PathPrefix]?
    package var passwords: PasswordFile?
    /// Of each address.
    package var rateLimit: RequestRate?

    package init() {}
}
