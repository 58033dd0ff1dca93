/*
 * Runs of guest pages that are written to or read from a file, by one thread or by several.
 *
 * A file takes and gives more at once than one thread asks of it, when the host's disks work side by side and when pages are copied between
 * guest memory and the host's cache. Used by mapped-ram, where each page has a place of its own, so that the order does not matter.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_PAGE_RUNS_H
#define MIGRATION_PAGE_RUNS_H

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct PageRuns PageRuns;
/* What is to be done with the n pages from `first` on. Called by several threads at once, for different pages. */
typedef bool PageRunFunc(void *opaque, uint64_t first, uint64_t n, GError **err);

/* `threads` 0: whoever calls does it himself. */
PageRuns *page_runs_new(unsigned threads, PageRunFunc *func, void *opaque);
/* Waits while too much is waiting. After a failure nothing more is done. */
void page_runs_add(PageRuns *r, uint64_t first, uint64_t n);
/* Until all that was added is done. false: the first error, which stays. */
bool page_runs_wait(PageRuns *r, GError **err);
void page_runs_free(PageRuns *r);       /* waits for what has begun; NULL is nothing */

#endif
