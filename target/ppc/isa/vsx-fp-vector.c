/*
 * VSX vector floating-point arithmetic, comparison, conversion (Power ISA Book I, 7.6).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa/fp-emit.h"

INSN(xvadddp, "xvadddp xt,xa,xb", "60:6 t:5 a:5 b:5 96:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VDP(ADD), XT(a), XA(a), XB(a), 0);
}

INSN(xvsubdp, "xvsubdp xt,xa,xb", "60:6 t:5 a:5 b:5 104:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VDP(SUB), XT(a), XA(a), XB(a), 0);
}

INSN(xvmuldp, "xvmuldp xt,xa,xb", "60:6 t:5 a:5 b:5 112:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VDP(MUL), XT(a), XA(a), XB(a), 0);
}

INSN(xvdivdp, "xvdivdp xt,xa,xb", "60:6 t:5 a:5 b:5 120:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VDP(DIV), XT(a), XA(a), XB(a), 0);
}

INSN(xvmaxdp, "xvmaxdp xt,xa,xb", "60:6 t:5 a:5 b:5 224:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VDP(MAX), XT(a), XA(a), XB(a), 0);
}

INSN(xvmindp, "xvmindp xt,xa,xb", "60:6 t:5 a:5 b:5 232:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VDP(MIN), XT(a), XA(a), XB(a), 0);
}

INSN(xvmaddadp, "xvmaddadp xt,xa,xb", "60:6 t:5 a:5 b:5 97:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VDP(MADD), XT(a), XA(a), XT(a), XB(a));
}

INSN(xvmaddmdp, "xvmaddmdp xt,xa,xb", "60:6 t:5 a:5 b:5 105:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VDP(MADD), XT(a), XA(a), XB(a), XT(a));
}

INSN(xvmsubadp, "xvmsubadp xt,xa,xb", "60:6 t:5 a:5 b:5 113:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VDP(MSUB), XT(a), XA(a), XT(a), XB(a));
}

INSN(xvmsubmdp, "xvmsubmdp xt,xa,xb", "60:6 t:5 a:5 b:5 121:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VDP(MSUB), XT(a), XA(a), XB(a), XT(a));
}

INSN(xvnmaddadp, "xvnmaddadp xt,xa,xb", "60:6 t:5 a:5 b:5 225:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VDP(NMADD), XT(a), XA(a), XT(a), XB(a));
}

INSN(xvnmaddmdp, "xvnmaddmdp xt,xa,xb", "60:6 t:5 a:5 b:5 233:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VDP(NMADD), XT(a), XA(a), XB(a), XT(a));
}

INSN(xvnmsubadp, "xvnmsubadp xt,xa,xb", "60:6 t:5 a:5 b:5 241:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VDP(NMSUB), XT(a), XA(a), XT(a), XB(a));
}

INSN(xvnmsubmdp, "xvnmsubmdp xt,xa,xb", "60:6 t:5 a:5 b:5 249:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VDP(NMSUB), XT(a), XA(a), XB(a), XT(a));
}

INSN(xvsqrtdp, "xvsqrtdp xt,xb", "60:6 t:5 /:5 b:5 203:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VDP(SQRT), XT(a), 0, XB(a), 0);
}

INSN(xvredp, "xvredp xt,xb", "60:6 t:5 /:5 b:5 218:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VDP(RE), XT(a), 0, XB(a), 0);
}

INSN(xvrsqrtedp, "xvrsqrtedp xt,xb", "60:6 t:5 /:5 b:5 202:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VDP(RSQRTE), XT(a), 0, XB(a), 0);
}

INSN(xvrdpi, "xvrdpi xt,xb", "60:6 t:5 /:5 b:5 201:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_RINT, FF_D, FF_D, FP_NEAREST_AWAY, 0), XT(a), 0, XB(a), 0);
}

INSN(xvrdpiz, "xvrdpiz xt,xb", "60:6 t:5 /:5 b:5 217:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_RINT, FF_D, FF_D, FP_TO_ZERO, 0), XT(a), 0, XB(a), 0);
}

INSN(xvrdpip, "xvrdpip xt,xb", "60:6 t:5 /:5 b:5 233:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_RINT, FF_D, FF_D, FP_UP, 0), XT(a), 0, XB(a), 0);
}

INSN(xvrdpim, "xvrdpim xt,xb", "60:6 t:5 /:5 b:5 249:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_RINT, FF_D, FF_D, FP_DOWN, 0), XT(a), 0, XB(a), 0);
}

INSN(xvrdpic, "xvrdpic xt,xb", "60:6 t:5 /:5 b:5 235:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VDP(RINTX), XT(a), 0, XB(a), 0);
}

INSN(xvcmpeqdp, "xvcmpeqdp[.] xt,xa,xb", "60:6 t:5 a:5 b:5 rc:1 99:7 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector_compare(ctx, VDP(EQ), XT(a), XA(a), XB(a), a->w >> 10 & 1);
}

INSN(xvcmpgtdp, "xvcmpgtdp[.] xt,xa,xb", "60:6 t:5 a:5 b:5 rc:1 107:7 ax:1 bx:1 tx:1", VSX,
     INSN_VSX)
{
    fp_vector_compare(ctx, VDP(GT), XT(a), XA(a), XB(a), a->w >> 10 & 1);
}

INSN(xvcmpgedp, "xvcmpgedp[.] xt,xa,xb", "60:6 t:5 a:5 b:5 rc:1 115:7 ax:1 bx:1 tx:1", VSX,
     INSN_VSX)
{
    fp_vector_compare(ctx, VDP(GE), XT(a), XA(a), XB(a), a->w >> 10 & 1);
}

INSN(xvcvdpsxds, "xvcvdpsxds xt,xb", "60:6 t:5 /:5 b:5 472:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_TO_S, FF_D, FF_L, FP_TO_ZERO, 0), XT(a), 0, XB(a), 0);
}

INSN(xvcvdpuxds, "xvcvdpuxds xt,xb", "60:6 t:5 /:5 b:5 456:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_TO_U, FF_D, FF_L, FP_TO_ZERO, 0), XT(a), 0, XB(a), 0);
}

INSN(xvcvdpsxws, "xvcvdpsxws xt,xb", "60:6 t:5 /:5 b:5 216:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_TO_S, FF_D, FF_W, FP_TO_ZERO, 0), XT(a), 0, XB(a), 0);
}

INSN(xvcvdpuxws, "xvcvdpuxws xt,xb", "60:6 t:5 /:5 b:5 200:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_TO_U, FF_D, FF_W, FP_TO_ZERO, 0), XT(a), 0, XB(a), 0);
}

INSN(xvcvsxddp, "xvcvsxddp xt,xb", "60:6 t:5 /:5 b:5 504:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_FROM_S, FF_L, FF_D, FPR_CURRENT, 0), XT(a), 0, XB(a), 0);
}

INSN(xvcvuxddp, "xvcvuxddp xt,xb", "60:6 t:5 /:5 b:5 488:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_FROM_U, FF_L, FF_D, FPR_CURRENT, 0), XT(a), 0, XB(a), 0);
}

INSN(xvcvsxwdp, "xvcvsxwdp xt,xb", "60:6 t:5 /:5 b:5 248:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_FROM_S, FF_W, FF_D, FPR_CURRENT, 0), XT(a), 0, XB(a), 0);
}

INSN(xvcvuxwdp, "xvcvuxwdp xt,xb", "60:6 t:5 /:5 b:5 232:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_FROM_U, FF_W, FF_D, FPR_CURRENT, 0), XT(a), 0, XB(a), 0);
}

INSN(xvaddsp, "xvaddsp xt,xa,xb", "60:6 t:5 a:5 b:5 64:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VSP(ADD), XT(a), XA(a), XB(a), 0);
}

INSN(xvsubsp, "xvsubsp xt,xa,xb", "60:6 t:5 a:5 b:5 72:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VSP(SUB), XT(a), XA(a), XB(a), 0);
}

INSN(xvmulsp, "xvmulsp xt,xa,xb", "60:6 t:5 a:5 b:5 80:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VSP(MUL), XT(a), XA(a), XB(a), 0);
}

INSN(xvdivsp, "xvdivsp xt,xa,xb", "60:6 t:5 a:5 b:5 88:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VSP(DIV), XT(a), XA(a), XB(a), 0);
}

INSN(xvmaxsp, "xvmaxsp xt,xa,xb", "60:6 t:5 a:5 b:5 192:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VSP(MAX), XT(a), XA(a), XB(a), 0);
}

INSN(xvminsp, "xvminsp xt,xa,xb", "60:6 t:5 a:5 b:5 200:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VSP(MIN), XT(a), XA(a), XB(a), 0);
}

INSN(xvmaddasp, "xvmaddasp xt,xa,xb", "60:6 t:5 a:5 b:5 65:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VSP(MADD), XT(a), XA(a), XT(a), XB(a));
}

INSN(xvmaddmsp, "xvmaddmsp xt,xa,xb", "60:6 t:5 a:5 b:5 73:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VSP(MADD), XT(a), XA(a), XB(a), XT(a));
}

INSN(xvmsubasp, "xvmsubasp xt,xa,xb", "60:6 t:5 a:5 b:5 81:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VSP(MSUB), XT(a), XA(a), XT(a), XB(a));
}

INSN(xvmsubmsp, "xvmsubmsp xt,xa,xb", "60:6 t:5 a:5 b:5 89:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VSP(MSUB), XT(a), XA(a), XB(a), XT(a));
}

INSN(xvnmaddasp, "xvnmaddasp xt,xa,xb", "60:6 t:5 a:5 b:5 193:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VSP(NMADD), XT(a), XA(a), XT(a), XB(a));
}

INSN(xvnmaddmsp, "xvnmaddmsp xt,xa,xb", "60:6 t:5 a:5 b:5 201:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VSP(NMADD), XT(a), XA(a), XB(a), XT(a));
}

INSN(xvnmsubasp, "xvnmsubasp xt,xa,xb", "60:6 t:5 a:5 b:5 209:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VSP(NMSUB), XT(a), XA(a), XT(a), XB(a));
}

INSN(xvnmsubmsp, "xvnmsubmsp xt,xa,xb", "60:6 t:5 a:5 b:5 217:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VSP(NMSUB), XT(a), XA(a), XB(a), XT(a));
}

INSN(xvsqrtsp, "xvsqrtsp xt,xb", "60:6 t:5 /:5 b:5 139:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VSP(SQRT), XT(a), 0, XB(a), 0);
}

INSN(xvresp, "xvresp xt,xb", "60:6 t:5 /:5 b:5 154:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VSP(RE), XT(a), 0, XB(a), 0);
}

INSN(xvrsqrtesp, "xvrsqrtesp xt,xb", "60:6 t:5 /:5 b:5 138:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VSP(RSQRTE), XT(a), 0, XB(a), 0);
}

INSN(xvrspi, "xvrspi xt,xb", "60:6 t:5 /:5 b:5 137:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_RINT, FF_S, FF_S, FP_NEAREST_AWAY, 0), XT(a), 0, XB(a), 0);
}

INSN(xvrspiz, "xvrspiz xt,xb", "60:6 t:5 /:5 b:5 153:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_RINT, FF_S, FF_S, FP_TO_ZERO, 0), XT(a), 0, XB(a), 0);
}

INSN(xvrspip, "xvrspip xt,xb", "60:6 t:5 /:5 b:5 169:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_RINT, FF_S, FF_S, FP_UP, 0), XT(a), 0, XB(a), 0);
}

INSN(xvrspim, "xvrspim xt,xb", "60:6 t:5 /:5 b:5 185:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_RINT, FF_S, FF_S, FP_DOWN, 0), XT(a), 0, XB(a), 0);
}

INSN(xvrspic, "xvrspic xt,xb", "60:6 t:5 /:5 b:5 171:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, VSP(RINTX), XT(a), 0, XB(a), 0);
}

INSN(xvcmpeqsp, "xvcmpeqsp[.] xt,xa,xb", "60:6 t:5 a:5 b:5 rc:1 67:7 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector_compare(ctx, VSP(EQ), XT(a), XA(a), XB(a), a->w >> 10 & 1);
}

INSN(xvcmpgtsp, "xvcmpgtsp[.] xt,xa,xb", "60:6 t:5 a:5 b:5 rc:1 75:7 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector_compare(ctx, VSP(GT), XT(a), XA(a), XB(a), a->w >> 10 & 1);
}

INSN(xvcmpgesp, "xvcmpgesp[.] xt,xa,xb", "60:6 t:5 a:5 b:5 rc:1 83:7 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector_compare(ctx, VSP(GE), XT(a), XA(a), XB(a), a->w >> 10 & 1);
}

INSN(xvcvspsxds, "xvcvspsxds xt,xb", "60:6 t:5 /:5 b:5 408:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_TO_S, FF_S, FF_L, FP_TO_ZERO, 0), XT(a), 0, XB(a), 0);
}

INSN(xvcvspuxds, "xvcvspuxds xt,xb", "60:6 t:5 /:5 b:5 392:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_TO_U, FF_S, FF_L, FP_TO_ZERO, 0), XT(a), 0, XB(a), 0);
}

INSN(xvcvspsxws, "xvcvspsxws xt,xb", "60:6 t:5 /:5 b:5 152:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_TO_S, FF_S, FF_W, FP_TO_ZERO, 0), XT(a), 0, XB(a), 0);
}

INSN(xvcvspuxws, "xvcvspuxws xt,xb", "60:6 t:5 /:5 b:5 136:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_TO_U, FF_S, FF_W, FP_TO_ZERO, 0), XT(a), 0, XB(a), 0);
}

INSN(xvcvsxdsp, "xvcvsxdsp xt,xb", "60:6 t:5 /:5 b:5 440:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_FROM_S, FF_L, FF_S, FPR_CURRENT, 0), XT(a), 0, XB(a), 0);
}

INSN(xvcvuxdsp, "xvcvuxdsp xt,xb", "60:6 t:5 /:5 b:5 424:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_FROM_U, FF_L, FF_S, FPR_CURRENT, 0), XT(a), 0, XB(a), 0);
}

INSN(xvcvsxwsp, "xvcvsxwsp xt,xb", "60:6 t:5 /:5 b:5 184:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_FROM_S, FF_W, FF_S, FPR_CURRENT, 0), XT(a), 0, XB(a), 0);
}

INSN(xvcvuxwsp, "xvcvuxwsp xt,xb", "60:6 t:5 /:5 b:5 168:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_FROM_U, FF_W, FF_S, FPR_CURRENT, 0), XT(a), 0, XB(a), 0);
}

INSN(xvcvdpsp, "xvcvdpsp xt,xb", "60:6 t:5 /:5 b:5 393:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_CVT, FF_D, FF_S, FPR_CURRENT, 0), XT(a), 0, XB(a), 0);
}

INSN(xvcvspdp, "xvcvspdp xt,xb", "60:6 t:5 /:5 b:5 457:9 bx:1 tx:1", VSX, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_CVT, FF_S, FF_D, FPR_CURRENT, 0), XT(a), 0, XB(a), 0);
}

INSN(xvcvhpsp, "xvcvhpsp xt,xb", "60:6 t:5 24:5 b:5 475:9 bx:1 tx:1", ISA300, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_CVT, FF_H, FF_S, FPR_CURRENT, 0), XT(a), 0, XB(a), 0);
}

INSN(xvcvsphp, "xvcvsphp xt,xb", "60:6 t:5 25:5 b:5 475:9 bx:1 tx:1", ISA300, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_CVT, FF_S, FF_H, FPR_CURRENT, 0), XT(a), 0, XB(a), 0);
}

INSN(xvcvspbf16, "xvcvspbf16 xt,xb", "60:6 t:5 17:5 b:5 475:9 bx:1 tx:1", ISA310, INSN_VSX)
{
    fp_vector(ctx, FPDESC(FPO_CVT, FF_S, FF_BF, FPR_CURRENT, 0), XT(a), 0, XB(a), 0);
}

INSN(xvcvbf16spn, "xvcvbf16spn xt,xb", "60:6 t:5 16:5 b:5 475:9 bx:1 tx:1", ISA310, INSN_VSX)
{
    set_vsr(XT(a), vopi(IR_VSHLI, 2, 16, vsr(XB(a))));
}
