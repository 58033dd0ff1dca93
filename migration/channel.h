/*
 * The connections of a migration, to or from an address (address.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_CHANNEL_H
#define MIGRATION_CHANNEL_H

#include "migration/address.h"

typedef struct MigChannel MigChannel;

/* Connects (blocking; a migration's thread), each call anew. NULL: err says why. */
MigChannel *channel_connect(MigAddress *a, GCancellable *cancel, GError **err);
/* Before connecting, in the main loop: takes the descriptor of this name. */
bool channel_prepare(MigAddress *a, GError **err);
/* Ready to receive: opened, or listening. Of tcp and unix any number of channels may come, of the others the one that was opened. */
typedef struct MigListener MigListener;
MigListener *channel_listen(MigAddress *a, GError **err);
/*
 * Waits for the next channel; if it is to be encrypted, until it is, with `spoken` for the first that has also said something: of several, the one that
 * carries the stream may wait for all others to be there.
 */
MigChannel *channel_accept(MigListener *l, bool spoken, GCancellable *cancel, GError **err);
void channel_listener_free(MigListener *l);
/* The first four bytes that came, without taking them; waits for them, except where the channel is encrypted. false: not known here (a file, an error, the end). */
bool channel_peek_magic(MigChannel *c, uint32_t *magic);
GOutputStream *channel_output(MigChannel *c);
GInputStream *channel_input(MigChannel *c);
/*
 * All was written or read: false if the other end says that it went wrong: by a command's exit status; of a socket, if the other side went before
 * it had read everything (the kernel says so). `cancel` ends the waiting, and the command with it.
 */
bool channel_close(MigChannel *c, GCancellable *cancel, GError **err);
bool channel_is_socket(const MigChannel *c);
/* Of a socket: has the other end gone? Waits until its host has all that was written, at most `arrive_ms`, and then `ms` more. */
bool channel_left(MigChannel *c, unsigned arrive_ms, unsigned ms);
/* Did it say, before it went, that it refuses (channel_refuse())? Known after channel_close(). */
bool channel_refused(const MigChannel *c);
void channel_refuse(MigChannel *c);             /* the last word of one that was received, where no return path was asked for: sources of others do not read it */
/* Ends what is read and written here, as if the link had broken. From any thread; nothing if it is no socket. */
void channel_break(MigChannel *c);
/* Of an error in writing: says to what. */
void channel_name_error(const MigChannel *c, GError *err);
/* One that a thread of its own used: waits for the thread, closes, frees. Either may be NULL. */
void channel_end(MigChannel *c, GThread *user);
int channel_socket(const MigChannel *c);        /* its descriptor; -1: it is no socket */
void channel_free(MigChannel *c);

#endif
