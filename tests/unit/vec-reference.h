/*
 * The vector instructions of VMX as the book describes them: element by element, in the book's numbering.
 *
 * Each function computes a register from registers and returns whether an element saturated. The rows of the table at
 * the end say which instruction it is and what it is given.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TESTS_UNIT_VEC_REFERENCE_H
#define TESTS_UNIT_VEC_REFERENCE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include "target/ppc/v128.h"

static int64_t clamp(int64_t v, int64_t lo, int64_t hi, bool *sat)
{
    *sat |= v < lo || v > hi;
    return v < lo ? lo : v > hi ? hi : v;
}

#define EACH(n, expr) for (int i = 0; i < (n); i++) { expr; } return false
#define EACH_SAT(n, expr) bool sat = false; for (int i = 0; i < (n); i++) { expr; } return sat
#define FN2(name) static bool ref_##name(V128 *r, const V128 *a, const V128 *b)
#define FN3(name) static bool ref_##name(V128 *r, const V128 *a, const V128 *b, const V128 *c)
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

/* Bit n of a register as the book counts them; zero beyond its ends. */
static unsigned bit_of(const V128 *v, int n)
{
    return n >= 0 && n < 128 ? E(v, B, n / 8) >> (7 - n % 8) & 1 : 0;
}
static void put_bit(V128 *r, int n, unsigned value)
{
    uint8_t mask = 0x80 >> n % 8;

    E(r, B, n / 8) = value ? E(r, B, n / 8) | mask : E(r, B, n / 8) & ~mask;
}

/* Bits sh:sh+7 of byte i and the next; bits 8-sh:15-sh of the byte before and byte i. */
FN2(slv) { EACH(128, put_bit(r, i, bit_of(a, i + bit_of(b, i | 7) + 2 * bit_of(b, (i | 7) - 1) + 4 * bit_of(b, (i | 7) - 2)))); }
FN2(srv) { EACH(128, put_bit(r, i, bit_of(a, i - bit_of(b, i | 7) - 2 * bit_of(b, (i | 7) - 1) - 4 * bit_of(b, (i | 7) - 2)))); }

/* The bits that the bytes of b name, at the right of the doublewords whose other bits are zero. */
FN2(bpermq)
{
    r->q = 0;
    EACH(16, put_bit(r, 48 + i, bit_of(a, E(b, B, i))));
}

FN2(bpermd)
{
    r->q = 0;
    EACH(16, int k = E(b, B, i); put_bit(r, i / 8 * 64 + 56 + i % 8, k < 64 ? bit_of(a, i / 8 * 64 + k) : 0));
}

/* Coefficient n of the product of two polynomials over GF(2) is the sum of the products of those whose degrees add up to n. */
static u128 poly_product(int width, uint64_t a, uint64_t b)
{
    u128 r = 0;

    for (int n = 0; n < 2 * width - 1; n++) {
        unsigned sum = 0;
        for (int k = MAX(0, n - width + 1); k <= MIN(n, width - 1); k++) {
            sum += (a >> k & 1) * (b >> (n - k) & 1);
        }
        r |= (u128)(sum % 2) << n;
    }
    return r;
}

#define PMSUM(n, to, from, width) EACH(n, E(r, to, i) = poly_product(width, E(a, from, 2 * i), E(b, from, 2 * i)) \
                                       ^ poly_product(width, E(a, from, 2 * i + 1), E(b, from, 2 * i + 1)))
FN2(pmsumb) { PMSUM(8, H, B, 8); }
FN2(pmsumh) { PMSUM(4, W, H, 16); }
FN2(pmsumw) { PMSUM(2, D, W, 32); }
FN2(pmsumd) { r->q = poly_product(64, E(a, D, 0), E(b, D, 0)) ^ poly_product(64, E(a, D, 1), E(b, D, 1)); return false; }

static uint32_t ref_rotl32(uint32_t x, unsigned n) { n &= 31; return x << n | x >> (-n & 31); }
static uint64_t ref_rotl64(uint64_t x, unsigned n) { n &= 63; return x << n | x >> (-n & 63); }
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
FN2(rlwnm) { EACH(4, E(r, W, i) = ref_rotl32(E(a, W, i), E(b, W, i)) & mask32(E(b, W, i) >> 16 & 31, E(b, W, i) >> 8 & 31)); }
FN2(rldnm) { EACH(2, E(r, D, i) = ref_rotl64(E(a, D, i), E(b, D, i)) & mask64(E(b, D, i) >> 16 & 63, E(b, D, i) >> 8 & 63)); }

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

FN3(permxor) { EACH(16, E(r, B, i) = E(a, B, E(c, B, i) >> 4) ^ E(b, B, E(c, B, i) & 15)); }

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

/* ---- AES: tables from the field's definition (FIPS 197, 4.2 and 5.1.1) ---- */

static uint8_t sbox[256], inv_sbox[256];

static uint8_t gmul(uint8_t a, uint8_t b)
{
    uint8_t r = 0;

    for (; b; b >>= 1) {
        r ^= b & 1 ? a : 0;
        a = a << 1 ^ (a & 0x80 ? 0x1b : 0);
    }
    return r;
}

static void __attribute__((constructor)) make_sbox(void)
{
    for (int x = 0; x < 256; x++) {
        uint8_t inv = 0;
        for (int y = 1; x && y < 256; y++) {
            if (gmul(x, y) == 1) {
                inv = y;
                break;
            }
        }
        uint8_t s = inv;
        for (int i = 1; i < 5; i++) {
            s ^= (uint8_t)(inv << i | inv >> (8 - i));
        }
        sbox[x] = s ^ 0x63;
        inv_sbox[sbox[x]] = x;
    }
}

static void shift_rows(V128 *r, const V128 *a, const uint8_t *box, int dir)
{
    for (int i = 0; i < 16; i++) {
        E(r, B, i) = box[E(a, B, (i + dir * 4 * (i & 3)) & 15)];
    }
}

static void mix(V128 *r, const V128 *a, const uint8_t m[4])
{
    for (int i = 0; i < 16; i++) {
        uint8_t v = 0;
        for (int k = 0; k < 4; k++) {
            v ^= gmul(E(a, B, (i & ~3) + ((i + k) & 3)), m[k]);
        }
        E(r, B, i) = v;
    }
}

FN2(sbox) { EACH(16, E(r, B, i) = sbox[E(a, B, i)]); }
FN2(cipherlast) { V128 t; shift_rows(&t, a, sbox, 1); r->q = t.q ^ b->q; return false; }
FN2(cipher) { V128 t, u; shift_rows(&t, a, sbox, 1); mix(&u, &t, (const uint8_t[]){ 2, 3, 1, 1 }); r->q = u.q ^ b->q; return false; }
FN2(ncipherlast) { V128 t; shift_rows(&t, a, inv_sbox, -1); r->q = t.q ^ b->q; return false; }
FN2(ncipher) { V128 t, u; shift_rows(&t, a, inv_sbox, -1); t.q ^= b->q; mix(&u, &t, (const uint8_t[]){ 14, 11, 13, 9 }); *r = u; return false; }

static uint32_t ror32(uint32_t x, unsigned n) { return ref_rotl32(x, 32 - n); }
static uint64_t ror64(uint64_t x, unsigned n) { return ref_rotl64(x, 64 - n); }

static void ref_shasigma(V128 *r, unsigned lane, unsigned st_six, const V128 *a)
{
    bool st = st_six & 16;

    for (int i = 0; lane == 2 && i < 4; i++) {
        uint32_t x = E(a, W, i);
        bool alt = st_six >> (3 - i) & 1;
        E(r, W, i) = !st ? (!alt ? ror32(x, 7) ^ ror32(x, 18) ^ x >> 3 : ror32(x, 17) ^ ror32(x, 19) ^ x >> 10)
                         : (!alt ? ror32(x, 2) ^ ror32(x, 13) ^ ror32(x, 22) : ror32(x, 6) ^ ror32(x, 11) ^ ror32(x, 25));
    }
    for (int i = 0; lane == 3 && i < 2; i++) {
        uint64_t x = E(a, D, i);
        bool alt = st_six >> (3 - 2 * i) & 1;
        E(r, D, i) = !st ? (!alt ? ror64(x, 1) ^ ror64(x, 8) ^ x >> 7 : ror64(x, 19) ^ ror64(x, 61) ^ x >> 6)
                         : (!alt ? ror64(x, 28) ^ ror64(x, 34) ^ ror64(x, 39) : ror64(x, 14) ^ ror64(x, 18) ^ ror64(x, 41));
    }
}

typedef bool Ref2(V128 *r, const V128 *a, const V128 *b);
typedef bool Ref3(V128 *r, const V128 *a, const V128 *b, const V128 *c);

/* Operands as the letters of the instruction's fields. */
static const struct VecReference { const char *id, *operands; Ref2 *two; Ref3 *three; } vec_reference[] = {
    { "vadduws", "AB", ref_addus_w, NULL },
    { "vaddsws", "AB", ref_addss_w, NULL },
    { "vsubuws", "AB", ref_subus_w, NULL },
    { "vsubsws", "AB", ref_subss_w, NULL },
    { "vaddcuw", "AB", ref_addcuw, NULL },
    { "vsubcuw", "AB", ref_subcuw, NULL },
    { "vadduqm", "AB", ref_adduqm, NULL },
    { "vaddcuq", "AB", ref_addcuq, NULL },
    { "vsubuqm", "AB", ref_subuqm, NULL },
    { "vsubcuq", "AB", ref_subcuq, NULL },
    { "vavguw", "AB", ref_avguw, NULL },
    { "vavgsb", "AB", ref_avgs_b, NULL },
    { "vavgsh", "AB", ref_avgs_h, NULL },
    { "vavgsw", "AB", ref_avgs_w, NULL },
    { "vabsdub", "AB", ref_absdu_b, NULL },
    { "vabsduh", "AB", ref_absdu_h, NULL },
    { "vabsduw", "AB", ref_absdu_w, NULL },
    { "vmuleub", "AB", ref_muleub, NULL },
    { "vmuleuh", "AB", ref_muleuh, NULL },
    { "vmuleuw", "AB", ref_muleuw, NULL },
    { "vmulesb", "AB", ref_mulesb, NULL },
    { "vmulesh", "AB", ref_mulesh, NULL },
    { "vmulesw", "AB", ref_mulesw, NULL },
    { "vmuloub", "AB", ref_muloub, NULL },
    { "vmulouh", "AB", ref_mulouh, NULL },
    { "vmulouw", "AB", ref_mulouw, NULL },
    { "vmulosb", "AB", ref_mulosb, NULL },
    { "vmulosh", "AB", ref_mulosh, NULL },
    { "vmulosw", "AB", ref_mulosw, NULL },
    { "vslo", "AB", ref_slo, NULL },
    { "vsro", "AB", ref_sro, NULL },
    { "vsl", "AB", ref_sl, NULL },
    { "vsr", "AB", ref_sr, NULL },
    { "vslv", "AB", ref_slv, NULL },
    { "vsrv", "AB", ref_srv, NULL },
    { "vbpermq", "AB", ref_bpermq, NULL },
    { "vbpermd", "AB", ref_bpermd, NULL },
    { "vpmsumb", "AB", ref_pmsumb, NULL },
    { "vpmsumh", "AB", ref_pmsumh, NULL },
    { "vpmsumw", "AB", ref_pmsumw, NULL },
    { "vpmsumd", "AB", ref_pmsumd, NULL },
    { "vrlwnm", "AB", ref_rlwnm, NULL },
    { "vrldnm", "AB", ref_rldnm, NULL },
    { "vsum4ubs", "AB", ref_sum4ubs, NULL },
    { "vsum4sbs", "AB", ref_sum4sbs, NULL },
    { "vsum4shs", "AB", ref_sum4shs, NULL },
    { "vsum2sws", "AB", ref_sum2sws, NULL },
    { "vsumsws", "AB", ref_sumsws, NULL },
    { "vpkuhus", "AB", ref_pkuhus, NULL },
    { "vpkuwus", "AB", ref_pkuwus, NULL },
    { "vpkshus", "AB", ref_pkshus, NULL },
    { "vpkswus", "AB", ref_pkswus, NULL },
    { "vpkshss", "AB", ref_pkshss, NULL },
    { "vpkswss", "AB", ref_pkswss, NULL },
    { "vpkudus", "AB", ref_pkudus, NULL },
    { "vpksdus", "AB", ref_pksdus, NULL },
    { "vpksdss", "AB", ref_pksdss, NULL },
    { "vpkpx", "AB", ref_pkpx, NULL },
    { "vupkhsb", "BB", ref_upkhsb, NULL },
    { "vupkhsh", "BB", ref_upkhsh, NULL },
    { "vupklsb", "BB", ref_upklsb, NULL },
    { "vupklsh", "BB", ref_upklsh, NULL },
    { "vupkhpx", "BB", ref_upkhpx, NULL },
    { "vupklpx", "BB", ref_upklpx, NULL },
    { "vupkhsw", "BB", ref_upkhsw, NULL },
    { "vupklsw", "BB", ref_upklsw, NULL },
    { "vclzb", "BB", ref_clz_b, NULL },
    { "vclzh", "BB", ref_clz_h, NULL },
    { "vclzw", "BB", ref_clz_w, NULL },
    { "vclzd", "BB", ref_clz_d, NULL },
    { "vpopcntb", "BB", ref_popcnt_b, NULL },
    { "vpopcnth", "BB", ref_popcnt_h, NULL },
    { "vpopcntw", "BB", ref_popcnt_w, NULL },
    { "vpopcntd", "BB", ref_popcnt_d, NULL },
    { "vgbbd", "BB", ref_gbbd, NULL },
    { "vsbox", "AA", ref_sbox, NULL },
    { "vctzb", "BB", ref_ctz_b, NULL },
    { "vctzh", "BB", ref_ctz_h, NULL },
    { "vctzw", "BB", ref_ctz_w, NULL },
    { "vctzd", "BB", ref_ctz_d, NULL },
    { "vprtybw", "BB", ref_prtyb_w, NULL },
    { "vprtybd", "BB", ref_prtyb_d, NULL },
    { "vprtybq", "BB", ref_prtyb_q, NULL },
    { "vextsb2w", "BB", ref_extsb2w, NULL },
    { "vextsh2w", "BB", ref_extsh2w, NULL },
    { "vextsb2d", "BB", ref_extsb2d, NULL },
    { "vextsh2d", "BB", ref_extsh2d, NULL },
    { "vextsw2d", "BB", ref_extsw2d, NULL },
    { "vmhaddshs", "ABC", NULL, ref_mhaddshs },
    { "vmhraddshs", "ABC", NULL, ref_mhraddshs },
    { "vmladduhm", "ABC", NULL, ref_mladduhm },
    { "vmsumudm", "ABC", NULL, ref_msumudm },
    { "vmsumubm", "ABC", NULL, ref_msumubm },
    { "vmsummbm", "ABC", NULL, ref_msummbm },
    { "vmsumuhm", "ABC", NULL, ref_msumuhm },
    { "vmsumuhs", "ABC", NULL, ref_msumuhs },
    { "vmsumshm", "ABC", NULL, ref_msumshm },
    { "vmsumshs", "ABC", NULL, ref_msumshs },
    { "vaddeuqm", "ABC", NULL, ref_addeuqm },
    { "vaddecuq", "ABC", NULL, ref_addecuq },
    { "vsubeuqm", "ABC", NULL, ref_subeuqm },
    { "vsubecuq", "ABC", NULL, ref_subecuq },
    { "vmulld", "AB", ref_mulld, NULL },
    { "vcipher", "AB", ref_cipher, NULL },
    { "vcipherlast", "AB", ref_cipherlast, NULL },
    { "vncipher", "AB", ref_ncipher, NULL },
    { "vncipherlast", "AB", ref_ncipherlast, NULL },
    { "vpermxor", "ABC", NULL, ref_permxor },
};

#endif
