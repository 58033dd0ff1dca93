/*
 * Saved state of a processor thread.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_PPC_MACHINE_H
#define TARGET_PPC_MACHINE_H

#include "migration/vmstate.h"
#include "target/ppc/cpu.h"

/*
 * QEMU before 8.2 does not take the decrementer from a stream: a guest that waits for it there waits for ever. So machines of
 * those versions leave with each thread in its decrementer interrupt, which looks at the time and sets the decrementer anew;
 * that it comes early is something that every guest copes with. For migration_settle().
 */
bool ppc_settle_decrementers(bool last);

extern const VMState vmstate_cpu_common, vmstate_cpu;

#endif
