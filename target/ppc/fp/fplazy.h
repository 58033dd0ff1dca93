/*
 * The FPSCR between host floating point and the architected register.
 *
 * Under round-to-nearest with no exception enabled, generated code uses host arithmetic and checks
 * the result: a normal number far from the edges of its range is exactly what the book wants, and
 * of the FPSCR only XX, FR, FI and FPRF are affected. XX is the host's sticky inexact flag. FR, FI
 * and FPRF are nearly never read, so the last operation and its operands are kept instead (fp_op,
 * fp_a, fp_b, fp_c, and for a compare, which changes FPCC alone, fp_cmp, fp_cmp_a, fp_cmp_b) and
 * evaluated again by the exact library when somebody looks. Any other mode sets RF_FPSLOW and every
 * operation is exact at once.
 *
 * The host inexact flag belongs to the guest while generated code (or the interpreter) runs:
 * fp_host_enter() before, fp_host_leave() after, also when an exception unwinds.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_PPC_FP_FPLAZY_H
#define TARGET_PPC_FP_FPLAZY_H

#include "target/ppc/cpu.h"
#include "target/ppc/fp/fpop.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#define FP_HOST_DEFAULT 0x1f80u     /* all masked, round to nearest, no flags */
#define FP_HOST_INEXACT 0x20u
static inline void fp_host_clear(void)
{
    _mm_setcsr(FP_HOST_DEFAULT);
}
static inline bool fp_host_inexact(void)
{
    return _mm_getcsr() & FP_HOST_INEXACT;
}
#else
#include <fenv.h>
#define FP_HOST_DEFAULT 0u
#define FP_HOST_INEXACT 0x20u
static inline void fp_host_clear(void)
{
    feclearexcept(FE_ALL_EXCEPT);
}
static inline bool fp_host_inexact(void)
{
    return fetestexcept(FE_INEXACT);
}
#endif

/* cpu->mxcsr keeps the inexact flag while the guest does not run. */
static inline void fp_host_leave(PowerPCCPU *cpu)
{
    if (fp_host_inexact()) {
        cpu->mxcsr |= FP_HOST_INEXACT;
        fp_host_clear();
    }
}

static inline void fp_host_enter(PowerPCCPU *cpu)
{
    fp_host_clear();
}

/* RF_FPSLOW is wanted for this FPSCR. */
static inline bool fp_wants_slow(uint64_t fpscr)
{
    return fpscr & (FPSCR_ENABLES | FPSCR_RN);
}

/* In a helper called from generated code: fold what is owed. Needs the FP slots in memory. */
void fp_sync_in_helper(PowerPCCPU *cpu);

/* The program interrupt for an enabled exception, if MSR asks for one. Does not return if so. */
void fp_raise_if_enabled(PowerPCCPU *cpu, bool raised);

/*
 * Whole-instruction helpers (RF_FPSLOW, and instructions without a host path). `regs` packs VSR
 * numbers.
 */
#define FP_REGS(t, a, b, c) \
    ((uint64_t)(t) | (uint64_t)(a) << 6 | (uint64_t)(b) << 12 | (uint64_t)(c) << 18)
#define FP_REGS_RC (1u << 24)       /* record form: CR1 */
void helper_fp_exec(PowerPCCPU *cpu, uint64_t desc, uint64_t regs);
void helper_vfp_exec(PowerPCCPU *cpu, uint64_t desc, uint64_t regs);
void helper_fp_compare(PowerPCCPU *cpu, uint64_t desc, uint64_t regs);   /* t: CR field */

/* Cold half of the host path: the value; sticky FPSCR bits are set here, the rest stays owed. */
uint64_t helper_fp_cold(PowerPCCPU *cpu, uint64_t desc, uint64_t a, uint64_t b, uint64_t c);
/* To a word: the result as a double, on its way to the host conversion. */
uint64_t helper_fp_to_word_cold(PowerPCCPU *cpu, uint64_t desc, uint64_t b);
uint64_t helper_fp_compare_cold(PowerPCCPU *cpu, uint64_t desc, uint64_t a, uint64_t b);
void helper_vfp_cold(V128 *r, PowerPCCPU *cpu, uint64_t desc, const V128 *a, const V128 *b,
                     const V128 *c);
uint64_t helper_fp_load_single(uint64_t w);
uint64_t helper_fp_store_single(uint64_t d);

/* FPSCR as instructions see it. */
uint64_t helper_fpscr_with_op(PowerPCCPU *cpu, uint64_t desc, uint64_t a, uint64_t b, uint64_t c);
uint64_t helper_fpscr_with_compare(uint64_t fpscr, uint64_t owed, uint64_t a, uint64_t b);
uint64_t helper_fpscr_leave_nearest(PowerPCCPU *cpu, uint64_t rn, uint64_t desc, uint64_t a, uint64_t b, uint64_t c);
uint64_t helper_fpscr_cr1(PowerPCCPU *cpu);
void helper_fpscr_write(PowerPCCPU *cpu, uint64_t value, uint64_t mask);
void helper_fpscr_set_bit(PowerPCCPU *cpu, uint64_t bit);
void helper_fpscr_raise(PowerPCCPU *cpu);
uint64_t helper_fpscr_mcrfs(PowerPCCPU *cpu, uint64_t field);

#endif
