/*
 * Monitor commands about the machine as a whole.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/tcg.h"
#include "hw/core/device.h"
#include "hw/core/loader.h"
#include "hw/ppc/spapr.h"
#include "monitor/monitor.h"
#include "system/cpus.h"
#include "system/log.h"
#include "system/memory.h"
#include "system/runstate.h"
#include "target/ppc/cpu.h"
#include "target/ppc/dump.h"
#include <inttypes.h>
#include <string.h>

HMP(stop, "stop|s", "", "", "stop emulation")
{
    if (runstate_is_running()) {
        runstate_stop(RUN_PAUSED);
    }
}

HMP(cont, "cont|c", "", "", "resume emulation")
{
    g_autoptr(GError) err = NULL;

    runstate_continue(&err);
    monitor_print_error(out, err);
}

HMP(system_reset, "system_reset", "", "", "reset the system") { runstate_request_reset(SHUTDOWN_HOST_QMP_RESET); }
HMP(quit, "quit|q", "", "", "quit the emulator") { runstate_quit(SHUTDOWN_HOST_QMP_QUIT, 0); }

HMP(system_wakeup, "system_wakeup", "", "", "wakeup guest from suspend")
{
    if (!runstate_wake()) {
        g_string_append(out, "Error: Unable to wake up: guest is not in suspended state\n");
    }
}

HMP(system_powerdown, "system_powerdown", "", "", "send system power down event")
{
    runstate_request_powerdown();
    runstate_carry_out();
}

HMP(nmi, "nmi", "", "", "inject an NMI")
{
    spapr_inject_nmi();
}

HMP(cpu, "cpu", "index:l", "index", "set the default CPU")
{
    if (a->num[0] != (int)a->num[0] || !monitor_set_cpu(m, a->num[0])) {
        g_string_append(out, "invalid CPU index\n");
    }
}

HMP(log, "log", "items:s", "item1[,...]", "activate logging of the specified items")
{
    if (!log_set(a->str[0], NULL)) {
        log_help(out, true);
    }
}

HMP(logfile, "logfile", "filename:F", "filename", "output logs to 'filename'")
{
    g_autoptr(GError) err = NULL;

    if (!log_set_file(a->str[0], &err)) {
        g_string_append_printf(out, "%s\n", err->message);
    }
}

HMP(singlestep, "singlestep|one-insn-per-tb", "option:s?", "[on|off]",
    "run emulation with one guest instruction per translation block")
{
    bool on = !a->str[0] || !strcmp(a->str[0], "on");

    if (!on && strcmp(a->str[0], "off")) {
        g_string_append_printf(out, "unexpected option %s\n", a->str[0]);
        return;
    }
    tcg_set_one_insn(on);
}

HMP(chardev_add, "chardev-add", "args:S", "args", "add chardev")
{
    g_autoptr(GError) err = NULL;

    chardev_create(a->str[0], &err);
    monitor_print_error(out, err);
}

HMP(chardev_remove, "chardev-remove", "id:s", "id", "remove chardev")
{
    g_autoptr(GError) err = NULL;

    chardev_remove(a->str[0], &err);
    monitor_print_error(out, err);
}

HMP(chardev_send_break, "chardev-send-break", "id:s", "id", "send a break on chardev")
{
    Chardev *c = chardev_find(a->str[0]);

    if (c) {
        chardev_send_break(c);
    } else {
        g_string_append_printf(out, "Error: Chardev '%s' not found\n", a->str[0]);
    }
}

HMP(ringbuf_write, "ringbuf_write", "device:s data:s", "device data", "Write to a ring buffer character device")
{
    g_autoptr(GError) err = NULL;

    chardev_ringbuf_write(a->str[0], a->str[1], strlen(a->str[1]), &err);
    monitor_print_error(out, err);
}

HMP(ringbuf_read, "ringbuf_read", "device:s size:l", "device size", "Read from a ring buffer character device")
{
    g_autoptr(GError) err = NULL;
    g_autoptr(GByteArray) bytes = chardev_ringbuf_read(a->str[0], a->num[1], &err);

    if (!bytes) {
        g_string_append_printf(out, "Error: %s\n", err->message);
        return;
    }
    g_autofree char *text = chardev_ringbuf_text(bytes);
    for (const char *p = text; *p; p++) {
        if (*p == '\\') {
            g_string_append(out, "\\\\");
        } else if (((unsigned char)*p < 0x20 && *p != '\n' && *p != '\t') || *p == 0x7f) {
            g_string_append_printf(out, "\\u%04X", *p);
        } else {
            g_string_append_c(out, *p);
        }
    }
    g_string_append_c(out, '\n');
}

/* ---- info ---- */

#define NO_CPU "No CPU available\n"        /* the machine `none` may have none */

static void dump(PowerPCCPU *cpu, void *out)
{
    g_string_append_printf(out, "\nCPU#%d\n", cpu->index);
    ppc_cpu_dump(cpu, true, out);
}

HMP_INFO(registers, "registers", "-a vcpu:l?", "[-a|vcpu]", "show the cpu registers (-a: show register info for all cpus;"
         " vcpu: specific vCPU to query; show the current CPU's registers if no argument is specified)")
{
    PowerPCCPU *cpu;

    if (HMP_FLAG(a, 'a')) {
        CPU_FOREACH(cpu) {
            run_on_cpu(cpu, dump, out);
        }
        return;
    }
    cpu = a->given[0] ? ppc_cpu_get(a->num[0]) : monitor_cpu(m);
    if (cpu) {
        run_on_cpu(cpu, dump, out);
    } else if (a->given[0]) {
        g_string_append_printf(out, "CPU#%d not available\n", (int)a->num[0]);
    } else {
        g_string_append(out, NO_CPU);
    }
}

HMP_INFO(status, "status", "", "", "show the current VM status (running|paused)")
{
    const char *state = runstate_name();

    g_string_append_printf(out, "VM status: %s", runstate_is_running() ? "running" : "paused");
    if (tcg_options.one_insn_per_tb) {
        g_string_append(out, " (single step mode)");
    }
    if (strcmp(state, "running") && strcmp(state, "paused")) {
        g_string_append_printf(out, " (%s)", state);
    }
    g_string_append_c(out, '\n');
}

HMP_INFO(cpus, "cpus", "", "", "show infos for each CPU")
{
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        g_string_append_printf(out, "%c CPU #%d: thread_id=%d\n", cpu == monitor_cpu(m) ? '*' : ' ', cpu->index, cpu->host_tid);
    }
}

HMP_INFO(mtree, "mtree", "-f", "[-f]", "show memory tree (-f: dump flat view for address spaces)")
{
    memory_print_map(out, HMP_FLAG(a, 'f'));
}

static void dump_tlb(PowerPCCPU *cpu, void *out)
{
    ppc_dump_slb(cpu, out);
}

HMP_INFO(tlb, "tlb", "", "", "show virtual to physical memory mappings")
{
    if (monitor_cpu(m)) {
        run_on_cpu(monitor_cpu(m), dump_tlb, out);
    } else {
        g_string_append(out, NO_CPU);
    }
}

HMP_INFO(version, "version", "", "", "show the version of QEMU")
{
    g_string_append(out, "7.2.22 (independent " PROJECT_VERSION ")\n");
}

HMP_INFO(jit, "jit", "", "", "show dynamic compiler info") { tcg_dump_stats(out); }
HMP_INFO(opcount, "opcount", "", "", "show how often each instruction was translated") { tcg_dump_opcount(out); }
HMP_INFO(roms, "roms", "", "", "show roms") { loader_print_roms(out); }
HMP_INFO(history, "history", "", "", "show the command line history") { monitor_print_history(m, out); }
HMP_INFO(qtree, "qtree", "", "", "show device tree") { bus_print_tree(out); }

HMP_INFO(qom_tree, "qom-tree", "path:s?", "[path]", "show QOM composition tree")
{
    Object *o = object_resolve(a->str[0] ? a->str[0] : "/machine");

    if (!o) {
        g_string_append_printf(out, "Path '%s' could not be resolved.\n", a->str[0]);
        return;
    }
    object_print_tree(o, out);
}

HMP_INFO(chardev, "chardev", "", "", "show the character devices")
{
    for (guint i = 0; chardev_nth(i); i++) {
        g_string_append_printf(out, "%s: filename=", chardev_id(chardev_nth(i)));
        chardev_describe(chardev_nth(i), out);
        g_string_append_c(out, '\n');
    }
}

HMP_INFO(name, "name", "", "", "show the current VM name")
{
    if (runstate_guest_name) {
        g_string_append_printf(out, "%s\n", runstate_guest_name);
    }
}

HMP_INFO(uuid, "uuid", "", "", "show the current VM UUID")
{
    g_string_append_printf(out, "%s\n", runstate_guest_uuid ? runstate_guest_uuid : "00000000-0000-0000-0000-000000000000");
}

HMP_INFO(kvm, "kvm", "", "", "show KVM information") { g_string_append(out, "kvm support: not compiled\n"); }

HMP_INFO(ramblock, "ramblock", "", "", "Display system ramblock information")
{
    g_string_append_printf(out, "%24s %8s  %18s %18s %18s\n", "Block Name", "PSize", "Offset", "Used", "Total");
    for MEMORY_BLOCKS(b) {
        g_string_append_printf(out, "%24s %8s  0x%016" PRIx64 " 0x%016" PRIx64 " 0x%016" PRIx64 "\n", b->name, "4 KiB", b->offset, b->size, b->size);
    }
}
