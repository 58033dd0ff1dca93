/*
 * libFuzzer: section "ram", as a start, parts and an end, in every form that pages have in the stream, or in a file with places (mapped-ram). The
 * first byte says what was agreed upon and which of them comes; the rest is what it holds. Also the hash page table's section. Memory stays as the
 * inputs before left it; nothing else does.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "machine.h"
#include "migration/options.h"
#include "migration/ram-wire.h"
#include "migration/savevm.h"

enum { MAPPED = 1, SHARED = 2, START = 4, HASH_TABLE = 8 };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    fuzz_destination(true);
    bql_unlock();
    return 0;
}

static void agree(unsigned what)
{
    static unsigned before;

    if (what != before) {
        g_autoptr(GError) err = NULL;
        g_auto(MigrationOptions) o = migration_options_copy();
        o.cap[CAP_MAPPED_RAM] = what & MAPPED;
        o.cap[CAP_IGNORE_SHARED] = what & SHARED;
        g_assert(migration_options_set(&o, &err));
        before = what;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) err = NULL;
    VmsMemory m;

    if (!size) {
        return 0;
    }
    agree(data[0] & (MAPPED | SHARED));
    vms_memory_init(&m, data + 1, size - 1);
    bool ok = savevm_load_part(data[0] & HASH_TABLE ? "spapr/htab" : "ram", &m.source, data[0] & START, &err);
    g_assert(ok == !err && (ok || *err->message));
    return 0;
}
