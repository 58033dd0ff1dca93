/*
 * VMX moves of ISA 3.1: insert and extract by an index in a register, masks to and from GPRs, strings, clears, and bit
 * selections (Power ISA Book I, 6.8 and 6.10 to 6.14).
 *
 * An insert or extract whose index leaves part of the element outside is undefined in the book; here an insert changes
 * nothing and an extract gives zero, as the peer has it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>
#include "target/ppc/isa.h"
#include "target/ppc/isa/bits.h"

#define A vr(RA(a))
#define B vr(RB(a))

/* ---- insert: an element of 1, 2, 4 or 8 bytes at a byte index from the left or from the right ---- */

static void insert_at(V128 *r, const V128 *t, uint64_t value, uint64_t index, uint64_t kind)
{
    unsigned width = kind & 15, at = index & 15;
    V128 v = *t;

    if (kind & 16) {
        at = 16 - width - at;
    }
    for (unsigned i = 0; at <= 16 - width && i < width; i++) {
        V_B(v, at + i) = value >> 8 * (width - 1 - i);
    }
    *r = v;
}

static void insert(const Insn *a, Val value, Val index, unsigned width, bool right)
{
    set_vr(RT(a), CALL(insert_at, "xxiii", IRC_PURE, vr(RT(a)), value, index, iconst(width | (unsigned)right << 4)));
}

INSN(vinsblx, "vinsblx vrt,ra,rb", "4:6 vrt:5 ra:5 rb:5 527:11", ISA310, INSN_VEC) { insert(a, gpr(RB(a)), gpr(RA(a)), 1, false); }
INSN(vinshlx, "vinshlx vrt,ra,rb", "4:6 vrt:5 ra:5 rb:5 591:11", ISA310, INSN_VEC) { insert(a, gpr(RB(a)), gpr(RA(a)), 2, false); }
INSN(vinswlx, "vinswlx vrt,ra,rb", "4:6 vrt:5 ra:5 rb:5 655:11", ISA310, INSN_VEC) { insert(a, gpr(RB(a)), gpr(RA(a)), 4, false); }
INSN(vinsdlx, "vinsdlx vrt,ra,rb", "4:6 vrt:5 ra:5 rb:5 719:11", ISA310, INSN_VEC) { insert(a, gpr(RB(a)), gpr(RA(a)), 8, false); }
INSN(vinsbrx, "vinsbrx vrt,ra,rb", "4:6 vrt:5 ra:5 rb:5 783:11", ISA310, INSN_VEC) { insert(a, gpr(RB(a)), gpr(RA(a)), 1, true); }
INSN(vinshrx, "vinshrx vrt,ra,rb", "4:6 vrt:5 ra:5 rb:5 847:11", ISA310, INSN_VEC) { insert(a, gpr(RB(a)), gpr(RA(a)), 2, true); }
INSN(vinswrx, "vinswrx vrt,ra,rb", "4:6 vrt:5 ra:5 rb:5 911:11", ISA310, INSN_VEC) { insert(a, gpr(RB(a)), gpr(RA(a)), 4, true); }
INSN(vinsdrx, "vinsdrx vrt,ra,rb", "4:6 vrt:5 ra:5 rb:5 975:11", ISA310, INSN_VEC) { insert(a, gpr(RB(a)), gpr(RA(a)), 8, true); }
/* from the last element of that width in doubleword 0 */
INSN(vinsbvlx, "vinsbvlx vrt,ra,vrb", "4:6 vrt:5 ra:5 vrb:5 15:11", ISA310, INSN_VEC) { insert(a, v2i_hi(B), gpr(RA(a)), 1, false); }
INSN(vinshvlx, "vinshvlx vrt,ra,vrb", "4:6 vrt:5 ra:5 vrb:5 79:11", ISA310, INSN_VEC) { insert(a, v2i_hi(B), gpr(RA(a)), 2, false); }
INSN(vinswvlx, "vinswvlx vrt,ra,vrb", "4:6 vrt:5 ra:5 vrb:5 143:11", ISA310, INSN_VEC) { insert(a, v2i_hi(B), gpr(RA(a)), 4, false); }
INSN(vinsbvrx, "vinsbvrx vrt,ra,vrb", "4:6 vrt:5 ra:5 vrb:5 271:11", ISA310, INSN_VEC) { insert(a, v2i_hi(B), gpr(RA(a)), 1, true); }
INSN(vinshvrx, "vinshvrx vrt,ra,vrb", "4:6 vrt:5 ra:5 vrb:5 335:11", ISA310, INSN_VEC) { insert(a, v2i_hi(B), gpr(RA(a)), 2, true); }
INSN(vinswvrx, "vinswvrx vrt,ra,vrb", "4:6 vrt:5 ra:5 vrb:5 399:11", ISA310, INSN_VEC) { insert(a, v2i_hi(B), gpr(RA(a)), 4, true); }
INSN(vinsw, "vinsw vrt,rb,uim", "4:6 vrt:5 /:1 uim:4 rb:5 207:11", ISA310, INSN_VEC) { insert(a, gpr(RB(a)), iconst(FIELD(a, 16, 4)), 4, false); }
INSN(vinsd, "vinsd vrt,rb,uim", "4:6 vrt:5 /:1 uim:4 rb:5 463:11", ISA310, INSN_VEC) { insert(a, gpr(RB(a)), iconst(FIELD(a, 16, 4)), 8, false); }

/* ---- extract from a pair, into doubleword 0 ---- */

static uint64_t extract_at(const V128 *a, const V128 *b, uint64_t index, uint64_t kind)
{
    unsigned width = kind & 15, at = index & 31;
    uint64_t v = 0;

    if (kind & 16) {
        at = 32 - width - at;
    }
    for (unsigned i = at; at <= 32 - width && i < at + width; i++) {
        v = v << 8 | (i < 16 ? V_B(*a, i) : V_B(*b, i - 16));
    }
    return v;
}

static void extract(const Insn *a, unsigned width, bool right)
{
    Val v = CALL(extract_at, "ixxii", IRC_PURE, A, B, gpr(RC_(a)), iconst(width | (unsigned)right << 4));

    set_vr(RT(a), i2v(v, iconst(0)));
}

INSN(vextdubvlx, "vextdubvlx vrt,vra,vrb,rc", "4:6 vrt:5 vra:5 vrb:5 rc_:5 24:6", ISA310, INSN_VEC) { extract(a, 1, false); }
INSN(vextdubvrx, "vextdubvrx vrt,vra,vrb,rc", "4:6 vrt:5 vra:5 vrb:5 rc_:5 25:6", ISA310, INSN_VEC) { extract(a, 1, true); }
INSN(vextduhvlx, "vextduhvlx vrt,vra,vrb,rc", "4:6 vrt:5 vra:5 vrb:5 rc_:5 26:6", ISA310, INSN_VEC) { extract(a, 2, false); }
INSN(vextduhvrx, "vextduhvrx vrt,vra,vrb,rc", "4:6 vrt:5 vra:5 vrb:5 rc_:5 27:6", ISA310, INSN_VEC) { extract(a, 2, true); }
INSN(vextduwvlx, "vextduwvlx vrt,vra,vrb,rc", "4:6 vrt:5 vra:5 vrb:5 rc_:5 28:6", ISA310, INSN_VEC) { extract(a, 4, false); }
INSN(vextduwvrx, "vextduwvrx vrt,vra,vrb,rc", "4:6 vrt:5 vra:5 vrb:5 rc_:5 29:6", ISA310, INSN_VEC) { extract(a, 4, true); }
INSN(vextddvlx, "vextddvlx vrt,vra,vrb,rc", "4:6 vrt:5 vra:5 vrb:5 rc_:5 30:6", ISA310, INSN_VEC) { extract(a, 8, false); }
INSN(vextddvrx, "vextddvrx vrt,vra,vrb,rc", "4:6 vrt:5 vra:5 vrb:5 rc_:5 31:6", ISA310, INSN_VEC) { extract(a, 8, true); }

/* ---- masks: an element is all ones or all zeros, one bit of a GPR each ---- */

/* The top bit of each element of width 1 << lane bytes, element 0 leftmost, right-justified. */
static Val element_bits(Val v, unsigned lane)
{
    static const uint64_t every[] = { 0xffff, 0xaaaa, 0x8888, 0x8080, 0x8000 };
    Val m = vmask(v);

    return lane ? pext(m, iconst(every[lane])) : m;
}

static Val all_or_nothing(Val v, unsigned lane)
{
    if (lane == 4) {
        Val d = sari(v2i_hi(v), 63);
        return i2v(d, d);
    }
    return vop2(IR_VCMPGTS, lane, vconst(0, 0), v);
}

static void from_bits(V128 *r, uint64_t bits, uint64_t lane)
{
    for (int i = 0; i < 16; i++) {
        V_B(*r, i) = bits >> (15 - i) / (1 << lane) & 1 ? 0xff : 0;
    }
}

static void move_mask(const Insn *a, unsigned lane)
{
    set_vr(RT(a), CALL(from_bits, "xii", IRC_PURE, gpr(RB(a)), iconst(lane)));
}

INSN(vexpandbm, "vexpandbm vrt,vrb", "4:6 vrt:5 0:5 vrb:5 1602:11", ISA310, INSN_VEC) { set_vr(RT(a), all_or_nothing(B, 0)); }
INSN(vexpandhm, "vexpandhm vrt,vrb", "4:6 vrt:5 1:5 vrb:5 1602:11", ISA310, INSN_VEC) { set_vr(RT(a), all_or_nothing(B, 1)); }
INSN(vexpandwm, "vexpandwm vrt,vrb", "4:6 vrt:5 2:5 vrb:5 1602:11", ISA310, INSN_VEC) { set_vr(RT(a), all_or_nothing(B, 2)); }
INSN(vexpanddm, "vexpanddm vrt,vrb", "4:6 vrt:5 3:5 vrb:5 1602:11", ISA310, INSN_VEC) { set_vr(RT(a), all_or_nothing(B, 3)); }
INSN(vexpandqm, "vexpandqm vrt,vrb", "4:6 vrt:5 4:5 vrb:5 1602:11", ISA310, INSN_VEC) { set_vr(RT(a), all_or_nothing(B, 4)); }
INSN(vextractbm, "vextractbm rt,vrb", "4:6 rt:5 8:5 vrb:5 1602:11", ISA310, INSN_VEC) { set_gpr(RT(a), element_bits(B, 0)); }
INSN(vextracthm, "vextracthm rt,vrb", "4:6 rt:5 9:5 vrb:5 1602:11", ISA310, INSN_VEC) { set_gpr(RT(a), element_bits(B, 1)); }
INSN(vextractwm, "vextractwm rt,vrb", "4:6 rt:5 10:5 vrb:5 1602:11", ISA310, INSN_VEC) { set_gpr(RT(a), element_bits(B, 2)); }
INSN(vextractdm, "vextractdm rt,vrb", "4:6 rt:5 11:5 vrb:5 1602:11", ISA310, INSN_VEC) { set_gpr(RT(a), element_bits(B, 3)); }
INSN(vextractqm, "vextractqm rt,vrb", "4:6 rt:5 12:5 vrb:5 1602:11", ISA310, INSN_VEC) { set_gpr(RT(a), element_bits(B, 4)); }
INSN(mtvsrbm, "mtvsrbm vrt,rb", "4:6 vrt:5 16:5 rb:5 1602:11", ISA310, INSN_VEC) { move_mask(a, 0); }
INSN(mtvsrhm, "mtvsrhm vrt,rb", "4:6 vrt:5 17:5 rb:5 1602:11", ISA310, INSN_VEC) { move_mask(a, 1); }
INSN(mtvsrwm, "mtvsrwm vrt,rb", "4:6 vrt:5 18:5 rb:5 1602:11", ISA310, INSN_VEC) { move_mask(a, 2); }
INSN(mtvsrdm, "mtvsrdm vrt,rb", "4:6 vrt:5 19:5 rb:5 1602:11", ISA310, INSN_VEC) { move_mask(a, 3); }
INSN(mtvsrqm, "mtvsrqm vrt,rb", "4:6 vrt:5 20:5 rb:5 1602:11", ISA310, INSN_VEC) { move_mask(a, 4); }
INSN(mtvsrbmi, "mtvsrbmi vrt,b", "4:6 vrt:5 b1:5 b0:10 10:5 b2:1", ISA310, INSN_VEC)
{
    V128 v;

    from_bits(&v, FIELD(a, 6, 10) << 6 | FIELD(a, 16, 5) << 1 | FIELD(a, 0, 1), 0);
    set_vr(RT(a), vconst(V_D(v, 0), V_D(v, 1)));
}

/* The number of elements whose top bit is MP, in bytes' worth at the left end of the GPR. */
static void count_mask(const Insn *a, unsigned lane)
{
    Val n = popcnt64(element_bits(B, lane));

    set_gpr(RT(a), shli(FIELD(a, 16, 1) ? n : sub(iconst(16 >> lane), n), 56 + lane));
}

INSN(vcntmbb, "vcntmbb rt,vrb,mp", "4:6 rt:5 12:4 mp:1 vrb:5 1602:11", ISA310, INSN_VEC) { count_mask(a, 0); }
INSN(vcntmbh, "vcntmbh rt,vrb,mp", "4:6 rt:5 13:4 mp:1 vrb:5 1602:11", ISA310, INSN_VEC) { count_mask(a, 1); }
INSN(vcntmbw, "vcntmbw rt,vrb,mp", "4:6 rt:5 14:4 mp:1 vrb:5 1602:11", ISA310, INSN_VEC) { count_mask(a, 2); }
INSN(vcntmbd, "vcntmbd rt,vrb,mp", "4:6 rt:5 15:4 mp:1 vrb:5 1602:11", ISA310, INSN_VEC) { count_mask(a, 3); }

/* ---- strings: what comes before the first zero byte, counted from the left or from the right ---- */

static void string_isolate(V128 *r, const V128 *b, uint64_t width, uint64_t right)
{
    V128 v = { .q = 0 };

    for (unsigned i = 0; i < 16; i += width) {
        unsigned at = right ? 16 - width - i : i;
        bool zero = V_B(*b, at) == 0 && V_B(*b, at + width - 1) == 0;
        if (zero) {
            break;
        }
        for (unsigned k = 0; k < width; k++) {
            V_B(v, at + k) = V_B(*b, at + k);
        }
    }
    *r = v;
}

static void isolate(const Insn *a, unsigned lane, bool right)
{
    Val v = B;

    set_vr(RT(a), CALL(string_isolate, "xxii", IRC_PURE, v, iconst(1u << lane), iconst(right)));
    if (FIELD(a, 10, 1)) {
        Val zero = vop2(IR_VCMPEQ, lane, v, vconst(0, 0));
        for (int i = 0; i < 4; i++) {
            set_crbit(24 + i, i == 2 ? setcond(C_NE, bor(v2i_hi(zero), v2i_lo(zero)), iconst(0)) : iconst(0));
        }
    }
}

INSN(vstribl, "vstribl[.] vrt,vrb", "4:6 vrt:5 0:5 vrb:5 rc:1 13:10", ISA310, INSN_VEC) { isolate(a, 0, false); }
INSN(vstribr, "vstribr[.] vrt,vrb", "4:6 vrt:5 1:5 vrb:5 rc:1 13:10", ISA310, INSN_VEC) { isolate(a, 0, true); }
INSN(vstrihl, "vstrihl[.] vrt,vrb", "4:6 vrt:5 2:5 vrb:5 rc:1 13:10", ISA310, INSN_VEC) { isolate(a, 1, false); }
INSN(vstrihr, "vstrihr[.] vrt,vrb", "4:6 vrt:5 3:5 vrb:5 rc:1 13:10", ISA310, INSN_VEC) { isolate(a, 1, true); }

/* Clear all but the rightmost (vclrlb) or leftmost (vclrrb) bytes, at most 16 of which RB counts. */
static void keep_bytes(V128 *r, const V128 *a, uint64_t n, uint64_t left)
{
    u128 ones = n == 0 ? 0 : n > 15 ? ~(u128)0 : left ? ~(u128)0 << (128 - 8 * n) : ~(u128)0 >> (128 - 8 * n);

    r->q = a->q & ones;
}

INSN(vclrlb, "vclrlb vrt,vra,rb", "4:6 vrt:5 vra:5 rb:5 397:11", ISA310, INSN_VEC) { set_vr(RT(a), CALL(keep_bytes, "xxii", IRC_PURE, A, gpr(RB(a)), iconst(0))); }
INSN(vclrrb, "vclrrb vrt,vra,rb", "4:6 vrt:5 vra:5 rb:5 461:11", ISA310, INSN_VEC) { set_vr(RT(a), CALL(keep_bytes, "xxii", IRC_PURE, A, gpr(RB(a)), iconst(1))); }

/* ---- bit selections ---- */

typedef Val BitsFn(Val x, Val m);

static void by_doubleword(const Insn *a, BitsFn *fn)
{
    Val x = A, m = B;

    set_vr(RT(a), i2v(fn(v2i_hi(x), v2i_hi(m)), fn(v2i_lo(x), v2i_lo(m))));
}

INSN(vcfuged, "vcfuged vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1357:11", ISA310, INSN_VEC) { by_doubleword(a, bits_centrifuge); }
INSN(vpextd, "vpextd vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1421:11", ISA310, INSN_VEC) { by_doubleword(a, pext); }
INSN(vpdepd, "vpdepd vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1485:11", ISA310, INSN_VEC) { by_doubleword(a, pdep); }
INSN(vclzdm, "vclzdm vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1924:11", ISA310, INSN_VEC) { by_doubleword(a, bits_clz_under); }
INSN(vctzdm, "vctzdm vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1988:11", ISA310, INSN_VEC) { by_doubleword(a, bits_ctz_under); }

/* Every Nth bit from bit 0 on, left-justified. N below 2 is invalid in the book; here it does nothing. */
INSN(vgnb, "vgnb rt,vrb,n", "4:6 rt:5 /:2 n:3 vrb:5 1228:11", ISA310, INSN_VEC)
{
    unsigned n = FIELD(a, 16, 3), bits = n < 2 ? 0 : (128 + n - 1) / n, high = 0;
    uint64_t mask[2] = { 0, 0 };
    Val v = B;

    if (n < 2) {
        return;
    }
    for (unsigned i = 0; i < 128; i += n) {
        mask[i / 64] |= 1ull << (63 - i % 64);
        high += i < 64;
    }
    Val l = pext(v2i_hi(v), iconst(mask[0])), r = pext(v2i_lo(v), iconst(mask[1]));
    set_gpr(RT(a), bor(shli(l, 64 - high), shli(r, 64 - bits)));
}
