/*
 * A core of a partition: its threads, each with its interrupt presenter and what the partition registered for it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr.h"
#include "system/cpus.h"
#include "system/report.h"
#include "system/runstate.h"
#include "target/ppc/compat.h"
#include "target/ppc/machine.h"
#include <inttypes.h>
#include <string.h>

typedef struct SpaprCore {
    Device dev;
    int64_t core_id, nr_threads;
    int32_t node_id;
    bool pre_3_0;
} SpaprCore;

#define TYPE_SUFFIX "-spapr-cpu-core"

/* ---- saved state of a thread's part that is the machine's ---- */

static bool has_vpa(const void *opaque) { return ((const SpaprCpu *)opaque)->vpa_addr != 0; }
static bool has_slb_shadow(const void *opaque) { return ((const SpaprCpu *)opaque)->slb_shadow_addr != 0; }
static bool has_dtl(const void *opaque) { return ((const SpaprCpu *)opaque)->dtl_addr != 0; }

VMSTATE(SpaprCpu, vmstate_slb_shadow, "spapr_cpu/vpa/slb_shadow", 1,
    VMS_NEEDED(has_slb_shadow),
    VMS(SpaprCpu, slb_shadow_addr),
    VMS(SpaprCpu, slb_shadow_size));

VMSTATE(SpaprCpu, vmstate_dtl, "spapr_cpu/vpa/dtl", 1,
    VMS_NEEDED(has_dtl),
    VMS(SpaprCpu, dtl_addr),
    VMS(SpaprCpu, dtl_size));

VMSTATE(SpaprCpu, vmstate_vpa, "spapr_cpu/vpa", 1,
    VMS_NEEDED(has_vpa),
    VMS(SpaprCpu, vpa_addr),
    VMS_SUBSECTION(vmstate_slb_shadow),
    VMS_SUBSECTION(vmstate_dtl));

static bool forget(void *opaque, GError **err)
{
    memset(opaque, 0, offsetof(SpaprCpu, prod));
    return true;
}

VMSTATE(SpaprCpu, vmstate_spapr_cpu, "spapr_cpu", 1,
    VMS_SKIP(SpaprCpu, prod, "a thread that was prodded wakes anyway: its next H_CEDE returns at once, which guests expect"),
    VMS_SKIP(SpaprCpu, icp, "has a section of its own"),
    VMS_SKIP(SpaprCpu, tctx, "has a section of its own"),
    VMS_SUBSECTION(vmstate_vpa),
    VMS_PRE_LOAD(forget));

/* ---- making it ---- */

static bool check(SpaprMachine *s, const SpaprCore *c, GError **err)
{
    const char *type = c->dev.object.type->name;
    g_autofree char *wanted = g_strdup_printf("%s" TYPE_SUFFIX, s->model->name), *name = g_strndup(type, strlen(type) - strlen(TYPE_SUFFIX));
    PowerPCCPU *cpu;

    /* command lines of other releases may call it by what the name means there */
    if (strcmp(type, wanted) && !ppc_name_means(s->cpu_name, ppc_model_find(name, NULL)->pvr)) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "CPU core type should be %s", wanted);
        return false;
    }
    if (c->core_id < 0) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "Invalid core id %" PRId64, c->core_id);
        return false;
    }
    if (c->nr_threads != s->threads) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "invalid nr-threads %" PRId64 ", must be %u", c->nr_threads, s->threads);
        return false;
    }
    if (c->core_id % s->threads) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "invalid core id %" PRId64, c->core_id);
        return false;
    }
    if (c->core_id >= s->max_cpus) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "core id %" PRId64 " out of range", c->core_id);
        return false;
    }
    CPU_FOREACH(cpu) {
        if (cpu->core_id == c->core_id / s->threads * s->vsmt) {
            g_set_error(err, G_IO_ERROR, G_IO_ERROR_EXISTS, "core %" PRId64 " already populated", c->core_id);
            return false;
        }
    }
    return true;
}

/*
 * Threads of cores that were taken out, standing still, for the next one with their numbers: so whoever still points to one finds it.
 */
static GPtrArray *spare;

static PowerPCCPU *spare_thread(int index)
{
    for (guint i = 0; spare && i < spare->len; i++) {
        PowerPCCPU *cpu = g_ptr_array_index(spare, i);
        if (cpu->index == index) {
            g_ptr_array_remove_index(spare, i);
            return cpu;
        }
    }
    return NULL;
}

/* In place of a reset of the machine, which has been. What LPCR says of the partition comes when it is started (start-cpu). */
static void start_thread(PowerPCCPU *cpu)
{
    spapr_reset_cpu(cpu, NULL);
    ppc_compat_set(cpu, ppc_cpu_get(0)->compat_pvr);
    if (spapr_cpu(cpu)->icp) {
        device_reset((Device *)spapr_cpu(cpu)->icp);
    }
    if (spapr_cpu(cpu)->tctx) {
        device_reset((Device *)spapr_cpu(cpu)->tctx);
    }
    if (!cpu->thread) {
        cpus_start_thread(cpu);
    }
}

static bool add_thread(SpaprMachine *s, SpaprCore *c, unsigned t, GError **err)
{
    PowerPCCPU *cpu = spare_thread(c->core_id + t);
    if (cpu && !ppc_cpu_again(cpu, err)) {
        return false;
    }
    if (!cpu) {
        cpu = ppc_cpu_new(s->model, c->core_id + t, err);
    }
    g_autofree char *name = g_strdup_printf("thread[%u]", t);

    if (!cpu) {
        return false;
    }
    cpu->asked_for = s->cpu_name;
    cpu->threads_per_core = s->threads;
    cpu->thread_id = t;
    cpu->core_id = c->core_id / s->threads * s->vsmt;
    cpu->vcpu_id = cpu->core_id + t;
    cpu->compat_pvr = cpu->max_compat = ppc_compat_named(s->cfg->max_cpu_compat);
    cpu->vhyp = &spapr_vhyp;
    cpu->start_powered_off = true;
    object_add_child(&c->dev.object, name, &cpu->dev.object);
    if (!device_realize(&cpu->dev, NULL, err)) {
        return false;
    }
    SpaprCpu *sc = g_new0(SpaprCpu, 1);
    cpu->machine_data = sc;
    if (!spapr_irq_make_presenters(s, cpu, err)) {
        return false;
    }
    if (!c->pre_3_0) {
        vmstate_register(NULL, cpu->index, 0, &vmstate_spapr_cpu, sc);
    }
    ppc_cpu_reset(cpu);
    if (c->dev.hotplugged) {
        start_thread(cpu);
    }
    return true;
}

static bool realize(Device *d, GError **err)
{
    SpaprCore *c = (SpaprCore *)d;
    SpaprMachine *s = spapr;

    if (!s) {
        return report_fail(err, "spapr-cpu-core needs a pseries machine");
    }
    c->nr_threads = c->nr_threads ? c->nr_threads : s->threads;
    if (!check(s, c, err)) {
        return false;
    }
    bool began = d->hotplugged && cpus_begin_change(), ok = true;
    for (unsigned t = 0; ok && t < s->threads; t++) {
        ok = add_thread(s, c, t, err);
    }
    cpus_end_change(began);
    if (!ok) {
        return false;
    }
    if (d->by_user) {
        s->cpus += s->threads;
    }
    if (d->hotplugged) {
        spapr_drc_plug(s, spapr_core_connector(d), 1);
        cpus_start_new();
    }
    return true;
}

uint32_t spapr_core_connector(const Device *core)
{
    return DRC_CPU | (uint32_t)(((const SpaprCore *)core)->core_id / spapr->threads * spapr->vsmt);
}

Device *spapr_core_at(uint32_t connector)
{
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        if (cpu->core_id == (int)(connector & 0xfffffff)) {
            return (Device *)cpu->dev.object.parent;
        }
    }
    return NULL;
}

static bool unplug(Device *d, GError **err)
{
    if (spapr_core_connector(d) == (DRC_CPU | (uint32_t)ppc_cpu_get(0)->core_id)) {
        return report_fail(err, "Boot CPU core may not be unplugged");
    }
    if (!spapr->cfg->hotpluggable_cpus) {
        return report_fail(err, "CPU hot unplug not supported on this machine");
    }
    spapr_drc_unplug(spapr, d, spapr_core_connector(d), 1);
    return true;
}

static void park(PowerPCCPU *cpu, void *unused)
{
    ppc_cpu_reset(cpu);
    cpu->halted = cpu->powered_off = true;
    __atomic_store_n(&cpu->stop, true, __ATOMIC_SEQ_CST);
}

static void unrealize(Device *d)
{
    SpaprMachine *s = spapr;
    g_autoptr(GPtrArray) threads = g_ptr_array_new();
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        if (cpu->dev.object.parent == &d->object) {
            g_ptr_array_add(threads, cpu);
        }
    }
    for (guint i = 0; i < threads->len; i++) {
        run_on_cpu(g_ptr_array_index(threads, i), park, NULL);
    }
    bool began = cpus_begin_change();
    for (guint i = 0; i < threads->len; i++) {
        g_ptr_array_remove(ppc_cpus, g_ptr_array_index(threads, i));
    }
    cpus_end_change(began);
    for (guint i = 0; i < threads->len; i++) {
        cpu = g_ptr_array_index(threads, i);
        SpaprCpu *sc = spapr_cpu(cpu);
        Device *presenters[] = { (Device *)sc->icp, (Device *)sc->tctx };
        for (unsigned k = 0; k < G_N_ELEMENTS(presenters); k++) {
            if (presenters[k]) {
                device_unrealize(presenters[k]);
                g_free(presenters[k]);
            }
        }
        vmstate_unregister(&vmstate_spapr_cpu, sc);
        cpu->machine_data = NULL;
        g_free(sc);
        device_unrealize(&cpu->dev);
        if (!spare) {
            spare = g_ptr_array_new();
        }
        g_ptr_array_add(spare, cpu);
    }
    s->cpus -= s->threads;
    if (s->cfg->pre_2_10_presenters) {
        icp_expect(spapr_irq_servers(s));
    }
}

OBJECT_TYPE(cpu_core_type, .name = "cpu-core", .parent = "device", .abstract = true,
            .props = PROPS(
                PROP(SpaprCore, "core-id", core_id, NULL, .type_name = "int"),
                PROP(SpaprCore, "nr-threads", nr_threads, NULL, .type_name = "int")));
OBJECT_TYPE(spapr_core_type, .name = "spapr-cpu-core", .parent = "cpu-core", .size = sizeof(SpaprCore), .abstract = true,
            .realize = realize, .unplug = unplug, .unrealize = unrealize,
            .props = PROPS(
                PROP(SpaprCore, "node-id", node_id, "-1"),
                PROP(SpaprCore, "pre-3.0-migration", pre_3_0, "off")));

/* A type for each model. */
static void register_cores(void)
{
    for (unsigned i = 0; i < ppc_model_count; i++) {
        ObjectType *t = g_new(ObjectType, 1);
        *t = (ObjectType){ .name = g_strdup_printf("%s" TYPE_SUFFIX, ppc_models[i].name), .parent = "spapr-cpu-core",
                           .size = sizeof(SpaprCore), .category = CATEGORY_CPU, .pluggable = true, .hotpluggable = true };
        object_type_register(t);
    }
}
OBJECT_FAMILY(register_cores);

unsigned spapr_core_number(const SpaprMachine *s, const PowerPCCPU *cpu)
{
    return cpu->core_id / s->vsmt * s->threads;
}

bool spapr_make_cores(SpaprMachine *s, GError **err)
{
    g_autofree char *type = g_strdup_printf("%s" TYPE_SUFFIX, s->model->name);

    for (unsigned id = 0; id < s->cpus; id += s->threads) {
        Device *d = device_new(type, err);
        if (!d) {
            return false;
        }
        ((SpaprCore *)d)->core_id = id;
        if (!device_realize(d, NULL, err)) {
            return false;
        }
    }
    if (s->cfg->pre_2_10_presenters) {
        icp_expect(spapr_irq_servers(s));
    }
    return true;
}
