/*
 * Private to the command line. An option is one row of options.c and its function, in the file of its subject:
 * options.c (machine, processor, memory, translator), options-backends.c (character devices, monitors, displays),
 * options-run.c (logging, clock, reboot and shutdown, process).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SYSTEM_OPTIONS_INT_H
#define SYSTEM_OPTIONS_INT_H

#include "system/opts.h"
#include "system/options.h"
#include "system/report.h"

/* `arg` lives as long as the process. NULL for an option without argument. */
typedef bool OptFn(Options *o, const char *arg, GError **err);

/* The option only asked for a text (help, version): prints it, and the program ends. Frees it. */
bool options_print_and_stop(GString *s);

/* options-backends.c */
OptFn opt_chardev, opt_serial, opt_monitor, opt_mon, opt_nographic, opt_nodefaults, opt_display, opt_vga, opt_echr, opt_qmp, opt_qmp_pretty;
/* options-run.c */
OptFn opt_action, opt_msg, opt_rtc, opt_no_reboot, opt_no_shutdown, opt_S, opt_d, opt_D, opt_dfilter, opt_pidfile,
      opt_daemonize, opt_name, opt_uuid, opt_perfmap, opt_incoming;

/* options-config.c */
OptFn opt_readconfig;
/* options.c: the function of a row that takes an argument, or NULL */
OptFn *options_find(const char *name);

#endif
