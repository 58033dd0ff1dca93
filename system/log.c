/*
 * See log.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/log.h"
#include "system/report.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

unsigned log_mask_bits;
static FILE *log_file;
static GMutex lock;         /* of log_file: the monitor may change it while vCPUs write */

typedef struct Range { uint64_t first, last; } Range;
static GArray *filter;

static const struct { const char *word, *what; unsigned bit; } items[] = {
#define X(name, bit_, word_, what_) { word_, what_, 1u << (bit_) },
    LOG_ITEMS(X)
#undef X
};

/* Words of QEMU about what does not exist in system emulation of this processor: taken, and nothing comes of them. */
static const char *const empty_words[] = { "op_ind", "page", "pcall", "plugin", "strace" };

void log_printf(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    g_mutex_lock(&lock);
    vfprintf(log_file ? log_file : stderr, fmt, ap);
    g_mutex_unlock(&lock);
    va_end(ap);
}

static bool item_bits(const char *word, unsigned *bits)
{
    *bits = 0;
    for (unsigned i = 0; i < G_N_ELEMENTS(items); i++) {
        if (!strcmp(items[i].word, word)) {
            *bits = items[i].bit;
            return true;
        }
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(empty_words); i++) {
        if (!strcmp(empty_words[i], word)) {
            return true;
        }
    }
    if (!strcmp(word, "all")) {
        *bits = ~0u & ~LOG_NOCHAIN;
        return true;
    }
    return !strcmp(word, "none");
}

bool log_set(const char *list, GError **err)
{
    g_auto(GStrv) words = g_strsplit(list, ",", -1);
    unsigned mask = 0, bits;

    for (char **w = words; *w; w++) {
        bool off = **w == '-';
        if (!item_bits(*w + off, &bits)) {
            return report_fail(err, "invalid log item '%s'; '-d help' lists them", *w + off);
        }
        mask = off ? mask & ~bits : mask | bits;
    }
    log_mask_bits = mask;
    return true;
}

bool log_set_file(const char *path, GError **err)
{
    const char *percent = path ? strchr(path, '%') : NULL;
    g_autofree char *name = NULL;

    if (percent && (percent[1] != 'd' || strchr(percent + 1, '%'))) {
        return report_fail(err, "Bad logfile template: %s", path);
    }
    if (path) {
        name = percent ? g_strdup_printf("%.*s%d%s", (int)(percent - path), path, (int)getpid(), percent + 2) : g_strdup(path);
    }
    FILE *f = name ? fopen(name, "we") : NULL;
    if (name && !f) {
        return report_fail(err, "Error opening logfile %s: %s", name, g_strerror(errno));
    }
    if (f) {
        setvbuf(f, NULL, _IOLBF, 0);
    }
    g_mutex_lock(&lock);
    if (log_file) {
        fclose(log_file);
    }
    log_file = f;
    g_mutex_unlock(&lock);
    return true;
}

/* ---- -dfilter ---- */

static bool parse_range(const char *text, Range *r, GError **err)
{
    char *end, *end2;
    uint64_t a = g_ascii_strtoull(text, &end, 0), b;
    const char *op = end;

    if (end == text || (*op != '+' && *op != '-' && strncmp(op, "..", 2))) {
        return report_fail(err, "Bad range specifier");
    }
    const char *right = op + (*op == '.' ? 2 : 1);
    b = g_ascii_strtoull(right, &end2, 0);
    if (end2 == right || *end2) {
        return report_fail(err, "Invalid number to the right of %.*s", (int)(right - op), op);
    }
    *r = *op == '+' ? (Range){ a, a + (b ? b - 1 : 0) } : *op == '-' ? (Range){ a - (b ? b - 1 : 0), a } : (Range){ a, b };
    return r->first <= r->last ? true : report_fail(err, "Invalid range");
}

bool log_set_filter(const char *ranges, GError **err)
{
    g_auto(GStrv) words = g_strsplit(ranges, ",", -1);
    g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(Range));

    for (char **w = words; *w; w++) {
        Range r;
        if (!parse_range(*w, &r, err)) {
            return false;
        }
        g_array_append_val(list, r);
    }
    g_clear_pointer(&filter, g_array_unref);
    filter = g_steal_pointer(&list);
    return true;
}

bool log_in_filter(uint64_t address)
{
    for (guint i = 0; filter && i < filter->len; i++) {
        const Range *r = &g_array_index(filter, Range, i);
        if (address >= r->first && address <= r->last) {
            return true;
        }
    }
    return !filter;
}

void log_help(GString *out, bool monitor)
{
    g_string_append(out, "Log items (comma separated):\n");
    if (monitor) {
        g_string_append_printf(out, "%-15s %s\n", "none", "remove all logs");
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(items); i++) {
        g_string_append_printf(out, "%-15s %s\n", items[i].word, items[i].what);
    }
}
