/*
 * -readconfig FILE: an option per section,
 *
 *     [chardev "console"]
 *       backend = "null"
 *
 * is -chardev id=console,backend=null. GLib's key files do not know the quoted form, so this is read here.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/options-int.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* QEMU's section names that are not the option's */
static const struct { const char *section, *option; } names[] = {
    { "memory", "m" }, { "smp-opts", "smp" }, { "boot-opts", "boot" },
};

static bool append_pair(GString *text, const char *key, const char *value)
{
    g_string_append_printf(text, "%s%s=", text->len ? "," : "", key);
    for (; *value; value++) {
        g_string_append_c(text, *value);
        if (*value == ',') {
            g_string_append_c(text, ',');
        }
    }
    return true;
}

static bool finish_section(Options *o, const char *section, const GString *text, unsigned line, const char *file, GError **err)
{
    const char *option = section;

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        if (!strcmp(names[i].section, section)) {
            option = names[i].option;
        }
    }
    OptFn *fn = *section ? options_find(option) : NULL;
    if (*section && !fn) {
        return report_fail(err, "%s:%u: There is no option group '%s'", file, line, section);
    }
    return !fn || fn(o, g_intern_string(text->str), err);
}

bool opt_readconfig(Options *o, const char *file, GError **err)
{
    g_autofree char *all = NULL, *section = g_strdup("");
    g_autoptr(GString) text = g_string_new(NULL);
    unsigned opened = 0;

    if (!g_file_get_contents(file, &all, NULL, NULL)) {
        return report_fail(err, "Could not open '%s': %s", file, g_strerror(errno));
    }
    g_auto(GStrv) lines = g_strsplit(all, "\n", -1);
    for (unsigned n = 0; lines[n]; n++) {
        char *line = g_strstrip(lines[n]);
        char group[64], id[64], key[64], value[1024];
        int end = 0;
        if (!*line || *line == '#') {
            continue;
        }
        bool with_id = sscanf(line, "[%63s \"%63[^\"]\"]%n", group, id, &end) == 2 && end;
        if (with_id || (sscanf(line, "[%63[^]\"]]%n", group, &end) == 1 && end)) {
            if (!finish_section(o, section, text, opened, file, err)) {
                return false;
            }
            g_string_truncate(text, 0);
            g_free(section);
            section = g_strdup(g_strstrip(group));
            opened = n + 1;
            if (with_id) {
                append_pair(text, "id", id);
            }
        } else if ((sscanf(line, "%63[^= \t] = \"%1023[^\"]\"%n", key, value, &end) == 2 && end)
                   || (sscanf(line, "%63[^= \t] = \"\"%n", key, &end) == 1 && end && !(*value = 0))) {
            if (!*section) {
                return report_fail(err, "%s:%u: no group defined", file, n + 1);
            }
            append_pair(text, key, value);
        } else {
            return report_fail(err, "%s:%u: parse error", file, n + 1);
        }
    }
    return finish_section(o, section, text, opened, file, err);
}
