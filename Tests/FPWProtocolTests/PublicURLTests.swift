import Testing

@testable import FPWProtocol

@Suite("A public URL")
struct PublicURLTests {
    @Test(
        "is taken from a relay where it can be one",
        arguments: [
            "https://blog.example.org/", "http://blog.example.org:8080/", "HTTPS://BLOG.EXAMPLE.ORG/",
            "http://[2001:db8::1]/",
        ])
    func taken(url: String) {
        #expect(PublicURL.read(url.bytes) == url)
    }

    @Test(
        "is no other text: it is shown on terminals and pages",
        arguments: [
            "", "blog.example.org", "javascript:alert(1)", "https://a/\u{1B}[2J", "https://a/ b", "https://a/\u{202E}",
            "https://a/\n",
            "https://a/" + String(repeating: "a", count: 2048),
        ])
    func refused(url: String) {
        #expect(PublicURL.read(url.bytes) == nil)
    }
}
