/*
 * See opts.h. Error texts are QEMU's: management programs and people look for them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/opts.h"
#include "system/report.h"
#include <errno.h>
#include <string.h>

typedef struct Pair { char *name, *value; } Pair;
struct Opts { GArray *pairs; };

static void clear_pair(void *p)
{
    g_free(((Pair *)p)->name);
    g_free(((Pair *)p)->value);
}

Opts *opts_new(void)
{
    Opts *o = g_new0(Opts, 1);

    o->pairs = g_array_new(FALSE, FALSE, sizeof(Pair));
    g_array_set_clear_func(o->pairs, clear_pair);
    return o;
}

void opts_free(Opts *o)
{
    if (o) {
        g_array_unref(o->pairs);
        g_free(o);
    }
}

void opts_set(Opts *o, const char *name, const char *value)
{
    Pair p = { g_strdup(name), g_strdup(value) };

    g_array_append_val(o->pairs, p);
}

const char *opts_get(const Opts *o, const char *name)
{
    for (guint i = o->pairs->len; i-- > 0;) {
        const Pair *p = &g_array_index(o->pairs, Pair, i);
        if (!strcmp(p->name, name)) {
            return p->value;
        }
    }
    return NULL;
}

bool opts_bool(const Opts *o, const char *name, bool otherwise)
{
    const char *v = opts_get(o, name);
    bool b;

    return v && opts_parse_bool(name, v, &b, NULL) ? b : otherwise;
}

uint64_t opts_number(const Opts *o, const char *name, uint64_t otherwise)
{
    const char *v = opts_get(o, name);
    uint64_t n;

    return v && opts_parse_number(name, v, &n, NULL) ? n : otherwise;
}

bool opts_each(const Opts *o, bool (*fn)(const char *, const char *, void *, GError **), void *opaque, GError **err)
{
    for (guint i = 0; i < o->pairs->len; i++) {
        const Pair *p = &g_array_index(o->pairs, Pair, i);
        if (!fn(p->name, p->value, opaque, err)) {
            return false;
        }
    }
    return true;
}

bool opts_parse_bool(const char *name, const char *v, bool *out, GError **err)
{
    if (!strcmp(v, "on") || !strcmp(v, "yes") || !strcmp(v, "true") || !strcmp(v, "y")) {
        *out = true;
    } else if (!strcmp(v, "off") || !strcmp(v, "no") || !strcmp(v, "false") || !strcmp(v, "n")) {
        *out = false;
    } else {
        return report_fail(err, "Parameter '%s' expects 'on' or 'off'", name);
    }
    return true;
}

bool opts_parse_number(const char *name, const char *v, uint64_t *out, GError **err)
{
    char *end;

    if (!g_ascii_isdigit(*v)) {
        return report_fail(err, "Parameter '%s' expects a number", name);
    }
    *out = g_ascii_strtoull(v, &end, 0);
    return !*end ? true : report_fail(err, "Parameter '%s' expects a number", name);
}

bool opts_parse_size(const char *name, const char *v, uint64_t unit, uint64_t *out, GError **err)
{
    static const char suffixes[] = "BKMGTPE";
    const char *p = v + strspn(v, " \t"), *s;
    bool hex = g_str_has_prefix(p, "0x") || g_str_has_prefix(p, "0X");
    double fraction = 0, scale = 0.1;
    char *end;

    p += *p == '+';
    errno = 0;
    uint64_t n = g_ascii_isdigit(*p) ? g_ascii_strtoull(p, &end, hex ? 16 : 10) : 0;
    bool ok = g_ascii_isdigit(*p), out_of_range = errno == ERANGE;
    if (ok && !hex && *end == '.') {
        for (end++; g_ascii_isdigit(*end); scale /= 10) {
            fraction += (*end++ - '0') * scale;
        }
    }
    if (ok && *end && (s = strchr(suffixes, g_ascii_toupper(*end)))) {
        unit = 1ull << 10 * (s - suffixes);
        end++;
    }
    if (!ok || *end || (unit == 1 && fraction) || out_of_range) {
        return report_fail(err, "Parameter '%s' expects a non-negative number below 2^64\n"
                           "Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-\nand exabytes, respectively.",
                           name);
    }
    if (n > (UINT64_MAX - (uint64_t)(fraction * unit)) / unit) {
        return report_fail(err, "Value '%s' is out of range for parameter '%s'", v, name);
    }
    *out = n * unit + (uint64_t)(fraction * unit);
    return true;
}

bool opts_is_identifier(const char *s)
{
    return g_ascii_isalpha(*s) && strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") == strlen(s);
}

static bool check(const char *name, const char *value, void *opaque, GError **err)
{
    const OptDesc *d = opaque;
    uint64_t n;
    bool b;

    if (!strcmp(name, "id")) {
        return opts_is_identifier(value) ? true
            : report_fail(err, "Parameter 'id' expects an identifier\n"
                          "Identifiers consist of letters, digits, '-', '.', '_', starting with a letter.");
    }
    while (d->name && strcmp(d->name, name)) {
        d++;
    }
    if (!d->name) {
        return report_fail(err, "Invalid parameter '%s'", name);
    }
    switch (d->type) {
    case OPT_BOOL: return opts_parse_bool(name, value, &b, err);
    case OPT_NUMBER: return opts_parse_number(name, value, &n, err);
    case OPT_SIZE: return opts_parse_size(name, value, 1, &n, err);
    default: return true;
    }
}

bool opts_check(const Opts *o, const OptDesc *known, GError **err)
{
    return opts_each(o, check, (void *)known, err);
}

static void set_bare(Opts *o, const char *text)
{
    bool off = g_str_has_prefix(text, "no");
    const char *name = off ? text + 2 : text, *value = off ? "off" : "on";

    report_warning("short-form boolean option '%s' deprecated\nPlease use %s=%s instead", text, name, value);
    opts_set(o, name, value);
}

Opts *opts_parse(const char *text, const char *implied, const OptDesc *known, GError **err)
{
    g_autoptr(Opts) o = opts_new();
    g_autoptr(GString) word = g_string_new(NULL);
    bool first = true;

    for (const char *p = text; *p || word->len; p += *p != 0) {
        if (*p == ',' && p[1] == ',') {
            g_string_append_c(word, *p++);
            continue;
        }
        if (*p && *p != ',') {
            g_string_append_c(word, *p);
            continue;
        }
        char *eq = strchr(word->str, '=');
        if (eq) {
            *eq = 0;
            opts_set(o, word->str, eq + 1);
        } else if (first && implied) {
            opts_set(o, implied, word->str);
        } else if (word->len) {
            set_bare(o, word->str);
        }
        first = false;
        g_string_truncate(word, 0);
    }
    return !known || opts_check(o, known, err) ? g_steal_pointer(&o) : NULL;
}

Opts *opts_parse_group(const char *text, const OptGroup *g, GError **err)
{
    return opts_parse(text, g->implied, opts_group_params(g), err);
}

/* ---- what there is ---- */

extern const OptGroup *const __start_opt_group_rows[], *const __stop_opt_group_rows[];

const OptGroup *opts_group(unsigned n)
{
    return n < __stop_opt_group_rows - __start_opt_group_rows ? __start_opt_group_rows[n] : NULL;
}

const OptDesc *opts_group_params(const OptGroup *g)
{
    static const OptDesc none[] = { { NULL } };

    return g->list ? g->list() : g->params ? g->params : none;
}

static bool asks(const OptGroup *g, const char *arg)
{
    g_auto(GStrv) words = g_strsplit(arg, ",", -1);

    for (char **w = words; *w; w++) {
        if ((!strcmp(*w, "help") || !strcmp(*w, "?")) && (w > words || !g->implied || g->first_may_ask)) {
            return true;
        }
    }
    return false;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void print(const OptGroup *g, GString *out)
{
    static const char *const types[] = { [OPT_STRING] = "str", [OPT_BOOL] = "bool (on/off)", [OPT_NUMBER] = "num", [OPT_SIZE] = "size" };
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);

    for (const OptDesc *d = opts_group_params(g); d->name; d++) {
        g_autofree char *shape = g_strdup_printf("%s=<%s>", d->name, types[d->type]);
        g_ptr_array_add(lines, d->help ? g_strdup_printf("%-22s - %s", shape, d->help) : g_strdup(shape));
    }
    g_ptr_array_sort(lines, by_text);
    g_string_append_printf(out, "%s options:\n", g->name);
    for (guint i = 0; i < lines->len; i++) {
        g_string_append_printf(out, "  %s\n", (char *)lines->pdata[i]);
    }
}

bool opts_group_help(const char *option, const char *arg, GString *out)
{
    const OptGroup *g;

    for (unsigned i = 0; (g = opts_group(i)); i++) {
        if (!strcmp(g->option ? g->option : g->name, option) && opts_group_params(g)->name && asks(g, arg)) {
            print(g, out);
            return true;
        }
    }
    return false;
}
