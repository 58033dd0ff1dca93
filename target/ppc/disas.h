/*
 * Guest disassembly for logs, through libcapstone when the build has it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_PPC_DISAS_H
#define TARGET_PPC_DISAS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void ppc_disassemble(GString *out, uint64_t pc, const void *code, size_t len, bool le);

#endif
