/*
 * See qtest.h. The protocol is lines: a request, words with one space between; its answer, "OK ...", or "FAIL ..." and why;
 * and at any time "IRQ raise N" or "IRQ lower N". A command is one row of commands[].
 *
 * Answers are those of QEMU 7.2. It ends itself on a request with too few words or a word that is no number; here that is
 * a FAIL as well. Interrupt lines that can be watched: see peer-differences.rst.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/qtest.h"
#include "accel/accel.h"
#include "hw/core/device.h"
#include "hw/ppc/spapr.h"
#include "system/clock.h"
#include "system/memory.h"
#include "system/report.h"
#include "system/runstate.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BYTES_MAX (64u << 20)               /* of memory in one request */
#define LINE_MAX_BYTES (2 * BYTES_MAX + 256)
#define CLOCK_MAX (INT64_MAX / 4)           /* as a saved machine may have it at most */

static Chardev *chr;
static FILE *log_file;
static gint64 opened_at;                    /* -1: nobody was here yet */
static GString *line;
static bool skipping;                       /* the rest of a line that is too long */
static Device *watched;
static GHashTable *levels;                  /* the watched device's lines that are up */

/* ---- log ---- */

static void G_GNUC_PRINTF(2, 3) log_line(char kind, const char *fmt, ...)
{
    va_list ap;

    if (!log_file) {
        return;
    }
    if (opened_at < 0) {
        fprintf(log_file, "[%c 0.000000] ", kind);
    } else {
        fprintf(log_file, "[%c +%.6f] ", kind, (g_get_monotonic_time() - opened_at) / 1e6);
    }
    va_start(ap, fmt);
    vfprintf(log_file, fmt, ap);
    va_end(ap);
    fputc('\n', log_file);
}

static void say(const char *text)
{
    log_line('S', "%s", text);
    g_autofree char *whole = g_strconcat(text, "\n", NULL);
    chardev_write(chr, whole, strlen(whole));
}

/* ---- words ---- */

static bool number(const char *word, uint64_t max, uint64_t *out, GError **err)
{
    char *end;

    errno = 0;
    *out = g_ascii_strtoull(word, &end, 0);
    if (end == word || *end || errno) {
        return report_fail(err, "'%s' is not a number of up to 64 bits", word);
    }
    return *out <= max || report_fail(err, "%s is too much: at most 0x%" PRIx64 " is possible", word, max);
}

static int hex_digit(char c)
{
    return g_ascii_isxdigit(c) ? g_ascii_xdigit_value(c) : -1;
}

/* ---- memory ---- */

/* The largest access that is aligned and within what is left. */
static unsigned access_size(uint64_t at, uint64_t left)
{
    unsigned size = 8;

    while (size > left || at & (size - 1)) {
        size /= 2;
    }
    return size;
}

static void read_bytes(uint64_t at, uint8_t *buf, uint64_t len)
{
    if (memory_read(at, buf, len)) {
        return;
    }
    for (unsigned n; len; at += n, buf += n, len -= n) {
        uint64_t v;
        n = access_size(at, len);
        if (!memory_read(at, buf, n)) {
            memory_io_read(at, n, true, &v);
            v = GUINT64_TO_BE(v << (64 - 8 * n));
            memcpy(buf, &v, n);
        }
    }
}

static void write_bytes(uint64_t at, const uint8_t *buf, uint64_t len)
{
    if (memory_write(at, buf, len)) {
        return;
    }
    for (unsigned n; len; at += n, buf += n, len -= n) {
        n = access_size(at, len);
        if (!memory_write(at, buf, n)) {
            uint64_t v = 0;
            memcpy(&v, buf, n);
            memory_io_write(at, n, true, GUINT64_FROM_BE(v) >> (64 - 8 * n));
        }
    }
}

/* A load or store of `size` bytes as a big-endian processor does it. */
static bool do_load(char **w, unsigned size, GString *answer, GError **err)
{
    uint64_t at, v;

    if (!number(w[1], UINT64_MAX, &at, err)) {
        return false;
    }
    read_bytes(at, (uint8_t *)&v, size);
    g_string_append_printf(answer, " 0x%016" PRIx64, GUINT64_FROM_BE(v) >> (64 - 8 * size));
    return true;
}

static bool do_store(char **w, unsigned size, GString *answer, GError **err)
{
    uint64_t at, v;

    if (!number(w[1], UINT64_MAX, &at, err) || !number(w[2], UINT64_MAX, &v, err)) {
        return false;
    }
    v = GUINT64_TO_BE(v << (64 - 8 * size));
    write_bytes(at, (uint8_t *)&v, size);
    return true;
}

static bool range(char **w, uint64_t *at, uint64_t *len, GError **err)
{
    return number(w[1], UINT64_MAX, at, err) && number(w[2], BYTES_MAX, len, err);
}

static bool do_read(char **w, unsigned base64, GString *answer, GError **err)
{
    uint64_t at, len;

    if (!range(w, &at, &len, err)) {
        return false;
    }
    g_autofree uint8_t *buf = g_malloc0(len + 1);
    read_bytes(at, buf, len);
    if (base64) {
        g_autofree char *text = g_base64_encode(buf, len);
        g_string_append_printf(answer, " %s", text);
        return true;
    }
    if (!len) {
        return report_fail(err, "nothing to read: the length is 0");
    }
    g_string_append(answer, " 0x");
    for (uint64_t i = 0; i < len; i++) {
        g_string_append_c(answer, "0123456789abcdef"[buf[i] >> 4]);
        g_string_append_c(answer, "0123456789abcdef"[buf[i] & 15]);
    }
    return true;
}

/* Two digits a byte, after "0x"; what is missing is zero, and what is no digit counts as -1. */
static bool do_write(char **w, unsigned base64, GString *answer, GError **err)
{
    uint64_t at, len;
    gsize have = 0;

    if (!range(w, &at, &len, err)) {
        return false;
    }
    if (base64 ? !*w[3] : strlen(w[3]) < 3) {
        g_string_assign(answer, "ERR invalid argument size");
        return true;
    }
    if (base64) {
        g_autofree uint8_t *data = g_base64_decode(w[3], &have);
        if (have != len) {
            log_line('I', "b64write: data length mismatch (told %" PRIu64 ", found %zu)", len, have);
        }
        write_bytes(at, data, MIN(have, len));
        return true;
    }
    g_autofree uint8_t *buf = g_malloc0(len + 1);
    for (const char *p = w[3] + 2; have < len && p[0] && p[1]; p += 2) {
        int high = hex_digit(p[0]), low = hex_digit(p[1]);
        buf[have++] = high * 16 | low;
    }
    write_bytes(at, buf, len);
    return true;
}

static bool do_memset(char **w, unsigned variant, GString *answer, GError **err)
{
    uint64_t at, len, byte;

    if (!range(w, &at, &len, err) || !number(w[3], UINT64_MAX, &byte, err)) {
        return false;
    }
    g_autofree uint8_t *buf = g_malloc(len + 1);
    memset(buf, byte, len);
    write_bytes(at, buf, len);
    return true;
}

static bool do_endianness(char **w, unsigned variant, GString *answer, GError **err)
{
    g_string_append(answer, " big");        /* of the machine's bus, whatever its processors are set to */
    return true;
}

/* No port I/O on this processor: nobody answers, which reads as ones up to the end of the port space. */
static bool do_in(char **w, unsigned size, GString *answer, GError **err)
{
    uint64_t port;

    if (!number(w[1], UINT16_MAX, &port, err)) {
        return false;
    }
    unsigned beyond = port + size > 0x10000 ? port + size - 0x10000 : 0;
    g_string_append_printf(answer, " 0x%04x", (unsigned)(UINT64_MAX >> (64 - 8 * size)) >> 8 * beyond << 8 * beyond);
    return true;
}

static bool do_out(char **w, unsigned size, GString *answer, GError **err)
{
    uint64_t port, v;

    return number(w[1], UINT16_MAX, &port, err) && number(w[2], UINT64_MAX, &v, err);
}

/* ---- clock ---- */

/* Timers that fall due on the way fire at their time. While the machine stands still they wait until it goes on. */
static void clock_go_to(int64_t ns)
{
    for (int64_t now; (now = clock_virtual_ns()) < ns;) {
        int64_t next = runstate_is_running() ? MIN(clock_next_deadline_ns(), ns) : ns;
        clock_advance(MAX(next - now, 0));
        timers_run();
    }
}

static bool do_clock_step(char **w, unsigned variant, GString *answer, GError **err)
{
    int64_t now = clock_virtual_ns(), deadline = runstate_is_running() ? clock_next_deadline_ns() : INT64_MAX;
    uint64_t ns = deadline == INT64_MAX ? 0 : MAX(deadline - now, 0);

    if (w[1] && !number(w[1], CLOCK_MAX - now, &ns, err)) {
        return false;
    }
    clock_go_to(now + ns);
    timers_run();
    g_string_append_printf(answer, " %" PRId64, clock_virtual_ns());
    return true;
}

static bool do_clock_set(char **w, unsigned variant, GString *answer, GError **err)
{
    uint64_t ns;

    if (!number(w[1], CLOCK_MAX, &ns, err)) {
        return false;
    }
    clock_go_to(ns);
    g_string_append_printf(answer, " %" PRId64, clock_virtual_ns());
    return true;
}

/* ---- interrupt lines ---- */

static Device *find_device(const char *path, GError **err)
{
    Object *o = object_resolve(path);

    if (!o || !object_type_is(o->type, "device")) {
        report_fail(err, "Unknown device");
        return NULL;
    }
    return (Device *)o;
}

static void line_changed(unsigned n, bool level)
{
    g_autofree char *text = g_strdup_printf("IRQ %s %u", level ? "raise" : "lower", n);

    if (level ? g_hash_table_add(levels, GUINT_TO_POINTER(n)) : g_hash_table_remove(levels, GUINT_TO_POINTER(n))) {
        say(text);
    }
}

static bool do_irq_intercept(char **w, unsigned outputs, GString *answer, GError **err)
{
    Device *d = find_device(w[1], err);

    if (!d) {
        return false;
    }
    if (watched) {
        return d == watched || report_fail(err, "IRQ intercept already enabled");
    }
    watched = d;
    if (d->inputs && !outputs) {        /* no device of these machines has outputs with a name or number */
        d->inputs->watch = line_changed;
    }
    return true;
}

static bool do_set_irq_in(char **w, unsigned variant, GString *answer, GError **err)
{
    Device *d = find_device(w[1], err);
    uint64_t n, level;

    if (!d || !number(w[3], UINT64_MAX, &n, err) || !number(w[4], UINT64_MAX, &level, err)) {
        return false;
    }
    if (strcmp(w[2], "unnamed-gpio-in") || !d->inputs || n >= d->inputs->count) {
        return report_fail(err, "%s has %u interrupt inputs, 'unnamed-gpio-in' from 0 on: '%s' %s is none of them", w[1],
                           d->inputs ? d->inputs->count : 0, w[2], w[3]);
    }
    Irq irq = device_input(d, n);
    irq_set(&irq, level);
    return true;
}

/* ---- the machine ---- */

/* rtas NAME arguments where results where: the answer is the hypercall's, which fails for a name that there is not. */
static bool do_rtas(char **w, unsigned variant, GString *answer, GError **err)
{
    uint64_t n[4];

    for (unsigned i = 0; i < 4; i++) {
        if (!number(w[2 + i], UINT64_MAX, &n[i], err)) {
            return false;
        }
    }
    RtasCall c = { .nargs = n[0], .args = n[1], .nret = n[2], .rets = n[3] };
    bool known = spapr && spapr_rtas_call_named(ppc_cpu_get(0), spapr, w[1], &c);
    g_string_append_printf(answer, " %" PRIu64, known ? (uint64_t)H_SUCCESS : (uint64_t)H_PARAMETER);
    return true;
}

static bool do_module_load(char **w, unsigned variant, GString *answer, GError **err)
{
    g_string_assign(answer, "FAIL");        /* there are no modules */
    return true;
}

/* ---- requests ---- */

static const struct {
    const char *name;
    unsigned words;             /* at least, after the name */
    bool (*fn)(char **w, unsigned variant, GString *answer, GError **err);
    unsigned variant;
    bool clock;                 /* only where the clock is the client's */
} commands[] = {
    { "readb", 1, do_load, 1 }, { "readw", 1, do_load, 2 }, { "readl", 1, do_load, 4 }, { "readq", 1, do_load, 8 },
    { "writeb", 2, do_store, 1 }, { "writew", 2, do_store, 2 }, { "writel", 2, do_store, 4 }, { "writeq", 2, do_store, 8 },
    { "read", 2, do_read }, { "b64read", 2, do_read, 1 }, { "write", 3, do_write }, { "b64write", 3, do_write, 1 },
    { "memset", 3, do_memset },
    { "endianness", 0, do_endianness },
    { "inb", 1, do_in, 1 }, { "inw", 1, do_in, 2 }, { "inl", 1, do_in, 4 },
    { "outb", 2, do_out, 1 }, { "outw", 2, do_out, 2 }, { "outl", 2, do_out, 4 },
    { "clock_step", 0, do_clock_step, .clock = true }, { "clock_set", 1, do_clock_set, .clock = true },
    { "irq_intercept_in", 1, do_irq_intercept }, { "irq_intercept_out", 1, do_irq_intercept, 1 },
    { "set_irq_in", 4, do_set_irq_in },
    { "rtas", 5, do_rtas },
    { "module_load", 2, do_module_load },
};

static bool carry_out(char **w, GString *answer, GError **err)
{
    const char *name = w[0] ? w[0] : "";

    for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (strcmp(commands[i].name, name) || (commands[i].clock && !accel->clock_stands)) {
            continue;
        }
        if (g_strv_length(w) <= commands[i].words) {
            return report_fail(err, "%s takes %u words after its name, not %u", name, commands[i].words, g_strv_length(w) - 1);
        }
        return commands[i].fn(w, commands[i].variant, answer, err);
    }
    return report_fail(err, "Unknown command '%s'", name);
}

static void request(const char *text)
{
    g_auto(GStrv) w = g_strsplit(text, " ", -1);
    g_autoptr(GString) answer = g_string_new("OK");
    g_autoptr(GError) err = NULL;

    log_line('R', "%s", text);
    if (!carry_out(w, answer, &err)) {
        g_string_printf(answer, "FAIL %s", err->message);
    }
    say(answer->str);
}

static void end_of_line(void)
{
    if (skipping) {
        skipping = false;
    } else if (memchr(line->str, 0, line->len)) {
        say("FAIL a request is text: this one has a byte 0");
    } else {
        request(line->str);
    }
    g_string_truncate(line, 0);
}

static void receive(void *opaque, const uint8_t *buf, int len)
{
    while (len > 0) {
        const uint8_t *end = memchr(buf, '\n', len);
        int n = end ? end - buf : len;
        if (!skipping && line->len + n > LINE_MAX_BYTES) {
            skipping = true;
            g_string_truncate(line, 0);
            g_autofree char *text = g_strdup_printf("FAIL a request is at most %u bytes: this one is longer, and ignored", LINE_MAX_BYTES);
            say(text);
        }
        if (!skipping) {
            g_string_append_len(line, (const char *)buf, n);
        }
        if (end) {
            end_of_line();
            n++;
        }
        buf += n;
        len -= n;
    }
}

static void event(void *opaque, ChardevEvent e)
{
    switch (e) {
    case CHARDEV_OPENED:
        opened_at = -1;
        log_line('I', "OPENED");
        opened_at = g_get_monotonic_time();
        g_string_truncate(line, 0);
        skipping = false;
        g_hash_table_remove_all(levels);
        break;
    case CHARDEV_CLOSED:
        log_line('I', "CLOSED");
        break;
    default:
        break;
    }
}

bool qtest_open(Chardev *c, const char *log, GError **err)
{
    static const ChardevHandlers handlers = { NULL, receive, event };

    if (!log) {
        log_file = stderr;
    } else if (strcmp(log, "none")) {
        log_file = fopen(log, "w");
        if (!log_file) {
            return report_fail(err, "-qtest-log %s: %s", log, g_strerror(errno));
        }
        setvbuf(log_file, NULL, _IOLBF, 0);
    }
    chr = c;
    opened_at = -1;
    line = g_string_new(NULL);
    levels = g_hash_table_new(NULL, NULL);
    return chardev_attach(c, &handlers, NULL, err);
}
