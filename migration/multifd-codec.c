/*
 * The compressed streams of multifd channels: zlib and zstd; see multifd.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <zlib.h>          /* first: it takes our macro VMS for an operating system */
#include "migration/multifd.h"
#include "migration/multifd-wire.h"
#include "system/report.h"
#include <string.h>
#include <zstd.h>

#define PAGE 4096u

struct MultifdDecoder { unsigned method; z_stream z; ZSTD_DStream *zstd; };
struct MultifdEncoder { unsigned method; z_stream z; ZSTD_CStream *zstd; uint8_t page[PAGE]; };

MultifdDecoder *multifd_decoder_new(unsigned method, GError **err)
{
    MultifdDecoder *d = g_new0(MultifdDecoder, 1);

    d->method = method;
    if (method == MULTIFD_ZLIB ? inflateInit(&d->z) == Z_OK : (d->zstd = ZSTD_createDStream()) != NULL) {
        return d;
    }
    g_free(d);
    report_fail(err, "no memory to decompress with");
    return NULL;
}

/* Goes on with `in`, as far as `room` bytes of out go; how many were made, or -1 and why. */
static ssize_t go_on(MultifdDecoder *d, ZSTD_inBuffer *in, uint8_t *out, size_t room, const char **why)
{
    if (d->method == MULTIFD_ZLIB) {
        d->z.next_in = (uint8_t *)in->src + in->pos;
        d->z.avail_in = in->size - in->pos;
        d->z.next_out = out;
        d->z.avail_out = room;
        int r = inflate(&d->z, Z_SYNC_FLUSH);
        in->pos = in->size - d->z.avail_in;
        if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR) {
            *why = d->z.msg ? d->z.msg : "damaged";
            return -1;
        }
        return room - d->z.avail_out;
    }
    ZSTD_outBuffer o = { out, room, 0 };
    size_t before;
    do {
        before = in->pos + o.pos;
        size_t r = ZSTD_decompressStream(d->zstd, &o, in);
        if (ZSTD_isError(r)) {
            *why = ZSTD_getErrorName(r);
            return -1;
        }
    } while (o.pos < room && in->pos + o.pos > before);
    return o.pos;
}

bool multifd_decode(MultifdDecoder *d, const uint8_t *in, size_t n, uint8_t *out, size_t out_bytes, GError **err)
{
    const char *why = NULL, *name = d->method == MULTIFD_ZLIB ? "zlib" : "zstd";
    ZSTD_inBuffer i = { in, n, 0 };
    uint8_t extra;
    ssize_t made = go_on(d, &i, out, out_bytes, &why);
    ssize_t more = made == (ssize_t)out_bytes ? go_on(d, &i, &extra, 1, &why) : 0;     /* and nothing behind them */

    if (made < 0 || more < 0) {
        return report_fail(err, "the %s data do not decompress: %s", name, why);
    }
    return (made == (ssize_t)out_bytes && !more && i.pos == n)
        || report_fail(err, "%zu bytes of %s data hold %s than the %zu bytes of their pages", n, name, made < (ssize_t)out_bytes ? "less" : "more",
                       out_bytes);
}

void multifd_decoder_free(MultifdDecoder *d)
{
    if (d) {
        if (d->method == MULTIFD_ZLIB) {
            inflateEnd(&d->z);
        }
        ZSTD_freeDStream(d->zstd);
        g_free(d);
    }
}

MultifdEncoder *multifd_encoder_new(unsigned method, int level, GError **err)
{
    MultifdEncoder *e = g_new0(MultifdEncoder, 1);

    e->method = method;
    if (method == MULTIFD_ZLIB ? deflateInit(&e->z, level) == Z_OK
        : (e->zstd = ZSTD_createCStream()) && !ZSTD_isError(ZSTD_initCStream(e->zstd, level))) {
        return e;
    }
    ZSTD_freeCStream(e->zstd);
    g_free(e);
    report_fail(err, "no memory to compress with");
    return NULL;
}

ssize_t multifd_encode(MultifdEncoder *e, const uint8_t *page, bool last, uint8_t *out, size_t room, GError **err)
{
    memcpy(e->page, page, PAGE);
    if (e->method == MULTIFD_ZLIB) {
        e->z.next_in = e->page;
        e->z.avail_in = PAGE;
        e->z.next_out = out;
        e->z.avail_out = room;
        int r = deflate(&e->z, last ? Z_SYNC_FLUSH : Z_NO_FLUSH);
        if (r == Z_OK && !e->z.avail_in && e->z.avail_out) {
            return room - e->z.avail_out;
        }
    } else {
        ZSTD_inBuffer i = { e->page, PAGE, 0 };
        ZSTD_outBuffer o = { out, room, 0 };
        size_t left;
        do {
            left = ZSTD_compressStream2(e->zstd, &o, &i, last ? ZSTD_e_flush : ZSTD_e_continue);
        } while (!ZSTD_isError(left) && (last ? left : i.pos < PAGE) && o.pos < room);
        if (!ZSTD_isError(left) && i.pos == PAGE && !(last && left)) {
            return o.pos;
        }
    }
    report_fail(err, "multifd: a page does not compress");
    return -1;
}

void multifd_encoder_free(MultifdEncoder *e)
{
    if (e) {
        if (e->method == MULTIFD_ZLIB) {
            deflateEnd(&e->z);
        }
        ZSTD_freeCStream(e->zstd);
        g_free(e);
    }
}
