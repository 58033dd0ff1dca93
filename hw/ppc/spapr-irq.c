/*
 * Interrupts of a pseries machine: which controllers it has, which of them its devices' lines lead to, and the numbers.
 *
 * A machine has XICS, XIVE, or both (ic-mode=), and then its guest chooses by ibm,client-architecture-support; until
 * it did, XICS answers. Both have the same numbers for devices.
 *
 * Until version 3.0 numbers were handed out in the order in which devices appeared; since then each kind of device has a
 * range of its own. A saved guest remembers them either way.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/intc/xive.h"
#include "migration/migration.h"
#include "monitor/monitor.h"
#include "system/cpus.h"
#include "system/runstate.h"
#include "target/ppc/compat.h"
#include "target/ppc/machine.h"
#include <string.h>

/* ---- the controllers ---- */

/* XIVE came with ISA 3.0; a partition that may not have that does not have XIVE either. */
static bool xive_possible(const SpaprMachine *s)
{
    unsigned limit = ppc_compat_isa(ppc_compat_named(s->cfg->max_cpu_compat));

    return s->model->family->isa_level >= 300 && (!limit || limit >= 300);
}

unsigned spapr_irq_servers(const SpaprMachine *s)
{
    return (s->max_cpus + s->threads - 1) / s->threads * s->vsmt;
}

/*
 * What still waits in a presenter goes back to its source: QEMU does not bring what it finds there to the processor, but presents what was given
 * back when it has loaded it (2.11 to 11.1; 2.5 with the next one). So do we when a machine runs on, wherever it was.
 */
static bool settle(bool last)
{
    bool ready = ppc_settle(last);
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        Icp *icp = spapr_cpu(cpu)->icp;
        if (last && icp && !spapr_xive_active(spapr)) {
            icp_give_back(icp);
        }
    }
    return ready;
}

static void present_again(RunEvent e, ShutdownCause cause)
{
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        Icp *icp = spapr_cpu(cpu)->icp;
        if (e == RUN_EVENT_RESUME && icp && !cpu->powered_off && !spapr_xive_active(spapr)) {
            icp_resend(icp);
        }
    }
}

bool spapr_irq_make(SpaprMachine *s, GError **err)
{
    const char *mode = s->cfg->ic_mode;
    bool possible = xive_possible(s);

    if (!strcmp(mode, "xive") && !possible) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "XIVE-only machines require a POWER9 CPU");
        return false;
    }
    if (strcmp(mode, "xive") && !(s->ics = ics_new(SPAPR_IRQ_BASE, s->cfg->nr_xirqs, err))) {
        return false;
    }
    if (strcmp(mode, "xics") && possible && !(s->xive = spapr_xive_new(s->cfg->nr_xirqs, spapr_irq_servers(s), err))) {
        return false;
    }
    spapr_irq_select(s, true);
    migration_settle = settle;
    runstate_on_event(present_again);
    return true;
}

bool spapr_irq_make_presenters(SpaprMachine *s, PowerPCCPU *cpu, GError **err)
{
    SpaprCpu *sc = spapr_cpu(cpu);

    return (!s->ics || (sc->icp = icp_new(cpu, err))) && (!s->xive || (sc->tctx = xive_tctx_new(cpu, err)));
}

/* ---- the one in use ---- */

bool spapr_xive_chosen(const SpaprMachine *s)
{
    return s->xive && s->ov5_cas[OV5_XIVE - 1] & OV5_XIVE_EXPLOIT;
}

static bool is_level(const SpaprMachine *s, unsigned irq)
{
    return s->xive->source.lsi[irq];
}

/* Levels stay as devices have them. */
static void move_levels(SpaprMachine *s, bool to_xive)
{
    for (unsigned irq = SPAPR_IRQ_BASE; irq < SPAPR_IRQ_BASE + s->cfg->nr_xirqs; irq++) {
        if (spapr_xive_valid(s->xive, irq) && is_level(s, irq)) {
            Irq to = to_xive ? spapr_xive_line(s->xive, irq) : ics_line(s->ics, irq);
            irq_set(&to, to_xive ? ics_level(s->ics, irq) : spapr_xive_level(s->xive, irq));
        }
    }
}

void spapr_irq_select(SpaprMachine *s, bool loaded)
{
    bool xive = s->xive && (!s->ics || spapr_xive_chosen(s)), changed = xive != s->xive_active;
    PowerPCCPU *cpu;

    s->xive_active = xive;
    if (s->xive) {
        spapr_xive_enable(s->xive, xive);
    }
    if (changed && !loaded && s->ics) {
        move_levels(s, xive);
    }
    CPU_FOREACH(cpu) {
        const SpaprCpu *sc = spapr_cpu(cpu);
        if (xive) {
            xive_tctx_update_line(sc->tctx);
        } else {
            icp_update_line(sc->icp);
        }
    }
}

static void set_line(void *opaque, unsigned irq, bool level)
{
    const SpaprMachine *s = opaque;
    Irq to = s->xive_active ? spapr_xive_line(s->xive, irq) : ics_line(s->ics, irq);

    irq_set(&to, level);
}

Irq spapr_irq_line(SpaprMachine *s, unsigned irq)
{
    return (Irq){ set_line, s, irq };
}

HMP_INFO(pic, "pic", "", "", "show PIC state")
{
    if (spapr->xive_active) {
        spapr_xive_print(spapr->xive, out);
    } else {
        ics_print(spapr->ics, out);
    }
    g_string_append(out, "irqchip: emulated\n");
}

/* ---- numbers ---- */

static bool exists(const SpaprMachine *s, unsigned irq)
{
    return s->ics ? ics_exists(s->ics, irq) : irq >= SPAPR_IRQ_BASE && spapr_xive_exists(s->xive, irq);
}

static bool is_claimed(const SpaprMachine *s, unsigned irq)
{
    return s->ics ? ics_valid(s->ics, irq) : spapr_xive_valid(s->xive, irq);
}

static bool claim(SpaprMachine *s, unsigned irq, bool lsi, GError **err)
{
    if (!exists(s, irq)) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "IRQ %u is invalid", irq);
        return false;
    }
    if (is_claimed(s, irq)) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_EXISTS, "IRQ %u is not free", irq);
        return false;
    }
    if (s->ics) {
        ics_claim(s->ics, irq, lsi);
    }
    if (s->xive) {
        spapr_xive_claim(s->xive, irq, lsi);
    }
    return true;
}

unsigned spapr_irq_claim_device(SpaprMachine *s, unsigned fixed, bool lsi, GError **err)
{
    unsigned irq = s->cfg->legacy_irqs ? SPAPR_IRQ_BASE : fixed;

    while (s->cfg->legacy_irqs && is_claimed(s, irq)) {
        irq++;
    }
    return claim(s, irq, lsi, err) ? irq : 0;
}

/* ---- messages ---- */

static void set_taken(SpaprMachine *s, unsigned irq, bool taken)
{
    unsigned n = irq - SPAPR_IRQ_MSI;

    if (!s->cfg->legacy_irqs && irq >= SPAPR_IRQ_MSI && n < SPAPR_MESSAGES) {
        s->messages[n / 64] = (s->messages[n / 64] & ~(1ull << n % 64)) | (uint64_t)taken << n % 64;
    }
}

static bool are_free(const SpaprMachine *s, unsigned first, unsigned n)
{
    for (unsigned irq = first; irq < first + n; irq++) {
        if (!exists(s, irq) || is_claimed(s, irq)) {
            return false;
        }
    }
    return true;
}

unsigned spapr_irq_claim_messages(SpaprMachine *s, unsigned n, bool aligned, GError **err)
{
    unsigned step = 1, irq = s->cfg->legacy_irqs ? SPAPR_IRQ_BASE : SPAPR_IRQ_MSI;

    while (aligned && step < n) {
        step *= 2;
    }
    irq = (irq + step - 1) / step * step;
    while (exists(s, irq) && !are_free(s, irq, n)) {
        irq += step;
    }
    if (!n || !exists(s, irq)) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "can't find a free %u-IRQ block", n);
        return 0;
    }
    for (unsigned i = irq; i < irq + n; i++) {
        claim(s, i, false, NULL);
        set_taken(s, i, true);
    }
    return irq;
}

void spapr_irq_release(SpaprMachine *s, unsigned first, unsigned n)
{
    for (unsigned irq = first; irq - first < n && exists(s, irq); irq++) {
        if (s->ics) {
            ics_release(s->ics, irq);
        }
        if (s->xive) {
            spapr_xive_release(s->xive, irq);
        }
        set_taken(s, irq, false);
    }
}

void spapr_irq_reset(SpaprMachine *s)
{
    for (unsigned n = 0; n < SPAPR_MESSAGES; n++) {
        if (s->messages[n / 64] >> n % 64 & 1) {
            spapr_irq_release(s, SPAPR_IRQ_MSI + n, 1);
        }
    }
}

/* Bit i of the bitmap, whose words are big-endian, is number SPAPR_IRQ_MSI + i. */
static bool any_taken(const void *opaque)
{
    const SpaprMachine *s = opaque;
    uint64_t any = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(s->messages); i++) {
        any |= s->messages[i];
    }
    return any;
}

static void put_word(const void *element, const void *opaque, unsigned index, uint8_t *wire)
{
    vms_put_be(wire, 8, *(const uint64_t *)element);
}

static bool get_word(void *element, void *opaque, unsigned index, const uint8_t *wire, GError **err)
{
    *(uint64_t *)element = vms_get_be(wire, 8);
    return true;
}

static const VMStateInfo info_word = { "bitmap", 8, put_word, get_word };

VMSTATE_PUBLIC(SpaprMachine, vmstate_irq_map, "spapr_irq_map", 1,
    VMS_NEEDED(any_taken),
    VMS_CUSTOM(SpaprMachine, messages, SPAPR_MESSAGES / 64, info_word, .name = "irq_map", .whole = "bitmap"));
