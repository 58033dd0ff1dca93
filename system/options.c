/*
 * See options.h. One row an option: name, whether it takes an argument, what it does, its help.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/options.h"
#include "accel/tcg/tcg.h"
#include "chardev/char.h"
#include "hw/core/device.h"
#include "hw/core/loader.h"
#include "system/log.h"
#include "system/runstate.h"
#include "system/smp.h"
#include <errno.h>
#include <gio/gio.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool G_GNUC_PRINTF(2, 3) fail(GError **err, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    g_autofree char *text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    g_set_error_literal(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, text);
    return false;
}

typedef bool OptFn(Options *o, const char *arg, GError **err);
typedef struct OptRow { const char *name; bool arg; OptFn *fn; const char *help; } OptRow;

static bool done;

static bool parse_bool(const char *name, const char *v, bool *out, GError **err)
{
    if (!v || !strcmp(v, "on") || !strcmp(v, "yes") || !strcmp(v, "true")) {
        *out = true;
    } else if (!strcmp(v, "off") || !strcmp(v, "no") || !strcmp(v, "false")) {
        *out = false;
    } else {
        return fail(err, "Parameter '%s' expects 'on' or 'off'", name);
    }
    return true;
}

static bool parse_uint(const char *name, const char *v, uint64_t max, uint64_t *out, GError **err)
{
    char *end;

    if (!v || !g_ascii_isdigit(*v)) {
        return fail(err, "Parameter '%s' expects a number", name);
    }
    *out = g_ascii_strtoull(v, &end, 0);
    if (*end || *out > max) {
        return fail(err, "Parameter '%s' expects a number up to %" PRIu64 ", not '%s'", name, max, v);
    }
    return true;
}

/* 512, 512M, 1.5G: megabytes without a suffix, as -m has it */
static bool parse_size(const char *name, const char *v, uint64_t *out, GError **err)
{
    char *end;
    double d = g_ascii_strtod(v, &end);
    double unit = 1 << 20;

    switch (g_ascii_toupper(*end)) {
    case 'B': unit = 1; end++; break;
    case 'K': unit = 1 << 10; end++; break;
    case 'M': end++; break;
    case 'G': unit = 1 << 30; end++; break;
    case 'T': unit = 1ull << 40; end++; break;
    case 'P': unit = 1ull << 50; end++; break;
    case 'E': unit = 1ull << 60; end++; break;
    }
    if (end == v || *end || d < 0 || d * unit > 1e18) {
        return fail(err, "Parameter '%s' expects a non-negative number below 2^64\n"
                    "Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-\nand exabytes, respectively.", name);
    }
    *out = (uint64_t)(d * unit);
    return true;
}

/* Splits "a,b=c" (",," is a comma) and calls `fn` for each; the first may lack its key. */
static bool each_pair(const char *arg, const char *implied, Options *o,
                      bool (*fn)(Options *o, const char *k, const char *v, GError **err), GError **err)
{
    g_autoptr(GString) cur = g_string_new(NULL);
    bool first = true;

    for (const char *p = arg;; p++) {
        if (*p == ',' && p[1] == ',') {
            g_string_append_c(cur, *p++);
            continue;
        }
        if (*p && *p != ',') {
            g_string_append_c(cur, *p);
            continue;
        }
        if (cur->len) {
            char *eq = strchr(cur->str, '=');
            g_autofree char *key = eq ? g_strndup(cur->str, eq - cur->str) : g_strdup(first && implied ? implied : cur->str);
            const char *value = eq ? eq + 1 : first && implied ? cur->str : NULL;
            if (!fn(o, key, value ? g_intern_string(value) : NULL, err)) {
                return false;
            }
        }
        first = false;
        g_string_truncate(cur, 0);
        if (!*p) {
            return true;
        }
    }
}

/* ---- options ---- */

static bool print_and_stop(GString *s)
{
    fputs(s->str, stdout);
    g_string_free(s, TRUE);
    done = true;
    return true;
}

static bool machine_pair(Options *o, const char *k, const char *v, GError **err)
{
    if (!strcmp(k, "type")) {
        if (v && (!strcmp(v, "help") || !strcmp(v, "?"))) {
            GString *s = g_string_new(NULL);
            spapr_version_list(s);
            return print_and_stop(s);
        }
        if (!v || !spapr_version_exists(v)) {
            return fail(err, "unsupported machine type\nUse -machine help to list supported machines");
        }
        o->machine.machine = v;
    } else if (!strcmp(k, "dumpdtb")) {
        o->machine.dumpdtb = v;
    } else if (!strcmp(k, "help")) {
        GString *s = g_string_new(NULL);
        spapr_property_help(o->machine.machine, s);
        return print_and_stop(s);
    } else if (!strcmp(k, "append")) {
        o->machine.append = v;
    } else if (!strcmp(k, "kernel")) {
        o->machine.kernel = v;
    } else if (!strcmp(k, "initrd")) {
        o->machine.initrd = v;
    } else if (!strcmp(k, "firmware")) {
        o->machine.bios = v;
    } else if (!strcmp(k, "accel")) {
        return v && !strcmp(v, "tcg") ? true : fail(err, "invalid accelerator %s", v ? v : "");
    } else if (!spapr_property_known(o->machine.machine, k, err)) {
        return false;
    } else {
        if (!o->machine.props) {
            o->machine.props = g_ptr_array_new();
        }
        g_ptr_array_add(o->machine.props, g_strdup_printf("%s=%s", k, v ? v : "on"));
    }
    return true;
}

static bool opt_machine(Options *o, const char *arg, GError **err)
{
    return each_pair(arg, "type", o, machine_pair, err);
}

/* -cpu MODEL,PROP=VALUE is -global of the model's type. */
static bool cpu_properties(const PpcModel *model, char **words, GError **err)
{
    g_autofree char *type = ppc_model_type_name(model);

    for (; *words; words++) {
        char *eq = strchr(*words, '=');
        if (!strcmp(*words, "help") || !strcmp(*words, "?")) {
            GString *s = g_string_new(NULL);
            object_type_help(object_type_find(type), s);
            return print_and_stop(s);
        }
        if (**words && !eq) {
            return fail(err, "Expected key=value format, found %s.", *words);
        }
        if (eq) {
            g_autofree char *name = g_strndup(*words, eq - *words);
            globals_add(type, name, eq + 1, false);
        }
    }
    return true;
}

static bool opt_cpu(Options *o, const char *arg, GError **err)
{
    if (!strcmp(arg, "help") || !strcmp(arg, "?")) {
        GString *s = g_string_new(NULL);
        ppc_model_list(s);
        return print_and_stop(s);
    }
    if (!*arg || *arg == ',') {
        return fail(err, "-cpu option cannot be empty");
    }
    char **w = g_strsplit(arg, ",", -1);
    o->machine.cpu = w[0];
    const PpcModel *model = ppc_model_find(w[0], err);
    return model && cpu_properties(model, w + 1, err);
}

static bool opt_device(Options *o, const char *arg, GError **err)
{
    GString *s = g_string_new(NULL);
    g_autoptr(GError) why = NULL;

    if (device_option_help(arg, s, &why)) {
        if (!why) {
            return print_and_stop(s);
        }
        g_string_free(s, TRUE);
        return fail(err, "-device %s: %s", arg, why->message);
    }
    g_string_free(s, TRUE);
    g_ptr_array_add(o->devices, (char *)arg);
    return true;
}

static bool opt_global(Options *o, const char *arg, GError **err) { return global_option_add(arg, err); }

static bool smp_pair(Options *o, const char *k, const char *v, GError **err)
{
    static const struct { const char *key; size_t off; } keys[] = {
        { "cpus", offsetof(SpaprOptions, smp_cpus) }, { "sockets", offsetof(SpaprOptions, sockets) },
        { "cores", offsetof(SpaprOptions, cores) }, { "threads", offsetof(SpaprOptions, threads) },
        { "maxcpus", offsetof(SpaprOptions, maxcpus) },
    };
    uint64_t n;

    for (unsigned i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (!strcmp(keys[i].key, k)) {
            if (!parse_uint(k, v, UINT32_MAX, &n, NULL)) {
                return fail(err, "Parameter 'smp.%s' expects integer", k);
            }
            if (n > 4096) {
                return fail(err, "Invalid SMP CPUs %" PRIu64 ". No machine has more than 4096", n);
            }
            if (!n) {
                return fail(err, "Invalid CPU topology: CPU topology parameters must be greater than zero");
            }
            *(unsigned *)((char *)&o->machine + keys[i].off) = n;
            return true;
        }
    }
    return fail(err, "Parameter 'smp.%s' is unexpected", k);
}

static bool opt_smp(Options *o, const char *arg, GError **err)
{
    return each_pair(arg, "cpus", o, smp_pair, err);
}

static bool mem_pair(Options *o, const char *k, const char *v, GError **err)
{
    if (!strcmp(k, "size") && v) {
        return parse_size(k, v, &o->machine.ram_size, err);
    }
    if (!strcmp(k, "maxmem") && v) {
        return parse_size(k, v, &o->machine.maxram_size, err);
    }
    if (!strcmp(k, "slots")) {
        uint64_t n;
        if (!parse_uint(k, v, 32, &n, err)) {
            return false;
        }
        o->machine.ram_slots = n;
        return true;
    }
    return fail(err, "Invalid parameter '%s'", k);
}

static bool opt_mem(Options *o, const char *arg, GError **err)
{
    return each_pair(arg, "size", o, mem_pair, err);
}

static bool accel_pair(Options *o, const char *k, const char *v, GError **err)
{
    uint64_t n;

    if (!strcmp(k, "accel")) {
        return v && !strcmp(v, "tcg") ? true : fail(err, "invalid accelerator %s", v ? v : "");
    }
    if (!strcmp(k, "thread")) {
        if (v && !strcmp(v, "multi")) {
            tcg_options.multi_threaded = true;
        } else if (v && !strcmp(v, "single")) {
            tcg_options.multi_threaded = false;
        } else {
            return fail(err, "Invalid 'thread' setting %s", v ? v : "");
        }
        return true;
    }
    if (!strcmp(k, "tb-size")) {
        if (!parse_uint(k, v, 2047, &n, err)) {
            return false;
        }
        tcg_options.tb_size = n << 20;
        return true;
    }
    if (!strcmp(k, "one-insn-per-tb")) {
        return parse_bool(k, v, &tcg_options.one_insn_per_tb, err);
    }
    if (!strcmp(k, "interpreter")) {
        return parse_bool(k, v, &tcg_options.interpreter, err);
    }
    if (!strcmp(k, "x-random-regalloc")) {
        tcg_options.random_regalloc = true;
        if (!parse_uint(k, v, UINT32_MAX, &n, err)) {
            return false;
        }
        tcg_options.random_seed = n;
        return true;
    }
    if (!strcmp(k, "split-wx")) {
        bool ignored;
        return parse_bool(k, v, &ignored, err);     /* the code buffer always is */
    }
    return fail(err, "Property 'tcg-accel.%s' not found", k);
}

static bool opt_accel(Options *o, const char *arg, GError **err)
{
    if (!strcmp(arg, "help")) {
        return print_and_stop(g_string_new("Accelerators supported in QEMU binary:\ntcg\n"));
    }
    return each_pair(arg, "accel", o, accel_pair, err);
}

static bool icount_pair(Options *o, const char *k, const char *v, GError **err)
{
    uint64_t n;

    if (!strcmp(k, "shift")) {
        if (v && !strcmp(v, "auto")) {
            n = 3;
        } else if (!parse_uint(k, v, 10, &n, NULL)) {
            return fail(err, "icount: Invalid shift value");
        }
        tcg_options.icount_shift = n;
        return true;
    }
    if (!strcmp(k, "sleep") || !strcmp(k, "align")) {
        bool ignored;
        return parse_bool(k, v, &ignored, err);
    }
    return fail(err, "Invalid parameter '%s'", k);
}

static bool opt_icount(Options *o, const char *arg, GError **err) { return each_pair(arg, "shift", o, icount_pair, err); }
static bool opt_one_insn(Options *o, const char *arg, GError **err) { tcg_options.one_insn_per_tb = true; return true; }
static bool opt_kernel(Options *o, const char *arg, GError **err) { o->machine.kernel = arg; return true; }
static bool opt_initrd(Options *o, const char *arg, GError **err) { o->machine.initrd = arg; return true; }
static bool opt_append(Options *o, const char *arg, GError **err) { o->machine.append = arg; return true; }
static bool opt_prom_env(Options *o, const char *arg, GError **err)
{
    if (!strchr(arg, '=')) {
        return fail(err, "'%s' is not NAME=VALUE", arg);
    }
    o->machine.prom_env = arg;
    return true;
}
static bool opt_bios(Options *o, const char *arg, GError **err) { o->machine.bios = arg; return true; }
static bool opt_L(Options *o, const char *arg, GError **err) { loader_add_dir(arg); return true; }

static bool name_pair(Options *o, const char *k, const char *v, GError **err)
{
    bool ignored;

    if (!strcmp(k, "guest") && v) {
        o->machine.name = v;
        return true;
    }
    if (!strcmp(k, "process") && v) {
        g_set_prgname(v);
        return true;
    }
    if (!strcmp(k, "debug-threads")) {
        return parse_bool(k, v, &ignored, err);     /* threads always have their names */
    }
    return fail(err, "Invalid parameter '%s'", k);
}

static bool opt_name(Options *o, const char *arg, GError **err) { return each_pair(arg, "guest", o, name_pair, err); }

static bool boot_pair(Options *o, const char *k, const char *v, GError **err)
{
    bool ignored;

    if (!strcmp(k, "order") && v) {
        for (const char *p = v; *p; p++) {
            if (*p < 'a' || *p > 'p') {
                return fail(err, "Invalid boot device '%c'", *p);
            }
            if (strchr(p + 1, *p)) {
                return fail(err, "Boot device '%c' was given twice", *p);
            }
        }
        o->machine.boot = v;
        return true;
    }
    if (!strcmp(k, "menu") || !strcmp(k, "strict")) {
        if (!parse_bool(k, v, &ignored, err)) {
            return false;
        }
        return ignored ? fail(err, "boot.%s: this build has no boot menu or boot-order devices", k) : true;
    }
    return fail(err, "Parameter 'boot.%s' is unexpected", k);
}

static bool opt_boot(Options *o, const char *arg, GError **err) { return each_pair(arg, "order", o, boot_pair, err); }

/* Two of the four actions exist: what the others are about (a watchdog, a panic notifier) does not. */
static bool action_pair(Options *o, const char *k, const char *v, GError **err)
{
    bool reboot = !strcmp(k, "reboot"), shutdown = !strcmp(k, "shutdown");
    const char *other = reboot ? "shutdown" : "pause", *usual = reboot ? "reset" : "poweroff";

    if (!strcmp(k, "panic") || !strcmp(k, "watchdog")) {
        return fail(err, "Parameter '%s': this build has no such event to act on", k);
    }
    if (!reboot && !shutdown) {
        return fail(err, "Invalid parameter '%s'", k);
    }
    if (!v || (strcmp(v, other) && strcmp(v, usual))) {
        return fail(err, "Parameter '%s' does not accept value '%s'", k, v ? v : "");
    }
    *(reboot ? &runstate_no_reboot : &runstate_no_shutdown) = !strcmp(v, other);
    return true;
}

static bool opt_action(Options *o, const char *arg, GError **err) { return each_pair(arg, NULL, o, action_pair, err); }

static bool message_time, message_guest;

static bool msg_pair(Options *o, const char *k, const char *v, GError **err)
{
    if (strcmp(k, "timestamp") && strcmp(k, "guest-name")) {
        return fail(err, "Invalid parameter '%s'", k);
    }
    return parse_bool(k, v, *k == 't' ? &message_time : &message_guest, err);
}

static bool opt_msg(Options *o, const char *arg, GError **err) { return each_pair(arg, NULL, o, msg_pair, err); }

char *options_message_prefix(const Options *o)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *when = message_time ? g_date_time_format(now, "%Y-%m-%dT%H:%M:%S.%fZ ") : NULL;

    return g_strdup_printf("%s%s%sqemu-system-ppc64: ", when ? when : "",
                           message_guest && o->machine.name ? o->machine.name : "",
                           message_guest && o->machine.name ? " " : "");
}

static bool mon_pair(Options *o, const char *k, const char *v, GError **err)
{
    if (!strcmp(k, "chardev") && v) {
        g_autofree char *spec = g_strdup_printf("chardev:%s", v);
        o->monitor_spec = g_intern_string(spec);
        return true;
    }
    if (!strcmp(k, "mode")) {
        return v && !strcmp(v, "readline") ? true
            : fail(err, "Parameter 'mode': this build has the human monitor (mode=readline) only");
    }
    return fail(err, "Invalid parameter '%s'", k);
}

static bool opt_mon(Options *o, const char *arg, GError **err)
{
    const char *before = o->monitor_spec;

    o->monitor_spec = NULL;
    if (before) {
        return fail(err, "this build has one monitor only");
    }
    if (!each_pair(arg, "chardev", o, mon_pair, err)) {
        return false;
    }
    return o->monitor_spec ? true : fail(err, "chardev is required");
}
static bool opt_uuid(Options *o, const char *arg, GError **err)
{
    if (!g_uuid_string_is_valid(arg)) {
        return fail(err, "failed to parse UUID string: wrong format");
    }
    o->machine.uuid = arg;
    return true;
}
static bool opt_serial(Options *o, const char *arg, GError **err) { o->serial = arg; return true; }
static bool opt_monitor(Options *o, const char *arg, GError **err) { o->monitor_spec = arg; return true; }
static bool opt_chardev(Options *o, const char *arg, GError **err) { g_ptr_array_add(o->chardevs, (char *)arg); return true; }
static bool opt_nographic(Options *o, const char *arg, GError **err) { o->nographic = true; return true; }
static bool opt_nodefaults(Options *o, const char *arg, GError **err) { o->nodefaults = true; return true; }
static bool opt_nothing(Options *o, const char *arg, GError **err) { return true; }
static bool opt_display(Options *o, const char *arg, GError **err)
{
    return !strcmp(arg, "none") ? true : fail(err, "Parameter 'type' does not accept value '%s'", arg);
}
static bool opt_vga(Options *o, const char *arg, GError **err)
{
    return !strcmp(arg, "none") ? true : fail(err, "'-vga %s': this build has no display devices; use -vga none", arg);
}
static bool opt_none_only(Options *o, const char *arg, GError **err)
{
    return !strcmp(arg, "none") ? true : fail(err, "'%s': this build has no network devices; use none", arg);
}
static bool opt_rtc(Options *o, const char *arg, GError **err)
{
    return g_str_has_prefix(arg, "base=utc") || g_str_has_prefix(arg, "base=localtime") || g_str_has_prefix(arg, "clock=")
        || g_str_has_prefix(arg, "driftfix=") ? true : fail(err, "invalid -rtc '%s'", arg);
}
static bool opt_no_reboot(Options *o, const char *arg, GError **err) { runstate_no_reboot = true; return true; }
static bool opt_no_shutdown(Options *o, const char *arg, GError **err) { runstate_no_shutdown = true; return true; }
static bool opt_S(Options *o, const char *arg, GError **err) { o->paused = true; return true; }
static bool opt_D(Options *o, const char *arg, GError **err) { return log_set_file(arg, err); }
static bool opt_d(Options *o, const char *arg, GError **err)
{
    if (!strcmp(arg, "help")) {
        GString *s = g_string_new(NULL);
        log_help(s);
        return print_and_stop(s);
    }
    return log_set(arg, err);
}
static bool opt_pidfile(Options *o, const char *arg, GError **err)
{
    g_autofree char *text = g_strdup_printf("%d\n", (int)getpid());
    FILE *f = fopen(arg, "we");

    if (!f || fputs(text, f) < 0 || fclose(f)) {
        return fail(err, "cannot create PID file: Could not create '%s': %s", arg, g_strerror(errno));
    }
    return true;
}
static bool opt_version(Options *o, const char *arg, GError **err)
{
    GString *s = g_string_new(NULL);
    g_string_printf(s, "QEMU emulator version 7.2.22 (qemu-system-ppc64 independent %s)\n", PROJECT_VERSION);
    return print_and_stop(s);
}
static OptFn opt_help;

static const OptRow rows[] = {
    { "machine", true, opt_machine, "[type=]NAME[,PROP=VALUE...]  machine and its properties ('help' lists them)" },
    { "M", true, opt_machine, "same as -machine" },
    { "cpu", true, opt_cpu, "MODEL[,FEATURE=on|off...]    processor model ('help' lists them)" },
    { "accel", true, opt_accel, "tcg[,thread=single|multi][,tb-size=MiB][,one-insn-per-tb=on|off][,interpreter=on|off]" },
    { "smp", true, opt_smp, "[cpus=]N[,maxcpus=N][,sockets=N][,cores=N][,threads=N]" },
    { "m", true, opt_mem, "[size=]MEGS                  guest memory" },
    { "icount", true, opt_icount, "shift=N                     one instruction takes 2^N ns of virtual time" },
    { "singlestep", false, opt_one_insn, "one guest instruction a region" },
    { "one-insn-per-tb", false, opt_one_insn, "same" },
    { "kernel", true, opt_kernel, "FILE                      ELF kernel" },
    { "initrd", true, opt_initrd, "FILE                      initial RAM disk" },
    { "append", true, opt_append, "TEXT                      kernel command line" },
    { "bios", true, opt_bios, "FILE                        firmware" },
    { "prom-env", true, opt_prom_env, "NAME=VALUE              firmware variable" },
    { "L", true, opt_L, "DIR                            look for firmware there" },
    { "name", true, opt_name, "TEXT                        name of the guest" },
    { "uuid", true, opt_uuid, "UUID                        of the guest" },
    { "serial", true, opt_serial, "CHARDEV                   the guest's console" },
    { "monitor", true, opt_monitor, "CHARDEV                  the monitor" },
    { "chardev", true, opt_chardev, "BACKEND,id=ID[,...]      a character device to refer to" },
    { "mon", true, opt_mon, "[chardev=]ID[,mode=readline]  the monitor on a -chardev" },
    { "boot", true, opt_boot, "[order=]DRIVES              what firmware starts from" },
    { "action", true, opt_action, "reboot=reset|shutdown,shutdown=poweroff|pause" },
    { "msg", true, opt_msg, "timestamp=on|off,guest-name=on|off  what error messages begin with" },
    { "device", true, opt_device, "TYPE[,PROP=VALUE...]       add a device ('help' lists types, 'TYPE,help' properties)" },
    { "global", true, opt_global, "TYPE.PROP=VALUE            default of a property, for all devices of the type" },
    { "nographic", false, opt_nographic, "console and monitor on stdio" },
    { "display", true, opt_display, "none" },
    { "vga", true, opt_vga, "none" },
    { "net", true, opt_none_only, "none" },
    { "nic", true, opt_none_only, "none" },
    { "nodefaults", false, opt_nodefaults, "no console or monitor unless asked for" },
    { "no-user-config", false, opt_nothing, "(no configuration file is read)" },
    { "rtc", true, opt_rtc, "base=utc|localtime           start of the clock" },
    { "no-reboot", false, opt_no_reboot, "exit instead of rebooting" },
    { "no-shutdown", false, opt_no_shutdown, "stop instead of exiting when the guest powers off" },
    { "S", false, opt_S, "do not start the guest until 'cont'" },
    { "D", true, opt_D, "FILE                           write the log there" },
    { "d", true, opt_d, "ITEM,...                       what to log ('help' lists it)" },
    { "pidfile", true, opt_pidfile, "FILE" },
    { "version", false, opt_version, "print the version" },
    { "help", false, opt_help, "print this" },
    { "h", false, opt_help, "print this" },
};

/* Options of parts that this build does not have: refused in words that say so, rather than called unknown. */
static const struct { const char *name; bool arg; const char *what; } unbuilt[] = {
    { "drive", true, "disks" },
    { "blockdev", true, "disks" }, { "hda", true, "disks" }, { "cdrom", true, "disks" }, { "snapshot", false, "disks" },
    { "netdev", true, "network devices" }, { "object", true, "objects" }, { "qmp", true, "QMP monitor" },
    { "qmp-pretty", true, "QMP monitor" }, { "incoming", true, "migration" }, { "loadvm", true, "snapshots" },
    { "watchdog-action", true, "watchdog" }, { "readconfig", true, "configuration files" }, { "dfilter", true, "log filter" },
    { "daemonize", false, "background mode" }, { "dtb", true, "place for a device tree (pseries makes its own)" },
    { "gdb", true, "debugger stub" }, { "s", false, "debugger stub" }, { "usb", false, "USB" }, { "vnc", true, "display" },
    { "spice", true, "display" }, { "audiodev", true, "sound" }, { "tpmdev", true, "TPM" }, { "virtfs", true, "shared folders" },
    { "enable-kvm", false, "KVM" }, { "sandbox", true, "sandbox" }, { "numa", true, "NUMA nodes" },
};

static bool refuse_unbuilt(const char *name, const char *option, const char *value, GError **err)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(unbuilt); i++) {
        if (!strcmp(unbuilt[i].name, name)) {
            if (unbuilt[i].arg && !value) {
                return fail(err, "%s: requires an argument", option);
            }
            return fail(err, "%s%s%s: this build has no %s", option, unbuilt[i].arg ? " " : "",
                        unbuilt[i].arg ? value : "", unbuilt[i].what);
        }
    }
    return fail(err, "%s: invalid option", option);
}

static bool opt_help(Options *o, const char *arg, GError **err)
{
    GString *s = g_string_new("usage: qemu-system-ppc64 [options]\n\n");

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_string_append_printf(s, "-%-16s %s\n", rows[i].name, rows[i].help);
    }
    return print_and_stop(s);
}

static bool finish_smp(SpaprOptions *m, GError **err)
{
    SmpTopology smp = { m->smp_cpus, m->maxcpus, m->sockets, m->cores, m->threads };

    if (!smp_complete(&smp, err)) {
        return false;
    }
    unsigned t = m->threads = smp.threads;
    m->smp_cpus = smp.cpus;
    m->maxcpus = smp.maxcpus;
    /* What was not said stays open: how cores are counted then depends on the machine version. */
    if (m->sockets || m->cores) {
        m->sockets = smp.sockets;
        m->cores = smp.cores;
    }
    if (m->maxcpus > 1024) {
        return fail(err, "Invalid SMP CPUs %u. The max CPUs supported by machine '%s' is 1024", m->maxcpus, m->machine);
    }
    if (m->smp_cpus % t) {
        return fail(err, "smp_cpus (%u) must be multiple of threads (%u)", m->smp_cpus, t);
    }
    if (t > 8 || t & (t - 1)) {
        return fail(err, "Invalid number of threads per core: %u (1, 2, 4 or 8)", t);
    }
    return true;
}

OptionsResult options_parse(int argc, char **argv, Options *o, GError **err)
{
    o->machine = (SpaprOptions){ .machine = "pseries", .ram_size = 512 << 20 };
    o->chardevs = g_ptr_array_new();
    o->devices = g_ptr_array_new();
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i];
        const OptRow *row = NULL;
        if (*name != '-') {
            fail(err, "%s: a disk image argument needs a disk, which this build does not have", name);
            return OPTIONS_ERROR;
        }
        name += name[1] == '-' ? 2 : 1;
        for (unsigned k = 0; k < G_N_ELEMENTS(rows); k++) {
            if (!strcmp(rows[k].name, name)) {
                row = &rows[k];
            }
        }
        if (!row) {
            refuse_unbuilt(name, argv[i], i + 1 < argc ? argv[i + 1] : NULL, err);
            return OPTIONS_ERROR;
        }
        if (row->arg && i + 1 >= argc) {
            fail(err, "%s: requires an argument", argv[i]);
            return OPTIONS_ERROR;
        }
        g_autoptr(GError) why = NULL;
        const char *option = argv[i];
        if (!row->fn(o, row->arg ? argv[++i] : NULL, &why)) {
            /* machine and CPU errors speak for themselves; others say which option they are about */
            bool bare = row->fn == opt_machine || row->fn == opt_cpu || row->fn == opt_smp
                || row->fn == opt_boot || row->fn == opt_device || row->fn == opt_global || row->fn == opt_pidfile || !row->arg;
            if (bare) {
                g_propagate_error(err, g_steal_pointer(&why));
            } else {
                fail(err, "%s %s: %s", option, argv[i], why->message);
            }
            return OPTIONS_ERROR;
        }
        if (done) {
            return OPTIONS_DONE;
        }
    }
    if (o->machine.initrd && !o->machine.kernel) {
        fail(err, "-initrd only allowed with -kernel option");
        return OPTIONS_ERROR;
    }
    if (o->machine.append && !o->machine.kernel) {
        fail(err, "-append only allowed with -kernel option");
        return OPTIONS_ERROR;
    }
    if (o->machine.ram_slots && !o->machine.maxram_size) {
        fail(err, "slots specified but no max-size");
        return OPTIONS_ERROR;
    }
    return finish_smp(&o->machine, err) ? OPTIONS_RUN : OPTIONS_ERROR;
}

bool options_open_backends(Options *o, GError **err)
{
    for (guint i = 0; i < o->chardevs->len; i++) {
        const char *spec = g_ptr_array_index(o->chardevs, i);
        if (!chardev_create(spec, err)) {
            g_prefix_error(err, "-chardev %s: ", spec);
            return false;
        }
    }
    const char *serial = o->serial, *mon = o->monitor_spec;
    if (!serial && !o->nodefaults) {
        serial = o->nographic && !mon ? "mon:stdio" : "null";
    }
    if (serial && strcmp(serial, "none")) {
        o->machine.chr = chardev_open(serial, err);
        if (!o->machine.chr) {
            g_prefix_error(err, "-serial %s: ", serial);
            return false;
        }
        chardev_set_id(o->machine.chr, "serial0");
        if (g_str_has_prefix(serial, "mon:")) {
            o->monitor = o->machine.chr;
        }
    }
    if (mon && strcmp(mon, "none")) {
        o->monitor = chardev_open(mon, err);
        if (!o->monitor) {
            g_prefix_error(err, "-monitor %s: ", mon);
            return false;
        }
    }
    return true;
}
