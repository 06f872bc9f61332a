import FPWProtocol
import Testing

@testable import FPWDaemon

@Suite struct RedactionTests {
    @Test(
        "a field that holds a secret shows its name alone",
        arguments: [
            "Authorization", "PROXY-AUTHORIZATION", "Cookie", "Set-Cookie", "X-Api-Key", "X-Auth-Token", "fpw-token",
            "X-CSRF-Token", "X-CSRF", "X-XSRF", "X-JWT-Assertion", "X-Original-Authorization", "Authentication",
            "X-Cookie-Auth",
            "Set-Cookie2", "X-Amz-Security-Token", "Client-Secret", "X-Password", "apikey", "X-Auth_Key",
            "X-Private_Key", "Access_Key", "X-Session_Id", "Api_Key", "X-Access-Key", "Ocp-Apim-Subscription-Key",
            "X-Functions-Key", "X-RapidAPI-Key", "X-Api-Key-2", "X-Passphrase", "X-Otp", "X-Sid", "X-Session",
            "X-Bearer", "X-Amzn-Oidc-Data",
        ])
    func secret(name: String) {
        #expect(Redaction.shown([name: "s3cret"]) == [[name, "<redacted>"]])
    }

    @Test("a URL in a field is shown without its secrets")
    func url() {
        #expect(
            Redaction.shown(["Location": "https://a.test/cb?code=c1&state=x", "X-Hub-Signature-256": "sha256=0f"])
                == [["Location", "https://a.test/cb?code=<redacted>&state=x"], ["X-Hub-Signature-256", "sha256=0f"]])
    }

    @Test(
        "any other field is shown as it is",
        arguments: [
            "Host", "Content-Type", "X-Hub-Signature-256", "X-Request-Id", "Author", "WWW-Authenticate", "Keep-Alive",
            "Accept",
            "X-Key-Color", "Idempotency-Key", "X-Idempotency-Key", "Sec-WebSocket-Key", "Session-Expires",
            "X-Auth-User",
        ])
    func plain(name: String) {
        #expect(Redaction.shown([name: "value"]) == [[name, "value"]])
    }
}
