/* How a transfer ended: libcurl's word for it, and what that means to a caller. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

static bool proxy_refused(const fpw_transfer *t) {
    long status = 0;
    curl_easy_getinfo(t->easy, CURLINFO_HTTP_CONNECTCODE, &status);
    return t->issued == 0 && status >= 300;
}

/* libcurl counts its repetitions over a handle's life: what would be the sixth is a failure to send. */
static bool met_closed_connection(const fpw_transfer *t) {
    long opened = 0, head_size = 0;
    curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &opened);
    curl_easy_getinfo(t->easy, CURLINFO_HEADER_SIZE, &head_size);
    return t->issued > 0 && opened == 0 && head_size == 0;
}

static int result_of(const fpw_transfer *t, CURLcode code) {
    if (t->malformed) return FPW_MALFORMED;
    if (proxy_refused(t)) return FPW_PROXY;
    /* libcurl's words for a header line above its limit, and for a first one that would go on with another. */
    bool is_odd_line = code == CURLE_OUT_OF_MEMORY || code == CURLE_BAD_FUNCTION_ARGUMENT;
    if (is_odd_line && t->issued > 0 && !t->head_complete) return FPW_MALFORMED;
    switch (code) {
    case CURLE_OK: return FPW_OK;
    case CURLE_COULDNT_RESOLVE_HOST: return FPW_RESOLVE;
    case CURLE_COULDNT_CONNECT: return FPW_CONNECT;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY: return FPW_PROXY;
    case CURLE_OPERATION_TIMEDOUT: return FPW_TIMEOUT;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR: return FPW_TLS;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL: return FPW_MALFORMED;
    case CURLE_WRITE_ERROR: return FPW_SINK;
    case CURLE_SEND_FAIL_REWIND: return FPW_UNANSWERED;
    case CURLE_ABORTED_BY_CALLBACK: return t->issued > 1 ? FPW_UNANSWERED : FPW_SOURCE;
    case CURLE_SEND_ERROR: return met_closed_connection(t) ? FPW_UNANSWERED : FPW_BROKEN;
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: return FPW_BROKEN;
    case CURLE_OUT_OF_MEMORY: return FPW_RESOURCES;
    default: return FPW_OTHER;
    }
}

/* libcurl only says that it could not connect; whether the peer refused or no route leads there is the system's to tell. */
static void add_system_error(fpw_transfer *t) {
    long number = 0;
    curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &number);
    size_t used = strlen(t->error);
    if (number) snprintf(t->error + used, sizeof t->error - used, " (%s)", strerror((int)number));
}

/* libcurl reports a missing descriptor as whatever it needed it for: no address, no connection. */
static bool lacks_descriptors(const fpw_transfer *t) {
    long number = 0;
    if (t->issued > 0) return false;
    curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &number);
    if (number == EMFILE || number == ENFILE) return true;
    int one = dup(t->loop->wakeup);
    if (one >= 0) close(one);
    return one < 0 || fpw_is_reserved(one);
}

int fpw_transfer_outcome(fpw_transfer *t, CURLcode code) {
    int result = result_of(t, code);
    if (result != FPW_OK && lacks_descriptors(t)) {
        result = FPW_RESOURCES;
        snprintf(t->error, sizeof t->error, "out of file descriptors");
    }
    /* The answer is whole, whatever became of the rest of the request. */
    if (t->head_complete && t->received == t->content_length) result = FPW_OK;
    /* libcurl takes a connection's end within the head for the head's end. */
    if (result == FPW_OK && !t->head_complete) {
        result = FPW_BROKEN;
        snprintf(t->error, sizeof t->error, "the connection ended within the answer's head");
    }
    if (result != FPW_OK && !t->error[0]) snprintf(t->error, sizeof t->error, "%s", curl_easy_strerror(code));
    if (result == FPW_CONNECT) add_system_error(t);
    return result;
}
