/*
 * What forbids to migrate: who has state that cannot travel says so.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/migration.h"
#include "system/report.h"

bool migration_only_migratable;

typedef struct Blocker { unsigned id; char *reason; } Blocker;
static GSList *blockers;

unsigned migration_add_blocker(const char *reason, GError **err)
{
    static unsigned last;

    if (migration_only_migratable || migration_running()) {
        report_fail(err, "disallowing migration blocker (%s) for: %s", migration_only_migratable ? "--only-migratable" : "migration in progress", reason);
        return 0;
    }
    Blocker *b = g_new(Blocker, 1);
    *b = (Blocker){ ++last, g_strdup(reason) };
    blockers = g_slist_append(blockers, b);
    return b->id;
}

void migration_del_blocker(unsigned id)
{
    for (GSList *l = blockers; l; l = l->next) {
        Blocker *b = l->data;
        if (b->id == id) {
            blockers = g_slist_delete_link(blockers, l);
            g_free(b->reason);
            g_free(b);
            return;
        }
    }
}

const char *migration_blocker(unsigned n)
{
    Blocker *b = g_slist_nth_data(blockers, n);

    return b ? b->reason : NULL;
}
