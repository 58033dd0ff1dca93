/*
 * See loader.h. Headers are read field by field and checked against the file's size: images are foreign bytes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/loader.h"
#include "config-host.h"
#include "system/memory.h"
#include <elf.h>
#include <gio/gio.h>
#include <inttypes.h>
#include <string.h>

static GPtrArray *dirs;

void loader_add_dir(const char *dir)
{
    if (!dirs) {
        dirs = g_ptr_array_new();
    }
    g_ptr_array_add(dirs, g_strdup(dir));
}

char *loader_find(const char *name)
{
    static const char *const usual[] = { CONFIG_DATADIR "/qemu", "/usr/share/qemu", "/usr/share/seabios", NULL };

    if (g_file_test(name, G_FILE_TEST_IS_REGULAR)) {
        return g_strdup(name);
    }
    for (guint i = 0; dirs && i < dirs->len; i++) {
        char *p = g_build_filename(g_ptr_array_index(dirs, i), name, NULL);
        if (g_file_test(p, G_FILE_TEST_IS_REGULAR)) {
            return p;
        }
        g_free(p);
    }
    for (const char *const *d = usual; *d; d++) {
        char *p = g_build_filename(*d, name, NULL);
        if (g_file_test(p, G_FILE_TEST_IS_REGULAR)) {
            return p;
        }
        g_free(p);
    }
    return NULL;
}

/* ---- what was loaded ---- */

typedef struct Rom { uint64_t addr, size; char *name; } Rom;
static GArray *roms;

static void note(uint64_t addr, uint64_t size, char *name)
{
    Rom r = { addr, size, name };

    if (!roms) {
        roms = g_array_new(FALSE, FALSE, sizeof(Rom));
    }
    g_array_append_val(roms, r);
}

void loader_print_roms(GString *out)
{
    for (guint i = 0; roms && i < roms->len; i++) {
        const Rom *r = &g_array_index(roms, Rom, i);
        g_string_append_printf(out, "addr=%016" PRIx64 " size=0x%06" PRIx64 " mem=ram name=\"%s\"\n", r->addr, r->size, r->name);
    }
}

static uint64_t rd(const uint8_t *p, unsigned n, bool le)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < n; i++) {
        v |= (uint64_t)p[i] << 8 * (le ? i : n - 1 - i);
    }
    return v;
}

bool loader_elf(const char *path, uint64_t offset, uint64_t mask, ElfImage *out, bool *is_elf, GError **err)
{
    g_autofree char *file = NULL;
    gsize len;

    *is_elf = false;
    if (!g_file_get_contents(path, &file, &len, err)) {
        return false;
    }
    const uint8_t *b = (const uint8_t *)file;
    if (len < 64 || memcmp(b, ELFMAG, SELFMAG)) {
        return true;
    }
    *is_elf = true;
    bool le = b[EI_DATA] == ELFDATA2LSB, c64 = b[EI_CLASS] == ELFCLASS64;
    uint64_t machine = rd(b + 18, 2, le);
    if (machine != EM_PPC64 && machine != EM_PPC) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                    "'%s' is an ELF for machine %" PRIu64 ", not for Power (20 or 21)", path, machine);
        return false;
    }
    uint64_t entry = rd(b + 24, c64 ? 8 : 4, le), phoff = rd(b + (c64 ? 32 : 28), c64 ? 8 : 4, le);
    unsigned phentsize = rd(b + (c64 ? 54 : 42), 2, le), phnum = rd(b + (c64 ? 56 : 44), 2, le);
    *out = (ElfImage){ .entry = (entry & mask) + offset, .low = UINT64_MAX, .little_endian = le, .is64 = c64 };
    for (unsigned i = 0; i < phnum; i++) {
        uint64_t at = phoff + (uint64_t)i * phentsize;
        if (phentsize < (c64 ? 56 : 32) || at > len || len - at < phentsize) {
            g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "'%s': program header %u lies outside the file", path, i);
            return false;
        }
        const uint8_t *p = b + at;
        if (rd(p, 4, le) != PT_LOAD) {
            continue;
        }
        uint64_t off = rd(p + (c64 ? 8 : 4), c64 ? 8 : 4, le), paddr = rd(p + (c64 ? 24 : 12), c64 ? 8 : 4, le);
        uint64_t filesz = rd(p + (c64 ? 32 : 16), c64 ? 8 : 4, le), memsz = rd(p + (c64 ? 40 : 20), c64 ? 8 : 4, le);
        paddr = (paddr & mask) + offset;
        if (off > len || filesz > len - off || memsz < filesz) {
            g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                        "'%s': segment %u (%" PRIu64 " bytes at offset %" PRIu64 ") lies outside the file of %zu bytes: "
                        "truncated?", path, i, filesz, off, len);
            return false;
        }
        if (!memory_write(paddr, b + off, filesz) || !memory_fill(paddr + filesz, 0, memsz - filesz)) {
            g_set_error(err, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                        "'%s': segment %u needs memory up to %" PRIx64 ", the machine has %" PRIx64 " bytes: use more -m",
                        path, i, paddr + memsz, memory_ram_size());
            return false;
        }
        note(paddr, memsz, g_strdup_printf("phdr #%u: %s", i, path));
        out->low = MIN(out->low, paddr);
        out->high = MAX(out->high, paddr + memsz);
    }
    if (out->low == UINT64_MAX) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "'%s' has nothing to load", path);
        return false;
    }
    return true;
}

bool loader_raw(const char *path, uint64_t addr, uint64_t max, uint64_t *size, GError **err)
{
    g_autofree char *file = NULL;
    gsize len;

    if (!g_file_get_contents(path, &file, &len, err)) {
        return false;
    }
    if (len > max || !memory_write(addr, file, len)) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "'%s' has %zu bytes; there is room for %" PRIu64 " at %" PRIx64,
                    path, len, max, addr);
        return false;
    }
    note(addr, len, g_strdup(path));
    *size = len;
    return true;
}
