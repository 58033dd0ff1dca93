/*
 * Moving the machine: its state machine, parameters and figures, for the monitors.
 *
 * Everything here is called with the big lock held; the work is done on threads of its own.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_MIGRATION_H
#define MIGRATION_MIGRATION_H

#include "migration/channel.h"
#include "migration/ram.h"

typedef enum MigrationStatus {
    MIGRATION_NONE, MIGRATION_SETUP, MIGRATION_CANCELLING, MIGRATION_CANCELLED, MIGRATION_ACTIVE, MIGRATION_DEVICE, MIGRATION_COMPLETED,
    MIGRATION_FAILED
} MigrationStatus;

typedef struct MigrationInfo {
    MigrationStatus status;
    const char *error;              /* of the last failure, or NULL */
    uint64_t total_ms, setup_ms, downtime_ms, expected_downtime_ms;
    uint64_t transferred;           /* bytes of the stream */
    uint64_t precopy;               /* ... before the machine stopped */
    double mbps;
    RamStats ram;
} MigrationInfo;

/*
 * Asked while the machine stands still, before its state is sent: may it go as it is? If not, a machine that runs may go on for a
 * moment and is asked again; `last`: there is no other time. Set by the processor.
 */
extern bool (*migration_settle)(bool last);

const char *migration_status_name(MigrationStatus s);
MigrationInfo migration_info(void);
bool migration_running(void);
void migration_init(void);
/* Begins to send; how it goes on is seen in migration_info(). */
bool migration_start(const char *uri, GError **err);
void migration_cancel(void);
void migration_note_pass(uint64_t n);    /* memory was gone through; any thread */
/* Until it is over; the main loop goes on meanwhile. From the main loop only. */
void migration_wait(void);

/* -incoming URI, or "defer": then this again. The machine is made; it runs when all is loaded. A failure ends the process. */
bool migration_incoming(const char *uri, GError **err);
bool migration_is_incoming(void);

/*
 * More channels between the two sides, beside the one that carries the stream; for a migration's own threads, blocking. Who opened
 * one closes it (channel_close(), channel_free()). Outgoing, one to where the main one went. Incoming, the next that came: the one whose
 * first bytes are a stream's head was taken as the main one, in whatever order they arrived.
 */
MigChannel *migration_open_channel(GError **err);
MigChannel *migration_next_channel(GError **err);

/* The machine's run state as it travels (globalstate.c). */
void globalstate_init(void);
void globalstate_note(void);                /* about to stop for the stream: remember what it was */
const char *globalstate_received(void);     /* NULL: the stream had none */

#endif
