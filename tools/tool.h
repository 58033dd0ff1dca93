/*
 * qemu-migration: its commands. Each returns the exit status.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TOOLS_TOOL_H
#define TOOLS_TOOL_H

#include "tools/own.h"

enum { TOOL_YES = 0, TOOL_NO = 1, TOOL_ERROR = 2 };    /* as diff and grep have it */

/* What the command line says; `own`: what follows "--", NULL-terminated, NULL: nothing did. */
typedef struct ToolArgs {
    char **files;
    unsigned n_files;
    gboolean json, html, fields, as_it_is;
    char *out, *to;
    char **own;
    bool channels;              /* what went by a channel of multifd will do */
} ToolArgs;

int tool_inspect(const ToolArgs *a), tool_check(const ToolArgs *a), tool_diff(const ToolArgs *a), tool_convert(const ToolArgs *a);

/* Reads a file with a bar on stderr, if that is a terminal. NULL: it could not be opened, which was said. *damage: reading ended there; NULL: all well. */
Saved *tool_read(const ToolArgs *a, const char *name, SavedOptions o, char **damage);
void tool_error(const char *fmt, ...) G_GNUC_PRINTF(1, 2);

/* Label and text by turns: what is to be known of the whole, for people. */
GPtrArray *tool_facts(const Saved *s);
void tool_html(const Saved *s, const char *file, const char *damage, GString *out);
json_object *tool_json(const Saved *s, const char *damage);

#endif
