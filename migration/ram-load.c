/*
 * Receiving guest memory; see ram-wire.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/mapped-ram.h"
#include "migration/multifd.h"
#include "migration/options.h"
#include "migration/postcopy.h"
#include "migration/ram-delta.h"
#include "migration/ram.h"
#include "migration/ram-wire.h"
#include "migration/state.h"
#include "migration/zero.h"
#include "system/memory.h"
#include "system/report.h"
#include <inttypes.h>
#include <string.h>

static uint64_t announced[MEMORY_BLOCKS_MAX / 64];      /* a bit a block: the stream has it */

const MemoryBlock *ram_load_block(const char *name, size_t length, GError **err)
{
    const MemoryBlock *b = memory_block_find(name, length);
    g_autofree char *here = b ? NULL : memory_block_names();

    if (!b) {
        report_fail(err, "Unknown ramblock \"%.*s\", cannot accept migration: this machine's memory is %s; start it with the source's -numa node,memdev= or "
                    "memory-backend=, and with -device pc-dimm for memory that was plugged", (int)length, name, here);
    }
    return b;
}

const MemoryBlock *migration_ram_check(const char *name, uint64_t size, GError **err)
{
    const MemoryBlock *b = ram_load_block(name, strlen(name), err);

    if (b && size != b->size) {
        g_autofree char *remedy = strcmp(name, MEMORY_RAM_NAME) ? g_strdup_printf("size=%" PRIu64 " and the memory backend", size)
            : g_strdup_printf("-m %" PRIu64, size >> 20);
        report_fail(err, "Size mismatch: %s: 0x%" PRIx64 " bytes in the stream, 0x%" PRIx64 " here: start this emulator with %s", name, size, b->size, remedy);
        return NULL;
    }
    return b;
}

bool migration_ram_check_all(MigrationHasBlock *has, void *opaque, GError **err)
{
    bool ok = true;

    for MEMORY_BLOCKS(b) {
        ok &= has(b, opaque) || report_also(err, "memory '%s' of 0x%" PRIx64 " bytes is here and not in the stream: start this emulator with the source's "
                                            "-numa node,memdev= or memory-backend=, and -device pc-dimm for what is plugged there", b->name, b->size);
    }
    return ok;
}

static bool was_announced(const MemoryBlock *b, void *unused)
{
    unsigned i = b - memory_block;

    return announced[i / 64] >> i % 64 & 1;
}

static bool load_sizes(VmsSource *in, uint64_t total, GError **err)
{
    memset(announced, 0, sizeof(announced));
    while (total) {
        char name[256];
        uint64_t size, at;
        const MemoryBlock *b;
        if (!vms_read_string8(in, name, err) || !vms_read_be(in, 8, &size, err) || !(b = migration_ram_check(name, size, err))) {
            return false;
        }
        if (was_announced(b, NULL)) {
            return report_fail(err, "the stream has memory '%s' twice", name);
        }
        announced[(b - memory_block) / 64] |= 1ull << (b - memory_block) % 64;
        if (migration_has(CAP_IGNORE_SHARED)) {
            if (!vms_read_be(in, 8, &at, err)) {
                return false;
            }
            if (at != b->start) {
                return report_fail(err, "Mismatched GPAs for block %s: 0x%" PRIx64 " in the stream, 0x%" PRIx64 " here: give -numa node,memdev= to the same "
                                   "nodes as on the source", name, at, b->start);
            }
        }
        if (size > total) {
            return report_fail(err, "%s: 0x%" PRIx64 " bytes are more than the 0x%" PRIx64 " of all blocks", name, size, total);
        }
        total -= size;
        if (migration_has(CAP_MAPPED_RAM) && !mapped_ram_load(in, b, err)) {
            return false;
        }
    }
    return migration_ram_check_all(was_announced, NULL, err);
}

/* Pages of this machine's memory that are other than zero, or may be. Made when the first page comes. */
static unsigned long *touched;

static void note_touched(void)
{
    touched = g_new0(unsigned long, memory_ram_bytes / RAM_PAGE / WORD_BITS + 1);
    for (uint64_t at = 0, until; at < memory_ram_bytes; at = until) {
        if (!memory_untouched(at, &until)) {
            for (uint64_t page = at / RAM_PAGE; page < (until + RAM_PAGE - 1) / RAM_PAGE; page++) {
                touched[page / WORD_BITS] |= 1ul << page % WORD_BITS;
            }
        }
    }
}

static bool is_touched(uint64_t addr)
{
    return __atomic_load_n(&touched[addr / RAM_PAGE / WORD_BITS], __ATOMIC_RELAXED) >> addr / RAM_PAGE % WORD_BITS & 1;
}

void ram_load_note(uint64_t addr)
{
    __atomic_fetch_or(&touched[addr / RAM_PAGE / WORD_BITS], 1ul << addr / RAM_PAGE % WORD_BITS, __ATOMIC_RELAXED);
}

static unsigned long came[MEMORY_BLOCKS_MAX / WORD_BITS];      /* a bit a block: a page of it; any thread */

static void note_came(uint64_t addr)
{
    const unsigned i = memory_block_at(addr) - memory_block;
    unsigned long *w = &came[i / WORD_BITS], bit = 1ul << i % WORD_BITS;

    if (!(__atomic_load_n(w, __ATOMIC_RELAXED) & bit)) {
        __atomic_fetch_or(w, bit, __ATOMIC_RELAXED);
    }
}

bool migration_ram_came(GError **err)
{
    for MEMORY_BLOCKS(b) {
        unsigned i = b - memory_block;
        if (!(came[i / WORD_BITS] >> i % WORD_BITS & 1) && migration_has(CAP_IGNORE_SHARED) && !b->shared) {
            return report_fail(err, "ram: the source left its memory out (x-ignore-shared), and this machine does not share '%s': use a memory-backend-file "
                               "with share=on and the source's mem-path, or switch the capability off on both sides", b->name);
        }
    }
    return true;
}

uint8_t *ram_load_page(uint64_t addr)
{
    note_came(addr);
    if (postcopy_advised() && !postcopy_listening()) {
        postcopy_note_received(addr / RAM_PAGE);
    }
    return memory_ram_base + addr;
}

/* The address of what is there in the block. */
static bool find_page(const MemoryBlock *b, uint64_t offset, uint64_t *addr, GError **err)
{
    *addr = b->start + offset;
    return (offset < b->size && RAM_PAGE <= b->size - offset)
        || report_fail(err, "Illegal RAM offset 0x%" PRIx64 " in %s of 0x%" PRIx64 " bytes", offset, b->name, b->size);
}

void ram_load_equal(uint64_t addr, uint8_t byte)
{
    uint8_t *p = memory_ram_base + addr;

    note_came(addr);
    /* A page that nobody touched stays so. */
    if (is_touched(addr) ? byte || !is_zero(p, RAM_PAGE) : byte) {
        memset(p, byte, RAM_PAGE);
        ram_load_note(addr);
    }
}

void ram_load_zeros(uint64_t addr, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (postcopy_advised()) {
            postcopy_note_received(addr / RAM_PAGE + i);
        }
        ram_load_equal(addr + (uint64_t)i * RAM_PAGE, 0);
    }
}

/* ---- runs of pages, where they lie in the reader's window ---- */

#define RUN_MAX 256
typedef struct Run { uint64_t addr; unsigned n; struct iovec page[RUN_MAX]; } Run;

/*
 * A host may have to find its huge pages first, one that is a virtual machine itself for instance: then single pages, of which it has some at hand, come
 * several times as fast. The guest has huge ones again where the host joins pages later.
 */
#define PROBE_BYTES (8u << 20)
#define SLOW_BYTES_US 1000              /* a host that has them copies three times that, at least */

static struct {
    uint64_t bytes, us;                 /* since the last look; any channel's */
    bool small;
} speed;

static void note_speed(uint64_t bytes, gint64 us)
{
    uint64_t all = __atomic_add_fetch(&speed.bytes, bytes, __ATOMIC_RELAXED), took = __atomic_add_fetch(&speed.us, us, __ATOMIC_RELAXED);

    if (all < PROBE_BYTES) {
        return;
    }
    __atomic_store_n(&speed.bytes, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&speed.us, 0, __ATOMIC_RELAXED);
    if (all < took * SLOW_BYTES_US && !__atomic_exchange_n(&speed.small, true, __ATOMIC_RELAXED)) {
        memory_use_huge_pages(false);
    }
}

/* Of shared memory, pages that are not there yet are written to its file: that costs the host half of what faulting them in does. */
static bool place(Run *r, GError **err)
{
    gint64 began = __atomic_load_n(&speed.small, __ATOMIC_RELAXED) ? 0 : g_get_monotonic_time();

    for (unsigned i = 0, end; i < r->n; i = end) {
        bool there = is_touched(r->addr + (uint64_t)i * RAM_PAGE);
        for (end = i; end < r->n && is_touched(r->addr + (uint64_t)end * RAM_PAGE) == there; end++) {
            uint64_t addr = r->addr + (uint64_t)end * RAM_PAGE;
            if (there) {
                memcpy(memory_ram_base + addr, r->page[end].iov_base, RAM_PAGE);
            }
        }
        if (!there && !memory_place(r->addr + (uint64_t)i * RAM_PAGE, r->page + i, end - i, err)) {
            return false;
        }
    }
    for (unsigned i = 0; i < r->n; i++) {
        ram_load_note(r->addr + (uint64_t)i * RAM_PAGE);
    }
    if (began) {
        note_speed((uint64_t)r->n * RAM_PAGE, g_get_monotonic_time() - began);
    }
    r->n = 0;
    return true;
}

bool ram_load_data(const uint8_t *data, const uint64_t *addresses, unsigned n, GError **err)
{
    Run r;

    note_came(addresses[0]);
    r.n = 0;
    for (unsigned i = 0; i < n; i++) {
        if (postcopy_advised()) {
            postcopy_note_received(addresses[i] / RAM_PAGE);
        }
        if (r.n && (addresses[i] != r.addr + (uint64_t)r.n * RAM_PAGE || r.n == RUN_MAX) && !place(&r, err)) {
            return false;
        }
        if (!r.n) {
            r.addr = addresses[i];
        }
        r.page[r.n++] = (struct iovec){ (void *)(data + (size_t)i * RAM_PAGE), RAM_PAGE };
    }
    return !r.n || place(&r, err);
}

/* Whole pages at the front of p, of the block that was named before; how many bytes they are, or -1 and an error. */
static ssize_t load_run(const MemoryBlock *b, const uint8_t *p, size_t have, GError **err)
{
    Run r;
    size_t at = 0;

    r.n = 0;
    while (have - at >= 8) {
        uint64_t word = vms_get_be(p + at, 8), addr;
        unsigned flags = word & RAM_FLAGS;
        size_t size = flags == (RAM_DATA | RAM_CONTINUE) ? RAM_PAGE : flags == (RAM_ZERO | RAM_CONTINUE) ? 1 : 0;
        if (!size || have - at - 8 < size) {
            break;
        }
        if (!find_page(b, word & ~(uint64_t)RAM_FLAGS, &addr, err)) {
            return -1;
        }
        ram_load_page(addr);
        uint64_t end = r.addr + (uint64_t)r.n * RAM_PAGE;
        bool goes_on = size > 1 && addr == end && r.n < RUN_MAX;
        if (r.n && !goes_on && (size > 1 || (addr >= r.addr && addr < end)) && !place(&r, err)) {
            return -1;
        }
        if (size > 1) {
            if (!r.n) {
                r.addr = addr;
            }
            r.page[r.n++] = (struct iovec){ (void *)(p + at + 8), RAM_PAGE };
        } else {
            ram_load_equal(addr, p[at + 8]);
        }
        at += 8 + size;
    }
    return !r.n || place(&r, err) ? (ssize_t)at : -1;
}

static bool load_page(VmsSource *in, uint64_t addr, bool whole, GError **err)
{
    uint8_t *p = ram_load_page(addr), byte;

    if (postcopy_listening()) {
        uint8_t page[RAM_PAGE];
        return in->read(in, page, whole ? RAM_PAGE : 1, err) && postcopy_place(addr / RAM_PAGE, whole ? page : NULL, page[0], err);
    }
    if (whole) {
        ram_load_note(addr);
        return in->read(in, p, RAM_PAGE, err);
    }
    if (!in->read(in, &byte, 1, err)) {
        return false;
    }
    ram_load_equal(addr, byte);
    return true;
}

bool ram_load_word(VmsSource *in, uint64_t word, const MemoryBlock **named, GError **err)
{
    const unsigned flags = word & RAM_FLAGS, form = flags & ~RAM_CONTINUE;
    uint64_t addr = word & ~(uint64_t)RAM_FLAGS;
    char name[256];

    if (form != RAM_ZERO && form != RAM_DATA && form != RAM_XBZRLE && form != RAM_COMPRESS) {
        return report_fail(err, "page 0x%" PRIx64 " comes in a form (flags 0x%x%s) that this program does not read: switch the capability "
                           "off on the source", addr, flags, flags & RAM_HOOK ? ", rdma" : "");
    }
    if (!(flags & RAM_CONTINUE)) {
        const MemoryBlock *b = vms_read_string8(in, name, err) ? ram_load_block(name, strlen(name), err) : NULL;
        if (!b) {
            return false;
        }
        *named = b;
    } else if (!*named) {
        return report_fail(err, "page 0x%" PRIx64 " belongs to no block", addr);
    }
    if (!find_page(*named, addr, &addr, err)) {
        return false;
    }
    return form == RAM_XBZRLE ? ram_delta_load(in, addr, err) : form == RAM_COMPRESS ? ram_inflate_load(in, addr, err)
        : load_page(in, addr, form == RAM_DATA, err);
}

bool ram_load(VmsSource *in, bool start, GError **err)
{
    static const MemoryBlock *named;        /* a part goes on with the block of the one before */

    if (!touched) {
        note_touched();
    }
    if (start && migration_has(CAP_MULTIFD) && !migration_has(CAP_MAPPED_RAM) && !multifd_load_start(err)) {
        return false;
    }
    if (start && migration_has(CAP_POSTCOPY_PREEMPT)) {
        page_channel_receive(NULL, migration_incoming_channel());
    }

    for (;;) {
        uint64_t word;
        size_t have;
        const uint8_t *p = in->window(in, 8, &have);
        unsigned flags = have < 8 ? 0 : p[7] | (p[6] & 0xf) << 8;
        if (flags & RAM_CONTINUE && named && !(flags & RAM_EOS) && !postcopy_listening()) {
            if (flags & RAM_DATA) {
                p = in->window(in, 8 + RAM_PAGE, &have);
            }
            ssize_t n = load_run(named, p, have, err);
            if (n < 0) {
                return false;
            }
            if (n) {
                in->take(in, n);
                continue;
            }
        }
        if (!vms_read_be(in, 8, &word, err)) {
            return false;
        }
        flags = word & RAM_FLAGS;
        if (flags & RAM_EOS) {
            bool alone = postcopy_listening() && !multifd_is_loading();     /* on a link that was made anew */
            return alone || !migration_has(CAP_MULTIFD) || migration_has(CAP_MAPPED_RAM) || !multifd_syncs_each_part() || multifd_load_sync(err);
        }
        if (flags & RAM_MULTIFD_FLUSH) {
            if (!multifd_load_sync(err)) {
                return false;
            }
            continue;
        }
        if (flags & RAM_MEM_SIZE) {
            if (!load_sizes(in, word & ~(uint64_t)RAM_FLAGS, err)) {
                return false;
            }
            continue;
        }
        if (!ram_load_word(in, word, &named, err)) {
            return false;
        }
    }
}

void migration_ram_load_end(void)
{
    multifd_load_end();
    if (speed.small && !postcopy_advised()) {
        speed.small = false;
        memory_use_huge_pages(true);
    }
}
