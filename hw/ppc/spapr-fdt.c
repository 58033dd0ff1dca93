/*
 * The device tree of a pseries machine, as its firmware hands it on (LoPAPR appendix B).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr.h"
#include "system/memory.h"
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

/* ---- processors ---- */

static const uint8_t pa_206[] = { 6, 0, 0xf6, 0x1f, 0xc7, 0x00, 0x80, 0xc0 };
static const uint8_t pa_207[] = { 24, 0, 0xf6, 0x3f, 0xc7, 0xc0, 0x80, 0xf0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0,
                                  0x80, 0, 0x80, 0, 0, 0 };
static const uint8_t pa_300[] = {
    66, 0, 0xf6, 0x3f, 0xc7, 0xc0, 0x80, 0xf0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0, 0, 0x80, 0,
    0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0xc0, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0,
    0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0,
};

static void pa_features(void *fdt, int n, const PowerPCCPU *cpu)
{
    unsigned level = cpu->model->family->isa_level;

    if (level >= 300) {
        FDT(fdt_setprop(fdt, n, "ibm,pa-features", pa_300, sizeof(pa_300)));
    } else if (level == 207) {
        FDT(fdt_setprop(fdt, n, "ibm,pa-features", pa_207, sizeof(pa_207)));
    } else if (level == 206) {
        FDT(fdt_setprop(fdt, n, "ibm,pa-features", pa_206, sizeof(pa_206)));
    }
}

static void page_sizes(void *fdt, int n, const PowerPCCPU *cpu)
{
    uint32_t v[64];
    unsigned at = 0;

    for (const PpcSegSize *s = ppc_segment_sizes(cpu); s->shift; s++) {
        unsigned count = 0, head = at;
        v[at] = s->shift;
        v[at + 1] = s->slb_enc;
        at += 3;
        for (unsigned i = 0; i < G_N_ELEMENTS(s->enc) && s->enc[i].shift; i++, count++) {
            v[at++] = s->enc[i].shift;
            v[at++] = s->enc[i].pte_enc;
        }
        v[head + 2] = count;
    }
    cells(fdt, n, "ibm,segment-page-sizes", v, at);
}

static void cpu_node(SpaprMachine *s, void *fdt, int parent, PowerPCCPU *cpu)
{
    const PpcFamily *f = cpu->model->family;
    g_autofree char *name = g_strdup_printf("%s@%x", f->fw_name, cpu->vcpu_id);
    int n = node(fdt, parent, name);

    cell(fdt, n, "reg", cpu->vcpu_id);
    str(fdt, n, "device_type", "cpu");
    cell(fdt, n, "cpu-version", cpu->spr[SPR_PVR]);
    cell(fdt, n, "d-cache-block-size", f->dcache_line);
    cell(fdt, n, "d-cache-line-size", f->dcache_line);
    cell(fdt, n, "i-cache-block-size", f->dcache_line);
    cell(fdt, n, "i-cache-line-size", f->dcache_line);
    cell(fdt, n, "d-cache-size", f->dcache_size);
    cell(fdt, n, "i-cache-size", f->icache_size);
    cell(fdt, n, "timebase-frequency", PPC_TB_FREQ);
    cell(fdt, n, "clock-frequency", 1000000000);
    cell(fdt, n, "slb-size", cpu->slb_nr);
    cell(fdt, n, "ibm,slb-size", cpu->slb_nr);
    str(fdt, n, "status", "okay");
    empty(fdt, n, "64-bit");
    if (f->has_purr) {
        cell(fdt, n, "ibm,purr", 1);
        cell(fdt, n, "ibm,spurr", 1);
    }
    if (f->seg_1t) {
        CELLS(fdt, n, "ibm,processor-segment-sizes", 28, 40, UINT32_MAX, UINT32_MAX);
    }
    if (ppc_has(&cpu->features, PPC_F_ALTIVEC)) {
        cell(fdt, n, "ibm,vmx", ppc_has(&cpu->features, PPC_F_VSX) ? 2 : 1);
    }
    if (ppc_has(&cpu->features, PPC_F_DFP)) {
        cell(fdt, n, "ibm,dfp", 1);
    }
    page_sizes(fdt, n, cpu);
    pa_features(fdt, n, cpu);
    cell(fdt, n, "ibm,chip-id", 0);
    CELLS(fdt, n, "ibm,pft-size", 0, spapr_hpt_shift_for(s->ram_size));
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
    if (f->large_decr) {
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
    if (s->version->hpt_resize) {
        g_string_append_len(t, resize, sizeof(resize) - 1);
    }
    if (s->version->watchdog) {
        g_string_append_len(t, wd, sizeof(wd) - 1);
    }
    FDT(fdt_setprop(fdt, n, "ibm,hypertas-functions", t->str, t->len + 1));
    g_string_free(t, TRUE);
    str(fdt, n, "qemu,hypertas-functions", "hcall-memop1");
    CELLS(fdt, n, "ibm,associativity-reference-points", 4, 4, 2);
    CELLS(fdt, n, "ibm,max-associativity-domains", 4, 0, 0, 0, 1);
    cell(fdt, n, "rtas-size", RTAS_SIZE);
    cell(fdt, n, "rtas-error-log-max", 2048);
    cell(fdt, n, "rtas-event-scan-rate", 1);
    empty(fdt, n, "ibm,change-msix-capable");
    empty(fdt, n, "ibm,extended-os-term");
    CELLS(fdt, n, "ibm,lrdr-capacity", s->ram_size >> 32, (uint32_t)s->ram_size, 0, 0x10000000, s->max_cpus);
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

    str(fdt, n, "linux,stdout-path", "/vdevice/vty@71000000");
    str(fdt, n, "stdout-path", "/vdevice/vty@71000000");
    cell(fdt, n, "linux,pci-probe-only", 0);
    for (unsigned i = 0; i < sizeof(seed); i++) {
        seed[i] = g_random_int();
    }
    FDT(fdt_setprop(fdt, n, "rng-seed", seed, sizeof(seed)));
    if (s->append || s->kernel) {
        str(fdt, n, "bootargs", s->append ? s->append : "");
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
    if (s->model->family->mmu == MMU_300) {
        static const uint8_t platform[] = { 23, 0x00, 24, 0xc0, 25, 0x00, 26, 0x40 };
        FDT(fdt_setprop(fdt, n, "ibm,arch-vec-5-platform-support", platform, sizeof(platform)));
    }
    uint8_t ov5[27] = { 0 };
    if (for_kernel && s->model->family->mmu == MMU_300) {   /* what the negotiation would give: radix, GTSE */
        ov5[24] = 0x40;
        ov5[26] = 0x40;
        FDT(fdt_setprop(fdt, n, "ibm,architecture-vec-5", ov5, sizeof(ov5)));
    } else {
        FDT(fdt_setprop(fdt, n, "ibm,architecture-vec-5", ov5, 2));
    }
}

static void memory(SpaprMachine *s, void *fdt)
{
    /* The first node is the real-mode area; the rest follow in powers of two, as nodes of a sane size. */
    int n = node(fdt, 0, "memory@0");

    str(fdt, n, "device_type", "memory");
    CELLS(fdt, n, "reg", 0, 0, s->ram_size >> 32, (uint32_t)s->ram_size);
    CELLS(fdt, n, "ibm,associativity", 4, 0, 0, 0, 0);
}

static void vdevice(SpaprMachine *s, void *fdt)
{
    int v = node(fdt, 0, "vdevice"), n;
    unsigned irq = s->version->legacy_irqs ? 0x1000 : 0x1100;

    str(fdt, v, "device_type", "vdevice");
    str(fdt, v, "compatible", "IBM,vdevice");
    cell(fdt, v, "#address-cells", 1);
    cell(fdt, v, "#size-cells", 0);
    cell(fdt, v, "#interrupt-cells", 2);
    empty(fdt, v, "interrupt-controller");
    n = node(fdt, v, "nvram@71000001");
    cell(fdt, n, "reg", 0x71000001);
    str(fdt, n, "device_type", "nvram");
    str(fdt, n, "compatible", "qemu,spapr-nvram");
    CELLS(fdt, n, "interrupts", irq + 1, 0);
    cell(fdt, n, "#bytes", s->nvram_size);
    if (s->vty) {
        n = node(fdt, v, "vty@71000000");
        cell(fdt, n, "reg", 0x71000000);
        str(fdt, n, "device_type", "serial");
        str(fdt, n, "compatible", "hvterm1");
        CELLS(fdt, n, "interrupts", irq, 0);
    }
}

static void interrupts(SpaprMachine *s, void *fdt)
{
    int n = node(fdt, 0, "interrupt-controller");

    str(fdt, n, "device_type", "PowerPC-External-Interrupt-Presentation");
    str(fdt, n, "compatible", "IBM,ppc-xicp");
    empty(fdt, n, "interrupt-controller");
    CELLS(fdt, n, "ibm,interrupt-server-ranges", 0, s->max_cpus);
    cell(fdt, n, "#interrupt-cells", 2);
    cell(fdt, n, "linux,phandle", XICS_PHANDLE);
    cell(fdt, n, "phandle", XICS_PHANDLE);
    if (!s->version->legacy_irqs) {
        int e = node(fdt, 0, "event-sources"), ev;
        empty(fdt, e, "interrupt-controller");
        cell(fdt, e, "#interrupt-cells", 2);
        CELLS(fdt, e, "interrupt-ranges", 0x1000, 1, 0x1001, 1);
        ev = node(fdt, e, "epow-events");
        CELLS(fdt, ev, "interrupts", 0x1000, 0);
    }
}

static void pci(SpaprMachine *s, void *fdt)
{
    int n = node(fdt, 0, "pci@800000020000000");
    uint32_t map[16 * 7];
    unsigned at = 0, lsi = s->version->legacy_irqs ? 0x1002 : 0x1200;

    str(fdt, n, "device_type", "pci");
    str(fdt, n, "compatible", "IBM,Logical_PHB");
    cell(fdt, n, "#interrupt-cells", 1);
    empty(fdt, n, "used-by-rtas");
    CELLS(fdt, n, "bus-range", 0, 0xff);
    CELLS(fdt, n, "ranges", 0x1000000, 0, 0, 0x2000, 0, 0, 0x10000, 0x2000000, 0, 0x80000000, 0x2000, 0x80000000, 0,
          0x80000000, 0x3000000, 0x2100, 0, 0x2100, 0, 0x100, 0);
    CELLS(fdt, n, "reg", 0x8000000, 0x20000000, 0, 0);
    cell(fdt, n, "ibm,pci-config-space-type", 1);
    cell(fdt, n, "ibm,pe-total-#msi", s->version->legacy_irqs ? s->version->nr_irqs : 0xd00);
    for (unsigned dev = 0; dev < 4; dev++) {
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
    FDT(fdt_pack(fdt));
    *size = fdt_totalsize(fdt);
    return fdt;
}
