/*
 * The table of processor models. Names, aliases and PVRs are those every user of QEMU knows; feature sets of
 * POWER7 and POWER8 were measured in genuine migration streams (wire values of insns_flags and insns_flags2). A 970
 * sends 0x0000600fe1dd2221, 0x210000 and an MSR mask of 0x800000000204ff36, a POWER5+ 0x0000600fe0df3221 and the same
 * other two: insns_flags and the MSR masks below still differ from those. Newer models follow the book, but for transactions (below).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/models.h"
#include <gio/gio.h>
#include <string.h>

#define F1_P5P  0x8000600fe1ff3221ull
#define F1_970  0x0000600fe1ff2221ull
#define F1_P7   0x8000600fe1ff7ae1ull
#define F2_970  0x0000000000010000ull
#define F2_P5P  0x0000000000010000ull
#define F2_P7   (0x0000000000050fb6ull | 1ull << 22)
#define F2_P8   (0x000000000007fff6ull | 1ull << 22)
#define F2_P9   ((F2_P8 | 1ull << 19))
/* ISA 3.1 has no transactions; QEMU's POWER10 keeps the facility, whose transactions fail at once, and its registers migrate. */
#define F2_P10  (F2_P9 | 1ull << 20)

#define MSR_COMMON (MSR_SF | MSR_EE | MSR_PR | MSR_FP | MSR_ME | MSR_FE0 | MSR_SE | MSR_BE | MSR_FE1 | MSR_IR \
                    | MSR_DR | MSR_RI | MSR_VEC | MSR_HV)

static const PpcFamily family_970 = {
    .name = "970", .fw_name = "PowerPC,970", .features = { F1_970, F2_970 }, .msr_mask = MSR_COMMON,
    .mmu = MMU_970, .slb_nr = 64, .has_16m = true, .dcache_line = 128, .dcache_size = 0x8000,
    .icache_size = 0x10000, .isa_level = 201, .max_threads = 1,
};
static const PpcFamily family_p5p = {
    .name = "POWER5+", .type_family = "POWER5P", .fw_name = "PowerPC,POWER5", .features = { F1_P5P, F2_P5P }, .msr_mask = MSR_COMMON & ~MSR_VEC,
    .mmu = MMU_P5P, .slb_nr = 64, .has_16m = true, .has_64k = true, .dcache_line = 128, .dcache_size = 0x8000,
    .icache_size = 0x10000, .isa_level = 203, .has_purr = true, .max_threads = 2,
};
static const PpcFamily family_p7 = {
    .name = "POWER7", .fw_name = "PowerPC,POWER7", .features = { F1_P7, F2_P7 },
    .msr_mask = MSR_COMMON | MSR_VSX | MSR_PMM | MSR_LE,
    .mmu = MMU_206, .slb_nr = 32, .seg_1t = true, .has_16m = true, .has_64k = true, .dcache_line = 128,
    .dcache_size = 0x8000, .icache_size = 0x8000, .isa_level = 206, .has_cfar = true, .has_purr = true,
    .logical_pvr = 0x0f100003, .max_threads = 4, .ci_large_pages = false,
};
static const PpcFamily family_p7p = {
    .name = "POWER7+", .type_family = "POWER7", .fw_name = "PowerPC,POWER7+", .features = { F1_P7, F2_P7 },
    .msr_mask = MSR_COMMON | MSR_VSX | MSR_PMM | MSR_LE,
    .mmu = MMU_206, .slb_nr = 32, .seg_1t = true, .has_16m = true, .has_64k = true, .dcache_line = 128,
    .dcache_size = 0x8000, .icache_size = 0x8000, .isa_level = 206, .has_cfar = true, .has_purr = true,
    .logical_pvr = 0x0f100003, .max_threads = 4,
};
static const PpcFamily family_p8 = {
    .name = "POWER8", .fw_name = "PowerPC,POWER8", .features = { F1_P7, F2_P8 },
    .msr_mask = MSR_COMMON | MSR_VSX | MSR_PMM | MSR_LE | MSR_TM | MSR_TS,
    .mmu = MMU_207, .slb_nr = 32, .seg_1t = true, .has_16m = true, .has_64k = true, .ci_large_pages = true,
    .dcache_line = 128, .dcache_size = 0x10000, .icache_size = 0x8000, .isa_level = 207, .has_cfar = true,
    .has_purr = true, .logical_pvr = 0x0f000004, .max_threads = 8,
};
static const PpcFamily family_p9 = {
    .name = "POWER9", .fw_name = "PowerPC,POWER9", .features = { F1_P7, F2_P9 },
    .msr_mask = MSR_COMMON | MSR_VSX | MSR_PMM | MSR_LE | MSR_TM | MSR_TS,
    .mmu = MMU_300, .slb_nr = 32, .seg_1t = true, .has_16m = true, .has_64k = true, .ci_large_pages = true,
    .dcache_line = 128, .dcache_size = 0x8000, .icache_size = 0x8000, .isa_level = 300, .has_cfar = true,
    .has_purr = true, .large_decr = true, .logical_pvr = 0x0f000005, .max_threads = 4,
};
static const PpcFamily family_p10 = {
    .name = "POWER10", .fw_name = "PowerPC,POWER10", .features = { F1_P7, F2_P10 },
    .msr_mask = MSR_COMMON | MSR_VSX | MSR_PMM | MSR_LE | MSR_TM | MSR_TS,
    .mmu = MMU_300, .slb_nr = 32, .seg_1t = true, .has_16m = true, .has_64k = true, .ci_large_pages = true,
    .dcache_line = 128, .dcache_size = 0x8000, .icache_size = 0x8000, .isa_level = 310, .has_cfar = true,
    .has_purr = true, .large_decr = true, .logical_pvr = 0x0f000006, .max_threads = 8,
};
static const PpcFamily family_p11 = {
    .name = "Power11", .fw_name = "PowerPC,Power11", .features = { F1_P7, F2_P10 },
    .msr_mask = MSR_COMMON | MSR_VSX | MSR_PMM | MSR_LE | MSR_TM | MSR_TS,
    .mmu = MMU_300, .slb_nr = 32, .seg_1t = true, .has_16m = true, .has_64k = true, .ci_large_pages = true,
    .dcache_line = 128, .dcache_size = 0x8000, .icache_size = 0x8000, .isa_level = 310, .has_cfar = true,
    .has_purr = true, .large_decr = true, .logical_pvr = 0x0f000007, .max_threads = 8,
};

/*
 * What a name means is each release's own affair, whatever the machine version: POWER8 was v1.0 up to 2.5, POWER9 v2.0 up to 7.2 (v1.0 when it
 * was new), POWER10 v1.0 in 5.2, and power10_v2.0 itself had another PVR up to 7.2. Aliases stand in the row of their newest meaning, and
 * spapr-versions.c pins what machines start with.
 */
const PpcModel ppc_models[] = {
    { "970_v2.2",       0x00390202, &family_970, "970" },
    { "970fx_v1.0",     0x00391100, &family_970, "" },
    { "power5+_v2.1",   0x003b0201, &family_p5p, "power5+ power5gs power5p_v2.1" },      /* from 10.0 on, + is p in the name */
    { "970fx_v2.0",     0x003c0200, &family_970, "" },
    { "970fx_v2.1",     0x003c0201, &family_970, "" },
    { "970fx_v3.0",     0x003c0300, &family_970, "" },
    { "970fx_v3.1",     0x003c0301, &family_970, "970fx ppc64" },
    { "power7_v2.3",    0x003f0203, &family_p7, "power7" },
    { "970mp_v1.0",     0x00440100, &family_970, "" },
    { "970mp_v1.1",     0x00440101, &family_970, "970mp" },
    { "power7+_v2.1",   0x004a0201, &family_p7p, "power7+ power7p_v2.1" },
    { "power8e_v1.0",   0x004b0100, &family_p8, "", "power8e" },
    { "power8e_v2.1",   0x004b0201, &family_p8, "power8e" },
    { "power8nvl_v1.0", 0x004c0100, &family_p8, "power8nvl" },
    { "power8_v1.0",    0x004d0100, &family_p8, "", "power8" },
    { "power8_v2.0",    0x004d0200, &family_p8, "power8" },
    { "power9_v1.0",    0x004e0100, &family_p9, "", "power9" },
    { "power9_v2.0",    0x004e1200, &family_p9, "", "power9" },
    { "power9_v2.2",    0x004e1202, &family_p9, "power9" },
    { "power10_v1.0",   0x00800100, &family_p10, "", "power10" },
    { "power10_v2.0",   0x00801200, &family_p10, "power10", .other_pvr = 0x00800200 },
    { "power11_v2.0",   0x00821200, &family_p11, "power11" },
};
const unsigned ppc_model_count = G_N_ELEMENTS(ppc_models);

unsigned ppc_compat_level(uint32_t flags)
{
    static const uint16_t levels[8] = { 0, 205, 206, 207, 300 };

    return levels[RF_COMPAT(flags)];
}

PpcFeatures ppc_features_for(const PowerPCCPU *cpu, uint32_t flags)
{
    static const struct { uint8_t bit; uint16_t book; } rows[] = {
#define X(id, bit_, book_, prop, what) { bit_, book_ },
        PPC_FEATURES(X)
#undef X
    };
    PpcFeatures f = cpu->features;
    unsigned level = ppc_compat_level(flags);

    for (unsigned i = 0; level && i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].book > level) {
            *(rows[i].bit < 64 ? &f.flags : &f.flags2) &= ~(1ull << (rows[i].bit & 63));
        }
    }
    return f;
}

const PpcSegSize ppc_segments_64k[] = {
    { 12, 0x000, { { 12, 0 }, { 16, 0x7 }, { 24, 0x38 } } },
    { 16, 0x110, { { 16, 0x1 }, { 24, 0x8 } } },
    { 24, 0x100, { { 24, 0x0 } } },
    { 34, 0x120, { { 34, 0x3 } } },
    { 0 },
};
const PpcSegSize ppc_segments_970[] = {
    { 12, 0x000, { { 12, 0 } } },
    { 24, 0x100, { { 24, 0 } } },
    { 0 },
};

const PpcSegSize *ppc_segment_sizes(const PowerPCCPU *cpu)
{
    return cpu->model->family->has_64k ? ppc_segments_64k : ppc_segments_970;
}

static bool alias_matches(const char *aliases, const char *name)
{
    g_auto(GStrv) words = g_strsplit(aliases ? aliases : "", " ", -1);

    for (char **w = words; *w; w++) {
        if (**w && !g_ascii_strcasecmp(*w, name)) {
            return true;
        }
    }
    return false;
}

const PpcModel *ppc_model_find(const char *name, GError **err)
{
    for (unsigned i = 0; i < ppc_model_count; i++) {
        if (!g_ascii_strcasecmp(ppc_models[i].name, name) || alias_matches(ppc_models[i].aliases, name)) {
            return &ppc_models[i];
        }
    }
    g_set_error(err, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "unable to find CPU model '%s'", name);
    return NULL;
}

const PpcModel *ppc_model_of_pvr(uint32_t pvr)
{
    for (unsigned i = 0; pvr && i < ppc_model_count; i++) {
        if (ppc_models[i].pvr == pvr || ppc_models[i].other_pvr == pvr) {
            return &ppc_models[i];
        }
    }
    return NULL;
}

bool ppc_name_means(const char *name, uint32_t pvr)
{
    const PpcModel *m = ppc_model_of_pvr(pvr);

    return m && name && (!g_ascii_strcasecmp(m->name, name) || alias_matches(m->aliases, name) || alias_matches(m->once, name));
}
