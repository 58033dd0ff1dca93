/*
 * What a stream's writer has gathered, written by a thread of its own while the next is gathered: looking for pages goes on while the host
 * copies those that were found.
 *
 * As much may be waiting as the channel takes in 200 ms, or one batch: a destination that hesitates does not hold up the search. Before it is known how
 * much that is, 64 MiB.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_WRITE_BEHIND_H
#define MIGRATION_WRITE_BEHIND_H

#include "migration/out-batch.h"

typedef struct WriteBehind WriteBehind;
WriteBehind *write_behind_new(GOutputStream *to, GCancellable *cancel);
/* Takes `full` and gives an empty one, when there is not too much waiting. After an error nothing is written any more. */
OutBatch *write_behind(WriteBehind *w, OutBatch *full);
/* Waits until everything is written. The first error stays. */
bool write_behind_wait(WriteBehind *w, GError **err);
uint64_t write_behind_waiting(WriteBehind *w);      /* bytes */
void write_behind_free(WriteBehind *w);     /* what is not written is not written */

#endif
