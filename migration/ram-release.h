/*
 * Giving back to the host what post-copy's destination has (capability release-ram); without it these do nothing. On the thread that sends.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_RAM_RELEASE_H
#define MIGRATION_RAM_RELEASE_H

#include "migration/stream.h"

void ram_release_begin(void);                       /* post-copy begins */
void ram_release_sent(uint64_t page, uint64_t n);   /* n pages from that one on are in the stream */
void ram_release_step(MigOut *o);                   /* between two sections, the guest runs on the other side */
/* A new link, with a bit a page that is there, least first in each byte. false: one that was given back is not. */
bool ram_release_received(const uint8_t *received, GError **err);
void ram_release_all(void);                         /* the destination has everything */
void ram_release_end(void);                         /* after success or failure; not begun: does nothing */

#endif
