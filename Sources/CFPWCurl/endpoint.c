/* What of an endpoint holds for all of its transfers: where it is, and whom to trust. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <unistd.h>

#include "internal.h"

enum { CA_CACHE_S = 600 }; /* a file that was replaced counts after this */

/* libcurl itself would look in each exchange. */
static bool environment_names_proxy(void) {
    static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (getenv(names[i])) return true;
    return false;
}

/* What certificates must lead to is one file, the system's where none is given. libcurl keeps what it has read from it for
 * all connections of a loop, but only where it has no folder of certificates besides: that one would be trusted beside the
 * endpoint's own file too. */
static bool trust(CURL *easy, const char *file) {
    const char *systems = curl_version_info(CURLVERSION_NOW)->cainfo;
    if (!file && (!systems || access(systems, R_OK) != 0)) return true;
    return (!file || curl_easy_setopt(easy, CURLOPT_CAINFO, file) == CURLE_OK)
        && curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK
        && curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, (long)CA_CACHE_S) == CURLE_OK;
}

bool fpw_endpoint_set(const fpw_endpoint *e, CURL *easy, CURLU *url) {
    bool good = curl_url_set(url, CURLUPART_URL, e->url, CURLU_PATH_AS_IS) == CURLUE_OK;
#define SET(option, value) good = good && curl_easy_setopt(easy, option, value) == CURLE_OK
    SET(CURLOPT_CURLU, url); /* a text would be parsed, and written again, in each exchange */
    SET(CURLOPT_UNIX_SOCKET_PATH, e->unix_socket);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PATH_AS_IS, 1L);
    SET(CURLOPT_CONNECTTIMEOUT_MS, e->connect_timeout_ms);
    SET(CURLOPT_HTTP_VERSION, (long)(e->http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
    SET(CURLOPT_PIPEWAIT, (long)e->http2);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, (long)e->verify_tls);
    SET(CURLOPT_SSL_VERIFYHOST, e->verify_tls ? 2L : 0L);
    good = good && trust(easy, e->ca_file);
    const char *proxy = e->proxy || environment_names_proxy() ? e->proxy : "";
    if (proxy) SET(CURLOPT_PROXY, proxy);
    if (proxy && !*proxy) SET(CURLOPT_NOPROXY, "");
    if (e->max_age_s > 0) SET(CURLOPT_MAXAGE_CONN, e->max_age_s);
#undef SET
    return good;
}
