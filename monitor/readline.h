/*
 * A line editor for a terminal behind a character device: movement, history, completion.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MONITOR_READLINE_H
#define MONITOR_READLINE_H

#include <glib.h>

typedef struct Readline Readline;

typedef struct ReadlineOps {
    void (*print)(void *opaque, const char *text);          /* "\n" only; the other side makes it "\r\n" */
    void (*line)(void *opaque, const char *line);           /* Return was pressed */
    /* What could replace the text from *start (of `before`, the line up to the cursor) on; strings g_free()d with it */
    GPtrArray *(*complete)(void *opaque, const char *before, gsize *start);
} ReadlineOps;

Readline *readline_new(const char *prompt, const ReadlineOps *ops, void *opaque);
void readline_show_prompt(Readline *r);                     /* and what has been typed */
void readline_key(Readline *r, guint8 ch);
const GPtrArray *readline_history(const Readline *r);       /* oldest first */

#endif
