/*
 * RTAS calls about the host bridge (LoPAPR 7.3.15 ff.): interrupts of functions, enlarged error handling, dynamic DMA
 * windows; and the machine-check registration. The default bridge is there, with an empty bus: calls about a
 * function find none, calls about the bridge's partitionable endpoint work.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr.h"
#include "system/memory.h"
#include <string.h>

#define PHB_BUID        0x800000020000000ull
#define EXTENDED_LIOBN  0x80000001u
#define EXTENDED_BUS    0x800000000000000ull    /* where the second window begins on the bus */

/* Arguments `at` and `at + 1` are the bridge's unit id. */
static bool names_bridge(const RtasCall *c, unsigned at)
{
    return ((uint64_t)rtas_arg(c, at) << 32 | rtas_arg(c, at + 1)) == PHB_BUID;
}

RTAS(set_tce_bypass, 0x2010, "ibm,set-tce-bypass", 2, 1)
{
    /* virtual devices that could bypass their table: none */
    rtas_ret(c, 0, RTAS_PARAM_ERROR);
}

RTAS(query_interrupt_source_number, 0x2018, "ibm,query-interrupt-source-number", 4, 3)
{
    /* of a function that has message interrupts configured: there is none */
    rtas_ret(c, 0, names_bridge(c, 1) ? RTAS_HW_ERROR : RTAS_PARAM_ERROR);
}

RTAS(change_msi, 0x2019, "ibm,change-msi", 5, 2)
{
    rtas_ret(c, 0, RTAS_PARAM_ERROR);
}

/* ---- enlarged error handling: for assigned host devices, which this bridge never has ---- */

RTAS(set_eeh_option, 0x2020, "ibm,set-eeh-option", 4, 1) { rtas_ret(c, 0, RTAS_PARAM_ERROR); }
RTAS(get_config_addr_info2, 0x2021, "ibm,get-config-addr-info2", 4, 2) { rtas_ret(c, 0, RTAS_PARAM_ERROR); }
RTAS(read_slot_reset_state2, 0x2022, "ibm,read-slot-reset-state2", 3, 4) { rtas_ret(c, 0, RTAS_PARAM_ERROR); }
RTAS(set_slot_reset, 0x2023, "ibm,set-slot-reset", 4, 1) { rtas_ret(c, 0, RTAS_PARAM_ERROR); }
RTAS(configure_pe, 0x2024, "ibm,configure-pe", 3, 1) { rtas_ret(c, 0, RTAS_PARAM_ERROR); }
RTAS(slot_error_detail, 0x2025, "ibm,slot-error-detail", 8, 1) { rtas_ret(c, 0, RTAS_PARAM_ERROR); }

/* ---- dynamic DMA windows ---- */

/* Page sizes as the calls number them, bit n of the mask: 4K, 64K, 16M. */
static const struct { unsigned shift; uint32_t bit; } pages[] = { { 12, 1 }, { 16, 2 }, { 24, 4 } };

RTAS(query_pe_dma_window, 0x2026, "ibm,query-pe-dma-window", 3, 5)
{
    if (!names_bridge(c, 1)) {
        rtas_ret(c, 0, RTAS_PARAM_ERROR);
        return;
    }
    uint64_t most = MAX(s->ram_size, s->maxram_size) >> 12;
    rtas_ret(c, 0, RTAS_SUCCESS);
    rtas_ret(c, 1, s->ddw_created ? 0 : 1);     /* windows that may still be made */
    rtas_ret(c, 2, MIN(most, UINT32_MAX));      /* entries the largest may have */
    rtas_ret(c, 3, pages[0].bit | pages[1].bit | pages[2].bit);
    rtas_ret(c, 4, 0);                          /* no migration of what is mapped */
}

RTAS(create_pe_dma_window, 0x2027, "ibm,create-pe-dma-window", 5, 4)
{
    uint32_t page = rtas_arg(c, 3), window = rtas_arg(c, 4);
    bool known = false;

    for (unsigned i = 0; i < G_N_ELEMENTS(pages); i++) {
        known |= pages[i].shift == page;
    }
    if (!names_bridge(c, 1) || !known || window < page || window > 61) {
        rtas_ret(c, 0, RTAS_PARAM_ERROR);
        return;
    }
    /* No more than twice what memory could need: the guest must not be able to take the host's. */
    if (s->ddw_created || (window > 34 && (1ull << (window - 1)) >= 2 * MAX(s->ram_size, s->maxram_size))) {
        rtas_ret(c, 0, RTAS_HW_ERROR);
        return;
    }
    spapr_tce_new(s, EXTENDED_LIOBN, EXTENDED_BUS, page, 1ull << (window - page));
    s->ddw_created = true;
    rtas_ret(c, 0, RTAS_SUCCESS);
    rtas_ret(c, 1, EXTENDED_LIOBN);
    rtas_ret(c, 2, EXTENDED_BUS >> 32);
    rtas_ret(c, 3, (uint32_t)EXTENDED_BUS);
}

RTAS(remove_pe_dma_window, 0x2028, "ibm,remove-pe-dma-window", 1, 1)
{
    bool ok = s->ddw_created && rtas_arg(c, 0) == EXTENDED_LIOBN;

    if (ok) {
        spapr_tce_free(s, EXTENDED_LIOBN);
        s->ddw_created = false;
    }
    rtas_ret(c, 0, ok ? RTAS_SUCCESS : RTAS_PARAM_ERROR);
}

void spapr_dma_reset(SpaprMachine *s)
{
    if (s->ddw_created) {
        spapr_tce_free(s, EXTENDED_LIOBN);
        s->ddw_created = false;
    }
    spapr_tce_new(s, 0x80000000, 0, 12, 0x40000);      /* the bridge's 1 GB window */
}

RTAS(reset_pe_dma_window, 0x2029, "ibm,reset-pe-dma-window", 3, 1)
{
    if (!names_bridge(c, 1)) {
        rtas_ret(c, 0, RTAS_PARAM_ERROR);
        return;
    }
    spapr_dma_reset(s);
    rtas_ret(c, 0, RTAS_SUCCESS);
}

/* ---- machine checks to the client's own handlers (LoPAPR 7.3.14) ---- */

RTAS(nmi_register, 0x202b, "ibm,nmi-register", 2, 1)
{
    uint32_t reset = rtas_arg(c, 0), mce = rtas_arg(c, 1);

    if (!s->cfg->cap_fwnmi) {
        rtas_ret(c, 0, RTAS_NOT_SUPPORTED);
        return;
    }
    if (!memory_ram_ptr(reset, 4) || !memory_ram_ptr(mce, 4) || !s->rtas_addr) {
        rtas_ret(c, 0, RTAS_PARAM_ERROR);
        return;
    }
    s->fwnmi_system_reset = reset;
    s->fwnmi_machine_check = mce;
    rtas_ret(c, 0, RTAS_SUCCESS);
}

RTAS(nmi_interlock, 0x202c, "ibm,nmi-interlock", 0, 1)
{
    if (!s->cfg->cap_fwnmi) {
        rtas_ret(c, 0, RTAS_NOT_SUPPORTED);
        return;
    }
    /* nothing is being handled unless this thread was sent there */
    rtas_ret(c, 0, s->fwnmi_machine_check ? RTAS_SUCCESS : RTAS_PARAM_ERROR);
}
