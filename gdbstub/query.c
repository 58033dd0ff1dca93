/*
 * Queries: packets that begin with q, and Q, which sets what the other asks for. Those of QEMU's own have qemu in their names.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "gdbstub/gdb-int.h"
#include "system/runstate.h"
#include <string.h>

static void supported(const char *args)
{
    if (strstr(args, "multiprocess+")) {
        gdb.multiprocess = true;
    }
    gdb_reply("PacketSize=%x;qXfer:features:read+;vContSupported+;multiprocess+", GDB_PACKET_MAX);
}

/* ---- threads ---- */

static void current_thread(const char *args)
{
    g_autoptr(GString) s = g_string_new("QC");

    gdb_append_thread(s, ppc_cpu_get(0));
    gdb_reply_data(s->str, s->len);
}

static void next_thread(const char *args)
{
    g_autoptr(GString) s = g_string_new("m");

    if (gdb.next_thread >= ppc_cpus->len) {
        gdb_reply("l");
        return;
    }
    gdb_append_thread(s, g_ptr_array_index(ppc_cpus, gdb.next_thread++));
    gdb_reply_data(s->str, s->len);
}

static void first_thread(const char *args)
{
    gdb.next_thread = 0;
    next_thread(args);
}

static void thread_info(const char *args)
{
    PowerPCCPU *cpu;

    if (gdb_parse_thread(&args, &cpu) != GDB_THREAD_ONE || *args) {
        gdb_reply_error(GDB_EINVAL);
        return;
    }
    g_autofree char *text = g_strdup_printf("CPU#%d [%s]", cpu->index, cpu->halted || cpu->powered_off ? "halted " : "running");
    g_autoptr(GString) s = g_string_new(NULL);
    gdb_append_hex(s, text, strlen(text));
    gdb_reply_data(s->str, s->len);
}

static void is_attached(const char *args) { gdb_reply("1"); }

/* ---- the description of registers: FILE:OFFSET,LENGTH ---- */

static void read_features(const char *args)
{
    const char *colon = strchr(args, ':'), *p = colon ? colon + 1 : NULL;
    uint64_t offset, len;

    if (!colon || !strchr(p, ',')) {
        gdb_reply_error(GDB_EINVAL);
        return;
    }
    if (!gdb_parse_number(&p, &offset) || !gdb_parse_char(&p, ',') || !gdb_parse_number(&p, &len) || *p) {
        gdb_reply_unsupported();
        return;
    }
    gdb.has_xml = true;
    g_autofree char *file = g_strndup(args, colon - args);
    GString *text = gdb_description(gdb.cpu_g->model, file);
    if (!text || offset > text->len) {
        gdb_reply_error(0);
    } else {
        len = MIN(len, (GDB_PACKET_MAX - 5) / 2);
        bool more = text->len - offset > len;
        g_autoptr(GString) s = g_string_new(more ? "m" : "l");
        g_string_append_len(s, text->str + offset, MIN(len, text->len - offset));
        gdb_reply_data(s->str, s->len);
    }
    if (text) {
        g_string_free(text, TRUE);
    }
}

/* ---- monitor commands ---- */

/* What one prints goes to the user a line at a time, each as much as a packet holds. */
static void print_lines(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **l = lines; *l; l++) {
        if (!l[1] && !**l) {
            break;
        }
        g_autofree char *line = g_strconcat(*l, l[1] ? "\r\n" : "", NULL);
        const gsize most = (GDB_PACKET_MAX - 5) / 2, len = strlen(line);
        for (gsize at = 0; at < len; at += most) {
            g_autoptr(GString) s = g_string_new("O");
            gdb_append_hex(s, line + at, MIN(most, len - at));
            gdb_reply_data(s->str, s->len);
        }
    }
}

static void run_command(const char *args)
{
    gsize len = strlen(args) / 2;
    g_autofree char *line = g_malloc0(len + 1);
    g_autoptr(GString) out = g_string_new(NULL);

    if (!*args) {
        gdb_reply_error(GDB_EINVAL);
        return;
    }
    if (strlen(args) & 1 || !gdb_parse_bytes(args, (uint8_t *)line, len)) {
        gdb_reply("E01");
        return;
    }
    gdb_run_command(line, out);
    print_lines(out->str);
    gdb_reply("OK");
}

/* ---- QEMU's own ---- */

static void qemu_supported(const char *args) { gdb_reply("sstepbits;sstep;PhyMemMode"); }

static void sstep_bits(const char *args)
{
    gdb_reply("ENABLE=%x,NOIRQ=%x,NOTIMER=%x", SSTEP_ENABLE, SSTEP_NOIRQ, SSTEP_NOTIMER);
}

static void sstep_get(const char *args) { gdb_reply("0x%x", gdb.sstep); }

static void sstep_set(const char *args)
{
    uint64_t v;

    if (g_str_has_prefix(args, "0x")) {
        args += 2;
    }
    if (!gdb_parse_number(&args, &v) || *args) {
        gdb_reply_unsupported();
    } else if (v & ~(uint64_t)SSTEP_ALL) {
        gdb_reply_error(GDB_EINVAL);
    } else {
        gdb.sstep = v;
        gdb_reply("OK");
    }
}

static void physical_get(const char *args) { gdb_reply("%d", gdb.physical); }

static void physical_set(const char *args)
{
    uint64_t v;

    if (!*args) {
        gdb_reply_error(GDB_EINVAL);
    } else if (!gdb_parse_number(&args, &v) || *args) {
        gdb_reply_unsupported();
    } else {
        gdb.physical = v != 0;
        gdb_reply("OK");
    }
}

/* ---- the table ---- */

static const GdbRow rows[] = {
    { "qSupported", false, supported },
    { "qC", true, current_thread },
    { "qfThreadInfo", true, first_thread },
    { "qsThreadInfo", true, next_thread },
    { "qThreadExtraInfo,", false, thread_info },
    { "qAttached", false, is_attached },
    { "qXfer:features:read:", false, read_features },
    { "qRcmd,", false, run_command },
    { "qqemu.Supported", true, qemu_supported },
    { "qqemu.sstepbits", true, sstep_bits },
    { "qqemu.sstep", true, sstep_get },
    { "qqemu.sstep=", false, sstep_set },
    { "Qqemu.sstep=", false, sstep_set },
    { "qqemu.PhyMemMode", true, physical_get },
    { "Qqemu.PhyMemMode:", false, physical_set },
};

void gdb_query(const char *packet)
{
    gdb_dispatch(rows, G_N_ELEMENTS(rows), packet);
}
