/*
 * What is known of the memory that is being sent; see ram-save.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_RAM_H
#define MIGRATION_RAM_H

#include "migration/savevm.h"
#include "system/memory.h"

/* Pages that went as what changed in them, in how many bytes; those that were not in the cache, or became too long. */
typedef struct XbzrleStats { uint64_t pages, bytes, cache_miss, overflow; } XbzrleStats;
/* Pages that went compressed, in how many bytes. */
typedef struct CompressStats { uint64_t pages, bytes; } CompressStats;

typedef struct RamStats {
    uint64_t total, remaining;          /* bytes */
    uint64_t duplicate, normal;         /* pages */
    uint64_t dirty_sync_count;
    uint64_t dirty_pages_rate;          /* a second, between the last two syncs */
    uint64_t multifd_bytes, missed_zero_copy;
    XbzrleStats xbzrle;
    CompressStats compress;
} RamStats;

RamStats migration_ram_stats(void);
bool migration_ram_freeze(GError **err);    /* a background snapshot: memory is sent as it is now (the machine stands still) */
void migration_ram_init(void);          /* registers the section */
/* Post-copy goes on after a break: a bit a page, least first in each byte; the others are sent (again). */
bool ram_send_what_is_missing(const uint8_t *received, GError **err);
bool migration_ram_came(GError **err);  /* or it is here already; asked when all of a stream was read */
void migration_ram_load_end(void);      /* nothing more comes, after success or failure */
/* The block of this name here, which has to be as large. The loader asks it of each block in a stream. */
const MemoryBlock *migration_ram_check(const char *name, uint64_t size, GError **err);
/* Has what comes each block that is here? */
typedef bool MigrationHasBlock(const MemoryBlock *b, void *opaque);
bool migration_ram_check_all(MigrationHasBlock *has, void *opaque, GError **err);

#endif
