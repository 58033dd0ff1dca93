/*
 * Auto-converge: a guest that writes memory faster than it can be sent is slowed down, more and more, until the migration ends.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_CONVERGE_H
#define MIGRATION_CONVERGE_H

#include <stdint.h>

void converge_start(void);
/* After each look for written pages, on the migration's thread: bytes that were written since the last, and bytes sent so far. */
void converge_note(uint64_t dirtied, uint64_t sent);
void converge_end(void);            /* big lock held */

#endif
