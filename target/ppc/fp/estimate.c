/*
 * Reciprocal and reciprocal square root estimates (Book I, 4.6.5, 7.6).
 *
 * The architecture bounds the error and leaves the bits free. A program may depend on them between
 * two machines of a migration, so they are those of the peer implementation: the correctly rounded
 * quotient, and the quotient of the correctly rounded root.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/fp/softfp.h"

static const FpNum one = { .cls = FPN_FINITE, .sig = (u128)1 << 127 };

u128 fp_recip_estimate(FpCtx *c, const FpFormat *f, u128 a)
{
    return fp_round_pack(c, f, fpn_div(c, one, fp_unpack(f, a), f->prec));
}

u128 fp_rsqrt_estimate(FpCtx *c, const FpFormat *f, u128 a)
{
    /* frsqrtes works in double precision and rounds the quotient once more. */
    const FpFormat *work = f == &fp_single_in_double ? &fp_double : f;
    FpCtx inner = { .rm = c->rm };
    FpNum r = fpn_sqrt(c, fp_unpack(f, a), f->prec);

    r = fp_unpack(work, fp_round_pack(&inner, work, r));
    r = fpn_div(c, one, r, f->prec);
    if (work != f && r.cls == FPN_FINITE) {
        uint32_t seen = inner.flags;

        r = fp_unpack(work, fp_round_pack(&inner, work, r));
        c->flags |= (inner.flags & ~seen) & FPSCR_XX;
    }
    return fp_round_pack(c, f, r);
}
