/*
 * Loading kernels, firmware and other images into guest memory.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_CORE_LOADER_H
#define HW_CORE_LOADER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct ElfImage {
    uint64_t entry, low, high;      /* where it starts, and the range it covers */
    bool little_endian, is64;
} ElfImage;

/*
 * Loads an ELF for Power; addresses are taken modulo `mask` + 1 and moved up by `offset`. False with `err` set if the file
 * cannot be read or does not fit; *is_elf says whether it was an ELF at all.
 */
bool loader_elf(const char *path, uint64_t offset, uint64_t mask, ElfImage *out, bool *is_elf, GError **err);
/* The file as it is, at `addr`, at most `max` bytes. */
bool loader_raw(const char *path, uint64_t addr, uint64_t max, uint64_t *size, GError **err);
void loader_add_dir(const char *dir);           /* -L */
char *loader_find(const char *name);            /* as given, else along -L and the data directories; NULL */

void loader_print_roms(GString *out);           /* info roms: what was loaded where */

#endif
