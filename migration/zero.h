/*
 * Is a page all zero? Asked of each page of memory that is sent, so it is made for the host's vectors.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_ZERO_H
#define MIGRATION_ZERO_H

#include <stdbool.h>
#include <stddef.h>

/* n, and the unit below: a multiple of 256; p: aligned to 8 */
bool is_zero(const void *p, size_t n);
/* How many of n units from p on are zero. Of a long run nothing is looked at out of order: that keeps the host's prefetching going. */
unsigned zero_run(const void *p, size_t unit, unsigned n);
/* The ways there are on this host, for tests; NULL behind the last. The first is the one that is used. */
extern bool (*const is_zero_ways[])(const void *p, size_t n);
bool is_zero_way_runs_here(bool (*way)(const void *p, size_t n));

#endif
