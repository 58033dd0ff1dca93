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

/* With the words of QMP; the states between setup and completed are those of a migration that goes on. */
#define MIGRATION_STATES(S)                                                                                             \
    S(NONE, "none") S(SETUP, "setup") S(CANCELLING, "cancelling") S(CANCELLED, "cancelled") S(ACTIVE, "active")         \
    S(POSTCOPY_ACTIVE, "postcopy-active") S(POSTCOPY_PAUSED, "postcopy-paused") S(POSTCOPY_RECOVER, "postcopy-recover") \
    S(COMPLETED, "completed") S(FAILED, "failed") S(COLO, "colo") S(PRE_SWITCHOVER, "pre-switchover")                   \
    S(DEVICE, "device") S(WAIT_UNPLUG, "wait-unplug")
typedef enum MigrationStatus {
#define S(id, name) MIGRATION_##id,
    MIGRATION_STATES(S)
#undef S
} MigrationStatus;

typedef struct MigrationInfo {
    MigrationStatus status;
    const char *error;              /* of the last failure, or NULL */
    uint64_t total_ms, setup_ms, downtime_ms, expected_downtime_ms;
    uint64_t transferred;           /* bytes of the stream */
    uint64_t precopy;               /* ... before the machine stopped */
    uint64_t bytes_per_second;      /* lately; 0: not known yet */
    uint64_t postcopy;              /* ... after post-copy gave the guest away */
    uint64_t postcopy_requests;     /* pages that the destination asked for */
    double mbps;
    RamStats ram;
} MigrationInfo;

/*
 * Asked while the machine stands still, before its state is sent: may it go as it is? If not, a machine that runs may go on for a
 * moment and is asked again; `last`: there is no other time. Set by the processor.
 */
extern bool (*migration_settle)(bool last);

const char *migration_status_name(MigrationStatus s);
bool migration_status_find(const char *name, MigrationStatus *s);
MigrationInfo migration_info(void);
bool migration_running(void);
bool migration_needs_memory(void);      /* to stay as it is: it is being sent, received, or looked at (calc-dirty-rate) */
void migration_print_globals(GString *out);      /* what `info migrate` shows of the object "migration" */
void migration_init(void);
/* Where is told by a URI or by a list of QMP's MigrationChannel; the other is NULL. Begins to send; how it goes on is seen in migration_info(). */
bool migration_start(const char *uri, json_object *channels, GError **err);
void migration_cancel(void);
/* Goes on from the state where it waits (pause-before-switchover). */
bool migration_continue(MigrationStatus from, GError **err);

/* Who has state that cannot travel says so, until it is gone again. 0 and an error: with -only-migratable, or while one migrates. */
unsigned migration_add_blocker(const char *reason, GError **err);
void migration_del_blocker(unsigned id);
const char *migration_blocker(unsigned n);      /* the n-th reason, or NULL */
extern bool migration_only_migratable;
/* The guest goes over as it is; its memory follows. */
bool migration_start_postcopy(GError **err);
bool migration_pause(GError **err);                             /* post-copy's link is cut, on either side */
bool migration_recover(const char *uri, GError **err);          /* the destination: where the new link comes in */
bool migration_resume(const char *uri, json_object *channels, GError **err);   /* the source: the new link */
void migration_note_pass(uint64_t n);    /* memory was gone through; any thread */
/* Until it is over; the main loop goes on meanwhile. From the main loop only. */
void migration_wait(void);

/* -incoming URI, or "defer": then this again. The machine is made; it runs when all is loaded. A failure ends the process. */
bool migration_incoming(const char *uri, json_object *channels, GError **err);
bool migration_is_incoming(void);

/*
 * More channels between the two sides, beside the one that carries the stream; for a migration's own threads, blocking. Who opened
 * one closes it (channel_close(), channel_free()). Outgoing, one to where the main one went. Incoming, the next that came: the one whose
 * first bytes are a stream's head was taken as the main one, in whatever order they arrived.
 */
MigChannel *migration_open_channel(GError **err);
bool migration_open_page_channel(GError **err);     /* post-copy's (postcopy.h), if it is wanted */
MigChannel *migration_next_channel(GCancellable *cancel, GError **err);

/* The machine's run state as it travels (globalstate.c). */
void globalstate_init(void);
void globalstate_note(void);                /* about to stop for the stream: remember what it was */
const char *globalstate_received(void);     /* NULL: the stream had none */

#endif
