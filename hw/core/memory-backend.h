/*
 * Memory backends: memory-backend-ram, -memfd and -file, objects that users name. The machine's memory-backend= takes one for guest memory, -numa
 * node,memdev= its size for a node's. All guest memory is one piece (system/memory.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_CORE_MEMORY_BACKEND_H
#define HW_CORE_MEMORY_BACKEND_H

#include "system/memory.h"

/* The bytes of the backend with this id, which is in use from now on; false: there is none. */
bool memory_backend_use(const char *id, uint64_t *size);
/* Likewise, and what it is. */
bool memory_backend_source(const char *id, MemorySource *source, uint64_t *size);

#endif
