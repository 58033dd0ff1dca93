/*
 * Numbers of the stream's framing, as every program of this kind has them: for the loader and saver, and for what reads a stream
 * without a machine.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_WIRE_H
#define MIGRATION_WIRE_H

#include "migration/vmstate.h"

#define WIRE_MAGIC 0x5145564du  /* "QEVM" */
#define WIRE_VERSION 3

/* What opens a section, in one byte */
enum {
    SECTION_EOF = 0, SECTION_START = 1, SECTION_PART = 2, SECTION_END = 3, SECTION_FULL = 4, SECTION_SUBSECTION = 5, SECTION_DESCRIPTION = 6,
    SECTION_CONFIGURATION = 7, SECTION_COMMAND = 8, SECTION_FOOTER = 0x7e
};

/* wire.c: the first two words of a stream; the machine's name as section configuration begins with it */
bool wire_check_magic(uint64_t magic, GError **err);
bool wire_check_version(uint64_t version, GError **err);
#define WIRE_MACHINE_BYTES 256
bool wire_read_machine(VmsSource *in, char name[WIRE_MACHINE_BYTES], GError **err);

#endif
