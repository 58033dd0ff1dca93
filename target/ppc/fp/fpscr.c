/*
 * How instructions change the FPSCR (Power ISA Book I, 4.2.2).
 *
 * FX is set by an exception bit that goes from 0 to 1; FEX and VX are never stored on their own but
 * follow from the other bits, so they are recomputed after every change instead of being
 * maintained.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/fp/fpscr.h"

#include <stddef.h>

uint32_t fpscr_enables_of(uint32_t exceptions)
{
    uint32_t en = 0;

    if (exceptions & FPSCR_VX_ALL) {
        en |= FPSCR_VE;
    }
    /* OX UX ZX XX lie in the order of OE UE ZE XE. */
    en |= (exceptions & (FPSCR_OX | FPSCR_UX | FPSCR_ZX | FPSCR_XX)) >> 22;
    return en;
}

uint64_t fpscr_summarise(uint64_t fpscr)
{
    fpscr &= ~(uint64_t)FPSCR_SUMMARY;
    if (fpscr & FPSCR_VX_ALL) {
        fpscr |= FPSCR_VX;
    }
    if (fpscr_enables_of(fpscr) & fpscr) {
        fpscr |= FPSCR_FEX;
    }
    return fpscr;
}

uint64_t fpscr_apply(uint64_t fpscr, uint32_t flags, unsigned update, unsigned fprf, bool *raised)
{
    uint32_t ex = flags & FPSCR_STICKY;

    if (ex & ~fpscr) {
        fpscr |= FPSCR_FX;
    }
    fpscr |= ex;
    if (update & FPSCR_UPD_FRFI) {
        fpscr = (fpscr & ~(uint64_t)(FPSCR_FR | FPSCR_FI)) | (flags & (FPSCR_FR | FPSCR_FI));
    }
    if (update & FPSCR_UPD_FPRF) {
        fpscr = (fpscr & ~(uint64_t)FPSCR_FPRF) | (uint64_t)fprf << FPSCR_FPRF_SHIFT;
    } else if (update & FPSCR_UPD_FPCC) {
        fpscr = (fpscr & ~(uint64_t)FPSCR_FPCC) | (uint64_t)(fprf & 15) << FPSCR_FPRF_SHIFT;
    }
    if (raised) {
        *raised = fpscr_enables_of(ex) & fpscr;
    }
    return fpscr_summarise(fpscr);
}

uint64_t fpscr_write(uint64_t fpscr, uint64_t value, uint64_t mask)
{
    mask &= FPSCR_WRITABLE;
    return fpscr_summarise((fpscr & ~mask) | (value & mask));
}

uint64_t fpscr_set_bit(uint64_t fpscr, unsigned bit_be32)
{
    uint64_t bit = (uint64_t)(0x80000000u >> (bit_be32 & 31)) & FPSCR_WRITABLE;

    if (bit & FPSCR_STICKY & ~fpscr) {
        fpscr |= FPSCR_FX;
    }
    return fpscr_summarise(fpscr | bit);
}
