/*
 * The device tree of a pseries machine, as its firmware hands it on (LoPAPR appendix B).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr.h"
#include "system/memory.h"
#include <inttypes.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#define FDT_MAX (1 << 20)
#define XICS_PHANDLE 0x1111

#define FDT(call) do { int rc_ = (call); if (rc_ < 0) { \
    g_error("device tree: %s: %s", #call, fdt_strerror(rc_)); } } while (0)

static int node(void *fdt, int parent, const char *name)
{
    int n = fdt_add_subnode(fdt, parent, name);

    if (n < 0) {
        g_error("device tree: node %s: %s", name, fdt_strerror(n));
    }
    return n;
}

static void cells(void *fdt, int n, const char *name, const uint32_t *v, unsigned count)
{
    g_autofree uint32_t *be = g_new(uint32_t, MAX(count, 1));

    for (unsigned i = 0; i < count; i++) {
        be[i] = GUINT32_TO_BE(v[i]);
    }
    FDT(fdt_setprop(fdt, n, name, be, count * 4));
}
#define CELLS(fdt, n, name, ...) do { const uint32_t v_[] = { __VA_ARGS__ }; \
    cells(fdt, n, name, v_, G_N_ELEMENTS(v_)); } while (0)

static void cell(void *fdt, int n, const char *name, uint32_t v)
{
    cells(fdt, n, name, &v, 1);
}

static void str(void *fdt, int n, const char *name, const char *v)
{
    FDT(fdt_setprop_string(fdt, n, name, v));
}

static void empty(void *fdt, int n, const char *name)
{
    FDT(fdt_setprop(fdt, n, name, NULL, 0));
}

/* ---- connectors of what can be plugged (LoPAPR 13.5) ---- */

enum { DRC_CPU = 0x10000000, DRC_PHB = 0x20000000, DRC_PCI = 0x40000000, DRC_LMB = 0x80000000u, DRC_PMEM = 0x90000000u };

static void connectors(void *fdt, int n, const uint32_t *index, unsigned count)
{
    static const struct { uint32_t mask; const char *type, *name; } kinds[] = {
        { DRC_CPU, "CPU", "CPU %u" }, { DRC_PHB, "PHB", "PHB %u" }, { DRC_PCI, "28", "C%u" }, { DRC_LMB, "MEM", "LMB %u" },
        { DRC_PMEM, "PMEM", "PMEM %u" },
    };
    g_autofree uint32_t *list = g_new(uint32_t, count + 1);
    g_autoptr(GByteArray) names = g_byte_array_new(), types = g_byte_array_new();
    uint32_t be = GUINT32_TO_BE(count);

    g_byte_array_append(names, (uint8_t *)&be, 4);
    g_byte_array_append(types, (uint8_t *)&be, 4);
    for (unsigned i = 0; i < count; i++) {
        for (unsigned k = 0; k < G_N_ELEMENTS(kinds); k++) {
            if ((index[i] & 0xf0000000) == kinds[k].mask) {
                char name[32];
                int len = snprintf(name, sizeof(name), kinds[k].name, index[i] & 0x0fffffff);
                g_byte_array_append(names, (uint8_t *)name, len + 1);
                g_byte_array_append(types, (const uint8_t *)kinds[k].type, strlen(kinds[k].type) + 1);
            }
        }
    }
    list[0] = count;
    if (count) {
        memcpy(list + 1, index, count * 4);
    }
    cells(fdt, n, "ibm,drc-indexes", list, count + 1);
    memset(list + 1, 0xff, count * 4);
    cells(fdt, n, "ibm,drc-power-domains", list, count + 1);
    FDT(fdt_setprop(fdt, n, "ibm,drc-names", names->data, names->len));
    FDT(fdt_setprop(fdt, n, "ibm,drc-types", types->data, types->len));
}

/* The root's: further host bridges, memory blocks above what is there from the start, persistent memory. */
static void root_connectors(SpaprMachine *s, void *fdt)
{
    g_autoptr(GArray) index = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    const uint64_t block = 256 << 20, base = (s->ram_size + (1ull << 30) - 1) & ~((1ull << 30) - 1);
    unsigned blocks = s->cfg->dr_lmb ? MIN((s->maxram_size - s->ram_size) / block, 1 << 16) : 0;
    uint32_t v;

    for (unsigned i = 0; s->cfg->dr_phb && i < 31; i++) {
        v = DRC_PHB | i;
        g_array_append_val(index, v);
    }
    for (unsigned i = 0; i < blocks; i++) {
        v = DRC_LMB | (uint32_t)(base / block + i);
        g_array_append_val(index, v);
    }
    for (unsigned i = 0; s->cfg->nvdimm && i < s->ram_slots; i++) {
        v = DRC_PMEM | i;
        g_array_append_val(index, v);
    }
    if (s->cfg->dr_lmb || s->cfg->dr_phb) {
        connectors(fdt, 0, (uint32_t *)index->data, index->len);
    }
}

/* ---- processors ---- */

static const uint8_t pa_206[] = { 6, 0, 0xf6, 0x3f, 0xc7, 0x00, 0x80, 0xc0 };
static const uint8_t pa_207[] = { 24, 0, 0xf6, 0x3f, 0xc7, 0xc0, 0x80, 0xf0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0,
                                  0x80, 0, 0x80, 0, 0, 0 };
static const uint8_t pa_300[] = {
    66, 0, 0xf6, 0x3f, 0xc7, 0xc0, 0x80, 0xf0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0, 0, 0x80, 0,
    0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0xc0, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0,
    0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0, 0,
};

/* The level that the partition sees: the processor's own, or that of the compatibility mode in force or allowed. */
static unsigned compat_level(const SpaprMachine *s, const PowerPCCPU *cpu)
{
    unsigned own = cpu->model->family->isa_level;
    unsigned level = spapr_compat_level(cpu->compat_pvr);

    return level && level < own ? level : own;
}

static void pa_features(SpaprMachine *s, void *fdt, int n, const PowerPCCPU *cpu)
{
    unsigned level = compat_level(s, cpu);
    const uint8_t *from = level >= 300 ? pa_300 : level == 207 ? pa_207 : pa_206;
    unsigned size = level >= 300 ? sizeof(pa_300) : level == 207 ? sizeof(pa_207) : sizeof(pa_206);
    uint8_t pa[sizeof(pa_300)];

    if (level < 206) {
        return;
    }
    memcpy(pa, from, size);
    if (s->cfg->cap_htm && size > 24) {
        pa[24] |= 0x80;         /* byte 22 of the attributes: transactional memory */
    }
    FDT(fdt_setprop(fdt, n, "ibm,pa-features", pa, size));
}

/* Sizes up to cap-hpt-max-page-size; 64K pages in 4K segments are left out, as no host could promise them. */
static void page_sizes(SpaprMachine *s, void *fdt, int n, const PowerPCCPU *cpu)
{
    uint64_t max = s->cfg->cap_hpt_max_page_size;
    uint32_t v[64];
    unsigned at = 0;

    const PpcSegSize *sizes = cpu->model->family->isa_level < 206 ? ppc_segments_970 : ppc_segment_sizes(cpu);
    for (const PpcSegSize *g = sizes; g->shift; g++) {
        unsigned count = 0, head = at;
        if (1ull << g->shift > max) {
            continue;
        }
        v[at] = g->shift;
        v[at + 1] = g->slb_enc;
        at += 3;
        for (unsigned i = 0; i < G_N_ELEMENTS(g->enc) && g->enc[i].shift; i++) {
            if (1ull << g->enc[i].shift > max || (g->shift == 12 && g->enc[i].shift == 16)) {
                continue;
            }
            v[at++] = g->enc[i].shift;
            v[at++] = g->enc[i].pte_enc;
            count++;
        }
        v[head + 2] = count;
    }
    cells(fdt, n, "ibm,segment-page-sizes", v, at);
}

static void cpu_node(SpaprMachine *s, void *fdt, int parent, PowerPCCPU *cpu)
{
    const PpcFamily *f = cpu->model->family;
    g_autofree char *name = g_strdup_printf("%s@%x", spapr_cpu_fw_name(s), cpu->vcpu_id);
    int n = node(fdt, parent, name);

    cell(fdt, n, "reg", cpu->vcpu_id);
    str(fdt, n, "device_type", "cpu");
    if (s->cfg->hotpluggable_cpus) {
        cell(fdt, n, "ibm,my-drc-index", DRC_CPU | cpu->vcpu_id);
    }
    cell(fdt, n, "cpu-version", cpu->compat_pvr ? cpu->compat_pvr : cpu->spr[SPR_PVR]);
    cell(fdt, n, "d-cache-block-size", f->dcache_line);
    cell(fdt, n, "d-cache-line-size", f->dcache_line);
    cell(fdt, n, "i-cache-block-size", f->dcache_line);
    cell(fdt, n, "i-cache-line-size", f->dcache_line);
    cell(fdt, n, "d-cache-size", 0x8000);
    cell(fdt, n, "i-cache-size", f->icache_size);
    cell(fdt, n, "timebase-frequency", PPC_TB_FREQ);
    cell(fdt, n, "clock-frequency", 1000000000);
    cell(fdt, n, "slb-size", f->slb_nr);
    cell(fdt, n, "ibm,slb-size", f->slb_nr);
    str(fdt, n, "status", "okay");
    empty(fdt, n, "64-bit");
    if (f->isa_level >= 206) {
        cell(fdt, n, "ibm,purr", 1);
        cell(fdt, n, "ibm,spurr", 1);
    }
    if (f->seg_1t) {
        CELLS(fdt, n, "ibm,processor-segment-sizes", 28, 40, UINT32_MAX, UINT32_MAX);
    }
    if (f->msr_mask & MSR_VEC) {
        cell(fdt, n, "ibm,vmx", ppc_has(&cpu->features, PPC_F_VSX) && s->cfg->cap_vsx ? 2 : 1);
    }
    if (ppc_has(&cpu->features, PPC_F_DFP) && s->cfg->cap_dfp) {
        cell(fdt, n, "ibm,dfp", 1);
    }
    page_sizes(s, fdt, n, cpu);
    pa_features(s, fdt, n, cpu);
    cell(fdt, n, "ibm,chip-id", cpu->index / s->threads / s->cores);
    CELLS(fdt, n, "ibm,pft-size", 0, spapr_hpt_shift_for(spapr_hpt_ram(s)));
    uint32_t servers[8], gservers[16];
    unsigned threads = cpu->threads_per_core;
    for (unsigned i = 0; i < threads; i++) {
        servers[i] = cpu->vcpu_id + i;
        gservers[2 * i] = cpu->vcpu_id + i;
        gservers[2 * i + 1] = 0;
    }
    cells(fdt, n, "ibm,ppc-interrupt-server#s", servers, threads);
    cells(fdt, n, "ibm,ppc-interrupt-gserver#s", gservers, threads * 2);
    if (f->mmu == MMU_300) {
        CELLS(fdt, n, "ibm,processor-radix-AP-encodings", 0x0000000c, 0xa0000010, 0x20000015, 0x4000001e);
    }
    if (f->large_decr && s->cfg->cap_large_decr) {
        cell(fdt, n, "ibm,dec-bits", 56);
    }
}

static void cpus(SpaprMachine *s, void *fdt)
{
    int n = node(fdt, 0, "cpus");
    PowerPCCPU *cpu;

    cell(fdt, n, "#address-cells", 1);
    cell(fdt, n, "#size-cells", 0);
    for (int i = ppc_cpus->len - 1; i >= 0; i--) {      /* libfdt puts the newest first */
        cpu = ppc_cpu_get(i);
        if (cpu->thread_id == 0) {
            cpu_node(s, fdt, n, cpu);
        }
    }
    if (s->cfg->hotpluggable_cpus) {
        unsigned cores = s->max_cpus / s->threads;
        g_autofree uint32_t *index = g_new(uint32_t, cores);
        for (unsigned i = 0; i < cores; i++) {
            index[i] = DRC_CPU | i * s->vsmt;
        }
        connectors(fdt, n, index, cores);
    }
}

/* ---- the rest ---- */

static void rtas(SpaprMachine *s, void *fdt, bool for_kernel)
{
    static const char hypertas[] = "hcall-pft\0hcall-term\0hcall-dabr\0hcall-interrupt\0hcall-tce\0hcall-vio\0"
        "hcall-splpar\0hcall-join\0hcall-bulk\0hcall-set-mode\0hcall-sprg0\0hcall-copy\0hcall-debug\0hcall-vphn";
    static const char multi[] = "\0hcall-multi-tce", resize[] = "\0hcall-hpt-resize", wd[] = "\0hcall-watchdog";
    int n = node(fdt, 0, "rtas");
    GString *t = g_string_new_len(hypertas, sizeof(hypertas) - 1);
    size_t count;
    const RtasRow *rows = rtas_rows(&count);

    g_string_append_len(t, multi, sizeof(multi) - 1);
    if (s->cfg->hpt_resize) {
        g_string_append_len(t, resize, sizeof(resize) - 1);
    }
    g_string_append_len(t, wd, sizeof(wd) - 1);
    FDT(fdt_setprop(fdt, n, "ibm,hypertas-functions", t->str, t->len + 1));
    g_string_free(t, TRUE);
    str(fdt, n, "qemu,hypertas-functions", "hcall-memop1");
    if (s->cfg->pre_5_1_refpoints) {
        CELLS(fdt, n, "ibm,associativity-reference-points", 4, 4);
    } else {
        CELLS(fdt, n, "ibm,associativity-reference-points", 4, 4, 2);
    }
    CELLS(fdt, n, "ibm,max-associativity-domains", 4, 0, 0, 0, 1);
    cell(fdt, n, "rtas-size", RTAS_SIZE(s->max_cpus));
    cell(fdt, n, "rtas-error-log-max", 2048);
    cell(fdt, n, "rtas-event-scan-rate", 1);
    empty(fdt, n, "ibm,change-msix-capable");
    empty(fdt, n, "ibm,extended-os-term");
    uint64_t top = s->maxram_size > s->ram_size && s->cfg->dr_lmb ? s->maxram_size : 0;
    CELLS(fdt, n, "ibm,lrdr-capacity", top >> 32, (uint32_t)top, 0, 0x10000000, s->max_cpus / s->threads);
    for (size_t i = 0; i < count; i++) {
        cell(fdt, n, rows[i].name, rows[i].token);
    }
    if (for_kernel) {       /* what instantiate-rtas would leave */
        cell(fdt, n, "linux,rtas-base", s->rtas_addr);
        cell(fdt, n, "linux,rtas-entry", s->rtas_addr);
    }
}

static void chosen(SpaprMachine *s, void *fdt, bool for_kernel)
{
    int n = node(fdt, 0, "chosen");
    uint8_t seed[32];

    if (s->vty) {
        str(fdt, n, "linux,stdout-path", "/vdevice/vty@71000000");
        str(fdt, n, "stdout-path", "/vdevice/vty@71000000");
    }
    cell(fdt, n, "qemu,graphic-width", 800);
    cell(fdt, n, "qemu,graphic-height", 600);
    cell(fdt, n, "qemu,graphic-depth", 32);
    if (s->cfg->linux_pci_probe) {
        cell(fdt, n, "linux,pci-probe-only", 0);
    }
    if (s->boot_order) {
        str(fdt, n, "qemu,boot-device", s->boot_order);
    }
    for (unsigned i = 0; i < sizeof(seed); i++) {
        seed[i] = g_random_int();
    }
    FDT(fdt_setprop(fdt, n, "rng-seed", seed, sizeof(seed)));
    if (s->append && *s->append) {
        str(fdt, n, "bootargs", s->append);
    }
    if (s->initrd_size) {
        cell(fdt, n, "linux,initrd-start", s->initrd_base);
        cell(fdt, n, "linux,initrd-end", s->initrd_base + s->initrd_size);
    }
    if (s->kernel_size) {
        CELLS(fdt, n, "qemu,boot-kernel", s->kernel_addr >> 32, s->kernel_addr, s->kernel_size >> 32, s->kernel_size);
        if (s->kernel_le) {
            empty(fdt, n, "qemu,boot-kernel-le");
        }
    }
    /* A client of an older mode must not ask for radix: it would be refused (unlike the peer, which still offers it). */
    bool radix = s->model->family->mmu == MMU_300 && compat_level(s, ppc_cpu_get(0)) >= 300;
    /* pairs of vector byte and value: interrupt controller (XICS), MMU, hash features, radix features (GTSE) */
    const uint8_t platform[] = { 23, 0x00, 24, radix ? 0xc0 : 0x00, 25, 0x00, 26, 0x40 };
    FDT(fdt_setprop(fdt, n, "ibm,arch-vec-5-platform-support", platform, sizeof(platform)));
    spapr_cas_fdt(s, fdt, n);
}

static void memory(SpaprMachine *s, void *fdt)
{
    /* Nodes are naturally aligned powers of two; the first is the real-mode area. libfdt puts the newest first. */
    for (uint64_t at = 0, size; at < s->ram_size; at += size) {
        size = at ? MIN(1ull << (63 - __builtin_clzll(s->ram_size - at)), at & -at) : spapr_rma_size(s);
        g_autofree char *name = g_strdup_printf("memory@%" PRIx64, at);
        int n = node(fdt, 0, name);
        str(fdt, n, "device_type", "memory");
        CELLS(fdt, n, "reg", at >> 32, (uint32_t)at, size >> 32, (uint32_t)size);
        CELLS(fdt, n, "ibm,associativity", 4, 0, 0, 0, 0);
    }
}

static void vdevice(SpaprMachine *s, void *fdt)
{
    int v = node(fdt, 0, "vdevice"), n;
    uint32_t nvram = s->vty ? 0x71000001 : 0x71000000;
    g_autofree char *name = g_strdup_printf("nvram@%x", nvram);

    str(fdt, v, "device_type", "vdevice");
    str(fdt, v, "compatible", "IBM,vdevice");
    cell(fdt, v, "#address-cells", 1);
    cell(fdt, v, "#size-cells", 0);
    cell(fdt, v, "#interrupt-cells", 2);
    empty(fdt, v, "interrupt-controller");
    n = node(fdt, v, name);
    cell(fdt, n, "reg", nvram);
    str(fdt, n, "device_type", "nvram");
    str(fdt, n, "compatible", "qemu,spapr-nvram");
    CELLS(fdt, n, "interrupts", s->irqs.nvram, 0);
    cell(fdt, n, "#bytes", s->nvram_size);
    if (s->vty) {
        n = node(fdt, v, "vty@71000000");
        cell(fdt, n, "reg", 0x71000000);
        str(fdt, n, "device_type", "serial");
        str(fdt, n, "compatible", "hvterm1");
        CELLS(fdt, n, "interrupts", s->irqs.vty, 0);
    }
}

static void interrupts(SpaprMachine *s, void *fdt)
{
    int n = node(fdt, 0, "interrupt-controller");

    str(fdt, n, "device_type", "PowerPC-External-Interrupt-Presentation");
    str(fdt, n, "compatible", "IBM,ppc-xicp");
    empty(fdt, n, "interrupt-controller");
    CELLS(fdt, n, "ibm,interrupt-server-ranges", 0,
          (s->max_cpus + s->threads - 1) / s->threads * s->vsmt);
    cell(fdt, n, "#interrupt-cells", 2);
    cell(fdt, n, "linux,phandle", XICS_PHANDLE);
    cell(fdt, n, "phandle", XICS_PHANDLE);
    int e = node(fdt, 0, "event-sources"), ev;
    empty(fdt, e, "interrupt-controller");
    cell(fdt, e, "#interrupt-cells", 2);
    ev = node(fdt, e, "epow-events");
    CELLS(fdt, ev, "interrupts", s->irqs.epow, 0);
    if (s->irqs.hotplug) {
        ev = node(fdt, e, "hot-plug-events");
        CELLS(fdt, ev, "interrupts", s->irqs.hotplug, 0);
        CELLS(fdt, e, "interrupt-ranges", s->irqs.epow, 1, s->irqs.hotplug, 1);
    } else {
        CELLS(fdt, e, "interrupt-ranges", s->irqs.epow, 1);
    }
}

static uint64_t phb_window(SpaprMachine *s, const char *property, uint64_t otherwise)
{
    const char *pin = spapr_version_pin(s->machine_name, "spapr-pci-host-bridge", property);

    return pin ? g_ascii_strtoull(pin, NULL, 0) : otherwise;
}

static bool phb_flag(SpaprMachine *s, const char *property)
{
    const char *pin = spapr_version_pin(s->machine_name, "spapr-pci-host-bridge", property);

    return !pin || strcmp(pin, "off");
}

static void pci(SpaprMachine *s, void *fdt)
{
    int n = node(fdt, 0, "pci@800000020000000");
    uint32_t map[128 * 7];
    unsigned at = 0, lsi = s->irqs.pci;

    str(fdt, n, "device_type", "pci");
    str(fdt, n, "compatible", "IBM,Logical_PHB");
    cell(fdt, n, "#interrupt-cells", 1);
    empty(fdt, n, "used-by-rtas");
    CELLS(fdt, n, "bus-range", 0, 0xff);
    uint64_t win = phb_window(s, "mem_win_size", 0x80000000), win64 = phb_window(s, "mem64_win_size", 1ull << 40);
    if (!s->cfg->legacy_phb_placement) {
        CELLS(fdt, n, "ranges", 0x1000000, 0, 0, 0x2000, 0, 0, 0x10000,
              0x2000000, 0, 0x80000000, 0x2000, 0x80000000, win >> 32, (uint32_t)win,
              0x3000000, 0x2100, 0, 0x2100, 0, win64 >> 32, (uint32_t)win64);
    } else if (win > 0x80000000) {      /* one window, cut where 32-bit addresses end */
        win64 = win - 0x80000000;
        CELLS(fdt, n, "ranges", 0x1000000, 0, 0, 0x100, 0x80000000, 0, 0x10000,
              0x2000000, 0, 0x80000000, 0x100, 0xa0000000, 0, 0x80000000,
              0x3000000, 1, 0, 0x101, 0x20000000, win64 >> 32, (uint32_t)win64);
    } else {
        CELLS(fdt, n, "ranges", 0x1000000, 0, 0, 0x100, 0x80000000, 0, 0x10000,
              0x2000000, 0, 0x80000000, 0x100, 0xa0000000, 0, (uint32_t)win);
    }
    CELLS(fdt, n, "reg", 0x8000000, 0x20000000, 0, 0);
    cell(fdt, n, "ibm,pci-config-space-type", 1);
    cell(fdt, n, "ibm,pe-total-#msi", s->cfg->legacy_irqs ? s->cfg->nr_xirqs : 0xd00);
    if (phb_flag(s, "ddw")) {
        CELLS(fdt, n, "ibm,ddw-applicable", 0x2026, 0x2027, 0x2028);
        CELLS(fdt, n, "ibm,ddw-extensions", 2, 0x2029, 1);
    }
    if (s->cfg->dr_phb) {
        cell(fdt, n, "ibm,my-drc-index", DRC_PHB);
    }
    uint32_t slots[256];
    unsigned nslots = phb_flag(s, "dynamic-reconfiguration") ? 256 : 0;
    for (unsigned i = 0; i < nslots; i++) {
        slots[i] = DRC_PCI | i;
    }
    connectors(fdt, n, slots, nslots);
    for (unsigned dev = 0; dev < 32; dev++) {
        for (unsigned pin = 1; pin <= 4; pin++) {
            const uint32_t row[] = { dev << 11, 0, 0, pin, XICS_PHANDLE, lsi + (dev + pin - 1) % 4, 1 };
            memcpy(&map[at], row, sizeof(row));
            at += 7;
        }
    }
    CELLS(fdt, n, "interrupt-map-mask", 0xf800, 0, 0, UINT32_MAX);
    cells(fdt, n, "interrupt-map", map, at);
    cell(fdt, n, "ibm,#dma-address-cells", 2);
    cell(fdt, n, "ibm,#dma-size-cells", 2);
    CELLS(fdt, n, "ibm,dma-window", 0x80000000, 0, 0, 0, 0x40000000);
    cell(fdt, n, "qemu,phb-enumerated", 1);
    cell(fdt, n, "#address-cells", 3);
    cell(fdt, n, "#size-cells", 2);
}

void *spapr_build_fdt(SpaprMachine *s, bool for_kernel, size_t *size)
{
    void *fdt = g_malloc0(FDT_MAX);

    FDT(fdt_create_empty_tree(fdt, FDT_MAX));
    if (for_kernel) {
        FDT(fdt_add_mem_rsv(fdt, s->rtas_addr, 0x10000));
    }
    str(fdt, 0, "device_type", "chrp");
    str(fdt, 0, "model", "IBM pSeries (emulated by qemu)");
    str(fdt, 0, "compatible", "qemu,pseries");
    str(fdt, 0, "vm,uuid", s->uuid ? s->uuid : "00000000-0000-0000-0000-000000000000");
    if (s->cfg->host_model) {
        str(fdt, 0, "host-model", s->cfg->host_model);
    }
    if (s->cfg->host_serial) {
        str(fdt, 0, "host-serial", s->cfg->host_serial);
    }
    if (s->uuid) {
        str(fdt, 0, "system-id", s->uuid);
    }
    if (s->name) {
        str(fdt, 0, "ibm,partition-name", s->name);
    }
    cell(fdt, 0, "#address-cells", 2);
    cell(fdt, 0, "#size-cells", 2);
    interrupts(s, fdt);
    memory(s, fdt);
    vdevice(s, fdt);
    pci(s, fdt);
    cpus(s, fdt);
    rtas(s, fdt, for_kernel);
    chosen(s, fdt, for_kernel);
    root_connectors(s, fdt);
    if (s->cfg->nvdimm) {
        int n = node(fdt, 0, "ibm,persistent-memory");
        cell(fdt, n, "#address-cells", 1);
        cell(fdt, n, "#size-cells", 0);
        str(fdt, n, "device_type", "ibm,persistent-memory");
    }
    FDT(fdt_pack(fdt));
    *size = fdt_totalsize(fdt);
    return fdt;
}
