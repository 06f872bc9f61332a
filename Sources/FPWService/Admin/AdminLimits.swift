/// What a client of the admin listener may take.
struct AdminLimits: Sendable {
    var headerBytes = 64 << 10
    var bodyBytes = 64 << 10
    /// For the body of a change.
    var changeBytes = 2 << 20
    /// From the connection to the first request's end.
    var requestTime = Duration.seconds(5)
    /// From an answer to the next request's end.
    var idleTime = Duration.seconds(60)
}
