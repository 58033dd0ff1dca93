/*
 * VSX of ISA 3.1: prefixed splats, blends, permutes and the three-operand truth table; rightmost-element, paired
 * and prefixed storage access (Power ISA Book I, 7.6).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa.h"
#include "target/ppc/fp/fplazy.h"

/* ---- splat immediate ---- */

/* 32-bit immediate of the 8RR:D forms, half in the prefix and half in the suffix */
static uint32_t imm32(const Insn *a)
{
    return PFIELD(a, 0, 16) << 16 | FIELD(a, 0, 16);
}

/* The target of these forms: TX is bit 15 of the suffix. */
static unsigned XT15(const Insn *a)
{
    return RT(a) | FIELD(a, 16, 1) << 5;
}

INSN(xxspltiw, "xxspltiw xt,imm32", "1:6 1:2 0:4 /:4 imm0:16 | 32:6 t:5 3:4 tx:1 imm1:16", ISA310, INSN_VSX)
{
    uint64_t d = imm32(a) * 0x100000001ull;

    set_vsr(XT15(a), vconst(d, d));
}

INSN(xxspltidp, "xxspltidp xt,imm32", "1:6 1:2 0:4 /:4 imm0:16 | 32:6 t:5 2:4 tx:1 imm1:16", ISA310, INSN_VSX)
{
    uint64_t d = fp_load_single(imm32(a));

    set_vsr(XT15(a), vconst(d, d));
}

INSN(xxsplti32dx, "xxsplti32dx xt,ix,imm32", "1:6 1:2 0:4 /:4 imm0:16 | 32:6 t:5 0:3 ix:1 tx:1 imm1:16", ISA310, INSN_VSX)
{
    unsigned sh = FIELD(a, 17, 1) ? 0 : 32;
    uint64_t d = (uint64_t)imm32(a) << sh, keep = 0xffffffffull << (32 - sh);

    set_vsr(XT15(a), vor(vand(vsr(XT15(a)), vconst(keep, keep)), vconst(d, d)));
}

/* Quadword constants: 1.0 to 7.0, infinity, the default NaN; the same with the sign set. */
INSN(lxvkq, "lxvkq xt,uim", "60:6 t:5 31:5 uim:5 360:10 tx:1", ISA310, INSN_VSX)
{
    static const uint32_t top[32] = {
        [1] = 0x3fff0000, [2] = 0x40000000, [3] = 0x40008000, [4] = 0x40010000, [5] = 0x40014000, [6] = 0x40018000,
        [7] = 0x4001c000, [8] = 0x7fff0000, [9] = 0x7fff8000, [16] = 0x80000000, [17] = 0xbfff0000, [18] = 0xc0000000,
        [19] = 0xc0008000, [20] = 0xc0010000, [21] = 0xc0014000, [22] = 0xc0018000, [23] = 0xc001c000,
        [24] = 0xffff0000,
    };
    uint32_t t = top[FIELD(a, 11, 5)];

    if (!t) {
        raise_program(ctx, PROG_INVAL);
        return;
    }
    set_vsr(XT(a), vconst((uint64_t)t << 32, 0));
}

/* ---- blend, permute, evaluate ---- */

#define MRR4(uim) "1:6 1:2 0:4 /:" uim " | "

static void blend(const Insn *a, unsigned lane)
{
    Val use_b = vop2(IR_VCMPGTS, lane, vconst(0, 0), vsr(XC(a)));

    set_vsr(XT(a), vsel(use_b, vsr(XB(a)), vsr(XA(a))));
}

INSN(xxblendvb, "xxblendvb xt,xa,xb,xc", MRR4("20") "33:6 t:5 a:5 b:5 c:5 0:2 cx:1 ax:1 bx:1 tx:1", ISA310, INSN_VSX) { blend(a, 0); }
INSN(xxblendvh, "xxblendvh xt,xa,xb,xc", MRR4("20") "33:6 t:5 a:5 b:5 c:5 1:2 cx:1 ax:1 bx:1 tx:1", ISA310, INSN_VSX) { blend(a, 1); }
INSN(xxblendvw, "xxblendvw xt,xa,xb,xc", MRR4("20") "33:6 t:5 a:5 b:5 c:5 2:2 cx:1 ax:1 bx:1 tx:1", ISA310, INSN_VSX) { blend(a, 2); }
INSN(xxblendvd, "xxblendvd xt,xa,xb,xc", MRR4("20") "33:6 t:5 a:5 b:5 c:5 3:2 cx:1 ax:1 bx:1 tx:1", ISA310, INSN_VSX) { blend(a, 3); }

/* One window of 32 bytes out of 256: bytes of XC outside it select zero. */
INSN(xxpermx, "xxpermx xt,xa,xb,xc,uim", MRR4("17 uim:3") "34:6 t:5 a:5 b:5 c:5 0:2 cx:1 ax:1 bx:1 tx:1", ISA310, INSN_VSX)
{
    uint64_t top = 0xe0e0e0e0e0e0e0e0, window = PFIELD(a, 0, 3) * 0x2020202020202020ull;
    Val c = vsr(XC(a)), ours = vop2(IR_VCMPEQ, 0, vand(c, vconst(top, top)), vconst(window, window));

    set_vsr(XT(a), vand(vperm(vsr(XA(a)), vsr(XB(a)), c), ours));
}

/* A truth table of two bits: bit 3 of `t` is the result for 00, bit 0 that for 11. */
static Val table2(unsigned t, Val b, Val c)
{
    switch (t) {
    case 0: return vconst(0, 0);
    case 1: return vand(b, c);
    case 2: return vandc(b, c);
    case 3: return b;
    case 4: return vandc(c, b);
    case 5: return c;
    case 6: return vxor(b, c);
    case 7: return vor(b, c);
    default: return vnot(table2(t ^ 15, b, c));
    }
}

INSN(xxeval, "xxeval xt,xa,xb,xc,imm8", MRR4("12 imm:8") "34:6 t:5 a:5 b:5 c:5 1:2 cx:1 ax:1 bx:1 tx:1", ISA310, INSN_VSX)
{
    unsigned imm = PFIELD(a, 0, 8);
    Val x = vsr(XA(a)), b = vsr(XB(a)), c = vsr(XC(a));
    Val if0 = table2(imm >> 4, b, c), if1 = table2(imm & 15, b, c);

    set_vsr(XT(a), imm >> 4 == (imm & 15) ? if0 : vsel(x, if1, if0));
}

/* ---- permute control vectors from masks ---- */

/*
 * Expand: each element whose mask is set takes the next element of the first operand, the others stay as the second
 * has them. Compress: elements whose mask is set move together. In the little-endian forms all counting is from the
 * right, for use with vpermr. What a compress leaves over is undefined in the book, and zero here.
 */
static void permute_control(V128 *r, const V128 *mask, uint64_t width, uint64_t imm)
{
    unsigned n = 16 / width, next = 0;
    bool compress = imm & 1, little = imm & 2;
    V128 v = { .q = 0 };

    for (unsigned i = 0; i < n; i++) {
        bool set = V_B(*mask, (little ? n - 1 - i : i) * width) & 0x80;
        unsigned to = compress ? next : i, from = compress ? i : set ? next : i;

        if (set || !compress) {
            for (unsigned k = 0; k < width; k++) {
                unsigned at = to * width + k;
                V_B(v, little ? 15 - at : at) = from * width + k + (set ? 0 : 16);
            }
        }
        next += set;
    }
    *r = v;
}

static void generate_control(DisasCtx *ctx, const Insn *a, unsigned width)
{
    unsigned imm = FIELD(a, 16, 5);

    if (imm > 3) {
        raise_program(ctx, PROG_INVAL);
        return;
    }
    set_vsr(XT(a), CALL(permute_control, "xxii", IRC_PURE, vr(RB(a)), iconst(width), iconst(imm)));
}

INSN(xxgenpcvbm, "xxgenpcvbm xt,vrb,imm", "60:6 t:5 imm:5 vrb:5 916:10 tx:1", ISA310, INSN_VSX) { generate_control(ctx, a, 1); }
INSN(xxgenpcvhm, "xxgenpcvhm xt,vrb,imm", "60:6 t:5 imm:5 vrb:5 917:10 tx:1", ISA310, INSN_VSX) { generate_control(ctx, a, 2); }
INSN(xxgenpcvwm, "xxgenpcvwm xt,vrb,imm", "60:6 t:5 imm:5 vrb:5 948:10 tx:1", ISA310, INSN_VSX) { generate_control(ctx, a, 4); }
INSN(xxgenpcvdm, "xxgenpcvdm xt,vrb,imm", "60:6 t:5 imm:5 vrb:5 949:10 tx:1", ISA310, INSN_VSX) { generate_control(ctx, a, 8); }

/* All, none of the bytes' least significant bits. */
INSN(xvtlsbb, "xvtlsbb bf,xb", "60:6 bf:3 /:2 2:5 b:5 475:9 bx:1 /:1", ISA310, INSN_VSX)
{
    const uint64_t lsb = 0x0101010101010101;
    Val v = vsr(XB(a)), hi = v2i_hi(v), lo = v2i_lo(v);

    set_crbit(4 * BF(a), setcond(C_EQ, andi(band(hi, lo), lsb), iconst(lsb)));
    set_crbit(4 * BF(a) + 1, iconst(0));
    set_crbit(4 * BF(a) + 2, setcond(C_EQ, andi(bor(hi, lo), lsb), iconst(0)));
    set_crbit(4 * BF(a) + 3, iconst(0));
}

/* ---- the rightmost element, zero-extended ---- */

#define X_FORM ea_x(ctx, RA(a), RB(a))

static void load_rightmost(DisasCtx *ctx, const Insn *a, MemOp op)
{
    set_vsr(XT(a), i2v(iconst(0), mem_ld(ctx, X_FORM, op)));
}

static void store_rightmost(DisasCtx *ctx, const Insn *a, MemOp op)
{
    mem_st(ctx, X_FORM, v2i_lo(vsr(XS(a))), op);
}

INSN(lxvrbx, "lxvrbx xt,ra,rb", "31:6 t:5 ra0:5 rb:5 13:10 tx:1", ISA310, INSN_VSX_OR_VEC | INSN_MEM) { load_rightmost(ctx, a, MO_8); }
INSN(lxvrhx, "lxvrhx xt,ra,rb", "31:6 t:5 ra0:5 rb:5 45:10 tx:1", ISA310, INSN_VSX_OR_VEC | INSN_MEM) { load_rightmost(ctx, a, MO_16); }
INSN(lxvrwx, "lxvrwx xt,ra,rb", "31:6 t:5 ra0:5 rb:5 77:10 tx:1", ISA310, INSN_VSX_OR_VEC | INSN_MEM) { load_rightmost(ctx, a, MO_32); }
INSN(lxvrdx, "lxvrdx xt,ra,rb", "31:6 t:5 ra0:5 rb:5 109:10 tx:1", ISA310, INSN_VSX_OR_VEC | INSN_MEM) { load_rightmost(ctx, a, MO_64); }
INSN(stxvrbx, "stxvrbx xs,ra,rb", "31:6 s:5 ra0:5 rb:5 141:10 sx:1", ISA310, INSN_VSX_OR_VEC | INSN_MEM) { store_rightmost(ctx, a, MO_8); }
INSN(stxvrhx, "stxvrhx xs,ra,rb", "31:6 s:5 ra0:5 rb:5 173:10 sx:1", ISA310, INSN_VSX_OR_VEC | INSN_MEM) { store_rightmost(ctx, a, MO_16); }
INSN(stxvrwx, "stxvrwx xs,ra,rb", "31:6 s:5 ra0:5 rb:5 205:10 sx:1", ISA310, INSN_VSX_OR_VEC | INSN_MEM) { store_rightmost(ctx, a, MO_32); }
INSN(stxvrdx, "stxvrdx xs,ra,rb", "31:6 s:5 ra0:5 rb:5 237:10 sx:1", ISA310, INSN_VSX_OR_VEC | INSN_MEM) { store_rightmost(ctx, a, MO_64); }

/* ---- pairs: 32 bytes, in little-endian mode the second register first ---- */

static unsigned XTP(const Insn *a)
{
    return FIELD(a, 22, 4) * 2 + FIELD(a, 21, 1) * 32;
}

static void load_pair(DisasCtx *ctx, const Insn *a, Val ea)
{
    unsigned t = XTP(a);
    Val first = mem_ldx(ctx, ea, 0), second = mem_ldx(ctx, ea_add(ctx, ea, 16), 0);

    set_vsr(t, ctx->le ? second : first);
    set_vsr(t + 1, ctx->le ? first : second);
}

static void store_pair(DisasCtx *ctx, const Insn *a, Val ea)
{
    unsigned s = XTP(a);

    mem_stx(ctx, ea, vsr(ctx->le ? s + 1 : s), 0);
    mem_stx(ctx, ea_add(ctx, ea, 16), vsr(ctx->le ? s : s + 1), 0);
}

INSN(lxvp, "lxvp xtp,dq(ra)", "6:6 tp:4 tx:1 ra0:5 dq:12 0:4", ISA310, INSN_VSX | INSN_MEM) { load_pair(ctx, a, ea_d(ctx, RA(a), DQ(a))); }
INSN(stxvp, "stxvp xsp,dq(ra)", "6:6 sp:4 sx:1 ra0:5 dq:12 1:4", ISA310, INSN_VSX | INSN_MEM) { store_pair(ctx, a, ea_d(ctx, RA(a), DQ(a))); }
INSN(lxvpx, "lxvpx xtp,ra,rb", "31:6 tp:4 tx:1 ra0:5 rb:5 333:10 /:1", ISA310, INSN_VSX | INSN_MEM) { load_pair(ctx, a, X_FORM); }
INSN(stxvpx, "stxvpx xsp,ra,rb", "31:6 sp:4 sx:1 ra0:5 rb:5 461:10 /:1", ISA310, INSN_VSX | INSN_MEM) { store_pair(ctx, a, X_FORM); }

/* ---- prefixed ---- */

#define P8LS "1:6 0:2 /:1 /:2 r:1 /:2 d0:18 | "

/* The register of plxv and pstxv: TX is bit 5 of the suffix. */
static unsigned XT5(const Insn *a)
{
    return RT(a) | FIELD(a, 26, 1) << 5;
}

INSN(plxv, "plxv xt,d(ra),r", P8LS "25:5 tx:1 t:5 ra:5 d1:16", ISA310, INSN_VSX_OR_VEC | INSN_MEM)
{
    if (!bad_prefixed(ctx, a)) {
        set_vsr(XT5(a), mem_ldx(ctx, ea_pd(ctx, a), 0));
    }
}
INSN(pstxv, "pstxv xs,d(ra),r", P8LS "27:5 sx:1 s:5 ra:5 d1:16", ISA310, INSN_VSX_OR_VEC | INSN_MEM)
{
    if (!bad_prefixed(ctx, a)) {
        mem_stx(ctx, ea_pd(ctx, a), vsr(XT5(a)), 0);
    }
}
INSN(plxvp, "plxvp xtp,d(ra),r", P8LS "58:6 tp:4 tx:1 ra:5 d1:16", ISA310, INSN_VSX | INSN_MEM)
{
    if (!bad_prefixed(ctx, a)) {
        load_pair(ctx, a, ea_pd(ctx, a));
    }
}
INSN(pstxvp, "pstxvp xsp,d(ra),r", P8LS "62:6 sp:4 sx:1 ra:5 d1:16", ISA310, INSN_VSX | INSN_MEM)
{
    if (!bad_prefixed(ctx, a)) {
        store_pair(ctx, a, ea_pd(ctx, a));
    }
}
INSN(plxsd, "plxsd vrt,d(ra),r", P8LS "42:6 vrt:5 ra:5 d1:16", ISA310, INSN_VEC | INSN_MEM)
{
    if (!bad_prefixed(ctx, a)) {
        set_fpr(32 + RT(a), mem_ldf(ctx, ea_pd(ctx, a)));
    }
}
INSN(pstxsd, "pstxsd vrs,d(ra),r", P8LS "46:6 vrs:5 ra:5 d1:16", ISA310, INSN_VEC | INSN_MEM)
{
    if (!bad_prefixed(ctx, a)) {
        mem_stf(ctx, ea_pd(ctx, a), fpr(32 + RS(a)));
    }
}
INSN(plxssp, "plxssp vrt,d(ra),r", P8LS "43:6 vrt:5 ra:5 d1:16", ISA310, INSN_VEC | INSN_MEM)
{
    if (!bad_prefixed(ctx, a)) {
        Val w = mem_ld(ctx, ea_pd(ctx, a), MO_32);
        set_fpr(32 + RT(a), i2f(CALL(helper_fp_load_single, "ii", IRC_PURE, w)));
    }
}
INSN(pstxssp, "pstxssp vrs,d(ra),r", P8LS "47:6 vrs:5 ra:5 d1:16", ISA310, INSN_VEC | INSN_MEM)
{
    if (!bad_prefixed(ctx, a)) {
        Val w = CALL(helper_fp_store_single, "ii", IRC_PURE, f2i(fpr(32 + RS(a))));
        mem_st(ctx, ea_pd(ctx, a), w, MO_32);
    }
}

/*
 * Any suffix will do that is no branch, interrupts not, and does not synchronize context, but for isync: of these, what
 * primary opcode 31 has is left to do nothing.
 */
static bool pnop_may_hide(uint32_t w)
{
    unsigned xo = w >> 1 & 0x3ff;

    switch (w >> 26) {
    case 0:
        return xo != 256;                                                   /* attn */
    case 16: case 17: case 18:
        return false;
    case 19:                                                                /* bclr bcctr bctar rfid rfscv ... */
        return xo != 16 && xo != 528 && xo != 560 && xo != 18 && xo != 82 && xo != 146 && xo != 274 && xo != 306;
    default:
        return true;
    }
}

INSN(pnop, "pnop", "1:6 3:2 0:4 /:20 | /:32", ISA310, 0)
{
    if (!pnop_may_hide(a->w)) {
        raise_program(ctx, PROG_INVAL);
    }
}
