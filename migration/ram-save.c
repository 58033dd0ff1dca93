/*
 * Sending guest memory; see ram-wire.h.
 *
 * Pages are looked for a word of the bitmap at a time and are not copied: the writer is given their addresses. One that the guest writes
 * in between goes out half old and half new, and again later, because its bit was cleared before. A round goes through the blocks in their
 * order in the stream.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/background.h"
#include "migration/mapped-ram.h"
#include "migration/migration.h"
#include "migration/multifd.h"
#include "migration/options.h"
#include "migration/postcopy.h"
#include "migration/ram-delta.h"
#include "migration/ram.h"
#include "migration/ram-release.h"
#include "migration/ram-wire.h"
#include "migration/zero.h"
#include "system/dirty.h"
#include "system/memory.h"
#include "system/report.h"
#include <string.h>

#define PART_US 50000           /* a part lasts no longer: others have something to send, too */

static struct {
    unsigned long *to_send;         /* a bit a page */
    DirtyLog log;
    uint64_t pages;                 /* of the guest */
    uint64_t left;                  /* bits in to_send */
    uint64_t next;                  /* word of to_send where the round is; post-copy's page channel moves it, too */
    bool first_round;               /* every page it comes to comes for the first time */
    const MemoryBlock *named;       /* the last in this part */
    bool logged;                    /* what is written goes again */
    bool snapshot;                  /* pages go as they were when the snapshot began (background.h), each once */
    bool gone;                      /* post-copy: the guest is elsewhere, nothing is written any more */
    uint64_t extent_start, extent_end;  /* what is known of memory there: was it ever touched? */
    bool extent_untouched;
    gint64 last_sync;
    enum { PLAIN, XBZRLE, COMPRESS, MULTIFD, MAPPED } way;      /* for pages with data */
    bool look_for_zeros;
    bool synced;                    /* multifd: the stream has to say so */
    RamStats stats;
} ram;

static uint64_t left(void)
{
    return __atomic_load_n(&ram.left, __ATOMIC_RELAXED);
}

bool ram_block_is_ignored(const MemoryBlock *b)
{
    return b->shared && migration_has(CAP_IGNORE_SHARED);
}

/* Of the blocks that go. */
static uint64_t sent_bytes(void)
{
    uint64_t n = 0;

    for MEMORY_BLOCKS(b) {
        n += ram_block_is_ignored(b) ? 0 : b->size;
    }
    return n;
}

RamStats migration_ram_stats(void)
{
    RamStats s = ram.stats;

    s.remaining = left() * RAM_PAGE;
    s.total = sent_bytes();
    if (ram.to_send && ram.way == MULTIFD) {
        s.multifd_bytes = multifd_save_bytes();
        s.missed_zero_copy = multifd_save_missed_zero_copy();
    }
    return s;
}

static void cleanup(void)
{
    if (ram.way == MULTIFD) {
        ram.stats.multifd_bytes = multifd_save_bytes();
        ram.stats.missed_zero_copy = multifd_save_missed_zero_copy();
        multifd_save_end();
    }
    if (ram.to_send) {
        if (ram.logged) {
            dirty_log_stop(&ram.log);
        }
        background_end();
        ram_delta_end();
        ram_deflate_end();
        mapped_ram_end();
        ram_release_end();
        g_clear_pointer(&ram.to_send, g_free);
        ram.left = 0;
    }
}

/* What the stream says from here on is about memory as the channels have brought it. */
static void sync_channels(MigOut *o)
{
    multifd_save_sync(o);
    if (!multifd_syncs_each_part()) {
        mig_put_be(o, 8, RAM_MULTIFD_FLUSH);
    }
    ram.synced = true;
}

/*
 * The other side's channels take nothing until its stream has come to the sync, too. A stream that stays in our buffer would hold them, they
 * us once the host's sockets are full, and we the stream.
 */
static void show_sync(MigOut *o)
{
    if (ram.synced) {
        mig_out_flush(o, NULL);
        ram.synced = false;
    }
}

static void choose_way(void)
{
    ram.way = migration_has(CAP_MAPPED_RAM) ? MAPPED : migration_has(CAP_MULTIFD) ? MULTIFD : migration_has(CAP_XBZRLE) ? XBZRLE
        : migration_has(CAP_COMPRESS) ? COMPRESS : PLAIN;
    /* Elsewhere: the channels look; or nobody does. */
    uint64_t detection = migration_parameter(PARAM_ZERO_PAGE_DETECTION);
    ram.look_for_zeros = detection == ZERO_PAGE_LEGACY || (detection == ZERO_PAGE_MULTIFD && ram.way != MULTIFD);
}

static bool connect_channels(GError **err)
{
    choose_way();
    return (ram.way != MULTIFD || multifd_save_start(err)) && migration_open_page_channel(err);
}

bool migration_ram_freeze(GError **err)
{
    return !sent_bytes() || background_start(err);
}

static bool start_way(GError **err)
{
    if (ram.way == MAPPED && sent_bytes() < memory_ram_size()) {
        return report_fail(err, "mapped-ram has a place for every page, and x-ignore-shared leaves this machine's out: switch one of them off");
    }
    switch (ram.way) {
    case XBZRLE: return ram_delta_start(migration_parameter(PARAM_XBZRLE_CACHE_SIZE), err);
    case COMPRESS: ram_deflate_start(migration_parameter(PARAM_COMPRESS_LEVEL)); return true;
    case PLAIN: case MULTIFD: case MAPPED: break;
    }
    return true;
}

static bool setup(MigOut *o, GError **err)
{
    ram.stats = (RamStats){ 0 };
    ram.pages = memory_ram_bytes / RAM_PAGE;
    ram.left = sent_bytes() / RAM_PAGE;
    ram.next = memory_block->start / RAM_PAGE / WORD_BITS;
    ram.first_round = true;
    ram.extent_end = 0;
    ram.gone = false;
    ram.snapshot = migration_has(CAP_BACKGROUND_SNAPSHOT);
    ram.last_sync = 0;
    ram.to_send = g_new0(unsigned long, ram.pages / WORD_BITS + 1);
    for MEMORY_BLOCKS(b) {
        if (!ram_block_is_ignored(b)) {
            const uint64_t n = b->size / RAM_PAGE;
            unsigned long *first = &ram.to_send[b->start / RAM_PAGE / WORD_BITS];
            memset(first, 0xff, n / WORD_BITS * sizeof(long));
            if (n % WORD_BITS) {
                first[n / WORD_BITS] = (1ul << n % WORD_BITS) - 1;
            }
        }
    }
    if (ram.snapshot) {
        background_prepare();
    }
    ram.logged = !ram.snapshot && ram.left;
    if (ram.logged) {
        dirty_log_start(&ram.log);
        migration_note_pass(++ram.stats.dirty_sync_count);
    }
    if (!start_way(err)) {
        return false;
    }
    mig_put_be(o, 8, memory_ram_size() | RAM_MEM_SIZE);
    for MEMORY_BLOCKS(b) {
        mig_put_string8(o, b->name);
        mig_put_be(o, 8, b->size);
        if (migration_has(CAP_IGNORE_SHARED)) {
            mig_put_be(o, 8, b->start);     /* where the guest sees the block */
        }
        if (ram.way == MAPPED && !mapped_ram_start(o, b, err)) {
            return false;
        }
    }
    if (ram.way == MULTIFD) {
        sync_channels(o);
    }
    mig_put_be(o, 8, RAM_EOS);
    show_sync(o);
    return true;
}

/* A page touched after we looked is marked as written and comes again. To look whether one is zero would make the host give it memory. */
static bool untouched(uint64_t addr)
{
    if (addr < ram.extent_start || addr >= ram.extent_end) {
        ram.extent_start = addr;
        ram.extent_untouched = memory_untouched(addr, &ram.extent_end);
    }
    return ram.extent_untouched && addr + RAM_PAGE <= ram.extent_end;
}

#define HEAD_MAX (8 + 1 + 255u)

static bool names(const MemoryBlock *named, uint64_t page)
{
    return named && page * RAM_PAGE - named->start < named->size;
}

static uint8_t *head(uint8_t *at, uint64_t page, unsigned flags, const MemoryBlock **named)
{
    const uint64_t addr = page * RAM_PAGE;
    const bool same = names(*named, page);
    const MemoryBlock *b = same ? *named : memory_block_at(addr);
    uint64_t word = GUINT64_TO_BE((addr - b->start) | flags | (same ? RAM_CONTINUE : 0));

    memcpy(at, &word, 8);
    at += 8;
    if (!same) {
        size_t n = strlen(b->name);
        *at++ = n;
        memcpy(at, b->name, n);
        at += n;
        *named = b;
    }
    return at;
}

void ram_put_head(MigOut *o, uint64_t page, unsigned flags)
{
    uint8_t *room = mig_out_room(o, HEAD_MAX);

    mig_out_filled(o, head(room, page, flags, &ram.named) - room);
}

/* What is said of a page of the block that was named last. */
static uint64_t continued(uint64_t page, unsigned flags)
{
    return (page * RAM_PAGE - ram.named->start) | flags | RAM_CONTINUE;
}

static void send_data(MigOut *o, uint64_t page, const uint8_t *p)
{
    switch (ram.gone ? PLAIN : ram.way) {
    case PLAIN:
        if (!ram.snapshot && names(ram.named, page)) {
            mig_put_records(o, continued(page, RAM_DATA), RAM_PAGE, p, 1);
        } else {
            ram_put_head(o, page, RAM_DATA);
            (ram.snapshot ? mig_put : mig_put_kept)(o, p, RAM_PAGE);
        }
        break;
    case XBZRLE: ram_delta_page(o, page, p, ram.stats.dirty_sync_count, &ram.stats.xbzrle); break;
    case COMPRESS: ram_deflate_page(o, page, p, &ram.stats.compress); break;
    case MULTIFD: multifd_save_page(o, page); break;
    case MAPPED:
        if (ram.snapshot) {
            mapped_ram_copy(o, page, p);
        } else {
            mapped_ram_page(o, page);
        }
        break;
    }
}

/* Post-copy's page channel counts beside the stream. */
static void count(uint64_t *what, uint64_t n)
{
    if (n) {
        __atomic_fetch_add(what, n, __ATOMIC_RELAXED);
    }
}

/* They are of one block: one begins with a word of the bitmap. */
static void send_zeros(MigOut *o, uint64_t page, unsigned n)
{
    if (ram.way == MAPPED) {
        for (unsigned i = 0; i < n; i++) {
            mapped_ram_zero(page + i);
        }
        return;
    }
    for (unsigned i = 0; ram.way == XBZRLE && !ram.gone && i < n; i++) {
        ram_delta_zero(page + i);
    }
    if (!names(ram.named, page)) {
        ram_put_head(o, page++, RAM_ZERO);
        mig_put_be(o, 1, 0);
        n--;
    }
    mig_put_records(o, continued(page, RAM_ZERO), RAM_PAGE, NULL, n);
}

/* How many of n pages go as zeros; 0: the first one goes as the data at *p. */
static unsigned count_zeros(uint64_t page, unsigned n, const uint8_t **p)
{
    *p = memory_ram_base + page * RAM_PAGE;
    if (ram.first_round && untouched(page * RAM_PAGE)) {
        n = MIN(n, (ram.extent_end - page * RAM_PAGE) / RAM_PAGE);
        for (unsigned i = 0; ram.snapshot && i < n; i++) {
            background_skip(page + i);
        }
        return n;
    }
    if (ram.snapshot) {
        *p = background_take(page);
        n = 1;
    }
    return ram.look_for_zeros ? zero_run(*p, RAM_PAGE, n) : 0;
}

/* The pages of a word of the bitmap, the first of them `base`. */
static void send_word(MigOut *o, uint64_t base, unsigned long w)
{
    const unsigned pages = __builtin_popcountl(w);
    unsigned equal = 0;

    while (w) {
        unsigned first = __builtin_ctzl(w), n = ~(w >> first) ? __builtin_ctzl(~(w >> first)) : WORD_BITS;
        const uint8_t *p;
        n = count_zeros(base + first, n, &p);
        if (n) {
            send_zeros(o, base + first, n);
            equal += n;
        } else {
            __builtin_prefetch(memory_ram_base + (base + first + 1) * RAM_PAGE);
            send_data(o, base + first, p);
            n = 1;
        }
        w &= n + first == WORD_BITS ? 0 : ~0ul << (n + first);
    }
    count(&ram.stats.duplicate, equal);
    count(&ram.stats.normal, pages - equal);
}

static bool is_to_send(uint64_t page)
{
    return ram.to_send[page / WORD_BITS] >> page % WORD_BITS & 1;
}

/* Those of a word of the bitmap that are set in `which`. Cleared first: a store that comes now is noticed, and the page goes again. */
static unsigned long take(uint64_t word, unsigned long which)
{
    unsigned long w = __atomic_fetch_and(&ram.to_send[word], ~which, __ATOMIC_RELAXED) & which;

    __atomic_fetch_sub(&ram.left, __builtin_popcountl(w), __ATOMIC_RELAXED);
    return w;
}

static void take_and_send(MigOut *o, uint64_t word, unsigned long which)
{
    unsigned long w = take(word, which);

    send_word(o, word * WORD_BITS, w);
    for (; ram.gone && w; w &= w - 1) {
        ram_release_sent(word * WORD_BITS + __builtin_ctzl(w), 1);
    }
}

/* The next word of the bitmap with something to send; if post-copy's page channel takes the last, any. */
static uint64_t next_word(MigOut *o)
{
    uint64_t next = __atomic_load_n(&ram.next, __ATOMIC_RELAXED);
    const MemoryBlock *b = memory_block_at(next * WORD_BITS * RAM_PAGE);

    while (!__atomic_load_n(&ram.to_send[next], __ATOMIC_RELAXED) && left()) {
        next++;
        if (next * WORD_BITS * RAM_PAGE - b->start < b->size) {
            continue;
        }
        b++;
        if (b == memory_block + memory_block_count) {
            b = memory_block;       /* round: pages may come that came before */
            ram.first_round = false;
            if (ram.way == MULTIFD && !ram.gone && !multifd_syncs_each_part()) {
                sync_channels(o);
                show_sync(o);
            }
        }
        next = b->start / RAM_PAGE / WORD_BITS;
    }
    __atomic_store_n(&ram.next, next, __ATOMIC_RELAXED);
    return next;
}

#define POSTCOPY_PART 8         /* words of the bitmap: between parts there is room for other messages */

/* Post-copy: what is asked for comes first, and is not held up by a limit; then what lies behind it. */
static void send_asked(MigOut *o)
{
    uint64_t page;

    ram.named = NULL;
    for (unsigned n = 0; left() && n < POSTCOPY_PART && !mig_out_error(o) && (!mig_out_over_limit(o) || postcopy_has_request()); ) {
        if (!postcopy_next_request(&page)) {
            take_and_send(o, next_word(o), ~0ul);
            n++;
        } else if (is_to_send(page)) {
            take_and_send(o, page / WORD_BITS, 1ul << page % WORD_BITS);
            ram.next = page / WORD_BITS;
            mig_out_flush(o, NULL);
        }
    }
    if (ram.way == MULTIFD && multifd_syncs_each_part()) {
        sync_channels(o);       /* idle, but who receives this waits for them at the end of each part */
    }
    mig_put_be(o, 8, RAM_EOS);
    show_sync(o);
}

void ram_send_urgent(MigOut *o, uint64_t page, const MemoryBlock **named)
{
    const uint8_t *p = memory_ram_base + page * RAM_PAGE;

    if (!take(page / WORD_BITS, 1ul << page % WORD_BITS)) {
        return;                 /* it is on its way already */
    }
    bool equal = is_zero(p, RAM_PAGE);
    __atomic_store_n(&ram.next, page / WORD_BITS, __ATOMIC_RELAXED);
    uint8_t *room = mig_out_room(o, HEAD_MAX);
    mig_out_filled(o, head(room, page, equal ? RAM_ZERO : RAM_DATA, named) - room);
    mig_put(o, p, equal ? 1 : RAM_PAGE);
    count(equal ? &ram.stats.duplicate : &ram.stats.normal, 1);
    mig_out_flush(o, NULL);
}

/* What writers were waiting for first: the sooner it is gone, the less is kept. */
static void send_copies(MigOut *o)
{
    uint64_t page;

    while (!mig_out_error(o) && background_next_copy(&page)) {
        take_and_send(o, page / WORD_BITS, 1ul << page % WORD_BITS);
    }
}

static void send_next(MigOut *o)
{
    uint64_t word = next_word(o);

    take_and_send(o, word, ~0ul);
    if (ram.snapshot) {
        background_release(word * WORD_BITS, MIN(WORD_BITS, ram.pages - word * WORD_BITS));
        send_copies(o);
    }
}

static void send_pages(MigOut *o, bool all)
{
    gint64 end = g_get_monotonic_time() + PART_US;

    ram.named = NULL;
    for (unsigned n = 1; left() && !mig_out_error(o) && (all || !mig_out_over_limit(o)); n++) {
        send_next(o);
        if (!all && n % 64 == 0 && g_get_monotonic_time() > end) {
            break;
        }
    }
    if (ram.way == MULTIFD && (multifd_syncs_each_part() || (!ram.gone && (all || migration_has(CAP_POSTCOPY_RAM))))) {
        sync_channels(o);
    } else if (ram.way == MAPPED) {
        mapped_ram_flush(o);
    }
    mig_put_be(o, 8, RAM_EOS);
    show_sync(o);
}

static bool iterate(MigOut *o)
{
    if (ram.gone) {
        send_asked(o);
    } else {
        send_pages(o, false);
    }
    return !left();
}

/* What was written to blocks that do not go is not to be sent; how many pages. */
static uint64_t forget_ignored(void)
{
    uint64_t n = 0;

    for MEMORY_BLOCKS(b) {
        const uint64_t first = b->start / RAM_PAGE, end = ram_block_is_ignored(b) ? first + b->size / RAM_PAGE : first;
        for (uint64_t word = first / WORD_BITS; word * WORD_BITS < end; word++) {
            n += __builtin_popcountl(ram.to_send[word]);
            ram.to_send[word] = 0;
        }
    }
    return n;
}

static uint64_t pending(bool exact)
{
    if (exact && ram.to_send && ram.logged) {
        uint64_t fresh = dirty_log_sync(&ram.log, ram.to_send);
        fresh -= forget_ignored();
        __atomic_fetch_add(&ram.left, fresh, __ATOMIC_RELAXED);
        ram.extent_end = 0;             /* what was touched since we looked is no longer in the log */
        migration_note_pass(++ram.stats.dirty_sync_count);
        gint64 now = g_get_monotonic_time();
        if (ram.last_sync && now > ram.last_sync) {
            ram.stats.dirty_pages_rate = fresh * G_USEC_PER_SEC / (now - ram.last_sync);
        }
        ram.last_sync = now;
    }
    return left() * RAM_PAGE;
}

/* The next run of pages to send, from where the last one ended (*start + *bytes), up to the address `end_addr`. */
static bool next_range(uint64_t *start, uint64_t *bytes, uint64_t end_addr)
{
    const uint64_t pages = end_addr / RAM_PAGE;
    uint64_t first = (*start + *bytes) / RAM_PAGE;

    while (first < pages && !is_to_send(first)) {
        first += ram.to_send[first / WORD_BITS] >> first % WORD_BITS ? 1 : WORD_BITS - first % WORD_BITS;
    }
    first = MIN(first, pages);
    uint64_t end = first;
    while (end < pages && is_to_send(end)) {
        end++;
    }
    *start = first * RAM_PAGE;
    *bytes = (end - first) * RAM_PAGE;
    return end > first;
}

static void begin_postcopy(MigOut *o)
{
    pending(true);
    ram.gone = true;
    ram.first_round = false;            /* from now on in the order that is asked for */
    for MEMORY_BLOCKS(b) {
        postcopy_put_discards(o, b, next_range);
    }
    ram_release_begin();
    uint64_t start = 0, bytes = 0, before = 0;
    while (next_range(&start, &bytes, memory_ram_bytes)) {      /* what is not among it is there */
        if (start > before) {
            ram_release_sent(before / RAM_PAGE, (start - before) / RAM_PAGE);
        }
        before = start + bytes;
    }
    if (memory_ram_bytes > before) {
        ram_release_sent(before / RAM_PAGE, (memory_ram_bytes - before) / RAM_PAGE);
    }
}

bool ram_send_what_is_missing(const uint8_t *received, GError **err)
{
    uint64_t missing = 0;

    if (!ram_release_received(received, err)) {
        return false;
    }
    if (ram.way == MULTIFD) {   /* they broke with the link, and are not needed any more */
        ram.stats.multifd_bytes = multifd_save_bytes();
        multifd_save_end();
        ram.way = PLAIN;
    }
    for (uint64_t page = 0; page < ram.pages; page++) {
        unsigned long bit = 1ul << page % WORD_BITS, *w = &ram.to_send[page / WORD_BITS];
        bool there = received[page / 8] >> page % 8 & 1;
        *w = there ? *w & ~bit : *w | bit;
        missing += !there;
    }
    __atomic_store_n(&ram.left, missing, __ATOMIC_RELAXED);
    return true;
}

static void complete(MigOut *o)
{
    if (!ram.gone) {
        pending(true);
    }
    send_pages(o, true);
    if (ram.way == MAPPED) {
        mapped_ram_complete(o);
    }
}

static const SaveHandler handler = {
    .name = "ram", .version = 4, .minimum_version = 4, .connect = connect_channels, .setup = setup, .iterate = iterate, .pending = pending,
    .complete = complete, .postcopy = begin_postcopy, .cleanup = cleanup, .load = ram_load,
};

void migration_ram_init(void)
{
    savevm_register(&handler);
}
