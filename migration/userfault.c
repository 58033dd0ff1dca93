/*
 * See userfault.h. /dev/userfaultfd gives one that also answers the kernel's own accesses, to those who may open it; the system call to those
 * with the privilege.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/userfault.h"
#include "migration/ram-wire.h"
#include "system/memory.h"
#include "system/report.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_any(void)
{
    int device = open("/dev/userfaultfd", O_RDWR | O_CLOEXEC), fd = -1;

    if (device >= 0) {
        fd = ioctl(device, USERFAULTFD_IOC_NEW, O_CLOEXEC | O_NONBLOCK);
        close(device);
    }
    return fd >= 0 ? fd : syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
}

int userfault_open(const char *who, uint64_t features, const char *features_text, GError **err)
{
    struct uffdio_api api = { .api = UFFD_API, .features = features };
    int fd = open_any();

    if (fd < 0) {
        report_fail(err, "%s needs userfaultfd, which this host does not let us have (%s): let this user open /dev/userfaultfd, or set sysctl "
                    "vm.unprivileged_userfaultfd to 1, and let no seccomp filter (-sandbox, a container's) forbid it", who, g_strerror(errno));
        return -1;
    }
    if (ioctl(fd, UFFDIO_API, &api)) {
        report_fail(err, "%s needs a userfaultfd that knows %s: this host's lacks some of the features 0x%" PRIx64, who, features_text, features);
        close(fd);
        return -1;
    }
    return fd;
}

struct UserfaultWatch {
    int fd, quit;               /* userfaultfd; an event that ends the thread */
    GThread *thread;
    void (*fn)(uint64_t page, uint32_t thread);
};

static gpointer watch_faults(gpointer opaque)
{
    UserfaultWatch *w = opaque;
    struct pollfd p[2] = { { .fd = w->fd, .events = POLLIN }, { .fd = w->quit, .events = POLLIN } };
    struct uffd_msg m[16];

    for (;;) {
        if (poll(p, 2, -1) < 0 && errno != EINTR) {
            break;
        }
        if (p[1].revents) {
            break;
        }
        ssize_t n = read(w->fd, m, sizeof(m));
        for (ssize_t i = 0; i < n / (ssize_t)sizeof(m[0]); i++) {
            if (m[i].event == UFFD_EVENT_PAGEFAULT) {
                w->fn((m[i].arg.pagefault.address - (uintptr_t)memory_ram_base) / RAM_PAGE, m[i].arg.pagefault.feat.ptid);
            }
        }
    }
    return NULL;
}

UserfaultWatch *userfault_watch(int fd, const char *name, void (*fn)(uint64_t page, uint32_t thread), GError **err)
{
    int quit = eventfd(0, EFD_CLOEXEC);

    if (quit < 0) {
        report_fail(err, "there is no descriptor for %s: %s", name, g_strerror(errno));
        return NULL;
    }
    UserfaultWatch *w = g_new0(UserfaultWatch, 1);
    *w = (UserfaultWatch){ .fd = fd, .quit = quit, .fn = fn };
    w->thread = g_thread_new(name, watch_faults, w);
    return w;
}

void userfault_unwatch(UserfaultWatch *w)
{
    uint64_t one = 1;

    if (!w) {
        return;
    }
    if (write(w->quit, &one, sizeof(one)) == sizeof(one)) {
        g_thread_join(w->thread);
    }
    close(w->quit);
    g_free(w);
}
