/*
 * Guest memory in the stream: section "ram".
 *
 * Its start names the blocks and their sizes; its parts hold pages, each a big-endian word of address and flags, the block's
 * name unless it is that of the page before, and 4 KiB or, for a page of equal bytes, that byte. Every page goes once, and
 * again when it was written since (system/dirty.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/migration.h"
#include "migration/ram.h"
#include "system/dirty.h"
#include "system/memory.h"
#include "system/report.h"
#include <inttypes.h>
#include <string.h>

#define PAGE 4096u
#define BLOCK "ppc_spapr.ram"
#define WORD_BITS (8 * sizeof(unsigned long))

/* In the low bits of an address */
enum {
    FLAG_ZERO = 0x02, FLAG_MEM_SIZE = 0x04, FLAG_PAGE = 0x08, FLAG_EOS = 0x10, FLAG_CONTINUE = 0x20, FLAG_XBZRLE = 0x40,
    FLAG_HOOK = 0x80, FLAG_COMPRESS_PAGE = 0x100, FLAG_MULTIFD_FLUSH = 0x200, FLAG_MASK = 0xfff
};

static struct {
    unsigned long *to_send;         /* a bit a page */
    uint64_t pages, left;
    uint64_t next;                  /* where the round is */
    bool named;                     /* the block was named in this part */
    uint64_t extent_end;            /* what is known of memory up to there: was it ever touched? */
    bool extent_untouched;
    gint64 last_sync;
    RamStats stats;
} ram;

RamStats migration_ram_stats(void)
{
    RamStats s = ram.stats;

    s.remaining = __atomic_load_n(&ram.left, __ATOMIC_RELAXED) * PAGE;
    s.total = memory_ram_bytes;
    return s;
}

/* ---- sending ---- */

static void cleanup(void)
{
    if (ram.to_send) {
        dirty_log_stop();
        g_clear_pointer(&ram.to_send, g_free);
        ram.left = 0;
    }
}

static bool setup(MigOut *o, GError **err)
{
    ram.stats = (RamStats){ 0 };
    ram.pages = memory_ram_bytes / PAGE;
    ram.left = ram.pages;
    ram.next = 0;
    ram.last_sync = 0;
    ram.to_send = g_new(unsigned long, ram.pages / WORD_BITS + 1);
    memset(ram.to_send, 0xff, (ram.pages / WORD_BITS + 1) * sizeof(long));
    if (ram.pages % WORD_BITS) {
        ram.to_send[ram.pages / WORD_BITS] = (1ul << ram.pages % WORD_BITS) - 1;
    } else {
        ram.to_send[ram.pages / WORD_BITS] = 0;
    }
    dirty_log_start();
    migration_note_pass(++ram.stats.dirty_sync_count);
    mig_put_be(o, 8, memory_ram_bytes | FLAG_MEM_SIZE);
    mig_put_string8(o, BLOCK);
    mig_put_be(o, 8, memory_ram_bytes);
    mig_put_be(o, 8, FLAG_EOS);
    return true;
}

static bool all_bytes_equal(const uint8_t *p)
{
    const uint64_t *w = (const uint64_t *)p;
    uint64_t first = w[0], differ = 0;

    if (first != (first & 0xff) * 0x0101010101010101ull || w[PAGE / 8 - 1] != first) {
        return false;
    }
    for (unsigned i = 0; i < PAGE / 8; i += 8) {
        for (unsigned k = 0; k < 8; k++) {
            differ |= w[i + k] ^ first;
        }
        if (differ) {
            return false;
        }
    }
    return true;
}

/* In order of address; a page touched after we looked is marked as written and comes again. */
static bool untouched(uint64_t addr, bool again)
{
    if (again || addr >= ram.extent_end) {
        ram.extent_untouched = memory_untouched(addr, &ram.extent_end);
    }
    return ram.extent_untouched && addr + PAGE <= ram.extent_end;
}

static void send_page(MigOut *o, uint64_t page)
{
    const uint8_t *p = memory_ram_base + page * PAGE;
    bool first_round = ram.stats.dirty_sync_count <= 1, zero = first_round && untouched(page * PAGE, !page);
    bool equal = zero || all_bytes_equal(p);
    uint8_t head[8], byte = zero ? 0 : p[0];

    vms_put_be(head, 8, page * PAGE | (equal ? FLAG_ZERO : FLAG_PAGE) | (ram.named ? FLAG_CONTINUE : 0));
    mig_put(o, head, 8);
    if (!ram.named) {
        mig_put_string8(o, BLOCK);
        ram.named = true;
    }
    if (equal) {
        mig_put(o, &byte, 1);
        ram.stats.duplicate++;
    } else {
        mig_put(o, p, PAGE);
        ram.stats.normal++;
    }
}

/* The next page to send at or after `from`, or ram.pages. */
static uint64_t find_page(uint64_t from)
{
    for (uint64_t i = from / WORD_BITS; i <= ram.pages / WORD_BITS; i++) {
        unsigned long w = ram.to_send[i];
        if (i == from / WORD_BITS) {
            w &= ~0ul << from % WORD_BITS;
        }
        if (w) {
            return i * WORD_BITS + __builtin_ctzl(w);
        }
    }
    return ram.pages;
}

static void send_pages(MigOut *o, bool all)
{
    ram.named = false;
    while (ram.left && !mig_out_error(o) && (all || !mig_out_over_limit(o))) {
        uint64_t page = find_page(ram.next);
        if (page == ram.pages) {
            ram.next = 0;       /* round */
            continue;
        }
        /* Cleared first: a store that comes now is noticed, and the page goes again. */
        ram.to_send[page / WORD_BITS] &= ~(1ul << page % WORD_BITS);
        ram.next = page + 1;
        __atomic_store_n(&ram.left, ram.left - 1, __ATOMIC_RELAXED);
        send_page(o, page);
    }
    mig_put_be(o, 8, FLAG_EOS);
}

static bool iterate(MigOut *o)
{
    send_pages(o, false);
    return !ram.left;
}

static uint64_t pending(bool exact)
{
    if (exact && ram.to_send) {
        uint64_t fresh = dirty_log_sync(ram.to_send);
        __atomic_store_n(&ram.left, ram.left + fresh, __ATOMIC_RELAXED);
        migration_note_pass(++ram.stats.dirty_sync_count);
        gint64 now = g_get_monotonic_time();
        if (ram.last_sync && now > ram.last_sync) {
            ram.stats.dirty_pages_rate = fresh * G_USEC_PER_SEC / (now - ram.last_sync);
        }
        ram.last_sync = now;
    }
    return ram.left * PAGE;
}

static void complete(MigOut *o)
{
    pending(true);
    send_pages(o, true);
}

/* ---- receiving ---- */

static bool check_name(const char *name, GError **err)
{
    return !strcmp(name, BLOCK) || report_fail(err, "Unknown ramblock \"%s\", cannot accept migration: this machine's memory is \"" BLOCK "\"", name);
}

bool migration_ram_check(const char *name, uint64_t size, GError **err)
{
    if (!check_name(name, err)) {
        return false;
    }
    return size == memory_ram_bytes || report_fail(err, "Size mismatch: %s: 0x%" PRIx64 " bytes in the stream, 0x%" PRIx64
                                                   " here: start this emulator with -m %" PRIu64, name, size, memory_ram_bytes, size >> 20);
}

static bool load_sizes(VmsSource *in, uint64_t total, GError **err)
{
    while (total) {
        char name[256];
        uint64_t size;
        if (!vms_read_string8(in, name, err) || !vms_read_be(in, 8, &size, err) || !migration_ram_check(name, size, err)) {
            return false;
        }
        if (size > total) {
            return report_fail(err, "%s: 0x%" PRIx64 " bytes are more than the 0x%" PRIx64 " of all blocks", name, size, total);
        }
        total -= size;
    }
    return true;
}

/* Pages of this machine's memory that are other than zero, or may be. Made when the first page comes. */
static unsigned long *touched;

static void note_touched(void)
{
    touched = g_new0(unsigned long, memory_ram_bytes / PAGE / WORD_BITS + 1);
    for (uint64_t at = 0, until; at < memory_ram_bytes; at = until) {
        if (!memory_untouched(at, &until)) {
            for (uint64_t page = at / PAGE; page < (until + PAGE - 1) / PAGE; page++) {
                touched[page / WORD_BITS] |= 1ul << page % WORD_BITS;
            }
        }
    }
}

static bool load_page(VmsSource *in, uint64_t addr, bool whole, GError **err)
{
    uint8_t *p = memory_ram_ptr(addr, PAGE), byte;

    if (!p) {
        return report_fail(err, "Illegal RAM offset 0x%" PRIx64 " in " BLOCK " of 0x%" PRIx64 " bytes", addr, memory_ram_bytes);
    }
    if (!touched) {
        note_touched();
    }
    unsigned long *word = &touched[addr / PAGE / WORD_BITS], bit = 1ul << addr / PAGE % WORD_BITS;
    if (whole) {
        *word |= bit;
        return in->read(in, p, PAGE, err);
    }
    if (!in->read(in, &byte, 1, err)) {
        return false;
    }
    if (byte || *word & bit) {      /* a page that nobody touched stays so */
        memset(p, byte, PAGE);
        *word |= bit;
    }
    return true;
}

static bool load(VmsSource *in, bool start, GError **err)
{
    static bool named;          /* a part goes on with the block of the one before */

    for (;;) {
        uint64_t word, addr;
        char name[256];
        if (!vms_read_be(in, 8, &word, err)) {
            return false;
        }
        unsigned flags = word & FLAG_MASK;
        addr = word & ~(uint64_t)FLAG_MASK;
        if (flags & FLAG_EOS) {
            return true;
        }
        if (flags & FLAG_MEM_SIZE) {
            if (!load_sizes(in, addr, err)) {
                return false;
            }
            continue;
        }
        if (flags & ~(FLAG_ZERO | FLAG_PAGE | FLAG_CONTINUE) || !(flags & (FLAG_ZERO | FLAG_PAGE))) {
            return report_fail(err, "page 0x%" PRIx64 " comes in a form (flags 0x%x%s) that this program does not read: switch the capability "
                       "off on the source", addr, flags, flags & FLAG_XBZRLE ? ", xbzrle" : flags & FLAG_COMPRESS_PAGE ? ", compress" : "");
        }
        if (!(flags & FLAG_CONTINUE)) {
            if (!vms_read_string8(in, name, err) || !check_name(name, err)) {
                return false;
            }
            named = true;
        } else if (!named) {
            return report_fail(err, "page 0x%" PRIx64 " belongs to no block", addr);
        }
        if (!load_page(in, addr, flags & FLAG_PAGE, err)) {
            return false;
        }
    }
}

static const SaveHandler handler = {
    .name = "ram", .version = 4, .minimum_version = 4, .setup = setup, .iterate = iterate, .pending = pending, .complete = complete,
    .cleanup = cleanup, .load = load,
};

void migration_ram_init(void)
{
    savevm_register(&handler);
}
