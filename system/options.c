/*
 * See options.h. One row an option: name, whether it takes an argument, what it does, its help.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/options-int.h"
#include "accel/tcg/tcg.h"
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

typedef struct OptRow { const char *name; bool arg; OptFn *fn; const char *help; } OptRow;

static bool done;

bool option_bool(const char *name, const char *v, bool *out, GError **err)
{
    if (!v || !strcmp(v, "on") || !strcmp(v, "yes") || !strcmp(v, "true")) {
        *out = true;
    } else if (!strcmp(v, "off") || !strcmp(v, "no") || !strcmp(v, "false")) {
        *out = false;
    } else {
        return report_fail(err, "Parameter '%s' expects 'on' or 'off'", name);
    }
    return true;
}

bool option_uint(const char *name, const char *v, uint64_t max, uint64_t *out, GError **err)
{
    char *end;

    if (!v || !g_ascii_isdigit(*v)) {
        return report_fail(err, "Parameter '%s' expects a number", name);
    }
    *out = g_ascii_strtoull(v, &end, 0);
    if (*end || *out > max) {
        return report_fail(err, "Parameter '%s' expects a number up to %" PRIu64 ", not '%s'", name, max, v);
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
        return report_fail(err, "Parameter '%s' expects a non-negative number below 2^64\n"
                    "Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-\nand exabytes, respectively.", name);
    }
    *out = (uint64_t)(d * unit);
    return true;
}

bool option_pairs(const char *arg, const char *implied, Options *o,
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

bool options_print_and_stop(GString *s)
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
            return options_print_and_stop(s);
        }
        if (!v || !spapr_version_exists(v)) {
            return report_fail(err, "unsupported machine type\nUse -machine help to list supported machines");
        }
        o->machine.machine = v;
    } else if (!strcmp(k, "dumpdtb")) {
        o->machine.dumpdtb = v;
    } else if (!strcmp(k, "help")) {
        GString *s = g_string_new(NULL);
        spapr_property_help(o->machine.machine, s);
        return options_print_and_stop(s);
    } else if (!strcmp(k, "append")) {
        o->machine.append = v;
    } else if (!strcmp(k, "kernel")) {
        o->machine.kernel = v;
    } else if (!strcmp(k, "initrd")) {
        o->machine.initrd = v;
    } else if (!strcmp(k, "firmware")) {
        o->machine.bios = v;
    } else if (!strcmp(k, "accel")) {
        o->machine_accel = v ? v : "";
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
    return option_pairs(arg, "type", o, machine_pair, err);
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
            return options_print_and_stop(s);
        }
        if (**words && !eq) {
            return report_fail(err, "Expected key=value format, found %s.", *words);
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
        return options_print_and_stop(s);
    }
    if (!*arg || *arg == ',') {
        return report_fail(err, "-cpu option cannot be empty");
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
            return options_print_and_stop(s);
        }
        g_string_free(s, TRUE);
        return report_fail(err, "-device %s: %s", arg, why->message);
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
            if (!option_uint(k, v, UINT32_MAX, &n, NULL)) {
                return report_fail(err, "Parameter 'smp.%s' expects integer", k);
            }
            if (n > 4096) {
                return report_fail(err, "Invalid SMP CPUs %" PRIu64 ". No machine has more than 4096", n);
            }
            if (!n) {
                return report_fail(err, "Invalid CPU topology: CPU topology parameters must be greater than zero");
            }
            *(unsigned *)((char *)&o->machine + keys[i].off) = n;
            return true;
        }
    }
    return report_fail(err, "Parameter 'smp.%s' is unexpected", k);
}

static bool opt_smp(Options *o, const char *arg, GError **err)
{
    return option_pairs(arg, "cpus", o, smp_pair, err);
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
        if (!option_uint(k, v, 32, &n, err)) {
            return false;
        }
        o->machine.ram_slots = n;
        return true;
    }
    return report_fail(err, "Invalid parameter '%s'", k);
}

static bool opt_mem(Options *o, const char *arg, GError **err)
{
    return option_pairs(arg, "size", o, mem_pair, err);
}

static bool opt_one_insn(Options *o, const char *arg, GError **err) { tcg_options.one_insn_per_tb = true; return true; }
static bool opt_kernel(Options *o, const char *arg, GError **err) { o->machine.kernel = arg; return true; }
static bool opt_initrd(Options *o, const char *arg, GError **err) { o->machine.initrd = arg; return true; }
static bool opt_append(Options *o, const char *arg, GError **err) { o->machine.append = arg; return true; }
static bool opt_bios(Options *o, const char *arg, GError **err) { o->machine.bios = arg; return true; }
static bool opt_L(Options *o, const char *arg, GError **err) { loader_add_dir(arg); return true; }

static bool boot_drives(const char *v, GError **err)
{
    for (const char *p = v; *p; p++) {
        if (*p < 'a' || *p > 'p') {
            return report_fail(err, "Invalid boot device '%c'", *p);
        }
        if (strchr(p + 1, *p)) {
            return report_fail(err, "Boot device '%c' was given twice", *p);
        }
    }
    return true;
}

static bool boot_pair(Options *o, const char *k, const char *v, GError **err)
{
    bool ignored;
    uint64_t n;

    if (!strcmp(k, "order") && v) {
        o->machine.boot = v;
        return boot_drives(v, err);
    }
    if (!strcmp(k, "once") && v) {
        o->machine.boot_once = v;
        return boot_drives(v, err);
    }
    if (!strcmp(k, "menu")) {
        return option_bool("boot.menu", v, &o->machine.boot_menu, err);
    }
    /* about firmware of other machines: a picture, its time, what to do without a boot device */
    if (!strcmp(k, "strict")) {
        return option_bool("boot.strict", v, &ignored, err);
    }
    if (!strcmp(k, "splash-time") || !strcmp(k, "reboot-timeout")) {
        return option_uint(k, v, INT64_MAX, &n, err);
    }
    return !strcmp(k, "splash") || report_fail(err, "Parameter 'boot.%s' is unexpected", k);
}

static bool opt_boot(Options *o, const char *arg, GError **err) { return option_pairs(arg, "order", o, boot_pair, err); }

static bool append(GPtrArray **list, const char *arg)
{
    if (!*list) {
        *list = g_ptr_array_new();
    }
    g_ptr_array_add(*list, (char *)arg);
    return true;
}
static bool opt_prom_env(Options *o, const char *arg, GError **err)
{
    return strchr(arg, '=') ? append(&o->machine.prom_env, arg) : report_fail(err, "'%s' is not NAME=VALUE", arg);
}
static bool opt_dtb(Options *o, const char *arg, GError **err) { o->machine.dtb = arg; return true; }
static bool opt_numa(Options *o, const char *arg, GError **err) { return append(&o->machine.numa, arg); }
static bool opt_object(Options *o, const char *arg, GError **err) { return append(&o->machine.objects, arg); }
static bool opt_version(Options *o, const char *arg, GError **err)
{
    GString *s = g_string_new(NULL);
    g_string_printf(s, "QEMU emulator version 7.2.22 (qemu-system-ppc64 independent %s)\n", PROJECT_VERSION);
    return options_print_and_stop(s);
}
static bool opt_nothing(Options *o, const char *arg, GError **err) { return true; }
static bool opt_none_only(Options *o, const char *arg, GError **err)
{
    return !strcmp(arg, "none") ? true : report_fail(err, "'%s': this build has no network devices; use none", arg);
}
static bool opt_ignored(Options *o, const char *arg, GError **err) { return true; }
static OptFn opt_help;

static const OptRow rows[] = {
    { "machine", true, opt_machine, "[type=]NAME[,PROP=VALUE...]  machine and its properties ('help' lists them)" },
    { "M", true, opt_machine, "same as -machine" },
    { "cpu", true, opt_cpu, "MODEL[,FEATURE=on|off...]    processor model ('help' lists them)" },
    { "accel", true, opt_accel, "tcg[,thread=single|multi][,tb-size=MiB][,one-insn-per-tb=on|off][,interpreter=on|off] | qtest" },
    { "smp", true, opt_smp, "[cpus=]N[,maxcpus=N][,sockets=N][,cores=N][,threads=N]" },
    { "m", true, opt_mem, "[size=]MEGS                  guest memory" },
    { "numa", true, opt_numa, "node[,mem=SIZE|memdev=ID][,cpus=A-B][,nodeid=N] | dist,src=A,dst=B,val=N | cpu,node-id=N,core-id=N" },
    { "object", true, opt_object, "memory-backend-ram,id=ID,size=SIZE  memory of a NUMA node" },
    { "icount", true, opt_icount, "[shift=N|auto][,align=on|off][,sleep=on|off]  one instruction takes 2^N ns of virtual time" },
    { "singlestep", false, opt_one_insn, "one guest instruction a region" },
    { "one-insn-per-tb", false, opt_one_insn, "same" },
    { "kernel", true, opt_kernel, "FILE                      ELF kernel" },
    { "initrd", true, opt_initrd, "FILE                      initial RAM disk" },
    { "append", true, opt_append, "TEXT                      kernel command line" },
    { "dtb", true, opt_dtb, "FILE                         device tree in place of the machine's own" },
    { "bios", true, opt_bios, "FILE                        firmware" },
    { "prom-env", true, opt_prom_env, "NAME=VALUE              firmware variable" },
    { "L", true, opt_L, "DIR                            look for firmware there" },
    { "name", true, opt_name, "[guest=]TEXT[,process=TEXT][,debug-threads=on|off]  name of the guest, of the process" },
    { "uuid", true, opt_uuid, "UUID                        of the guest" },
    { "serial", true, opt_serial, "CHARDEV                   the guest's console; each further one is a further console" },
    { "monitor", true, opt_monitor, "CHARDEV                  a monitor" },
    { "chardev", true, opt_chardev, "BACKEND,id=ID[,...]      a character device to refer to ('help' lists them)" },
    { "mon", true, opt_mon, "[chardev=]ID[,mode=readline|control]  a monitor on a -chardev" },
    { "qmp", true, opt_qmp, "CHARDEV                      a QMP monitor" },
    { "qmp-pretty", true, opt_qmp_pretty, "CHARDEV               the same, with indented answers" },
    { "qtest", true, opt_qtest, "CHARDEV                    a program there plays the guest, by the qtest protocol" },
    { "qtest-log", true, opt_qtest_log, "FILE                   write what is said there ('none': do not), instead of to stderr" },
    { "echr", true, opt_echr, "CHARACTER                  what commands of a mux follow, instead of Ctrl-A" },
    { "boot", true, opt_boot, "[order=]DRIVES              what firmware starts from" },
    { "action", true, opt_action, "reboot=reset|shutdown,shutdown=poweroff|pause,panic=pause|shutdown|exit-failure|none" },
    { "msg", true, opt_msg, "timestamp=on|off,guest-name=on|off  what error messages begin with" },
    { "device", true, opt_device, "TYPE[,PROP=VALUE...]       add a device ('help' lists types, 'TYPE,help' properties)" },
    { "global", true, opt_global, "TYPE.PROP=VALUE            default of a property, for all devices of the type" },
    { "nographic", false, opt_nographic, "console and monitor on stdio" },
    { "k", true, opt_ignored, "LANGUAGE                       keyboard layout (this build has no keyboard)" },
    { "display", true, opt_display, "none" },
    { "vga", true, opt_vga, "none" },
    { "net", true, opt_none_only, "none" },
    { "nic", true, opt_none_only, "none" },
    { "nodefaults", false, opt_nodefaults, "no console or monitor unless asked for" },
    { "no-user-config", false, opt_nothing, "(no configuration file is read)" },
    { "rtc", true, opt_rtc, "[base=utc|localtime|DATETIME][,clock=host|rt|vm][,driftfix=none|slew]  the guest's clock" },
    { "no-reboot", false, opt_no_reboot, "exit instead of rebooting" },
    { "no-shutdown", false, opt_no_shutdown, "stop instead of exiting when the guest powers off" },
    { "incoming", true, opt_incoming, "URI                     receive a machine: exec: tcp: unix: fd: file:, or defer" },
    { "gdb", true, opt_gdb, "CHARDEV                      serve a debugger there (tcp::PORT, unix:PATH,server=on, chardev:ID, stdio)" },
    { "s", false, opt_s, "same as -gdb tcp::1234" },
    { "S", false, opt_S, "do not start the guest until 'cont'" },
    { "D", true, opt_D, "FILE                           write the log there" },
    { "d", true, opt_d, "ITEM,...                       what to log ('help' lists it)" },
    { "dfilter", true, opt_dfilter, "RANGE,...               log only addresses in START..END, START+SIZE, START-SIZE" },
    { "perfmap", false, opt_perfmap, "write /tmp/perf-PID.map, for perf" },
    { "pidfile", true, opt_pidfile, "FILE                     write the process ID there" },
    { "daemonize", false, opt_daemonize, "go into the background once started" },
    { "readconfig", true, opt_readconfig, "FILE                  read options from there" },
    { "version", false, opt_version, "print the version" },
    { "help", false, opt_help, "print this" },
    { "h", false, opt_help, "print this" },
};

/* Options of parts that this build does not have: refused in words that say so, rather than called unknown. */
static const struct { const char *name; bool arg; const char *what; } unbuilt[] = {
    { "drive", true, "disks" },
    { "blockdev", true, "disks" }, { "hda", true, "disks" }, { "cdrom", true, "disks" }, { "snapshot", false, "disks" },
    { "netdev", true, "network devices" }, { "loadvm", true, "snapshots" },
    { "watchdog-action", true, "watchdog" },
    { "usb", false, "USB" }, { "vnc", true, "display" },
    { "spice", true, "display" }, { "audiodev", true, "sound" }, { "tpmdev", true, "TPM" }, { "virtfs", true, "shared folders" },
    { "enable-kvm", false, "KVM" }, { "sandbox", true, "sandbox" },
};

static bool refuse_unbuilt(const char *name, const char *option, const char *value, GError **err)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(unbuilt); i++) {
        if (!strcmp(unbuilt[i].name, name)) {
            if (unbuilt[i].arg && !value) {
                return report_fail(err, "%s: requires an argument", option);
            }
            return report_fail(err, "%s%s%s: this build has no %s", option, unbuilt[i].arg ? " " : "",
                        unbuilt[i].arg ? value : "", unbuilt[i].what);
        }
    }
    return report_fail(err, "%s: invalid option", option);
}

static bool opt_help(Options *o, const char *arg, GError **err)
{
    GString *s = g_string_new("usage: qemu-system-ppc64 [options]\n\n");

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_string_append_printf(s, "-%-16s %s\n", rows[i].name, rows[i].help);
    }
    return options_print_and_stop(s);
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
    if (m->maxcpus > 4096) {
        return report_fail(err, "Invalid SMP CPUs %u. The max CPUs supported by machine '%s' is 4096", m->maxcpus, m->machine);
    }
    if (m->smp_cpus % t) {
        return report_fail(err, "smp_cpus (%u) must be multiple of threads (%u)", m->smp_cpus, t);
    }
    if (t > 8 || t & (t - 1)) {
        return report_fail(err, "Invalid number of threads per core: %u (1, 2, 4 or 8)", t);
    }
    return true;
}

static const OptRow *find_row(const char *name)
{
    for (unsigned k = 0; k < G_N_ELEMENTS(rows); k++) {
        if (!strcmp(rows[k].name, name)) {
            return &rows[k];
        }
    }
    return NULL;
}

/* Errors of the machine, the processor and the log do; others say which option they are about. */
static bool speaks_for_itself(const OptRow *row)
{
    OptFn *const fns[] = {
        opt_machine, opt_cpu, opt_smp, opt_boot, opt_device, opt_global, opt_vga, opt_d, opt_D,
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(fns); i++) {
        if (row->fn == fns[i]) {
            return true;
        }
    }
    return !row->arg;
}

OptFn *options_find(const char *name)
{
    const OptRow *row = find_row(name);

    return row && row->arg ? row->fn : NULL;
}

OptionsResult options_parse(int argc, char **argv, Options *o, GError **err)
{
    o->machine = (SpaprOptions){ .machine = "pseries", .ram_size = 512 << 20 };
    o->chardevs = g_ptr_array_new();
    o->accels = g_ptr_array_new();
    o->devices = g_ptr_array_new();
    o->serials = g_ptr_array_new();
    o->monitors = g_array_new(FALSE, FALSE, sizeof(MonitorOption));
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i];
        if (*name != '-') {
            report_fail(err, "%s: a disk image argument needs a disk, which this build does not have", name);
            return OPTIONS_ERROR;
        }
        name += name[1] == '-' ? 2 : 1;
        const OptRow *row = find_row(name);
        if (!row) {
            refuse_unbuilt(name, argv[i], i + 1 < argc ? argv[i + 1] : NULL, err);
            return OPTIONS_ERROR;
        }
        if (row->arg && i + 1 >= argc) {
            report_fail(err, "%s: requires an argument", argv[i]);
            return OPTIONS_ERROR;
        }
        g_autoptr(GError) why = NULL;
        const char *option = argv[i];
        report_set_location(option, row->arg ? argv[i + 1] : NULL);
        bool ok = row->fn(o, row->arg ? argv[++i] : NULL, &why);
        report_set_location(NULL, NULL);
        if (!ok) {
            if (speaks_for_itself(row) || !*why->message) {         /* empty: has been reported */
                g_propagate_error(err, g_steal_pointer(&why));
            } else {
                report_fail(err, "%s %s: %s", option, argv[i], why->message);
            }
            return OPTIONS_ERROR;
        }
        if (done) {
            return OPTIONS_DONE;
        }
    }
    if (!options_choose_accel(o, err)) {
        return OPTIONS_ERROR;
    }
    report_guest_name = o->name_in_messages ? o->machine.name : NULL;
    if (o->machine.initrd && !o->machine.kernel) {
        report_fail(err, "-initrd only allowed with -kernel option");
        return OPTIONS_ERROR;
    }
    if (o->machine.append && !o->machine.kernel) {
        report_fail(err, "-append only allowed with -kernel option");
        return OPTIONS_ERROR;
    }
    if (o->machine.ram_slots && !o->machine.maxram_size) {
        report_fail(err, "slots specified but no max-size");
        return OPTIONS_ERROR;
    }
    return finish_smp(&o->machine, err) ? OPTIONS_RUN : OPTIONS_ERROR;
}
