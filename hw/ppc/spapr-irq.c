/*
 * Interrupt numbers of a pseries machine. Until version 3.0 they were handed out in the order in which devices
 * appeared; since then each kind of device has a range of its own. A saved guest remembers them either way.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr.h"

static bool claim(SpaprMachine *s, unsigned irq, bool lsi, GError **err)
{
    if (!ics_exists(s->ics, irq)) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "IRQ %u is invalid", irq);
        return false;
    }
    if (ics_valid(s->ics, irq)) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_EXISTS, "IRQ %u is not free", irq);
        return false;
    }
    ics_claim(s->ics, irq, lsi);
    return true;
}

unsigned spapr_irq_claim_device(SpaprMachine *s, unsigned fixed, bool lsi, GError **err)
{
    unsigned irq = s->cfg->legacy_irqs ? SPAPR_IRQ_BASE : fixed;

    while (s->cfg->legacy_irqs && ics_valid(s->ics, irq)) {
        irq++;
    }
    return claim(s, irq, lsi, err) ? irq : 0;
}
