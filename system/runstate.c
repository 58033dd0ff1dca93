/*
 * See runstate.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/runstate.h"
#include "accel/tcg/tcg.h"
#include "system/clock.h"
#include "system/cpus.h"
#include <glib-unix.h>
#include <signal.h>

bool runstate_no_reboot, runstate_no_shutdown;
void (*runstate_reset_machine)(void);

static RunState state = RUN_PRELAUNCH;
static GMainLoop *loop;
static int exit_status;
static bool want_reset, want_shutdown, quitting;

const char *runstate_name(void)
{
    static const char *const names[] = { "prelaunch", "running", "paused", "shutdown", "guest-panicked" };

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
    if (want_shutdown) {
        want_shutdown = false;
        if (runstate_no_shutdown) {
            runstate_stop(RUN_SHUTDOWN);
        } else {
            runstate_quit(0);
        }
    } else if (want_reset) {
        bool was_running = state == RUN_RUNNING;
        want_reset = false;
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
    if (runstate_no_reboot) {
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

void runstate_quit(int status)
{
    exit_status = status;
    quitting = true;
    if (loop) {
        g_main_loop_quit(loop);
    }
}

static gboolean terminated(gpointer opaque)
{
    g_printerr("qemu-system-ppc64: terminating on signal %d\n", GPOINTER_TO_INT(opaque));
    runstate_quit(0);
    return G_SOURCE_REMOVE;
}

int runstate_main_loop(void)
{
    loop = g_main_loop_new(NULL, FALSE);
    signal(SIGPIPE, SIG_IGN);
    g_unix_signal_add(SIGTERM, terminated, GINT_TO_POINTER(SIGTERM));
    g_unix_signal_add(SIGINT, terminated, GINT_TO_POINTER(SIGINT));
    g_unix_signal_add(SIGHUP, terminated, GINT_TO_POINTER(SIGHUP));
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
