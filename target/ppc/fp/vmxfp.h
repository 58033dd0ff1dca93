/*
 * VMX floating point (Power ISA Book I, 6.10): see vmxfp.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_PPC_FP_VMXFP_H
#define TARGET_PPC_FP_VMXFP_H

#include "target/ppc/cpu.h"

typedef enum VmxFpOp {
    VMXFP_ADD, VMXFP_SUB, VMXFP_MADD, VMXFP_NMSUB, VMXFP_MAX, VMXFP_MIN,
    VMXFP_RE, VMXFP_RSQRTE, VMXFP_EXPTE, VMXFP_LOGE,
    VMXFP_RINT_N, VMXFP_RINT_Z, VMXFP_RINT_P, VMXFP_RINT_M,
    VMXFP_CMPEQ, VMXFP_CMPGE, VMXFP_CMPGT, VMXFP_CMPB,
} VmxFpOp;

/* One lane; `nj`: VSCR[NJ], denormals are zeros. */
uint32_t vmxfp_lane(VmxFpOp op, bool nj, uint32_t a, uint32_t b, uint32_t c);

void helper_vmx_fp(V128 *r, PowerPCCPU *cpu, uint64_t op, const V128 *a, const V128 *b,
                   const V128 *c);
void helper_vmx_fp_from_int(V128 *r, uint64_t scale, uint64_t is_signed, const V128 *b);
void helper_vmx_fp_to_int(V128 *r, uint64_t scale, uint64_t is_signed, const V128 *b);
uint64_t helper_vmx_fp_to_int_sat(uint64_t scale, uint64_t is_signed, const V128 *b);      /* VSCR[SAT] */
uint64_t helper_vmx_all_zero(const V128 *v);

#endif
