/*
 * Guest memory in the stream: section "ram".
 *
 * Its start names the blocks (system/memory.h) and their sizes; its parts hold pages, each a big-endian word of flags and its address in the block, the
 * block's name unless it is that of the page before, and 4 KiB or, for a page of zeros, one byte. Every page goes once, and
 * again when it was written since (system/dirty.h). Private to ram-*.c and the ways pages go.
 *
 * Blocks are a matter of the wire: everything here numbers pages and counts addresses as the guest does, and bitmaps have a bit for each page of
 * the guest. A block begins at a multiple of 64 pages, so that its part of a bitmap is one of whole bytes and words.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_RAM_WIRE_H
#define MIGRATION_RAM_WIRE_H

#include "migration/stream.h"
#include "system/memory.h"

#define RAM_PAGE 4096u
#define WORD_BITS (8 * sizeof(unsigned long))

/* In the low bits of an address */
enum {
    RAM_ZERO = 0x02, RAM_MEM_SIZE = 0x04, RAM_DATA = 0x08, RAM_EOS = 0x10, RAM_CONTINUE = 0x20, RAM_XBZRLE = 0x40,
    RAM_HOOK = 0x80, RAM_COMPRESS = 0x100, RAM_MULTIFD_FLUSH = 0x200, RAM_FLAGS = 0xfff
};

/* ---- sending (ram-save.c) ---- */

/* The word of a page, and its block's name unless this part named it last; the page's contents have to follow. */
void ram_put_head(MigOut *o, uint64_t page, unsigned flags);
/* Post-copy's page channel: that page, unless it went already. `named`: the block that the channel named last. On a thread of its own. */
void ram_send_urgent(MigOut *o, uint64_t page, const MemoryBlock **named);
/* Does the destination have it already (x-ignore-shared)? */
bool ram_block_is_ignored(const MemoryBlock *b);

/* ---- receiving (ram-load.c) ---- */

/* The contents of a start (`start`), part or end. */
bool ram_load(VmsSource *in, bool start, GError **err);
/* A page of these contents behind its word; `named`: the block that was named last, NULL: none. */
bool ram_load_word(VmsSource *in, uint64_t word, const MemoryBlock **named, GError **err);
/* NULL: there is none of this name, and err says which there are. */
const MemoryBlock *ram_load_block(const char *name, size_t length, GError **err);
/* What comes is of the page at that address, which is here. */
uint8_t *ram_load_page(uint64_t addr);
void ram_load_note(uint64_t addr);                      /* it is about to be changed there */
/* Of addresses that are good; on any thread, and several at once for different pages. */
void ram_load_equal(uint64_t addr, uint8_t byte);       /* a page of equal bytes */
void ram_load_zeros(uint64_t addr, unsigned n);         /* n pages */
bool ram_load_data(const uint8_t *data, const uint64_t *addresses, unsigned n, GError **err);   /* n pages, side by side in data */

#endif
