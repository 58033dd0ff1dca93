/*
 * How much memory there is, and which of it was plugged: nothing is, there are no devices of memory (pc-dimm).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
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
    return true;
}

QMP(query_memory_size_summary, "query-memory-size-summary", "", "MemoryInfo", 0)
{
    *ret = qmp_object("base-memory", json_object_new_uint64(memory_ram_size()), "plugged-memory", JINT(0), NULL);
    return true;
}

HMP_INFO(memory_devices, "memory-devices", "", "", "show memory devices") { }

HMP_INFO(memory_size_summary, "memory_size_summary", "", "",
         "show the amount of initially allocated and present hotpluggable (if enabled) memory in bytes.")
{
    g_string_append_printf(out, "base memory: %" PRIu64 "\nplugged memory: 0\n", memory_ram_size());
}
