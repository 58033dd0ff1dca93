/*
 * libFuzzer: what a debugger may send. Each line of the input is a packet's body, framed here; after a first byte 0xff all of it is
 * bytes of the connection. Commands of the monitor and the end of the process are left out, and the guest never runs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "machine.h"
#include "accel/tcg/breakpoint.h"
#include "gdbstub/gdb-int.h"
#include "system/runstate.h"
#include <stdio.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    g_autoptr(GError) err = NULL;

    fuzz_machine("pseries-7.2", "POWER9");
    spapr_reset();
    if (!gdb_server_open("null", &err)) {
        g_error("%s", err->message);
    }
    return 0;
}

static void feed(const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        gdb_packet_byte(bytes[i]);
    }
}

static void feed_packet(const char *body)
{
    uint8_t sum = 0;
    char end[4];

    if (strstr(body, "qRcmd") || strstr(body, "vKill") || *body == 'k') {
        return;
    }
    for (const char *p = body; *p; p++) {
        sum += (uint8_t)*p;
    }
    snprintf(end, sizeof(end), "#%02x", sum);
    feed("+$", 2);
    feed(body, strlen(body));
    feed(end, 3);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool raw = size && data[0] == 0xff;
    g_autofree char *text = g_strndup((const char *)data + raw, size - raw);

    gdb_packet_reset();
    gdb_attach();
    gdb.connected = true;
    if (raw) {
        if (!strchr(text, 'k') && !strstr(text, "qRcmd") && !strchr(text, '*') && !strchr(text, '}')) {
            feed(text, strlen(text));
        }
    } else {
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        for (char **l = lines; *l; l++) {
            feed_packet(*l);
        }
    }
    gdb.connected = false;
    if (runstate_is_running()) {
        runstate_stop(RUN_PAUSED);
    }
    breakpoints_clear();
    return 0;
}
