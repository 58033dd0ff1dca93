/*
 * Processors as monitors see them: those that run, those that may be plugged, and the models that there are.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr.h"
#include "monitor/monitor.h"
#include "monitor/qmp.h"
#include "system/report.h"
#include <string.h>

/* ---- those that there are or may be ---- */

/* core_id is the number of the core's first thread among all that there may be. */
static json_object *place_of(unsigned core_id)
{
    return qmp_object("core-id", JINT(core_id), "node-id", JINT(spapr_numa_node_of(spapr, core_id)), NULL);
}

QMP_STRUCT(CpuInstanceProperties, "node-id:int? core-id:int?");
QMP_STRUCT(CpuInfoFast, "cpu-index:int qom-path:str thread-id:int props:CpuInstanceProperties? target:SysEmuTarget");

QMP(query_cpus_fast, "query-cpus-fast", "", "[CpuInfoFast]", 0)
{
    PowerPCCPU *cpu;

    *ret = json_object_new_array();
    CPU_FOREACH(cpu) {
        g_autofree char *path = object_path(&cpu->dev.object);
        json_object *o = qmp_object("thread-id", JINT(cpu->host_tid), "qom-path", JSTR(path), "cpu-index", JINT(cpu->index), "target", JSTR("ppc64"), NULL);
        if (spapr) {
            json_object_object_add(o, "props", place_of(spapr_core_number(spapr, cpu)));
        }
        json_object_array_add(*ret, o);
    }
    return true;
}

static PowerPCCPU *first_thread(unsigned core_id)
{
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        if (!cpu->thread_id && spapr_core_number(spapr, cpu) == core_id) {
            return cpu;
        }
    }
    return NULL;
}

static bool has_hotplug(GError **err)
{
    return (spapr && spapr->cfg->hotpluggable_cpus) || report_fail(err, "The feature 'query-hotpluggable-cpus' is not enabled");
}

QMP_STRUCT(HotpluggableCPU, "type:str vcpus-count:int props:CpuInstanceProperties qom-path:str?");

/* The last core first, as the peers list them. */
QMP(query_hotpluggable_cpus, "query-hotpluggable-cpus", "", "[HotpluggableCPU]", 0)
{
    if (!has_hotplug(err)) {
        return false;
    }
    g_autofree char *type = g_strdup_printf("%s-spapr-cpu-core", spapr->model->name);
    unsigned cores = (spapr->max_cpus + spapr->threads - 1) / spapr->threads;

    *ret = json_object_new_array();
    while (cores--) {
        const PowerPCCPU *cpu = first_thread(cores * spapr->threads);
        json_object *o = qmp_object("props", place_of(cores * spapr->threads), "vcpus-count", JINT(spapr->threads), "type", JSTR(type), NULL);
        if (cpu) {
            g_autofree char *path = object_path(cpu->dev.object.parent);
            json_object_object_add(o, "qom-path", JSTR(path));
        }
        json_object_array_add(*ret, o);
    }
    return true;
}

HMP_INFO(hotpluggable_cpus, "hotpluggable-cpus", "", "", "Show information about hotpluggable CPUs")
{
    g_autoptr(GError) err = NULL;
    json_object *list = NULL;

    if (!qmp_query_hotpluggable_cpus(NULL, &list, &err)) {
        g_string_append_printf(out, "Error: %s\n", err->message);
        return;
    }
    g_string_append(out, "Hotpluggable CPUs:\n");
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        json_object *o = json_object_array_get_idx(list, i), *props = json_object_object_get(o, "props"), *path = json_object_object_get(o, "qom-path");
        g_string_append_printf(out, "  type: \"%s\"\n  vcpus_count: \"%s\"\n", json_object_get_string(json_object_object_get(o, "type")),
                               json_object_get_string(json_object_object_get(o, "vcpus-count")));
        if (path) {
            g_string_append_printf(out, "  qom_path: \"%s\"\n", json_object_get_string(path));
        }
        g_string_append_printf(out, "  CPUInstance Properties:\n    node-id: \"%s\"\n    core-id: \"%s\"\n",
                               json_object_get_string(json_object_object_get(props, "node-id")),
                               json_object_get_string(json_object_object_get(props, "core-id")));
    }
    json_object_put(list);
}

/* ---- models ---- */

QMP_STRUCT(CpuDefinitionInfo, "name:str static:bool typename:str deprecated:bool");

QMP(query_cpu_definitions, "query-cpu-definitions", "", "[CpuDefinitionInfo]", 0)
{
    g_autofree char *name = machine_name_of(machine->object.type);
    g_autoptr(GArray) all = spapr_model_names(name);

    *ret = json_object_new_array();
    /* Aliases first, as the peers have them: libvirt takes the first name of a machine's default type, and knows the aliases alone. */
    for (guint i = 0; i < 2 * all->len; i++) {
        const SpaprModelName *n = &g_array_index(all, SpaprModelName, i % all->len);
        g_autofree char *type = ppc_model_type_name(n->model);
        if (n->alias == (i < all->len)) {
            json_object_array_add(*ret, qmp_object("name", JSTR(n->name), "typename", JSTR(type), "static", JBOOL(false), "deprecated", JBOOL(false),
                                                   NULL));
        }
    }
    return true;
}

QMP_ENUM(CpuModelExpansionType, "static full");
QMP_STRUCT(CpuModelInfo, "name:str props:any?");
QMP_STRUCT(CpuModelExpansionInfo, "model:CpuModelInfo");

static bool set_properties(PowerPCCPU *cpu, json_object *props, GError **err)
{
    if (!props) {
        return true;
    }
    if (!json_object_is_type(props, json_type_object)) {
        report_fail(err, "Invalid parameter type for 'model.props', expected: object");
        return false;
    }
    json_object_object_foreach(props, name, value) {
        const char *text = !json_object_is_type(value, json_type_boolean) ? json_object_get_string(value) : json_object_get_boolean(value) ? "on" : "off";
        if (!object_set(&cpu->dev.object, name, text ? text : "", PROP_FROM_OPTION, err)) {
            return false;
        }
    }
    return true;
}

/*
 * Which instructions a model has on this machine version, with what -cpu and -global say of it: its isa-* properties, each of which the next
 * command line may give. A name's expansion is the same whether full or static.
 */
QMP(query_cpu_model_expansion, "query-cpu-model-expansion", "type:CpuModelExpansionType model:CpuModelInfo", "CpuModelExpansionInfo", 0)
{
    json_object *asked = json_object_object_get(args, "model");
    g_autofree char *here = machine_name_of(machine->object.type);
    const PpcModel *model = spapr_model_find(here, qmp_str(asked, "name", ""), err);
    PowerPCCPU *cpu;

    if (!model) {
        return false;
    }
    cpu = g_aligned_alloc0(1, sizeof(PowerPCCPU), 64);      /* never realized: nothing else knows of it */
    bool ok = ppc_cpu_init(cpu, model, err) && set_properties(cpu, json_object_object_get(asked, "props"), err);
    if (ok) {
        g_autoptr(GPtrArray) all = object_type_properties(cpu->dev.object.type);
        json_object *props = json_object_new_object();
        for (guint i = 0; i < all->len; i++) {
            const Property *p = g_ptr_array_index(all, i);
            if (p->kind == PROP_BIT) {
                g_autofree char *text = property_print(p, cpu);
                json_object_object_add(props, p->name, JBOOL(!strcmp(text, "true")));
            }
        }
        *ret = qmp_object("model", qmp_object("name", JSTR(model->name), "props", props, NULL), NULL);
    }
    g_aligned_free(cpu);
    return ok;
}
