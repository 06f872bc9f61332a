import Glibc

/// A `Host` field taken apart (RFC 9110 §7.2).
struct HostField: Equatable {
    /// In lower case, an IPv6 address without brackets.
    let name: String
    let port: Int

    init(name: String, port: Int) {
        self.name = name.lowercased()
        self.port = port
    }

    /// `localhost`, `127.0.0.1:9882`, `[::1]:9882`; nil for anything that is no host.
    init?(_ text: String) {
        let isBracketed = text.hasPrefix("[")
        guard let nameEnd = isBracketed ? text.firstIndex(of: "]") : text.firstIndex(of: ":") ?? text.endIndex else {
            return nil
        }
        let rest = isBracketed ? text[text.index(after: nameEnd)...] : text[nameEnd...]
        let name = isBracketed ? text[..<nameEnd].dropFirst() : text[..<nameEnd]
        guard !name.isEmpty else { return nil }
        if rest.isEmpty {
            self.init(name: String(name), port: 80)
        } else {
            guard rest.first == ":", rest.dropFirst().utf8.allSatisfy({ 0x30...0x39 ~= $0 }),
                let port = Int(rest.dropFirst())
            else { return nil }
            self.init(name: String(name), port: port)
        }
    }

    /// A name that always means this machine: `localhost`, 127.0.0.0/8, ::1.
    var isLoopback: Bool {
        var address: UInt32 = 0
        if inet_pton(AF_INET, name, &address) == 1 { return address.bigEndian >> 24 == 127 }
        return name == "localhost" || name == "::1"
    }
}
