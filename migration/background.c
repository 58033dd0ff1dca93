/*
 * See background.h. `taken` and the copies are under the lock; a page that is neither is protected, so its contents are those of the start, and
 * stay so while the lock is held. Taking one copies first and looks afterwards whether a writer came in between: then the copy that was made for
 * him is the right one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/background.h"
#include "migration/ram-wire.h"
#include "migration/userfault.h"
#include "migration/zero.h"
#include "system/memory.h"
#include "system/report.h"
#include <errno.h>
#include <linux/userfaultfd.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define COPIES_MAX 16384u               /* 64 MiB; above that, each waits for a while */
#define SLOW_US 20000

static struct {
    int fd;
    UserfaultWatch *watch;
    GMutex lock;
    GCond fewer;                        /* copies there are */
    unsigned long *taken;               /* a bit a page */
    GHashTable *copies;                 /* page + 1: contents, or `zeros` */
    GQueue order;                       /* their pages, oldest first; some may be gone */
    bool ending;
} bg = { .fd = -1 };

static const uint8_t zeros[RAM_PAGE];

static int open_userfault(GError **err)
{
    int fd = userfault_open("it", UFFD_FEATURE_PAGEFAULT_FLAG_WP | (memory_any_shared() ? UFFD_FEATURE_WP_HUGETLBFS_SHMEM : 0),
                            memory_any_shared() ? "write protection of shared memory (Linux 5.19)" : "write protection (Linux 5.7)", err);

    if (fd < 0) {
        g_prefix_error(err, "Background-snapshot is not supported by host kernel: ");
    }
    return fd;
}

bool background_possible(GError **err)
{
    int fd = open_userfault(err);

    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

static bool protect(uint64_t page, uint64_t n, bool on)
{
    struct uffdio_writeprotect w = {
        .range = { .start = (uintptr_t)memory_ram_base + page * RAM_PAGE, .len = n * RAM_PAGE }, .mode = on ? UFFDIO_WRITEPROTECT_MODE_WP : 0,
    };

    while (ioctl(bg.fd, UFFDIO_WRITEPROTECT, &w)) {     /* off: whoever waits is woken, too */
        if (errno != EAGAIN && errno != EINTR) {
            return false;
        }
    }
    return true;
}

static bool is_taken(uint64_t page)
{
    return bg.taken[page / WORD_BITS] >> page % WORD_BITS & 1;
}

static gpointer key(uint64_t page)
{
    return GSIZE_TO_POINTER(page + 1);
}

static void free_copy(gpointer copy)
{
    if (copy != zeros) {
        g_free(copy);
    }
}

/* Somebody wants to write to the page, and waits. */
static void fault(uint64_t page, uint32_t thread)
{
    const uint8_t *p = memory_ram_base + page * RAM_PAGE;

    g_mutex_lock(&bg.lock);
    if (!is_taken(page) && !g_hash_table_contains(bg.copies, key(page))) {
        gint64 until = g_get_monotonic_time() + SLOW_US;
        while (g_hash_table_size(bg.copies) >= COPIES_MAX && !bg.ending && g_cond_wait_until(&bg.fewer, &bg.lock, until)) {
        }
        if (!is_taken(page)) {
            g_hash_table_insert(bg.copies, key(page), is_zero(p, RAM_PAGE) ? (gpointer)zeros : g_memdup2(p, RAM_PAGE));
            g_queue_push_tail(&bg.order, key(page));
        }
    }
    g_mutex_unlock(&bg.lock);
    protect(page, 1, false);
}

static bool protect_block(const MemoryBlock *b)
{
    struct uffdio_register r = { .range = { (uintptr_t)memory_ram_base + b->start, b->size }, .mode = UFFDIO_REGISTER_MODE_WP };

    return !ioctl(bg.fd, UFFDIO_REGISTER, &r) && r.ioctls >> _UFFDIO_WRITEPROTECT & 1 && protect(b->start / RAM_PAGE, b->size / RAM_PAGE, true);
}

/* Where there is no page there is nothing to protect, in memory that is no file: the host's page of zeros will do, and takes no room. */
void background_prepare(void)
{
    for MEMORY_BLOCKS(b) {
        if (b->shared || !madvise(memory_ram_base + b->start, b->size, MADV_POPULATE_READ)) {
            continue;
        }
        for (uint64_t at = b->start; at < b->start + b->size; at += RAM_PAGE) {     /* before Linux 5.14 */
            (void)*(volatile uint8_t *)(memory_ram_base + at);
        }
    }
}

bool background_start(GError **err)
{
    if ((bg.fd = open_userfault(err)) < 0) {
        return false;
    }
    bg.taken = g_new0(unsigned long, memory_ram_bytes / RAM_PAGE / WORD_BITS + 1);
    bg.copies = g_hash_table_new_full(NULL, NULL, NULL, free_copy);
    bg.ending = false;
    for MEMORY_BLOCKS(b) {
        if (!ram_block_is_ignored(b) && !protect_block(b)) {
            report_fail(err, "Background-snapshot is not compatible with guest memory configuration: userfaultfd cannot protect '%s': %s", b->name,
                        g_strerror(errno));
            background_end();
            return false;
        }
    }
    bg.watch = userfault_watch(bg.fd, "snapshot/fault", fault, err);
    if (!bg.watch) {
        background_end();
    }
    return bg.watch;
}

/* The lock is held. */
static void take(uint64_t page)
{
    bg.taken[page / WORD_BITS] |= 1ul << page % WORD_BITS;
    if (g_hash_table_remove(bg.copies, key(page))) {
        g_cond_signal(&bg.fewer);
    }
}

const uint8_t *background_take(uint64_t page)
{
    static uint8_t room[RAM_PAGE] __attribute__((aligned(RAM_PAGE)));

    memcpy(room, memory_ram_base + page * RAM_PAGE, RAM_PAGE);
    g_mutex_lock(&bg.lock);
    const uint8_t *copy = g_hash_table_lookup(bg.copies, key(page));
    if (copy) {
        memcpy(room, copy, RAM_PAGE);
    }
    take(page);
    g_mutex_unlock(&bg.lock);
    return room;
}

void background_skip(uint64_t page)
{
    g_mutex_lock(&bg.lock);
    take(page);
    g_mutex_unlock(&bg.lock);
}

void background_release(uint64_t page, uint64_t n)
{
    protect(page, n, false);
}

bool background_next_copy(uint64_t *page)
{
    gpointer next;

    g_mutex_lock(&bg.lock);
    while ((next = g_queue_pop_head(&bg.order)) && !g_hash_table_contains(bg.copies, next)) {
    }
    g_mutex_unlock(&bg.lock);
    *page = GPOINTER_TO_SIZE(next) - 1;
    return next;
}

void background_end(void)
{
    struct uffdio_range r = { .start = (uintptr_t)memory_ram_base, .len = memory_ram_bytes };

    if (bg.fd < 0) {
        return;
    }
    g_mutex_lock(&bg.lock);
    bg.ending = true;
    g_cond_signal(&bg.fewer);
    g_mutex_unlock(&bg.lock);
    userfault_unwatch(g_steal_pointer(&bg.watch));
    ioctl(bg.fd, UFFDIO_UNREGISTER, &r);        /* takes the protection away and wakes whoever waits */
    close(bg.fd);
    bg.fd = -1;
    g_clear_pointer(&bg.taken, g_free);
    g_clear_pointer(&bg.copies, g_hash_table_unref);
    g_queue_clear(&bg.order);
}
