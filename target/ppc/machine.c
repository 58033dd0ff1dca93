/*
 * Saved state of a processor thread: sections `cpu_common` and `cpu`, as every QEMU since 2.1 has them.
 *
 * What this program keeps split (condition bits, XER, the link register, FPRs and VRs in one register file) is put
 * together for the wire. All 1024 special purpose registers travel; those that no row of spr.c keeps go through
 * unchanged. Machine versions up to 2.7 carry the instruction features as flag words, too: they are sent as the
 * destination's program has them and not compared (docs/manual/migration.rst).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/machine.h"
#include "accel/tcg/tcg.h"
#include "migration/dialect.h"
#include "system/cpus.h"
#include "system/report.h"
#include "system/runstate.h"
#include "target/ppc/compat.h"
#include "target/ppc/mmu.h"
#include "target/ppc/models.h"
#include "target/ppc/spr.h"
#include "target/ppc/timers.h"
#include <inttypes.h>
#include <string.h>

#define QEMU_INTERRUPT_HARD 2u      /* some interrupt waits; which one is not said */
#define NOT_SAID 2                  /* of mig.stopped */

/* ---- cpu_common ---- */

static void put_flag(const void *element, const void *opaque, unsigned index, uint8_t *wire)
{
    vms_put_be(wire, 4, *(const bool *)element);
}

static bool get_flag(void *element, void *opaque, unsigned index, const uint8_t *wire, GError **err)
{
    *(bool *)element = vms_get_be(wire, 4);
    return true;
}

static void put_request(const void *element, const void *opaque, unsigned index, uint8_t *wire)
{
    vms_put_be(wire, 4, *(const uint32_t *)element ? QEMU_INTERRUPT_HARD : 0);
}

/*
 * That an interrupt waits does not say which. A decrementer interrupt is always safe: the guest looks at the time and
 * goes on. The external line follows from the presenter's own section.
 */
static bool get_request(void *element, void *opaque, unsigned index, const uint8_t *wire, GError **err)
{
    uint32_t *request = element;

    *request &= CPU_INT_HARD;
    if (vms_get_be(wire, 4) & QEMU_INTERRUPT_HARD && !*request) {
        *request = CPU_INT_DECR;
    }
    return true;
}

static const VMStateInfo info_flag = { "uint32", 4, put_flag, get_flag };
static const VMStateInfo info_request = { "uint32", 4, put_request, get_request };

VMSTATE_PUBLIC(PowerPCCPU, vmstate_cpu_common, "cpu_common", 1,
    VMS_PART("the rest of the struct is in the section cpu"),
    VMS_CUSTOM(PowerPCCPU, halted, 1, info_flag),
    VMS_CUSTOM(PowerPCCPU, interrupt_request, 1, info_request));

/* ---- registers that are kept in another form ---- */

/* Bits of XER that have a member each. Some programs keep what guests write to the others. */
static uint64_t xer_flags(const PowerPCCPU *cpu)
{
    return 0xe0000000u | (cpu->model->family->isa_level >= 300 ? 0xc0000u : 0);
}

static void put_crf(const void *element, const void *opaque, unsigned index, uint8_t *wire)
{
    const PowerPCCPU *cpu = opaque;

    vms_put_be(wire, 4, ppc_get_cr(cpu) >> 4 * (7 - index) & 15);
}

static bool get_crf(void *element, void *opaque, unsigned index, const uint8_t *wire, GError **err)
{
    ppc_set_crf(opaque, index, vms_get_be(wire, 4) & 15);
    return true;
}

static uint64_t spr_out(const PowerPCCPU *cpu, unsigned n)
{
    switch (n) {
    case SPR_XER: return ppc_get_xer(cpu);
    case SPR_LR: return cpu->lr;
    case SPR_CTR: return cpu->ctr;
    case SPR_TAR: return cpu->tar;
    case SPR_CFAR: return cpu->cfar;
    case SPR_DEC: return cpu->timers->decr_unknown ? 0 : ppc_get_decr((PowerPCCPU *)cpu);
    default: return cpu->spr[n];
    }
}

static bool spr_in(PowerPCCPU *cpu, unsigned n, uint64_t v, GError **err)
{
    switch (n) {
    case SPR_XER:
        ppc_set_xer(cpu, v);
        cpu->xer_other = v & ~xer_flags(cpu);
        break;
    case SPR_LR: cpu->lr = v; break;
    case SPR_CTR: cpu->ctr = v; break;
    case SPR_TAR: cpu->tar = v; break;
    case SPR_CFAR: cpu->cfar = v; break;
    case SPR_DEC: cpu->mig.dec = v; break;
    case SPR_PVR: cpu->mig.pvr = v; break;      /* looked at when all is there */
    default: cpu->spr[n] = v;
    }
    return true;
}

static void put_spr(const void *element, const void *opaque, unsigned index, uint8_t *wire)
{
    vms_put_be(wire, 8, spr_out(opaque, index));
}

static bool get_spr(void *element, void *opaque, unsigned index, const uint8_t *wire, GError **err)
{
    return spr_in(opaque, index, vms_get_be(wire, 8), err);
}

static void spr_name(char *text, size_t size, unsigned index)
{
    unsigned count;
    const SprRow *rows = spr_rows(&count);

    g_snprintf(text, size, "%u", index);
    for (unsigned i = 0; i < count; i++) {
        if (rows[i].num == index) {
            g_strlcpy(text, rows[i].name, size);
        }
    }
}

static void put_dw0(const void *element, const void *opaque, unsigned index, uint8_t *wire)
{
    vms_put_be(wire, 8, V_D(*(const V128 *)element, 0));
}

static bool get_dw0(void *element, void *opaque, unsigned index, const uint8_t *wire, GError **err)
{
    V_D(*(V128 *)element, 0) = vms_get_be(wire, 8);
    return true;
}

static void put_dw1(const void *element, const void *opaque, unsigned index, uint8_t *wire)
{
    vms_put_be(wire, 8, V_D(*(const V128 *)element, 1));
}

static bool get_dw1(void *element, void *opaque, unsigned index, const uint8_t *wire, GError **err)
{
    V_D(*(V128 *)element, 1) = vms_get_be(wire, 8);
    return true;
}

/* Doubleword 1 first: that is how every little-endian host has sent it. */
static void put_vr(const void *element, const void *opaque, unsigned index, uint8_t *wire)
{
    put_dw1(element, opaque, index, wire);
    put_dw0(element, opaque, index, wire + 8);
}

static bool get_vr(void *element, void *opaque, unsigned index, const uint8_t *wire, GError **err)
{
    return get_dw1(element, opaque, index, wire, err) && get_dw0(element, opaque, index, wire + 8, err);
}

static void put_vscr(const void *element, const void *opaque, unsigned index, uint8_t *wire)
{
    const PowerPCCPU *cpu = opaque;

    vms_put_be(wire, 4, cpu->vscr | (cpu->vscr_sat ? 1 : 0));
}

static bool get_vscr(void *element, void *opaque, unsigned index, const uint8_t *wire, GError **err)
{
    PowerPCCPU *cpu = opaque;
    uint32_t v = vms_get_be(wire, 4);

    cpu->vscr = v & ~1u;
    cpu->vscr_sat = v & 1;
    return true;
}

static void put_slbe(const void *element, const void *opaque, unsigned index, uint8_t *wire)
{
    const PpcSlb *e = element;

    vms_put_be(wire, 8, e->esid);
    vms_put_be(wire + 8, 8, e->vsid);
}

static bool get_slbe(void *element, void *opaque, unsigned index, const uint8_t *wire, GError **err)
{
    *(PpcSlb *)element = (PpcSlb){ vms_get_be(wire, 8), vms_get_be(wire + 8, 8) };
    return true;
}

static const VMStateInfo info_crf = { "uint32", 4, put_crf, get_crf }, info_spr = { "uint64", 8, put_spr, get_spr },
    info_fpr = { "fpr", 8, put_dw0, get_dw0 }, info_vsr = { "vsr", 8, put_dw1, get_dw1 }, info_vr = { "avr", 16, put_vr, get_vr },
    info_vscr = { "cpu/altivec/vscr", 4, put_vscr, get_vscr }, info_slbe = { "slbe", 16, put_slbe, get_slbe };

/* ---- subsections: of those that not every program has, dialect.h says which are sent ---- */

static bool has_fp(const void *opaque) { return ppc_has(&((const PowerPCCPU *)opaque)->model->family->features, PPC_F_FLOAT); }
static bool has_vmx(const void *opaque) { return ppc_has(&((const PowerPCCPU *)opaque)->model->family->features, PPC_F_ALTIVEC); }
static bool has_vsx(const void *opaque) { return ppc_has(&((const PowerPCCPU *)opaque)->model->family->features, PPC_F_VSX); }
static bool sends_slb_nr(const void *opaque) { return ((const PowerPCCPU *)opaque)->pre_3_0; }
static bool sends_flags(const void *opaque) { return ((const PowerPCCPU *)opaque)->pre_2_8; }

static bool has_compat(const void *opaque)
{
    const PowerPCCPU *cpu = opaque;

    return cpu->compat_pvr && !cpu->pre_2_10;
}

VMSTATE(PowerPCCPU, vmstate_fpu, "cpu/fpu", 1,
    VMS_NEEDED(has_fp),
    VMS_CUSTOM(PowerPCCPU, vsr, 64, info_fpr, .name = "env.vsr", .count = 32),
    VMS(PowerPCCPU, fpscr, .name = "env.fpscr"));

VMSTATE(PowerPCCPU, vmstate_altivec, "cpu/altivec", 1,
    VMS_NEEDED(has_vmx),
    VMS_CUSTOM(PowerPCCPU, vsr, 64, info_vr, .name = "env.vsr", .count = 32, .offset = offsetof(PowerPCCPU, vsr[32])),
    VMS_CUSTOM(PowerPCCPU, vscr, 1, info_vscr));

VMSTATE(PowerPCCPU, vmstate_vsx, "cpu/vsx", 1,
    VMS_NEEDED(has_vsx),
    VMS_CUSTOM(PowerPCCPU, vsr, 64, info_vsr, .name = "env.vsr", .count = 32));

/*
 * A transaction under way: none of ours, as each fails where it begins, but hosts with KVM have them. What it began with is kept as it came
 * and sent on as long as MSR says that there is one.
 */
static bool in_transaction(const void *opaque) { return ((const PowerPCCPU *)opaque)->msr & MSR_TS; }

#define TM(field) VMS(PowerPCCPU, mig.tm.field, .name = "env.tm_" #field)
VMSTATE(PowerPCCPU, vmstate_tm, "cpu/tm", 1,
    VMS_NEEDED(in_transaction),
    VMS_ARRAY(PowerPCCPU, mig.tm.gpr, .name = "env.tm_gpr"),
    VMS_CUSTOM(PowerPCCPU, mig.tm.vsr, 64, info_vr, .name = "env.tm_vsr"),
    TM(cr), TM(lr), TM(ctr), TM(fpscr), TM(amr), TM(ppr), TM(vrsave), TM(vscr), TM(dscr), TM(tar));

/* Version 2 has lost the number, that is all: 1 of machines since 3.0 has the same bytes. */
static int slb_version(const void *opaque) { return dialect.slb_version; }

static bool slb_post_load(void *opaque, int version, GError **err)
{
    ((PowerPCCPU *)opaque)->mig.slb_version = version;
    return true;
}

VMSTATE(PowerPCCPU, vmstate_slb, "cpu/slb", 2,
    VMS_MINIMUM_VERSION(1),
    VMS_POST_LOAD(slb_post_load),
    VMS_SAVE_VERSION(slb_version),
    VMS(PowerPCCPU, mig.slb_nr, .name = "mig_slb_nr", .exists = sends_slb_nr),
    VMS_CUSTOM(PowerPCCPU, slb, PPC_SLB_ENTRIES, info_slbe, .name = "env.slb"));

VMSTATE(PowerPCCPU, vmstate_compat, "cpu/compat", 1,
    VMS_NEEDED(has_compat),
    VMS(PowerPCCPU, compat_pvr));

/* Branch history (ISA 3.1): kept as it came, as nothing here records any. */
static bool has_bhrb(const void *opaque)
{
    return dialect.bhrb && ((const PowerPCCPU *)opaque)->model->family->isa_level >= 310;
}

VMSTATE(PowerPCCPU, vmstate_bhrb, "cpu/bhrb", 1,
    VMS_NEEDED(has_bhrb),
    VMS(PowerPCCPU, mig.bhrb_offset, .name = "env.bhrb_offset"),
    VMS_ARRAY(PowerPCCPU, mig.bhrb, .name = "env.bhrb"));

/* What a program does not say about a thread follows from its state: see post_load(). */
static bool sends_stopped(const void *opaque) { return dialect.rtas_stopped; }

VMSTATE(PowerPCCPU, vmstate_rtas_stopped, "cpu/rtas_stopped", 1,
    VMS_NEEDED(sends_stopped),
    VMS(PowerPCCPU, mig.stopped, .name = "env.quiesced"));

/* ---- cpu ---- */

/* MSR bits that those programs did not count among the implemented ones. */
#define NOT_IN_OLD_MASK (MSR_HV | MSR_TS)
#define OLD_FEATURES2 0x7ffffull        /* what was there until 2.7 */

/* The instruction features of a model as a program's stream has them. */
static PpcFeatures words_of(const PpcModel *m, const DialectWords *w)
{
    bool power7 = m->family->isa_level == 206;
    const PpcFeatures *all = &m->family->features;

    return (PpcFeatures){ all->flags & ~w->lacks & ~(power7 ? w->power7_lacks : 0),
                          (all->flags2 & OLD_FEATURES2 & ~w->lacks2) | (m->family->isa_level >= 206 ? w->has2 : 0) };
}

/* Those that the guest may count on: what the machine version was born with. What a program learnt later is bookkeeping of its own. */
static PpcFeatures promised_by(const PowerPCCPU *cpu)
{
    return words_of(cpu->model, &dialect_own.words);
}

static bool pre_save(void *opaque, GError **err)
{
    PowerPCCPU *cpu = opaque;
    PpcFeatures words = words_of(cpu->model, &dialect.words), promised = promised_by(cpu);

    ppc_fpscr_sync(cpu);
    cpu->mig.msr_mask = cpu->model->family->msr_mask & ~NOT_IN_OLD_MASK;
    cpu->mig.insns_flags = words.flags & ~(promised.flags & ~cpu->features.flags);      /* less what the user switched off */
    cpu->mig.insns_flags2 = words.flags2 & ~(promised.flags2 & ~cpu->features.flags2);
    cpu->mig.slb_nr = cpu->model->family->slb_nr;
    cpu->mig.stopped = cpu->powered_off;
    /* What was loaded there does not travel, and without it an address promises too much: a reservation that was made here is lost, as it may be. */
    cpu->mig.reserve_addr = !dialect.reservation ? 0 : cpu->reserve_length ? UINT64_MAX : cpu->reserve_addr;
    return true;
}

static bool pre_load(void *opaque, GError **err)
{
    PowerPCCPU *cpu = opaque;

    memset(&cpu->mig, 0, sizeof(cpu->mig));
    cpu->mig.stopped = NOT_SAID;
    cpu->compat_pvr = 0;
    return true;
}

static const char *model_name(uint32_t pvr)
{
    return ppc_model_of_pvr(pvr) ? ppc_model_of_pvr(pvr)->name : NULL;
}

/*
 * The mode that the guest runs in, and who said so. Machines up to 2.9 do not send it: it shows in the PCR, if the processor that the guest ran on
 * has a bit for it, and else is what this side's command line says. That may have been one like this, though the PVR that the guest knows is another.
 */
static PvrSource find_mode(PowerPCCPU *cpu)
{
    if (cpu->compat_pvr) {
        return PVR_CAS;
    }
    if (cpu->pre_2_10) {
        const PpcModel *theirs = ppc_model_of_pvr(cpu->mig.pvr) ?: cpu->model;
        cpu->compat_pvr = ppc_compat_of_pcr(cpu->spr[SPR_PCR]);
        if (cpu->compat_pvr) {
            return PVR_CAS;
        }
        cpu->compat_pvr = ppc_compat_shows(theirs, cpu->max_compat) && ppc_compat_shows(cpu->model, cpu->max_compat) ? 0 : cpu->max_compat;
    }
    return cpu->compat_pvr ? PVR_COMMAND_LINE : PVR_RAW;
}

/* On success the processor has the PVR that the guest knows. */
static bool check_pvr(PowerPCCPU *cpu, GError **err)
{
    uint32_t theirs = cpu->mig.pvr, ours = cpu->pvr;
    PvrSource source = find_mode(cpu);
    PvrRelation relation = ppc_pvr_relation(theirs, ours, cpu->asked_for);
    const char *name = model_name(theirs), *mode = ppc_compat_name(cpu->compat_pvr);

    switch (ppc_pvr_verdict(PVR_TCG, source, relation, ppc_compat_possible(cpu->model, cpu->compat_pvr))) {
    case PVR_REFUSE_PVR:
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "env.spr[PVR]: the stream has 0x%08x (%s), this processor is 0x%08x (%s): use "
                    "-cpu %s", theirs, name ? name : "a processor that this program does not know", ours, cpu->model->name,
                    name ? name : "of the source");
        return false;
    case PVR_REFUSE_MODE:
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "compat_pvr: the stream has 0x%08x (%s), this processor 0x%08x (%s) offers up to "
                    "0x%08x (%s): use -cpu %s", cpu->compat_pvr, mode ? mode : "a mode that this program does not know", ours, cpu->model->name,
                    cpu->model->family->logical_pvr, ppc_compat_name(cpu->model->family->logical_pvr) ?: "none",
                    name ? name : mode ? mode : "of the source");
        return false;
    case PVR_ADOPT:
        if (theirs != ours && !cpu->index && runstate_now() == RUN_INMIGRATE) {     /* told once */
            report_info("the guest's processor stays 0x%08x (%s), which '%s' means in other releases; here it would be 0x%08x (%s)", theirs, name,
                        cpu->asked_for, ours, cpu->model->name);
        }
        cpu->pvr = theirs;
        break;
    default:
        break;
    }
    cpu->spr[SPR_PVR] = theirs;
    return true;
}

/* A feature that the guest may use and that is switched off here. */
static bool check_features(PowerPCCPU *cpu, GError **err)
{
    static const struct { unsigned bit; const char *property, *what; } all[] = {
#define X(id, bit_, book, prop, what_) { bit_, prop, what_ },
        PPC_FEATURES(X)
#undef X
    };
    bool ok = true;
    PpcFeatures promised = promised_by(cpu), sent = { cpu->mig.insns_flags, cpu->mig.insns_flags2 };

    for (unsigned i = 0; i < G_N_ELEMENTS(all); i++) {
        if (ppc_has(&promised, all[i].bit) && ppc_has(&sent, all[i].bit) && !ppc_has(&cpu->features, all[i].bit)) {
            bool second = all[i].bit >= 64;
            ok = report_also(err, "env.insns_flags%s: the stream has 0x%016" PRIx64 ", this processor 0x%016"
                             PRIx64 ": the guest was promised %s (%s), which is switched off here: use -cpu %s,%s=on", second ? "2" : "",
                             second ? sent.flags2 : sent.flags, second ? cpu->features.flags2 : cpu->features.flags, all[i].property, all[i].what,
                             cpu->model->name, all[i].property);
        }
    }
    return ok;
}

/*
 * The decrementer of programs before 8.2 is not in the stream: whatever it was, the guest waits for it. It gets one
 * that runs out soon, unless its interrupt waits already.
 */
static void load_decrementer(PowerPCCPU *cpu)
{
    uint32_t waits = __atomic_load_n(&cpu->interrupt_request, __ATOMIC_SEQ_CST);

    ppc_set_decr(cpu, cpu->mig.dec ? cpu->mig.dec : PPC_TB_FREQ / 1000);
    if (waits & CPU_INT_DECR) {
        ppc_set_irq(cpu, CPU_INT_DECR, true);
    }
    cpu->timers->decr_unknown = !cpu->mig.dec;
    cpu->timers->decr_taken = ppc_tb(cpu);
    if (!cpu->mig.dec && !cpu->index && runstate_now() == RUN_INMIGRATE) {      /* told once */
        report_info("the stream has no decrementer, as those of QEMU before 8.2: the guest's next tick comes in a millisecond");
    }
}

/* A thread without decrementer interrupts for that long, and with interrupts off, does without. */
static bool ticks(PowerPCCPU *cpu)
{
    return cpu->timers->decr_taken && ppc_tb(cpu) - cpu->timers->decr_taken < PPC_TB_FREQ;
}

/* A decrementer that no one knows came in that way, and the guest has not run since: it goes as it came. */
bool ppc_settle(bool last)
{
    PowerPCCPU *cpu;
    bool ready = true;

    CPU_FOREACH(cpu) {
        ready = ready && (cpu->powered_off || !(__atomic_load_n(&cpu->interrupt_request, __ATOMIC_SEQ_CST) & CPU_INT_HARD));
        if (!dialect.decrementer && !cpu->powered_off && (cpu->msr & MSR_EE || (!cpu->halted && ticks(cpu)))) {
            ready = ready && cpu->msr & MSR_EE && !cpu->timers->decr_unknown;
        }
    }
    CPU_FOREACH(cpu) {
        if ((ready || last) && !dialect.decrementer && !cpu->powered_off && !cpu->timers->decr_unknown) {
            ppc_enter_decrementer(cpu);
        }
    }
    return ready;
}

static bool post_load(void *opaque, int version, GError **err)
{
    PowerPCCPU *cpu = opaque;

    bool right_model = check_pvr(cpu, err);
    if (!check_features(cpu, err) || !right_model) {
        return false;
    }
    if (cpu->compat_pvr) {
        ppc_compat_set(cpu, cpu->compat_pvr);       /* this processor's PCR may have other bits than that of the source */
    }
    cpu->reserve_addr = cpu->mig.reserve_addr;
    cpu->fp_op = cpu->fp_cmp = 0;
    ppc_set_fpscr(cpu, cpu->fpscr);
    cpu->exception = EXCP_NONE;
    /* A thread that ceded has external interrupts enabled; one that RTAS stopped, or that was never started, has not. */
    cpu->powered_off = cpu->mig.stopped == NOT_SAID ? cpu->halted && !(cpu->msr & MSR_EE) : cpu->mig.stopped;
    load_decrementer(cpu);
    ppc_update_region_flags(cpu);
    ppc_mmu_context_changed(cpu);       /* PID came with the SPRs: what is filled from now on is of that process */
    tlb_flush_cpu(cpu);
    return true;
}

VMSTATE_PUBLIC(PowerPCCPU, vmstate_cpu, "cpu", 5,
    VMS_ELSEWHERE(vmstate_cpu_common),
    VMS_SKIP_TO(PowerPCCPU, poll, nip, "of the translator"),
    VMS_UNUSED(8),
    VMS_ARRAY(PowerPCCPU, gpr, .name = "env.gpr"),
    VMS_CUSTOM(PowerPCCPU, crb, 8, info_crf, .name = "env.crf"),
    VMS(PowerPCCPU, nip, .name = "env.nip"),
    VMS_SKIP_TO(PowerPCCPU, ca, msr, "parts of XER, and registers that travel among the special purpose registers"),
    VMS_CUSTOM(PowerPCCPU, spr, 1024, info_spr, .name = "env.spr", .element_name = spr_name),
    VMS_SKIP(PowerPCCPU, xer_other, "part of XER"),
    VMS(PowerPCCPU, mig.spe_acc, .name = "env.spe_acc"),
    VMS_SKIP(PowerPCCPU, reserve_addr, "in mig, where the program has it"),
    VMS(PowerPCCPU, mig.reserve_addr, .name = "env.reserve_addr"),
    VMS_SKIP_TO(PowerPCCPU, reserve_length, vscr_sat, "a reservation may be lost at any time"),
    VMS_SKIP(PowerPCCPU, vscr_sat, "part of VSCR"),
    VMS_SKIP_TO(PowerPCCPU, fp_op, fpscr, "folded into FPSCR"),
    VMS(PowerPCCPU, msr, .name = "env.msr"),
    VMS(PowerPCCPU, mig.hflags, .name = "env.hflags_compat_nmsr"),
    VMS(PowerPCCPU, mig.msr_mask, .name = "mig_msr_mask", .exists = sends_flags),
    VMS(PowerPCCPU, mig.insns_flags, .name = "mig_insns_flags", .exists = sends_flags),
    VMS(PowerPCCPU, mig.insns_flags2, .name = "mig_insns_flags2", .exists = sends_flags),
    VMS(PowerPCCPU, mig.nb_bats, .name = "mig_nb_BATs", .exists = sends_flags),
    VMS_SKIP(PowerPCCPU, mig.dec, "on its way into the timer"),
    VMS_SKIP(PowerPCCPU, mig.pvr, "compared"),
    VMS_SKIP(PowerPCCPU, mig.slb_version, "tells who sent it"),
    VMS_SKIP(PowerPCCPU, mxcsr, "follows from FPSCR"),
    VMS_SKIP(PowerPCCPU, scratch, "of the interpreter"),
    VMS_SKIP(PowerPCCPU, slb_nr, "of the model"),
    VMS_SKIP(PowerPCCPU, patb, "the machine's"),
    VMS_SKIP_TO(PowerPCCPU, model, compat_pvr, "the model and its properties"),
    VMS_SKIP(PowerPCCPU, max_compat, "configuration"),
    VMS_SKIP_TO(PowerPCCPU, index, interrupt_request, "identity and wiring"),
    VMS_SKIP(PowerPCCPU, exception, "nothing is being raised while the machine is stopped"),
    VMS_SKIP(PowerPCCPU, error_code, "of the exception"),
    VMS_SKIP(PowerPCCPU, powered_off, "follows from cpu_common and MSR[EE]"),
    VMS_SKIP_TO(PowerPCCPU, stop, mig, "of the thread that runs it"),
    VMS_SUBSECTION(vmstate_fpu),
    VMS_SUBSECTION(vmstate_altivec),
    VMS_SUBSECTION(vmstate_vsx),
    VMS_SUBSECTION(vmstate_tm),
    VMS_SUBSECTION(vmstate_slb),
    VMS_SUBSECTION(vmstate_compat),
    VMS_SUBSECTION(vmstate_bhrb),
    VMS_SUBSECTION(vmstate_rtas_stopped),
    VMS_PRE_SAVE(pre_save),
    VMS_PRE_LOAD(pre_load),
    VMS_POST_LOAD(post_load));
