/*
 * See mapped-ram.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/mapped-ram.h"
#include "migration/options.h"
#include "migration/ram-wire.h"
#include "system/memory.h"
#include "system/report.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define VERSION 1
#define HEAD_BYTES 28
#define ALIGNMENT (1u << 20)
#define RUN_MAX (4u << 20)      /* of one write */
#define LOAD_PAGES 128u         /* of one read: what stays in a processor's cache until it is placed */

/* ---- saving ---- */

static struct {
    int fd;                     /* the stream's */
    int direct;                 /* past the host's cache; or -1 */
    uint64_t bitmap_at, pages_at;
    uint8_t *bitmap;
    size_t bitmap_bytes;
    uint64_t first, n;          /* pages side by side that were gathered */
} m = { .fd = -1, .direct = -1 };

static size_t bitmap_bytes(void)
{
    return ((memory_ram_bytes / RAM_PAGE + 7) / 8 + 7) & ~(size_t)7;
}

bool mapped_ram_start(MigOut *o, GError **err)
{
    uint64_t at;

    m.fd = mig_out_file(o, &at);
    if (m.fd < 0) {
        return report_fail(err, "mapped-ram writes to places of a file: migrate to file:PATH, or switch the capability off");
    }
    m.bitmap_bytes = bitmap_bytes();
    m.bitmap_at = at + HEAD_BYTES;
    m.pages_at = (m.bitmap_at + m.bitmap_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    m.bitmap = g_malloc0(m.bitmap_bytes);
    m.n = 0;
    if (migration_parameter(PARAM_DIRECT_IO)) {
        g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", m.fd);
        m.direct = open(path, O_WRONLY | O_DIRECT | O_CLOEXEC);
        if (m.direct < 0) {
            return report_fail(err, "direct-io: the file cannot be opened with O_DIRECT: %s; switch the parameter off", g_strerror(errno));
        }
    }
    mig_put_be(o, 4, VERSION);
    mig_put_be(o, 8, RAM_PAGE);
    mig_put_be(o, 8, m.bitmap_at);
    mig_put_be(o, 8, m.pages_at);
    return mig_out_seek(o, m.pages_at + memory_ram_bytes, err);
}

static void write_at(MigOut *o, int fd, const void *buf, size_t n, uint64_t at)
{
    while (n && !mig_out_error(o) && !mig_out_cancelled(o)) {
        ssize_t done = pwrite(fd, buf, n, at);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done < 0) {
            g_autoptr(GError) err = g_error_new(G_IO_ERROR, g_io_error_from_errno(errno), "Error writing to file descriptor: %s", g_strerror(errno));
            mig_out_fail(o, err);
            return;
        }
        buf = (const uint8_t *)buf + done;
        n -= done;
        at += done;
        mig_out_count(o, done);
    }
}

void mapped_ram_flush(MigOut *o)
{
    write_at(o, m.direct >= 0 ? m.direct : m.fd, memory_ram_base + m.first * RAM_PAGE, m.n * RAM_PAGE, m.pages_at + m.first * RAM_PAGE);
    m.n = 0;
}

void mapped_ram_page(MigOut *o, uint64_t page)
{
    if (m.n && (page != m.first + m.n || m.n * RAM_PAGE >= RUN_MAX)) {
        mapped_ram_flush(o);
    }
    if (!m.n) {
        m.first = page;
    }
    m.n++;
    m.bitmap[page / 8] |= 1 << page % 8;
}

void mapped_ram_copy(MigOut *o, uint64_t page, const uint8_t *p)
{
    write_at(o, m.direct >= 0 ? m.direct : m.fd, p, RAM_PAGE, m.pages_at + page * RAM_PAGE);
    m.bitmap[page / 8] |= 1 << page % 8;
}

void mapped_ram_zero(uint64_t page)
{
    m.bitmap[page / 8] &= ~(1 << page % 8);
}

void mapped_ram_complete(MigOut *o)
{
    mapped_ram_flush(o);
    write_at(o, m.fd, m.bitmap, m.bitmap_bytes, m.bitmap_at);
}

void mapped_ram_end(void)
{
    g_clear_pointer(&m.bitmap, g_free);
    if (m.direct >= 0) {
        close(m.direct);
    }
    m.fd = m.direct = -1;
}

/* ---- loading ---- */

typedef struct MappedHead { uint64_t version, page_size, bitmap_at, pages_at; } MappedHead;

static bool check_head(const MappedHead *h, uint64_t behind, GError **err)
{
    if (h->version != VERSION) {
        return report_fail(err, "mapped-ram: the head has version %" PRIu64 ", this program reads %d", h->version, VERSION);
    }
    if (h->page_size != RAM_PAGE) {
        return report_fail(err, "mapped-ram: pages of %" PRIu64 " bytes; here they have %u", h->page_size, RAM_PAGE);
    }
    if (h->bitmap_at < behind || h->bitmap_at > INT64_MAX / 2 || h->pages_at > INT64_MAX / 2 || h->pages_at < h->bitmap_at + bitmap_bytes()) {
        return report_fail(err, "mapped-ram: the bitmap at 0x%" PRIx64 " and the pages at 0x%" PRIx64 " do not follow the head, which ends at 0x%" PRIx64,
                           h->bitmap_at, h->pages_at, behind);
    }
    return true;
}

static bool load_pages(VmsSource *in, const MappedHead *h, const uint8_t *bitmap, GError **err)
{
    g_autofree uint8_t *data = g_malloc(LOAD_PAGES * RAM_PAGE);
    uint64_t address[LOAD_PAGES];
    const uint64_t pages = memory_ram_bytes / RAM_PAGE;

    for (uint64_t page = 0; page < pages; ) {
        unsigned n = 0;
        if (page % 64 == 0 && pages - page >= 64 && !*(const uint64_t *)(bitmap + page / 8)) {
            ram_load_zeros(page * RAM_PAGE, 64);
            page += 64;
            continue;
        }
        while (n < LOAD_PAGES && page + n < pages && bitmap[(page + n) / 8] >> (page + n) % 8 & 1) {
            address[n] = (page + n) * RAM_PAGE;
            n++;
        }
        if (!n) {
            ram_load_zeros(page++ * RAM_PAGE, 1);
            continue;
        }
        if (!in->read_at(in, data, n * RAM_PAGE, h->pages_at + page * RAM_PAGE, err) || !ram_load_data(data, address, n, err)) {
            return false;
        }
        page += n;
    }
    return true;
}

bool mapped_ram_load(VmsSource *in, GError **err)
{
    MappedHead h;
    g_autofree uint8_t *bitmap = g_malloc(bitmap_bytes());
    uint64_t here;

    if (!vms_read_be(in, 4, &h.version, err) || !vms_read_be(in, 8, &h.page_size, err) || !vms_read_be(in, 8, &h.bitmap_at, err)
        || !vms_read_be(in, 8, &h.pages_at, err)) {
        return false;
    }
    if (!in->read_at || !in->tell(in, &here)) {
        return report_fail(err, "mapped-ram reads from places of a file: use -incoming file:PATH");
    }
    if (!check_head(&h, here, err)) {
        return false;
    }
    return in->read_at(in, bitmap, bitmap_bytes(), h.bitmap_at, err) && load_pages(in, &h, bitmap, err)
        && in->seek(in, h.pages_at + memory_ram_bytes, err);
}
