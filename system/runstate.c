/*
 * See runstate.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
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
static bool want_reset, want_shutdown, want_suspend, want_panic, quitting;

const char *runstate_name(void)
{
    static const char *const names[] = { "prelaunch", "running", "paused", "shutdown", "guest-panicked", "suspended" };

    return names[state];
}

bool runstate_is_running(void)
{
    return state == RUN_RUNNING;
}

void runstate_start(void)
{
    if (state != RUN_RUNNING) {
        state = RUN_RUNNING;
        clock_start();
        cpus_resume_all();
    }
}

void runstate_stop(RunState why)
{
    if (state == RUN_RUNNING) {
        cpus_pause_all();
        clock_stop();
    }
    state = why;
}

static gboolean carry_out(gpointer opaque)
{
    bql_lock();
    if (want_panic) {
        want_panic = false;
        if (runstate_on_panic == ACTION_PAUSE || (runstate_on_panic == ACTION_SHUTDOWN && runstate_on_shutdown == ACTION_PAUSE)) {
            runstate_stop(RUN_GUEST_PANICKED);
        } else if (runstate_on_panic != ACTION_NONE) {
            runstate_quit(runstate_on_panic == ACTION_EXIT_FAILURE);
        }
    } else if (want_shutdown) {
        want_shutdown = false;
        if (runstate_on_shutdown == ACTION_PAUSE) {
            runstate_stop(RUN_SHUTDOWN);
        } else {
            runstate_quit(0);
        }
    } else if (want_suspend && !want_reset) {
        want_suspend = false;
        runstate_stop(RUN_SUSPENDED);
    } else if (want_reset) {
        bool was_running = state == RUN_RUNNING || state == RUN_SUSPENDED;
        want_reset = want_suspend = false;
        runstate_stop(RUN_PAUSED);
        runstate_reset_machine();
        if (was_running) {
            runstate_start();
        }
    }
    bql_unlock();
    return G_SOURCE_REMOVE;
}

void runstate_request_reset(bool guest)
{
    if (runstate_on_reboot == ACTION_SHUTDOWN) {
        runstate_request_shutdown(guest);
        return;
    }
    want_reset = true;
    g_idle_add_full(G_PRIORITY_HIGH, carry_out, NULL, NULL);
}

void runstate_request_shutdown(bool guest)
{
    want_shutdown = true;
    g_idle_add_full(G_PRIORITY_HIGH, carry_out, NULL, NULL);
}

void runstate_request_panic(void)
{
    want_panic = true;
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

void runstate_quit(int status)
{
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
    runstate_quit(0);
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
