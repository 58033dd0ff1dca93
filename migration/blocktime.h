/*
 * How long post-copy kept the processors waiting; see blocktime.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_BLOCKTIME_H
#define MIGRATION_BLOCKTIME_H

#include <stdbool.h>
#include <stdint.h>

void blocktime_begin(void);                                 /* from now on it is measured */
void blocktime_forget(void);                                /* what was measured is of another migration */
void blocktime_fault(uint64_t page, uint32_t thread);       /* that thread of the host waits for it */
void blocktime_placed(uint64_t page);                       /* it is there */
/* Milliseconds: all processors at once, and each of them (valid until the next call). NULL: nothing was measured. Big lock held. */
const uint32_t *blocktime_ms(uint32_t *all, unsigned *n);

#endif
