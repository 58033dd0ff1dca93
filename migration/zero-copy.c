/*
 * See zero-copy.h. Linux's Documentation/networking/msg_zerocopy.rst: every call that sends has a number, counted from 0; the socket's error queue tells
 * ranges of numbers that are done with, and whether they were copied all the same (as on the loopback device).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/zero-copy.h"
#include "system/report.h"
#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define PIECES_MAX 256

bool zero_copy_start(ZeroCopy *z, int fd, GError **err)
{
    int on = 1, domain = 0;
    socklen_t size = sizeof(domain);

    *z = (ZeroCopy){ .fd = fd };
    if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) || (domain != AF_INET && domain != AF_INET6)
        || setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof(on))) {
        return report_fail(err, "Zero copy send feature not detected in host kernel: it is for tcp:; switch zero-copy-send off");
    }
    return true;
}

/* Takes what the error queue has. false: nothing. */
static bool take_notes(ZeroCopy *z, GError **err)
{
    union { char bytes[256]; struct cmsghdr align; } control;
    struct msghdr m = { .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes) };

    if (recvmsg(z->fd, &m, MSG_ERRQUEUE) < 0) {
        return false;
    }
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
        const struct sock_extended_err *e = (const struct sock_extended_err *)CMSG_DATA(c);
        if ((c->cmsg_level == SOL_IP && c->cmsg_type == IP_RECVERR) || (c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_RECVERR)) {
            if (e->ee_origin == SO_EE_ORIGIN_ZEROCOPY) {
                z->done += e->ee_data - e->ee_info + 1;
                z->copied |= e->ee_code & SO_EE_CODE_ZEROCOPY_COPIED;
            } else if (e->ee_errno && !*err) {
                report_fail(err, "Unable to write to socket: %s", g_strerror(e->ee_errno));
            }
        }
    }
    return true;
}

/* Until the socket takes more (`to_send`) or tells something. */
static bool wait_for(ZeroCopy *z, bool to_send, GCancellable *cancel, GError **err)
{
    GPollFD g = { 0 };
    struct pollfd p[2] = { { .fd = z->fd, .events = to_send ? POLLOUT : 0 }, { .fd = -1, .events = POLLIN } };
    int error = 0;
    socklen_t size = sizeof(error);

    if (cancel && g_cancellable_make_pollfd(cancel, &g)) {
        p[1].fd = g.fd;
    }
    poll(p, 2, 1000);
    if (p[1].fd >= 0) {
        g_cancellable_release_fd(cancel);
    }
    GError *bad = NULL;
    while (p[0].revents & POLLERR && take_notes(z, &bad)) {
    }
    if (!bad && (p[0].revents & (POLLHUP | POLLNVAL) || (!getsockopt(z->fd, SOL_SOCKET, SO_ERROR, &error, &size) && error))) {
        report_fail(&bad, "Unable to write to socket: %s", g_strerror(error ? error : ECONNRESET));
    }
    if (bad) {
        g_propagate_error(err, bad);
        return false;
    }
    return !g_cancellable_set_error_if_cancelled(cancel, err);
}

bool zero_copy_send(ZeroCopy *z, const GOutputVector *piece, unsigned n, GCancellable *cancel, GError **err)
{
    struct iovec v[PIECES_MAX];
    unsigned first = 0;

    g_assert(n <= PIECES_MAX);
    for (unsigned i = 0; i < n; i++) {
        v[i] = (struct iovec){ (void *)piece[i].buffer, piece[i].size };
    }
    while (first < n) {
        struct msghdr m = { .msg_iov = v + first, .msg_iovlen = n - first };
        ssize_t sent = sendmsg(z->fd, &m, MSG_ZEROCOPY | MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno == ENOBUFS && z->sent == z->done) {
                return report_fail(err, "Process can't lock enough memory for using MSG_ZEROCOPY: raise RLIMIT_MEMLOCK (ulimit -l)");
            }
            if (errno != EINTR && errno != EAGAIN && errno != ENOBUFS) {
                return report_fail(err, "Unable to write to socket: %s", g_strerror(errno));
            }
            if (errno != EINTR && !wait_for(z, errno == EAGAIN, cancel, err)) {
                return false;
            }
            continue;
        }
        z->sent++;
        while (first < n && (size_t)sent >= v[first].iov_len) {
            sent -= v[first++].iov_len;
        }
        if (first < n) {
            v[first].iov_base = (char *)v[first].iov_base + sent;
            v[first].iov_len -= sent;
        }
    }
    return true;
}

bool zero_copy_flush(ZeroCopy *z, GCancellable *cancel, bool *missed, GError **err)
{
    while (z->sent != z->done) {
        if (!wait_for(z, false, cancel, err)) {
            return false;
        }
    }
    *missed = z->copied;
    z->copied = false;
    return true;
}
