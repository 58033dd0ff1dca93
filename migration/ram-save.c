/*
 * Sending guest memory; see ram-wire.h.
 *
 * Pages are looked for a word of the bitmap at a time and are not copied: the writer is given their addresses. One that the guest writes
 * in between goes out half old and half new, and again later, because its bit was cleared before.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/migration.h"
#include "migration/options.h"
#include "migration/ram.h"
#include "migration/ram-wire.h"
#include "migration/zero.h"
#include "system/dirty.h"
#include "system/memory.h"
#include <string.h>

#define PART_US 50000           /* a part lasts no longer: others have something to send, too */

static struct {
    unsigned long *to_send;         /* a bit a page */
    uint64_t pages, left;
    uint64_t next;                  /* word of to_send where the round is */
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
    ram.to_send = g_new0(unsigned long, ram.pages / WORD_BITS + 1);
    memset(ram.to_send, 0xff, ram.pages / WORD_BITS * sizeof(long));
    if (ram.pages % WORD_BITS) {
        ram.to_send[ram.pages / WORD_BITS] = (1ul << ram.pages % WORD_BITS) - 1;
    }
    dirty_log_start();
    migration_note_pass(++ram.stats.dirty_sync_count);
    mig_put_be(o, 8, memory_ram_bytes | RAM_MEM_SIZE);
    mig_put_string8(o, RAM_BLOCK);
    mig_put_be(o, 8, memory_ram_bytes);
    if (migration_has(CAP_IGNORE_SHARED)) {
        mig_put_be(o, 8, 0);            /* where the guest sees the block; none of this machine's is shared */
    }
    mig_put_be(o, 8, RAM_EOS);
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

#define HEAD_MAX (8 + 1 + sizeof(RAM_BLOCK) - 1)

static uint8_t *head(uint8_t *at, uint64_t page, unsigned flags)
{
    uint64_t word = GUINT64_TO_BE(page * RAM_PAGE | flags | (ram.named ? RAM_CONTINUE : 0));

    memcpy(at, &word, 8);
    at += 8;
    if (!ram.named) {
        *at++ = sizeof(RAM_BLOCK) - 1;
        memcpy(at, RAM_BLOCK, sizeof(RAM_BLOCK) - 1);
        at += sizeof(RAM_BLOCK) - 1;
        ram.named = true;
    }
    return at;
}

void ram_put_head(MigOut *o, uint64_t page, unsigned flags)
{
    uint8_t *room = mig_out_room(o, HEAD_MAX);

    mig_out_filled(o, head(room, page, flags) - room);
}

/* The pages of a word of the bitmap, the first of them `base`. */
static void send_word(MigOut *o, uint64_t base, unsigned long w)
{
    const bool first_round = ram.stats.dirty_sync_count <= 1;
    uint8_t *room = NULL, *at = NULL;       /* of zero pages not handed over yet */

    for (; w; w &= w - 1) {
        uint64_t page = base + __builtin_ctzl(w);
        const uint8_t *p = memory_ram_base + page * RAM_PAGE;
        if ((first_round && untouched(page * RAM_PAGE, !page)) || is_zero(p, RAM_PAGE)) {
            if (!room) {
                at = room = mig_out_room(o, HEAD_MAX + WORD_BITS * 9);
            }
            at = head(at, page, RAM_ZERO);
            *at++ = 0;
            ram.stats.duplicate++;
            continue;
        }
        if (room) {
            mig_out_filled(o, at - room);
            room = NULL;
        }
        ram_put_head(o, page, RAM_DATA);
        mig_put_kept(o, p, RAM_PAGE);
        ram.stats.normal++;
    }
    if (room) {
        mig_out_filled(o, at - room);
    }
}

static void send_pages(MigOut *o, bool all)
{
    const uint64_t words = ram.pages / WORD_BITS + 1;
    gint64 end = g_get_monotonic_time() + PART_US;

    ram.named = false;
    for (unsigned n = 1; ram.left && !mig_out_error(o) && (all || !mig_out_over_limit(o)); n++) {
        while (ram.next < words && !ram.to_send[ram.next]) {
            ram.next++;
        }
        if (ram.next == words) {
            ram.next = 0;       /* round */
            continue;
        }
        /* Cleared first: a store that comes now is noticed, and the page goes again. */
        unsigned long w = ram.to_send[ram.next];
        ram.to_send[ram.next] = 0;
        __atomic_store_n(&ram.left, ram.left - __builtin_popcountl(w), __ATOMIC_RELAXED);
        send_word(o, ram.next++ * WORD_BITS, w);
        if (!all && n % 64 == 0 && g_get_monotonic_time() > end) {
            break;
        }
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
