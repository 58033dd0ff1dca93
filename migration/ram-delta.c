/*
 * See ram-delta.h. What these send is copied before: it has to be what the cache holds, or what the checksum is of, though the guest writes on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <zlib.h>          /* first: it takes our macro VMS for an operating system */
#include "migration/ram-delta.h"
#include "migration/ram-wire.h"
#include "migration/xbzrle.h"
#include "system/report.h"
#include <inttypes.h>
#include <string.h>

/* ---- what changed ---- */

#define ENCODING 1          /* the only one there is */
#define KEEP_ROUNDS 2       /* a page sent this lately is not given up for another */

/* One place for a page, by its number. */
typedef struct Cached { uint64_t page, round; uint8_t *data; } Cached;
static Cached *cache;
static uint64_t cache_size;     /* pages; a power of two */

bool ram_delta_start(uint64_t bytes, GError **err)
{
    cache_size = bytes / RAM_PAGE;
    cache = g_try_new0(Cached, cache_size);
    return cache || report_fail(err, "no memory for an xbzrle cache of %" PRIu64 " MiB: make xbzrle-cache-size smaller", bytes >> 20);
}

void ram_delta_end(void)
{
    for (uint64_t i = 0; cache && i < cache_size; i++) {
        g_free(cache[i].data);
    }
    g_clear_pointer(&cache, g_free);
}

void ram_delta_zero(uint64_t page)
{
    Cached *c = &cache[page & (cache_size - 1)];

    if (c->data && c->page == page) {
        memset(c->data, 0, RAM_PAGE);
    }
}

void ram_delta_page(MigOut *o, uint64_t page, const uint8_t *p, uint64_t round, XbzrleStats *stats)
{
    Cached *c = &cache[page & (cache_size - 1)];
    uint8_t now[RAM_PAGE] __attribute__((aligned(64))), changes[RAM_PAGE];
    bool here = c->data && c->page == page;

    memcpy(now, p, RAM_PAGE);
    if (here) {
        int n = xbzrle_encode(c->data, now, changes, sizeof(changes));
        memcpy(c->data, now, RAM_PAGE);
        c->round = round;
        if (n >= 0) {
            stats->pages++;
            stats->bytes += n ? n + 8 + 3 : 0;
        }
        if (n > 0) {
            ram_put_head(o, page, RAM_XBZRLE);
            mig_put_be(o, 1, ENCODING);
            mig_put_be(o, 2, n);
            mig_put(o, changes, n);
        }
        if (n >= 0) {
            return;         /* 0: nothing changed */
        }
        stats->overflow++;
    } else if (round > 1) {
        stats->cache_miss++;
        if (!c->data || round >= c->round + KEEP_ROUNDS) {
            c->data = c->data ? c->data : g_malloc(RAM_PAGE);
            c->page = page;
            c->round = round;
            memcpy(c->data, now, RAM_PAGE);
        }
    }
    ram_put_head(o, page, RAM_DATA);
    mig_put(o, now, RAM_PAGE);
}

bool ram_delta_load(VmsSource *in, uint64_t addr, GError **err)
{
    uint8_t *p = ram_load_page(addr), changes[RAM_PAGE];
    uint64_t encoding, n;

    if (!vms_read_be(in, 1, &encoding, err) || !vms_read_be(in, 2, &n, err)) {
        return false;
    }
    if (encoding != ENCODING || n > RAM_PAGE) {
        return report_fail(err, "page 0x%" PRIx64 ": xbzrle encoding %" PRIu64 " of %" PRIu64 " bytes; known is %d of at most %u", addr, encoding, n,
                           ENCODING, RAM_PAGE);
    }
    if (!in->read(in, changes, n, err)) {
        return false;
    }
    ram_load_note(addr);
    return xbzrle_decode(p, changes, n) || report_fail(err, "page 0x%" PRIx64 ": its %" PRIu64 " bytes are no xbzrle encoding", addr, n);
}

/* ---- deflated ---- */

static z_stream deflater;
static bool deflating;

void ram_deflate_start(int level)
{
    deflater = (z_stream){ 0 };
    deflating = deflateInit(&deflater, level) == Z_OK;
}

void ram_deflate_end(void)
{
    if (deflating) {
        deflateEnd(&deflater);
        deflating = false;
    }
}

void ram_deflate_page(MigOut *o, uint64_t page, const uint8_t *p, CompressStats *stats)
{
    uint8_t now[RAM_PAGE], small[RAM_PAGE];

    memcpy(now, p, RAM_PAGE);
    if (deflating) {
        deflateReset(&deflater);
        deflater.next_in = now;
        deflater.avail_in = RAM_PAGE;
        deflater.next_out = small;
        deflater.avail_out = sizeof(small);
    }
    if (!deflating || deflate(&deflater, Z_FINISH) != Z_STREAM_END) {      /* it would take more than the page */
        ram_put_head(o, page, RAM_DATA);
        mig_put(o, now, RAM_PAGE);
        return;
    }
    unsigned n = sizeof(small) - deflater.avail_out;
    ram_put_head(o, page, RAM_COMPRESS);
    mig_put_be(o, 4, n);
    mig_put(o, small, n);
    stats->pages++;
    stats->bytes += n + 8;
}

bool ram_inflate_load(VmsSource *in, uint64_t addr, GError **err)
{
    uint8_t *p = ram_load_page(addr), small[RAM_PAGE + 512];       /* 7.2 sends what became larger, too */
    uint64_t n;

    if (!vms_read_be(in, 4, &n, err)) {
        return false;
    }
    if (n > sizeof(small)) {
        return report_fail(err, "page 0x%" PRIx64 " is said to be compressed to %" PRIu64 " bytes; at most %zu are possible", addr, n, sizeof(small));
    }
    if (!in->read(in, small, n, err)) {
        return false;
    }
    uLongf made = RAM_PAGE;
    ram_load_note(addr);
    int r = uncompress(p, &made, small, n);
    return (r == Z_OK && made == RAM_PAGE) || report_fail(err, "page 0x%" PRIx64 ": its %" PRIu64 " compressed bytes hold no page (%s)", addr, n,
                                                          r == Z_OK ? "too short" : zError(r));
}
