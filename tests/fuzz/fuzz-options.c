/*
 * libFuzzer: the values of options. A line is an option and its value. Options that
 * only keep their argument (files to open) or that leave the process are left out; what -device and -chardev say is parsed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/device.h"
#include "machine.h"
#include "system/options-int.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    fuzz_machine("pseries-7.2", "POWER9");
    if (!freopen("/dev/null", "w", stdout)) {       /* lists that help prints */
        abort();
    }
    return 0;
}

static bool one(const char *option, const char *value, GError **err)
{
    static const char *const known[] = { "machine", "cpu", "accel", "smp", "m", "numa", "object", "icount", "name", "uuid", "boot", "action",
                                         "msg", "global", "rtc", "display", "vga", "echr", "prom-env", "dfilter", "chardev", "mon" };
    static const OptDesc chardev[] = { { "host", OPT_STRING }, { "port", OPT_NUMBER }, { "server", OPT_BOOL }, { "size", OPT_SIZE }, { NULL } };
    static Options o;

    if (!strcmp(option, "device")) {
        return device_option_add(value, err);
    }
    if (!strcmp(option, "parse")) {
        g_autoptr(Opts) parsed = opts_parse(value, "backend", chardev, err);
        return parsed;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(known); i++) {
        if (!strcmp(known[i], option)) {
            o.machine.machine = o.machine.machine ? o.machine.machine : "pseries-7.2";
            o.objects = o.objects ? o.objects : g_ptr_array_new();
            o.chardevs = o.chardevs ? o.chardevs : g_ptr_array_new();
            o.monitors = o.monitors ? o.monitors : g_array_new(FALSE, FALSE, sizeof(MonitorOption));
            return options_find(option)(&o, g_intern_string(value), err) && options_finish_machine(&o, err);
        }
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(GStrv) lines = g_strsplit(text, "\n", 20);

    for (char **l = lines; *l; l++) {
        g_autoptr(GError) err = NULL;
        char *space = strchr(*l, ' ');
        if (space) {
            *space = 0;
            g_assert(one(*l, space + 1, &err) || err);
        }
    }
    return 0;
}
