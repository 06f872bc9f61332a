import Glibc

/// Where a running program leaves its status page's URL, key and all, for `status --url`: a file that only its user can
/// read, named after the listener, in a folder that goes away with the system's run.
package struct PageAddress: Sendable {
    enum Failure: Error, Equatable {
        case cannotWrite(String, errno: Int32)
        case notPermitted(String)
        case missing
        case noFolder
        /// A unix socket's page is open to whoever may connect.
        case needsNone(String)
        case notServed(ServerAddress)
    }

    private let program: String
    private let address: ServerAddress
    private let environment: @Sendable (String) -> String?
    private let isRoot: Bool

    init(
        program: String, address: ServerAddress, isRoot: Bool = geteuid() == 0,
        environment: @escaping @Sendable (String) -> String? = ProcessSetup.environment
    ) {
        self.program = program
        self.address = address
        self.environment = environment
        self.isRoot = isRoot
    }

    private var fileName: String {
        String("\(address)".map { $0 == ":" || $0 == "/" ? "_" : $0 }) + ".url"
    }

    /// Where the file is written: the first folder that there is (systemd.exec(5), `RuntimeDirectory=`; XDG Base Directory
    /// Specification).
    var folder: String? {
        if let given = absolute("RUNTIME_DIRECTORY") { return given }
        if let user = absolute("XDG_RUNTIME_DIR") { return "\(user)/\(program)" }
        if isRoot { return "/run/\(program)" }
        return state
    }

    /// Where it is looked for: the asking shell need not have the program's environment.
    var folders: [String] {
        let user = absolute("XDG_RUNTIME_DIR").map { "\($0)/\(program)" }
        return [absolute("RUNTIME_DIRECTORY"), user, "/run/\(program)", state].compactMap(\.self)
    }

    private var state: String? {
        if let state = absolute("XDG_STATE_HOME") { return "\(state)/\(program)" }
        return absolute("HOME").map { "\($0)/.local/state/\(program)" }
    }

    private func absolute(_ name: String) -> String? {
        environment(name)?.split(separator: ":").first.flatMap { $0.hasPrefix("/") ? String($0) : nil }
    }
}

extension PageAddress {
    /// Replaces what an earlier run has left there, in one step.
    func write(_ url: String) throws(Failure) {
        guard let folder else { throw .noFolder }
        try Self.makeFolder(folder)
        let path = "\(folder)/\(fileName)"
        let new = "\(path).\(getpid())"
        unlink(new)
        let descriptor = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .cannotWrite(new, errno: errno) }
        let line = Array("\(url)\n".utf8)
        let isWritten = Glibc.write(descriptor, line, line.count) == line.count
        close(descriptor)
        guard isWritten, rename(new, path) == 0 else {
            let code = errno
            unlink(new)
            throw .cannotWrite(path, errno: code)
        }
    }

    /// Removes the file, unless a successor has replaced it already.
    func remove(_ url: String) {
        guard let folder, Self.line("\(folder)/\(fileName)") == url else { return }
        unlink("\(folder)/\(fileName)")
    }

    /// - Parameter line: a file's first line, or nil with `errno`.
    func read(_ line: (String) -> String? = Self.line) throws(Failure) -> String {
        var locked: String?
        for folder in folders {
            let path = "\(folder)/\(fileName)"
            if let line = line(path) { return line }
            // Another user's may stand beside one's own.
            if errno == EACCES { locked = locked ?? path }
        }
        throw locked.map { .notPermitted($0) } ?? .missing
    }

    /// Nil with `errno` where it cannot be read.
    static func line(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }

    private static func makeFolder(_ folder: String) throws(Failure) {
        var path = ""
        for part in folder.split(separator: "/") {
            path += "/\(part)"
            guard mkdir(path, 0o700) == 0 || errno == EEXIST || access(path, F_OK) == 0 else {
                throw .cannotWrite(path, errno: errno)
            }
        }
    }
}

extension PageAddress.Failure: CustomStringConvertible {
    var description: String {
        switch self {
        case .cannotWrite(let path, let code): "\(path): \(String(cString: strerror(code)))"
        case .notPermitted(let path): "\(path) belongs to another user: run this as root or as the program's user"
        case .missing: "the page's URL is not found: run this as root or as the program's user, with the same settings"
        case .noFolder: "neither RUNTIME_DIRECTORY, XDG_RUNTIME_DIR, XDG_STATE_HOME nor HOME names a folder"
        case .needsNone(let path):
            "the page on a unix socket needs no key: ssh -L 9880:\(path) HOST, then open http://localhost:9880/"
        case .notServed(let address): "admin_listen = \"\(address)\" is not on loopback: the page is not served there"
        }
    }
}
