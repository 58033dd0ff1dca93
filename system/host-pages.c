/*
 * See host-pages.h. Linux says it in /proc/self/pagemap (Documentation/admin-guide/mm/pagemap.rst).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/host-pages.h"
#include <fcntl.h>
#include <glib.h>
#include <unistd.h>

#define PM_HAS_PAGE (3ull << 62)        /* present, or swapped */
#define PM_BATCH 512

static int pagemap(void)
{
    static gsize fd_1;          /* the descriptor and 1: 0 is "not yet" */

    if (g_once_init_enter(&fd_1)) {
        int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
        g_once_init_leave(&fd_1, fd < 0 ? G_MAXSIZE : (gsize)fd + 1);
    }
    return fd_1 == G_MAXSIZE ? -1 : (int)(fd_1 - 1);
}

/* Of at most PM_BATCH pages. */
static unsigned batch(int fd, uint64_t first, unsigned n)
{
    uint64_t map[PM_BATCH];
    ssize_t got = pread(fd, map, n * sizeof(map[0]), first * sizeof(map[0]));
    unsigned i = 0;

    while (i < n && (ssize_t)((i + 1) * sizeof(map[0])) <= got && !(map[i] & PM_HAS_PAGE)) {
        i++;
    }
    return i;
}

uint64_t host_pages_absent(const void *p, uint64_t n)
{
    const uint64_t page = sysconf(_SC_PAGESIZE), first = (uintptr_t)p / page, pages = n / page;
    const int fd = pagemap();
    uint64_t done = 0;

    if (fd < 0 || (uintptr_t)p % page || !pages) {
        return 0;
    }
    for (unsigned step = 1, found = 1; done < pages && found == step; done += found) {     /* one first: mostly there is one */
        step = done ? MIN(PM_BATCH, pages - done) : 1;
        found = batch(fd, first + done, step);
    }
    return done * page;
}
