/*
 * The migration that goes out, as its parts share it: private to migration/.
 *
 * migration.c has its beginning, its end and its thread; outgoing-precopy.c sends while the machine runs and hands it over (or saves it as it was at one
 * moment); outgoing-postcopy.c hands it over first and sends the rest behind.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_OUTGOING_H
#define MIGRATION_OUTGOING_H

#include "migration/state.h"
#include "migration/stream.h"
#include "system/runstate.h"

typedef struct Outgoing {
    MigrationStatus status;
    MigAddress *to;
    char *error;
    GCancellable *cancel;
    GThread *thread;
    MigOut *out;
    MigChannel *channel;            /* that `out` writes to; outgoing_set_channel() */
    gint64 started, ended, stopped, resumed;
    gint64 delivered;               /* to one who says nothing back: all is written; he may take a while over it yet */
    uint64_t setup_ms, expected_downtime_ms;
    uint64_t transferred, precopy;
    double bytes_per_us;
    uint64_t sent_before;           /* on links that broke */
    bool start_postcopy;            /* was asked for */
    bool two_steps;                 /* the destination runs only when it is told so, after it said that it has everything */
    bool postcopied;                /* post-copy was begun */
    bool snapshot;                  /* the machine runs on here */
    bool halted;                    /* the machine stands still for this */
    RunState before;                /* ... and was this before */
    bool gone;                      /* post-copy: the destination may run by now */
    bool whole;                     /* pre-copy in one step: likewise, the end that it waits for was given to a socket */
    MigAddress *resume_to;          /* ... and where to go on with it */
    GMutex lock;
    GCond resumed_cond;
} Outgoing;
extern Outgoing outgoing;

/* ---- migration.c; on the migration's thread ---- */

bool outgoing_is_over(void);                /* cancelled, or its link broke */
void outgoing_note_sent(void);
void outgoing_set_channel(MigChannel *c);   /* it is the one that `out` writes to; the one before is freed */
bool outgoing_break(void);                  /* channel_break(); false: there is none. Any thread */
bool outgoing_open_page_channel(MigAddress *to, GError **err);
/* Why the link broke, in place of what it led to. */
void outgoing_name_link_error(GError **err);

/* ---- outgoing-precopy.c; likewise ---- */

/* Parts until the rest is small enough to stop for it, or post-copy is asked for; false: it is over. */
bool outgoing_send_while_running(void);
/* For a mode that sends nothing while the machine runs: it stops before anything else; outgoing_stop_for_rest() then finds it so. */
void outgoing_stop_first(void);
/* The machine stops: at a moment that suits it, and with the destination told how it will be handed over. Big lock held. */
void outgoing_stop_for_rest(MigrationStatus status);
bool outgoing_send_rest(GError **err);
/* The other side may run, or it may not. */
bool outgoing_is_uncertain(void);
bool outgoing_send_snapshot(GError **err);
void outgoing_wake(void);                   /* who waits before the switch-over looks again; big lock held */

/* ---- outgoing-postcopy.c; likewise ---- */

bool outgoing_send_postcopy(GError **err);

#endif
