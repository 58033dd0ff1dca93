/*
 * libFuzzer: the migration loader with whatever comes, as pseries-2.6 with a POWER8 and 256 MiB. The guest never runs. The corpus is cut
 * from the recordings (scripts/fuzz); memory pages take most of a real stream, so inputs are kept small.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/char.h"
#include "hw/ppc/spapr.h"
#include "migration/migration.h"
#include "system/clock.h"
#include "system/cpus.h"
#include "system/runstate.h"
#include "accel/tcg/tcg.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static SpaprOptions o = { .machine = "pseries-2.6", .cpu = "POWER8", .ram_size = 256 << 20, .maxram_size = 256 << 20, .smp_cpus = 1,
                              .sockets = 1, .cores = 1, .threads = 1, .maxcpus = 1 };
    g_autoptr(GError) err = NULL;

    o.props = g_ptr_array_new();
    tcg_options.interpreter = true;
    if (!tcg_init(&err)) {
        g_error("%s", err->message);
    }
    clock_init();
    bql_lock();
    struct Chardev *console = chardev_open("serial0", "null", &err);
    o.consoles = g_ptr_array_new();
    g_ptr_array_add(o.consoles, console);
    if (!console || !spapr_init(&o, &err)) {
        g_error("%s", err->message);
    }
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
