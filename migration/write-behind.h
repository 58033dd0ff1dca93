/*
 * What a stream's writer has gathered, written by a thread of its own while the next is gathered: looking for pages goes on while the host
 * copies those that were found.
 *
 * As much may be waiting as the channel takes in 200 ms, or one batch: a destination that hesitates does not hold up the search.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_WRITE_BEHIND_H
#define MIGRATION_WRITE_BEHIND_H

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

#define OUT_BUFFER (256u << 10)
#define OUT_PIECES 1024u            /* of a batch, as many as a system call takes */
/*
 * Of one write through the host's cache, which a file system fills with folios as large as the write. Those beyond 256 KiB come from memory
 * that has not been used for long, and where the host is itself a guest (free page reporting) that is gone and must be found again: 1 GiB took
 * 1.2 to 2 s to write in pieces of 1 MiB, 0.25 s in these. To a socket it makes no difference.
 */
#define OUT_WRITE_MAX (128u << 10)

/* What waits to be written, in order: parts of buf and what others keep. */
typedef struct OutBatch {
    size_t used;                    /* of buf */
    unsigned pieces;
    GOutputVector piece[OUT_PIECES];
    uint8_t buf[OUT_BUFFER];
} OutBatch;

OutBatch *out_batch_new(void);
/* Now; the batch is empty then. */
bool out_batch_write(OutBatch *b, GOutputStream *to, GCancellable *cancel, GError **err);

typedef struct WriteBehind WriteBehind;
WriteBehind *write_behind_new(GOutputStream *to, GCancellable *cancel);
/* Takes `full` and gives an empty one, when there is not too much waiting. After an error nothing is written any more. */
OutBatch *write_behind(WriteBehind *w, OutBatch *full);
/* Waits until everything is written. The first error stays. */
bool write_behind_wait(WriteBehind *w, GError **err);
uint64_t write_behind_waiting(WriteBehind *w);      /* bytes */
void write_behind_free(WriteBehind *w);     /* what is not written is not written */

#endif
