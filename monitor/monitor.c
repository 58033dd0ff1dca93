/*
 * See monitor.h. A command is a row; `info` has rows of its own.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/monitor.h"
#include "accel/tcg/tcg.h"
#include "system/cpus.h"
#include "system/log.h"
#include "system/memory.h"
#include "system/runstate.h"
#include "target/ppc/cpu.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct Command { const char *name, *args, *help; void (*fn)(char **argv, GString *out); } Command;

static int current_cpu;

static PowerPCCPU *cpu_now(void)
{
    return ppc_cpu_get(current_cpu);
}

static void dump(PowerPCCPU *cpu, void *out)
{
    ppc_cpu_dump(cpu, out);
}

static void info_registers(char **argv, GString *out)
{
    PowerPCCPU *cpu;

    if (argv[2] && !strcmp(argv[2], "-a")) {
        CPU_FOREACH(cpu) {
            g_string_append_printf(out, "\nCPU#%d\n", cpu->index);
            run_on_cpu(cpu, dump, out);
        }
        return;
    }
    run_on_cpu(cpu_now(), dump, out);
}

static void info_status(char **argv, GString *out)
{
    g_string_append_printf(out, "VM status: %s\n", runstate_name());
}

static void info_cpus(char **argv, GString *out)
{
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        g_string_append_printf(out, "%c CPU #%d: thread_id=%d%s\n", cpu->index == current_cpu ? '*' : ' ', cpu->index,
                               cpu->index, cpu->powered_off || cpu->halted ? " (halted)" : "");
    }
}

static void info_mtree(char **argv, GString *out)
{
    memory_print_map(out);
}

static void info_tlb(char **argv, GString *out)
{
    PowerPCCPU *cpu = cpu_now();

    g_string_append(out, "SLB\tESID\t\t\tVSID\n");
    for (unsigned i = 0; i < cpu->slb_nr; i++) {
        if (cpu->slb[i].esid || cpu->slb[i].vsid) {
            g_string_append_printf(out, "%d\t0x%016" PRIx64 "\t0x%016" PRIx64 "\n", i, cpu->slb[i].esid, cpu->slb[i].vsid);
        }
    }
}

static void info_version(char **argv, GString *out)
{
    g_string_append(out, "7.2.22 (independent " PROJECT_VERSION ")\n");
}

static void info_jit(char **argv, GString *out)
{
    tcg_dump_stats(out);
}

static const Command infos[] = {
    { "registers", "[-a]", "processor registers", info_registers },
    { "status", "", "whether the guest runs", info_status },
    { "cpus", "", "the processors", info_cpus },
    { "mtree", "", "the physical memory map", info_mtree },
    { "tlb", "", "the segment lookaside buffer", info_tlb },
    { "version", "", "the emulator's version", info_version },
    { "jit", "", "the translator's figures", info_jit },
};

static const Command *find(const Command *rows, unsigned n, const char *name)
{
    for (unsigned i = 0; i < n; i++) {
        if (!strcmp(rows[i].name, name)) {
            return &rows[i];
        }
    }
    return NULL;
}

static void cmd_info(char **argv, GString *out)
{
    const Command *c = argv[1] ? find(infos, G_N_ELEMENTS(infos), argv[1]) : NULL;

    if (c) {
        c->fn(argv, out);
        return;
    }
    if (argv[1]) {
        g_string_append_printf(out, "unknown command: 'info %s'\n", argv[1]);
        return;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(infos); i++) {
        g_string_append_printf(out, "info %s %s -- %s\n", infos[i].name, infos[i].args, infos[i].help);
    }
}

static void cmd_stop(char **argv, GString *out) { runstate_stop(RUN_PAUSED); }
static void cmd_cont(char **argv, GString *out) { runstate_start(); }
static void cmd_reset(char **argv, GString *out) { runstate_request_reset(false); }
static void cmd_quit(char **argv, GString *out) { runstate_quit(0); }

static void cmd_cpu(char **argv, GString *out)
{
    int n = argv[1] ? atoi(argv[1]) : -1;

    if (!ppc_cpu_get(n)) {
        g_string_append(out, "invalid CPU index\n");
        return;
    }
    current_cpu = n;
}

static void cmd_log(char **argv, GString *out)
{
    g_autoptr(GError) err = NULL;

    if (!argv[1] || !log_set(argv[1], &err)) {
        g_string_append_printf(out, "%s\n", err ? err->message : "log: which items?");
    }
}

/* x and xp: /NUMBER FORMAT SIZE, as in gdb */
static void examine(char **argv, GString *out, bool physical)
{
    unsigned count = 1, size = 4;
    char format = 'x';
    char **arg = argv + 1;

    if (*arg && **arg == '/') {
        char *p = *arg++ + 1;
        if (g_ascii_isdigit(*p)) {
            count = MIN(strtoul(p, &p, 10), 65536);
        }
        for (; *p; p++) {
            const char *sizes = "bhwg", *s = strchr(sizes, *p);
            if (s) {
                size = 1 << (s - sizes);
            } else if (strchr("xduoc", *p)) {
                format = *p;
            }
        }
    }
    if (!*arg) {
        g_string_append(out, "an address is needed\n");
        return;
    }
    uint64_t addr = g_ascii_strtoull(*arg, NULL, 0);
    unsigned per_line = size == 8 ? 2 : size == 4 ? 4 : 8;
    for (unsigned i = 0; i < count; i++, addr += size) {
        uint8_t b[8];
        bool ok = physical ? memory_read(addr, b, size) : cpu_memory_rw_debug(cpu_now(), addr, b, size, false) == 0;
        if (!ok) {
            g_string_append_printf(out, "%sCannot access memory\n", i % per_line ? "\n" : "");
            return;
        }
        uint64_t v = 0;
        bool le = cpu_now()->msr & MSR_LE;
        for (unsigned k = 0; k < size; k++) {
            v |= (uint64_t)b[k] << 8 * (le ? k : size - 1 - k);
        }
        if (i % per_line == 0) {
            g_string_append_printf(out, "%016" PRIx64 ":", addr);
        }
        if (format == 'd') {
            g_string_append_printf(out, " %" PRId64, (int64_t)(v << (64 - 8 * size)) >> (64 - 8 * size));
        } else if (format == 'u') {
            g_string_append_printf(out, " %" PRIu64, v);
        } else if (format == 'o') {
            g_string_append_printf(out, " 0%" PRIo64, v);
        } else if (format == 'c') {
            g_string_append_printf(out, " '%c'", g_ascii_isprint(v) ? (char)v : '.');
        } else {
            g_string_append_printf(out, " 0x%0*" PRIx64, (int)size * 2, v);
        }
        if (i % per_line == per_line - 1 || i == count - 1) {
            g_string_append_c(out, '\n');
        }
    }
}

static void cmd_x(char **argv, GString *out) { examine(argv, out, false); }
static void cmd_xp(char **argv, GString *out) { examine(argv, out, true); }
static void cmd_help(char **argv, GString *out);

static const Command commands[] = {
    { "help", "", "this list", cmd_help },
    { "info", "[what]", "show something", cmd_info },
    { "stop", "", "stop the guest", cmd_stop },
    { "cont", "", "let it go on", cmd_cont },
    { "c", "", "same as cont", cmd_cont },
    { "system_reset", "", "reset the machine", cmd_reset },
    { "quit", "", "end the emulator", cmd_quit },
    { "q", "", "same as quit", cmd_quit },
    { "cpu", "index", "the processor that info and x look at", cmd_cpu },
    { "log", "item,...", "what to log", cmd_log },
    { "x", "/fmt addr", "guest memory at an effective address", cmd_x },
    { "xp", "/fmt addr", "guest memory at a real address", cmd_xp },
};

static void cmd_help(char **argv, GString *out)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++) {
        g_string_append_printf(out, "%s %s -- %s\n", commands[i].name, commands[i].args, commands[i].help);
    }
}

void monitor_execute(const char *line, GString *out)
{
    g_autofree char *spaced = g_strdup(line);
    g_auto(GStrv) raw = NULL;
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    char *slash = strchr(spaced, '/');

    /* "x/4xw" is "x /4xw" */
    g_autofree char *split = slash && slash > spaced && slash[-1] != ' '
        ? g_strdup_printf("%.*s %s", (int)(slash - spaced), spaced, slash) : NULL;
    raw = g_strsplit_set(split ? split : spaced, " \t", -1);
    for (char **w = raw; *w; w++) {
        if (**w) {
            g_ptr_array_add(argv, *w);
        }
    }
    if (!argv->len) {
        return;
    }
    g_ptr_array_add(argv, NULL);
    g_ptr_array_add(argv, NULL);
    char **v = (char **)argv->pdata;
    const Command *c = find(commands, G_N_ELEMENTS(commands), v[0]);
    if (!c) {
        g_string_append_printf(out, "unknown command: '%s'\n", v[0]);
        return;
    }
    c->fn(v, out);
}

/* ---- the terminal ---- */

typedef struct Monitor {
    Chardev *chr;
    GString *line;
    bool greeted;
} Monitor;

static void say(Monitor *m, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **l = lines; *l; l++) {
        chardev_write(m->chr, *l, strlen(*l));
        if (l[1]) {
            chardev_write(m->chr, "\r\n", 2);
        }
    }
}

static void receive(void *opaque, const uint8_t *buf, int len)
{
    Monitor *m = opaque;

    for (int i = 0; i < len; i++) {
        if (buf[i] == '\r' || buf[i] == '\n') {
            g_autoptr(GString) out = g_string_new("\n");
            monitor_execute(m->line->str, out);
            g_string_append(out, "(qemu) ");
            say(m, out->str);
            g_string_truncate(m->line, 0);
        } else if ((buf[i] == 8 || buf[i] == 127) && m->line->len) {
            g_string_truncate(m->line, m->line->len - 1);
            chardev_write(m->chr, "\b \b", 3);
        } else if (buf[i] == 21) {          /* Ctrl-U */
            g_string_truncate(m->line, 0);
            say(m, "\r\033[K(qemu) ");
        } else if (buf[i] >= 32 && m->line->len < 1024) {
            g_string_append_c(m->line, buf[i]);
            chardev_write(m->chr, &buf[i], 1);
        }
    }
}

static const ChardevHandlers handlers = { NULL, receive };

void monitor_new(Chardev *chr)
{
    Monitor *m = g_new0(Monitor, 1);

    m->chr = chr;
    m->line = g_string_new(NULL);
    chardev_attach(chr, &handlers, m);
    say(m, "QEMU 7.2.22 monitor - type 'help' for more information\n(qemu) ");
}
