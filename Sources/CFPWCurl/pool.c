/* A pool: one of a loop's CURLMs, with the connections of a few dozen users. */
#include <stdlib.h>

#include "internal.h"

enum { USERS_PER_POOL = 64, CONNECTIONS_PER_USER = 4, LEAST_CONNECTIONS = 16, NANOSECONDS_PER_MS = 1000000 };

/* NULL: the handle is one of libcurl's own. */
static fpw_transfer *transfer_of(CURL *easy) {
    char *transfer = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    return (fpw_transfer *)transfer;
}

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *user, void *known) {
    (void)known;
    fpw_pool *pool = user;
    fpw_transfer *transfer = transfer_of(easy);
    fpw_sockets_want(&pool->loop->sockets, pool, socket, what);
    if (!transfer) return 0;
    transfer->is_watched = true;
    transfer->watched = socket;
    if (what != CURL_POLL_REMOVE) return 0;
    if (fpw_transfer_leaves_idle(transfer)) fpw_sockets_rest(&pool->loop->sockets, socket);
    else if (fpw_transfer_is_paused_alone(transfer)) fpw_sockets_pause(&pool->loop->sockets, socket, transfer);
    return 0;
}

static int on_timer(CURLM *multi, long milliseconds, void *user) {
    (void)multi;
    fpw_pool *pool = user;
    if (milliseconds <= 0)
        pool->timer = milliseconds;
    else
        pool->timer = fpw_now() + (int64_t)milliseconds * NANOSECONDS_PER_MS;
    return 0;
}

static fpw_pool *create(fpw_loop *loop) {
    if (!fpw_reserve((void **)&loop->pools, &loop->pool_capacity, loop->pool_count + 1, sizeof *loop->pools)) return NULL;
    fpw_pool *pool = calloc(1, sizeof *pool);
    if (!pool || !(pool->multi = curl_multi_init())) {
        free(pool);
        return NULL;
    }
    pool->loop = loop;
    pool->timer = -1;
    curl_multi_setopt(pool->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(pool->multi, CURLMOPT_SOCKETDATA, pool);
    curl_multi_setopt(pool->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(pool->multi, CURLMOPT_TIMERDATA, pool);
    return loop->pools[loop->pool_count++] = pool;
}

void fpw_pool_destroy(fpw_pool *pool) {
    /* cleanup closes the idle connections and would still report each socket */
    curl_multi_setopt(pool->multi, CURLMOPT_SOCKETFUNCTION, NULL);
    curl_multi_setopt(pool->multi, CURLMOPT_TIMERFUNCTION, NULL);
    curl_multi_cleanup(pool->multi);
    free(pool);
}

static void allow_connections(fpw_pool *pool) {
    size_t count = CONNECTIONS_PER_USER * pool->users;
    curl_multi_setopt(pool->multi, CURLMOPT_MAXCONNECTS, (long)(count > LEAST_CONNECTIONS ? count : LEAST_CONNECTIONS));
}

fpw_pool *fpw_pool_enter(fpw_loop *loop) {
    fpw_pool *pool = NULL;
    for (size_t i = 0; i < loop->pool_count && !pool; i++)
        if (loop->pools[i]->users < USERS_PER_POOL) pool = loop->pools[i];
    if (!pool && !(pool = create(loop))) return NULL;
    pool->users++;
    allow_connections(pool);
    return pool;
}

/* An empty pool stays: its connections are of use to whoever comes next. */
void fpw_pool_leave(fpw_pool *pool) {
    pool->users--;
    allow_connections(pool);
}

bool fpw_pool_add(fpw_pool *pool, fpw_transfer *transfer) {
    pool->is_active = true;
    return curl_multi_add_handle(pool->multi, transfer->easy) == CURLM_OK;
}

void fpw_pool_remove(fpw_pool *pool, fpw_transfer *transfer) {
    pool->is_active = true;
    curl_multi_remove_handle(pool->multi, transfer->easy);
}

void fpw_pool_act(fpw_pool *pool, curl_socket_t socket, int events) {
    int running;
    pool->is_active = true;
    curl_multi_socket_action(pool->multi, socket, events, &running);
}

void fpw_pool_collect(fpw_pool *pool) {
    if (!pool->is_active) return;
    pool->is_active = false;
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(pool->multi, &left))) {
        CURLcode code = message->data.result;
        fpw_transfer *transfer = transfer_of(message->easy_handle);
        curl_multi_remove_handle(pool->multi, message->easy_handle);
        fpw_transfer_ended(transfer, code);
    }
}
