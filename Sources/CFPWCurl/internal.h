/* What the parts of CFPWCurl know of each other. */
#ifndef FPWCURL_INTERNAL_H
#define FPWCURL_INTERNAL_H

#include <curl/curl.h>

#include "fpwcurl.h"

/* Transfers wait in two lists of the loop: those with news for the caller, and those to be continued by
 * curl_easy_pause, which libcurl forbids to do safely from within another transfer's callback. */
typedef struct fpw_list {
    fpw_transfer *first, *last;
} fpw_list;

/* One CURLM, and when it wants to be called. To find a connection that it can use again, libcurl goes through all that it
 * has to the same host: a loop with many users has several. */
struct fpw_pool {
    CURLM *multi;
    fpw_loop *loop;
    int64_t timer;   /* < 0: not */
    bool is_active;  /* libcurl has worked since its messages were read */
    size_t users;
};

bool fpw_pool_add(fpw_pool *pool, fpw_transfer *transfer);
void fpw_pool_remove(fpw_pool *pool, fpw_transfer *transfer);
/* Lets libcurl work: on what happened to a socket, or, CURL_SOCKET_TIMEOUT, on what is due. */
void fpw_pool_act(fpw_pool *pool, curl_socket_t socket, int events);
/* Tells the transfers that have ended. */
void fpw_pool_collect(fpw_pool *pool);
void fpw_pool_destroy(fpw_pool *pool);

/* An epoll set, and its sockets by their numbers. */
typedef struct fpw_sockets {
    int epoll;
    int ended; /* a socket whose peer has gone */
    struct fpw_socket *all;
    size_t capacity;
} fpw_sockets;

/* False with errno set where the system gives no descriptor; to be freed all the same. */
bool fpw_sockets_init(fpw_sockets *sockets);
void fpw_sockets_free(fpw_sockets *sockets);
/* Whether a descriptor is one of the last that there may be, which are not for connections. */
bool fpw_is_reserved(int descriptor);
/* A CURLOPT_OPENSOCKETFUNCTION, which leaves those. */
curl_socket_t fpw_sockets_open(void *user, curlsocktype purpose, struct curl_sockaddr *address);
/* libcurl has opened a socket whose closing it will tell by fpw_sockets_close. False: out of memory. */
bool fpw_sockets_opened(fpw_sockets *sockets, int socket);
/* The peer of a socket that was opened shall not be gone unnoticed. */
void fpw_sockets_guard(fpw_sockets *sockets, int socket);
/* Looks at the peers that are guarded. False: none has anything on its way to it. */
bool fpw_sockets_look_at_peers(fpw_sockets *sockets, int64_t now);
/* Whether the last look found bytes on their way to the socket's peer. */
bool fpw_sockets_is_unread(const fpw_sockets *sockets, int socket);
/* A CURLOPT_CLOSESOCKETFUNCTION. */
int fpw_sockets_close(void *sockets, curl_socket_t socket);
/* Takes in what a pool wants to hear of a socket: CURL_POLL_IN, _OUT, _INOUT, _REMOVE. */
void fpw_sockets_want(fpw_sockets *sockets, fpw_pool *pool, int socket, int what);
/* Nobody wants to hear of the socket until the next request goes out on it, and its peer has nothing to say: HTTP/1. */
void fpw_sockets_rest(fpw_sockets *sockets, int socket);
/* Nobody wants to hear of the socket while the transfer is paused, but of its connection's end, where it is guarded. */
void fpw_sockets_pause(fpw_sockets *sockets, int socket, fpw_transfer *transfer);
/* The transfer that is paused, and how many bytes have come for it since; NULL: not known of any. */
fpw_transfer *fpw_sockets_paused(const fpw_sockets *sockets, int socket, size_t *unread);
/* Something happened to the socket. Where it rests, its connection is closed and the socket now at its end: libcurl takes
 * another connection. False: it does not rest. */
bool fpw_sockets_end_idle(fpw_sockets *sockets, int socket);
/* The pool that wants to hear of a socket's event. NULL: none, or it is not known whose the socket is, which `is_foreign`
 * tells; where none does, there will be no other event but, of a paused transfer, the connection's end. */
fpw_pool *fpw_sockets_pool(fpw_sockets *sockets, int socket, bool *is_foreign);

struct fpw_loop {
    fpw_pool **pools;
    size_t pool_count, pool_capacity;
    int wakeup;
    int watched;     /* a descriptor of the caller's; -1: none */
    bool watched_ready;
    int64_t now;     /* read once per turn */
    int64_t look_at; /* when it looks at the peers; 0: nothing is on its way to any */
    int64_t unread_at; /* the last look, where it found bytes on their way; else 0 */
    fpw_list ready, resume;
    fpw_sockets sockets;
};

struct fpw_transfer {
    fpw_loop *loop;
    fpw_pool *pool;
    CURL *easy;
    CURLU *url;
    void *context;
    char error[CURL_ERROR_SIZE];

    unsigned events;
    bool in_ready, in_resume, running, paused_read, paused_write;
    fpw_transfer *next_ready, *next_resume;

    char *lines;                /* the request's header lines */
    struct curl_slist *nodes;   /* a list of pointers into them */
    size_t lines_capacity, nodes_capacity;
    fpw_body *source, *sink;
    bool source_lost;           /* the body was emptied for a new use before it was sent whole */
    int64_t source_length;
    bool sends_body_with_head;

    char *head;                 /* the answer's header lines as they came */
    fpw_field *fields;          /* places in it */
    size_t head_length, head_capacity, field_count, field_capacity;
    int status;
    bool expects_status, head_complete, malformed;
    int64_t content_length, received, sent;

    int result;
    bool heads_linger;          /* libcurl's fault that keeps_dead_header tells of */
    bool is_spoilt;             /* the next request needs another easy handle */
    char local_address[46];     /* INET6_ADDRSTRLEN */
    unsigned issued;            /* how often libcurl went to send the request */
    int64_t sent_at, head_at, progress_at, unread_at;
    bool detect_dead_peer;
    int opened;                 /* the last socket that was opened for it since its start; -1: none */
    bool is_watched;            /* libcurl has told since its start what it wants to hear of its socket */
    int watched;                /* the socket that it told of last */
};

/* Tells libcurl of the endpoint, whose URL is read into `url`; false where it refuses. */
bool fpw_endpoint_set(const fpw_endpoint *endpoint, CURL *easy, CURLU *url);

void fpw_loop_mark_ready(fpw_transfer *transfer, unsigned events);
void fpw_loop_mark_resume(fpw_transfer *transfer);
void fpw_loop_forget(fpw_transfer *transfer);
/* From now on looks at the peers, until nothing is on its way to them. */
void fpw_loop_look_at_peers(fpw_loop *loop);

/* Tells libcurl what to send; false where it refuses. */
bool fpw_request_set(fpw_transfer *transfer, const fpw_request *request);

/* Whether it has had its answer over HTTP/1, where the next word on its connection is a request's. */
bool fpw_transfer_leaves_idle(const fpw_transfer *transfer);
/* Whether it is paused on a connection of its own: HTTP/1. */
bool fpw_transfer_is_paused_alone(const fpw_transfer *transfer);
/* The connection of a paused transfer has ended; `unread` bytes of the system's are what still comes. */
void fpw_transfer_cut_off(fpw_transfer *transfer, size_t unread);
void fpw_transfer_resume(fpw_transfer *transfer);
void fpw_transfer_lose_source(fpw_transfer *transfer);
void fpw_transfer_ended(fpw_transfer *transfer, CURLcode code);
/* A CURLOPT_HEADERFUNCTION. */
size_t fpw_transfer_on_header(char *line, size_t size, size_t count, void *transfer);
/* FPW_OK or another: what libcurl's code means; the transfer's error says it in words. */
int fpw_transfer_outcome(fpw_transfer *transfer, CURLcode code);

/* A body's ends: the transfers to wake when there is room, or bytes. */
void fpw_body_set_producer(fpw_body *body, fpw_transfer *producer);
void fpw_body_set_consumer(fpw_body *body, fpw_transfer *consumer);
/* Takes the transfer away from the end that it still holds: meanwhile another one may have come to it. */
void fpw_body_let_go(fpw_body *body, const fpw_transfer *transfer);
bool fpw_body_has_room(const fpw_body *body);
void fpw_body_wait_for_room(fpw_body *body);

/* The whole body, where it is in memory and nothing of it was read yet; else NULL. */
const uint8_t *fpw_body_unread_whole(const fpw_body *body, size_t *count);
/* Its consumer has got the rest of the body otherwise. */
void fpw_body_skip(fpw_body *body);

enum fpw_read { FPW_READ_BYTES, FPW_READ_WAIT, FPW_READ_END, FPW_READ_FAILED };
enum fpw_read fpw_body_take(fpw_body *body, void *into, size_t capacity, size_t *taken);

/* False: no so many bytes are left, and none are taken. NULL is a budget without bound. */
bool fpw_budget_take(fpw_budget *budget, size_t count);
void fpw_budget_give_back(fpw_budget *budget, size_t count);

void fpw_tally_add(fpw_tally *tally, uint64_t count);

/* A copy of a body's first bytes, zeroed at first. Its memory is charged to the budget, which may be NULL and is borrowed. */
typedef struct fpw_capture {
    uint8_t *bytes;
    size_t capacity, count, limit;
    size_t left; /* bytes that are still wanted; 0 also where budget or memory were used up */
    fpw_budget *budget;
} fpw_capture;

/* Drops what was copied; wants the first `limit` bytes from the next reset on. */
void fpw_capture_set(fpw_capture *capture, size_t limit, fpw_budget *budget);
void fpw_capture_reset(fpw_capture *capture);
void fpw_capture_append(fpw_capture *capture, const void *bytes, size_t count);

/* Makes room for `needed` elements of `size`; false: out of memory, everything as it was. */
bool fpw_reserve(void **memory, size_t *capacity, size_t needed, size_t size);

#endif
