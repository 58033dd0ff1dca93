/*
 * release-ram: post-copy's source gives back to the host what the destination has.
 *
 * What was written to a socket may still be lost with the link, and is then sent again: only what the destination is known to have may go. Every
 * so often the stream asks by a PING with a number of its own, behind the pages in question; the PONG says that they are in place, in any
 * program of this kind. The first comes after RUN, so that a guest that can still be taken back keeps its memory. A recovery's bitmap says the same of all
 * pages at once. Pages that went on the page channel, which no PING follows, go with the last word.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/protocol.h"
#include "migration/ram-release.h"
#include "migration/options.h"
#include "migration/ram-wire.h"
#include "system/memory.h"
#include "system/report.h"
#include <inttypes.h>

#define ASK_PAGES 1024u             /* about as many between two questions */

typedef struct Run { uint64_t page, n; } Run;
typedef struct Batch { uint32_t number; GArray *runs; } Batch;

static struct {
    bool on;
    GArray *runs;                   /* Run: sent since the last question */
    uint64_t pages;                 /* in them */
    GQueue asked;                   /* Batch, oldest first */
    uint32_t number;                /* of the last question */
    unsigned long *given;           /* a bit a page: is gone here */
} rel;

static void free_batch(gpointer p)
{
    g_array_unref(((Batch *)p)->runs);
    g_free(p);
}

void ram_release_end(void)
{
    if (rel.on) {
        g_queue_clear_full(&rel.asked, free_batch);
        g_clear_pointer(&rel.runs, g_array_unref);
        g_clear_pointer(&rel.given, g_free);
        rel.on = false;
    }
}

void ram_release_begin(void)
{
    ram_release_end();
    rel.on = migration_has(CAP_RELEASE_RAM);
    if (rel.on) {
        rel.runs = g_array_new(FALSE, FALSE, sizeof(Run));
        rel.given = g_new0(unsigned long, memory_ram_bytes / RAM_PAGE / WORD_BITS + 1);
        rel.pages = rel.number = 0;
    }
}

void ram_release_sent(uint64_t page, uint64_t n)
{
    if (!rel.on) {
        return;
    }
    Run *last = rel.runs->len ? &g_array_index(rel.runs, Run, rel.runs->len - 1) : NULL;
    if (last && last->page + last->n == page) {
        last->n += n;
    } else {
        Run r = { page, n };
        g_array_append_val(rel.runs, r);
    }
    rel.pages += n;
}

static void give_back(uint64_t page, uint64_t n)
{
    if (memory_drop(page * RAM_PAGE, n * RAM_PAGE)) {
        for (uint64_t p = page; p < page + n; p++) {
            rel.given[p / WORD_BITS] |= 1ul << p % WORD_BITS;
        }
    }
}

void ram_release_step(MigOut *o)
{
    if (!rel.on) {
        return;
    }
    uint32_t answered = return_path_counted();
    while (!g_queue_is_empty(&rel.asked) && ((Batch *)g_queue_peek_head(&rel.asked))->number <= answered) {
        Batch *b = g_queue_pop_head(&rel.asked);
        for (guint i = 0; i < b->runs->len; i++) {
            Run r = g_array_index(b->runs, Run, i);
            give_back(r.page, r.n);
        }
        free_batch(b);
    }
    if (rel.pages >= ASK_PAGES) {
        Batch *b = g_new(Batch, 1);
        *b = (Batch){ .number = ++rel.number, .runs = rel.runs };
        g_queue_push_tail(&rel.asked, b);
        rel.runs = g_array_new(FALSE, FALSE, sizeof(Run));
        rel.pages = 0;
        command_ping(o, PING_COUNTED + rel.number);
    }
}

bool ram_release_received(const uint8_t *received, GError **err)
{
    if (!rel.on) {
        return true;
    }
    for (uint64_t page = 0; page < memory_ram_bytes / RAM_PAGE; page++) {
        bool given = rel.given[page / WORD_BITS] >> page % WORD_BITS & 1;
        if (given && !(received[page / 8] >> page % 8 & 1)) {
            return report_fail(err, "the destination says that it does not have page 0x%" PRIx64 ", which it had acknowledged: with release-ram it is not "
                               "here any more; is it another destination?", page * RAM_PAGE);
        }
    }
    g_queue_clear_full(&rel.asked, free_batch);
    g_array_set_size(rel.runs, 0);
    rel.pages = 0;
    for (uint64_t page = 0, end; page < memory_ram_bytes / RAM_PAGE; page = end) {
        bool there = received[page / 8] >> page % 8 & 1;
        for (end = page + 1; end < memory_ram_bytes / RAM_PAGE && (received[end / 8] >> end % 8 & 1) == there; end++) {
        }
        if (there) {
            give_back(page, end - page);
        }
    }
    return true;
}

void ram_release_all(void)
{
    if (rel.on) {
        give_back(0, memory_ram_bytes / RAM_PAGE);
    }
}
