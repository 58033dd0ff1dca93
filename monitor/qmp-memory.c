/*
 * How much memory there is, and which of it was plugged.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr-dimm.h"
#include "monitor/monitor.h"
#include "monitor/qmp.h"
#include "system/memory.h"
#include <inttypes.h>
#include <string.h>

QMP_STRUCT(MemoryInfo, "base-memory:size plugged-memory:size?");

#define DEVICES "dimm nvdimm virtio-pmem virtio-mem sgx-epc"
QMP_ENUM(MemoryDeviceInfoKind, DEVICES);
QMP_STRUCT(PCDIMMDeviceInfo, "id:str? addr:int size:int slot:int node:int memdev:str hotplugged:bool hotpluggable:bool");
QMP_STRUCT(VirtioPMEMDeviceInfo, "id:str? memaddr:size size:size memdev:str");
QMP_STRUCT(VirtioMEMDeviceInfo, "id:str? memaddr:size requested-size:size size:size max-size:size block-size:size node:int memdev:str");
QMP_STRUCT(SgxEPCDeviceInfo, "id:str? memaddr:size size:size node:int memdev:str");

static char *device_members(const char *kind)
{
    return g_strconcat("data:", strstr(kind, "dimm") ? "PCDIMM" : !strcmp(kind, "virtio-pmem") ? "VirtioPMEM" : !strcmp(kind, "virtio-mem") ? "VirtioMEM" : "SgxEPC",
                       "DeviceInfo", NULL);
}
QMP_UNION(MemoryDeviceInfo, "type:MemoryDeviceInfoKind", "type", device_members);

QMP(query_memory_devices, "query-memory-devices", "", "[MemoryDeviceInfo]", 0)
{
    *ret = json_object_new_array();
    for (guint i = 0; i < spapr_dimms()->len; i++) {
        const PcDimm *d = g_ptr_array_index(spapr_dimms(), i);
        g_autofree char *memdev = object_get(&d->dev.object, "memdev");
        json_object *data = qmp_object("memdev", JSTR(memdev), "hotplugged", JBOOL(d->dev.hotplugged), "addr", json_object_new_uint64(d->addr), "hotpluggable", JBOOL(true),
                                       "size", json_object_new_uint64(d->memory.size), "slot", JINT(d->slot), "node", JINT(d->node), NULL);
        if (d->dev.id) {
            json_object_object_add(data, "id", JSTR(d->dev.id));
        }
        json_object_array_add(*ret, qmp_object("type", JSTR("dimm"), "data", data, NULL));
    }
    return true;
}

static uint64_t base_memory(void)
{
    return memory_ram_size() - spapr_dimm_bytes(-1);
}

QMP(query_memory_size_summary, "query-memory-size-summary", "", "MemoryInfo", 0)
{
    *ret = qmp_object("base-memory", json_object_new_uint64(base_memory()), "plugged-memory", json_object_new_uint64(spapr_dimm_bytes(-1)), NULL);
    return true;
}

HMP_INFO(memory_devices, "memory-devices", "", "", "show memory devices")
{
    for (guint i = 0; i < spapr_dimms()->len; i++) {
        const PcDimm *d = g_ptr_array_index(spapr_dimms(), i);
        g_autofree char *memdev = object_get(&d->dev.object, "memdev");
        g_string_append_printf(out, "Memory device [dimm]: \"%s\"\n  addr: 0x%" PRIx64 "\n  slot: %d\n  node: %u\n  size: %" PRIu64 "\n  memdev: %s\n"
                               "  hotplugged: %s\n  hotpluggable: true\n", d->dev.id ? d->dev.id : "", d->addr, d->slot, d->node, d->memory.size, memdev,
                               d->dev.hotplugged ? "true" : "false");
    }
}

HMP_INFO(memory_size_summary, "memory_size_summary", "", "",
         "show the amount of initially allocated and present hotpluggable (if enabled) memory in bytes.")
{
    g_string_append_printf(out, "base memory: %" PRIu64 "\nplugged memory: %" PRIu64 "\n", base_memory(), spapr_dimm_bytes(-1));
}
