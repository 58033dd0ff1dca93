/*
 * A processor thread: making, resetting, looking at it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/log.h"
#include "target/ppc/cpu.h"
#include "target/ppc/dump.h"
#include "accel/tcg/tcg.h"
#include "target/ppc/machine.h"
#include "target/ppc/mmu.h"
#include "target/ppc/models.h"
#include "target/ppc/spr.h"
#include "target/ppc/timers.h"
#include <gio/gio.h>
#include <inttypes.h>
#include <string.h>

GPtrArray *ppc_cpus;

/* ---- types: powerpc64-cpu, a family, a model ---- */

static bool check_feature(const Property *p, const void *object, GError **err)
{
    const PowerPCCPU *cpu = object;
    const PpcFeatures *has = &cpu->model->family->features;

    if (cpu->features.flags & ~has->flags || cpu->features.flags2 & ~has->flags2) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "CPU model '%s' does not have '%s'", cpu->model->name, p->name);
        return false;
    }
    return true;
}

#define FEATURE_WORD(n) (offsetof(PowerPCCPU, features) + ((n) < 64 ? offsetof(PpcFeatures, flags) : offsetof(PpcFeatures, flags2)))
static const Property cpu_props[] = {
    PROP(PowerPCCPU, "pvr", pvr, NULL, .internal = true),
    PROP(PowerPCCPU, "pre-2.10-migration", pre_2_10, "off"),
    PROP(PowerPCCPU, "pre-2.8-migration", pre_2_8, "off"),
    PROP(PowerPCCPU, "pre-3.0-migration", pre_3_0, "off"),
    PROP(PowerPCCPU, "start-powered-off", start_powered_off, NULL),
#define X(id, bit_, book, prop_, what) \
    { .name = prop_, .kind = PROP_BIT, .offset = FEATURE_WORD(bit_), .bit = (bit_) % 64, .help = what, .check = check_feature },
    PPC_FEATURES(X)
#undef X
    { NULL }
};
static uint32_t state_instance(Device *d)
{
    return ((PowerPCCPU *)device_struct(d))->index;
}

static void set_input(void *opaque, unsigned n, bool level)
{
    ppc_set_irq(opaque, n ? CPU_INT_HVIRT : CPU_INT_HARD, level);
}

/* Two sections; the second, `cpu`, is registered as every device's is. */
static bool realize(Device *d, GError **err)
{
    PowerPCCPU *cpu = device_struct(d);

    vmstate_register(NULL, cpu->index, 0, &vmstate_cpu_common, cpu);
    /* the external interrupt, from ISA 3.0 on the hypervisor virtualization interrupt, too */
    device_add_inputs(d, cpu->model->family->isa_level >= 300 ? 2 : 1, set_input, cpu, true);
    return true;
}

static void unrealize(Device *d)
{
    vmstate_unregister(&vmstate_cpu_common, device_struct(d));
    g_clear_pointer(&d->inputs, g_free);
}

OBJECT_TYPE(cpu_base_type, .name = "cpu", .parent = "device", .abstract = true);
OBJECT_TYPE(powerpc_cpu_type, .name = "powerpc64-cpu", .parent = "cpu", .size = sizeof(PowerPCCPU),
            .object_at = offsetof(PowerPCCPU, dev), .props = cpu_props, .abstract = true, .vmsd = &vmstate_cpu,
            .vmstate_instance = state_instance, .realize = realize, .unrealize = unrealize);

char *ppc_model_type_name(const PpcModel *model)
{
    return g_strdup_printf("%s-powerpc64-cpu", model->name);
}

static void register_models(void)
{
    g_autoptr(GHashTable) families = g_hash_table_new(g_str_hash, g_str_equal);

    for (unsigned i = 0; i < ppc_model_count; i++) {
        const PpcFamily *f = ppc_models[i].family;
        const char *name = f->type_family ? f->type_family : f->name;
        ObjectType *family = g_hash_table_lookup(families, name), *t = g_new(ObjectType, 1);
        if (!family) {
            family = g_new(ObjectType, 1);
            *family = powerpc_cpu_type;
            family->name = g_strdup_printf("%s-family-powerpc64-cpu", name);
            family->parent = "powerpc64-cpu";
            family->props = NULL;
            object_type_register(family);
            g_hash_table_insert(families, (char *)name, family);
        }
        *t = *family;
        t->name = ppc_model_type_name(&ppc_models[i]);
        t->parent = family->name;
        t->abstract = false;
        t->category = CATEGORY_CPU;
        object_type_register(t);
    }
}
OBJECT_FAMILY(register_models);

bool ppc_cpu_init(PowerPCCPU *cpu, const PpcModel *model, GError **err)
{
    g_autofree char *type = ppc_model_type_name(model);

    cpu->model = model;
    cpu->pvr = model->pvr;
    cpu->threads_per_core = 1;
    cpu->features = model->family->features;
    cpu->msr_mask = model->family->msr_mask;
    cpu->slb_nr = MIN(model->family->slb_nr, PPC_SLB_ENTRIES);
    return device_init(&cpu->dev, type, err);
}

PowerPCCPU *ppc_cpu_new(const PpcModel *model, int index, GError **err)
{
    PowerPCCPU *cpu = g_aligned_alloc0(1, sizeof(PowerPCCPU), 64);

    if (!ppc_cpus) {
        ppc_cpus = g_ptr_array_new();
    }
    cpu->index = index;
    cpu->vcpu_id = index;
    if (!ppc_cpu_init(cpu, model, err)) {
        g_aligned_free(cpu);
        return NULL;
    }
    ppc_timers_init(cpu);
    tcg_vcpu_init(cpu);
    g_ptr_array_add(ppc_cpus, cpu);
    return cpu;
}

bool ppc_cpu_again(PowerPCCPU *cpu, GError **err)
{
    cpu->dev = (Device){ 0 };
    if (!ppc_cpu_init(cpu, cpu->model, err)) {
        return false;
    }
    g_ptr_array_add(ppc_cpus, cpu);
    return true;
}

PowerPCCPU *ppc_cpu_get(int index)
{
    PowerPCCPU *cpu = ppc_cpus && index >= 0 && (guint)index < ppc_cpus->len ? g_ptr_array_index(ppc_cpus, index) : NULL;

    if (cpu && cpu->index == index) {
        return cpu;
    }
    CPU_FOREACH(cpu) {          /* cores were plugged out of order */
        if (cpu->index == index) {
            return cpu;
        }
    }
    return NULL;
}

void ppc_cpu_reset(PowerPCCPU *cpu)
{
    if (log_enabled(LOG_RESET)) {
        g_autoptr(GString) s = g_string_new(NULL);
        g_string_append_printf(s, "CPU Reset (CPU %d)\n", cpu->index);
        ppc_cpu_dump(cpu, log_enabled(LOG_FPU), s);
        log_printf("%s", s->str);
    }
    memset(cpu->gpr, 0, sizeof(cpu->gpr));
    memset(cpu->crb, 0, sizeof(cpu->crb));
    memset(cpu->vsr, 0, sizeof(cpu->vsr));
    memset(cpu->slb, 0, sizeof(cpu->slb));
    memset(cpu->spr, 0, sizeof(cpu->spr));
    cpu->ca = cpu->ov = cpu->so = cpu->ca32 = cpu->ov32 = 0;
    cpu->lr = cpu->ctr = cpu->tar = cpu->cfar = cpu->xer_other = 0;
    cpu->reserve_addr = -1;
    cpu->fp_op = cpu->fp_cmp = 0;
    cpu->vscr_sat = 0;
    cpu->vscr = 0x10000;        /* NJ: the book leaves it open, QEMU begins so */
    cpu->fpscr = 0;
    cpu->mxcsr = 0x1f80;
    cpu->exception = EXCP_NONE;
    __atomic_store_n(&cpu->interrupt_request, 0, __ATOMIC_SEQ_CST);
    cpu->halted = false;
    spr_reset(cpu);
    ppc_timers_reset(cpu);
    cpu->msr = MSR_SF & cpu->msr_mask;
    cpu->nip = 0x100;
    ppc_update_region_flags(cpu);
    ppc_mmu_context_changed(cpu);
    tlb_flush_cpu(cpu);
}

uint64_t ppc_get_xer(const PowerPCCPU *cpu)
{
    uint64_t v = cpu->xer_other | (uint64_t)cpu->so << 31 | (uint64_t)cpu->ov << 30 | (uint64_t)cpu->ca << 29;

    if (cpu->model->family->isa_level >= 300) {
        v |= (uint64_t)cpu->ov32 << 19 | (uint64_t)cpu->ca32 << 18;
    }
    return v;
}

void ppc_set_xer(PowerPCCPU *cpu, uint64_t xer)
{
    cpu->so = xer >> 31 & 1;
    cpu->ov = xer >> 30 & 1;
    cpu->ca = xer >> 29 & 1;
    cpu->ov32 = xer >> 19 & 1;
    cpu->ca32 = xer >> 18 & 1;
    cpu->xer_other = xer & 0x1ff3ffff;  /* reserved bits keep what was written */
}
