/*
 * What the emulator says to whoever started it, on stderr, in the form that scripts expect of QEMU:
 * "qemu-system-ppc64: [OPTION ARGUMENT: ][warning: |info: ]message".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SYSTEM_REPORT_H
#define SYSTEM_REPORT_H

#include <glib.h>
#include <stdbool.h>

extern bool report_timestamps;              /* -msg timestamp=on */
extern const char *report_guest_name;       /* -msg guest-name=on and -name */

/* The option being worked on, which messages then name; NULL: none. The strings are not copied. */
void report_set_location(const char *option, const char *argument);

void report_error(const char *fmt, ...) G_GNUC_PRINTF(1, 2);
void report_warning(const char *fmt, ...) G_GNUC_PRINTF(1, 2);
void report_info(const char *fmt, ...) G_GNUC_PRINTF(1, 2);

/* Sets *err to the text; false, so that a parser can return it. */
bool report_fail(GError **err, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
/* The same where there may be several reasons: puts the text on a line of its own behind what *err says. */
bool report_also(GError **err, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

#endif
