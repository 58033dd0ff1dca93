/*
 * What a channel is: private to migration/channel*.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_CHANNEL_INT_H
#define MIGRATION_CHANNEL_INT_H

#include "crypto/tls.h"
#include "migration/channel.h"

struct MigChannel {
    GOutputStream *out;
    GInputStream *in;
    GSubprocess *command;
    GSocketConnection *connection;
    bool sent;                  /* somebody asked for `out` */
    uint8_t said[8];            /* the first bytes that came back where nobody was asked */
    unsigned said_bytes;
    TlsSession *tls;            /* NULL: in clear */
};

/* ---- channel.c: opening; false and -1: err says why ---- */

bool channel_run_command(MigChannel *c, char *const *command, GSubprocessFlags flags, GError **err);
int channel_open_file(const MigAddress *a, int flags, GError **err);
int channel_steal_descriptor(MigAddress *a);                /* -1: it was taken before */
void channel_connected(MigChannel *c, GSocketConnection *s);    /* takes it */
/* A descriptor that is a connected socket goes both ways, so that it can be all that a connection of our own is. false: it is none, and not taken. */
bool channel_adopt_socket(MigChannel *c, int fd);

/* ---- channel-tls.c: encryption, as the parameters tls-creds, tls-hostname and tls-authz want it; any thread ---- */

bool channel_tls_wanted(void);
/* *s NULL: not wanted. `host`: that we connected to, or NULL. */
bool channel_tls_session(bool server, const char *host, int in, int out, TlsSession **s, GError **err);
void channel_encrypt(MigChannel *c, TlsSession *s);         /* from now on, with a session that has shaken hands */
/* If it is wanted: all of that, waiting. */
bool channel_secure(MigChannel *c, const MigAddress *a, bool server, GCancellable *cancel, GError **err);

#endif
