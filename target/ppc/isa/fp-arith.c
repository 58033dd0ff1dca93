/*
 * Floating-point arithmetic, rounding and conversion on FPRs (Power ISA Book I, 4.6.6 to 4.6.9).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa/fp-emit.h"

INSN(fadd, "fadd[.] frt,fra,frb", "63:6 frt:5 fra:5 frb:5 /:5 21:5 rc:1", FLOAT, INSN_FP)
{
    fp_scalar(ctx, DP(ADD), RT(a), RA(a), RB(a), 0, RC(a));
}

INSN(fadds, "fadds[.] frt,fra,frb", "59:6 frt:5 fra:5 frb:5 /:5 21:5 rc:1", FLOAT, INSN_FP)
{
    fp_scalar(ctx, SP(ADD), RT(a), RA(a), RB(a), 0, RC(a));
}

INSN(fsub, "fsub[.] frt,fra,frb", "63:6 frt:5 fra:5 frb:5 /:5 20:5 rc:1", FLOAT, INSN_FP)
{
    fp_scalar(ctx, DP(SUB), RT(a), RA(a), RB(a), 0, RC(a));
}

INSN(fsubs, "fsubs[.] frt,fra,frb", "59:6 frt:5 fra:5 frb:5 /:5 20:5 rc:1", FLOAT, INSN_FP)
{
    fp_scalar(ctx, SP(SUB), RT(a), RA(a), RB(a), 0, RC(a));
}

INSN(fdiv, "fdiv[.] frt,fra,frb", "63:6 frt:5 fra:5 frb:5 /:5 18:5 rc:1", FLOAT, INSN_FP)
{
    fp_scalar(ctx, DP(DIV), RT(a), RA(a), RB(a), 0, RC(a));
}

INSN(fdivs, "fdivs[.] frt,fra,frb", "59:6 frt:5 fra:5 frb:5 /:5 18:5 rc:1", FLOAT, INSN_FP)
{
    fp_scalar(ctx, SP(DIV), RT(a), RA(a), RB(a), 0, RC(a));
}

INSN(fmul, "fmul[.] frt,fra,frc", "63:6 frt:5 fra:5 /:5 frc:5 25:5 rc:1", FLOAT, INSN_FP)
{
    fp_scalar(ctx, DP(MUL), RT(a), RA(a), RC_(a), 0, RC(a));
}

INSN(fmuls, "fmuls[.] frt,fra,frc", "59:6 frt:5 fra:5 /:5 frc:5 25:5 rc:1", FLOAT, INSN_FP)
{
    fp_scalar(ctx, SP(MUL), RT(a), RA(a), RC_(a), 0, RC(a));
}

INSN(fmadd, "fmadd[.] frt,fra,frc,frb", "63:6 frt:5 fra:5 frb:5 frc:5 29:5 rc:1", FLOAT, INSN_FP)
{
    fp_scalar(ctx, DP(MADD), RT(a), RA(a), RB(a), RC_(a), RC(a));
}

INSN(fmadds, "fmadds[.] frt,fra,frc,frb", "59:6 frt:5 fra:5 frb:5 frc:5 29:5 rc:1", FLOAT, INSN_FP)
{
    fp_scalar(ctx, SP(MADD), RT(a), RA(a), RB(a), RC_(a), RC(a));
}

INSN(fmsub, "fmsub[.] frt,fra,frc,frb", "63:6 frt:5 fra:5 frb:5 frc:5 28:5 rc:1", FLOAT, INSN_FP)
{
    fp_scalar(ctx, DP(MSUB), RT(a), RA(a), RB(a), RC_(a), RC(a));
}

INSN(fmsubs, "fmsubs[.] frt,fra,frc,frb", "59:6 frt:5 fra:5 frb:5 frc:5 28:5 rc:1", FLOAT, INSN_FP)
{
    fp_scalar(ctx, SP(MSUB), RT(a), RA(a), RB(a), RC_(a), RC(a));
}

INSN(fnmadd, "fnmadd[.] frt,fra,frc,frb", "63:6 frt:5 fra:5 frb:5 frc:5 31:5 rc:1", FLOAT, INSN_FP)
{
    fp_scalar(ctx, DP(NMADD), RT(a), RA(a), RB(a), RC_(a), RC(a));
}

INSN(fnmadds, "fnmadds[.] frt,fra,frc,frb", "59:6 frt:5 fra:5 frb:5 frc:5 31:5 rc:1", FLOAT,
     INSN_FP)
{
    fp_scalar(ctx, SP(NMADD), RT(a), RA(a), RB(a), RC_(a), RC(a));
}

INSN(fnmsub, "fnmsub[.] frt,fra,frc,frb", "63:6 frt:5 fra:5 frb:5 frc:5 30:5 rc:1", FLOAT, INSN_FP)
{
    fp_scalar(ctx, DP(NMSUB), RT(a), RA(a), RB(a), RC_(a), RC(a));
}

INSN(fnmsubs, "fnmsubs[.] frt,fra,frc,frb", "59:6 frt:5 fra:5 frb:5 frc:5 30:5 rc:1", FLOAT,
     INSN_FP)
{
    fp_scalar(ctx, SP(NMSUB), RT(a), RA(a), RB(a), RC_(a), RC(a));
}

INSN(fsqrt, "fsqrt[.] frt,frb", "63:6 frt:5 /:5 frb:5 /:5 22:5 rc:1", FSQRT, INSN_FP)
{
    fp_scalar(ctx, DP(SQRT), RT(a), 0, RB(a), 0, RC(a));
}

INSN(fsqrts, "fsqrts[.] frt,frb", "59:6 frt:5 /:5 frb:5 /:5 22:5 rc:1", FSQRT, INSN_FP)
{
    fp_scalar(ctx, SP(SQRT), RT(a), 0, RB(a), 0, RC(a));
}

INSN(fre, "fre[.] frt,frb", "63:6 frt:5 /:5 frb:5 /:5 24:5 rc:1", FLOAT_EXT, INSN_FP)
{
    fp_scalar(ctx, DP(RE), RT(a), 0, RB(a), 0, RC(a));
}

INSN(fres, "fres[.] frt,frb", "59:6 frt:5 /:5 frb:5 /:5 24:5 rc:1", FRES, INSN_FP)
{
    fp_scalar(ctx, SP(RE), RT(a), 0, RB(a), 0, RC(a));
}

INSN(frsqrte, "frsqrte[.] frt,frb", "63:6 frt:5 /:5 frb:5 /:5 26:5 rc:1", FRSQRTE, INSN_FP)
{
    fp_scalar(ctx, DP(RSQRTE), RT(a), 0, RB(a), 0, RC(a));
}

INSN(frsqrtes, "frsqrtes[.] frt,frb", "59:6 frt:5 /:5 frb:5 /:5 26:5 rc:1", FRSQRTES, INSN_FP)
{
    fp_scalar(ctx, SP(RSQRTE), RT(a), 0, RB(a), 0, RC(a));
}

INSN(frsp, "frsp[.] frt,frb", "63:6 frt:5 /:5 frb:5 12:10 rc:1", FLOAT, INSN_FP)
{
    fp_scalar(ctx, DP_TO_SP, RT(a), 0, RB(a), 0, RC(a));
}

INSN(frin, "frin[.] frt,frb", "63:6 frt:5 /:5 frb:5 392:10 rc:1", FLOAT_EXT, INSN_FP)
{
    fp_scalar(ctx, DP_RINT(FP_NEAREST_AWAY), RT(a), 0, RB(a), 0, RC(a));
}

INSN(friz, "friz[.] frt,frb", "63:6 frt:5 /:5 frb:5 424:10 rc:1", FLOAT_EXT, INSN_FP)
{
    fp_scalar(ctx, DP_RINT(FP_TO_ZERO), RT(a), 0, RB(a), 0, RC(a));
}

INSN(frip, "frip[.] frt,frb", "63:6 frt:5 /:5 frb:5 456:10 rc:1", FLOAT_EXT, INSN_FP)
{
    fp_scalar(ctx, DP_RINT(FP_UP), RT(a), 0, RB(a), 0, RC(a));
}

INSN(frim, "frim[.] frt,frb", "63:6 frt:5 /:5 frb:5 488:10 rc:1", FLOAT_EXT, INSN_FP)
{
    fp_scalar(ctx, DP_RINT(FP_DOWN), RT(a), 0, RB(a), 0, RC(a));
}

INSN(fctid, "fctid[.] frt,frb", "63:6 frt:5 /:5 frb:5 814:10 rc:1", FP_CVT_S64, INSN_FP)
{
    fp_scalar(ctx, DP_TO_INT(S, FF_L, FPR_CURRENT), RT(a), 0, RB(a), 0, RC(a));
}

INSN(fctidz, "fctidz[.] frt,frb", "63:6 frt:5 /:5 frb:5 815:10 rc:1", FP_CVT_S64, INSN_FP)
{
    fp_scalar(ctx, DP_TO_INT(S, FF_L, FP_TO_ZERO), RT(a), 0, RB(a), 0, RC(a));
}

INSN(fctidu, "fctidu[.] frt,frb", "63:6 frt:5 /:5 frb:5 942:10 rc:1", FP_CVT206, INSN_FP)
{
    fp_scalar(ctx, DP_TO_INT(U, FF_L, FPR_CURRENT), RT(a), 0, RB(a), 0, RC(a));
}

INSN(fctiduz, "fctiduz[.] frt,frb", "63:6 frt:5 /:5 frb:5 943:10 rc:1", FP_CVT206, INSN_FP)
{
    fp_scalar(ctx, DP_TO_INT(U, FF_L, FP_TO_ZERO), RT(a), 0, RB(a), 0, RC(a));
}

INSN(fctiw, "fctiw[.] frt,frb", "63:6 frt:5 /:5 frb:5 14:10 rc:1", FLOAT, INSN_FP)
{
    fp_scalar(ctx, DP_TO_INT(S, FF_W, FPR_CURRENT), RT(a), 0, RB(a), 0, RC(a));
}

INSN(fctiwz, "fctiwz[.] frt,frb", "63:6 frt:5 /:5 frb:5 15:10 rc:1", FLOAT, INSN_FP)
{
    fp_scalar(ctx, DP_TO_INT(S, FF_W, FP_TO_ZERO), RT(a), 0, RB(a), 0, RC(a));
}

INSN(fctiwu, "fctiwu[.] frt,frb", "63:6 frt:5 /:5 frb:5 142:10 rc:1", FP_CVT206, INSN_FP)
{
    fp_scalar(ctx, DP_TO_INT(U, FF_W, FPR_CURRENT), RT(a), 0, RB(a), 0, RC(a));
}

INSN(fctiwuz, "fctiwuz[.] frt,frb", "63:6 frt:5 /:5 frb:5 143:10 rc:1", FP_CVT206, INSN_FP)
{
    fp_scalar(ctx, DP_TO_INT(U, FF_W, FP_TO_ZERO), RT(a), 0, RB(a), 0, RC(a));
}

INSN(fcfid, "fcfid[.] frt,frb", "63:6 frt:5 /:5 frb:5 846:10 rc:1", FP_CVT_S64, INSN_FP)
{
    fp_scalar(ctx, FP_FROM_INT(S, FF_D), RT(a), 0, RB(a), 0, RC(a));
}

INSN(fcfidu, "fcfidu[.] frt,frb", "63:6 frt:5 /:5 frb:5 974:10 rc:1", FP_CVT206, INSN_FP)
{
    fp_scalar(ctx, FP_FROM_INT(U, FF_D), RT(a), 0, RB(a), 0, RC(a));
}

INSN(fcfids, "fcfids[.] frt,frb", "59:6 frt:5 /:5 frb:5 846:10 rc:1", FP_CVT206, INSN_FP)
{
    fp_scalar(ctx, FP_FROM_INT(S, FF_SD), RT(a), 0, RB(a), 0, RC(a));
}

INSN(fcfidus, "fcfidus[.] frt,frb", "59:6 frt:5 /:5 frb:5 974:10 rc:1", FP_CVT206, INSN_FP)
{
    fp_scalar(ctx, FP_FROM_INT(U, FF_SD), RT(a), 0, RB(a), 0, RC(a));
}

INSN(fcmpu, "fcmpu bf,fra,frb", "63:6 bf:3 /:2 fra:5 frb:5 0:10 /:1", FLOAT, INSN_FP)
{
    fp_compare_rows(ctx, FP_CMP(CMPU, FF_D), BF(a), RA(a), RB(a));
}

INSN(fcmpo, "fcmpo bf,fra,frb", "63:6 bf:3 /:2 fra:5 frb:5 32:10 /:1", FLOAT, INSN_FP)
{
    fp_compare_rows(ctx, FP_CMP(CMPO, FF_D), BF(a), RA(a), RB(a));
}

INSN(ftdiv, "ftdiv bf,fra,frb", "63:6 bf:3 /:2 fra:5 frb:5 128:10 /:1", FP_TST206, INSN_FP)
{
    set_crf(BF(a), CALL(helper_fp_test_div, "iii", IRC_PURE, f2i(fpr(RA(a))), f2i(fpr(RB(a)))));
}

INSN(ftsqrt, "ftsqrt bf,frb", "63:6 bf:3 /:2 /:5 frb:5 160:10 /:1", FP_TST206, INSN_FP)
{
    set_crf(BF(a), CALL(helper_fp_test_sqrt, "ii", IRC_PURE, f2i(fpr(RB(a)))));
}
