/*
 * Floating-point loads, stores and moves (Power ISA Book I, 4.6.2 to 4.6.5).
 *
 * Loads and stores move bits: converting a single never raises anything, so it is not arithmetic.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa/fp-emit.h"

/* An update form with RA = 0 is invalid. */
static bool no_update(DisasCtx *ctx, const Insn *a)
{
    if (RA(a) == 0) {
        raise_program(ctx, PROG_INVAL);
        return true;
    }
    return false;
}

static void load_single(DisasCtx *ctx, unsigned t, Val ea)
{
    set_fpr(t, fp_single_to_double(mem_ld(ctx, ea, MO_32)));
}

static void store_single(DisasCtx *ctx, unsigned s, Val ea)
{
    mem_st(ctx, ea, fp_double_to_single(fpr(s)), MO_32);
}

INSN(lfs, "lfs frt,d(ra)", "48:6 frt:5 ra0:5 d:16", FLOAT, INSN_FP | INSN_MEM)
{
    load_single(ctx, RT(a), ea_d(ctx, RA(a), SI(a)));
}

INSN(lfsx, "lfsx frt,ra,rb", "31:6 frt:5 ra0:5 rb:5 535:10 /:1", FLOAT, INSN_FP | INSN_MEM)
{
    load_single(ctx, RT(a), ea_x(ctx, RA(a), RB(a)));
}

INSN(lfsu, "lfsu frt,d(ra)", "49:6 frt:5 ra:5 d:16", FLOAT, INSN_FP | INSN_MEM)
{
    Val ea;

    if (no_update(ctx, a)) {
        return;
    }
    ea = ea_d(ctx, RA(a), SI(a));
    load_single(ctx, RT(a), ea);
    set_gpr(RA(a), ea);
}

INSN(lfsux, "lfsux frt,ra,rb", "31:6 frt:5 ra:5 rb:5 567:10 /:1", FLOAT, INSN_FP | INSN_MEM)
{
    Val ea;

    if (no_update(ctx, a)) {
        return;
    }
    ea = ea_x(ctx, RA(a), RB(a));
    load_single(ctx, RT(a), ea);
    set_gpr(RA(a), ea);
}

INSN(lfd, "lfd frt,d(ra)", "50:6 frt:5 ra0:5 d:16", FLOAT, INSN_FP | INSN_MEM)
{
    set_fpr(RT(a), mem_ldf(ctx, ea_d(ctx, RA(a), SI(a))));
}

INSN(lfdx, "lfdx frt,ra,rb", "31:6 frt:5 ra0:5 rb:5 599:10 /:1", FLOAT, INSN_FP | INSN_MEM)
{
    set_fpr(RT(a), mem_ldf(ctx, ea_x(ctx, RA(a), RB(a))));
}

INSN(lfdu, "lfdu frt,d(ra)", "51:6 frt:5 ra:5 d:16", FLOAT, INSN_FP | INSN_MEM)
{
    Val ea;

    if (no_update(ctx, a)) {
        return;
    }
    ea = ea_d(ctx, RA(a), SI(a));
    set_fpr(RT(a), mem_ldf(ctx, ea));
    set_gpr(RA(a), ea);
}

INSN(lfdux, "lfdux frt,ra,rb", "31:6 frt:5 ra:5 rb:5 631:10 /:1", FLOAT, INSN_FP | INSN_MEM)
{
    Val ea;

    if (no_update(ctx, a)) {
        return;
    }
    ea = ea_x(ctx, RA(a), RB(a));
    set_fpr(RT(a), mem_ldf(ctx, ea));
    set_gpr(RA(a), ea);
}

INSN(stfs, "stfs frs,d(ra)", "52:6 frs:5 ra0:5 d:16", FLOAT, INSN_FP | INSN_MEM)
{
    store_single(ctx, RS(a), ea_d(ctx, RA(a), SI(a)));
}

INSN(stfsx, "stfsx frs,ra,rb", "31:6 frs:5 ra0:5 rb:5 663:10 /:1", FLOAT, INSN_FP | INSN_MEM)
{
    store_single(ctx, RS(a), ea_x(ctx, RA(a), RB(a)));
}

INSN(stfsu, "stfsu frs,d(ra)", "53:6 frs:5 ra:5 d:16", FLOAT, INSN_FP | INSN_MEM)
{
    Val ea;

    if (no_update(ctx, a)) {
        return;
    }
    ea = ea_d(ctx, RA(a), SI(a));
    store_single(ctx, RS(a), ea);
    set_gpr(RA(a), ea);
}

INSN(stfsux, "stfsux frs,ra,rb", "31:6 frs:5 ra:5 rb:5 695:10 /:1", FLOAT, INSN_FP | INSN_MEM)
{
    Val ea;

    if (no_update(ctx, a)) {
        return;
    }
    ea = ea_x(ctx, RA(a), RB(a));
    store_single(ctx, RS(a), ea);
    set_gpr(RA(a), ea);
}

INSN(stfd, "stfd frs,d(ra)", "54:6 frs:5 ra0:5 d:16", FLOAT, INSN_FP | INSN_MEM)
{
    mem_stf(ctx, ea_d(ctx, RA(a), SI(a)), fpr(RS(a)));
}

INSN(stfdx, "stfdx frs,ra,rb", "31:6 frs:5 ra0:5 rb:5 727:10 /:1", FLOAT, INSN_FP | INSN_MEM)
{
    mem_stf(ctx, ea_x(ctx, RA(a), RB(a)), fpr(RS(a)));
}

INSN(stfdu, "stfdu frs,d(ra)", "55:6 frs:5 ra:5 d:16", FLOAT, INSN_FP | INSN_MEM)
{
    Val ea;

    if (no_update(ctx, a)) {
        return;
    }
    ea = ea_d(ctx, RA(a), SI(a));
    mem_stf(ctx, ea, fpr(RS(a)));
    set_gpr(RA(a), ea);
}

INSN(stfdux, "stfdux frs,ra,rb", "31:6 frs:5 ra:5 rb:5 759:10 /:1", FLOAT, INSN_FP | INSN_MEM)
{
    Val ea;

    if (no_update(ctx, a)) {
        return;
    }
    ea = ea_x(ctx, RA(a), RB(a));
    mem_stf(ctx, ea, fpr(RS(a)));
    set_gpr(RA(a), ea);
}

INSN(plfs, "plfs frt,d(ra),r",
     "1:6 2:2 /:1 /:2 r:1 /:2 d0:18 | 48:6 frt:5 ra:5 d1:16", ISA310, INSN_FP | INSN_MEM)
{
    if (!bad_prefixed(ctx, a)) {
        load_single(ctx, RT(a), ea_pd(ctx, a));
    }
}

INSN(plfd, "plfd frt,d(ra),r",
     "1:6 2:2 /:1 /:2 r:1 /:2 d0:18 | 50:6 frt:5 ra:5 d1:16", ISA310, INSN_FP | INSN_MEM)
{
    if (!bad_prefixed(ctx, a)) {
        set_fpr(RT(a), mem_ldf(ctx, ea_pd(ctx, a)));
    }
}

INSN(pstfs, "pstfs frs,d(ra),r",
     "1:6 2:2 /:1 /:2 r:1 /:2 d0:18 | 52:6 frs:5 ra:5 d1:16", ISA310, INSN_FP | INSN_MEM)
{
    if (!bad_prefixed(ctx, a)) {
        store_single(ctx, RS(a), ea_pd(ctx, a));
    }
}

INSN(pstfd, "pstfd frs,d(ra),r",
     "1:6 2:2 /:1 /:2 r:1 /:2 d0:18 | 54:6 frs:5 ra:5 d1:16", ISA310, INSN_FP | INSN_MEM)
{
    if (!bad_prefixed(ctx, a)) {
        mem_stf(ctx, ea_pd(ctx, a), fpr(RS(a)));
    }
}

INSN(stfiwx, "stfiwx frs,ra,rb", "31:6 frs:5 ra0:5 rb:5 983:10 /:1", STFIWX, INSN_FP | INSN_MEM)
{
    mem_st(ctx, ea_x(ctx, RA(a), RB(a)), f2i(fpr(RS(a))), MO_32);
}

INSN(lfiwax, "lfiwax frt,ra,rb", "31:6 frt:5 ra0:5 rb:5 855:10 /:1", ISA205, INSN_FP | INSN_MEM)
{
    set_fpr(RT(a), i2f(mem_ld(ctx, ea_x(ctx, RA(a), RB(a)), MO_32 | MO_SIGN)));
}

INSN(lfiwzx, "lfiwzx frt,ra,rb", "31:6 frt:5 ra0:5 rb:5 887:10 /:1", FP_CVT206, INSN_FP | INSN_MEM)
{
    set_fpr(RT(a), i2f(mem_ld(ctx, ea_x(ctx, RA(a), RB(a)), MO_32)));
}

/* A pair begins with an even register; anything else is an invalid form. */
static bool odd_pair(DisasCtx *ctx, const Insn *a)
{
    if (RT(a) & 1) {
        raise_program(ctx, PROG_INVAL);
        return true;
    }
    return false;
}

static void load_pair(DisasCtx *ctx, const Insn *a, Val ea)
{
    if (odd_pair(ctx, a)) {
        return;
    }
    Val first = mem_ldf(ctx, ea), second = mem_ldf(ctx, ea_add(ctx, ea, 8));

    set_fpr(RT(a), first);
    set_fpr(RT(a) | 1, second);
}

static void store_pair(DisasCtx *ctx, const Insn *a, Val ea)
{
    if (odd_pair(ctx, a)) {
        return;
    }
    mem_stf(ctx, ea, fpr(RS(a)));
    mem_stf(ctx, ea_add(ctx, ea, 8), fpr(RS(a) | 1));
}

INSN(lfdp, "lfdp frtp,ds(ra)", "57:6 frtp:5 ra0:5 ds:14 0:2", ISA205, INSN_FP | INSN_MEM)
{
    load_pair(ctx, a, ea_d(ctx, RA(a), DS(a)));
}

INSN(lfdpx, "lfdpx frtp,ra,rb", "31:6 frtp:5 ra0:5 rb:5 791:10 /:1", ISA205, INSN_FP | INSN_MEM)
{
    load_pair(ctx, a, ea_x(ctx, RA(a), RB(a)));
}

INSN(stfdp, "stfdp frsp,ds(ra)", "61:6 frsp:5 ra0:5 ds:14 0:2", ISA205, INSN_FP | INSN_MEM)
{
    store_pair(ctx, a, ea_d(ctx, RA(a), DS(a)));
}

INSN(stfdpx, "stfdpx frsp,ra,rb", "31:6 frsp:5 ra0:5 rb:5 919:10 /:1", ISA205, INSN_FP | INSN_MEM)
{
    store_pair(ctx, a, ea_x(ctx, RA(a), RB(a)));
}

INSN(fmr, "fmr[.] frt,frb", "63:6 frt:5 /:5 frb:5 72:10 rc:1", FLOAT, INSN_FP)
{
    set_fpr(RT(a), fpr(RB(a)));
    if (RC(a)) {
        fp_set_cr1();
    }
}

INSN(fneg, "fneg[.] frt,frb", "63:6 frt:5 /:5 frb:5 40:10 rc:1", FLOAT, INSN_FP)
{
    set_fpr(RT(a), fneg_(fpr(RB(a))));
    if (RC(a)) {
        fp_set_cr1();
    }
}

INSN(fabs, "fabs[.] frt,frb", "63:6 frt:5 /:5 frb:5 264:10 rc:1", FLOAT, INSN_FP)
{
    set_fpr(RT(a), fabs_(fpr(RB(a))));
    if (RC(a)) {
        fp_set_cr1();
    }
}

INSN(fnabs, "fnabs[.] frt,frb", "63:6 frt:5 /:5 frb:5 136:10 rc:1", FLOAT, INSN_FP)
{
    set_fpr(RT(a), fnabs_(fpr(RB(a))));
    if (RC(a)) {
        fp_set_cr1();
    }
}

INSN(fcpsgn, "fcpsgn[.] frt,fra,frb", "63:6 frt:5 fra:5 frb:5 8:10 rc:1", ISA205, INSN_FP)
{
    set_fpr(RT(a), fp_copy_sign(fpr(RA(a)), fpr(RB(a))));
    if (RC(a)) {
        fp_set_cr1();
    }
}

INSN(fsel, "fsel[.] frt,fra,frc,frb", "63:6 frt:5 fra:5 frb:5 frc:5 23:5 rc:1", FSEL, INSN_FP)
{
    /* -0 selects FRC, a NaN FRB. */
    set_fpr(RT(a), fsel(C_GE, fpr(RA(a)), fconst(0), fpr(RC_(a)), fpr(RB(a))));
    if (RC(a)) {
        fp_set_cr1();
    }
}

INSN(fmrgew, "fmrgew frt,fra,frb", "63:6 frt:5 fra:5 frb:5 966:10 /:1", VSX207, INSN_FP)
{
    Val hi = andi(f2i(fpr(RA(a))), 0xffffffff00000000ull);

    set_fpr(RT(a), i2f(bor(hi, shri(f2i(fpr(RB(a))), 32))));
}

INSN(fmrgow, "fmrgow frt,fra,frb", "63:6 frt:5 fra:5 frb:5 838:10 /:1", VSX207, INSN_FP)
{
    Val hi = shli(f2i(fpr(RA(a))), 32);

    set_fpr(RT(a), i2f(bor(hi, extu32(f2i(fpr(RB(a)))))));
}
