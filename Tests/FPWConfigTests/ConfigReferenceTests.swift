import Testing

@testable import FPWConfig

@Suite("The reference of keys")
struct ConfigReferenceTests {
    @Test("it tells of each key what may be written, the default and the meaning")
    func describesKeys() {
        let daemon = ConfigReference.daemon
        #expect(
            daemon.hasPrefix(
                """
                ### `[daemon]`

                What concerns the daemon as a whole.

                | Key | Value | Default | Meaning |
                |---|---|---|---|
                | `log_level` | one of "trace", "debug", "info", "notice", "warning", "error", "critical" | `"info"` | \
                The least severe messages that are logged. |

                """
            )
        )
        #expect(daemon.contains("| `host` | a full host name | must be written | The public host name, in full. |\n"))
        #expect(daemon.contains("| `relay` | an https:// or http:// URL | `https://<host>/` | The relay's URL. |\n"))
    }

    @Test("every key of every table is in it")
    func isComplete() {
        let daemon = TableSchema.daemon.keys.map(\.name) + TableSchema.tunnel.keys.map(\.name)
        let relay = TableSchema.relay.keys.map(\.name) + TableSchema.host.keys.map(\.name)
        #expect(daemon.filter { !ConfigReference.daemon.contains("\n| `\($0)` | ") } == [])
        #expect(relay.filter { !ConfigReference.relay.contains("\n| `\($0)` | ") } == [])
    }
}
