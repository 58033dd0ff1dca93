/*
 * Who is served, and the machine that runs and stops for it.
 *
 * A debugger's stop is a stop of the whole machine: runstate.h's events say when. To run some vCPUs alone the others are held
 * (PowerPCCPU.debug) while the machine runs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/breakpoint.h"
#include "accel/tcg/tcg.h"
#include "chardev/char.h"
#include "gdbstub/gdb-int.h"
#include "monitor/monitor.h"
#include "system/clock.h"
#include "system/cpus.h"
#include "system/report.h"
#include "system/runstate.h"
#include <string.h>

#define OWN_ID "gdb"
#define DEFAULT_SPEC "tcp::1234"

GdbServer gdb = { .sstep = SSTEP_ALL };

static Chardev *chr;
static bool own;                        /* it was made for this */
static PowerPCCPU *stopped;             /* the first that stopped for the debugger since the machine ran */
static Monitor *monitor;
static bool no_timers;                  /* the run that is being prepared is a step without timers */

void gdb_write(const void *buf, gsize len)
{
    chardev_write(chr, buf, len);
}

void gdb_run_command(const char *line, GString *out)
{
    if (!monitor) {
        monitor = monitor_new_silent();
    }
    monitor_execute(monitor, line, out);
}

/* ---- threads: one a vCPU, all of process 1 ---- */

static bool parse_id(const char **p, uint64_t *id)
{
    if ((*p)[0] == '-' && (*p)[1] == '1') {
        *p += 2;
        *id = UINT64_MAX;
        return true;
    }
    return gdb_parse_number(p, id);
}

GdbThreads gdb_parse_thread(const char **p, PowerPCCPU **cpu)
{
    uint64_t pid = 1, tid = UINT64_MAX;

    if (gdb_parse_char(p, 'p')) {
        if (!parse_id(p, &pid) || (gdb_parse_char(p, '.') && !parse_id(p, &tid))) {
            return GDB_THREAD_BAD;
        }
    } else if (!parse_id(p, &tid)) {
        return GDB_THREAD_BAD;
    }
    if (pid != UINT64_MAX && pid > 1) {
        return GDB_THREAD_BAD;
    }
    if (tid == UINT64_MAX) {
        return GDB_THREAD_ALL;
    }
    *cpu = tid <= INT_MAX ? ppc_cpu_get(tid ? tid - 1 : 0) : NULL;      /* 0: any */
    return *cpu ? GDB_THREAD_ONE : GDB_THREAD_BAD;
}

void gdb_append_thread(GString *out, const PowerPCCPU *cpu)
{
    g_string_append_printf(out, gdb.multiprocess ? "p01.%02x" : "%02x", cpu->index + 1);
}

/* ---- running and stopping ---- */

static int signal_of_state(void)
{
    switch (runstate_now()) {
    case RUN_DEBUG: return GDB_SIGTRAP;
    case RUN_PAUSED: return GDB_SIGINT;
    case RUN_SHUTDOWN: return GDB_SIGQUIT;
    default: return GDB_SIG_UNKNOWN;
    }
}

void gdb_reply_stop(int signal)
{
    static const char *const watches[] = {
        [WATCH_WRITE] = "watch", [WATCH_READ] = "rwatch", [WATCH_ACCESS] = "awatch",
    };
    g_autoptr(GString) s = g_string_new(NULL);
    uint64_t ea;

    g_string_append_printf(s, "T%02xthread:", signal);
    gdb_append_thread(s, gdb.cpu_c);
    g_string_append_c(s, ';');
    WatchKind hit = stopped == gdb.cpu_c ? debug_take_hit(stopped, &ea) : WATCH_NONE;
    if (hit != WATCH_NONE) {
        g_string_append_printf(s, "%s:%016" G_GINT64_MODIFIER "x;", watches[hit], ea);
    }
    gdb_reply_data(s->str, s->len);
}

void gdb_step(PowerPCCPU *cpu)
{
    if (gdb.sstep & SSTEP_ENABLE) {
        debug_step(cpu, gdb.sstep & SSTEP_NOIRQ);
        /* With one thread for all, turns end by a timer: another vCPU would keep its own for ever. */
        no_timers = gdb.sstep & SSTEP_NOTIMER && tcg_options.multi_threaded;
    }
}

/* The machine stands still: what was wished for the run that ended is over. */
static void forget_run(void)
{
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        cpu->debug.held = false;
        debug_step_cancel(cpu);
    }
    no_timers = false;
    clock_hold_timers(false);
}

void gdb_resume(void)
{
    PowerPCCPU *was = stopped;

    stopped = NULL;
    clock_hold_timers(no_timers);
    if (!runstate_continue(NULL)) {
        stopped = was;
        forget_run();
        gdb_reply_stop(signal_of_state());
    }
}

void gdb_cpu_stopped(PowerPCCPU *cpu)
{
    stopped = stopped ? stopped : cpu;
    runstate_request_debug();
}

static void on_event(RunEvent e, ShutdownCause cause)
{
    if (e == RUN_EVENT_RESUME) {
        stopped = NULL;
    }
    if (e != RUN_EVENT_STOP) {
        return;
    }
    forget_run();
    if (gdb.connected && gdb.attached && runstate_now() != RUN_FINISH_MIGRATE && !runstate_quitting()) {
        if (runstate_now() == RUN_DEBUG && stopped) {
            gdb.cpu_c = gdb.cpu_g = stopped;
        }
        gdb_reply_stop(signal_of_state());
    }
}

void gdb_exit(int status)
{
    if (gdb.connected && gdb.attached) {
        bql_lock();
        gdb_reply("W%02x", status & 0xff);
        bql_unlock();
    }
}

/* ---- the connection ---- */

void gdb_attach(void)
{
    gdb.attached = true;
    gdb.cpu_c = gdb.cpu_g = ppc_cpu_get(0);
}

static void receive(void *opaque, const uint8_t *buf, int len)
{
    for (int i = 0; i < len && gdb.connected; i++) {
        gdb_packet_byte(buf[i]);
    }
}

static void event(void *opaque, ChardevEvent e)
{
    if (e == CHARDEV_OPENED) {
        gdb.multiprocess = gdb.has_xml = gdb.physical = false;
        gdb.sstep = SSTEP_ALL;
        gdb.next_thread = 0;
        gdb_packet_reset();
        gdb_attach();
        gdb.connected = true;
        if (runstate_is_running()) {
            runstate_stop(RUN_PAUSED);
        }
    } else if (e == CHARDEV_CLOSED) {
        gdb.connected = false;      /* breakpoints stay, and the machine goes on or stands as it did */
    }
}

static const ChardevHandlers handlers = { NULL, receive, event };

static void close_server(void)
{
    if (chr) {
        gdb.connected = false;
        chardev_detach(chr, &handlers, NULL);
        if (own) {
            chardev_remove(OWN_ID, NULL);
        }
        chr = NULL;
        breakpoints_clear();
    }
}

bool gdb_server_open(const char *spec, GError **err)
{
    static bool listening;
    g_autofree char *full = g_str_has_prefix(spec, "tcp:") ? g_strconcat(spec, ",wait=off,nodelay=on,server=on", NULL) : g_strdup(spec);
    g_autoptr(GError) why = NULL;

    if (gdb.in_packet) {
        return report_fail(err, "the debugger's own connection cannot be changed by a command that comes over it");
    }
    close_server();
    if (!strcmp(spec, "none")) {
        return true;
    }
    if (!ppc_cpu_get(0)) {
        return report_fail(err, "gdbstub: meaningless to attach gdb to a machine without any CPU.");
    }
    if (!listening) {
        listening = true;
        runstate_on_event(on_event);
    }
    chr = chardev_open(OWN_ID, full, &why);
    if (!chr) {
        return report_fail(err, "%s", why ? why->message : g_str_has_prefix(spec, "chardev:") ? "there is no chardev of that id"
                           : "HOST:PORT expected");
    }
    own = !g_str_has_prefix(spec, "chardev:");
    if (!chardev_attach(chr, &handlers, NULL, err)) {
        chr = NULL;
        return false;
    }
    return true;
}

HMP(gdbserver, "gdbserver", "device:s?", "[device]", "start gdbserver on given device (default '" DEFAULT_SPEC "'), stop with 'none'")
{
    const char *spec = a->given[0] ? a->str[0] : DEFAULT_SPEC;
    g_autoptr(GError) err = NULL;

    if (!gdb_server_open(spec, &err)) {
        g_string_append_printf(out, "%s\nCould not open gdbserver on device '%s'\n", err->message, spec);
    } else if (!strcmp(spec, "none")) {
        g_string_append(out, "Disabled gdbserver\n");
    } else {
        g_string_append_printf(out, "Waiting for gdb connection on device '%s'\n", spec);
    }
}
