/*
 * AES rounds and carry-less products for the interpreter, from their definitions (FIPS 197; polynomials over GF(2)).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/interp.h"

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

/* Byte i of the state, in FIPS 197's order, is host byte i. */
#define S(v, i) V_B(v, 15 - (i))

static V128 shift_and_substitute(V128 a, const uint8_t *box, int dir)
{
    V128 r;

    for (int i = 0; i < 16; i++) {
        S(r, i) = box[S(a, (i + dir * 4 * (i & 3)) & 15)];
    }
    return r;
}

static V128 mix_columns(V128 a, const uint8_t m[4])
{
    V128 r;

    for (int i = 0; i < 16; i++) {
        uint8_t v = 0;
        for (int k = 0; k < 4; k++) {
            v ^= gmul(S(a, (i & ~3) + ((i + k) & 3)), m[k]);
        }
        S(r, i) = v;
    }
    return r;
}

static const uint8_t mix[] = { 2, 3, 1, 1 }, inv_mix[] = { 14, 11, 13, 9 };

V128 interp_aes_imc(V128 a)
{
    return mix_columns(a, inv_mix);
}

V128 interp_aes(unsigned kind, V128 state, V128 key)
{
    V128 r = kind < 2 ? shift_and_substitute(state, sbox, 1) : shift_and_substitute(state, inv_sbox, -1);

    if (!(kind & 1)) {
        r = mix_columns(r, kind < 2 ? mix : inv_mix);
    }
    r.q ^= key.q;
    return r;
}

V128 interp_clmul(uint64_t a, uint64_t b)
{
    V128 r = { .q = 0 };

    for (; b; b &= b - 1) {
        r.q ^= (u128)a << __builtin_ctzll(b);
    }
    return r;
}
