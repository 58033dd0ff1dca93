/*
 * Fixed-point logical, rotate, shift, count and BCD-assist instructions (Power ISA Book I, 3.3.13 to 3.3.15).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa.h"
#include "target/ppc/isa/bits.h"
#include "target/ppc/isa/helpers.h"

static void finish(DisasCtx *ctx, const Insn *a, Val r)
{
    set_gpr(RA(a), r);
    if (RC(a)) {
        set_cr0(ctx, r);
    }
}

INSN(andi_, "andi. ra,rs,ui", "28:6 rs:5 ra:5 ui:16", BASE, 0)
{
    Val r = andi(gpr(RS(a)), UI(a));
    set_gpr(RA(a), r);
    set_cr0(ctx, r);
}

INSN(andis_, "andis. ra,rs,ui", "29:6 rs:5 ra:5 ui:16", BASE, 0)
{
    Val r = andi(gpr(RS(a)), UI(a) << 16);
    set_gpr(RA(a), r);
    set_cr0(ctx, r);
}

INSN(ori, "ori ra,rs,ui", "24:6 rs:5 ra:5 ui:16", BASE, 0) { set_gpr(RA(a), bor(gpr(RS(a)), iconst(UI(a)))); }
INSN(oris, "oris ra,rs,ui", "25:6 rs:5 ra:5 ui:16", BASE, 0) { set_gpr(RA(a), bor(gpr(RS(a)), iconst(UI(a) << 16))); }
INSN(xori, "xori ra,rs,ui", "26:6 rs:5 ra:5 ui:16", BASE, 0) { set_gpr(RA(a), bxor(gpr(RS(a)), iconst(UI(a)))); }
INSN(xoris, "xoris ra,rs,ui", "27:6 rs:5 ra:5 ui:16", BASE, 0) { set_gpr(RA(a), bxor(gpr(RS(a)), iconst(UI(a) << 16))); }

INSN(and, "and[.] ra,rs,rb", "31:6 rs:5 ra:5 rb:5 28:10 rc:1", BASE, 0) { finish(ctx, a, band(gpr(RS(a)), gpr(RB(a)))); }
INSN(andc, "andc[.] ra,rs,rb", "31:6 rs:5 ra:5 rb:5 60:10 rc:1", BASE, 0) { finish(ctx, a, bandc(gpr(RS(a)), gpr(RB(a)))); }
INSN(or, "or[.] ra,rs,rb", "31:6 rs:5 ra:5 rb:5 444:10 rc:1", BASE, 0)
{
    /* or rN,rN,rN without a record form sets the thread priority: a hint, and a no-op here */
    if (RS(a) == RB(a) && RS(a) == RA(a) && !RC(a)) {
        return;
    }
    finish(ctx, a, bor(gpr(RS(a)), gpr(RB(a))));
}
INSN(orc, "orc[.] ra,rs,rb", "31:6 rs:5 ra:5 rb:5 412:10 rc:1", BASE, 0) { finish(ctx, a, bor(gpr(RS(a)), bnot(gpr(RB(a))))); }
INSN(xor, "xor[.] ra,rs,rb", "31:6 rs:5 ra:5 rb:5 316:10 rc:1", BASE, 0) { finish(ctx, a, bxor(gpr(RS(a)), gpr(RB(a)))); }
INSN(nand, "nand[.] ra,rs,rb", "31:6 rs:5 ra:5 rb:5 476:10 rc:1", BASE, 0) { finish(ctx, a, bnot(band(gpr(RS(a)), gpr(RB(a))))); }
INSN(nor, "nor[.] ra,rs,rb", "31:6 rs:5 ra:5 rb:5 124:10 rc:1", BASE, 0) { finish(ctx, a, bnot(bor(gpr(RS(a)), gpr(RB(a))))); }
INSN(eqv, "eqv[.] ra,rs,rb", "31:6 rs:5 ra:5 rb:5 284:10 rc:1", BASE, 0) { finish(ctx, a, bnot(bxor(gpr(RS(a)), gpr(RB(a))))); }

INSN(extsb, "extsb[.] ra,rs", "31:6 rs:5 ra:5 /:5 954:10 rc:1", BASE, 0) { finish(ctx, a, exts8(gpr(RS(a)))); }
INSN(extsh, "extsh[.] ra,rs", "31:6 rs:5 ra:5 /:5 922:10 rc:1", BASE, 0) { finish(ctx, a, exts16(gpr(RS(a)))); }
INSN(extsw, "extsw[.] ra,rs", "31:6 rs:5 ra:5 /:5 986:10 rc:1", 64B, 0) { finish(ctx, a, exts32(gpr(RS(a)))); }
INSN(extswsli, "extswsli[.] ra,rs,sh", "31:6 rs:5 ra:5 sh:5 445:9 shh:1 rc:1", ISA300, 0)
{
    finish(ctx, a, shli(exts32(gpr(RS(a))), SH6(a)));
}

/* ---- counts ---- */

INSN(cntlzw, "cntlzw[.] ra,rs", "31:6 rs:5 ra:5 /:5 26:10 rc:1", BASE, 0) { finish(ctx, a, addi(clz64(extu32(gpr(RS(a)))), -32)); }
INSN(cntlzd, "cntlzd[.] ra,rs", "31:6 rs:5 ra:5 /:5 58:10 rc:1", 64B, 0) { finish(ctx, a, clz64(gpr(RS(a)))); }
INSN(cnttzw, "cnttzw[.] ra,rs", "31:6 rs:5 ra:5 /:5 538:10 rc:1", ISA300, 0)
{
    finish(ctx, a, ctz64(bor(gpr(RS(a)), iconst(1ull << 32))));
}
INSN(cnttzd, "cnttzd[.] ra,rs", "31:6 rs:5 ra:5 /:5 570:10 rc:1", ISA300, 0) { finish(ctx, a, ctz64(gpr(RS(a)))); }

static Val popcount_bytes(Val x)
{
    Val t = sub(x, band(shri(x, 1), iconst(0x5555555555555555)));
    t = add(band(t, iconst(0x3333333333333333)), band(shri(t, 2), iconst(0x3333333333333333)));
    return band(add(t, shri(t, 4)), iconst(0x0f0f0f0f0f0f0f0f));
}

INSN(popcntb, "popcntb ra,rs", "31:6 rs:5 ra:5 /:5 122:10 /:1", POPCNTB, 0) { set_gpr(RA(a), popcount_bytes(gpr(RS(a)))); }
INSN(popcntw, "popcntw ra,rs", "31:6 rs:5 ra:5 /:5 378:10 /:1", POPCNTWD, 0) { set_gpr(RA(a), bor(popcnt64(extu32(gpr(RS(a)))), shli(popcnt64(shri(gpr(RS(a)), 32)), 32))); }
INSN(popcntd, "popcntd ra,rs", "31:6 rs:5 ra:5 /:5 506:10 /:1", POPCNTWD, 0) { set_gpr(RA(a), popcnt64(gpr(RS(a)))); }

static Val parity(Val x, bool word)
{
    x = bxor(x, shri(x, 8));
    x = bxor(x, shri(x, 16));
    if (word) {
        return band(x, iconst(0x0000000100000001));
    }
    return andi(bxor(x, shri(x, 32)), 1);
}

INSN(prtyw, "prtyw ra,rs", "31:6 rs:5 ra:5 /:5 154:10 /:1", ISA205, 0) { set_gpr(RA(a), parity(band(gpr(RS(a)), iconst(0x0101010101010101)), true)); }
INSN(prtyd, "prtyd ra,rs", "31:6 rs:5 ra:5 /:5 186:10 /:1", ISA205, 0) { set_gpr(RA(a), parity(band(gpr(RS(a)), iconst(0x0101010101010101)), false)); }

INSN(cmpb, "cmpb ra,rs,rb", "31:6 rs:5 ra:5 rb:5 508:10 /:1", ISA205, 0)
{
    const uint64_t low7 = 0x7f7f7f7f7f7f7f7f;
    Val d = bxor(gpr(RS(a)), gpr(RB(a)));
    /* 0x80 in each byte that is zero, without carries between bytes */
    Val z = bnot(bor(bor(add(andi(d, low7), iconst(low7)), d), iconst(low7)));
    set_gpr(RA(a), mul(shri(z, 7), iconst(0xff)));
}

INSN(bpermd, "bpermd ra,rs,rb", "31:6 rs:5 ra:5 rb:5 252:10 /:1", PERM206, 0)
{
    set_gpr(RA(a), CALL(helper_bpermd, "iii", IRC_PURE, gpr(RS(a)), gpr(RB(a))));
}

INSN(cfuged, "cfuged ra,rs,rb", "31:6 rs:5 ra:5 rb:5 220:10 /:1", ISA310, 0) { set_gpr(RA(a), bits_centrifuge(gpr(RS(a)), gpr(RB(a)))); }
INSN(cntlzdm, "cntlzdm ra,rs,rb", "31:6 rs:5 ra:5 rb:5 59:10 /:1", ISA310, 0) { set_gpr(RA(a), bits_clz_under(gpr(RS(a)), gpr(RB(a)))); }
INSN(cnttzdm, "cnttzdm ra,rs,rb", "31:6 rs:5 ra:5 rb:5 571:10 /:1", ISA310, 0) { set_gpr(RA(a), bits_ctz_under(gpr(RS(a)), gpr(RB(a)))); }
INSN(pdepd, "pdepd ra,rs,rb", "31:6 rs:5 ra:5 rb:5 156:10 /:1", ISA310, 0) { set_gpr(RA(a), pdep(gpr(RS(a)), gpr(RB(a)))); }
INSN(pextd, "pextd ra,rs,rb", "31:6 rs:5 ra:5 rb:5 188:10 /:1", ISA310, 0) { set_gpr(RA(a), pext(gpr(RS(a)), gpr(RB(a)))); }
INSN(brh, "brh ra,rs", "31:6 rs:5 ra:5 /:5 219:10 /:1", ISA310, 0)
{
    Val x = gpr(RS(a));
    const uint64_t m = 0x00ff00ff00ff00ff;
    set_gpr(RA(a), bor(shli(andi(x, m), 8), andi(shri(x, 8), m)));
}
INSN(brw, "brw ra,rs", "31:6 rs:5 ra:5 /:5 155:10 /:1", ISA310, 0) { set_gpr(RA(a), rotl(bswap64(gpr(RS(a))), iconst(32))); }
INSN(brd, "brd ra,rs", "31:6 rs:5 ra:5 /:5 187:10 /:1", ISA310, 0) { set_gpr(RA(a), bswap64(gpr(RS(a)))); }

/* ---- rotates ---- */

/* Ones from bit mb to bit me of the book's 64-bit numbering, wrapping. */
static uint64_t mask64(unsigned mb, unsigned me)
{
    uint64_t from = UINT64_MAX >> mb, to = UINT64_MAX << (63 - me);

    return mb <= me ? from & to : from | to;
}

static Val rot_word(Val x, Val n)
{
    /* The low word twice, so that masks that wrap through the upper half see it. */
    Val w = rotl32(x, n);
    return bor(w, shli(w, 32));
}

static void rlwinm_common(DisasCtx *ctx, const Insn *a, Val n)
{
    unsigned mb = MB(a), me = ME(a);
    uint64_t m = mask64(mb + 32, me + 32);
    Val x = gpr(RS(a)), r;
    uint64_t k;

    if (mb <= me) {
        if (is_const(n, &k) && k && me == 31 - k) {
            r = andi(shli(x, k), m);                            /* slwi, clrlslwi */
        } else if (is_const(n, &k) && k && me == 31 && mb >= 32 - k) {
            r = andi(shri(extu32(x), 32 - k), m);               /* srwi, extrwi */
        } else {
            r = andi(is_const(n, &k) && k == 0 ? x : rotl32(x, n), m);
        }
    } else {
        r = andi(rot_word(x, n), m);
    }
    finish(ctx, a, r);
}

INSN(rlwinm, "rlwinm[.] ra,rs,sh,mb,me", "21:6 rs:5 ra:5 sh:5 mb:5 me:5 rc:1", BASE, 0) { rlwinm_common(ctx, a, iconst(SH(a))); }
INSN(rlwnm, "rlwnm[.] ra,rs,rb,mb,me", "23:6 rs:5 ra:5 rb:5 mb:5 me:5 rc:1", BASE, 0) { rlwinm_common(ctx, a, gpr(RB(a))); }
INSN(rlwimi, "rlwimi[.] ra,rs,sh,mb,me", "20:6 rs:5 ra:5 sh:5 mb:5 me:5 rc:1", BASE, 0)
{
    uint64_t m = mask64(MB(a) + 32, ME(a) + 32);
    finish(ctx, a, bor(andi(rot_word(gpr(RS(a)), iconst(SH(a))), m), andi(gpr(RA(a)), ~m)));
}

/* rotate left by constant and keep bits mb..me without wrapping, as shifts and extensions where possible */
static Val rotate_mask(Val x, unsigned n, unsigned mb, unsigned me)
{
    uint64_t m = mask64(mb, me);

    if (mb <= me && n && me == 63 - n) {
        return mb == 0 ? shli(x, n) : andi(shli(x, n), m);
    }
    if (mb <= me && n && me == 63 && mb >= 64 - n) {
        return mb == 64 - n ? shri(x, 64 - n) : andi(shri(x, 64 - n), m);
    }
    return m == UINT64_MAX ? rotl(x, iconst(n)) : andi(rotl(x, iconst(n)), m);
}

INSN(rldicl, "rldicl[.] ra,rs,sh,mb", "30:6 rs:5 ra:5 sh:5 mbe:6 0:3 shh:1 rc:1", 64B, 0) { finish(ctx, a, rotate_mask(gpr(RS(a)), SH6(a), MB6(a), 63)); }
INSN(rldicr, "rldicr[.] ra,rs,sh,me", "30:6 rs:5 ra:5 sh:5 mbe:6 1:3 shh:1 rc:1", 64B, 0) { finish(ctx, a, rotate_mask(gpr(RS(a)), SH6(a), 0, MB6(a))); }
INSN(rldic, "rldic[.] ra,rs,sh,mb", "30:6 rs:5 ra:5 sh:5 mbe:6 2:3 shh:1 rc:1", 64B, 0) { finish(ctx, a, rotate_mask(gpr(RS(a)), SH6(a), MB6(a), 63 - SH6(a))); }
INSN(rldimi, "rldimi[.] ra,rs,sh,mb", "30:6 rs:5 ra:5 sh:5 mbe:6 3:3 shh:1 rc:1", 64B, 0)
{
    uint64_t m = mask64(MB6(a), 63 - SH6(a));
    finish(ctx, a, bor(andi(rotl(gpr(RS(a)), iconst(SH6(a))), m), andi(gpr(RA(a)), ~m)));
}
INSN(rldcl, "rldcl[.] ra,rs,rb,mb", "30:6 rs:5 ra:5 rb:5 mbe:6 8:4 rc:1", 64B, 0) { finish(ctx, a, andi(rotl(gpr(RS(a)), gpr(RB(a))), mask64(MB6(a), 63))); }
INSN(rldcr, "rldcr[.] ra,rs,rb,me", "30:6 rs:5 ra:5 rb:5 mbe:6 9:4 rc:1", 64B, 0) { finish(ctx, a, andi(rotl(gpr(RS(a)), gpr(RB(a))), mask64(0, MB6(a)))); }

/* ---- shifts ---- */

INSN(slw, "slw[.] ra,rs,rb", "31:6 rs:5 ra:5 rb:5 24:10 rc:1", BASE, 0)
{
    Val n = gpr(RB(a));
    finish(ctx, a, extu32(sel(C_TSTNZ, n, iconst(32), iconst(0), shl(gpr(RS(a)), andi(n, 31)))));
}
INSN(srw, "srw[.] ra,rs,rb", "31:6 rs:5 ra:5 rb:5 536:10 rc:1", BASE, 0)
{
    Val n = gpr(RB(a));
    finish(ctx, a, sel(C_TSTNZ, n, iconst(32), iconst(0), shr(extu32(gpr(RS(a))), andi(n, 31))));
}
INSN(sld, "sld[.] ra,rs,rb", "31:6 rs:5 ra:5 rb:5 27:10 rc:1", 64B, 0)
{
    Val n = gpr(RB(a));
    finish(ctx, a, sel(C_TSTNZ, n, iconst(64), iconst(0), shl(gpr(RS(a)), n)));
}
INSN(srd, "srd[.] ra,rs,rb", "31:6 rs:5 ra:5 rb:5 539:10 rc:1", 64B, 0)
{
    Val n = gpr(RB(a));
    finish(ctx, a, sel(C_TSTNZ, n, iconst(64), iconst(0), shr(gpr(RS(a)), n)));
}

/* CA of an arithmetic right shift: negative, and ones were shifted out. */
static void shift_carry(Val x, Val lost)
{
    Val ca = band(setcond(C_LT, x, iconst(0)), setcond(C_NE, lost, iconst(0)));
    slot_set(SLOT_CA, ca);
    slot_set(SLOT_CA32, ca);
}

INSN(srawi, "srawi[.] ra,rs,sh", "31:6 rs:5 ra:5 sh:5 824:10 rc:1", BASE, 0)
{
    Val x = exts32(gpr(RS(a)));
    shift_carry(x, andi(x, (1u << SH(a)) - 1));
    finish(ctx, a, sari(x, SH(a)));
}
INSN(sraw, "sraw[.] ra,rs,rb", "31:6 rs:5 ra:5 rb:5 792:10 rc:1", BASE, 0)
{
    Val x = exts32(gpr(RS(a))), n = andi(gpr(RB(a)), 63);
    shift_carry(x, bandc(x, shl(iconst(-1), n)));
    finish(ctx, a, sar(x, n));
}
INSN(sradi, "sradi[.] ra,rs,sh", "31:6 rs:5 ra:5 sh:5 413:9 shh:1 rc:1", 64B, 0)
{
    Val x = gpr(RS(a));
    shift_carry(x, andi(x, (1ull << SH6(a)) - 1));
    finish(ctx, a, sari(x, SH6(a)));
}
INSN(srad, "srad[.] ra,rs,rb", "31:6 rs:5 ra:5 rb:5 794:10 rc:1", 64B, 0)
{
    Val x = gpr(RS(a)), n = gpr(RB(a));
    Val big = andi(n, 64);
    Val lost = sel(C_NE, big, iconst(0), x, bandc(x, shl(iconst(-1), n)));
    shift_carry(x, lost);
    finish(ctx, a, sel(C_NE, big, iconst(0), sari(x, 63), sar(x, n)));
}

/* ---- BCD assist, random, hash ---- */

INSN(addg6s, "addg6s rt,ra,rb", "31:6 rt:5 ra:5 rb:5 /:1 74:9 /:1", BCDA206, 0) { set_gpr(RT(a), CALL(helper_addg6s, "iii", IRC_PURE, gpr(RA(a)), gpr(RB(a)))); }
INSN(cbcdtd, "cbcdtd ra,rs", "31:6 rs:5 ra:5 /:5 314:10 /:1", BCDA206, 0) { set_gpr(RA(a), CALL(helper_cbcdtd, "ii", IRC_PURE, gpr(RS(a)))); }
INSN(cdtbcd, "cdtbcd ra,rs", "31:6 rs:5 ra:5 /:5 282:10 /:1", BCDA206, 0) { set_gpr(RA(a), CALL(helper_cdtbcd, "ii", IRC_PURE, gpr(RS(a)))); }
INSN(darn, "darn rt,l", "31:6 rt:5 /:3 l:2 /:5 755:10 /:1", ISA300, INSN_NOFUZZ)
{
    set_gpr(RT(a), CALL(helper_darn, "ii", IRC_STATE, iconst(FIELD(a, 16, 2))));
}
