/*
 * How the emulator runs: what it logs, what time it is, what happens on reboot and shutdown, what process it is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/tcg.h"
#include "migration/migration.h"
#include "monitor/fds.h"
#include "system/clock.h"
#include "system/log.h"
#include "system/options-int.h"
#include "system/process.h"
#include "system/runstate.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

/* ---- events ---- */

OPT_GROUP(action_group, .name = "action", .params = OPT_PARAMS({ "shutdown", OPT_STRING }, { "reboot", OPT_STRING }, { "panic", OPT_STRING },
                                                               { "watchdog", OPT_STRING }));

bool opt_action(Options *opts, const char *arg, GError **err)
{
    static const struct { const char *event, *values; RunstateAction *action; } events[] = {
        { "reboot", "reset shutdown", &runstate_on_reboot },
        { "shutdown", "poweroff pause", &runstate_on_shutdown },
        { "panic", "none pause shutdown exit-failure", &runstate_on_panic },
        /* the machines' watchdogs do what the guest told them, as on QEMU: the value is only checked */
        { "watchdog", "reset shutdown poweroff pause debug none inject-nmi", NULL },
    };
    g_autoptr(Opts) o = opts_parse_group(arg, &action_group, err);

    if (!o) {
        return false;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(events); i++) {
        const char *v = opts_get(o, events[i].event);
        g_auto(GStrv) values = g_strsplit(events[i].values, " ", -1);
        if (v && !g_strv_contains((const char *const *)values, v)) {
            return report_fail(err, "Parameter '%s' does not accept value '%s'", events[i].event, v);
        }
        if (v && events[i].action) {
            *events[i].action = !strcmp(v, "pause") ? ACTION_PAUSE : !strcmp(v, "none") ? ACTION_NONE
                : !strcmp(v, "reset") ? ACTION_RESET : !strcmp(v, "exit-failure") ? ACTION_EXIT_FAILURE : ACTION_SHUTDOWN;
        }
    }
    return true;
}

bool opt_no_reboot(Options *o, const char *arg, GError **err)
{
    runstate_on_reboot = ACTION_SHUTDOWN;
    return true;
}

bool opt_no_shutdown(Options *o, const char *arg, GError **err)
{
    runstate_on_shutdown = ACTION_PAUSE;
    return true;
}

bool opt_only_migratable(Options *o, const char *arg, GError **err) { return migration_only_migratable = true; }
bool opt_incoming(Options *o, const char *arg, GError **err) { o->incoming = arg; return true; }

bool opt_dump_vmstate(Options *o, const char *arg, GError **err)
{
    if (o->dump_vmstate) {
        return report_fail(err, "only one '-dump-vmstate' option may be given");
    }
    o->dump_vmstate = fopen(arg, "w");
    return o->dump_vmstate || report_fail(err, "open %s: %s", arg, strerror(errno));
}

bool opt_S(Options *o, const char *arg, GError **err) { return o->paused = true; }

/* ---- messages and the log ---- */

OPT_GROUP(msg_group, .name = "msg", .params = OPT_PARAMS(
    { "timestamp", OPT_BOOL },
    { "guest-name", OPT_BOOL, "error messages begin with the name that -name guest= gave" }));

bool opt_msg(Options *opts, const char *arg, GError **err)
{
    g_autoptr(Opts) o = opts_parse_group(arg, &msg_group, err);

    if (!o) {
        return false;
    }
    report_timestamps = opts_bool(o, "timestamp", false);
    opts->name_in_messages = opts_bool(o, "guest-name", false);
    return true;
}

bool opt_D(Options *o, const char *arg, GError **err) { return log_set_file(arg, err); }
bool opt_dfilter(Options *o, const char *arg, GError **err) { return log_set_filter(arg, err); }

/* As on QEMU, the list is printed for what it does not know, too. */
bool opt_d(Options *o, const char *arg, GError **err)
{
    bool help = !strcmp(arg, "help") || !strcmp(arg, "?");

    if (!help && log_set(arg, err)) {
        return true;
    }
    GString *s = g_string_new(NULL);
    log_help(s, false);
    return options_print_and_stop(s) && help;
}

bool opt_perfmap(Options *o, const char *arg, GError **err)
{
    return tcg_options.perf_map = true;
}

/* ---- clock ---- */

static bool parse_datetime(const char *text, time_t *out)
{
    struct tm tm = { .tm_isdst = -1 };
    int end = 0;

    if (sscanf(text, "%d-%d-%dT%d:%d:%d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &end) != 6
        || text[end]) {
        tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
        end = 0;
        if (sscanf(text, "%d-%d-%d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &end) != 3 || text[end]) {
            return false;
        }
    }
    tm.tm_year -= 1900;
    tm.tm_mon--;
    *out = timegm(&tm);
    return *out != -1;
}

/* QEMU looks at these values once all options are parsed, and so does not name the option. */
static bool G_GNUC_PRINTF(2, 3) without_location(GError **err, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    g_autofree char *text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    report_set_location(NULL, NULL);
    report_error("%s", text);
    return report_fail(err, "%s", "");
}

OPT_GROUP(rtc_group, .name = "rtc", .params = OPT_PARAMS({ "base", OPT_STRING }, { "clock", OPT_STRING }, { "driftfix", OPT_STRING }));

bool opt_rtc(Options *opts, const char *arg, GError **err)
{
    g_autoptr(Opts) o = opts_parse_group(arg, &rtc_group, err);

    if (!o) {
        return false;
    }
    const char *base = opts_get(o, "base"), *source = opts_get(o, "clock"), *fix = opts_get(o, "driftfix");
    time_t now = time(NULL), from = now;
    struct tm local;
    if (base && !strcmp(base, "localtime")) {
        from += localtime_r(&now, &local)->tm_gmtoff;
    } else if (base && strcmp(base, "utc") && !parse_datetime(base, &from)) {
        return without_location(err, "invalid datetime format\nvalid formats: '2006-06-17T16:01:21' or '2006-06-17'");
    }
    if (source && strcmp(source, "host") && strcmp(source, "rt") && strcmp(source, "vm")) {
        return without_location(err, "invalid option value '%s'", source);
    }
    /* driftfix is about ticks that a PC's clock lost; this machine's has none */
    if (fix && strcmp(fix, "none") && strcmp(fix, "slew")) {
        return without_location(err, "invalid option value '%s'", fix);
    }
    clock_set_wall(source && !strcmp(source, "vm") ? WALL_VIRTUAL : source && !strcmp(source, "rt") ? WALL_MONOTONIC : WALL_HOST,
                   from - now);
    return true;
}

/* ---- identity ---- */

OPT_GROUP(name_group, .name = "name", .implied = "guest", .params = OPT_PARAMS(
    { "guest", OPT_STRING, "name of the guest, for monitors and messages" }, { "process", OPT_STRING, "name of the process, as ps and top show it" },
    { "debug-threads", OPT_BOOL, "accepted: threads always have their names" }));

bool opt_name(Options *opts, const char *arg, GError **err)
{
    g_autoptr(Opts) o = opts_parse_group(arg, &name_group, err);

    if (!o) {
        return false;
    }
    if (opts_get(o, "guest")) {
        opts->machine.name = g_intern_string(opts_get(o, "guest"));
    }
    if (opts_get(o, "process")) {
        process_set_name(opts_get(o, "process"));
    }
    return true;
}

bool opt_uuid(Options *o, const char *arg, GError **err)
{
    if (!g_uuid_string_is_valid(arg)) {
        return report_fail(err, "failed to parse UUID string: wrong format");
    }
    o->machine.uuid = arg;
    return true;
}

bool opt_pidfile(Options *o, const char *arg, GError **err)
{
    o->pidfile = arg;
    return true;
}

OPT_GROUP(add_fd_group, .name = "add-fd", .params = OPT_PARAMS(
    { "fd", OPT_NUMBER, "descriptor of which a copy joins the set" }, { "set", OPT_NUMBER, "number of the set" },
    { "opaque", OPT_STRING, "text that query-fdsets shows with it" }));

bool opt_add_fd(Options *opts, const char *arg, GError **err)
{
    g_autoptr(Opts) o = opts_parse_group(arg, &add_fd_group, err);

    return o && fds_inherit(opts_number(o, "set", -1), opts_number(o, "fd", -1), opts_get(o, "opaque"), err);
}

OPT_GROUP(overcommit_group, .name = "overcommit", .params = OPT_PARAMS({ "mem-lock", OPT_BOOL }, { "cpu-pm", OPT_BOOL }));

/* cpu-pm is about processors of the host that a guest has for itself, which needs KVM: without that it changes nothing, as on QEMU. */
bool opt_overcommit(Options *opts, const char *arg, GError **err)
{
    g_autoptr(Opts) o = opts_parse_group(arg, &overcommit_group, err);

    if (!o) {
        return false;
    }
    if (opts_bool(o, "mem-lock", false) && mlockall(MCL_CURRENT | MCL_FUTURE)) {
        return report_fail(err, "mlockall: %s: locking memory failed", g_strerror(errno));
    }
    return true;
}

bool opt_daemonize(Options *o, const char *arg, GError **err) { return o->daemonize = true; }
