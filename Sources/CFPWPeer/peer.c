/* TCP_INFO by the kernel's header: glibc's struct tcp_info ends before the fields that are needed here. */
#include "fpwpeer.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

enum {
    KEEPALIVE_INTERVAL_S = 5,
    KEEPALIVE_COUNT = 3,
    GONE_MS = 25000,
    /* A peer whose window is shut is asked ever more seldom, but also when TCP_USER_TIMEOUT is over: the kernel then ends
     * the connection, unless that has been put off meanwhile. Put off at each look by this, it is asked every ten seconds,
     * so that one lost question does not end it. A look may be as late as that. */
    AHEAD_MS = FPW_PEER_LOOK_S * 1000 + 10000,
    /* The kernel's time goes on where the window opens by less than the kernel would send in one piece, which is 64 KiB
     * mostly: what begins a new time must be more. */
    COUNTS_BYTES = 256 << 10,
};

static void set(int socket, int level, int name, int value) { setsockopt(socket, level, name, &value, sizeof value); }

void fpw_peer_guard(int socket) {
    set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(socket, IPPROTO_TCP, TCP_KEEPIDLE, FPW_PEER_QUIET_S);
    set(socket, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S);
    set(socket, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_COUNT);
    set(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, GONE_MS);
}

uint32_t fpw_peer_timeout(const fpw_peer_sight *sight) {
    bool is_gone = sight->is_asked && sight->unheard_ms >= GONE_MS;
    if (!sight->was_shut || is_gone || sight->still_ms + AHEAD_MS <= GONE_MS) return GONE_MS;
    return (uint32_t)sight->still_ms + AHEAD_MS;
}

static void stand_still_from(fpw_peer *peer, int64_t now, uint64_t acknowledged) {
    peer->still_since = now;
    peer->acknowledged = acknowledged;
    peer->was_shut = false;
}

bool fpw_peer_look(fpw_peer *peer, int socket, int64_t now) {
    struct tcp_info info;
    socklen_t length = sizeof info;
    if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return false;
    if (length < offsetof(struct tcp_info, tcpi_snd_wnd) + sizeof info.tcpi_snd_wnd) return false;
    bool waits = info.tcpi_unacked > 0 || info.tcpi_notsent_bytes > 0;
    if (!waits) stand_still_from(peer, 0, 0);
    else if (!peer->still_since || info.tcpi_bytes_acked - peer->acknowledged >= COUNTS_BYTES)
        stand_still_from(peer, now, info.tcpi_bytes_acked);
    if (waits && info.tcpi_snd_wnd == 0) peer->was_shut = true;
    uint32_t timeout = fpw_peer_timeout(&(fpw_peer_sight){
        .was_shut = peer->was_shut,
        .is_asked = info.tcpi_probes > 0 || info.tcpi_unacked > 0,
        .unheard_ms = info.tcpi_last_ack_recv,
        .still_ms = waits ? (now - peer->still_since) / 1000000 : 0,
    });
    if (timeout != (peer->timeout_ms ? peer->timeout_ms : GONE_MS))
        set(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, (int)timeout);
    peer->timeout_ms = timeout;
    return waits;
}
