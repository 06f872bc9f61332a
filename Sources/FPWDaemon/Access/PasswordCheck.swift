import CFPWCrypt
import FPWConfig
import FPWMetrics

/// One comparison of a password with a hash, which takes tens of milliseconds, and who waits for it.
final class PasswordCheck: Sendable {
    enum Verdict {
        case right
        case wrong
        /// It could not be compared.
        case unknown
    }

    private struct State {
        var verdict: Verdict?
        var waiting: [@Sendable () -> Void] = []
    }

    let digest: CredentialDigest
    private let password: [UInt8]
    private let hash: PasswordHash
    private let isKnownUser: Bool
    private let state = Locked(State())

    init(_ credentials: BasicCredentials, _ digest: CredentialDigest, in file: PasswordFile) {
        self.digest = digest
        password = credentials.password
        isKnownUser = file.users[credentials.user] != nil
        hash = file.users[credentials.user] ?? file.decoy
    }

    /// Nil until it has been compared.
    var verdict: Verdict? { state.withLock { $0.verdict } }

    /// Calls `wake` when the verdict is there; at once where it is. From any thread, on any thread.
    func whenDone(_ wake: @escaping @Sendable () -> Void) {
        let isDone = state.withLock { state in
            if state.verdict == nil { state.waiting.append(wake) }
            return state.verdict != nil
        }
        if isDone { wake() }
    }

    /// Compares, on a thread that may block. An unknown user's password is compared too, with another's hash.
    func compare() -> Bool {
        let password = password.map { CChar(bitPattern: $0) } + [0]
        let matches = password.withUnsafeBufferPointer { password in
            password.baseAddress.map { fpw_password_matches($0, hash.text) } ?? false
        }
        return matches && isKnownUser
    }

    func finish(_ verdict: Verdict) {
        let waiting = state.withLock { state in
            state.verdict = verdict
            defer { state.waiting = [] }
            return state.waiting
        }
        for wake in waiting { wake() }
    }
}
