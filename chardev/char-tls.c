/*
 * The handshake of a character device's socket that is encrypted: step by step as the descriptor lets it, beside whatever else the thread serves. Until it
 * is over nobody sees a connection. Who takes too long, or is not whom the credentials admit, is sent away, and the next one may come.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/char-socket-int.h"
#include "system/report.h"

static void forget(Chardev *c)
{
    CharSocket *s = c->socket;

    char_drop(c, &s->shake_watch);
    char_drop(c, &s->shake_timer);
    s->shaking = -1;
}

static void give_up(Chardev *c, const char *why)
{
    int fd = c->socket->shaking;

    report_warning("chardev '%s': %s", c->id, why);
    forget(c);
    g_clear_pointer(&c->socket->tls, tls_session_unref);
    char_socket_lost(c, fd);
}

static gboolean ready(gint fd, GIOCondition cond, gpointer opaque);

static void step(Chardev *c)
{
    CharSocket *s = c->socket;
    g_autoptr(GError) err = NULL;
    int fd = s->shaking;
    TlsStep next = tls_session_step(s->tls, &err);

    switch (next) {
    case TLS_WAIT_IN: case TLS_WAIT_OUT:
        s->shake_watch = char_fd_add(c, fd, (next == TLS_WAIT_IN ? G_IO_IN : G_IO_OUT) | G_IO_HUP | G_IO_ERR, ready);
        break;
    case TLS_DONE:
        forget(c);
        char_socket_established(c, fd);
        break;
    default:
        give_up(c, err->message);
    }
}

static gboolean ready(gint fd, GIOCondition cond, gpointer opaque)
{
    Chardev *c = opaque;

    char_lock(c);
    c->socket->shake_watch = 0;
    step(c);
    char_unlock(c);
    return G_SOURCE_REMOVE;
}

static gboolean too_late(gpointer opaque)
{
    Chardev *c = opaque;

    char_lock(c);
    c->socket->shake_timer = 0;
    give_up(c, "the other end did not finish the TLS handshake in time");
    char_unlock(c);
    return G_SOURCE_REMOVE;
}

static void start_timer(Chardev *c)
{
    c->socket->shake_timer = char_timeout_add(c, TLS_HANDSHAKE_US / 1000, too_late);
}

void char_tls_begin(Chardev *c, int fd)
{
    CharSocket *s = c->socket;
    g_autoptr(GError) err = NULL;

    s->shaking = fd;
    s->tls = tls_session_new(s->creds, fd, fd, s->server ? NULL : s->host, s->server ? s->authz : NULL, &err);
    if (!s->tls) {
        give_up(c, err->message);
        return;
    }
    start_timer(c);
    step(c);
}

void char_tls_move(Chardev *c, GMainContext *to)
{
    CharSocket *s = c->socket;
    bool shaking = s->shake_watch;

    char_drop(c, &s->shake_watch);
    char_drop(c, &s->shake_timer);
    c->context = to;
    if (shaking) {
        start_timer(c);
        s->shake_watch = char_fd_add(c, s->shaking, G_IO_IN | G_IO_OUT | G_IO_HUP | G_IO_ERR, ready);
    }
}

void char_tls_close(Chardev *c)
{
    CharSocket *s = c->socket;

    char_drop(c, &s->shake_watch);
    char_drop(c, &s->shake_timer);
    g_clear_pointer(&s->tls, tls_session_unref);
    g_clear_pointer(&s->creds, tls_creds_unref);
    g_clear_pointer(&s->authz, g_free);
}

bool char_tls_parse(CharSocket *s, const Opts *o, GError **err)
{
    const char *creds = opts_get(o, "tls-creds"), *authz = opts_get(o, "tls-authz");

    if (!creds) {
        return !authz || report_fail(err, "'tls_authz' option requires 'tls_creds' option");
    }
    if (s->is_unix) {
        return report_fail(err, "'tls_creds' option is incompatible with 'unix' address type");
    }
    if (!s->server && !s->host) {
        return report_fail(err, "'tls_creds' option is incompatible with 'fd' address type as client");
    }
    s->creds = tls_creds_get(creds, s->server, err);
    s->authz = g_strdup(authz);
    return s->creds;
}
