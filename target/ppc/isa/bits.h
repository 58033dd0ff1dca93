/*
 * Bit selections under a mask that fixed-point and vector instructions of ISA 3.1 have in common: cfuged and
 * vcfuged, cntlzdm and vclzdm, cnttzdm and vctzdm (Power ISA Book I, 3.3.13 and 6.10).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_PPC_ISA_BITS_H
#define TARGET_PPC_ISA_BITS_H

#include "target/ppc/isa.h"

/* Bits of x at ones of the mask m go to the right end, the others to the left. */
static inline Val bits_centrifuge(Val x, Val m)
{
    Val ones = popcnt64(m);
    Val r = bor(shl(pext(x, bnot(m)), ones), pext(x, m));

    return sel(C_EQ, ones, iconst(64), x, r);
}

/* Leading and trailing zeros of x among the places where m has ones. */
static inline Val bits_clz_under(Val x, Val m)
{
    return sub(clz64(pext(x, m)), sub(iconst(64), popcnt64(m)));
}

static inline Val bits_ctz_under(Val x, Val m)
{
    Val p = pext(x, m);

    return sel(C_EQ, p, iconst(0), popcnt64(m), ctz64(p));
}

#endif
