/*
 * Decimal floating point (Power ISA Book I, chapter 5): every operation is the exact library's
 * (fp/dfpop.h). An Extended operand is an even-odd pair of FPRs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/fp/dfpop.h"
#include "target/ppc/fp/fplazy.h"
#include "target/ppc/isa.h"

/* A quadword is a pair of FPRs too, or a whole VR. */
static bool is_pair(DfpFmtId fmt, unsigned n)
{
    return fmt == DFF_X || fmt == DFF_LP || (fmt == DFF_Q && n < 32);
}

static u128 operand(const V128 *vsr, unsigned n, DfpFmtId fmt)
{
    if (is_pair(fmt, n)) {
        return (u128)V_D(vsr[n], 0) << 64 | V_D(vsr[n + 1], 0);
    }
    return fmt == DFF_Q ? vsr[n].q : V_D(vsr[n], 0);
}

static void put(V128 *vsr, unsigned n, DfpFmtId fmt, u128 v)
{
    if (is_pair(fmt, n)) {
        vsr[n] = v128_make((uint64_t)(v >> 64), 0);
        vsr[n + 1] = v128_make((uint64_t)v, 0);
    } else if (fmt == DFF_Q) {
        vsr[n].q = v;
    } else {
        vsr[n] = v128_make((uint64_t)v, 0);
    }
}

static void helper_dfp(PowerPCCPU *cpu, uint64_t desc64, uint64_t regs)
{
    uint32_t desc = (uint32_t)desc64;
    unsigned t = regs & 63, upd = dfpop_update(desc), fprf = 0;
    bool raised, wrapped;
    DecCtx c;
    u128 r;

    fp_sync_in_helper(cpu);
    c = dec_ctx(cpu->fpscr);
    r = dfpop_eval(&c, desc, operand(cpu->vsr, regs >> 6 & 63, DFD_A(desc)),
                   operand(cpu->vsr, regs >> 12 & 63, DFD_B(desc)), &fprf, &wrapped);
    if (upd == FPSCR_UPD_FPCC) {
        ppc_set_crf(cpu, t, (unsigned)r);
    } else if (fpscr_suppressed(c.flags, c.enables)) {
        upd &= ~FPSCR_UPD_FPRF;
    } else {
        DfpFmtId ft = wrapped ? DFD_B(desc) : DFD_DST(desc);

        put(cpu->vsr, t, ft, ft == DFF_LP ? r << 64 : r);
    }
    cpu->fpscr = fpscr_apply(cpu->fpscr, c.flags, upd, fprf, &raised);
    if (regs & FP_REGS_RC) {
        ppc_set_crf(cpu, 1, cpu->fpscr >> 28 & 15);
    }
    fp_raise_if_enabled(cpu, raised);
}

static void dfp(DisasCtx *ctx, DfpOp op, DfpFmtId fa, DfpFmtId fb, DfpFmtId ft, unsigned rm, unsigned imm,
                unsigned t, unsigned a, unsigned b, bool rc)
{
    bool writes = op < DFO_CMPU;

    /* An odd register cannot begin a pair: an invalid form. */
    if ((is_pair(fa, a) && (a & 1)) || (is_pair(fb, b) && (b & 1)) || (writes && is_pair(ft, t) && (t & 1))) {
        raise_program(ctx, PROG_INVAL);
        return;
    }
    CALLV(helper_dfp, "veii", IRC_WRITE | IRC_RAISE | IRC_STATE, iconst(DFPDESC(op, fa, fb, ft, rm, imm)),
          iconst(FP_REGS(t, a, b, 0) | (rc ? FP_REGS_RC : 0)));
}

/* FRT, FRA, FRB */
static void arithmetic(DisasCtx *ctx, const Insn *a, DfpOp op, DfpFmtId f)
{
    dfp(ctx, op, f, f, f, DFR_CURRENT, 0, RT(a), RA(a), RB(a), RC(a));
}

static void unary(DisasCtx *ctx, const Insn *a, DfpOp op, DfpFmtId fb, DfpFmtId ft, unsigned imm)
{
    dfp(ctx, op, DFF_D, fb, ft, DFR_CURRENT, imm, RT(a), 0, RB(a), RC(a));
}

static void compare(DisasCtx *ctx, const Insn *a, DfpOp op, DfpFmtId fa, DfpFmtId fb)
{
    dfp(ctx, op, fa, fb, DFF_D, DFR_CURRENT, 0, BF(a), RA(a), RB(a), false);
}

static void test_data(DisasCtx *ctx, const Insn *a, DfpOp op, DfpFmtId fa)
{
    dfp(ctx, op, fa, DFF_D, DFF_D, DFR_CURRENT, FIELD(a, 10, 6), BF(a), RA(a), 0, false);
}

static unsigned primary_rmc(const Insn *a)
{
    static const uint8_t mode[] = { DEC_NEAREST_EVEN, DEC_TO_ZERO, DEC_NEAREST_AWAY, DFR_CURRENT };

    return mode[FIELD(a, 9, 2)];
}

/* Where the instruction has R: with R = 1 the other four modes. */
static unsigned rmc(const Insn *a)
{
    static const uint8_t secondary[] = { DEC_UP, DEC_DOWN, DEC_AWAY, DEC_NEAREST_TO_ZERO };

    return FIELD(a, 16, 1) ? secondary[FIELD(a, 9, 2)] : primary_rmc(a);
}

/* ---- arithmetic (5.6.1) ---- */

INSN(dadd, "dadd[.] frt,fra,frb", "59:6 frt:5 fra:5 frb:5 2:10 rc:1", DFP, INSN_FP)
{
    arithmetic(ctx, a, DFO_ADD, DFF_L);
}

INSN(daddq, "daddq[.] frtp,frap,frbp", "63:6 frtp:5 frap:5 frbp:5 2:10 rc:1", DFP, INSN_FP)
{
    arithmetic(ctx, a, DFO_ADD, DFF_X);
}

INSN(dsub, "dsub[.] frt,fra,frb", "59:6 frt:5 fra:5 frb:5 514:10 rc:1", DFP, INSN_FP)
{
    arithmetic(ctx, a, DFO_SUB, DFF_L);
}

INSN(dsubq, "dsubq[.] frtp,frap,frbp", "63:6 frtp:5 frap:5 frbp:5 514:10 rc:1", DFP, INSN_FP)
{
    arithmetic(ctx, a, DFO_SUB, DFF_X);
}

INSN(dmul, "dmul[.] frt,fra,frb", "59:6 frt:5 fra:5 frb:5 34:10 rc:1", DFP, INSN_FP)
{
    arithmetic(ctx, a, DFO_MUL, DFF_L);
}

INSN(dmulq, "dmulq[.] frtp,frap,frbp", "63:6 frtp:5 frap:5 frbp:5 34:10 rc:1", DFP, INSN_FP)
{
    arithmetic(ctx, a, DFO_MUL, DFF_X);
}

INSN(ddiv, "ddiv[.] frt,fra,frb", "59:6 frt:5 fra:5 frb:5 546:10 rc:1", DFP, INSN_FP)
{
    arithmetic(ctx, a, DFO_DIV, DFF_L);
}

INSN(ddivq, "ddivq[.] frtp,frap,frbp", "63:6 frtp:5 frap:5 frbp:5 546:10 rc:1", DFP, INSN_FP)
{
    arithmetic(ctx, a, DFO_DIV, DFF_X);
}

/* ---- compare (5.6.2) and test (5.6.3) ---- */

INSN(dcmpu, "dcmpu bf,fra,frb", "59:6 bf:3 /:2 fra:5 frb:5 642:10 /:1", DFP, INSN_FP)
{
    compare(ctx, a, DFO_CMPU, DFF_L, DFF_L);
}

INSN(dcmpuq, "dcmpuq bf,frap,frbp", "63:6 bf:3 /:2 frap:5 frbp:5 642:10 /:1", DFP, INSN_FP)
{
    compare(ctx, a, DFO_CMPU, DFF_X, DFF_X);
}

INSN(dcmpo, "dcmpo bf,fra,frb", "59:6 bf:3 /:2 fra:5 frb:5 130:10 /:1", DFP, INSN_FP)
{
    compare(ctx, a, DFO_CMPO, DFF_L, DFF_L);
}

INSN(dcmpoq, "dcmpoq bf,frap,frbp", "63:6 bf:3 /:2 frap:5 frbp:5 130:10 /:1", DFP, INSN_FP)
{
    compare(ctx, a, DFO_CMPO, DFF_X, DFF_X);
}

INSN(dtstex, "dtstex bf,fra,frb", "59:6 bf:3 /:2 fra:5 frb:5 162:10 /:1", DFP, INSN_FP)
{
    compare(ctx, a, DFO_TSTEX, DFF_L, DFF_L);
}

INSN(dtstexq, "dtstexq bf,frap,frbp", "63:6 bf:3 /:2 frap:5 frbp:5 162:10 /:1", DFP, INSN_FP)
{
    compare(ctx, a, DFO_TSTEX, DFF_X, DFF_X);
}

INSN(dtstdc, "dtstdc bf,fra,dcm", "59:6 bf:3 /:2 fra:5 dcm:6 194:9 /:1", DFP, INSN_FP)
{
    test_data(ctx, a, DFO_TSTDC, DFF_L);
}

INSN(dtstdcq, "dtstdcq bf,frap,dcm", "63:6 bf:3 /:2 frap:5 dcm:6 194:9 /:1", DFP, INSN_FP)
{
    test_data(ctx, a, DFO_TSTDC, DFF_X);
}

INSN(dtstdg, "dtstdg bf,fra,dgm", "59:6 bf:3 /:2 fra:5 dgm:6 226:9 /:1", DFP, INSN_FP)
{
    test_data(ctx, a, DFO_TSTDG, DFF_L);
}

INSN(dtstdgq, "dtstdgq bf,frap,dgm", "63:6 bf:3 /:2 frap:5 dgm:6 226:9 /:1", DFP, INSN_FP)
{
    test_data(ctx, a, DFO_TSTDG, DFF_X);
}

INSN(dtstsf, "dtstsf bf,fra,frb", "59:6 bf:3 /:2 fra:5 frb:5 674:10 /:1", DFP, INSN_FP)
{
    compare(ctx, a, DFO_TSTSF, DFF_D, DFF_L);
}

INSN(dtstsfq, "dtstsfq bf,fra,frbp", "63:6 bf:3 /:2 fra:5 frbp:5 674:10 /:1", DFP, INSN_FP)
{
    compare(ctx, a, DFO_TSTSF, DFF_D, DFF_X);
}

INSN(dtstsfi, "dtstsfi bf,uim,frb", "59:6 bf:3 /:1 uim:6 frb:5 675:10 /:1", ISA300, INSN_FP)
{
    dfp(ctx, DFO_TSTSFI, DFF_D, DFF_L, DFF_D, DFR_CURRENT, FIELD(a, 16, 6), BF(a), 0, RB(a), false);
}

INSN(dtstsfiq, "dtstsfiq bf,uim,frbp", "63:6 bf:3 /:1 uim:6 frbp:5 675:10 /:1", ISA300, INSN_FP)
{
    dfp(ctx, DFO_TSTSFI, DFF_D, DFF_X, DFF_D, DFR_CURRENT, FIELD(a, 16, 6), BF(a), 0, RB(a), false);
}

/* ---- quantum adjustment (5.6.4) ---- */

INSN(dquai, "dquai[.] te,frt,frb,rmc", "59:6 frt:5 te:5 frb:5 rmc:2 67:8 rc:1", DFP, INSN_FP)
{
    dfp(ctx, DFO_QUAI, DFF_D, DFF_L, DFF_L, primary_rmc(a), FIELD(a, 16, 5), RT(a), 0, RB(a), RC(a));
}

INSN(dquaiq, "dquaiq[.] te,frtp,frbp,rmc", "63:6 frtp:5 te:5 frbp:5 rmc:2 67:8 rc:1", DFP, INSN_FP)
{
    dfp(ctx, DFO_QUAI, DFF_D, DFF_X, DFF_X, primary_rmc(a), FIELD(a, 16, 5), RT(a), 0, RB(a), RC(a));
}

INSN(dqua, "dqua[.] frt,fra,frb,rmc", "59:6 frt:5 fra:5 frb:5 rmc:2 3:8 rc:1", DFP, INSN_FP)
{
    dfp(ctx, DFO_QUA, DFF_L, DFF_L, DFF_L, primary_rmc(a), 0, RT(a), RA(a), RB(a), RC(a));
}

INSN(dquaq, "dquaq[.] frtp,frap,frbp,rmc", "63:6 frtp:5 frap:5 frbp:5 rmc:2 3:8 rc:1", DFP, INSN_FP)
{
    dfp(ctx, DFO_QUA, DFF_X, DFF_X, DFF_X, primary_rmc(a), 0, RT(a), RA(a), RB(a), RC(a));
}

INSN(drrnd, "drrnd[.] frt,fra,frb,rmc", "59:6 frt:5 fra:5 frb:5 rmc:2 35:8 rc:1", DFP, INSN_FP)
{
    dfp(ctx, DFO_RRND, DFF_D, DFF_L, DFF_L, primary_rmc(a), 0, RT(a), RA(a), RB(a), RC(a));
}

INSN(drrndq, "drrndq[.] frtp,fra,frbp,rmc", "63:6 frtp:5 fra:5 frbp:5 rmc:2 35:8 rc:1", DFP, INSN_FP)
{
    dfp(ctx, DFO_RRND, DFF_D, DFF_X, DFF_X, primary_rmc(a), 0, RT(a), RA(a), RB(a), RC(a));
}

INSN(drintx, "drintx[.] r,frt,frb,rmc", "59:6 frt:5 /:4 r:1 frb:5 rmc:2 99:8 rc:1", DFP, INSN_FP)
{
    dfp(ctx, DFO_RINTX, DFF_D, DFF_L, DFF_L, rmc(a), 0, RT(a), 0, RB(a), RC(a));
}

INSN(drintxq, "drintxq[.] r,frtp,frbp,rmc", "63:6 frtp:5 /:4 r:1 frbp:5 rmc:2 99:8 rc:1", DFP, INSN_FP)
{
    dfp(ctx, DFO_RINTX, DFF_D, DFF_X, DFF_X, rmc(a), 0, RT(a), 0, RB(a), RC(a));
}

INSN(drintn, "drintn[.] r,frt,frb,rmc", "59:6 frt:5 /:4 r:1 frb:5 rmc:2 227:8 rc:1", DFP, INSN_FP)
{
    dfp(ctx, DFO_RINTN, DFF_D, DFF_L, DFF_L, rmc(a), 0, RT(a), 0, RB(a), RC(a));
}

INSN(drintnq, "drintnq[.] r,frtp,frbp,rmc", "63:6 frtp:5 /:4 r:1 frbp:5 rmc:2 227:8 rc:1", DFP, INSN_FP)
{
    dfp(ctx, DFO_RINTN, DFF_D, DFF_X, DFF_X, rmc(a), 0, RT(a), 0, RB(a), RC(a));
}

/* ---- conversion (5.6.5) ---- */

INSN(dctdp, "dctdp[.] frt,frb", "59:6 frt:5 /:5 frb:5 258:10 rc:1", DFP, INSN_FP)
{
    unary(ctx, a, DFO_WIDEN, DFF_S, DFF_L, 0);
}

INSN(dctqpq, "dctqpq[.] frtp,frb", "63:6 frtp:5 /:5 frb:5 258:10 rc:1", DFP, INSN_FP)
{
    unary(ctx, a, DFO_WIDEN, DFF_L, DFF_X, 0);
}

INSN(drsp, "drsp[.] frt,frb", "59:6 frt:5 /:5 frb:5 770:10 rc:1", DFP, INSN_FP)
{
    unary(ctx, a, DFO_SHORTEN, DFF_L, DFF_S, 0);
}

INSN(drdpq, "drdpq[.] frtp,frbp", "63:6 frtp:5 /:5 frbp:5 770:10 rc:1", DFP, INSN_FP)
{
    unary(ctx, a, DFO_SHORTEN, DFF_X, DFF_LP, 0);
}

INSN(dcffix, "dcffix[.] frt,frb", "59:6 frt:5 /:5 frb:5 802:10 rc:1", DFP, INSN_FP)
{
    unary(ctx, a, DFO_FROM_INT, DFF_D, DFF_L, 0);
}

INSN(dcffixq, "dcffixq[.] frtp,frb", "63:6 frtp:5 /:5 frb:5 802:10 rc:1", DFP, INSN_FP)
{
    unary(ctx, a, DFO_FROM_INT, DFF_D, DFF_X, 0);
}

INSN(dctfix, "dctfix[.] frt,frb", "59:6 frt:5 /:5 frb:5 290:10 rc:1", DFP, INSN_FP)
{
    unary(ctx, a, DFO_TO_INT, DFF_L, DFF_D, 0);
}

INSN(dctfixq, "dctfixq[.] frt,frbp", "63:6 frt:5 /:5 frbp:5 290:10 rc:1", DFP, INSN_FP)
{
    unary(ctx, a, DFO_TO_INT, DFF_X, DFF_D, 0);
}

INSN(dcffixqq, "dcffixqq frtp,vrb", "63:6 frtp:5 0:5 vrb:5 994:10 /:1", ISA310, INSN_FP | INSN_VEC)
{
    dfp(ctx, DFO_FROM_INT, DFF_D, DFF_Q, DFF_X, DFR_CURRENT, 0, RT(a), 0, 32 + RB(a), false);
}

INSN(dctfixqq, "dctfixqq vrt,frbp", "63:6 vrt:5 1:5 frbp:5 994:10 /:1", ISA310, INSN_FP | INSN_VEC)
{
    dfp(ctx, DFO_TO_INT, DFF_D, DFF_X, DFF_Q, DFR_CURRENT, 0, 32 + RT(a), 0, RB(a), false);
}

/* ---- format (5.6.6) ---- */

INSN(ddedpd, "ddedpd[.] sp,frt,frb", "59:6 frt:5 sp:2 /:3 frb:5 322:10 rc:1", DFP, INSN_FP)
{
    unary(ctx, a, DFO_DEDPD, DFF_L, DFF_D, FIELD(a, 19, 2));
}

INSN(ddedpdq, "ddedpdq[.] sp,frtp,frbp", "63:6 frtp:5 sp:2 /:3 frbp:5 322:10 rc:1", DFP, INSN_FP)
{
    unary(ctx, a, DFO_DEDPD, DFF_X, DFF_Q, FIELD(a, 19, 2));
}

INSN(denbcd, "denbcd[.] s,frt,frb", "59:6 frt:5 s:1 /:4 frb:5 834:10 rc:1", DFP, INSN_FP)
{
    unary(ctx, a, DFO_ENBCD, DFF_D, DFF_L, FIELD(a, 20, 1));
}

INSN(denbcdq, "denbcdq[.] s,frtp,frbp", "63:6 frtp:5 s:1 /:4 frbp:5 834:10 rc:1", DFP, INSN_FP)
{
    unary(ctx, a, DFO_ENBCD, DFF_Q, DFF_X, FIELD(a, 20, 1));
}

INSN(dxex, "dxex[.] frt,frb", "59:6 frt:5 /:5 frb:5 354:10 rc:1", DFP, INSN_FP)
{
    unary(ctx, a, DFO_XEX, DFF_L, DFF_D, 0);
}

INSN(dxexq, "dxexq[.] frt,frbp", "63:6 frt:5 /:5 frbp:5 354:10 rc:1", DFP, INSN_FP)
{
    unary(ctx, a, DFO_XEX, DFF_X, DFF_D, 0);
}

INSN(diex, "diex[.] frt,fra,frb", "59:6 frt:5 fra:5 frb:5 866:10 rc:1", DFP, INSN_FP)
{
    dfp(ctx, DFO_IEX, DFF_D, DFF_L, DFF_L, DFR_CURRENT, 0, RT(a), RA(a), RB(a), RC(a));
}

INSN(diexq, "diexq[.] frtp,fra,frbp", "63:6 frtp:5 fra:5 frbp:5 866:10 rc:1", DFP, INSN_FP)
{
    dfp(ctx, DFO_IEX, DFF_D, DFF_X, DFF_X, DFR_CURRENT, 0, RT(a), RA(a), RB(a), RC(a));
}

INSN(dscli, "dscli[.] frt,fra,sh", "59:6 frt:5 fra:5 sh:6 66:9 rc:1", DFP, INSN_FP)
{
    dfp(ctx, DFO_SCL, DFF_L, DFF_D, DFF_L, DFR_CURRENT, FIELD(a, 10, 6), RT(a), RA(a), 0, RC(a));
}

INSN(dscliq, "dscliq[.] frtp,frap,sh", "63:6 frtp:5 frap:5 sh:6 66:9 rc:1", DFP, INSN_FP)
{
    dfp(ctx, DFO_SCL, DFF_X, DFF_D, DFF_X, DFR_CURRENT, FIELD(a, 10, 6), RT(a), RA(a), 0, RC(a));
}

INSN(dscri, "dscri[.] frt,fra,sh", "59:6 frt:5 fra:5 sh:6 98:9 rc:1", DFP, INSN_FP)
{
    dfp(ctx, DFO_SCR, DFF_L, DFF_D, DFF_L, DFR_CURRENT, FIELD(a, 10, 6), RT(a), RA(a), 0, RC(a));
}

INSN(dscriq, "dscriq[.] frtp,frap,sh", "63:6 frtp:5 frap:5 sh:6 98:9 rc:1", DFP, INSN_FP)
{
    dfp(ctx, DFO_SCR, DFF_X, DFF_D, DFF_X, DFR_CURRENT, FIELD(a, 10, 6), RT(a), RA(a), 0, RC(a));
}
