/*
 * See vec-helpers.h. Elements are named in the book's order (V_B, V_H, V_W, V_D).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa/vec-helpers.h"
#include <glib.h>
#include <string.h>

void vec_call2(V128 *r, uint64_t fn, uint64_t lane, const V128 *a, const V128 *b)
{
    V128 t;

    if ((VecFn2 *)(uintptr_t)fn == vec_cmpnez) {
        vec_cmpnez_lane(&t, lane, a, b);
    } else {
        ((VecFn2 *)(uintptr_t)fn)(&t, a, b);
    }
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

FN2(addus_w) { EACH_SAT(4, E(r, W, i) = clamp((int64_t)E(a, W, i) + E(b, W, i), 0, UINT32_MAX, &sat)); }
FN2(addss_w) { EACH_SAT(4, E(r, W, i) = clamp((int64_t)E(a, SW, i) + E(b, SW, i), INT32_MIN, INT32_MAX, &sat)); }
FN2(subus_w) { EACH_SAT(4, E(r, W, i) = clamp((int64_t)E(a, W, i) - E(b, W, i), 0, UINT32_MAX, &sat)); }
FN2(subss_w) { EACH_SAT(4, E(r, W, i) = clamp((int64_t)E(a, SW, i) - E(b, SW, i), INT32_MIN, INT32_MAX, &sat)); }
FN2(addcuw) { EACH(4, E(r, W, i) = ((uint64_t)E(a, W, i) + E(b, W, i)) >> 32); }
FN2(subcuw) { EACH(4, E(r, W, i) = E(a, W, i) >= E(b, W, i)); }
FN2(adduqm) { r->q = a->q + b->q; return false; }
FN2(addcuq) { r->q = a->q + b->q < a->q; return false; }
FN2(subuqm) { r->q = a->q - b->q; return false; }
FN2(subcuq) { r->q = a->q >= b->q; return false; }
FN3(addeuqm) { r->q = a->q + b->q + (c->q & 1); return false; }
FN3(addecuq) { u128 s = a->q + b->q, t = s + (c->q & 1); r->q = s < a->q || t < s; return false; }
FN3(subeuqm) { r->q = a->q + ~b->q + (c->q & 1); return false; }
FN3(subecuq) { u128 s = a->q + ~b->q, t = s + (c->q & 1); r->q = s < a->q || t < s; return false; }
FN2(avguw) { EACH(4, E(r, W, i) = ((uint64_t)E(a, W, i) + E(b, W, i) + 1) >> 1); }
FN2(avgs_b) { EACH(16, E(r, B, i) = (E(a, SB, i) + E(b, SB, i) + 1) >> 1); }
FN2(avgs_h) { EACH(8, E(r, H, i) = (E(a, SH, i) + E(b, SH, i) + 1) >> 1); }
FN2(avgs_w) { EACH(4, E(r, W, i) = ((int64_t)E(a, SW, i) + E(b, SW, i) + 1) >> 1); }
#define ABSDU(t, n) EACH(n, E(r, t, i) = E(a, t, i) > E(b, t, i) ? E(a, t, i) - E(b, t, i) : E(b, t, i) - E(a, t, i))
FN2(absdu_b) { ABSDU(B, 16); }
FN2(absdu_h) { ABSDU(H, 8); }
FN2(absdu_w) { ABSDU(W, 4); }
FN2(muleub) { EACH(8, E(r, H, i) = E(a, B, 2 * i) * E(b, B, 2 * i)); }
FN2(muleuh) { EACH(4, E(r, W, i) = (uint32_t)E(a, H, 2 * i) * E(b, H, 2 * i)); }
FN2(muleuw) { EACH(2, E(r, D, i) = (uint64_t)E(a, W, 2 * i) * E(b, W, 2 * i)); }
FN2(mulesb) { EACH(8, E(r, H, i) = E(a, SB, 2 * i) * E(b, SB, 2 * i)); }
FN2(mulesh) { EACH(4, E(r, W, i) = (int32_t)E(a, SH, 2 * i) * E(b, SH, 2 * i)); }
FN2(mulesw) { EACH(2, E(r, D, i) = (int64_t)E(a, SW, 2 * i) * E(b, SW, 2 * i)); }
FN2(muloub) { EACH(8, E(r, H, i) = E(a, B, 2 * i + 1) * E(b, B, 2 * i + 1)); }
FN2(mulouh) { EACH(4, E(r, W, i) = (uint32_t)E(a, H, 2 * i + 1) * E(b, H, 2 * i + 1)); }
FN2(mulouw) { EACH(2, E(r, D, i) = (uint64_t)E(a, W, 2 * i + 1) * E(b, W, 2 * i + 1)); }
FN2(mulosb) { EACH(8, E(r, H, i) = E(a, SB, 2 * i + 1) * E(b, SB, 2 * i + 1)); }
FN2(mulosh) { EACH(4, E(r, W, i) = (int32_t)E(a, SH, 2 * i + 1) * E(b, SH, 2 * i + 1)); }
FN2(mulosw) { EACH(2, E(r, D, i) = (int64_t)E(a, SW, 2 * i + 1) * E(b, SW, 2 * i + 1)); }
FN2(mulld) { EACH(2, E(r, D, i) = E(a, D, i) * E(b, D, i)); }
FN2(slo) { r->q = a->q << (E(b, B, 15) >> 3 & 15) * 8; return false; }
FN2(sro) { r->q = a->q >> (E(b, B, 15) >> 3 & 15) * 8; return false; }
FN2(sl) { r->q = a->q << (E(b, B, 15) & 7); return false; }
FN2(sr) { r->q = a->q >> (E(b, B, 15) & 7); return false; }
FN2(slv) { EACH(16, E(r, B, i) = ((E(a, B, i) << 8 | (i < 15 ? E(a, B, (i + 1) & 15) : 0)) << (E(b, B, i) & 7)) >> 8); }
FN2(srv) { EACH(16, E(r, B, i) = ((i ? E(a, B, (i - 1) & 15) : 0) << 8 | E(a, B, i)) >> (E(b, B, i) & 7)); }

FN2(bpermq)
{
    uint64_t v = 0;

    for (int i = 0; i < 16; i++) {
        unsigned k = E(b, B, i);
        if (k < 128) {
            v |= (uint64_t)(a->q >> (127 - k) & 1) << (15 - i);
        }
    }
    *r = v128_make(v, 0);
    return false;
}

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
FN2(rlw) { EACH(4, E(r, W, i) = rotl32(E(a, W, i), E(b, W, i))); }
FN2(rld) { EACH(2, E(r, D, i) = rotl64(E(a, D, i), E(b, D, i))); }
FN2(rlwmi_mask) { EACH(4, E(r, W, i) = mask32(E(b, W, i) >> 16 & 31, E(b, W, i) >> 8 & 31)); }
FN2(rldmi_mask) { EACH(2, E(r, D, i) = mask64(E(b, D, i) >> 16 & 63, E(b, D, i) >> 8 & 63)); }
FN2(rlwnm) { EACH(4, E(r, W, i) = rotl32(E(a, W, i), E(b, W, i)) & mask32(E(b, W, i) >> 16 & 31, E(b, W, i) >> 8 & 31)); }
FN2(rldnm) { EACH(2, E(r, D, i) = rotl64(E(a, D, i), E(b, D, i)) & mask64(E(b, D, i) >> 16 & 63, E(b, D, i) >> 8 & 63)); }

/* ---- sums across ---- */

FN2(sum4ubs)
{
    EACH_SAT(4, int64_t s = E(b, W, i); for (int k = 0; k < 4; k++) { s += E(a, B, 4 * i + k); }
             E(r, W, i) = clamp(s, 0, UINT32_MAX, &sat));
}
FN2(sum4sbs)
{
    EACH_SAT(4, int64_t s = E(b, SW, i); for (int k = 0; k < 4; k++) { s += E(a, SB, 4 * i + k); }
             E(r, W, i) = clamp(s, INT32_MIN, INT32_MAX, &sat));
}
FN2(sum4shs)
{
    EACH_SAT(4, E(r, W, i) = clamp((int64_t)E(b, SW, i) + E(a, SH, 2 * i) + E(a, SH, 2 * i + 1), INT32_MIN, INT32_MAX, &sat));
}
FN2(sum2sws)
{
    EACH_SAT(2, E(r, W, 2 * i) = 0; E(r, W, 2 * i + 1) = clamp((int64_t)E(b, SW, 2 * i + 1) + E(a, SW, 2 * i)
             + E(a, SW, 2 * i + 1), INT32_MIN, INT32_MAX, &sat));
}
FN2(sumsws)
{
    bool sat = false;
    int64_t s = E(b, SW, 3);

    for (int i = 0; i < 4; i++) {
        s += E(a, SW, i);
    }
    r->q = 0;
    E(r, W, 3) = clamp(s, INT32_MIN, INT32_MAX, &sat);
    return sat;
}

/* ---- packs: a's elements, then b's ---- */

#define PACK(n, dst, src, lo, hi) \
    EACH_SAT(n, E(r, dst, i) = clamp(E(a, src, i), lo, hi, &sat); E(r, dst, i + (n)) = clamp(E(b, src, i), lo, hi, &sat))
FN2(pkuhus) { PACK(8, B, H, 0, UINT8_MAX); }
FN2(pkuwus) { PACK(4, H, W, 0, UINT16_MAX); }
FN2(pkshus) { PACK(8, B, SH, 0, UINT8_MAX); }
FN2(pkswus) { PACK(4, H, SW, 0, UINT16_MAX); }
FN2(pkshss) { PACK(8, B, SH, INT8_MIN, INT8_MAX); }
FN2(pkswss) { PACK(4, H, SW, INT16_MIN, INT16_MAX); }
FN2(pksdus) { PACK(2, W, SD, 0, UINT32_MAX); }
FN2(pksdss) { PACK(2, W, SD, INT32_MIN, INT32_MAX); }
static uint32_t clamp_ud(uint64_t v, bool *sat) { *sat |= v > UINT32_MAX; return v > UINT32_MAX ? UINT32_MAX : v; }
FN2(pkudus) { EACH_SAT(2, E(r, W, i) = clamp_ud(E(a, D, i), &sat); E(r, W, i + 2) = clamp_ud(E(b, D, i), &sat)); }
static uint16_t pixel(uint32_t w) { return (w >> 9 & 0xfc00) | (w >> 6 & 0x3e0) | (w >> 3 & 0x1f); }
FN2(pkpx) { EACH(4, E(r, H, i) = pixel(E(a, W, i)); E(r, H, i + 4) = pixel(E(b, W, i))); }
FN2(upkhsb) { EACH(8, E(r, H, i) = E(b, SB, i)); }
FN2(upklsb) { EACH(8, E(r, H, i) = E(b, SB, i + 8)); }
FN2(upkhsh) { EACH(4, E(r, W, i) = E(b, SH, i)); }
FN2(upklsh) { EACH(4, E(r, W, i) = E(b, SH, i + 4)); }
FN2(upkhsw) { EACH(2, E(r, D, i) = (int64_t)E(b, SW, i)); }
FN2(upklsw) { EACH(2, E(r, D, i) = (int64_t)E(b, SW, i + 2)); }
static uint32_t unpixel(uint16_t h)
{
    return (h & 0x8000 ? 0xff000000u : 0) | (uint32_t)(h >> 10 & 31) << 16 | (uint32_t)(h >> 5 & 31) << 8 | (h & 31);
}
FN2(upkhpx) { EACH(4, E(r, W, i) = unpixel(E(b, H, i))); }
FN2(upklpx) { EACH(4, E(r, W, i) = unpixel(E(b, H, i + 4))); }

/* ---- counts ---- */

FN2(clz_b) { EACH(16, E(r, B, i) = E(b, B, i) ? __builtin_clz(E(b, B, i)) - 24 : 8); }
FN2(clz_h) { EACH(8, E(r, H, i) = E(b, H, i) ? __builtin_clz(E(b, H, i)) - 16 : 16); }
FN2(clz_w) { EACH(4, E(r, W, i) = E(b, W, i) ? __builtin_clz(E(b, W, i)) : 32); }
FN2(clz_d) { EACH(2, E(r, D, i) = E(b, D, i) ? __builtin_clzll(E(b, D, i)) : 64); }
FN2(ctz_b) { EACH(16, E(r, B, i) = E(b, B, i) ? __builtin_ctz(E(b, B, i)) : 8); }
FN2(ctz_h) { EACH(8, E(r, H, i) = E(b, H, i) ? __builtin_ctz(E(b, H, i)) : 16); }
FN2(ctz_w) { EACH(4, E(r, W, i) = E(b, W, i) ? __builtin_ctz(E(b, W, i)) : 32); }
FN2(ctz_d) { EACH(2, E(r, D, i) = E(b, D, i) ? __builtin_ctzll(E(b, D, i)) : 64); }
FN2(popcnt_b) { EACH(16, E(r, B, i) = __builtin_popcount(E(b, B, i))); }
FN2(popcnt_h) { EACH(8, E(r, H, i) = __builtin_popcount(E(b, H, i))); }
FN2(popcnt_w) { EACH(4, E(r, W, i) = __builtin_popcount(E(b, W, i))); }
FN2(popcnt_d) { EACH(2, E(r, D, i) = __builtin_popcountll(E(b, D, i))); }
FN2(prtyb_w) { EACH(4, E(r, W, i) = __builtin_parity(E(b, W, i) & 0x01010101)); }
FN2(prtyb_d) { EACH(2, E(r, D, i) = __builtin_parityll(E(b, D, i) & 0x0101010101010101)); }
FN2(prtyb_q) { r->q = __builtin_parityll((E(b, D, 0) ^ E(b, D, 1)) & 0x0101010101010101); return false; }
FN2(extsb2w) { EACH(4, E(r, W, i) = (int8_t)E(b, W, i)); }
FN2(extsh2w) { EACH(4, E(r, W, i) = (int16_t)E(b, W, i)); }
FN2(extsb2d) { EACH(2, E(r, D, i) = (int64_t)(int8_t)E(b, D, i)); }
FN2(extsh2d) { EACH(2, E(r, D, i) = (int64_t)(int16_t)E(b, D, i)); }
FN2(extsw2d) { EACH(2, E(r, D, i) = (int64_t)(int32_t)E(b, D, i)); }

FN2(gbbd)
{
    for (int d = 0; d < 2; d++) {
        uint64_t v = 0, x = E(b, D, d);
        for (int i = 0; i < 8; i++) {
            for (int k = 0; k < 8; k++) {
                v |= (x >> (8 * i + k) & 1) << (8 * k + i);
            }
        }
        E(r, D, d) = v;
    }
    return false;
}

void vec_cmpnez_lane(V128 *r, unsigned lane, const V128 *a, const V128 *b)
{
    unsigned w = 1u << lane;

    for (unsigned i = 0; i < 16; i += w) {
        bool za = true, zb = true, ne = false;
        for (unsigned k = i; k < i + w; k++) {
            za &= !E(a, B, k);
            zb &= !E(b, B, k);
            ne |= E(a, B, k) != E(b, B, k);
        }
        for (unsigned k = i; k < i + w; k++) {
            E(r, B, k) = ne || za || zb ? 0xff : 0;
        }
    }
}

FN2(cmpnez) { vec_cmpnez_lane(r, 0, a, b); return false; }

/* ---- multiply-add ---- */

FN3(mhaddshs) { EACH_SAT(8, E(r, H, i) = clamp((E(a, SH, i) * E(b, SH, i) >> 15) + E(c, SH, i), INT16_MIN, INT16_MAX, &sat)); }
FN3(mhraddshs) { EACH_SAT(8, E(r, H, i) = clamp(((E(a, SH, i) * E(b, SH, i) + 0x4000) >> 15) + E(c, SH, i), INT16_MIN, INT16_MAX, &sat)); }
FN3(mladduhm) { EACH(8, E(r, H, i) = (uint32_t)E(a, H, i) * E(b, H, i) + E(c, H, i)); }
FN3(msumudm) { r->q = c->q + (u128)E(a, D, 0) * E(b, D, 0) + (u128)E(a, D, 1) * E(b, D, 1); return false; }
FN3(msumubm) { EACH(4, uint32_t s = E(c, W, i); for (int k = 0; k < 4; k++) { s += E(a, B, 4 * i + k) * E(b, B, 4 * i + k); } E(r, W, i) = s); }
FN3(msummbm) { EACH(4, uint32_t s = E(c, W, i); for (int k = 0; k < 4; k++) { s += (uint32_t)(E(a, SB, 4 * i + k) * E(b, B, 4 * i + k)); } E(r, W, i) = s); }
#define MSUMH(t) (int64_t)E(a, t, 2 * i) * E(b, t, 2 * i) + (int64_t)E(a, t, 2 * i + 1) * E(b, t, 2 * i + 1)
FN3(msumuhm) { EACH(4, E(r, W, i) = MSUMH(H) + E(c, W, i)); }
FN3(msumuhs) { EACH_SAT(4, E(r, W, i) = clamp(MSUMH(H) + E(c, W, i), 0, UINT32_MAX, &sat)); }
FN3(msumshm) { EACH(4, E(r, W, i) = MSUMH(SH) + E(c, SW, i)); }
FN3(msumshs) { EACH_SAT(4, E(r, W, i) = clamp(MSUMH(SH) + E(c, SW, i), INT32_MIN, INT32_MAX, &sat)); }

/* ---- bytes in and out ---- */

uint64_t vec_clzlsbb(const V128 *b)
{
    uint64_t n = 0;

    while (n < 16 && !(E(b, B, n) & 1)) {
        n++;
    }
    return n;
}

uint64_t vec_ctzlsbb(const V128 *b)
{
    uint64_t n = 0;

    while (n < 16 && !(E(b, B, 15 - n) & 1)) {
        n++;
    }
    return n;
}

/* `width` bytes from byte `at`, right-justified in doubleword 0 */
void vec_extract(V128 *r, const V128 *b, uint64_t at, uint64_t width)
{
    uint64_t v = 0;

    for (uint64_t i = 0; i < width; i++) {
        v = v << 8 | E(b, B, (at + i) & 15);
    }
    *r = v128_make(v, 0);
}

void vec_insert(V128 *r, const V128 *t, const V128 *b, uint64_t at, uint64_t width)
{
    V128 v = *t, *p = &v;

    for (uint64_t i = 0; i < width; i++) {
        E(p, B, (at + i) & 15) = E(b, B, 8 - width + i);
    }
    *r = v;
}

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
