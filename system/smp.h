/*
 * Processor topology: what -smp leaves out is worked out from what it says.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SYSTEM_SMP_H
#define SYSTEM_SMP_H

#include <glib.h>
#include <stdbool.h>

typedef struct SmpTopology {
    unsigned cpus, maxcpus, sockets, cores, threads;    /* 0: not said */
} SmpTopology;

/*
 * Fills every field. Cores are preferred over sockets, sockets over threads, when several are open: so `-smp 8` is one
 * socket of eight cores. False when the hierarchy does not hold exactly maxcpus threads, or fewer than cpus.
 */
bool smp_complete(SmpTopology *t, GError **err);

#endif
