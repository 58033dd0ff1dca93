/*
 * Devices that come and go while the machine is there.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/device.h"
#include "monitor/monitor.h"
#include "monitor/qmp.h"

/* Further members are properties of the type. */
QMP(device_add, "device_add", "driver:str bus:str? id:str? ?", "", 0)
{
    return device_add_json(args, err);
}

QMP(device_del, "device_del", "id:str", "", 0)
{
    return device_del(qmp_str(args, "id", NULL), err);
}

HMP(device_add, "device_add", "device:S", "driver[,prop=value][,...]", "add device, like -device on the command line")
{
    g_autoptr(GError) err = NULL;

    if (!device_option_help(a->str[0], out, &err)) {
        device_add_text(a->str[0], &err);
    }
    monitor_print_error(out, err);
}

HMP(device_del, "device_del", "id:s", "device", "remove device")
{
    g_autoptr(GError) err = NULL;

    device_del(a->str[0], &err);
    monitor_print_error(out, err);
}
