/*
 * The machine that fuzz targets work on: one processor, 256 MiB, one console, interpreter. Its guest never runs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef FUZZ_MACHINE_H
#define FUZZ_MACHINE_H

#include "accel/tcg/tcg.h"
#include "chardev/char.h"
#include "hw/ppc/spapr.h"
#include "system/clock.h"
#include "system/cpus.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Returns with the lock held. */
static inline void fuzz_machine(const char *machine, const char *cpu)
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
    g_ptr_array_add(o.consoles, chardev_open("serial0", "null", &err));
    if (err || !spapr_init(&o, &err)) {
        g_error("%s", err->message);
    }
}

#endif
