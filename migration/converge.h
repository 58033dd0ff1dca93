/*
 * How a migration comes to its end: when the machine is stopped for what is left, and auto-converge: a guest that writes memory faster than it
 * can be sent is slowed down, more and more, until that moment comes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_CONVERGE_H
#define MIGRATION_CONVERGE_H

#include <stdbool.h>
#include <stdint.h>

void converge_start(void);
/* So few bytes have to be left, as far as is known, before it is worth asking how many there really are. `threshold`: what the downtime allows. */
uint64_t converge_ask_at(double bytes_per_us, uint64_t threshold);
/* `left` there really are: is it time to stop the machine? Not as long as another pass makes the downtime much shorter. */
bool converge_stop(uint64_t left, double bytes_per_us, uint64_t threshold);
/* After each look for written pages, on the migration's thread: bytes that were written since the last, and bytes sent so far. */
void converge_note(uint64_t dirtied, uint64_t sent);
void converge_end(void);            /* big lock held */

#endif
