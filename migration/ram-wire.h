/*
 * Guest memory in the stream: section "ram".
 *
 * Its start names the blocks and their sizes; its parts hold pages, each a big-endian word of address and flags, the block's
 * name unless it is that of the page before, and 4 KiB or, for a page of equal bytes, that byte. Every page goes once, and
 * again when it was written since (system/dirty.h). Private to ram-*.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_RAM_WIRE_H
#define MIGRATION_RAM_WIRE_H

#include "migration/stream.h"

#define RAM_PAGE 4096u
#define RAM_BLOCK "ppc_spapr.ram"
#define WORD_BITS (8 * sizeof(unsigned long))

/* In the low bits of an address */
enum {
    RAM_ZERO = 0x02, RAM_MEM_SIZE = 0x04, RAM_DATA = 0x08, RAM_EOS = 0x10, RAM_CONTINUE = 0x20, RAM_XBZRLE = 0x40,
    RAM_HOOK = 0x80, RAM_COMPRESS = 0x100, RAM_MULTIFD_FLUSH = 0x200, RAM_FLAGS = 0xfff
};

/* The contents of a start (`start`), part or end (ram-load.c). */
bool ram_load(VmsSource *in, bool start, GError **err);

#endif
