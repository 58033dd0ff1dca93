/*
 * libFuzzer: the migration loader with whatever comes, as pseries-2.6 with a POWER8 and 256 MiB. The guest never runs. The corpus is cut
 * from the recordings (scripts/fuzz); memory pages take most of a real stream, so inputs are kept small.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "machine.h"
#include "migration/migration.h"
#include "system/runstate.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    fuzz_machine("pseries-2.6", "POWER8");
    migration_init();
    spapr_reset();
    bql_unlock();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) err = NULL;
    VmsMemory m;

    vms_memory_init(&m, data, size);
    if (!loadvm(&m.source, &err)) {
        g_assert(err && *err->message);     /* a refusal says why */
    }
    return 0;
}
