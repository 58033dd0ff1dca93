/*
 * See mapped-ram.h. With multifd its channels' number of threads write and read (page-runs.h), each with system calls of its own.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/mapped-ram.h"
#include "migration/options.h"
#include "migration/page-runs.h"
#include "migration/ram-wire.h"
#include "migration/write-behind.h"
#include "system/memory.h"
#include "system/report.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VERSION 1
#define HEAD_BYTES 28
#define ALIGNMENT (1u << 20)
#define RUN_MAX (1u << 20)      /* of what a thread takes, and of one write past the host's cache */
#define LOAD_PAGES 128u         /* of one read: what stays in a processor's cache until it is placed */

/* ---- saving ---- */

static struct {
    int fd;                     /* the stream's */
    int direct;                 /* past the host's cache; or -1 */
    struct { uint64_t bitmap_at, pages_at; } place[MEMORY_BLOCKS_MAX];      /* in the file, as memory_block has them */
    uint8_t *bitmap;            /* of all of memory */
    const MemoryBlock *block;
    uint64_t first, n;          /* pages side by side in it that were gathered */
    PageRuns *runs;
    MigOut *out;
} m = { .fd = -1, .direct = -1 };

static size_t bitmap_bytes(uint64_t memory)
{
    return ((memory / RAM_PAGE + 7) / 8 + 7) & ~(size_t)7;
}

static unsigned threads(void)
{
    return migration_has(CAP_MULTIFD) ? migration_parameter(PARAM_MULTIFD_CHANNELS) : 0;
}

/* The same file once more, past the host's cache, if that is wanted; else *fd is -1. */
static bool open_direct(int file, int how, int *fd, GError **err)
{
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", file);

    *fd = migration_parameter(PARAM_DIRECT_IO) ? open(path, how | O_DIRECT | O_CLOEXEC) : -1;
    return *fd >= 0 || !migration_parameter(PARAM_DIRECT_IO)
        || report_fail(err, "direct-io: the file cannot be opened with O_DIRECT: %s; switch the parameter off", g_strerror(errno));
}

static bool write_at(MigOut *o, int fd, const void *buf, size_t n, uint64_t at, GError **err)
{
    while (n && !mig_out_cancelled(o)) {
        ssize_t done = pwrite(fd, buf, fd == m.direct ? n : MIN(n, OUT_WRITE_MAX), at);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done < 0) {
            g_set_error(err, G_IO_ERROR, g_io_error_from_errno(errno), "Error writing to file descriptor: %s", g_strerror(errno));
            return false;
        }
        buf = (const uint8_t *)buf + done;
        n -= done;
        at += done;
    }
    return true;
}

/* The pages are of one block. */
static bool write_pages(const uint8_t *p, uint64_t first, uint64_t n, GError **err)
{
    const MemoryBlock *b = memory_block_at(first * RAM_PAGE);

    return write_at(m.out, m.direct >= 0 ? m.direct : m.fd, p, n * RAM_PAGE, m.place[b - memory_block].pages_at + first * RAM_PAGE - b->start, err);
}

static bool write_run(void *opaque, uint64_t first, uint64_t n, GError **err)
{
    return write_pages(memory_ram_base + first * RAM_PAGE, first, n, err);
}

static bool start_file(MigOut *o, GError **err)
{
    m.bitmap = g_malloc0(bitmap_bytes(memory_ram_bytes));
    m.n = 0;
    if (!open_direct(m.fd, O_WRONLY, &m.direct, err)) {
        return false;
    }
    m.out = o;
    m.runs = page_runs_new(threads(), write_run, NULL);
    return true;
}

bool mapped_ram_start(MigOut *o, const MemoryBlock *b, GError **err)
{
    uint64_t at, bitmap_at, pages_at;

    m.fd = mig_out_file(o, &at);
    if (m.fd < 0) {
        return report_fail(err, "mapped-ram writes to places of a file: migrate to file:PATH, or switch the capability off");
    }
    if (!m.bitmap && !start_file(o, err)) {
        return false;
    }
    bitmap_at = at + HEAD_BYTES;
    pages_at = (bitmap_at + bitmap_bytes(b->size) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    m.place[b - memory_block].bitmap_at = bitmap_at;
    m.place[b - memory_block].pages_at = pages_at;
    mig_put_be(o, 4, VERSION);
    mig_put_be(o, 8, RAM_PAGE);
    mig_put_be(o, 8, bitmap_at);
    mig_put_be(o, 8, pages_at);
    return mig_out_seek(o, pages_at + b->size, err);
}

static void fail_if(MigOut *o, GError *err)
{
    if (err) {
        mig_out_fail(o, err);
        g_error_free(err);
    }
}

static void hand_over(MigOut *o)
{
    if (m.n) {
        page_runs_add(m.runs, m.first, m.n);
        mig_out_count(o, m.n * RAM_PAGE);
    }
    m.n = 0;
}

void mapped_ram_flush(MigOut *o)
{
    GError *err = NULL;

    if (!m.runs) {
        return;                 /* a machine without memory */
    }
    hand_over(o);
    page_runs_wait(m.runs, &err);
    fail_if(o, err);
}

void mapped_ram_page(MigOut *o, uint64_t page)
{
    if (m.n && (page != m.first + m.n || m.n * RAM_PAGE >= RUN_MAX || page * RAM_PAGE - m.block->start >= m.block->size)) {
        hand_over(o);
    }
    if (!m.n) {
        m.first = page;
        m.block = memory_block_at(page * RAM_PAGE);
    }
    m.n++;
    m.bitmap[page / 8] |= 1 << page % 8;
}

void mapped_ram_copy(MigOut *o, uint64_t page, const uint8_t *p)
{
    GError *err = NULL;

    write_pages(p, page, 1, &err);
    mig_out_count(o, RAM_PAGE);
    m.bitmap[page / 8] |= 1 << page % 8;
    fail_if(o, err);
}

void mapped_ram_zero(uint64_t page)
{
    m.bitmap[page / 8] &= ~(1 << page % 8);
}

void mapped_ram_complete(MigOut *o)
{
    GError *err = NULL;

    mapped_ram_flush(o);
    for MEMORY_BLOCKS(b) {
        const size_t n = bitmap_bytes(b->size);
        if (!write_at(o, m.fd, m.bitmap + b->start / RAM_PAGE / 8, n, m.place[b - memory_block].bitmap_at, &err)) {
            break;
        }
        mig_out_count(o, n);
    }
    fail_if(o, err);
}

void mapped_ram_end(void)
{
    g_clear_pointer(&m.runs, page_runs_free);
    g_clear_pointer(&m.bitmap, g_free);
    if (m.direct >= 0) {
        close(m.direct);
    }
    m.fd = m.direct = -1;
}

/* ---- loading ---- */

typedef struct MappedHead { uint64_t version, page_size, bitmap_at, pages_at; } MappedHead;

static bool check_head(const MappedHead *h, const MemoryBlock *b, uint64_t behind, GError **err)
{
    if (h->version != VERSION) {
        return report_fail(err, "mapped-ram: the head has version %" PRIu64 ", this program reads %d", h->version, VERSION);
    }
    if (h->page_size != RAM_PAGE) {
        return report_fail(err, "mapped-ram: pages of %" PRIu64 " bytes; here they have %u", h->page_size, RAM_PAGE);
    }
    if (h->bitmap_at < behind || h->bitmap_at > INT64_MAX / 2 || h->pages_at > INT64_MAX / 2 || h->pages_at < h->bitmap_at + bitmap_bytes(b->size)) {
        return report_fail(err, "mapped-ram: the bitmap at 0x%" PRIx64 " and the pages at 0x%" PRIx64 " do not follow the head, which ends at 0x%" PRIx64,
                           h->bitmap_at, h->pages_at, behind);
    }
    return true;
}

typedef struct Loader { VmsSource *in; int direct; const MemoryBlock *block; uint64_t pages_at; } Loader;

static bool read_pages(const Loader *l, uint8_t *data, size_t bytes, uint64_t at, GError **err)
{
    for (ssize_t got; l->direct >= 0 && bytes; data += got, bytes -= got, at += got) {
        got = pread(l->direct, data, bytes, at);
        if (got <= 0 || got % RAM_PAGE) {
            break;              /* the end, an error, or pages that do not begin at a sector: read on as usual, which says what is wrong */
        }
    }
    return !bytes || l->in->read_at(l->in, data, bytes, at, err);
}

static bool load_run(void *opaque, uint64_t first, uint64_t n, GError **err)
{
    const Loader *l = opaque;
    uint64_t address[LOAD_PAGES];
    uint8_t *data = aligned_alloc(RAM_PAGE, n * RAM_PAGE);

    for (uint64_t i = 0; i < n; i++) {
        address[i] = l->block->start + (first + i) * RAM_PAGE;
    }
    bool ok = read_pages(l, data, n * RAM_PAGE, l->pages_at + first * RAM_PAGE, err) && ram_load_data(data, address, n, err);
    free(data);
    return ok;
}

static bool load_pages(VmsSource *in, const MappedHead *h, const MemoryBlock *b, const uint8_t *bitmap, GError **err)
{
    const uint64_t pages = b->size / RAM_PAGE;
    Loader l = { in, -1, b, h->pages_at };

    if (in->file && !open_direct(in->file(in), O_RDONLY, &l.direct, err)) {
        return false;
    }
    PageRuns *runs = page_runs_new(threads(), load_run, &l);
    for (uint64_t page = 0; page < pages; ) {
        unsigned n = 0;
        if (page % 64 == 0 && pages - page >= 64 && !*(const uint64_t *)(bitmap + page / 8)) {
            ram_load_zeros(b->start + page * RAM_PAGE, 64);
            page += 64;
            continue;
        }
        while (n < LOAD_PAGES && page + n < pages && bitmap[(page + n) / 8] >> (page + n) % 8 & 1) {
            n++;
        }
        if (n) {
            page_runs_add(runs, page, n);
            page += n;
        } else {
            ram_load_zeros(b->start + page++ * RAM_PAGE, 1);
        }
    }
    bool ok = page_runs_wait(runs, err);
    page_runs_free(runs);
    if (l.direct >= 0) {
        close(l.direct);
    }
    return ok;
}

bool mapped_ram_load(VmsSource *in, const MemoryBlock *b, GError **err)
{
    MappedHead h;
    g_autofree uint8_t *bitmap = g_malloc(bitmap_bytes(b->size));
    uint64_t here;

    if (!vms_read_be(in, 4, &h.version, err) || !vms_read_be(in, 8, &h.page_size, err) || !vms_read_be(in, 8, &h.bitmap_at, err)
        || !vms_read_be(in, 8, &h.pages_at, err)) {
        return false;
    }
    if (!in->read_at || !in->tell(in, &here)) {
        return report_fail(err, "mapped-ram reads from places of a file: use -incoming file:PATH");
    }
    if (!check_head(&h, b, here, err)) {
        return false;
    }
    return in->read_at(in, bitmap, bitmap_bytes(b->size), h.bitmap_at, err) && load_pages(in, &h, b, bitmap, err)
        && in->seek(in, h.pages_at + b->size, err);
}
