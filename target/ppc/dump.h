/*
 * A processor for people: its registers as text, and by name.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_PPC_DUMP_H
#define TARGET_PPC_DUMP_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct PowerPCCPU PowerPCCPU;

/* As QEMU's `info registers` and -d cpu have it. The processor must stand still. */
void ppc_cpu_dump(PowerPCCPU *cpu, bool fpu, GString *out);
/* r0, f0, nip (pc), lr, ctr, cr, xer, msr, fpscr, and each SPR that the model has; any case. false: no such register */
bool ppc_register_by_name(PowerPCCPU *cpu, const char *name, uint64_t *value);
/* Their names, for completion; g_ptr_array_unref(). */
GPtrArray *ppc_register_names(PowerPCCPU *cpu);
void ppc_dump_slb(PowerPCCPU *cpu, GString *out);       /* info tlb */

#endif
