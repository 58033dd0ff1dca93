/*
 * See report.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/report.h"
#include <gio/gio.h>
#include <stdio.h>

bool report_timestamps;
const char *report_guest_name;

static const char *where, *where_argument;

void report_set_location(const char *option, const char *argument)
{
    where = option;
    where_argument = argument;
}

static void G_GNUC_PRINTF(2, 0) say(const char *kind, const char *fmt, va_list ap)
{
    g_autofree char *text = g_strdup_vprintf(fmt, ap);
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *when = report_timestamps ? g_date_time_format(now, "%Y-%m-%dT%H:%M:%S.%fZ ") : NULL;

    fprintf(stderr, "%s%s%sqemu-system-ppc64: %s%s%s%s%s%s\n", when ? when : "", report_guest_name ? report_guest_name : "",
            report_guest_name ? " " : "", where ? where : "", where_argument ? " " : "",
            where_argument ? where_argument : "", where ? ": " : "", kind, text);
}

#define REPORT(name, kind)                                                                                              \
    void name(const char *fmt, ...)                                                                                     \
    {                                                                                                                   \
        va_list ap;                                                                                                     \
                                                                                                                        \
        va_start(ap, fmt);                                                                                              \
        say(kind, fmt, ap);                                                                                             \
        va_end(ap);                                                                                                     \
    }

REPORT(report_error, "")
REPORT(report_warning, "warning: ")
REPORT(report_info, "info: ")

bool report_fail(GError **err, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    g_autofree char *text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    g_set_error_literal(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, text);
    return false;
}

bool report_also(GError **err, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    g_autofree char *text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    if (err && *err) {
        g_autofree char *before = (*err)->message;
        (*err)->message = g_strdup_printf("%s\n%s", before, text);
        return false;
    }
    return report_fail(err, "%s", text);
}
