/// Which `Host` the upstream is shown.
package enum HostHeader: Sendable, Hashable {
    /// The public name that the visitor asked for.
    case keep
    /// The upstream's own authority.
    case upstream
    /// A fixed name.
    case name(String)
}
