/*
 * Fixed-point arithmetic and compare (Power ISA Book I, 3.3.9 to 3.3.11).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa.h"
#include "target/ppc/isa/helpers.h"

static void finish(DisasCtx *ctx, const Insn *a, Val r)
{
    set_gpr(RT(a), r);
    if (RC(a)) {
        set_cr0(ctx, r);
    }
}

static void record_ov(Val ov, Val ov32)
{
    slot_set(SLOT_OV, ov);
    slot_set(SLOT_OV32, ov32);
    slot_set(SLOT_SO, bor(slot_get(SLOT_SO), ov));
}

/* Signed overflow of x + y (+ carry) = r: both operands' signs differ from the result's. */
static Val add_overflow(Val x, Val y, Val r)
{
    return bandc(bxor(x, r), bxor(x, y));
}

/* The carry out of bit 32 of x + y (+ carry) = r: the sum bit above it differs from what the operands alone give. */
static Val carry32(Val x, Val y, Val r)
{
    return setcond(C_TSTNZ, bxor(bxor(x, y), r), iconst(1ull << 32));
}

/* x + y + carry-in, with everything XER may want. subf is ~ra + rb + 1. */
static void add_common(DisasCtx *ctx, const Insn *a, Val x, Val y, Val cin, bool set_ca)
{
    Val r = cin.n ? adc(x, y, cin) : add(x, y);

    if (set_ca) {
        Val c32 = carry32(x, y, r);
        slot_set(SLOT_CA, !ctx->sf ? c32 : cin.n ? adcc(x, y, cin) : setcond(C_LTU, r, x));
        slot_set(SLOT_CA32, c32);
    }
    if (OE(a)) {
        Val o = add_overflow(x, y, r), o32 = andi(shri(o, 31), 1);
        record_ov(ctx->sf ? shri(o, 63) : o32, o32);
    }
    finish(ctx, a, r);
}

INSN(addi, "addi rt,ra,si", "14:6 rt:5 ra0:5 si:16", BASE, 0)
{
    set_gpr(RT(a), addi(gpr0(RA(a)), SI(a)));
}

INSN(addis, "addis rt,ra,si", "15:6 rt:5 ra0:5 si:16", BASE, 0)
{
    set_gpr(RT(a), addi(gpr0(RA(a)), (int64_t)((uint64_t)SI(a) << 16)));
}

INSN(paddi, "paddi rt,ra,si,r", "1:6 2:2 /:1 /:2 r:1 /:2 d0:18 | 14:6 rt:5 ra:5 d1:16", ISA310, 0)
{
    if (PR_R(a) && RA(a)) {
        raise_program(ctx, PROG_INVAL);
        return;
    }
    set_gpr(RT(a), PR_R(a) ? iconst(ctx->pc + D34(a)) : addi(gpr0(RA(a)), D34(a)));
}

INSN(addpcis, "addpcis rt,d", "19:6 rt:5 d1:5 d0:10 2:5 d2:1", ISA300, 0)
{
    int64_t d = (int16_t)((FIELD(a, 6, 10) << 6) | FIELD(a, 16, 5) << 1 | FIELD(a, 0, 1));
    set_gpr(RT(a), iconst(ctx->next_pc + ((uint64_t)d << 16)));
}

INSN(addic, "addic rt,ra,si", "12:6 rt:5 ra:5 si:16", BASE, 0)
{
    Insn plain = { .w = a->w & ~0x401u };
    add_common(ctx, &plain, gpr(RA(a)), iconst(SI(a)), VAL_NONE, true);
}

INSN(addic_, "addic. rt,ra,si", "13:6 rt:5 ra:5 si:16", BASE, 0)
{
    Insn rec = { .w = (a->w & ~0x401u) | 1 };
    add_common(ctx, &rec, gpr(RA(a)), iconst(SI(a)), VAL_NONE, true);
}

INSN(subfic, "subfic rt,ra,si", "8:6 rt:5 ra:5 si:16", BASE, 0)
{
    Insn plain = { .w = a->w & ~0x401u };
    add_common(ctx, &plain, bnot(gpr(RA(a))), iconst(SI(a)), iconst(1), true);
}

INSN(add, "add[o][.] rt,ra,rb", "31:6 rt:5 ra:5 rb:5 oe:1 266:9 rc:1", BASE, 0)
{
    add_common(ctx, a, gpr(RA(a)), gpr(RB(a)), VAL_NONE, false);
}

INSN(addc, "addc[o][.] rt,ra,rb", "31:6 rt:5 ra:5 rb:5 oe:1 10:9 rc:1", BASE, 0)
{
    add_common(ctx, a, gpr(RA(a)), gpr(RB(a)), VAL_NONE, true);
}

INSN(adde, "adde[o][.] rt,ra,rb", "31:6 rt:5 ra:5 rb:5 oe:1 138:9 rc:1", BASE, 0)
{
    add_common(ctx, a, gpr(RA(a)), gpr(RB(a)), slot_get(SLOT_CA), true);
}

INSN(addme, "addme[o][.] rt,ra", "31:6 rt:5 ra:5 /:5 oe:1 234:9 rc:1", BASE, 0)
{
    add_common(ctx, a, gpr(RA(a)), iconst(-1), slot_get(SLOT_CA), true);
}

INSN(addze, "addze[o][.] rt,ra", "31:6 rt:5 ra:5 /:5 oe:1 202:9 rc:1", BASE, 0)
{
    add_common(ctx, a, gpr(RA(a)), iconst(0), slot_get(SLOT_CA), true);
}

INSN(subf, "subf[o][.] rt,ra,rb", "31:6 rt:5 ra:5 rb:5 oe:1 40:9 rc:1", BASE, 0)
{
    Val x = gpr(RA(a)), y = gpr(RB(a)), r = sub(y, x);

    if (OE(a)) {
        Val o = band(bxor(x, y), bxor(y, r)), o32 = andi(shri(o, 31), 1);
        record_ov(ctx->sf ? shri(o, 63) : o32, o32);
    }
    finish(ctx, a, r);
}

INSN(subfc, "subfc[o][.] rt,ra,rb", "31:6 rt:5 ra:5 rb:5 oe:1 8:9 rc:1", BASE, 0)
{
    Val x = gpr(RA(a)), y = gpr(RB(a)), r = sub(y, x);
    Val c32 = setcond32(C_GEU, y, x);

    slot_set(SLOT_CA, ctx->sf ? setcond(C_GEU, y, x) : c32);
    slot_set(SLOT_CA32, c32);
    if (OE(a)) {
        Val o = band(bxor(x, y), bxor(y, r)), o32 = andi(shri(o, 31), 1);
        record_ov(ctx->sf ? shri(o, 63) : o32, o32);
    }
    finish(ctx, a, r);
}

INSN(subfe, "subfe[o][.] rt,ra,rb", "31:6 rt:5 ra:5 rb:5 oe:1 136:9 rc:1", BASE, 0)
{
    if (RA(a) == RB(a)) {       /* compilers' way to make a mask of the carry: no operand matters, nothing overflows */
        Val ca = slot_get(SLOT_CA);
        slot_set(SLOT_CA32, ca);
        if (OE(a)) {
            record_ov(iconst(0), iconst(0));
        }
        finish(ctx, a, addi(ca, -1));
        return;
    }
    add_common(ctx, a, bnot(gpr(RA(a))), gpr(RB(a)), slot_get(SLOT_CA), true);
}

INSN(subfme, "subfme[o][.] rt,ra", "31:6 rt:5 ra:5 /:5 oe:1 232:9 rc:1", BASE, 0)
{
    add_common(ctx, a, bnot(gpr(RA(a))), iconst(-1), slot_get(SLOT_CA), true);
}

INSN(subfze, "subfze[o][.] rt,ra", "31:6 rt:5 ra:5 /:5 oe:1 200:9 rc:1", BASE, 0)
{
    add_common(ctx, a, bnot(gpr(RA(a))), iconst(0), slot_get(SLOT_CA), true);
}

INSN(addex, "addex rt,ra,rb,cy", "31:6 rt:5 ra:5 rb:5 0:2 170:8 /:1", ISA300, 0)
{
    Val x = gpr(RA(a)), y = gpr(RB(a)), cin = slot_get(SLOT_OV), r = adc(x, y, cin), c32 = carry32(x, y, r);

    slot_set(SLOT_OV, ctx->sf ? adcc(x, y, cin) : c32);
    slot_set(SLOT_OV32, c32);
    set_gpr(RT(a), r);
}

INSN(neg, "neg[o][.] rt,ra", "31:6 rt:5 ra:5 /:5 oe:1 104:9 rc:1", BASE, 0)
{
    Val x = gpr(RA(a));

    if (OE(a)) {
        Val o32 = setcond32(C_EQ, x, iconst(0x80000000));
        record_ov(ctx->sf ? setcond(C_EQ, x, iconst(1ull << 63)) : o32, o32);
    }
    finish(ctx, a, neg(x));
}

/* ---- multiply ---- */

INSN(mulli, "mulli rt,ra,si", "7:6 rt:5 ra:5 si:16", BASE, 0)
{
    set_gpr(RT(a), mul(gpr(RA(a)), iconst(SI(a))));
}

INSN(mullw, "mullw[o][.] rt,ra,rb", "31:6 rt:5 ra:5 rb:5 oe:1 235:9 rc:1", BASE, 0)
{
    Val r = mul(exts32(gpr(RA(a))), exts32(gpr(RB(a))));

    if (OE(a)) {
        Val o = setcond(C_NE, r, exts32(r));
        record_ov(o, o);
    }
    finish(ctx, a, r);
}

INSN(mulhw, "mulhw[.] rt,ra,rb", "31:6 rt:5 ra:5 rb:5 /:1 75:9 rc:1", BASE, 0)
{
    /* The upper half is undefined (Book I, 3.3.9); zero, as guests of other emulators see it. */
    finish(ctx, a, extu32(sari(mul(exts32(gpr(RA(a))), exts32(gpr(RB(a)))), 32)));
}

INSN(mulhwu, "mulhwu[.] rt,ra,rb", "31:6 rt:5 ra:5 rb:5 /:1 11:9 rc:1", BASE, 0)
{
    finish(ctx, a, shri(mul(extu32(gpr(RA(a))), extu32(gpr(RB(a)))), 32));
}

INSN(mulld, "mulld[o][.] rt,ra,rb", "31:6 rt:5 ra:5 rb:5 oe:1 233:9 rc:1", 64B, 0)
{
    Val x = gpr(RA(a)), y = gpr(RB(a)), r = mul(x, y);

    if (OE(a)) {
        Val o = setcond(C_NE, mulhs(x, y), sari(r, 63));
        record_ov(o, o);
    }
    finish(ctx, a, r);
}

INSN(mulhd, "mulhd[.] rt,ra,rb", "31:6 rt:5 ra:5 rb:5 /:1 73:9 rc:1", 64B, 0)
{
    finish(ctx, a, mulhs(gpr(RA(a)), gpr(RB(a))));
}

INSN(mulhdu, "mulhdu[.] rt,ra,rb", "31:6 rt:5 ra:5 rb:5 /:1 9:9 rc:1", 64B, 0)
{
    finish(ctx, a, mulhu(gpr(RA(a)), gpr(RB(a))));
}

INSN(maddld, "maddld rt,ra,rb,rc", "4:6 rt:5 ra:5 rb:5 rc_:5 51:6", ISA300, 0)
{
    set_gpr(RT(a), add(mul(gpr(RA(a)), gpr(RB(a))), gpr(RC_(a))));
}

INSN(maddhd, "maddhd rt,ra,rb,rc", "4:6 rt:5 ra:5 rb:5 rc_:5 48:6", ISA300, 0)
{
    Val x = gpr(RA(a)), y = gpr(RB(a)), z = gpr(RC_(a)), lo = mul(x, y), s = add(lo, z);
    set_gpr(RT(a), add(add(mulhs(x, y), sari(z, 63)), setcond(C_LTU, s, lo)));
}

INSN(maddhdu, "maddhdu rt,ra,rb,rc", "4:6 rt:5 ra:5 rb:5 rc_:5 49:6", ISA300, 0)
{
    Val x = gpr(RA(a)), y = gpr(RB(a)), z = gpr(RC_(a)), lo = mul(x, y), s = add(lo, z);
    set_gpr(RT(a), add(mulhu(x, y), setcond(C_LTU, s, lo)));
}

/* ---- divide: the quotient is undefined on overflow; zero, as the peer has it ---- */

static void divide(DisasCtx *ctx, const Insn *a, bool word, bool is_signed)
{
    Val x = gpr(RA(a)), y = gpr(RB(a)), bad;

    if (word) {
        x = is_signed ? exts32(x) : extu32(x);
        y = is_signed ? exts32(y) : extu32(y);
    }
    bad = setcond(C_EQ, y, iconst(0));
    if (is_signed) {
        Val most = iconst(word ? (uint64_t)INT32_MIN : (uint64_t)INT64_MIN);
        bad = bor(bad, band(setcond(C_EQ, x, most), setcond(C_EQ, y, iconst(-1))));
    }
    Val safe = sel(C_NE, bad, iconst(0), iconst(1), y);
    Val q = is_signed ? divs(x, safe) : divu(x, safe);
    /* Undefined without a quotient (Book I, 3.3.9): the dividend. */
    if (OE(a)) {
        record_ov(bad, bad);
    }
    finish(ctx, a, word ? extu32(q) : q);
}

INSN(divw, "divw[o][.] rt,ra,rb", "31:6 rt:5 ra:5 rb:5 oe:1 491:9 rc:1", BASE, 0) { divide(ctx, a, true, true); }
INSN(divwu, "divwu[o][.] rt,ra,rb", "31:6 rt:5 ra:5 rb:5 oe:1 459:9 rc:1", BASE, 0) { divide(ctx, a, true, false); }
INSN(divd, "divd[o][.] rt,ra,rb", "31:6 rt:5 ra:5 rb:5 oe:1 489:9 rc:1", 64B, 0) { divide(ctx, a, false, true); }
INSN(divdu, "divdu[o][.] rt,ra,rb", "31:6 rt:5 ra:5 rb:5 oe:1 457:9 rc:1", 64B, 0) { divide(ctx, a, false, false); }

/* Extended divides: one helper for the quotient, one for whether it overflowed. */
static void divide_extended(DisasCtx *ctx, const Insn *a, bool word, bool is_signed)
{
    unsigned kind = word << 1 | is_signed;
    Val r = CALL(helper_dive, "iiii", IRC_PURE, gpr(RA(a)), gpr(RB(a)), iconst(kind));

    if (OE(a)) {
        Val o = CALL(helper_dive_ov, "iiii", IRC_PURE, gpr(RA(a)), gpr(RB(a)), iconst(kind));
        record_ov(o, o);
    }
    finish(ctx, a, r);
}

INSN(divwe, "divwe[o][.] rt,ra,rb", "31:6 rt:5 ra:5 rb:5 oe:1 427:9 rc:1", DIVE206, 0) { divide_extended(ctx, a, true, true); }
INSN(divweu, "divweu[o][.] rt,ra,rb", "31:6 rt:5 ra:5 rb:5 oe:1 395:9 rc:1", DIVE206, 0) { divide_extended(ctx, a, true, false); }
INSN(divde, "divde[o][.] rt,ra,rb", "31:6 rt:5 ra:5 rb:5 oe:1 425:9 rc:1", DIVE206, 0) { divide_extended(ctx, a, false, true); }
INSN(divdeu, "divdeu[o][.] rt,ra,rb", "31:6 rt:5 ra:5 rb:5 oe:1 393:9 rc:1", DIVE206, 0) { divide_extended(ctx, a, false, false); }

static void modulo(const Insn *a, bool word, bool is_signed)
{
    Val x = gpr(RA(a)), y = gpr(RB(a)), bad;

    if (word) {
        x = is_signed ? exts32(x) : extu32(x);
        y = is_signed ? exts32(y) : extu32(y);
    }
    bad = setcond(C_EQ, y, iconst(0));
    if (is_signed) {
        Val most = iconst(word ? (uint64_t)INT32_MIN : (uint64_t)INT64_MIN);
        bad = bor(bad, band(setcond(C_EQ, x, most), setcond(C_EQ, y, iconst(-1))));
    }
    Val safe = sel(C_NE, bad, iconst(0), iconst(1), y);
    Val r = is_signed ? rems(x, safe) : remu(x, safe);
    set_gpr(RT(a), sel(C_NE, bad, iconst(0), iconst(0), word && !is_signed ? extu32(r) : r));
}

INSN(modsw, "modsw rt,ra,rb", "31:6 rt:5 ra:5 rb:5 779:10 /:1", ISA300, 0) { modulo(a, true, true); }
INSN(moduw, "moduw rt,ra,rb", "31:6 rt:5 ra:5 rb:5 267:10 /:1", ISA300, 0) { modulo(a, true, false); }
INSN(modsd, "modsd rt,ra,rb", "31:6 rt:5 ra:5 rb:5 777:10 /:1", ISA300, 0) { modulo(a, false, true); }
INSN(modud, "modud rt,ra,rb", "31:6 rt:5 ra:5 rb:5 265:10 /:1", ISA300, 0) { modulo(a, false, false); }

/* ---- compare ---- */

INSN(cmpi, "cmpi bf,l,ra,si", "11:6 bf:3 /:1 l:1 ra:5 si:16", BASE, 0)
{
    set_crf_cmp(BF(a), gpr(RA(a)), iconst(SI(a)), true, !FIELD(a, 21, 1));
}

INSN(cmpli, "cmpli bf,l,ra,ui", "10:6 bf:3 /:1 l:1 ra:5 ui:16", BASE, 0)
{
    set_crf_cmp(BF(a), gpr(RA(a)), iconst(UI(a)), false, !FIELD(a, 21, 1));
}

INSN(cmp, "cmp bf,l,ra,rb", "31:6 bf:3 /:1 l:1 ra:5 rb:5 0:10 /:1", BASE, 0)
{
    set_crf_cmp(BF(a), gpr(RA(a)), gpr(RB(a)), true, !FIELD(a, 21, 1));
}

INSN(cmpl, "cmpl bf,l,ra,rb", "31:6 bf:3 /:1 l:1 ra:5 rb:5 32:10 /:1", BASE, 0)
{
    set_crf_cmp(BF(a), gpr(RA(a)), gpr(RB(a)), false, !FIELD(a, 21, 1));
}

INSN(cmprb, "cmprb bf,l,ra,rb", "31:6 bf:3 /:1 l:1 ra:5 rb:5 192:10 /:1", ISA300, 0)
{
    Val x = extu8(gpr(RA(a))), y = gpr(RB(a));
    Val in = band(setcond(C_GEU, x, extu8(y)), setcond(C_LEU, x, extu8(shri(y, 8))));

    if (FIELD(a, 21, 1)) {
        in = bor(in, band(setcond(C_GEU, x, extu8(shri(y, 16))), setcond(C_LEU, x, extu8(shri(y, 24)))));
    }
    set_crf(BF(a), shli(in, 2));
}

INSN(cmpeqb, "cmpeqb bf,ra,rb", "31:6 bf:3 /:2 ra:5 rb:5 224:10 /:1", ISA300, 0)
{
    /* a zero byte in the difference */
    Val d = bxor(gpr(RB(a)), mul(extu8(gpr(RA(a))), iconst(0x0101010101010101)));
    Val z = band(bandc(sub(d, iconst(0x0101010101010101)), d), iconst(0x8080808080808080));
    set_crf(BF(a), shli(setcond(C_NE, z, iconst(0)), 2));
}

/* ---- traps ---- */

static void trap(DisasCtx *ctx, const Insn *a, Val x, Val y, bool word)
{
    unsigned to = TO(a);
    static const IrCond conds[] = { C_LT, C_GT, C_EQ, C_LTU, C_GTU };

    if (to == 31) {
        raise_program(ctx, PROG_TRAP);
        return;
    }
    for (int i = 0; i < 5; i++) {
        if (to & 16 >> i && !ir_has_exit()) {
            raise_if(conds[i], x, y, word, EXCP_PROGRAM, PROG_TRAP);
        }
    }
}

INSN(tw, "tw to,ra,rb", "31:6 to:5 ra:5 rb:5 4:10 /:1", BASE, 0) { trap(ctx, a, gpr(RA(a)), gpr(RB(a)), true); }
INSN(twi, "twi to,ra,si", "3:6 to:5 ra:5 si:16", BASE, 0) { trap(ctx, a, gpr(RA(a)), iconst(SI(a)), true); }
INSN(td, "td to,ra,rb", "31:6 to:5 ra:5 rb:5 68:10 /:1", 64B, 0) { trap(ctx, a, gpr(RA(a)), gpr(RB(a)), false); }
INSN(tdi, "tdi to,ra,si", "2:6 to:5 ra:5 si:16", 64B, 0) { trap(ctx, a, gpr(RA(a)), iconst(SI(a)), false); }
