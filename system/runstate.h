/*
 * Whether the machine runs, and what the guest or the user wants of it next.
 *
 * Requests may come from any thread; they are carried out by the main loop.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SYSTEM_RUNSTATE_H
#define SYSTEM_RUNSTATE_H

#include <stdbool.h>

typedef enum RunState { RUN_PRELAUNCH, RUN_RUNNING, RUN_PAUSED, RUN_SHUTDOWN, RUN_GUEST_PANICKED } RunState;

const char *runstate_name(void);            /* as `info status` and QMP print it */
bool runstate_is_running(void);
void runstate_start(void);                  /* cont; big lock held */
void runstate_stop(RunState why);           /* big lock held */
void runstate_request_reset(bool guest);
void runstate_request_shutdown(bool guest);
void runstate_quit(int status);             /* leave the main loop */
int runstate_main_loop(void);               /* until quit; the exit status */
extern bool runstate_no_reboot, runstate_no_shutdown;
/* What a reset does: set by the machine. Called with every vCPU paused and the big lock held. */
extern void (*runstate_reset_machine)(void);

#endif
