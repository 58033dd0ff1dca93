/*
 * See compat.h. The modes are rows of one table, the rules of another; tests/unit/test-processor.c spells out every cell of the latter.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/compat.h"
#include "accel/tcg/tcg.h"
#include "target/ppc/mmu.h"
#include <string.h>

/* ---- modes ---- */

/* PCR: what problem state is not to have */
#define PCR_VSX_DIS MSR_BIT(1)
#define PCR_TM_DIS  MSR_BIT(2)
enum { PCR_205 = 0x2, PCR_206 = 0x4, PCR_207 = 0x8, PCR_300 = 0x10 };

/* Compatibility modes, oldest first. */
static const struct Mode { const char *name; uint32_t pvr; unsigned isa; uint64_t pcr; } modes[] = {
    { "power6", 0x0f000002, 205, PCR_205 | PCR_206 | PCR_207 | PCR_300 | PCR_TM_DIS | PCR_VSX_DIS },
    { "power7", 0x0f000003, 206, PCR_206 | PCR_207 | PCR_300 | PCR_TM_DIS },
    { "power7+", 0x0f100003, 206, PCR_206 | PCR_207 | PCR_300 | PCR_TM_DIS },
    { "power8", 0x0f000004, 207, PCR_207 | PCR_300 },
    { "power9", 0x0f000005, 300, PCR_300 },
    { "power10", 0x0f000006, 310, 0 },
    { "power11", 0x0f000007, 310, 0 },
};

static const struct Mode *mode_of(uint32_t pvr)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(modes); i++) {
        if (modes[i].pvr == pvr) {
            return &modes[i];
        }
    }
    return NULL;
}

unsigned ppc_compat_isa(uint32_t pvr)
{
    return mode_of(pvr) ? mode_of(pvr)->isa : 0;
}

const char *ppc_compat_name(uint32_t pvr)
{
    return mode_of(pvr) ? mode_of(pvr)->name : NULL;
}

uint32_t ppc_compat_named(const char *name)
{
    for (unsigned i = 0; name && i < G_N_ELEMENTS(modes); i++) {
        if (!strcmp(modes[i].name, name)) {
            return modes[i].pvr;
        }
    }
    return 0;
}

unsigned ppc_compat_order(uint32_t pvr)
{
    return mode_of(pvr) ? mode_of(pvr) - modes + 1 : 0;
}

bool ppc_compat_possible(const PpcModel *model, uint32_t pvr)
{
    return mode_of(pvr) && ppc_compat_order(pvr) <= ppc_compat_order(model->family->logical_pvr);
}

/* The bits that each processor's PCR has, as the peers' `print $pcr` shows them. */
static uint64_t pcr_bits(const PpcModel *model)
{
    switch (model->family->isa_level) {
    case 206: return PCR_205 | PCR_VSX_DIS;
    case 207: return PCR_205 | PCR_206 | PCR_TM_DIS;
    case 300: return PCR_205 | PCR_206 | PCR_207;
    case 310: return PCR_205 | PCR_206 | PCR_207 | PCR_300;
    default: return 0;
    }
}

void ppc_compat_set(PowerPCCPU *cpu, uint32_t pvr)
{
    cpu->compat_pvr = pvr;
    cpu->spr[SPR_PCR] = mode_of(pvr) ? mode_of(pvr)->pcr & pcr_bits(cpu->model) : 0;
    ppc_update_region_flags(cpu);
}

bool ppc_compat_shows(const PpcModel *model, uint32_t pvr)
{
    return mode_of(pvr) && mode_of(pvr)->pcr & pcr_bits(model);
}

/* Each mode has the bit of its own level, and those of newer ones as far as the processor has them. */
static uint64_t lowest_level(uint64_t pcr)
{
    uint64_t levels = pcr & (PCR_205 | PCR_206 | PCR_207 | PCR_300);

    return levels & -levels;
}

uint32_t ppc_compat_of_pcr(uint64_t pcr)
{
    for (unsigned i = 0; lowest_level(pcr) && i < G_N_ELEMENTS(modes); i++) {
        if (lowest_level(modes[i].pcr) == lowest_level(pcr)) {
            return modes[i].pvr;
        }
    }
    return 0;
}

/* ---- the rules ---- */

#define ANY 15
enum { TCG = 1 << PVR_TCG, HV = 1 << PVR_KVM_HV, PR = 1 << PVR_KVM_PR };
enum { RAW = 1 << PVR_RAW, MODE = 1 << PVR_COMMAND_LINE | 1 << PVR_CAS };
enum { SAME = 1 << PVR_SAME, MEANT = 1 << PVR_MEANT, FAMILY = 1 << PVR_FAMILY, OTHER = 1 << PVR_OTHER };
enum { OFFERED = 1, BEYOND = 2 };

/*
 * The first row that fits decides. In a mode the guest depends on the architected PVR, not on the processor below. KVM HV runs guests on the
 * hardware's PVR whatever theirs was; the others show a guest the PVR that it had, and emulate no other processor than the one asked for.
 */
static const struct { uint8_t accels, sources, relations, mode; PvrVerdict verdict; } rules[] = {
    { ANY,      MODE, ANY,                    BEYOND,           PVR_REFUSE_MODE },
    { ANY,      ANY,  SAME,                   OFFERED | BEYOND, PVR_RUN },
    { TCG | PR, ANY,  MEANT,                  OFFERED | BEYOND, PVR_ADOPT },
    { HV,       MODE, MEANT | FAMILY | OTHER, OFFERED,          PVR_RUN_AS_HOST },
    { TCG | PR, MODE, FAMILY | OTHER,         OFFERED,          PVR_RUN },
    { HV,       RAW,  MEANT | FAMILY,         OFFERED | BEYOND, PVR_RUN_AS_HOST },
    { ANY,      RAW,  FAMILY | OTHER,         OFFERED | BEYOND, PVR_REFUSE_PVR },
};

PvrVerdict ppc_pvr_verdict(PvrAccel accel, PvrSource source, PvrRelation relation, bool offered)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(rules); i++) {
        if (rules[i].accels >> accel & 1 && rules[i].sources >> source & 1 && rules[i].relations >> relation & 1
            && rules[i].mode & (offered ? OFFERED : BEYOND)) {
            return rules[i].verdict;
        }
    }
    g_assert_not_reached();     /* the rows cover everything, which the unit test asks cell by cell */
}

static const PpcFamily *family_of(uint32_t pvr)
{
    for (unsigned i = 0; i < ppc_model_count; i++) {
        if (ppc_models[i].pvr >> 16 == pvr >> 16) {
            return ppc_models[i].family;
        }
    }
    return NULL;
}

PvrRelation ppc_pvr_relation(uint32_t theirs, uint32_t ours, const char *asked_for)
{
    return theirs == ours ? PVR_SAME : ppc_name_means(asked_for, theirs) ? PVR_MEANT : family_of(theirs) && family_of(theirs) == family_of(ours) ? PVR_FAMILY : PVR_OTHER;
}
