/*
 * What the halves of a migration share: private to migration/.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_STATE_H
#define MIGRATION_STATE_H

#include "migration/migration.h"

MigrationStatus migration_status(void);
void migration_set_status(MigrationStatus s);       /* who listens to events hears it; any thread */

MigAddress *migration_address_of(const char *uri, json_object *channels, GError **err);      /* whichever is not NULL */

/* ---- for who loads the stream; without the big lock ---- */

void migration_incoming_run(void);                              /* as it ran on the source */
void migration_incoming_failed(const GError *err);              /* says so to both sides; the process ends */
bool migration_incoming_open_return_path(GError **err);
MigChannel *migration_incoming_channel(void);                   /* NULL: none; that thread's own */
bool migration_incoming_break(void);                            /* any thread; false: there is no channel */
bool migration_incoming_begun(void);                            /* and is not over */
bool dirty_rate_is_measured(void);
void migration_incoming_over(void);                             /* the machine is now one that may leave */

#endif
