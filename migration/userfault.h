/*
 * The host's userfaultfd, for those who want to hear of accesses to guest memory: post-copy of pages that are missing, a background snapshot
 * of writes to pages that are protected.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_USERFAULT_H
#define MIGRATION_USERFAULT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * A descriptor, not blocking, that has the features (UFFD_FEATURE_... of linux/userfaultfd.h). -1: the error goes on behind the name of who
 * wanted it ("post-copy"), and says what has to be changed on this host; `features_text`: what they are, and since which Linux.
 */
int userfault_open(const char *who, uint64_t features, const char *features_text, GError **err);

/* A thread that calls fn for each fault within guest memory, in their order, until it is stopped. `thread`: of the host, with UFFD_FEATURE_THREAD_ID. */
typedef struct UserfaultWatch UserfaultWatch;
UserfaultWatch *userfault_watch(int fd, const char *name, void (*fn)(uint64_t page, uint32_t thread), GError **err);
void userfault_unwatch(UserfaultWatch *w);      /* NULL: nothing to do. Does not close the descriptor. */

#endif
