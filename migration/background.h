/*
 * A background snapshot: memory as it was at one moment, sent while the guest runs on.
 *
 * Every page is protected against writing at that moment. Whoever writes to one that was not sent waits for the time it takes to copy it
 * aside, and goes on; what was copied is sent first. Nobody waits for the channel, except that copies above a limit are made more slowly.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_BACKGROUND_H
#define MIGRATION_BACKGROUND_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

bool background_possible(GError **err);         /* does this host let us? The error has the peer's words, and why. */
void background_prepare(void);                  /* before the machine is stopped: what takes long */
bool background_start(GError **err);            /* the machine stands still: this is the moment */
/* The page as it was then, once only: valid until the next call. For the one thread that sends. */
const uint8_t *background_take(uint64_t page);
/* Taken without looking: whoever calls knows what it was. */
void background_skip(uint64_t page);
/* These were all taken: they need no protection any more. */
void background_release(uint64_t page, uint64_t n);
/* A page of which there is a copy that has not been taken. */
bool background_next_copy(uint64_t *page);
void background_end(void);                      /* after success or failure; not started: does nothing */

#endif
