/*
 * The emulator as a process of its host: its name, going into the background, its PID file, signals that end it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SYSTEM_PROCESS_H
#define SYSTEM_PROCESS_H

#include <glib.h>
#include <stdbool.h>

void process_set_name(const char *name);        /* what ps and top show; the kernel keeps 15 bytes */
/*
 * -daemonize: returns in the child; the parent waits and ends with 0 once process_ready() was called, else with 1. Before
 * any thread is made.
 */
bool process_daemonize(GError **err);
void process_ready(void);                       /* start-up is over: no terminal from here on */
/* Written now, removed at the end; a second emulator on the same file is refused. */
bool process_write_pidfile(const char *path, GError **err);
void process_cleanup(void);
/* SIGTERM, SIGINT and SIGHUP call fn(signal, sender or 0) in the main loop. */
void process_on_signals(void (*fn)(int signal, int sender));

#endif
