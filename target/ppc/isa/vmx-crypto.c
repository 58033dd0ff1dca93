/*
 * Vector instructions for ciphers, hashes and checksums (Power ISA Book I, 6.11 to 6.13).
 *
 * The AES operations of the IR are x86's, whose state begins at the other end of the register, so states
 * and keys are reversed on the way in and out; between two rounds the reversals cancel (ir-fold.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa.h"
#include "target/ppc/isa/vec-helpers.h"

#define A vr(RA(a))
#define B vr(RB(a))

enum { AES_ENC, AES_ENC_LAST, AES_DEC, AES_DEC_LAST };

static Val reversed(Val v)
{
    return vshuf(v, v, (const uint8_t[16]){ 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0 });
}

static Val aes(unsigned kind, Val state, Val key)
{
    return reversed(ir_op2(IR_VAES, kind, 0, reversed(state), key));
}

INSN(vcipher, "vcipher vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1288:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), aes(AES_ENC, A, reversed(B))); }
INSN(vcipherlast, "vcipherlast vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1289:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), aes(AES_ENC_LAST, A, reversed(B))); }
INSN(vncipher, "vncipher vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1352:11", ALTIVEC207, INSN_VEC)
{
    /* The key is added before the columns are mixed; mixing is linear. */
    set_vr(RT(a), aes(AES_DEC, A, ir_op1(IR_VAESIMC, 0, 0, reversed(B))));
}
INSN(vncipherlast, "vncipherlast vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1353:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), aes(AES_DEC_LAST, A, reversed(B))); }
INSN(vsbox, "vsbox vrt,vrb", "4:6 vrt:5 vra:5 /:5 1480:11", ALTIVEC207, INSN_VEC)
{
    uint8_t unshift[16];

    /* A last round with a zero key shifts rows, then substitutes: undo the shift beforehand. */
    for (unsigned i = 0; i < 16; i++) {
        unsigned h = 15 - i;
        unshift[i] = 15 - ((h - 4 * (h & 3)) & 15);
    }
    set_vr(RT(a), ir_op2(IR_VAES, AES_ENC_LAST, 0, vshuf(A, A, unshift), vconst(0, 0)));
}

/* ---- SHA-2 ---- */

static Val rotate_right(unsigned lane, Val v, unsigned n)
{
    unsigned bytes = 1u << lane;
    uint8_t c[16];

    if (n % 8) {
        return vor(vopi(IR_VSHRI, lane, n, v), vopi(IR_VSHLI, lane, 8 * bytes - n, v));
    }
    for (unsigned i = 0; i < 16; i++) {
        c[i] = (i & ~(bytes - 1)) + ((i - n / 8) & (bytes - 1));
    }
    return vshuf(v, v, c);
}

/* Three rotations (a negative one: a shift) by function of the standard: lower case sigma 0 and 1, upper case. */
static Val sigma(unsigned lane, Val v, unsigned which)
{
    static const int8_t n[2][4][3] = {
        { { 7, 18, -3 }, { 17, 19, -10 }, { 2, 13, 22 }, { 6, 11, 25 } },
        { { 1, 8, -7 }, { 19, 61, -6 }, { 28, 34, 39 }, { 14, 18, 41 } },
    };
    const int8_t *k = n[lane - 2][which];
    Val last = k[2] < 0 ? vopi(IR_VSHRI, lane, -k[2], v) : rotate_right(lane, v, k[2]);

    return vxor(vxor(rotate_right(lane, v, k[0]), rotate_right(lane, v, k[1])), last);
}

static void sha_sigma(const Insn *a, unsigned lane)
{
    unsigned upper = FIELD(a, 15, 1) * 2, six = FIELD(a, 11, 4);
    uint64_t d[2] = { 0, 0 };
    Val v = A;

    /* SIX has a bit for each word; a doubleword goes by that of its first. */
    for (unsigned i = 0; i < 4; i++) {
        unsigned bit = lane == 3 ? i & 2 : i;
        if (six >> (3 - bit) & 1) {
            d[i / 2] |= 0xffffffffull << (i & 1 ? 0 : 32);
        }
    }
    if (!d[0] && !d[1]) {
        set_vr(RT(a), sigma(lane, v, upper));
    } else if (!~d[0] && !~d[1]) {
        set_vr(RT(a), sigma(lane, v, upper + 1));
    } else {
        set_vr(RT(a), vsel(vconst(d[0], d[1]), sigma(lane, v, upper + 1), sigma(lane, v, upper)));
    }
}

INSN(vshasigmaw, "vshasigmaw vrt,vra,st,six", "4:6 vrt:5 vra:5 st:1 six:4 1666:11", ALTIVEC207, INSN_VEC) { sha_sigma(a, 2); }
INSN(vshasigmad, "vshasigmad vrt,vra,st,six", "4:6 vrt:5 vra:5 st:1 six:4 1730:11", ALTIVEC207, INSN_VEC) { sha_sigma(a, 3); }

/* ---- polynomials ---- */

/* The sum of the products of the host's low (high) doublewords. */
static Val product_sum(Val a0, Val b0, Val a1, Val b1, bool high)
{
    return vxor(ir_op2(IR_VCLMUL, high ? 3 : 0, 0, a0, b0), ir_op2(IR_VCLMUL, high ? 3 : 0, 0, a1, b1));
}

static Val helper2(VecFn2 *fn, Val x, Val y)
{
    return CALL(vec_call2, "xixx", IRC_PURE, iconst((uintptr_t)fn), x, y);
}

INSN(vpmsumb, "vpmsumb vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1032:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), helper2(vec_pmsumb, A, B)); }
INSN(vpmsumh, "vpmsumh vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1096:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), helper2(vec_pmsumh, A, B)); }
INSN(vpmsumw, "vpmsumw vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1160:11", ALTIVEC207, INSN_VEC)
{
    Val x = A, y = B, low = vconst(0xffffffff, 0xffffffff);
    Val xl = vand(x, low), yl = vand(y, low), xh = vopi(IR_VSHRI, 3, 32, x), yh = vopi(IR_VSHRI, 3, 32, y);

    /* 63 bits each: the low half of what a doubleword gives. */
    set_vr(RT(a), vshuf(product_sum(xl, yl, xh, yh, true), product_sum(xl, yl, xh, yh, false),
                        (const uint8_t[16]){ 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31 }));
}
INSN(vpmsumd, "vpmsumd vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1224:11", ALTIVEC207, INSN_VEC)
{
    Val x = A, y = B;

    set_vr(RT(a), vxor(ir_op2(IR_VCLMUL, 0, 0, x, y), ir_op2(IR_VCLMUL, 3, 0, x, y)));
}
INSN(vpermxor, "vpermxor vrt,vra,vrb,vrc", "4:6 vrt:5 vra:5 vrb:5 vrc:5 45:6", ALTIVEC207, INSN_VEC)
{
    Val x = A, y = B, c = vr(RC_(a)), nibble = vconst(0x0f0f0f0f0f0f0f0f, 0x0f0f0f0f0f0f0f0f);

    set_vr(RT(a), vxor(vperm(x, x, vand(vopi(IR_VSHRI, 1, 4, c), nibble)), vperm(y, y, vand(c, nibble))));
}
