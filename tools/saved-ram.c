/*
 * Memory and the hash page table in a saved guest: counted, hashed if asked for, kept nowhere.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tools/saved.h"
#include "migration/ram-wire.h"
#include "system/report.h"
#include <inttypes.h>
#include <string.h>

#define BLOCKS_MAX 4096
#define BLOCK_BYTES_MAX (1ull << 50)
#define CHUNK_MEMORY_MAX (4ull << 30)
#define PAGE RAM_PAGE

void saved_block_free(void *block)
{
    SavedBlock *b = block;

    g_free(b->name);
    g_hash_table_unref(b->chunks);
    g_free(b);
}

SavedBlock *saved_block(const Saved *s, const char *name)
{
    for (guint i = 0; i < s->blocks->len; i++) {
        SavedBlock *b = g_ptr_array_index(s->blocks, i);
        if (!strcmp(b->name, name)) {
            return b;
        }
    }
    return NULL;
}

SavedBlock *saved_new_block(Saved *s, const char *name, uint64_t bytes)
{
    SavedBlock *b = g_new0(SavedBlock, 1);

    b->name = g_strdup(name);
    b->bytes = bytes;
    b->chunks = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    g_ptr_array_add(s->blocks, b);
    return b;
}

static bool has_capability(const Saved *s, const char *name)
{
    for (guint i = 0; i < s->configuration->len; i++) {
        const char *words = g_ptr_array_index(s->configuration, i), *at = strstr(words, name);
        if (at && at > words && at[-1] == ' ' && (!at[strlen(name)] || at[strlen(name)] == ' ')) {
            return true;
        }
    }
    return false;
}

static bool read_blocks(Saved *s, VmsSource *in, uint64_t total, const SavedOptions *o, GError **err)
{
    bool mapped = has_capability(s, "mapped-ram");
    bool placed = has_capability(s, "x-ignore-shared");     /* where each block is follows its size */

    while (total) {
        char name[256];
        uint64_t bytes, place;
        if (!vms_read_string8(in, name, err) || !vms_read_be(in, 8, &bytes, err) || (placed && !vms_read_be(in, 8, &place, err))) {
            return false;
        }
        if (!*name || !bytes || bytes > total || bytes % PAGE || bytes > BLOCK_BYTES_MAX) {
            return report_fail(err, "at byte %" PRIu64 ": the memory block '%s' is said to have 0x%" PRIx64 " bytes, of 0x%" PRIx64
                               " that are left of all: the stream is damaged", in->position, name, bytes, total);
        }
        if (saved_block(s, name) || s->blocks->len >= BLOCKS_MAX) {
            return report_fail(err, "the memory block '%s' is named twice, or is one of more than %d", name, BLOCKS_MAX);
        }
        SavedBlock *b = saved_new_block(s, name, bytes);
        total -= bytes;
        if (mapped && !saved_read_mapped(s, in, b, o, err)) {
            return false;
        }
    }
    return true;
}

/* Not for enemies: two pages that differ by chance have other hashes. */
static uint64_t hash_of(const uint8_t *p, size_t n)
{
    uint64_t h = n * 0x9e3779b97f4a7c15ull, w;

    for (size_t i = 0; i + 8 <= n; i += 8) {
        memcpy(&w, p + i, 8);
        h = (h ^ w) * 0xff51afd7ed558ccdull;
        h ^= h >> 32;
    }
    for (size_t i = n & ~(size_t)7; i < n; i++) {
        h = (h ^ p[i]) * 0xff51afd7ed558ccdull;
        h ^= h >> 32;
    }
    return h | 1;               /* 0: no page */
}

uint64_t saved_page_hash(const uint8_t *page)
{
    return hash_of(page, PAGE);
}

uint64_t saved_zero_page_hash(void)
{
    static const uint8_t zeros[PAGE];

    return hash_of(zeros, PAGE);
}

bool saved_note_page(Saved *s, SavedBlock *b, uint64_t addr, const SavedOptions *o, uint64_t hash, GError **err)
{
    gint64 number = addr / PAGE / SAVED_CHUNK;
    unsigned at = addr / PAGE % SAVED_CHUNK;
    SavedChunk *c = g_hash_table_lookup(b->chunks, &number);

    if (!c) {
        size_t size = sizeof(SavedChunk) + (o->hash_pages ? SAVED_CHUNK * 8 : 0);
        s->memory += size + 64;
        if (s->memory > CHUNK_MEMORY_MAX) {
            return report_fail(err, "the pages of this stream are too many, or too far apart, to be noted in %llu bytes", CHUNK_MEMORY_MAX);
        }
        c = g_malloc0(size);
        g_hash_table_insert(b->chunks, g_memdup2(&number, sizeof(number)), c);
    }
    if (c->seen[at / 64] >> at % 64 & 1) {
        b->again++;
    } else {
        c->seen[at / 64] |= 1ull << at % 64;
        b->present++;
    }
    if (o->hash_pages) {
        c->hash[at] = hash;
    }
    return true;
}

/* A page in a form whose length is in the stream: xbzrle (a byte, then 2 bytes of length) or zlib (4 bytes). */
static bool read_packed(VmsSource *in, unsigned flags, uint64_t *hash, GError **err)
{
    uint8_t buf[2 * PAGE];
    uint64_t kind = 1, n;
    bool xbzrle = flags & RAM_XBZRLE;

    if ((xbzrle && !vms_read_be(in, 1, &kind, err)) || !vms_read_be(in, xbzrle ? 2 : 4, &n, err)) {
        return false;
    }
    if (kind != 1 || n > (xbzrle ? PAGE : sizeof(buf))) {
        return report_fail(err, "at byte %" PRIu64 ": a packed page is said to have %" PRIu64 " bytes: the stream is damaged", in->position, n);
    }
    if (!in->read(in, buf, n, err)) {
        return false;
    }
    *hash = hash_of(buf, n);
    return true;
}

static bool read_page(Saved *s, SavedBlock *b, VmsSource *in, uint64_t addr, unsigned flags, const SavedOptions *o, GError **err)
{
    uint8_t page[PAGE];
    uint64_t hash = 1;

    if (addr >= b->bytes) {
        return report_fail(err, "at byte %" PRIu64 ": page 0x%" PRIx64 " is outside of %s, which has 0x%" PRIx64 " bytes", in->position, addr,
                           b->name, b->bytes);
    }
    if (flags & RAM_ZERO) {
        if (!in->read(in, page, 1, err)) {
            return false;
        }
        if (o->hash_pages) {
            memset(page + 1, page[0], PAGE - 1);
            hash = hash_of(page, PAGE);
        }
        *(page[0] ? &b->uniform : &b->zero) += 1;
    } else if (flags & RAM_DATA) {
        if (!in->read(in, page, PAGE, err)) {
            return false;
        }
        if (o->hash_pages) {
            hash = hash_of(page, PAGE);
        }
        b->whole++;
    } else {
        if (!read_packed(in, flags, &hash, err)) {
            return false;
        }
        *(flags & RAM_XBZRLE ? &b->delta : &b->compressed) += 1;
    }
    return saved_note_page(s, b, addr, o, hash, err);
}

bool saved_read_ram(Saved *s, VmsSource *in, const SavedOptions *o, GError **err)
{
    for (;;) {
        uint64_t word;
        char name[256];
        if (!vms_read_be(in, 8, &word, err)) {
            return false;
        }
        unsigned flags = word & RAM_FLAGS;
        uint64_t addr = word & ~(uint64_t)RAM_FLAGS;
        switch (flags & ~RAM_CONTINUE) {
        case RAM_EOS:
            return true;
        case RAM_MEM_SIZE:
            if (!read_blocks(s, in, addr, o, err)) {
                return false;
            }
            break;
        case RAM_HOOK: case RAM_MULTIFD_FLUSH:
            break;
        case RAM_ZERO: case RAM_DATA: case RAM_XBZRLE: case RAM_COMPRESS:
            if (!(flags & RAM_CONTINUE)) {
                if (!vms_read_string8(in, name, err)) {
                    return false;
                }
                s->block = saved_block(s, name);
                if (!s->block) {
                    return report_fail(err, "at byte %" PRIu64 ": a page belongs to the memory block '%s', which was not announced", in->position, name);
                }
            } else if (!s->block) {     /* a part may go on with the block of the one before */
                return report_fail(err, "at byte %" PRIu64 ": a page belongs to no memory block", in->position);
            }
            if (!read_page(s, s->block, in, addr, flags, o, err)) {
                return false;
            }
            break;
        default:
            return report_fail(err, "at byte %" PRIu64 ": a page of flags 0x%x, which are not known: the stream is damaged, or sent with a capability "
                               "that has its own form", in->position - 8, flags);
        }
    }
}

bool saved_read_htab(Saved *s, VmsSource *in, bool start, GError **err)
{
    uint64_t head, index, valid, invalid;

    if (!vms_read_be(in, 4, &head, err)) {
        return false;
    }
    if (start || head) {        /* a part that begins so is a new start */
        if (head != UINT32_MAX && (head < 18 || head > 46)) {
            return report_fail(err, "at byte %" PRIu64 ": a hash table of 2^%" PRIu64 " bytes: the stream is damaged", in->position, head);
        }
        s->htab.there = true;
        s->htab.shift = head;
        return true;
    }
    for (;;) {
        if (!vms_read_be(in, 4, &index, err) || !vms_read_be(in, 2, &valid, err) || !vms_read_be(in, 2, &invalid, err)) {
            return false;
        }
        if (!index && !valid && !invalid) {
            return true;
        }
        uint64_t entries = s->htab.shift == UINT32_MAX ? 0 : 1ull << (s->htab.shift - 4);
        if (index + valid + invalid > entries) {
            return report_fail(err, "at byte %" PRIu64 ": entries %" PRIu64 " to %" PRIu64 " are outside of the hash table, which has %" PRIu64,
                               in->position, index, index + valid + invalid, entries);
        }
        for (uint64_t i = 0; i < valid; i++) {
            uint8_t entry[16];
            if (!in->read(in, entry, sizeof(entry), err)) {
                return false;
            }
        }
        s->htab.entries += valid;
        s->htab.invalid += invalid;
    }
}
