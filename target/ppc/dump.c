/*
 * See dump.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/dump.h"
#include "target/ppc/models.h"
#include "target/ppc/spr.h"
#include <inttypes.h>
#include <stdlib.h>

static void four_a_line(GString *out, const char *name, uint64_t (*get)(PowerPCCPU *, int), PowerPCCPU *cpu)
{
    for (int i = 0; i < 32; i++) {
        if (i % 4 == 0) {
            g_string_append_printf(out, "%s%02d", name, i);
        }
        g_string_append_printf(out, " %016" PRIx64 "%s", get(cpu, i), i % 4 == 3 ? "\n" : "");
    }
}

static uint64_t get_gpr(PowerPCCPU *cpu, int i) { return cpu->gpr[i]; }
static uint64_t get_fpr(PowerPCCPU *cpu, int i) { return V_D(cpu->vsr[i], 0); }

void ppc_cpu_dump(PowerPCCPU *cpu, bool fpu, GString *out)
{
    const PpcFamily *family = cpu->model->family;
    uint64_t tb = ppc_tb(cpu);

    g_string_append_printf(out, "NIP %016" PRIx64 "   LR %016" PRIx64 " CTR %016" PRIx64 " XER %016" PRIx64 " CPU#%d\n",
                           cpu->nip, cpu->lr, cpu->ctr, ppc_get_xer(cpu), cpu->index);
    g_string_append_printf(out, "MSR %016" PRIx64 " HID0 %016" PRIx64 "  HF %08x iidx %d didx %d\n", cpu->msr,
                           cpu->spr[SPR_HID0], cpu->region_flags, RF_IMMU(cpu->region_flags),
                           RF_DMMU(cpu->region_flags));
    g_string_append_printf(out, "TB %08" PRIu32 " %08" PRIu32 " DECR %" PRIu64 "\n", (uint32_t)(tb >> 32), (uint32_t)tb,
                           ppc_get_decr(cpu));
    four_a_line(out, "GPR", get_gpr, cpu);
    g_string_append_printf(out, "CR %08x  [", ppc_get_cr(cpu));
    for (int f = 0; f < 8; f++) {
        const uint8_t *b = &cpu->crb[28 - 4 * f];
        g_string_append_printf(out, " %c%c", b[3] ? 'L' : b[2] ? 'G' : b[1] ? 'E' : '-', b[0] ? 'O' : ' ');
    }
    g_string_append_printf(out, " ]             RES %016" PRIx64 "\n", cpu->reserve_addr);
    if (fpu) {
        four_a_line(out, "FPR", get_fpr, cpu);
        g_string_append_printf(out, "FPSCR %016" PRIx64 "\n", ppc_get_fpscr(cpu));
    }
    g_string_append_printf(out, " SRR0 %016" PRIx64 "  SRR1 %016" PRIx64 "    PVR %016" PRIx64 " VRSAVE %016" PRIx64 "\n",
                           cpu->spr[SPR_SRR0], cpu->spr[SPR_SRR1], cpu->spr[SPR_PVR], cpu->spr[SPR_VRSAVE]);
    for (int i = 0; i < 8; i++) {       /* SPRG4 to 7 are embedded processors': always 0 here */
        g_string_append_printf(out, "SPRG%d %016" PRIx64 "%s", i, i < 4 ? cpu->spr[SPR_SPRG0 + i] : 0,
                               i % 4 == 3 ? "\n" : i % 4 == 0 ? " " : "  ");
    }
    if (family->isa_level >= 206) {
        g_string_append_printf(out, "HSRR0 %016" PRIx64 " HSRR1 %016" PRIx64 "\n", cpu->spr[SPR_HSRR0], cpu->spr[SPR_HSRR1]);
    }
    if (family->has_cfar) {
        g_string_append_printf(out, " CFAR %016" PRIx64 "\n", cpu->cfar);
    }
    if (family->mmu != MMU_970) {
        g_string_append_printf(out, " LPCR %016" PRIx64 "\n", cpu->spr[SPR_LPCR]);
    }
    g_string_append_printf(out, family->mmu == MMU_300 ? " PTCR %016" PRIx64 : " SDR1 %016" PRIx64,
                           cpu->spr[family->mmu == MMU_300 ? SPR_PTCR : SPR_SDR1]);
    g_string_append_printf(out, "   DAR %016" PRIx64 "  DSISR %016" PRIx64 "\n", cpu->spr[SPR_DAR], cpu->spr[SPR_DSISR]);
}

/* ---- by name ---- */

static uint64_t get_nip(PowerPCCPU *cpu) { return cpu->nip; }
static uint64_t get_lr(PowerPCCPU *cpu) { return cpu->lr; }
static uint64_t get_ctr(PowerPCCPU *cpu) { return cpu->ctr; }
static uint64_t get_cr(PowerPCCPU *cpu) { return ppc_get_cr(cpu); }
static uint64_t get_xer(PowerPCCPU *cpu) { return ppc_get_xer(cpu); }
static uint64_t get_msr(PowerPCCPU *cpu) { return cpu->msr; }

static const struct { const char *name; uint64_t (*get)(PowerPCCPU *); } named[] = {
    { "nip", get_nip }, { "pc", get_nip }, { "lr", get_lr }, { "ctr", get_ctr }, { "cr", get_cr }, { "ccr", get_cr },
    { "xer", get_xer }, { "msr", get_msr }, { "fpscr", ppc_get_fpscr }, { "decr", ppc_get_decr },
};

bool ppc_register_by_name(PowerPCCPU *cpu, const char *name, uint64_t *value)
{
    char *end;
    unsigned count;
    char kind = g_ascii_tolower(*name);

    if ((kind == 'r' || kind == 'f') && g_ascii_isdigit(name[1])) {
        unsigned long n = strtoul(name + 1, &end, 10);
        if (!*end && n < 32) {
            *value = kind == 'r' ? get_gpr(cpu, n) : get_fpr(cpu, n);
            return true;
        }
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(named); i++) {
        if (!g_ascii_strcasecmp(named[i].name, name)) {
            *value = named[i].get(cpu);
            return true;
        }
    }
    const SprRow *rows = spr_rows(&count);
    for (unsigned i = 0; i < count; i++) {
        if (!g_ascii_strcasecmp(rows[i].name, name) && spr_find(cpu, rows[i].num) == &rows[i]) {
            *value = spr_get(cpu, rows[i].num);
            return true;
        }
    }
    return false;
}

GPtrArray *ppc_register_names(PowerPCCPU *cpu)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    unsigned count;
    const SprRow *rows = spr_rows(&count);

    for (int i = 0; i < 32; i++) {
        g_ptr_array_add(names, g_strdup_printf("r%d", i));
        g_ptr_array_add(names, g_strdup_printf("f%d", i));
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(named); i++) {
        g_ptr_array_add(names, g_strdup(named[i].name));
    }
    for (unsigned i = 0; i < count; i++) {
        if (spr_find(cpu, rows[i].num) == &rows[i]) {
            g_ptr_array_add(names, g_ascii_strdown(rows[i].name, -1));
        }
    }
    return names;
}

void ppc_dump_slb(PowerPCCPU *cpu, GString *out)
{
    g_string_append(out, "SLB\tESID\t\t\tVSID\n");
    for (unsigned i = 0; i < cpu->slb_nr; i++) {
        if (cpu->slb[i].esid || cpu->slb[i].vsid) {
            g_string_append_printf(out, "%d\t0x%016" PRIx64 "\t0x%016" PRIx64 "\n", i, cpu->slb[i].esid, cpu->slb[i].vsid);
        }
    }
}
