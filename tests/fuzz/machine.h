/*
 * The machine that fuzz targets work on: one processor, 256 MiB, one console, interpreter. Its guest never runs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef FUZZ_MACHINE_H
#define FUZZ_MACHINE_H

#include "accel/tcg/tcg.h"
#include "chardev/char.h"
#include "hw/core/user-objects.h"
#include "hw/ppc/spapr.h"
#include "migration/migration.h"
#include "system/clock.h"
#include "system/cpus.h"
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Memory of three blocks: the one that a machine has by default, a larger one in front of it in streams, and one of the same size. */
static const char *const fuzz_nodes[] = { "ppc_spapr.ram,size=256M", "n1,size=512M", "n2,size=256M" };

static inline void fuzz_add_nodes(MachineOptions *o)
{
    g_autoptr(GError) err = NULL;

    o->numa = g_ptr_array_new();
    o->ram_size = o->maxram_size = 1 << 30;
    for (unsigned i = 0; i < G_N_ELEMENTS(fuzz_nodes); i++) {
        g_autofree char *object = g_strconcat("memory-backend-ram,id=", fuzz_nodes[i], NULL);
        json_object *parsed = user_object_parse(object, true, &err);
        if (!parsed || !user_object_add(parsed, &err)) {
            g_error("%s", err->message);
        }
        json_object_put(parsed);
        g_ptr_array_add(o->numa, g_strdup_printf("node,memdev=%.*s", (int)strcspn(fuzz_nodes[i], ","), fuzz_nodes[i]));
    }
}

/* Returns with the lock held. */
static inline void fuzz_machine_of(const char *machine, const char *cpu, bool nodes)
{
    static MachineOptions o = { .ram_size = 256 << 20, .maxram_size = 256 << 20, .smp_cpus = 1, .sockets = 1, .cores = 1, .threads = 1,
                              .maxcpus = 1 };
    g_autoptr(GError) err = NULL;

    o.machine = machine;
    o.cpu = cpu;
    o.props = g_ptr_array_new();
    o.consoles = g_ptr_array_new();
    tcg_options.interpreter = true;
    if (!tcg_init(&err)) {
        g_error("%s", err->message);
    }
    clock_init();
    bql_lock();
    if (nodes) {
        fuzz_add_nodes(&o);
    }
    g_ptr_array_add(o.consoles, chardev_open("serial0", "null", &err));
    if (err || !spapr_init(&o, &err)) {
        g_error("%s", err->message);
    }
}

static inline void fuzz_machine(const char *machine, const char *cpu)
{
    fuzz_machine_of(machine, cpu, false);
}

/* One that could receive: FUZZ_MACHINE (pseries-2.6) with FUZZ_CPU (POWER8), reset. Returns with the lock held. */
static inline void fuzz_destination(bool nodes)
{
    const char *machine = g_getenv("FUZZ_MACHINE"), *cpu = g_getenv("FUZZ_CPU");

    fuzz_machine_of(machine ? machine : "pseries-2.6", cpu ? cpu : "POWER8", nodes);
    migration_init();
    spapr_reset();
}

#endif
