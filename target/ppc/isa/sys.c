/*
 * Moves to and from system registers, cache and translation control, messages, power saving, transactions
 * (Power ISA Book II, 4.3, chapter 5; Book III, chapters 4 to 7 and 11).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa.h"
#include "target/ppc/isa/helpers.h"
#include "target/ppc/mmu.h"
#include "target/ppc/spr.h"

INSN(mfspr, "mfspr rt,spr", "31:6 rt:5 spr:10 339:10 /:1", BASE, 0) { emit_mfspr(ctx, RT(a), SPRN(a)); }
INSN(mtspr, "mtspr spr,rs", "31:6 rs:5 spr:10 467:10 /:1", BASE, 0) { emit_mtspr(ctx, RS(a), SPRN(a)); }
INSN(mftb, "mftb rt,tbr", "31:6 rt:5 tbr:10 371:10 /:1", MFTB, INSN_NOFUZZ) { emit_mfspr(ctx, RT(a), SPRN(a)); }
INSN(mfmsr, "mfmsr rt", "31:6 rt:5 /:5 /:5 83:10 /:1", BASE, INSN_SUPER | INSN_NOFUZZ)
{
    set_gpr(RT(a), ldenv(MO_64, offsetof(PowerPCCPU, msr)));
}

/*
 * MSR[EE] and MSR[RI] alone: no mode changes, and nothing has to be looked at but an interrupt that waits. One that is
 * requested from here on makes the next region leave at its start.
 */
static void to_msr_ee_ri(DisasCtx *ctx, const Insn *a)
{
    const size_t msr = offsetof(PowerPCCPU, msr);
    Val v = bor(andi(ldenv(MO_64, msr), ~(MSR_EE | MSR_RI)), andi(gpr(RS(a)), MSR_EE | MSR_RI));
    Val enabled = neg(andi(shri(v, __builtin_ctzll(MSR_EE)), 1));

    stenv(MO_64, msr, v);
    exit_if_ex(C_TSTNZ, ldenv(MO_32, offsetof(PowerPCCPU, interrupt_request)), enabled, false,
               (IrExit){ .kind = EXIT_LOOP, .target = ctx->next_pc });
}

static void to_msr(DisasCtx *ctx, const Insn *a, uint64_t mask)
{
    if (mask == (MSR_EE | MSR_RI)) {
        to_msr_ee_ri(ctx, a);
        return;
    }
    CALLV(helper_mtmsr, "veii", IRC_WRITE | IRC_RAISE | IRC_STATE, gpr(RS(a)), iconst(mask));
    end_region(ctx);
}

INSN(mtmsr, "mtmsr rs,l", "31:6 rs:5 /:4 l:1 /:5 146:10 /:1", BASE, INSN_SUPER | INSN_NOFUZZ)
{
    to_msr(ctx, a, FIELD(a, 16, 1) ? MSR_EE | MSR_RI : 0xffffffff & ~(MSR_ME | MSR_LE));
}
INSN(mtmsrd, "mtmsrd rs,l", "31:6 rs:5 /:4 l:1 /:5 178:10 /:1", 64B, INSN_SUPER | INSN_NOFUZZ)
{
    to_msr(ctx, a, FIELD(a, 16, 1) ? MSR_EE | MSR_RI : ~(MSR_HV | MSR_S | MSR_ME | MSR_LE));
}

/* ---- caches: only dcbz and icbi do anything; the others check nothing, as hints may ---- */

INSN(dcbz, "dcbz ra,rb", "31:6 /:5 ra0:5 rb:5 1014:10 /:1", CACHE_DCBZ, INSN_MEM)
{
    ir_stz(andi(ea_x(ctx, RA(a), RB(a)), ~127ull), mem_op(ctx, 0));
}
INSN(icbi, "icbi ra,rb", "31:6 /:5 ra0:5 rb:5 982:10 /:1", CACHE_ICBI, INSN_MEM)
{
    CALLV(helper_icbi, "veii", IRC_RAISE, ea_x(ctx, RA(a), RB(a)), iconst(mem_op(ctx, 0)));
}
/* dcbst, dcbf (load-like: they may fault) */
static void touch(DisasCtx *ctx, const Insn *a)
{
    Val v = mem_ld(ctx, ea_x(ctx, RA(a), RB(a)), MO_8);
    (void)v;
}
INSN(dcbst, "dcbst ra,rb", "31:6 /:5 ra0:5 rb:5 54:10 /:1", CACHE, INSN_MEM) { touch(ctx, a); }
INSN(dcbf, "dcbf ra,rb,l", "31:6 /:2 l:3 ra0:5 rb:5 86:10 /:1", CACHE, INSN_MEM) { touch(ctx, a); }
INSN(dcbt, "dcbt ra,rb,th", "31:6 th:5 ra0:5 rb:5 278:10 /:1", CACHE, INSN_MEM) { (void)a; }
INSN(dcbtst, "dcbtst ra,rb,th", "31:6 th:5 ra0:5 rb:5 246:10 /:1", CACHE, INSN_MEM) { (void)a; }
INSN(icbt, "icbt ct,ra,rb", "31:6 /:1 ct:4 ra0:5 rb:5 22:10 /:1", ISA207S, INSN_MEM) { (void)a; }
INSN(dcblc, "dcblc ct,ra,rb", "31:6 /:1 ct:4 ra0:5 rb:5 390:10 /:1", ISA207S, INSN_MEM | INSN_NOFUZZ) { (void)a; }

/* dcbi is of older books: as a store of what is there, for its faults. */
INSN(dcbi, "dcbi ra,rb", "31:6 /:5 ra0:5 rb:5 470:10 /:1", BASE, INSN_SUPER | INSN_MEM | INSN_NOFUZZ)
{
    Val ea = ea_x(ctx, RA(a), RB(a));

    mem_st(ctx, ea, mem_ld(ctx, ea, MO_8), MO_8);
}

/*
 * Reserved no-ops (Book I, 1.8.3): opcodes that new instructions may take which older processors can do without.
 * hashst and its family are four of them, so that programs which use them run on every model.
 */
INSN(reserved_nop, "reserved-nop", "31:6 /:15 2:2 n:3 18:5 /:1", BASE, 0) { (void)a; }

INSN(copy, "copy ra,rb", "31:6 /:4 1:1 ra:5 rb:5 774:10 /:1", ISA300, INSN_MEM | INSN_NOFUZZ)
{
    /* No accelerator is attached: the copy buffer goes nowhere, and paste. says so. */
    touch(ctx, a);
}
INSN(paste_, "paste. ra,rb,l", "31:6 /:4 l:1 ra:5 rb:5 902:10 1:1", ISA300, INSN_MEM | INSN_NOFUZZ)
{
    set_crf(0, slot_get(SLOT_SO));
}
INSN(cp_abort, "cpabort", "31:6 /:5 /:5 /:5 838:10 /:1", ISA300, 0) { (void)a; }

/* ---- translation ---- */

#define TLB_FLAGS (IRC_WRITE | IRC_RAISE | IRC_STATE)

INSN(slbmte, "slbmte rs,rb", "31:6 rs:5 /:5 rb:5 402:10 /:1", SLBI, INSN_SUPER | INSN_NOFUZZ)
{
    CALLV(helper_slbmte, "veii", TLB_FLAGS, gpr(RS(a)), gpr(RB(a)));
}
INSN(slbmfee, "slbmfee rt,rb", "31:6 rt:5 /:4 l:1 rb:5 915:10 /:1", SLBI, INSN_SUPER | INSN_NOFUZZ)
{
    set_gpr(RT(a), CALL(helper_slbmfee, "iei", IRC_STATE, gpr(RB(a))));
}
INSN(slbmfev, "slbmfev rt,rb", "31:6 rt:5 /:4 l:1 rb:5 851:10 /:1", SLBI, INSN_SUPER | INSN_NOFUZZ)
{
    set_gpr(RT(a), CALL(helper_slbmfev, "iei", IRC_STATE, gpr(RB(a))));
}
INSN(slbfee_, "slbfee. rt,rb", "31:6 rt:5 /:5 rb:5 979:10 1:1", SLBI, INSN_SUPER | INSN_NOFUZZ)
{
    Val r = CALL(helper_slbfee, "iei", IRC_STATE, gpr(RB(a)));
    set_gpr(RT(a), sel(C_EQ, r, iconst(-1), iconst(0), r));
    set_crf(0, bor(shli(setcond(C_NE, r, iconst(-1)), 1), slot_get(SLOT_SO)));
}
INSN(slbie, "slbie rb", "31:6 /:5 /:5 rb:5 434:10 /:1", SLBI, INSN_SUPER | INSN_NOFUZZ) { CALLV(helper_slbie, "vei", TLB_FLAGS, gpr(RB(a))); }
INSN(slbieg, "slbieg rs,rb", "31:6 rs:5 /:5 rb:5 466:10 /:1", ISA300, INSN_SUPER | INSN_NOFUZZ) { CALLV(helper_slbieg, "vei", TLB_FLAGS, gpr(RB(a))); }
INSN(slbia, "slbia ih", "31:6 /:2 ih:3 /:5 /:5 498:10 /:1", SLBI, INSN_SUPER | INSN_NOFUZZ) { CALLV(helper_slbia, "vei", TLB_FLAGS, iconst(FIELD(a, 21, 3))); }
INSN(slbiag, "slbiag rs,l", "31:6 rs:5 /:4 l:1 /:5 850:10 /:1", ISA300, INSN_SUPER | INSN_NOFUZZ) { CALLV(helper_slbia, "vei", TLB_FLAGS, iconst(0)); }
INSN(slbsync, "slbsync", "31:6 /:5 /:5 /:5 338:10 /:1", ISA300, INSN_SUPER | INSN_NOFUZZ) { (void)a; }
INSN(mtsr, "mtsr sr,rs", "31:6 rs:5 /:1 sr:4 /:5 210:10 /:1", SEGMENT_64B, INSN_SUPER | INSN_NOFUZZ) { CALLV(helper_mtsr, "veii", TLB_FLAGS, iconst(FIELD(a, 16, 4)), gpr(RS(a))); }
INSN(mtsrin, "mtsrin rs,rb", "31:6 rs:5 /:5 rb:5 242:10 /:1", SEGMENT_64B, INSN_SUPER | INSN_NOFUZZ) { CALLV(helper_mtsr, "veii", TLB_FLAGS, andi(shri(gpr(RB(a)), 28), 15), gpr(RS(a))); }
INSN(mfsr, "mfsr rt,sr", "31:6 rt:5 /:1 sr:4 /:5 595:10 /:1", SEGMENT_64B, INSN_SUPER | INSN_NOFUZZ) { set_gpr(RT(a), CALL(helper_mfsr, "iei", IRC_STATE, iconst(FIELD(a, 16, 4)))); }
INSN(mfsrin, "mfsrin rt,rb", "31:6 rt:5 /:5 rb:5 659:10 /:1", SEGMENT_64B, INSN_SUPER | INSN_NOFUZZ) { set_gpr(RT(a), CALL(helper_mfsr, "iei", IRC_STATE, andi(shri(gpr(RB(a)), 28), 15))); }

/* tlbie: privileged when the hypervisor lets the guest (LPCR[GTSE]), otherwise hypervisor-privileged */
static void tlbie(DisasCtx *ctx, const Insn *a, bool local)
{
    if (ctx->pr || (!local && !ctx->hv && !(ctx->flags & RF_GTSE))) {
        raise_program(ctx, PROG_PRIV);
        return;
    }
    /* RIC PRS R of ISA 3.0; older forms have L where R is */
    Val kind = iconst(FIELD(a, 18, 2) << 4 | FIELD(a, 17, 1) << 1 | FIELD(a, 16, 1) | (unsigned)local << 8);
    CALLV(helper_tlbie, "veiii", TLB_FLAGS, gpr(RS(a)), gpr(RB(a)), kind);
}
INSN(tlbie, "tlbie rb,rs,ric,prs,r", "31:6 rs:5 /:1 ric:2 prs:1 r:1 rb:5 306:10 /:1", MEM_TLBIE, INSN_NOFUZZ) { tlbie(ctx, a, false); }
INSN(tlbiel, "tlbiel rb,rs,ric,prs,r", "31:6 rs:5 /:1 ric:2 prs:1 r:1 rb:5 274:10 /:1", MEM_TLBIE, INSN_NOFUZZ) { tlbie(ctx, a, true); }
INSN(tlbsync, "tlbsync", "31:6 /:5 /:5 /:5 566:10 /:1", MEM_TLBSYNC, 0)
{
    if (ctx->pr) {
        raise_program(ctx, PROG_PRIV);
    }
}

/* ---- messages ---- */

INSN(msgsnd, "msgsnd rb", "31:6 /:5 /:5 rb:5 206:10 /:1", ISA207S, INSN_HV | INSN_NOFUZZ) { CALLV(helper_msgsnd, "vei", IRC_STATE, gpr(RB(a))); }
INSN(msgclr, "msgclr rb", "31:6 /:5 /:5 rb:5 238:10 /:1", ISA207S, INSN_HV | INSN_NOFUZZ) { CALLV(helper_msgclr, "vei", IRC_STATE, gpr(RB(a))); }
INSN(msgsndp, "msgsndp rb", "31:6 /:5 /:5 rb:5 142:10 /:1", ISA207S, INSN_SUPER | INSN_NOFUZZ) { CALLV(helper_msgsndp, "vei", IRC_STATE, gpr(RB(a))); }
INSN(msgclrp, "msgclrp rb", "31:6 /:5 /:5 rb:5 174:10 /:1", ISA207S, INSN_SUPER | INSN_NOFUZZ) { CALLV(helper_msgclrp, "vei", IRC_STATE, gpr(RB(a))); }
INSN(msgsync, "msgsync", "31:6 /:5 /:5 /:5 886:10 /:1", ISA300, INSN_HV | INSN_NOFUZZ) { ir_fence(true); }

/* ---- power saving ---- */

static void power_save(DisasCtx *ctx)
{
    CALLV(helper_power_save, "vei", IRC_WRITE | IRC_RAISE | IRC_STATE, iconst(ctx->next_pc));
    end_region(ctx);
}
INSN(doze, "doze", "19:6 /:5 /:5 /:5 402:10 /:1", PM206, INSN_HV | INSN_UNTRACED | INSN_NOFUZZ) { power_save(ctx); }
INSN(nap, "nap", "19:6 /:5 /:5 /:5 434:10 /:1", PM206, INSN_HV | INSN_UNTRACED | INSN_NOFUZZ) { power_save(ctx); }
INSN(sleep, "sleep", "19:6 /:5 /:5 /:5 466:10 /:1", PM206, INSN_HV | INSN_UNTRACED | INSN_NOFUZZ) { power_save(ctx); }
INSN(rvwinkle, "rvwinkle", "19:6 /:5 /:5 /:5 498:10 /:1", PM206, INSN_HV | INSN_UNTRACED | INSN_NOFUZZ) { power_save(ctx); }
INSN(stop, "stop", "19:6 /:5 /:5 /:5 370:10 /:1", ISA300, INSN_SUPER | INSN_UNTRACED | INSN_NOFUZZ) { power_save(ctx); }
/* Never enabled (HID): illegal, whoever asks. */
INSN(attn, "attn", "0:6 /:15 256:10 /:1", BASE, INSN_NOFUZZ) { raise_program(ctx, PROG_INVAL); }
INSN(clrbhrb, "clrbhrb", "31:6 /:5 /:5 /:5 430:10 /:1", ISA207S, INSN_NOFUZZ) { (void)a; }
INSN(mfbhrbe, "mfbhrbe rt,bhrbe", "31:6 rt:5 bhrbe:10 302:10 /:1", ISA207S, INSN_NOFUZZ) { set_gpr(RT(a), iconst(0)); }

/* ---- transactional memory ---- */

INSN(tbegin_, "tbegin. r", "31:6 /:1 /:3 r:1 /:5 /:5 654:10 1:1", TM, INSN_TM)
{
    CALLV(helper_tbegin, "ve", IRC_WRITE | IRC_STATE);
}
/* Outside a transaction, which is always: CR0 = 0 || MSR[TS] || 0. */
static void tm_noop(DisasCtx *ctx, const Insn *a)
{
    set_crf(0, iconst(0));
}
INSN(tend_, "tend[all]. a", "31:6 a:1 /:9 /:5 686:10 1:1", TM, INSN_TM) { tm_noop(ctx, a); }
INSN(tabort_, "tabort. ra", "31:6 /:5 ra:5 /:5 910:10 1:1", TM, INSN_TM) { tm_noop(ctx, a); }
INSN(tabortwc_, "tabortwc. to,ra,rb", "31:6 to:5 ra:5 rb:5 782:10 1:1", TM, INSN_TM) { tm_noop(ctx, a); }
INSN(tabortwci_, "tabortwci. to,ra,si", "31:6 to:5 ra:5 si:5 846:10 1:1", TM, INSN_TM) { tm_noop(ctx, a); }
INSN(tabortdc_, "tabortdc. to,ra,rb", "31:6 to:5 ra:5 rb:5 814:10 1:1", TM, INSN_TM) { tm_noop(ctx, a); }
INSN(tabortdci_, "tabortdci. to,ra,si", "31:6 to:5 ra:5 si:5 878:10 1:1", TM, INSN_TM) { tm_noop(ctx, a); }
INSN(tsr_, "tsr. l", "31:6 /:4 l:1 /:5 /:5 750:10 1:1", TM, INSN_TM) { tm_noop(ctx, a); }
INSN(tcheck, "tcheck bf", "31:6 bf:3 /:2 /:5 /:5 718:10 /:1", TM, INSN_TM) { set_crf(BF(a), iconst(8)); }
/* There is no transaction to reclaim, and none to go back to that no failure recorded (FS of TEXASR): TM Bad Thing. */
INSN(treclaim_, "treclaim. ra", "31:6 /:5 ra:5 /:5 942:10 1:1", TM, INSN_TM | INSN_SUPER | INSN_NOFUZZ) { raise_program(ctx, PROG_TMBAD); }
INSN(trechkpt_, "trechkpt.", "31:6 /:5 /:5 /:5 1006:10 1:1", TM, INSN_TM | INSN_SUPER | INSN_NOFUZZ)
{
    Val texasr = ldenv(MO_64, offsetof(PowerPCCPU, spr) + 8 * SPR_TEXASR);

    raise_if(C_EQ, andi(texasr, 1ull << 27), iconst(0), false, EXCP_PROGRAM, PROG_TMBAD);
    tm_noop(ctx, a);
}

/* ---- data streams of the first VMX processors: hints, kept as no-ops (Book II, appendix) ---- */

INSN(dst, "dst[t] ra,rb,strm", "31:6 t:1 /:2 strm:2 ra:5 rb:5 342:10 /:1", ALTIVEC, 0) { (void)a; }
INSN(dstst, "dstst[t] ra,rb,strm", "31:6 t:1 /:2 strm:2 ra:5 rb:5 374:10 /:1", ALTIVEC, 0) { (void)a; }
INSN(dss, "dss[all] strm", "31:6 a:1 /:2 strm:2 /:5 /:5 822:10 /:1", ALTIVEC, 0) { (void)a; }
