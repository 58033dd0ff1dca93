/*
 * Post-copy, where the guest arrives; see postcopy.h.
 *
 * Guest memory lacks the pages that are still to come; the first touch of such a hole is a message of userfaultfd, which a thread
 * answers by asking the source. A page that came as zeros stays a hole until it is touched. The bitmap `received` says which pages are right
 * here, holes of zeros included: it is set after a page was put in place, so that nobody takes a hole that waits for data for zeros.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/blocktime.h"
#include "migration/options.h"
#include "migration/postcopy.h"
#include "migration/protocol.h"
#include "migration/ram-wire.h"
#include "migration/userfault.h"
#include "system/memory.h"
#include "system/report.h"
#include <errno.h>
#include <inttypes.h>
#include <linux/userfaultfd.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static struct {
    bool advised, listening;
    int fd;                     /* userfaultfd */
    UserfaultWatch *watch;
    GMutex lock;
    unsigned long *received, *asked;    /* a bit a page, under the lock */
    uint64_t missing;
    const MemoryBlock *named;   /* that the source was asked for last, NULL: none on this link */
} pc = { .fd = -1 };

static const uint8_t zeros[RAM_PAGE] __attribute__((aligned(RAM_PAGE)));

static uint64_t pages(void)
{
    return memory_ram_bytes / RAM_PAGE;
}

static bool test(const unsigned long *map, uint64_t page)
{
    return map[page / WORD_BITS] >> page % WORD_BITS & 1;
}

/* ---- what the host offers ---- */

static int open_userfault(GError **err)
{
    bool measure = migration_has(CAP_POSTCOPY_BLOCKTIME);

    return userfault_open("post-copy", (memory_any_shared() ? UFFD_FEATURE_MISSING_SHMEM : 0) | (measure ? UFFD_FEATURE_THREAD_ID : 0),
                          measure ? "shared memory, and with postcopy-blocktime who waits (Linux 4.14)" : "shared memory (Linux 4.11)", err);
}

bool postcopy_possible(GError **err)
{
    int fd = open_userfault(err);

    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

/* ---- before the guest runs ---- */

bool postcopy_advised(void)
{
    return pc.advised;
}

bool postcopy_listening(void)
{
    return __atomic_load_n(&pc.listening, __ATOMIC_ACQUIRE);
}

static bool punch(uint64_t start, uint64_t bytes, GError **err)
{
    return memory_drop(start, bytes)
        || report_fail(err, "post-copy cannot drop memory at 0x%" PRIx64 ": %s", start, g_strerror(errno));
}

bool postcopy_load_advice(const uint8_t *data, size_t n, GError **err)
{
    if (pc.advised) {
        return report_fail(err, "the stream advises of post-copy twice");
    }
    if (n == 0) {
        return true;            /* of something other than memory */
    }
    if (n != 16) {
        return report_fail(err, "the stream's advice of post-copy has %zu bytes; 16 are known", n);
    }
    uint64_t host = vms_get_be(data, 8), target = vms_get_be(data + 8, 8);
    if (host != (uint64_t)sysconf(_SC_PAGESIZE) || target != RAM_PAGE) {
        return report_fail(err, "post-copy: the source's memory is in host pages of 0x%" PRIx64 " bytes and guest pages of 0x%" PRIx64 ", here they are 0x%lx "
                           "and 0x%x: they have to be the same", host, target, sysconf(_SC_PAGESIZE), RAM_PAGE);
    }
    blocktime_forget();
    if (!postcopy_possible(err) || !punch(0, memory_ram_bytes, err)) {
        return false;
    }
    memory_use_huge_pages(false);       /* one brings 511 pages that have not come */
    pc.received = g_new0(unsigned long, pages() / WORD_BITS + 1);
    pc.asked = g_new0(unsigned long, pages() / WORD_BITS + 1);
    pc.missing = memory_ram_size() / RAM_PAGE;
    pc.advised = true;
    return true;
}

/* Before the guest runs, multifd's channels do so side by side. */
static void set_received(uint64_t page, bool to)
{
    unsigned long *w = &pc.received[page / WORD_BITS], bit = 1ul << page % WORD_BITS;
    unsigned long was = to ? __atomic_fetch_or(w, bit, __ATOMIC_RELAXED) : __atomic_fetch_and(w, ~bit, __ATOMIC_RELAXED);

    if (!!(was & bit) != to) {
        __atomic_fetch_add(&pc.missing, to ? -1 : 1, __ATOMIC_RELAXED);
    }
}

void postcopy_note_received(uint64_t page)
{
    set_received(page, true);
}

/* One byte 0 (the version), the block's name with length and a zero behind it, then pairs of start and length. */
bool postcopy_load_discard(const uint8_t *data, size_t n, GError **err)
{
    if (!pc.advised || pc.listening) {
        return report_fail(err, "the stream drops pages %s", pc.listening ? "after the guest may have touched them" : "without having advised of post-copy");
    }
    size_t head = n >= 2 ? 3u + data[1] : 0;
    if (n < 2 || data[0] || n < head || data[head - 1] || (n - head) % 16) {
        return report_fail(err, "the stream drops pages in a form (version %u, %zu bytes) that this program does not read", n ? data[0] : 0, n);
    }
    const MemoryBlock *b = memory_block_find((const char *)data + 2, data[1]);
    if (!b) {
        return report_fail(err, "the stream drops pages of block '%.*s', which this machine does not have", data[1], data + 2);
    }
    for (const uint8_t *p = data + head; p < data + n; p += 16) {
        uint64_t start = vms_get_be(p, 8), bytes = vms_get_be(p + 8, 8);
        if ((start | bytes) % RAM_PAGE || start >= b->size || bytes > b->size - start) {
            return report_fail(err, "the stream drops 0x%" PRIx64 " bytes at 0x%" PRIx64 " of memory '%s', which are no pages of its 0x%" PRIx64 " bytes", bytes,
                               start, b->name, b->size);
        }
        start += b->start;
        if (bytes && !punch(start, bytes, err)) {
            return false;
        }
        for (uint64_t page = start / RAM_PAGE; page < (start + bytes) / RAM_PAGE; page++) {
            set_received(page, false);
        }
    }
    return true;
}

/* ---- faults ---- */

static bool copy_page(uint64_t page, const void *from)
{
    struct uffdio_copy c = { .dst = (uintptr_t)memory_ram_base + page * RAM_PAGE, .src = (uintptr_t)from, .len = RAM_PAGE };

    while (ioctl(pc.fd, UFFDIO_COPY, &c)) {
        if (errno == EEXIST) {      /* it is there: let whoever waits look again */
            struct uffdio_range r = { .start = c.dst, .len = RAM_PAGE };
            return !ioctl(pc.fd, UFFDIO_WAKE, &r);
        }
        if (errno != EAGAIN) {
            return false;
        }
    }
    return true;
}

static void ask(uint64_t page)
{
    const MemoryBlock *b = memory_block_at(page * RAM_PAGE);
    uint8_t wire[12 + 1 + 255];
    size_t name = strlen(b->name);

    vms_put_be(wire, 8, page * RAM_PAGE - b->start);
    vms_put_be(wire + 8, 4, RAM_PAGE);
    wire[12] = name;
    memcpy(wire + 13, b->name, name);
    reply_send(pc.named == b ? REPLY_REQ_PAGES : REPLY_REQ_PAGES_ID, wire, pc.named == b ? 12 : 13 + name);
    pc.named = b;
}

static void fault(uint64_t page, uint32_t thread)
{
    g_mutex_lock(&pc.lock);
    bool there = test(pc.received, page);
    if (!there && !test(pc.asked, page)) {
        pc.asked[page / WORD_BITS] |= 1ul << page % WORD_BITS;
        ask(page);
    }
    if (!there) {
        blocktime_fault(page, thread);
    }
    g_mutex_unlock(&pc.lock);
    if (there) {
        copy_page(page, zeros);
    }
}

bool postcopy_listen(GError **err)
{
    if (!pc.advised || pc.listening) {
        return report_fail(err, "the stream starts post-copy %s", pc.listening ? "twice" : "without having advised of it");
    }
    if ((pc.fd = open_userfault(err)) < 0) {
        return false;
    }
    for MEMORY_BLOCKS(b) {
        struct uffdio_register r = { .range = { (uintptr_t)memory_ram_base + b->start, b->size }, .mode = UFFDIO_REGISTER_MODE_MISSING };
        if (ioctl(pc.fd, UFFDIO_REGISTER, &r) || !(r.ioctls >> _UFFDIO_COPY & 1)) {
            return report_fail(err, "post-copy: userfaultfd cannot watch guest memory '%s': %s", b->name, g_strerror(errno));
        }
    }
    __atomic_store_n(&pc.listening, true, __ATOMIC_RELEASE);
    if (migration_has(CAP_POSTCOPY_BLOCKTIME)) {
        blocktime_begin();
    }
    pc.watch = userfault_watch(pc.fd, "postcopy/fault", fault, err);
    return pc.watch;
}

bool postcopy_place(uint64_t page, const uint8_t *bytes, uint8_t byte, GError **err)
{
    uint8_t filled[RAM_PAGE] __attribute__((aligned(16)));

    if (!bytes && byte) {
        memset(filled, byte, sizeof(filled));
        bytes = filled;
    }
    if (bytes && !copy_page(page, bytes)) {
        return report_fail(err, "post-copy cannot put page 0x%" PRIx64 " in its place: %s", page * RAM_PAGE, g_strerror(errno));
    }
    g_mutex_lock(&pc.lock);
    set_received(page, true);
    blocktime_placed(page);
    bool waited_for = test(pc.asked, page);
    pc.asked[page / WORD_BITS] &= ~(1ul << page % WORD_BITS);
    g_mutex_unlock(&pc.lock);
    return bytes || !waited_for || copy_page(page, zeros) || report_fail(err, "post-copy cannot put page 0x%" PRIx64 " in its place: %s",
                                                                         page * RAM_PAGE, g_strerror(errno));
}

uint64_t postcopy_missing(void)
{
    return __atomic_load_n(&pc.missing, __ATOMIC_RELAXED);
}

uint64_t postcopy_first_missing(void)
{
    uint64_t page = 0;

    g_mutex_lock(&pc.lock);
    while (page < pages() && (test(pc.received, page) || !memory_ram_run(page * RAM_PAGE))) {
        page++;
    }
    g_mutex_unlock(&pc.lock);
    return page < pages() ? page * RAM_PAGE : 0;
}

void postcopy_send_bitmap(const MemoryBlock *b)
{
    const uint64_t n = b->size / RAM_PAGE, first = b->start / RAM_PAGE;
    size_t bytes = (n + 63) / 64 * 8;
    g_autofree uint8_t *map = g_malloc0(bytes);

    g_mutex_lock(&pc.lock);
    for (uint64_t page = 0; page < n; page++) {
        map[page / 8] |= test(pc.received, first + page) << page % 8;
    }
    g_mutex_unlock(&pc.lock);
    reply_bitmap(b->name, map, bytes);
}

void postcopy_ask_again(void)
{
    g_mutex_lock(&pc.lock);
    pc.named = NULL;
    for (uint64_t page = 0; page < pages(); page++) {
        if (test(pc.asked, page)) {
            ask(page);
        }
    }
    g_mutex_unlock(&pc.lock);
}

void postcopy_stop_listening(void)
{
    struct uffdio_range r = { .start = (uintptr_t)memory_ram_base, .len = memory_ram_bytes };

    if (pc.fd >= 0) {
        ioctl(pc.fd, UFFDIO_UNREGISTER, &r);
        if (pc.watch) {
            userfault_unwatch(g_steal_pointer(&pc.watch));
        }
        close(pc.fd);
        pc.fd = -1;
    }
    __atomic_store_n(&pc.listening, false, __ATOMIC_RELEASE);
    g_clear_pointer(&pc.received, g_free);
    g_clear_pointer(&pc.asked, g_free);
    if (pc.advised) {
        memory_use_huge_pages(true);
    }
    pc.advised = false;
}
