/*
 * Guest time, and timers on it.
 *
 * The virtual clock counts nanoseconds while the machine runs and stands still while it is stopped;
 * with -icount it counts executed instructions instead, under qtest it goes as far as it is told to. Timers fire in the main loop under the big lock.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SYSTEM_CLOCK_H
#define SYSTEM_CLOCK_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define NS_PER_SEC 1000000000ll

int64_t clock_virtual_ns(void);
int64_t clock_host_ns(void);                /* the guest's wall clock, as -rtc wants it: since the epoch */
typedef enum { WALL_HOST, WALL_MONOTONIC, WALL_VIRTUAL } WallClock;
void clock_set_wall(WallClock source, int64_t offset_s);        /* it starts that far from the host's and follows `source` */
void clock_start(void);                     /* the machine runs */
void clock_stop(void);
void clock_hold_timers(bool hold);          /* none fires, though time passes: while a debugger steps */
void clock_set_virtual_ns(int64_t ns);      /* after loading a saved machine; while stopped */
void clock_advance(int64_t ns);             /* of one that moves by this alone; what falls due fires in the main loop */
int64_t clock_next_deadline_ns(void);       /* of all timers; INT64_MAX: none */
/* From now on the virtual clock moves by clock_advance() alone: by instructions executed (-icount), or at a client's word (qtest). */
void clock_stand(void);

typedef struct Timer Timer;
Timer *timer_new(void (*cb)(void *opaque), void *opaque);
void timer_mod(Timer *t, int64_t expire_ns);    /* virtual; any thread */
void timer_del(Timer *t);
bool timer_pending(const Timer *t);
int64_t timer_expire_ns(const Timer *t);        /* -1: not pending */
void timers_run(void);                          /* fires what is due; big lock held */
void clock_init(void);                          /* attaches the timers to the default main context */

#endif
