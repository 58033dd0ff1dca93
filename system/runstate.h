/*
 * Whether the machine runs, and what the guest or the user wants of it next.
 *
 * Requests may come from any thread; they are carried out by the main loop.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SYSTEM_RUNSTATE_H
#define SYSTEM_RUNSTATE_H

#include <glib.h>
#include <stdbool.h>

/* What -action (also -no-reboot, -no-shutdown) makes of an event. */
typedef enum RunstateAction { ACTION_RESET, ACTION_SHUTDOWN, ACTION_PAUSE, ACTION_NONE, ACTION_EXIT_FAILURE } RunstateAction;
extern RunstateAction runstate_on_reboot, runstate_on_shutdown, runstate_on_panic;

typedef enum RunState {
    RUN_PRELAUNCH, RUN_RUNNING, RUN_PAUSED, RUN_SHUTDOWN, RUN_GUEST_PANICKED, RUN_SUSPENDED, RUN_INMIGRATE, RUN_FINISH_MIGRATE, RUN_POSTMIGRATE,
    RUN_DEBUG       /* a breakpoint, a watchpoint, or a step is done */
} RunState;

/* Who wanted a reset or the end, as QMP's events say it. */
typedef enum ShutdownCause {
    SHUTDOWN_NONE, SHUTDOWN_HOST_ERROR, SHUTDOWN_HOST_QMP_QUIT, SHUTDOWN_HOST_QMP_RESET, SHUTDOWN_HOST_SIGNAL, SHUTDOWN_HOST_UI,
    SHUTDOWN_GUEST_SHUTDOWN, SHUTDOWN_GUEST_RESET, SHUTDOWN_GUEST_PANIC
} ShutdownCause;
const char *shutdown_cause_name(ShutdownCause c);
bool shutdown_by_guest(ShutdownCause c);

typedef enum RunEvent {
    RUN_EVENT_STOP, RUN_EVENT_RESUME, RUN_EVENT_RESET, RUN_EVENT_SHUTDOWN, RUN_EVENT_POWERDOWN, RUN_EVENT_GUEST_PANICKED
} RunEvent;
/* Calls fn for each event from now on, under the big lock; a few listeners, in the order they came. */
void runstate_on_event(void (*fn)(RunEvent e, ShutdownCause cause));

extern const char *runstate_guest_name, *runstate_guest_uuid;      /* -name, -uuid; NULL: not given */
const char *runstate_name(void);            /* as `info status` and QMP print it */
bool runstate_is_running(void);
RunState runstate_now(void);
/* Big lock held. While a machine is being received, it will run when that is done. */
void runstate_start(void);
/* cont, for whoever did not stop it: not a machine that is being handed over, nor one that was switched off. Big lock held. */
bool runstate_continue(GError **err);
/* A machine that was being received is there: it runs if `run` and the user wants it to; big lock held. */
void runstate_received(bool run);
void runstate_stop(RunState why);           /* big lock held */
void runstate_request_reset(ShutdownCause why);
void runstate_request_shutdown(ShutdownCause why);
void runstate_request_powerdown(void);      /* the guest is asked to shut itself down */
/* What was asked for, at once: main loop, big lock held. */
void runstate_carry_out(void);
void runstate_request_panic(void);          /* the guest says that it is lost */
void runstate_request_debug(void);          /* a vCPU stopped for the debugger */
void runstate_request_suspend(void);        /* the guest wants to sleep until it is woken */
bool runstate_wake(void);                   /* big lock held; false if it is not suspended */
/* Leave the main loop. SHUTDOWN_NONE: no event tells why. */
void runstate_quit(ShutdownCause why, int status);
bool runstate_quitting(void);               /* so do not wait for anything */
int runstate_main_loop(void);               /* until quit; the exit status */
/* What a reset does: set by the machine. Called with every vCPU paused and the big lock held. */
extern void (*runstate_reset_machine)(void);
/* How the guest is asked to shut down: likewise, big lock held. NULL: it cannot be. */
extern void (*runstate_powerdown_machine)(void);

/* What the power button does: set by the machine, NULL if it has none. Big lock held. */
extern void (*runstate_powerdown_machine)(void);

#endif
