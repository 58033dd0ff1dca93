/*
 * VMX arithmetic of ISA 3.1 on doublewords and quadwords: multiply, divide, modulo, compare, rotate and shift
 * (Power ISA Book I, 6.9 and 6.11).
 *
 * A quotient that does not fit, and any quotient by zero, is undefined in the book. Here the quotient's low bits remain,
 * and a divisor of zero counts as one; of vdive* on doublewords and quadwords it gives the dividend, as the peer has it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa.h"

#define A vr(RA(a))
#define B vr(RB(a))

#define TWO(fn) set_vr(RT(a), CALL(fn, "xxx", IRC_PURE, A, B))
#define THREE(fn) set_vr(RT(a), CALL(fn, "xxxx", IRC_PURE, A, B, vr(RC_(a))))
#define LANES2(name) static void name(V128 *r, const V128 *a, const V128 *b)

/* ---- multiply ---- */

#define MULTIPLY_HALF(name, n, M, wide, shift) \
    LANES2(name) \
    { \
        V128 t; \
        for (int i = 0; i < (n); i++) { \
            V_##M(t, i) = (wide)V_##M(*a, i) * V_##M(*b, i) >> (shift); \
        } \
        *r = t; \
    }
MULTIPLY_HALF(mulhuw, 4, W, uint64_t, 32)
MULTIPLY_HALF(mulhsw, 4, SW, int64_t, 32)
MULTIPLY_HALF(mulhud, 2, D, u128, 64)
MULTIPLY_HALF(mulhsd, 2, SD, s128, 64)
INSN(vmulhuw, "vmulhuw vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 649:11", ISA310, INSN_VEC) { TWO(mulhuw); }
INSN(vmulhsw, "vmulhsw vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 905:11", ISA310, INSN_VEC) { TWO(mulhsw); }
INSN(vmulhud, "vmulhud vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 713:11", ISA310, INSN_VEC) { TWO(mulhud); }
INSN(vmulhsd, "vmulhsd vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 969:11", ISA310, INSN_VEC) { TWO(mulhsd); }

static void multiply_doubleword(const Insn *a, bool odd, bool is_signed)
{
    Val x = odd ? v2i_lo(A) : v2i_hi(A), y = odd ? v2i_lo(B) : v2i_hi(B);

    set_vr(RT(a), i2v(is_signed ? mulhs(x, y) : mulhu(x, y), mul(x, y)));
}

INSN(vmuloud, "vmuloud vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 200:11", ISA310, INSN_VEC) { multiply_doubleword(a, true, false); }
INSN(vmulosd, "vmulosd vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 456:11", ISA310, INSN_VEC) { multiply_doubleword(a, true, true); }
INSN(vmuleud, "vmuleud vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 712:11", ISA310, INSN_VEC) { multiply_doubleword(a, false, false); }
INSN(vmulesd, "vmulesd vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 968:11", ISA310, INSN_VEC) { multiply_doubleword(a, false, true); }

/* The carry out of the quadword of both products and the addend: 0, 1 or 2. */
static void msumcud(V128 *r, const V128 *a, const V128 *b, const V128 *c)
{
    u128 even = (u128)V_D(*a, 0) * V_D(*b, 0), odd = (u128)V_D(*a, 1) * V_D(*b, 1), sum = even + odd;
    unsigned carry = sum < even;

    carry += sum + c->q < sum;
    r->q = carry;
}

INSN(vmsumcud, "vmsumcud vrt,vra,vrb,vrc", "4:6 vrt:5 vra:5 vrb:5 vrc:5 23:6", ISA310, INSN_VEC) { THREE(msumcud); }

/* ---- divide ---- */

static u128 divide(u128 x, u128 y, bool is_signed)
{
    y += !y;
    if (is_signed) {
        return (s128)y == -1 ? -x : (u128)((s128)x / (s128)y);
    }
    return x / y;
}

static u128 modulo(u128 x, u128 y, bool is_signed)
{
    y += !y;
    if (is_signed) {
        return (s128)y == -1 ? 0 : (u128)((s128)x % (s128)y);
    }
    return x % y;
}

#define DIVIDE(name, fn, n, M, is_signed) \
    LANES2(name) \
    { \
        V128 t; \
        for (int i = 0; i < (n); i++) { \
            V_##M(t, i) = fn(V_##M(*a, i), V_##M(*b, i), is_signed); \
        } \
        *r = t; \
    }
#define V_Q(v, i) ((v).q)
#define V_SQ(v, i) ((v).sq)
DIVIDE(divsw, divide, 4, SW, true)
DIVIDE(divuw, divide, 4, W, false)
DIVIDE(divsd, divide, 2, SD, true)
DIVIDE(divud, divide, 2, D, false)
DIVIDE(divsq, divide, 1, SQ, true)
DIVIDE(divuq, divide, 1, Q, false)
DIVIDE(modsw, modulo, 4, SW, true)
DIVIDE(moduw, modulo, 4, W, false)
DIVIDE(modsd, modulo, 2, SD, true)
DIVIDE(modud, modulo, 2, D, false)
DIVIDE(modsq, modulo, 1, SQ, true)
DIVIDE(moduq, modulo, 1, Q, false)
INSN(vdivsw, "vdivsw vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 395:11", ISA310, INSN_VEC) { TWO(divsw); }
INSN(vdivuw, "vdivuw vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 139:11", ISA310, INSN_VEC) { TWO(divuw); }
INSN(vdivsd, "vdivsd vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 459:11", ISA310, INSN_VEC) { TWO(divsd); }
INSN(vdivud, "vdivud vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 203:11", ISA310, INSN_VEC) { TWO(divud); }
INSN(vdivsq, "vdivsq vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 267:11", ISA310, INSN_VEC) { TWO(divsq); }
INSN(vdivuq, "vdivuq vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 11:11", ISA310, INSN_VEC) { TWO(divuq); }
INSN(vmodsw, "vmodsw vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1931:11", ISA310, INSN_VEC) { TWO(modsw); }
INSN(vmoduw, "vmoduw vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1675:11", ISA310, INSN_VEC) { TWO(moduw); }
INSN(vmodsd, "vmodsd vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1995:11", ISA310, INSN_VEC) { TWO(modsd); }
INSN(vmodud, "vmodud vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1739:11", ISA310, INSN_VEC) { TWO(modud); }
INSN(vmodsq, "vmodsq vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1803:11", ISA310, INSN_VEC) { TWO(modsq); }
INSN(vmoduq, "vmoduq vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1547:11", ISA310, INSN_VEC) { TWO(moduq); }

/* Divide extended: the dividend is the element followed by as many zeros. */
static uint64_t divide_extended(uint64_t x, uint64_t y, unsigned bits, bool is_signed)
{
    if (!y && bits == 64) {
        return x;
    }
    return divide(is_signed ? (u128)(s128)(int64_t)x << bits : (u128)x << bits,
                  is_signed ? (u128)(s128)(int64_t)y : y, is_signed);
}

/* One bit of quotient a step. What x / y would add lies above the quadword. */
static u128 divide_extended_quad(u128 x, u128 y)
{
    u128 q = 0, rest;

    if (!y) {
        return x;
    }
    rest = x % y;
    for (int i = 0; i < 128; i++) {
        bool out = rest >> 127;
        rest <<= 1;
        q <<= 1;
        if (out || rest >= y) {
            rest -= y;
            q |= 1;
        }
    }
    return q;
}

LANES2(diveuq)
{
    r->q = divide_extended_quad(a->q, b->q);
}

LANES2(divesq)
{
    u128 q = divide_extended_quad(a->sq < 0 ? -a->q : a->q, b->sq < 0 ? -b->q : b->q);

    r->q = (a->sq < 0) != (b->sq < 0) ? -q : q;
}

#define DIVIDE_EXTENDED(name, n, M, bits, is_signed) \
    LANES2(name) \
    { \
        V128 t; \
        for (int i = 0; i < (n); i++) { \
            V_##M(t, i) = divide_extended(V_##M(*a, i), V_##M(*b, i), bits, is_signed); \
        } \
        *r = t; \
    }
DIVIDE_EXTENDED(divesw, 4, SW, 32, true)
DIVIDE_EXTENDED(diveuw, 4, W, 32, false)
DIVIDE_EXTENDED(divesd, 2, SD, 64, true)
DIVIDE_EXTENDED(diveud, 2, D, 64, false)
INSN(vdivesw, "vdivesw vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 907:11", ISA310, INSN_VEC) { TWO(divesw); }
INSN(vdiveuw, "vdiveuw vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 651:11", ISA310, INSN_VEC) { TWO(diveuw); }
INSN(vdivesd, "vdivesd vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 971:11", ISA310, INSN_VEC) { TWO(divesd); }
INSN(vdiveud, "vdiveud vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 715:11", ISA310, INSN_VEC) { TWO(diveud); }
INSN(vdivesq, "vdivesq vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 779:11", ISA310, INSN_VEC) { TWO(divesq); }
INSN(vdiveuq, "vdiveuq vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 523:11", ISA310, INSN_VEC) { TWO(diveuq); }

/* ---- compare ---- */

typedef struct Quad { Val hi, lo; } Quad;

static Quad quad(Val v) { return (Quad){ v2i_hi(v), v2i_lo(v) }; }
static Val quad_eq(Quad x, Quad y) { return setcond(C_EQ, bor(bxor(x.hi, y.hi), bxor(x.lo, y.lo)), iconst(0)); }
static Val quad_gt(Quad x, Quad y, bool is_signed)
{
    return sel(C_EQ, x.hi, y.hi, setcond(C_GTU, x.lo, y.lo), setcond(is_signed ? C_GT : C_GTU, x.hi, y.hi));
}

static void compare_mask(const Insn *a, Val is_true)
{
    Val all = neg(is_true);

    set_vr(RT(a), i2v(all, all));
    if (a->w >> 10 & 1) {
        set_crbit(24, is_true);
        set_crbit(25, iconst(0));
        set_crbit(26, bxor(is_true, iconst(1)));
        set_crbit(27, iconst(0));
    }
}

INSN(vcmpequq, "vcmpequq[.] vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 rc:1 455:10", ISA310, INSN_VEC) { compare_mask(a, quad_eq(quad(A), quad(B))); }
INSN(vcmpgtuq, "vcmpgtuq[.] vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 rc:1 647:10", ISA310, INSN_VEC) { compare_mask(a, quad_gt(quad(A), quad(B), false)); }
INSN(vcmpgtsq, "vcmpgtsq[.] vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 rc:1 903:10", ISA310, INSN_VEC) { compare_mask(a, quad_gt(quad(A), quad(B), true)); }

static void compare_field(const Insn *a, bool is_signed)
{
    Quad x = quad(A), y = quad(B);

    set_crbit(4 * BF(a), quad_gt(y, x, is_signed));
    set_crbit(4 * BF(a) + 1, quad_gt(x, y, is_signed));
    set_crbit(4 * BF(a) + 2, quad_eq(x, y));
    set_crbit(4 * BF(a) + 3, iconst(0));
}

INSN(vcmpuq, "vcmpuq bf,vra,vrb", "4:6 bf:3 /:2 vra:5 vrb:5 257:11", ISA310, INSN_VEC) { compare_field(a, false); }
INSN(vcmpsq, "vcmpsq bf,vra,vrb", "4:6 bf:3 /:2 vra:5 vrb:5 321:11", ISA310, INSN_VEC) { compare_field(a, true); }

/* ---- rotate and shift: the count is the low seven bits of doubleword 0 ---- */

static unsigned count_of(const V128 *b)
{
    return V_D(*b, 0) & 127;
}

static u128 rotate_left(u128 v, unsigned n)
{
    return n ? v << n | v >> (128 - n) : v;
}

/* Ones from bit mb through bit me of the book, wrapping around if mb > me. */
static u128 quad_mask(unsigned mb, unsigned me)
{
    u128 from = ~(u128)0 >> mb, to = ~(u128)0 << (127 - me);

    return mb <= me ? from & to : from | to;
}

static u128 mask_of(const V128 *b)
{
    return quad_mask(V_D(*b, 0) >> 16 & 127, V_D(*b, 0) >> 8 & 127);
}

LANES2(rlq) { r->q = rotate_left(a->q, count_of(b)); }
LANES2(rlqnm) { r->q = rotate_left(a->q, count_of(b)) & mask_of(b); }
LANES2(slq) { r->q = a->q << count_of(b); }
LANES2(srq) { r->q = a->q >> count_of(b); }
LANES2(sraq) { r->sq = a->sq >> count_of(b); }
static void rlqmi(V128 *r, const V128 *a, const V128 *b, const V128 *t)
{
    u128 m = mask_of(b);

    r->q = (rotate_left(a->q, count_of(b)) & m) | (t->q & ~m);
}

INSN(vrlq, "vrlq vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 5:11", ISA310, INSN_VEC) { TWO(rlq); }
INSN(vrlqnm, "vrlqnm vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 325:11", ISA310, INSN_VEC) { TWO(rlqnm); }
INSN(vrlqmi, "vrlqmi vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 69:11", ISA310, INSN_VEC)
{
    set_vr(RT(a), CALL(rlqmi, "xxxx", IRC_PURE, A, B, vr(RT(a))));
}
INSN(vslq, "vslq vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 261:11", ISA310, INSN_VEC) { TWO(slq); }
INSN(vsrq, "vsrq vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 517:11", ISA310, INSN_VEC) { TWO(srq); }
INSN(vsraq, "vsraq vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 773:11", ISA310, INSN_VEC) { TWO(sraq); }

INSN(vextsd2q, "vextsd2q vrt,vrb", "4:6 vrt:5 27:5 vrb:5 1538:11", ISA310, INSN_VEC)
{
    Val d = v2i_lo(B);

    set_vr(RT(a), i2v(sari(d, 63), d));
}

/* Shift of a pair by 0 to 7 bits; the high or the low quadword of the result. */
static Val shift_pair(Val x, Val y, unsigned n, bool left)
{
    Quad p = quad(x), q = quad(y);

    if (!n) {
        return left ? x : y;
    }
    return left ? i2v(bor(shli(p.hi, n), shri(p.lo, 64 - n)), bor(shli(p.lo, n), shri(q.hi, 64 - n)))
                : i2v(bor(shri(q.hi, n), shli(p.lo, 64 - n)), bor(shri(q.lo, n), shli(q.hi, 64 - n)));
}

INSN(vsldbi, "vsldbi vrt,vra,vrb,sh", "4:6 vrt:5 vra:5 vrb:5 0:2 sh:3 22:6", ISA310, INSN_VEC)
{
    set_vr(RT(a), shift_pair(A, B, FIELD(a, 6, 3), true));
}
INSN(vsrdbi, "vsrdbi vrt,vra,vrb,sh", "4:6 vrt:5 vra:5 vrb:5 1:2 sh:3 22:6", ISA310, INSN_VEC)
{
    set_vr(RT(a), shift_pair(A, B, FIELD(a, 6, 3), false));
}
