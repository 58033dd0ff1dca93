/*
 * Memory in a file of mapped-ram: behind each block's name a head, a bitmap of the pages that are there, and room for every page at its place. What
 * the bitmap does not name is zeros, whatever is in its place. Read in order, so from a pipe, too; of a file the gaps are not read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tools/saved.h"
#include "migration/ram-wire.h"
#include "system/report.h"
#include <inttypes.h>

#define VERSION 1
#define PIECE 4096u

static bool read_bitmap(Saved *s, VmsSource *in, SavedBlock *b, const SavedOptions *o, uint64_t bytes, GError **err)
{
    uint8_t piece[PIECE];

    for (uint64_t at = 0; at < bytes; at += PIECE) {
        size_t n = MIN(bytes - at, PIECE);
        if (!in->read(in, piece, n, err)) {
            return false;
        }
        for (uint64_t i = 0; i < n * 8; i++) {
            uint64_t page = at * 8 + i;
            if (!(piece[i / 8] >> i % 8 & 1)) {
                continue;
            }
            if (page >= b->bytes / RAM_PAGE) {
                return report_fail(err, "mapped-ram: the bitmap names page 0x%" PRIx64 " of %s, which has 0x%" PRIx64, page, b->name, b->bytes / RAM_PAGE);
            }
            if (!saved_note_page(s, b, page * RAM_PAGE, o, 1, err)) {
                return false;
            }
            b->whole++;
        }
    }
    return true;
}

/* The pages that are there are looked at, or copied; the rest is left out. */
static bool read_pages(VmsSource *in, const SavedBlock *b, const SavedOptions *o, GError **err)
{
    const uint64_t begin = in->position;

    for (gint64 number = 0; (uint64_t)number * SAVED_CHUNK * RAM_PAGE < b->bytes; number++) {
        SavedChunk *c = g_hash_table_lookup(b->chunks, &number);
        for (unsigned i = 0; c && i < SAVED_CHUNK; i++) {
            uint8_t page[RAM_PAGE];
            uint64_t at = begin + ((uint64_t)number * SAVED_CHUNK + i) * RAM_PAGE;
            if (!(c->seen[i / 64] >> i % 64 & 1)) {
                continue;
            }
            if (!saved_skip(in, at - in->position, err) || !in->read(in, page, sizeof(page), err)) {
                return false;
            }
            if (o->hash_pages) {
                c->hash[i] = saved_page_hash(page);
            }
        }
    }
    return saved_skip(in, begin + b->bytes - in->position, err);
}

bool saved_read_mapped(Saved *s, VmsSource *in, SavedBlock *b, const SavedOptions *o, GError **err)
{
    uint64_t version, page_size, bitmap_at, pages_at, bytes = ((b->bytes / RAM_PAGE + 7) / 8 + 7) & ~(uint64_t)7;

    if (!vms_read_be(in, 4, &version, err) || !vms_read_be(in, 8, &page_size, err) || !vms_read_be(in, 8, &bitmap_at, err)
        || !vms_read_be(in, 8, &pages_at, err)) {
        return false;
    }
    if (version != VERSION || page_size != RAM_PAGE) {
        return report_fail(err, "mapped-ram: the head of %s has version %" PRIu64 " and pages of %" PRIu64 " bytes; known are %d and %u", b->name, version,
                           page_size, VERSION, RAM_PAGE);
    }
    if (bitmap_at < in->position || pages_at > INT64_MAX / 2 || bitmap_at > pages_at || pages_at - bitmap_at < bytes) {
        return report_fail(err, "mapped-ram: the bitmap of %s at 0x%" PRIx64 " and its pages at 0x%" PRIx64 " do not follow the head, which ends at 0x%"
                           PRIx64, b->name, bitmap_at, pages_at, in->position);
    }
    b->mapped_at = pages_at;
    return saved_skip(in, bitmap_at - in->position, err) && read_bitmap(s, in, b, o, bytes, err) && saved_skip(in, pages_at - in->position, err)
        && (o->hash_pages || o->copy ? read_pages(in, b, o, err) : saved_skip(in, b->bytes, err));
}
