/*
 * ibm,client-architecture-support (LoPAPR appendix B.6.2.3): what client and platform agree upon before the client's
 * tree is final: a compatibility mode of the processor, the MMU, and the bits of option vector 5.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr.h"
#include "system/log.h"
#include "system/memory.h"
#include "system/report.h"
#include "system/runstate.h"
#include "target/ppc/compat.h"
#include "target/ppc/mmu.h"
#include <inttypes.h>
#include <libfdt.h>
#include <string.h>

const char *spapr_cpu_fw_name(const SpaprMachine *s)
{
    /* POWER7+ goes by POWER7; the 970 has no name of its own */
    const PpcFamily *f = s->model->family;

    return f->isa_level == 206 ? "PowerPC,POWER7" : f->isa_level == 201 ? "PowerPC,UNKNOWN" : f->fw_name;
}

/* ---- vector 5: bytes are numbered from 0 (the length), as LoPAPR's table does; bit 0 is the highest ---- */

enum { MMU_RADIX = 0x40, MMU_EITHER = 0x80, RADIX_GTSE = 0x40 };
enum { OV1_VERSIONS3 = 3, OV1_ISA_300 = 0x80 };         /* of vector 1: byte and bit */

#define OV5_BYTES 27        /* vector bytes 0..26 */

static uint8_t byte_of(uint64_t vec, unsigned n, unsigned len)
{
    uint8_t v = 0;

    return n <= len && memory_read(vec + 1 + n, &v, 1) ? v : 0;
}

/*
 * Where option vector `wanted` begins, after the count byte and the vectors before it; its length field is one less
 * than its bytes. 0: the table is cut off by the end of memory.
 */
static uint64_t find_vector(uint64_t at, unsigned wanted, unsigned *len)
{
    uint8_t count, n;

    if (!memory_read(at++, &count, 1) || count + 1u < wanted) {
        return 0;
    }
    for (unsigned i = 1; ; i++) {
        if (!memory_read(at, &n, 1)) {
            return 0;
        }
        if (i == wanted) {
            *len = n;
            return at;
        }
        at += n + 2u;
    }
}

/* What the platform has of vector 5: byte, bit, the property that it depends on (0: always there). */
static const struct { uint8_t byte, bit; size_t offered; } platform[] = {
    { OV5_DRCONF, OV5_DRCONF_MEMORY, offsetof(SpaprConfig, dr_lmb) },
    { OV5_AFFINITY, OV5_FORM1, 0 }, { OV5_AFFINITY, OV5_FORM2, 0 },
    { OV5_HP_EVT, OV5_HOTPLUG_EVENTS, offsetof(SpaprConfig, modern_hotplug_events) },
    { OV5_HP_EVT, OV5_RESIZE_HPT, offsetof(SpaprConfig, hpt_resize) },
    { OV5_DRMEM_V2, OV5_MEMORY_V2, offsetof(SpaprConfig, dr_lmb) },
};

/* The newest mode that the client names, the processor has and the user allows; 0: as the processor is. */
static bool choose_mode(PowerPCCPU *cpu, SpaprMachine *s, uint64_t *at, uint32_t *best)
{
    uint32_t limit = ppc_compat_named(s->cfg->max_cpu_compat);
    unsigned top = limit ? ppc_compat_order(limit) : ppc_compat_order(cpu->model->family->logical_pvr);
    bool raw = false;

    *best = 0;
    for (unsigned i = 0; i < 512; i++) {
        uint32_t mask, pvr;
        if (!memory_ldl_be(*at, &mask) || !memory_ldl_be(*at + 4, &pvr)) {
            return false;
        }
        *at += 8;
        if (!limit && (cpu->spr[SPR_PVR] & mask) == (pvr & mask)) {
            raw = true;
        }
        if ((pvr & 0xff000000) == 0x0f000000 && ppc_compat_order(pvr) > ppc_compat_order(*best) && ppc_compat_order(pvr) <= top) {
            *best = pvr;
        }
        if (~mask & pvr) {      /* the list ends with an entry that matches nothing */
            return *best || raw;
        }
    }
    return false;
}

static void set_mode(PowerPCCPU *boot, uint32_t pvr)
{
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        ppc_compat_set(cpu, pvr);
    }
}

/* Which interrupt controller the client wants: one that the machine has, or the machine ends, as those of the peers do. */
static bool choose_controller(SpaprMachine *s, uint8_t wanted)
{
    const char *complaint = NULL;

    if (wanted & OV5_XIVE_EITHER) {
        complaint = "guest requested an invalid interrupt mode";
    } else if (wanted == OV5_XIVE_EXPLOIT && !s->xive) {
        complaint = "Guest requested unavailable interrupt mode (XIVE), try the ic-mode=xive or ic-mode=dual machine property";
    } else if (!wanted && !s->ics) {
        complaint = "Guest requested unavailable interrupt mode (XICS), either don't set the ic-mode machine property or try ic-mode=xics "
                    "or ic-mode=dual";
    }
    if (complaint) {
        report_error("%s", complaint);
        runstate_quit(SHUTDOWN_HOST_ERROR, 1);
        return false;
    }
    s->ov5_cas[OV5_XIVE - 1] = wanted;
    spapr_irq_select(s, false);
    return true;
}

uint64_t spapr_cas(PowerPCCPU *cpu, SpaprMachine *s, uint64_t vec, uint64_t buf, uint64_t size)
{
    uint64_t at = vec, v1, v5;
    unsigned len = 0;
    uint32_t mode;

    if (!choose_mode(cpu, s, &at, &mode)) {
        log_mask(LOG_GUEST_ERROR, "client-architecture-support at %016" PRIx64 ": no processor mode in common\n", vec);
        return H_HARDWARE;
    }
    set_mode(cpu, mode);
    memset(s->ov5_cas, 0, sizeof(s->ov5_cas));
    v1 = find_vector(at, 1, &len);
    s->before_isa3 = !v1 || !(byte_of(v1, OV1_VERSIONS3 - 1, len) & OV1_ISA_300);
    v5 = find_vector(at, 5, &len);
    bool can_radix = cpu->model->family->mmu == MMU_300 && (!mode || ppc_compat_isa(mode) >= 300);
    if (v5) {
        for (unsigned i = 0; i < G_N_ELEMENTS(platform); i++) {
            if (!platform[i].offered || *(const bool *)((const char *)s->cfg + platform[i].offered)) {
                s->ov5_cas[platform[i].byte - 1] |= byte_of(v5, platform[i].byte - 1, len) & platform[i].bit;
            }
        }
        if (s->cfg->pre_6_2_numa) {
            s->ov5_cas[OV5_AFFINITY - 1] &= ~OV5_FORM2;
        }
        uint8_t mmu = byte_of(v5, OV5_MMU - 1, len) & 0xc0;
        if (can_radix && (mmu == MMU_RADIX || mmu == MMU_EITHER)) {
            s->ov5_cas[OV5_MMU - 1] |= MMU_RADIX;
            s->ov5_cas[OV5_RADIX - 1] |= byte_of(v5, OV5_RADIX - 1, len) & RADIX_GTSE;
        } else if (mmu == MMU_RADIX) {
            log_mask(LOG_GUEST_ERROR, "client-architecture-support: the client insists on radix\n");
            return H_HARDWARE;
        }
    }
    if (!choose_controller(s, v5 ? byte_of(v5, OV5_XIVE - 1, len) & OV5_XIVE_CHOICE : 0)) {
        return H_HARDWARE;
    }
    if (!strcmp(s->cfg->resize_hpt, "required") && !(s->ov5_cas[OV5_HP_EVT - 1] & OV5_RESIZE_HPT)) {
        report_error("h_client_architecture_support: Guest doesn't support HPT resizing, but resize-hpt=required");
        runstate_quit(SHUTDOWN_HOST_ERROR, 1);
        return H_HARDWARE;
    }
    s->radix = s->ov5_cas[OV5_MMU - 1] & MMU_RADIX;
    s->cas_done = true;
    spapr_drc_settle(s);
    const unsigned shift = spapr_hpt_shift_for(spapr_hpt_ram(s));
    if (!s->radix && s->htab_shift < shift && !spapr_hpt_exchange(s, shift)) {
        log_mask(LOG_GUEST_ERROR, "client-architecture-support: no room for a hash table of 2^%u bytes\n", shift);
        return H_HARDWARE;
    }
    if (!buf) {
        return H_SUCCESS;
    }
    /* A firmware in the guest takes the new tree: a header (version 1), then the blob. */
    size_t fdt_size;
    g_autofree void *fdt = spapr_build_fdt(s, &fdt_size);
    static const uint8_t header[4] = { 0, 0, 0, 1 };
    if (fdt_size + 4 > size || !memory_write(buf, header, 4) || !memory_write(buf + 4, fdt, fdt_size)) {
        return H_HARDWARE;
    }
    return H_SUCCESS;
}

void spapr_cas_fdt(SpaprMachine *s, void *fdt, int chosen)
{
    uint8_t v[OV5_BYTES] = { 0 };
    unsigned used = 2;

    for (unsigned i = 0; s->cas_done && i < OV5_BYTES - 1; i++) {
        v[i + 1] = s->ov5_cas[i];
        used = v[i + 1] ? MAX(used, i + 2) : used;
    }
    v[0] = s->cas_done ? used - 2 : 0;
    fdt_setprop(fdt, chosen, "ibm,architecture-vec-5", v, used);
}
