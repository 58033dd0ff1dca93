/*
 * VMX integer, logical and permute instructions (Power ISA Book I, chapter 6), as IR vector operations where
 * there is one, and lane loops (vec-helpers.c) where not.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa.h"
#include "target/ppc/isa/vec-emit.h"
#include "target/ppc/isa/vec-helpers.h"

static Val helper2(VecFn2 *fn, Val a, Val b)
{
    return CALL(vec_call2, "xixx", IRC_PURE, iconst((uintptr_t)fn), a, b);
}

/* Saturating operations report in VSCR[SAT] whether any lane differs from the modulo result. */
static void saturating(unsigned vrt, Val sat, Val modulo)
{
    set_vr(vrt, sat);
    vec_note_sat(modulo, sat);
}

/* Record forms: CR6 = all true || 0 || none true || 0 */
static void compare_cr6(Val r)
{
    Val m = vmask(r);

    set_crbit(24, setcond(C_EQ, m, iconst(0xffff)));
    set_crbit(25, iconst(0));
    set_crbit(26, setcond(C_EQ, m, iconst(0)));
    set_crbit(27, iconst(0));
}

static void compare(const Insn *a, Val r)
{
    set_vr(RT(a), r);
    if (a->w >> 10 & 1) {
        compare_cr6(r);
    }
}

static Val not_equal_or_zero(unsigned lane, Val a, Val b)
{
    Val z = vconst(0, 0);

    return vor(vnot(vop2(IR_VCMPEQ, lane, a, b)), vor(vop2(IR_VCMPEQ, lane, a, z), vop2(IR_VCMPEQ, lane, b, z)));
}

#define A vr(RA(a))
#define B vr(RB(a))

static void sum_saturating(const Insn *a, bool is_signed, Val sum, Val b)
{
    saturating(RT(a), vec_add_sat_words(is_signed, b, sum), vop2(IR_VADD, 2, b, sum));
}

static Val saturated_word(Val sum)
{
    Val r = sel(C_GT, sum, iconst(INT32_MAX), iconst(INT32_MAX), sum);

    r = sel(C_LT, r, iconst(INT32_MIN), iconst(INT32_MIN), r);
    slot_set(SLOT_SAT, bor(slot_get(SLOT_SAT), setcond(C_NE, r, sum)));
    return extu32(r);
}

static Val word_sum(Val doubleword)
{
    return add(sari(doubleword, 32), exts32(doubleword));
}

/* vsumsws: all words of A to the last word of B; vsum2sws: each half by itself. */
static void sum_across(const Insn *a, bool all)
{
    Val va = vr(RA(a)), vb = vr(RB(a)), first = word_sum(v2i_hi(va)), second = word_sum(v2i_lo(va));

    second = add(second, exts32(v2i_lo(vb)));
    first = all ? first : saturated_word(add(first, exts32(v2i_hi(vb))));
    second = saturated_word(all ? add(first, second) : second);
    set_vr(RT(a), i2v(all ? iconst(0) : first, second));
}

/* ---- add and subtract ---- */

INSN(vaddubm, "vaddubm vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 0:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VADD, 0, A, B)); }
INSN(vadduhm, "vadduhm vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 64:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VADD, 1, A, B)); }
INSN(vadduwm, "vadduwm vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 128:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VADD, 2, A, B)); }
INSN(vaddudm, "vaddudm vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 192:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vop2(IR_VADD, 3, A, B)); }
INSN(vsububm, "vsububm vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1024:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VSUB, 0, A, B)); }
INSN(vsubuhm, "vsubuhm vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1088:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VSUB, 1, A, B)); }
INSN(vsubuwm, "vsubuwm vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1152:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VSUB, 2, A, B)); }
INSN(vsubudm, "vsubudm vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1216:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vop2(IR_VSUB, 3, A, B)); }
INSN(vaddubs, "vaddubs vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 512:11", ALTIVEC, INSN_VEC) { saturating(RT(a), vop2(IR_VADDUS, 0, A, B), vop2(IR_VADD, 0, A, B)); }
INSN(vadduhs, "vadduhs vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 576:11", ALTIVEC, INSN_VEC) { saturating(RT(a), vop2(IR_VADDUS, 1, A, B), vop2(IR_VADD, 1, A, B)); }
INSN(vaddsbs, "vaddsbs vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 768:11", ALTIVEC, INSN_VEC) { saturating(RT(a), vop2(IR_VADDSS, 0, A, B), vop2(IR_VADD, 0, A, B)); }
INSN(vaddshs, "vaddshs vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 832:11", ALTIVEC, INSN_VEC) { saturating(RT(a), vop2(IR_VADDSS, 1, A, B), vop2(IR_VADD, 1, A, B)); }
INSN(vsububs, "vsububs vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1536:11", ALTIVEC, INSN_VEC) { saturating(RT(a), vop2(IR_VSUBUS, 0, A, B), vop2(IR_VSUB, 0, A, B)); }
INSN(vsubuhs, "vsubuhs vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1600:11", ALTIVEC, INSN_VEC) { saturating(RT(a), vop2(IR_VSUBUS, 1, A, B), vop2(IR_VSUB, 1, A, B)); }
INSN(vsubsbs, "vsubsbs vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1792:11", ALTIVEC, INSN_VEC) { saturating(RT(a), vop2(IR_VSUBSS, 0, A, B), vop2(IR_VSUB, 0, A, B)); }
INSN(vsubshs, "vsubshs vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1856:11", ALTIVEC, INSN_VEC) { saturating(RT(a), vop2(IR_VSUBSS, 1, A, B), vop2(IR_VSUB, 1, A, B)); }
INSN(vadduws, "vadduws vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 640:11", ALTIVEC, INSN_VEC) { saturating(RT(a), vec_add_sat_words(false, A, B), vop2(IR_VADD, 2, A, B)); }
INSN(vaddsws, "vaddsws vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 896:11", ALTIVEC, INSN_VEC) { saturating(RT(a), vec_add_sat_words(true, A, B), vop2(IR_VADD, 2, A, B)); }
INSN(vsubuws, "vsubuws vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1664:11", ALTIVEC, INSN_VEC) { saturating(RT(a), vec_sub_sat_words(false, A, B), vop2(IR_VSUB, 2, A, B)); }
INSN(vsubsws, "vsubsws vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1920:11", ALTIVEC, INSN_VEC) { saturating(RT(a), vec_sub_sat_words(true, A, B), vop2(IR_VSUB, 2, A, B)); }
INSN(vaddcuw, "vaddcuw vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 384:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_carry_words(A, B, false)); }
INSN(vsubcuw, "vsubcuw vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1408:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_carry_words(A, B, true)); }
INSN(vadduqm, "vadduqm vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 256:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vec_add_quad(A, B)); }
INSN(vaddcuq, "vaddcuq vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 320:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vec_less_quad(vnot(A), B)); }
INSN(vsubuqm, "vsubuqm vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1280:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vec_sub_quad(A, B)); }
INSN(vsubcuq, "vsubcuq vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1344:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vxor(vec_less_quad(A, B), vconst(0, 1))); }
INSN(vavgub, "vavgub vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1026:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VAVGU, 0, A, B)); }
INSN(vavguh, "vavguh vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1090:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VAVGU, 1, A, B)); }
INSN(vavguw, "vavguw vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1154:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_average(2, false, A, B)); }
INSN(vavgsb, "vavgsb vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1282:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_average(0, true, A, B)); }
INSN(vavgsh, "vavgsh vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1346:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_average(1, true, A, B)); }
INSN(vavgsw, "vavgsw vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1410:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_average(2, true, A, B)); }
INSN(vabsdub, "vabsdub vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1027:11", ISA300, INSN_VEC) { set_vr(RT(a), vec_abs_difference(0, A, B)); }
INSN(vabsduh, "vabsduh vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1091:11", ISA300, INSN_VEC) { set_vr(RT(a), vec_abs_difference(1, A, B)); }
INSN(vabsduw, "vabsduw vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1155:11", ISA300, INSN_VEC) { set_vr(RT(a), vec_abs_difference(2, A, B)); }
INSN(vmuleub, "vmuleub vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 520:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_mul_parts(1, true, false, A, B)); }
INSN(vmuleuh, "vmuleuh vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 584:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_mul_parts(2, true, false, A, B)); }
INSN(vmuleuw, "vmuleuw vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 648:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vec_mul_parts(3, true, false, A, B)); }
INSN(vmulesb, "vmulesb vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 776:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_mul_parts(1, true, true, A, B)); }
INSN(vmulesh, "vmulesh vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 840:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_mul_parts(2, true, true, A, B)); }
INSN(vmulesw, "vmulesw vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 904:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vec_mul_parts(3, true, true, A, B)); }
INSN(vmuloub, "vmuloub vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 8:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_mul_parts(1, false, false, A, B)); }
INSN(vmulouh, "vmulouh vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 72:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_mul_parts(2, false, false, A, B)); }
INSN(vmulouw, "vmulouw vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 136:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vec_mul_parts(3, false, false, A, B)); }
INSN(vmulosb, "vmulosb vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 264:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_mul_parts(1, false, true, A, B)); }
INSN(vmulosh, "vmulosh vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 328:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_mul_parts(2, false, true, A, B)); }
INSN(vmulosw, "vmulosw vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 392:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vec_mul_parts(3, false, true, A, B)); }
INSN(vslo, "vslo vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1036:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_shift_octets(false, A, B)); }
INSN(vsro, "vsro vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1100:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_shift_octets(true, A, B)); }
INSN(vsl, "vsl vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 452:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_shift_bits(false, A, B)); }
INSN(vsr, "vsr vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 708:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_shift_bits(true, A, B)); }
INSN(vslv, "vslv vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1860:11", ISA300, INSN_VEC) { set_vr(RT(a), helper2(vec_slv, A, B)); }
INSN(vsrv, "vsrv vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1796:11", ISA300, INSN_VEC) { set_vr(RT(a), helper2(vec_srv, A, B)); }
INSN(vbpermq, "vbpermq vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1356:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vec_gather_bits(A, B)); }
INSN(vbpermd, "vbpermd vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1484:11", ISA300, INSN_VEC) { set_vr(RT(a), helper2(vec_bpermd, A, B)); }
INSN(vrlwnm, "vrlwnm vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 389:11", ISA300, INSN_VEC) { set_vr(RT(a), helper2(vec_rlwnm, A, B)); }
INSN(vrldnm, "vrldnm vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 453:11", ISA300, INSN_VEC) { set_vr(RT(a), helper2(vec_rldnm, A, B)); }
INSN(vrlwmi, "vrlwmi vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 133:11", ISA300, INSN_VEC) { Val ins = helper2(vec_rlwmi_mask, A, B); set_vr(RT(a), vsel(ins, vop2(IR_VROTL, 2, A, B), vr(RT(a)))); }
INSN(vrldmi, "vrldmi vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 197:11", ISA300, INSN_VEC) { Val ins = helper2(vec_rldmi_mask, A, B); set_vr(RT(a), vsel(ins, vop2(IR_VROTL, 3, A, B), vr(RT(a)))); }
INSN(vsum4ubs, "vsum4ubs vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1544:11", ALTIVEC, INSN_VEC) { sum_saturating(a, false, vec_sum_bytes(false, A), B); }
INSN(vsum4sbs, "vsum4sbs vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1800:11", ALTIVEC, INSN_VEC) { sum_saturating(a, true, vec_sum_bytes(true, A), B); }
INSN(vsum4shs, "vsum4shs vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1608:11", ALTIVEC, INSN_VEC) { sum_saturating(a, true, vec_sum_halfwords(true, A), B); }
INSN(vsum2sws, "vsum2sws vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1672:11", ALTIVEC, INSN_VEC) { sum_across(a, false); }
INSN(vsumsws, "vsumsws vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1928:11", ALTIVEC, INSN_VEC) { sum_across(a, true); }

/* ---- minimum, maximum ---- */

INSN(vmaxub, "vmaxub vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 2:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VMAXU, 0, A, B)); }
INSN(vmaxuh, "vmaxuh vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 66:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VMAXU, 1, A, B)); }
INSN(vmaxuw, "vmaxuw vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 130:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VMAXU, 2, A, B)); }
INSN(vmaxsb, "vmaxsb vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 258:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VMAXS, 0, A, B)); }
INSN(vmaxsh, "vmaxsh vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 322:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VMAXS, 1, A, B)); }
INSN(vmaxsw, "vmaxsw vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 386:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VMAXS, 2, A, B)); }
INSN(vminub, "vminub vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 514:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VMINU, 0, A, B)); }
INSN(vminuh, "vminuh vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 578:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VMINU, 1, A, B)); }
INSN(vminuw, "vminuw vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 642:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VMINU, 2, A, B)); }
INSN(vminsb, "vminsb vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 770:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VMINS, 0, A, B)); }
INSN(vminsh, "vminsh vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 834:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VMINS, 1, A, B)); }
INSN(vminsw, "vminsw vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 898:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VMINS, 2, A, B)); }
INSN(vmaxud, "vmaxud vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 194:11", ALTIVEC207, INSN_VEC) { Val x = A, y = B; set_vr(RT(a), vsel(vec_gtu(3, x, y), x, y)); }
INSN(vmaxsd, "vmaxsd vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 450:11", ALTIVEC207, INSN_VEC) { Val x = A, y = B; set_vr(RT(a), vsel(vop2(IR_VCMPGTS, 3, x, y), x, y)); }
INSN(vminud, "vminud vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 706:11", ALTIVEC207, INSN_VEC) { Val x = A, y = B; set_vr(RT(a), vsel(vec_gtu(3, x, y), y, x)); }
INSN(vminsd, "vminsd vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 962:11", ALTIVEC207, INSN_VEC) { Val x = A, y = B; set_vr(RT(a), vsel(vop2(IR_VCMPGTS, 3, x, y), y, x)); }

/* ---- logical ---- */

INSN(vand, "vand vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1028:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vand(A, B)); }
INSN(vandc, "vandc vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1092:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vandc(A, B)); }
INSN(vor, "vor vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1156:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vor(A, B)); }
INSN(vxor, "vxor vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1220:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vxor(A, B)); }
INSN(vnor, "vnor vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1284:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vnot(vor(A, B))); }
INSN(vorc, "vorc vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1348:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vor(A, vnot(B))); }
INSN(vnand, "vnand vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1412:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vnot(vand(A, B))); }
INSN(veqv, "veqv vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1668:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vnot(vxor(A, B))); }

/* ---- shifts ---- */

INSN(vslb, "vslb vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 260:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VSHL, 0, A, B)); }
INSN(vslh, "vslh vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 324:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VSHL, 1, A, B)); }
INSN(vslw, "vslw vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 388:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VSHL, 2, A, B)); }
INSN(vsld, "vsld vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1476:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vop2(IR_VSHL, 3, A, B)); }
INSN(vsrb, "vsrb vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 516:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VSHR, 0, A, B)); }
INSN(vsrh, "vsrh vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 580:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VSHR, 1, A, B)); }
INSN(vsrw, "vsrw vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 644:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VSHR, 2, A, B)); }
INSN(vsrd, "vsrd vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1732:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vop2(IR_VSHR, 3, A, B)); }
INSN(vsrab, "vsrab vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 772:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VSAR, 0, A, B)); }
INSN(vsrah, "vsrah vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 836:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VSAR, 1, A, B)); }
INSN(vsraw, "vsraw vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 900:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VSAR, 2, A, B)); }
INSN(vsrad, "vsrad vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 964:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vop2(IR_VSAR, 3, A, B)); }
INSN(vrlb, "vrlb vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 4:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VROTL, 0, A, B)); }
INSN(vrlh, "vrlh vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 68:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VROTL, 1, A, B)); }
INSN(vrlw, "vrlw vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 132:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VROTL, 2, A, B)); }
INSN(vrld, "vrld vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 196:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vop2(IR_VROTL, 3, A, B)); }

/* ---- compare; bit 21 is the record bit ---- */

INSN(vcmpequb, "vcmpequb[.] vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 rc6:1 6:10", ALTIVEC, INSN_VEC) { compare(a, vop2(IR_VCMPEQ, 0, A, B)); }
INSN(vcmpequh, "vcmpequh[.] vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 rc6:1 70:10", ALTIVEC, INSN_VEC) { compare(a, vop2(IR_VCMPEQ, 1, A, B)); }
INSN(vcmpequw, "vcmpequw[.] vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 rc6:1 134:10", ALTIVEC, INSN_VEC) { compare(a, vop2(IR_VCMPEQ, 2, A, B)); }
INSN(vcmpequd, "vcmpequd[.] vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 rc6:1 199:10", ALTIVEC207, INSN_VEC) { compare(a, vop2(IR_VCMPEQ, 3, A, B)); }
INSN(vcmpgtsb, "vcmpgtsb[.] vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 rc6:1 774:10", ALTIVEC, INSN_VEC) { compare(a, vop2(IR_VCMPGTS, 0, A, B)); }
INSN(vcmpgtsh, "vcmpgtsh[.] vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 rc6:1 838:10", ALTIVEC, INSN_VEC) { compare(a, vop2(IR_VCMPGTS, 1, A, B)); }
INSN(vcmpgtsw, "vcmpgtsw[.] vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 rc6:1 902:10", ALTIVEC, INSN_VEC) { compare(a, vop2(IR_VCMPGTS, 2, A, B)); }
INSN(vcmpgtsd, "vcmpgtsd[.] vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 rc6:1 967:10", ALTIVEC207, INSN_VEC) { compare(a, vop2(IR_VCMPGTS, 3, A, B)); }
INSN(vcmpgtub, "vcmpgtub[.] vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 rc6:1 518:10", ALTIVEC, INSN_VEC) { compare(a, vec_gtu(0, A, B)); }
INSN(vcmpgtuh, "vcmpgtuh[.] vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 rc6:1 582:10", ALTIVEC, INSN_VEC) { compare(a, vec_gtu(1, A, B)); }
INSN(vcmpgtuw, "vcmpgtuw[.] vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 rc6:1 646:10", ALTIVEC, INSN_VEC) { compare(a, vec_gtu(2, A, B)); }
INSN(vcmpgtud, "vcmpgtud[.] vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 rc6:1 711:10", ALTIVEC207, INSN_VEC) { compare(a, vec_gtu(3, A, B)); }
INSN(vcmpneb, "vcmpneb[.] vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 rc6:1 7:10", ISA300, INSN_VEC) { compare(a, vnot(vop2(IR_VCMPEQ, 0, A, B))); }
INSN(vcmpneh, "vcmpneh[.] vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 rc6:1 71:10", ISA300, INSN_VEC) { compare(a, vnot(vop2(IR_VCMPEQ, 1, A, B))); }
INSN(vcmpnew, "vcmpnew[.] vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 rc6:1 135:10", ISA300, INSN_VEC) { compare(a, vnot(vop2(IR_VCMPEQ, 2, A, B))); }
INSN(vcmpnezb, "vcmpnezb[.] vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 rc6:1 263:10", ISA300, INSN_VEC) { compare(a, not_equal_or_zero(0, A, B)); }
INSN(vcmpnezh, "vcmpnezh[.] vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 rc6:1 327:10", ISA300, INSN_VEC) { compare(a, not_equal_or_zero(1, A, B)); }
INSN(vcmpnezw, "vcmpnezw[.] vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 rc6:1 391:10", ISA300, INSN_VEC) { compare(a, not_equal_or_zero(2, A, B)); }

/* ---- merge, splat, pack, unpack, shift by octet ---- */

INSN(vmrghb, "vmrghb vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 12:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vshuf(A, B, (const uint8_t[16]){ 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23 })); }
INSN(vmrghh, "vmrghh vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 76:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vshuf(A, B, (const uint8_t[16]){ 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23 })); }
INSN(vmrghw, "vmrghw vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 140:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vshuf(A, B, (const uint8_t[16]){ 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23 })); }
INSN(vmrglb, "vmrglb vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 268:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vshuf(A, B, (const uint8_t[16]){ 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31 })); }
INSN(vmrglh, "vmrglh vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 332:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vshuf(A, B, (const uint8_t[16]){ 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31 })); }
INSN(vmrglw, "vmrglw vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 396:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vshuf(A, B, (const uint8_t[16]){ 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31 })); }
INSN(vmrgew, "vmrgew vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1932:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vshuf(A, B, (const uint8_t[16]){ 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27 })); }
INSN(vmrgow, "vmrgow vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1676:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vshuf(A, B, (const uint8_t[16]){ 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31 })); }
INSN(vpkuhum, "vpkuhum vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 14:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vshuf(A, B, (const uint8_t[16]){ 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31 })); }
INSN(vpkuwum, "vpkuwum vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 78:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vshuf(A, B, (const uint8_t[16]){ 2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31 })); }
INSN(vpkudum, "vpkudum vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1102:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vshuf(A, B, (const uint8_t[16]){ 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31 })); }
INSN(vpkuhus, "vpkuhus vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 142:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_pack_sat(1, false, false, A, B)); }
INSN(vpkuwus, "vpkuwus vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 206:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_pack_sat(2, false, false, A, B)); }
INSN(vpkshus, "vpkshus vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 270:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_pack_sat(1, true, false, A, B)); }
INSN(vpkswus, "vpkswus vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 334:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_pack_sat(2, true, false, A, B)); }
INSN(vpkshss, "vpkshss vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 398:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_pack_sat(1, true, true, A, B)); }
INSN(vpkswss, "vpkswss vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 462:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_pack_sat(2, true, true, A, B)); }
INSN(vpkudus, "vpkudus vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1230:11", ALTIVEC207, INSN_VEC)
{
    Val va = A, vb = B;
    set_vr(RT(a), helper2(vec_pkudus, va, vb));
    slot_set(SLOT_SAT, bor(slot_get(SLOT_SAT), CALL(vec_sat2, "iixx", IRC_PURE, iconst((uintptr_t)vec_pkudus), va, vb)));
}
INSN(vpksdus, "vpksdus vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1358:11", ALTIVEC207, INSN_VEC)
{
    Val va = A, vb = B;
    set_vr(RT(a), helper2(vec_pksdus, va, vb));
    slot_set(SLOT_SAT, bor(slot_get(SLOT_SAT), CALL(vec_sat2, "iixx", IRC_PURE, iconst((uintptr_t)vec_pksdus), va, vb)));
}
INSN(vpksdss, "vpksdss vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 1486:11", ALTIVEC207, INSN_VEC)
{
    Val va = A, vb = B;
    set_vr(RT(a), helper2(vec_pksdss, va, vb));
    slot_set(SLOT_SAT, bor(slot_get(SLOT_SAT), CALL(vec_sat2, "iixx", IRC_PURE, iconst((uintptr_t)vec_pksdss), va, vb)));
}
INSN(vpkpx, "vpkpx vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 782:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), helper2(vec_pkpx, A, B)); }
INSN(vupkhsb, "vupkhsb vrt,vrb", "4:6 vrt:5 /:5 vrb:5 526:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_unpack_signed(1, false, B)); }
INSN(vupkhsh, "vupkhsh vrt,vrb", "4:6 vrt:5 /:5 vrb:5 590:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_unpack_signed(2, false, B)); }
INSN(vupklsb, "vupklsb vrt,vrb", "4:6 vrt:5 /:5 vrb:5 654:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_unpack_signed(1, true, B)); }
INSN(vupklsh, "vupklsh vrt,vrb", "4:6 vrt:5 /:5 vrb:5 718:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_unpack_signed(2, true, B)); }
INSN(vupkhpx, "vupkhpx vrt,vrb", "4:6 vrt:5 /:5 vrb:5 846:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), helper2(vec_upkhpx, B, B)); }
INSN(vupklpx, "vupklpx vrt,vrb", "4:6 vrt:5 /:5 vrb:5 974:11", ALTIVEC, INSN_VEC) { set_vr(RT(a), helper2(vec_upklpx, B, B)); }
INSN(vupkhsw, "vupkhsw vrt,vrb", "4:6 vrt:5 /:5 vrb:5 1614:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vec_unpack_signed(3, false, B)); }
INSN(vupklsw, "vupklsw vrt,vrb", "4:6 vrt:5 /:5 vrb:5 1742:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vec_unpack_signed(3, true, B)); }
INSN(vclzb, "vclzb vrt,vrb", "4:6 vrt:5 /:5 vrb:5 1794:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vec_count_leading_zeros(0, B)); }
INSN(vclzh, "vclzh vrt,vrb", "4:6 vrt:5 /:5 vrb:5 1858:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vec_count_leading_zeros(1, B)); }
INSN(vclzw, "vclzw vrt,vrb", "4:6 vrt:5 /:5 vrb:5 1922:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vec_count_leading_zeros(2, B)); }
INSN(vclzd, "vclzd vrt,vrb", "4:6 vrt:5 /:5 vrb:5 1986:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vec_count_leading_zeros(3, B)); }
INSN(vpopcntb, "vpopcntb vrt,vrb", "4:6 vrt:5 /:5 vrb:5 1795:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vec_count_ones(0, B)); }
INSN(vpopcnth, "vpopcnth vrt,vrb", "4:6 vrt:5 /:5 vrb:5 1859:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vec_count_ones(1, B)); }
INSN(vpopcntw, "vpopcntw vrt,vrb", "4:6 vrt:5 /:5 vrb:5 1923:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vec_count_ones(2, B)); }
INSN(vpopcntd, "vpopcntd vrt,vrb", "4:6 vrt:5 /:5 vrb:5 1987:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vec_count_ones(3, B)); }
INSN(vgbbd, "vgbbd vrt,vrb", "4:6 vrt:5 /:5 vrb:5 1292:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vec_transpose_bits(B)); }
INSN(vctzb, "vctzb vrt,vrb", "4:6 vrt:5 28:5 vrb:5 1538:11", ISA300, INSN_VEC) { set_vr(RT(a), vec_count_trailing_zeros(0, B)); }
INSN(vctzh, "vctzh vrt,vrb", "4:6 vrt:5 29:5 vrb:5 1538:11", ISA300, INSN_VEC) { set_vr(RT(a), vec_count_trailing_zeros(1, B)); }
INSN(vctzw, "vctzw vrt,vrb", "4:6 vrt:5 30:5 vrb:5 1538:11", ISA300, INSN_VEC) { set_vr(RT(a), vec_count_trailing_zeros(2, B)); }
INSN(vctzd, "vctzd vrt,vrb", "4:6 vrt:5 31:5 vrb:5 1538:11", ISA300, INSN_VEC) { set_vr(RT(a), vec_count_trailing_zeros(3, B)); }
INSN(vnegw, "vnegw vrt,vrb", "4:6 vrt:5 6:5 vrb:5 1538:11", ISA300, INSN_VEC) { set_vr(RT(a), vop2(IR_VSUB, 2, vconst(0, 0), B)); }
INSN(vnegd, "vnegd vrt,vrb", "4:6 vrt:5 7:5 vrb:5 1538:11", ISA300, INSN_VEC) { set_vr(RT(a), vop2(IR_VSUB, 3, vconst(0, 0), B)); }
INSN(vprtybw, "vprtybw vrt,vrb", "4:6 vrt:5 8:5 vrb:5 1538:11", ISA300, INSN_VEC) { set_vr(RT(a), helper2(vec_prtyb_w, B, B)); }
INSN(vprtybd, "vprtybd vrt,vrb", "4:6 vrt:5 9:5 vrb:5 1538:11", ISA300, INSN_VEC) { set_vr(RT(a), helper2(vec_prtyb_d, B, B)); }
INSN(vprtybq, "vprtybq vrt,vrb", "4:6 vrt:5 10:5 vrb:5 1538:11", ISA300, INSN_VEC) { set_vr(RT(a), helper2(vec_prtyb_q, B, B)); }
INSN(vextsb2w, "vextsb2w vrt,vrb", "4:6 vrt:5 16:5 vrb:5 1538:11", ISA300, INSN_VEC) { set_vr(RT(a), vec_extend(0, 2, B)); }
INSN(vextsh2w, "vextsh2w vrt,vrb", "4:6 vrt:5 17:5 vrb:5 1538:11", ISA300, INSN_VEC) { set_vr(RT(a), vec_extend(1, 2, B)); }
INSN(vextsb2d, "vextsb2d vrt,vrb", "4:6 vrt:5 24:5 vrb:5 1538:11", ISA300, INSN_VEC) { set_vr(RT(a), vec_extend(0, 3, B)); }
INSN(vextsh2d, "vextsh2d vrt,vrb", "4:6 vrt:5 25:5 vrb:5 1538:11", ISA300, INSN_VEC) { set_vr(RT(a), vec_extend(1, 3, B)); }
INSN(vextsw2d, "vextsw2d vrt,vrb", "4:6 vrt:5 26:5 vrb:5 1538:11", ISA300, INSN_VEC) { set_vr(RT(a), vec_extend(2, 3, B)); }
INSN(vclzlsbb, "vclzlsbb rt,vrb", "4:6 rt:5 0:5 vrb:5 1538:11", ISA300, INSN_VEC) { set_gpr(RT(a), addi(clz64(bor(shli(vec_byte_mask(B), 1), iconst(1))), -47)); }
INSN(vctzlsbb, "vctzlsbb rt,vrb", "4:6 rt:5 1:5 vrb:5 1538:11", ISA300, INSN_VEC) { set_gpr(RT(a), ctz64(bor(vec_byte_mask(B), iconst(0x10000)))); }

static void splat(const Insn *a, unsigned width, unsigned lanes)
{
    uint8_t c[16];
    unsigned first = (FIELD(a, 16, 5) & (lanes - 1)) * width;

    for (int i = 0; i < 16; i++) {
        c[i] = first + i % width;
    }
    set_vr(RT(a), vshuf(B, B, c));
}

INSN(vspltb, "vspltb vrt,vrb,uim", "4:6 vrt:5 uim:5 vrb:5 524:11", ALTIVEC, INSN_VEC) { splat(a, 1, 16); }
INSN(vsplth, "vsplth vrt,vrb,uim", "4:6 vrt:5 uim:5 vrb:5 588:11", ALTIVEC, INSN_VEC) { splat(a, 2, 8); }
INSN(vspltw, "vspltw vrt,vrb,uim", "4:6 vrt:5 uim:5 vrb:5 652:11", ALTIVEC, INSN_VEC) { splat(a, 4, 4); }

static void splat_immediate(const Insn *a, unsigned bits)
{
    uint64_t v = (uint64_t)((int64_t)((uint64_t)FIELD(a, 16, 5) << 59) >> 59), m = bits == 64 ? UINT64_MAX : (1ull << bits) - 1, d = 0;

    for (unsigned i = 0; i < 64; i += bits) {
        d |= (v & m) << i;
    }
    set_vr(RT(a), vconst(d, d));
}

INSN(vspltisb, "vspltisb vrt,sim", "4:6 vrt:5 sim:5 /:5 780:11", ALTIVEC, INSN_VEC) { splat_immediate(a, 8); }
INSN(vspltish, "vspltish vrt,sim", "4:6 vrt:5 sim:5 /:5 844:11", ALTIVEC, INSN_VEC) { splat_immediate(a, 16); }
INSN(vspltisw, "vspltisw vrt,sim", "4:6 vrt:5 sim:5 /:5 908:11", ALTIVEC, INSN_VEC) { splat_immediate(a, 32); }

INSN(vsldoi, "vsldoi vrt,vra,vrb,shb", "4:6 vrt:5 vra:5 vrb:5 /:1 shb:4 44:6", ALTIVEC, INSN_VEC)
{
    uint8_t c[16];

    for (int i = 0; i < 16; i++) {
        c[i] = FIELD(a, 6, 4) + i;
    }
    set_vr(RT(a), vshuf(A, B, c));
}

INSN(vsel, "vsel vrt,vra,vrb,vrc", "4:6 vrt:5 vra:5 vrb:5 vrc:5 42:6", ALTIVEC, INSN_VEC) { set_vr(RT(a), vsel(vr(RC_(a)), B, A)); }
INSN(vperm, "vperm vrt,vra,vrb,vrc", "4:6 vrt:5 vra:5 vrb:5 vrc:5 43:6", ALTIVEC, INSN_VEC) { set_vr(RT(a), vperm(A, B, vr(RC_(a)))); }
INSN(vpermr, "vpermr vrt,vra,vrb,vrc", "4:6 vrt:5 vra:5 vrb:5 vrc:5 59:6", ISA300, INSN_VEC)
{
    /* counted from the right: byte 31 - n of the pair */
    set_vr(RT(a), vperm(A, B, vxor(vr(RC_(a)), vconst(0x1f1f1f1f1f1f1f1f, 0x1f1f1f1f1f1f1f1f))));
}

/* ---- multiply-add and sums across three operands ---- */

static Val helper3(VecFn3 *fn, Val x, Val y, Val z)
{
    return CALL(vec_call3, "xixxx", IRC_PURE, iconst((uintptr_t)fn), x, y, z);
}

static void three_sat(const Insn *a, VecFn3 *fn)
{
    Val x = A, y = B, z = vr(RC_(a));

    set_vr(RT(a), helper3(fn, x, y, z));
    slot_set(SLOT_SAT, bor(slot_get(SLOT_SAT), CALL(vec_sat3, "iixxx", IRC_PURE, iconst((uintptr_t)fn), x, y, z)));
}

static Val carry_in(const Insn *a)
{
    return vand(vr(RC_(a)), vconst(0, 1));
}

/* The carry out of x + y + carry in: of either addition. */
static void extended_carry(const Insn *a, Val x, Val y)
{
    Val sum = vec_add_quad(x, y);

    set_vr(RT(a), vor(vec_less_quad(sum, x), vec_less_quad(vec_add_quad(sum, carry_in(a)), sum)));
}

INSN(vmhaddshs, "vmhaddshs vrt,vra,vrb,vrc", "4:6 vrt:5 vra:5 vrb:5 vrc:5 32:6", ALTIVEC, INSN_VEC) { three_sat(a, vec_mhaddshs); }
INSN(vmhraddshs, "vmhraddshs vrt,vra,vrb,vrc", "4:6 vrt:5 vra:5 vrb:5 vrc:5 33:6", ALTIVEC, INSN_VEC) { three_sat(a, vec_mhraddshs); }
INSN(vmladduhm, "vmladduhm vrt,vra,vrb,vrc", "4:6 vrt:5 vra:5 vrb:5 vrc:5 34:6", ALTIVEC, INSN_VEC) { set_vr(RT(a), vop2(IR_VADD, 1, vop2(IR_VMUL, 1, A, B), vr(RC_(a)))); }
INSN(vmsumudm, "vmsumudm vrt,vra,vrb,vrc", "4:6 vrt:5 vra:5 vrb:5 vrc:5 35:6", ISA300, INSN_VEC) { set_vr(RT(a), helper3(vec_msumudm, A, B, vr(RC_(a)))); }
INSN(vmsumubm, "vmsumubm vrt,vra,vrb,vrc", "4:6 vrt:5 vra:5 vrb:5 vrc:5 36:6", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_dot_bytes(false, A, B, vr(RC_(a)))); }
INSN(vmsummbm, "vmsummbm vrt,vra,vrb,vrc", "4:6 vrt:5 vra:5 vrb:5 vrc:5 37:6", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_dot_bytes(true, A, B, vr(RC_(a)))); }
INSN(vmsumuhm, "vmsumuhm vrt,vra,vrb,vrc", "4:6 vrt:5 vra:5 vrb:5 vrc:5 38:6", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_dot_halfwords(false, A, B, vr(RC_(a)))); }
INSN(vmsumuhs, "vmsumuhs vrt,vra,vrb,vrc", "4:6 vrt:5 vra:5 vrb:5 vrc:5 39:6", ALTIVEC, INSN_VEC) { three_sat(a, vec_msumuhs); }
INSN(vmsumshm, "vmsumshm vrt,vra,vrb,vrc", "4:6 vrt:5 vra:5 vrb:5 vrc:5 40:6", ALTIVEC, INSN_VEC) { set_vr(RT(a), vec_dot_halfwords(true, A, B, vr(RC_(a)))); }
INSN(vmsumshs, "vmsumshs vrt,vra,vrb,vrc", "4:6 vrt:5 vra:5 vrb:5 vrc:5 41:6", ALTIVEC, INSN_VEC) { three_sat(a, vec_msumshs); }
INSN(vaddeuqm, "vaddeuqm vrt,vra,vrb,vrc", "4:6 vrt:5 vra:5 vrb:5 vrc:5 60:6", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vec_add_quad(vec_add_quad(A, B), carry_in(a))); }
INSN(vaddecuq, "vaddecuq vrt,vra,vrb,vrc", "4:6 vrt:5 vra:5 vrb:5 vrc:5 61:6", ALTIVEC207, INSN_VEC) { extended_carry(a, A, B); }
INSN(vsubeuqm, "vsubeuqm vrt,vra,vrb,vrc", "4:6 vrt:5 vra:5 vrb:5 vrc:5 62:6", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vec_add_quad(vec_add_quad(A, vnot(B)), carry_in(a))); }
INSN(vsubecuq, "vsubecuq vrt,vra,vrb,vrc", "4:6 vrt:5 vra:5 vrb:5 vrc:5 63:6", ALTIVEC207, INSN_VEC) { extended_carry(a, A, vnot(B)); }
INSN(vmuluwm, "vmuluwm vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 137:11", ALTIVEC207, INSN_VEC) { set_vr(RT(a), vop2(IR_VMUL, 2, A, B)); }
INSN(vmulld, "vmulld vrt,vra,vrb", "4:6 vrt:5 vra:5 vrb:5 457:11", ISA310, INSN_VEC) { set_vr(RT(a), vec_mul_doublewords(A, B)); }

/* ---- VSCR ---- */

INSN(mfvscr, "mfvscr vrt", "4:6 vrt:5 /:5 /:5 1540:11", ALTIVEC, INSN_VEC)
{
    Val sat = setcond(C_NE, slot_get(SLOT_SAT), iconst(0));
    set_vr(RT(a), i2v(iconst(0), bor(ldenv(MO_32, offsetof(PowerPCCPU, vscr)), sat)));
}
INSN(mtvscr, "mtvscr vrb", "4:6 /:5 /:5 vrb:5 1604:11", ALTIVEC, INSN_VEC)
{
    Val v = v2i_lo(B);
    slot_set(SLOT_SAT, andi(v, 1));
    stenv(MO_32, offsetof(PowerPCCPU, vscr), andi(v, 0x10000));
}

/* ---- elements to and from GPRs, within vectors (ISA 3.0) ---- */

INSN(vextractub, "vextractub vrt,vrb,uim", "4:6 vrt:5 /:1 uim:4 vrb:5 525:11", ISA300, INSN_VEC) { set_vr(RT(a), vec_extract_bytes(B, FIELD(a, 16, 4), 1)); }
INSN(vextractuh, "vextractuh vrt,vrb,uim", "4:6 vrt:5 /:1 uim:4 vrb:5 589:11", ISA300, INSN_VEC) { set_vr(RT(a), vec_extract_bytes(B, FIELD(a, 16, 4), 2)); }
INSN(vextractuw, "vextractuw vrt,vrb,uim", "4:6 vrt:5 /:1 uim:4 vrb:5 653:11", ISA300, INSN_VEC) { set_vr(RT(a), vec_extract_bytes(B, FIELD(a, 16, 4), 4)); }
INSN(vextractd, "vextractd vrt,vrb,uim", "4:6 vrt:5 /:1 uim:4 vrb:5 717:11", ISA300, INSN_VEC) { set_vr(RT(a), vec_extract_bytes(B, FIELD(a, 16, 4), 8)); }
INSN(vinsertb, "vinsertb vrt,vrb,uim", "4:6 vrt:5 /:1 uim:4 vrb:5 781:11", ISA300, INSN_VEC) { set_vr(RT(a), vec_insert_bytes(vr(RT(a)), B, FIELD(a, 16, 4), 1)); }
INSN(vinserth, "vinserth vrt,vrb,uim", "4:6 vrt:5 /:1 uim:4 vrb:5 845:11", ISA300, INSN_VEC) { set_vr(RT(a), vec_insert_bytes(vr(RT(a)), B, FIELD(a, 16, 4), 2)); }
INSN(vinsertw, "vinsertw vrt,vrb,uim", "4:6 vrt:5 /:1 uim:4 vrb:5 909:11", ISA300, INSN_VEC) { set_vr(RT(a), vec_insert_bytes(vr(RT(a)), B, FIELD(a, 16, 4), 4)); }
INSN(vinsertd, "vinsertd vrt,vrb,uim", "4:6 vrt:5 /:1 uim:4 vrb:5 973:11", ISA300, INSN_VEC) { set_vr(RT(a), vec_insert_bytes(vr(RT(a)), B, FIELD(a, 16, 4), 8)); }
INSN(vextublx, "vextublx rt,ra,vrb", "4:6 rt:5 ra:5 vrb:5 1549:11", ISA300, INSN_VEC) { set_gpr(RT(a), CALL(vec_ext_gpr, "ixii", IRC_PURE, B, gpr(RA(a)), iconst(1))); }
INSN(vextuhlx, "vextuhlx rt,ra,vrb", "4:6 rt:5 ra:5 vrb:5 1613:11", ISA300, INSN_VEC) { set_gpr(RT(a), CALL(vec_ext_gpr, "ixii", IRC_PURE, B, gpr(RA(a)), iconst(2))); }
INSN(vextuwlx, "vextuwlx rt,ra,vrb", "4:6 rt:5 ra:5 vrb:5 1677:11", ISA300, INSN_VEC) { set_gpr(RT(a), CALL(vec_ext_gpr, "ixii", IRC_PURE, B, gpr(RA(a)), iconst(4))); }
INSN(vextubrx, "vextubrx rt,ra,vrb", "4:6 rt:5 ra:5 vrb:5 1805:11", ISA300, INSN_VEC) { set_gpr(RT(a), CALL(vec_ext_gpr, "ixii", IRC_PURE, B, gpr(RA(a)), iconst(17))); }
INSN(vextuhrx, "vextuhrx rt,ra,vrb", "4:6 rt:5 ra:5 vrb:5 1869:11", ISA300, INSN_VEC) { set_gpr(RT(a), CALL(vec_ext_gpr, "ixii", IRC_PURE, B, gpr(RA(a)), iconst(18))); }
INSN(vextuwrx, "vextuwrx rt,ra,vrb", "4:6 rt:5 ra:5 vrb:5 1933:11", ISA300, INSN_VEC) { set_gpr(RT(a), CALL(vec_ext_gpr, "ixii", IRC_PURE, B, gpr(RA(a)), iconst(20))); }
