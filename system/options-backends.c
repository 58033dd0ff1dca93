/*
 * -chardev, -serial, -monitor, -mon and what decides where they are by default.
 *
 * Options are kept and carried out together, in QEMU's order: every -chardev, then the monitors, then the serial ports. So
 * on a device that both share, input goes to the serial port at first.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/char.h"
#include "monitor/monitor.h"
#include "monitor/qmp.h"
#include "system/options-int.h"
#include "system/qtest.h"
#include <stdlib.h>
#include <string.h>

bool opt_chardev(Options *o, const char *arg, GError **err)
{
    if (!strcmp(arg, "help") || !strcmp(arg, "?")) {
        GString *s = g_string_new(NULL);
        chardev_help(s);
        return options_print_and_stop(s);
    }
    g_ptr_array_add(o->chardevs, (char *)arg);
    return true;
}

bool opt_serial(Options *o, const char *arg, GError **err)
{
    g_ptr_array_add(o->serials, (char *)arg);
    return true;
}

static bool add_monitor(Options *o, const char *option, const char *arg)
{
    MonitorOption m = { option, arg };

    g_array_append_val(o->monitors, m);
    return true;
}

bool opt_monitor(Options *o, const char *arg, GError **err) { return add_monitor(o, "-monitor", arg); }
bool opt_qmp(Options *o, const char *arg, GError **err) { return add_monitor(o, "-qmp", arg); }
bool opt_qmp_pretty(Options *o, const char *arg, GError **err) { return add_monitor(o, "-qmp-pretty", arg); }
bool opt_mon(Options *o, const char *arg, GError **err) { return add_monitor(o, "-mon", arg); }
bool opt_nographic(Options *o, const char *arg, GError **err) { return o->nographic = true; }
bool opt_nodefaults(Options *o, const char *arg, GError **err) { return o->nodefaults = true; }

bool opt_qtest(Options *o, const char *arg, GError **err) { o->qtest = arg; return true; }
bool opt_qtest_log(Options *o, const char *arg, GError **err) { o->qtest_log = arg; return true; }

bool opt_display(Options *o, const char *arg, GError **err)
{
    if (!strcmp(arg, "help") || !strcmp(arg, "?")) {
        return options_print_and_stop(g_string_new("Available display backend types:\nnone\n"));
    }
    return !strcmp(arg, "none") ? true : report_fail(err, "Parameter 'type' does not accept value '%s'", arg);
}

bool opt_vga(Options *o, const char *arg, GError **err)
{
    if (!strcmp(arg, "help")) {
        return options_print_and_stop(g_string_new("none                 no graphic card\n"));
    }
    return !strcmp(arg, "none") ? true : report_fail(err, "unknown vga type: %s", arg);
}

QMP_ENUM(AudiodevDriver, "none");

static bool add_text(const char *name, const char *value, void *opaque, GError **err)
{
    json_object_object_add(opaque, name, JSTR(value));
    return true;
}

/* Managers of guests name a driver for sound even if nothing makes any. */
bool opt_audiodev(Options *opts, const char *arg, GError **err)
{
    json_object *o = *arg == '{' ? json_tokener_parse(arg) : NULL;

    if (!strcmp(arg, "help") || !strcmp(arg, "?")) {
        return options_print_and_stop(g_string_new("Available audio drivers:\nnone\n"));
    }
    if (*arg != '{') {
        g_autoptr(Opts) pairs = opts_parse(arg, "driver", NULL, err);
        o = json_object_new_object();
        if (!pairs || !opts_each(pairs, add_text, o, err)) {
            g_clear_pointer(&o, json_object_put);
        }
    } else if (!o || !json_object_is_type(o, json_type_object)) {
        report_fail(err, "JSON parse error: an object is expected");
    }
    bool ok = json_object_is_type(o, json_type_object)
        && qmp_check_members("", "id:str driver:AudiodevDriver timer-period:int? in:any? out:any?", o, err);
    json_object_put(o);
    return ok;
}

bool opt_echr(Options *o, const char *arg, GError **err)
{
    char *end;
    unsigned long n = strtoul(arg, &end, 0);

    if (*end || end == arg || n > 255) {
        return report_fail(err, "Bad argument to echr");
    }
    chardev_escape = n;
    return true;
}

bool opt_gdb(Options *o, const char *arg, GError **err)
{
    o->gdb = arg;
    o->gdb_option = "-gdb";
    return true;
}

bool opt_s(Options *o, const char *arg, GError **err)
{
    o->gdb = "tcp::1234";
    o->gdb_option = "-s";
    return true;
}

/* ---- opening ---- */

typedef enum MonitorKind { MON_HUMAN, MON_QMP, MON_QMP_PRETTY } MonitorKind;

static bool monitor_make(Chardev *c, MonitorKind kind, GError **err)
{
    return kind == MON_HUMAN ? monitor_new(c, err) : qmp_new(c, kind == MON_QMP_PRETTY, err);
}

static bool monitor_on(const char *id, MonitorKind kind, GError **err)
{
    Chardev *c = chardev_find(id);

    return c ? monitor_make(c, kind, err) : report_fail(err, "chardev \"%s\" not found", id);
}

OPT_GROUP(mon_group, .name = "mon", .implied = "chardev", .params = OPT_PARAMS({ "mode", OPT_STRING }, { "chardev", OPT_STRING }, { "pretty", OPT_BOOL }));

static bool open_mon(const char *arg, GError **err)
{
    g_autoptr(Opts) o = opts_parse_group(arg, &mon_group, err);

    if (!o) {
        return false;
    }
    const char *id = opts_get(o, "chardev"), *mode = opts_get(o, "mode");
    if (!id) {
        return report_fail(err, "Parameter 'chardev' is missing");
    }
    bool control = mode && !strcmp(mode, "control"), pretty = false;
    if (mode && !control && strcmp(mode, "readline")) {
        return report_fail(err, "Parameter 'mode' does not accept value '%s'", mode);
    }
    if (opts_get(o, "pretty")) {
        if (!control) {
            return report_fail(err, "'pretty' is not compatible with HMP monitors");
        }
        pretty = opts_bool(o, "pretty", false);
    }
    return monitor_on(id, !control ? MON_HUMAN : pretty ? MON_QMP_PRETTY : MON_QMP, err);
}

static bool open_monitor(const char *spec, unsigned n, MonitorKind kind, GError **err)
{
    g_autofree char *label = g_strdup_printf("compat_monitor%u", n);
    g_autoptr(GError) why = NULL;

    if (!strcmp(spec, "none")) {
        return true;
    }
    if (g_str_has_prefix(spec, "chardev:")) {
        return monitor_on(spec + 8, kind, err);
    }
    Chardev *c = chardev_open(label, spec, &why);
    if (!c) {
        if (why) {
            report_error("%s", why->message);
        }
        return report_fail(err, "parse error: %s", spec);
    }
    return monitor_make(c, kind, err);
}

/* As on QEMU, messages about it do not name the option. */
static bool open_qtest(const char *spec, const char *log, GError **err)
{
    g_autoptr(GError) why = NULL;
    Chardev *c = chardev_open("qtest", spec, &why);

    report_set_location(NULL, NULL);
    if (!c) {
        if (why) {
            report_error("%s", why->message);
        }
        return report_fail(err, "Failed to initialize device for qtest: \"%s\"", spec);
    }
    return qtest_open(c, log, err);
}

/* "mon:..." was given a mux, of which the monitor takes a part before the port does. */
static bool open_serial(const char *spec, unsigned n, Chardev **port, GError **err)
{
    g_autofree char *label = g_strdup_printf("serial%u", n);
    g_autoptr(GError) why = NULL;

    *port = NULL;
    if (!strcmp(spec, "none")) {
        return true;
    }
    *port = chardev_open(label, spec, &why);
    if (!*port) {
        if (why) {
            report_error("%s", why->message);
        }
        return report_fail(err, "could not connect serial device to character backend '%s'", spec);
    }
    if (chardev_busy(*port)) {
        return report_fail(err, "Device '%s' is in use", chardev_id(*port));
    }
    return !g_str_has_prefix(spec, "mon:") || monitor_new(*port, err);
}

bool options_open_backends(Options *o, GError **err)
{
    Chardev *port = NULL;
    unsigned compat = 0;
    bool no_serial = !o->serials->len, no_monitor = !o->monitors->len;

    if (!o->nodefaults) {
        if (o->nographic && no_serial && no_monitor) {
            g_ptr_array_add(o->serials, (char *)"mon:stdio");
        } else {
            if (no_serial) {
                g_ptr_array_add(o->serials, (char *)(o->nographic ? "stdio" : "vc"));
            }
            if (no_monitor) {
                add_monitor(o, "-monitor", o->nographic ? "stdio" : "vc");
            }
        }
    }
    for (guint i = 0; i < o->chardevs->len; i++) {
        const char *spec = g_ptr_array_index(o->chardevs, i);
        report_set_location("-chardev", spec);
        if (!chardev_create(spec, err)) {
            return false;
        }
    }
    for (guint i = 0; i < o->monitors->len; i++) {
        const MonitorOption *m = &g_array_index(o->monitors, MonitorOption, i);
        report_set_location(m->option, m->arg);
        MonitorKind kind = !strcmp(m->option, "-qmp") ? MON_QMP : !strcmp(m->option, "-qmp-pretty") ? MON_QMP_PRETTY : MON_HUMAN;
        if (!(strcmp(m->option, "-mon") ? open_monitor(m->arg, strcmp(m->arg, "none") ? compat++ : 0, kind, err) : open_mon(m->arg, err))) {
            return false;
        }
    }
    if (o->qtest && !open_qtest(o->qtest, o->qtest_log, err)) {
        return false;
    }
    o->machine.consoles = g_ptr_array_new();
    for (guint i = 0; i < o->serials->len; i++) {
        const char *spec = g_ptr_array_index(o->serials, i);
        report_set_location("-serial", spec);
        if (!open_serial(spec, i, &port, err)) {
            return false;
        }
        g_ptr_array_add(o->machine.consoles, port);     /* as the peer has it, a port "none" ends the list */
    }
    report_set_location(NULL, NULL);
    return true;
}
