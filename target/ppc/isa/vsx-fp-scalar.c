/*
 * VSX scalar floating-point arithmetic, conversion, comparison (Power ISA Book I, 7.6).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa/fp-emit.h"

INSN(xsadddp, "xsadddp xt,xa,xb", "60:6 t:5 a:5 b:5 32:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar(ctx, DP(ADD), XT(a), XA(a), XB(a), 0, false);
}

INSN(xssubdp, "xssubdp xt,xa,xb", "60:6 t:5 a:5 b:5 40:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar(ctx, DP(SUB), XT(a), XA(a), XB(a), 0, false);
}

INSN(xsmuldp, "xsmuldp xt,xa,xb", "60:6 t:5 a:5 b:5 48:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar(ctx, DP(MUL), XT(a), XA(a), XB(a), 0, false);
}

INSN(xsdivdp, "xsdivdp xt,xa,xb", "60:6 t:5 a:5 b:5 56:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar(ctx, DP(DIV), XT(a), XA(a), XB(a), 0, false);
}

INSN(xsmaddadp, "xsmaddadp xt,xa,xb", "60:6 t:5 a:5 b:5 33:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar(ctx, DP(MADD), XT(a), XA(a), XT(a), XB(a), false);
}

INSN(xsmaddmdp, "xsmaddmdp xt,xa,xb", "60:6 t:5 a:5 b:5 41:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar(ctx, DP(MADD), XT(a), XA(a), XB(a), XT(a), false);
}

INSN(xsmsubadp, "xsmsubadp xt,xa,xb", "60:6 t:5 a:5 b:5 49:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar(ctx, DP(MSUB), XT(a), XA(a), XT(a), XB(a), false);
}

INSN(xsmsubmdp, "xsmsubmdp xt,xa,xb", "60:6 t:5 a:5 b:5 57:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar(ctx, DP(MSUB), XT(a), XA(a), XB(a), XT(a), false);
}

INSN(xsnmaddadp, "xsnmaddadp xt,xa,xb", "60:6 t:5 a:5 b:5 161:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar(ctx, DP(NMADD), XT(a), XA(a), XT(a), XB(a), false);
}

INSN(xsnmaddmdp, "xsnmaddmdp xt,xa,xb", "60:6 t:5 a:5 b:5 169:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar(ctx, DP(NMADD), XT(a), XA(a), XB(a), XT(a), false);
}

INSN(xsnmsubadp, "xsnmsubadp xt,xa,xb", "60:6 t:5 a:5 b:5 177:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar(ctx, DP(NMSUB), XT(a), XA(a), XT(a), XB(a), false);
}

INSN(xsnmsubmdp, "xsnmsubmdp xt,xa,xb", "60:6 t:5 a:5 b:5 185:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar(ctx, DP(NMSUB), XT(a), XA(a), XB(a), XT(a), false);
}

INSN(xssqrtdp, "xssqrtdp xt,xb", "60:6 t:5 /:5 b:5 75:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar(ctx, DP(SQRT), XT(a), 0, XB(a), 0, false);
}

INSN(xsredp, "xsredp xt,xb", "60:6 t:5 /:5 b:5 90:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar(ctx, DP(RE), XT(a), 0, XB(a), 0, false);
}

INSN(xsrsqrtedp, "xsrsqrtedp xt,xb", "60:6 t:5 /:5 b:5 74:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar(ctx, DP(RSQRTE), XT(a), 0, XB(a), 0, false);
}

INSN(xsaddsp, "xsaddsp xt,xa,xb", "60:6 t:5 a:5 b:5 0:8 ax:1 bx:1 tx:1", VSX207, INSN_VSX)
{
    fp_scalar(ctx, SP(ADD), XT(a), XA(a), XB(a), 0, false);
}

INSN(xssubsp, "xssubsp xt,xa,xb", "60:6 t:5 a:5 b:5 8:8 ax:1 bx:1 tx:1", VSX207, INSN_VSX)
{
    fp_scalar(ctx, SP(SUB), XT(a), XA(a), XB(a), 0, false);
}

INSN(xsmulsp, "xsmulsp xt,xa,xb", "60:6 t:5 a:5 b:5 16:8 ax:1 bx:1 tx:1", VSX207, INSN_VSX)
{
    fp_scalar(ctx, SP(MUL), XT(a), XA(a), XB(a), 0, false);
}

INSN(xsdivsp, "xsdivsp xt,xa,xb", "60:6 t:5 a:5 b:5 24:8 ax:1 bx:1 tx:1", VSX207, INSN_VSX)
{
    fp_scalar(ctx, SP(DIV), XT(a), XA(a), XB(a), 0, false);
}

INSN(xsmaddasp, "xsmaddasp xt,xa,xb", "60:6 t:5 a:5 b:5 1:8 ax:1 bx:1 tx:1", VSX207, INSN_VSX)
{
    fp_scalar(ctx, SP(MADD), XT(a), XA(a), XT(a), XB(a), false);
}

INSN(xsmaddmsp, "xsmaddmsp xt,xa,xb", "60:6 t:5 a:5 b:5 9:8 ax:1 bx:1 tx:1", VSX207, INSN_VSX)
{
    fp_scalar(ctx, SP(MADD), XT(a), XA(a), XB(a), XT(a), false);
}

INSN(xsmsubasp, "xsmsubasp xt,xa,xb", "60:6 t:5 a:5 b:5 17:8 ax:1 bx:1 tx:1", VSX207, INSN_VSX)
{
    fp_scalar(ctx, SP(MSUB), XT(a), XA(a), XT(a), XB(a), false);
}

INSN(xsmsubmsp, "xsmsubmsp xt,xa,xb", "60:6 t:5 a:5 b:5 25:8 ax:1 bx:1 tx:1", VSX207, INSN_VSX)
{
    fp_scalar(ctx, SP(MSUB), XT(a), XA(a), XB(a), XT(a), false);
}

INSN(xsnmaddasp, "xsnmaddasp xt,xa,xb", "60:6 t:5 a:5 b:5 129:8 ax:1 bx:1 tx:1", VSX207, INSN_VSX)
{
    fp_scalar(ctx, SP(NMADD), XT(a), XA(a), XT(a), XB(a), false);
}

INSN(xsnmaddmsp, "xsnmaddmsp xt,xa,xb", "60:6 t:5 a:5 b:5 137:8 ax:1 bx:1 tx:1", VSX207, INSN_VSX)
{
    fp_scalar(ctx, SP(NMADD), XT(a), XA(a), XB(a), XT(a), false);
}

INSN(xsnmsubasp, "xsnmsubasp xt,xa,xb", "60:6 t:5 a:5 b:5 145:8 ax:1 bx:1 tx:1", VSX207, INSN_VSX)
{
    fp_scalar(ctx, SP(NMSUB), XT(a), XA(a), XT(a), XB(a), false);
}

INSN(xsnmsubmsp, "xsnmsubmsp xt,xa,xb", "60:6 t:5 a:5 b:5 153:8 ax:1 bx:1 tx:1", VSX207, INSN_VSX)
{
    fp_scalar(ctx, SP(NMSUB), XT(a), XA(a), XB(a), XT(a), false);
}

INSN(xssqrtsp, "xssqrtsp xt,xb", "60:6 t:5 /:5 b:5 11:9 bx:1 tx:1", VSX207, INSN_VSX)
{
    fp_scalar(ctx, SP(SQRT), XT(a), 0, XB(a), 0, false);
}

INSN(xsresp, "xsresp xt,xb", "60:6 t:5 /:5 b:5 26:9 bx:1 tx:1", VSX207, INSN_VSX)
{
    fp_scalar(ctx, SP(RE), XT(a), 0, XB(a), 0, false);
}

INSN(xsrsqrtesp, "xsrsqrtesp xt,xb", "60:6 t:5 /:5 b:5 10:9 bx:1 tx:1", VSX207, INSN_VSX)
{
    fp_scalar(ctx, SP(RSQRTE), XT(a), 0, XB(a), 0, false);
}

INSN(xsrsp, "xsrsp xt,xb", "60:6 t:5 /:5 b:5 281:9 bx:1 tx:1", VSX207, INSN_VSX)
{
    fp_scalar(ctx, DP_TO_SP, XT(a), 0, XB(a), 0, false);
}

INSN(xsrdpi, "xsrdpi xt,xb", "60:6 t:5 /:5 b:5 73:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar(ctx, DP_RINT(FP_NEAREST_AWAY), XT(a), 0, XB(a), 0, false);
}

INSN(xsrdpiz, "xsrdpiz xt,xb", "60:6 t:5 /:5 b:5 89:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar(ctx, DP_RINT(FP_TO_ZERO), XT(a), 0, XB(a), 0, false);
}

INSN(xsrdpip, "xsrdpip xt,xb", "60:6 t:5 /:5 b:5 105:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar(ctx, DP_RINT(FP_UP), XT(a), 0, XB(a), 0, false);
}

INSN(xsrdpim, "xsrdpim xt,xb", "60:6 t:5 /:5 b:5 121:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar(ctx, DP_RINT(FP_DOWN), XT(a), 0, XB(a), 0, false);
}

INSN(xsrdpic, "xsrdpic xt,xb", "60:6 t:5 /:5 b:5 107:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar(ctx, DP(RINTX), XT(a), 0, XB(a), 0, false);
}

INSN(xsmaxdp, "xsmaxdp xt,xa,xb", "60:6 t:5 a:5 b:5 160:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar(ctx, DP_QUIET(MAX), XT(a), XA(a), XB(a), 0, false);
}

INSN(xsmaxcdp, "xsmaxcdp xt,xa,xb", "60:6 t:5 a:5 b:5 128:8 ax:1 bx:1 tx:1", ISA300, INSN_VSX)
{
    fp_scalar(ctx, DP_QUIET(MAXC), XT(a), XA(a), XB(a), 0, false);
}

INSN(xsmaxjdp, "xsmaxjdp xt,xa,xb", "60:6 t:5 a:5 b:5 144:8 ax:1 bx:1 tx:1", ISA300, INSN_VSX)
{
    fp_scalar(ctx, DP_QUIET(MAXJ), XT(a), XA(a), XB(a), 0, false);
}

INSN(xsmindp, "xsmindp xt,xa,xb", "60:6 t:5 a:5 b:5 168:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar(ctx, DP_QUIET(MIN), XT(a), XA(a), XB(a), 0, false);
}

INSN(xsmincdp, "xsmincdp xt,xa,xb", "60:6 t:5 a:5 b:5 136:8 ax:1 bx:1 tx:1", ISA300, INSN_VSX)
{
    fp_scalar(ctx, DP_QUIET(MINC), XT(a), XA(a), XB(a), 0, false);
}

INSN(xsminjdp, "xsminjdp xt,xa,xb", "60:6 t:5 a:5 b:5 152:8 ax:1 bx:1 tx:1", ISA300, INSN_VSX)
{
    fp_scalar(ctx, DP_QUIET(MINJ), XT(a), XA(a), XB(a), 0, false);
}

INSN(xscmpeqdp, "xscmpeqdp xt,xa,xb", "60:6 t:5 a:5 b:5 3:8 ax:1 bx:1 tx:1", ISA300, INSN_VSX)
{
    fp_scalar(ctx, DP_QUIET(EQ), XT(a), XA(a), XB(a), 0, false);
}

INSN(xscmpgtdp, "xscmpgtdp xt,xa,xb", "60:6 t:5 a:5 b:5 11:8 ax:1 bx:1 tx:1", ISA300, INSN_VSX)
{
    fp_scalar(ctx, DP_QUIET(GT), XT(a), XA(a), XB(a), 0, false);
}

INSN(xscmpgedp, "xscmpgedp xt,xa,xb", "60:6 t:5 a:5 b:5 19:8 ax:1 bx:1 tx:1", ISA300, INSN_VSX)
{
    fp_scalar(ctx, DP_QUIET(GE), XT(a), XA(a), XB(a), 0, false);
}

INSN(xscmpudp, "xscmpudp bf,xa,xb", "60:6 bf:3 /:2 a:5 b:5 35:8 ax:1 bx:1 /:1", VSX, INSN_VSX)
{
    fp_compare_rows(ctx, FP_CMP(CMPU, FF_D), BF(a), XA(a), XB(a));
}

INSN(xscmpodp, "xscmpodp bf,xa,xb", "60:6 bf:3 /:2 a:5 b:5 43:8 ax:1 bx:1 /:1", VSX, INSN_VSX)
{
    fp_compare_rows(ctx, FP_CMP(CMPO, FF_D), BF(a), XA(a), XB(a));
}

INSN(xscmpexpdp, "xscmpexpdp bf,xa,xb", "60:6 bf:3 /:2 a:5 b:5 59:8 ax:1 bx:1 /:1", ISA300,
     INSN_VSX)
{
    fp_compare_rows(ctx, FP_CMP(CMPEXP, FF_D), BF(a), XA(a), XB(a));
}

INSN(xscvdpsxds, "xscvdpsxds xt,xb", "60:6 t:5 /:5 b:5 344:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar(ctx, DP_TO_INT(S, FF_L, FP_TO_ZERO), XT(a), 0, XB(a), 0, false);
}

INSN(xscvdpuxds, "xscvdpuxds xt,xb", "60:6 t:5 /:5 b:5 328:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar(ctx, DP_TO_INT(U, FF_L, FP_TO_ZERO), XT(a), 0, XB(a), 0, false);
}

INSN(xscvdpsxws, "xscvdpsxws xt,xb", "60:6 t:5 /:5 b:5 88:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar(ctx, DP_TO_INT(S, FF_W, FP_TO_ZERO) | FPD_SPLAT, XT(a), 0, XB(a), 0, false);
}

INSN(xscvdpuxws, "xscvdpuxws xt,xb", "60:6 t:5 /:5 b:5 72:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar(ctx, DP_TO_INT(U, FF_W, FP_TO_ZERO) | FPD_SPLAT, XT(a), 0, XB(a), 0, false);
}

INSN(xscvsxddp, "xscvsxddp xt,xb", "60:6 t:5 /:5 b:5 376:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar(ctx, FP_FROM_INT(S, FF_D), XT(a), 0, XB(a), 0, false);
}

INSN(xscvsxdsp, "xscvsxdsp xt,xb", "60:6 t:5 /:5 b:5 312:9 bx:1 tx:1", VSX207, INSN_VSX)
{
    fp_scalar(ctx, FP_FROM_INT(S, FF_SD), XT(a), 0, XB(a), 0, false);
}

INSN(xscvuxddp, "xscvuxddp xt,xb", "60:6 t:5 /:5 b:5 360:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar(ctx, FP_FROM_INT(U, FF_D), XT(a), 0, XB(a), 0, false);
}

INSN(xscvuxdsp, "xscvuxdsp xt,xb", "60:6 t:5 /:5 b:5 296:9 bx:1 tx:1", VSX207, INSN_VSX)
{
    fp_scalar(ctx, FP_FROM_INT(U, FF_SD), XT(a), 0, XB(a), 0, false);
}

INSN(xscvdpsp, "xscvdpsp xt,xb", "60:6 t:5 /:5 b:5 265:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar_narrow(ctx, FP_CVT(FF_D, FF_S) | FPD_SPLAT, XT(a), XB(a));
}

INSN(xscvspdp, "xscvspdp xt,xb", "60:6 t:5 /:5 b:5 329:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_scalar_widen(ctx, FP_CVT(FF_S, FF_D), XT(a), XB(a));
}

INSN(xscvdphp, "xscvdphp xt,xb", "60:6 t:5 17:5 b:5 347:9 bx:1 tx:1", ISA300, INSN_VSX)
{
    fp_scalar_exact(ctx, FP_CVT(FF_D, FF_H), XT(a), 0, XB(a), 0);
}

INSN(xscvhpdp, "xscvhpdp xt,xb", "60:6 t:5 16:5 b:5 347:9 bx:1 tx:1", ISA300, INSN_VSX)
{
    fp_scalar_exact(ctx, FP_CVT(FF_H, FF_D), XT(a), 0, XB(a), 0);
}

INSN(xscvdpspn, "xscvdpspn xt,xb", "60:6 t:5 /:5 b:5 267:9 bx:1 tx:1", VSX207, INSN_VSX)
{
    Val w = fp_double_to_single(fpr(XB(a)));

    set_vsr(XT(a), i2v(bor(shli(w, 32), w), iconst(0)));
}

INSN(xscvspdpn, "xscvspdpn xt,xb", "60:6 t:5 /:5 b:5 331:9 bx:1 tx:1", VSX207, INSN_VSX)
{
    set_fpr(XT(a), fp_single_to_double(shri(f2i(fpr(XB(a))), 32)));
}
