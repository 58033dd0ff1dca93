/*
 * The device tree of a pseries machine, as its firmware hands it on (LoPAPR appendix B).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/intc/xive.h"
#include "hw/ppc/fdt-build.h"
#include "hw/ppc/spapr-dimm.h"
#include "hw/ppc/spapr-vio.h"
#include "system/memory.h"
#include "target/ppc/compat.h"
#include <gio/gio.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FDT_MAX (16 << 20)      /* to build in: 4096 processors and 65536 memory blocks fit */

/* ---- connectors of what can be plugged (LoPAPR 13.5) ---- */

void spapr_fdt_connectors(void *fdt, int n, const uint32_t *index, unsigned count)
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
    fdt_cells(fdt, n, "ibm,drc-indexes", list, count + 1);
    memset(list + 1, 0xff, count * 4);
    fdt_cells(fdt, n, "ibm,drc-power-domains", list, count + 1);
    FDT(fdt_setprop(fdt, n, "ibm,drc-names", names->data, names->len));
    FDT(fdt_setprop(fdt, n, "ibm,drc-types", types->data, types->len));
}

/* The root's: further host bridges, memory blocks above what is there from the start, persistent memory. */
static void root_connectors(SpaprMachine *s, void *fdt)
{
    g_autoptr(GArray) index = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    uint32_t v;

    for (unsigned i = 0; s->cfg->dr_phb && i < 31; i++) {
        v = DRC_PHB | i;
        g_array_append_val(index, v);
    }
    for (unsigned i = 0; i < spapr_blocks(s); i++) {
        v = DRC_LMB | (uint32_t)(spapr_blocks_base(s) / SPAPR_BLOCK + i);
        g_array_append_val(index, v);
    }
    for (unsigned i = 0; s->cfg->nvdimm && i < s->ram_slots; i++) {
        v = DRC_PMEM | i;
        g_array_append_val(index, v);
    }
    if (s->cfg->dr_lmb || s->cfg->dr_phb) {
        spapr_fdt_connectors(fdt, 0, (uint32_t *)index->data, index->len);
    }
}

/* ---- processors ---- */

/*
 * Attributes by ISA level. QEMU 8.0 took back cache-inhibited large pages and what only transactional memory would need
 * (byte 22), and gave POWER10 a row of its own.
 */
static const uint8_t pa_206[] = { 6, 0, 0xf6, 0x3f, 0xc7, 0x00, 0x80, 0xc0 };
static const uint8_t pa_207[] = { 24, 0, 0xf6, 0x3f, 0xc7, 0xc0, 0x80, 0xf0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0,
                                  0x80, 0, 0x80, 0, 0, 0 };
static const uint8_t pa_300[] = {
    66, 0, 0xf6, 0x3f, 0xc7, 0xc0, 0x80, 0xf0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0, 0, 0x80, 0,
    0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0xc0, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0,
    0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0, 0,
};
static const uint8_t pa_310[] = {
    74, 0, 0xf6, 0x3f, 0xc7, 0xc0, 0, 0xf0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0, 0, 0x80, 0,
    0x80, 0, 0x80, 0, 0, 0, 0x80, 0, 0xc0, 0, 0, 0, 0, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0,
    0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0, 0, 0xce, 0, 0, 0, 0x80, 0,
};

/* The level that the partition sees: the processor's own, or that of the compatibility mode in force or allowed. */
static unsigned compat_level(const SpaprMachine *s, const PowerPCCPU *cpu)
{
    unsigned own = cpu->model->family->isa_level;
    unsigned level = ppc_compat_isa(cpu->compat_pvr);

    return level && level < own ? level : own;
}

static void pa_features(SpaprMachine *s, void *fdt, int n, const PowerPCCPU *cpu)
{
    unsigned level = compat_level(s, cpu);
    bool old = !s->cfg->pi_features;        /* which came with them */
    const uint8_t *from = level >= 300 ? (old ? pa_300 : pa_310) : level == 207 ? pa_207 : pa_206;
    unsigned size = level >= 310 && !old ? sizeof(pa_310) : level >= 300 ? sizeof(pa_300) : level == 207 ? sizeof(pa_207) : sizeof(pa_206);
    uint8_t pa[sizeof(pa_310)];
    static const uint8_t pi[] = { 1, 0, 0 };

    if (!old) {
        FDT(fdt_setprop(fdt, n, "ibm,pi-features", pi, sizeof(pi)));
    }
    if (level < 206) {
        return;
    }
    memcpy(pa, from, size);
    pa[0] = size - 2;
    if (!old) {
        pa[6] = 0;
    }
    if (s->cfg->cap_htm && size > 24) {
        pa[24] |= 0x80;         /* byte 22 of the attributes: transactional memory */
    }
    if (s->before_isa3 && size > 42) {
        pa[42] &= ~0x80;        /* byte 40: radix, which such a client could not use and might stumble over */
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
    fdt_cells(fdt, n, "ibm,segment-page-sizes", v, at);
}

void spapr_fdt_associativity(void *fdt, int n, const uint32_t *numbers, unsigned count)
{
    uint32_t list[16] = { count };

    memcpy(list + 1, numbers, count * 4);
    fdt_cells(fdt, n, "ibm,associativity", list, count + 1);
}

static void cpu_node(SpaprMachine *s, void *fdt, int parent, PowerPCCPU *cpu)
{
    const PpcFamily *f = cpu->model->family;
    g_autofree char *name = g_strdup_printf("%s@%x", spapr_cpu_fw_name(s), cpu->vcpu_id);
    int n = fdt_node(fdt, parent, name);

    fdt_cell(fdt, n, "reg", cpu->vcpu_id);
    fdt_str(fdt, n, "device_type", "cpu");
    if (s->cfg->hotpluggable_cpus) {
        fdt_cell(fdt, n, "ibm,my-drc-index", DRC_CPU | cpu->vcpu_id);
    }
    fdt_cell(fdt, n, "cpu-version", cpu->compat_pvr ? cpu->compat_pvr : cpu->spr[SPR_PVR]);
    fdt_cell(fdt, n, "d-cache-block-size", f->dcache_line);
    fdt_cell(fdt, n, "d-cache-line-size", f->dcache_line);
    fdt_cell(fdt, n, "i-cache-block-size", f->dcache_line);
    fdt_cell(fdt, n, "i-cache-line-size", f->dcache_line);
    fdt_cell(fdt, n, "d-cache-size", 0x8000);
    fdt_cell(fdt, n, "i-cache-size", f->icache_size);
    fdt_cell(fdt, n, "timebase-frequency", PPC_TB_FREQ);
    fdt_cell(fdt, n, "clock-frequency", 1000000000);
    fdt_cell(fdt, n, "slb-size", f->slb_nr);
    fdt_cell(fdt, n, "ibm,slb-size", f->slb_nr);
    fdt_str(fdt, n, "status", "okay");
    fdt_empty(fdt, n, "64-bit");
    if (f->isa_level >= 206) {
        fdt_cell(fdt, n, "ibm,purr", 1);
        fdt_cell(fdt, n, "ibm,spurr", 1);
    }
    if (f->seg_1t) {
        FDT_CELLS(fdt, n, "ibm,processor-segment-sizes", 28, 40, UINT32_MAX, UINT32_MAX);
    }
    if (f->msr_mask & MSR_VEC) {
        fdt_cell(fdt, n, "ibm,vmx", ppc_has(&cpu->features, PPC_F_VSX) && s->cfg->cap_vsx ? 2 : 1);
    }
    if (ppc_has(&cpu->features, PPC_F_DFP) && s->cfg->cap_dfp) {
        fdt_cell(fdt, n, "ibm,dfp", 1);
    }
    page_sizes(s, fdt, n, cpu);
    pa_features(s, fdt, n, cpu);
    fdt_cell(fdt, n, "ibm,chip-id", cpu->index / s->threads / s->cores);
    if (s->numa.nodes > 1) {
        uint32_t list[12];
        spapr_fdt_associativity(fdt, n, list, spapr_numa_cpu(s, cpu, list));
    }
    FDT_CELLS(fdt, n, "ibm,pft-size", 0, spapr_hpt_shift_for(spapr_hpt_ram(s)));
    uint32_t servers[8], gservers[16];
    unsigned threads = cpu->threads_per_core;
    for (unsigned i = 0; i < threads; i++) {
        servers[i] = cpu->vcpu_id + i;
        gservers[2 * i] = cpu->vcpu_id + i;
        gservers[2 * i + 1] = 0;
    }
    fdt_cells(fdt, n, "ibm,ppc-interrupt-server#s", servers, threads);
    fdt_cells(fdt, n, "ibm,ppc-interrupt-gserver#s", gservers, threads * 2);
    if (f->mmu == MMU_300) {
        FDT_CELLS(fdt, n, "ibm,processor-radix-AP-encodings", 0x0000000c, 0xa0000010, 0x20000015, 0x4000001e);
    }
    if (f->large_decr && s->cfg->cap_large_decr && compat_level(s, cpu) >= 300) {
        fdt_cell(fdt, n, "ibm,dec-bits", 56);
    }
}

static void cpus(SpaprMachine *s, void *fdt)
{
    int n = fdt_node(fdt, 0, "cpus");
    PowerPCCPU *cpu;

    fdt_cell(fdt, n, "#address-cells", 1);
    fdt_cell(fdt, n, "#size-cells", 0);
    for (int i = ppc_cpus->len - 1; i >= 0; i--) {      /* libfdt puts the newest first */
        cpu = g_ptr_array_index(ppc_cpus, i);
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
        spapr_fdt_connectors(fdt, n, index, cores);
    }
}

/* ---- the rest ---- */

static void add_run(GArray *runs, uint64_t at, uint64_t end, uint32_t connector, uint32_t node, uint32_t flags)
{
    const uint32_t row[6] = { (end - at) / SPAPR_BLOCK, at >> 32, (uint32_t)at, connector, node, flags };

    if (end > at) {
        g_array_append_vals(runs, row, 1);
    }
}

/* In runs that are alike: what is there from the start is one that is not the guest's to move; each device of memory is one. */
static void dynamic_memory(SpaprMachine *s, void *fdt, int n)
{
    enum { ASSIGNED = 8, NO_CONNECTOR = 0x20, RESERVED = 0x80, REMOVABLE = 0x100 };
    const uint64_t base = spapr_blocks_base(s), end = base + spapr_blocks(s) * SPAPR_BLOCK;
    const bool v2 = s->ov5_cas[OV5_DRMEM_V2 - 1] & OV5_MEMORY_V2;
    g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, 6 * sizeof(uint32_t)), list = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    uint64_t at = base;
    add_run(runs, 0, base, 0, UINT32_MAX, RESERVED | NO_CONNECTOR);
    for (guint i = 0; i < spapr_dimms()->len; i++) {
        const PcDimm *d = g_ptr_array_index(spapr_dimms(), i);
        add_run(runs, at, d->addr, spapr_block_connector(at), UINT32_MAX, 0);
        at = d->addr + d->memory.size;
        add_run(runs, d->addr, at, spapr_block_connector(d->addr), d->node, v2 ? ASSIGNED | REMOVABLE : ASSIGNED);
    }
    add_run(runs, at, end, spapr_block_connector(at), UINT32_MAX, 0);
    uint32_t count = v2 ? runs->len : end / SPAPR_BLOCK;
    g_array_append_val(list, count);
    for (guint i = 0; i < runs->len; i++) {
        const uint32_t *r = (const uint32_t *)runs->data + 6 * i;
        uint64_t where = (uint64_t)r[1] << 32 | r[2];
        if (v2) {
            g_array_append_vals(list, r, 6);
        }
        for (uint32_t k = 0; !v2 && k < r[0]; k++, where += SPAPR_BLOCK) {
            const uint32_t row[6] = { where >> 32, (uint32_t)where, r[3] ? r[3] + k : 0, 0, r[4], r[5] };
            g_array_append_vals(list, row, 6);
        }
    }
    fdt_cells(fdt, n, v2 ? "ibm,dynamic-memory-v2" : "ibm,dynamic-memory", (uint32_t *)list->data, list->len);
}

/* Memory that can come, in blocks of 256 MiB, once the client has said that it understands (LoPAPR B.6.6.2). */
static void reconfigurable_memory(SpaprMachine *s, void *fdt)
{
    const uint32_t nodes = MAX(s->numa.nodes, 1);

    if (!s->cas_done || !(s->ov5_cas[OV5_DRCONF - 1] & OV5_DRCONF_MEMORY) || !spapr_blocks(s)) {
        return;
    }
    int n = fdt_node(fdt, 0, "ibm,dynamic-reconfiguration-memory");
    FDT_CELLS(fdt, n, "ibm,lmb-size", 0, SPAPR_BLOCK);
    fdt_cell(fdt, n, "ibm,memory-flags-mask", 0xff);
    fdt_cell(fdt, n, "ibm,memory-preservation-time", 0);
    dynamic_memory(s, fdt, n);
    g_autoptr(GArray) lookup = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    uint32_t list[16], length = 0;
    g_array_append_val(lookup, nodes);
    for (uint32_t i = 0; i < nodes; i++) {
        length = spapr_numa_list(s, i, list);
        if (!i) {
            g_array_append_val(lookup, length);
        }
        g_array_append_vals(lookup, list, length);
    }
    fdt_cells(fdt, n, "ibm,associativity-lookup-arrays", (uint32_t *)lookup->data, lookup->len);
}

/* What the lists of ibm,associativity mean: which of their numbers matter, and how many values each takes. */
static void numa_domains(SpaprMachine *s, void *fdt, int n)
{
    unsigned nodes = s->numa.nodes, most = MAX(nodes, 1) ;

    if (spapr_numa_form2(s)) {
        uint32_t index[1 + SPAPR_NUMA_MAX] = { most };
        g_autoptr(GByteArray) table = g_byte_array_new();
        uint32_t entries = GUINT32_TO_BE(most * most);
        g_byte_array_append(table, (const uint8_t *)&entries, 4);
        for (unsigned a = 0; a < most; a++) {
            index[a + 1] = a;
            for (unsigned b = 0; b < most; b++) {
                uint8_t d = a == b ? 10 : s->numa.distance[a][b];
                g_byte_array_append(table, &d, 1);
            }
        }
        FDT_CELLS(fdt, n, "ibm,associativity-reference-points", 1);
        FDT_CELLS(fdt, n, "ibm,max-associativity-domains", 1, most);
        fdt_cells(fdt, n, "ibm,numa-lookup-index-table", index, most + 1);
        FDT(fdt_setprop(fdt, n, "ibm,numa-distance-table", table->data, table->len));
        return;
    }
    if (s->cfg->pre_5_1_refpoints) {
        FDT_CELLS(fdt, n, "ibm,associativity-reference-points", 4, 4);
    } else if (s->cfg->pre_5_2_numa || nodes <= 1) {
        FDT_CELLS(fdt, n, "ibm,associativity-reference-points", 4, 4, 2);
    } else {
        FDT_CELLS(fdt, n, "ibm,associativity-reference-points", 4, 3, 2, 1);
    }
    uint32_t more = nodes > 1 ? s->cfg->pre_5_2_numa ? 1 : nodes : 0;
    FDT_CELLS(fdt, n, "ibm,max-associativity-domains", 4, more, more, more, most);
}

static void rtas(SpaprMachine *s, void *fdt)
{
    static const char hypertas[] = "hcall-pft\0hcall-term\0hcall-dabr\0hcall-interrupt\0hcall-tce\0hcall-vio\0"
        "hcall-splpar\0hcall-join\0hcall-bulk\0hcall-set-mode\0hcall-sprg0\0hcall-copy\0hcall-debug\0hcall-vphn";
    static const char multi[] = "\0hcall-multi-tce", resize[] = "\0hcall-hpt-resize", wd[] = "\0hcall-watchdog";
    int n = fdt_node(fdt, 0, "rtas");
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
    fdt_str(fdt, n, "qemu,hypertas-functions", "hcall-memop1");
    numa_domains(s, fdt, n);
    fdt_cell(fdt, n, "rtas-size", RTAS_SIZE(s->max_cpus));
    fdt_cell(fdt, n, "rtas-error-log-max", 2048);
    fdt_cell(fdt, n, "rtas-event-scan-rate", 1);
    fdt_empty(fdt, n, "ibm,change-msix-capable");
    fdt_empty(fdt, n, "ibm,extended-os-term");
    /* from QEMU 8.0 on said without memory to plug too */
    uint64_t room = s->maxram_size - s->ram_size, top = room && s->cfg->dr_lmb ? spapr_blocks_base(s) + room : s->cfg->pi_features ? s->maxram_size : 0;
    FDT_CELLS(fdt, n, "ibm,lrdr-capacity", top >> 32, (uint32_t)top, 0, 0x10000000, s->max_cpus / s->threads);
    for (size_t i = 0; i < count; i++) {
        if (rtas_exists(s, &rows[i])) {
            fdt_cell(fdt, n, rows[i].name, rows[i].token);
        }
    }
}

static void chosen(SpaprMachine *s, void *fdt)
{
    int n = fdt_node(fdt, 0, "chosen");
    uint8_t seed[32];

    if (spapr_vty_default(s)) {
        g_autofree char *path = g_strdup_printf("/vdevice/vty@%x", spapr_vty_reg(spapr_vty_default(s)));
        fdt_str(fdt, n, "linux,stdout-path", path);
        fdt_str(fdt, n, "stdout-path", path);
    }
    fdt_cell(fdt, n, "qemu,graphic-width", 800);
    fdt_cell(fdt, n, "qemu,graphic-height", 600);
    fdt_cell(fdt, n, "qemu,graphic-depth", 32);
    if (s->cfg->linux_pci_probe) {
        fdt_cell(fdt, n, "linux,pci-probe-only", 0);
    }
    if (s->boot_menu) {
        fdt_cell(fdt, n, "qemu,boot-menu", 1);
    }
    if (s->boot_device) {
        fdt_str(fdt, n, "qemu,boot-device", s->boot_device);
    }
    for (unsigned i = 0; i < sizeof(seed); i++) {
        seed[i] = g_random_int();
    }
    FDT(fdt_setprop(fdt, n, "rng-seed", seed, sizeof(seed)));
    if (s->append && *s->append) {
        fdt_str(fdt, n, "bootargs", s->append);
    }
    if (s->initrd_size) {
        fdt_cell(fdt, n, "linux,initrd-start", s->initrd_base);
        fdt_cell(fdt, n, "linux,initrd-end", s->initrd_base + s->initrd_size);
    }
    if (s->kernel_size) {
        FDT_CELLS(fdt, n, "qemu,boot-kernel", s->kernel_addr >> 32, s->kernel_addr, s->kernel_size >> 32, s->kernel_size);
        if (s->kernel_le) {
            fdt_empty(fdt, n, "qemu,boot-kernel-le");
        }
    }
    /* A client of an older mode must not ask for radix: it would be refused (unlike the peer, which still offers it). */
    bool radix = s->model->family->mmu == MMU_300 && compat_level(s, ppc_cpu_get(0)) >= 300;
    /* pairs of vector byte and value: interrupt controllers, MMU, hash features, radix features (GTSE) */
    const uint8_t controllers = !s->xive ? 0 : s->ics ? OV5_XIVE_EITHER : OV5_XIVE_EXPLOIT;
    const uint8_t platform[] = { OV5_XIVE, controllers, 24, radix ? 0xc0 : 0x00, 25, 0x00, 26, 0x40 };
    FDT(fdt_setprop(fdt, n, "ibm,arch-vec-5-platform-support", platform, sizeof(platform)));
    spapr_cas_fdt(s, fdt, n);
}

static void memory(SpaprMachine *s, void *fdt)
{
    /* Nodes are naturally aligned powers of two; the first is the real-mode area. libfdt puts the newest first. */
    uint64_t at = 0, size;

    for (unsigned node_id = 0; node_id < MAX(s->numa.nodes, 1); node_id++) {
        for (uint64_t end = at + s->numa.size[node_id]; at < end; at += size) {
            size = at ? MIN(1ull << (63 - __builtin_clzll(end - at)), at & -at) : spapr_rma_size(s);
            g_autofree char *name = g_strdup_printf("memory@%" PRIx64, at);
            int n = fdt_node(fdt, 0, name);
            uint32_t list[12];
            fdt_str(fdt, n, "device_type", "memory");
            FDT_CELLS(fdt, n, "reg", at >> 32, (uint32_t)at, size >> 32, (uint32_t)size);
            spapr_fdt_associativity(fdt, n, list, spapr_numa_list(s, node_id, list));
        }
    }
}

/* Its address is made from the connector's index as a whole, as others have it: clients look only at where it belongs. */
void *spapr_fdt_block(SpaprMachine *s, uint32_t index, unsigned node)
{
    const uint64_t at = index * SPAPR_BLOCK;
    g_autofree char *name = g_strdup_printf("memory@%" PRIx64, at);
    void *fdt = g_malloc0(4096);
    uint32_t list[12];

    FDT(fdt_create_empty_tree(fdt, 4096));
    int n = fdt_node(fdt, 0, name);
    fdt_str(fdt, n, "device_type", "memory");
    FDT_CELLS(fdt, n, "reg", at >> 32, (uint32_t)at, SPAPR_BLOCK >> 32, (uint32_t)SPAPR_BLOCK);
    spapr_fdt_associativity(fdt, n, list, spapr_numa_list(s, node, list));
    return fdt;
}

static void xics_node(SpaprMachine *s, void *fdt)
{
    int n = fdt_node(fdt, 0, "interrupt-controller");

    fdt_str(fdt, n, "device_type", "PowerPC-External-Interrupt-Presentation");
    fdt_str(fdt, n, "compatible", "IBM,ppc-xicp");
    fdt_empty(fdt, n, "interrupt-controller");
    FDT_CELLS(fdt, n, "ibm,interrupt-server-ranges", 0, spapr_irq_servers(s));
    fdt_cell(fdt, n, "#interrupt-cells", 2);
    fdt_cell(fdt, n, "linux,phandle", XICS_PHANDLE);
    fdt_cell(fdt, n, "phandle", XICS_PHANDLE);
}

/* LoPAPR B.6.9: pages of a thread's context (problem state's, then the system's), sizes of queues, numbers for its own use. */
static void xive_node(SpaprMachine *s, void *fdt)
{
    const uint64_t page = 1ull << XIVE_PAGE_SHIFT, user = XIVE_TIMA_BASE + XIVE_TIMA_USER * page, os = XIVE_TIMA_BASE + XIVE_TIMA_OS * page;
    g_autofree char *name = g_strdup_printf("interrupt-controller@%" PRIx64, user);
    int n = fdt_node(fdt, 0, name);

    fdt_str(fdt, n, "device_type", "power-ivpe");
    FDT_CELLS(fdt, n, "reg", user >> 32, (uint32_t)user, 0, page, os >> 32, (uint32_t)os, 0, page);
    fdt_str(fdt, n, "compatible", "ibm,power-ivpe");
    fdt_cell(fdt, n, "ibm,xive-eq-sizes", XIVE_PAGE_SHIFT);
    FDT_CELLS(fdt, n, "ibm,xive-lisn-ranges", 0, spapr_irq_servers(s));
    fdt_empty(fdt, n, "interrupt-controller");
    fdt_cell(fdt, n, "#interrupt-cells", 2);
    fdt_cell(fdt, n, "linux,phandle", XICS_PHANDLE);
    fdt_cell(fdt, n, "phandle", XICS_PHANDLE);
    FDT_CELLS(fdt, 0, "ibm,plat-res-int-priorities", XIVE_RESERVED_PRIORITY, 0xff - XIVE_RESERVED_PRIORITY);
}

static void interrupts(SpaprMachine *s, void *fdt)
{
    if (spapr_xive_active(s)) {
        xive_node(s, fdt);
    } else {
        xics_node(s, fdt);
    }
    int e = fdt_node(fdt, 0, "event-sources"), ev;
    fdt_empty(fdt, e, "interrupt-controller");
    fdt_cell(fdt, e, "#interrupt-cells", 2);
    ev = fdt_node(fdt, e, "epow-events");
    FDT_CELLS(fdt, ev, "interrupts", s->irqs.epow, 0);
    if (s->irqs.hotplug) {
        ev = fdt_node(fdt, e, "hot-plug-events");
        FDT_CELLS(fdt, ev, "interrupts", s->irqs.hotplug, 0);
        FDT_CELLS(fdt, e, "interrupt-ranges", s->irqs.epow, 1, s->irqs.hotplug, 1);
    } else {
        FDT_CELLS(fdt, e, "interrupt-ranges", s->irqs.epow, 1);
    }
}

/*
 * -dtb: the user's tree in place of the machine's, but for what only this start knows: /chosen is the machine's. It is the
 * user's word on what there is; the calls behind it stay as they are.
 */
static void *users_tree(const SpaprMachine *s, const void *own, size_t *size)
{
    void *fdt = g_malloc0(FDT_MAX);

    FDT(fdt_open_into(s->dtb, fdt, FDT_MAX));
    int to = fdt_path_offset(fdt, "/chosen"), from = fdt_path_offset(own, "/chosen");
    to = to < 0 ? fdt_node(fdt, 0, "chosen") : to;
    for (int p = fdt_first_property_offset(own, from); p >= 0; p = fdt_next_property_offset(own, p)) {
        const char *name;
        int len;
        const void *value = fdt_getprop_by_offset(own, p, &name, &len);
        FDT(fdt_setprop(fdt, to, name, value, len));
    }
    FDT(fdt_pack(fdt));
    *size = fdt_totalsize(fdt);
    return fdt;
}

/* Reads and checks the file, once. */
bool spapr_load_dtb(SpaprMachine *s, const char *path, GError **err)
{
    g_autofree char *data = NULL;
    gsize len;

    if (!g_file_get_contents(path, &data, &len, err)) {
        return false;
    }
    int rc = len < sizeof(struct fdt_header) ? -FDT_ERR_TRUNCATED : len > SPAPR_FDT_SIZE / 2 ? -FDT_ERR_NOSPACE : fdt_check_full(data, len);
    if (rc) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "'%s' (%zu bytes) is not a device tree blob of at most %d bytes: %s", path, len,
                    SPAPR_FDT_SIZE / 2, fdt_strerror(rc));
        return false;
    }
    s->dtb = g_steal_pointer(&data);
    return true;
}

void *spapr_build_fdt(SpaprMachine *s, size_t *size)
{
    void *fdt = g_malloc0(FDT_MAX);

    FDT(fdt_create_empty_tree(fdt, FDT_MAX));
    fdt_str(fdt, 0, "device_type", "chrp");
    fdt_str(fdt, 0, "model", "IBM pSeries (emulated by qemu)");
    fdt_str(fdt, 0, "compatible", "qemu,pseries");
    fdt_str(fdt, 0, "vm,uuid", s->uuid ? s->uuid : "00000000-0000-0000-0000-000000000000");
    if (s->cfg->host_model) {
        fdt_str(fdt, 0, "host-model", s->cfg->host_model);
    }
    if (s->cfg->host_serial) {
        fdt_str(fdt, 0, "host-serial", s->cfg->host_serial);
    }
    if (s->uuid) {
        fdt_str(fdt, 0, "system-id", s->uuid);
    }
    if (s->name) {
        fdt_str(fdt, 0, "ibm,partition-name", s->name);
    }
    fdt_cell(fdt, 0, "#address-cells", 2);
    fdt_cell(fdt, 0, "#size-cells", 2);
    interrupts(s, fdt);
    memory(s, fdt);
    reconfigurable_memory(s, fdt);
    spapr_vio_fdt(s->vio_bus, fdt);
    for (guint i = 0; i < bus_find(NULL, "System")->devices->len; i++) {
        Device *d = g_ptr_array_index(bus_find(NULL, "System")->devices, i);
        if (d->object.type->fdt) {
            d->object.type->fdt(d, fdt, 0);
        }
    }
    cpus(s, fdt);
    rtas(s, fdt);
    chosen(s, fdt);
    root_connectors(s, fdt);
    if (s->cfg->nvdimm) {
        int n = fdt_node(fdt, 0, "ibm,persistent-memory");
        fdt_cell(fdt, n, "#address-cells", 1);
        fdt_cell(fdt, n, "#size-cells", 0);
        fdt_str(fdt, n, "device_type", "ibm,persistent-memory");
    }
    FDT(fdt_pack(fdt));
    *size = fdt_totalsize(fdt);
    if (s->dtb) {
        void *users = users_tree(s, fdt, size);
        g_free(fdt);
        return users;
    }
    return fdt;
}
