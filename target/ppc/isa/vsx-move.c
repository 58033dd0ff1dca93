/*
 * VSX loads, stores, moves, logical and permute instructions (Power ISA Book I, chapter 7), and the VMX loads and
 * stores (6.7).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa.h"
#include "target/ppc/isa/fp-emit.h"

#define X_FORM ea_x(ctx, RA(a), RB(a))

/*
 * Two doublewords in element order: the memory order of lxvd2x in either byte order. In little-endian mode that is the
 * quadword's image with its halves exchanged.
 */
static const uint8_t halves_exchanged[16] = { 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7 };

static Val load_d2(DisasCtx *ctx, Val ea)
{
    Val v = mem_ldx(ctx, ea, 0);

    return ctx->le ? vshuf(v, v, halves_exchanged) : v;
}

static void store_d2(DisasCtx *ctx, Val ea, Val v)
{
    mem_stx(ctx, ea, ctx->le ? vshuf(v, v, halves_exchanged) : v, 0);
}

static Val swap_bytes_in(Val v, unsigned width)
{
    uint8_t c[16];

    for (unsigned i = 0; i < 16; i++) {
        c[i] = (i & ~(width - 1)) + width - 1 - (i & (width - 1));
    }
    return vshuf(v, v, c);
}

/* Elements of `width` bytes in element order: a big-endian image, each element reversed in little-endian mode. */
static Val load_elements(DisasCtx *ctx, Val ea, unsigned width)
{
    Val v = ir_ldx(ea, mem_op(ctx, MO_128) | MO_BE);

    return ctx->le && width > 1 ? swap_bytes_in(v, width) : v;
}

static void store_elements(DisasCtx *ctx, Val ea, Val v, unsigned width)
{
    ir_stx(ea, ctx->le && width > 1 ? swap_bytes_in(v, width) : v, mem_op(ctx, MO_128) | MO_BE);
}

static unsigned TX28(const Insn *a)
{
    return RT(a) | (a->w >> 3 & 1) << 5;
}

static Val dup_word(Val w)
{
    Val d = bor(extu32(w), shli(w, 32));
    return i2v(d, d);
}

static Val align16(Val ea)
{
    return andi(ea, ~15ull);
}

/* ---- VMX ---- */

INSN(lvx, "lvx vrt,ra,rb", "31:6 vrt:5 ra0:5 rb:5 103:10 /:1", ALTIVEC, INSN_VEC | INSN_MEM) { set_vr(RT(a), mem_ldx(ctx, align16(X_FORM), 0)); }
INSN(lvxl, "lvxl vrt,ra,rb", "31:6 vrt:5 ra0:5 rb:5 359:10 /:1", ALTIVEC, INSN_VEC | INSN_MEM) { set_vr(RT(a), mem_ldx(ctx, align16(X_FORM), 0)); }
INSN(stvx, "stvx vrs,ra,rb", "31:6 vrs:5 ra0:5 rb:5 231:10 /:1", ALTIVEC, INSN_VEC | INSN_MEM) { mem_stx(ctx, align16(X_FORM), vr(RS(a)), 0); }
INSN(stvxl, "stvxl vrs,ra,rb", "31:6 vrs:5 ra0:5 rb:5 487:10 /:1", ALTIVEC, INSN_VEC | INSN_MEM) { mem_stx(ctx, align16(X_FORM), vr(RS(a)), 0); }

/* The element at the address goes to its own place; the rest is undefined and kept. */
static Val element_shift(DisasCtx *ctx, Val ea, unsigned size)
{
    /* bit position of the element in its doubleword, counted from the right */
    Val byte = andi(ea, 8 - size);
    return shli(ctx->le ? byte : sub(iconst(8 - size), byte), 3);
}

static void load_element(DisasCtx *ctx, const Insn *a, MemOp op)
{
    unsigned size = MO_BYTES(op);
    Val ea = andi(X_FORM, ~(uint64_t)(size - 1)), v = mem_ld(ctx, ea, op), sh = element_shift(ctx, ea, size);
    Val mask = shl(iconst(size == 4 ? 0xffffffffull : size == 2 ? 0xffff : 0xff), sh), old = vr(RT(a));
    Val second = andi(ea, 8);
    IrCond in0 = ctx->le ? C_NE : C_EQ;
    Val d0 = bor(bandc(v2i_hi(old), mask), shl(v, sh)), d1 = bor(bandc(v2i_lo(old), mask), shl(v, sh));
    set_vr(RT(a), i2v(sel(in0, second, iconst(0), d0, v2i_hi(old)), sel(in0, second, iconst(0), v2i_lo(old), d1)));
}

static void store_element(DisasCtx *ctx, const Insn *a, MemOp op)
{
    unsigned size = MO_BYTES(op);
    Val ea = andi(X_FORM, ~(uint64_t)(size - 1)), v = vr(RS(a));
    Val d = sel(ctx->le ? C_NE : C_EQ, andi(ea, 8), iconst(0), v2i_hi(v), v2i_lo(v));
    mem_st(ctx, ea, shr(d, element_shift(ctx, ea, size)), op);
}

INSN(lvebx, "lvebx vrt,ra,rb", "31:6 vrt:5 ra0:5 rb:5 7:10 /:1", ALTIVEC, INSN_VEC | INSN_MEM) { load_element(ctx, a, MO_8); }
INSN(lvehx, "lvehx vrt,ra,rb", "31:6 vrt:5 ra0:5 rb:5 39:10 /:1", ALTIVEC, INSN_VEC | INSN_MEM) { load_element(ctx, a, MO_16); }
INSN(lvewx, "lvewx vrt,ra,rb", "31:6 vrt:5 ra0:5 rb:5 71:10 /:1", ALTIVEC, INSN_VEC | INSN_MEM) { load_element(ctx, a, MO_32); }
INSN(stvebx, "stvebx vrs,ra,rb", "31:6 vrs:5 ra0:5 rb:5 135:10 /:1", ALTIVEC, INSN_VEC | INSN_MEM) { store_element(ctx, a, MO_8); }
INSN(stvehx, "stvehx vrs,ra,rb", "31:6 vrs:5 ra0:5 rb:5 167:10 /:1", ALTIVEC, INSN_VEC | INSN_MEM) { store_element(ctx, a, MO_16); }
INSN(stvewx, "stvewx vrs,ra,rb", "31:6 vrs:5 ra0:5 rb:5 199:10 /:1", ALTIVEC, INSN_VEC | INSN_MEM) { store_element(ctx, a, MO_32); }

static void shift_control(DisasCtx *ctx, const Insn *a, bool right)
{
    Val sh = andi(X_FORM, 15), step = mul(sh, iconst(0x0101010101010101));
    Val hi = iconst(right ? 0x1011121314151617 : 0x0001020304050607), lo = iconst(right ? 0x18191a1b1c1d1e1f : 0x08090a0b0c0d0e0f);
    set_vr(RT(a), i2v(right ? sub(hi, step) : add(hi, step), right ? sub(lo, step) : add(lo, step)));
}

INSN(lvsl, "lvsl vrt,ra,rb", "31:6 vrt:5 ra0:5 rb:5 6:10 /:1", ALTIVEC, INSN_VEC) { shift_control(ctx, a, false); }
INSN(lvsr, "lvsr vrt,ra,rb", "31:6 vrt:5 ra0:5 rb:5 38:10 /:1", ALTIVEC, INSN_VEC) { shift_control(ctx, a, true); }

/* ---- VSX ---- */

INSN(lxvd2x, "lxvd2x xt,ra,rb", "31:6 t:5 ra0:5 rb:5 844:10 tx:1", VSX, INSN_VSX | INSN_MEM) { set_vsr(XT(a), load_d2(ctx, X_FORM)); }
INSN(stxvd2x, "stxvd2x xs,ra,rb", "31:6 s:5 ra0:5 rb:5 972:10 sx:1", VSX, INSN_VSX | INSN_MEM) { store_d2(ctx, X_FORM, vsr(XS(a))); }
INSN(lxvw4x, "lxvw4x xt,ra,rb", "31:6 t:5 ra0:5 rb:5 780:10 tx:1", VSX, INSN_VSX | INSN_MEM) { set_vsr(XT(a), load_elements(ctx, X_FORM, 4)); }
INSN(stxvw4x, "stxvw4x xs,ra,rb", "31:6 s:5 ra0:5 rb:5 908:10 sx:1", VSX, INSN_VSX | INSN_MEM) { store_elements(ctx, X_FORM, vsr(XS(a)), 4); }
INSN(lxvh8x, "lxvh8x xt,ra,rb", "31:6 t:5 ra0:5 rb:5 812:10 tx:1", ISA300, INSN_VSX_OR_VEC | INSN_MEM) { set_vsr(XT(a), load_elements(ctx, X_FORM, 2)); }
INSN(stxvh8x, "stxvh8x xs,ra,rb", "31:6 s:5 ra0:5 rb:5 940:10 sx:1", ISA300, INSN_VSX_OR_VEC | INSN_MEM) { store_elements(ctx, X_FORM, vsr(XS(a)), 2); }
INSN(lxvb16x, "lxvb16x xt,ra,rb", "31:6 t:5 ra0:5 rb:5 876:10 tx:1", ISA300, INSN_VSX_OR_VEC | INSN_MEM) { set_vsr(XT(a), load_elements(ctx, X_FORM, 1)); }
INSN(stxvb16x, "stxvb16x xs,ra,rb", "31:6 s:5 ra0:5 rb:5 1004:10 sx:1", ISA300, INSN_VSX_OR_VEC | INSN_MEM) { store_elements(ctx, X_FORM, vsr(XS(a)), 1); }
INSN(lxvdsx, "lxvdsx xt,ra,rb", "31:6 t:5 ra0:5 rb:5 332:10 tx:1", VSX, INSN_VSX | INSN_MEM) { Val d = mem_ld(ctx, X_FORM, MO_64); set_vsr(XT(a), i2v(d, d)); }
INSN(lxvwsx, "lxvwsx xt,ra,rb", "31:6 t:5 ra0:5 rb:5 364:10 tx:1", ISA300, INSN_VSX_OR_VEC | INSN_MEM) { set_vsr(XT(a), dup_word(mem_ld(ctx, X_FORM, MO_32))); }
INSN(lxvx, "lxvx xt,ra,rb", "31:6 t:5 ra0:5 rb:5 4:4 /:1 12:5 tx:1", ISA300, INSN_VSX_OR_VEC | INSN_MEM) { set_vsr(XT(a), mem_ldx(ctx, X_FORM, 0)); }
INSN(stxvx, "stxvx xs,ra,rb", "31:6 s:5 ra0:5 rb:5 396:10 sx:1", ISA300, INSN_VSX_OR_VEC | INSN_MEM) { mem_stx(ctx, X_FORM, vsr(XS(a)), 0); }
INSN(lxv, "lxv xt,dq(ra)", "61:6 t:5 ra0:5 dq:12 tx:1 1:3", ISA300, INSN_VSX_OR_VEC | INSN_MEM) { set_vsr(TX28(a), mem_ldx(ctx, ea_d(ctx, RA(a), DQ(a)), 0)); }
INSN(stxv, "stxv xs,dq(ra)", "61:6 s:5 ra0:5 dq:12 sx:1 5:3", ISA300, INSN_VSX_OR_VEC | INSN_MEM) { mem_stx(ctx, ea_d(ctx, RA(a), DQ(a)), vsr(TX28(a)), 0); }

/* scalars: the result is doubleword 0, the other half becomes zero */
static void scalar(unsigned t, Val bits) { set_fpr(t, i2f(bits)); }
INSN(lxsdx, "lxsdx xt,ra,rb", "31:6 t:5 ra0:5 rb:5 588:10 tx:1", VSX, INSN_VSX | INSN_MEM) { set_fpr(XT(a), mem_ldf(ctx, X_FORM)); }
INSN(stxsdx, "stxsdx xs,ra,rb", "31:6 s:5 ra0:5 rb:5 716:10 sx:1", VSX, INSN_VSX | INSN_MEM) { mem_stf(ctx, X_FORM, fpr(XS(a))); }
INSN(lxsiwax, "lxsiwax xt,ra,rb", "31:6 t:5 ra0:5 rb:5 76:10 tx:1", VSX207, INSN_VSX | INSN_MEM) { scalar(XT(a), mem_ld(ctx, X_FORM, MO_32 | MO_SIGN)); }
INSN(lxsiwzx, "lxsiwzx xt,ra,rb", "31:6 t:5 ra0:5 rb:5 12:10 tx:1", VSX207, INSN_VSX | INSN_MEM) { scalar(XT(a), mem_ld(ctx, X_FORM, MO_32)); }
INSN(stxsiwx, "stxsiwx xs,ra,rb", "31:6 s:5 ra0:5 rb:5 140:10 sx:1", VSX207, INSN_VSX | INSN_MEM) { mem_st(ctx, X_FORM, f2i(fpr(XS(a))), MO_32); }
INSN(lxsibzx, "lxsibzx xt,ra,rb", "31:6 t:5 ra0:5 rb:5 781:10 tx:1", ISA300, INSN_VSX | INSN_MEM) { scalar(XT(a), mem_ld(ctx, X_FORM, MO_8)); }
INSN(lxsihzx, "lxsihzx xt,ra,rb", "31:6 t:5 ra0:5 rb:5 813:10 tx:1", ISA300, INSN_VSX | INSN_MEM) { scalar(XT(a), mem_ld(ctx, X_FORM, MO_16)); }
INSN(stxsibx, "stxsibx xs,ra,rb", "31:6 s:5 ra0:5 rb:5 909:10 sx:1", ISA300, INSN_VSX | INSN_MEM) { mem_st(ctx, X_FORM, f2i(fpr(XS(a))), MO_8); }
INSN(stxsihx, "stxsihx xs,ra,rb", "31:6 s:5 ra0:5 rb:5 941:10 sx:1", ISA300, INSN_VSX | INSN_MEM) { mem_st(ctx, X_FORM, f2i(fpr(XS(a))), MO_16); }
INSN(lxsd, "lxsd vrt,ds(ra)", "57:6 vrt:5 ra0:5 ds:14 2:2", ISA300, INSN_VEC | INSN_MEM) { set_fpr(32 + RT(a), mem_ldf(ctx, ea_d(ctx, RA(a), DS(a)))); }
INSN(stxsd, "stxsd vrs,ds(ra)", "61:6 vrs:5 ra0:5 ds:14 2:2", ISA300, INSN_VEC | INSN_MEM) { mem_stf(ctx, ea_d(ctx, RA(a), DS(a)), fpr(32 + RS(a))); }

/* single precision in memory, double in the register, as lfs and stfs have it */
static void load_single(unsigned t, Val w) { set_fpr(t, fp_single_to_double(w)); }
static Val store_single(unsigned s) { return fp_double_to_single(fpr(s)); }
INSN(lxsspx, "lxsspx xt,ra,rb", "31:6 t:5 ra0:5 rb:5 524:10 tx:1", VSX207, INSN_VSX | INSN_MEM) { load_single(XT(a), mem_ld(ctx, X_FORM, MO_32)); }
INSN(stxsspx, "stxsspx xs,ra,rb", "31:6 s:5 ra0:5 rb:5 652:10 sx:1", VSX207, INSN_VSX | INSN_MEM) { mem_st(ctx, X_FORM, store_single(XS(a)), MO_32); }
INSN(lxssp, "lxssp vrt,ds(ra)", "57:6 vrt:5 ra0:5 ds:14 3:2", ISA300, INSN_VEC | INSN_MEM) { load_single(32 + RT(a), mem_ld(ctx, ea_d(ctx, RA(a), DS(a)), MO_32)); }
INSN(stxssp, "stxssp vrs,ds(ra)", "61:6 vrs:5 ra0:5 ds:14 3:2", ISA300, INSN_VEC | INSN_MEM) { mem_st(ctx, ea_d(ctx, RA(a), DS(a)), store_single(32 + RS(a)), MO_32); }

/* ---- between GPRs and VSRs ---- */

INSN(mfvsrd, "mfvsrd ra,xs", "31:6 s:5 ra:5 /:5 51:10 sx:1", VSX207, INSN_VSX_OR_VEC) { set_gpr(RA(a), f2i(fpr(XS(a)))); }
INSN(mfvsrwz, "mfvsrwz ra,xs", "31:6 s:5 ra:5 /:5 115:10 sx:1", VSX207, INSN_VSX_OR_VEC) { set_gpr(RA(a), extu32(f2i(fpr(XS(a))))); }
INSN(mfvsrld, "mfvsrld ra,xs", "31:6 s:5 ra:5 /:5 307:10 sx:1", ISA300, INSN_VSX_OR_VEC) { set_gpr(RA(a), v2i_lo(vsr(XS(a)))); }
INSN(mtvsrd, "mtvsrd xt,ra", "31:6 t:5 ra:5 /:5 179:10 tx:1", VSX207, INSN_VSX_OR_VEC) { scalar(XT(a), gpr(RA(a))); }
INSN(mtvsrwa, "mtvsrwa xt,ra", "31:6 t:5 ra:5 /:5 211:10 tx:1", VSX207, INSN_VSX_OR_VEC) { scalar(XT(a), exts32(gpr(RA(a)))); }
INSN(mtvsrwz, "mtvsrwz xt,ra", "31:6 t:5 ra:5 /:5 243:10 tx:1", VSX207, INSN_VSX_OR_VEC) { scalar(XT(a), extu32(gpr(RA(a)))); }
INSN(mtvsrdd, "mtvsrdd xt,ra,rb", "31:6 t:5 ra0:5 rb:5 435:10 tx:1", ISA300, INSN_VSX_OR_VEC) { set_vsr(XT(a), i2v(gpr0(RA(a)), gpr(RB(a)))); }
INSN(mtvsrws, "mtvsrws xt,ra", "31:6 t:5 ra:5 /:5 403:10 tx:1", ISA300, INSN_VSX_OR_VEC) { set_vsr(XT(a), dup_word(gpr(RA(a)))); }

/* ---- logical ---- */

INSN(xxland, "xxland xt,xa,xb", "60:6 t:5 a:5 b:5 130:8 ax:1 bx:1 tx:1", VSX, INSN_VSX) { Val x = vsr(XA(a)), y = vsr(XB(a)); set_vsr(XT(a), vand(x, y)); }
INSN(xxlandc, "xxlandc xt,xa,xb", "60:6 t:5 a:5 b:5 138:8 ax:1 bx:1 tx:1", VSX, INSN_VSX) { Val x = vsr(XA(a)), y = vsr(XB(a)); set_vsr(XT(a), vandc(x, y)); }
INSN(xxlor, "xxlor xt,xa,xb", "60:6 t:5 a:5 b:5 146:8 ax:1 bx:1 tx:1", VSX, INSN_VSX) { Val x = vsr(XA(a)), y = vsr(XB(a)); set_vsr(XT(a), vor(x, y)); }
INSN(xxlxor, "xxlxor xt,xa,xb", "60:6 t:5 a:5 b:5 154:8 ax:1 bx:1 tx:1", VSX, INSN_VSX) { Val x = vsr(XA(a)), y = vsr(XB(a)); set_vsr(XT(a), vxor(x, y)); }
INSN(xxlnor, "xxlnor xt,xa,xb", "60:6 t:5 a:5 b:5 162:8 ax:1 bx:1 tx:1", VSX, INSN_VSX) { Val x = vsr(XA(a)), y = vsr(XB(a)); set_vsr(XT(a), vnot(vor(x, y))); }
INSN(xxlorc, "xxlorc xt,xa,xb", "60:6 t:5 a:5 b:5 170:8 ax:1 bx:1 tx:1", VSX207, INSN_VSX) { Val x = vsr(XA(a)), y = vsr(XB(a)); set_vsr(XT(a), vor(x, vnot(y))); }
INSN(xxlnand, "xxlnand xt,xa,xb", "60:6 t:5 a:5 b:5 178:8 ax:1 bx:1 tx:1", VSX207, INSN_VSX) { Val x = vsr(XA(a)), y = vsr(XB(a)); set_vsr(XT(a), vnot(vand(x, y))); }
INSN(xxleqv, "xxleqv xt,xa,xb", "60:6 t:5 a:5 b:5 186:8 ax:1 bx:1 tx:1", VSX207, INSN_VSX) { Val x = vsr(XA(a)), y = vsr(XB(a)); set_vsr(XT(a), vnot(vxor(x, y))); }
INSN(xxsel, "xxsel xt,xa,xb,xc", "60:6 t:5 a:5 b:5 c:5 3:2 cx:1 ax:1 bx:1 tx:1", VSX, INSN_VSX) { set_vsr(XT(a), vsel(vsr(XC(a)), vsr(XB(a)), vsr(XA(a)))); }

/* ---- permute ---- */

INSN(xxpermdi, "xxpermdi xt,xa,xb,dm", "60:6 t:5 a:5 b:5 0:1 dm:2 10:5 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    unsigned dm = FIELD(a, 8, 2);
    Val x = vsr(XA(a)), y = vsr(XB(a));
    uint8_t c[16];

    for (int i = 0; i < 8; i++) {
        c[i] = (dm & 2 ? 8 : 0) + i;
        c[8 + i] = 16 + (dm & 1 ? 8 : 0) + i;
    }
    set_vsr(XT(a), vshuf(x, y, c));
}

INSN(xxsldwi, "xxsldwi xt,xa,xb,shw", "60:6 t:5 a:5 b:5 0:1 shw:2 2:5 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    uint8_t c[16];

    for (int i = 0; i < 16; i++) {
        c[i] = FIELD(a, 8, 2) * 4 + i;
    }
    set_vsr(XT(a), vshuf(vsr(XA(a)), vsr(XB(a)), c));
}

static void merge_words(const Insn *a, unsigned first)
{
    uint8_t c[16];

    for (int i = 0; i < 16; i++) {
        c[i] = first + (i / 8) * 4 + i % 4 + (i & 4 ? 16 : 0);
    }
    set_vsr(XT(a), vshuf(vsr(XA(a)), vsr(XB(a)), c));
}

INSN(xxmrghw, "xxmrghw xt,xa,xb", "60:6 t:5 a:5 b:5 18:8 ax:1 bx:1 tx:1", VSX, INSN_VSX) { merge_words(a, 0); }
INSN(xxmrglw, "xxmrglw xt,xa,xb", "60:6 t:5 a:5 b:5 50:8 ax:1 bx:1 tx:1", VSX, INSN_VSX) { merge_words(a, 8); }

INSN(xxspltw, "xxspltw xt,xb,uim", "60:6 t:5 /:3 uim:2 b:5 164:9 bx:1 tx:1", VSX, INSN_VSX)
{
    uint8_t c[16];

    for (int i = 0; i < 16; i++) {
        c[i] = FIELD(a, 16, 2) * 4 + i % 4;
    }
    set_vsr(XT(a), vshuf(vsr(XB(a)), vsr(XB(a)), c));
}

INSN(xxspltib, "xxspltib xt,imm8", "60:6 t:5 0:2 imm8:8 360:10 tx:1", ISA300, INSN_VSX_OR_VEC)
{
    uint64_t d = FIELD(a, 11, 8) * 0x0101010101010101ull;
    set_vsr(XT(a), vconst(d, d));
}

INSN(xxperm, "xxperm xt,xa,xb", "60:6 t:5 a:5 b:5 26:8 ax:1 bx:1 tx:1", ISA300, INSN_VSX) { set_vsr(XT(a), vperm(vsr(XA(a)), vsr(XT(a)), vsr(XB(a)))); }
INSN(xxpermr, "xxpermr xt,xa,xb", "60:6 t:5 a:5 b:5 58:8 ax:1 bx:1 tx:1", ISA300, INSN_VSX)
{
    set_vsr(XT(a), vperm(vsr(XA(a)), vsr(XT(a)), vxor(vsr(XB(a)), vconst(0x1f1f1f1f1f1f1f1f, 0x1f1f1f1f1f1f1f1f))));
}

INSN(xxbrh, "xxbrh xt,xb", "60:6 t:5 7:5 b:5 475:9 bx:1 tx:1", ISA300, INSN_VSX) { set_vsr(XT(a), swap_bytes_in(vsr(XB(a)), 2)); }
INSN(xxbrw, "xxbrw xt,xb", "60:6 t:5 15:5 b:5 475:9 bx:1 tx:1", ISA300, INSN_VSX) { set_vsr(XT(a), swap_bytes_in(vsr(XB(a)), 4)); }
INSN(xxbrd, "xxbrd xt,xb", "60:6 t:5 23:5 b:5 475:9 bx:1 tx:1", ISA300, INSN_VSX) { set_vsr(XT(a), swap_bytes_in(vsr(XB(a)), 8)); }
INSN(xxbrq, "xxbrq xt,xb", "60:6 t:5 31:5 b:5 475:9 bx:1 tx:1", ISA300, INSN_VSX) { set_vsr(XT(a), swap_bytes_in(vsr(XB(a)), 16)); }

INSN(xxextractuw, "xxextractuw xt,xb,uim4", "60:6 t:5 /:1 uim:4 b:5 165:9 bx:1 tx:1", ISA300, INSN_VSX)
{
    unsigned at = FIELD(a, 16, 4);
    uint8_t c[16];

    for (int i = 0; i < 16; i++) {
        c[i] = i >= 4 && i < 8 ? (at + i - 4) & 15 : 16;
    }
    set_vsr(XT(a), vshuf(vsr(XB(a)), vconst(0, 0), c));
}

INSN(xxinsertw, "xxinsertw xt,xb,uim4", "60:6 t:5 /:1 uim:4 b:5 181:9 bx:1 tx:1", ISA300, INSN_VSX)
{
    unsigned at = FIELD(a, 16, 4);
    uint8_t c[16];

    for (unsigned i = 0; i < 16; i++) {
        c[i] = ((i - at) & 15) < 4 ? 16 + 4 + ((i - at) & 15) : i;
    }
    set_vsr(XT(a), vshuf(vsr(XT(a)), vsr(XB(a)), c));
}
