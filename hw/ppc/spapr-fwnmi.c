/*
 * Resets and machine checks that go to handlers of the client's own (LoPAPR 7.3.14, "firmware assisted non-maskable interrupts"). For each thread there
 * are 16 bytes behind RTAS and its error log; R3, which points there, is found there.
 *
 * No machine check is made here: the translator has no faulty hardware. A guest may come in the middle of handling one, with the interlock that it has
 * yet to give up.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr.h"
#include "system/memory.h"
#include "system/report.h"

#define SAVE_AREA(cpu) (0x800 + 16 * (uint64_t)(cpu)->index)       /* from RTAS on, which has 2 KiB with its error log */

void spapr_fwnmi_reset(SpaprMachine *s)
{
    s->fwnmi_system_reset = s->fwnmi_machine_check = FWNMI_NONE;
    s->fwnmi_interlock = -1;
}

uint64_t spapr_fwnmi_system_reset(PowerPCCPU *cpu, uint64_t vector)
{
    uint64_t handler = spapr->fwnmi_system_reset, area = spapr->rtas_addr + SAVE_AREA(cpu);

    if (handler == FWNMI_NONE || !memory_stq_be(area, cpu->gpr[3])) {
        return vector;
    }
    cpu->gpr[3] = area;
    return handler;
}

void spapr_inject_nmi(void)
{
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        if (!cpu->powered_off) {
            ppc_set_irq(cpu, CPU_INT_RESET, true);
        }
    }
}

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
    if (s->fwnmi_machine_check == FWNMI_NONE) {
        rtas_ret(c, 0, RTAS_PARAM_ERROR);
        return;
    }
    if (s->fwnmi_interlock == cpu->vcpu_id) {       /* of another thread: nothing changes, and that is no error */
        s->fwnmi_interlock = -1;
    }
    rtas_ret(c, 0, RTAS_SUCCESS);
}

/* ---- saved state ---- */

static bool registered(const void *opaque) { return ((const SpaprMachine *)opaque)->fwnmi_machine_check != FWNMI_NONE; }

static void put_address(const void *element, const void *opaque, unsigned index, uint8_t *wire)
{
    vms_put_be(wire, 8, *(const uint64_t *)element);
}

static bool get_address(void *element, void *opaque, unsigned index, const uint8_t *wire, GError **err)
{
    uint64_t v = vms_get_be(wire, 8);

    if (v > UINT32_MAX && v != FWNMI_NONE) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "0x%" G_GINT64_MODIFIER "x is no 32-bit address: the stream is damaged", v);
        return false;
    }
    *(uint64_t *)element = v;
    return true;
}

static bool pre_save(void *opaque, GError **err)
{
    if (((const SpaprMachine *)opaque)->fwnmi_interlock != -1) {
        report_warning("a machine check is being handled: the guest may log it where it goes, as an error of that host's hardware");
    }
    return true;
}

static const VMStateInfo info_address = { "uint64", 8, put_address, get_address };

VMSTATE_PUBLIC(SpaprMachine, vmstate_fwnmi, "spapr_fwnmi", 1,
    VMS_NEEDED(registered),
    VMS_CUSTOM(SpaprMachine, fwnmi_system_reset, 1, info_address, .name = "fwnmi_system_reset_addr"),
    VMS_CUSTOM(SpaprMachine, fwnmi_machine_check, 1, info_address, .name = "fwnmi_machine_check_addr"),
    VMS(SpaprMachine, fwnmi_interlock, .name = "fwnmi_machine_check_interlock"),
    VMS_PRE_SAVE(pre_save));
