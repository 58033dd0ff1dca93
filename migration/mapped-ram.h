/*
 * Memory at fixed places of a file ("mapped-ram", QEMU 9.0): behind a block's name and size a head (its version 4 bytes, the page size, where the
 * bitmap and where the pages are in the file 8 each), the bitmap, and from the next MiB on each page at its place, as a hole if it is
 * zero. The stream goes on behind them, with the next block's name. Bit n of the bitmap, in byte n / 8, says that page n is there. Private to ram-*.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_MAPPED_RAM_H
#define MIGRATION_MAPPED_RAM_H

#include "migration/stream.h"
#include "system/memory.h"

bool mapped_ram_start(MigOut *o, const MemoryBlock *b, GError **err);   /* its head; failures after it show in mig_out_error() */
void mapped_ram_page(MigOut *o, uint64_t page);
void mapped_ram_copy(MigOut *o, uint64_t page, const uint8_t *p);    /* with other contents than memory has now; p: aligned to a page */
void mapped_ram_zero(uint64_t page);
void mapped_ram_flush(MigOut *o);                       /* what was gathered; at the end of a part */
void mapped_ram_complete(MigOut *o);
void mapped_ram_end(void);
/* What follows the block's name and size. */
bool mapped_ram_load(VmsSource *in, const MemoryBlock *b, GError **err);

#endif
