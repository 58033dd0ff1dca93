/*
 * The debugger's server: gdb's remote serial protocol on a character device (gdb's manual, appendix "Remote Protocol"), as
 * QEMU speaks it. See docs/devel/gdb-peer.rst for what that is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef GDBSTUB_GDBSTUB_H
#define GDBSTUB_GDBSTUB_H

#include <glib.h>
#include <stdbool.h>

typedef struct PowerPCCPU PowerPCCPU;

/* -gdb, gdbserver: serves on `spec` (a short form of a character device) from now on, "none": nowhere. Big lock held. */
bool gdb_server_open(const char *spec, GError **err);
/* A vCPU's thread says that it stopped at a breakpoint, for a watchpoint or after a step. Big lock held. */
void gdb_cpu_stopped(PowerPCCPU *cpu);
/* The emulator ends: tells the debugger. */
void gdb_exit(int status);

#endif
