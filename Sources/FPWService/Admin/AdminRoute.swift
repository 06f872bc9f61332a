package import FPWMetrics
import NIOHTTP1

/// What answers the requests of one path, and to whom.
package struct AdminRoute: Sendable {
    package typealias Answer = @Sendable (AdminRequest) async -> AdminResponse

    /// Who gets an answer, from everyone to few.
    enum Access: Sendable {
        /// Whoever can connect; on loopback under a name of this machine.
        case everyone
        /// Whoever is on this machine.
        case machine
        /// Whoever has the key.
        case key
    }

    let access: Access
    /// It answers POST, and not GET and HEAD.
    let isChange: Bool
    let answer: Answer

    /// All metrics, in the format that the client prefers.
    package static func metrics(_ registry: MetricRegistry) -> AdminRoute {
        AdminRoute(access: .everyone, isChange: false) { request in
            let format = MetricsFormat(accept: request.headers.first(name: "accept"))
            return AdminResponse(
                contentType: format.contentType, headers: ["vary": "accept"],
                body: .bytes(Array(format.text(of: registry.snapshot()).utf8)))
        }
    }

    /// For probes, which may ask from elsewhere.
    package static func health(_ answer: @escaping Answer) -> AdminRoute {
        AdminRoute(access: .everyone, isChange: false, answer: answer)
    }

    /// For tools on this machine.
    package static func machine(_ answer: @escaping Answer) -> AdminRoute {
        AdminRoute(access: .machine, isChange: false, answer: answer)
    }

    /// For the status page.
    package static func page(_ answer: @escaping Answer) -> AdminRoute {
        AdminRoute(access: .key, isChange: false, answer: answer)
    }

    /// A POST of the status page.
    package static func change(_ answer: @escaping Answer) -> AdminRoute {
        AdminRoute(access: .key, isChange: true, answer: answer)
    }

    var methods: String { isChange ? "POST" : "GET, HEAD" }

    func allows(_ method: AdminRequest.Method) -> Bool { isChange == (method == .post) }
}
