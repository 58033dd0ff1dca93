/*
 * See monitor.h: rows, parsing a line by its row, the terminal.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/monitor.h"
#include "monitor/readline.h"
#include "system/report.h"
#include "target/ppc/cpu.h"
#include "target/ppc/dump.h"
#include <string.h>

struct Monitor {
    Chardev *chr;
    Readline *readline;
    int cpu;
    bool mux_out, greeted;
};

/* x and print go on with the format and size given last, whoever gave them. */
static int last_format = 'x', last_size = 4;

extern const HmpRow __start_hmp_commands[], __stop_hmp_commands[];

PowerPCCPU *monitor_cpu(Monitor *m)
{
    return ppc_cpu_get(m ? m->cpu : 0);
}

bool monitor_set_cpu(Monitor *m, int index)
{
    if (!m || !ppc_cpu_get(index)) {
        return false;
    }
    m->cpu = index;
    return true;
}

void monitor_print_history(Monitor *m, GString *out)
{
    const GPtrArray *h = m && m->readline ? readline_history(m->readline) : NULL;

    for (guint i = 0; h && i < h->len; i++) {
        g_string_append_printf(out, "%u: '%s'\n", i, (char *)g_ptr_array_index(h, i));
    }
}

/* ---- rows ---- */

static bool named(const HmpRow *row, const char *name, gsize len)
{
    for (const char *p = row->name; ; p++) {
        gsize n = strcspn(p, "|");
        if (n == len && !strncmp(p, name, n)) {
            return true;
        }
        p += n;
        if (!*p) {
            return false;
        }
    }
}

static const HmpRow *find(bool info, const char *name, gsize len)
{
    for (const HmpRow *r = __start_hmp_commands; r < __stop_hmp_commands; r++) {
        if (r->info == info && len && named(r, name, len)) {
            return r;
        }
    }
    return NULL;
}

static gint by_name(gconstpointer a, gconstpointer b)
{
    return strcmp((*(HmpRow *const *)a)->name, (*(HmpRow *const *)b)->name);
}

static void help_row(const HmpRow *r, GString *out)
{
    g_string_append_printf(out, "%s%s %s -- %s\n", r->info ? "info " : "", r->name, r->params, r->help);
}

static void help_all(bool info, GString *out)
{
    g_autoptr(GPtrArray) rows = g_ptr_array_new();

    for (const HmpRow *r = __start_hmp_commands; r < __stop_hmp_commands; r++) {
        if (r->info == info) {
            g_ptr_array_add(rows, (void *)r);
        }
    }
    g_ptr_array_sort(rows, by_name);
    for (guint i = 0; i < rows->len; i++) {
        help_row(g_ptr_array_index(rows, i), out);
    }
}

HMP(help, "help|?", "name:S?", "[cmd]", "show the help")
{
    g_auto(GStrv) w = a->str[0] ? g_strsplit_set(a->str[0], " \t", 2) : NULL;

    if (!w || !w[0]) {
        help_all(false, out);
        return;
    }
    bool below = !strcmp(w[0], "info");
    if (below && !w[1]) {
        help_all(true, out);
        return;
    }
    const char *name = below ? g_strstrip(w[1]) : w[0];
    const HmpRow *r = find(below, name, strlen(name));
    if (r) {
        help_row(r, out);
    } else {
        g_string_append_printf(out, "unknown command: '%s'\n", a->str[0]);
    }
}

HMP(info, "info", "item:S?", "[subcommand]", "show various information about the system state")
{
    help_all(true, out);        /* with a subcommand, that is what is run */
}

/* ---- arguments ---- */

static void blanks(const char **p)
{
    while (g_ascii_isspace(**p)) {
        (*p)++;
    }
}

/* "/4xw": count, then formats and sizes in any order, the last of each */
static bool parse_format(const char **p, HmpArgs *a, GError **err)
{
    bool sized = false;

    a->format = last_format;
    a->size = last_size;
    a->count = 1;
    if (**p != '/') {
        a->size = a->format == 'c' ? 1 : a->size;
        return true;
    }
    (*p)++;
    if (g_ascii_isdigit(**p)) {
        a->count = 0;
        while (g_ascii_isdigit(**p)) {
            a->count = MIN(a->count * 10 + (unsigned)(**p - '0'), 1000000u);
            (*p)++;
        }
    }
    for (; **p && !g_ascii_isspace(**p); (*p)++) {
        const char *sizes = "bhwg", *s = strchr(sizes, **p);
        if (s) {
            a->size = 1 << (s - sizes);
            sized = true;
        } else if (strchr("ouxdic", **p)) {
            a->format = **p;
        } else {
            return report_fail(err, "invalid char in format: '%c'", **p);
        }
    }
    last_format = a->format;
    if (sized) {
        last_size = a->size;
    } else if (a->format == 'c') {
        a->size = 1;
    }
    return true;
}

static char *parse_word(const char **p)
{
    g_autoptr(GString) s = g_string_new(NULL);

    if (**p == '"') {
        for ((*p)++; **p && **p != '"'; (*p)++) {
            *p += **p == '\\' && (*p)[1];
            g_string_append_c(s, **p);
        }
        *p += **p == '"';
    } else {
        for (; **p && !g_ascii_isspace(**p); (*p)++) {
            g_string_append_c(s, **p);
        }
    }
    return g_strdup(s->str);
}

static bool parse_one(Monitor *m, const HmpRow *row, const char *spec, const char **p, HmpArgs *a, unsigned *n, GError **err)
{
    const char *kind = strrchr(spec, ':');

    if (!strcmp(spec, "fmt")) {
        return parse_format(p, a, err);
    }
    if (*spec == '-') {
        while ((*p)[0] == '-' && g_ascii_isalpha((*p)[1])) {
            if (!strchr(row->args, (*p)[1]) || (*p)[1] != spec[1]) {
                return strstr(row->args, (char[]){ '-', (*p)[1], 0 }) ? true
                    : report_fail(err, "%s: unsupported option -%c", row->name, (*p)[1]);
            }
            a->flags |= 1u << ((*p)[1] - 'a');
            *p += 2;
            blanks(p);
        }
        return true;
    }
    unsigned k = (*n)++;
    if (!**p && kind[2] == '?') {
        return true;
    }
    a->given[k] = true;
    switch (kind[1]) {
    case 'l':
        return monitor_expression(m, p, &a->num[k], err);
    case 'S':
        a->str[k] = g_strdup(*p);
        *p += strlen(*p);
        break;
    case 'b':
        a->str[k] = parse_word(p);
        a->num[k] = !strcmp(a->str[k], "on");
        return a->num[k] || !strcmp(a->str[k], "off") || report_fail(err, "Expected 'on' or 'off'");
    default:
        a->str[k] = parse_word(p);
    }
    if (!*a->str[k]) {
        return report_fail(err, "%s: %s expected", row->name, kind[1] == 'F' ? "filename" : "string");
    }
    return true;
}

static bool parse_args(Monitor *m, const HmpRow *row, const char *p, HmpArgs *a, GError **err)
{
    g_auto(GStrv) specs = g_strsplit(row->args, " ", -1);
    unsigned n = 0;

    for (char **s = specs; *s && **s; s++) {
        blanks(&p);
        if (!parse_one(m, row, *s, &p, a, &n, err)) {
            return false;
        }
    }
    blanks(&p);
    return !*p ? true : report_fail(err, "%s: extraneous characters at the end of line", row->name);
}

void monitor_execute_as(int cpu, const char *line, GString *out)
{
    Monitor m = { .cpu = cpu };

    monitor_execute(&m, line, out);
}

void monitor_execute(Monitor *m, const char *text, GString *out)
{
    g_autoptr(GError) err = NULL;
    HmpArgs a = { .count = 1 };
    g_autofree char *line = g_strchomp(g_strdup(text));
    const char *p = line;

    blanks(&p);
    gsize len = strcspn(p, " \t\r\n/");
    const char *name = p;
    if (!*p || *p == '#') {
        return;
    }
    const HmpRow *row = find(false, p, len);
    p += len;
    if (row && !strcmp(row->name, "info")) {
        const char *q = p;
        blanks(&q);
        gsize sub = strcspn(q, " \t");
        if (sub) {
            row = find(true, q, sub);
            p = q + sub;
            len = q + sub - name;
        }
    }
    if (!row) {
        g_string_append_printf(out, "unknown command: '%.*s'\n", (int)(strcspn(name, " \t") > len ? strcspn(name, " \t") : len), name);
        return;
    }
    if (parse_args(m, row, p, &a, &err)) {
        row->fn(m, &a, out);
    } else {
        g_string_append_printf(out, "%s\nTry \"help %.*s\" for more information\n", err->message, (int)len, name);
    }
    for (unsigned i = 0; i < HMP_ARGS_MAX; i++) {
        g_free(a.str[i]);
    }
}

/* ---- the terminal ---- */

static void print(void *opaque, const char *text)
{
    Monitor *m = opaque;

    for (;;) {
        gsize n = strcspn(text, "\n");
        chardev_write_later(m->chr, text, n);
        if (!text[n]) {
            return;
        }
        chardev_write_later(m->chr, "\r\n", 2);
        text += n + 1;
    }
}

static void run_line(void *opaque, const char *line)
{
    Monitor *m = opaque;
    g_autoptr(GString) out = g_string_new(NULL);

    monitor_execute(m, line, out);
    print(m, out->str);
    readline_show_prompt(m->readline);
}

static void add_rows(GPtrArray *found, bool info, const char *prefix)
{
    for (const HmpRow *r = __start_hmp_commands; r < __stop_hmp_commands; r++) {
        g_auto(GStrv) names = g_strsplit(r->name, "|", -1);
        for (char **n = names; r->info == info && *n; n++) {
            if (g_str_has_prefix(*n, prefix)) {
                g_ptr_array_add(found, g_strdup(*n));
            }
        }
    }
}

static void add_files(GPtrArray *found, const char *prefix)
{
    const char *slash = strrchr(prefix, '/');
    g_autofree char *folder = slash ? g_strndup(prefix, slash - prefix + 1) : g_strdup("");
    GDir *dir = g_dir_open(*folder ? folder : ".", 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        char *path = g_strconcat(folder, name, NULL);
        if (g_str_has_prefix(path, prefix)) {
            if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
                char *with = g_strconcat(path, "/", NULL);
                g_free(path);
                path = with;
            }
            g_ptr_array_add(found, path);
        } else {
            g_free(path);
        }
    }
    if (dir) {
        g_dir_close(dir);
    }
}

static void add_registers(Monitor *m, GPtrArray *found, const char *prefix)
{
    g_autoptr(GPtrArray) names = monitor_cpu(m) ? ppc_register_names(monitor_cpu(m)) : NULL;

    for (guint i = 0; names && i < names->len; i++) {
        if (g_str_has_prefix(g_ptr_array_index(names, i), prefix)) {
            g_ptr_array_add(found, g_strdup(g_ptr_array_index(names, i)));
        }
    }
}

static GPtrArray *complete(void *opaque, const char *before, gsize *start)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
    const char *word = before + strlen(before);

    while (word > before && !strchr(" \t$", word[-1])) {
        word--;
    }
    *start = word - before;
    const char *first = before;
    blanks(&first);
    gsize len = strcspn(first, " \t/");
    const HmpRow *row = word <= first ? NULL : find(false, first, len);
    if (word <= first) {
        add_rows(found, false, word);
    } else if (word[-1] == '$') {
        add_registers(opaque, found, word);
    } else if (row && !strcmp(row->name, "info")) {
        add_rows(found, true, word);
    } else if (row && !strcmp(row->name, "help|?")) {
        add_rows(found, strstr(first, "info ") != NULL, word);
    } else if (row && strstr(row->args, ":F")) {
        add_files(found, word);
    }
    return found;
}

static void receive(void *opaque, const uint8_t *buf, int len)
{
    Monitor *m = opaque;

    for (int i = 0; i < len; i++) {
        readline_key(m->readline, buf[i]);
    }
}

static void greet(Monitor *m)
{
    if (!m->greeted) {
        m->greeted = true;
        print(m, "QEMU 7.2.22 monitor - type 'help' for more information\n");
    }
    readline_show_prompt(m->readline);
}

static void event(void *opaque, ChardevEvent e)
{
    Monitor *m = opaque;

    switch (e) {
    case CHARDEV_MUX_IN:
        m->mux_out = false;
        greet(m);
        break;
    case CHARDEV_MUX_OUT:
        m->mux_out = true;
        print(m, "\n");
        break;
    case CHARDEV_OPENED:
        if (!m->mux_out) {
            greet(m);
        }
        break;
    case CHARDEV_CLOSED:
        m->greeted = false;
        break;
    default:
        break;
    }
}

Monitor *monitor_new_silent(void)
{
    return g_new0(Monitor, 1);
}

bool monitor_new(Chardev *chr, GError **err)
{
    static const ChardevHandlers handlers = { NULL, receive, event };
    static const ReadlineOps ops = { print, run_line, complete };
    Monitor *m = g_new0(Monitor, 1);

    m->chr = chr;
    m->mux_out = chardev_is_mux(chr);       /* greets when it is switched to */
    m->readline = readline_new("(qemu) ", &ops, m);
    return chardev_attach(chr, &handlers, m, err);
}
