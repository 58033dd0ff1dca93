/*
 * Where a channel becomes an encrypted one: see channel-int.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/channel-int.h"
#include "migration/options.h"
#include "system/report.h"
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <glib-unix.h>

bool channel_tls_wanted(void)
{
    g_autofree char *id = migration_parameter_dup(PARAM_TLS_CREDS);

    return *id;
}

bool channel_tls_session(bool server, const char *host, int in, int out, TlsSession **s, GError **err)
{
    g_autofree char *id = migration_parameter_dup(PARAM_TLS_CREDS), *name = migration_parameter_dup(PARAM_TLS_HOSTNAME),
                    *authz = migration_parameter_dup(PARAM_TLS_AUTHZ);
    bool wanted = *id;

    *s = NULL;
    TlsCreds *creds = wanted ? tls_creds_get(id, server, err) : NULL;
    if (creds) {
        *s = tls_session_new(creds, in, out, *name ? name : host, server && *authz ? authz : NULL, err);
    }
    tls_creds_unref(creds);
    return *s || !wanted;
}

/* The streams of a session instead of those below it, whose descriptors stay open as long as anybody has one of these. */
void channel_encrypt(MigChannel *c, TlsSession *s)
{
    static const char *const names[] = { "in", "out", "connection" };
    GObject *below[] = { (GObject *)c->in, (GObject *)c->out, c->connection ? g_object_ref(G_OBJECT(c->connection)) : NULL };

    c->in = tls_input_stream_new(s);
    c->out = tls_output_stream_new(s);
    c->tls = tls_session_ref(s);
    for (unsigned i = 0; i < G_N_ELEMENTS(below); i++) {
        if (below[i]) {
            g_object_set_data_full(G_OBJECT(c->in), names[i], g_object_ref(below[i]), g_object_unref);
            g_object_set_data_full(G_OBJECT(c->out), names[i], below[i], g_object_unref);
        }
    }
}

/* The descriptors of a channel that goes both ways. */
static bool descriptors(const MigChannel *c, int *in, int *out)
{
    if (c->connection) {
        *in = *out = g_socket_get_fd(g_socket_connection_get_socket(c->connection));
        return true;
    }
    *in = c->in ? g_unix_input_stream_get_fd(G_UNIX_INPUT_STREAM(c->in)) : -1;
    *out = c->out ? g_unix_output_stream_get_fd(G_UNIX_OUTPUT_STREAM(c->out)) : -1;
    if (!c->command) {          /* one that was passed */
        *in = *out = MAX(*in, *out);
    }
    return g_unix_set_fd_nonblocking(*in, TRUE, NULL) && g_unix_set_fd_nonblocking(*out, TRUE, NULL);
}

bool channel_secure(MigChannel *c, const MigAddress *a, bool server, GCancellable *cancel, GError **err)
{
    TlsSession *s;
    int in, out;

    if (!channel_tls_wanted()) {
        return true;
    }
    if (a->transport == MIG_FILE) {
        return report_fail(err, "file:%s: TLS needs somebody who answers at the other end: set tls-creds to '', or use exec: and encrypt there", a->text);
    }
    if (!descriptors(c, &in, &out)) {
        return report_fail(err, "%s: TLS needs a channel that goes both ways", a->text);
    }
    if (!channel_tls_session(server, a->host && *a->host ? a->host : a->transport == MIG_TCP ? "localhost" : NULL, in, out, &s, err)) {
        return false;
    }
    bool ok = !s || tls_session_shake(s, cancel, err);
    if (ok && s) {
        channel_encrypt(c, s);
    }
    tls_session_unref(s);
    return ok;
}
