/*
 * VMX floating point (Power ISA Book I, 6.10): single-precision lanes, round to nearest, no FPSCR.
 *
 * Host arithmetic would leave its inexact flag in the FPSCR, so each instruction is a call that
 * guards that flag (fp/vmxfp.c). Compilers use VSX's forms wherever they have them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa/fp-emit.h"

static void vmx_fp(const Insn *a, VmxFpOp op, Val va, Val vb, Val vc)
{
    set_vr(RT(a), CALL(helper_vmx_fp, "xeixxx", IRC_STATE, iconst(op), va, vb, vc));
}

static void vmx_fp_unary(const Insn *a, VmxFpOp op)
{
    Val v = vr(RB(a));

    vmx_fp(a, op, v, v, v);
}

static void vmx_fp_compare(const Insn *a, VmxFpOp op)
{
    Val va = vr(RA(a)), vb = vr(RB(a)), r, m;

    r = CALL(helper_vmx_fp, "xeixxx", IRC_STATE, iconst(op), va, vb, vb);
    set_vr(RT(a), r);
    if (a->w >> 10 & 1) {
        if (op == VMXFP_CMPB) {
            Val in = CALL(helper_vmx_all_zero, "ix", IRC_PURE, r);

            set_crbit(24, iconst(0));
            set_crbit(26, in);
        } else {
            m = vmask(r);
            set_crbit(24, setcond(C_EQ, m, iconst(0xffff)));
            set_crbit(26, setcond(C_EQ, m, iconst(0)));
        }
        set_crbit(25, iconst(0));
        set_crbit(27, iconst(0));
    }
}

static void vmx_fp_to_int(const Insn *a, bool is_signed)
{
    set_vr(RT(a), CALL(helper_vmx_fp_to_int, "xeiix", IRC_WRITE | IRC_STATE, iconst(RA(a)),
                       iconst(is_signed), vr(RB(a))));
}

INSN(vaddfp, "vaddfp vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 10:11", ALTIVEC, INSN_VEC)
{
    vmx_fp(a, VMXFP_ADD, vr(RA(a)), vr(RB(a)), vr(RB(a)));
}

INSN(vsubfp, "vsubfp vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 74:11", ALTIVEC, INSN_VEC)
{
    vmx_fp(a, VMXFP_SUB, vr(RA(a)), vr(RB(a)), vr(RB(a)));
}

INSN(vmaxfp, "vmaxfp vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1034:11", ALTIVEC, INSN_VEC)
{
    vmx_fp(a, VMXFP_MAX, vr(RA(a)), vr(RB(a)), vr(RB(a)));
}

INSN(vminfp, "vminfp vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1098:11", ALTIVEC, INSN_VEC)
{
    vmx_fp(a, VMXFP_MIN, vr(RA(a)), vr(RB(a)), vr(RB(a)));
}

INSN(vmaddfp, "vmaddfp vrt,vra,vrc,vrb", "4:6 vrt:5 vra:5 vrb:5 vrc:5 46:6", ALTIVEC, INSN_VEC)
{
    vmx_fp(a, VMXFP_MADD, vr(RA(a)), vr(RB(a)), vr(RC_(a)));
}

INSN(vnmsubfp, "vnmsubfp vrt,vra,vrc,vrb", "4:6 vrt:5 vra:5 vrb:5 vrc:5 47:6", ALTIVEC, INSN_VEC)
{
    vmx_fp(a, VMXFP_NMSUB, vr(RA(a)), vr(RB(a)), vr(RC_(a)));
}

INSN(vrefp, "vrefp vrt,vrb", "4:6 vrt:5 /:5 vrb:5 266:11", ALTIVEC, INSN_VEC)
{
    vmx_fp_unary(a, VMXFP_RE);
}

INSN(vrsqrtefp, "vrsqrtefp vrt,vrb", "4:6 vrt:5 /:5 vrb:5 330:11", ALTIVEC, INSN_VEC)
{
    vmx_fp_unary(a, VMXFP_RSQRTE);
}

INSN(vexptefp, "vexptefp vrt,vrb", "4:6 vrt:5 /:5 vrb:5 394:11", ALTIVEC, INSN_VEC)
{
    vmx_fp_unary(a, VMXFP_EXPTE);
}

INSN(vlogefp, "vlogefp vrt,vrb", "4:6 vrt:5 /:5 vrb:5 458:11", ALTIVEC, INSN_VEC)
{
    vmx_fp_unary(a, VMXFP_LOGE);
}

INSN(vrfin, "vrfin vrt,vrb", "4:6 vrt:5 /:5 vrb:5 522:11", ALTIVEC, INSN_VEC)
{
    vmx_fp_unary(a, VMXFP_RINT_N);
}

INSN(vrfiz, "vrfiz vrt,vrb", "4:6 vrt:5 /:5 vrb:5 586:11", ALTIVEC, INSN_VEC)
{
    vmx_fp_unary(a, VMXFP_RINT_Z);
}

INSN(vrfip, "vrfip vrt,vrb", "4:6 vrt:5 /:5 vrb:5 650:11", ALTIVEC, INSN_VEC)
{
    vmx_fp_unary(a, VMXFP_RINT_P);
}

INSN(vrfim, "vrfim vrt,vrb", "4:6 vrt:5 /:5 vrb:5 714:11", ALTIVEC, INSN_VEC)
{
    vmx_fp_unary(a, VMXFP_RINT_M);
}

INSN(vcmpeqfp, "vcmpeqfp[.] vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 rc:1 198:10", ALTIVEC, INSN_VEC)
{
    vmx_fp_compare(a, VMXFP_CMPEQ);
}

INSN(vcmpgefp, "vcmpgefp[.] vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 rc:1 454:10", ALTIVEC, INSN_VEC)
{
    vmx_fp_compare(a, VMXFP_CMPGE);
}

INSN(vcmpgtfp, "vcmpgtfp[.] vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 rc:1 710:10", ALTIVEC, INSN_VEC)
{
    vmx_fp_compare(a, VMXFP_CMPGT);
}

INSN(vcmpbfp, "vcmpbfp[.] vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 rc:1 966:10", ALTIVEC, INSN_VEC)
{
    vmx_fp_compare(a, VMXFP_CMPB);
}

INSN(vcfsx, "vcfsx vrt,vrb,uim", "4:6 vrt:5 uim:5 vrb:5 842:11", ALTIVEC, INSN_VEC)
{
    set_vr(RT(a), CALL(helper_vmx_fp_from_int, "xiix", IRC_PURE, iconst(RA(a)), iconst(true),
                        vr(RB(a))));
}

INSN(vcfux, "vcfux vrt,vrb,uim", "4:6 vrt:5 uim:5 vrb:5 778:11", ALTIVEC, INSN_VEC)
{
    set_vr(RT(a), CALL(helper_vmx_fp_from_int, "xiix", IRC_PURE, iconst(RA(a)), iconst(false),
                        vr(RB(a))));
}

INSN(vctsxs, "vctsxs vrt,vrb,uim", "4:6 vrt:5 uim:5 vrb:5 970:11", ALTIVEC, INSN_VEC)
{
    vmx_fp_to_int(a, true);
}

INSN(vctuxs, "vctuxs vrt,vrb,uim", "4:6 vrt:5 uim:5 vrb:5 906:11", ALTIVEC, INSN_VEC)
{
    vmx_fp_to_int(a, false);
}
