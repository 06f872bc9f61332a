import Testing

@testable import FPWConfig

@Suite("The effective configuration")
struct EffectiveTextTests {
    private let text = """
        [daemon]
        log_level = "debug"

        [tunnel.blog]
        host = "Blog.28820.com"
        token = "s3cret"
        upstream = "http://127.0.0.1:8080/"
        proxy = "http://user:pass@10.0.0.1:3128"
        workers = 60
        upstream_timeout = "60000ms"
        """

    @Test("it shows every setting with its origin, and no secret")
    func showsEverything() throws {
        let loaded = try DaemonConfig.load(text: text, file: "/etc/fpw.conf")
        #expect(
            loaded.effectiveText == """
                [daemon]
                log_level = "debug"              # /etc/fpw.conf:2
                log_format = "text"              # default
                access_log = "stderr"            # default
                access_format = "combined"       # default
                log_query = false                # default
                log_address = "full"             # default
                admin_listen = "127.0.0.1:9882"  # default
                drain_timeout = "30s"            # default
                loops = 0                        # default
                reply_memory = "16MiB"           # default
                inspector = false                # default

                [tunnel.blog]
                host = "blog.28820.com"                           # /etc/fpw.conf:5
                token = "<redacted>"                              # /etc/fpw.conf:6
                upstream = "http://127.0.0.1:8080"                # /etc/fpw.conf:7
                relay = "https://blog.28820.com/"                 # default
                workers = 60                                      # /etc/fpw.conf:9
                max_workers = 60                                  # default
                # allow: everyone                                 # default
                # deny: nobody                                    # default
                # methods: all                                    # default
                # paths: all                                      # default
                # basic_auth_file: none                           # default
                # rate_limit: none                                # default
                host_header = "keep"                              # default
                # public_scheme: what the relay says, or its URL  # default
                # upstream_ca_file: the system's certificates     # default
                upstream_verify = true                            # default
                # fallback: none                                  # default
                # health_path: no check                           # default
                health_interval = "10s"                           # default
                # when_down: it is only shown                     # default
                connect_timeout = "5s"                            # default
                upstream_timeout = "1m"                           # /etc/fpw.conf:10
                poll_timeout = "200s"                             # default
                idle_timeout = "5m"                               # default
                max_body = 0                                      # default
                reply_buffer = "1MiB"                             # default
                spool_max = "256MiB"                              # default
                # ca_file: the system's certificates              # default
                proxy = "http://<redacted>@10.0.0.1:3128"         # /etc/fpw.conf:8
                http2 = false                                     # default
                allow_plain_relay = false                         # default

                """
        )
    }

    @Test("a token's file is shown, its token not")
    func showsTokenFiles() throws {
        let text = "[host.a]\ntoken_file = \"/t\"\n[host.b]\ntokens = [\"c\", \"d\"]\n"
        let loaded = try RelayConfig.load(text: text, file: "r.conf", files: MemoryFiles(["/t": ("s3cret", 0o600)]))
        #expect(
            loaded.effectiveText.hasSuffix(
                """

                [host.a]
                token_file = "/t"             # r.conf:2
                # max_slots: that of [relay]  # default

                [host.b]
                tokens = ["<redacted>", "<redacted>"]  # r.conf:4
                # max_slots: that of [relay]           # default

                """
            )
        )
    }

    @Test("it is a configuration itself, of the same meaning")
    func isAConfiguration() throws {
        let text = self.text
            .replacing("token = \"s3cret\"", with: "token_file = \"/t\"")
            .replacing("user:pass@", with: "")
        let files = MemoryFiles(["/t": ("s3cret", 0o600)])
        let first = try DaemonConfig.load(text: text, file: "a", files: files)
        let second = try DaemonConfig.load(text: first.effectiveText, file: "b", files: files)
        #expect(second.config == first.config)
    }
}
