import FPWConfig

@testable import FPWRelay

/// A certificate of the tests' own, for relay.test, from 2020 to 2119.
enum TestIdentity {
    static let certificate = file(
        "/relay.pem",
        """
        -----BEGIN CERTIFICATE-----
        MIIBpjCCAUygAwIBAgIURdAuf7+GuFMuxKalPdd/Ol7NEk0wCgYIKoZIzj0EAwIw
        FTETMBEGA1UEAwwKcmVsYXkudGVzdDAgFw0yMDAxMDEwMDAwMDBaGA8yMTE5MTIw
        ODAwMDAwMFowFTETMBEGA1UEAwwKcmVsYXkudGVzdDBZMBMGByqGSM49AgEGCCqG
        SM49AwEHA0IABCwXtupfXwRh1LMGfiVjlaww3aPJvnVs3UNKmmwT3GjYat9hOwbj
        McyCrramOjoU1N682L1dNm/+1hzIVt514W2jeDB2MB0GA1UdDgQWBBSDJ+N7RWVI
        nPCRZZhx/dw/137suzAfBgNVHSMEGDAWgBSDJ+N7RWVInPCRZZhx/dw/137suzAP
        BgNVHRMBAf8EBTADAQH/MCMGA1UdEQQcMBqCCnJlbGF5LnRlc3SCDCoucmVsYXku
        dGVzdDAKBggqhkjOPQQDAgNIADBFAiAxiga+lSevo/BVGZBVEUE9xc0NSXQPtIF3
        8LoAK6zScQIhAOd/UUuRqwT4BT8IW8wRNYpGXNZFPnY2YmnuhQkkU10k
        -----END CERTIFICATE-----
        """)

    /// The same for the 1950s: its times are before the epoch.
    static let ancientCertificate = file(
        "/ancient.pem",
        """
        -----BEGIN CERTIFICATE-----
        MIIBFzCBvaADAgECAgEBMAoGCCqGSM49BAMCMBUxEzARBgNVBAMMCnJlbGF5LnRl
        c3QwHhcNNTAwMTAxMDAwMDAwWhcNNTkxMjMxMDAwMDAwWjAVMRMwEQYDVQQDDApy
        ZWxheS50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAELBe26l9fBGHUswZ+
        JWOVrDDdo8m+dWzdQ0qabBPcaNhq32E7BuMxzIKutqY6OhTU3rzYvV02b/7WHMhW
        3nXhbTAKBggqhkjOPQQDAgNJADBGAiEA1GhuOShgxUUmIE/pk/Uy5TBIMupF17bF
        bE0iUEb7jusCIQDrfzSplDvdlXtfwG2DxpgBvqucdQSCYxI3sP+XG+GrfQ==
        -----END CERTIFICATE-----
        """)

    static let key = file(
        "/relay.key",
        """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgtEDGZ7OhjwXLTLOk
        8cVjSEArIupqVsLm8PZkpk6/a+qhRANCAAQsF7bqX18EYdSzBn4lY5WsMN2jyb51
        bN1DSppsE9xo2GrfYTsG4zHMgq62pjo6FNTevNi9XTZv/tYcyFbedeFt
        -----END PRIVATE KEY-----
        """)

    /// Of no certificate here.
    static let otherKey = file(
        "/other.key",
        """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgO3NXUVgSmHsA79zD
        /sDw6ttZZj49R1YETvEQB7Xh10yhRANCAATM5U4zQ8chEfxxASH/ikwG2D0VcgEj
        9ZuJMxnxuFxCte9VURDXHH5ygCgAnNNqQzxWmSs5ZINqyU38fArPP3e8
        -----END PRIVATE KEY-----
        """)

    static let lockedKey = file(
        "/locked.key",
        """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiNuIQJQpfNRQICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEENXb6bsIZ1PWIP9dWoHe+o0EgZB2
        0tMa6JeTMbvkaG/1JSHbdGzWIqw4w84jwln2d5y1EZgx0RIOz8xfVQ1nuyisB85E
        C2tyW6yuHOuy/QZczoCXJ6ZED+wEUetCJQnZ1bH1rmTPr9DnX2AnhBGhVLZJvqg8
        NS9dva1HmR3KDJG0M/eqTsWw5ol4Zhf/Kvy7UttE3vUJ560xZ9otvU2bmidBfdQ=
        -----END ENCRYPTED PRIVATE KEY-----
        """)

    static let nonsense = file("/nonsense", "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----")

    private static func file(_ path: String, _ text: String) -> PEMFile {
        PEMFile(path: path, bytes: Array(text.utf8))
    }
}
