/*
 * Floating-point bits that are no arithmetic: signs, exponents, significands, classes (Book I,
 * 7.6).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa/fp-emit.h"

#define SIGN_D 0x8000000000000000ull
#define SIGN_S 0x8000000080000000ull
#define EXP_D  0x7ff0000000000000ull
#define EXP_S  0x7f8000007f800000ull

static Val splat(uint64_t d)
{
    return vconst(d, d);
}

Val fp_copy_sign(Val sign, Val value)
{
    return i2f(bor(andi(f2i(sign), SIGN_D), andi(f2i(value), ~SIGN_D)));
}

static Val quad_sign(void)
{
    return vconst(SIGN_D, 0);
}

INSN(xsabsdp, "xsabsdp xt,xb", "60:6 t:5 /:5 b:5 345:9 bx:1 tx:1", VSX, INSN_VSX)
{
    set_fpr(XT(a), fabs_(fpr(XB(a))));
}

INSN(xvabsdp, "xvabsdp xt,xb", "60:6 t:5 /:5 b:5 473:9 bx:1 tx:1", VSX, INSN_VSX)
{
    set_vsr(XT(a), vandc(vsr(XB(a)), splat(SIGN_D)));
}

INSN(xvabssp, "xvabssp xt,xb", "60:6 t:5 /:5 b:5 409:9 bx:1 tx:1", VSX, INSN_VSX)
{
    set_vsr(XT(a), vandc(vsr(XB(a)), splat(SIGN_S)));
}

INSN(xsabsqp, "xsabsqp vrt,vrb", "63:6 vrt:5 0:5 vrb:5 804:10 /:1", ISA300, INSN_VSX)
{
    set_vsr(VT(a), vandc(vsr(VB(a)), quad_sign()));
}

INSN(xsnabsdp, "xsnabsdp xt,xb", "60:6 t:5 /:5 b:5 361:9 bx:1 tx:1", VSX, INSN_VSX)
{
    set_fpr(XT(a), fnabs_(fpr(XB(a))));
}

INSN(xvnabsdp, "xvnabsdp xt,xb", "60:6 t:5 /:5 b:5 489:9 bx:1 tx:1", VSX, INSN_VSX)
{
    set_vsr(XT(a), vor(vsr(XB(a)), splat(SIGN_D)));
}

INSN(xvnabssp, "xvnabssp xt,xb", "60:6 t:5 /:5 b:5 425:9 bx:1 tx:1", VSX, INSN_VSX)
{
    set_vsr(XT(a), vor(vsr(XB(a)), splat(SIGN_S)));
}

INSN(xsnabsqp, "xsnabsqp vrt,vrb", "63:6 vrt:5 8:5 vrb:5 804:10 /:1", ISA300, INSN_VSX)
{
    set_vsr(VT(a), vor(vsr(VB(a)), quad_sign()));
}

INSN(xsnegdp, "xsnegdp xt,xb", "60:6 t:5 /:5 b:5 377:9 bx:1 tx:1", VSX, INSN_VSX)
{
    set_fpr(XT(a), fneg_(fpr(XB(a))));
}

INSN(xvnegdp, "xvnegdp xt,xb", "60:6 t:5 /:5 b:5 505:9 bx:1 tx:1", VSX, INSN_VSX)
{
    set_vsr(XT(a), vxor(vsr(XB(a)), splat(SIGN_D)));
}

INSN(xvnegsp, "xvnegsp xt,xb", "60:6 t:5 /:5 b:5 441:9 bx:1 tx:1", VSX, INSN_VSX)
{
    set_vsr(XT(a), vxor(vsr(XB(a)), splat(SIGN_S)));
}

INSN(xsnegqp, "xsnegqp vrt,vrb", "63:6 vrt:5 16:5 vrb:5 804:10 /:1", ISA300, INSN_VSX)
{
    set_vsr(VT(a), vxor(vsr(VB(a)), quad_sign()));
}

INSN(xscpsgndp, "xscpsgndp xt,xa,xb", "60:6 t:5 a:5 b:5 176:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    set_fpr(XT(a), fp_copy_sign(fpr(XA(a)), fpr(XB(a))));
}

INSN(xvcpsgndp, "xvcpsgndp xt,xa,xb", "60:6 t:5 a:5 b:5 240:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    set_vsr(XT(a), vsel(splat(SIGN_D), vsr(XA(a)), vsr(XB(a))));
}

INSN(xvcpsgnsp, "xvcpsgnsp xt,xa,xb", "60:6 t:5 a:5 b:5 208:8 ax:1 bx:1 tx:1", VSX, INSN_VSX)
{
    set_vsr(XT(a), vsel(splat(SIGN_S), vsr(XA(a)), vsr(XB(a))));
}

INSN(xscpsgnqp, "xscpsgnqp vrt,vra,vrb", "63:6 vrt:5 vra:5 vrb:5 100:10 /:1", ISA300, INSN_VSX)
{
    set_vsr(VT(a), vsel(quad_sign(), vsr(VA(a)), vsr(VB(a))));
}

INSN(xsxexpdp, "xsxexpdp rt,xb", "60:6 rt:5 0:5 b:5 347:9 bx:1 /:1", ISA300, INSN_VSX)
{
    set_gpr(RT(a), andi(shri(f2i(fpr(XB(a))), 52), 0x7ff));
}

INSN(xsxsigdp, "xsxsigdp rt,xb", "60:6 rt:5 1:5 b:5 347:9 bx:1 /:1", ISA300, INSN_VSX)
{
    Val v = f2i(fpr(XB(a))), e = andi(shri(v, 52), 0x7ff);
    Val hidden = setcond(C_LTU, addi(e, -1), iconst(0x7fe));

    set_gpr(RT(a), bor(andi(v, 0xfffffffffffffull), shli(hidden, 52)));
}

INSN(xsiexpdp, "xsiexpdp xt,ra,rb", "60:6 t:5 ra:5 rb:5 918:10 tx:1", ISA300, INSN_VSX)
{
    Val e = shli(andi(gpr(RB(a)), 0x7ff), 52);

    set_fpr(XT(a), i2f(bor(andi(gpr(RA(a)), ~EXP_D), e)));
}

INSN(xsxexpqp, "xsxexpqp vrt,vrb", "63:6 vrt:5 2:5 vrb:5 804:10 /:1", ISA300, INSN_VSX)
{
    set_vsr(VT(a), i2v(andi(shri(v2i_hi(vsr(VB(a))), 48), 0x7fff), iconst(0)));
}

INSN(xsxsigqp, "xsxsigqp vrt,vrb", "63:6 vrt:5 18:5 vrb:5 804:10 /:1", ISA300, INSN_VSX)
{
    Val q = vsr(VB(a)), hi = v2i_hi(q), e = andi(shri(hi, 48), 0x7fff);
    Val hidden = setcond(C_LTU, addi(e, -1), iconst(0x7ffe));

    set_vsr(VT(a), i2v(bor(andi(hi, 0xffffffffffffull), shli(hidden, 48)), v2i_lo(q)));
}

INSN(xsiexpqp, "xsiexpqp vrt,vra,vrb", "63:6 vrt:5 vra:5 vrb:5 868:10 /:1", ISA300, INSN_VSX)
{
    Val e = shli(andi(v2i_hi(vsr(VB(a))), 0x7fff), 48), q = vsr(VA(a));

    set_vsr(VT(a), i2v(bor(andi(v2i_hi(q), 0x8000ffffffffffffull), e), v2i_lo(q)));
}

INSN(xvxexpdp, "xvxexpdp xt,xb", "60:6 t:5 0:5 b:5 475:9 bx:1 tx:1", ISA300, INSN_VSX)
{
    set_vsr(XT(a), vopi(IR_VSHRI, 3, 52, vand(vsr(XB(a)), splat(EXP_D))));
}

INSN(xvxsigdp, "xvxsigdp xt,xb", "60:6 t:5 1:5 b:5 475:9 bx:1 tx:1", ISA300, INSN_VSX)
{
    Val v = vsr(XB(a)), e = vand(v, splat(EXP_D));
    Val zero = vop2(IR_VCMPEQ, 3, e, splat(0)), max = vop2(IR_VCMPEQ, 3, e, splat(EXP_D));
    Val frac = vand(v, splat(~(EXP_D | SIGN_D)));

    set_vsr(XT(a), vor(frac, vandc(splat(0x0010000000000000ull), vor(zero, max))));
}

INSN(xviexpdp, "xviexpdp xt,xa,xb", "60:6 t:5 a:5 b:5 248:8 ax:1 bx:1 tx:1", ISA300, INSN_VSX)
{
    Val e = vopi(IR_VSHLI, 3, 52, vsr(XB(a)));

    set_vsr(XT(a), vsel(splat(EXP_D), e, vsr(XA(a))));
}

INSN(xvxexpsp, "xvxexpsp xt,xb", "60:6 t:5 8:5 b:5 475:9 bx:1 tx:1", ISA300, INSN_VSX)
{
    set_vsr(XT(a), vopi(IR_VSHRI, 2, 23, vand(vsr(XB(a)), splat(EXP_S))));
}

INSN(xvxsigsp, "xvxsigsp xt,xb", "60:6 t:5 9:5 b:5 475:9 bx:1 tx:1", ISA300, INSN_VSX)
{
    Val v = vsr(XB(a)), e = vand(v, splat(EXP_S));
    Val zero = vop2(IR_VCMPEQ, 2, e, splat(0)), max = vop2(IR_VCMPEQ, 2, e, splat(EXP_S));
    Val frac = vand(v, splat(~(EXP_S | SIGN_S)));

    set_vsr(XT(a), vor(frac, vandc(splat(0x0080000000800000ull), vor(zero, max))));
}

INSN(xviexpsp, "xviexpsp xt,xa,xb", "60:6 t:5 a:5 b:5 216:8 ax:1 bx:1 tx:1", ISA300, INSN_VSX)
{
    Val e = vopi(IR_VSHLI, 2, 23, vsr(XB(a)));

    set_vsr(XT(a), vsel(splat(EXP_S), e, vsr(XA(a))));
}

INSN(xvtdivdp, "xvtdivdp bf,xa,xb", "60:6 bf:3 /:2 a:5 b:5 125:8 ax:1 bx:1 /:1", VSX, INSN_VSX)
{
    set_crf(BF(a), CALL(helper_vfp_test_div, "ixxi", IRC_PURE, vsr(XA(a)), vsr(XB(a)), iconst(3)));
}

INSN(xvtsqrtdp, "xvtsqrtdp bf,xb", "60:6 bf:3 /:7 b:5 234:9 bx:1 /:1", VSX, INSN_VSX)
{
    set_crf(BF(a), CALL(helper_vfp_test_sqrt, "ixi", IRC_PURE, vsr(XB(a)), iconst(3)));
}

INSN(xvtdivsp, "xvtdivsp bf,xa,xb", "60:6 bf:3 /:2 a:5 b:5 93:8 ax:1 bx:1 /:1", VSX, INSN_VSX)
{
    set_crf(BF(a), CALL(helper_vfp_test_div, "ixxi", IRC_PURE, vsr(XA(a)), vsr(XB(a)), iconst(2)));
}

INSN(xvtsqrtsp, "xvtsqrtsp bf,xb", "60:6 bf:3 /:7 b:5 170:9 bx:1 /:1", VSX, INSN_VSX)
{
    set_crf(BF(a), CALL(helper_vfp_test_sqrt, "ixi", IRC_PURE, vsr(XB(a)), iconst(2)));
}

INSN(xstdivdp, "xstdivdp bf,xa,xb", "60:6 bf:3 /:2 a:5 b:5 61:8 ax:1 bx:1 /:1", VSX, INSN_VSX)
{
    set_crf(BF(a), CALL(helper_fp_test_div, "iii", IRC_PURE, f2i(fpr(XA(a))), f2i(fpr(XB(a)))));
}

INSN(xstsqrtdp, "xstsqrtdp bf,xb", "60:6 bf:3 /:7 b:5 106:9 bx:1 /:1", VSX, INSN_VSX)
{
    set_crf(BF(a), CALL(helper_fp_test_sqrt, "ii", IRC_PURE, f2i(fpr(XB(a)))));
}

static void test_class(const Insn *a, FpFmtId fmt, unsigned b)
{
    set_crf(BF(a), CALL(helper_fp_test_class, "ieiii", IRC_WRITE | IRC_STATE, iconst(fmt),
                        iconst(FIELD(a, 16, 7)), iconst(b)));
}

INSN(xststdcdp, "xststdcdp bf,xb,dcmx", "60:6 bf:3 dcmx:7 b:5 362:9 bx:1 /:1", ISA300, INSN_VSX)
{
    test_class(a, FF_D, XB(a));
}

INSN(xststdcsp, "xststdcsp bf,xb,dcmx", "60:6 bf:3 dcmx:7 b:5 298:9 bx:1 /:1", ISA300, INSN_VSX)
{
    test_class(a, FF_SD, XB(a));
}

INSN(xststdcqp, "xststdcqp bf,vrb,dcmx", "63:6 bf:3 dcmx:7 vrb:5 708:10 /:1", ISA300, INSN_VSX)
{
    test_class(a, FF_Q, VB(a));
}

/* dcmx is split: dc || dm || dx */
static unsigned vector_dcmx(const Insn *a)
{
    return FIELD(a, 6, 1) << 6 | FIELD(a, 2, 1) << 5 | FIELD(a, 16, 5);
}

INSN(xvtstdcdp, "xvtstdcdp xt,xb,dcmx", "60:6 t:5 dx:5 b:5 15:4 dc:1 5:3 dm:1 bx:1 tx:1", ISA300,
     INSN_VSX)
{
    set_vsr(XT(a), CALL(helper_vfp_test_class, "xxii", IRC_PURE, vsr(XB(a)), iconst(3),
                        iconst(vector_dcmx(a))));
}

INSN(xvtstdcsp, "xvtstdcsp xt,xb,dcmx", "60:6 t:5 dx:5 b:5 13:4 dc:1 5:3 dm:1 bx:1 tx:1", ISA300,
     INSN_VSX)
{
    set_vsr(XT(a), CALL(helper_vfp_test_class, "xxii", IRC_PURE, vsr(XB(a)), iconst(2),
                        iconst(vector_dcmx(a))));
}
