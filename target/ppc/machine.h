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
 * that it comes early is something that every guest copes with. Nor does any from 2.5 to 11.1 take to the processor an external
 * interrupt that waits in an XICS presenter: it waits for ever, and keeps out all that come later. So none had better wait. For migration_settle().
 */
bool ppc_settle(bool last);

extern const VMState vmstate_cpu_common, vmstate_cpu;

#endif
