/*
 * Keeping the FPSCR: what generated code owes it, and reads and writes of it. See fplazy.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/fp/fplazy.h"

static void take_inexact(PowerPCCPU *cpu)
{
    if (cpu->mxcsr & FP_HOST_INEXACT) {
        cpu->mxcsr &= ~FP_HOST_INEXACT;
        cpu->fpscr = fpscr_apply(cpu->fpscr, FPSCR_XX, 0, 0, NULL);
    }
}

/* Sticky bits were set when it happened. */
static uint64_t with_op(uint64_t fpscr, uint32_t desc, uint64_t a, uint64_t b, uint64_t cc)
{
    FpCtx c = fp_ctx(fpscr);
    u128 r = fpop_eval(&c, desc, a, b, cc);

    return fpscr_apply(fpscr, c.flags & (FPSCR_FR | FPSCR_FI), FPD_UPD(desc), fpop_fprf(desc, r), NULL);
}

static uint64_t with_compare(uint64_t fpscr, uint64_t a, uint64_t b)
{
    return fpscr_apply(fpscr, 0, FPSCR_UPD_FPCC, fp_compare_quiet(&fp_double, a, b), NULL);
}

void ppc_fpscr_sync(PowerPCCPU *cpu)
{
    take_inexact(cpu);
    if (cpu->fp_op) {
        cpu->fpscr = with_op(cpu->fpscr, (uint32_t)cpu->fp_op, cpu->fp_a, cpu->fp_b, cpu->fp_c);
        cpu->fp_op = 0;
    }
    if (cpu->fp_cmp) {
        cpu->fpscr = with_compare(cpu->fpscr, cpu->fp_cmp_a, cpu->fp_cmp_b);
        cpu->fp_cmp = 0;
    }
}

uint64_t ppc_get_fpscr(PowerPCCPU *cpu)
{
    ppc_fpscr_sync(cpu);
    return cpu->fpscr;
}

void ppc_set_fpscr(PowerPCCPU *cpu, uint64_t v)
{
    cpu->fp_op = 0;
    cpu->fp_cmp = 0;
    cpu->mxcsr = FP_HOST_DEFAULT;
    cpu->fpscr = fpscr_write(0, v, FPSCR_WRITABLE);
    cpu->region_flags = (cpu->region_flags & ~RF_FPSLOW) |
                        (fp_wants_slow(cpu->fpscr) ? RF_FPSLOW : 0);
}

void fp_sync_in_helper(PowerPCCPU *cpu)
{
    fp_host_leave(cpu);
    ppc_fpscr_sync(cpu);
}

void fp_raise_if_enabled(PowerPCCPU *cpu, bool raised)
{
    if (raised && (cpu->msr & (MSR_FE0 | MSR_FE1))) {
        ppc_raise(cpu, EXCP_PROGRAM, PROG_FP);
    }
}

/* The register as it would be if what is owed were paid. */
uint64_t helper_fpscr_with_op(PowerPCCPU *cpu, uint64_t desc, uint64_t a, uint64_t b, uint64_t c)
{
    fp_host_leave(cpu);
    take_inexact(cpu);
    return desc ? with_op(cpu->fpscr, (uint32_t)desc, a, b, c) : cpu->fpscr;
}

uint64_t helper_fpscr_with_compare(uint64_t fpscr, uint64_t owed, uint64_t a, uint64_t b)
{
    return owed ? with_compare(fpscr, a, b) : fpscr;
}

/* A rounding mode other than to nearest: the owed operation is paid for, and RF_FPSLOW is on. */
uint64_t helper_fpscr_leave_nearest(PowerPCCPU *cpu, uint64_t rn, uint64_t desc, uint64_t a, uint64_t b, uint64_t c)
{
    cpu->fpscr = fpscr_write(helper_fpscr_with_op(cpu, desc, a, b, c), rn, FPSCR_RN);
    cpu->region_flags |= RF_FPSLOW;
    return 1;
}

uint64_t helper_fpscr_cr1(PowerPCCPU *cpu)
{
    /* FX FEX VX OX: sticky bits alone, so the owed operation need not be evaluated. */
    fp_host_leave(cpu);
    take_inexact(cpu);
    return cpu->fpscr >> 28 & 15;
}

/* A write that leaves an enabled exception bit set is itself the cause of an interrupt. */
void helper_fpscr_raise(PowerPCCPU *cpu)
{
    fp_raise_if_enabled(cpu, cpu->fpscr & FPSCR_FEX);
}

void helper_fpscr_write(PowerPCCPU *cpu, uint64_t value, uint64_t mask)
{
    fp_sync_in_helper(cpu);
    ppc_set_fpscr(cpu, fpscr_write(cpu->fpscr, value, mask));
}

void helper_fpscr_set_bit(PowerPCCPU *cpu, uint64_t bit)
{
    fp_sync_in_helper(cpu);
    ppc_set_fpscr(cpu, fpscr_set_bit(cpu->fpscr, bit));
}

uint64_t helper_fpscr_mcrfs(PowerPCCPU *cpu, uint64_t field)
{
    unsigned shift = 28 - 4 * field;
    uint64_t v, clear = (FPSCR_STICKY | FPSCR_FX) & (0xfull << shift);

    fp_sync_in_helper(cpu);
    v = cpu->fpscr >> shift & 15;
    ppc_set_fpscr(cpu, fpscr_summarise(cpu->fpscr & ~clear));
    return v;
}
