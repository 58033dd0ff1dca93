/*
 * See readline.h. After every key the line is redrawn from the prompt on: terminals are fast, and there is one way to draw.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/readline.h"
#include <stdbool.h>
#include <string.h>

#define LINE_MAX_BYTES 4095
#define HISTORY_MAX 64

struct Readline {
    const char *prompt;
    const ReadlineOps *ops;
    void *opaque;
    GString *line;
    gsize cursor;
    GPtrArray *history;
    guint at;                   /* in history; its length: the line being typed */
    char *typed;                /* the line being typed, while history is shown */
    enum { PLAIN, ESC, CSI, SS3 } state;
    int param;                  /* of an escape sequence */
};

Readline *readline_new(const char *prompt, const ReadlineOps *ops, void *opaque)
{
    Readline *r = g_new0(Readline, 1);

    *r = (Readline){ .prompt = prompt, .ops = ops, .opaque = opaque, .line = g_string_new(NULL),
                     .history = g_ptr_array_new_with_free_func(g_free) };
    return r;
}

const GPtrArray *readline_history(const Readline *r)
{
    return r->history;
}

static void draw(Readline *r, const char *before, const char *after)
{
    g_autoptr(GString) s = g_string_new(before);

    g_string_append_printf(s, "%s%s%s", r->prompt, r->line->str, after);
    if (r->cursor < r->line->len) {
        g_string_append_printf(s, "\033[%dD", (int)(r->line->len - r->cursor));
    }
    r->ops->print(r->opaque, s->str);
}

/* At the start of an empty line of the terminal: plain text, for programs that look for it. */
void readline_show_prompt(Readline *r)
{
    draw(r, "", "");
}

static void redraw(Readline *r)
{
    draw(r, "\r", "\033[K");
}

static void set_line(Readline *r, const char *text)
{
    g_string_assign(r->line, text);
    r->cursor = r->line->len;
}

static void insert(Readline *r, const char *text, gsize n)
{
    if (r->line->len + n <= LINE_MAX_BYTES) {
        g_string_insert_len(r->line, r->cursor, text, n);
        r->cursor += n;
    }
}

static void erase(Readline *r, gsize from, gsize to)
{
    if (from < to && to <= r->line->len) {
        g_string_erase(r->line, from, to - from);
        r->cursor = from;
    }
}

static void show_history(Readline *r, int step)
{
    guint to = r->at + step;

    if (to > r->history->len) {
        return;                 /* also below 0: unsigned */
    }
    if (r->at == r->history->len) {
        g_free(r->typed);
        r->typed = g_strdup(r->line->str);
    }
    r->at = to;
    set_line(r, to == r->history->len ? r->typed : g_ptr_array_index(r->history, to));
}

static void enter(Readline *r)
{
    g_autofree char *line = g_strdup(r->line->str);

    if (*line && !(r->history->len && !strcmp(line, g_ptr_array_index(r->history, r->history->len - 1)))) {
        if (r->history->len == HISTORY_MAX) {
            g_ptr_array_remove_index(r->history, 0);
        }
        g_ptr_array_add(r->history, g_strdup(line));
    }
    r->at = r->history->len;
    g_clear_pointer(&r->typed, g_free);
    set_line(r, "");
    r->ops->print(r->opaque, "\n");
    r->ops->line(r->opaque, line);
}

/* ---- completion ---- */

static gsize common(const GPtrArray *a)
{
    const char *first = g_ptr_array_index(a, 0);
    gsize n = strlen(first);

    for (guint i = 1; i < a->len; i++) {
        const char *s = g_ptr_array_index(a, i);
        gsize k = 0;
        while (k < n && s[k] == first[k]) {
            k++;
        }
        n = k;
    }
    return n;
}

static void list(Readline *r, const GPtrArray *a)
{
    g_autoptr(GString) s = g_string_new("\n");
    gsize width = 10;

    for (guint i = 0; i < a->len; i++) {
        width = MAX(width, strlen(g_ptr_array_index(a, i)) + 2);
    }
    gsize columns = MAX(80 / width, 1);
    for (guint i = 0; i < a->len; i++) {
        bool last = i % columns == columns - 1 || i == a->len - 1;
        g_string_append_printf(s, "%-*s%s", last ? 0 : (int)width, (char *)g_ptr_array_index(a, i), last ? "\n" : "");
    }
    r->ops->print(r->opaque, s->str);
}

static gint by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void complete(Readline *r)
{
    g_autofree char *before = g_strndup(r->line->str, r->cursor);
    gsize start = r->cursor;
    g_autoptr(GPtrArray) found = r->ops->complete(r->opaque, before, &start);

    if (!found || !found->len) {
        return;
    }
    g_ptr_array_sort(found, by_name);
    gsize typed = r->cursor - start, n = common(found);
    const char *first = g_ptr_array_index(found, 0);
    if (n > typed) {
        insert(r, first + typed, n - typed);
    }
    if (found->len > 1) {
        list(r, found);
    } else if (!g_str_has_suffix(first, "/")) {
        insert(r, " ", 1);
    }
}

/* ---- keys ---- */

static void word_left(Readline *r)
{
    while (r->cursor && g_ascii_isspace(r->line->str[r->cursor - 1])) {
        r->cursor--;
    }
    while (r->cursor && !g_ascii_isspace(r->line->str[r->cursor - 1])) {
        r->cursor--;
    }
}

static void word_right(Readline *r)
{
    while (r->cursor < r->line->len && g_ascii_isspace(r->line->str[r->cursor])) {
        r->cursor++;
    }
    while (r->cursor < r->line->len && !g_ascii_isspace(r->line->str[r->cursor])) {
        r->cursor++;
    }
}

static void sequence(Readline *r, guint8 ch)
{
    switch (ch) {
    case 'A': show_history(r, -1); break;
    case 'B': show_history(r, 1); break;
    case 'C': r->cursor += r->cursor < r->line->len; break;
    case 'D': r->cursor -= r->cursor > 0; break;
    case 'H': r->cursor = 0; break;
    case 'F': r->cursor = r->line->len; break;
    case '~':
        switch (r->param) {
        case 1: case 7: r->cursor = 0; break;
        case 3: erase(r, r->cursor, r->cursor + 1); break;
        case 4: case 8: r->cursor = r->line->len; break;
        }
        break;
    }
}

/* ESC letter, ESC [ numbers letter, ESC O letter */
static void escape(Readline *r, guint8 ch)
{
    switch (r->state) {
    case PLAIN:
        r->state = ESC;
        break;
    case ESC:
        r->state = ch == '[' ? CSI : ch == 'O' ? SS3 : PLAIN;
        r->param = 0;
        if (ch == 'b') {
            word_left(r);
        } else if (ch == 'f') {
            word_right(r);
        }
        break;
    default:
        if (r->state == CSI && (g_ascii_isdigit(ch) || ch == ';')) {
            r->param = ch == ';' ? 0 : (r->param * 10 + ch - '0') % 1000;
            break;
        }
        r->state = PLAIN;
        sequence(r, ch);
    }
}

void readline_key(Readline *r, guint8 ch)
{
    if (r->state != PLAIN || ch == 27) {
        escape(r, ch);
        if (r->state != PLAIN) {
            return;
        }
        redraw(r);
        return;
    }
    gsize end = r->cursor;
    switch (ch) {
    case '\r': case '\n': enter(r); return;
    case 1: r->cursor = 0; break;                           /* ^A */
    case 2: r->cursor -= r->cursor > 0; break;              /* ^B */
    case 4: erase(r, r->cursor, r->cursor + 1); break;      /* ^D */
    case 5: r->cursor = r->line->len; break;                /* ^E */
    case 6: r->cursor += r->cursor < r->line->len; break;   /* ^F */
    case 8: case 127: erase(r, r->cursor - (r->cursor > 0), r->cursor); break;
    case 9: complete(r); break;
    case 11: g_string_truncate(r->line, r->cursor); break;  /* ^K */
    case 12: r->ops->print(r->opaque, "\033[H\033[2J"); break;  /* ^L */
    case 14: show_history(r, 1); break;                     /* ^N */
    case 16: show_history(r, -1); break;                    /* ^P */
    case 21: set_line(r, ""); break;                        /* ^U */
    case 23: word_left(r); erase(r, r->cursor, end); break; /* ^W */
    default:
        if (ch >= 32) {
            insert(r, (const char *)&ch, 1);
        }
    }
    redraw(r);
}
