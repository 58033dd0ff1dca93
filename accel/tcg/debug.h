/*
 * Translation as text: the -d items about code, and the map that perf reads.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_TCG_DEBUG_H
#define ACCEL_TCG_DEBUG_H

#include "accel/tcg/region.h"

void tcg_log_guest_code(const IrRegion *ir, const void *code);          /* in_asm */
void tcg_log_ir(const IrRegion *ir, unsigned item);                     /* LOG_OP or LOG_OP_OPT */
void tcg_log_host_code(const Region *r);                                /* out_asm */
void tcg_perf_region(const Region *r);                                  /* -perfmap */

#endif
