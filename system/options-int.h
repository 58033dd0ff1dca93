/*
 * Private to the command line. An option is one row of options.c and its function, in the file of its subject:
 * options.c (machine, processor, memory), options-accel.c (accelerators), options-backends.c (character devices, monitors, displays),
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

/* "on", "off" and their kin; NULL is on */
bool option_bool(const char *name, const char *v, bool *out, GError **err);
bool option_uint(const char *name, const char *v, uint64_t max, uint64_t *out, GError **err);
/* Splits "a,b=c" (",," is a comma) and calls `fn` for each; the first may lack its key. */
bool option_pairs(const char *arg, const char *implied, Options *o,
                  bool (*fn)(Options *o, const char *k, const char *v, GError **err), GError **err);

/* options-accel.c */
OptFn opt_accel, opt_icount;
/* What all of the command line says about it, once that is read. On failure the option stays report.h's location. */
bool options_choose_accel(Options *o, GError **err);
/* options-backends.c */
OptFn opt_qtest, opt_qtest_log, opt_gdb, opt_s;
OptFn opt_audiodev, opt_chardev, opt_serial, opt_monitor, opt_mon, opt_nographic, opt_nodefaults, opt_display, opt_vga, opt_echr, opt_qmp, opt_qmp_pretty;
/* options-machine.c */
OptFn opt_machine, opt_cpu, opt_device, opt_global, opt_smp, opt_mem, opt_numa, opt_object, opt_kernel, opt_initrd, opt_append, opt_dtb,
      opt_bios, opt_L, opt_prom_env, opt_boot;
/* Completes the topology and checks what several options say together. */
bool options_finish_machine(Options *o, GError **err);
/* options-run.c */
OptFn opt_action, opt_msg, opt_rtc, opt_no_reboot, opt_no_shutdown, opt_S, opt_d, opt_D, opt_dfilter, opt_pidfile,
      opt_daemonize, opt_name, opt_uuid, opt_overcommit, opt_add_fd, opt_perfmap, opt_incoming, opt_only_migratable, opt_dump_vmstate;

/* options-config.c */
OptFn opt_readconfig;
/* options.c: the function of a row that takes an argument, or NULL */
OptFn *options_find(const char *name);

#endif
