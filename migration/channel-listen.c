/*
 * Channels that come: see channel.h. Those that are to be encrypted shake hands beside each other, so that who takes its time holds up nobody.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/channel-int.h"
#include "system/report.h"
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixsocketaddress.h>
#include <unistd.h>

#define BACKLOG 256             /* connections that wait: a main channel and 255 more */

struct MigListener {
    GSocket *listening;         /* NULL: `only` */
    GArray *shaking;            /* of Shaking */
    char *path;                 /* of a Unix socket that was made */
    MigChannel *only;           /* until it was given away */
    MigAddress where;           /* its transport and text */
};

/* Who came, and has not shown yet who it is. */
typedef struct Shaking {
    MigChannel *channel;
    TlsSession *session;
    TlsStep wait;
    gint64 until;
} Shaking;

static bool listen_on(MigListener *l, const MigAddress *a, GError **err)
{
    g_autoptr(GSocketAddress) address = NULL;

    if (a->transport == MIG_UNIX) {
        unlink(a->path);        /* left behind by an earlier run, as for any server socket */
        l->path = g_strdup(a->path);
        address = g_unix_socket_address_new(a->path);
    } else {
        g_autoptr(GSocketConnectable) named = g_network_address_new(*a->host ? a->host : "0.0.0.0", a->port);
        g_autoptr(GSocketAddressEnumerator) e = g_socket_connectable_enumerate(named);
        address = g_socket_address_enumerator_next(e, NULL, err);
    }
    l->listening = address ? g_socket_new(g_socket_address_get_family(address), G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, err) : NULL;
    if (l->listening) {
        g_socket_set_listen_backlog(l->listening, BACKLOG);
    }
    if (!l->listening || !g_socket_bind(l->listening, address, TRUE, err) || !g_socket_listen(l->listening, err)) {
        g_prefix_error(err, "Failed to listen on '%s': ", a->text);
        return false;
    }
    g_socket_set_blocking(l->listening, FALSE);
    l->shaking = g_array_new(FALSE, FALSE, sizeof(Shaking));
    return true;
}

MigListener *channel_listen(MigAddress *a, GError **err)
{
    MigListener *l = g_new0(MigListener, 1);
    bool ok;
    int fd;

    if (a->transport == MIG_TCP || a->transport == MIG_UNIX) {
        ok = listen_on(l, a, err);
    } else {
        l->only = g_new0(MigChannel, 1);
        l->where = (MigAddress){ .transport = a->transport, .text = g_strdup(a->text) };
        if (a->transport == MIG_EXEC) {
            ok = channel_run_command(l->only, a->command, G_SUBPROCESS_FLAGS_STDOUT_PIPE | (channel_tls_wanted() ? G_SUBPROCESS_FLAGS_STDIN_PIPE : 0), err);
        } else {
            ok = channel_prepare(a, err);
            fd = !ok ? -1 : a->transport == MIG_FD ? channel_steal_descriptor(a) : channel_open_file(a, O_RDONLY, err);
            ok = fd >= 0;
            if (ok && !(a->transport == MIG_FD && channel_adopt_socket(l->only, fd))) {
                l->only->in = g_unix_input_stream_new(fd, TRUE);
            }
        }
    }
    if (!ok) {
        channel_listener_free(l);
        return NULL;
    }
    return l;
}

/* Who has come. NULL without an error: nobody, or somebody who has to show first who it is. */
static MigChannel *accept_one(MigListener *l, GError **err)
{
    g_autoptr(GError) why = NULL, refused = NULL;
    g_autoptr(GSocket) s = g_socket_accept(l->listening, NULL, &why);
    Shaking new = { .wait = TLS_WAIT_IN, .until = g_get_monotonic_time() + TLS_HANDSHAKE_US };

    if (!s) {
        if (!g_error_matches(why, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
            g_propagate_error(err, g_steal_pointer(&why));
        }
        return NULL;
    }
    MigChannel *c = g_new0(MigChannel, 1);
    channel_connected(c, g_socket_connection_factory_create_connection(s));
    if (!channel_tls_session(true, NULL, g_socket_get_fd(s), g_socket_get_fd(s), &new.session, &refused)) {
        report_error("%s", refused->message);
        channel_free(c);
        return NULL;
    }
    if (!new.session) {
        return c;
    }
    new.channel = c;
    g_array_append_val(l->shaking, new);
    return NULL;
}

static void forget(MigListener *l, guint i)
{
    Shaking *k = &g_array_index(l->shaking, Shaking, i);

    tls_session_unref(k->session);
    channel_free(k->channel);
    g_array_remove_index(l->shaking, i);
}

/* Has it said the first of what it has to say? If not, `wait` says how to go on. */
static bool has_spoken(Shaking *k)
{
    uint8_t first[4];
    size_t have;

    k->until = G_MAXINT64;
    k->wait = tls_session_peek(k->session, first, sizeof(first), &have);
    return k->wait == TLS_DONE;
}

/* One that has shown who it is. Who cannot is told about, and gone: the next may be the right one. */
static MigChannel *shake(MigListener *l, bool spoken)
{
    for (guint i = 0; i < l->shaking->len; i++) {
        Shaking *k = &g_array_index(l->shaking, Shaking, i);
        g_autoptr(GError) why = NULL;
        k->wait = tls_session_step(k->session, &why);
        if (k->wait == TLS_DONE && (!spoken || has_spoken(k))) {
            MigChannel *c = g_steal_pointer(&k->channel);
            channel_encrypt(c, k->session);
            forget(l, i);
            return c;
        }
        if (k->wait != TLS_FAILED && g_get_monotonic_time() > k->until) {
            report_fail(&why, "TLS handshake failed: the other side did not take part in it for %d s", (int)(TLS_HANDSHAKE_US / G_USEC_PER_SEC));
        }
        if (why) {
            report_error("%s", why->message);
            forget(l, i--);
        }
    }
    return NULL;
}

static bool wait_for_any(MigListener *l, GCancellable *cancel, GError **err)
{
    GPollFD fds[BACKLOG + 2];
    guint n = 0;
    gint64 until = G_MAXINT64;

    for (guint i = 0; i < l->shaking->len; i++) {
        const Shaking *k = &g_array_index(l->shaking, Shaking, i);
        fds[n++] = (GPollFD){ g_socket_get_fd(g_socket_connection_get_socket(k->channel->connection)),
                              k->wait == TLS_WAIT_IN ? G_IO_IN : G_IO_OUT, 0 };
        until = MIN(until, k->until);
    }
    if (n < BACKLOG) {
        fds[n++] = (GPollFD){ g_socket_get_fd(l->listening), G_IO_IN, 0 };
    }
    bool has_cancel = cancel && g_cancellable_make_pollfd(cancel, &fds[n]);
    g_poll(fds, n + has_cancel, until == G_MAXINT64 ? -1 : MAX(until - g_get_monotonic_time(), 0) / 1000 + 1);
    if (has_cancel) {
        g_cancellable_release_fd(cancel);
    }
    return !cancel || !g_cancellable_set_error_if_cancelled(cancel, err);
}

MigChannel *channel_accept(MigListener *l, bool spoken, GCancellable *cancel, GError **err)
{
    g_autoptr(GError) why = NULL;
    MigChannel *c = g_steal_pointer(&l->only);

    if (c) {
        if (!channel_secure(c, &l->where, true, cancel, err)) {
            g_clear_pointer(&c, channel_free);
        }
        return c;
    }
    if (!l->listening) {
        report_fail(err, "the stream wants another channel: only tcp: and unix: have more than one");
        return NULL;
    }
    while (!(c = shake(l, spoken)) && wait_for_any(l, cancel, &why) && (l->shaking->len == BACKLOG || !(c = accept_one(l, &why))) && !why) {
    }
    if (why) {
        g_propagate_error(err, g_steal_pointer(&why));
    }
    return c;
}

void channel_listener_free(MigListener *l)
{
    if (!l) {
        return;
    }
    if (l->path) {
        unlink(l->path);
    }
    while (l->shaking && l->shaking->len) {
        forget(l, 0);
    }
    g_clear_pointer(&l->shaking, g_array_unref);
    g_clear_object(&l->listening);
    g_free(l->where.text);
    channel_free(l->only);
    g_free(l->path);
    g_free(l);
}
