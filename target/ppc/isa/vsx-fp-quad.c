/*
 * Quad-precision floating point (Power ISA Book I, 7.6): every operation is the exact library's.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa/fp-emit.h"

INSN(xsaddqp, "xsaddqp[o] vrt,vra,vrb", "63:6 vrt:5 vra:5 vrb:5 4:10 ro:1", ISA300, INSN_VSX)
{
    fp_scalar_exact(ctx, QP(ADD, RC(a)), VT(a), VA(a), VB(a), 0);
}

INSN(xssubqp, "xssubqp[o] vrt,vra,vrb", "63:6 vrt:5 vra:5 vrb:5 516:10 ro:1", ISA300, INSN_VSX)
{
    fp_scalar_exact(ctx, QP(SUB, RC(a)), VT(a), VA(a), VB(a), 0);
}

INSN(xsmulqp, "xsmulqp[o] vrt,vra,vrb", "63:6 vrt:5 vra:5 vrb:5 36:10 ro:1", ISA300, INSN_VSX)
{
    fp_scalar_exact(ctx, QP(MUL, RC(a)), VT(a), VA(a), VB(a), 0);
}

INSN(xsdivqp, "xsdivqp[o] vrt,vra,vrb", "63:6 vrt:5 vra:5 vrb:5 548:10 ro:1", ISA300, INSN_VSX)
{
    fp_scalar_exact(ctx, QP(DIV, RC(a)), VT(a), VA(a), VB(a), 0);
}

INSN(xsmaddqp, "xsmaddqp[o] vrt,vra,vrb", "63:6 vrt:5 vra:5 vrb:5 388:10 ro:1", ISA300, INSN_VSX)
{
    fp_scalar_exact(ctx, QP(MADD, RC(a)), VT(a), VA(a), VT(a), VB(a));
}

INSN(xsmsubqp, "xsmsubqp[o] vrt,vra,vrb", "63:6 vrt:5 vra:5 vrb:5 420:10 ro:1", ISA300, INSN_VSX)
{
    fp_scalar_exact(ctx, QP(MSUB, RC(a)), VT(a), VA(a), VT(a), VB(a));
}

INSN(xsnmaddqp, "xsnmaddqp[o] vrt,vra,vrb", "63:6 vrt:5 vra:5 vrb:5 452:10 ro:1", ISA300, INSN_VSX)
{
    fp_scalar_exact(ctx, QP(NMADD, RC(a)), VT(a), VA(a), VT(a), VB(a));
}

INSN(xsnmsubqp, "xsnmsubqp[o] vrt,vra,vrb", "63:6 vrt:5 vra:5 vrb:5 484:10 ro:1", ISA300, INSN_VSX)
{
    fp_scalar_exact(ctx, QP(NMSUB, RC(a)), VT(a), VA(a), VT(a), VB(a));
}

INSN(xssqrtqp, "xssqrtqp[o] vrt,vrb", "63:6 vrt:5 27:5 vrb:5 804:10 ro:1", ISA300, INSN_VSX)
{
    fp_scalar_exact(ctx, QP(SQRT, RC(a)), VT(a), 0, VB(a), 0);
}

INSN(xscvqpdp, "xscvqpdp[o] vrt,vrb", "63:6 vrt:5 20:5 vrb:5 836:10 ro:1", ISA300, INSN_VSX)
{
    uint32_t desc = FPDESC(FPO_CVT, FF_Q, FF_D, ROUND_ODD(RC(a)), FPD_BOTH);

    fp_scalar_exact(ctx, desc, VT(a), 0, VB(a), 0);
}

INSN(xscvdpqp, "xscvdpqp vrt,vrb", "63:6 vrt:5 22:5 vrb:5 836:10 /:1", ISA300, INSN_VSX)
{
    fp_scalar_exact(ctx, FP_CVT(FF_D, FF_Q), VT(a), 0, VB(a), 0);
}

INSN(xscvqpsdz, "xscvqpsdz vrt,vrb", "63:6 vrt:5 25:5 vrb:5 836:10 /:1", ISA300, INSN_VSX)
{
    fp_scalar_exact(ctx, QP_TO_INT(S, FF_L), VT(a), 0, VB(a), 0);
}

INSN(xscvqpudz, "xscvqpudz vrt,vrb", "63:6 vrt:5 17:5 vrb:5 836:10 /:1", ISA300, INSN_VSX)
{
    fp_scalar_exact(ctx, QP_TO_INT(U, FF_L), VT(a), 0, VB(a), 0);
}

INSN(xscvqpswz, "xscvqpswz vrt,vrb", "63:6 vrt:5 9:5 vrb:5 836:10 /:1", ISA300, INSN_VSX)
{
    fp_scalar_exact(ctx, QP_TO_INT(S, FF_W), VT(a), 0, VB(a), 0);
}

INSN(xscvqpuwz, "xscvqpuwz vrt,vrb", "63:6 vrt:5 1:5 vrb:5 836:10 /:1", ISA300, INSN_VSX)
{
    fp_scalar_exact(ctx, QP_TO_INT(U, FF_W), VT(a), 0, VB(a), 0);
}

INSN(xscvqpsqz, "xscvqpsqz vrt,vrb", "63:6 vrt:5 8:5 vrb:5 836:10 /:1", ISA310, INSN_VSX)
{
    fp_scalar_exact(ctx, QP_TO_INT(S, FF_X), VT(a), 0, VB(a), 0);
}

INSN(xscvqpuqz, "xscvqpuqz vrt,vrb", "63:6 vrt:5 0:5 vrb:5 836:10 /:1", ISA310, INSN_VSX)
{
    fp_scalar_exact(ctx, QP_TO_INT(U, FF_X), VT(a), 0, VB(a), 0);
}

INSN(xscvsdqp, "xscvsdqp vrt,vrb", "63:6 vrt:5 10:5 vrb:5 836:10 /:1", ISA300, INSN_VSX)
{
    fp_scalar_exact(ctx, FPDESC(FPO_FROM_S, FF_L, FF_Q, FPR_CURRENT, FPD_BOTH),
                    VT(a), 0, VB(a), 0);
}

INSN(xscvudqp, "xscvudqp vrt,vrb", "63:6 vrt:5 2:5 vrb:5 836:10 /:1", ISA300, INSN_VSX)
{
    fp_scalar_exact(ctx, FPDESC(FPO_FROM_U, FF_L, FF_Q, FPR_CURRENT, FPD_BOTH),
                    VT(a), 0, VB(a), 0);
}

INSN(xscvsqqp, "xscvsqqp vrt,vrb", "63:6 vrt:5 11:5 vrb:5 836:10 /:1", ISA310, INSN_VSX)
{
    fp_scalar_exact(ctx, FPDESC(FPO_FROM_S, FF_X, FF_Q, FPR_CURRENT, FPD_BOTH),
                    VT(a), 0, VB(a), 0);
}

INSN(xscvuqqp, "xscvuqqp vrt,vrb", "63:6 vrt:5 3:5 vrb:5 836:10 /:1", ISA310, INSN_VSX)
{
    fp_scalar_exact(ctx, FPDESC(FPO_FROM_U, FF_X, FF_Q, FPR_CURRENT, FPD_BOTH),
                    VT(a), 0, VB(a), 0);
}

INSN(xsmaxcqp, "xsmaxcqp vrt,vra,vrb", "63:6 vrt:5 vra:5 vrb:5 676:10 /:1", ISA310, INSN_VSX)
{
    fp_scalar_exact(ctx, QP_QUIET(MAXC), VT(a), VA(a), VB(a), 0);
}

INSN(xsmincqp, "xsmincqp vrt,vra,vrb", "63:6 vrt:5 vra:5 vrb:5 740:10 /:1", ISA310, INSN_VSX)
{
    fp_scalar_exact(ctx, QP_QUIET(MINC), VT(a), VA(a), VB(a), 0);
}

INSN(xscmpeqqp, "xscmpeqqp vrt,vra,vrb", "63:6 vrt:5 vra:5 vrb:5 68:10 /:1", ISA310, INSN_VSX)
{
    fp_scalar_exact(ctx, QP_QUIET(EQ), VT(a), VA(a), VB(a), 0);
}

INSN(xscmpgtqp, "xscmpgtqp vrt,vra,vrb", "63:6 vrt:5 vra:5 vrb:5 228:10 /:1", ISA310, INSN_VSX)
{
    fp_scalar_exact(ctx, QP_QUIET(GT), VT(a), VA(a), VB(a), 0);
}

INSN(xscmpgeqp, "xscmpgeqp vrt,vra,vrb", "63:6 vrt:5 vra:5 vrb:5 196:10 /:1", ISA310, INSN_VSX)
{
    fp_scalar_exact(ctx, QP_QUIET(GE), VT(a), VA(a), VB(a), 0);
}

INSN(xscmpuqp, "xscmpuqp bf,vra,vrb", "63:6 bf:3 /:2 vra:5 vrb:5 644:10 /:1", ISA300, INSN_VSX)
{
    fp_compare_rows(ctx, FP_CMP(CMPU, FF_Q), BF(a), VA(a), VB(a));
}

INSN(xscmpoqp, "xscmpoqp bf,vra,vrb", "63:6 bf:3 /:2 vra:5 vrb:5 132:10 /:1", ISA300, INSN_VSX)
{
    fp_compare_rows(ctx, FP_CMP(CMPO, FF_Q), BF(a), VA(a), VB(a));
}

INSN(xscmpexpqp, "xscmpexpqp bf,vra,vrb", "63:6 bf:3 /:2 vra:5 vrb:5 164:10 /:1", ISA300, INSN_VSX)
{
    fp_compare_rows(ctx, FP_CMP(CMPEXP, FF_Q), BF(a), VA(a), VB(a));
}

/* R || RMC: the rounding mode of the instruction's own. */
static unsigned rmc(const Insn *a)
{
    static const uint8_t mode[] = { FP_NEAREST_AWAY, FPR_CURRENT, FPR_CURRENT, FPR_CURRENT,
                                    FP_NEAREST_EVEN, FP_TO_ZERO, FP_UP, FP_DOWN };

    return mode[FIELD(a, 16, 1) << 2 | FIELD(a, 9, 2)];
}

INSN(xsrqpi, "xsrqpi[x] r,vrt,vrb,rmc", "63:6 vrt:5 /:4 r:1 vrb:5 rmc:2 5:8 ex:1", ISA300, INSN_VSX)
{
    FpOp op = RC(a) ? FPO_RINTX : FPO_RINT;

    fp_scalar_exact(ctx, FPDESC(op, FF_Q, FF_Q, rmc(a), FPD_BOTH), VT(a), 0, VB(a), 0);
}

INSN(xsrqpxp, "xsrqpxp r,vrt,vrb,rmc", "63:6 vrt:5 /:4 r:1 vrb:5 rmc:2 37:8 /:1", ISA300, INSN_VSX)
{
    fp_scalar_exact(ctx, FPDESC(FPO_RXP, FF_Q, FF_Q, rmc(a), FPD_BOTH), VT(a), 0, VB(a), 0);
}
