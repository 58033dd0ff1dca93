/*
 * What qemu-migration's commands share: reading a file with a bar on the terminal, and saying what is wrong.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tools/tool.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void tool_error(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    g_autofree char *text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    fprintf(stderr, "qemu-migration: %s\n", text);
}

typedef struct Bar { const SavedFile *f; const char *name; gint64 drawn; bool shown; } Bar;

static void draw(void *opaque)
{
    Bar *b = opaque;
    gint64 now = g_get_monotonic_time();
    double done = saved_progress(b->f);
    char text[32], bar[31] = "";

    if (now - b->drawn < 100000) {
        return;
    }
    b->drawn = now;
    b->shown = true;
    if (done < 0) {
        fprintf(stderr, "\r%s: %s ", b->name, saved_size_text(text, sizeof(text), saved_source((SavedFile *)b->f)->position));
        return;
    }
    for (unsigned i = 0; i < sizeof(bar) - 1; i++) {
        bar[i] = i < done * (sizeof(bar) - 1) ? '#' : '.';
    }
    fprintf(stderr, "\r%s [%s] %3.0f%% ", b->name, bar, 100 * MIN(done, 1));
}

Saved *tool_read(const ToolArgs *a, const char *name, SavedOptions o, char **damage)
{
    g_autoptr(GError) err = NULL;
    SavedFile *f = saved_open(name, &err);
    Bar bar = { f, name };

    *damage = NULL;
    if (!f) {
        tool_error("%s", err->message);
        return NULL;
    }
    o.own_machine = true;
    o.machine_args = a->own;
    if (isatty(2)) {
        o.progress = draw;
        o.opaque = &bar;
    }
    Saved *s = saved_read(saved_source(f), &o, &err);
    if (bar.shown) {
        fprintf(stderr, "\r%*s\r", (int)strlen(name) + 44, "");
    }
    saved_close(f);
    if (err) {
        *damage = g_strdup(err->message);
    } else if (s->channel && !a->channels) {
        *damage = g_strdup("it holds pages that went by a channel of multifd, and no stream");
    }
    return s;
}
