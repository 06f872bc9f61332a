/* Which sockets the epoll set holds, and for what.
 *
 * Between two exchanges libcurl wants nothing of a connection, and a moment later the same as before. Where its closing
 * is told, the socket stays in the set meanwhile, which spares two system calls for each exchange. */
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "internal.h"

struct fpw_socket {
    fpw_pool *pool;
    uint32_t wanted, registered; /* EPOLLIN, EPOLLOUT; registered 0: not in the set */
    bool tells_closing;
};

/* NULL: its closing is not told. */
static struct fpw_socket *known(const fpw_sockets *sockets, int socket) {
    if ((size_t)socket >= sockets->capacity || !sockets->all[socket].tells_closing) return NULL;
    return &sockets->all[socket];
}

void fpw_sockets_free(fpw_sockets *sockets) { free(sockets->all); }

bool fpw_sockets_opened(fpw_sockets *sockets, int socket) {
    size_t before = sockets->capacity;
    if (!fpw_reserve((void **)&sockets->all, &sockets->capacity, (size_t)socket + 1, sizeof *sockets->all)) return false;
    memset(sockets->all + before, 0, (sockets->capacity - before) * sizeof *sockets->all);
    sockets->all[socket] = (struct fpw_socket){.tells_closing = true};
    return true;
}

/* Closing takes it out of the set. */
int fpw_sockets_close(void *user, curl_socket_t socket) {
    struct fpw_socket *s = known(user, socket);
    if (s) *s = (struct fpw_socket){0};
    return close(socket);
}

void fpw_sockets_want(fpw_sockets *sockets, fpw_pool *pool, int socket, int what) {
    struct fpw_socket *s = known(sockets, socket);
    uint32_t in = what == CURL_POLL_IN || what == CURL_POLL_INOUT ? EPOLLIN : 0;
    uint32_t out = what == CURL_POLL_OUT || what == CURL_POLL_INOUT ? EPOLLOUT : 0;
    struct epoll_event event = {.events = in | out, .data.fd = socket};
    bool is_in = s && s->registered;
    if (s) {
        s->pool = pool;
        s->wanted = event.events;
        if (s->wanted == 0 || s->wanted == s->registered) return;
        s->registered = s->wanted;
    }
    if (event.events == 0)
        epoll_ctl(sockets->epoll, EPOLL_CTL_DEL, socket, NULL);
    else if (is_in || epoll_ctl(sockets->epoll, EPOLL_CTL_ADD, socket, &event) != 0)
        epoll_ctl(sockets->epoll, EPOLL_CTL_MOD, socket, &event);
}

fpw_pool *fpw_sockets_pool(fpw_sockets *sockets, int socket, bool *is_foreign) {
    struct fpw_socket *s = known(sockets, socket);
    *is_foreign = !s;
    if (!s || s->wanted) return s ? s->pool : NULL;
    /* An idle connection has ended: libcurl finds that out when it wants to use it. */
    epoll_ctl(sockets->epoll, EPOLL_CTL_DEL, socket, NULL);
    s->registered = 0;
    return NULL;
}
