/*
 * The pseries machine: putting it together, resetting it, starting what it boots.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr-vio.h"
#include "accel/accel.h"
#include "accel/tcg/tcg.h"
#include "chardev/char.h"
#include "hw/core/loader.h"
#include "hw/core/memory-backend.h"
#include "system/cpus.h"
#include "system/log.h"
#include "system/memory.h"
#include "system/report.h"
#include "system/runstate.h"
#include "target/ppc/compat.h"
#include "target/ppc/mmu.h"
#include <errno.h>
#include <gio/gio.h>
#include <inttypes.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#define RMA_LIMIT        0x40000000ull      /* firmware data stays below 1 GB and inside RAM */

SpaprMachine *spapr;

static bool load_kernel(SpaprMachine *s, GError **err)
{
    ElfImage elf;
    bool is_elf;

    if (!loader_elf(s->kernel, s->cfg->kernel_addr, 0x0fffffff, &elf, &is_elf, err)) {
        g_prefix_error(err, "could not load kernel '%s': ", s->kernel);
        return false;
    }
    if (!is_elf) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                    "could not load kernel '%s': not an ELF image (vmlinux or zImage)", s->kernel);
        return false;
    }
    if (elf.low != s->cfg->kernel_addr) {
        report_warning("spapr: kernel_addr changed from 0x%" PRIx64 " to 0x%" PRIx64, s->cfg->kernel_addr, elf.low);
    }
    s->kernel_addr = elf.low;
    s->kernel_size = elf.high - elf.low;
    s->kernel_entry = elf.entry;
    s->kernel_le = elf.little_endian;
    if (s->initrd) {
        s->initrd_base = (elf.high + 0x1ffff) & ~0xffffull;
        uint64_t room = s->initrd_base < s->ram_size ? s->ram_size - s->initrd_base : 0;
        if (!loader_raw(s->initrd, s->initrd_base, room, &s->initrd_size, err)) {
            g_prefix_error(err, "could not load initial ram disk '%s': ", s->initrd);
            return false;
        }
    }
    return true;
}

/* What a partition's threads have in LPCR when it starts; what ends power saving (PECE) only once they run. */
static uint64_t initial_lpcr(const PowerPCCPU *cpu)
{
    switch (cpu->model->family->isa_level) {
    case 203: return 0xc;
    case 206: return 0x700c;
    case 207: return 0x1f008;
    default: break;
    }
    /* from ISA 3.0 on with the large decrementer, if it was promised */
    return cpu->model->family->isa_level < 300 ? 0 : spapr->cfg->cap_large_decr ? 0x3f008 : 0x1f008;
}

void spapr_start_cpu(PowerPCCPU *cpu, uint64_t pc, uint64_t r3)
{
    uint64_t lpcr = cpu->spr[SPR_LPCR] | (initial_lpcr(cpu) & LPCR_PECE);

    ppc_cpu_reset(cpu);
    cpu->spr[SPR_LPCR] = lpcr;
    ppc_compat_set(cpu, cpu->compat_pvr);
    cpu->nip = pc;
    cpu->gpr[3] = r3;
    ppc_store_msr(cpu, MSR_SF | MSR_ME);
    cpu->powered_off = cpu->halted = false;
}

void spapr_reset_cpu(PowerPCCPU *cpu, void *unused)
{
    SpaprCpu *sc = spapr_cpu(cpu);

    ppc_cpu_reset(cpu);
    cpu->spr[SPR_LPCR] = initial_lpcr(cpu) & ~LPCR_PECE;
    cpu->spr[SPR_PIR] = cpu->vcpu_id;
    ppc_compat_set(cpu, ppc_compat_named(spapr->cfg->max_cpu_compat));
    cpu->halted = cpu->powered_off = true;
    memset(sc, 0, offsetof(SpaprCpu, icp));
    ppc_store_msr(cpu, 0);
}

uint64_t spapr_rma_size(const SpaprMachine *s)
{
    uint64_t first = s->numa.size[0] ? s->numa.size[0] : s->ram_size, size = 1ull << (63 - __builtin_clzll(first));

    return s->cfg->rma_limit ? MIN(size, s->cfg->rma_limit) : size;
}

static void place(SpaprMachine *s)
{
    uint64_t top = MIN(s->ram_size, RMA_LIMIT);

    s->fdt_addr = (top - SPAPR_FDT_SIZE) & ~0xfffull;
    s->rtas_addr = s->fdt_addr - 0x10000;
}

void spapr_reset(void)
{
    SpaprMachine *s = spapr;
    PowerPCCPU *cpu, *boot = ppc_cpu_get(0);
    g_autoptr(GError) err = NULL;
    size_t size;

    spapr_drc_take_out(s, true);
    CPU_FOREACH(cpu) {
        run_on_cpu(cpu, spapr_reset_cpu, NULL);
    }
    s->cas_done = s->radix = s->before_isa3 = false;
    memset(s->ov5_cas, 0, sizeof(s->ov5_cas));
    spapr_irq_select(s, false);
    devices_reset();
    spapr_irq_reset(s);
    s->patb0 = s->patb1 = 0;
    if (!spapr_hpt_alloc(s, spapr_hpt_shift_for(spapr_hpt_ram(s)), &err)) {
        report_error("%s", err->message);
        runstate_quit(SHUTDOWN_HOST_ERROR, 1);
        return;
    }
    memory_fill(0, 0, s->ram_size > 0x4000 && s->kernel ? 0x4000 : 0);
    bool direct = s->kernel && !s->bios;
    if (s->kernel && !load_kernel(s, &err)) {
        report_error("%s", err->message);
        runstate_quit(SHUTDOWN_HOST_ERROR, 1);
        return;
    }
    if (s->bios) {
        uint64_t n;
        if (!loader_raw(s->bios, 0, s->ram_size, &n, &err)) {
            report_error("could not load firmware: %s", err->message);
            runstate_quit(SHUTDOWN_HOST_ERROR, 1);
            return;
        }
    }
    spapr_fwnmi_reset(s);
    s->tb = (SpaprTimebase){ 0 };
    g_clear_pointer(&s->tree.blob, g_free);
    s->tree.initial_size = s->tree.size = 0;
    spapr_drc_reset(s);
    spapr_events_reset(s);
    place(s);
    /* -boot once: the first time from there, then from what -boot order says */
    s->boot_device = !s->boot_once ? NULL : s->booted ? s->boot_order : s->boot_once;
    s->booted = true;
    /* Until the guest has told of a better one (H_UPDATE_DT) it is what a save takes, too: built here, and not while a guest stands still for it. */
    void *fdt = s->tree.blob = spapr_build_fdt(s, &size);
    s->tree.initial_size = s->tree.size = size;
    if (size > SPAPR_FDT_SIZE) {
        report_error("FDT too big ! 0x%zx bytes (max is 0x%x): use fewer processors or a smaller maxmem", size, SPAPR_FDT_SIZE);
        runstate_quit(SHUTDOWN_HOST_ERROR, 1);
        return;
    }
    if (direct) {
        spapr_nvram_prepare(s);
        vof_reset(s);
        vof_start_client(boot, s);
    } else {
        memory_write(s->fdt_addr, fdt, size);
        s->rtas_addr = 0;       /* the firmware's to choose and to tell (H_UPDATE_DT) */
        spapr_start_cpu(boot, 0x100, s->fdt_addr);
        ppc_store_msr(boot, 0);     /* in 32-bit mode, as the peers enter it */
    }
    boot->spr[SPR_LPCR] = initial_lpcr(boot);
    ppc_update_region_flags(boot);
}

/* A device that every machine has: made, given one property, and put in its place. */
static Device *make_device(const char *type, const char *property, const char *value, Bus *bus, GError **err)
{
    Device *d = device_new(type, err);

    if (!d || (property && !device_set(d, property, value, err)) || !device_realize(d, bus, err)) {
        return NULL;
    }
    return d;
}

static bool make_devices(SpaprMachine *s, const GPtrArray *consoles, GError **err)
{
    s->rtc = device_new("spapr-rtc", err);
    if (!s->rtc) {
        return false;
    }
    object_add_child(&s->cfg->machine.object, "rtc", &s->rtc->object);
    if (!device_realize(s->rtc, NULL, err)) {
        return false;
    }
    s->vio_bus = spapr_vio_bus_new(err);
    if (!s->vio_bus) {
        return false;
    }
    for (guint i = 0; consoles && i < consoles->len && g_ptr_array_index(consoles, i); i++) {
        if (!make_device("spapr-vty", "chardev", chardev_id(g_ptr_array_index(consoles, i)), s->vio_bus, err)) {
            return false;
        }
    }
    s->nvram = make_device("spapr-nvram", NULL, NULL, s->vio_bus, err);
    if (!s->nvram) {
        return false;
    }
    spapr_drc_add_rest(s);
    return make_device("spapr-pci-host-bridge", "index", "0", bus_find(NULL, "System"), err) != NULL;
}

static bool make_interrupts(SpaprMachine *s, GError **err)
{
    if (!spapr_irq_make(s, err)) {
        return false;
    }
    s->irqs.epow = spapr_irq_claim_device(s, SPAPR_IRQ_EPOW, false, err);
    if (s->irqs.epow && s->cfg->modern_hotplug_events) {
        s->irqs.hotplug = spapr_irq_claim_device(s, SPAPR_IRQ_HOTPLUG, false, err);
        return s->irqs.hotplug != 0;
    }
    return s->irqs.epow != 0;
}

unsigned spapr_blocks(const SpaprMachine *s)
{
    return s->cfg->dr_lmb ? (s->maxram_size - s->ram_size) / SPAPR_BLOCK : 0;
}

uint64_t spapr_blocks_base(const SpaprMachine *s)
{
    return (s->ram_size + (1ull << 30) - 1) & ~((1ull << 30) - 1);
}

/* How large memory is, and where it comes from, if the machine was told of a backend. */
static bool find_memory(SpaprMachine *s, const MachineOptions *o, MemorySource *memory, GError **err)
{
    const char *id = s->cfg->machine.memory_backend;

    s->ram_size = o->ram_size;
    if (id) {
        if (!memory_backend_source(id, memory, err)) {
            return false;
        }
        if (o->ram_size_given && o->ram_size != memory->size) {
            return report_fail(err, "Machine memory size does not match the size of the memory backend");
        }
        s->ram_size = memory->size;
    }
    return true;
}

/* From the machine's backend, from those that -numa says for each node, or from one that is made. */
static bool make_memory(const SpaprMachine *s, MemorySource *all, GError **err)
{
    MemorySource node[SPAPR_NUMA_MAX];
    unsigned n = 0;

    for (unsigned i = 0; i < s->numa.nodes; i++) {
        if (s->numa.memory[i].name) {
            node[n++] = s->numa.memory[i];
        }
    }
    if (n) {
        return memory_init_ram_from(node, n, err);
    }
    return (s->cfg->machine.memory_backend || memory_backend_default(&s->cfg->machine, MEMORY_RAM_NAME, s->ram_size, all, err))
        && memory_init_ram_from(all, 1, err);
}

bool spapr_init(const MachineOptions *o, GError **err)
{
    SpaprMachine *s = spapr = g_new0(SpaprMachine, 1);

    s->machine_name = o->machine;
    s->cfg = g_new0(SpaprConfig, 1);
    spapr_config_init(s->cfg, o->machine);
    if (!machine_begin(&s->cfg->machine, o, err)) {
        return false;
    }
    s->cpu_name = o->cpu ? o->cpu : s->cfg->default_cpu;
    s->model = spapr_model_find(o->machine, s->cpu_name, err);
    if (!s->model) {
        return false;
    }
    if (!spapr_caps_apply(s->cfg, s->model, o, err)) {
        return false;
    }
    if (!spapr_dialect_init(s, err)) {
        return false;
    }
    MemorySource memory;
    if (!find_memory(s, o, &memory, err)) {
        return false;
    }
    s->maxram_size = MAX(o->maxram_size, s->ram_size);
    s->ram_slots = o->ram_slots;
    s->cfg->hpt_resize = strcmp(s->cfg->resize_hpt, "disabled") != 0;
    if (o->maxram_size && o->maxram_size < o->ram_size) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "invalid value of maxmem: maximum memory size (0x%" PRIx64
                    ") must be at least the initial memory size (0x%" PRIx64 ")", o->maxram_size, o->ram_size);
        return false;
    }
    if (s->ram_size < 128 << 20) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "pSeries SLOF firmware requires >= 128MiB guest RMA "
                    "(Real Mode Area memory): -m says %" PRIu64 " MiB", s->ram_size >> 20);
        return false;
    }
    if (s->cfg->dr_lmb && (s->ram_size % SPAPR_BLOCK || s->maxram_size % SPAPR_BLOCK)) {
        bool max = !(s->ram_size % SPAPR_BLOCK);
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "%s size 0x%" PRIx64 " is not aligned to 256 MiB",
                    max ? "Maximum memory" : "Memory", max ? s->maxram_size : s->ram_size);
        return false;
    }
    if (s->cfg->dr_lmb && s->maxram_size - s->ram_size > SPAPR_MAX_BLOCKS * SPAPR_BLOCK) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "maximum memory size (0x%" PRIx64 ") is too far above the initial memory "
                    "size (0x%" PRIx64 "): at most %" PRIu64 " GiB can be plugged", s->maxram_size, s->ram_size,
                    SPAPR_MAX_BLOCKS * SPAPR_BLOCK >> 30);
        return false;
    }
    if (o->threads > s->model->family->max_threads) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "Invalid number of threads per core: %u (a core of %s has at most %u)",
                    o->threads, s->model->name, s->model->family->max_threads);
        return false;
    }
    s->cpus = o->smp_cpus;
    s->threads = o->threads;
    s->cores = o->cores ? o->cores : s->cfg->smp_prefer_sockets && !o->sockets ? 1
        : MAX(o->maxcpus / (MAX(o->sockets, 1) * o->threads), 1);
    s->sockets = o->sockets;
    s->max_cpus = o->maxcpus;
    s->vsmt = s->cfg->vsmt ? s->cfg->vsmt : s->threads;
    if (s->vsmt < s->threads || s->vsmt > 1024 || s->vsmt & (s->vsmt - 1)) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "vsmt=%u: a power of two from the threads of a core (%u) up "
                    "is needed", s->vsmt, s->threads);
        return false;
    }
    for (guint i = 0; o->numa && i < o->numa->len; i++) {
        const char *arg = g_ptr_array_index(o->numa, i);
        if (s->cfg->machine.memory_backend && strstr(arg, "memdev=")) {
            return report_fail(err, "'-machine memory-backend' and '-numa memdev' properties are mutually exclusive");
        }
        if (!spapr_numa_option(&s->numa, arg, s->cfg->pre_5_1_refpoints, err)) {
            g_prefix_error(err, "-numa %s: ", arg);
            return false;
        }
    }
    if (!spapr_numa_complete(&s->numa, s->ram_size, s->max_cpus, s->threads * s->cores, err)) {
        return false;
    }
    if (s->max_cpus > s->cpus && !s->cfg->hotpluggable_cpus) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "This machine version does not support CPU hotplug");
        return false;
    }
    s->kernel = o->kernel;
    s->initrd = o->initrd;
    s->append = o->append;
    s->uuid = o->uuid;
    s->name = o->name;
    s->boot_order = o->boot;
    s->boot_once = o->boot_once;
    s->boot_menu = o->boot_menu;
    if (o->dtb && !spapr_load_dtb(s, o->dtb, err)) {
        g_prefix_error(err, "could not load device tree: ");
        return false;
    }
    if (o->bios) {
        s->bios = loader_find(o->bios);
        if (!s->bios) {
            g_set_error(err, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "Could not find LPAR firmware '%s'", o->bios);
            return false;
        }
    } else if (!o->kernel) {
        s->bios = loader_find("slof.bin");
        if (!s->bios && accel->runs_guest) {
            g_set_error(err, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                        "nothing to boot: give -kernel, or -bios with firmware (slof.bin was not found along -L)");
            return false;
        }
    }
    if (spapr_blocks(s)) {
        memory_set_room(spapr_blocks_base(s) + s->maxram_size - s->ram_size);
    }
    if (!make_memory(s, &memory, err)) {
        return false;
    }
    s->prom_env = o->prom_env;
    s->connectors = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    spapr_events_init(s);
    spapr_fwnmi_reset(s);
    if (!make_interrupts(s, err)) {
        return false;
    }
    spapr_drc_add_cores(s);
    if (!spapr_make_cores(s, err) || !make_devices(s, o->consoles, err)) {
        return false;
    }
    spapr_register_state(s);
    if (!spapr_make_watchdogs(s, err)) {
        return false;
    }
    spapr_htab_init();
    runstate_reset_machine = spapr_reset;
    return true;
}

bool spapr_dump_dtb(const char *path, GError **err)
{
    SpaprMachine *s = spapr;
    size_t size;

    if (s->kernel && !load_kernel(s, err)) {
        return false;
    }
    s->boot_device = s->boot_once;
    place(s);
    g_autofree void *fdt = spapr_build_fdt(s, &size);
    /* Written in place: g_file_set_contents() would put a file where /dev/null or a pipe was. */
    FILE *f = fopen(path, "wbe");
    bool ok = f && fwrite(fdt, size, 1, f) == 1;
    ok = f && !fclose(f) && ok;
    return ok || report_fail(err, "cannot write the device tree to %s: %s", path, g_strerror(errno));
}
