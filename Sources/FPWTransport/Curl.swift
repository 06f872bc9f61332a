import CFPWCurl

/// The libcurl behind the transfers.
package enum Curl {
    /// Prepares libcurl; once, before the first event loop. False where it cannot start.
    package static func initialize() -> Bool { fpw_global_init() }

    /// What libcurl calls itself and its parts: `libcurl/7.88.1 OpenSSL/3.0.15 …`.
    package static var version: String { unsafe String(cString: fpw_curl_version()) }
}
