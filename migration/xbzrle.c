/*
 * See xbzrle.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/xbzrle.h"
#include <string.h>

static size_t put_number(uint8_t *out, size_t v)
{
    if (v < 0x80) {
        out[0] = v;
        return 1;
    }
    out[0] = 0x80 | (v & 0x7f);
    out[1] = v >> 7;        /* a page has fewer than 2^14 bytes */
    return 2;
}

/* How many bytes from `at` on are equal (or all differ) in both. */
static size_t run(const uint8_t *a, const uint8_t *b, size_t at, bool equal)
{
    size_t i = at;

    while (i < XBZRLE_PAGE && (a[i] == b[i]) == equal) {
        if (equal && i % 8 == 0) {
            while (i < XBZRLE_PAGE && *(const uint64_t *)(a + i) == *(const uint64_t *)(b + i)) {
                i += 8;
            }
            if (i == XBZRLE_PAGE || a[i] != b[i]) {
                break;
            }
        }
        i++;
    }
    return i - at;
}

int xbzrle_encode(const uint8_t *before, const uint8_t *after, uint8_t *out, size_t room)
{
    size_t at = 0, n = 0;

    for (;;) {
        size_t same = run(before, after, at, true);
        at += same;
        if (at == XBZRLE_PAGE) {
            return n;
        }
        size_t differ = run(before, after, at, false);
        if (n + 4 + differ > room) {
            return -1;
        }
        n += put_number(out + n, same);
        n += put_number(out + n, differ);
        memcpy(out + n, after + at, differ);
        n += differ;
        at += differ;
    }
}

static bool get_number(const uint8_t **in, const uint8_t *end, size_t *v)
{
    if (*in == end) {
        return false;
    }
    *v = *(*in)++;
    if (*v & 0x80) {
        if (*in == end || **in & 0x80) {
            return false;
        }
        *v = (*v & 0x7f) | (size_t)*(*in)++ << 7;
    }
    return true;
}

bool xbzrle_decode(uint8_t *page, const uint8_t *in, size_t n)
{
    const uint8_t *end = in + n;
    size_t at = 0, same, differ;

    while (in < end) {
        if (!get_number(&in, end, &same) || !get_number(&in, end, &differ) || !differ || same > XBZRLE_PAGE - at
            || differ > XBZRLE_PAGE - at - same || differ > (size_t)(end - in)) {
            return false;
        }
        memcpy(page + at + same, in, differ);
        at += same + differ;
        in += differ;
    }
    return true;
}
