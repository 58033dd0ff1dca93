/*
 * Guest memory: the inlined soft TLB hit (softmmu.h), and its slow path out of line.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/x86_64/host.h"
#include "accel/tcg/x86_64/select.h"
#include "target/ppc/cpu.h"
#include <stddef.h>

/* Leaves the host address in rcx; the jumps to the slow path are returned. */
static int tlb_lookup(Gen *g, int a, MemOp op, bool write, uint8_t *jumps[2])
{
    unsigned size = MO_BYTES(op), n = 0;
    int32_t tlb = offsetof(PowerPCCPU, tlb) + MO_MMU(op) * sizeof(TlbFast);
    Emit *e = g->e;

    if (op & MO_ALIGN && size > 1) {
        test_ri(e, false, a, size - 1);
        jumps[n++] = jcc(e, CC_NE);
    }
    mov_rr(e, RAX, a);
    shift_ri(e, true, 5, RAX, TARGET_PAGE_BITS - 5);
    op_rm(e, true, 0x23, RAX, CPU, tlb + offsetof(TlbFast, mask));
    op_rm(e, true, 0x03, RAX, CPU, tlb + offsetof(TlbFast, table));
    if (size > 1) {
        op_rm(e, true, 0x8d, RCX, a, size - 1);
    } else {
        mov_rr(e, RCX, a);
    }
    alu_ri(e, true, 4, RCX, -(int)TARGET_PAGE_SIZE);
    op_rm(e, true, 0x3b, RCX, RAX, write ? offsetof(TlbEntry, tag_write) : offsetof(TlbEntry, tag_read));
    jumps[n++] = jcc(e, CC_NE);
    load64(e, RCX, RAX, offsetof(TlbEntry, addend));
    alu_rr(e, true, 0, RCX, a);
    return n;
}

static void bswap_reg(Gen *g, int d, unsigned size)
{
    if (size == 1) {
        e8(g->e, 0x66);
        shift_ri(g->e, false, 0, d, 8);
        return;
    }
    rex(g->e, size == 3, 0, 0, d, false);
    e8(g->e, 0x0f);
    e8(g->e, 0xc8 | (d & 7));
}

static void reverse(Gen *g, int d, int s)
{
    v_rrk(g->e, 1, 2, false, 0x00, d, s, v128_make(0x0001020304050607, 0x08090a0b0c0d0e0f), 0);     /* vpshufb */
}

static void add_slow(Gen *g, uint8_t *jumps[2], int n, uint32_t out)
{
    for (int i = 0; i < n; i++) {
        slow_path(g, jumps[i], out);
    }
}

static void load(Gen *g, const IrNode *n)
{
    MemOp op = n->aux;
    unsigned size = op & MO_SIZE;
    bool vec = n->op == IR_LDX, fp = n->op == IR_LDF, sign = op & MO_SIGN, be = op & MO_BE;
    int a = use(g, n->a[0]);
    uint8_t *jumps[2];
    uint32_t out = new_out(g, vec ? OUT_LDX : OUT_LD, n->snap, true, true);

    out_of(g, out)->op = op;
    out_of(g, out)->args[0] = locate(g, n->a[0]);
    out_of(g, out)->nargs = 1;
    /* room for the result before anything is in scratch registers; its old content is spilled already */
    int d = def(g, n->a[0]);
    out_of(g, out)->dst = (Loc){ .kind = vec || fp ? LOC_XMM : LOC_GPR, .reg = d };
    if (op & (MO_CI | MO_ATOMIC)) {
        call_out(g, out);
        return;
    }
    int jn = tlb_lookup(g, a, op, false, jumps);
    if (vec) {
        vload(g->e, d, RCX, 0);
        if (be) {
            reverse(g, d, d);
        }
    } else if (fp && !be) {
        vload64(g->e, d, RCX, 0);
    } else {
        static const uint16_t zero[] = { 0x0fb6, 0x0fb7, 0x8b, 0x8b }, sx[] = { 0x0fbe, 0x0fbf, 0x63, 0x8b };
        int t = fp ? RDX : d;
        if (be && size) {
            op_rm(g->e, size == 3, zero[size], t, RCX, 0);
            bswap_reg(g, t, size);
            if (sign && size == 1) {
                op_rr(g->e, true, 0x0fbf, t, t);
            } else if (sign && size == 2) {
                op_rr(g->e, true, 0x63, t, t);
            }
        } else {
            op_rm(g->e, sign || size == 3, sign ? sx[size] : zero[size], t, RCX, 0);
        }
        if (fp) {
            vmovq_xr(g->e, d, RDX);
        }
    }
    add_slow(g, jumps, jn, out);
}

static void store(Gen *g, const IrNode *n)
{
    MemOp op = n->aux;
    unsigned size = op & MO_SIZE;
    bool vec = n->op == IR_STX, fp = n->op == IR_STF, be = op & MO_BE;
    int a = use(g, n->a[0]), v = use(g, n->a[1]);
    uint8_t *jumps[2];
    uint32_t out = new_out(g, vec ? OUT_STX : OUT_ST, n->snap, true, true);

    out_of(g, out)->op = op;
    out_of(g, out)->args[0] = locate(g, n->a[0]);
    out_of(g, out)->args[1] = locate(g, n->a[1]);
    out_of(g, out)->nargs = 2;
    if (op & (MO_CI | MO_ATOMIC)) {
        call_out(g, out);
        return;
    }
    int jn = tlb_lookup(g, a, op, true, jumps);
    if (vec) {
        if (be) {
            reverse(g, 15, v);
            v = 15;
        }
        vstore(g->e, v, RCX, 0);
    } else if (fp && !be) {
        vstore64(g->e, v, RCX, 0);
    } else {
        if (fp) {
            vmovq_rx(g->e, RDX, v);
            v = RDX;
        }
        if (be && size) {
            mov_rr(g->e, RDX, v);
            bswap_reg(g, RDX, size);
            v = RDX;
        }
        if (size == 0) {
            store8(g->e, v, RCX, 0);
        } else {
            if (size == 1) {
                e8(g->e, 0x66);
            }
            op_rm(g->e, size == 3, 0x89, v, RCX, 0);
        }
    }
    add_slow(g, jumps, jn, out);
}

static void zero(Gen *g, const IrNode *n)
{
    int a = use(g, n->a[0]);
    uint8_t *jumps[2];
    uint32_t out = new_out(g, OUT_STZ, n->snap, true, true);

    out_of(g, out)->op = n->aux;
    out_of(g, out)->args[0] = locate(g, n->a[0]);
    out_of(g, out)->nargs = 1;
    int jn = tlb_lookup(g, a, n->aux, true, jumps);
    v_rrr(g->e, 1, 1, false, 0xef, 15, 15, 15);         /* vpxor */
    for (int i = 0; i < 128; i += 16) {
        vstore(g->e, 15, RCX, i);
    }
    add_slow(g, jumps, jn, out);
}

static void cmpxchg(Gen *g, const IrNode *n)
{
    uint32_t out = new_out(g, OUT_CMPXCHG, n->snap, true, true);

    out_of(g, out)->op = n->aux;
    out_of(g, out)->nargs = 3;
    for (int i = 0; i < 3; i++) {
        out_of(g, out)->args[i] = locate(g, n->a[i]);
    }
    out_of(g, out)->dst = (Loc){ .kind = LOC_GPR, .reg = def(g, VAL_NONE) };
    call_out(g, out);
}

bool gen_mem(Gen *g, const IrNode *n)
{
    switch (n->op) {
    case IR_LD: case IR_LDF: case IR_LDX: load(g, n); return true;
    case IR_ST: case IR_STF: case IR_STX: store(g, n); return true;
    case IR_STZ: zero(g, n); return true;
    case IR_CMPXCHG: cmpxchg(g, n); return true;
    default: return false;
    }
}
