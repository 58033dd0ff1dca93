/*
 * The hash page table in the stream: section "spapr/htab".
 *
 * Its start holds log2 of the table's size, or -1 for none (a radix guest). A part begins with 0 and holds chunks: index of the first
 * entry, how many valid ones follow, how many invalid ones come after those, then the valid ones' 16 bytes each; an empty chunk ends it.
 * A part that begins with another number is a new start: the guest made itself a table of another size meanwhile.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr.h"
#include "migration/savevm.h"
#include "system/cpus.h"
#include "system/host-pages.h"
#include "system/report.h"
#include <inttypes.h>
#include <string.h>

#define WORD_BITS (8 * sizeof(unsigned long))
#define RUN_MAX UINT16_MAX
#define ENTRIES_A_PART 65536u       /* looked at with the big lock held */
#define NO_TABLE UINT32_MAX

/*
 * Page table walkers mark entries with no lock held, so bits are never freed: a table of more entries gets new ones, and all that were
 * put aside are together fewer than those.
 */
static struct {
    unsigned long *dirty;           /* a bit an entry */
    uint64_t capacity;              /* bits there are */
    GSList *aside;
    uint64_t count;                 /* of those that are set; by atomic operations, as the bits are */
    bool on;                        /* somebody asks */
    unsigned shift;                 /* of the table that the receiver has; 0: none */
    uint64_t next;
    bool first_pass;                /* the receiver's table is empty: invalid entries need not be sent */
    bool replaced;                  /* the receiver has what was there before */
} log;

static uint64_t entries(void)
{
    unsigned shift = __atomic_load_n(&log.shift, __ATOMIC_ACQUIRE);

    return shift ? 1ull << (shift - 4) : 0;
}

void spapr_htab_dirty(uint64_t ptex)
{
    if (__atomic_load_n(&log.on, __ATOMIC_ACQUIRE) && ptex < entries()) {
        unsigned long bit = 1ul << ptex % WORD_BITS;
        if (!(__atomic_fetch_or(&log.dirty[ptex / WORD_BITS], bit, __ATOMIC_SEQ_CST) & bit)) {
            __atomic_fetch_add(&log.count, 1, __ATOMIC_RELAXED);
        }
    }
}

static bool valid(uint64_t ptex)
{
    return spapr->htab[ptex * 16 + 7] & 1;
}

static bool is_dirty(uint64_t ptex)
{
    return log.dirty[ptex / WORD_BITS] >> ptex % WORD_BITS & 1;
}

static void clean(uint64_t first, uint64_t n)
{
    for (uint64_t i = first, end = first + n; i < end; ) {
        unsigned bits = MIN(WORD_BITS - i % WORD_BITS, end - i);
        unsigned long mask = ~0ul >> (WORD_BITS - bits) << i % WORD_BITS;
        unsigned long was = __atomic_fetch_and(&log.dirty[i / WORD_BITS], ~mask, __ATOMIC_SEQ_CST) & mask;
        __atomic_fetch_sub(&log.count, __builtin_popcountl(was), __ATOMIC_RELAXED);
        i += bits;
    }
}

/* Big lock held. What is written between switching off and on needs no mark: everything is marked. */
static void begin(void)
{
    unsigned shift = spapr->htab ? spapr->htab_shift : 0;
    uint64_t n = shift ? 1ull << (shift - 4) : 0;

    __atomic_store_n(&log.on, false, __ATOMIC_SEQ_CST);
    if (n > log.capacity) {
        log.aside = g_slist_prepend(log.aside, log.dirty);
        __atomic_store_n(&log.dirty, g_malloc(n / 8), __ATOMIC_SEQ_CST);
        log.capacity = n;
    }
    __atomic_store_n(&log.shift, shift, __ATOMIC_SEQ_CST);
    if (n) {
        memset(log.dirty, 0xff, n / 8);
    }
    log.count = n;
    log.next = 0;
    log.first_pass = true;
    log.replaced = false;
    __atomic_store_n(&log.on, true, __ATOMIC_SEQ_CST);
}

static void cleanup(void)
{
    __atomic_store_n(&log.on, false, __ATOMIC_SEQ_CST);
}

static void put_be(GByteArray *out, unsigned bytes, uint64_t v)
{
    uint8_t wire[8];

    vms_put_be(wire, bytes, v);
    g_byte_array_append(out, wire, bytes);
}

static bool setup(MigOut *o, GError **err)
{
    bql_lock();
    begin();
    bql_unlock();
    mig_put_be(o, 4, log.shift ? log.shift : NO_TABLE);
    return true;
}

static void chunk(GByteArray *out, uint64_t first, uint64_t valids, uint64_t invalids)
{
    put_be(out, 4, first);
    put_be(out, 2, valids);
    put_be(out, 2, invalids);
    /* Cleaned first: what changes from now on is sent again. */
    clean(first, valids + invalids);
    g_byte_array_append(out, spapr->htab + first * 16, valids * 16);
}

/* Chunks of the dirty among the next `n` entries; true: the last entry was reached. Big lock held. */
static bool chunks(GByteArray *out, uint64_t n)
{
    uint64_t i = log.next, end = MIN(i + n, entries()), empty;

    while (i < end) {
        if (!log.dirty[i / WORD_BITS] && i % WORD_BITS == 0) {
            i += WORD_BITS;
            continue;
        }
        if (!is_dirty(i)) {
            i++;
            continue;
        }
        if (log.first_pass && (empty = host_pages_absent(spapr->htab + i * 16, (end - i) * 16) / 16)) {
            clean(i, empty);
            i += empty;
            continue;
        }
        uint64_t first = i, valids, invalids = 0;
        while (i < end && i - first < RUN_MAX && is_dirty(i) && valid(i)) {
            i++;
        }
        valids = i - first;
        while (i < end && i - first - valids < RUN_MAX && is_dirty(i) && !valid(i)) {
            i++;
        }
        invalids = i - first - valids;
        if (log.first_pass && !valids) {
            clean(first, invalids);
        } else {
            chunk(out, first, valids, log.first_pass ? 0 : invalids);
            clean(first + valids, log.first_pass ? invalids : 0);
        }
    }
    log.next = MIN(i, entries());
    if (log.next < entries()) {
        return false;
    }
    log.next = 0;
    log.first_pass = false;
    return true;
}

void spapr_htab_replaced(void)
{
    log.replaced = true;
}

/* A new table, be it as large as the one before, begins with its size in a part of its own: the receiver makes an empty one, too. */
static bool restarted(void)
{
    return log.replaced || log.shift != (spapr->htab ? spapr->htab_shift : 0);
}

/* One part's contents; true: the table was gone through. */
static bool part(MigOut *o, uint64_t n)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    bool had = bql_enter(), done = true;

    if (restarted()) {
        begin();
        put_be(out, 4, log.shift ? log.shift : NO_TABLE);
        done = !log.shift;
    } else if (!log.shift) {
        put_be(out, 4, NO_TABLE);
    } else {
        put_be(out, 4, 0);
        done = chunks(out, n);
        put_be(out, 8, 0);
    }
    bql_leave(had);
    mig_put(o, out->data, out->len);
    return done;
}

static bool iterate(MigOut *o)
{
    return part(o, ENTRIES_A_PART);
}

static uint64_t pending(bool exact)
{
    uint64_t n = __atomic_load_n(&log.count, __ATOMIC_RELAXED);

    return log.first_pass ? n / 16 : n * 16;        /* most of a new table is invalid */
}

static void complete(MigOut *o)
{
    log.next = 0;
    part(o, UINT64_MAX / 2);
}

/* ---- loading ---- */

static bool load_chunks(VmsSource *in, GError **err)
{
    uint64_t n = spapr->htab ? 1ull << (spapr->htab_shift - 4) : 0;

    for (;;) {
        uint64_t index, valids, invalids;
        if (!vms_read_be(in, 4, &index, err) || !vms_read_be(in, 2, &valids, err) || !vms_read_be(in, 2, &invalids, err)) {
            return false;
        }
        if (!index && !valids && !invalids) {
            return true;
        }
        if (index + valids + invalids > n) {
            return report_fail(err, "entries %" PRIu64 " to %" PRIu64 " are outside the table, which has %" PRIu64, index, index + valids + invalids, n);
        }
        if (!in->read(in, spapr->htab + index * 16, valids * 16, err)) {
            return false;
        }
        memset(spapr->htab + (index + valids) * 16, 0, invalids * 16);
    }
}

bool spapr_htab_check(uint64_t shift, GError **err)
{
    if (!spapr) {
        return report_fail(err, "this machine has no hash table");
    }
    if (shift == NO_TABLE || (shift >= 18 && shift <= 46 && 1ull << shift <= MAX(spapr->maxram_size, spapr->ram_size))) {
        return true;
    }
    return report_fail(err, "a table of 2^%" PRIu64 " bytes does not fit this machine of %" PRIu64 " MiB", shift, spapr->ram_size >> 20);
}

static bool load(VmsSource *in, bool start, GError **err)
{
    uint64_t head;

    if (!vms_read_be(in, 4, &head, err)) {
        return false;
    }
    if (!head && !start) {
        return load_chunks(in, err);
    }
    return spapr_htab_check(head, err) && spapr_hpt_alloc(spapr, head == NO_TABLE ? 0 : head, err);
}

static const SaveHandler handler = {
    .name = "spapr/htab", .version = 1, .minimum_version = 1, .setup = setup, .iterate = iterate, .pending = pending,
    .restarted = restarted, .complete = complete, .cleanup = cleanup, .load = load,
};

void spapr_htab_init(void)
{
    savevm_register(&handler);
}
