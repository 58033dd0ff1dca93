/*
 * VSX loads and stores with a length in a register (Power ISA Book I, 7.6.1.4: lxvl, lxvll, stxvl, stxvll).
 *
 * The length is the top byte of RB, at most 16 counts. lxvl keeps the guest's byte order (a little-endian
 * image is right-justified), lxvll always fills from byte 0 on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa.h"

static unsigned length_of(uint64_t rb)
{
    return MIN(rb >> 56, 16);
}

/* Register byte (book order) that memory byte i of n belongs to. */
static unsigned place(unsigned i, bool right)
{
    return right ? 15 - i : i;
}

static void helper_lxvl(V128 *r, PowerPCCPU *cpu, uint64_t ea, uint64_t rb, uint64_t op, uint64_t right)
{
    unsigned n = length_of(rb);
    V128 v = { .q = 0 };

    for (unsigned i = 0; i < n; i++) {
        uint64_t at = cpu->region_flags & RF_SF ? ea + i : (uint32_t)(ea + i);
        V_B(v, place(i, right)) = softmmu_load(cpu, at, op | MO_8);
    }
    *r = v;
}

static void helper_stxvl(PowerPCCPU *cpu, const V128 *v, uint64_t ea, uint64_t rb, uint64_t op, uint64_t right)
{
    unsigned n = length_of(rb);

    for (unsigned i = 0; i < n; i++) {
        uint64_t at = cpu->region_flags & RF_SF ? ea + i : (uint32_t)(ea + i);
        softmmu_store(cpu, at, V_B(*v, place(i, right)), op | MO_8);
    }
}

static void load(DisasCtx *ctx, const Insn *a, bool left)
{
    Val ea = ea_d(ctx, RA(a), 0), op = iconst(mem_op(ctx, 0)), right = iconst(ctx->le && !left);

    set_vsr(XT(a), CALL(helper_lxvl, "xeiiii", IRC_RAISE, ea, gpr(RB(a)), op, right));
}

static void store(DisasCtx *ctx, const Insn *a, bool left)
{
    Val ea = ea_d(ctx, RA(a), 0), op = iconst(mem_op(ctx, 0)), right = iconst(ctx->le && !left);

    CALLV(helper_stxvl, "vexiiii", IRC_RAISE, vsr(XS(a)), ea, gpr(RB(a)), op, right);
}

INSN(lxvl, "lxvl xt,ra,rb", "31:6 t:5 ra0:5 rb:5 269:10 tx:1", ISA300, INSN_VSX_OR_VEC | INSN_MEM) { load(ctx, a, false); }
INSN(lxvll, "lxvll xt,ra,rb", "31:6 t:5 ra0:5 rb:5 301:10 tx:1", ISA300, INSN_VSX_OR_VEC | INSN_MEM) { load(ctx, a, true); }
INSN(stxvl, "stxvl xs,ra,rb", "31:6 s:5 ra0:5 rb:5 397:10 sx:1", ISA300, INSN_VSX_OR_VEC | INSN_MEM) { store(ctx, a, false); }
INSN(stxvll, "stxvll xs,ra,rb", "31:6 s:5 ra0:5 rb:5 429:10 sx:1", ISA300, INSN_VSX_OR_VEC | INSN_MEM) { store(ctx, a, true); }
