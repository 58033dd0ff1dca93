/*
 * qemu-migration inspect --html: a page that needs nothing else, with the stream's layout drawn to a scale that leaves small things visible.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tools/tool.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

#define WIDTH 1200.0
#define LISTED 64               /* elements of an array that differ */

static const char style[] =
    "body{font:14px/1.45 system-ui,sans-serif;margin:2em auto;max-width:1240px;padding:0 1em;color:#1a1a1a;background:#fff}"
    "h1{font-size:1.4em}h2{font-size:1.1em;margin-top:2em}table{border-collapse:collapse;width:100%}"
    "td,th{text-align:left;padding:.15em .8em .15em 0;vertical-align:top}th{font-weight:600;border-bottom:1px solid #bbb}"
    ".n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}code{font:13px ui-monospace,monospace;overflow-wrap:anywhere}"
    "details{border-top:1px solid #ddd;padding:.3em 0}summary{cursor:pointer}summary code{font-weight:600}"
    ".bad{background:#fde8e8;border-left:4px solid #c0392b;padding:.6em 1em}svg{width:100%;height:auto}svg rect{stroke:#fff;stroke-width:.5}"
    "svg text{font:11px system-ui,sans-serif;fill:#1a1a1a}.muted{color:#666}";

static void put(GString *out, const char *text)
{
    g_autofree char *safe = g_markup_escape_text(text, -1);

    g_string_append(out, safe);
}

/* The bar's share of a stretch: small ones are shown larger than they are. */
static double share(const SavedExtent *e)
{
    return 4 + log2(1 + e->size);
}

static void draw_layout(const Saved *s, GString *out)
{
    static const char *const colours[] = { "#8ecae6", "#ffd166", "#95d5b2", "#f4a6a6", "#cdb4db", "#f7c59f", "#a9c5a0", "#b8c0ff" };
    double all = 0, x = 0;
    char size[32];

    for (guint i = 0; i < s->extents->len; i++) {
        all += share(&g_array_index(s->extents, SavedExtent, i));
    }
    g_string_append_printf(out, "<svg viewBox=\"0 0 %.0f 130\" role=\"img\" aria-label=\"layout of the stream\">", WIDTH);
    for (guint i = 0; i < s->extents->len; i++) {
        const SavedExtent *e = &g_array_index(s->extents, SavedExtent, i);
        double w = share(e) / all * WIDTH;
        g_autofree char *what = g_markup_escape_text(e->what, -1);
        g_string_append_printf(out, "<g><title>%s: 0x%" PRIx64 ", %" PRIu64 " bytes%s</title><rect x=\"%.2f\" y=\"0\" width=\"%.2f\" height=\"46\" "
                               "fill=\"%s\"/>", what, e->offset, e->size, e->parts > 1 ? ", many parts" : "", x, w, colours[i % G_N_ELEMENTS(colours)]);
        if (s->extents->len <= 80) {
            g_string_append_printf(out, "<text transform=\"translate(%.2f 52) rotate(55)\">%s</text>", x + w / 2 - 3, what);
        }
        g_string_append(out, "</g>");
        x += w;
    }
    g_string_append_printf(out, "</svg><p class=\"muted\">The whole has %s; widths follow the logarithm of sizes. Point at a part for its offset.</p>",
                           saved_size_text(size, sizeof(size), s->bytes));
}

static void put_row(GString *out, const SavedSection *d, const SavedField *f, const char *path, uint32_t i)
{
    g_autofree char *value = saved_value_text(d, f, i, false), *meaning = saved_meaning(d, f, i);

    g_string_append_printf(out, "<tr><td class=n>0x%x<td class=n>%u<td>%s<td><code>", f->at + i * f->size, f->size, f->type);
    put(out, path);
    g_string_append_printf(out, "</code><td><code>%s</code><td>", value);
    put(out, meaning ? meaning : "");
}

static void put_field(GString *out, const SavedSection *d, const SavedField *f)
{
    if (!f->type) {
        g_string_append_printf(out, "<tr><td class=n>0x%x<td class=n>%u<td>subsection<td><code>", f->at, f->size);
        put(out, f->path);
        g_string_append_printf(out, "</code><td>version %u<td>", f->version);
        return;
    }
    if (f->count > 1 && saved_all_equal(d, f)) {
        g_autofree char *path = g_strdup_printf("%s[0..%u]", f->path, f->count - 1);
        put_row(out, d, f, path, 0);
        return;
    }
    unsigned shown = 0;
    const uint8_t *p = (const uint8_t *)g_bytes_get_data(d->contents, NULL) + f->at;
    for (uint32_t i = 0; i < f->count; i++) {
        bool zero = f->count > 8;
        for (uint32_t k = 0; zero && k < f->size; k++) {
            zero = !p[(size_t)i * f->size + k];
        }
        if (zero) {
            continue;
        }
        if (++shown > LISTED && f->count > 1024) {
            g_string_append(out, "<tr><td><td><td><td class=muted>and further ones");
            return;
        }
        g_autofree char *path = saved_element_path(d, f, i);
        put_row(out, d, f, path, i);
    }
}

static void put_section(GString *out, const SavedSection *d)
{
    g_string_append(out, "<details><summary><code>");
    put(out, d->name);
    g_string_append_printf(out, "</code> %u, version %u <span class=muted>at 0x%" PRIx64 ", %" PRIu64 " bytes%s</span></summary>", d->instance, d->version,
                           d->offset, d->size, d->iterated ? ", in parts" : d->fields ? "" : ", not explained");
    if (d->fields) {
        g_string_append(out, "<table><tr><th class=n>offset<th class=n>bytes<th>type<th>name<th>value<th>meaning");
        for (guint k = 0; k < d->fields->len; k++) {
            put_field(out, d, &g_array_index(d->fields, SavedField, k));
        }
        g_string_append(out, "</table>");
    }
    g_string_append(out, "</details>\n");
}

void tool_html(const Saved *s, const char *file, const char *damage, GString *out)
{
    g_autoptr(GPtrArray) facts = tool_facts(s);

    g_string_append(out, "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width,initial-scale=1\"><title>");
    put(out, file);
    g_string_append_printf(out, "</title><style>%s</style>\n<h1>", style);
    put(out, file);
    g_string_append(out, "</h1>\n");
    if (damage) {
        g_string_append(out, "<p class=bad>");
        put(out, damage);
        g_string_append(out, "</p>\n");
    }
    g_string_append(out, "<table>");
    for (guint i = 0; i < facts->len; i += 2) {
        g_string_append(out, "<tr><td>");
        put(out, facts->pdata[i]);
        g_string_append(out, "<td>");
        put(out, facts->pdata[i + 1]);
    }
    g_string_append(out, "</table>\n<h2>Layout</h2>\n");
    draw_layout(s, out);
    g_string_append(out, "<h2>Sections</h2>\n");
    for (guint i = 0; i < s->sections->len; i++) {
        put_section(out, g_ptr_array_index(s->sections, i));
    }
    g_string_append(out, "</html>\n");
}
