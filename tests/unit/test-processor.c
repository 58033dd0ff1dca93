/*
 * The processor below the instructions: models, the table of special purpose registers, both kinds of
 * page table built by hand in memory, interrupts. No guest code runs; each test asks the functions that
 * the translator and the machine call.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <check.h>
#include <string.h>
#include "accel/tcg/tcg.h"
#include "system/memory.h"
#include "target/ppc/compat.h"
#include "target/ppc/isa.h"
#include "target/ppc/mmu.h"
#include "target/ppc/models.h"
#include "target/ppc/spr.h"

/* ---- a machine of one processor ---- */

enum { PTEGS = 256, RAM = 1 << 20, PROC_TABLE = 0x10000, ROOT = 0x20000, LEVEL2 = 0x40000, LEVEL3 = 0x50000 };

static uint64_t hpt[PTEGS * 16];

static uint64_t hpt_mask(PowerPCCPU *cpu) { return PTEGS - 1; }
static const uint64_t *map_hptes(PowerPCCPU *cpu, uint64_t ptex, int n) { return &hpt[2 * ptex]; }
static void set_rc(PowerPCCPU *cpu, uint64_t ptex, uint64_t pte1) { hpt[2 * ptex + 1] = GUINT64_TO_BE(pte1); }

static bool get_pate(PowerPCCPU *cpu, uint64_t lpid, uint64_t *dw0, uint64_t *dw1)
{
    *dw0 = 1ull << 63;
    *dw1 = PROC_TABLE;      /* 4 KiB: 256 processes */
    return true;
}

static const PpcVhyp vhyp = {
    .hpt_mask = hpt_mask, .map_hptes = map_hptes, .hpte_set_r = set_rc, .hpte_set_c = set_rc, .get_pate = get_pate,
};

static PowerPCCPU *new_cpu(const char *model)
{
    PowerPCCPU *cpu = ppc_cpu_new(ppc_model_find(model, NULL), 0, NULL);

    cpu->vhyp = &vhyp;
    ppc_cpu_reset(cpu);
    return cpu;
}

/* ---- which processor a saved guest may go to ---- */

/* Every cell. R: run, A: adopt the stream's, H: run as host, -: another PVR, m: no such mode; a text's columns are the source: raw, command line, CAS. */
START_TEST(pvr_rules)
{
    static const struct { PvrAccel accel; const char *cells[PVR_RELATIONS][2]; } all[] = {
        /*       not offered, offered: same                meant               family              other */
        { PVR_TCG,    { { "Rmm", "RRR" }, { "Amm", "AAA" }, { "-mm", "-RR" }, { "-mm", "-RR" } } },
        { PVR_KVM_HV, { { "Rmm", "RRR" }, { "Hmm", "HHH" }, { "Hmm", "HHH" }, { "-mm", "-HH" } } },
        { PVR_KVM_PR, { { "Rmm", "RRR" }, { "Amm", "AAA" }, { "-mm", "-RR" }, { "-mm", "-RR" } } },
    };
    unsigned cells = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(all); i++) {
        for (unsigned r = 0; r < PVR_RELATIONS; r++) {
            for (unsigned k = 0; k < 2 * PVR_SOURCES; k++, cells++) {
                PvrVerdict v = ppc_pvr_verdict(all[i].accel, k % PVR_SOURCES, r, k / PVR_SOURCES);
                ck_assert_msg("RAH-m"[v] == all[i].cells[r][k / PVR_SOURCES][k % PVR_SOURCES], "accelerator %u, relation %u, source %u, %s: %c",
                              all[i].accel, r, (unsigned)(k % PVR_SOURCES), k / PVR_SOURCES ? "offered" : "not offered", "RAH-m"[v]);
            }
        }
    }
    ck_assert_uint_eq(cells, PVR_ACCELS * PVR_RELATIONS * PVR_SOURCES * 2);
}
END_TEST

/* Every model with every mode and every other model. */
START_TEST(modes_and_families)
{
    static const struct { const char *family; unsigned offered; } all[] = {
        { "970", 0 }, { "POWER5+", 0 }, { "POWER7", 3 }, { "POWER7+", 3 }, { "POWER8", 4 }, { "POWER9", 5 }, { "POWER10", 6 }, { "Power11", 7 },
    };
    static const char *const names[] = { "power6", "power7", "power7+", "power8", "power9", "power10", "power11" };

    for (unsigned i = 0; i < ppc_model_count; i++) {
        const PpcModel *m = &ppc_models[i];
        unsigned row = 0;
        while (strcmp(all[row].family, m->family->name)) {
            row++;
            ck_assert_uint_lt(row, G_N_ELEMENTS(all));
        }
        for (unsigned k = 0; k < G_N_ELEMENTS(names); k++) {
            uint32_t pvr = ppc_compat_named(names[k]);
            ck_assert_str_eq(ppc_compat_name(pvr), names[k]);
            ck_assert_msg(ppc_compat_possible(m, pvr) == (k < all[row].offered), "%s in mode %s", m->name, names[k]);
        }
        for (unsigned k = 0; k < ppc_model_count; k++) {
            PvrRelation r = ppc_pvr_relation(m->pvr, ppc_models[k].pvr, ppc_models[k].name);
            ck_assert_msg(r == (i == k ? PVR_SAME : m->family == ppc_models[k].family ? PVR_FAMILY : PVR_OTHER), "%s and %s", m->name,
                          ppc_models[k].name);
        }
    }
    ck_assert_int_eq(ppc_pvr_relation(0x004d0300, 0x004d0200, "POWER8"), PVR_FAMILY);      /* a revision that no one knows */
    ck_assert_int_eq(ppc_pvr_relation(0x12345678, 0x004d0200, NULL), PVR_OTHER);
    ck_assert(!ppc_compat_possible(ppc_model_find("POWER8", NULL), 0x0f000099) && !ppc_compat_named("power12") && !ppc_compat_name(0));
}
END_TEST

/* What a name means in any release of QEMU, and nothing else: an exact name is its own alone, but for one that changed. */
START_TEST(names_of_other_releases)
{
    static const struct { const char *name; uint32_t pvrs[4]; } all[] = {
        { "POWER8", { 0x004d0100, 0x004d0200 } }, { "POWER8E", { 0x004b0100, 0x004b0201 } }, { "power8_v1.0", { 0x004d0100 } }, { "POWER8NVL", { 0x004c0100 } },
        { "POWER9", { 0x004e0100, 0x004e1200, 0x004e1202 } }, { "power9_v2.0", { 0x004e1200 } }, { "power9_v2.2", { 0x004e1202 } },
        { "POWER10", { 0x00800100, 0x00800200, 0x00801200 } }, { "power10_v1.0", { 0x00800100 } }, { "power10_v2.0", { 0x00800200, 0x00801200 } },
        { "POWER7", { 0x003f0203 } }, { "power7p_v2.1", { 0x004a0201 } }, { "970fx", { 0x003c0301 } },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(all); i++) {
        uint32_t newest = ppc_model_find(all[i].name, NULL)->pvr;
        unsigned meant = 0;
        for (unsigned k = 0; k < 2 * ppc_model_count; k++) {
            uint32_t pvr = k & 1 ? ppc_models[k / 2].other_pvr : ppc_models[k / 2].pvr;
            bool known = false;
            for (unsigned n = 0; n < G_N_ELEMENTS(all[i].pvrs); n++) {
                known |= pvr && all[i].pvrs[n] == pvr;
            }
            meant += known;
            ck_assert_msg(ppc_name_means(all[i].name, pvr) == known, "%s and 0x%08x", all[i].name, pvr);
            ck_assert_int_eq(known, pvr && ppc_pvr_relation(pvr, newest, all[i].name) <= PVR_MEANT);
            ck_assert_int_ne(ppc_pvr_relation(pvr, newest, NULL), PVR_MEANT);
        }
        ck_assert_uint_gt(meant, 0);
    }
    ck_assert(!ppc_name_means("POWER8", 0) && !ppc_name_means(NULL, 0x004d0200) && !ppc_name_means("", 0x004d0200));
}
END_TEST

/* The mode of a guest whose stream does not name it. */
START_TEST(mode_from_pcr)
{
    static const struct { const char *cpu, *mode; bool shows; } all[] = {
        { "POWER8", "power6", true }, { "POWER8", "power7", true }, { "POWER8", "power8", false }, { "POWER9", "power8", true },
        { "POWER9", "power7", true }, { "POWER9", "power9", false }, { "POWER10", "power9", true }, { "POWER7", "power7", false },
        { "POWER7", "power6", true }, { "POWER10", "power7", true }, { "POWER10", "power10", false }, { "POWER8", NULL, false },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(all); i++) {
        PowerPCCPU *cpu = new_cpu(all[i].cpu);
        ppc_compat_set(cpu, ppc_compat_named(all[i].mode));
        const char *found = ppc_compat_name(ppc_compat_of_pcr(cpu->spr[SPR_PCR]));
        ck_assert_msg(!g_strcmp0(found, all[i].shows ? all[i].mode : NULL), "%s in %s: PCR 0x%lx is %s", all[i].cpu, all[i].mode,
                      (unsigned long)cpu->spr[SPR_PCR], found ? found : "no mode");
        ck_assert_int_eq(ppc_compat_shows(cpu->model, ppc_compat_named(all[i].mode)), all[i].shows);
    }
}
END_TEST

/* ---- models ---- */

START_TEST(model_names)
{
    static const struct { const char *name; uint32_t pvr; } known[] = {
        { "970", 0x00390202 }, { "970fx", 0x003c0301 }, { "970mp", 0x00440101 }, { "POWER5+", 0x003b0201 },
        { "POWER7", 0x003f0203 }, { "POWER7+", 0x004a0201 }, { "power7p_v2.1", 0x004a0201 }, { "power5p_v2.1", 0x003b0201 }, { "POWER8", 0x004d0200 }, { "POWER8E", 0x004b0201 },
        { "power8nvl_v1.0", 0x004c0100 }, { "Power9", 0x004e1202 }, { "power10", 0x00801200 },
        { "Power11", 0x00821200 },
    };
    g_autoptr(GError) err = NULL;

    for (unsigned i = 0; i < G_N_ELEMENTS(known); i++) {
        const PpcModel *m = ppc_model_find(known[i].name, NULL);
        ck_assert_msg(m != NULL, "%s", known[i].name);
        ck_assert_uint_eq(m->pvr, known[i].pvr);
    }
    ck_assert_ptr_null(ppc_model_find("power8_v9.9", &err));
    ck_assert_ptr_nonnull(strstr(err->message, "power8_v9.9"));
}
END_TEST

START_TEST(model_table)
{
    for (unsigned i = 0; i < ppc_model_count; i++) {
        const PpcFamily *f = ppc_models[i].family;
        for (unsigned j = 0; j < i; j++) {
            ck_assert_str_ne(ppc_models[i].name, ppc_models[j].name);
            ck_assert_uint_ne(ppc_models[i].pvr, ppc_models[j].pvr);
            ck_assert(!ppc_models[i].other_pvr || ppc_models[i].other_pvr != ppc_models[j].other_pvr);
            ck_assert(ppc_models[i].other_pvr != ppc_models[j].pvr && ppc_models[i].pvr != ppc_models[j].other_pvr);
        }
        /* what each level of the book brings must agree with the level the SPR rows go by */
        ck_assert_int_eq(ppc_has(&f->features, PPC_F_ISA207S), f->isa_level >= 207);
        ck_assert_int_eq(ppc_has(&f->features, PPC_F_ISA300), f->isa_level >= 300);
        ck_assert_int_eq(ppc_has(&f->features, PPC_F_ISA310), f->isa_level >= 310);
        ck_assert_int_eq(ppc_has(&f->features, PPC_F_TM), !!(f->msr_mask & MSR_TM));
        ck_assert_int_eq(ppc_has(&f->features, PPC_F_VSX), !!(f->msr_mask & MSR_VSX));
    }
}
END_TEST

START_TEST(model_properties)
{
    PowerPCCPU *cpu = new_cpu("POWER8");
    g_autoptr(GError) err = NULL;

    ck_assert(object_set(&cpu->dev.object, "isa-vsx", "off", PROP_FROM_GLOBAL, NULL));
    ck_assert(!ppc_has(&cpu->features, PPC_F_VSX));
    ck_assert(object_set(&cpu->dev.object, "isa-vsx", "on", PROP_FROM_GLOBAL, NULL));
    ck_assert(ppc_has(&cpu->features, PPC_F_VSX));
    ck_assert(!object_set(&cpu->dev.object, "isa-310", "on", PROP_FROM_GLOBAL, &err));
    g_clear_error(&err);
    ck_assert(!object_set(&cpu->dev.object, "isa-vsx", "perhaps", PROP_FROM_GLOBAL, &err));
    g_clear_error(&err);
    ck_assert(!object_set(&cpu->dev.object, "no-such", "on", PROP_FROM_GLOBAL, &err));
}
END_TEST

/* ---- special purpose registers ---- */

START_TEST(spr_table)
{
    unsigned n;
    const SprRow *r = spr_rows(&n);
    const SprRow *seen[1024] = { NULL };

    for (unsigned i = 0; i < n; i++) {
        ck_assert_uint_lt(r[i].num, 1024);
        ck_assert_msg(!seen[r[i].num], "SPR %u has two rows", r[i].num);
        seen[r[i].num] = &r[i];
        /* bit 0 of the number's second half says privileged: problem state may not have it */
        ck_assert_msg(!(r[i].num & 0x10) || !(r[i].access & (UR | UW)), "SPR %u %s", r[i].num, r[i].name);
        ck_assert_msg(r[i].access, "SPR %u %s", r[i].num, r[i].name);
    }
    for (unsigned i = 0; i < n; i++) {
        ck_assert_msg(!r[i].alias || seen[r[i].alias], "SPR %u %s: alias %u", r[i].num, r[i].name, r[i].alias);
        /* the performance monitor's problem-state names are 16 below the privileged ones */
        if (r[i].alias == r[i].num + 16) {
            ck_assert_str_eq(r[i].name, seen[r[i].alias]->name);
        } else {
            ck_assert_msg(r[i].num < 736 || r[i].num > 782 || r[i].num & 0x10, "SPR %u %s", r[i].num, r[i].name);
        }
    }
}
END_TEST

START_TEST(spr_levels)
{
    PowerPCCPU *p7 = new_cpu("POWER7"), *p9 = new_cpu("POWER9");

    ck_assert_ptr_null(spr_find(p7, SPR_FSCR));
    ck_assert_ptr_null(spr_find(p7, SPR_IAMR));
    ck_assert_ptr_nonnull(spr_find(p9, SPR_IAMR));
    ck_assert_uint_eq(spr_get(p9, SPR_PVR), 0x004e1202);
    ck_assert_uint_eq(spr_get(p7, SPR_PVR), 0x003f0203);
}
END_TEST

START_TEST(spr_behaviour)
{
    PowerPCCPU *cpu = new_cpu("POWER8");

    spr_set(cpu, SPR_XER, 0xe000007f);
    ck_assert_uint_eq(cpu->so + cpu->ov + cpu->ca, 3);
    ck_assert_uint_eq(spr_get(cpu, SPR_XER), 0xe000007f);
    spr_set(cpu, 806, 0xf0);                        /* BESCR and its set and reset names */
    spr_set(cpu, 800, 0x0f);
    spr_set(cpu, 802, 0x81);
    spr_set(cpu, 801, 0x80000001);
    spr_set(cpu, 803, 1);
    ck_assert_uint_eq(spr_get(cpu, 806), 0x800000000000007eull);
    ck_assert_uint_eq(spr_get(cpu, 800), 0x800000000000007eull);
    ck_assert_uint_eq(spr_get(cpu, 803), 0x80000000);
    spr_set(cpu, SPR_UAMOR, 0xff00000000000000ull);  /* problem state changes what UAMOR allows */
    spr_set(cpu, SPR_AMR, 0x1234000000000000ull);
    spr_set(cpu, SPR_UAMR, UINT64_MAX);
    ck_assert_uint_eq(spr_get(cpu, SPR_AMR), 0xff34000000000000ull);
    spr_set(cpu, SPR_PPR32, 0x00080000);
    ck_assert_uint_eq(spr_get(cpu, SPR_PPR) >> 32, 0x00080000);
}
END_TEST

/* ---- hash ---- */

enum { VSID = 0x1234, KS = 0x800, KP = 0x400, SLB_64K = 0x110 };
#define B_1T (1ull << 62)

/* Enters a page of a 256 MiB segment by the book's hash; low has PP, N, keys and the LP encoding. */
static unsigned put_page(uint64_t ea, unsigned base_shift, uint64_t real, uint64_t low, bool large, bool secondary, int slot)
{
    uint64_t off = ea & 0xfffffff, hash = VSID ^ off >> base_shift;
    unsigned ptex = ((secondary ? ~hash : hash) & (PTEGS - 1)) * 8 + slot;
    uint64_t avpn = (uint64_t)VSID << 12 | ((off & ~((1ull << base_shift) - 1)) >> 16 & 0xf80);

    hpt[2 * ptex] = GUINT64_TO_BE(avpn | (large ? 4 : 0) | (secondary ? 2 : 0) | 1);
    hpt[2 * ptex + 1] = GUINT64_TO_BE(real | low);
    return ptex;
}

static uint64_t low_of(unsigned ptex) { return GUINT64_FROM_BE(hpt[2 * ptex + 1]); }

static PowerPCCPU *hash_cpu(uint64_t flags)
{
    PowerPCCPU *cpu = new_cpu("POWER8");

    memset(hpt, 0, sizeof(hpt));
    helper_slbmte(cpu, (uint64_t)VSID << 12 | flags, 0x30000000 | 1u << 27 | 3);
    return cpu;
}

static bool look(PowerPCCPU *cpu, uint64_t ea, AccessType acc, int mode, MmuResult *res)
{
    cpu->exception = EXCP_NONE;
    cpu->error_code = 0;
    cpu->spr[SPR_DSISR] = cpu->spr[SPR_DAR] = 0;
    return ppc_mmu_translate(cpu, ea, acc, mode, false, res);
}

#define refused(cpu, ea, acc, mode, excp, bits) do { \
        MmuResult no; \
        ck_assert(!look(cpu, ea, acc, mode, &no)); \
        ck_assert_int_eq((cpu)->exception, excp); \
        ck_assert_uint_eq((acc) == ACC_EXEC ? (cpu)->error_code : (cpu)->spr[SPR_DSISR], bits); \
        if ((acc) != ACC_EXEC) { \
            ck_assert_uint_eq((cpu)->spr[SPR_DAR], ea); \
        } \
    } while (0)

START_TEST(hash_faults_and_bits)
{
    PowerPCCPU *cpu = hash_cpu(KP);
    MmuResult r;

    refused(cpu, 0x40000000, ACC_READ, MMU_KERNEL, EXCP_DSEG, 0);
    refused(cpu, 0x40000000, ACC_EXEC, MMU_KERNEL, EXCP_ISEG, 0);
    refused(cpu, 0x30005008, ACC_READ, MMU_KERNEL, EXCP_DSI, DSISR_NOPTE);
    refused(cpu, 0x30005008, ACC_WRITE, MMU_KERNEL, EXCP_DSI, DSISR_NOPTE | DSISR_STORE);
    refused(cpu, 0x30005008, ACC_EXEC, MMU_KERNEL, EXCP_ISI, DSISR_NOPTE);

    unsigned ptex = put_page(0x30005000, 12, 0x7000, 1, false, false, 2);       /* PP 01: Kp reads, Ks writes */
    ck_assert(look(cpu, 0x30005008, ACC_READ, MMU_KERNEL, &r));
    ck_assert_uint_eq(r.raddr, 0x7008);
    ck_assert_uint_eq(r.page_size, 0x1000);
    ck_assert_uint_eq(r.prot & 2, 0);                   /* not before C is set */
    ck_assert_uint_eq(low_of(ptex) & 0x180, 0x100);
    refused(cpu, 0x30005008, ACC_WRITE, MMU_USER, EXCP_DSI, DSISR_PROT | DSISR_STORE);
    ck_assert_uint_eq(low_of(ptex) & 0x180, 0x100);
    ck_assert(look(cpu, 0x30005008, ACC_WRITE, MMU_KERNEL, &r));
    ck_assert_uint_eq(low_of(ptex) & 0x180, 0x180);
    ck_assert_uint_eq(r.prot & 2, 2);

    put_page(0x30006000, 12, 0x8000, 2 | 4, false, false, 0);                   /* no-execute */
    refused(cpu, 0x30006000, ACC_EXEC, MMU_KERNEL, EXCP_ISI, DSISR_NOEXEC);
    helper_slbie(cpu, 0x30000000);
    refused(cpu, 0x30005008, ACC_READ, MMU_KERNEL, EXCP_DSEG, 0);
}
END_TEST

START_TEST(hash_debug_changes_nothing)
{
    PowerPCCPU *cpu = hash_cpu(0);
    unsigned ptex = put_page(0x30005000, 12, 0x7000, 2, false, false, 0);
    MmuResult r;

    cpu->spr[SPR_DAR] = 0x55;
    ck_assert(ppc_mmu_translate(cpu, 0x30005000, ACC_WRITE, MMU_KERNEL, true, &r));
    ck_assert(!ppc_mmu_translate(cpu, 0x3000f000, ACC_WRITE, MMU_KERNEL, true, &r));
    ck_assert_uint_eq(low_of(ptex) & 0x180, 0);
    ck_assert_uint_eq(cpu->spr[SPR_DAR], 0x55);
}
END_TEST

START_TEST(hash_sizes)
{
    PowerPCCPU *cpu = hash_cpu(0);
    MmuResult r;

    put_page(0x30005000, 12, 0x9000, 2, false, true, 7);                        /* by the secondary hash */
    ck_assert(look(cpu, 0x30005123, ACC_READ, MMU_KERNEL, &r));
    ck_assert_uint_eq(r.raddr, 0x9123);
    put_page(0x31023000, 12, 0x2000000, 2 | 0x38 << 12, true, false, 0);         /* 16 MiB in a 4 KiB segment */
    ck_assert(look(cpu, 0x31023456, ACC_READ, MMU_KERNEL, &r));
    ck_assert_uint_eq(r.raddr, 0x2023456);
    ck_assert_uint_eq(r.page_size, 1 << 24);

    cpu = hash_cpu(SLB_64K);
    put_page(0x30050000, 16, 0xa0000, 2 | 1 << 12, true, false, 0);              /* 64 KiB in its own */
    ck_assert(look(cpu, 0x3005fffe, ACC_READ, MMU_KERNEL, &r));
    ck_assert_uint_eq(r.raddr, 0xafffe);
    ck_assert_uint_eq(r.page_size, 1 << 16);
    refused(cpu, 0x30060000, ACC_READ, MMU_KERNEL, EXCP_DSI, DSISR_NOPTE);
}
END_TEST

START_TEST(hash_keys)
{
    PowerPCCPU *cpu = hash_cpu(0);
    MmuResult r;

    put_page(0x30005000, 12, 0x7000, 2 | 5 << 9, false, false, 0);               /* key 5 */
    ck_assert(look(cpu, 0x30005000, ACC_WRITE, MMU_KERNEL, &r));
    spr_set(cpu, SPR_AMR, 2ull << (62 - 10));
    refused(cpu, 0x30005000, ACC_WRITE, MMU_KERNEL, EXCP_DSI, DSISR_KEY | DSISR_STORE);
    ck_assert(look(cpu, 0x30005000, ACC_READ, MMU_KERNEL, &r));
    spr_set(cpu, SPR_AMR, 1ull << (62 - 10));
    refused(cpu, 0x30005000, ACC_READ, MMU_KERNEL, EXCP_DSI, DSISR_KEY);
}
END_TEST

START_TEST(slb_instructions)
{
    PowerPCCPU *cpu = hash_cpu(KS);

    ck_assert_uint_eq(helper_slbmfee(cpu, 3), 0x38000000);
    ck_assert_uint_eq(helper_slbmfev(cpu, 3), VSID << 12 | KS);
    ck_assert_uint_eq(helper_slbfee(cpu, 0x30000000), VSID << 12 | KS);
    ck_assert_uint_eq(helper_slbfee(cpu, 0x50000000), UINT64_MAX);
    helper_slbmte(cpu, 0x77000, 0x08000000);            /* entry 0, which slbia keeps */
    helper_slbia(cpu, 0);
    ck_assert_uint_eq(helper_slbmfee(cpu, 3) & 1u << 27, 0);
    ck_assert_uint_eq(helper_slbmfee(cpu, 0), 0x08000000);
    /* segment registers: 27 bits of VSID, then Ks Kp N L, which must not leak into each other */
    helper_mtsr(cpu, 9, 0x6abcdef1);
    ck_assert_uint_eq(helper_slbmfee(cpu, 9), 0x98000000);
    ck_assert_uint_eq(helper_slbmfev(cpu, 9), 0x2bcdef1000ull | 0xd00);
    ck_assert_uint_eq(helper_mfsr(cpu, 9), 0x6abcdef1);
}
END_TEST

/* ---- radix ---- */

static PowerPCCPU *radix_cpu(void)
{
    static bool have_ram;
    PowerPCCPU *cpu = new_cpu("POWER9");

    if (!have_ram) {
        ck_assert(memory_init_ram(RAM, NULL));
        have_ram = true;
    }
    memory_fill(0, 0, RAM);
    cpu->spr[SPR_LPCR] |= LPCR_HR | LPCR_UPRT;
    cpu->spr[SPR_PIDR] = 3;
    /* 52 bits of address: 13 + 9 + 9 + 9 + 12, as Linux makes it */
    memory_stq_be(PROC_TABLE + 3 * 16, 2ull << 61 | 5 << 5 | ROOT | 13);
    memory_stq_be(ROOT, 1ull << 63 | LEVEL2 | 9);
    memory_stq_be(LEVEL2, 1ull << 63 | LEVEL3 | 9);
    return cpu;
}

START_TEST(radix_walk)
{
    PowerPCCPU *cpu = radix_cpu();
    uint64_t pte;
    MmuResult r;

    refused(cpu, 0x200000, ACC_READ, MMU_KERNEL, EXCP_DSI, DSISR_NOPTE);
    memory_stq_be(LEVEL3 + 8, 3ull << 62 | 0x400000 | 8 | 4 | 2);               /* 2 MiB, privileged, no execute */
    ck_assert(look(cpu, 0x212345, ACC_READ, MMU_KERNEL, &r));
    ck_assert_uint_eq(r.raddr, 0x412345);
    ck_assert_uint_eq(r.page_size, 1 << 21);
    ck_assert_uint_eq(r.prot, 1);
    memory_ldq_be(LEVEL3 + 8, &pte);
    ck_assert_uint_eq(pte & 0x180, 0x100);
    ck_assert(look(cpu, 0x212345, ACC_WRITE, MMU_KERNEL, &r));
    memory_ldq_be(LEVEL3 + 8, &pte);
    ck_assert_uint_eq(pte & 0x180, 0x180);
    refused(cpu, 0x212345, ACC_WRITE, MMU_USER, EXCP_DSI, DSISR_PROT | DSISR_STORE);
    ck_assert(!look(cpu, 0x212345, ACC_EXEC, MMU_KERNEL, &r));
    ck_assert_int_eq(cpu->exception, EXCP_ISI);
    refused(cpu, 0x4000000000000000ull, ACC_READ, MMU_KERNEL, EXCP_DSEG, 0);     /* quadrant 1 */
    refused(cpu, 0x0010000000000000ull, ACC_READ, MMU_KERNEL, EXCP_DSEG, 0);     /* past 52 bits */
}
END_TEST

START_TEST(radix_corrupt)
{
    PowerPCCPU *cpu = radix_cpu();
    MmuResult r;

    for (int i = 0; i < 512; i++) {                     /* a level that points at itself */
        memory_stq_be(LEVEL3 + 8 * i, 1ull << 63 | LEVEL3 | 9);
    }
    refused(cpu, 0x200000, ACC_READ, MMU_KERNEL, EXCP_DSI, DSISR_BADRADIX);
    memory_stq_be(LEVEL2, 1ull << 63 | LEVEL3 | 31);     /* impossible size */
    refused(cpu, 0x200000, ACC_READ, MMU_KERNEL, EXCP_DSI, DSISR_BADRADIX);
    memory_stq_be(LEVEL2, 1ull << 63 | 0x7fffffff0000ull | 9);      /* outside memory */
    ck_assert(!look(cpu, 0x200000, ACC_READ, MMU_KERNEL, &r));
    ck_assert_int_eq(cpu->exception, EXCP_DSI);
    cpu->spr[SPR_PIDR] = 0x100000;                      /* past the process table */
    ck_assert(!look(cpu, 0x200000, ACC_READ, MMU_KERNEL, &r));
    ck_assert_int_eq(cpu->exception, EXCP_DSI);
}
END_TEST

/* ---- interrupts ---- */

static void deliver(PowerPCCPU *cpu, PpcExcp e, uint32_t error)
{
    cpu->exception = e;
    cpu->error_code = error;
    ppc_deliver_exception(cpu);
}

START_TEST(interrupt_and_return)
{
    PowerPCCPU *cpu = new_cpu("POWER8");
    const uint64_t user = MSR_SF | MSR_EE | MSR_PR | MSR_IR | MSR_DR | MSR_ME | MSR_FP | MSR_LE;

    ppc_store_msr(cpu, user);
    ck_assert_int_eq(RF_DMMU(cpu->region_flags), MMU_USER);
    cpu->nip = 0x10001000;
    deliver(cpu, EXCP_PROGRAM, PROG_TRAP);
    ck_assert_uint_eq(cpu->nip, 0x700);
    ck_assert_uint_eq(cpu->spr[SPR_SRR0], 0x10001000);
    ck_assert_uint_eq(cpu->spr[SPR_SRR1], user | PROG_TRAP);
    ck_assert_uint_eq(cpu->msr, MSR_SF | MSR_ME);        /* big-endian, real */
    ck_assert_int_eq(RF_DMMU(cpu->region_flags), MMU_REAL);
    helper_rfid(cpu);
    ck_assert_uint_eq(cpu->nip, 0x10001000);
    ck_assert_uint_eq(cpu->msr, user);

    cpu->spr[SPR_LPCR] |= LPCR_ILE | 3ull << LPCR_AIL_SHIFT;
    deliver(cpu, EXCP_SYSCALL, 0);
    ck_assert_uint_eq(cpu->nip, 0xc000000000004c00ull);
    ck_assert_uint_eq(cpu->spr[SPR_SRR0], 0x10001004);   /* the next instruction */
    ck_assert_uint_eq(cpu->msr, MSR_SF | MSR_ME | MSR_IR | MSR_DR | MSR_LE);
    ppc_store_msr(cpu, MSR_SF | MSR_ME);                 /* AIL needs translation on */
    cpu->nip = 0x2000;
    deliver(cpu, EXCP_DSI, 0);
    ck_assert_uint_eq(cpu->nip, 0x300);
}
END_TEST

START_TEST(msr_rules)
{
    PowerPCCPU *cpu = new_cpu("POWER8");

    ppc_store_msr(cpu, UINT64_MAX);
    ck_assert_uint_eq(cpu->msr & MSR_HV, 0);             /* never under a paravirtual hypervisor */
    ppc_store_msr(cpu, MSR_SF | MSR_PR);
    ck_assert_uint_eq(cpu->msr, MSR_SF | MSR_PR | MSR_EE | MSR_IR | MSR_DR);
    cpu->spr[SPR_SRR0] = 0x123400000007ull;
    cpu->spr[SPR_SRR1] = MSR_ME;
    helper_rfid(cpu);
    ck_assert_uint_eq(cpu->nip, 4);                      /* 32-bit mode */
}
END_TEST

START_TEST(interrupt_order)
{
    PowerPCCPU *cpu = new_cpu("POWER8");

    ppc_store_msr(cpu, MSR_SF | MSR_ME);
    __atomic_store_n(&cpu->interrupt_request, CPU_INT_DECR | CPU_INT_HARD | CPU_INT_RESET, __ATOMIC_SEQ_CST);
    cpu->nip = 0x4000;
    ck_assert(ppc_take_interrupt(cpu));
    ck_assert_uint_eq(cpu->nip, 0x100);                  /* not masked by EE, and once */
    ck_assert(!ppc_take_interrupt(cpu));
    ck_assert(!ppc_has_work(cpu));
    cpu->msr |= MSR_EE;
    ck_assert(ppc_has_work(cpu));
    ck_assert(ppc_take_interrupt(cpu));
    ck_assert_uint_eq(cpu->nip, 0x500);
    ck_assert_uint_eq(cpu->msr & MSR_EE, 0);
}
END_TEST

START_TEST(facility_cause)
{
    PowerPCCPU *cpu = new_cpu("POWER8");

    cpu->spr[SPR_FSCR] = 0x100;
    deliver(cpu, EXCP_FU, 2);
    ck_assert_uint_eq(cpu->spr[SPR_FSCR], 2ull << 56 | 0x100);
    ck_assert_uint_eq(cpu->nip, 0xf60);
}
END_TEST

/* No word belongs to two rows unless one of them is plainly the more special. */
START_TEST(instruction_table)
{
    g_autoptr(GString) faults = g_string_new(NULL);
    size_t n;

    isa_table(&n);
    ck_assert_uint_gt(n, 1000);
    isa_check(faults);
    ck_assert_str_eq(faults->str, "");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        pvr_rules, modes_and_families, names_of_other_releases, mode_from_pcr, model_names, model_table, model_properties, spr_table, spr_levels, spr_behaviour, hash_faults_and_bits,
        hash_debug_changes_nothing, hash_sizes, hash_keys, slb_instructions, radix_walk, radix_corrupt,
        interrupt_and_return, msr_rules, interrupt_order, facility_cause, instruction_table,
    };
    Suite *s = suite_create("processor");
    TCase *tc = tcase_create("all");
    SRunner *sr;
    int failed;

    for (unsigned i = 0; i < G_N_ELEMENTS(tests); i++) {
        tcase_add_test(tc, tests[i]);
    }
    suite_add_tcase(s, tc);
    sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
