/* The loop: epoll, an eventfd to be woken by, and pools, which are libcurl's multi handles driven by socket_action. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <fpwpeer.h>

#include "internal.h"

enum { EVENTS_PER_TURN = 256, NANOSECONDS_PER_MS = 1000000 };

static const int64_t LOOK_INTERVAL = FPW_PEER_LOOK_S * 1000000000LL;

int64_t fpw_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void fpw_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

bool fpw_global_init(void) { return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK; }

const char *fpw_curl_version(void) { return curl_version(); }

bool fpw_reserve(void **memory, size_t *capacity, size_t needed, size_t size) {
    if (needed <= *capacity) return true;
    size_t grown = *capacity * 2 > needed ? *capacity * 2 : needed;
    void *moved = realloc(*memory, grown * size);
    if (!moved) return false;
    *memory = moved;
    *capacity = grown;
    return true;
}

fpw_loop *fpw_loop_create(void) {
    fpw_loop *loop = calloc(1, sizeof *loop);
    if (!loop) return NULL;
    loop->watched = -1;
    loop->now = fpw_now();
    loop->wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = loop->wakeup};
    if (!fpw_sockets_init(&loop->sockets) || loop->wakeup < 0 ||
        epoll_ctl(loop->sockets.epoll, EPOLL_CTL_ADD, loop->wakeup, &event) != 0) {
        int error = errno;
        fpw_loop_destroy(loop);
        errno = error;
        return NULL;
    }
    return loop;
}

void fpw_loop_destroy(fpw_loop *loop) {
    for (size_t i = 0; i < loop->pool_count; i++) fpw_pool_destroy(loop->pools[i]);
    free(loop->pools);
    if (loop->wakeup >= 0) close(loop->wakeup);
    fpw_sockets_free(&loop->sockets);
    free(loop);
}

void fpw_loop_wake(fpw_loop *loop) {
    uint64_t one = 1;
    ssize_t written = write(loop->wakeup, &one, sizeof one);
    (void)written; /* EAGAIN: a wakeup is pending already */
}

bool fpw_loop_watch(fpw_loop *loop, int descriptor) {
    if (loop->watched >= 0) epoll_ctl(loop->sockets.epoll, EPOLL_CTL_DEL, loop->watched, NULL);
    loop->watched = -1;
    loop->watched_ready = false;
    if (descriptor < 0) return true;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    if (epoll_ctl(loop->sockets.epoll, EPOLL_CTL_ADD, descriptor, &event) != 0) return false;
    loop->watched = descriptor;
    return true;
}

bool fpw_loop_take_watched(fpw_loop *loop) {
    bool ready = loop->watched_ready;
    loop->watched_ready = false;
    return ready;
}

void fpw_loop_mark_ready(fpw_transfer *transfer, unsigned events) {
    transfer->events |= events;
    if (transfer->in_ready) return;
    fpw_list *ready = &transfer->loop->ready;
    transfer->in_ready = true;
    transfer->next_ready = NULL;
    if (ready->last) ready->last->next_ready = transfer;
    else ready->first = transfer;
    ready->last = transfer;
}

void *fpw_loop_next_ready(fpw_loop *loop, unsigned *events) {
    fpw_transfer *transfer = loop->ready.first;
    if (!transfer) return NULL;
    loop->ready.first = transfer->next_ready;
    if (!loop->ready.first) loop->ready.last = NULL;
    transfer->in_ready = false;
    *events = transfer->events;
    transfer->events = 0;
    return transfer->context;
}

void fpw_loop_mark_resume(fpw_transfer *transfer) {
    if (transfer->in_resume) return;
    fpw_list *resume = &transfer->loop->resume;
    transfer->in_resume = true;
    transfer->next_resume = NULL;
    if (resume->last) resume->last->next_resume = transfer;
    else resume->first = transfer;
    resume->last = transfer;
}

static fpw_transfer *next_to_resume(fpw_loop *loop) {
    fpw_transfer *transfer = loop->resume.first;
    if (!transfer) return NULL;
    loop->resume.first = transfer->next_resume;
    if (!loop->resume.first) loop->resume.last = NULL;
    transfer->in_resume = false;
    return transfer;
}

/* Takes a transfer out of both lists: it was cancelled and has no news any more. */
void fpw_loop_forget(fpw_transfer *transfer) {
    fpw_loop *loop = transfer->loop;
    transfer->events = 0;
    if (transfer->in_ready) {
        fpw_transfer **link = &loop->ready.first, *previous = NULL;
        while (*link != transfer) previous = *link, link = &previous->next_ready;
        *link = transfer->next_ready;
        if (loop->ready.last == transfer) loop->ready.last = previous;
        transfer->in_ready = false;
    }
    if (transfer->in_resume) {
        fpw_transfer **link = &loop->resume.first, *previous = NULL;
        while (*link != transfer) previous = *link, link = &previous->next_resume;
        *link = transfer->next_resume;
        if (loop->resume.last == transfer) loop->resume.last = previous;
        transfer->in_resume = false;
    }
}

void fpw_loop_look_at_peers(fpw_loop *loop) {
    if (!loop->look_at) loop->look_at = loop->now + LOOK_INTERVAL;
}

static void run_looks(fpw_loop *loop) {
    if (!loop->look_at || loop->look_at > loop->now) return;
    bool found_any = fpw_sockets_look_at_peers(&loop->sockets, loop->now);
    loop->look_at = found_any ? loop->now + LOOK_INTERVAL : 0;
    loop->unread_at = found_any ? loop->now : 0;
}

static void collect_ended(fpw_loop *loop) {
    for (size_t i = 0; i < loop->pool_count; i++) fpw_pool_collect(loop->pools[i]);
}

/* Runs what is due of libcurl's timers; false: nothing was. */
static bool run_timers(fpw_loop *loop) {
    bool ran = false;
    for (size_t i = 0; i < loop->pool_count; i++) {
        fpw_pool *pool = loop->pools[i];
        if (pool->timer < 0 || (pool->timer > 0 && pool->timer > (loop->now = fpw_now()))) continue;
        pool->timer = -1;
        fpw_pool_act(pool, CURL_SOCKET_TIMEOUT, 0);
        ran = true;
    }
    return ran;
}

/* Continues paused transfers and runs libcurl's due timers. Continuing one may wake another (bytes that leave a body
 * make room in it): a few rounds do, the rest is for the next turn. */
static void run_due(fpw_loop *loop) {
    for (int round = 0; round < 4; round++) {
        collect_ended(loop);
        fpw_transfer *transfer;
        fpw_transfer *last = loop->resume.last;
        if (last)
            do {
                transfer = next_to_resume(loop);
                fpw_transfer_resume(transfer);
            } while (transfer != last && loop->resume.first);
        bool due = run_timers(loop);
        collect_ended(loop);
        if (!due && !loop->resume.first) return;
    }
}

/* When libcurl wants to be called, or the next look is due; < 0: not. */
static int64_t next_timer(const fpw_loop *loop) {
    int64_t next = loop->look_at ? loop->look_at : -1;
    for (size_t i = 0; i < loop->pool_count; i++) {
        int64_t timer = loop->pools[i]->timer;
        if (timer >= 0 && (next < 0 || timer < next)) next = timer;
    }
    return next;
}

static int wait_ms(const fpw_loop *loop, int64_t timeout) {
    int64_t timer = next_timer(loop);
    if (loop->ready.first || loop->resume.first || timeout == 0 || timer == 0) return 0;
    if (timer > 0) {
        int64_t left = timer - fpw_now();
        if (left < 0) left = 0;
        if (timeout < 0 || left < timeout) timeout = left;
    }
    if (timeout < 0) return -1;
    int64_t milliseconds = (timeout + NANOSECONDS_PER_MS - 1) / NANOSECONDS_PER_MS; /* never early: no spinning */
    return milliseconds > 60000 ? 60000 : (int)milliseconds;
}

/* A socket whose pool is not known is the resolver's: libcurl passes over those that are not its own. */
static void socket_happened(fpw_loop *loop, int socket, unsigned what) {
    int events = (what & EPOLLIN ? CURL_CSELECT_IN : 0) | (what & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                 (what & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
    bool is_foreign;
    fpw_pool *pool = fpw_sockets_pool(&loop->sockets, socket, &is_foreign);
    if (pool) return fpw_pool_act(pool, socket, events);
    size_t unread = 0;
    fpw_transfer *paused = events & CURL_CSELECT_ERR ? fpw_sockets_paused(&loop->sockets, socket, &unread) : NULL;
    if (paused) fpw_transfer_cut_off(paused, unread);
    for (size_t i = 0; is_foreign && i < loop->pool_count; i++) fpw_pool_act(loop->pools[i], socket, events);
}

/* Whether libcurl need not hear of it. */
static bool is_dealt_with(fpw_loop *loop, int descriptor) {
    if (descriptor == loop->wakeup) {
        uint64_t ignored;
        ssize_t got = read(loop->wakeup, &ignored, sizeof ignored);
        (void)got;
        return true;
    }
    if (descriptor == loop->watched) return loop->watched_ready = true;
    return fpw_sockets_end_idle(&loop->sockets, descriptor);
}

/* Leaves what libcurl must hear of in `events`; how much that is. */
static int wait_for_events(fpw_loop *loop, struct epoll_event *events, int milliseconds) {
    int count = epoll_wait(loop->sockets.epoll, events, EVENTS_PER_TURN, milliseconds), left = 0;
    loop->now = fpw_now();
    for (int i = 0; i < count; i++)
        if (!is_dealt_with(loop, events[i].data.fd)) events[left++] = events[i];
    return left;
}

/* What is to begin begins between the look at all connections and the next answer's end: so it never meets an idle one
 * that nobody has looked at. */
void fpw_loop_turn(fpw_loop *loop, int64_t timeout) {
    struct epoll_event events[EVENTS_PER_TURN];
    int count = wait_for_events(loop, events, wait_ms(loop, timeout));
    run_looks(loop);
    run_due(loop);
    for (int i = 0; i < count; i++) socket_happened(loop, events[i].data.fd, events[i].events);
    run_due(loop);
}
