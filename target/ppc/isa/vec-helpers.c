/*
 * See vec-helpers.h. Elements are named in the book's order (V_B, V_H, V_W, V_D).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa/vec-helpers.h"
#include <glib.h>
#include <string.h>

void vec_call2(V128 *r, uint64_t fn, const V128 *a, const V128 *b)
{
    V128 t;

    ((VecFn2 *)(uintptr_t)fn)(&t, a, b);
    *r = t;
}

uint64_t vec_sat2(uint64_t fn, const V128 *a, const V128 *b)
{
    V128 t;

    return ((VecFn2 *)(uintptr_t)fn)(&t, a, b);
}

void vec_call3(V128 *r, uint64_t fn, const V128 *a, const V128 *b, const V128 *c)
{
    V128 t;

    ((VecFn3 *)(uintptr_t)fn)(&t, a, b, c);
    *r = t;
}

uint64_t vec_sat3(uint64_t fn, const V128 *a, const V128 *b, const V128 *c)
{
    V128 t;

    return ((VecFn3 *)(uintptr_t)fn)(&t, a, b, c);
}

static int64_t clamp(int64_t v, int64_t lo, int64_t hi, bool *sat)
{
    *sat |= v < lo || v > hi;
    return v < lo ? lo : v > hi ? hi : v;
}

#define EACH(n, expr) for (int i = 0; i < (n); i++) { expr; } return false
#define EACH_SAT(n, expr) bool sat = false; for (int i = 0; i < (n); i++) { expr; } return sat
#define FN2(name) bool vec_##name(V128 *r, const V128 *a, const V128 *b)
#define FN3(name) bool vec_##name(V128 *r, const V128 *a, const V128 *b, const V128 *c)
#define E(v, t, i) V_##t(*(v), i)

FN2(slv) { EACH(16, E(r, B, i) = ((E(a, B, i) << 8 | (i < 15 ? E(a, B, (i + 1) & 15) : 0)) << (E(b, B, i) & 7)) >> 8); }
FN2(srv) { EACH(16, E(r, B, i) = ((i ? E(a, B, (i - 1) & 15) : 0) << 8 | E(a, B, i)) >> (E(b, B, i) & 7)); }

FN2(bpermd)
{
    for (int d = 0; d < 2; d++) {
        uint64_t v = 0;
        for (int i = 0; i < 8; i++) {
            unsigned k = E(b, B, d * 8 + i);
            if (k < 64) {
                v |= (E(a, D, d) >> (63 - k) & 1) << (7 - i);
            }
        }
        E(r, D, d) = v;
    }
    return false;
}

static u128 clmul(uint64_t a, uint64_t b)
{
    u128 r = 0;

    for (; b; b &= b - 1) {
        r ^= (u128)a << __builtin_ctzll(b);
    }
    return r;
}

FN2(pmsumb) { EACH(8, E(r, H, i) = clmul(E(a, B, 2 * i), E(b, B, 2 * i)) ^ clmul(E(a, B, 2 * i + 1), E(b, B, 2 * i + 1))); }
FN2(pmsumh) { EACH(4, E(r, W, i) = clmul(E(a, H, 2 * i), E(b, H, 2 * i)) ^ clmul(E(a, H, 2 * i + 1), E(b, H, 2 * i + 1))); }

static uint32_t rotl32(uint32_t x, unsigned n) { n &= 31; return x << n | x >> (-n & 31); }
static uint64_t rotl64(uint64_t x, unsigned n) { n &= 63; return x << n | x >> (-n & 63); }
static uint32_t mask32(unsigned b, unsigned e)
{
    uint32_t f = UINT32_MAX >> b, t = UINT32_MAX << (31 - e);
    return b <= e ? f & t : f | t;
}
static uint64_t mask64(unsigned b, unsigned e)
{
    uint64_t f = UINT64_MAX >> b, t = UINT64_MAX << (63 - e);
    return b <= e ? f & t : f | t;
}
FN2(rlwmi_mask) { EACH(4, E(r, W, i) = mask32(E(b, W, i) >> 16 & 31, E(b, W, i) >> 8 & 31)); }
FN2(rldmi_mask) { EACH(2, E(r, D, i) = mask64(E(b, D, i) >> 16 & 63, E(b, D, i) >> 8 & 63)); }
FN2(rlwnm) { EACH(4, E(r, W, i) = rotl32(E(a, W, i), E(b, W, i)) & mask32(E(b, W, i) >> 16 & 31, E(b, W, i) >> 8 & 31)); }
FN2(rldnm) { EACH(2, E(r, D, i) = rotl64(E(a, D, i), E(b, D, i)) & mask64(E(b, D, i) >> 16 & 63, E(b, D, i) >> 8 & 63)); }

/* ---- packs: a's elements, then b's ---- */

#define PACK(n, dst, src, lo, hi) \
    EACH_SAT(n, E(r, dst, i) = clamp(E(a, src, i), lo, hi, &sat); E(r, dst, i + (n)) = clamp(E(b, src, i), lo, hi, &sat))
FN2(pksdus) { PACK(2, W, SD, 0, UINT32_MAX); }
FN2(pksdss) { PACK(2, W, SD, INT32_MIN, INT32_MAX); }
static uint32_t clamp_ud(uint64_t v, bool *sat) { *sat |= v > UINT32_MAX; return v > UINT32_MAX ? UINT32_MAX : v; }
FN2(pkudus) { EACH_SAT(2, E(r, W, i) = clamp_ud(E(a, D, i), &sat); E(r, W, i + 2) = clamp_ud(E(b, D, i), &sat)); }
static uint16_t pixel(uint32_t w) { return (w >> 9 & 0xfc00) | (w >> 6 & 0x3e0) | (w >> 3 & 0x1f); }
FN2(pkpx) { EACH(4, E(r, H, i) = pixel(E(a, W, i)); E(r, H, i + 4) = pixel(E(b, W, i))); }
static uint32_t unpixel(uint16_t h)
{
    return (h & 0x8000 ? 0xff000000u : 0) | (uint32_t)(h >> 10 & 31) << 16 | (uint32_t)(h >> 5 & 31) << 8 | (h & 31);
}
FN2(upkhpx) { EACH(4, E(r, W, i) = unpixel(E(b, H, i))); }
FN2(upklpx) { EACH(4, E(r, W, i) = unpixel(E(b, H, i + 4))); }

/* ---- counts ---- */

FN2(prtyb_w) { EACH(4, E(r, W, i) = __builtin_parity(E(b, W, i) & 0x01010101)); }
FN2(prtyb_d) { EACH(2, E(r, D, i) = __builtin_parityll(E(b, D, i) & 0x0101010101010101)); }
FN2(prtyb_q) { r->q = __builtin_parityll((E(b, D, 0) ^ E(b, D, 1)) & 0x0101010101010101); return false; }

/* ---- multiply-add ---- */

FN3(mhaddshs) { EACH_SAT(8, E(r, H, i) = clamp((E(a, SH, i) * E(b, SH, i) >> 15) + E(c, SH, i), INT16_MIN, INT16_MAX, &sat)); }
FN3(mhraddshs) { EACH_SAT(8, E(r, H, i) = clamp(((E(a, SH, i) * E(b, SH, i) + 0x4000) >> 15) + E(c, SH, i), INT16_MIN, INT16_MAX, &sat)); }
FN3(msumudm) { r->q = c->q + (u128)E(a, D, 0) * E(b, D, 0) + (u128)E(a, D, 1) * E(b, D, 1); return false; }
#define MSUMH(t) (int64_t)E(a, t, 2 * i) * E(b, t, 2 * i) + (int64_t)E(a, t, 2 * i + 1) * E(b, t, 2 * i + 1)
FN3(msumuhs) { EACH_SAT(4, E(r, W, i) = clamp(MSUMH(H) + E(c, W, i), 0, UINT32_MAX, &sat)); }
FN3(msumshs) { EACH_SAT(4, E(r, W, i) = clamp(MSUMH(SH) + E(c, SW, i), INT32_MIN, INT32_MAX, &sat)); }

/* ---- bytes in and out ---- */

uint64_t vec_ext_gpr(const V128 *b, uint64_t ra, uint64_t width_right)
{
    unsigned width = width_right & 15, at = ra & 15;
    uint64_t v = 0;

    if (width_right & 16) {
        at = (16 - at - width) & 15;
    }
    for (unsigned i = 0; i < width; i++) {
        v = v << 8 | E(b, B, (at + i) & 15);
    }
    return v;
}
