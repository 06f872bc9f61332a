/// A file with certificates or a key in PEM (RFC 7468), as it was read.
///
/// Two with the same path are equal only where they hold the same: a reload takes a changed file for a changed setting.
package struct PEMFile: Sendable, Equatable {
    package let path: String
    package let bytes: [UInt8]

    package init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }
}

extension ValueType<PEMFile> {
    /// Certificates, which everybody may see.
    static var certificates: ValueType {
        file("the absolute path of a file with certificates (PEM)") { (path, surroundings) throws(InvalidValue) in
            try surroundings.read(path).bytes
        }
    }

    static var privateKey: ValueType {
        file("the absolute path of a file with a private key (PEM)") { (path, surroundings) throws(InvalidValue) in
            try surroundings.readSecret(path)
        }
    }

    private static func file(
        _ form: String, _ read: @escaping @Sendable (String, Surroundings) throws(InvalidValue) -> [UInt8]
    ) -> ValueType {
        ValueType(form) { (value, surroundings) throws(InvalidValue) in
            guard case .string(let text) = value else { throw .wrongKind(value, expected: "an absolute path") }
            let path = try absolutePath(text)
            return PEMFile(path: path, bytes: try read(path, surroundings))
        } write: {
            quoted($0.path)
        }
    }
}
