/*
 * Slows the guest down: each vCPU sleeps so many percent of the time, in slices of 10 ms of work each.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SYSTEM_THROTTLE_H
#define SYSTEM_THROTTLE_H

void throttle_set(unsigned percent);    /* 0 to 99; 0: not at all. Big lock held. */
unsigned throttle_percent(void);        /* any thread */

#endif
