/*
 * libFuzzer: what pages travel in, without a machine: heads and data of multifd's packets (several on one channel, compressed by either method),
 * how a channel introduces itself, xbzrle. The first byte says which. What our own encoders make of the input has to come back as it was.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/multifd-wire.h"
#include "migration/multifd.h"
#include "migration/vmstate.h"
#include "migration/xbzrle.h"
#include <string.h>

#define PAGE 4096u
#define BLOCK_BYTES (256u << 20)
#define PACKETS_MAX 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Head, data, head, data... as a channel's thread takes them. */
static void packets(const uint8_t *p, size_t size)
{
    static uint8_t out[MULTIFD_DATA];
    MultifdDecoder *d = NULL;
    unsigned method = 0;
    g_autoptr(GError) err = NULL;

    for (unsigned i = 0; i < PACKETS_MAX && size; i++) {
        uint8_t wire[MULTIFD_HEAD_BYTES] = { 0 };
        MultifdHead h;
        size_t n = MIN(size, sizeof(wire));
        memcpy(wire, p, n);
        p += n;
        size -= n;
        if (!multifd_get_head(wire, &h, &err) || !multifd_check_pages(&h, BLOCK_BYTES, &err)) {
            g_assert(err && *err->message);
            break;
        }
        g_assert(h.normal <= MULTIFD_PAGES && h.zero <= MULTIFD_PAGES - h.normal);
        for (unsigned k = 0; k < h.normal + h.zero; k++) {
            g_assert(h.page[k] <= BLOCK_BYTES - PAGE);
        }
        if (!h.normal) {
            continue;
        }
        g_assert(h.size <= MULTIFD_COMPRESSED_MAX);
        n = MIN(size, h.size);
        if (h.flags & MULTIFD_METHOD) {
            if (!d) {
                method = h.flags & MULTIFD_METHOD;
                d = multifd_decoder_new(method, &err);
            }
            if (method != (h.flags & MULTIFD_METHOD) || !multifd_decode(d, p, n, out, h.normal * PAGE, &err)) {
                break;
            }
        }
        p += n;
        size -= n;
    }
    multifd_decoder_free(d);
}

/* Nothing but data: a length in two bytes each, into so many pages. */
static void decode(unsigned method, const uint8_t *p, size_t size)
{
    static uint8_t out[MULTIFD_DATA];
    g_autoptr(GError) err = NULL;
    MultifdDecoder *d = multifd_decoder_new(method, &err);

    while (size > 3) {
        size_t n = MIN(vms_get_be(p, 2), size - 3), pages = 1 + p[2] % MULTIFD_PAGES;
        if (!multifd_decode(d, p + 3, n, out, pages * PAGE, &err)) {
            g_assert(err && *err->message);
            break;
        }
        p += 3 + n;
        size -= 3 + n;
    }
    multifd_decoder_free(d);
}

static void fill(uint8_t *page, const uint8_t *p, size_t size)
{
    for (size_t i = 0; i < PAGE; i++) {
        page[i] = size ? p[i % size] : 0;
    }
}

static void delta(const uint8_t *p, size_t size)
{
    uint8_t before[PAGE], after[PAGE], changes[PAGE];

    fill(before, p, size / 2);
    memcpy(after, before, PAGE);
    xbzrle_decode(after, p, size);              /* right or wrong, it stays within the page */
    int n = xbzrle_encode(before, after, changes, sizeof(changes));
    g_assert(n < 0 || (xbzrle_decode(before, changes, n) && !memcmp(before, after, PAGE)));
}

static void there_and_back(unsigned method, const uint8_t *p, size_t size)
{
    static uint8_t packed[MULTIFD_COMPRESSED_MAX], out[2 * PAGE];
    uint8_t page[2 * PAGE];
    g_autoptr(GError) err = NULL;
    MultifdEncoder *e = multifd_encoder_new(method, 1, &err);
    MultifdDecoder *d = multifd_decoder_new(method, &err);

    fill(page, p, size);
    fill(page + PAGE, p, size / 3);
    ssize_t a = multifd_encode(e, page, false, packed, sizeof(packed), &err);
    ssize_t b = a < 0 ? -1 : multifd_encode(e, page + PAGE, true, packed + a, sizeof(packed) - a, &err);
    g_assert(a >= 0 && b >= 0);
    g_assert(multifd_decode(d, packed, a + b, out, sizeof(out), &err) && !memcmp(out, page, sizeof(out)));
    multifd_encoder_free(e);
    multifd_decoder_free(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) err = NULL;
    uint8_t hello[MULTIFD_HELLO_BYTES] = { 0 };
    unsigned channel;

    if (!size) {
        return 0;
    }
    const uint8_t *p = data + 1;
    switch (size--, data[0] % 64) {     /* the slow ones are rare */
    case 0: there_and_back(MULTIFD_ZLIB, p, size); break;
    case 1: there_and_back(MULTIFD_ZSTD, p, size); break;
    case 2 ... 5: decode(MULTIFD_ZSTD, p, size); break;
    case 6 ... 12: decode(MULTIFD_ZLIB, p, size); break;
    case 13 ... 16:
        memcpy(hello, p, MIN(size, sizeof(hello)));
        if (multifd_get_hello(hello, "11111111-2222-3333-4444-555555555555", 4, &channel, &err)) {
            g_assert(channel < 4);
        }
        break;
    case 17 ... 40: delta(p, size); break;
    default: packets(p, size);
    }
    return 0;
}
