/*
 * QMP: block devices, their jobs and the threads that serve them. This build has none, and programs that ask (libvirt does so for every guest) are told
 * so: the lists are empty, as they are on a QEMU without any.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/qmp.h"

static bool nothing(json_object **ret)
{
    *ret = json_object_new_array();
    return true;
}

/* The parts of their shapes that name a device. */
QMP_STRUCT(BlockInfo, "device:str qdev:str? type:str removable:bool locked:bool tray_open:bool?");
QMP_STRUCT(BlockStats, "device:str? qdev:str? node-name:str?");
QMP_STRUCT(BlockDeviceInfo, "file:str node-name:str? ro:bool drv:str");
QMP_STRUCT(BlockJobInfo, "type:str device:str len:int offset:int busy:bool paused:bool speed:int ready:bool error:str?");
QMP_STRUCT(JobInfo, "id:str current-progress:int total-progress:int error:str?");
QMP_STRUCT(IOThreadInfo, "id:str thread-id:int poll-max-ns:int poll-grow:int poll-shrink:int aio-max-batch:int");

QMP(query_block, "query-block", "", "[BlockInfo]", 0) { return nothing(ret); }
QMP(query_blockstats, "query-blockstats", "query-nodes:bool?", "[BlockStats]", 0) { return nothing(ret); }
QMP(query_named_block_nodes, "query-named-block-nodes", "flat:bool?", "[BlockDeviceInfo]", 0) { return nothing(ret); }
QMP(query_block_jobs, "query-block-jobs", "", "[BlockJobInfo]", 0) { return nothing(ret); }
QMP(query_jobs, "query-jobs", "", "[JobInfo]", 0) { return nothing(ret); }
QMP(query_iothreads, "query-iothreads", "", "[IOThreadInfo]", 0) { return nothing(ret); }
