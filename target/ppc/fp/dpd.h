/*
 * Densely packed decimal: three digits in ten bits (Power ISA Book I, appendix B).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_PPC_FP_DPD_H
#define TARGET_PPC_FP_DPD_H

#include <stdint.h>

/* Three BCD digits (12 bits) to a declet (10 bits). */
unsigned dpd_from_bcd(unsigned bcd);
/* All 1024 declets have a value; 24 of them are not what dpd_from_bcd() gives. */
unsigned dpd_to_bcd(unsigned declet);

/* The same from and to a number of 0 to 999, by table: this is every operand's and result's way. */
extern uint16_t dpd_declets[1000], dpd_numbers[1024];

static inline unsigned dpd_from_number(unsigned n)
{
    return dpd_declets[n];
}

static inline unsigned dpd_to_number(unsigned declet)
{
    return dpd_numbers[declet];
}

#endif
