/*
 * What each packet does.
 *
 * What cannot be read as the packet it begins as is answered like an unknown one, with an empty packet; one that lacks a part, or
 * asks for what there is not, with an error.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/accel.h"
#include "accel/tcg/breakpoint.h"
#include "gdbstub/gdb-int.h"
#include "system/memory.h"
#include "system/report.h"
#include "system/runstate.h"
#include <string.h>

/* ---- running ---- */

static void stop_reason(const char *args)
{
    breakpoints_clear();        /* a client asks this first, and knows of none yet */
    gdb_reply_stop(GDB_SIGTRAP);
}

/* c and s may say where to go on. */
static bool go_on_at(const char *args)
{
    uint64_t pc;

    if (!*args) {
        return true;
    }
    if (!gdb_parse_number(&args, &pc) || *args) {
        gdb_reply_unsupported();
        return false;
    }
    gdb.cpu_c->nip = pc;
    return true;
}

static void cont(const char *args)
{
    if (go_on_at(args)) {
        gdb_resume();
    }
}

static void step(const char *args)
{
    if (go_on_at(args)) {
        gdb_step(gdb.cpu_c);
        gdb_resume();
    }
}

static void cont_with_signal(const char *args)
{
    uint64_t signal;

    if (!gdb_parse_number(&args, &signal)) {
        gdb_reply_unsupported();
    } else {
        gdb_resume();           /* a machine has no use for signals */
    }
}

/* vCont;ACTION[:THREAD]...: the first that names a thread, or all, is its; a thread that none names stands still. */
static void vcont(const char *args)
{
    enum { NOTHING, CONT, STEP };
    g_autofree uint8_t *action = g_new0(uint8_t, ppc_cpus->len);
    PowerPCCPU *cpu, *one = NULL;
    uint64_t signal;

    if (!*args) {
        gdb_reply_error(GDB_EINVAL);
        return;
    }
    while (*args) {
        gdb_parse_char(&args, ';');
        char what = *args ? *args++ : 0;
        uint8_t does = g_ascii_tolower(what) == 'c' ? CONT : g_ascii_tolower(what) == 's' ? STEP : NOTHING;
        if (!does || (g_ascii_isupper(what) && !gdb_parse_number(&args, &signal))) {
            gdb_reply_unsupported();
            return;
        }
        GdbThreads which = gdb_parse_char(&args, ':') ? gdb_parse_thread(&args, &one) : GDB_THREAD_ALL;
        if (which == GDB_THREAD_BAD || (*args && *args != ';')) {
            gdb_reply_error(GDB_EINVAL);
            return;
        }
        CPU_FOREACH(cpu) {
            if (!action[cpu_i] && (which == GDB_THREAD_ALL || cpu == one)) {
                action[cpu_i] = does;
            }
        }
    }
    CPU_FOREACH(cpu) {
        cpu->debug.held = action[cpu_i] == NOTHING;
        if (action[cpu_i] == STEP) {
            gdb_step(cpu);
        }
    }
    gdb_resume();
}

static void vcont_actions(const char *args) { gdb_reply("vCont;c;C;s;S"); }

static void vattach(const char *args)
{
    uint64_t pid;

    if (!gdb_parse_number(&args, &pid)) {
        gdb_reply_unsupported();
    } else if (pid != 1) {
        gdb_reply_error(GDB_EINVAL);
    } else {
        gdb_attach();
        gdb_reply_stop(GDB_SIGTRAP);
    }
}

static void detach(const char *args)
{
    uint64_t pid = 1;

    if (gdb_parse_char(&args, ';') ? !gdb_parse_number(&args, &pid) || pid != 1 : gdb.multiprocess) {
        gdb_reply_error(GDB_EINVAL);
        return;
    }
    breakpoints_clear();
    gdb.attached = false;
    gdb_reply("OK");
    if (runstate_now() != RUN_SHUTDOWN) {
        gdb_resume();
    }
}

static void kill_machine(const char *args)
{
    report_error("QEMU: Terminated via GDBstub");
    runstate_quit(SHUTDOWN_NONE, 0);
}

static void vkill(const char *args)
{
    gdb_reply("OK");
    kill_machine(args);
}

static void extended(const char *args) { gdb_reply("OK"); }

/* ---- threads ---- */

static void choose_thread(const char *args)
{
    char which = *args ? *args++ : 0;
    PowerPCCPU *cpu = NULL;
    GdbThreads t = gdb_parse_thread(&args, &cpu);

    if (t == GDB_THREAD_BAD || *args || (which != 'c' && which != 'g')) {
        gdb_reply_error(GDB_EINVAL);
        return;
    }
    if (t == GDB_THREAD_ONE) {
        *(which == 'c' ? &gdb.cpu_c : &gdb.cpu_g) = cpu;
    }
    gdb_reply("OK");
}

static void thread_alive(const char *args)
{
    PowerPCCPU *cpu;

    if (gdb_parse_thread(&args, &cpu) == GDB_THREAD_ONE && !*args) {
        gdb_reply("OK");
    } else {
        gdb_reply_error(GDB_EINVAL);
    }
}

/* ---- registers ---- */

static void read_registers(const char *args)
{
    g_autoptr(GString) s = g_string_new(NULL);

    for (unsigned i = 0; i < GDB_CORE_REGISTERS; i++) {
        gdb_register_read(gdb.cpu_g, i, s);
    }
    gdb_reply_data(s->str, s->len);
}

static void write_registers(const char *args)
{
    if (gdb_registers_write(gdb.cpu_g, args)) {
        gdb_reply("OK");
    } else {
        gdb_reply_error(GDB_EINVAL);
    }
}

/* Numbers mean something to a client only that has read the description. */
static void read_register(const char *args)
{
    g_autoptr(GString) s = g_string_new(NULL);
    uint64_t n;

    if (!gdb.has_xml) {
        gdb_reply_unsupported();
    } else if (!*args) {
        gdb_reply_error(GDB_EFAULT);
    } else if (!gdb_parse_number(&args, &n) || *args) {
        gdb_reply_unsupported();
    } else if (!gdb_register_read(gdb.cpu_g, n, s) || !s->len) {
        gdb_reply_error(GDB_EFAULT);
    } else {
        gdb_reply_data(s->str, s->len);
    }
}

static void write_register(const char *args)
{
    uint64_t n;

    if (!gdb.has_xml || !gdb_parse_number(&args, &n)) {
        gdb_reply_unsupported();
        return;
    }
    GdbRegResult r = gdb_parse_char(&args, '=') ? gdb_register_write(gdb.cpu_g, n, args) : GDB_REG_BAD_VALUE;
    if (r == GDB_REG_OK) {
        gdb_reply("OK");
    } else {
        gdb_reply_error(r == GDB_REG_MISSING ? GDB_EFAULT : GDB_EINVAL);
    }
}

/* ---- memory ---- */

static bool access_memory(uint64_t addr, uint8_t *buf, size_t len, bool write)
{
    if (gdb.physical) {
        return write ? memory_write(addr, buf, len) : memory_read(addr, buf, len);
    }
    return cpu_memory_rw_debug(gdb.cpu_g, addr, buf, len, write) == 0;
}

/* ADDR,LENGTH; false: has been answered. */
static bool parse_range(const char **p, uint64_t *addr, uint64_t *len)
{
    if (!strchr(*p, ',')) {
        gdb_reply_error(GDB_EINVAL);
        return false;
    }
    if (!gdb_parse_number(p, addr) || !gdb_parse_char(p, ',') || !gdb_parse_number(p, len)) {
        gdb_reply_unsupported();
        return false;
    }
    return true;
}

static void read_memory(const char *args)
{
    uint8_t buf[GDB_PACKET_MAX / 2];
    uint64_t addr, len;

    if (!parse_range(&args, &addr, &len)) {
        return;
    }
    if (len > sizeof(buf)) {
        gdb_reply_error(GDB_EINVAL);
    } else if (!access_memory(addr, buf, len, false)) {
        gdb_reply_error(GDB_EFAULT);
    } else {
        g_autoptr(GString) s = g_string_new(NULL);
        gdb_append_hex(s, buf, len);
        gdb_reply_data(s->str, s->len);
    }
}

static void write_memory(const char *args)
{
    uint8_t buf[GDB_PACKET_MAX / 2];
    uint64_t addr, len;

    if (!parse_range(&args, &addr, &len)) {
        return;
    }
    if (len > sizeof(buf) || !gdb_parse_char(&args, ':') || strlen(args) < 2 * len || !gdb_parse_bytes(args, buf, len)) {
        gdb_reply_error(GDB_EINVAL);
    } else if (!access_memory(addr, buf, len, true)) {
        gdb_reply_error(GDB_EFAULT);
    } else {
        gdb_reply("OK");
    }
}

/* ---- breakpoints ---- */

static bool set_point(uint64_t type, uint64_t addr, uint64_t len)
{
    if (type < 2) {
        breakpoint_insert(addr);
        return true;
    }
    return watchpoint_insert(addr, len, WATCH_WRITE + (type - 2));
}

static bool remove_point(uint64_t type, uint64_t addr, uint64_t len)
{
    return type < 2 ? breakpoint_remove(addr) : watchpoint_remove(addr, len, WATCH_WRITE + (type - 2));
}

/* TYPE,ADDR,LENGTH; types are 0 and 1 breakpoints (one as good as the other here), 2 write, 3 read, 4 access watchpoints. */
static void point(const char *args, bool (*fn)(uint64_t type, uint64_t addr, uint64_t len))
{
    uint64_t type, addr, len;
    const char *comma = strchr(args, ',');

    if (!comma || !strchr(comma + 1, ',')) {
        gdb_reply_error(GDB_EINVAL);
    } else if (!gdb_parse_number(&args, &type) || !gdb_parse_char(&args, ',') || !gdb_parse_number(&args, &addr)
               || !gdb_parse_char(&args, ',') || !gdb_parse_number(&args, &len) || *args || type > 4 || !accel->runs_guest) {
        gdb_reply_unsupported();
    } else if (fn(type, addr, len)) {
        gdb_reply("OK");
    } else {
        gdb_reply_error(GDB_EINVAL);
    }
}

static void set_breakpoint(const char *args) { point(args, set_point); }
static void remove_breakpoint(const char *args) { point(args, remove_point); }

/* ---- the table ---- */

static const GdbRow rows[] = {
    { "?", true, stop_reason },
    { "!", true, extended },
    { "c", false, cont },
    { "C", false, cont_with_signal },
    { "s", false, step },
    { "vCont?", true, vcont_actions },
    { "vCont", false, vcont },
    { "vAttach;", false, vattach },
    { "vKill;", false, vkill },
    { "D", false, detach },
    { "k", false, kill_machine },
    { "H", false, choose_thread },
    { "T", false, thread_alive },
    { "g", true, read_registers },
    { "G", false, write_registers },
    { "p", false, read_register },
    { "P", false, write_register },
    { "m", false, read_memory },
    { "M", false, write_memory },
    { "Z", false, set_breakpoint },
    { "z", false, remove_breakpoint },
};

void gdb_dispatch(const GdbRow *row, unsigned count, const char *packet)
{
    for (; count; row++, count--) {
        size_t n = strlen(row->begins);
        if (!strncmp(packet, row->begins, n) && (!row->whole || !packet[n])) {
            row->fn(packet + n);
            return;
        }
    }
    gdb_reply_unsupported();
}

void gdb_command(const char *packet)
{
    if (*packet == 'q' || *packet == 'Q') {
        gdb_query(packet);
    } else {
        gdb_dispatch(rows, G_N_ELEMENTS(rows), packet);
    }
}
