/*
 * What a guest is, before it moves: see manifest.c. The form is that of QMP's MigrationManifest.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_MANIFEST_H
#define MIGRATION_MANIFEST_H

#include <gio/gio.h>
#include <json-c/json.h>
#include <stdbool.h>

/* Of this machine, which may run: it stands still for a moment. Big lock held. NULL and an error: a section cannot be saved. */
json_object *manifest_new(GError **err);
bool manifest_is_one(json_object *m, GError **err);
/*
 * All reasons for which this machine, which waits for a guest and got nothing of it yet, would not take that of the manifest (manifest_is_one());
 * "": it would. The machine is reset. Without the big lock.
 */
char *manifest_check(json_object *m);

#endif
