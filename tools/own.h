/*
 * The emulator's machine inside of this program: what its loader would say. A process can have one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TOOLS_OWN_H
#define TOOLS_OWN_H

#include "tools/saved.h"

/*
 * The machine that the emulator's options `args` mean (NULL-terminated, without the program's name; read for as long as the process lives). It does
 * not run, and nothing outside is touched: character devices are left out, sockets and files are not opened. The big lock is held afterwards.
 */
bool own_machine(char **args, GError **err);
/* Options for a machine like that of the stream, as far as its memory and device state tell. g_strfreev() */
char **own_options(const Saved *s, const uint8_t *tail, size_t size);
/* The processor's model by the PVR in the stream, or NULL. */
const char *own_model(const Saved *s);

#endif
