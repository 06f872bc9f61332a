/* CFPWPeer: how a TCP peer that is gone is told from one that does not read (PROTOCOL.md §4, "Slots that die silently").
 *
 * TCP_USER_TIMEOUT ends a connection also where the peer keeps its window shut and answers each time that it is asked. So
 * whoever sends looks at the connection every few seconds, as long as bytes are on their way, and puts the end off. */
#ifndef FPWPEER_H
#define FPWPEER_H

#include <stdbool.h>
#include <stdint.h>

enum {
    FPW_PEER_QUIET_S = 10, /* a silent peer is asked after that: TCP_KEEPIDLE */
    FPW_PEER_LOOK_S = 5,   /* how long after a look, or after the first bytes, the next one is due */
};

/* What is known of a peer from look to look; zero at first. Of one thread. */
typedef struct {
    int64_t still_since;   /* the look since when hardly a byte was acknowledged; 0: none was on its way */
    uint64_t acknowledged; /* bytes, at that look */
    bool was_shut;         /* its window has been shut since */
    uint32_t timeout_ms;   /* as it was set; 0: as fpw_peer_guard set it */
} fpw_peer;

/* Lets the kernel find out that a silent peer is gone: probes after 10 s of silence, three of them 5 s apart, and
 * unacknowledged bytes for 25 s at the most. */
void fpw_peer_guard(int socket);

/* Looks at the guarded peer; `now` in nanoseconds of a clock that does not stand at 0. False: all bytes were acknowledged,
 * and until others are sent no look is due. Where the system does not tell, nothing is put off. */
bool fpw_peer_look(fpw_peer *peer, int socket, int64_t now);

/* What a look has found. */
typedef struct {
    bool was_shut;       /* the peer's window is shut, or was while it stood still */
    bool is_asked;       /* bytes or a probe were sent that it has not answered */
    uint32_t unheard_ms; /* since it was heard of */
    int64_t still_ms;    /* since it has read anything that counts */
} fpw_peer_sight;

/* The decision: TCP_USER_TIMEOUT in milliseconds. */
uint32_t fpw_peer_timeout(const fpw_peer_sight *sight);

#endif
