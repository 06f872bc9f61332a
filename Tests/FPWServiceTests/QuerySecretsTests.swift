import FPWService
import Testing

@Suite struct QuerySecretsTests {
    @Test(
        "a value is hidden where its name speaks of a secret",
        arguments: [
            ("/a?token=s3cret&b=c", "/a?token=<redacted>&b=c"),
            ("/a?b=c&ACCESS_TOKEN=s3cret", "/a?b=c&ACCESS_TOKEN=<redacted>"),
            ("/?refresh_token=s&id_token=t", "/?refresh_token=<redacted>&id_token=<redacted>"),
            (
                "/?api_key=s&apikey=t&X-Api-Key=u&key=v",
                "/?api_key=<redacted>&apikey=<redacted>&X-Api-Key=<redacted>&key=<redacted>"
            ),
            ("/?sig=s;secret=t&auth=u", "/?sig=<redacted>&auth=<redacted>"),
            ("/?a=b;clientSecret=t", "/?a=b;clientSecret=<redacted>"),
            ("/?code=s&state=x", "/?code=<redacted>&state=x"),
            ("/?user[password]=s", "/?user[password]=<redacted>"),
            ("/?user%5Bpassword%5D=s&t%6Fken=t", "/?user%5Bpassword%5D=<redacted>&t%6Fken=<redacted>"),
            (
                "/o?X-Amz-Credential=s&X-Amz-Expires=60&X-Amz-Signature=t&X-Amz-Security-Token=u",
                "/o?X-Amz-Credential=<redacted>&X-Amz-Expires=60&X-Amz-Signature=<redacted>&X-Amz-Security-Token=<redacted>"
            ),
            (
                "https://a.test/#access_token=s&token_type=bearer",
                "https://a.test/#access_token=<redacted>&token_type=bearer"
            ),
            ("/in?next=/out?token=s", "/in?next=/out?token=<redacted>"),
            ("<https://a.test/?token=s>; rel=\"next\"", "<https://a.test/?token=<redacted> rel=\"next\""),
            ("/?token=s#top", "/?token=<redacted>#top"),
            ("/?signature=a=b", "/?signature=<redacted>"),
        ])
    func hidden(text: String, shown: String) {
        #expect(QuerySecrets.shown(text) == shown)
    }

    @Test(
        "anything else is shown as it is",
        arguments: [
            "/", "/token=a", "/token/key?", "/?token", "/?token=", "/?page=2&sort_key=name&keyword=x", "/?zip_code=12",
            "/?max_token_count=3&token_type=bearer&author=x&monkey=y", "/?%=x&%2=y&%zz=z&=a&&", "*",
            "multipart/form-data; boundary=key", "t=1,v1=00ff", "",
        ])
    func plain(text: String) {
        #expect(QuerySecrets.shown(text) == text)
        #expect(QuerySecrets.restored(Array(text.utf8), from: []) == Array(text.utf8))
    }

    static let edits: [(edited: String, original: String, sent: String?)] = [
        ("/?token=<redacted>", "/?token=a", "/?token=a"),
        ("/new?b=1&TOKEN=<redacted>&c", "/?token=a&b=2", "/new?b=1&TOKEN=a&c"),
        ("/?token=<redacted>&token=x&token=<redacted>", "/?token=a&token=b&token=c", "/?token=a&token=x&token=c"),
        ("/?token=mine", "/?token=a", "/?token=mine"),
        ("/?b=<redacted>", "/?token=a", "/?b=<redacted>"),
        ("/?key=<redacted>", "/?token=a", nil),
        ("/?token=<redacted>&token=<redacted>", "/?token=a", nil),
        ("/?token=<redacted>", "/?token=", nil),
    ]

    @Test("what was hidden comes back in its place; a mark that hides nothing does not pass", arguments: edits)
    func restored(edited: String, original: String, sent: String?) {
        #expect(QuerySecrets.restored(Array(edited.utf8), from: Array(original.utf8)) == sent.map { Array($0.utf8) })
    }
}
