import FPWProtocol
import FPWTransport

/// A visit under way of which the inspector will keep a copy. Belongs to its slot's loop.
struct VisitCapture {
    let tunnel: String
    let method: Method
    let target: RequestTarget
    /// As the upstream was sent them.
    let fields: HeaderFields
    /// The visitor's body.
    let body: Body

    /// The copy, once the reply has passed.
    func kept(with reply: Reply) -> KeptVisit {
        KeptVisit(
            tunnel: tunnel, method: method, target: target, request: KeptMessage(fields, body),
            status: reply.head.status, response: KeptMessage(reply.head.headers, reply.body))
    }
}

extension KeptMessage {
    /// - Parameter body: has captured its beginning.
    init(_ headers: HeaderFields, _ body: Body) {
        self.init(headers: headers, body: body.captured, bodySize: body.written)
    }
}
