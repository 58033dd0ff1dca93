/*
 * FPSCR instructions (Power ISA Book I, 4.6.10).
 *
 * A write may enable exceptions or change the rounding mode, which generated code has built in
 * (RF_FPSLOW), so the region ends after it. The C library sets the rounding mode around many of its
 * functions, nearly always to what it is: without RF_FPSLOW that is round to nearest, and setting it
 * is nothing at all.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa/fp-emit.h"

#define CONTROL (FPSCR_DRN | FPSCR_ENABLES | FPSCR_NI | FPSCR_RN)

/* What is owed stays owed: it comes along, so that nothing needs to be in memory. */
static Val read_fpscr(void)
{
    Val v = CALL(helper_fpscr_with_op, "ieifff", IRC_STATE, slot_get(SLOT_FPOP), slot_get(SLOT_FPA),
                 slot_get(SLOT_FPB), slot_get(SLOT_FPC));

    return CALL(helper_fpscr_with_compare, "iiiff", IRC_PURE, v, slot_get(SLOT_FPQ),
                slot_get(SLOT_FPQA), slot_get(SLOT_FPQB));
}

/* The control bits are never owed. */
static Val read_control(void)
{
    return andi(ldenv(MO_64, offsetof(PowerPCCPU, fpscr)), CONTROL);
}

/* After the change: CR1, the interrupt of an exception that is now enabled, a new region. */
static void changed(DisasCtx *ctx, bool rc)
{
    if (rc) {
        fp_set_cr1();
    }
    CALLV(helper_fpscr_raise, "ve", IRC_RAISE | IRC_STATE);
    end_region(ctx);
}

static void write_fpscr(DisasCtx *ctx, Val value, uint64_t mask, bool rc)
{
    CALLV(helper_fpscr_write, "veii", IRC_WRITE | IRC_STATE, value, iconst(mask));
    changed(ctx, rc);
}

/*
 * RN from `v`, the old control bits to FRT. Without RF_FPSLOW the present mode is round to nearest; another one is
 * set out of line, and what is owed is evaluated under the old one.
 */
static void set_rounding(DisasCtx *ctx, unsigned frt, Val v)
{
    Val op, changed_mode;

    set_fpr(frt, i2f(read_control()));
    if (ctx->flags & RF_FPSLOW) {
        write_fpscr(ctx, v, FPSCR_RN, false);
        return;
    }
    op = slot_get(SLOT_FPOP);
    changed_mode = GUARD(C_TSTNZ, v, iconst(FPSCR_RN), iconst(0), helper_fpscr_leave_nearest, "ieiifff", IRC_STATE,
                         v, op, slot_get(SLOT_FPA), slot_get(SLOT_FPB), slot_get(SLOT_FPC));
    slot_set(SLOT_FPOP, iconst(0));
    exit_if_ex(C_NE, changed_mode, iconst(0), false, (IrExit){ .kind = EXIT_LOOP, .target = ctx->next_pc });
    slot_set(SLOT_FPOP, op);
}

INSN(mffs, "mffs[.] frt", "63:6 frt:5 /:5 /:5 583:10 rc:1", FLOAT, INSN_FP)
{
    set_fpr(RT(a), i2f(read_fpscr()));
    if (RC(a)) {
        fp_set_cr1();
    }
}

INSN(mffsce, "mffsce frt", "63:6 frt:5 1:5 /:5 583:10 0:1", ISA300, INSN_FP)
{
    set_fpr(RT(a), i2f(read_fpscr()));
    write_fpscr(ctx, iconst(0), FPSCR_ENABLES, false);
}

INSN(mffsl, "mffsl frt", "63:6 frt:5 24:5 /:5 583:10 0:1", ISA300, INSN_FP)
{
    uint64_t mask = CONTROL | FPSCR_FR | FPSCR_FI | FPSCR_FPRF;

    set_fpr(RT(a), i2f(andi(read_fpscr(), mask)));
}

INSN(mffscrn, "mffscrn frt,frb", "63:6 frt:5 22:5 frb:5 583:10 0:1", ISA300, INSN_FP)
{
    set_rounding(ctx, RT(a), f2i(fpr(RB(a))));
}

INSN(mffscrni, "mffscrni frt,rm", "63:6 frt:5 23:5 /:3 rm:2 583:10 0:1", ISA300, INSN_FP)
{
    set_rounding(ctx, RT(a), iconst(FIELD(a, 11, 2)));
}

INSN(mffscdrn, "mffscdrn frt,frb", "63:6 frt:5 20:5 frb:5 583:10 0:1", ISA300, INSN_FP)
{
    /* The operand first: FRT may be FRB. */
    Val v = f2i(fpr(RB(a)));

    set_fpr(RT(a), i2f(read_control()));
    write_fpscr(ctx, v, FPSCR_DRN, false);
}

INSN(mffscdrni, "mffscdrni frt,drm", "63:6 frt:5 21:5 /:2 drm:3 583:10 0:1", ISA300, INSN_FP)
{
    /* The operand first: FRT may be FRB. */
    Val v = iconst((uint64_t)FIELD(a, 11, 3) << FPSCR_DRN_SHIFT);

    set_fpr(RT(a), i2f(read_control()));
    write_fpscr(ctx, v, FPSCR_DRN, false);
}

INSN(mtfsf, "mtfsf[.] flm,frb,l,w", "63:6 l:1 flm:8 w:1 frb:5 711:10 rc:1", FLOAT, INSN_FP)
{
    bool dfp_half = ppc_has(&ctx->features, PPC_F_ISA205);   /* L and W exist */
    uint64_t mask = ~0ull;

    if (!dfp_half || !FIELD(a, 25, 1)) {
        unsigned flm = FIELD(a, 17, 8);

        mask = 0;
        for (int i = 0; i < 8; i++) {
            mask |= flm >> i & 1 ? 0xfull << (4 * i) : 0;
        }
        mask <<= dfp_half && FIELD(a, 16, 1) ? 32 : 0;
    }
    write_fpscr(ctx, f2i(fpr(RB(a))), mask, RC(a));
}

INSN(mtfsfi, "mtfsfi[.] bf,u,w", "63:6 bf:3 /:6 w:1 u:4 /:1 134:10 rc:1", FLOAT, INSN_FP)
{
    unsigned shift = 4 * (7 - BF(a)) + (FIELD(a, 16, 1) ? 32 : 0);

    write_fpscr(ctx, iconst((uint64_t)FIELD(a, 12, 4) << shift), 0xfull << shift, RC(a));
}

INSN(mtfsb0, "mtfsb0[.] bt", "63:6 bt:5 /:5 /:5 70:10 rc:1", FLOAT, INSN_FP)
{
    write_fpscr(ctx, iconst(0), 0x80000000ull >> BT(a), RC(a));
}

INSN(mtfsb1, "mtfsb1[.] bt", "63:6 bt:5 /:5 /:5 38:10 rc:1", FLOAT, INSN_FP)
{
    CALLV(helper_fpscr_set_bit, "vei", IRC_WRITE | IRC_STATE, iconst(BT(a)));
    changed(ctx, RC(a));
}

INSN(mcrfs, "mcrfs bf,bfa", "63:6 bf:3 /:2 bfa:3 /:2 /:5 64:10 /:1", FLOAT, INSN_FP)
{
    set_crf(BF(a), CALL(helper_fpscr_mcrfs, "iei", IRC_WRITE | IRC_STATE, iconst(BFA(a))));
}
