/*
 * RTAS calls about the host bridge (LoPAPR 7.3.15 ff.): interrupts of functions, enlarged error handling, dynamic DMA
 * windows; and the machine-check registration. The default bridge is there, with an empty bus: calls about a
 * function find none, calls about the bridge's partitionable endpoint work.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr-pci.h"
#include "system/memory.h"
#include <string.h>

/* ---- configuration space: no function answers on the empty bus ---- */

RTAS(read_pci_config, 0x2014, "read-pci-config", 2, 2) { rtas_ret(c, 0, RTAS_HW_ERROR); }
RTAS(write_pci_config, 0x2015, "write-pci-config", 3, 1) { rtas_ret(c, 0, RTAS_HW_ERROR); }
RTAS(ibm_read_pci_config, 0x2016, "ibm,read-pci-config", 0, 1) { rtas_ret(c, 0, RTAS_HW_ERROR); }
RTAS(ibm_write_pci_config, 0x2017, "ibm,write-pci-config", 0, 1) { rtas_ret(c, 0, RTAS_HW_ERROR); }

/* The bridge whose unit id is in arguments `at` and `at + 1`, or NULL. */
static SpaprPhb *bridge(const RtasCall *c, unsigned at)
{
    return spapr_phb_find((uint64_t)rtas_arg(c, at) << 32 | rtas_arg(c, at + 1));
}

/* One that guests may open windows of. */
static SpaprPhb *ddw_bridge(const RtasCall *c, unsigned at)
{
    SpaprPhb *p = bridge(c, at);

    return p && spapr_phb_ddw(p) ? p : NULL;
}

RTAS(set_tce_bypass, 0x2010, "ibm,set-tce-bypass", 2, 1)
{
    /* virtual devices that could bypass their table: none */
    rtas_ret(c, 0, RTAS_PARAM_ERROR);
}

RTAS(query_interrupt_source_number, 0x2018, "ibm,query-interrupt-source-number", 4, 3)
{
    /* of a function that has message interrupts configured: there is none */
    rtas_ret(c, 0, RTAS_PARAM_ERROR);
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

/* Page sizes as the calls name them: 4K, 64K, 16M, 2M. */
static const struct { unsigned shift; uint32_t bit; } pages[] = { { 12, 1 }, { 16, 2 }, { 24, 4 }, { 21, 0x100 } };

static uint32_t page_mask(const SpaprPhb *p)
{
    uint32_t mask = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(pages); i++) {
        mask |= p->pgsz >> pages[i].shift & 1 ? pages[i].bit : 0;
    }
    return mask;
}

RTAS(query_pe_dma_window, 0x2026, "ibm,query-pe-dma-window", 3, 5)
{
    SpaprPhb *p = ddw_bridge(c, 1);

    if (!p) {
        rtas_ret(c, 0, RTAS_PARAM_ERROR);
        return;
    }
    rtas_ret(c, 0, RTAS_SUCCESS);
    rtas_ret(c, 1, !p->windows[0]->nb_table + !p->windows[1]->nb_table);    /* windows that may still be made */
    rtas_ret(c, 2, 0x80000000u);                /* entries the largest may have: creation has a limit of its own */
    rtas_ret(c, 3, page_mask(p));
    rtas_ret(c, 4, 0);                          /* no migration of what is mapped */
}

RTAS(create_pe_dma_window, 0x2027, "ibm,create-pe-dma-window", 5, 4)
{
    SpaprPhb *p = ddw_bridge(c, 1);
    uint32_t page = rtas_arg(c, 3), window = rtas_arg(c, 4);
    bool known = false;

    for (unsigned i = 0; i < G_N_ELEMENTS(pages); i++) {
        known |= pages[i].shift == page;
    }
    if (!p || !known || !(p->pgsz >> page & 1) || window < page || window > 61) {
        rtas_ret(c, 0, RTAS_PARAM_ERROR);
        return;
    }
    /* No more than twice what memory could need: the guest must not be able to take the host's. */
    SpaprTceTable *t = p->windows[p->windows[0]->nb_table ? 1 : 0], *other = p->windows[p->windows[0]->nb_table ? 0 : 1];
    uint64_t start = other->nb_table && other->bus_offset == p->dma_win_addr ? p->dma64_win_addr : p->dma_win_addr;
    if (t->nb_table || (window > 34 && (1ull << (window - 1)) >= 2 * MAX(s->ram_size, s->maxram_size))
        || !spapr_tce_open(t, start, page, 1ull << (window - page))) {
        rtas_ret(c, 0, RTAS_HW_ERROR);
        return;
    }
    rtas_ret(c, 0, RTAS_SUCCESS);
    rtas_ret(c, 1, t->liobn);
    rtas_ret(c, 2, t->bus_offset >> 32);
    rtas_ret(c, 3, (uint32_t)t->bus_offset);
}

RTAS(remove_pe_dma_window, 0x2028, "ibm,remove-pe-dma-window", 1, 1)
{
    Bus *b = bus_find(NULL, "System");

    for (guint i = 0; i < b->devices->len; i++) {
        Device *d = g_ptr_array_index(b->devices, i);
        SpaprPhb *p = (SpaprPhb *)d;
        for (unsigned k = 0; k < 2 && object_type_is(d->object.type, "spapr-pci-host-bridge") && spapr_phb_ddw(p); k++) {
            if (p->windows[k]->nb_table && p->windows[k]->liobn == rtas_arg(c, 0)) {
                spapr_tce_close(p->windows[k]);
                if (k && !p->windows[0]->nb_table) {        /* the last but the default one: that comes back */
                    spapr_phb_reset_windows(p);
                }
                rtas_ret(c, 0, RTAS_SUCCESS);
                return;
            }
        }
    }
    rtas_ret(c, 0, RTAS_PARAM_ERROR);
}

RTAS(reset_pe_dma_window, 0x2029, "ibm,reset-pe-dma-window", 3, 1)
{
    SpaprPhb *p = ddw_bridge(c, 1);

    if (!p) {
        rtas_ret(c, 0, RTAS_PARAM_ERROR);
        return;
    }
    spapr_phb_reset_windows(p);
    rtas_ret(c, 0, RTAS_SUCCESS);
}
