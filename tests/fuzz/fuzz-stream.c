/*
 * libFuzzer: the migration loader with whatever comes, as the machine of machine.h with 256 MiB. The guest never runs. The corpus is cut from the
 * recordings (corpus.py): streams with the head, one or two sections and the end, as what they hold between them, memory's pages and long
 * tables, has fuzz targets of its own; short inputs are tried, and changed, fast.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "machine.h"
#include "system/runstate.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    fuzz_destination(false);
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
