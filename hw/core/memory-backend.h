/*
 * Memory backends: memory-backend-ram, -memfd and -file, objects that users name. The machine's memory-backend= takes one for all of guest memory, -numa
 * node,memdev= one for a node's; each becomes a block of it (system/memory.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_CORE_MEMORY_BACKEND_H
#define HW_CORE_MEMORY_BACKEND_H

#include "hw/core/machine.h"
#include "system/memory.h"

/* What the backend with this id is (or path: /objects/ID), which is in use from now on; false: there is none, or it is in use, and err says so. */
bool memory_backend_source(const char *id, MemorySource *source, GError **err);
/* What users plug is asked before it is taken: `id` as above. */
bool memory_backend_exists(const char *id, GError **err);
bool memory_backend_is_used(const char *id);
uint64_t memory_backend_size(const char *id);
void memory_backend_release(const char *id);        /* it is not in use any more */
/* Likewise of one that is made for the machine, which was told of none. */
bool memory_backend_default(const MachineConfig *m, const char *id, uint64_t size, MemorySource *source, GError **err);

#endif
