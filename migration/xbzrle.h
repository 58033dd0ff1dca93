/*
 * What changed in a page since it was sent last, as runs: how many bytes stayed, how many did not, and these; until nothing changes any more.
 * Numbers are little-endian in base 128. The name and the form are QEMU's ("xbzrle"; found in its streams).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_XBZRLE_H
#define MIGRATION_XBZRLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XBZRLE_PAGE 4096u

/* Both pages aligned to 8. The length in out, 0 if nothing changed, -1 if it would take more than `room` bytes. */
int xbzrle_encode(const uint8_t *before, const uint8_t *after, uint8_t *out, size_t room);
/* Makes the changes in `page`. false: this is no such encoding (some of it may have been done). */
bool xbzrle_decode(uint8_t *page, const uint8_t *in, size_t n);

#endif
