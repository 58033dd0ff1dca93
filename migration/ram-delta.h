/*
 * Pages in shorter forms: what changed since they were sent last ("xbzrle"), or deflated one by one ("compress"). Private to ram-*.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_RAM_DELTA_H
#define MIGRATION_RAM_DELTA_H

#include "migration/ram.h"

/* The cache of pages as they were sent. */
bool ram_delta_start(uint64_t bytes, GError **err);
/* In whatever form; `first`: nothing was sent before, so nothing is remembered. `round`: how often memory was gone through. */
void ram_delta_page(MigOut *o, uint64_t page, const uint8_t *p, uint64_t round, XbzrleStats *stats);
void ram_delta_zero(uint64_t page);             /* it went as zeros */
void ram_delta_end(void);
bool ram_delta_load(VmsSource *in, uint64_t addr, GError **err);

void ram_deflate_start(int level);
void ram_deflate_page(MigOut *o, uint64_t page, const uint8_t *p, CompressStats *stats);
void ram_deflate_end(void);
bool ram_inflate_load(VmsSource *in, uint64_t addr, GError **err);

#endif
