/*
 * The command line as data.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SYSTEM_OPTIONS_H
#define SYSTEM_OPTIONS_H

#include "hw/ppc/spapr.h"
#include <stdio.h>

typedef struct Options {
    MachineOptions machine;
    char **cpu_words;           /* of -cpu: the model, then properties; NULL: not given */
    GPtrArray *objects;         /* json_object: what object-add would be told */
    GPtrArray *chardevs, *serials, *devices, *accels;   /* arguments, in order */
    const char *machine_accel;  /* -machine accel=; NULL: not given */
    const char *qtest, *qtest_log;
    GArray *monitors;           /* of MonitorOption */
    const char *pidfile, *incoming;
    FILE *dump_vmstate;         /* NULL: not asked for */
    const char *gdb, *gdb_option;   /* where to serve a debugger, and who said so: -gdb or -s */
    bool paused, nographic, nodefaults, daemonize, name_in_messages;
} Options;

typedef struct MonitorOption { const char *option, *arg; } MonitorOption;       /* "-mon" or "-monitor" */

typedef enum { OPTIONS_RUN, OPTIONS_DONE, OPTIONS_ERROR } OptionsResult;
/* DONE: something was printed (help, version) and the program ends well. */
OptionsResult options_parse(int argc, char **argv, Options *o, GError **err);
/* Character devices, monitors and the machine's serial port. On failure the option stays report.h's location. */
bool options_open_backends(Options *o, GError **err);
/* All of that, and the machine with its devices; from then on the big lock is held. A failed one is left as it is: the process ends. */
bool options_make_machine(Options *o, GError **err);

#endif
