/*
 * Sending on a TCP socket without a copy (MSG_ZEROCOPY): the host's network reads the bytes from where they are, until it says that it has done so.
 *
 * For one thread each. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_ZERO_COPY_H
#define MIGRATION_ZERO_COPY_H

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct ZeroCopy {
    int fd;
    uint32_t sent, done;        /* calls, as the kernel counts them */
    bool copied;                /* some since the last flush were copied all the same */
} ZeroCopy;

/* `fd`: a socket, or -1. The error is the peer's. */
bool zero_copy_start(ZeroCopy *z, int fd, GError **err);
/* Blocks until all of it is on its way. */
bool zero_copy_send(ZeroCopy *z, const GOutputVector *piece, unsigned n, GCancellable *cancel, GError **err);
/* Waits until nothing of what was sent is read any more. *missed: was something copied? */
bool zero_copy_flush(ZeroCopy *z, GCancellable *cancel, bool *missed, GError **err);

#endif
