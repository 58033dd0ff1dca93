/*
 * What each decimal floating-point instruction computes (Power ISA Book I, 5.6): see dfpop.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/fp/dfpop.h"

#include <stddef.h>

static const DecFormat *format(DfpFmtId id)
{
    return id == DFF_S ? &dec_short : id == DFF_X ? &dec_extended : &dec_long;
}

/* Integers have no use for it. */
static DecNum number(DfpFmtId id, u128 bits)
{
    return id == DFF_D || id == DFF_Q ? (DecNum){ 0 } : dec_unpack(format(id), bits);
}

unsigned dfpop_update(uint32_t desc)
{
    DfpOp op = DFD_OP(desc);

    if (op >= DFO_CMPU) {
        return FPSCR_UPD_FPCC;
    }
    switch (op) {
    case DFO_DEDPD:
    case DFO_XEX:
    case DFO_IEX:
    case DFO_SCL:
    case DFO_SCR:
        return 0;
    case DFO_TO_INT:            /* FPRF is undefined: left alone */
        return FPSCR_UPD_FRFI;
    default:
        return FPSCR_UPD_FRFI | FPSCR_UPD_FPRF;
    }
}

/* ---- compare and test ---- */

static unsigned compare(DecCtx *c, bool ordered, DecNum a, DecNum b)
{
    if (a.cls >= DEC_QNAN || b.cls >= DEC_QNAN) {
        bool signalling = a.cls == DEC_SNAN || b.cls == DEC_SNAN;

        c->flags |= signalling ? FPSCR_VXSNAN : 0;
        if (ordered && !(signalling && (c->enables & FPSCR_VE))) {
            c->flags |= FPSCR_VXVC;
        }
        return 1;
    }
    return dec_compare(a, b);
}

/* Zero, subnormal, normal, infinity, quiet NaN, signalling NaN: the mask's bits from the left. */
static bool in_class(const DecFormat *f, DecNum n, unsigned mask)
{
    switch (n.cls) {
    case DEC_SNAN:
        return mask & 1;
    case DEC_QNAN:
        return mask & 2;
    case DEC_INF:
        return mask & 4;
    default:
        return mask & (!n.coeff ? 0x20 : dec_subnormal(f, n) ? 0x10 : 8);
    }
}

/*
 * Zero with a nonextreme, with an extreme exponent; subnormal, or normal with an extreme exponent; normal with
 * leftmost digit zero, nonzero; special.
 */
static bool in_group(const DecFormat *f, DecNum n, unsigned mask)
{
    bool extreme = n.exp == dec_qmin(f) || n.exp == dec_qmax(f);

    if (n.cls != DEC_FINITE) {
        return mask & 1;
    }
    if (!n.coeff) {
        return mask & (extreme ? 0x10 : 0x20);
    }
    if (extreme || dec_subnormal(f, n)) {
        return mask & 8;
    }
    return mask & (dec_digits(n.coeff) < f->digits ? 4 : 2);
}

static unsigned test_exponent(DecNum a, DecNum b)
{
    if (a.cls == DEC_FINITE && b.cls == DEC_FINITE) {
        return a.exp < b.exp ? 8 : a.exp > b.exp ? 4 : 2;
    }
    return (a.cls == DEC_INF && b.cls == DEC_INF) || (a.cls >= DEC_QNAN && b.cls >= DEC_QNAN) ? 2 : 1;
}

static unsigned test_significance(unsigned k, DecNum b)
{
    unsigned digits = dec_digits(b.coeff);

    if (b.cls != DEC_FINITE) {
        return 1;
    }
    return k == 0 || k > digits ? 4 : k < digits ? 8 : 2;
}

/* ---- format ---- */

/* The `count` last digits of n. */
static u128 to_bcd(u128 n, int count)
{
    u128 r = 0;

    for (int i = 0; i < count; i++) {
        r |= n % 10 << 4 * i;
        n /= 10;
    }
    return r;
}

static u128 decode_to_bcd(DecNum n, int digits, unsigned sp)
{
    if (sp < 2) {
        return to_bcd(n.coeff, digits);
    }
    return to_bcd(n.coeff, digits - 1) << 4 | (n.sign ? 0xd : sp == 3 ? 0xf : 0xc);
}

static DecNum encode_bcd(DecCtx *c, u128 bcd, int digits, bool has_sign)
{
    DecNum r = { .cls = DEC_FINITE };

    if (has_sign) {
        unsigned sign = (unsigned)bcd & 15;

        if (sign < 10) {
            return dec_invalid(c, FPSCR_VXCVI);
        }
        r.sign = sign == 0xb || sign == 0xd;
    }
    for (int i = digits - 1; i >= has_sign; i--) {
        unsigned digit = (unsigned)(bcd >> 4 * i) & 15;

        if (digit > 9) {
            return dec_invalid(c, FPSCR_VXCVI);
        }
        r.coeff = r.coeff * 10 + digit;
    }
    return r;
}

static int64_t extract_exponent(const DecFormat *f, DecNum n)
{
    static const int special[] = { [DEC_INF] = -1, [DEC_QNAN] = -2, [DEC_SNAN] = -3 };

    return n.cls == DEC_FINITE ? n.exp + f->bias : special[n.cls];
}

static DecNum insert_exponent(const DecFormat *f, int64_t exp, DecNum n)
{
    if (exp >= 0 && exp <= f->max_biased) {
        n.cls = DEC_FINITE;
        n.exp = (int)exp - f->bias;
    } else {
        n.cls = exp == -1 ? DEC_INF : exp == -3 ? DEC_SNAN : DEC_QNAN;
    }
    return n;
}

/* Of a NaN or infinity the trailing significand is shifted. */
static DecNum shift(const DecFormat *f, DecNum n, int left, int right)
{
    int width = n.cls == DEC_FINITE ? f->digits : f->digits - 1;

    if (left >= width || right >= width) {
        n.coeff = 0;
    } else {
        n.coeff = n.coeff % dec_ten(width - left) * dec_ten(left) / dec_ten(right);
    }
    return n;
}

/* ---- numbers ---- */

static DecNum quantum_adjust(DecCtx *c, uint32_t desc, const DecFormat *f, u128 a, DecNum b)
{
    DecNum x = DFD_OP(desc) == DFO_QUA ? dec_unpack(f, a) : (DecNum){ 0 }, r;
    uint32_t before = c->flags;

    if (dec_nan(c, x, &b, &r)) {
        return r;
    }
    if (DFD_OP(desc) <= DFO_QUA && (x.cls == DEC_INF) != (b.cls == DEC_INF)) {
        return dec_invalid(c, FPSCR_VXCVI);
    }
    if (b.cls == DEC_INF) {
        b.coeff = 0;
        return b;
    }
    switch (DFD_OP(desc)) {
    case DFO_QUAI:
        return dec_quantize(c, f, b, (int)(DFD_IMM(desc) ^ 16) - 16);
    case DFO_QUA:
        return dec_quantize(c, f, b, x.exp);
    case DFO_RRND:
        return dec_reround(c, f, b, (unsigned)a & 63);
    default:
        r = b.exp < 0 ? dec_quantize(c, f, b, 0) : b;
        if (DFD_OP(desc) == DFO_RINTN) {
            c->flags = before;
        }
        return r;
    }
}

/* Short is a storage format: to and from it a signalling NaN stays one (5.6.5). */
static DecNum convert(DecCtx *c, uint32_t desc, DecNum b, bool *wrapped)
{
    const DecFormat *from = format(DFD_B(desc)), *to = format(DFD_DST(desc));
    const DecFormat *narrow = from->digits < to->digits ? from : to;
    DecNum r;

    if (b.cls != DEC_FINITE) {
        if (narrow != &dec_short && dec_nan(c, b, NULL, &r)) {
            b = r;
        }
        b.coeff = b.cls == DEC_INF ? 0 : b.coeff % dec_ten(narrow->digits - 1);
        return b;
    }
    return DFD_OP(desc) == DFO_WIDEN ? b : dec_shorten(c, from, to, b, wrapped);
}

static DecNum from_int(DecCtx *c, uint32_t desc, u128 b)
{
    s128 v = DFD_B(desc) == DFF_D ? (s128)(int64_t)b : (s128)b;

    return dec_from_int(c, format(DFD_DST(desc)), v < 0 ? -(u128)v : (u128)v, v < 0);
}

u128 dfpop_eval(DecCtx *c, uint32_t desc, u128 a, u128 b, unsigned *fprf, bool *wrapped)
{
    DfpOp op = DFD_OP(desc);
    const DecFormat *fa = format(DFD_A(desc)), *fb = format(DFD_B(desc)), *dst = format(DFD_DST(desc));
    unsigned rm = DFD_RM(desc), imm = DFD_IMM(desc);
    DecNum na = number(DFD_A(desc), a), nb = number(DFD_B(desc), b), r;

    if (rm != DFR_CURRENT) {
        c->rm = (DecRound)rm;
    }
    *wrapped = false;
    switch (op) {
    case DFO_ADD:
        r = dec_add(c, dst, na, nb);
        break;
    case DFO_SUB:
        r = dec_sub(c, dst, na, nb);
        break;
    case DFO_MUL:
        r = dec_mul(c, dst, na, nb);
        break;
    case DFO_DIV:
        r = dec_div(c, dst, na, nb);
        break;
    case DFO_QUAI:
    case DFO_QUA:
    case DFO_RRND:
    case DFO_RINTX:
    case DFO_RINTN:
        r = quantum_adjust(c, desc, dst, a, nb);
        break;
    case DFO_WIDEN:
    case DFO_SHORTEN:
        r = convert(c, desc, nb, wrapped);
        dst = *wrapped ? fb : dst;
        break;
    case DFO_FROM_INT:
        r = from_int(c, desc, b);
        break;
    case DFO_TO_INT:
        return (u128)dec_to_int(c, nb, DFD_DST(desc) == DFF_D ? 64 : 128);
    case DFO_DEDPD:
        return decode_to_bcd(nb, DFD_DST(desc) == DFF_D ? 16 : 32, imm);
    case DFO_ENBCD:
        r = encode_bcd(c, b, DFD_B(desc) == DFF_D ? 16 : 32, imm);
        break;
    case DFO_XEX:
        return (u128)(s128)extract_exponent(fb, nb);
    case DFO_IEX:
        return dec_pack(dst, insert_exponent(dst, (int64_t)a, nb));
    case DFO_SCL:
        return dec_pack(dst, shift(dst, na, (int)imm, 0));
    case DFO_SCR:
        return dec_pack(dst, shift(dst, na, 0, (int)imm));
    case DFO_CMPU:
    case DFO_CMPO:
        return *fprf = compare(c, op == DFO_CMPO, na, nb);
    case DFO_TSTDC:
        return *fprf = (na.sign ? 8 : 0) | (in_class(fa, na, imm) ? 2 : 0);
    case DFO_TSTDG:
        return *fprf = (na.sign ? 8 : 0) | (in_group(fa, na, imm) ? 2 : 0);
    case DFO_TSTEX:
        return *fprf = test_exponent(na, nb);
    case DFO_TSTSF:
        return *fprf = test_significance((unsigned)a & 63, nb);
    case DFO_TSTSFI:
        return *fprf = test_significance(imm, nb);
    }
    *fprf = dec_fprf(dst, r);
    return dec_pack(dst, r);
}
