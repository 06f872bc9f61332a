/* A transfer: one easy handle, used for one exchange after the other. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

enum {
    RECEIVE_BUFFER = 32768, /* every running transfer has one, parked polls too */
    TLS_RECORD = 16384,
};

/* ---- callbacks of libcurl ---- */

static int on_socket_created(void *user, curl_socket_t socket, curlsocktype purpose) {
    (void)purpose;
    fpw_transfer *t = user;
    if (!fpw_sockets_opened(&t->loop->sockets, socket)) return CURL_SOCKOPT_ERROR;
    t->opened = socket;
    if (t->detect_dead_peer) fpw_sockets_guard(&t->loop->sockets, socket);
    return CURL_SOCKOPT_OK;
}

/* Bytes of a body are on their way: a peer that reads none of them must not be taken for gone. */
static void body_leaves(fpw_transfer *t) {
    if (t->detect_dead_peer) fpw_loop_look_at_peers(t->loop);
}

static void sent_whole(fpw_transfer *t) {
    if (t->sent_at) return;
    t->sent_at = t->loop->now;
    if (t->source) fpw_body_let_go(t->source, t);
    t->source = NULL;
    fpw_loop_mark_ready(t, FPW_EVENT_SENT);
}

/* libcurl sends a request again by itself, POST too, when a used connection turns out to be closed. Whether a request
 * may be repeated is the caller's decision: the second try is refused. */
static int on_request(void *user, char *peer, char *local, int peer_port, int local_port) {
    (void)peer, (void)peer_port, (void)local_port;
    fpw_transfer *t = user;
    if (t->source_lost) return CURL_PREREQFUNC_ABORT;
    if (++t->issued > 1) return CURL_PREREQFUNC_ABORT;
    snprintf(t->local_address, sizeof t->local_address, "%s", local ? local : "");
    t->progress_at = t->loop->now;
    if (t->sends_body_with_head) {
        fpw_body_skip(t->source);
        body_leaves(t);
    }
    if (!t->source || t->source_length == 0 || t->sends_body_with_head) sent_whole(t);
    return CURL_PREREQFUNC_OK;
}

static size_t on_read(char *into, size_t size, size_t count, void *user) {
    fpw_transfer *t = user;
    if (t->source_lost) return CURL_READFUNC_ABORT;
    if (!t->source) return 0;
    size_t taken = 0;
    switch (fpw_body_take(t->source, into, size * count, &taken)) {
    case FPW_READ_BYTES:
        t->progress_at = t->loop->now;
        t->sent += (int64_t)taken;
        body_leaves(t);
        if (t->source_length >= 0 && t->sent >= t->source_length) sent_whole(t);
        return taken;
    case FPW_READ_WAIT:
        t->paused_read = true;
        return CURL_READFUNC_PAUSE;
    case FPW_READ_END:
        if (t->source_length >= 0 && t->sent != t->source_length) return CURL_READFUNC_ABORT;
        sent_whole(t);
        return 0;
    case FPW_READ_FAILED:
        return CURL_READFUNC_ABORT;
    }
    return CURL_READFUNC_ABORT;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *user) {
    fpw_transfer *t = user;
    size_t length = size * count;
    if (!t->sink) return length;
    /* Paused before libcurl has told of its socket, the connection would look idle: the little that has come is taken. */
    if (t->is_watched && !fpw_body_has_room(t->sink)) {
        t->paused_write = true;
        fpw_body_wait_for_room(t->sink);
        return CURL_WRITEFUNC_PAUSE;
    }
    if (!fpw_body_append(t->sink, bytes, length)) return 0;
    t->progress_at = t->loop->now;
    t->received += (int64_t)length;
    /* The last byte has come: the sink is whole even where the request's own body is still being sent. */
    if (t->received == t->content_length) fpw_body_finish(t->sink, false);
    fpw_loop_mark_ready(t, FPW_EVENT_DATA);
    return length;
}

/* ---- life ---- */

static bool set_up(fpw_transfer *t) {
    bool good = true;
#define SET(option, value) good = good && curl_easy_setopt(t->easy, option, value) == CURLE_OK
    SET(CURLOPT_PRIVATE, (void *)t);
    SET(CURLOPT_ERRORBUFFER, t->error);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L); /* or removing a transfer waits for the resolver */
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_BUFFERSIZE, (long)RECEIVE_BUFFER);
    SET(CURLOPT_SOCKOPTFUNCTION, on_socket_created);
    SET(CURLOPT_SOCKOPTDATA, t);
    SET(CURLOPT_OPENSOCKETFUNCTION, fpw_sockets_open);
    SET(CURLOPT_CLOSESOCKETFUNCTION, fpw_sockets_close);
    SET(CURLOPT_CLOSESOCKETDATA, &t->loop->sockets);
    SET(CURLOPT_PREREQFUNCTION, on_request);
    SET(CURLOPT_PREREQDATA, t);
    SET(CURLOPT_HEADERFUNCTION, fpw_transfer_on_header);
    SET(CURLOPT_HEADERDATA, t);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, t);
    SET(CURLOPT_READFUNCTION, on_read);
    SET(CURLOPT_READDATA, t);
#undef SET
    return good;
}

fpw_transfer *fpw_transfer_create(fpw_pool *pool, const fpw_endpoint *endpoint, void *context) {
    fpw_transfer *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    t->pool = pool;
    t->loop = pool->loop;
    t->context = context;
    t->heads_linger = curl_version_info(CURLVERSION_NOW)->version_num < 0x080101;
    t->detect_dead_peer = endpoint->detect_dead_peer;
    t->easy = curl_easy_init();
    t->url = curl_url();
    if (!t->easy || !t->url || !set_up(t) || !fpw_endpoint_set(endpoint, t->easy, t->url)) {
        fpw_transfer_destroy(t);
        return NULL;
    }
    return t;
}

void fpw_transfer_set_context(fpw_transfer *t, void *context) { t->context = context; }

void fpw_transfer_destroy(fpw_transfer *t) {
    fpw_transfer_cancel(t);
    if (t->easy) curl_easy_cleanup(t->easy);
    curl_url_cleanup(t->url);
    free(t->lines);
    free(t->nodes);
    free(t->head);
    free(t->fields);
    free(t);
}

static void let_go_of_bodies(fpw_transfer *t) {
    if (t->source) fpw_body_let_go(t->source, t);
    if (t->sink) fpw_body_let_go(t->sink, t);
    t->source = t->sink = NULL;
}

/* libcurl before 8.1.1 (Debian 12's is 7.88) keeps a pointer to the last header line of an answer beyond the request: another
 * answer that begins with a folded line would have it written to freed memory (curl issue 11101). */
static bool keeps_dead_header(const fpw_transfer *t) { return t->status && t->heads_linger; }

/* libcurl 8.7 and newer (Debian 13's is 8.14) wants to rewind a body before it repeats a request. Where it cannot, it fails the
 * transfer, and for ever wants to before the next one: nothing but another handle has forgotten it. */
static bool renew_easy(fpw_transfer *t) {
    if (!t->is_spoilt) return true;
    CURL *another = curl_easy_duphandle(t->easy);
    if (!another) return false;
    curl_easy_cleanup(t->easy);
    t->easy = another;
    t->is_spoilt = false;
    return true;
}

bool fpw_transfer_start(fpw_transfer *t, const fpw_request *request) {
    t->error[0] = 0;
    t->head_length = t->field_count = 0;
    t->status = 0;
    t->expects_status = true;
    t->head_complete = t->malformed = t->paused_read = t->paused_write = false;
    t->content_length = -1;
    t->received = t->sent = 0;
    t->result = FPW_OK;
    t->issued = 0;
    t->opened = -1;
    t->is_watched = false;
    t->local_address[0] = 0;
    t->sent_at = t->head_at = t->unread_at = 0;
    t->progress_at = t->loop->now;
    t->events = 0;
    t->source_lost = false;
    t->source = request->source;
    t->sink = request->sink;
    t->source_length = request->source_length;
    if (t->source) fpw_body_set_consumer(t->source, t);
    if (t->sink) fpw_body_set_producer(t->sink, t);
    t->running = renew_easy(t) && fpw_request_set(t, request) && fpw_pool_add(t->pool, t);
    if (!t->running) {
        let_go_of_bodies(t);
        t->result = FPW_RESOURCES;
        snprintf(t->error, sizeof t->error, "libcurl did not take the request");
    }
    return t->running;
}

void fpw_transfer_cancel(fpw_transfer *t) {
    fpw_loop_forget(t);
    if (t->running) fpw_pool_remove(t->pool, t);
    t->is_spoilt = t->is_spoilt || keeps_dead_header(t);
    t->running = false;
    let_go_of_bodies(t);
}

bool fpw_transfer_is_running(const fpw_transfer *t) { return t->running; }

/* The body goes to a new use: what is left of this request's cannot be sent any more. */
void fpw_transfer_lose_source(fpw_transfer *t) {
    fpw_body_let_go(t->source, t);
    t->source = NULL;
    t->source_lost = true;
    t->paused_read = false;
    fpw_loop_mark_resume(t);
}

static void end(fpw_transfer *t, CURLcode code) {
    fpw_pool_remove(t->pool, t);
    fpw_transfer_ended(t, code);
}

/* Called by the loop, outside of libcurl's callbacks, after a body has room or bytes again, or has failed. */
void fpw_transfer_resume(fpw_transfer *t) {
    if (!t->running) return;
    /* libcurl would ask for bytes, and learn that there are none, only when the peer takes some. */
    if (t->source_lost || (t->source && fpw_body_has_failed(t->source))) return end(t, CURLE_ABORTED_BY_CALLBACK);
    int pause = (t->paused_read ? CURLPAUSE_SEND : 0) | (t->paused_write ? CURLPAUSE_RECV : 0);
    CURLcode code = curl_easy_pause(t->easy, pause);
    if (code == CURLE_OK || code == CURLE_BAD_FUNCTION_ARGUMENT) return; /* the latter: it has no connection now */
    end(t, code); /* What was held back met an error: libcurl leaves it to us to end the transfer. */
}

static bool has_own_connection(const fpw_transfer *t) {
    long version = fpw_transfer_http_version(t);
    return version == 10 || version == 11;
}

bool fpw_transfer_leaves_idle(const fpw_transfer *t) { return !t->paused_write && has_own_connection(t); }

bool fpw_transfer_is_paused_alone(const fpw_transfer *t) {
    return t->running && t->paused_write && has_own_connection(t);
}

/* An answer that has come whole may wait for its reader as long as that takes. libcurl holds what it had read when it was
 * paused, OpenSSL the rest of a record. */
void fpw_transfer_cut_off(fpw_transfer *t, size_t unread) {
    int64_t most = t->received + RECEIVE_BUFFER + TLS_RECORD + (int64_t)unread;
    if (fpw_transfer_is_paused_alone(t) && most < t->content_length) end(t, CURLE_RECV_ERROR);
}

void fpw_transfer_ended(fpw_transfer *t, CURLcode code) {
    t->running = false;
    /* The whole exchange went too fast for libcurl to wait for anything. */
    if (code == CURLE_OK && !t->is_watched && t->opened >= 0) fpw_sockets_rest(&t->loop->sockets, t->opened);
    t->is_spoilt = code == CURLE_SEND_FAIL_REWIND || keeps_dead_header(t);
    t->result = fpw_transfer_outcome(t, code);
    if (t->sink) fpw_body_finish(t->sink, t->result != FPW_OK);
    let_go_of_bodies(t);
    fpw_loop_mark_ready(t, FPW_EVENT_DONE);
}

int fpw_transfer_result(const fpw_transfer *t) { return t->result; }
const char *fpw_transfer_error(const fpw_transfer *t) { return t->error; }
bool fpw_transfer_was_issued(const fpw_transfer *t) { return t->issued > 0; }
const char *fpw_transfer_local_address(const fpw_transfer *t) { return t->local_address; }
int64_t fpw_transfer_sent_at(const fpw_transfer *t) { return t->sent_at; }

int64_t fpw_transfer_unread_at(fpw_transfer *t) {
    bool is_waiting = t->running && t->is_watched && !t->head_complete;
    if (is_waiting && fpw_sockets_is_unread(&t->loop->sockets, t->watched)) t->unread_at = t->loop->unread_at;
    return t->unread_at;
}

int64_t fpw_transfer_head_at(const fpw_transfer *t) { return t->head_at; }
int64_t fpw_transfer_progress_at(const fpw_transfer *t) { return t->progress_at; }
int64_t fpw_transfer_received(const fpw_transfer *t) { return t->received; }

long fpw_transfer_http_version(const fpw_transfer *t) {
    long version = CURL_HTTP_VERSION_NONE;
    curl_easy_getinfo(t->easy, CURLINFO_HTTP_VERSION, &version);
    switch (version) {
    case CURL_HTTP_VERSION_1_0: return 10;
    case CURL_HTTP_VERSION_1_1: return 11;
    case CURL_HTTP_VERSION_2_0: return 20;
    default: return 0;
    }
}
