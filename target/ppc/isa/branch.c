/*
 * Branch, system call and condition-register instructions (Power ISA Book I, 2.4 to 2.7; Book III, 4.3).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa.h"
#include "target/ppc/isa/helpers.h"
#include "target/ppc/spr.h"
#include "target/ppc/mmu.h"

static uint64_t narrow_pc(DisasCtx *ctx, uint64_t pc)
{
    return ctx->sf ? pc : (uint32_t)pc;
}

static void save_cfar(DisasCtx *ctx)
{
    slot_set(SLOT_CFAR, iconst(ctx->pc));
}

static void set_link(DisasCtx *ctx, const Insn *a)
{
    if (LK(a)) {
        slot_set(SLOT_LR, iconst(ctx->next_pc));
    }
}

INSN(b, "b[l][a] target", "18:6 li:24 aa:1 lk:1", BASE, INSN_BRANCH)
{
    uint64_t target = narrow_pc(ctx, (AA(a) ? 0 : ctx->pc) + LI(a));

    save_cfar(ctx);
    set_link(ctx, a);
    exit_direct(target);
}

/* The two tests of BO: CTR (after its decrement) and a CR bit. Each gives the condition to fall through. */
typedef struct Test { bool on; Val v; IrCond fall; } Test;

static void bo_tests(DisasCtx *ctx, unsigned bo, unsigned bi, Test *ctr, Test *cr)
{
    *ctr = (Test){ 0 };
    *cr = (Test){ 0 };
    if (!(bo & 4)) {
        Val n = addi(slot_get(SLOT_CTR), -1);
        slot_set(SLOT_CTR, n);
        *ctr = (Test){ true, ctx->sf ? n : extu32(n), bo & 2 ? C_NE : C_EQ };   /* branch if zero : non-zero */
    }
    if (!(bo & 16)) {
        *cr = (Test){ true, crbit(bi), bo & 8 ? C_EQ : C_NE };
    }
}

/* Conditional transfer to where `taken` says; both tests must pass. */
static void conditional(DisasCtx *ctx, const Insn *a, const Test *ctr, const Test *cr, IrExit taken)
{
    if (!ctr->on && !cr->on) {
        save_cfar(ctx);
        exit_ex(taken);
        return;
    }
    /* With both tests on, fold them into one value so that the taken path is a single side exit. */
    Val zero = iconst(0), v;
    IrCond go;
    if (ctr->on && cr->on) {
        v = band(setcond(ir_cond_invert(ctr->fall), ctr->v, zero), setcond(ir_cond_invert(cr->fall), cr->v, zero));
        go = C_NE;
    } else {
        v = ctr->on ? ctr->v : cr->v;
        go = ir_cond_invert(ctr->on ? ctr->fall : cr->fall);
    }
    Val old_cfar = slot_get(SLOT_CFAR);
    save_cfar(ctx);
    exit_if_ex(go, v, zero, false, taken);
    if (!ir_has_exit()) {
        slot_set(SLOT_CFAR, old_cfar);
    }
}

INSN(bc, "bc[l][a] bo,bi,target", "16:6 bo:5 bi:5 bd:14 aa:1 lk:1", BASE, INSN_BRANCH)
{
    uint64_t target = narrow_pc(ctx, (AA(a) ? 0 : ctx->pc) + BD(a));
    Test ctr, cr;

    bo_tests(ctx, BO(a), BI(a), &ctr, &cr);
    set_link(ctx, a);
    conditional(ctx, a, &ctr, &cr, (IrExit){ .kind = EXIT_DIRECT, .target = target });
}

static void branch_to(DisasCtx *ctx, const Insn *a, int slot)
{
    Test ctr, cr;
    Val target = andi(slot_get(slot), ~3ull);

    if (!ctx->sf) {
        target = extu32(target);
    }
    bo_tests(ctx, BO(a), BI(a), &ctr, &cr);
    set_link(ctx, a);
    conditional(ctx, a, &ctr, &cr, (IrExit){ .kind = EXIT_INDIRECT, .pc = target });
}

INSN(bclr, "bclr[l] bo,bi,bh", "19:6 bo:5 bi:5 /:3 bh:2 16:10 lk:1", BASE, INSN_BRANCH)
{
    branch_to(ctx, a, SLOT_LR);
}

INSN(bcctr, "bcctr[l] bo,bi,bh", "19:6 bo:5 bi:5 /:3 bh:2 528:10 lk:1", BASE, INSN_BRANCH)
{
    if (BO(a) & 4) {
        branch_to(ctx, a, SLOT_CTR);
        return;
    }
    /*
     * Decrementing CTR is an invalid form, with a use all the same: bcctr 2,0,0 flushes POWER9's count cache, and Linux
     * runs it where the platform says so. As on the peer CTR is tested first and decremented only when the branch is taken.
     */
    Test ctr, cr;
    Val before = slot_get(SLOT_CTR), target = andi(before, ~3ull);
    target = ctx->sf ? target : extu32(target);
    bo_tests(ctx, BO(a), BI(a), &ctr, &cr);
    ctr.v = ctx->sf ? before : extu32(before);
    set_link(ctx, a);
    conditional(ctx, a, &ctr, &cr, (IrExit){ .kind = EXIT_INDIRECT, .pc = target });
    if (!ir_has_exit()) {
        slot_set(SLOT_CTR, before);
    }
}

INSN(bctar, "bctar[l] bo,bi,bh", "19:6 bo:5 bi:5 /:3 bh:2 560:10 lk:1", BCTAR207, INSN_BRANCH)
{
    if (!(ctx->flags & RF_TAR)) {
        raise_facility(ctx, 8, false);
        return;
    }
    branch_to(ctx, a, SLOT_TAR);
}

/* ---- system call and return from interrupt ---- */

INSN(sc, "sc lev", "17:6 /:5 /:5 /:4 lev:7 /:3 1:1 /:1", BASE, INSN_BRANCH | INSN_NOFUZZ)
{
    /* nip is this instruction; delivery continues after it */
    raise_exception(FIELD(a, 5, 7) == 1 ? EXCP_SYSCALL_HV : EXCP_SYSCALL, FIELD(a, 5, 7));
}

INSN(scv, "scv lev", "17:6 /:5 /:5 /:4 lev:7 /:3 0:1 1:1", ISA300, INSN_BRANCH | INSN_NOFUZZ)
{
    if (!(ctx->flags & RF_SCV)) {
        raise_facility(ctx, 12, false);
        return;
    }
    raise_exception(EXCP_SYSCALL_VECTORED, FIELD(a, 5, 7));
}

static void return_from(DisasCtx *ctx, void (*fn)(PowerPCCPU *))
{
    save_cfar(ctx);
    ir_call((const void *)fn, "helper_rfi", "ve", IRC_WRITE | IRC_RAISE | IRC_STATE, NULL, 0);
    /* A pending interrupt, if now enabled, makes the target leave at its start. */
    exit_ex((IrExit){ .kind = EXIT_INDIRECT, .pc = ldenv(MO_64, offsetof(PowerPCCPU, nip)) });
}

INSN(rfid, "rfid", "19:6 /:5 /:5 /:5 18:10 /:1", 64B, INSN_SUPER | INSN_BRANCH | INSN_UNTRACED | INSN_NOFUZZ) { return_from(ctx, helper_rfid); }
INSN(hrfid, "hrfid", "19:6 /:5 /:5 /:5 274:10 /:1", 64H, INSN_HV | INSN_BRANCH | INSN_UNTRACED | INSN_NOFUZZ) { return_from(ctx, helper_hrfid); }
INSN(rfscv, "rfscv", "19:6 /:5 /:5 /:5 82:10 /:1", ISA300, INSN_SUPER | INSN_BRANCH | INSN_UNTRACED | INSN_NOFUZZ) { return_from(ctx, helper_rfscv); }
INSN(rfebb, "rfebb s", "19:6 /:5 /:5 /:4 s:1 146:10 /:1", ISA207S, INSN_BRANCH | INSN_UNTRACED | INSN_NOFUZZ)
{
    save_cfar(ctx);
    CALLV(helper_rfebb, "vei", IRC_WRITE | IRC_RAISE | IRC_STATE, iconst(FIELD(a, 11, 1)));
    exit_ex((IrExit){ .kind = EXIT_LOOP_PC, .pc = ldenv(MO_64, offsetof(PowerPCCPU, nip)) });
}

/* ---- condition register ---- */

static void cr_op(const Insn *a, Val v)
{
    set_crbit(BT(a), v);
}

INSN(crand, "crand bt,ba,bb", "19:6 bt:5 ba:5 bb:5 257:10 /:1", BASE, 0) { cr_op(a, band(crbit(BA(a)), crbit(BB(a)))); }
INSN(cror, "cror bt,ba,bb", "19:6 bt:5 ba:5 bb:5 449:10 /:1", BASE, 0) { cr_op(a, bor(crbit(BA(a)), crbit(BB(a)))); }
INSN(crxor, "crxor bt,ba,bb", "19:6 bt:5 ba:5 bb:5 193:10 /:1", BASE, 0) { cr_op(a, bxor(crbit(BA(a)), crbit(BB(a)))); }
INSN(crnand, "crnand bt,ba,bb", "19:6 bt:5 ba:5 bb:5 225:10 /:1", BASE, 0) { cr_op(a, bxor(band(crbit(BA(a)), crbit(BB(a))), iconst(1))); }
INSN(crnor, "crnor bt,ba,bb", "19:6 bt:5 ba:5 bb:5 33:10 /:1", BASE, 0) { cr_op(a, bxor(bor(crbit(BA(a)), crbit(BB(a))), iconst(1))); }
INSN(creqv, "creqv bt,ba,bb", "19:6 bt:5 ba:5 bb:5 289:10 /:1", BASE, 0) { cr_op(a, bxor(bxor(crbit(BA(a)), crbit(BB(a))), iconst(1))); }
INSN(crandc, "crandc bt,ba,bb", "19:6 bt:5 ba:5 bb:5 129:10 /:1", BASE, 0) { cr_op(a, bandc(crbit(BA(a)), crbit(BB(a)))); }
INSN(crorc, "crorc bt,ba,bb", "19:6 bt:5 ba:5 bb:5 417:10 /:1", BASE, 0) { cr_op(a, bor(crbit(BA(a)), bxor(crbit(BB(a)), iconst(1)))); }

INSN(mcrf, "mcrf bf,bfa", "19:6 bf:3 /:2 bfa:3 /:2 /:5 0:10 /:1", BASE, 0)
{
    for (int i = 0; i < 4; i++) {
        set_crbit(4 * BF(a) + i, crbit(4 * BFA(a) + i));
    }
}

/* The architected word of one field at its place; both forms of move-from read through here. */
static Val crf_bits(unsigned f)
{
    Val v = shli(crbit(4 * f), 31 - 4 * f);

    for (int i = 1; i < 4; i++) {
        v = bor(v, shli(crbit(4 * f + i), 31 - 4 * f - i));
    }
    return v;
}

INSN(mfcr, "mfcr rt", "31:6 rt:5 0:1 /:9 19:10 /:1", BASE, 0)
{
    set_gpr(RT(a), CALL(helper_mfcr, "ie", IRC_READ));
}

INSN(mfocrf, "mfocrf rt,fxm", "31:6 rt:5 1:1 fxm:8 /:1 19:10 /:1", BASE, 0)
{
    unsigned fxm = FXM(a);

    if (fxm && !(fxm & (fxm - 1))) {    /* else undefined: RT keeps its value */
        set_gpr(RT(a), crf_bits(__builtin_clz(fxm) - 24));
    }
}

static void set_crf_from(Val w, unsigned f)
{
    for (int i = 0; i < 4; i++) {
        set_crbit(4 * f + i, andi(shri(w, 31 - 4 * f - i), 1));
    }
}

INSN(mtcrf, "mtcrf fxm,rs", "31:6 rs:5 0:1 fxm:8 /:1 144:10 /:1", BASE, 0)
{
    Val w = gpr(RS(a));

    for (int f = 0; f < 8; f++) {
        if (FXM(a) & 0x80 >> f) {
            set_crf_from(w, f);
        }
    }
}

INSN(mtocrf, "mtocrf fxm,rs", "31:6 rs:5 1:1 fxm:8 /:1 144:10 /:1", BASE, 0)
{
    unsigned fxm = FXM(a);

    if (fxm && !(fxm & (fxm - 1))) {
        set_crf_from(gpr(RS(a)), __builtin_clz(fxm) - 24);
    }
}

INSN(mcrxrx, "mcrxrx bf", "31:6 bf:3 /:2 /:5 /:5 576:10 /:1", ISA300, 0)
{
    set_crbit(4 * BF(a), slot_get(SLOT_OV));
    set_crbit(4 * BF(a) + 1, slot_get(SLOT_OV32));
    set_crbit(4 * BF(a) + 2, slot_get(SLOT_CA));
    set_crbit(4 * BF(a) + 3, slot_get(SLOT_CA32));
}

/* Phased out of the book since version 2.01, but the models have it all the same. */
INSN(mcrxr, "mcrxr bf", "31:6 bf:3 /:2 /:5 /:5 512:10 /:1", BASE, 0)
{
    set_crbit(4 * BF(a), slot_get(SLOT_SO));
    set_crbit(4 * BF(a) + 1, slot_get(SLOT_OV));
    set_crbit(4 * BF(a) + 2, slot_get(SLOT_CA));
    set_crbit(4 * BF(a) + 3, iconst(0));
    slot_set(SLOT_SO, iconst(0));
    slot_set(SLOT_OV, iconst(0));
    slot_set(SLOT_CA, iconst(0));
}

INSN(isel, "isel rt,ra,rb,bc", "31:6 rt:5 ra0:5 rb:5 bi:5 15:5 /:1", ISEL, 0)
{
    set_gpr(RT(a), sel(C_NE, crbit(FIELD(a, 6, 5)), iconst(0), gpr0(RA(a)), gpr(RB(a))));
}

INSN(setb, "setb rt,bfa", "31:6 rt:5 bfa:3 /:2 /:5 128:10 /:1", ISA300, 0)
{
    Val lt = crbit(4 * BFA(a)), gt = crbit(4 * BFA(a) + 1);
    set_gpr(RT(a), sel(C_NE, lt, iconst(0), iconst(-1), gt));
}
INSN(setbc, "setbc rt,bi", "31:6 rt:5 bi:5 /:5 384:10 /:1", ISA310, 0) { set_gpr(RT(a), crbit(BI(a))); }
INSN(setbcr, "setbcr rt,bi", "31:6 rt:5 bi:5 /:5 416:10 /:1", ISA310, 0) { set_gpr(RT(a), bxor(crbit(BI(a)), iconst(1))); }
INSN(setnbc, "setnbc rt,bi", "31:6 rt:5 bi:5 /:5 448:10 /:1", ISA310, 0) { set_gpr(RT(a), neg(crbit(BI(a)))); }
INSN(setnbcr, "setnbcr rt,bi", "31:6 rt:5 bi:5 /:5 480:10 /:1", ISA310, 0) { set_gpr(RT(a), addi(crbit(BI(a)), -1)); }
