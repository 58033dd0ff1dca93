/*
 * Interrupts: where they go, what they save, which comes first (Power ISA Book III, chapter 6).
 *
 * One row per interrupt says its vector, which save registers it uses and which address the saved
 * instruction address names. A thread under a paravirtual hypervisor never enters hypervisor state: what
 * would go there is delivered to its supervisor, or, for `sc 1`, is a call to the machine.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/mmu.h"
#include "accel/tcg/tcg.h"
#include "system/cpus.h"
#include "system/log.h"
#include "target/ppc/fp/fplazy.h"
#include "target/ppc/isa.h"
#include "target/ppc/models.h"
#include "target/ppc/timers.h"
#include <inttypes.h>

typedef struct ExcpRow {
    const char *name;
    uint16_t vector;
    bool hsrr;          /* HSRR0/1 and hypervisor state */
    bool after;         /* the saved address is the next instruction's */
    bool no_ail;        /* never relocated by LPCR[AIL] */
} ExcpRow;

static const ExcpRow rows[EXCP_COUNT] = {
    [EXCP_RESET]      = { "system reset", 0x100, .no_ail = true },
    [EXCP_MCHECK]     = { "machine check", 0x200, .no_ail = true },
    [EXCP_DSI]        = { "data storage", 0x300 },
    [EXCP_DSEG]       = { "data segment", 0x380 },
    [EXCP_ISI]        = { "instruction storage", 0x400 },
    [EXCP_ISEG]       = { "instruction segment", 0x480 },
    [EXCP_EXTERNAL]   = { "external", 0x500 },
    [EXCP_ALIGN]      = { "alignment", 0x600 },
    [EXCP_PROGRAM]    = { "program", 0x700 },
    [EXCP_FPU]        = { "floating-point unavailable", 0x800 },
    [EXCP_DECR]       = { "decrementer", 0x900 },
    [EXCP_HDECR]      = { "hypervisor decrementer", 0x980, .hsrr = true },
    [EXCP_DOORBELL]   = { "directed privileged doorbell", 0xa00 },
    [EXCP_SYSCALL]    = { "system call", 0xc00, .after = true },
    [EXCP_SYSCALL_HV] = { "hypercall", 0xc00, .after = true },
    [EXCP_SYSCALL_VECTORED] = { "system call vectored", 0x3000, .after = true },
    [EXCP_TRACE]      = { "trace", 0xd00 },
    [EXCP_HDSI]       = { "hypervisor data storage", 0xe00, .hsrr = true },
    [EXCP_HISI]       = { "hypervisor instruction storage", 0xe20, .hsrr = true },
    [EXCP_HEMU]       = { "hypervisor emulation assistance", 0xe40, .hsrr = true },
    [EXCP_MAINT]      = { "hypervisor maintenance", 0xe60, .hsrr = true },
    [EXCP_HDOORBELL]  = { "directed hypervisor doorbell", 0xe80, .hsrr = true },
    [EXCP_HVIRT]      = { "hypervisor virtualization", 0xea0, .hsrr = true },
    [EXCP_PERFM]      = { "performance monitor", 0xf00 },
    [EXCP_VPU]        = { "vector unavailable", 0xf20 },
    [EXCP_VSXU]       = { "VSX unavailable", 0xf40 },
    [EXCP_FU]         = { "facility unavailable", 0xf60 },
    [EXCP_HFU]        = { "hypervisor facility unavailable", 0xf80, .hsrr = true },
    [EXCP_SOFTPATCH]  = { "soft patch", 0x1500, .hsrr = true },
};

/* ---- modes ---- */

void ppc_update_region_flags(PowerPCCPU *cpu)
{
    uint64_t msr = cpu->msr;
    uint64_t fscr = cpu->model->family->isa_level >= 207 ? cpu->spr[SPR_FSCR] : 0;
    bool hv = msr & MSR_HV, pr = msr & MSR_PR;
    uint32_t f = 0;

    f |= msr & MSR_SF ? RF_SF : 0;
    f |= msr & MSR_LE ? RF_LE : 0;
    f |= pr ? RF_PR : 0;
    f |= hv && !pr ? RF_HV : 0;
    f |= msr & MSR_FP ? RF_FP : 0;
    f |= msr & MSR_VEC ? RF_VEC : 0;
    f |= msr & MSR_VSX ? RF_VSX : 0;
    f |= msr & MSR_TM ? RF_TM : 0;
    f |= msr & MSR_SE ? RF_SE : 0;
    f |= msr & MSR_BE ? RF_BE : 0;
    f |= msr & (MSR_FE0 | MSR_FE1) ? RF_FE : 0;
    f |= fp_wants_slow(cpu->fpscr) ? RF_FPSLOW : 0;
    f |= fscr & 1ull << 8 || !pr ? RF_TAR : 0;
    f |= fscr & 1ull << 12 ? RF_SCV : 0;
    f |= fscr & 1ull << 13 || !pr ? RF_PREFIX : 0;
    f |= cpu->spr[SPR_LPCR] & LPCR_GTSE ? RF_GTSE : 0;
    f |= tcg_options.one_insn_per_tb ? RF_ONE : 0;
    f |= cpu->debug.step ? RF_STEP : 0;
    f |= tcg_options.icount_shift >= 0 ? RF_ICOUNT : 0;
    uint64_t ciabr = cpu->spr[SPR_CIABR];
    f |= (ciabr & 3) == (pr ? 1 : hv ? 3 : 2) ? RF_CIABR : 0;
    /* The lowest bit of v2.05 (62) to v3.0 (59) that is set says which book problem state is to have. */
    uint64_t pcr = cpu->spr[SPR_PCR] & 0x1e;
    f |= pr && pcr ? (uint32_t)__builtin_ctzll(pcr) << RF_COMPAT_SHIFT : 0;
    int virt = pr ? MMU_USER : hv ? MMU_HV : MMU_KERNEL, real = hv ? MMU_HV_REAL : MMU_REAL;
    f |= (msr & MSR_DR ? virt : real) << RF_DMMU_SHIFT;
    f |= (msr & MSR_IR ? virt : real) << RF_IMMU_SHIFT;
    cpu->region_flags = f;
    tlb_select_space(cpu);
}

static void set_msr(PowerPCCPU *cpu, uint64_t msr)
{
    msr &= cpu->msr_mask;
    if (cpu->vhyp) {
        msr &= ~MSR_HV;
    }
    if (msr & MSR_PR) {         /* Book III, 4.2.1: problem state implies EE, IR and DR */
        msr |= MSR_EE | MSR_IR | MSR_DR;
    }
    cpu->msr = msr;
    ppc_update_region_flags(cpu);
}

void ppc_store_msr(PowerPCCPU *cpu, uint64_t msr)
{
    set_msr(cpu, msr);
    if (cpu->msr & MSR_EE && __atomic_load_n(&cpu->interrupt_request, __ATOMIC_ACQUIRE)) {
        cpu_kick(cpu);
    }
}

void helper_mtmsr(PowerPCCPU *cpu, uint64_t v, uint64_t mask)
{
    ppc_store_msr(cpu, (cpu->msr & ~mask) | (v & mask));
}

static void return_to(PowerPCCPU *cpu, uint64_t pc, uint64_t msr)
{
    /* What is not saved in SRR1 (bits 33:36 and 42:47 hold status) is kept. */
    const uint64_t status = 0x783f0000ull;

    msr = (msr & ~status) | (cpu->msr & status & ~(MSR_VEC | MSR_VSX)) | (msr & (MSR_VEC | MSR_VSX));
    cpu->nip = pc & ~3ull;
    cpu->reserve_addr = -1;
    ppc_store_msr(cpu, msr);
    if (!(cpu->msr & MSR_SF)) {
        cpu->nip = (uint32_t)cpu->nip;
    }
}

void helper_rfid(PowerPCCPU *cpu)
{
    return_to(cpu, cpu->spr[SPR_SRR0], cpu->spr[SPR_SRR1]);
}

void helper_hrfid(PowerPCCPU *cpu)
{
    return_to(cpu, cpu->spr[SPR_HSRR0], cpu->spr[SPR_HSRR1]);
}

void helper_rfscv(PowerPCCPU *cpu)
{
    return_to(cpu, cpu->lr, cpu->ctr);
}

void helper_rfebb(PowerPCCPU *cpu, uint64_t s)
{
    cpu->nip = cpu->spr[805] & ~3ull;
    cpu->spr[806] = (cpu->spr[806] & ~(1ull << 63)) | s << 63;
}

/* ---- raising ---- */

void ppc_raise(PowerPCCPU *cpu, PpcExcp e, uint32_t error_code)
{
    cpu->exception = e;
    cpu->error_code = error_code;
    siglongjmp(cpu->jmp_env, 1);
}

void ppc_exit_to_loop(PowerPCCPU *cpu)
{
    cpu->exception = EXCP_NONE;
    siglongjmp(cpu->jmp_env, 1);
}

static bool relocated(PowerPCCPU *cpu, const ExcpRow *r, uint64_t old_msr, uint64_t *base)
{
    unsigned ail = (cpu->spr[SPR_LPCR] & LPCR_AIL) >> LPCR_AIL_SHIFT;

    if (r->no_ail || cpu->model->family->isa_level < 207) {
        return false;
    }
    if (!(old_msr & MSR_IR) || !(old_msr & MSR_DR) || ail < 2) {
        return false;
    }
    *base = ail == 2 ? 0x18000 : 0xc000000000004000ull;
    return true;
}

static void enter(PowerPCCPU *cpu, PpcExcp e, uint64_t save_pc, uint64_t srr1_bits)
{
    const ExcpRow *r = &rows[e];
    const uint64_t status = 0x783f0000ull;
    uint64_t old = cpu->msr, base = 0, srr1 = (old & ~status) | srr1_bits;
    bool hsrr = r->hsrr && !cpu->vhyp;

    log_mask(LOG_INT, "CPU %d: %s interrupt (%03x) at %016" PRIx64 " msr %016" PRIx64 " srr1 bits %08" PRIx64
             " dar %016" PRIx64 " dsisr %08" PRIx64 " r0 %" PRIx64 " r3 %" PRIx64 "\n", cpu->index, r->name, r->vector,
             save_pc, old, srr1_bits, cpu->spr[SPR_DAR], cpu->spr[SPR_DSISR], cpu->gpr[0], cpu->gpr[3]);
    uint64_t msr = (old & (MSR_ME | MSR_HV)) | MSR_SF;
    if (hsrr || (!cpu->vhyp && old & MSR_HV)) {
        msr |= MSR_HV;
    }
    if (cpu->spr[SPR_LPCR] & LPCR_ILE && !hsrr) {
        msr |= MSR_LE;
    }
    if (e == EXCP_SYSCALL_VECTORED) {
        unsigned ail = (cpu->spr[SPR_LPCR] & LPCR_AIL) >> LPCR_AIL_SHIFT;
        bool moved = old & MSR_IR && old & MSR_DR && ail == 3;
        cpu->lr = save_pc;
        cpu->ctr = old & ~status;
        msr |= old & (MSR_EE | MSR_RI);
        cpu->nip = (moved ? 0xc000000000003000ull : 0x17000) + cpu->error_code * 32;
        if (moved) {
            msr |= MSR_IR | MSR_DR;
        }
        set_msr(cpu, msr);
        return;
    }
    if (e == EXCP_MCHECK) {
        msr &= ~MSR_ME;
    }
    if (relocated(cpu, r, old, &base)) {
        msr |= MSR_IR | MSR_DR;
    }
    cpu->spr[hsrr ? SPR_HSRR0 : SPR_SRR0] = save_pc;
    cpu->spr[hsrr ? SPR_HSRR1 : SPR_SRR1] = srr1;
    cpu->nip = e == EXCP_RESET && cpu->vhyp && cpu->vhyp->system_reset ? cpu->vhyp->system_reset(cpu, r->vector) : base + r->vector;
    cpu->reserve_addr = -1;
    set_msr(cpu, msr);
}

/* The instruction image bits of an alignment interrupt's DSISR are optional since 2.07 and left zero. */
void ppc_deliver_exception(PowerPCCPU *cpu)
{
    PpcExcp e = cpu->exception;
    uint32_t error = cpu->error_code;
    uint64_t pc = cpu->nip + (rows[e].after ? 4 : 0), bits = 0;

    cpu->exception = EXCP_NONE;
    switch (e) {
    case EXCP_SYSCALL_HV:
        if (cpu->vhyp) {
            cpu->nip = pc;
            cpu->vhyp->hypercall(cpu);
            return;
        }
        e = EXCP_SYSCALL;
        break;
    case EXCP_PROGRAM:
        bits = error;
        break;
    case EXCP_ISI:
        bits = error;
        break;
    case EXCP_FU:
        cpu->spr[SPR_FSCR] = (cpu->spr[SPR_FSCR] & ~(0xffull << 56)) | (uint64_t)error << 56;
        break;
    case EXCP_HFU:
        if (cpu->vhyp) {
            e = EXCP_PROGRAM;
            bits = PROG_INVAL;
        } else {
            cpu->spr[SPR_HFSCR] = (cpu->spr[SPR_HFSCR] & ~(0xffull << 56)) | (uint64_t)error << 56;
        }
        break;
    case EXCP_MCHECK:
        if (!(cpu->msr & MSR_ME)) {
            log_mask(LOG_GUEST_ERROR, "CPU %d: machine check with MSR[ME] off at %016" PRIx64 ": checkstop\n",
                     cpu->index, cpu->nip);
            cpu->halted = cpu->powered_off = true;
            return;
        }
        break;
    default:
        break;
    }
    enter(cpu, e, pc, bits);
}

/*
 * Book III, 7.5.15 and 9.3 (trace interrupt, completed instruction address breakpoint). SRR1 says what was traced: bit
 * 33 always, 34 a prefixed one, 35 a load, 36 a store; 43 that the address of the breakpoint matched.
 */
void ppc_trace(PowerPCCPU *cpu, uint64_t pc, uint32_t flags, unsigned traced)
{
    bool matched = flags & RF_CIABR && pc == (cpu->spr[SPR_CIABR] & ~3ull);

    if (traced & TRACED_NEVER || !(matched || flags & RF_SE || (flags & RF_BE && traced & TRACED_BRANCH))) {
        return;
    }
    uint64_t bits = 1ull << (63 - 33);
    bits |= traced & TRACED_PREFIXED ? 1ull << (63 - 34) : 0;
    bits |= traced & TRACED_LOAD && !matched ? 1ull << (63 - 35) : 0;
    bits |= traced & TRACED_STORE && !matched ? 1ull << (63 - 36) : 0;
    bits |= matched ? 1ull << (63 - 43) : 0;
    enter(cpu, EXCP_TRACE, cpu->nip, bits);
}

/* ---- asynchronous ---- */

static PpcExcp next_interrupt(const PowerPCCPU *cpu, uint32_t *bit)
{
    uint32_t req = __atomic_load_n(&cpu->interrupt_request, __ATOMIC_ACQUIRE);
    static const struct { uint32_t bit; PpcExcp e; bool always; } order[] = {
        { CPU_INT_RESET, EXCP_RESET, true }, { CPU_INT_MCHECK, EXCP_MCHECK, true },
        { CPU_INT_HARD, EXCP_EXTERNAL }, { CPU_INT_DECR, EXCP_DECR }, { CPU_INT_DOORBELL, EXCP_DOORBELL },
        { CPU_INT_PMI, EXCP_PERFM },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(order); i++) {
        if (req & order[i].bit && (order[i].always || cpu->msr & MSR_EE)) {
            *bit = order[i].bit;
            return order[i].e;
        }
    }
    return EXCP_NONE;
}

bool ppc_take_interrupt(PowerPCCPU *cpu)
{
    uint32_t bit;
    PpcExcp e = next_interrupt(cpu, &bit);

    if (e == EXCP_NONE) {
        return false;
    }
    /* Edge-like requests are consumed; an external interrupt stays until its source takes it back, and the
     * decrementer's until the register is written (Book III, 7.3.1: level sensitive from 2.07 on). */
    if (bit & (CPU_INT_RESET | CPU_INT_DOORBELL | CPU_INT_PMI | CPU_INT_MCHECK)
        || (bit == CPU_INT_DECR && cpu->model->family->isa_level < 207)) {
        __atomic_and_fetch(&cpu->interrupt_request, ~bit, __ATOMIC_SEQ_CST);
    }
    if (bit == CPU_INT_DECR) {
        cpu->timers->decr_taken = ppc_tb(cpu);
    }
    enter(cpu, e, cpu->nip, 0);
    return true;
}

bool ppc_enter_decrementer(PowerPCCPU *cpu)
{
    if (!(cpu->msr & MSR_EE)) {
        return false;
    }
    cpu->halted = false;
    enter(cpu, EXCP_DECR, cpu->nip, 0);
    return true;
}

bool ppc_has_work(const PowerPCCPU *cpu)
{
    uint32_t bit;

    return next_interrupt(cpu, &bit) != EXCP_NONE;
}

void ppc_set_irq(PowerPCCPU *cpu, uint32_t bit, bool level)
{
    uint32_t old = level ? __atomic_fetch_or(&cpu->interrupt_request, bit, __ATOMIC_SEQ_CST)
                         : __atomic_fetch_and(&cpu->interrupt_request, ~bit, __ATOMIC_SEQ_CST);

    if (level && !(old & bit)) {
        cpu_kick(cpu);
        if (cpu != cpus_current()) {
            cpu_wake(cpu);
        }
    }
}

/* ---- doorbells ---- */

static void doorbell(PowerPCCPU *self, uint64_t rb, uint32_t bit, bool set, bool core_only)
{
    PowerPCCPU *cpu;
    unsigned tag = core_only ? rb & 0x7f : rb & 0xfffff;

    if ((rb >> 27 & 31) != 5) {         /* the only message type */
        return;
    }
    CPU_FOREACH(cpu) {
        if (core_only ? cpu->core_id == self->core_id && cpu->thread_id == (int)tag : cpu->vcpu_id == (int)tag) {
            ppc_set_irq(cpu, bit, set);
        }
    }
}

void helper_msgsnd(PowerPCCPU *cpu, uint64_t rb) { doorbell(cpu, rb, CPU_INT_HDOORBELL, true, false); }
void helper_msgclr(PowerPCCPU *cpu, uint64_t rb) { __atomic_and_fetch(&cpu->interrupt_request, ~CPU_INT_HDOORBELL, __ATOMIC_SEQ_CST); }
void helper_msgsndp(PowerPCCPU *cpu, uint64_t rb) { doorbell(cpu, rb, CPU_INT_DOORBELL, true, true); }
void helper_msgclrp(PowerPCCPU *cpu, uint64_t rb) { __atomic_and_fetch(&cpu->interrupt_request, ~CPU_INT_DOORBELL, __ATOMIC_SEQ_CST); }

void helper_power_save(PowerPCCPU *cpu, uint64_t next_pc)
{
    cpu->nip = next_pc;
    cpu->halted = true;
    ppc_exit_to_loop(cpu);
}

void helper_wait(PowerPCCPU *cpu, uint64_t next_pc)
{
    /* an exception that is pending but disabled ends the wait as well */
    if ((cpu->msr & MSR_EE) && !__atomic_load_n(&cpu->interrupt_request, __ATOMIC_SEQ_CST)) {
        helper_power_save(cpu, next_pc);
    }
}
