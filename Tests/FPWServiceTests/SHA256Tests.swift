@testable import FPWService
import Testing

/// NIST's examples ("Secure Hashing", SHA256.pdf).
@Suite struct SHA256Tests {
    @Test(
        "a message has the digest that the standard's examples give",
        arguments: [
            ("", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
            ("abc", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "JI1qYdIGOLjlwCaTDD5gOaM85Flk/yFn9uzt1BnbBsE="
            ),
        ])
    func digest(message: String, base64: String) {
        #expect(SHA256.digest(of: message.utf8).base64 == base64)
    }
}
