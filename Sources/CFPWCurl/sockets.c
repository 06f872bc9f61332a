/* Which sockets the epoll set holds, and for what.
 *
 * Between two exchanges libcurl wants nothing of a connection, and a moment later the same as before. Where its closing
 * is told, the socket stays in the set meanwhile, which spares two system calls for each exchange, and tells when a peer
 * speaks unasked: libcurl 7.88 would take that for the next answer. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fpwpeer.h>

#include "internal.h"

/* The last descriptors are not for connections: libdispatch opens a file in /proc/ each second that it has work, and ends the
 * process where it cannot; names are resolved and authorities read by some, too. */
enum { RESERVED = 4 };

struct fpw_socket {
    fpw_pool *pool;
    uint32_t wanted, registered; /* EPOLLIN, EPOLLOUT; registered 0: not in the set */
    bool tells_closing;
    bool is_idle;                /* between two exchanges of HTTP/1; registered for EPOLLIN */
    fpw_transfer *paused;        /* the transfer that libcurl wants nothing for because it is paused, where it is guarded */
    bool is_guarded;
    fpw_peer peer;               /* where it is guarded */
};

/* NULL: its closing is not told. */
static struct fpw_socket *known(const fpw_sockets *sockets, int socket) {
    if ((size_t)socket >= sockets->capacity || !sockets->all[socket].tells_closing) return NULL;
    return &sockets->all[socket];
}

bool fpw_sockets_init(fpw_sockets *sockets) {
    int pair[2];
    *sockets = (fpw_sockets){.epoll = epoll_create1(EPOLL_CLOEXEC), .ended = -1};
    if (sockets->epoll < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return false;
    sockets->ended = pair[0];
    close(pair[1]);
    return true;
}

void fpw_sockets_free(fpw_sockets *sockets) {
    if (sockets->epoll >= 0) close(sockets->epoll);
    if (sockets->ended >= 0) close(sockets->ended);
    free(sockets->all);
}

bool fpw_is_reserved(int descriptor) {
    struct rlimit limit;
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 && (rlim_t)descriptor + RESERVED >= limit.rlim_cur;
}

curl_socket_t fpw_sockets_open(void *user, curlsocktype purpose, struct curl_sockaddr *address) {
    (void)user, (void)purpose;
    int opened = socket(address->family, address->socktype, address->protocol);
    if (opened < 0 || !fpw_is_reserved(opened)) return opened;
    close(opened);
    errno = EMFILE;
    return CURL_SOCKET_BAD;
}

bool fpw_sockets_opened(fpw_sockets *sockets, int socket) {
    size_t before = sockets->capacity;
    if (!fpw_reserve((void **)&sockets->all, &sockets->capacity, (size_t)socket + 1, sizeof *sockets->all)) return false;
    memset(sockets->all + before, 0, (sockets->capacity - before) * sizeof *sockets->all);
    sockets->all[socket] = (struct fpw_socket){.tells_closing = true};
    return true;
}

void fpw_sockets_guard(fpw_sockets *sockets, int socket) {
    fpw_peer_guard(socket);
    sockets->all[socket].is_guarded = true;
}

bool fpw_sockets_look_at_peers(fpw_sockets *sockets, int64_t now) {
    bool any = false;
    for (size_t i = 0; i < sockets->capacity; i++)
        if (sockets->all[i].is_guarded && fpw_peer_look(&sockets->all[i].peer, (int)i, now)) any = true;
    return any;
}

bool fpw_sockets_is_unread(const fpw_sockets *sockets, int socket) {
    return (size_t)socket < sockets->capacity && sockets->all[socket].peer.still_since;
}

/* Closing takes it out of the set. */
int fpw_sockets_close(void *user, curl_socket_t socket) {
    struct fpw_socket *s = known(user, socket);
    if (s) *s = (struct fpw_socket){0};
    return close(socket);
}

static void watch(const fpw_sockets *sockets, int socket, uint32_t events, bool is_in_set) {
    struct epoll_event event = {.events = events, .data.fd = socket};
    if (is_in_set || epoll_ctl(sockets->epoll, EPOLL_CTL_ADD, socket, &event) != 0)
        epoll_ctl(sockets->epoll, EPOLL_CTL_MOD, socket, &event);
}

static void unwatch(const fpw_sockets *sockets, int socket) { epoll_ctl(sockets->epoll, EPOLL_CTL_DEL, socket, NULL); }

static void watch_known(const fpw_sockets *sockets, int socket, struct fpw_socket *s, uint32_t events) {
    if (s->registered != events) watch(sockets, socket, events, s->registered);
    s->registered = events;
}

void fpw_sockets_want(fpw_sockets *sockets, fpw_pool *pool, int socket, int what) {
    struct fpw_socket *s = known(sockets, socket);
    uint32_t in = what == CURL_POLL_IN || what == CURL_POLL_INOUT ? EPOLLIN : 0;
    uint32_t out = what == CURL_POLL_OUT || what == CURL_POLL_INOUT ? EPOLLOUT : 0;
    if (s) {
        s->pool = pool;
        s->wanted = in | out;
        s->is_idle = false;
        s->paused = NULL;
        if (s->wanted) watch_known(sockets, socket, s, s->wanted);
    } else if (in | out) {
        watch(sockets, socket, in | out, false);
    } else {
        unwatch(sockets, socket);
    }
}

void fpw_sockets_rest(fpw_sockets *sockets, int socket) {
    struct fpw_socket *s = known(sockets, socket);
    if (!s) return;
    s->is_idle = true;
    watch_known(sockets, socket, s, EPOLLIN);
}

void fpw_sockets_pause(fpw_sockets *sockets, int socket, fpw_transfer *transfer) {
    struct fpw_socket *s = known(sockets, socket);
    if (s && s->is_guarded) s->paused = transfer;
}

bool fpw_sockets_end_idle(fpw_sockets *sockets, int socket) {
    struct fpw_socket *s = known(sockets, socket);
    if (!s || !s->is_idle) return false;
    unwatch(sockets, socket);
    s->registered = 0;
    s->is_idle = false;
    /* Its number belongs to libcurl, which looks whether a connection is at its end before it uses it again. */
    dup3(sockets->ended, socket, O_CLOEXEC);
    return true;
}

fpw_pool *fpw_sockets_pool(fpw_sockets *sockets, int socket, bool *is_foreign) {
    struct fpw_socket *s = known(sockets, socket);
    *is_foreign = !s;
    if (!s || s->wanted) return s ? s->pool : NULL;
    /* Its transfers are paused, or it speaks HTTP/2, where a peer may say something at any time: libcurl will see. */
    if (s->paused && s->registered != EPOLLHUP) {
        watch_known(sockets, socket, s, EPOLLHUP); /* told of in any case; of all else no more */
    } else {
        unwatch(sockets, socket);
        s->registered = 0;
    }
    return NULL;
}

fpw_transfer *fpw_sockets_paused(const fpw_sockets *sockets, int socket, size_t *unread) {
    struct fpw_socket *s = known(sockets, socket);
    int count = 0;
    if (!s || !s->paused || ioctl(socket, FIONREAD, &count) != 0) return NULL;
    *unread = (size_t)count;
    return s->paused;
}
