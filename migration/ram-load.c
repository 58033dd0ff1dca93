/*
 * Receiving guest memory; see ram-wire.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/ram.h"
#include "migration/ram-wire.h"
#include "system/memory.h"
#include "system/report.h"
#include <inttypes.h>
#include <string.h>

static bool check_name(const char *name, GError **err)
{
    return !strcmp(name, RAM_BLOCK) || report_fail(err, "Unknown ramblock \"%s\", cannot accept migration: this machine's memory is \"" RAM_BLOCK "\"", name);
}

bool migration_ram_check(const char *name, uint64_t size, GError **err)
{
    if (!check_name(name, err)) {
        return false;
    }
    return size == memory_ram_bytes || report_fail(err, "Size mismatch: %s: 0x%" PRIx64 " bytes in the stream, 0x%" PRIx64
                                                   " here: start this emulator with -m %" PRIu64, name, size, memory_ram_bytes, size >> 20);
}

static bool load_sizes(VmsSource *in, uint64_t total, GError **err)
{
    while (total) {
        char name[256];
        uint64_t size;
        if (!vms_read_string8(in, name, err) || !vms_read_be(in, 8, &size, err) || !migration_ram_check(name, size, err)) {
            return false;
        }
        if (size > total) {
            return report_fail(err, "%s: 0x%" PRIx64 " bytes are more than the 0x%" PRIx64 " of all blocks", name, size, total);
        }
        total -= size;
    }
    return true;
}

/* Pages of this machine's memory that are other than zero, or may be. Made when the first page comes. */
static unsigned long *touched;

static void note_touched(void)
{
    touched = g_new0(unsigned long, memory_ram_bytes / RAM_PAGE / WORD_BITS + 1);
    for (uint64_t at = 0, until; at < memory_ram_bytes; at = until) {
        if (!memory_untouched(at, &until)) {
            for (uint64_t page = at / RAM_PAGE; page < (until + RAM_PAGE - 1) / RAM_PAGE; page++) {
                touched[page / WORD_BITS] |= 1ul << page % WORD_BITS;
            }
        }
    }
}

static bool load_page(VmsSource *in, uint64_t addr, bool whole, GError **err)
{
    uint8_t *p = memory_ram_ptr(addr, RAM_PAGE), byte;

    if (!p) {
        return report_fail(err, "Illegal RAM offset 0x%" PRIx64 " in " RAM_BLOCK " of 0x%" PRIx64 " bytes", addr, memory_ram_bytes);
    }
    if (!touched) {
        note_touched();
    }
    unsigned long *word = &touched[addr / RAM_PAGE / WORD_BITS], bit = 1ul << addr / RAM_PAGE % WORD_BITS;
    if (whole) {
        *word |= bit;
        return in->read(in, p, RAM_PAGE, err);
    }
    if (!in->read(in, &byte, 1, err)) {
        return false;
    }
    if (byte || *word & bit) {      /* a page that nobody touched stays so */
        memset(p, byte, RAM_PAGE);
        *word |= bit;
    }
    return true;
}

bool ram_load(VmsSource *in, bool start, GError **err)
{
    static bool named;          /* a part goes on with the block of the one before */

    for (;;) {
        uint64_t word, addr;
        char name[256];
        if (!vms_read_be(in, 8, &word, err)) {
            return false;
        }
        unsigned flags = word & RAM_FLAGS;
        addr = word & ~(uint64_t)RAM_FLAGS;
        if (flags & RAM_EOS) {
            return true;
        }
        if (flags & RAM_MEM_SIZE) {
            if (!load_sizes(in, addr, err)) {
                return false;
            }
            continue;
        }
        if (flags & ~(RAM_ZERO | RAM_DATA | RAM_CONTINUE) || !(flags & (RAM_ZERO | RAM_DATA))) {
            return report_fail(err, "page 0x%" PRIx64 " comes in a form (flags 0x%x%s) that this program does not read: switch the capability "
                       "off on the source", addr, flags, flags & RAM_XBZRLE ? ", xbzrle" : flags & RAM_COMPRESS ? ", compress" : "");
        }
        if (!(flags & RAM_CONTINUE)) {
            if (!vms_read_string8(in, name, err) || !check_name(name, err)) {
                return false;
            }
            named = true;
        } else if (!named) {
            return report_fail(err, "page 0x%" PRIx64 " belongs to no block", addr);
        }
        if (!load_page(in, addr, flags & RAM_DATA, err)) {
            return false;
        }
    }
}
