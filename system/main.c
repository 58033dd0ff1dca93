/*
 * Start-up: the command line, the machine, the main loop. Only this file leaves the process.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/tcg.h"
#include "chardev/char.h"
#include "hw/core/device.h"
#include "hw/core/loader.h"
#include "hw/ppc/spapr.h"
#include "monitor/monitor.h"
#include "system/clock.h"
#include "system/cpus.h"
#include "system/log.h"
#include "system/options.h"
#include "system/runstate.h"
#include <stdio.h>
#include <stdlib.h>

static Options o;

static G_NORETURN void die(const char *message)
{
    g_autofree char *prefix = options_message_prefix(&o);

    chardev_cleanup();
    fprintf(stderr, "%s%s\n", prefix, message);
    exit(1);
}

int main(int argc, char **argv)
{
    g_autoptr(GError) err = NULL;

    switch (options_parse(argc, argv, &o, &err)) {
    case OPTIONS_ERROR:
        die(err->message);
    case OPTIONS_DONE:
        return 0;
    case OPTIONS_RUN:
        break;
    }
    atexit(chardev_cleanup);
    if (tcg_options.icount_shift >= 0) {
        clock_use_icount();
        tcg_options.multi_threaded = false;
    }
    if (!tcg_init(&err)) {
        die(err->message);
    }
    clock_init();
    bql_lock();
    if (!options_open_backends(&o, &err) || !spapr_init(&o.machine, &err)) {
        die(err->message);
    }
    for (guint i = 0; i < o.devices->len; i++) {
        if (!device_option_add(g_ptr_array_index(o.devices, i), &err)) {
            die(err->message);
        }
    }
    globals_warn_unused();
    if (o.machine.dumpdtb) {
        if (!spapr_dump_dtb(spapr, o.machine.dumpdtb, &err)) {
            die(err->message);
        }
        fprintf(stderr, "qemu-system-ppc64: info: dtb dumped to %s. Exiting.\n", o.machine.dumpdtb);
        exit(0);
    }
    PowerPCCPU *cpu;
    CPU_FOREACH(cpu) {
        cpus_start_thread(cpu);
    }
    if (o.monitor) {
        monitor_new(o.monitor);
    }
    spapr_reset();
    if (!o.paused) {
        runstate_start();
    }
    bql_unlock();
    return runstate_main_loop();
}
