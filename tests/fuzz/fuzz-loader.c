/*
 * libFuzzer: kernels, initial RAM disks and device trees. The first byte says which of them the rest is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/loader.h"
#include "machine.h"
#include <sys/mman.h>
#include <unistd.h>

static int fd;
static char path[64];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    fuzz_machine("pseries-7.2", "POWER9");
    fd = memfd_create("input", 0);
    g_snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) err = NULL;
    ElfImage elf;
    bool is_elf = false, ok = false;
    uint64_t n;

    if (!size || ftruncate(fd, 0) || pwrite(fd, data + 1, size - 1, 0) != size - 1) {
        return 0;
    }
    switch (data[0] % 3) {
    case 0:
        ok = loader_elf(path, data[0] & 0x80 ? 0x400000 : 0, 0x0fffffff, &elf, &is_elf, &err);
        if (ok && is_elf) {
            g_assert(elf.low <= elf.high && elf.high <= 512 << 20);
        }
        ok |= !is_elf;
        break;
    case 1:
        ok = loader_raw(path, (uint64_t)data[0] << 20, data[0] & 4 ? 1000 : 1 << 20, &n, &err);
        break;
    default:
        ok = spapr_load_dtb(spapr, path, &err);
        if (ok) {       /* the machine adds its own to it */
            g_free(spapr_build_fdt(spapr, &n));
            g_clear_pointer(&spapr->dtb, g_free);
        }
        break;
    }
    g_assert(ok || (err && *err->message));     /* a refusal says why */
    return 0;
}
