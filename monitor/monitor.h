/*
 * The human monitor: commands on a character device.
 *
 * A command is a row and a function (see HMP() below), wherever its subject lives; `help` and completion follow from the
 * rows. A row's `args` says what is parsed before the function is called, separated by spaces:
 *
 *     fmt         an optional /FORMAT as of x and print
 *     NAME:l      an expression; NAME:s a word ("quoted" if it has blanks); NAME:F a file name; NAME:S the rest of the line
 *     NAME:b      on or off
 *     -x          a flag
 *     ?           after a letter: may be missing
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MONITOR_MONITOR_H
#define MONITOR_MONITOR_H

#include "chardev/char.h"

typedef struct Monitor Monitor;
typedef struct PowerPCCPU PowerPCCPU;

/* Takes a part of the device. The monitor lives as long as the process. */
bool monitor_new(Chardev *chr, GError **err);
/* One without a device, for monitor_execute(). */
Monitor *monitor_new_silent(void);
/* One command line; what it prints is appended to `out`. Big lock held. NULL: a monitor of nobody's, for tests. */
void monitor_execute(Monitor *m, const char *line, GString *out);
/* With this processor chosen, for this line. */
void monitor_execute_as(int cpu, const char *line, GString *out);

#define HMP_ARGS_MAX 4
typedef struct HmpArgs {
    unsigned count;             /* of /COUNT; 1 */
    int format, size;           /* letter and bytes, as given now or last */
    bool given[HMP_ARGS_MAX];
    int64_t num[HMP_ARGS_MAX];
    char *str[HMP_ARGS_MAX];
    uint32_t flags;             /* bit n: the letter 'a' + n */
} HmpArgs;

#define HMP_FLAG(a, letter) ((a)->flags >> ((letter) - 'a') & 1)

typedef struct HmpRow {
    const char *name;           /* "quit|q" */
    const char *args, *params, *help;
    void (*fn)(Monitor *m, const HmpArgs *a, GString *out);
    bool info;                  /* below "info" */
} HmpRow;

#define HMP_ROW(id, name_, args_, params_, help_, info_)                                                        \
    static void hmp_##id(Monitor *m, const HmpArgs *a, GString *out);                                           \
    static const HmpRow hmp_row_##id __attribute__((used, section("hmp_commands"), aligned(8))) =               \
        { name_, args_, params_, help_, hmp_##id, info_ };                                                      \
    static void hmp_##id(Monitor *m, const HmpArgs *a, GString *out)
#define HMP(id, name, args, params, help) HMP_ROW(id, name, args, params, help, false)
#define HMP_INFO(id, name, args, params, help) HMP_ROW(info_##id, name, args, params, help, true)

/* What x, print, info registers look at. */
PowerPCCPU *monitor_cpu(Monitor *m);
bool monitor_set_cpu(Monitor *m, int index);        /* false: there is none */
/* What a command says of what went wrong; `err` NULL: nothing did. */
static inline void monitor_print_error(GString *out, const GError *err)
{
    if (err) {
        g_string_append_printf(out, "Error: %s\n", err->message);
    }
}
void monitor_print_history(Monitor *m, GString *out);

/* An expression of numbers, 'c'haracters, $registers, + - & | ^ * / % ~ ( ); *p moves behind it. */
bool monitor_expression(Monitor *m, const char **p, int64_t *value, GError **err);

#endif
