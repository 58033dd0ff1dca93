/*
 * See log.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/log.h"
#include <errno.h>
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>

unsigned log_mask_bits;
static FILE *log_file;

static const struct { const char *word, *what; unsigned bit; } items[] = {
#define X(name, bit_, word_, what_) { word_, what_, 1u << (bit_) },
    LOG_ITEMS(X)
#undef X
};

void log_printf(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vfprintf(log_file ? log_file : stderr, fmt, ap);
    va_end(ap);
}

static unsigned item_bit(const char *word)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(items); i++) {
        if (!strcmp(items[i].word, word)) {
            return items[i].bit;
        }
    }
    return !strcmp(word, "all") ? ~0u & ~LOG_NOCHAIN : 0;
}

bool log_set(const char *list, GError **err)
{
    g_auto(GStrv) words = g_strsplit(list, ",", -1);
    unsigned mask = 0;

    for (char **w = words; *w; w++) {
        bool off = **w == '-';
        unsigned bit = item_bit(*w + off);
        if (!bit && strcmp(*w, "none")) {
            g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                        "invalid log item '%s'; '-d help' lists them", *w + off);
            return false;
        }
        mask = off ? mask & ~bit : mask | bit;
    }
    log_mask_bits = mask;
    return true;
}

bool log_set_file(const char *path, GError **err)
{
    FILE *f = path ? fopen(path, "w") : NULL;

    if (path && !f) {
        g_set_error(err, G_IO_ERROR, g_io_error_from_errno(errno), "cannot open log file '%s': %s", path,
                    g_strerror(errno));
        return false;
    }
    if (f) {
        setvbuf(f, NULL, _IOLBF, 0);
    }
    if (log_file) {
        fclose(log_file);
    }
    log_file = f;
    return true;
}

void log_help(GString *out)
{
    g_string_append(out, "Log items (comma separated):\n");
    for (unsigned i = 0; i < G_N_ELEMENTS(items); i++) {
        g_string_append_printf(out, "%-16s %s\n", items[i].word, items[i].what);
    }
}
