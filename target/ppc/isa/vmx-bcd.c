/*
 * Decimal integers in vector registers (Power ISA Book I, 6.17): packed decimal of 31 digits and a sign code,
 * national (7 digits, 16 bits each) and zoned (16 digits, 8 bits each), and quadwords times ten.
 *
 * A decimal is taken apart into a binary magnitude and a sign, since 32 digits fit 107 bits. The result of an
 * invalid operand is undefined in the book; here VRT keeps its value then.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/fp/decimal.h"
#include "target/ppc/isa.h"

enum { SIGNED_DIGITS = 31, UNSIGNED_DIGITS = 32, NATIONAL_DIGITS = 7, ZONED_DIGITS = 16 };

typedef struct Bcd {
    u128 mag;
    bool negative, valid;
} Bcd;

/* The result of an operation in its format (*r is VRT before); returns the CR field. */
typedef unsigned BcdFn(V128 *r, V128 a, V128 b, unsigned ps);

/* LT GT EQ of a value, and SO: it did not fit. */
static unsigned cr6(Bcd v, bool overflow)
{
    return (!v.mag ? 2 : v.negative ? 8 : 4) | overflow;
}

enum { CR6_INVALID = 1 };

/* ---- formats ---- */

static bool is_sign(unsigned nibble)
{
    return nibble > 9;
}

static bool is_minus(unsigned nibble)
{
    return nibble == 0xb || nibble == 0xd;
}

/* `count` digits of `step` bits each, the last one at bit `low`; the other bits are not looked at. */
static Bcd get_digits(u128 v, int count, int step, int low)
{
    Bcd r = { .valid = true };

    for (int i = count - 1; i >= 0; i--) {
        unsigned digit = (unsigned)(v >> (low + i * step)) & 15;

        r.valid &= digit <= 9;
        r.mag = r.mag * 10 + digit;
    }
    return r;
}

static u128 put_digits(u128 mag, int count, int step, int low)
{
    u128 r = 0;

    for (int i = 0; i < count; i++) {
        r |= mag % 10 << (low + i * step);
        mag /= 10;
    }
    return r;
}

static Bcd get_packed(V128 v)
{
    Bcd r = get_digits(v.q, SIGNED_DIGITS, 4, 4);

    r.negative = is_minus(V_B(v, 15) & 15);
    r.valid &= is_sign(V_B(v, 15) & 15);
    return r;
}

static V128 put_packed(Bcd v, unsigned ps)
{
    return (V128){ .q = put_digits(v.mag, SIGNED_DIGITS, 4, 4) | (v.negative ? 0xd : ps ? 0xf : 0xc) };
}

/* ---- arithmetic ---- */

/* Packed digits are added as they are: this is the decimal of compilers and data bases. */
#define REPEAT(digit) ((u128)0x1111111111111111ull * (digit) << 64 | 0x1111111111111111ull * (digit))

static bool digits_valid(u128 v)
{
    return !(v >> 3 & (v >> 2 | v >> 1) & REPEAT(1));
}

/* a + b; six more in each digit makes it carry like a hexadecimal one. */
static u128 add_digits(u128 a, u128 b)
{
    u128 biased = a + REPEAT(6), s = biased + b;
    u128 no_carry = ~(s ^ biased ^ b) >> 4 & (REPEAT(1) >> 4);

    return s - no_carry * 6 - (s < biased ? 0 : (u128)6 << 124);
}

static unsigned sum(V128 *r, V128 a, V128 b, bool negate, unsigned ps)
{
    u128 x = a.q >> 4, y = b.q >> 4, s;
    unsigned sign_a = V_B(a, 15) & 15, sign_b = V_B(b, 15) & 15;
    bool minus_a = is_minus(sign_a), minus_b = is_minus(sign_b) != negate, minus = minus_a, overflow;

    if (!digits_valid(x) || !digits_valid(y) || !is_sign(sign_a) || !is_sign(sign_b)) {
        return CR6_INVALID;
    }
    if (minus_a == minus_b) {
        s = add_digits(x, y);
    } else {                    /* the smaller one's complement on nine, and one */
        minus = x >= y ? minus_a : minus_b;
        s = x >= y ? add_digits(x, REPEAT(9) - y) : add_digits(y, REPEAT(9) - x);
        s = add_digits(s, 1);
    }
    overflow = s >> 124;
    minus &= s != 0;
    r->q = s << 4 | (minus ? 0xd : ps ? 0xf : 0xc);
    return (!s ? 2 : minus ? 8 : 4) | overflow;
}

static unsigned bcd_add(V128 *r, V128 a, V128 b, unsigned ps)
{
    return sum(r, a, b, false, ps);
}

static unsigned bcd_sub(V128 *r, V128 a, V128 b, unsigned ps)
{
    return sum(r, a, b, true, ps);
}

/* ---- conversion ---- */

enum { NATIONAL_PLUS = 0x2b, NATIONAL_MINUS = 0x2d };

static unsigned from_national(V128 *r, V128 a, V128 b, unsigned ps)
{
    Bcd v = get_digits(b.q, NATIONAL_DIGITS, 16, 16);
    unsigned sign = V_H(b, 7);

    for (int i = 0; i < NATIONAL_DIGITS; i++) {
        v.valid &= V_H(b, i) >> 4 == 3;
    }
    v.valid &= sign == NATIONAL_PLUS || sign == NATIONAL_MINUS;
    v.negative = sign == NATIONAL_MINUS;
    *r = put_packed(v, ps);
    return v.valid ? cr6(v, false) : CR6_INVALID;
}

static unsigned to_national(V128 *r, V128 a, V128 b, unsigned ps)
{
    Bcd v = get_packed(b);

    r->q = put_digits(v.mag, NATIONAL_DIGITS, 16, 16);
    for (int i = 0; i < NATIONAL_DIGITS; i++) {
        V_H(*r, i) |= 0x30;
    }
    V_H(*r, 7) = v.negative ? NATIONAL_MINUS : NATIONAL_PLUS;
    return v.valid ? cr6(v, v.mag >= dec_ten(NATIONAL_DIGITS)) : CR6_INVALID;
}

/* The zone of the last digit is the sign: if PS = 0 its second bit, else a sign code. */
static unsigned from_zoned(V128 *r, V128 a, V128 b, unsigned ps)
{
    Bcd v = get_digits(b.q, ZONED_DIGITS, 8, 0);
    unsigned sign = V_B(b, 15) >> 4;

    for (int i = 0; i < ZONED_DIGITS - 1; i++) {
        v.valid &= V_B(b, i) >> 4 == (ps ? 0xf : 3);
    }
    v.valid &= !ps || is_sign(sign);
    v.negative = ps ? is_minus(sign) : sign & 4;
    *r = put_packed(v, 0);
    return v.valid ? cr6(v, false) : CR6_INVALID;
}

static unsigned to_zoned(V128 *r, V128 a, V128 b, unsigned ps)
{
    Bcd v = get_packed(b);

    r->q = put_digits(v.mag, ZONED_DIGITS, 8, 0);
    for (int i = 0; i < ZONED_DIGITS - 1; i++) {
        V_B(*r, i) |= ps ? 0xf0 : 0x30;
    }
    V_B(*r, 15) |= ps ? (v.negative ? 0xd0 : 0xc0) : (v.negative ? 0x70 : 0x30);
    return v.valid ? cr6(v, v.mag >= dec_ten(ZONED_DIGITS)) : CR6_INVALID;
}

static unsigned from_quadword(V128 *r, V128 a, V128 b, unsigned ps)
{
    Bcd v = { .mag = b.sq < 0 ? -b.q : b.q, .negative = b.sq < 0 };
    bool overflow = v.mag >= dec_ten(SIGNED_DIGITS);

    if (!overflow) {            /* else VRT is undefined, too */
        *r = put_packed(v, ps);
    }
    return cr6(v, overflow);
}

static unsigned to_quadword(V128 *r, V128 a, V128 b, unsigned ps)
{
    Bcd v = get_packed(b);

    r->q = v.negative ? -v.mag : v.mag;
    return v.valid ? cr6(v, false) : CR6_INVALID;
}

/* ---- sign ---- */

static unsigned copy_sign(V128 *r, V128 a, V128 b, unsigned ps)
{
    Bcd x = get_packed(a), y = get_packed(b);

    *r = a;
    V_B(*r, 15) = (V_B(a, 15) & 0xf0) | (V_B(b, 15) & 0x0f);
    x.negative = y.negative;
    return x.valid && y.valid ? cr6(x, false) : CR6_INVALID;
}

static unsigned set_sign(V128 *r, V128 a, V128 b, unsigned ps)
{
    Bcd v = get_packed(b);

    *r = put_packed(v, ps);
    return v.valid ? cr6(v, false) : CR6_INVALID;
}

/* ---- shift and truncate ---- */

/*
 * By n digits to the left, or -n to the right; whether digits other than zero were lost on the left. Counts beyond
 * the width are taken as the width, so that rounding sees the first digit.
 */
static bool shift_digits(u128 *mag, int n, int width, bool round)
{
    bool lost = false;

    if (n >= 0) {
        u128 kept = n < width ? *mag % dec_ten(width - n) : 0;

        lost = kept != *mag;
        *mag = n < width ? kept * dec_ten(n) : 0;
    } else {
        *mag /= dec_ten(MIN(-n, width) - 1);
        *mag = *mag / 10 + (round && *mag % 10 >= 5);
    }
    return lost;
}

static unsigned shift_signed(V128 *r, V128 a, V128 b, unsigned ps, bool round)
{
    Bcd v = get_packed(b);
    bool lost = shift_digits(&v.mag, V_SB(a, 7), SIGNED_DIGITS, round);

    *r = put_packed(v, ps);
    return v.valid ? cr6(v, lost) : CR6_INVALID;
}

static unsigned shift(V128 *r, V128 a, V128 b, unsigned ps)
{
    return shift_signed(r, a, b, ps, false);
}

static unsigned shift_round(V128 *r, V128 a, V128 b, unsigned ps)
{
    return shift_signed(r, a, b, ps, true);
}

static unsigned shift_unsigned(V128 *r, V128 a, V128 b, unsigned ps)
{
    Bcd v = get_digits(b.q, UNSIGNED_DIGITS, 4, 0);
    bool lost = shift_digits(&v.mag, V_SB(a, 7), UNSIGNED_DIGITS, false);

    r->q = put_digits(v.mag, UNSIGNED_DIGITS, 4, 0);
    return v.valid ? cr6(v, lost) : CR6_INVALID;
}

static bool truncate_digits(u128 *mag, unsigned n)
{
    u128 kept = n < UNSIGNED_DIGITS ? *mag % dec_ten(n) : *mag;
    bool lost = kept != *mag;

    *mag = kept;
    return lost;
}

static unsigned truncate_signed(V128 *r, V128 a, V128 b, unsigned ps)
{
    Bcd v = get_packed(b);
    bool lost = truncate_digits(&v.mag, V_H(a, 3));

    *r = put_packed(v, ps);
    return v.valid ? cr6(v, lost) : CR6_INVALID;
}

static unsigned truncate_unsigned(V128 *r, V128 a, V128 b, unsigned ps)
{
    Bcd v = get_digits(b.q, UNSIGNED_DIGITS, 4, 0);
    bool lost = truncate_digits(&v.mag, V_H(a, 3));

    r->q = put_digits(v.mag, UNSIGNED_DIGITS, 4, 0);
    return v.valid ? cr6(v, lost) : CR6_INVALID;
}

/* ---- rows ---- */

static void helper_bcd(PowerPCCPU *cpu, uint64_t fn, uint64_t regs, uint64_t ps)
{
    V128 *vr = cpu->vsr + 32, r = vr[regs >> 10];
    unsigned cr = ((BcdFn *)(uintptr_t)fn)(&r, vr[regs >> 5 & 31], vr[regs & 31], (unsigned)ps);

    if (cr != CR6_INVALID) {
        vr[regs >> 10] = r;
    }
    ppc_set_crf(cpu, 6, cr);
}

static void bcd(const Insn *a, BcdFn *fn, unsigned ps)
{
    CALLV(helper_bcd, "veiii", IRC_WRITE | IRC_STATE, iconst((uintptr_t)fn),
          iconst(RT(a) << 10 | RA(a) << 5 | RB(a)), iconst(ps));
}

#define PS(a) FIELD(a, 9, 1)

INSN(bcdadd, "bcdadd. vrt,vra,vrb,ps", "4:6 vrt:5 vra:5 vrb:5 1:1 ps:1 1:9", ALTIVEC207, INSN_VEC) { bcd(a, bcd_add, PS(a)); }
INSN(bcdsub, "bcdsub. vrt,vra,vrb,ps", "4:6 vrt:5 vra:5 vrb:5 1:1 ps:1 65:9", ALTIVEC207, INSN_VEC) { bcd(a, bcd_sub, PS(a)); }
INSN(bcdctsq, "bcdctsq. vrt,vrb", "4:6 vrt:5 0:5 vrb:5 1:1 /:1 385:9", ISA300, INSN_VEC) { bcd(a, to_quadword, 0); }
INSN(bcdcfsq, "bcdcfsq. vrt,vrb,ps", "4:6 vrt:5 2:5 vrb:5 1:1 ps:1 385:9", ISA300, INSN_VEC) { bcd(a, from_quadword, PS(a)); }
INSN(bcdctz, "bcdctz. vrt,vrb,ps", "4:6 vrt:5 4:5 vrb:5 1:1 ps:1 385:9", ISA300, INSN_VEC) { bcd(a, to_zoned, PS(a)); }
INSN(bcdctn, "bcdctn. vrt,vrb", "4:6 vrt:5 5:5 vrb:5 1:1 /:1 385:9", ISA300, INSN_VEC) { bcd(a, to_national, 0); }
INSN(bcdcfz, "bcdcfz. vrt,vrb,ps", "4:6 vrt:5 6:5 vrb:5 1:1 ps:1 385:9", ISA300, INSN_VEC) { bcd(a, from_zoned, PS(a)); }
INSN(bcdcfn, "bcdcfn. vrt,vrb,ps", "4:6 vrt:5 7:5 vrb:5 1:1 ps:1 385:9", ISA300, INSN_VEC) { bcd(a, from_national, PS(a)); }
INSN(bcdsetsgn, "bcdsetsgn. vrt,vrb,ps", "4:6 vrt:5 31:5 vrb:5 1:1 ps:1 385:9", ISA300, INSN_VEC) { bcd(a, set_sign, PS(a)); }
INSN(bcdcpsgn, "bcdcpsgn. vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 833:11", ISA300, INSN_VEC) { bcd(a, copy_sign, 0); }
INSN(bcds, "bcds. vrt,vra,vrb,ps", "4:6 vrt:5 vra:5 vrb:5 1:1 ps:1 193:9", ISA300, INSN_VEC) { bcd(a, shift, PS(a)); }
INSN(bcdsr, "bcdsr. vrt,vra,vrb,ps", "4:6 vrt:5 vra:5 vrb:5 1:1 ps:1 449:9", ISA300, INSN_VEC) { bcd(a, shift_round, PS(a)); }
INSN(bcdus, "bcdus. vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1:1 /:1 129:9", ISA300, INSN_VEC) { bcd(a, shift_unsigned, 0); }
INSN(bcdtrunc, "bcdtrunc. vrt,vra,vrb,ps", "4:6 vrt:5 vra:5 vrb:5 1:1 ps:1 257:9", ISA300, INSN_VEC) { bcd(a, truncate_signed, PS(a)); }
INSN(bcdutrunc, "bcdutrunc. vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1:1 /:1 321:9", ISA300, INSN_VEC) { bcd(a, truncate_unsigned, 0); }

/* ---- quadword times ten, plus a digit; and its carry ---- */

static void helper_mul10(V128 *r, const V128 *a, const V128 *b, uint64_t carry)
{
    u128 low = (u128)(uint64_t)a->q * 10 + (b->q & 15), high = (a->q >> 64) * 10 + (low >> 64);

    r->q = carry ? high >> 64 : high << 64 | (uint64_t)low;
}

static void mul10(const Insn *a, Val digit, bool carry)
{
    set_vr(RT(a), CALL(helper_mul10, "xxxi", IRC_PURE, vr(RA(a)), digit, iconst(carry)));
}

INSN(vmul10uq, "vmul10uq vrt,vra", "4:6 vrt:5 vra:5 /:5 513:11", ISA300, INSN_VEC) { mul10(a, vconst(0, 0), false); }
INSN(vmul10cuq, "vmul10cuq vrt,vra", "4:6 vrt:5 vra:5 /:5 1:11", ISA300, INSN_VEC) { mul10(a, vconst(0, 0), true); }
INSN(vmul10euq, "vmul10euq vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 577:11", ISA300, INSN_VEC) { mul10(a, vr(RB(a)), false); }
INSN(vmul10ecuq, "vmul10ecuq vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 65:11", ISA300, INSN_VEC) { mul10(a, vr(RB(a)), true); }
