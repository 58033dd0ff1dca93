/*
 * Where a migration goes to or comes from, by URI: exec:COMMAND, tcp:HOST:PORT, unix:PATH, fd:NUMBER, file:PATH[,offset=N].
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_CHANNEL_H
#define MIGRATION_CHANNEL_H

#include <gio/gio.h>
#include <stdbool.h>

typedef struct MigChannel MigChannel;

/* Connects (blocking; a migration's thread). NULL: err says why. */
MigChannel *channel_connect(const char *uri, GCancellable *cancel, GError **err);
/* Checks the URI without connecting. */
bool channel_check(const char *uri, GError **err);
/* Ready to receive: opened, or listening. */
MigChannel *channel_listen(const char *uri, GError **err);
/* Waits for the other side, if one is to come. */
bool channel_accept(MigChannel *c, GCancellable *cancel, GError **err);
GOutputStream *channel_output(MigChannel *c);
GInputStream *channel_input(MigChannel *c);
/* All was written or read: false if the other end says that it went wrong (a command's exit status). */
bool channel_close(MigChannel *c, GError **err);
/* Of an error in writing: says to what. */
void channel_name_error(const MigChannel *c, GError *err);
void channel_free(MigChannel *c);

#endif
