/*
 * memory-backend-ram: a size with a name, which -numa node,memdev= takes for a node's. All guest memory is one piece (system/memory.h), so
 * how the host is to treat it is accepted and no more.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_CORE_MEMORY_BACKEND_H
#define HW_CORE_MEMORY_BACKEND_H

#include <stdbool.h>
#include <stdint.h>

/* The bytes of the backend with this id, which is in use from now on; false: there is none. */
bool memory_backend_use(const char *id, uint64_t *size);

#endif
