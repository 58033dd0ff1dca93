/*
 * The decimal formats (Power ISA Book I, 5.3): sign, a combination field that holds the class or the leftmost
 * digit with the first two exponent bits, the rest of the exponent, and three digits in each ten bits.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/fp/decimal.h"
#include "target/ppc/fp/dpd.h"

#define SIX_DECLETS 1000000000000000000ull

enum { COMB_INF = 0x1e, COMB_NAN = 0x1f };

static int trailing_bits(const DecFormat *f)
{
    return (f->digits - 1) / 3 * 10;
}

DecNum dec_unpack(const DecFormat *f, u128 bits)
{
    int t = trailing_bits(f), w = f->cont_bits;
    unsigned cont = (unsigned)(bits >> t) & ((1u << w) - 1);
    unsigned comb = (unsigned)(bits >> (t + w)) & 0x1f, lead, high;
    DecNum n = { .sign = bits >> (t + w + 5) & 1 };

    /* Six declets, 18 digits, at a time: the halves fit 64 bits. */
    for (int top = t; top > 0;) {
        int low = (top - 1) / 60 * 60;
        uint64_t declets = (uint64_t)(bits >> low), part = 0;

        for (int i = top - low - 10; i >= 0; i -= 10) {
            part = part * 1000 + dpd_to_number((unsigned)(declets >> i) & 0x3ff);
        }
        n.coeff = n.coeff ? n.coeff * SIX_DECLETS + part : part;
        top = low;
    }
    if (comb >= COMB_INF) {
        n.cls = comb == COMB_INF ? DEC_INF : cont >> (w - 1) ? DEC_SNAN : DEC_QNAN;
        return n;
    }
    if (comb >= 0x18) {
        high = comb >> 1 & 3;
        lead = 8 | (comb & 1);
    } else {
        high = comb >> 3;
        lead = comb & 7;
    }
    n.coeff += lead * dec_ten(f->digits - 1);
    n.exp = (int)(high << w | cont) - f->bias;
    return n;
}

u128 dec_pack(const DecFormat *f, DecNum n)
{
    int t = trailing_bits(f), w = f->cont_bits;
    unsigned biased = n.cls == DEC_FINITE ? (unsigned)(n.exp + f->bias) : 0, lead = 0, comb, cont;
    u128 r = 0;

    for (int i = 0; i < t; i += 60) {
        uint64_t part = (uint64_t)n.coeff, declets = 0;

        if (t - i > 60) {
            part = (uint64_t)(n.coeff % SIX_DECLETS);
            n.coeff /= SIX_DECLETS;
        }
        for (int k = 0; k < 60 && i + k < t; k += 10) {
            declets |= (uint64_t)dpd_from_number(part % 1000) << k;
            part /= 1000;
        }
        r |= (u128)declets << i;
        lead = part % 10;
    }
    cont = biased & ((1u << w) - 1);
    switch (n.cls) {
    case DEC_FINITE:
        comb = lead < 8 ? biased >> w << 3 | lead : 0x18 | biased >> w << 1 | (lead & 1);
        break;
    case DEC_INF:
        comb = COMB_INF;
        break;
    default:
        comb = COMB_NAN;
        cont = n.cls == DEC_SNAN ? 1u << (w - 1) : 0;
        break;
    }
    return r | (u128)cont << t | (u128)comb << (t + w) | (u128)n.sign << (t + w + 5);
}

bool dec_subnormal(const DecFormat *f, DecNum n)
{
    return n.cls == DEC_FINITE && n.coeff && n.exp + dec_digits(n.coeff) < dec_qmin(f) + f->digits;
}

unsigned dec_fprf(const DecFormat *f, DecNum n)
{
    switch (n.cls) {
    case DEC_SNAN:
        return 0x01;
    case DEC_QNAN:
        return 0x11;
    case DEC_INF:
        return n.sign ? 0x09 : 0x05;
    default:
        break;
    }
    if (!n.coeff) {
        return n.sign ? 0x12 : 0x02;
    }
    return (n.sign ? 0x08 : 0x04) | (dec_subnormal(f, n) ? 0x10 : 0);
}
