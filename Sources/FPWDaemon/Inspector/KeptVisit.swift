import FPWProtocol

/// A visit's request and response as the inspector keeps them: what the upstream was sent, and what it answered.
struct KeptVisit: Sendable, Equatable {
    /// The tunnel's name.
    let tunnel: String
    let method: Method
    let target: RequestTarget
    let request: KeptMessage
    /// Nil where there was no answer.
    let status: Int?
    let response: KeptMessage

    /// What it takes, more or less.
    var byteCount: Int { 512 + target.bytes.count + request.byteCount + response.byteCount }
}

/// Header fields and the beginning of a body.
struct KeptMessage: Sendable, Equatable {
    /// So much of each body is kept.
    static let bodyLimit = 256 << 10

    var headers = HeaderFields()
    var body: [UInt8] = []
    /// Of the whole body.
    var bodySize = 0

    var isTruncated: Bool { bodySize > body.count }

    /// Each field has a place of its own beside its bytes.
    fileprivate var byteCount: Int { headers.byteCount + 16 * headers.count + body.count }
}
