/*
 * The machine `none`: no devices, no memory unless -m asks for some, no processor unless -cpu names one, which then stands still: there is nothing that
 * it could run. libvirt and its like start it to ask, by QMP, what the emulator can do.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/device.h"
#include "hw/core/machine.h"
#include "hw/core/memory-backend.h"
#include "hw/ppc/spapr.h"
#include "system/cpus.h"
#include "system/memory.h"
#include "system/report.h"
#include "system/runstate.h"
#include <string.h>

#define RAM "ram"

OBJECT_TYPE(none_machine_type, .name = "none-machine", .parent = "machine", .size = sizeof(MachineConfig));

static void reset_cpu(PowerPCCPU *cpu, void *arg)
{
    ppc_cpu_reset(cpu);
    cpu->halted = cpu->powered_off = true;
}

static void reset(void)
{
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        run_on_cpu(cpu, reset_cpu, NULL);
    }
    devices_reset();
}

static bool make_processor(const MachineOptions *o, GError **err)
{
    const PpcModel *model = spapr_model_find(o->machine, o->cpu, err);
    PowerPCCPU *cpu = model ? ppc_cpu_new(model, 0, err) : NULL;

    if (!cpu || !device_realize(&cpu->dev, NULL, err)) {
        return false;
    }
    cpu->asked_for = o->cpu;
    cpu->threads_per_core = 1;
    cpu->start_powered_off = true;
    reset_cpu(cpu, NULL);
    return true;
}

static bool make_memory(const MachineConfig *m, const MachineOptions *o, GError **err)
{
    MemorySource memory;

    if (!m->memory_backend && !o->ram_size_given) {
        return true;
    }
    return (m->memory_backend ? memory_backend_source(m->memory_backend, &memory, err) : memory_backend_default(m, RAM, o->ram_size, &memory, err))
        && memory_init_ram_from(&memory, 1, err);
}

static bool init(const MachineOptions *o, GError **err)
{
    MachineConfig *m = g_new0(MachineConfig, 1);

    object_init(&m->object, &none_machine_type);
    if (!machine_begin(m, o, err)) {
        return false;
    }
    if (o->kernel) {
        return report_fail(err, "The -kernel parameter is not supported: machine 'none' starts nothing");
    }
    if (o->numa) {
        report_set_location("-numa", g_ptr_array_index(o->numa, 0));
        return report_fail(err, "NUMA is not supported by this machine-type");
    }
    runstate_reset_machine = reset;
    return make_memory(m, o, err) && (!o->cpu || make_processor(o, err));
}

static const char *real_name(const char *name)
{
    return strcmp(name, "none") ? NULL : "none";
}

static void info(const char *name, MachineInfo *out)
{
    *out = (MachineInfo){ .desc = "empty machine", .max_cpus = 1, .default_ram = RAM };
}

MACHINE_KIND(none_kind, .type = "none-machine", .real_name = real_name, .info = info, .init = init);
