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

void vec_call2(V128 *r, uint64_t fn, const V128 *a, const V128 *b);
uint64_t vec_sat2(uint64_t fn, const V128 *a, const V128 *b);
void vec_call3(V128 *r, uint64_t fn, const V128 *a, const V128 *b, const V128 *c);
uint64_t vec_sat3(uint64_t fn, const V128 *a, const V128 *b, const V128 *c);

VecFn2 vec_slv, vec_srv, vec_bpermd, vec_pmsumb, vec_pmsumh, vec_rlwnm, vec_rldnm, vec_rlwmi_mask,
       vec_rldmi_mask, vec_pkudus, vec_pksdus, vec_pksdss, vec_pkpx, vec_upkhpx,
       vec_upklpx, vec_prtyb_w, vec_prtyb_d, vec_prtyb_q;
VecFn3 vec_mhaddshs, vec_mhraddshs, vec_msumudm, vec_msumuhs, vec_msumshs;

uint64_t vec_ext_gpr(const V128 *b, uint64_t ra, uint64_t width_right);

#endif
