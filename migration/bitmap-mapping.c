/*
 * See bitmap-mapping.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/bitmap-mapping.h"
#include "monitor/qmp.h"
#include "system/opts.h"
#include "system/report.h"
#include <string.h>

QMP_STRUCT(BitmapMigrationBitmapAliasTransform, "persistent:bool?");
QMP_STRUCT(BitmapMigrationBitmapAlias, "name:str alias:str transform:BitmapMigrationBitmapAliasTransform?");
QMP_STRUCT(BitmapMigrationNodeAlias, "node-name:str alias:str bitmaps:[BitmapMigrationBitmapAlias]");

/* What the stream and QEMU's disks have room for. */
enum { ALIAS_MOST = 255, NODE_MOST = 31, BITMAP_MOST = 1023 };

static bool fits(const char *what, const char *name, size_t most, GError **err)
{
    return strlen(name) <= most || report_fail(err, "The %s '%s' is longer than %zu bytes", what, name, most);
}

static bool check_bitmaps(json_object *node, GError **err)
{
    const char *node_name = qmp_str(node, "node-name", ""), *node_alias = qmp_str(node, "alias", "");
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal), aliases = g_hash_table_new(g_str_hash, g_str_equal);
    json_object *list = json_object_object_get(node, "bitmaps");

    for (size_t i = 0; i < json_object_array_length(list); i++) {
        json_object *bitmap = json_object_array_get_idx(list, i);
        const char *name = qmp_str(bitmap, "name", ""), *alias = qmp_str(bitmap, "alias", "");
        if (!fits("bitmap alias", alias, ALIAS_MOST, err) || !fits("bitmap name", name, BITMAP_MOST, err)) {
            return false;
        }
        if (!g_hash_table_add(names, (char *)name)) {
            return report_fail(err, "The bitmap '%s'/'%s' is mapped twice", node_name, name);
        }
        if (!g_hash_table_add(aliases, (char *)alias)) {
            return report_fail(err, "The bitmap alias '%s'/'%s' is used twice", node_alias, alias);
        }
    }
    return true;
}

static bool check_nodes(json_object *list, GError **err)
{
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal), aliases = g_hash_table_new(g_str_hash, g_str_equal);

    for (size_t i = 0; i < json_object_array_length(list); i++) {
        json_object *node = json_object_array_get_idx(list, i);
        const char *name = qmp_str(node, "node-name", ""), *alias = qmp_str(node, "alias", "");
        if (!opts_is_identifier(alias)) {
            return report_fail(err, "The node alias '%s' is not well-formed", alias);
        }
        if (!fits("node alias", alias, ALIAS_MOST, err) || !fits("node name", name, NODE_MOST, err)) {
            return false;
        }
        if (!g_hash_table_add(names, (char *)name)) {
            return report_fail(err, "The node name '%s' is mapped twice", name);
        }
        if (!g_hash_table_add(aliases, (char *)alias)) {
            return report_fail(err, "The node alias '%s' is used twice", alias);
        }
        if (!check_bitmaps(node, err)) {
            return false;
        }
    }
    return true;
}

bool bitmap_mapping_check(const char *text, GError **err)
{
    json_object *list = json_tokener_parse(text);
    g_autoptr(GError) why = NULL;
    bool ok = check_nodes(list, &why);

    json_object_put(list);
    return ok || report_fail(err, "Invalid mapping given for block-bitmap-mapping: %s", why->message);
}

char *bitmap_mapping_print(const char *text)
{
    json_object *list = json_tokener_parse(text);
    GString *out = g_string_new(NULL);

    for (size_t i = 0; i < json_object_array_length(list); i++) {
        json_object *node = json_object_array_get_idx(list, i), *bitmaps = json_object_object_get(node, "bitmaps");
        g_string_append_printf(out, "\n  '%s' -> '%s'", qmp_str(node, "node-name", ""), qmp_str(node, "alias", ""));
        for (size_t k = 0; k < json_object_array_length(bitmaps); k++) {
            json_object *bitmap = json_object_array_get_idx(bitmaps, k);
            g_string_append_printf(out, "\n    '%s' -> '%s'", qmp_str(bitmap, "name", ""), qmp_str(bitmap, "alias", ""));
        }
    }
    json_object_put(list);
    return g_string_free(out, FALSE);
}
