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
    b->used = b->made = b->kept = b->pieces = 0;
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
    const bool own = bytes == b->buf + b->used && n <= space(b);
    OutPiece *last = last_piece(b);

    if (!own && b->kept && n > OUT_KEPT - MIN(b->kept, OUT_KEPT)) {
        return false;
    }
    if (last && !last->step && last->bytes + last->size == bytes) {
        last->size += n;
    } else if (b->pieces == OUT_PIECES) {
        return false;
    } else {
        b->piece[b->pieces++] = (OutPiece){ .bytes = bytes, .size = n };
    }
    *(own ? &b->used : &b->kept) += n;
    return true;
}

/* Bytes of one that are made for it. */
static size_t made_size(const void *kept)
{
    return kept ? 8 : 9;
}

static bool goes_on(const OutPiece *p, uint64_t first, uint32_t step, const uint8_t *bytes)
{
    const uint64_t size = (uint64_t)p->records * step;

    return p->step == step && first - p->first == size && bytes == (p->bytes ? p->bytes + size : NULL);
}

unsigned out_batch_add_records(OutBatch *b, uint64_t first, uint32_t step, const void *bytes, unsigned n)
{
    OutPiece *last = last_piece(b);

    n = MIN(n, space(b) / made_size(bytes));
    if (bytes) {
        n = MIN(n, (OUT_KEPT - MIN(b->kept, OUT_KEPT)) / step);
    }
    if (last && !goes_on(last, first, step, bytes)) {
        last = NULL;
    }
    if (!n || (!last && b->pieces == OUT_PIECES)) {
        return 0;
    }
    if (!last) {
        last = &b->piece[b->pieces++];
        *last = (OutPiece){ .bytes = bytes, .first = first, .step = step };
    }
    const size_t made = n * made_size(bytes), kept = bytes ? (size_t)n * step : 0;
    last->records += n;
    last->size += made + kept;
    b->made += made;
    b->kept += kept;
    return n;
}

uint64_t out_batch_bytes(const OutBatch *b)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < b->pieces; i++) {
        n += b->piece[i].size;
    }
    return n;
}

typedef struct Writing {
    GOutputStream *to;
    GCancellable *cancel;
    GError **err;
    unsigned vectors;
    size_t bytes, made;             /* in the vectors, and of them in `records` */
    GOutputVector vector[VECTORS];
    uint8_t records[OUT_BUFFER];
} Writing;

static bool write_vectors(Writing *w)
{
    bool ok = g_output_stream_writev_all(w->to, w->vector, w->vectors, NULL, w->cancel, w->err);

    w->vectors = w->bytes = w->made = 0;
    return ok;
}

static bool add_vector(Writing *w, const void *bytes, size_t n)
{
    w->vector[w->vectors++] = (GOutputVector){ bytes, n };
    w->bytes += n;
    return (w->vectors < VECTORS && w->bytes < OUT_WRITE_MAX) || write_vectors(w);
}

static uint8_t *make_number(uint8_t *to, uint64_t number)
{
    number = GUINT64_TO_BE(number);
    memcpy(to, &number, 8);
    return to + 8;
}

static bool add_records(Writing *w, const OutPiece *p)
{
    uint64_t number = p->first;

    if (!p->bytes) {
        uint8_t *begin = w->records + w->made, *to = begin;
        for (uint32_t i = 0; i < p->records; i++, number += p->step) {
            to = make_number(to, number);
            *to++ = 0;
        }
        w->made += p->size;
        return add_vector(w, begin, p->size);
    }
    for (uint32_t i = 0; i < p->records; i++, number += p->step) {
        uint8_t *begin = w->records + w->made;
        w->made = make_number(begin, number) - w->records;
        if (!add_vector(w, begin, 8) || !add_vector(w, p->bytes + (size_t)i * p->step, p->step)) {
            return false;
        }
    }
    return true;
}

bool out_batch_write(OutBatch *b, GOutputStream *to, GCancellable *cancel, GError **err)
{
    Writing w;
    bool ok = true;

    w.to = to;                      /* not all of it is to be cleared */
    w.cancel = cancel;
    w.err = err;
    w.vectors = w.bytes = w.made = 0;
    for (unsigned i = 0; ok && i < b->pieces; i++) {
        const OutPiece *p = &b->piece[i];
        ok = p->step ? add_records(&w, p) : add_vector(&w, p->bytes, p->size);
    }
    ok = ok && (!w.vectors || write_vectors(&w));
    out_batch_empty(b);
    return ok;
}
