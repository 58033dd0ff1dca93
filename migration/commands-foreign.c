/*
 * Commands about what only other builds or machines have, with the answers of QEMU 7.2 of a pseries machine without it: KVM's dirty ring, network
 * devices that announce where they are, COLO, Xen.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/migration.h"
#include "monitor/monitor.h"
#include "monitor/qmp.h"
#include "system/report.h"
#include "system/runstate.h"
#include <errno.h>
#include <fcntl.h>
#include <gio/gunixoutputstream.h>
#include <unistd.h>

/* ---- a limit to what vCPUs write: the dirty ring of KVM would have to tell it ---- */

#define NO_RING "dirty page limit feature requires KVM with accelerator property 'dirty-ring-size' set'"

QMP_STRUCT(DirtyLimitInfo, "cpu-index:int limit-rate:int current-rate:int");

QMP(set_vcpu_dirty_limit, "set-vcpu-dirty-limit", "cpu-index:int? dirty-rate:size", "", 0)
{
    return report_fail(err, NO_RING);
}

QMP(cancel_vcpu_dirty_limit, "cancel-vcpu-dirty-limit", "cpu-index:int?", "", 0)
{
    return true;
}

QMP(query_vcpu_dirty_limit, "query-vcpu-dirty-limit", "", "[DirtyLimitInfo]", 0)
{
    *ret = json_object_new_array();
    return true;
}

HMP(set_vcpu_dirty_limit, "set_vcpu_dirty_limit", "dirty_rate:l cpu_index:l?", "dirty_rate [cpu_index]",
    "set dirty page rate limit, use cpu_index to set limit\n\t\t\t\t\t on a specified virtual cpu")
{
    g_string_append(out, "Error: " NO_RING "\n");
}

HMP(cancel_vcpu_dirty_limit, "cancel_vcpu_dirty_limit", "cpu_index:l?", "[cpu_index]",
    "cancel dirty page rate limit, use cpu_index to cancel\n\t\t\t\t\t limit on a specified virtual cpu")
{
    g_string_append(out, "[Please use 'info vcpu_dirty_limit' to query dirty limit for virtual CPU]\n");
}

HMP_INFO(vcpu_dirty_limit, "vcpu_dirty_limit", "", "", "show dirty page limit information of all vCPU")
{
    g_string_append(out, "Dirty page limit not enabled!\n");
}

/* ---- announcing: to every network device, of which this machine has none ---- */

QMP(announce_self, "announce-self", "initial:int max:int rounds:int step:int interfaces:[str]? id:str?", "", 0)
{
    return true;
}

HMP(announce_self, "announce_self", "interfaces:s? id:s?", "[interfaces] [id]", "Trigger GARP/RARP announcements")
{
}

/* ---- COLO ---- */

#define NO_COLO "The feature 'colo' is not enabled"

QMP_ENUM(COLOMode, "none primary secondary");
QMP_ENUM(COLOExitReason, "none request error processing");
QMP_STRUCT(COLOStatus, "mode:COLOMode last-mode:COLOMode reason:COLOExitReason");

QMP(query_colo_status, "query-colo-status", "", "COLOStatus", 0)
{
    *ret = qmp_object("mode", JSTR("none"), "last-mode", JSTR("none"), "reason", JSTR("none"), NULL);
    return true;
}

QMP(x_colo_lost_heartbeat, "x-colo-lost-heartbeat", "", "", 0)
{
    return report_fail(err, NO_COLO);
}

HMP(x_colo_lost_heartbeat, "x_colo_lost_heartbeat", "", "", "Tell COLO that heartbeat is lost,\n\t\t\ta failover or takeover is needed.")
{
    g_string_append(out, "Error: " NO_COLO "\n");
}

/* ---- Xen ---- */

QMP_STRUCT(ReplicationStatus, "error:bool desc:str?");

QMP(xen_set_replication, "xen-set-replication", "enable:bool primary:bool failover:bool?", "", 0)
{
    return true;
}

QMP(xen_colo_do_checkpoint, "xen-colo-do-checkpoint", "", "", 0)
{
    return true;
}

QMP(xen_set_global_dirty_log, "xen-set-global-dirty-log", "enable:bool", "", 0)
{
    return true;
}

QMP(query_xen_replication_status, "query-xen-replication-status", "", "ReplicationStatus", 0)
{
    *ret = qmp_object("error", JBOOL(false), NULL);
    return true;
}

static bool save_devices(const char *path, GError **err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0660);

    if (fd < 0) {
        return report_fail(err, "Unable to open %s: %s", path, g_strerror(errno));
    }
    g_autoptr(GOutputStream) to = g_unix_output_stream_new(fd, TRUE);
    MigOut *o = mig_out_new(to, NULL);
    bool ok = savevm_devices_alone(o, err);
    mig_out_free(o);
    return ok;
}

QMP(xen_save_devices_state, "xen-save-devices-state", "filename:str live:bool?", "", 0)
{
    bool ran = runstate_is_running();

    if (migration_running()) {
        return report_fail(err, "There's a migration process in progress");
    }
    globalstate_note();
    if (ran) {
        runstate_stop(RUN_FINISH_MIGRATE);
    }
    bool ok = save_devices(qmp_str(args, "filename", NULL), err);
    if (ran) {
        runstate_start();
    }
    return ok;
}

/* Into a machine that was used already, a file that fails half way would leave neither the one nor the other. */
QMP(xen_load_devices_state, "xen-load-devices-state", "filename:str", "", 0)
{
    if (runstate_is_running()) {
        return report_fail(err, "Cannot update device state while vm is running");
    }
    const char *path = qmp_str(args, "filename", NULL);
    if (access(path, R_OK)) {
        return report_fail(err, "Unable to open %s: %s", path, g_strerror(errno));
    }
    return report_fail(err, "%s: no machine of this program is Xen's: state is loaded into a new one, by -incoming, from what 'migrate' saved", path);
}
