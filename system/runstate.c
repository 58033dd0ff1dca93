/*
 * See runstate.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/memory.h"
#include "system/runstate.h"
#include "accel/tcg/tcg.h"
#include "system/clock.h"
#include "system/cpus.h"
#include "system/process.h"
#include "system/report.h"

RunstateAction runstate_on_reboot = ACTION_RESET, runstate_on_shutdown = ACTION_SHUTDOWN, runstate_on_panic = ACTION_SHUTDOWN;
void (*runstate_reset_machine)(void), (*runstate_powerdown_machine)(void);
const char *runstate_guest_name, *runstate_guest_uuid;

static RunState state = RUN_PRELAUNCH;
static GMainLoop *loop;
static int exit_status;
static ShutdownCause want_reset, want_shutdown;
static bool want_debug, want_suspend, want_panic, want_powerdown, quitting, run_when_received;
static void (*listeners[4])(RunEvent e, ShutdownCause cause);
static unsigned listener_count;

const char *shutdown_cause_name(ShutdownCause c)
{
    static const char *const names[] = { "none", "host-error", "host-qmp-quit", "host-qmp-system-reset", "host-signal", "host-ui",
                                         "guest-shutdown", "guest-reset", "guest-panic" };

    return names[c];
}

bool shutdown_by_guest(ShutdownCause c)
{
    return c >= SHUTDOWN_GUEST_SHUTDOWN;
}

void runstate_on_event(void (*fn)(RunEvent e, ShutdownCause cause))
{
    g_assert(listener_count < G_N_ELEMENTS(listeners));
    listeners[listener_count++] = fn;
}

static void tell(RunEvent e, ShutdownCause cause)
{
    for (unsigned i = 0; i < listener_count; i++) {
        listeners[i](e, cause);
    }
}

const char *runstate_name(void)
{
    static const char *const names[] = { "prelaunch", "running", "paused", "shutdown", "guest-panicked", "suspended", "inmigrate",
                                         "finish-migrate", "postmigrate", "debug" };

    return names[state];
}

bool runstate_is_running(void)
{
    return state == RUN_RUNNING;
}

RunState runstate_now(void)
{
    return state;
}

void runstate_received(bool run)
{
    state = RUN_PAUSED;
    if (run && run_when_received) {
        runstate_start();
    }
}

void runstate_start(void)
{
    if (state == RUN_INMIGRATE) {
        run_when_received = true;
    } else if (state != RUN_RUNNING) {
        state = RUN_RUNNING;
        tell(RUN_EVENT_RESUME, SHUTDOWN_NONE);
        clock_start();
        cpus_resume_all();
    }
}

bool runstate_continue(GError **err)
{
    if (state == RUN_FINISH_MIGRATE) {
        return report_fail(err, "Migration is not finalized yet");
    }
    if (state == RUN_SHUTDOWN) {
        return report_fail(err, "Resetting the Virtual Machine is required");
    }
    runstate_start();
    return true;
}

/* True: it ran and stands still now. While that takes somebody else may have stopped it. */
static bool stand_still(void)
{
    if (state != RUN_RUNNING) {
        return false;
    }
    cpus_pause_all();
    if (state != RUN_RUNNING) {
        cpus_resume_all();
        return false;
    }
    clock_stop();
    return true;
}

void runstate_stop(RunState why)
{
    if (state == RUN_INMIGRATE) {
        run_when_received = false;
        return;
    }
    bool ran = stand_still();
    state = why;
    if (ran) {
        tell(RUN_EVENT_STOP, SHUTDOWN_NONE);
    }
}

/* To whoever listens a reset is no stop: the machine stands still for as long as it takes. */
static void reset(ShutdownCause why)
{
    bool running = stand_still();

    memory_keep_shared(state == RUN_INMIGRATE);
    runstate_reset_machine();
    memory_keep_shared(false);
    tell(RUN_EVENT_RESET, why);
    if (running) {
        clock_start();
        cpus_resume_all();
    } else if (state == RUN_SUSPENDED) {
        runstate_start();
    } else if (state != RUN_INMIGRATE && state != RUN_FINISH_MIGRATE) {
        state = RUN_PRELAUNCH;
    }
}

void runstate_carry_out(void)
{
    if (want_debug) {
        want_debug = false;
        if (state == RUN_RUNNING) {     /* else somebody was faster: it will stop there again */
            runstate_stop(RUN_DEBUG);
        }
    }
    if (want_panic) {
        want_panic = false;
        tell(RUN_EVENT_GUEST_PANICKED, SHUTDOWN_GUEST_PANIC);
        if (runstate_on_panic == ACTION_PAUSE || (runstate_on_panic == ACTION_SHUTDOWN && runstate_on_shutdown == ACTION_PAUSE)) {
            runstate_stop(RUN_GUEST_PANICKED);
        } else if (runstate_on_panic != ACTION_NONE) {
            runstate_quit(SHUTDOWN_GUEST_PANIC, runstate_on_panic == ACTION_EXIT_FAILURE);
        }
    } else if (want_shutdown) {
        ShutdownCause why = want_shutdown;
        want_shutdown = SHUTDOWN_NONE;
        if (runstate_on_shutdown == ACTION_PAUSE) {
            tell(RUN_EVENT_SHUTDOWN, why);
            runstate_stop(RUN_SHUTDOWN);
        } else {
            runstate_quit(why, 0);
        }
    } else if (want_suspend && !want_reset) {
        want_suspend = false;
        runstate_stop(RUN_SUSPENDED);
    } else if (want_reset) {
        ShutdownCause why = want_reset;
        want_reset = SHUTDOWN_NONE;
        want_suspend = false;
        reset(why);
    }
    if (want_powerdown) {
        want_powerdown = false;
        tell(RUN_EVENT_POWERDOWN, SHUTDOWN_NONE);
        if (runstate_powerdown_machine) {
            runstate_powerdown_machine();
        }
    }
}

static gboolean carry_out(gpointer opaque)
{
    bql_lock();
    runstate_carry_out();
    bql_unlock();
    return G_SOURCE_REMOVE;
}

void runstate_request_reset(ShutdownCause why)
{
    if (runstate_on_reboot == ACTION_SHUTDOWN) {
        runstate_request_shutdown(why);
        return;
    }
    want_reset = why;
    g_idle_add_full(G_PRIORITY_HIGH, carry_out, NULL, NULL);
}

void runstate_request_powerdown(void)
{
    want_powerdown = true;
    g_idle_add_full(G_PRIORITY_HIGH, carry_out, NULL, NULL);
}

void runstate_request_shutdown(ShutdownCause why)
{
    want_shutdown = why;
    g_idle_add_full(G_PRIORITY_HIGH, carry_out, NULL, NULL);
}

void runstate_request_panic(void)
{
    want_panic = true;
    g_idle_add_full(G_PRIORITY_HIGH, carry_out, NULL, NULL);
}

void runstate_request_debug(void)
{
    want_debug = true;
    g_idle_add_full(G_PRIORITY_HIGH, carry_out, NULL, NULL);
}

bool runstate_quitting(void)
{
    return __atomic_load_n(&quitting, __ATOMIC_RELAXED);
}

void runstate_request_suspend(void)
{
    want_suspend = true;
    g_idle_add_full(G_PRIORITY_HIGH, carry_out, NULL, NULL);
}

bool runstate_wake(void)
{
    if (state != RUN_SUSPENDED) {
        return false;
    }
    runstate_start();
    return true;
}

void runstate_quit(ShutdownCause why, int status)
{
    static bool told;

    if (!told && why != SHUTDOWN_NONE && bql_held()) {
        told = true;
        tell(RUN_EVENT_SHUTDOWN, why);
    }
    exit_status = status;
    __atomic_store_n(&quitting, true, __ATOMIC_RELAXED);
    if (loop) {
        g_main_loop_quit(loop);
    }
}

static void terminated(int signal, int sender)
{
    if (sender) {
        g_autofree char *path = g_strdup_printf("/proc/%d/cmdline", sender), *command = NULL;
        if (!g_file_get_contents(path, &command, NULL, NULL)) {
            command = g_strdup("<unknown process>");
        }
        report_error("terminating on signal %d from pid %d (%s)", signal, sender, command);
    } else {
        report_error("terminating on signal %d", signal);
    }
    __atomic_store_n(&quitting, true, __ATOMIC_RELAXED);        /* a vCPU that waits with the lock, for a reader who does not read, stops waiting */
    bql_lock();
    runstate_quit(SHUTDOWN_HOST_SIGNAL, 0);
    bql_unlock();
}

int runstate_main_loop(void)
{
    loop = g_main_loop_new(NULL, FALSE);
    process_on_signals(terminated);
    if (!quitting) {        /* start-up may have failed already */
        g_main_loop_run(loop);
    }
    bql_lock();
    if (state == RUN_RUNNING) {
        runstate_stop(RUN_PAUSED);
    }
    tcg_coverage_write();
    bql_unlock();
    return exit_status;
}
