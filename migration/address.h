/*
 * Where a migration goes to or comes from: exec:COMMAND, tcp:HOST:PORT, unix:PATH, fd:NAME or fd:NUMBER, file:PATH[,offset=N], or the same as
 * QMP's MigrationChannel.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_ADDRESS_H
#define MIGRATION_ADDRESS_H

#include <gio/gio.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum MigTransport { MIG_EXEC, MIG_TCP, MIG_UNIX, MIG_FD, MIG_FILE } MigTransport;

typedef struct MigAddress {
    MigTransport transport;
    char *text;             /* for messages: what follows the kind in a URI */
    char **command;         /* MIG_EXEC: arguments up to NULL */
    char *host;             /* MIG_TCP; "": any */
    uint16_t port;
    char *path;             /* MIG_UNIX, MIG_FILE */
    uint64_t offset;        /* MIG_FILE: where in it the stream begins */
    bool keep;              /* MIG_FILE: an offset was given, so what stands in the file stays */
    char *fd_name;          /* MIG_FD */
    int fd;                 /* MIG_FD: the descriptor once it was found, until it was used; -1 */
} MigAddress;

/* NULL and an error. A URI, or a JSON object where -incoming takes one. */
MigAddress *migration_address_parse(const char *text, GError **err);
/* Of the QMP type MigrationChannel, a list of which one has to be the main one. */
MigAddress *migration_address_from_channels(json_object *list, GError **err);
void migration_address_free(MigAddress *a);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MigAddress, migration_address_free)

#endif
