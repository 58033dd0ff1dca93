/*
 * See out-batch.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/out-batch.h"
#include <string.h>

#define VECTORS 256u                /* of one write */

OutBatch *out_batch_new(void)
{
    OutBatch *b = g_new(OutBatch, 1);

    out_batch_empty(b);
    return b;
}

void out_batch_empty(OutBatch *b)
{
    b->used = b->made = b->pieces = 0;
}

static size_t space(const OutBatch *b)
{
    return OUT_BUFFER - b->used - b->made;
}

uint8_t *out_batch_room(OutBatch *b, size_t n)
{
    return n > space(b) || b->pieces == OUT_PIECES ? NULL : b->buf + b->used;
}

static OutPiece *last_piece(OutBatch *b)
{
    return b->pieces ? &b->piece[b->pieces - 1] : NULL;
}

bool out_batch_add(OutBatch *b, const void *bytes, size_t n)
{
    OutPiece *last = last_piece(b);

    if (last && !last->step && last->bytes + last->size == bytes) {
        last->size += n;
    } else if (b->pieces == OUT_PIECES) {
        return false;
    } else {
        b->piece[b->pieces++] = (OutPiece){ .bytes = bytes, .size = n };
    }
    b->used += bytes == b->buf + b->used ? n : 0;
    return true;
}

unsigned out_batch_add_records(OutBatch *b, uint64_t first, uint32_t step, unsigned n)
{
    OutPiece *last = last_piece(b);
    size_t size = MIN(n, space(b) / OUT_RECORD) * OUT_RECORD;

    if (last && last->step == step && first - last->first == last->size / OUT_RECORD * step) {
        last->size += size;
    } else if (!size || b->pieces == OUT_PIECES) {
        return 0;
    } else {
        b->piece[b->pieces++] = (OutPiece){ .first = first, .step = step, .size = size };
    }
    b->made += size;
    return size / OUT_RECORD;
}

uint64_t out_batch_bytes(const OutBatch *b)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < b->pieces; i++) {
        n += b->piece[i].size;
    }
    return n;
}

static void make_records(const OutPiece *p, uint8_t *to)
{
    uint64_t number = p->first;

    for (const uint8_t *end = to + p->size; to < end; to += OUT_RECORD, number += p->step) {
        const uint64_t wire = GUINT64_TO_BE(number);
        memcpy(to, &wire, 8);
        to[8] = 0;
    }
}

bool out_batch_write(OutBatch *b, GOutputStream *to, GCancellable *cancel, GError **err)
{
    uint8_t records[OUT_BUFFER];
    bool ok = true;

    for (unsigned i = 0, n; ok && i < b->pieces; i += n) {
        GOutputVector v[VECTORS];
        size_t bytes = 0, made = 0;
        for (n = 0; n < VECTORS && i + n < b->pieces && bytes < OUT_WRITE_MAX; n++) {
            const OutPiece *p = &b->piece[i + n];
            v[n] = (GOutputVector){ p->step ? records + made : p->bytes, p->size };
            bytes += p->size;
            if (p->step) {
                make_records(p, records + made);
                made += p->size;
            }
        }
        ok = g_output_stream_writev_all(to, v, n, NULL, cancel, err);
    }
    out_batch_empty(b);
    return ok;
}
