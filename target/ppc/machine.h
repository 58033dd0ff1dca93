/*
 * Saved state of a processor thread.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_PPC_MACHINE_H
#define TARGET_PPC_MACHINE_H

#include "migration/vmstate.h"
#include "target/ppc/cpu.h"

extern const VMState vmstate_cpu_common, vmstate_cpu;

#endif
