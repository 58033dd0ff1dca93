/*
 * Which pages of private memory (mmap() without a file) the host has given: where it has none, nobody ever wrote, and all reads as zero.
 * To look at the memory itself would fault pages in.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SYSTEM_HOST_PAGES_H
#define SYSTEM_HOST_PAGES_H

#include <stdint.h>

/* How many of the n bytes from p on, where a page of the host begins, lie in pages that are not there. Without an answer from the host, 0. */
uint64_t host_pages_absent(const void *p, uint64_t n);

#endif
