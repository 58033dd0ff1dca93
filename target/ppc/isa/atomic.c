/*
 * Reservations, atomic memory operations, and ordering (Power ISA Book II, 4.4 to 4.6).
 *
 * A reservation remembers address, length and the value loaded; store conditional succeeds if a
 * compare-and-swap against that value does. A value that changed and changed back goes unnoticed: what
 * the book's users (locks, counters, list heads with tags) rely on still holds.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa.h"
#include "target/ppc/isa/helpers.h"
#include "target/ppc/mmu.h"

static void reserve(DisasCtx *ctx, const Insn *a, MemOp op)
{
    Val ea = ea_x(ctx, RA(a), RB(a)), v = mem_ld(ctx, ea, op | MO_ALIGN);

    slot_set(SLOT_RES_ADDR, ea);
    slot_set(SLOT_RES_SIZE, iconst(MO_BYTES(op)));
    slot_set(SLOT_RES_VAL, v);
    set_gpr(RT(a), v);
}

/* The swap must not be tried when the reservation is not held, so a helper decides. */
static void conditional(DisasCtx *ctx, const Insn *a, MemOp op)
{
    Val ea = ea_x(ctx, RA(a), RB(a));
    Val held = band(setcond(C_EQ, slot_get(SLOT_RES_ADDR), ea),
                    setcond(C_EQ, slot_get(SLOT_RES_SIZE), iconst(MO_BYTES(op))));
    Val done = CALL(helper_store_conditional, "ieiiii", IRC_RAISE, held, ea, gpr(RS(a)),
                    iconst(mem_op(ctx, op | MO_ALIGN)));

    slot_set(SLOT_RES_ADDR, iconst(-1));
    set_crbit(0, iconst(0));
    set_crbit(1, iconst(0));
    set_crbit(2, done);
    set_crbit(3, slot_get(SLOT_SO));
}

INSN(lbarx, "lbarx rt,ra,rb", "31:6 rt:5 ra0:5 rb:5 52:10 eh:1", ATOMIC206, INSN_MEM) { reserve(ctx, a, MO_8); }
INSN(lharx, "lharx rt,ra,rb", "31:6 rt:5 ra0:5 rb:5 116:10 eh:1", ATOMIC206, INSN_MEM) { reserve(ctx, a, MO_16); }
INSN(lwarx, "lwarx rt,ra,rb", "31:6 rt:5 ra0:5 rb:5 20:10 eh:1", BASE, INSN_MEM) { reserve(ctx, a, MO_32); }
INSN(ldarx, "ldarx rt,ra,rb", "31:6 rt:5 ra0:5 rb:5 84:10 eh:1", 64B, INSN_MEM) { reserve(ctx, a, MO_64); }
INSN(stbcx_, "stbcx. rs,ra,rb", "31:6 rs:5 ra0:5 rb:5 694:10 1:1", ATOMIC206, INSN_MEM) { conditional(ctx, a, MO_8); }
INSN(sthcx_, "sthcx. rs,ra,rb", "31:6 rs:5 ra0:5 rb:5 726:10 1:1", ATOMIC206, INSN_MEM) { conditional(ctx, a, MO_16); }
INSN(stwcx_, "stwcx. rs,ra,rb", "31:6 rs:5 ra0:5 rb:5 150:10 1:1", BASE, INSN_MEM) { conditional(ctx, a, MO_32); }
INSN(stdcx_, "stdcx. rs,ra,rb", "31:6 rs:5 ra0:5 rb:5 214:10 1:1", 64B, INSN_MEM) { conditional(ctx, a, MO_64); }

INSN(lqarx, "lqarx rtp,ra,rb", "31:6 rtp:5 ra0:5 rb:5 276:10 eh:1", LSQ207, INSN_MEM)
{
    if (RT(a) & 1 || RT(a) == RA(a) || RT(a) == RB(a)) {
        raise_program(ctx, PROG_INVAL);
        return;
    }
    CALLV(helper_lqarx, "veiii", IRC_WRITE | IRC_RAISE, ea_x(ctx, RA(a), RB(a)), iconst(RT(a)), iconst(mem_op(ctx, 0)));
}

INSN(stqcx_, "stqcx. rsp,ra,rb", "31:6 rsp:5 ra0:5 rb:5 182:10 1:1", LSQ207, INSN_MEM)
{
    if (RS(a) & 1) {
        raise_program(ctx, PROG_INVAL);
        return;
    }
    CALLV(helper_stqcx, "veiii", IRC_WRITE | IRC_RAISE, ea_x(ctx, RA(a), RB(a)), iconst(RS(a)), iconst(mem_op(ctx, 0)));
}

static void amo(DisasCtx *ctx, const Insn *a, MemOp op, bool load)
{
    Val ea = ea_d(ctx, RA(a), 0), regs = iconst(RT(a) | RB(a) << 5), mop = iconst(mem_op(ctx, op));

    if (load) {
        CALLV(helper_amo_load, "veiii", IRC_WRITE | IRC_RAISE, ea, regs, mop);
    } else {
        CALLV(helper_amo_store, "veiii", IRC_RAISE, ea, regs, mop);
    }
}

INSN(lwat, "lwat rt,ra,fc", "31:6 rt:5 ra0:5 fc:5 582:10 /:1", ISA300, INSN_MEM) { amo(ctx, a, MO_32, true); }
INSN(ldat, "ldat rt,ra,fc", "31:6 rt:5 ra0:5 fc:5 614:10 /:1", ISA300, INSN_MEM) { amo(ctx, a, MO_64, true); }
INSN(stwat, "stwat rs,ra,fc", "31:6 rs:5 ra0:5 fc:5 710:10 /:1", ISA300, INSN_MEM) { amo(ctx, a, MO_32, false); }
INSN(stdat, "stdat rs,ra,fc", "31:6 rs:5 ra0:5 fc:5 742:10 /:1", ISA300, INSN_MEM) { amo(ctx, a, MO_64, false); }

/* ---- ordering: x86 and the like need only the store-load barrier; the emitted fence is the host's business ---- */

INSN(sync, "sync l,sc", "31:6 /:3 l:2 /:3 sc:2 /:5 598:10 /:1", MEM_SYNC, 0) { ir_fence(FIELD(a, 21, 2) != 1); }
INSN(eieio, "eieio", "31:6 /:5 /:5 /:5 854:10 /:1", MEM_EIEIO, 0) { ir_fence(false); }
INSN(isync, "isync", "19:6 /:5 /:5 /:5 150:10 /:1", BASE, INSN_BRANCH)
{
    ir_fence(false);
    exit_direct(ctx->next_pc);
}
/*
 * Until an exception, whether it may interrupt or not. The forms that wait for a lost reservation (WC = 1) or briefly
 * (WC = 2) may end at any time, and end at once.
 */
INSN(wait, "wait wc,pl", "31:6 /:3 wc:2 /:3 pl:2 /:5 30:10 /:1", ISA300, INSN_NOFUZZ)
{
    if (FIELD(a, 21, 2) == 0) {
        CALLV(helper_wait, "vei", IRC_WRITE | IRC_RAISE | IRC_STATE, iconst(ctx->next_pc));
    }
    end_region(ctx);
}
