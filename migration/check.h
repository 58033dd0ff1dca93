/*
 * Would this machine take a guest? What the loader asks on its way, asked of one part after the other, with every reason heard rather than the first:
 * for qemu-migration check, which has a stream, and QMP's migrate-check, which has a manifest. The rules are the loader's own functions.
 *
 * Device state is loaded into the machine, which must not run, and is to be reset or given up afterwards. The big lock is held.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_CHECK_H
#define MIGRATION_CHECK_H

#include <gio/gio.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct LoadCheck LoadCheck;
LoadCheck *load_check_new(void);
void load_check_free(LoadCheck *c);

void load_check_framing(LoadCheck *c, const char *machine, bool footers);      /* machine: NULL, the guest's stream does not name it */
void load_check_block(LoadCheck *c, const char *name, uint64_t bytes);          /* of memory */
void load_check_hash_table(LoadCheck *c, uint64_t shift);                       /* UINT32_MAX: none */
void load_check_iterated(LoadCheck *c, const char *name, uint32_t instance, uint32_t version);
void load_check_section(LoadCheck *c, const char *name, uint32_t instance, uint32_t version, const void *data, size_t size);
void load_check_reason(LoadCheck *c, const char *reason);       /* found by the caller; the same twice is one */
/* When all was said: notes what the machine has and nobody mentioned. */
void load_check_end(LoadCheck *c);

/* Of strings. Without a reason it loads. */
const GPtrArray *load_check_reasons(const LoadCheck *c), *load_check_notes(const LoadCheck *c);

#endif
