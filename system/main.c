/*
 * Start-up: the command line, the machine, the main loop. Only this file leaves the process.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/char.h"
#include "gdbstub/gdbstub.h"
#include "hw/core/loader.h"
#include "hw/core/machine.h"
#include "migration/migration.h"
#include "monitor/qmp.h"
#include "system/cpus.h"
#include "system/log.h"
#include "system/memory.h"
#include "system/options.h"
#include "system/process.h"
#include "system/report.h"
#include "system/runstate.h"
#include <signal.h>
#include <stdlib.h>

static Options o;

static G_NORETURN void die(const char *message)
{
    chardev_cleanup();
    if (*message) {
        report_error("%s", message);
    }
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
    if (o.dump_vmstate) {
        g_autofree char *name = machine_name_of(machine_type(o.machine.machine));
        if (!vmstate_dump(o.dump_vmstate, name)) {
            die("-dump-vmstate: the file could not be written to its end: is its disk full?");
        }
        return 0;
    }
    signal(SIGPIPE, SIG_IGN);
    if (o.daemonize && !process_daemonize(&err)) {
        die(err->message);
    }
    chardev_stdio_taken = o.daemonize;
    atexit(chardev_cleanup);
    atexit(process_cleanup);
    if (o.pidfile && !process_write_pidfile(o.pidfile, &err)) {
        die(err->message);
    }
    if (!options_make_machine(&o, &err)) {
        die(err->message);
    }
    const MachineKind *kind = machine_kind(o.machine.machine);
    if (o.machine.dumpdtb && kind->dump_dtb) {
        if (!kind->dump_dtb(o.machine.dumpdtb, &err)) {
            die(err->message);
        }
        report_info("dtb dumped to %s. Exiting.", o.machine.dumpdtb);
        exit(0);
    }
    PowerPCCPU *cpu;
    CPU_FOREACH(cpu) {
        cpus_start_thread(cpu);
    }
    migration_init();
    qmp_commands_init();
    memory_keep_shared(o.incoming);      /* it may be the arriving guest's already (x-ignore-shared) */
    runstate_reset_machine();
    memory_keep_shared(false);
    if (o.incoming && !migration_incoming(o.incoming, NULL, &err)) {
        die(err->message);
    }
    if (o.gdb) {
        report_set_location(o.gdb_option, o.gdb_option[1] == 's' ? NULL : o.gdb);
        if (!gdb_server_open(o.gdb, &err)) {
            die(err->message);
        }
        report_set_location(NULL, NULL);
    }
    process_ready();
    if (!o.paused) {
        runstate_start();
    }
    bql_unlock();
    int status = runstate_main_loop();
    gdb_exit(status);
    return status;
}
