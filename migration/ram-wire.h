/*
 * Guest memory in the stream: section "ram".
 *
 * Its start names the blocks and their sizes; its parts hold pages, each a big-endian word of address and flags, the block's
 * name unless it is that of the page before, and 4 KiB or, for a page of zeros, one byte. Every page goes once, and
 * again when it was written since (system/dirty.h). Private to ram-*.c and the ways pages go.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_RAM_WIRE_H
#define MIGRATION_RAM_WIRE_H

#include "migration/stream.h"
#include "system/memory.h"

#define RAM_PAGE 4096u
#define RAM_BLOCK memory_ram_name
#define WORD_BITS (8 * sizeof(unsigned long))

/* In the low bits of an address */
enum {
    RAM_ZERO = 0x02, RAM_MEM_SIZE = 0x04, RAM_DATA = 0x08, RAM_EOS = 0x10, RAM_CONTINUE = 0x20, RAM_XBZRLE = 0x40,
    RAM_HOOK = 0x80, RAM_COMPRESS = 0x100, RAM_MULTIFD_FLUSH = 0x200, RAM_FLAGS = 0xfff
};

/* ---- sending (ram-save.c) ---- */

/* The word of a page, and the block's name if this part has not named it yet; the page's contents have to follow. */
void ram_put_head(MigOut *o, uint64_t page, unsigned flags);
/* Post-copy's page channel: that page, unless it went already. `named`: the channel has named the block. On a thread of its own. */
void ram_send_urgent(MigOut *o, uint64_t page, bool *named);

/* ---- receiving (ram-load.c) ---- */

/* The contents of a start (`start`), part or end. */
bool ram_load(VmsSource *in, bool start, GError **err);
/* A page of these contents behind its word; `named`: has the block been named here? */
bool ram_load_word(VmsSource *in, uint64_t word, bool *named, GError **err);
/* Where the page at that address is here, for those that change it in place. NULL: nowhere. */
uint8_t *ram_load_page(uint64_t addr, GError **err);
void ram_load_note(uint64_t addr);                      /* it is about to be changed there */
/* Of addresses that are good; on any thread, and several at once for different pages. */
void ram_load_equal(uint64_t addr, uint8_t byte);       /* a page of equal bytes */
void ram_load_zeros(uint64_t addr, unsigned n);         /* n pages */
bool ram_load_data(const uint8_t *data, const uint64_t *addresses, unsigned n, GError **err);   /* n pages, side by side in data */

#endif
