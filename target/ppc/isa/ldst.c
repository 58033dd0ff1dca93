/*
 * Fixed-point loads and stores (Power ISA Book I, 3.3.2 to 3.3.6; Book II, 4.6; Book III, 4.4).
 *
 * One line per instruction; the four shapes (displacement, indexed, with update, prefixed) share
 * their code below.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa.h"
#include "target/ppc/isa/helpers.h"

/* Update forms: RA = 0 is invalid, and so is RA = RT for a load. */
static bool bad_update(DisasCtx *ctx, const Insn *a, bool load)
{
    if (RA(a) == 0 || (load && RA(a) == RT(a))) {
        raise_program(ctx, PROG_INVAL);
        return true;
    }
    return false;
}

static void load(DisasCtx *ctx, const Insn *a, Val ea, MemOp op)
{
    set_gpr(RT(a), mem_ld(ctx, ea, op));
}

static void load_update(DisasCtx *ctx, const Insn *a, Val ea, MemOp op)
{
    if (!bad_update(ctx, a, true)) {
        Val v = mem_ld(ctx, ea, op);
        set_gpr(RA(a), ea);
        set_gpr(RT(a), v);
    }
}

static void store(DisasCtx *ctx, const Insn *a, Val ea, MemOp op)
{
    mem_st(ctx, ea, gpr(RS(a)), op);
}

static void store_update(DisasCtx *ctx, const Insn *a, Val ea, MemOp op)
{
    if (!bad_update(ctx, a, false)) {
        mem_st(ctx, ea, gpr(RS(a)), op);
        set_gpr(RA(a), ea);
    }
}

#define D_FORM ea_d(ctx, RA(a), SI(a))
#define DS_FORM ea_d(ctx, RA(a), DS(a))
#define X_FORM ea_x(ctx, RA(a), RB(a))

/* ---- displacement and indexed ---- */

INSN(lbz, "lbz rt,d(ra)", "34:6 rt:5 ra0:5 d:16", BASE, INSN_MEM) { load(ctx, a, D_FORM, MO_8); }
INSN(lbzu, "lbzu rt,d(ra)", "35:6 rt:5 ra:5 d:16", BASE, INSN_MEM) { load_update(ctx, a, D_FORM, MO_8); }
INSN(lhz, "lhz rt,d(ra)", "40:6 rt:5 ra0:5 d:16", BASE, INSN_MEM) { load(ctx, a, D_FORM, MO_16); }
INSN(lhzu, "lhzu rt,d(ra)", "41:6 rt:5 ra:5 d:16", BASE, INSN_MEM) { load_update(ctx, a, D_FORM, MO_16); }
INSN(lha, "lha rt,d(ra)", "42:6 rt:5 ra0:5 d:16", BASE, INSN_MEM) { load(ctx, a, D_FORM, MO_16 | MO_SIGN); }
INSN(lhau, "lhau rt,d(ra)", "43:6 rt:5 ra:5 d:16", BASE, INSN_MEM) { load_update(ctx, a, D_FORM, MO_16 | MO_SIGN); }
INSN(lwz, "lwz rt,d(ra)", "32:6 rt:5 ra0:5 d:16", BASE, INSN_MEM) { load(ctx, a, D_FORM, MO_32); }
INSN(lwzu, "lwzu rt,d(ra)", "33:6 rt:5 ra:5 d:16", BASE, INSN_MEM) { load_update(ctx, a, D_FORM, MO_32); }
INSN(stb, "stb rs,d(ra)", "38:6 rs:5 ra0:5 d:16", BASE, INSN_MEM) { store(ctx, a, D_FORM, MO_8); }
INSN(stbu, "stbu rs,d(ra)", "39:6 rs:5 ra:5 d:16", BASE, INSN_MEM) { store_update(ctx, a, D_FORM, MO_8); }
INSN(sth, "sth rs,d(ra)", "44:6 rs:5 ra0:5 d:16", BASE, INSN_MEM) { store(ctx, a, D_FORM, MO_16); }
INSN(sthu, "sthu rs,d(ra)", "45:6 rs:5 ra:5 d:16", BASE, INSN_MEM) { store_update(ctx, a, D_FORM, MO_16); }
INSN(stw, "stw rs,d(ra)", "36:6 rs:5 ra0:5 d:16", BASE, INSN_MEM) { store(ctx, a, D_FORM, MO_32); }
INSN(stwu, "stwu rs,d(ra)", "37:6 rs:5 ra:5 d:16", BASE, INSN_MEM) { store_update(ctx, a, D_FORM, MO_32); }
INSN(ld, "ld rt,ds(ra)", "58:6 rt:5 ra0:5 ds:14 0:2", 64B, INSN_MEM) { load(ctx, a, DS_FORM, MO_64); }
INSN(lwa, "lwa rt,ds(ra)", "58:6 rt:5 ra0:5 ds:14 2:2", 64B, INSN_MEM) { load(ctx, a, DS_FORM, MO_32 | MO_SIGN); }
INSN(std, "std rs,ds(ra)", "62:6 rs:5 ra0:5 ds:14 0:2", 64B, INSN_MEM) { store(ctx, a, DS_FORM, MO_64); }
INSN(ldu, "ldu rt,ds(ra)", "58:6 rt:5 ra:5 ds:14 1:2", 64B, INSN_MEM) { load_update(ctx, a, DS_FORM, MO_64); }
INSN(stdu, "stdu rs,ds(ra)", "62:6 rs:5 ra:5 ds:14 1:2", 64B, INSN_MEM) { store_update(ctx, a, DS_FORM, MO_64); }

INSN(lbzx, "lbzx rt,ra,rb", "31:6 rt:5 ra0:5 rb:5 87:10 /:1", BASE, INSN_MEM) { load(ctx, a, X_FORM, MO_8); }
INSN(lbzux, "lbzux rt,ra,rb", "31:6 rt:5 ra:5 rb:5 119:10 /:1", BASE, INSN_MEM) { load_update(ctx, a, X_FORM, MO_8); }
INSN(lhzx, "lhzx rt,ra,rb", "31:6 rt:5 ra0:5 rb:5 279:10 /:1", BASE, INSN_MEM) { load(ctx, a, X_FORM, MO_16); }
INSN(lhzux, "lhzux rt,ra,rb", "31:6 rt:5 ra:5 rb:5 311:10 /:1", BASE, INSN_MEM) { load_update(ctx, a, X_FORM, MO_16); }
INSN(lhax, "lhax rt,ra,rb", "31:6 rt:5 ra0:5 rb:5 343:10 /:1", BASE, INSN_MEM) { load(ctx, a, X_FORM, MO_16 | MO_SIGN); }
INSN(lhaux, "lhaux rt,ra,rb", "31:6 rt:5 ra:5 rb:5 375:10 /:1", BASE, INSN_MEM) { load_update(ctx, a, X_FORM, MO_16 | MO_SIGN); }
INSN(lwzx, "lwzx rt,ra,rb", "31:6 rt:5 ra0:5 rb:5 23:10 /:1", BASE, INSN_MEM) { load(ctx, a, X_FORM, MO_32); }
INSN(lwzux, "lwzux rt,ra,rb", "31:6 rt:5 ra:5 rb:5 55:10 /:1", BASE, INSN_MEM) { load_update(ctx, a, X_FORM, MO_32); }
INSN(lwax, "lwax rt,ra,rb", "31:6 rt:5 ra0:5 rb:5 341:10 /:1", 64B, INSN_MEM) { load(ctx, a, X_FORM, MO_32 | MO_SIGN); }
INSN(lwaux, "lwaux rt,ra,rb", "31:6 rt:5 ra:5 rb:5 373:10 /:1", 64B, INSN_MEM) { load_update(ctx, a, X_FORM, MO_32 | MO_SIGN); }
INSN(ldx, "ldx rt,ra,rb", "31:6 rt:5 ra0:5 rb:5 21:10 /:1", 64B, INSN_MEM) { load(ctx, a, X_FORM, MO_64); }
INSN(ldux, "ldux rt,ra,rb", "31:6 rt:5 ra:5 rb:5 53:10 /:1", 64B, INSN_MEM) { load_update(ctx, a, X_FORM, MO_64); }
INSN(stbx, "stbx rs,ra,rb", "31:6 rs:5 ra0:5 rb:5 215:10 /:1", BASE, INSN_MEM) { store(ctx, a, X_FORM, MO_8); }
INSN(stbux, "stbux rs,ra,rb", "31:6 rs:5 ra:5 rb:5 247:10 /:1", BASE, INSN_MEM) { store_update(ctx, a, X_FORM, MO_8); }
INSN(sthx, "sthx rs,ra,rb", "31:6 rs:5 ra0:5 rb:5 407:10 /:1", BASE, INSN_MEM) { store(ctx, a, X_FORM, MO_16); }
INSN(sthux, "sthux rs,ra,rb", "31:6 rs:5 ra:5 rb:5 439:10 /:1", BASE, INSN_MEM) { store_update(ctx, a, X_FORM, MO_16); }
INSN(stwx, "stwx rs,ra,rb", "31:6 rs:5 ra0:5 rb:5 151:10 /:1", BASE, INSN_MEM) { store(ctx, a, X_FORM, MO_32); }
INSN(stwux, "stwux rs,ra,rb", "31:6 rs:5 ra:5 rb:5 183:10 /:1", BASE, INSN_MEM) { store_update(ctx, a, X_FORM, MO_32); }
INSN(stdx, "stdx rs,ra,rb", "31:6 rs:5 ra0:5 rb:5 149:10 /:1", 64B, INSN_MEM) { store(ctx, a, X_FORM, MO_64); }
INSN(stdux, "stdux rs,ra,rb", "31:6 rs:5 ra:5 rb:5 181:10 /:1", 64B, INSN_MEM) { store_update(ctx, a, X_FORM, MO_64); }

/* ---- byte-reversed ---- */

INSN(lhbrx, "lhbrx rt,ra,rb", "31:6 rt:5 ra0:5 rb:5 790:10 /:1", BASE, INSN_MEM) { set_gpr(RT(a), mem_ld_rev(ctx, X_FORM, MO_16)); }
INSN(lwbrx, "lwbrx rt,ra,rb", "31:6 rt:5 ra0:5 rb:5 534:10 /:1", BASE, INSN_MEM) { set_gpr(RT(a), mem_ld_rev(ctx, X_FORM, MO_32)); }
INSN(ldbrx, "ldbrx rt,ra,rb", "31:6 rt:5 ra0:5 rb:5 532:10 /:1", DBRX, INSN_MEM) { set_gpr(RT(a), mem_ld_rev(ctx, X_FORM, MO_64)); }
INSN(sthbrx, "sthbrx rs,ra,rb", "31:6 rs:5 ra0:5 rb:5 918:10 /:1", BASE, INSN_MEM) { mem_st_rev(ctx, X_FORM, gpr(RS(a)), MO_16); }
INSN(stwbrx, "stwbrx rs,ra,rb", "31:6 rs:5 ra0:5 rb:5 662:10 /:1", BASE, INSN_MEM) { mem_st_rev(ctx, X_FORM, gpr(RS(a)), MO_32); }
INSN(stdbrx, "stdbrx rs,ra,rb", "31:6 rs:5 ra0:5 rb:5 660:10 /:1", DBRX, INSN_MEM) { mem_st_rev(ctx, X_FORM, gpr(RS(a)), MO_64); }

/* ---- cache-inhibited: hypervisor real mode only ---- */

INSN(lwzcix, "lwzcix rt,ra,rb", "31:6 rt:5 ra0:5 rb:5 789:10 /:1", CILDST, INSN_MEM | INSN_HV | INSN_NOFUZZ) { load(ctx, a, X_FORM, MO_32 | MO_CI); }
INSN(lhzcix, "lhzcix rt,ra,rb", "31:6 rt:5 ra0:5 rb:5 821:10 /:1", CILDST, INSN_MEM | INSN_HV | INSN_NOFUZZ) { load(ctx, a, X_FORM, MO_16 | MO_CI); }
INSN(lbzcix, "lbzcix rt,ra,rb", "31:6 rt:5 ra0:5 rb:5 853:10 /:1", CILDST, INSN_MEM | INSN_HV | INSN_NOFUZZ) { load(ctx, a, X_FORM, MO_8 | MO_CI); }
INSN(ldcix, "ldcix rt,ra,rb", "31:6 rt:5 ra0:5 rb:5 885:10 /:1", CILDST, INSN_MEM | INSN_HV | INSN_NOFUZZ) { load(ctx, a, X_FORM, MO_64 | MO_CI); }
INSN(stwcix, "stwcix rs,ra,rb", "31:6 rs:5 ra0:5 rb:5 917:10 /:1", CILDST, INSN_MEM | INSN_HV | INSN_NOFUZZ) { store(ctx, a, X_FORM, MO_32 | MO_CI); }
INSN(sthcix, "sthcix rs,ra,rb", "31:6 rs:5 ra0:5 rb:5 949:10 /:1", CILDST, INSN_MEM | INSN_HV | INSN_NOFUZZ) { store(ctx, a, X_FORM, MO_16 | MO_CI); }
INSN(stbcix, "stbcix rs,ra,rb", "31:6 rs:5 ra0:5 rb:5 981:10 /:1", CILDST, INSN_MEM | INSN_HV | INSN_NOFUZZ) { store(ctx, a, X_FORM, MO_8 | MO_CI); }
INSN(stdcix, "stdcix rs,ra,rb", "31:6 rs:5 ra0:5 rb:5 1013:10 /:1", CILDST, INSN_MEM | INSN_HV | INSN_NOFUZZ) { store(ctx, a, X_FORM, MO_64 | MO_CI); }

/* ---- prefixed ---- */

INSN(plbz, "plbz rt,d(ra),r", "1:6 2:2 /:1 /:2 r:1 /:2 d0:18 | 34:6 rt:5 ra:5 d1:16", ISA310, INSN_MEM)
{
    if (!bad_prefixed(ctx, a)) {
        load(ctx, a, ea_pd(ctx, a), MO_8);
    }
}
INSN(plhz, "plhz rt,d(ra),r", "1:6 2:2 /:1 /:2 r:1 /:2 d0:18 | 40:6 rt:5 ra:5 d1:16", ISA310, INSN_MEM)
{
    if (!bad_prefixed(ctx, a)) {
        load(ctx, a, ea_pd(ctx, a), MO_16);
    }
}
INSN(plha, "plha rt,d(ra),r", "1:6 2:2 /:1 /:2 r:1 /:2 d0:18 | 42:6 rt:5 ra:5 d1:16", ISA310, INSN_MEM)
{
    if (!bad_prefixed(ctx, a)) {
        load(ctx, a, ea_pd(ctx, a), MO_16 | MO_SIGN);
    }
}
INSN(plwz, "plwz rt,d(ra),r", "1:6 2:2 /:1 /:2 r:1 /:2 d0:18 | 32:6 rt:5 ra:5 d1:16", ISA310, INSN_MEM)
{
    if (!bad_prefixed(ctx, a)) {
        load(ctx, a, ea_pd(ctx, a), MO_32);
    }
}
INSN(pstb, "pstb rs,d(ra),r", "1:6 2:2 /:1 /:2 r:1 /:2 d0:18 | 38:6 rs:5 ra:5 d1:16", ISA310, INSN_MEM)
{
    if (!bad_prefixed(ctx, a)) {
        store(ctx, a, ea_pd(ctx, a), MO_8);
    }
}
INSN(psth, "psth rs,d(ra),r", "1:6 2:2 /:1 /:2 r:1 /:2 d0:18 | 44:6 rs:5 ra:5 d1:16", ISA310, INSN_MEM)
{
    if (!bad_prefixed(ctx, a)) {
        store(ctx, a, ea_pd(ctx, a), MO_16);
    }
}
INSN(pstw, "pstw rs,d(ra),r", "1:6 2:2 /:1 /:2 r:1 /:2 d0:18 | 36:6 rs:5 ra:5 d1:16", ISA310, INSN_MEM)
{
    if (!bad_prefixed(ctx, a)) {
        store(ctx, a, ea_pd(ctx, a), MO_32);
    }
}
INSN(plwa, "plwa rt,d(ra),r", "1:6 0:2 /:1 /:2 r:1 /:2 d0:18 | 41:6 rt:5 ra:5 d1:16", ISA310, INSN_MEM)
{
    if (!bad_prefixed(ctx, a)) {
        load(ctx, a, ea_pd(ctx, a), MO_32 | MO_SIGN);
    }
}
INSN(pld, "pld rt,d(ra),r", "1:6 0:2 /:1 /:2 r:1 /:2 d0:18 | 57:6 rt:5 ra:5 d1:16", ISA310, INSN_MEM)
{
    if (!bad_prefixed(ctx, a)) {
        load(ctx, a, ea_pd(ctx, a), MO_64);
    }
}
INSN(pstd, "pstd rs,d(ra),r", "1:6 0:2 /:1 /:2 r:1 /:2 d0:18 | 61:6 rs:5 ra:5 d1:16", ISA310, INSN_MEM)
{
    if (!bad_prefixed(ctx, a)) {
        store(ctx, a, ea_pd(ctx, a), MO_64);
    }
}

/* ---- multiple and string ---- */

static Val memop(DisasCtx *ctx)
{
    return iconst(mem_op(ctx, 0));
}

INSN(lmw, "lmw rt,d(ra)", "46:6 rt:5 ra0:5 d:16", BASE, INSN_MEM)
{
    CALLV(helper_lmw, "veiii", IRC_WRITE | IRC_RAISE, D_FORM, iconst(RT(a)), memop(ctx));
}

INSN(stmw, "stmw rs,d(ra)", "47:6 rs:5 ra0:5 d:16", BASE, INSN_MEM)
{
    CALLV(helper_stmw, "veiii", IRC_RAISE, D_FORM, iconst(RS(a)), memop(ctx));
}

INSN(lswi, "lswi rt,ra,nb", "31:6 rt:5 ra0:5 nb:5 597:10 /:1", STRING, INSN_MEM)
{
    unsigned n = RB(a) ? RB(a) : 32, last = (n + 3) / 4;

    if (RA(a) && ((RA(a) - RT(a)) & 31) < last) {
        raise_program(ctx, PROG_INVAL);
        return;
    }
    CALLV(helper_lsw, "veiii", IRC_WRITE | IRC_RAISE, ea_d(ctx, RA(a), 0), iconst(n << 8 | RT(a)), memop(ctx));
}

INSN(lswx, "lswx rt,ra,rb", "31:6 rt:5 ra0:5 rb:5 533:10 /:1", STRING, INSN_MEM)
{
    CALLV(helper_lswx, "veiii", IRC_WRITE | IRC_RAISE, X_FORM, iconst(RT(a) | RA(a) << 5 | RB(a) << 10), memop(ctx));
}

INSN(stswi, "stswi rs,ra,nb", "31:6 rs:5 ra0:5 nb:5 725:10 /:1", STRING, INSN_MEM)
{
    unsigned n = RB(a) ? RB(a) : 32;
    CALLV(helper_stsw, "veiii", IRC_RAISE, ea_d(ctx, RA(a), 0), iconst(n << 8 | RS(a)), memop(ctx));
}

INSN(stswx, "stswx rs,ra,rb", "31:6 rs:5 ra0:5 rb:5 661:10 /:1", STRING, INSN_MEM)
{
    CALLV(helper_stsw, "veiii", IRC_RAISE, X_FORM, iconst(1u << 16 | RS(a)), memop(ctx));
}

/* ---- quadword ---- */

static void quad(DisasCtx *ctx, const Insn *a, Val ea, bool load, bool unaligned)
{
    unsigned r = RT(a);
    Val op = iconst(mem_op(ctx, MO_128) | (unaligned ? MO_SIGN : 0));

    /* before ISA 2.07: privileged, and for big-endian mode alone */
    if (!ppc_has(&ctx->features, PPC_F_LSQ207)) {
        if (ctx->pr) {
            raise_program(ctx, PROG_PRIV);
            return;
        }
        if (ctx->le) {
            raise_exception(EXCP_ALIGN, 0);
            ctx->end = true;
            return;
        }
    }
    if (r & 1 || (load && !unaligned && r == RA(a))) {
        raise_program(ctx, PROG_INVAL);
        return;
    }
    if (load) {
        CALLV(helper_lq, "veiii", IRC_WRITE | IRC_RAISE, ea, iconst(r), op);
    } else {
        CALLV(helper_stq, "veiii", IRC_RAISE, ea, iconst(r), op);
    }
}

INSN(lq, "lq rtp,dq(ra)", "56:6 rtp:5 ra0:5 dq:12 /:4", 64BX, INSN_MEM) { quad(ctx, a, ea_d(ctx, RA(a), DQ(a)), true, false); }
INSN(stq, "stq rsp,ds(ra)", "62:6 rsp:5 ra0:5 ds:14 2:2", 64BX, INSN_MEM) { quad(ctx, a, DS_FORM, false, false); }
INSN(plq, "plq rtp,d(ra),r", "1:6 0:2 /:1 /:2 r:1 /:2 d0:18 | 56:6 rtp:5 ra:5 d1:16", ISA310, INSN_MEM)
{
    if (!bad_prefixed(ctx, a)) {
        quad(ctx, a, ea_pd(ctx, a), true, true);
    }
}
INSN(pstq, "pstq rsp,d(ra),r", "1:6 0:2 /:1 /:2 r:1 /:2 d0:18 | 60:6 rsp:5 ra:5 d1:16", ISA310, INSN_MEM)
{
    if (!bad_prefixed(ctx, a)) {
        quad(ctx, a, ea_pd(ctx, a), false, true);
    }
}

/* ---- hash ---- */

static bool hash_ea(DisasCtx *ctx, const Insn *a, Val *ea)
{
    /* DX || D: a negative multiple of 8 from -512 to -8 */
    int64_t d = (int64_t)(FIELD(a, 21, 5) | FIELD(a, 0, 1) << 5) * 8 - 512;

    if (!RA(a)) {
        raise_program(ctx, PROG_INVAL);
        return false;
    }
    *ea = ea_d(ctx, RA(a), d);
    return true;
}

static void hash_store(DisasCtx *ctx, const Insn *a, unsigned spr)
{
    Val ea, key = ldenv(MO_64, offsetof(PowerPCCPU, spr) + 8 * spr);

    if (hash_ea(ctx, a, &ea)) {
        mem_st(ctx, ea, CALL(helper_hash, "iiii", IRC_PURE, key, gpr(RA(a)), gpr(RB(a))), MO_64);
    }
}

static void hash_check(DisasCtx *ctx, const Insn *a, unsigned spr)
{
    Val ea, key = ldenv(MO_64, offsetof(PowerPCCPU, spr) + 8 * spr);

    if (hash_ea(ctx, a, &ea)) {
        Val h = CALL(helper_hash, "iiii", IRC_PURE, key, gpr(RA(a)), gpr(RB(a)));
        raise_if(C_NE, mem_ld(ctx, ea, MO_64), h, false, EXCP_PROGRAM, PROG_TRAP);
    }
}

enum { SPR_HASHKEYR = 468, SPR_HASHPKEYR = 469 };
INSN(hashst, "hashst rb,d(ra)", "31:6 d1:5 ra:5 rb:5 722:10 dx:1", ISA310, INSN_MEM | INSN_NOFUZZ) { hash_store(ctx, a, SPR_HASHKEYR); }
INSN(hashchk, "hashchk rb,d(ra)", "31:6 d1:5 ra:5 rb:5 754:10 dx:1", ISA310, INSN_MEM | INSN_NOFUZZ) { hash_check(ctx, a, SPR_HASHKEYR); }
INSN(hashstp, "hashstp rb,d(ra)", "31:6 d1:5 ra:5 rb:5 658:10 dx:1", ISA310, INSN_MEM | INSN_SUPER | INSN_NOFUZZ) { hash_store(ctx, a, SPR_HASHPKEYR); }
INSN(hashchkp, "hashchkp rb,d(ra)", "31:6 d1:5 ra:5 rb:5 690:10 dx:1", ISA310, INSN_MEM | INSN_SUPER | INSN_NOFUZZ) { hash_check(ctx, a, SPR_HASHPKEYR); }
