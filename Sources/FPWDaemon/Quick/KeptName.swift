import FPWProtocol
import Glibc

/// The name that was drawn for a quick tunnel, kept in a file so that the next run finds it again, and locked while it is
/// in use.
///
/// The lock is the process's: it ends with this object, or with the process however that ends.
final class KeptName: Sendable {
    let host: String
    private let descriptor: Int32

    /// Finds the name kept under `key` in `directory`, or draws one and keeps it.
    ///
    /// The file is for its owner alone: with the public token, the name is all that the tunnel is protected by.
    init(key: String, in directory: String, pid: Int32 = getpid(), draw: () -> String) throws(KeptNameError) {
        let path = "\(directory)/\(Self.fileName(of: key))"
        try Self.makeDirectory(directory)
        descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .cannotKeep(path, errno: errno) }
        let isLocked = flock(descriptor, LOCK_EX | LOCK_NB) == 0
        let kept = Record(Self.read(descriptor))
        guard isLocked else {
            close(descriptor)
            throw .alreadyRunning(host: kept?.host, pid: kept?.pid)
        }
        host = kept?.host ?? draw()
        guard Self.write(Record(host: host, pid: pid).text(key: key), to: descriptor) else {
            let code = errno
            close(descriptor)
            throw .cannotKeep(path, errno: code)
        }
    }

    deinit { close(descriptor) }

    /// Keys hold URLs and paths of any length: a hash of 64 bits (FNV-1a) names the file, and the key stands in it.
    private static func fileName(of key: String) -> String {
        let hash = key.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return "quick-" + String(hash, radix: 16)
    }

    private static func makeDirectory(_ directory: String) throws(KeptNameError) {
        var path = ""
        for part in directory.split(separator: "/") {
            path += "/\(part)"
            guard mkdir(path, 0o700) == 0 || errno == EEXIST || access(path, F_OK) == 0 else {
                throw .cannotKeep(path, errno: errno)
            }
        }
    }

    private static func read(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    private static func write(_ text: String, to descriptor: Int32) -> Bool {
        let bytes = Array(text.utf8)
        return ftruncate(descriptor, 0) == 0 && pwrite(descriptor, bytes, bytes.count, 0) == bytes.count
    }
}

extension KeptName {
    /// What stands in the file, a word and its value per line.
    struct Record: Equatable {
        let host: String
        let pid: Int32?

        init(host: String, pid: Int32?) {
            self.host = host
            self.pid = pid
        }

        /// Nil where the text holds no host name, as a new file does.
        init?(_ text: String) {
            let lines = text.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 1) }
            let values = Dictionary(lines.filter { $0.count == 2 }.map { ($0[0], $0[1]) }) { first, _ in first }
            guard let host = values["host"].flatMap({ HostName(Array($0.utf8)) }) else { return nil }
            self.init(host: host.text, pid: values["pid"].flatMap { Int32($0) })
        }

        func text(key: String) -> String {
            "host \(host)\npid \(pid ?? 0)\nfor \(key)\n"
        }
    }

    /// Where names are kept: what the service manager gives (systemd.exec(5), `StateDirectory=`), or else the user's folder
    /// (XDG Base Directory Specification); nil where there is none.
    static func directory(_ environment: (String) -> String?) -> String? {
        func absolute(_ name: String) -> Substring? {
            environment(name)?.split(separator: ":").first.flatMap { $0.hasPrefix("/") ? $0 : nil }
        }
        if let given = absolute("STATE_DIRECTORY") { return String(given) }
        if let state = absolute("XDG_STATE_HOME") { return "\(state)/fpwd" }
        return absolute("HOME").map { "\($0)/.local/state/fpwd" }
    }
}

/// Why a name is not kept.
enum KeptNameError: Error, Equatable {
    /// Another process uses it; what the file says of it.
    case alreadyRunning(host: String?, pid: Int32?)
    case cannotKeep(String, errno: Int32)
}
