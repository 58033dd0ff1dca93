/*
 * See memory.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/memory.h"
#include "accel/tcg/region.h"
#include "accel/tcg/softmmu.h"
#include "system/cpus.h"
#include "system/dirty.h"
#include "system/host-pages.h"
#include "system/log.h"
#include "system/report.h"
#include "target/ppc/cpu.h"
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <inttypes.h>
#include <linux/mempolicy.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct Mmio {
    const char *name;
    uint64_t base, size;
    const MmioOps *ops;
    void *opaque;
    bool off;
};

uint8_t *memory_ram_base;
uint64_t memory_ram_bytes, memory_first_bytes;
static uint64_t room;           /* addresses that are kept, from 0 on */
MemoryBlock memory_block[MEMORY_BLOCKS_MAX];
unsigned memory_block_count;
static Mmio mmio[32];
static unsigned mmio_count;

/* Pages come when they are touched; but what the host could never have, it refuses a mapping that reserves. */
static bool host_can_have(uint64_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return p != MAP_FAILED && !munmap(p, size);
}

/* A file of that size, which is made if it is not there. -1: err says why. */
static int open_file(const char *path, uint64_t size, GError **err)
{
    int fd = g_file_test(path, G_FILE_TEST_IS_DIR) ? open(path, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600) : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    struct stat st;

    if (fd < 0 || fstat(fd, &st)) {
        report_fail(err, "can't open backing store %s for guest RAM: %s", path, g_strerror(errno));
    } else if (S_ISREG(st.st_mode) && st.st_size && (uint64_t)st.st_size < size) {
        report_fail(err, "backing store size 0x%" PRIx64 " does not match 'size' option 0x%" PRIx64, (uint64_t)st.st_size, size);
    } else if (!st.st_size && ftruncate(fd, size)) {
        report_fail(err, "can't make backing store %s of 0x%" PRIx64 " bytes: %s", path, size, g_strerror(errno));
    } else {
        return fd;
    }
    if (fd >= 0) {
        close(fd);
    }
    return -1;
}

/* What the file has goes into memory of our own. */
static bool copy_file(const char *path, uint8_t *to, uint64_t size, GError **err)
{
    int fd = open_file(path, size, err);
    off_t data = 0;
    ssize_t n = 0;

    if (fd < 0) {
        return false;
    }
    while (n >= 0 && (data = lseek(fd, data, SEEK_DATA)) >= 0 && (uint64_t)data < size) {
        off_t hole = lseek(fd, data, SEEK_HOLE);
        while (n >= 0 && data < hole && (uint64_t)data < size && (n = pread(fd, to + data, MIN((uint64_t)hole, size) - data, data)) > 0) {
            data += n;
        }
        n = n > 0 || data >= hole || (uint64_t)data >= size ? 0 : -1;
    }
    close(fd);
    return n >= 0 || report_fail(err, "can't read backing store %s: %s", path, g_strerror(errno));
}

bool memory_init_ram(uint64_t size, GError **err)
{
    return memory_init_ram_from(&(MemorySource){ .name = MEMORY_RAM_NAME, .size = size }, 1, err);
}

#define HUGE_PAGE (2u << 20)

/* Of shared memory, the file. -1: err says why there is none. */
static int open_shared(const MemorySource *s, GError **err)
{
    if (s->path) {
        return open_file(s->path, s->size, err);
    }
    int fd = memfd_create(s->name, MFD_CLOEXEC);
    if (fd >= 0 && ftruncate(fd, s->size) < 0) {
        close(fd);
        fd = -1;
    }
    if (fd < 0) {
        g_set_error(err, G_IO_ERROR, g_io_error_from_errno(errno), "cannot set up guest memory '%s': %s", s->name, g_strerror(errno));
    }
    return fd;
}

static void use_huge_pages(const MemoryBlock *b, bool on)
{
    if (!b->shared) {
        madvise(memory_ram_base + b->start, b->size, on ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);     /* a host without them does as well */
    }
}

static bool init_block(const MemorySource *s, uint64_t start, GError **err)
{
    MemoryBlock *b = &memory_block[memory_block_count];
    uint8_t *at = memory_ram_base + start;

    *b = (MemoryBlock){ .name = s->name, .start = start, .size = s->size, .offset = s->offset, .made = s->made, .shared = s->shared, .fd = s->shared ? open_shared(s, err) : -1 };
    if (s->shared && b->fd < 0) {
        return false;
    }
    memory_block_count++;
    if (mmap(at, s->size, PROT_READ | PROT_WRITE, (s->shared ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS) | MAP_NORESERVE | MAP_FIXED, b->fd, 0) == MAP_FAILED) {
        return report_fail(err, "cannot map guest memory '%s': %s", s->name, g_strerror(errno));
    }
    if (s->policy && syscall(SYS_mbind, at, s->size, s->policy, s->host_nodes, MEMORY_HOST_NODES + 1, MPOL_MF_STRICT | MPOL_MF_MOVE)) {
        return report_fail(err, "cannot bind memory to host NUMA nodes: %s", g_strerror(errno));
    }
    use_huge_pages(b, true);
    if (!s->shared) {
        madvise(at, s->size, MADV_DONTFORK);        /* a command that is started needs none of it */
    }
    return s->shared || !s->path || copy_file(s->path, at, s->size, err);
}

/* Its addresses are kept, and nothing is there. */
static void give_up(const MemoryBlock *b)
{
    void *p = mmap(memory_ram_base + b->start, b->size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);

    g_assert(p != MAP_FAILED);
    if (b->fd >= 0) {
        close(b->fd);
    }
}

/* At the start of a huge page, since the host joins only whole ones. */
static uint8_t *reserve(uint64_t size)
{
    uint8_t *p = mmap(NULL, size + HUGE_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (p == MAP_FAILED) {
        return NULL;
    }
    uint64_t head = -(uintptr_t)p % HUGE_PAGE;
    if (head) {
        munmap(p, head);
    }
    munmap(p + head + size, HUGE_PAGE - head);
    return p + head;
}

static int by_size(const void *a, const void *b)
{
    const MemoryBlock *x = a, *y = b;

    return x->size != y->size ? x->size < y->size ? 1 : -1 : x->made < y->made ? -1 : 1;
}

bool memory_init_ram_from(const MemorySource *from, unsigned n, GError **err)
{
    uint64_t size = 0, start = 0;

    g_assert(n && n <= MEMORY_BLOCKS_MAX && !memory_block_count);
    for (unsigned i = 0; i < n; i++) {
        g_assert(from[i].size && (i == n - 1 || !(from[i].size % MEMORY_BLOCK_UNIT)));
        size += from[i].size;
    }
    if (!host_can_have(size) || !(memory_ram_base = reserve(MAX(size, room)))) {
        g_set_error(err, G_IO_ERROR, g_io_error_from_errno(errno), "cannot set up guest memory '%s': %s (%" PRIu64 " MiB asked for with -m)",
                    from->name, g_strerror(errno), size >> 20);
        return false;
    }
    for (unsigned i = 0; i < n; i++) {
        if (!init_block(&from[i], start, err)) {
            return false;
        }
        start += from[i].size;
    }
    memory_ram_bytes = memory_first_bytes = size;
    qsort(memory_block, n, sizeof(memory_block[0]), by_size);
    return true;
}

/* ---- what is plugged ---- */

/*
 * RAM above the first, for vCPUs, which look without a lock: another list takes the place of the one before, which goes when each of them has been
 * between two regions since. Blocks side by side are one run.
 */
typedef struct Runs {
    unsigned n;
    struct { uint64_t start, end; } run[];
} Runs;
static Runs *runs;

static gint by_start(gconstpointer a, gconstpointer b)
{
    const MemoryBlock *x = *(const MemoryBlock *const *)a, *y = *(const MemoryBlock *const *)b;

    return x->start < y->start ? -1 : x->start > y->start;
}

static void nothing(PowerPCCPU *cpu, void *unused)
{
}

static void update_runs(void)
{
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();
    Runs *new = g_malloc0(sizeof(*new) + memory_block_count * sizeof(new->run[0])), *old = runs;
    PowerPCCPU *cpu;
    uint64_t end = memory_first_bytes;

    for MEMORY_BLOCKS(b) {
        if (b->start >= memory_first_bytes) {
            g_ptr_array_add(sorted, (gpointer)b);
        }
    }
    g_ptr_array_sort(sorted, by_start);
    for (guint i = 0; i < sorted->len; i++) {
        const MemoryBlock *b = g_ptr_array_index(sorted, i);
        if (new->n && new->run[new->n - 1].end == b->start) {
            new->run[new->n - 1].end += b->size;
        } else {
            new->run[new->n].start = b->start;
            new->run[new->n++].end = b->start + b->size;
        }
        end = b->start + b->size;
    }
    __atomic_store_n(&runs, new, __ATOMIC_SEQ_CST);
    __atomic_store_n(&memory_ram_bytes, end, __ATOMIC_SEQ_CST);
    tlb_flush_all_cpus();       /* where nothing was, they know that, too */
    CPU_FOREACH(cpu) {
        run_on_cpu(cpu, nothing, NULL);
    }
    dirty_resize();
    g_free(old);
}

void memory_set_room(uint64_t top)
{
    room = top;
}

bool memory_plug(const MemorySource *from, uint64_t at, GError **err)
{
    const unsigned before = memory_block_count;

    g_assert(before < MEMORY_BLOCKS_MAX && at >= memory_first_bytes && at <= room && from->size <= room - at && !((at | from->size) % MEMORY_BLOCK_UNIT));
    if (!host_can_have(from->size)) {
        return report_fail(err, "cannot set up guest memory '%s': %s", from->name, g_strerror(errno));
    }
    if (!init_block(from, at, err)) {
        if (memory_block_count > before) {
            give_up(&memory_block[--memory_block_count]);
        }
        return false;
    }
    qsort(memory_block, memory_block_count, sizeof(memory_block[0]), by_size);
    update_runs();
    return true;
}

void memory_unplug(const char *name)
{
    MemoryBlock *b = (MemoryBlock *)memory_block_find(name, strlen(name)), gone = *b;

    memmove(b, b + 1, (char *)(memory_block + memory_block_count) - (char *)(b + 1));
    memory_block_count--;
    update_runs();
    tb_invalidate_phys(gone.start, gone.size);
    give_up(&gone);
}

uint64_t memory_ram_run(uint64_t raddr)
{
    const Runs *r = __atomic_load_n(&runs, __ATOMIC_ACQUIRE);

    if (raddr < memory_first_bytes) {
        return memory_first_bytes - raddr;
    }
    for (unsigned i = 0; r && i < r->n; i++) {
        if (raddr >= r->run[i].start && raddr < r->run[i].end) {
            return r->run[i].end - raddr;
        }
    }
    return 0;
}

const MemoryBlock *memory_block_find(const char *name, size_t length)
{
    for MEMORY_BLOCKS(b) {
        if (strlen(b->name) == length && !memcmp(b->name, name, length)) {
            return b;
        }
    }
    return NULL;
}

bool memory_any_shared(void)
{
    bool any = false;

    for MEMORY_BLOCKS(b) {
        any |= b->shared;
    }
    return any;
}

char *memory_block_names(void)
{
    GString *s = g_string_new(NULL);

    for MEMORY_BLOCKS(b) {
        g_string_append_printf(s, "%s'%s' of 0x%" PRIx64 " bytes", b == memory_block ? "" : ", ", b->name, b->size);
    }
    return g_string_free(s, FALSE);
}

static bool keep;

void memory_keep_shared(bool on)
{
    keep = on;
}

static bool is_kept(uint64_t raddr)
{
    return keep && memory_block_at(raddr)->shared;
}

void memory_use_huge_pages(bool on)
{
    for MEMORY_BLOCKS(b) {
        use_huge_pages(b, on);
    }
}

#define FILE_UNIT (256u << 10)          /* what lies in one with a page that was touched is not asked for */

static bool file_untouched(const MemoryBlock *b, uint64_t at, uint64_t *until)
{
    off_t data = lseek(b->fd, at, SEEK_DATA);

    if (data != (off_t)at) {
        *until = data < 0 ? b->size : (uint64_t)data;
        return data >= 0 || errno == ENXIO;
    }
    *until = at / FILE_UNIT * FILE_UNIT + FILE_UNIT;    /* to find the end the kernel would look at every page */
    return false;
}

#define FAR_ENOUGH (64u << 20)

static bool private_untouched(const MemoryBlock *b, uint64_t at, uint64_t *until)
{
    uint64_t n = host_pages_absent(memory_ram_base + b->start + at, MIN(b->size - at, FAR_ENOUGH));

    *until = n ? at + n : at / HUGE_PAGE * HUGE_PAGE + HUGE_PAGE;
    return n;
}

/* Where there is no RAM: where the next begins. */
static uint64_t gap_end(uint64_t raddr)
{
    uint64_t end = memory_ram_bytes;

    for MEMORY_BLOCKS(b) {
        end = b->start > raddr ? MIN(end, b->start) : end;
    }
    return end;
}

bool memory_untouched(uint64_t raddr, uint64_t *until)
{
    if (!memory_ram_run(raddr)) {
        *until = gap_end(raddr);
        return true;
    }
    const MemoryBlock *b = memory_block_at(raddr);
    bool it_is = (b->shared ? file_untouched : private_untouched)(b, raddr - b->start, until);

    *until = b->start + MIN(b->size, *until);
    return it_is;
}

bool memory_drop(uint64_t raddr, uint64_t len)
{
    bool ok = true;

    while (ok && len) {
        const MemoryBlock *b = memory_ram_run(raddr) ? memory_block_at(raddr) : NULL;
        uint64_t n = MIN(len, (b ? b->start + b->size : gap_end(raddr)) - raddr);
        ok = !b || !madvise(memory_ram_base + raddr, n, b->shared ? MADV_REMOVE : MADV_DONTNEED);
        raddr += n;
        len -= n;
    }
    return ok;
}

bool memory_place(uint64_t raddr, const struct iovec *pieces, unsigned n, GError **err)
{
    uint64_t total = 0, done = 0;

    for (unsigned i = 0; i < n; i++) {
        total += pieces[i].iov_len;
    }
    g_assert(memory_ram_ptr(raddr, total));
    const MemoryBlock *b = memory_block_at(raddr);
    g_assert(total <= b->size - (raddr - b->start));
    ssize_t got = b->shared ? pwritev(b->fd, pieces, n, raddr - b->start) : 0;
    if (got < 0 && errno != EINTR) {
        g_set_error(err, G_IO_ERROR, g_io_error_from_errno(errno), "the host cannot give guest memory at 0x%" PRIx64 ": %s", raddr, g_strerror(errno));
        return false;
    }
    for (unsigned i = 0; (uint64_t)MAX(got, 0) < total && i < n; i++) {     /* no file; or interrupted: the rest the other way */
        memcpy(memory_ram_base + raddr + done, pieces[i].iov_base, pieces[i].iov_len);
        done += pieces[i].iov_len;
    }
    return true;
}

uint64_t memory_ram_size(void)
{
    uint64_t n = 0;

    for MEMORY_BLOCKS(b) {
        n += b->size;
    }
    return n;
}

Mmio *memory_add_mmio(const char *name, uint64_t base, uint64_t size, const MmioOps *ops, void *opaque)
{
    g_assert(mmio_count < G_N_ELEMENTS(mmio));
    mmio[mmio_count] = (Mmio){ name, base, size, ops, opaque, false };
    return &mmio[mmio_count++];
}

void memory_mmio_enable(Mmio *m, bool on)
{
    __atomic_store_n(&m->off, !on, __ATOMIC_RELAXED);   /* vCPUs look without the lock */
}

static const Mmio *find(uint64_t raddr, unsigned size)
{
    for (unsigned i = 0; i < mmio_count; i++) {
        const Mmio *m = &mmio[i];
        if (!__atomic_load_n(&m->off, __ATOMIC_RELAXED) && raddr >= m->base && raddr - m->base < m->size && size <= m->size - (raddr - m->base)) {
            return m;
        }
    }
    return NULL;
}

static uint64_t swap(uint64_t v, unsigned size)
{
    return size == 8 ? GUINT64_SWAP_LE_BE(v) : size == 4 ? GUINT32_SWAP_LE_BE((uint32_t)v)
         : size == 2 ? GUINT16_SWAP_LE_BE((uint16_t)v) : v;
}

bool memory_io_read(uint64_t raddr, unsigned size, bool big_endian, uint64_t *value)
{
    const Mmio *m = find(raddr, size);

    *value = 0;
    if (!m || !m->ops->read || size < m->ops->min_size || (m->ops->max_size && size > m->ops->max_size)) {
        log_mask(LOG_GUEST_ERROR, "read of %u bytes at %016" PRIx64 ": nothing answers\n", size, raddr);
        return false;
    }
    bool had = bql_enter();
    *value = m->ops->read(m->opaque, raddr - m->base, size);
    bql_leave(had);
    if (m->ops->big_endian != big_endian) {
        *value = swap(*value, size);
    }
    return true;
}

bool memory_io_write(uint64_t raddr, unsigned size, bool big_endian, uint64_t value)
{
    const Mmio *m = find(raddr, size);

    if (!m || !m->ops->write || size < m->ops->min_size || (m->ops->max_size && size > m->ops->max_size)) {
        log_mask(LOG_GUEST_ERROR, "write of %u bytes at %016" PRIx64 ": nothing answers\n", size, raddr);
        return false;
    }
    bool had = bql_enter();
    m->ops->write(m->opaque, raddr - m->base, m->ops->big_endian != big_endian ? swap(value, size) : value, size);
    bql_leave(had);
    return true;
}

bool memory_read(uint64_t raddr, void *buf, uint64_t len)
{
    const void *p = memory_ram_ptr(raddr, len);

    if (p) {
        memcpy(buf, p, len);
    }
    return p;
}

bool memory_write(uint64_t raddr, const void *buf, uint64_t len)
{
    void *p = memory_ram_ptr(raddr, len);

    if (p && !is_kept(raddr)) {
        memcpy(p, buf, len);
        dirty_mark(raddr, len);
        tb_invalidate_phys(raddr, len);
    }
    return p;
}

bool memory_fill(uint64_t raddr, int byte, uint64_t len)
{
    void *p = memory_ram_ptr(raddr, len);

    if (p && !is_kept(raddr)) {
        memset(p, byte, len);
        dirty_mark(raddr, len);
        tb_invalidate_phys(raddr, len);
    }
    return p;
}

bool memory_move(uint64_t to, uint64_t from, uint64_t len)
{
    const void *p = memory_ram_ptr(from, len);
    void *q = memory_ram_ptr(to, len);

    if (p && q && !is_kept(to)) {
        memmove(q, p, len);
        dirty_mark(to, len);
        tb_invalidate_phys(to, len);
    }
    return p && q;
}

bool memory_ldl_be(uint64_t raddr, uint32_t *v)
{
    bool ok = memory_read(raddr, v, 4);

    *v = ok ? GUINT32_FROM_BE(*v) : UINT32_MAX;
    return ok;
}

bool memory_ldq_be(uint64_t raddr, uint64_t *v)
{
    bool ok = memory_read(raddr, v, 8);

    *v = ok ? GUINT64_FROM_BE(*v) : UINT64_MAX;
    return ok;
}

bool memory_stl_be(uint64_t raddr, uint32_t v)
{
    v = GUINT32_TO_BE(v);
    return memory_write(raddr, &v, 4);
}

bool memory_stq_be(uint64_t raddr, uint64_t v)
{
    v = GUINT64_TO_BE(v);
    return memory_write(raddr, &v, 8);
}

void memory_print_map(GString *out, bool flat)
{
    const char *indent = flat ? "  " : "    ";

    g_string_append(out, flat ? "FlatView #0\n AS \"memory\", root: system\n AS \"cpu-memory-0\", root: system\n"
                                " Root memory region: system\n"
                              : "address-space: cpu-memory-0\naddress-space: memory\n"
                                "  0000000000000000-ffffffffffffffff (prio 0, i/o): system\n");
    for (uint64_t at = 0, next; at < memory_ram_bytes; at = next) {
        const MemoryBlock *b = memory_ram_run(at) ? memory_block_at(at) : NULL;
        next = b ? b->start + b->size : gap_end(at);
        if (b) {
            g_string_append_printf(out, "%s%016" PRIx64 "-%016" PRIx64 " (prio 0, ram): %s\n", indent, b->start, next - 1, b->name);
        }
    }
    for (unsigned i = 0; i < mmio_count; i++) {
        if (!mmio[i].off || !flat) {
            g_string_append_printf(out, "%s%016" PRIx64 "-%016" PRIx64 " (prio 0, i/o): %s%s\n", indent, mmio[i].base,
                                   mmio[i].base + mmio[i].size - 1, mmio[i].name, mmio[i].off ? " [disabled]" : "");
        }
    }
    g_string_append_c(out, '\n');
}
