/*
 * A core of a partition: its threads, each with its interrupt presenter and what the partition registered for it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr.h"
#include "system/cpus.h"
#include "system/report.h"
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

static bool add_thread(SpaprMachine *s, SpaprCore *c, unsigned t, GError **err)
{
    PowerPCCPU *cpu = ppc_cpu_new(s->model, c->core_id + t, err);
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
    for (unsigned t = 0; t < s->threads; t++) {
        if (!add_thread(s, c, t, err)) {
            return false;
        }
    }
    if (d->by_user) {
        s->cpus += s->threads;
    }
    return true;
}

OBJECT_TYPE(cpu_core_type, .name = "cpu-core", .parent = "device", .abstract = true,
            .props = PROPS(
                PROP(SpaprCore, "core-id", core_id, NULL, .type_name = "int"),
                PROP(SpaprCore, "nr-threads", nr_threads, NULL, .type_name = "int")));
OBJECT_TYPE(spapr_core_type, .name = "spapr-cpu-core", .parent = "cpu-core", .size = sizeof(SpaprCore), .abstract = true,
            .realize = realize,
            .props = PROPS(
                PROP(SpaprCore, "node-id", node_id, "-1"),
                PROP(SpaprCore, "pre-3.0-migration", pre_3_0, "off")));

/* A type for each model. */
static void register_cores(void)
{
    for (unsigned i = 0; i < ppc_model_count; i++) {
        ObjectType *t = g_new(ObjectType, 1);
        *t = (ObjectType){ .name = g_strdup_printf("%s" TYPE_SUFFIX, ppc_models[i].name), .parent = "spapr-cpu-core",
                           .size = sizeof(SpaprCore), .category = CATEGORY_CPU, .pluggable = true };
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
