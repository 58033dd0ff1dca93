/*
 * The command line as data.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SYSTEM_OPTIONS_H
#define SYSTEM_OPTIONS_H

#include "hw/ppc/spapr.h"

typedef struct Options {
    SpaprOptions machine;
    const char *serial, *monitor_spec;
    GPtrArray *chardevs, *devices;      /* arguments, in order */
    bool paused, nographic, nodefaults;
    struct Chardev *monitor;
} Options;

typedef enum { OPTIONS_RUN, OPTIONS_DONE, OPTIONS_ERROR } OptionsResult;
/* DONE: something was printed (help, version) and the program ends well. */
OptionsResult options_parse(int argc, char **argv, Options *o, GError **err);
/* "qemu-system-ppc64: ", with what -msg asked for before it; g_free */
char *options_message_prefix(const Options *o);
bool options_open_backends(Options *o, GError **err);

#endif
