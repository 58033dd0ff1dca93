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

static bool opt_one_insn(Options *o, const char *arg, GError **err) { tcg_options.one_insn_per_tb = true; return true; }
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
    { "overcommit", true, opt_overcommit, "[mem-lock=on|off][,cpu-pm=on|off]  keep guest memory out of the host's swap" },
    { "numa", true, opt_numa, "node[,mem=SIZE|memdev=ID][,cpus=A-B][,nodeid=N] | dist,src=A,dst=B,val=N | cpu,node-id=N,core-id=N" },
    { "object", true, opt_object, "TYPE,id=ID[,PROP=VALUE...]   an object for others to use: memory, credentials ('help' lists types, 'TYPE,help' properties)" },
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
    { "only-migratable", false, opt_only_migratable, "refuse what could not be migrated" },
    { "incoming", true, opt_incoming, "URI                     receive a machine: exec: tcp: unix: fd: file:, or defer" },
    { "dump-vmstate", true, opt_dump_vmstate, "FILE                what is saved of each type of device, as JSON, and exit" },
    { "add-fd", true, opt_add_fd, "fd=FD,set=N[,opaque=TEXT]  a descriptor that was inherited, to be named /dev/fdset/N" },
    { "audiodev", true, opt_audiodev, "[driver=]none,id=ID       sound that nobody hears (there are no devices that make any)" },
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
    { "spice", true, "display" }, { "tpmdev", true, "TPM" }, { "virtfs", true, "shared folders" },
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
    o->machine = (MachineOptions){ .machine = "pseries", .ram_size = SPAPR_DEFAULT_RAM };
    o->objects = g_ptr_array_new();
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
        g_autoptr(GString) help = g_string_new(NULL);
        bool ok = row->arg && opts_group_help(row->name, argv[i + 1], help) ? options_print_and_stop(g_steal_pointer(&help))
            : row->fn(o, row->arg ? argv[i + 1] : NULL, &why);
        i += row->arg;
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
    return options_finish_machine(o, err) ? OPTIONS_RUN : OPTIONS_ERROR;
}
