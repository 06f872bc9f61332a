/* What libcurl is told of one request: its header list, its method and its body. */
#include <string.h>

#include "internal.h"

/* A body that is whole and no longer than this leaves in one piece with the head: what a callback gives, libcurl sends
 * only after the head. Any socket takes so much at once, so that "sent" is true. */
enum { SENT_WITH_HEAD = 16384 };

/* Copies the header lines, and behind them the target as a string. */
static bool copy_text(fpw_transfer *t, const fpw_request *request) {
    size_t length = request->headers_length;
    if (!fpw_reserve((void **)&t->lines, &t->lines_capacity, length + request->target_length + 1, 1)) return false;
    if (length) memcpy(t->lines, request->headers, length);
    if (request->target) memcpy(t->lines + length, request->target, request->target_length);
    t->lines[length + request->target_length] = 0;
    return true;
}

/* Builds libcurl's header list over the copied lines, without an allocation per header. */
static bool set_headers(fpw_transfer *t, const fpw_request *request) {
    /* "Name:" takes out what libcurl would add by itself; it adds the latter two to what has a body. */
    static char no_accept[] = "Accept:", no_type[] = "Content-Type:", no_expect[] = "Expect:";
    static char chunked[] = "Transfer-Encoding: chunked";
    bool has_accept = false, has_type = false;
    size_t count = request->header_count + 4, length = request->headers_length;
    if (!fpw_reserve((void **)&t->nodes, &t->nodes_capacity, count, sizeof *t->nodes)) return false;
    size_t used = 0;
    for (char *line = t->lines; line < t->lines + length; line += strlen(line) + 1) {
        has_accept = has_accept || strncasecmp(line, "accept:", 7) == 0 || strncasecmp(line, "accept;", 7) == 0;
        has_type = has_type || strncasecmp(line, "content-type:", 13) == 0 ||
                   strncasecmp(line, "content-type;", 13) == 0;
        t->nodes[used++].data = line;
    }
    if (!has_accept) t->nodes[used++].data = no_accept;
    if (!has_type && (request->source || request->sends_length)) t->nodes[used++].data = no_type;
    if (request->source) t->nodes[used++].data = no_expect;
    if (request->source && request->source_length < 0) t->nodes[used++].data = chunked;
    for (size_t i = 0; i < used; i++) t->nodes[i].next = i + 1 < used ? &t->nodes[i + 1] : NULL;
    return curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->nodes) == CURLE_OK;
}

/* The body to be sent with the head; NULL: it is read as it comes, or there is none. */
static const uint8_t *body_with_head(const fpw_request *request) {
    if (!request->source) return request->sends_length ? (const uint8_t *)"" : NULL;
    size_t count = 0;
    const uint8_t *bytes = fpw_body_unread_whole(request->source, &count);
    bool fits = 0 < count && count <= SENT_WITH_HEAD && (int64_t)count == request->source_length;
    return fits ? bytes : NULL;
}

static bool set_post(fpw_transfer *t, const fpw_request *request) {
    const uint8_t *bytes = body_with_head(request);
    curl_off_t length = request->source ? request->source_length : 0;
    t->sends_body_with_head = request->source && bytes;
    return curl_easy_setopt(t->easy, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, length) == CURLE_OK &&
           /* a copy: the body may get a new use before libcurl is done with it */
           curl_easy_setopt(t->easy, bytes ? CURLOPT_COPYPOSTFIELDS : CURLOPT_POSTFIELDS, bytes) == CURLE_OK;
}

static bool set_method(fpw_transfer *t, const fpw_request *request) {
    const char *plain;
    bool good = curl_easy_setopt(t->easy, CURLOPT_HTTPGET, 1L) == CURLE_OK;
    t->sends_body_with_head = false;
    if (request->source || request->sends_length) {
        plain = "POST";
        good = good && set_post(t, request);
    } else if (strcmp(request->method, "HEAD") == 0) {
        plain = "HEAD";
        good = good && curl_easy_setopt(t->easy, CURLOPT_NOBODY, 1L) == CURLE_OK;
    } else {
        plain = "GET";
    }
    const char *custom = strcmp(request->method, plain) == 0 ? NULL : request->method;
    return good && curl_easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, custom) == CURLE_OK;
}

bool fpw_request_set(fpw_transfer *t, const fpw_request *request) {
    if (!copy_text(t, request)) return false;
    const char *target = request->target ? t->lines + request->headers_length : NULL;
    return set_headers(t, request) && set_method(t, request) &&
           curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, (long)request->fresh) == CURLE_OK &&
           curl_easy_setopt(t->easy, CURLOPT_REQUEST_TARGET, target) == CURLE_OK;
}
