/*
 * One Power processor thread: its architected state, laid out for the translator.
 *
 * Generated code addresses this struct with a 32-bit displacement off one host register, so what it
 * touches most comes first. Byte order of every field is the host's. What is a slot (slots.h) may be
 * stale in memory while generated code runs; helpers that are declared IRC_READ or IRC_RAISE see it
 * up to date (accel/tcg/ir.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_PPC_CPU_H
#define TARGET_PPC_CPU_H

#include <glib.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include "hw/core/device.h"
#include "target/ppc/features.h"
#include "target/ppc/slots.h"
#include "target/ppc/v128.h"
#include "accel/tcg/softmmu.h"

typedef struct PowerPCCPU PowerPCCPU;
typedef struct PpcModel PpcModel;
typedef struct PpcVhyp PpcVhyp;
typedef struct Region Region;
struct TcgVcpu;

/* MSR bits, as masks (Power ISA Book III, 4.2.1). */
#define MSR_BIT(n) (1ull << (63 - (n)))
#define MSR_SF  MSR_BIT(0)
#define MSR_HV  MSR_BIT(3)
#define MSR_TS  (MSR_BIT(29) | MSR_BIT(30))
#define MSR_TM  MSR_BIT(31)
#define MSR_VEC MSR_BIT(38)
#define MSR_VSX MSR_BIT(40)
#define MSR_S   MSR_BIT(41)
#define MSR_EE  MSR_BIT(48)
#define MSR_PR  MSR_BIT(49)
#define MSR_FP  MSR_BIT(50)
#define MSR_ME  MSR_BIT(51)
#define MSR_FE0 MSR_BIT(52)
#define MSR_SE  MSR_BIT(53)
#define MSR_BE  MSR_BIT(54)
#define MSR_FE1 MSR_BIT(55)
#define MSR_IR  MSR_BIT(58)
#define MSR_DR  MSR_BIT(59)
#define MSR_PMM MSR_BIT(61)
#define MSR_RI  MSR_BIT(62)
#define MSR_LE  MSR_BIT(63)

/*
 * What a region was translated for. Two regions at one address with different flags are different
 * regions. cpu->region_flags is recomputed by ppc_update_region_flags() whenever its inputs change.
 */
#define RF_SF      (1u << 0)
#define RF_LE      (1u << 1)
#define RF_PR      (1u << 2)
#define RF_HV      (1u << 3)
#define RF_FP      (1u << 4)
#define RF_VEC     (1u << 5)
#define RF_VSX     (1u << 6)
#define RF_TM      (1u << 7)   /* MSR[TM] on */
#define RF_SE      (1u << 8)   /* single-step trace: one instruction a region */
#define RF_BE      (1u << 9)   /* branch trace */
#define RF_FPSLOW  (1u << 10)  /* an FP exception is enabled or RN is not nearest: exact helpers only */
#define RF_TAR     (1u << 11)  /* FSCR[TAR] */
#define RF_SCV     (1u << 12)  /* FSCR[SCV] */
#define RF_PREFIX  (1u << 13)  /* FSCR[PREFIX] */
#define RF_ONE     (1u << 14)  /* -one-insn-per-tb */
#define RF_ICOUNT  (1u << 15)
#define RF_FE      (1u << 16)  /* MSR[FE0] or MSR[FE1] */
#define RF_GTSE    (1u << 17)  /* LPCR[GTSE]: the guest may use tlbie */
#define RF_CIABR   (1u << 18)  /* an instruction breakpoint is armed in this privilege */
#define RF_STEP    (1u << 19)  /* a debugger's single step */
#define RF_TRACED  (RF_SE | RF_BE | RF_CIABR)
/* One instruction a region, after which the loop looks around. */
#define RF_WATCHED (RF_TRACED | RF_STEP)
#define RF_DMMU_SHIFT 20       /* 3 bits: MMU mode of data accesses */
#define RF_IMMU_SHIFT 23       /* 3 bits: MMU mode of fetches */
#define RF_COMPAT_SHIFT 26     /* 3 bits: ppc_compat_level() of problem state's instructions */
#define RF_DMMU(f) ((f) >> RF_DMMU_SHIFT & 7)
#define RF_IMMU(f) ((f) >> RF_IMMU_SHIFT & 7)
#define RF_COMPAT(f) ((f) >> RF_COMPAT_SHIFT & 7)

/* MMU modes: which table of the soft TLB an access uses. */
enum { MMU_USER, MMU_KERNEL, MMU_HV, MMU_REAL, MMU_HV_REAL, NB_MMU_MODES };

/* Bits of cpu->interrupt_request: level-like reasons to leave generated code (atomic). */
#define CPU_INT_HARD   (1u << 0)   /* external interrupt line (XICS/XIVE) */
#define CPU_INT_DECR   (1u << 1)
#define CPU_INT_HDECR  (1u << 2)
#define CPU_INT_DOORBELL (1u << 3)
#define CPU_INT_HDOORBELL (1u << 4)
#define CPU_INT_RESET  (1u << 5)   /* system reset interrupt (H_SIGNAL_SYS_RESET, nmi) */
#define CPU_INT_MCHECK (1u << 6)
#define CPU_INT_HVIRT  (1u << 7)
#define CPU_INT_PMI    (1u << 8)

/* Exceptions; vectors and SRR1 rules are rows in target/ppc/excp.c. */
typedef enum PpcExcp {
    EXCP_NONE, EXCP_RESET, EXCP_MCHECK, EXCP_DSI, EXCP_DSEG, EXCP_ISI, EXCP_ISEG, EXCP_EXTERNAL,
    EXCP_ALIGN, EXCP_PROGRAM, EXCP_FPU, EXCP_DECR, EXCP_HDECR, EXCP_DOORBELL, EXCP_SYSCALL,
    EXCP_SYSCALL_HV /* sc 1 */, EXCP_SYSCALL_VECTORED, EXCP_TRACE, EXCP_HDSI, EXCP_HISI, EXCP_HEMU,
    EXCP_HDOORBELL, EXCP_HVIRT, EXCP_PERFM, EXCP_VPU, EXCP_VSXU, EXCP_FU, EXCP_HFU, EXCP_MAINT,
    EXCP_SOFTPATCH, EXCP_COUNT
} PpcExcp;

/* error codes of EXCP_PROGRAM: the SRR1 bit that says why */
#define PROG_FP     0x00100000u
#define PROG_INVAL  0x00080000u
#define PROG_PRIV   0x00040000u
#define PROG_TRAP   0x00020000u
#define PROG_TMBAD  0x00200000u

/* SPR numbers used by name in more than one file (full list with access rules: target/ppc/spr-*.c). */
enum {
    SPR_XER = 1, SPR_DSCR_U = 3, SPR_LR = 8, SPR_CTR = 9, SPR_UAMR = 13, SPR_DSCR = 17,
    SPR_DSISR = 18, SPR_DAR = 19, SPR_DEC = 22, SPR_SDR1 = 25, SPR_SRR0 = 26, SPR_SRR1 = 27,
    SPR_CFAR = 28, SPR_AMR = 29, SPR_PIDR = 48, SPR_IAMR = 61, SPR_TFHAR = 128, SPR_TFIAR = 129,
    SPR_TEXASR = 130, SPR_TEXASRU = 131, SPR_CTRLF = 136, SPR_CTRLT = 152, SPR_FSCR = 153,
    SPR_UAMOR = 157, SPR_PSPB = 159, SPR_DPDES = 176, SPR_DAWR0 = 180, SPR_DAWR1 = 181,
    SPR_RPR = 186, SPR_CIABR = 187, SPR_DAWRX0 = 188, SPR_DAWRX1 = 189, SPR_HFSCR = 190,
    SPR_VRSAVE = 256, SPR_USPRG3 = 259, SPR_TBL_U = 268, SPR_TBU_U = 269, SPR_SPRG0 = 272,
    SPR_SPRG1 = 273, SPR_SPRG2 = 274, SPR_SPRG3 = 275, SPR_TBL = 284, SPR_TBU = 285, SPR_TBU40 = 286,
    SPR_PVR = 287, SPR_HSPRG0 = 304, SPR_HSPRG1 = 305, SPR_HDSISR = 306, SPR_HDAR = 307,
    SPR_SPURR = 308, SPR_PURR = 309, SPR_HDEC = 310, SPR_RMOR = 312, SPR_HRMOR = 313, SPR_HSRR0 = 314,
    SPR_HSRR1 = 315, SPR_LPCR = 318, SPR_LPIDR = 319, SPR_HMER = 336, SPR_HMEER = 337,
    SPR_PCR = 338, SPR_HEIR = 339, SPR_AMOR = 349, SPR_TIR = 446, SPR_PTCR = 464, SPR_TAR = 815,
    SPR_ASDR = 816, SPR_PSSCR = 855, SPR_IC = 848, SPR_VTB = 849, SPR_PPR = 896, SPR_PPR32 = 898,
    SPR_HID0 = 1008, SPR_PIR = 1023,
};

typedef struct PpcSlb {
    uint64_t esid;      /* RB of slbmte without the index: ESID | V */
    uint64_t vsid;      /* RS of slbmte: B | VSID | Ks Kp N L C LP */
} PpcSlb;

#define PPC_SLB_ENTRIES 64

struct PowerPCCPU {
    /* --- what generated code touches most (keep within the first 128 bytes where possible) --- */
    int32_t poll;               /* non-zero: leave generated code at the next region entry (atomic) */
    PpcExcp exception;          /* being raised */
    uint32_t region_flags;      /* RF_* of the current state */
    uint32_t space;             /* of the jump cache; compared together with region_flags (accel/tcg/tlb.c) */
    int64_t icount_left;        /* -icount: instructions until the next deadline */
    TlbFast tlb[NB_MMU_MODES];  /* data TLB of the current context, by MMU mode */
    void *jump_cache;           /* see accel/tcg/region.h */
    uint64_t nip;
    uint64_t gpr[32];
    uint8_t crb[32];            /* CR bit i of the book is crb[31 - i], each 0 or 1 */
    uint8_t ca, ov, so, ca32, ov32;
    uint64_t lr, ctr, tar, cfar;
    uint64_t msr;
    uint64_t reserve_addr;      /* real reservation granule's effective address, -1: none */
    uint64_t reserve_length;    /* bytes */
    uint64_t reserve_val, reserve_val2;
    uint64_t vscr_sat;          /* non-zero: VSCR[SAT] */
    uint64_t fp_op;             /* lazily kept last FP operation (target/ppc/fp/fplazy.h), 0: none */
    uint64_t fp_a, fp_b, fp_c;  /* its operands, binary64 */
    uint64_t fp_cmp;            /* non-zero: a compare of fp_cmp_a, fp_cmp_b after it owes FPCC */
    uint64_t fp_cmp_a, fp_cmp_b;
    uint64_t fpscr;             /* architected, but for what ppc_fpscr_sync() still owes it */
    uint32_t mxcsr;             /* host control word that generated code runs under */
    uint32_t vscr;              /* VSCR without SAT: NJ */
    V128 vsr[64];               /* FPR i = doubleword 0 of vsr[i]; VR i = vsr[32 + i]; ACC i = vsr[4i..4i+3] */
    V128 scratch[8];            /* call frame for vector helper arguments of the interpreter */

    /* --- not touched by generated code except through LDENV/STENV --- */
    uint64_t spr[1024];         /* XER, LR, CTR, TAR, CFAR, DEC, TB live elsewhere: see spr-*.c */
    uint64_t xer_other;         /* XER bits other than SO OV CA OV32 CA32: string count and reserved */
    PpcSlb slb[PPC_SLB_ENTRIES];
    uint32_t slb_nr;
    uint64_t patb;              /* partition/process table base as the machine set it */

    /* --- identity --- */
    const PpcModel *model;
    const char *asked_for;      /* the name, a model's or an alias, by which the user chose it; NULL: nobody did */
    uint32_t pvr;               /* the model's on this machine, or what an incoming guest has in its place */
    PpcFeatures features;       /* in force: the model's, less what properties and the machine switch off */
    uint64_t msr_mask;
    uint32_t compat_pvr;        /* logical PVR in force, 0: none (raw mode) */
    uint32_t max_compat;        /* the newest that the guest may be in, as the command line says; 0: any */
    int index;                  /* cpu_index: its number among all that there may be; sections are numbered by it */
    int vcpu_id;                /* what PAPR calls the interrupt server number */
    int core_id, thread_id, threads_per_core;
    char *id;
    const PpcVhyp *vhyp;        /* paravirtual hypervisor (pseries), or NULL: the thread has real HV mode */
    void *vhyp_opaque;          /* the machine */
    void *machine_data;         /* per-CPU data of the machine: VPA, ICP, ... */

    /* --- run control; `halted` and `stopped` are written under the big lock --- */
    uint32_t interrupt_request; /* CPU_INT_*, atomic */
    uint32_t error_code;
    bool halted;                /* waits for an interrupt (cede, nap) */
    bool powered_off;           /* RTAS stop-self; start-cpu wakes it */
    bool stop, stopped;         /* run state wants it paused; it is paused */
    bool slice_over;            /* single-threaded mode: let another vCPU run */
    void *work;                 /* system/cpus.c: queued items */
    bool unplug;
    sigjmp_buf jmp_env;         /* ppc_raise() lands here */
    GThread *thread;
    int host_tid;               /* the host's number of it */
    GCond halt_cond;            /* with the big lock */
    uint32_t spaces[2];         /* what `space` is in privileged and in problem state (atomic) */
    struct TcgVcpu *tcg;        /* TLB contexts, jump caches, statistics */
    struct PpcTimers *timers;   /* decrementer, hypervisor decrementer, PURR, VTB (target/ppc/timers.c) */
    struct {                    /* a debugger's wishes and what came of them (accel/tcg/breakpoint.h) */
        bool step, no_irq, under_way;
        bool held;              /* stands still while others run */
        uint8_t hit;            /* WatchKind; 0: none */
        uint64_t hit_ea;
    } debug;
    Device dev;
    bool pre_2_8, pre_2_10, pre_3_0;   /* saved in the form that QEMU had before these versions */
    bool start_powered_off;
    /* what only saved streams have (machine.c); once loaded it is sent on */
    struct {
        uint64_t spe_acc, hflags, msr_mask, insns_flags, insns_flags2;
        uint32_t nb_bats;
        int32_t slb_nr;
        uint64_t dec, pvr;
        uint64_t bhrb_offset, bhrb[32];     /* of branch history, which no one records here */
        struct PpcCheckpoint {  /* what a transaction began with */
            V128 vsr[64];
            uint64_t gpr[32];
            uint64_t cr, lr, ctr, fpscr, amr, ppr, vrsave;
            uint32_t vscr;
            uint64_t dscr, tar;
        } tm;
        uint64_t reserve_addr;
        uint8_t stopped;        /* RTAS stopped it */
        uint8_t slb_version;    /* of the subsection cpu/slb; 0: it did not come */
    } mig;
};

/*
 * A paravirtual hypervisor: what a pseries machine provides in place of HV mode. All are called with
 * the big lock NOT held unless said; the callee takes it if it needs devices.
 */
struct PpcVhyp {
    void (*hypercall)(PowerPCCPU *cpu);                     /* sc 1 in supervisor state */
    uint64_t (*hpt_mask)(PowerPCCPU *cpu);                  /* number of PTEGs - 1, of the hash table */
    /* Reads n PTEs from index; the returned host memory holds big-endian doubleword pairs. */
    const uint64_t *(*map_hptes)(PowerPCCPU *cpu, uint64_t ptex, int n);
    void (*hpte_set_r)(PowerPCCPU *cpu, uint64_t ptex, uint64_t pte1);
    void (*hpte_set_c)(PowerPCCPU *cpu, uint64_t ptex, uint64_t pte1);
    /* Process table (radix or hash) of the partition: fills dw0/dw1 of the partition-table entry. */
    bool (*get_pate)(PowerPCCPU *cpu, uint64_t lpid, uint64_t *dw0, uint64_t *dw1);
    uint64_t (*encode_hpt_for_kvm_pr)(PowerPCCPU *cpu);
    void (*cpu_exec_enter)(PowerPCCPU *cpu);                /* VPA dispatch counters */
    void (*cpu_exec_exit)(PowerPCCPU *cpu);
    uint64_t (*system_reset)(PowerPCCPU *cpu, uint64_t vector);     /* where that interrupt goes in place of its vector; NULL: there */
};

/* ---- target/ppc/cpu.c, models.c ---- */
/* What a model is on this machine, in zeroed memory: identity, features and properties, and no more. */
bool ppc_cpu_init(PowerPCCPU *cpu, const PpcModel *model, GError **err);
PowerPCCPU *ppc_cpu_new(const PpcModel *model, int index, GError **err);
void ppc_cpu_reset(PowerPCCPU *cpu);
const PpcModel *ppc_model_find(const char *name, GError **err);    /* names and aliases in their newest meaning, any case */
char *ppc_model_type_name(const PpcModel *model);       /* "power9_v2.0-powerpc64-cpu"; g_free() */
PowerPCCPU *ppc_cpu_get(int index);                                 /* NULL: there is none */
/* One that was taken out of ppc_cpus comes back, as ppc_cpu_new() would make it. */
bool ppc_cpu_again(PowerPCCPU *cpu, GError **err);
extern GPtrArray *ppc_cpus;                                         /* all, in the order they came */
#define CPU_FOREACH(cpu) \
    for (guint cpu##_i = 0; ppc_cpus && cpu##_i < ppc_cpus->len && ((cpu) = g_ptr_array_index(ppc_cpus, cpu##_i)); cpu##_i++)

/* Architected views of state that is kept split. */
static inline uint32_t ppc_get_cr(const PowerPCCPU *cpu)
{
    uint32_t cr = 0;
    for (int i = 0; i < 32; i++) {
        cr |= (uint32_t)cpu->crb[i] << i;
    }
    return cr;
}
static inline void ppc_set_cr(PowerPCCPU *cpu, uint32_t cr)
{
    for (int i = 0; i < 32; i++) {
        cpu->crb[i] = cr >> i & 1;
    }
}
static inline void ppc_set_crf(PowerPCCPU *cpu, int field, unsigned v)   /* v: LT GT EQ SO as 8 4 2 1 */
{
    for (int i = 0; i < 4; i++) {
        cpu->crb[31 - (field * 4 + i)] = v >> (3 - i) & 1;
    }
}
uint64_t ppc_get_xer(const PowerPCCPU *cpu);
void ppc_set_xer(PowerPCCPU *cpu, uint64_t xer);
void ppc_fpscr_sync(PowerPCCPU *cpu);        /* fold MXCSR and the lazy operation into cpu->fpscr */
uint64_t ppc_get_fpscr(PowerPCCPU *cpu);     /* sync, then the value */
void ppc_set_fpscr(PowerPCCPU *cpu, uint64_t v);  /* also host rounding mode and RF_FPSLOW */

/*
 * What PCR leaves of the processor in problem state (Book III, processor compatibility register): flags are RF_*.
 * The level is that of the newest book whose facilities are there (205, 206, 207, 300), 0: all.
 */
unsigned ppc_compat_level(uint32_t flags);
PpcFeatures ppc_features_for(const PowerPCCPU *cpu, uint32_t flags);

/* ---- target/ppc/excp.c ---- */
void ppc_update_region_flags(PowerPCCPU *cpu);
/* MSR write with every side effect (mode switches, TLB modes, region flags, pending interrupts). */
void ppc_store_msr(PowerPCCPU *cpu, uint64_t msr);
/*
 * Raise an exception from a helper or the MMU: state (slots, nip of the faulting instruction) is in
 * memory; does not return.
 */
G_NORETURN void ppc_raise(PowerPCCPU *cpu, PpcExcp e, uint32_t error_code);
/* Leave generated code for the vCPU loop without an exception; nip is where to go on. */
G_NORETURN void ppc_exit_to_loop(PowerPCCPU *cpu);
/* Called by the vCPU loop after a raise: sets SRRs, MSR, nip (or calls the vhyp for sc 1). */
void ppc_deliver_exception(PowerPCCPU *cpu);
/*
 * The instruction at pc, translated for `flags` (RF_*), has completed without an interrupt: takes the trace interrupt
 * if one is due. `traced` are the instruction's TRACED_* (isa.h).
 */
void ppc_trace(PowerPCCPU *cpu, uint64_t pc, uint32_t flags, unsigned traced);
/* Deliver the highest-priority enabled pending interrupt, if any; true if one was taken. */
bool ppc_take_interrupt(PowerPCCPU *cpu);
/* Takes a decrementer interrupt now, whatever the decrementer says; false: MSR[EE] forbids it. The vCPU stands still. */
bool ppc_enter_decrementer(PowerPCCPU *cpu);
bool ppc_has_work(const PowerPCCPU *cpu);     /* would a halted thread wake? */
void ppc_set_irq(PowerPCCPU *cpu, uint32_t int_bit, bool level);  /* any thread; kicks the vCPU */

/* ---- accel/tcg (see tcg.h): */
void cpu_kick(PowerPCCPU *cpu);               /* make it look at interrupt_request/stop soon; any thread */

/* ---- target/ppc/timers.c: 512 MHz time base over the virtual clock ---- */
#define PPC_TB_FREQ 512000000u
uint64_t ppc_tb(PowerPCCPU *cpu);
void ppc_set_tb(PowerPCCPU *cpu, uint64_t v);
uint64_t ppc_get_decr(PowerPCCPU *cpu);
void ppc_set_decr(PowerPCCPU *cpu, uint64_t v);

#endif
