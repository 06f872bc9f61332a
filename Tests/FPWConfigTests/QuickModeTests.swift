import FPWProtocol
import Testing

@testable import FPWConfig

@Suite("Quick mode")
struct QuickModeTests {
    private func said(
        _ upstream: String?, host: String? = nil, _ environment: [String: String] = [:], serving: String = "a.28820.com"
    ) -> [String] {
        do throws(ConfigErrors) {
            let quick = try QuickMode(upstream: upstream, host: host, environment: environment)
            _ = try quick.config(host: quick.host ?? serving)
            return []
        } catch {
            return error.diagnostics.map(\.description)
        }
    }

    @Test("a port is all that it needs")
    func needsAPort() throws {
        let quick = try QuickMode(upstream: "3000", host: nil, environment: [:])
        #expect(quick.host == nil)
        #expect(quick.stateKey == "*.28820.com http://127.0.0.1:3000")
        var expected = DaemonConfig()
        expected.daemon.inspector = true
        expected.tunnels = [
            TunnelConfig(
                name: "quick", host: "x.28820.com", token: FPWDefaults.publicToken, tokenSource: .publicDefault,
                upstream: UpstreamAddress(.http(host: "127.0.0.1", port: 3000)),
                relay: RelayURL(defaultFor: "x.28820.com")
            )
        ]
        #expect(try quick.config(host: "x.28820.com") == expected)
    }

    @Test("the environment says the same as the command line, which goes first")
    func readsTheEnvironment() throws {
        let environment = [
            "FPW_HOST": "Blog.example.org", "FPW_TOKEN": "s3cret", "FPW_UPSTREAM": "unix:/run/a.sock",
            "FPW_RELAY": "http://127.0.0.1:28820",
        ]
        let quick = try QuickMode(upstream: nil, host: nil, environment: environment)
        #expect(quick.host == "blog.example.org")
        #expect(quick.stateKey == "http://127.0.0.1:28820/ unix:/run/a.sock")
        let tunnel = try #require(quick.config(host: "blog.example.org").tunnels.first)
        #expect(tunnel.token == Token("s3cret"))
        #expect(tunnel.tokenSource == .environment)
        #expect(
            tunnel.relay == RelayURL(text: "http://127.0.0.1:28820/", isHTTPS: false, host: "127.0.0.1", port: 28820))
        let other = try QuickMode(upstream: "3000", host: "me", environment: environment)
        #expect(other.host == "me.28820.com")
        #expect(other.upstream == UpstreamAddress(.http(host: "127.0.0.1", port: 3000)))
    }

    @Test("everything that is wrong is said, by its argument or variable")
    func saysAllErrors() {
        let environment = ["FPW_TOKEN": "a b", "FPW_RELAY": "http://relay.example.org", "FPW_HOST": "ignored!"]
        #expect(
            said("localhost:x", host: "a_b", environment) == [
                "UPSTREAM: \"localhost:x\" has a port outside 1…65535",
                "--host: \"a_b\" is no host name; use letters, digits and '-' between dots",
                "FPW_RELAY: \"http://relay.example.org\" would send the token in clear text; write https://, "
                    + "or use a file with allow_plain_relay = true",
                "FPW_TOKEN: must have 1…256 visible ASCII characters and no blanks",
            ]
        )
        #expect(said(nil, ["FPW_UPSTREAM": ""]) == ["UPSTREAM: is missing; write what to show, for example: fpwd 3000"])
        #expect(
            said(nil, ["FPW_UPSTREAM": "9882"])
                == ["FPW_UPSTREAM: http://127.0.0.1:9882 is this program's own admin listener"]
        )
    }

    @Test("the published token is sent to the public platform only")
    func limitsThePublishedToken() {
        let remedy = "set it to that relay's token (the published one is for *.28820.com only)"
        #expect(
            said("3000", ["FPW_RELAY": "https://r.example.org/"])
                == ["FPW_TOKEN: is missing for https://r.example.org/; \(remedy)"]
        )
        #expect(said("3000", host: "a.example.org") == ["FPW_TOKEN: is missing for https://a.example.org/; \(remedy)"])
        #expect(
            said("3000", host: "a.example.org", ["FPW_TOKEN": "21a018194adc44e7"])
                == ["FPW_TOKEN: is the published token, which https://a.example.org/ must not be sent; \(remedy)"]
        )
        #expect(said("3000", ["FPW_TOKEN": "21a018194adc44e7"]) == [])
    }
}

@Suite("Random names")
struct RandomNameTests {
    @Test("every list has at least 256 different short words of plain letters", arguments: RandomName.lists)
    func hasGoodLists(list: [String]) {
        #expect(list.count >= 256)
        #expect(Set(list).count == list.count)
        #expect(list.filter { !(3...11).contains($0.count) || !$0.allSatisfy { ("a"..."z").contains($0) } } == [])
    }

    @Test("a name is a word of each list in turn, the same for the same chance")
    func drawsWords() {
        var generator = Counting()
        let name = RandomName.draw(using: &generator)
        let words = name.split(separator: "-").map(String.init)
        #expect(words.count == 5)
        #expect(zip(words, RandomName.lists).allSatisfy { $1.contains($0) })
        var again = Counting()
        #expect(QuickMode.drawHost(using: &again) == "\(name).28820.com")
    }

    /// Chance that is no chance.
    private struct Counting: RandomNumberGenerator {
        var state: UInt64 = 0
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            return state
        }
    }
}
