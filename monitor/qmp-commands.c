/*
 * QMP commands about the machine as a whole, and the events that it makes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/tcg.h"
#include "chardev/char.h"
#include "hw/core/object.h"
#include "hw/ppc/spapr.h"
#include "monitor/monitor.h"
#include "monitor/qmp.h"
#include "system/cpus.h"
#include "system/memory.h"
#include "system/report.h"
#include "system/runstate.h"
#include "target/ppc/cpu.h"
#include "target/ppc/models.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- the machine's life ---- */

QMP_ENUM(RunState, "debug inmigrate internal-error io-error paused postmigrate prelaunch finish-migrate restore-vm running save-vm shutdown "
         "suspended watchdog guest-panicked colo");
QMP_STRUCT(StatusInfo, "running:bool singlestep:bool status:RunState");

QMP(query_status, "query-status", "", "StatusInfo", 0)
{
    *ret = qmp_object("status", JSTR(runstate_name()), "singlestep", JBOOL(tcg_options.one_insn_per_tb),
                      "running", JBOOL(runstate_is_running()), NULL);
    return true;
}

QMP(stop, "stop", "", "", 0)
{
    if (runstate_is_running()) {
        runstate_stop(RUN_PAUSED);
    }
    return true;
}

QMP(cont, "cont", "", "", 0)
{
    return runstate_continue(err);
}

QMP(quit, "quit", "", "", 0)
{
    runstate_quit(SHUTDOWN_HOST_QMP_QUIT, 0);
    return true;
}

QMP(system_reset, "system_reset", "", "", 0)
{
    runstate_request_reset(SHUTDOWN_HOST_QMP_RESET);
    runstate_carry_out();
    return true;
}

QMP(system_powerdown, "system_powerdown", "", "", 0)
{
    runstate_request_powerdown();
    runstate_carry_out();
    return true;
}

QMP(system_wakeup, "system_wakeup", "", "", 0)
{
    return report_fail(err, "Unable to wake up: guest is not in suspended state");
}

QMP(inject_nmi, "inject-nmi", "", "", 0)
{
    spapr_inject_nmi();
    return true;
}

/* ---- who we are ---- */

QMP_STRUCT(VersionTriple, "major:int minor:int micro:int");
QMP_STRUCT(VersionInfo, "qemu:VersionTriple package:str");

QMP(query_version, "query-version", "", "VersionInfo", 0)
{
    *ret = qmp_version();
    return true;
}

QMP_STRUCT(NameInfo, "name:str?");

QMP(query_name, "query-name", "", "NameInfo", 0)
{
    *ret = json_object_new_object();
    if (runstate_guest_name) {
        json_object_object_add(*ret, "name", JSTR(runstate_guest_name));
    }
    return true;
}

QMP_STRUCT(UuidInfo, "UUID:str");

QMP(query_uuid, "query-uuid", "", "UuidInfo", 0)
{
    *ret = qmp_object("UUID", JSTR(runstate_guest_uuid ? runstate_guest_uuid : "00000000-0000-0000-0000-000000000000"), NULL);
    return true;
}

QMP_STRUCT(KvmInfo, "enabled:bool present:bool");

QMP(query_kvm, "query-kvm", "", "KvmInfo", 0)
{
    *ret = qmp_object("enabled", JBOOL(false), "present", JBOOL(false), NULL);
    return true;
}

QMP_ENUM(SysEmuTarget, "ppc64");
QMP_STRUCT(TargetInfo, "arch:SysEmuTarget");

QMP(query_target, "query-target", "", "TargetInfo", 0)
{
    *ret = qmp_object("arch", JSTR("ppc64"), NULL);
    return true;
}

/* ---- machines ---- */

QMP_STRUCT(MachineInfo, "name:str alias:str? is-default:bool? cpu-max:int hotpluggable-cpus:bool numa-mem-supported:bool deprecated:bool "
           "default-cpu-type:str? default-ram-id:str?");

QMP(query_machines, "query-machines", "", "[MachineInfo]", 0)
{
    GPtrArray *types = object_types();

    *ret = json_object_new_array();
    for (guint i = 0; i < types->len; i++) {
        const ObjectType *t = g_ptr_array_index(types, i);
        g_autofree char *name = machine_name_of(t);
        MachineInfo info;
        if (t->abstract || !object_type_is(t, "machine")) {
            continue;
        }
        machine_kind(name)->info(name, &info);
        json_object *m = qmp_object("hotpluggable-cpus", JBOOL(info.hotpluggable_cpus), "name", JSTR(name), "numa-mem-supported", JBOOL(info.numa_mem),
                                    "cpu-max", JINT(info.max_cpus), "deprecated", JBOOL(false), "default-ram-id", JSTR(info.default_ram), NULL);
        if (info.default_cpu) {
            g_autofree char *cpu = ppc_model_type_name(spapr_model_find(name, info.default_cpu, NULL));
            json_object_object_add(m, "default-cpu-type", JSTR(cpu));
        }
        if (info.is_default) {
            json_object_object_add(m, "is-default", JBOOL(true));
        }
        if (info.alias) {
            json_object_object_add(m, "alias", JSTR(info.alias));
        }
        json_object_array_add(*ret, m);
    }
    return true;
}

/* ---- character devices ---- */

QMP_STRUCT(ChardevInfo, "label:str filename:str frontend-open:bool");

QMP(query_chardev, "query-chardev", "", "[ChardevInfo]", 0)
{
    guint n;

    *ret = json_object_new_array();
    for (n = 0; chardev_nth(n); n++) {
        Chardev *c = chardev_nth(n);
        g_autoptr(GString) filename = g_string_new(NULL);
        chardev_describe(c, filename);
        json_object_array_add(*ret, qmp_object("frontend-open", JBOOL(chardev_frontend_open(c)), "filename", JSTR(filename->str),
                                               "label", JSTR(chardev_id(c)), NULL));
    }
    return true;
}

QMP(chardev_remove, "chardev-remove", "id:str", "", 0)
{
    const char *id = qmp_str(args, "id", NULL);

    return chardev_remove(id, err) || (err && *err ? false : report_fail(err, "Chardev '%s' not found", id));
}

QMP(chardev_send_break, "chardev-send-break", "id:str", "", 0)
{
    Chardev *c = chardev_find(qmp_str(args, "id", NULL));

    if (!c) {
        return report_fail(err, "Chardev '%s' not found", qmp_str(args, "id", NULL));
    }
    chardev_send_break(c);
    return true;
}

QMP_ENUM(DataFormat, "utf8 base64");

QMP(ringbuf_write, "ringbuf-write", "device:str data:str format:DataFormat?", "", 0)
{
    const char *data = qmp_str(args, "data", NULL);
    size_t len = strlen(data);

    if (strcmp(qmp_str(args, "format", "utf8"), "base64")) {
        return chardev_ringbuf_write(qmp_str(args, "device", NULL), data, len, err);
    }
    if (strspn(data, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") != len) {
        return report_fail(err, "Base64 data contains invalid characters");
    }
    g_autofree guchar *bytes = g_base64_decode(data, &len);
    return chardev_ringbuf_write(qmp_str(args, "device", NULL), bytes, len, err);
}

QMP(ringbuf_read, "ringbuf-read", "device:str size:int format:DataFormat?", "str", 0)
{
    g_autoptr(GByteArray) a = chardev_ringbuf_read(qmp_str(args, "device", NULL), qmp_int(args, "size", 0), err);

    if (!a) {
        return false;
    }
    const bool base64 = !strcmp(qmp_str(args, "format", "utf8"), "base64");
    g_autofree char *text = base64 ? g_base64_encode(a->data, a->len) : chardev_ringbuf_text(a);
    *ret = JSTR(text);
    return true;
}

/* ---- memory into files ---- */

/* Where there is no memory, zeros, so that what is behind a hole keeps its place in the file. */
static void read_physical(uint64_t at, uint8_t *buf, size_t n)
{
    while (n) {
        uint64_t run = memory_ram_run(at), piece = MIN(n, run ? run : (at | 0xfff) + 1 - at);
        if (!run || !memory_read(at, buf, piece)) {
            memset(buf, 0, piece);
        }
        at += piece;
        buf += piece;
        n -= piece;
    }
}

static bool save_memory(uint64_t at, uint64_t size, const char *path, PowerPCCPU *cpu, GError **err)
{
    g_autoptr(GByteArray) buf = g_byte_array_new();
    FILE *f;

    if (size > INT64_MAX) {
        return report_fail(err, "Parameter 'size' expects a number of bytes, not %" PRId64, (int64_t)size);
    }
    f = fopen(path, "wb");
    if (!f) {
        return report_fail(err, "Could not open '%s': %s", path, g_strerror(errno));
    }
    g_byte_array_set_size(buf, 65536);
    for (uint64_t n; size; size -= n, at += n) {
        n = MIN(size, buf->len);
        if (!cpu) {
            read_physical(at, buf->data, n);
        } else if (cpu_memory_rw_debug(cpu, at, buf->data, n, false)) {
            fclose(f);
            return report_fail(err, "Invalid addr 0x%016" PRIx64 "/size %" PRIu64 " specified", at, size);
        }
        if (fwrite(buf->data, 1, n, f) != n) {
            fclose(f);
            return report_fail(err, "writing memory to '%s' failed: %s", path, g_strerror(errno));
        }
    }
    return fclose(f) == 0 || report_fail(err, "writing memory to '%s' failed: %s", path, g_strerror(errno));
}

QMP(memsave, "memsave", "val:int size:int filename:str cpu-index:int?", "", 0)
{
    PowerPCCPU *cpu = ppc_cpu_get(qmp_int(args, "cpu-index", 0));

    if (!cpu) {
        return report_fail(err, "Parameter 'cpu-index' expects a CPU number");
    }
    return save_memory(qmp_int(args, "val", 0), qmp_int(args, "size", 0), qmp_str(args, "filename", NULL), cpu, err);
}

QMP(pmemsave, "pmemsave", "val:int size:int filename:str", "", 0)
{
    return save_memory(qmp_int(args, "val", 0), qmp_int(args, "size", 0), qmp_str(args, "filename", NULL), NULL, err);
}

/* ---- the human monitor ---- */

QMP(human_monitor_command, "human-monitor-command", "command-line:str cpu-index:int?", "str", 0)
{
    g_autoptr(GString) out = g_string_new(NULL);

    if (qmp_has(args, "cpu-index") && !ppc_cpu_get(qmp_int(args, "cpu-index", 0))) {
        return report_fail(err, "Parameter 'cpu-index' expects a CPU number");
    }
    monitor_execute_as(qmp_int(args, "cpu-index", 0), qmp_str(args, "command-line", NULL), out);
    g_string_replace(out, "\n", "\r\n", 0);
    *ret = JSTR(out->str);
    return true;
}

/* ---- events ---- */

QMP_ENUM(ShutdownCause, "none host-error host-qmp-quit host-qmp-system-reset host-signal host-ui guest-shutdown guest-reset guest-panic subsystem-reset "
         "snapshot-load");
QMP_ENUM(GuestPanicAction, "pause poweroff run");
QMP_EVENT(STOP, "");
QMP_EVENT(RESUME, "");
QMP_EVENT(RESET, "guest:bool reason:ShutdownCause");
QMP_EVENT(SHUTDOWN, "guest:bool reason:ShutdownCause");
QMP_EVENT(POWERDOWN, "");
QMP_EVENT(GUEST_PANICKED, "action:GuestPanicAction");

static void on_event(RunEvent e, ShutdownCause cause)
{
    json_object *why = NULL;

    if (e == RUN_EVENT_RESET || e == RUN_EVENT_SHUTDOWN) {
        why = qmp_object("guest", JBOOL(shutdown_by_guest(cause)), "reason", JSTR(shutdown_cause_name(cause)), NULL);
    } else if (e == RUN_EVENT_GUEST_PANICKED) {
        why = qmp_object("action", JSTR(runstate_on_panic == ACTION_PAUSE ? "pause" : runstate_on_panic == ACTION_NONE ? "run" : "poweroff"),
                         NULL);
    }
    static const char *const names[] = {
        [RUN_EVENT_STOP] = "STOP", [RUN_EVENT_RESUME] = "RESUME", [RUN_EVENT_RESET] = "RESET", [RUN_EVENT_SHUTDOWN] = "SHUTDOWN",
        [RUN_EVENT_POWERDOWN] = "POWERDOWN", [RUN_EVENT_GUEST_PANICKED] = "GUEST_PANICKED",
    };
    qmp_event(names[e], why);
}

void qmp_commands_init(void)
{
    runstate_on_event(on_event);
}
