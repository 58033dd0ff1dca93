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

/* What -action (also -no-reboot, -no-shutdown) makes of an event. */
typedef enum RunstateAction { ACTION_RESET, ACTION_SHUTDOWN, ACTION_PAUSE, ACTION_NONE, ACTION_EXIT_FAILURE } RunstateAction;
extern RunstateAction runstate_on_reboot, runstate_on_shutdown, runstate_on_panic;

typedef enum RunState { RUN_PRELAUNCH, RUN_RUNNING, RUN_PAUSED, RUN_SHUTDOWN, RUN_GUEST_PANICKED, RUN_SUSPENDED } RunState;

extern const char *runstate_guest_name, *runstate_guest_uuid;      /* -name, -uuid; NULL: not given */
const char *runstate_name(void);            /* as `info status` and QMP print it */
bool runstate_is_running(void);
void runstate_start(void);                  /* cont; big lock held */
void runstate_stop(RunState why);           /* big lock held */
void runstate_request_reset(bool guest);
void runstate_request_shutdown(bool guest);
void runstate_request_panic(void);          /* the guest says that it is lost */
void runstate_request_suspend(void);        /* the guest wants to sleep until it is woken */
bool runstate_wake(void);                   /* big lock held; false if it is not suspended */
void runstate_quit(int status);             /* leave the main loop */
bool runstate_quitting(void);               /* so do not wait for anything */
int runstate_main_loop(void);               /* until quit; the exit status */
/* What a reset does: set by the machine. Called with every vCPU paused and the big lock held. */
extern void (*runstate_reset_machine)(void);

/* What the power button does: set by the machine, NULL if it has none. Big lock held. */
extern void (*runstate_powerdown_machine)(void);

#endif
