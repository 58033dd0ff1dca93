/*
 * What a stream's writer has gathered and not written yet, in order: bytes of its own, bytes that others keep until then, and records whose numbers are
 * made as they are written. Most of a guest are pages in a row, of which the stream has the places: to put those down costs memory that a host may be slow
 * to find, for no use.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_OUT_BATCH_H
#define MIGRATION_OUT_BATCH_H

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

#define OUT_BUFFER (64u << 10)      /* of the bytes of its own and those of records together */
#define OUT_KEPT (2u << 20)         /* of kept bytes, if it is not a single piece that has more */
#define OUT_PIECES 1024u
/*
 * Of one write through the host's cache, which a file system fills with folios as large as the write. Those beyond 256 KiB come from memory
 * that has not been used for long, and where the host is itself a guest (free page reporting) that is gone and must be found again: 1 GiB took
 * 1.2 to 2 s to write in pieces of 1 MiB, 0.25 s in these. To a socket it makes no difference.
 */
#define OUT_WRITE_MAX (128u << 10)

/* Bytes; or records, of which each has a number, big-endian in 8 bytes, and then `step` kept bytes or a byte 0. */
typedef struct OutPiece {
    const uint8_t *bytes;           /* NULL: of no record */
    size_t size;                    /* of the stream */
    uint64_t first;                 /* record's number */
    uint32_t step;                  /* from one number to the next; 0: no records */
    uint32_t records;
} OutPiece;

typedef struct OutBatch {
    size_t used, made, kept;        /* bytes in buf, in records, and elsewhere */
    unsigned pieces;
    OutPiece piece[OUT_PIECES];
    uint8_t buf[OUT_BUFFER];
} OutBatch;

OutBatch *out_batch_new(void);
void out_batch_empty(OutBatch *b);
/* Where n bytes can be put for out_batch_add(), or NULL: it is too full. */
uint8_t *out_batch_room(OutBatch *b, size_t n);
/* False: it is too full, and nothing was added. */
bool out_batch_add(OutBatch *b, const void *bytes, size_t n);
/* As many of n records as there is room for: how many. The bytes that one keeps follow those of the one before. */
unsigned out_batch_add_records(OutBatch *b, uint64_t first, uint32_t step, const void *bytes, unsigned n);
uint64_t out_batch_bytes(const OutBatch *b);
/* Now; the batch is empty then. */
bool out_batch_write(OutBatch *b, GOutputStream *to, GCancellable *cancel, GError **err);

#endif
