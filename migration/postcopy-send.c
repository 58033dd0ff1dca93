/*
 * Post-copy, where the guest leaves: what the destination asks for, and what it is told; see postcopy.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/options.h"
#include "migration/postcopy.h"
#include "migration/protocol.h"
#include "migration/ram-wire.h"
#include "system/memory.h"
#include "system/report.h"
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define RANGES_A_COMMAND 12     /* as the peer */

static struct {
    GMutex lock;
    GCond changed;
    GQueue pages;               /* page number + 1, as they were asked for */
    bool wake;
    bool elsewhere;             /* the page channel's thread takes them */
    uint64_t counted;
} requests;

bool postcopy_request(const MemoryBlock *b, uint64_t start, uint64_t bytes, GError **err)
{
    if (start % RAM_PAGE || !bytes || bytes % RAM_PAGE || start >= b->size || bytes > b->size - start) {
        return report_fail(err, "the destination asks for 0x%" PRIx64 " bytes at 0x%" PRIx64 " of memory '%s', which are no pages of its 0x%" PRIx64 " bytes",
                           bytes, start, b->name, b->size);
    }
    start += b->start;
    g_mutex_lock(&requests.lock);
    requests.counted++;
    /* Who asks for more than there is asks again for the same: all pages come anyway. */
    for (uint64_t page = start / RAM_PAGE; page < (start + bytes) / RAM_PAGE && requests.pages.length < memory_ram_bytes / RAM_PAGE; page++) {
        g_queue_push_tail(&requests.pages, GSIZE_TO_POINTER(page + 1));
    }
    g_cond_broadcast(&requests.changed);
    g_mutex_unlock(&requests.lock);
    return true;
}

bool postcopy_has_request(void)
{
    return !__atomic_load_n(&requests.elsewhere, __ATOMIC_RELAXED) && __atomic_load_n(&requests.pages.length, __ATOMIC_RELAXED);
}

bool postcopy_next_request(uint64_t *page)
{
    if (!postcopy_has_request()) {
        return false;
    }
    g_mutex_lock(&requests.lock);
    gsize next = GPOINTER_TO_SIZE(g_queue_pop_head(&requests.pages));
    g_mutex_unlock(&requests.lock);
    *page = next - 1;
    return next;
}

void postcopy_forget_requests(void)
{
    g_mutex_lock(&requests.lock);
    g_queue_clear(&requests.pages);
    requests.wake = false;
    g_mutex_unlock(&requests.lock);
}

void postcopy_begin_count(void)
{
    __atomic_store_n(&requests.counted, 0, __ATOMIC_RELAXED);
}

uint64_t postcopy_requests_counted(void)
{
    return __atomic_load_n(&requests.counted, __ATOMIC_RELAXED);
}

void postcopy_wait_request(gint64 us)
{
    gint64 end = g_get_monotonic_time() + us;

    g_mutex_lock(&requests.lock);
    while (!postcopy_has_request() && !requests.wake && g_cond_wait_until(&requests.changed, &requests.lock, end)) {
    }
    requests.wake = false;
    g_mutex_unlock(&requests.lock);
}

void postcopy_wake_sender(void)
{
    g_mutex_lock(&requests.lock);
    requests.wake = true;
    g_cond_broadcast(&requests.changed);
    g_mutex_unlock(&requests.lock);
}

void postcopy_requests_wait(bool on)
{
    g_mutex_lock(&requests.lock);
    __atomic_store_n(&requests.elsewhere, on, __ATOMIC_RELAXED);
    g_cond_broadcast(&requests.changed);
    g_mutex_unlock(&requests.lock);
}

bool postcopy_await_request(uint64_t *page)
{
    g_mutex_lock(&requests.lock);
    while (requests.elsewhere && !requests.pages.length) {
        g_cond_wait(&requests.changed, &requests.lock);
    }
    bool there = requests.elsewhere;
    if (there) {
        *page = GPOINTER_TO_SIZE(g_queue_pop_head(&requests.pages)) - 1;
    }
    g_mutex_unlock(&requests.lock);
    return there;
}

void postcopy_put_advice(MigOut *o)
{
    uint8_t wire[16];

    vms_put_be(wire, 8, sysconf(_SC_PAGESIZE));
    vms_put_be(wire + 8, 8, RAM_PAGE);
    command_put(o, COMMAND_POSTCOPY_ADVISE, wire, sizeof(wire));
}

void postcopy_put_discards(MigOut *o, const MemoryBlock *b, PostcopyNextRange next)
{
    size_t name = strlen(b->name), head = 3 + name, n = head;
    uint8_t wire[3 + 255 + RANGES_A_COMMAND * 16];
    uint64_t start = b->start, bytes = 0;
    bool more;

    wire[0] = 0;                /* the version */
    wire[1] = name;
    memcpy(wire + 2, b->name, name);
    wire[head - 1] = 0;
    do {
        more = next(&start, &bytes, b->start + b->size);
        if (more) {
            vms_put_be(wire + n, 8, start - b->start);
            vms_put_be(wire + n + 8, 8, bytes);
            n += 16;
        }
        if (n > head && (!more || n == head + RANGES_A_COMMAND * 16)) {
            command_put(o, COMMAND_POSTCOPY_RAM_DISCARD, wire, n);
            n = head;
        }
    } while (more);
}
