/* CFPWCurl: what fpwd needs of libcurl's multi interface, in typed functions and without callbacks into the caller.
 *
 * Three things: a loop (epoll, and CURLMs as pools of connections), transfers (one HTTP exchange each, used again and
 * again) and bodies (the bytes between a transfer that produces them and one that consumes them).
 *
 * Threads: a loop and everything made for it belongs to one thread; only fpw_loop_wake may be called from any other.
 * Ownership: every _create has one _destroy, called by whoever created. A transfer only borrows its bodies: a body must
 * live until the transfers that use it have ended or were cancelled.
 * Nothing here calls back. fpw_loop_turn() runs libcurl and collects what happened; fpw_loop_next_ready() tells it.
 * Times are nanoseconds of CLOCK_MONOTONIC. */
#ifndef FPWCURL_H
#define FPWCURL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct fpw_loop fpw_loop;
typedef struct fpw_pool fpw_pool;
typedef struct fpw_transfer fpw_transfer;
typedef struct fpw_body fpw_body;

/* ---- loop ------------------------------------------------------------------------------------------------------- */

/* Prepares libcurl for the process; before the first loop, from one thread. False: libcurl could not start. */
bool fpw_global_init(void);
/* "libcurl/7.88.1 OpenSSL/3.0 …" */
const char *fpw_curl_version(void);

/* NULL with errno set where the system gives no descriptor or memory. */
fpw_loop *fpw_loop_create(void);
/* All transfers of the loop must have been destroyed. */
void fpw_loop_destroy(fpw_loop *loop);
/* Ends the wait of the current or the next turn; any thread. */
void fpw_loop_wake(fpw_loop *loop);
/* Waits at most `timeout` ns (< 0: without limit) for something to happen and lets libcurl work. Returns at once where
 * something is already ready. */
void fpw_loop_turn(fpw_loop *loop, int64_t timeout);

/* A pool of connections of the loop, for one user who has up to four of them open at once: a place in one that others use
 * too. NULL: out of memory. */
fpw_pool *fpw_pool_enter(fpw_loop *loop);
/* The user's transfers have been destroyed. */
void fpw_pool_leave(fpw_pool *pool);
int64_t fpw_now(void);
/* Unmaps the pages of the program and its libraries that are as in their files; the kernel maps them again where they are
 * touched. Any thread. */
void fpw_release_code(void);
/* Names the calling thread, for ps and gdb; 15 characters at most. */
void fpw_name_thread(const char *name);

enum {
    FPW_EVENT_HEAD = 1, /* the final answer's head is complete */
    FPW_EVENT_DATA = 2, /* bytes came into the sink */
    FPW_EVENT_SENT = 4, /* the request was sent whole */
    FPW_EVENT_DONE = 8, /* the transfer ended; see fpw_transfer_result */
};

/* Takes the next transfer that something happened to since it was last taken: its context, and what happened in
 * `events`. NULL: none. */
void *fpw_loop_next_ready(fpw_loop *loop, unsigned *events);

/* Has the loop look at one more descriptor; -1: no more. */
bool fpw_loop_watch(fpw_loop *loop, int descriptor);
/* Whether that was readable since it was last asked. */
bool fpw_loop_take_watched(fpw_loop *loop);

/* ---- the machine's network -------------------------------------------------------------------------------------- */

typedef struct fpw_network fpw_network;
/* NULL with errno set where the system gives no descriptor or does not know what is needed. */
fpw_network *fpw_network_create(void);
void fpw_network_destroy(fpw_network *network);
/* Readable when addresses or routes may have changed or the clock was set. */
int fpw_network_descriptor(const fpw_network *network);
/* Takes in what made it readable; whether a default route came, went or changed. */
bool fpw_network_read(fpw_network *network);
/* The machine's addresses, a line each; the caller frees it. NULL: not known. */
char *fpw_network_addresses(void);
/* Nanoseconds of CLOCK_BOOTTIME: like fpw_now, and the time that the machine slept. */
int64_t fpw_now_with_sleep(void);

/* ---- bodies ----------------------------------------------------------------------------------------------------- */

/* A budget of bytes that many bodies of any loop share for what they keep. */
typedef struct fpw_budget fpw_budget;
fpw_budget *fpw_budget_create(size_t limit);
void fpw_budget_destroy(fpw_budget *budget);
void fpw_budget_set_limit(fpw_budget *budget, size_t limit);
size_t fpw_budget_limit(const fpw_budget *budget);
size_t fpw_budget_used(const fpw_budget *budget);

/* A count of bytes that bodies of any loop add to while transfers read them; read from any thread. */
typedef struct fpw_tally fpw_tally;
fpw_tally *fpw_tally_create(void);
void fpw_tally_destroy(fpw_tally *tally);
uint64_t fpw_tally_total(const fpw_tally *tally);

/* `budget` and `tally` may be NULL and are borrowed. NULL: out of memory. */
fpw_body *fpw_body_create(fpw_budget *budget, fpw_tally *tally);
void fpw_body_destroy(fpw_body *body);
/* Empties the body for a new use. `window`: bytes that may wait unread before the producer is paused. `keep`: as long as
 * the whole body is no longer than this, what was read stays for fpw_body_rewind. `limit`: longer bodies fail (< 0: none). */
void fpw_body_reset(fpw_body *body, size_t window, size_t keep, int64_t limit);
/* From here on, what exceeds `keep` goes to the file `fd` (owned by the body, -1: none) instead of being passed through
 * the window, so that the length is known before the first byte is read. A body longer than `limit` fails. */
void fpw_body_spool_to(fpw_body *body, int fd, int64_t limit);
/* Appends regardless of the window. False: the limit was exceeded, the disk is full or memory is out; the body failed. */
bool fpw_body_append(fpw_body *body, const void *bytes, size_t count);
/* The producer is done; with `failed`, the consumer's transfer is broken off instead of ended. */
void fpw_body_finish(fpw_body *body, bool failed);
/* Reads for a caller that is no transfer. 0: nothing there at the moment. */
size_t fpw_body_read(fpw_body *body, void *into, size_t capacity);
/* Starts reading from the first byte again. False: it was not kept. */
bool fpw_body_rewind(fpw_body *body);
/* Gives up the kept copy, and with it the possibility to rewind. */
void fpw_body_forget(fpw_body *body);

/* From the next reset on, copies the first `limit` bytes of each use aside, for a reader beside the consumer; 0, as at
 * first: none. Their memory is charged to `budget`, which may be NULL and is borrowed; a copy that it or memory does not
 * suffice for is cut short. */
void fpw_body_capture_first(fpw_body *body, size_t limit, fpw_budget *budget);
/* The bytes copied since the last reset, and how many they are; valid until the next append or reset. */
const uint8_t *fpw_body_captured(const fpw_body *body, size_t *count);

bool fpw_body_is_finished(const fpw_body *body); /* the producer ended it whole */
bool fpw_body_has_failed(const fpw_body *body);
bool fpw_body_exceeded_limit(const fpw_body *body);
bool fpw_body_is_kept(const fpw_body *body);     /* fpw_body_rewind would succeed */
int64_t fpw_body_written(const fpw_body *body);  /* bytes that came in */
int64_t fpw_body_consumed(const fpw_body *body); /* the furthest byte that was read */

/* ---- transfers -------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *url;         /* absolute; its path is used where no target is set */
    const char *unix_socket; /* NULL: TCP */
    const char *ca_file;     /* NULL: the system's. Read again for a new connection when ten minutes have passed */
    const char *proxy;       /* NULL: from the environment, "": none */
    long connect_timeout_ms;
    long max_age_s;          /* do not reuse a connection that was idle for longer; 0: libcurl's default */
    bool verify_tls;
    bool http2;              /* where TLS offers it */
    bool detect_dead_peer;   /* within 25 s; one that only does not read is not taken for that (fpwpeer.h) */
} fpw_endpoint;

/* A transfer for one endpoint. Strings are copied. NULL: out of memory. `context` comes back from fpw_loop_next_ready. */
fpw_transfer *fpw_transfer_create(fpw_pool *pool, const fpw_endpoint *endpoint, void *context);
/* Replaces the context that was given at creation. */
void fpw_transfer_set_context(fpw_transfer *transfer, void *context);
/* Cancels it where it runs. */
void fpw_transfer_destroy(fpw_transfer *transfer);

typedef struct {
    const char *method;      /* NUL-terminated token */
    const char *target;      /* request target, sent byte for byte; NULL: the URL's path */
    size_t target_length;
    const char *headers;     /* items "name: value\0", or "name;\0" for an empty value; one after the other */
    size_t headers_length;
    size_t header_count;     /* items; one may hold several lines, with CRLF between them, but for the fields that
                              * libcurl looks for: host, accept and content-type stand alone */
    fpw_body *source;        /* the request's body; NULL: none */
    int64_t source_length;   /* < 0: not known, sent chunked (HTTP/2: without a length) */
    bool sends_length;       /* with no body: send "content-length: 0" */
    fpw_body *sink;          /* where the answer's body goes */
    bool fresh;              /* on a new connection */
} fpw_request;

/* Starts an exchange. The transfer must not be running. Everything in `request` but the bodies is copied.
 * False: libcurl refused it; fpw_transfer_result tells why. */
bool fpw_transfer_start(fpw_transfer *transfer, const fpw_request *request);
/* Ends it now, without an event; an unfinished answer's connection is closed, sink and source are let go of. */
void fpw_transfer_cancel(fpw_transfer *transfer);
bool fpw_transfer_is_running(const fpw_transfer *transfer);

/* The final answer's head: valid from FPW_EVENT_HEAD to the next start. */
bool fpw_transfer_has_head(const fpw_transfer *transfer);
int fpw_transfer_status(const fpw_transfer *transfer);
/* The lines of its fields, one behind the other without their ends; NULL where there are none. */
const char *fpw_transfer_head(const fpw_transfer *transfer, size_t *length);
/* Where a field's name and value begin and end in these lines. */
typedef struct {
    uint32_t name, name_end, value, value_end;
} fpw_field;
const fpw_field *fpw_transfer_fields(const fpw_transfer *transfer, size_t *count);
int64_t fpw_transfer_content_length(const fpw_transfer *transfer); /* < 0: none or not one number */

enum {
    FPW_OK = 0,
    FPW_RESOLVE,   /* the name could not be resolved */
    FPW_CONNECT,   /* no connection */
    FPW_TLS,       /* the handshake failed or the certificate is not trusted */
    FPW_PROXY,     /* the proxy refused */
    FPW_TIMEOUT,   /* connecting took too long */
    FPW_BROKEN,    /* the connection ended within the exchange */
    FPW_UNANSWERED,/* a used connection ended before the first byte of an answer; libcurl would have repeated it */
    FPW_MALFORMED, /* the answer is no HTTP, or its head is too large or folded */
    FPW_SOURCE,    /* the request's body failed */
    FPW_SINK,      /* the answer's body exceeded its limit or could not be stored */
    FPW_RESOURCES, /* out of memory or descriptors */
    FPW_OTHER,
};

/* Of a transfer that ended. */
int fpw_transfer_result(const fpw_transfer *transfer);
/* What libcurl says about it, for a log line; valid until the next start. */
const char *fpw_transfer_error(const fpw_transfer *transfer);

bool fpw_transfer_was_issued(const fpw_transfer *transfer); /* a connection was there and the request went out on it */
const char *fpw_transfer_local_address(const fpw_transfer *transfer); /* this end of the connection; "": none yet */
int64_t fpw_transfer_sent_at(const fpw_transfer *transfer); /* when the request had been sent whole; 0: not yet */
/* When its peer, where a dead one is to be detected, was last found not to have read all of it, as is looked at every few
 * seconds, and the answer had not come; 0: never. To be asked while it runs. */
int64_t fpw_transfer_unread_at(fpw_transfer *transfer);
int64_t fpw_transfer_head_at(const fpw_transfer *transfer); /* when the answer's head was complete; 0: not yet */
int64_t fpw_transfer_progress_at(const fpw_transfer *transfer); /* when bytes last moved */
int64_t fpw_transfer_received(const fpw_transfer *transfer); /* body bytes */
long fpw_transfer_http_version(const fpw_transfer *transfer); /* 10, 11, 20; 0: none yet */

#endif
