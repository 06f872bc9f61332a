/* The machine's network: hears of changed addresses and default routes by netlink, and of a sleep that has ended by a timer that the kernel
 * cancels when it sets its clock, which waking up does (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET). */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

struct fpw_network {
    int epoll, netlink, timer;
};

int64_t fpw_now_with_sleep(void) {
    struct timespec t;
    clock_gettime(CLOCK_BOOTTIME, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Far away: only its cancellation matters. */
static bool arm(int timer) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct itimerspec when = {.it_value = {.tv_sec = now.tv_sec + (time_t)86400 * 365}};
    return timerfd_settime(timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, NULL) == 0;
}

static bool add(const fpw_network *network, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    return epoll_ctl(network->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

fpw_network *fpw_network_create(void) {
    fpw_network *network = calloc(1, sizeof *network);
    if (!network) return NULL;
    struct sockaddr_nl address = {
        .nl_family = AF_NETLINK,
        .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE};
    network->epoll = epoll_create1(EPOLL_CLOEXEC);
    network->netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    network->timer = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (network->epoll < 0 || network->netlink < 0 || network->timer < 0 ||
        bind(network->netlink, (struct sockaddr *)&address, sizeof address) != 0 || !arm(network->timer) ||
        !add(network, network->netlink) || !add(network, network->timer)) {
        fpw_network_destroy(network);
        return NULL;
    }
    return network;
}

void fpw_network_destroy(fpw_network *network) {
    if (network->timer >= 0) close(network->timer);
    if (network->netlink >= 0) close(network->netlink);
    if (network->epoll >= 0) close(network->epoll);
    free(network);
}

int fpw_network_descriptor(const fpw_network *network) { return network->epoll; }

/* Half of all addresses count as all: so does a VPN take the place of a default route and leave it where it is. */
static bool changes_default_route(const struct nlmsghdr *message) {
    const struct rtmsg *route = NLMSG_DATA(message);
    if (message->nlmsg_type != RTM_NEWROUTE && message->nlmsg_type != RTM_DELROUTE) return false;
    return message->nlmsg_len >= NLMSG_LENGTH(sizeof *route) && route->rtm_table == RT_TABLE_MAIN &&
           route->rtm_type == RTN_UNICAST && route->rtm_dst_len <= 1;
}

bool fpw_network_read(fpw_network *network) {
    union {
        struct nlmsghdr first;
        char bytes[8192];
    } messages;
    bool rerouted = false;
    ssize_t length;
    uint64_t ticks;
    /* What is said of addresses is of no use: messages may have been dropped, and most repeat what is known. */
    while ((length = recv(network->netlink, &messages, sizeof messages, 0)) >= 0) {
        int left = (int)length;
        for (struct nlmsghdr *one = &messages.first; left > 0 && NLMSG_OK(one, (unsigned)left); one = NLMSG_NEXT(one, left))
            rerouted = changes_default_route(one) || rerouted;
    }
    /* Cancelled, or a year has passed. */
    if (read(network->timer, &ticks, sizeof ticks) >= 0 || errno == ECANCELED) arm(network->timer);
    return rerouted;
}

char *fpw_network_addresses(void) {
    struct ifaddrs *list = NULL;
    if (getifaddrs(&list) != 0) return NULL;
    size_t count = 0;
    for (struct ifaddrs *one = list; one; one = one->ifa_next) count++;
    char *text = calloc(count + 1, INET6_ADDRSTRLEN + 1), *end = text;
    for (struct ifaddrs *one = list; text && one; one = one->ifa_next) {
        if (!one->ifa_addr || !(one->ifa_flags & IFF_UP)) continue;
        const void *bytes;
        if (one->ifa_addr->sa_family == AF_INET)
            bytes = &((struct sockaddr_in *)(void *)one->ifa_addr)->sin_addr;
        else if (one->ifa_addr->sa_family == AF_INET6)
            bytes = &((struct sockaddr_in6 *)(void *)one->ifa_addr)->sin6_addr;
        else
            continue;
        if (!inet_ntop(one->ifa_addr->sa_family, bytes, end, INET6_ADDRSTRLEN)) continue;
        end += strlen(end);
        *end++ = '\n';
    }
    freeifaddrs(list);
    return text;
}
