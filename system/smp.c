/*
 * See smp.h. Kept apart from the options because it is arithmetic that can be tested alone.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/smp.h"
#include <gio/gio.h>
#include <stdint.h>

bool smp_complete(SmpTopology *t, GError **err)
{
    unsigned known = t->maxcpus ? t->maxcpus : t->cpus;

    if (!known) {
        t->sockets = MAX(t->sockets, 1);
        t->cores = MAX(t->cores, 1);
        t->threads = MAX(t->threads, 1);
    } else if (!t->cores) {
        t->sockets = MAX(t->sockets, 1);
        t->threads = MAX(t->threads, 1);
        t->cores = known / ((uint64_t)t->sockets * t->threads);
    } else if (!t->sockets) {
        t->threads = MAX(t->threads, 1);
        t->sockets = known / ((uint64_t)t->cores * t->threads);
    } else if (!t->threads) {
        t->threads = known / ((uint64_t)t->sockets * t->cores);
    }
    uint64_t all = (uint64_t)t->sockets * t->cores * t->threads;
    if (!t->maxcpus) {
        t->maxcpus = MAX(t->cpus, (unsigned)MIN(all, UINT32_MAX));
    }
    if (all != t->maxcpus) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "Invalid CPU topology: product of the hierarchy must "
                    "match maxcpus: sockets (%u) * cores (%u) * threads (%u) != maxcpus (%u)",
                    t->sockets, t->cores, t->threads, t->maxcpus);
        return false;
    }
    if (!t->cpus) {
        t->cpus = t->maxcpus;
    }
    if (t->maxcpus < t->cpus) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "Invalid CPU topology: maxcpus must be equal to or "
                    "greater than smp: sockets (%u) * cores (%u) * threads (%u) == maxcpus (%u) < smp_cpus (%u)",
                    t->sockets, t->cores, t->threads, t->maxcpus, t->cpus);
        return false;
    }
    return true;
}
