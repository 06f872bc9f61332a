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
            ("/?access_token[0]=s&key2=t", "/?access_token[0]=<redacted>&key2=<redacted>"),
            ("/;jsessionid=s?a=b", "/;jsessionid=<redacted>"), ("/a;v=1;token=s&b", "/a;v=1;token=<redacted>&b"),
            (
                "/?bearer=s&session=t&ticket=u&SAMLResponse=v&RelayState=w",
                "/?bearer=<redacted>&session=<redacted>&ticket=<redacted>&SAMLResponse=<redacted>&RelayState=w"
            ),
            ("/?next=%2Fin%3Faccess_token%3Ds&b=c", "/?next=%2Fin%3Faccess_token%3D<redacted>&b=c"),
            (
                "/?next=%2Fin%3fa%3d1%26token%3ds%2526t%26b%3dc%23top",
                "/?next=%2Fin%3fa%3d1%26token%3d<redacted>%26b%3dc%23top"
            ),
            ("https%3A%2F%2Fa.test%2F%23code%3Ds", "https%3A%2F%2Fa.test%2F%23code%3D<redacted>"),
            (
                "/?a=%2F%3Fb%3D%252F%253Ft%256Fken%253Ds%2526c%253Dd%26e",
                "/?a=%2F%3Fb%3D%252F%253Ft%256Fken%253D<redacted>%2526c%253Dd%26e"
            ),
            ("/?token=a%26b%3Dc%20d&e", "/?token=<redacted>&e"),
        ])
    func hidden(text: String, shown: String) {
        #expect(QuerySecrets.shown(text) == shown)
    }

    @Test(
        "anything else is shown as it is",
        arguments: [
            "/", "/token=a", "/token/key?", "/?token", "/?token=", "/?page=2&sort_key=name&keyword=x", "/?zip_code=12",
            "/?max_token_count=3&token_type=bearer&author=x&monkey=y", "/?%=x&%2=y&%zz=z&=a&&", "*",
            "multipart/form-data; boundary=key", "t=1,v1=00ff", "t=1;sig=00ff", "/?a%3D1%26b&%252=c&code",
            "/%3Fcode%3D", "",
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
        ("/new?next=%3Ftoken%3D<redacted>%26b", "/?next=%3Ftoken%3Da%2526%26b", "/new?next=%3Ftoken%3Da%2526%26b"),
        ("/?token[1]=<redacted>", "/?token[0]=a&token[1]=b", "/?token[1]=b"),
    ]

    @Test("what was hidden comes back in its place; a mark that hides nothing does not pass", arguments: edits)
    func restored(edited: String, original: String, sent: String?) {
        #expect(QuerySecrets.restored(Array(edited.utf8), from: Array(original.utf8)) == sent.map { Array($0.utf8) })
    }
}
