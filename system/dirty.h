/*
 * Which pages of guest memory were written, while somebody wants to know (migration, calc-dirty-rate): each has a log.
 *
 * One bit a page of 4 KiB. Stores by generated code set it through the soft TLB: while the log is on, the first store
 * to a page after a sync takes the slow path. Everybody else who writes memory by other means than memory_write() and
 * its kin calls dirty_mark() after writing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SYSTEM_DIRTY_H
#define SYSTEM_DIRTY_H

#include <stdbool.h>
#include <stdint.h>

#define DIRTY_PAGE_BITS 12

extern bool dirty_logging;

/* Zero before it is started. */
typedef struct DirtyLog {
    unsigned long *missed;      /* what others' syncs took from the common map */
    bool has_missed;
} DirtyLog;

/* Not with the big lock held: the vCPUs are stopped for the moment it takes. */
void dirty_log_start(DirtyLog *l);
void dirty_log_stop(DirtyLog *l);       /* with it or without */
/*
 * Moves what was written since the last sync of this log into `pages` (a bit is set, never cleared, there); how many were new. Likewise without the
 * big lock, unless every vCPU stands still already.
 */
uint64_t dirty_log_sync(DirtyLog *l, unsigned long *pages);

/* Memory ends elsewhere now. There is no log, and no vCPU that has not noticed. */
void dirty_resize(void);
void dirty_set(uint64_t raddr, uint64_t len);
static inline void dirty_mark(uint64_t raddr, uint64_t len)
{
    if (__atomic_load_n(&dirty_logging, __ATOMIC_RELAXED)) {
        dirty_set(raddr, len);
    }
}
/* Is it marked already (or nobody asks)? Then stores to this page need not be noticed. */
bool dirty_is_set(uint64_t raddr);

#endif
