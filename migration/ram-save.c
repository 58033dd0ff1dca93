/*
 * Sending guest memory; see ram-wire.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/migration.h"
#include "migration/ram.h"
#include "migration/ram-wire.h"
#include "system/dirty.h"
#include "system/memory.h"
#include <string.h>

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

    s.remaining = __atomic_load_n(&ram.left, __ATOMIC_RELAXED) * RAM_PAGE;
    s.total = memory_ram_bytes;
    return s;
}

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
    ram.pages = memory_ram_bytes / RAM_PAGE;
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
    mig_put_be(o, 8, memory_ram_bytes | RAM_MEM_SIZE);
    mig_put_string8(o, RAM_BLOCK);
    mig_put_be(o, 8, memory_ram_bytes);
    mig_put_be(o, 8, RAM_EOS);
    return true;
}

static bool all_bytes_equal(const uint8_t *p)
{
    const uint64_t *w = (const uint64_t *)p;
    uint64_t first = w[0], differ = 0;

    if (first != (first & 0xff) * 0x0101010101010101ull || w[RAM_PAGE / 8 - 1] != first) {
        return false;
    }
    for (unsigned i = 0; i < RAM_PAGE / 8; i += 8) {
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
    return ram.extent_untouched && addr + RAM_PAGE <= ram.extent_end;
}

static void send_page(MigOut *o, uint64_t page)
{
    const uint8_t *p = memory_ram_base + page * RAM_PAGE;
    bool first_round = ram.stats.dirty_sync_count <= 1, zero = first_round && untouched(page * RAM_PAGE, !page);
    bool equal = zero || all_bytes_equal(p);
    uint8_t head[8], byte = zero ? 0 : p[0];

    vms_put_be(head, 8, page * RAM_PAGE | (equal ? RAM_ZERO : RAM_DATA) | (ram.named ? RAM_CONTINUE : 0));
    mig_put(o, head, 8);
    if (!ram.named) {
        mig_put_string8(o, RAM_BLOCK);
        ram.named = true;
    }
    if (equal) {
        mig_put(o, &byte, 1);
        ram.stats.duplicate++;
    } else {
        mig_put(o, p, RAM_PAGE);
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
    mig_put_be(o, 8, RAM_EOS);
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
    return ram.left * RAM_PAGE;
}

static void complete(MigOut *o)
{
    pending(true);
    send_pages(o, true);
}

static const SaveHandler handler = {
    .name = "ram", .version = 4, .minimum_version = 4, .setup = setup, .iterate = iterate, .pending = pending, .complete = complete,
    .cleanup = cleanup, .load = ram_load,
};

void migration_ram_init(void)
{
    savevm_register(&handler);
}
