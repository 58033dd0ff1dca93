/*
 * What travels on the channels of "multifd", beside the stream: first who it is, then packets of pages, numbers big-endian.
 *
 * A packet is of one block of memory. It has a head of fixed size with the places of its pages there, then the pages without zeros, one behind the other, as
 * they are or as a part of one compressed stream a channel. Flag SYNC, after which the channel waits: all pages that the stream refers to so far are there
 * when every channel has come to it. Found in what 7.2 and 10.0 send each other.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_MULTIFD_WIRE_H
#define MIGRATION_MULTIFD_WIRE_H

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

#define MULTIFD_MAGIC 0x11223344u
#define MULTIFD_VERSION 1u
#define MULTIFD_PAGES 128u
#define MULTIFD_DATA (MULTIFD_PAGES * 4096u)
#define MULTIFD_HELLO_BYTES 64u     /* magic 4, version 4, uuid 16, channel 1, zeros */
#define MULTIFD_HEAD_BYTES (320u + 8 * MULTIFD_PAGES)
/* What a compressed packet can come to: zlib and zstd keep what does not compress, with a few bytes a page. */
#define MULTIFD_COMPRESSED_MAX (MULTIFD_DATA + MULTIFD_DATA / 8)

enum { MULTIFD_SYNC = 1, MULTIFD_METHOD = 0xe, MULTIFD_ZLIB = 1 << 1, MULTIFD_ZSTD = 2 << 1 };

typedef struct MultifdHead {
    uint32_t flags;
    uint32_t normal, zero;          /* pages with data, then those without; their places, in this order */
    uint32_t size;                  /* bytes of data behind the head */
    uint64_t number;                /* of the packet, over all channels */
    const char *block;              /* its name; what was read points into the wire. NULL: no pages */
    uint64_t page[MULTIFD_PAGES];   /* offsets in the block */
} MultifdHead;

void multifd_put_head(uint8_t *wire, const MultifdHead *h);
/* false: err says what is wrong. Everything in h is within bounds then, but its pages: */
bool multifd_get_head(const uint8_t *wire, MultifdHead *h, GError **err);
/* Are they in the block, which has so many bytes? */
bool multifd_check_pages(const MultifdHead *h, uint64_t block_bytes, GError **err);

/* uuid: as text, or NULL for none */
void multifd_put_hello(uint8_t *wire, const char *uuid, unsigned channel);
bool multifd_get_hello(const uint8_t *wire, const char *uuid, unsigned channels, unsigned *channel, GError **err);

#endif
