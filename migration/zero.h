/*
 * Is a page all zero? Asked of each page of memory that is sent, so it is made for the host's vectors.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_ZERO_H
#define MIGRATION_ZERO_H

#include <stdbool.h>
#include <stddef.h>

/* n: a multiple of 256; p: aligned to 8 */
bool is_zero(const void *p, size_t n);
/* It will be asked of this next: has the host fetch what is_zero() looks at first. Any address may be given. */
static inline void is_zero_soon(const void *p, size_t n)
{
    __builtin_prefetch(p);
    __builtin_prefetch((const char *)p + n / 2);
    __builtin_prefetch((const char *)p + n - 8);
}
/* The ways there are on this host, for tests; NULL behind the last. The first is the one that is used. */
extern bool (*const is_zero_ways[])(const void *p, size_t n);
bool is_zero_way_runs_here(bool (*way)(const void *p, size_t n));

#endif
