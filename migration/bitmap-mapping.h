/*
 * The parameter block-bitmap-mapping: under which names the dirty bitmaps of disks travel. This build has no disks, so that nothing uses it; programs
 * set and ask for it all the same, and get the peer's answers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_BITMAP_MAPPING_H
#define MIGRATION_BITMAP_MAPPING_H

#include <glib.h>
#include <stdbool.h>

/* `text` is JSON of the type [BitmapMigrationNodeAlias]. */
bool bitmap_mapping_check(const char *text, GError **err);
char *bitmap_mapping_print(const char *text);       /* a line a node and a bitmap; g_free() */

#endif
