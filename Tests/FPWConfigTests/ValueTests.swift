import Testing

@testable import FPWConfig

/// The value, or why there is none.
private func outcome<Value>(_ make: () throws(InvalidValue) -> Value) -> String {
    do throws(InvalidValue) { return "\(try make())" } catch { return error.reason }
}

@Suite("Values")
struct ValueTests {
    @Test(
        "a duration is an integer and a unit, printed in the largest unit that needs no fraction",
        arguments: [
            ("1500ms", "1500ms"), ("30s", "30s"), ("5000ms", "5s"), ("90s", "90s"), ("120s", "2m"), ("36h", "36h"),
            ("48h", "2d"), ("0ms", "0s"),
            ("30", "has no unit; write \"30s\""),
            ("5min", "has no unit of ms, s, m, h, d; write \"5m\""),
            ("1 s", "has no unit of ms, s, m, h, d; write \"1s\""),
            ("1.5s", "has no unit of ms, s, m, h, d; write \"1s\""),
            ("", "is no amount; write \"30s\""),
            ("-1s", "is no amount; write \"30s\""),
            ("99999999999999999999s", "is too large"),
            ("999999999999999d", "is too large"),
        ]
    )
    func durations(text: String, expected: String) {
        #expect(outcome { () throws(InvalidValue) in try Duration(parsing: text).configText } == expected)
    }

    @Test(
        "a size is an integer and a binary unit",
        arguments: [
            ("1MiB", "1MiB"), ("1024KiB", "1MiB"), ("1536KiB", "1536KiB"), ("0B", "0B"), ("3TiB", "3TiB"),
            ("1MB", "has no unit of B, KiB, MiB, GiB, TiB; write \"1MiB\""),
            ("64k", "has no unit of B, KiB, MiB, GiB, TiB; write \"64KiB\""),
            ("1048576", "has no unit; write \"1048576MiB\""),
            ("9000000TiB", "is too large"),
        ]
    )
    func sizes(text: String, expected: String) {
        #expect(outcome { () throws(InvalidValue) in try ByteCount(parsing: text) } == expected)
    }

    @Test(
        "an upstream is a URL without path, or a unix socket",
        arguments: [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("HTTP://LocalHost:80/", "http://localhost"),
            ("https://10.0.0.5", "https://10.0.0.5"),
            ("http://[::1]:3000", "http://[::1]:3000"),
            ("http://my_app:8000", "http://my_app:8000"),
            ("unix:/run/app.sock", "unix:/run/app.sock"),
            ("127.0.0.1:8080", "has no scheme; write \"http://127.0.0.1:8080\" or \"unix:/run/app.sock\""),
            ("ftp://a", "does not begin with http:// or https://"),
            (
                "http://a/path?q",
                "goes on behind the host; remove \"/path?q\": visitors' paths pass unchanged"
            ),
            ("http://me:pw@a", "holds a user name; remove it"),
            ("http://a b", "holds a character that a URL must escape; write it as %XX"),
            ("http://a:0", "has a port outside 1…65535"),
            ("http://a:65536", "has a port outside 1…65535"),
            ("http://a:", "has a port outside 1…65535"),
            ("http://", "holds no valid host; write a name, 10.0.0.5 or [::1]"),
            ("http://127.1", "holds no valid host; write a name, 10.0.0.5 or [::1]"),
            ("http://0x7f.0.0.1", "holds no valid host; write a name, 10.0.0.5 or [::1]"),
            ("http://[::1", "holds no valid host; write a name, 10.0.0.5 or [::1]"),
            ("http://[", "holds no valid host; write a name, 10.0.0.5 or [::1]"),
            ("http://[10.0.0.1]", "holds no valid host; write a name, 10.0.0.5 or [::1]"),
            ("http://a..b", "holds no valid host; write a name, 10.0.0.5 or [::1]"),
            ("unix:app.sock", "has no absolute path; write \"unix:/run/app.sock\""),
            ("unix:/" + String(repeating: "x", count: 107), "has a path longer than 107 bytes"),
        ]
    )
    func upstreams(text: String, expected: String) {
        #expect(outcome { () throws(InvalidValue) in try UpstreamAddress(parsing: text) } == expected)
    }

    @Test(
        "an upstream's authority is what its Host field says",
        arguments: [
            ("http://127.0.0.1:8080", "127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://[::1]", "[::1]", "http://[::1]"),
            ("https://app:443", "app", "https://app"),
            ("https://app:80", "app:80", "https://app:80"),
            ("unix:/run/a", "localhost", "http://localhost"),
        ]
    )
    func upstreamAuthorities(text: String, authority: String, baseURL: String) throws {
        let upstream = try UpstreamAddress(parsing: text)
        #expect([upstream.authority, upstream.baseURL] == [authority, baseURL])
    }

    @Test(
        "the command line abbreviates upstreams",
        arguments: [
            ("3000", "http://127.0.0.1:3000"), ("localhost:3000", "http://localhost:3000"), ("app", "http://app"),
            ("10.0.0.5", "http://10.0.0.5"), ("[::1]:3000", "http://[::1]:3000"),
            ("https://10.0.0.5", "https://10.0.0.5"), ("unix:/run/app.sock", "unix:/run/app.sock"),
            ("70000", "has a port outside 1…65535"),
        ]
    )
    func abbreviations(text: String, expected: String) {
        #expect(outcome { () throws(InvalidValue) in try UpstreamAddress(abbreviated: text) } == expected)
    }

    @Test(
        "a relay's URL is kept in one spelling",
        arguments: [
            ("https://Blog.28820.com", "https://blog.28820.com/"),
            ("HTTPS://a.b:443/server-client", "https://a.b/server-client"),
            ("http://[::1]:80", "http://[::1]/"),
            ("http://127.0.0.1:28820/", "http://127.0.0.1:28820/"),
            ("relay.example.org", "does not begin with https:// or http://"),
            ("https://a/?x", "has a query or fragment; write scheme, host and path only"),
            ("https://a/#x", "has a query or fragment; write scheme, host and path only"),
            ("https://u@a/", "holds a user name; remove it, the token is all that a relay asks for"),
        ]
    )
    func relayURLs(text: String, expected: String) {
        #expect(outcome { () throws(InvalidValue) in try RelayURL(parsing: text) } == expected)
    }

    @Test(
        "a relay is loopback by its address or name, not by resemblance",
        arguments: [
            ("http://127.8.9.1/", true), ("http://[::1]/", true), ("http://localhost/", true),
            ("http://demo.localhost/", true), ("http://localhost.example.org/", false), ("http://10.0.0.1/", false),
            ("http://127.example.org/", false), ("http://[::ffff:127.0.0.1]/", true),
        ]
    )
    func loopback(text: String, expected: Bool) throws {
        #expect(try RelayURL(parsing: text).isLoopback == expected)
    }

    @Test(
        "a listener is an address and port, or a unix socket",
        arguments: [
            ("127.0.0.1:28820", "127.0.0.1:28820"), ("[::]:80", "[::]:80"), ("*:80", "[::]:80"), (":80", "[::]:80"),
            ("localhost:0", "localhost:0"), ("[0:0::1]:80", "[::1]:80"), ("unix:/run/a", "unix:/run/a"),
            ("127.0.0.1", "has no port; write \"127.0.0.1:8080\""),
            ("[::1]", "has no port; write \"127.0.0.1:8080\""),
            ("127.0.0.1:70000", "has a port outside 0…65535"),
            ("127.0.0.1:", "has a port outside 0…65535"),
            ("127.0.0.1:+5", "has a port outside 0…65535"),
            (
                "example.org:80",
                "holds no address; write \"127.0.0.1:8080\", \"[::1]:8080\" or \"*:8080\""
            ),
            ("::1:80", "holds no address; write \"127.0.0.1:8080\", \"[::1]:8080\" or \"*:8080\""),
            ("unix:", "has no absolute path; write \"unix:/run/app.sock\""),
        ]
    )
    func listeners(text: String, expected: String) {
        #expect(outcome { () throws(InvalidValue) in try ListenAddress(parsing: text) } == expected)
    }

    @Test(
        "a host is a full name in letters, digits and hyphens, returned in lower case",
        arguments: [
            ("Blog.28820.COM", "blog.28820.com"), ("a-b.c", "a-b.c"),
            ("blog", "is not a full host name; write \"blog.28820.com\" or the like"),
            ("https://a.b/", "is no host name; write the name alone, without scheme, port and path"),
            ("a.b:80", "is no host name; write the name alone, without scheme, port and path"),
            ("bücher.example", "is no host name; write its ASCII form, \"xn--…\""),
            ("a_b.c", "is no host name; use letters, digits and '-' between dots"),
            ("-a.b", "is no host name; use letters, digits and '-' between dots"),
            ("a-.b", "is no host name; use letters, digits and '-' between dots"),
            ("a.b.", "is no host name; use letters, digits and '-' between dots"),
            ("", "is no host name; use letters, digits and '-' between dots"),
            (String(repeating: "a", count: 64) + ".b", "is no host name; use letters, digits and '-' between dots"),
        ]
    )
    func hosts(text: String, expected: String) {
        #expect(outcome { () throws(InvalidValue) in try HostSyntax.fullName(text) } == expected)
    }
}

@Suite("Addresses")
struct AddressTests {
    @Test(
        "an address is read and printed in one form",
        arguments: [
            ("10.0.0.5", "10.0.0.5"), ("2001:DB8:0:0::1", "2001:db8::1"), ("::ffff:10.0.0.5", "10.0.0.5"),
        ]
    )
    func readsAddresses(text: String, expected: String) {
        #expect(IPAddress(text)?.description == expected)
    }

    @Test(
        "other texts are no addresses",
        arguments: ["", "10.0.0", "010.0.0.1", "1.2.3.4\0x", "[::1]", "fe80::1%eth0", "::g"])
    func refusesOtherTexts(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(
        "a network holds the addresses that share its prefix",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false),
            ("192.168.4.0/22", "192.168.7.255", true), ("192.168.4.0/22", "192.168.8.0", false),
            ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "::1", false), ("::1", "::1", true), ("::1", "::2", false),
            ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false),
            ("10.0.0.0/8", "::ffff:10.1.1.1", true),
        ]
    )
    func contains(range: String, address: String, expected: Bool) throws {
        #expect(try AddressRange(parsing: range).contains(#require(IPAddress(address))) == expected)
    }

    @Test(
        "a range that is none says why",
        arguments: [
            ("10.0.0.1/8", "names an address inside its network; write \"10.0.0.0/8\""),
            ("10.0.0.0/33", "has a prefix length outside 0…32"),
            ("::/-1", "has a prefix length outside 0…128"),
            ("10.0.0.0/", "has a prefix length outside 0…32"),
            ("example.org", "is no address or network; write \"10.0.0.0/8\" or \"::1\""),
        ]
    )
    func refusesRanges(text: String, reason: String) {
        #expect(AddressRange(text) == nil)
        #expect(outcome { () throws(InvalidValue) in try AddressRange(parsing: text) } == reason)
    }
}
