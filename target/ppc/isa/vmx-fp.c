/*
 * VMX floating point (Power ISA Book I, 6.10): single-precision lanes, round to nearest, no FPSCR.
 *
 * Host arithmetic would leave its inexact flag in the FPSCR, so sums and products are a call that
 * guards that flag (fp/vmxfp.c). Compilers use VSX's forms wherever they have them. What is exact by
 * nature, or can be made so, is done in line for lanes where VSCR[NJ] makes no difference.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa/fp-emit.h"
#include "target/ppc/isa/vec-emit.h"

static void vmx_fp(const Insn *a, VmxFpOp op, Val va, Val vb, Val vc)
{
    set_vr(RT(a), CALL(helper_vmx_fp, "xeixxx", IRC_STATE, iconst(op), va, vb, vc));
}

static void vmx_fp_unary(const Insn *a, VmxFpOp op)
{
    Val v = vr(RB(a));

    vmx_fp(a, op, v, v, v);
}

static Val splat_word(uint32_t w)
{
    return vec_splat(2, w);
}

/* Lanes with a denormal number, which VSCR[NJ] makes zero. */
static Val denormal(Val v)
{
    Val t = vop2(IR_VADD, 2, vopi(IR_VSHLI, 2, 1, v), splat_word(UINT32_MAX));

    return vec_gtu(2, splat_word(0xffffff), t);
}

static Val not_a_number(Val v)
{
    return vnot(vfcmp(C_EQ, 2, v, v));
}

/* `fast`, unless a lane of `odd` is set. */
static Val or_exact(VmxFpOp op, Val odd, Val fast, Val va, Val vb)
{
    return GUARD(C_NE, vmask(odd), iconst(0), fast, helper_vmx_fp, "xeixxx", IRC_STATE, iconst(op), va, vb, vb);
}

static void vmx_fp_extreme(const Insn *a, VmxFpOp op)
{
    Val va = vr(RA(a)), vb = vr(RB(a));
    IrOp o = op == VMXFP_MAX ? IR_VFMAX : IR_VFMIN;
    Val ab = vop2(o, 2, va, vb), ba = vop2(o, 2, vb, va);       /* differ for zeros alone */
    Val odd = vor(vor(denormal(va), denormal(vb)), vor(not_a_number(va), not_a_number(vb)));

    set_vr(RT(a), or_exact(op, odd, op == VMXFP_MAX ? vand(ab, ba) : vor(ab, ba), va, vb));
}

static void vmx_fp_round(const Insn *a, VmxFpOp op)
{
    static const uint8_t mode[] = { 0, 3, 2, 1 };
    Val v = vr(RB(a)), r = ir_op1(IR_VFRINT, 2, mode[op - VMXFP_RINT_N], v);

    set_vr(RT(a), or_exact(op, vor(denormal(v), not_a_number(v)), r, v, v));
}

static void vmx_fp_compare(const Insn *a, VmxFpOp op)
{
    Val va = vr(RA(a)), vb = vr(RB(a)), r, m;

    if (op == VMXFP_CMPB) {
        r = CALL(helper_vmx_fp, "xeixxx", IRC_STATE, iconst(op), va, vb, vb);
    } else {
        r = vfcmp(op == VMXFP_CMPEQ ? C_EQ : op == VMXFP_CMPGT ? C_GT : C_GE, 2, va, vb);
        r = or_exact(op, vor(denormal(va), denormal(vb)), r, va, vb);
    }
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

/* 2^n as a single */
static Val power(int n)
{
    return splat_word((uint32_t)(127 + n) << 23);
}

/*
 * Cut to a range that survives scaling (a NaN becomes the least), scaled, truncated without a trace, converted. The
 * ends of the range, and what is negative of unsigned conversions, go the exact way.
 */
static void vmx_fp_to_int(const Insn *a, bool is_signed)
{
    unsigned scale = RA(a);
    Val v = vr(RB(a)), max = power(31 - scale), min = is_signed ? vxor(max, splat_word(0x80000000)) : vconst(0, 0);
    Val x = vop2(IR_VFMIN, 2, vop2(IR_VFMAX, 2, v, min), max), odd, r, sat;

    x = scale ? vop2(IR_VFMUL, 2, x, power(scale)) : x;
    r = ir_op1(IR_VFCVT, 1, 0, ir_op1(IR_VFRINT, 2, 3, x));
    odd = vop2(IR_VCMPEQ, 2, r, splat_word(0x80000000));
    odd = vmask(is_signed ? odd : vor(odd, vor(not_a_number(v), vec_sign(2, v))));
    set_vr(RT(a), GUARD(C_NE, odd, iconst(0), r, helper_vmx_fp_to_int, "xiix", IRC_PURE, iconst(scale),
                        iconst(is_signed), v));
    sat = GUARD(C_NE, odd, iconst(0), iconst(0), helper_vmx_fp_to_int_sat, "iiix", IRC_PURE, iconst(scale),
                iconst(is_signed), v);
    slot_set(SLOT_SAT, bor(slot_get(SLOT_SAT), sat));
}

/* Up to 24 bits are exact; more are kept from the host, which would say that they are not. */
static void vmx_fp_from_int(const Insn *a, bool is_signed)
{
    Val v = vr(RB(a)), limit = splat_word(1u << 24), r;
    Val big = is_signed ? vec_gtu(2, vop2(IR_VADD, 2, v, limit), splat_word(1u << 25)) : vec_gtu(2, v, limit);

    r = ir_op1(IR_VFCVT, 0, 0, vandc(v, big));
    r = RA(a) ? vop2(IR_VFMUL, 2, r, power(-(int)RA(a))) : r;
    set_vr(RT(a), GUARD(C_NE, vmask(big), iconst(0), r, helper_vmx_fp_from_int, "xiix", IRC_PURE, iconst(RA(a)),
                        iconst(is_signed), v));
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
    vmx_fp_extreme(a, VMXFP_MAX);
}

INSN(vminfp, "vminfp vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1098:11", ALTIVEC, INSN_VEC)
{
    vmx_fp_extreme(a, VMXFP_MIN);
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
    vmx_fp_round(a, VMXFP_RINT_N);
}

INSN(vrfiz, "vrfiz vrt,vrb", "4:6 vrt:5 /:5 vrb:5 586:11", ALTIVEC, INSN_VEC)
{
    vmx_fp_round(a, VMXFP_RINT_Z);
}

INSN(vrfip, "vrfip vrt,vrb", "4:6 vrt:5 /:5 vrb:5 650:11", ALTIVEC, INSN_VEC)
{
    vmx_fp_round(a, VMXFP_RINT_P);
}

INSN(vrfim, "vrfim vrt,vrb", "4:6 vrt:5 /:5 vrb:5 714:11", ALTIVEC, INSN_VEC)
{
    vmx_fp_round(a, VMXFP_RINT_M);
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
    vmx_fp_from_int(a, true);
}

INSN(vcfux, "vcfux vrt,vrb,uim", "4:6 vrt:5 uim:5 vrb:5 778:11", ALTIVEC, INSN_VEC)
{
    vmx_fp_from_int(a, false);
}

INSN(vctsxs, "vctsxs vrt,vrb,uim", "4:6 vrt:5 uim:5 vrb:5 970:11", ALTIVEC, INSN_VEC)
{
    vmx_fp_to_int(a, true);
}

INSN(vctuxs, "vctuxs vrt,vrb,uim", "4:6 vrt:5 uim:5 vrb:5 906:11", ALTIVEC, INSN_VEC)
{
    vmx_fp_to_int(a, false);
}
