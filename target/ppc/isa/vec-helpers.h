/*
 * Lane functions behind the vector rows that have no IR operation of their own.
 *
 * A lane function computes a whole register from whole registers and returns whether any lane saturated.
 * Rows call it through vec_call2/vec_call3, and once more through vec_sat2/vec_sat3 for VSCR[SAT].
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_PPC_ISA_VEC_HELPERS_H
#define TARGET_PPC_ISA_VEC_HELPERS_H

#include <stdbool.h>
#include "target/ppc/v128.h"

typedef bool VecFn2(V128 *r, const V128 *a, const V128 *b);
typedef bool VecFn3(V128 *r, const V128 *a, const V128 *b, const V128 *c);

void vec_call2(V128 *r, uint64_t fn, uint64_t lane, const V128 *a, const V128 *b);
uint64_t vec_sat2(uint64_t fn, const V128 *a, const V128 *b);
void vec_call3(V128 *r, uint64_t fn, const V128 *a, const V128 *b, const V128 *c);
uint64_t vec_sat3(uint64_t fn, const V128 *a, const V128 *b, const V128 *c);

#define VEC_FN2(X) \
    X(addus_w) X(addss_w) X(subus_w) X(subss_w) X(addcuw) X(subcuw) X(adduqm) X(addcuq) X(subuqm) X(subcuq) \
    X(avguw) X(avgs_b) X(avgs_h) X(avgs_w) X(absdu_b) X(absdu_h) X(absdu_w) \
    X(muleub) X(muleuh) X(muleuw) X(mulesb) X(mulesh) X(mulesw) X(muloub) X(mulouh) X(mulouw) X(mulosb) X(mulosh) X(mulosw) \
    X(mulld) X(slo) X(sro) X(sl) X(sr) X(slv) X(srv) X(bpermq) X(bpermd) X(pmsumb) X(pmsumh) \
    X(rlwnm) X(rldnm) X(rlwmi_mask) X(rldmi_mask) X(rlw) X(rld) X(sum4ubs) X(sum4sbs) X(sum4shs) X(sum2sws) X(sumsws) \
    X(pkuhus) X(pkuwus) X(pkshus) X(pkswus) X(pkshss) X(pkswss) X(pkudus) X(pksdus) X(pksdss) X(pkpx) \
    X(upkhsb) X(upkhsh) X(upklsb) X(upklsh) X(upkhpx) X(upklpx) X(upkhsw) X(upklsw) \
    X(clz_b) X(clz_h) X(clz_w) X(clz_d) X(ctz_b) X(ctz_h) X(ctz_w) X(ctz_d) X(popcnt_b) X(popcnt_h) X(popcnt_w) X(popcnt_d) \
    X(gbbd) X(prtyb_w) X(prtyb_d) X(prtyb_q) X(extsb2w) X(extsh2w) X(extsb2d) X(extsh2d) X(extsw2d) \
    X(cmpnez)
#define X(n) VecFn2 vec_##n;
VEC_FN2(X)
#undef X
VecFn3 vec_mhaddshs, vec_mhraddshs, vec_mladduhm, vec_msumudm, vec_msumubm, vec_msummbm, vec_msumuhm, vec_msumuhs,
       vec_msumshm, vec_msumshs, vec_addeuqm, vec_addecuq, vec_subeuqm, vec_subecuq;

void vec_cmpnez_lane(V128 *r, unsigned lane, const V128 *a, const V128 *b);
uint64_t vec_clzlsbb(const V128 *b);
uint64_t vec_ctzlsbb(const V128 *b);
void vec_extract(V128 *r, const V128 *b, uint64_t at, uint64_t width);
void vec_insert(V128 *r, const V128 *t, const V128 *b, uint64_t at, uint64_t width);
uint64_t vec_ext_gpr(const V128 *b, uint64_t ra, uint64_t width_right);

#endif
