/*
 * From the command line to a machine that stands still: for the emulator, and for programs that ask what the emulator would say.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/accel.h"
#include "accel/tcg/tcg.h"
#include "hw/core/device.h"
#include "hw/core/machine.h"
#include "hw/core/user-objects.h"
#include "system/clock.h"
#include "system/cpus.h"
#include "system/options.h"
#include "system/runstate.h"
#include <string.h>

/* What the machine says of its memory holds for backends that say nothing else. */
static void pin_backends(const GPtrArray *props)
{
    static const struct { const char *of_machine, *property; } all[] = { { "mem-merge=", "merge" }, { "dump-guest-core=", "dump" } };

    for (guint i = 0; props && i < props->len; i++) {
        const char *pair = g_ptr_array_index(props, i);
        for (unsigned k = 0; k < G_N_ELEMENTS(all); k++) {
            if (g_str_has_prefix(pair, all[k].of_machine)) {
                globals_add("memory-backend", all[k].property, pair + strlen(all[k].of_machine), true);
            }
        }
    }
}

bool options_make_machine(Options *o, GError **err)
{
    runstate_guest_name = o->machine.name;
    runstate_guest_uuid = o->machine.uuid;
    if (tcg_options.icount_shift >= 0) {
        clock_stand();
        tcg_options.multi_threaded = false;
    }
    if (accel->clock_stands) {
        clock_stand();
    }
    if (accel->init && !accel->init(err)) {
        return false;
    }
    clock_init();
    bql_lock();
    const MachineKind *kind = machine_kind(o->machine.machine);
    if (kind->pin_all) {
        kind->pin_all(o->machine.machine);
    }
    pin_backends(o->machine.props);
    for (guint i = 0; i < o->objects->len; i++) {
        if (!user_object_add(g_ptr_array_index(o->objects, i), err)) {
            return false;
        }
    }
    if (!options_open_backends(o, err) || !kind->init(&o->machine, err)) {
        return false;
    }
    for (guint i = 0; i < o->devices->len; i++) {
        if (!device_option_add(g_ptr_array_index(o->devices, i), err)) {
            return false;
        }
    }
    globals_warn_unused();
    return true;
}
