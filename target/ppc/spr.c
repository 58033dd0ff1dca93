/*
 * The table of special purpose registers (Power ISA Book III, 4.4.4), and the code of mfspr and mtspr.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/spr.h"
#include "target/ppc/models.h"
#include "target/ppc/mmu.h"
#include "system/log.h"
#include <inttypes.h>

static uint64_t get_xer(PowerPCCPU *cpu, unsigned n) { return ppc_get_xer(cpu); }
static void set_xer(PowerPCCPU *cpu, unsigned n, uint64_t v) { ppc_set_xer(cpu, v); }
static uint64_t get_tb(PowerPCCPU *cpu, unsigned n) { return ppc_tb(cpu); }
static uint64_t get_tbu(PowerPCCPU *cpu, unsigned n) { return ppc_tb(cpu) >> 32; }
static void set_tbl(PowerPCCPU *cpu, unsigned n, uint64_t v) { ppc_set_tb(cpu, (ppc_tb(cpu) & ~0xffffffffull) | (uint32_t)v); }
static void set_tbu(PowerPCCPU *cpu, unsigned n, uint64_t v) { ppc_set_tb(cpu, (uint32_t)ppc_tb(cpu) | v << 32); }
static void set_tbu40(PowerPCCPU *cpu, unsigned n, uint64_t v) { ppc_set_tb(cpu, (v & ~0xffffffull) | (ppc_tb(cpu) & 0xffffff)); }
static uint64_t get_decr(PowerPCCPU *cpu, unsigned n) { return ppc_get_decr(cpu); }
static void set_decr(PowerPCCPU *cpu, unsigned n, uint64_t v) { ppc_set_decr(cpu, v); }
static uint64_t get_purr(PowerPCCPU *cpu, unsigned n) { return ppc_tb(cpu) + cpu->spr[n]; }
static void set_purr(PowerPCCPU *cpu, unsigned n, uint64_t v) { cpu->spr[n] = v - ppc_tb(cpu); }

static void set_dscr(PowerPCCPU *cpu, unsigned n, uint64_t v) { cpu->spr[SPR_DSCR] = v & 0x1ffffff; }
static uint64_t get_dscr(PowerPCCPU *cpu, unsigned n) { return cpu->spr[SPR_DSCR]; }

static void set_lpcr(PowerPCCPU *cpu, unsigned n, uint64_t v)
{
    cpu->spr[SPR_LPCR] = v;
    ppc_update_region_flags(cpu);
    tlb_flush_cpu(cpu);
}

static void set_fscr(PowerPCCPU *cpu, unsigned n, uint64_t v)
{
    cpu->spr[n] = v;
    ppc_update_region_flags(cpu);
}

/*
 * Storage protection keys are cached in the soft TLB's entries. A radix guest's AMR only says what supervisors may do with
 * pages of processes, and Linux changes it around each access to one.
 */
static void set_keys(PowerPCCPU *cpu, unsigned n, uint64_t v)
{
    if (cpu->spr[n] == v) {
        return;
    }
    cpu->spr[n] = v;
    if (n == SPR_AMR && ppc_uses_radix(cpu)) {
        tlb_flush_supervisor_user(cpu);
    } else {
        tlb_flush_cpu(cpu);
    }
}

static void set_amr_user(PowerPCCPU *cpu, unsigned n, uint64_t v)
{
    uint64_t mask = cpu->spr[SPR_UAMOR];

    set_keys(cpu, SPR_AMR, (cpu->spr[SPR_AMR] & ~mask) | (v & mask));
}

static void set_amr(PowerPCCPU *cpu, unsigned n, uint64_t v)
{
    uint64_t mask = cpu->msr & MSR_HV ? UINT64_MAX : cpu->spr[SPR_AMOR];

    set_keys(cpu, SPR_AMR, (cpu->spr[SPR_AMR] & ~mask) | (v & mask));
}

static void set_iamr(PowerPCCPU *cpu, unsigned n, uint64_t v) { set_keys(cpu, n, v); }
static uint64_t get_amr(PowerPCCPU *cpu, unsigned n) { return cpu->spr[SPR_AMR]; }

static void set_pidr(PowerPCCPU *cpu, unsigned n, uint64_t v)
{
    cpu->spr[SPR_PIDR] = v;
    ppc_mmu_context_changed(cpu);
}

static void set_watch(PowerPCCPU *cpu, unsigned n, uint64_t v)
{
    cpu->spr[n] = v;
    tlb_flush_watch(cpu);
}

/* CIABR, PCR: what regions are made for depends on them */
static void set_mode(PowerPCCPU *cpu, unsigned n, uint64_t v)
{
    cpu->spr[n] = v;
    ppc_update_region_flags(cpu);
}

static uint64_t get_texasru(PowerPCCPU *cpu, unsigned n) { return cpu->spr[SPR_TEXASR] >> 32; }
static void set_texasru(PowerPCCPU *cpu, unsigned n, uint64_t v) { cpu->spr[SPR_TEXASR] = (uint32_t)cpu->spr[SPR_TEXASR] | v << 32; }
static uint64_t get_ppr32(PowerPCCPU *cpu, unsigned n) { return cpu->spr[SPR_PPR] >> 32; }
static void set_ppr32(PowerPCCPU *cpu, unsigned n, uint64_t v) { cpu->spr[SPR_PPR] = (uint32_t)cpu->spr[SPR_PPR] | v << 32; }
static uint64_t get_ctrl(PowerPCCPU *cpu, unsigned n) { return (cpu->spr[SPR_CTRLF] & 1) | (cpu->spr[SPR_CTRLF] & 1) << (8 + 7 - (cpu->thread_id & 7)); }
static void set_ctrl(PowerPCCPU *cpu, unsigned n, uint64_t v) { cpu->spr[SPR_CTRLF] = v & 1; }
static uint64_t get_dpdes(PowerPCCPU *cpu, unsigned n) { return !!(cpu->interrupt_request & CPU_INT_DOORBELL); }
static void set_dpdes(PowerPCCPU *cpu, unsigned n, uint64_t v) { ppc_set_irq(cpu, CPU_INT_DOORBELL, v & 1); }
static uint64_t get_tir(PowerPCCPU *cpu, unsigned n) { return cpu->thread_id; }

/* Four more names of BESCR, so that no update is lost between a read and a write: set or reset the bits written. */
enum { SPR_BESCR = 806 };
static uint64_t get_bescr(PowerPCCPU *cpu, unsigned n) { return cpu->spr[SPR_BESCR]; }
static uint64_t get_bescru(PowerPCCPU *cpu, unsigned n) { return cpu->spr[SPR_BESCR] >> 32; }
static void set_bescrs(PowerPCCPU *cpu, unsigned n, uint64_t v) { cpu->spr[SPR_BESCR] |= v; }
static void set_bescrsu(PowerPCCPU *cpu, unsigned n, uint64_t v) { cpu->spr[SPR_BESCR] |= v << 32; }
static void set_bescrr(PowerPCCPU *cpu, unsigned n, uint64_t v) { cpu->spr[SPR_BESCR] &= ~v; }
static void set_bescrru(PowerPCCPU *cpu, unsigned n, uint64_t v) { cpu->spr[SPR_BESCR] &= ~(v << 32); }

#define S_RW (SR | SW | HR | HW)
#define S_R  (SR | HR)
#define S_W  (SW | HW)
#define U_RW (UR | UW | S_RW)
#define U_R  (UR | S_R)

static const SprRow rows[] = {
    { SPR_XER,     "XER",     U_RW, 0, 0, get_xer, set_xer },
    { SPR_DSCR_U,  "DSCR",    U_RW, 207, 0, get_dscr, set_dscr, SPR_DSCR, 2 },
    { SPR_LR,      "LR",      U_RW, 0 },
    { SPR_CTR,     "CTR",     U_RW, 0 },
    { SPR_UAMR,    "AMR",     U_RW, 206, 0, get_amr, set_amr_user, SPR_AMR },
    { SPR_DSCR,    "DSCR",    S_RW, 206, 0, get_dscr, set_dscr },
    { SPR_DSISR,   "DSISR",   S_RW, 0 },
    { SPR_DAR,     "DAR",     S_RW, 0 },
    { SPR_DEC,     "DEC",     S_RW, 0, 0, get_decr, set_decr },
    { SPR_SDR1,    "SDR1",    HR | HW, 0 },
    { SPR_SRR0,    "SRR0",    S_RW, 0 },
    { SPR_SRR1,    "SRR1",    S_RW, 0 },
    { SPR_CFAR,    "CFAR",    S_RW, 206 },
    { SPR_AMR,     "AMR",     S_RW, 206, 0, get_amr, set_amr },
    { 31,          "SPR31",   S_RW, 206 },      /* no book names it; the peers keep what is written, and it migrates */
    { SPR_PIDR,    "PID",     S_RW, 206, 0, NULL, set_pidr },
    { SPR_IAMR,    "IAMR",    S_RW, 207, 0, NULL, set_iamr },
    { SPR_TFHAR,   "TFHAR",   U_RW, 207 },
    { SPR_TFIAR,   "TFIAR",   U_RW, 207 },
    { SPR_TEXASR,  "TEXASR",  U_RW, 207 },
    { SPR_TEXASRU, "TEXASRU", U_RW, 207, 0, get_texasru, set_texasru, SPR_TEXASR },
    { SPR_CTRLF,   "CTRL",    U_R, 0, 0, get_ctrl, NULL },
    { SPR_CTRLT,   "CTRL",    S_W, 0, 0, NULL, set_ctrl, SPR_CTRLF },
    { 144,         "TIDR",    S_RW, 300, .until = 300 },
    { SPR_FSCR,    "FSCR",    S_RW, 207, 0, NULL, set_fscr },
    { SPR_UAMOR,   "UAMOR",   S_RW, 206 },
    { SPR_PSPB,    "PSPB",    S_RW, 207 },
    { SPR_DPDES,   "DPDES",   SR | HR | HW, 207, 0, get_dpdes, set_dpdes },
    { SPR_DAWR0,   "DAWR0",   HR | HW, 207, 0, NULL, set_watch },
    { SPR_DAWR1,   "DAWR1",   HR | HW, 310, 0, NULL, set_watch },
    { SPR_RPR,     "RPR",     HR | HW, 207, 0x00000103070f1f3full },
    { SPR_CIABR,   "CIABR",   HR | HW, 207, 0, NULL, set_mode },
    { SPR_DAWRX0,  "DAWRX0",  HR | HW, 207, 0, NULL, set_watch },
    { SPR_DAWRX1,  "DAWRX1",  HR | HW, 310, 0, NULL, set_watch },
    { SPR_HFSCR,   "HFSCR",   HR | HW, 207 },
    { SPR_VRSAVE,  "VRSAVE",  U_RW, 0 },
    { SPR_USPRG3,  "SPRG3",   UR | S_R, 0, 0, NULL, NULL, SPR_SPRG3 },
    { SPR_TBL_U,   "TB",      U_R, 0, 0, get_tb, NULL },
    { SPR_TBU_U,   "TBU",     U_R, 0, 0, get_tbu, NULL },
    { SPR_SPRG0,   "SPRG0",   S_RW, 0 },
    { SPR_SPRG1,   "SPRG1",   S_RW, 0 },
    { SPR_SPRG2,   "SPRG2",   S_RW, 0 },
    { SPR_SPRG3,   "SPRG3",   S_RW, 0 },
    { 282,         "EAR",     S_RW, 0 },
    { SPR_TBL,     "TBL",     S_R | HW, 0, 0, get_tb, set_tbl },
    { SPR_TBU,     "TBU",     S_R | HW, 0, 0, get_tbu, set_tbu },
    { SPR_TBU40,   "TBU40",   HW, 206, 0, get_tb, set_tbu40 },
    { SPR_PVR,     "PVR",     S_R, 0 },
    { SPR_HSPRG0,  "HSPRG0",  HR | HW, 0 },
    { SPR_HSPRG1,  "HSPRG1",  HR | HW, 0 },
    { SPR_HDSISR,  "HDSISR",  HR | HW, 206 },
    { SPR_HDAR,    "HDAR",    HR | HW, 206 },
    { SPR_SPURR,   "SPURR",   SR | HR | HW, 203, 0, get_purr, set_purr },
    { SPR_PURR,    "PURR",    SR | HR | HW, 203, 0, get_purr, set_purr },
    { SPR_HDEC,    "HDEC",    HR | HW, 0 },
    { SPR_RMOR,    "RMOR",    HR | HW, 0 },
    { SPR_HRMOR,   "HRMOR",   HR | HW, 0 },
    { SPR_HSRR0,   "HSRR0",   HR | HW, 0 },
    { SPR_HSRR1,   "HSRR1",   HR | HW, 0 },
    { SPR_LPCR,    "LPCR",    HR | HW, 0, 0, NULL, set_lpcr },
    { SPR_LPIDR,   "LPIDR",   HR | HW, 206 },
    { SPR_HMER,    "HMER",    HR | HW, 206 },
    { SPR_HMEER,   "HMEER",   HR | HW, 206 },
    { SPR_PCR,     "PCR",     HR | HW, 206, 0, NULL, set_mode },
    { SPR_HEIR,    "HEIR",    HR | HW, 206 },
    { SPR_AMOR,    "AMOR",    HR | HW, 206, UINT64_MAX },
    { SPR_TIR,     "TIR",     S_R, 207, 0, get_tir, NULL },
    { SPR_PTCR,    "PTCR",    HR | HW, 300 },
    { 468,         "HASHKEYR", S_RW, 310 },
    { 469,         "HASHPKEYR", HR | HW, 310 },
    { 736, "SIER2", U_R, 310, 0, NULL, NULL, 752 }, { 737, "SIER3", U_R, 310, 0, NULL, NULL, 753 },
    { 738, "MMCR3", U_R, 310, 0, NULL, NULL, 754 }, { 752, "SIER2", S_RW, 310 }, { 753, "SIER3", S_RW, 310 },
    { 754, "MMCR3", S_RW, 310 },
    { 768, "SIER",   UR | S_R, 207, 0, NULL, NULL, 784 }, { 769, "MMCR2", U_RW, 207, 0, NULL, NULL, 785 },
    { 770, "MMCRA",  U_RW, 0, 0, NULL, NULL, 786 },       { 771, "PMC1", U_RW, 0, 0, NULL, NULL, 787 },
    { 772, "PMC2",   U_RW, 0, 0, NULL, NULL, 788 },       { 773, "PMC3", U_RW, 0, 0, NULL, NULL, 789 },
    { 774, "PMC4",   U_RW, 0, 0, NULL, NULL, 790 },       { 775, "PMC5", U_RW, 0, 0, NULL, NULL, 791 },
    { 776, "PMC6",   U_RW, 0, 0, NULL, NULL, 792 },       { 779, "MMCR0", U_RW, 0, 0, NULL, NULL, 795 },
    { 780, "SIAR",   UR | S_R, 0, 0, NULL, NULL, 796 },   { 781, "SDAR", UR | S_R, 0, 0, NULL, NULL, 797 },
    { 782, "MMCR1",  UR | S_R, 0, 0, NULL, NULL, 798 },
    { 784, "SIER",  S_RW, 207 }, { 785, "MMCR2", S_RW, 207 }, { 786, "MMCRA", S_RW, 0 }, { 787, "PMC1", S_RW, 0 },
    { 788, "PMC2",  S_RW, 0 },   { 789, "PMC3", S_RW, 0 },    { 790, "PMC4", S_RW, 0 },  { 791, "PMC5", S_RW, 0 },
    { 792, "PMC6",  S_RW, 0 },   { 795, "MMCR0", S_RW, 0, 0x80000000 }, { 796, "SIAR", S_RW, 0 },
    { 797, "SDAR",  S_RW, 0 },   { 798, "MMCR1", S_RW, 0 },
    { 800, "BESCRS",  U_RW, 207, 0, get_bescr, set_bescrs, SPR_BESCR, 7 },
    { 801, "BESCRSU", U_RW, 207, 0, get_bescru, set_bescrsu, SPR_BESCR, 7 },
    { 802, "BESCRR",  U_RW, 207, 0, get_bescr, set_bescrr, SPR_BESCR, 7 },
    { 803, "BESCRRU", U_RW, 207, 0, get_bescru, set_bescrru, SPR_BESCR, 7 },
    { 804, "EBBHR",   U_RW, 207, 0, NULL, NULL, 0, 7 }, { 805, "EBBRR", U_RW, 207, 0, NULL, NULL, 0, 7 },
    { SPR_BESCR, "BESCR", U_RW, 207, 0, NULL, NULL, 0, 7 },
    { SPR_TAR,     "TAR",     U_RW, 207, 0, NULL, NULL, 0, 8 },
    { SPR_ASDR,    "ASDR",    HR | HW, 300 },
    { 823,         "PSSCR",   S_RW, 300, 0, NULL, NULL, SPR_PSSCR },
    { SPR_PSSCR,   "PSSCR",   HR | HW, 300 },
    { SPR_IC,      "IC",      S_R, 207 },
    { SPR_VTB,     "VTB",     SR | HR | HW, 207, 0, get_purr, set_purr },
    { 851,         "PMICR",   HR | HW, 207 },
    { 852,         "PMSR",    HR | HW, 207 },
    { 853,         "PMCR",    HR | HW, 207 },
    { 888, "SPR888", S_RW, 207 }, { 889, "SPR889", S_RW, 207 }, { 890, "SPR890", S_RW, 207 },     /* kept, as SPR31 is */
    { 892, "SPR892", S_RW, 207 }, { 893, "SPR893", S_RW, 207 }, { 894, "SPR894", S_RW, 207 },
    { 895,         "FTSPR",   S_RW, 207 },
    { SPR_PPR,     "PPR",     U_RW, 206, 0x0010000000000000ull },
    { SPR_PPR32,   "PPR32",   U_RW, 206, 0, get_ppr32, set_ppr32, SPR_PPR },
    { SPR_HID0,    "HID0",    HR | HW, 0 },
    { 1009,        "HID1",    HR | HW, 0 },
    { 1012,        "HID4",    HR | HW, 0 },
    { 1014,        "HID5",    HR | HW, 0 },
    { SPR_PIR,     "PIR",     S_R, 0 },
};

static const SprRow *by_number[1024];

static void __attribute__((constructor)) index_rows(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        by_number[rows[i].num] = &rows[i];
    }
}

const SprRow *spr_rows(unsigned *count)
{
    *count = G_N_ELEMENTS(rows);
    return rows;
}

const SprRow *spr_find(const PowerPCCPU *cpu, unsigned n)
{
    const SprRow *r = n < 1024 ? by_number[n] : NULL;

    unsigned level = cpu->model->family->isa_level;

    return r && level >= r->level && (!r->until || level <= r->until) ? r : NULL;
}

void spr_reset(PowerPCCPU *cpu)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (!rows[i].get && !rows[i].alias && spr_find(cpu, rows[i].num)) {
            cpu->spr[rows[i].num] = rows[i].reset;
        }
    }
    if (cpu->model->family->isa_level < 206) {
        cpu->spr[SPR_HID0] = 0x60000000;
    }
    cpu->spr[SPR_PPR] = 0;
    cpu->spr[SPR_AMR] = cpu->spr[SPR_DSCR] = 0;
    cpu->spr[SPR_PVR] = cpu->pvr;
    cpu->spr[SPR_PIR] = cpu->vcpu_id;
    cpu->spr[SPR_CTRLF] = 1;
}

static uint64_t *slot_home(PowerPCCPU *cpu, unsigned n)
{
    switch (n) {
    case SPR_LR: return &cpu->lr;
    case SPR_CTR: return &cpu->ctr;
    case SPR_TAR: return &cpu->tar;
    case SPR_CFAR: return &cpu->cfar;
    default: return NULL;
    }
}

uint64_t spr_get(PowerPCCPU *cpu, unsigned n)
{
    const SprRow *r = spr_find(cpu, n);
    uint64_t *home = slot_home(cpu, n);

    if (!r) {
        return 0;
    }
    return home ? *home : r->get ? r->get(cpu, n) : cpu->spr[r->alias ? r->alias : n];
}

void spr_set(PowerPCCPU *cpu, unsigned n, uint64_t v)
{
    const SprRow *r = spr_find(cpu, n);
    uint64_t *home = slot_home(cpu, n);

    if (!r) {
        return;
    }
    if (home) {
        *home = v;
    } else if (r->set) {
        r->set(cpu, n, v);
    } else {
        cpu->spr[r->alias ? r->alias : n] = v;
    }
}

static uint64_t helper_spr_get(PowerPCCPU *cpu, uint64_t n)
{
    return by_number[n]->get(cpu, n);
}

static void helper_spr_set(PowerPCCPU *cpu, uint64_t n, uint64_t v)
{
    by_number[n]->set(cpu, n, v);
}

static int slot_of(unsigned n)
{
    switch (n) {
    case SPR_LR: return SLOT_LR;
    case SPR_CTR: return SLOT_CTR;
    case SPR_TAR: return SLOT_TAR;
    case SPR_CFAR: return SLOT_CFAR;
    default: return -1;
    }
}

/*
 * Book III, 4.4.4 and 7.5.9: an SPR that is not there is a no-op in privileged state and, in problem state, a
 * privileged-instruction interrupt if bit 0 of its number says privileged, else illegal. 0, 4, 5 and 6 are always illegal.
 */
static void undefined_spr(DisasCtx *ctx, unsigned n)
{
    log_mask(LOG_GUEST_ERROR, "access to SPR %u, which this processor does not have, at %016" PRIx64 "\n", n, ctx->pc);
    if (n & 0x10 ? ctx->pr : ctx->pr || n == 0 || n == 4 || n == 5 || n == 6) {
        raise_program(ctx, n & 0x10 ? PROG_PRIV : PROG_INVAL);
    }
}

static bool is_tm_spr(unsigned n)
{
    return n == SPR_TFHAR || n == SPR_TFIAR || n == SPR_TEXASR || n == SPR_TEXASRU;
}

static const SprRow *find_for(const DisasCtx *ctx, unsigned n)
{
    const SprRow *r = spr_find(ctx->cpu, n);
    unsigned level = ppc_compat_level(ctx->flags);

    return r && level && r->level > level ? NULL : r;
}

/* False if an exception (or nothing at all) stands for the access. */
static bool permitted(DisasCtx *ctx, const SprRow *r, unsigned n, bool write)
{
    unsigned need = (ctx->pr ? UR : ctx->hv ? HR : SR) << write;

    /* transactions went, and their registers with them, with ISA 3.1 */
    if (!r || (is_tm_spr(n) && !ppc_has(&ctx->features, PPC_F_TM))) {
        undefined_spr(ctx, n);
        return false;
    }
    if (!(r->access & need)) {
        if (ctx->pr || r->access & (HR | HW)) {
            if (ctx->pr || !(r->access & ((SR | HR) << write))) {
                raise_program(ctx, n & 0x10 ? PROG_PRIV : ctx->pr ? PROG_INVAL : PROG_PRIV);
            } else {
                /* hypervisor resource: privileged-instruction interrupt for a guest supervisor */
                raise_program(ctx, PROG_PRIV);
            }
        }
        return false;
    }
    if (n == SPR_TAR && !(ctx->flags & RF_TAR)) {
        raise_facility(ctx, 8, false);
        return false;
    }
    if (is_tm_spr(n) && !(ctx->flags & RF_TM)) {
        raise_facility(ctx, 5, false);
        return false;
    }
    return true;
}

/* Of FSCR's bits only some are in the region's flags: DSCR's and EBB's are asked for at run time. */
static uint64_t helper_fscr_check(PowerPCCPU *cpu, uint64_t bit)
{
    if (!(cpu->spr[SPR_FSCR] >> bit & 1)) {
        ppc_raise(cpu, EXCP_FU, bit);
    }
    return 0;
}

/* FSCR restrains problem state alone (Book III, 6.2.10). */
static void check_facility(DisasCtx *ctx, const SprRow *r)
{
    if (ctx->pr && r->fscr && r->num != SPR_TAR) {
        CALLV(helper_fscr_check, "vei", IRC_RAISE | IRC_STATE, iconst(r->fscr));
    }
}

void emit_mfspr(DisasCtx *ctx, unsigned rt, unsigned n)
{
    const SprRow *r = find_for(ctx, n);
    int slot = slot_of(n);

    if (!permitted(ctx, r, n, false)) {
        return;
    }
    check_facility(ctx, r);
    if (slot >= 0) {
        set_gpr(rt, slot_get(slot));
    } else if (r->get) {
        set_gpr(rt, CALL(helper_spr_get, "iei", IRC_READ | IRC_STATE, iconst(n)));
    } else {
        set_gpr(rt, ldenv(MO_64, offsetof(PowerPCCPU, spr) + 8 * (r->alias ? r->alias : n)));
    }
}

void emit_mtspr(DisasCtx *ctx, unsigned rs, unsigned n)
{
    const SprRow *r = find_for(ctx, n);
    int slot = slot_of(n);

    if (!permitted(ctx, r, n, true)) {
        return;
    }
    check_facility(ctx, r);
    if (slot >= 0) {
        slot_set(slot, gpr(rs));
    } else if (r->set) {
        CALLV(helper_spr_set, "veii", IRC_WRITE | IRC_RAISE | IRC_STATE, iconst(n), gpr(rs));
        if (n != SPR_XER && n != SPR_DEC) {
            end_region(ctx);
        }
    } else {
        Val v = gpr(rs);
        if (n == SPR_DSISR || n == SPR_VRSAVE || n == SPR_PSPB) {
            v = extu32(v);
        }
        stenv(MO_64, offsetof(PowerPCCPU, spr) + 8 * (r->alias ? r->alias : n), v);
    }
}
