/*
 * The IR builder: nodes, slots and snapshots of the region being built on this thread.
 *
 * All optimisation that a straight line allows happens while nodes are made (folding in ir-fold.c,
 * merging of equal pure nodes here), and one backward walk at the end drops what nobody uses. A slot
 * that is overwritten before anything could observe it never reaches memory, because only snapshots
 * mention it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/ir.h"
#include "accel/tcg/ir-build.h"
#include "target/ppc/cpu.h"
#include <stddef.h>
#include <string.h>

const IrOpInfo ir_op_info[IR_OP_COUNT] = {
#define X(name_, res, args_, flags_, what)                                                 \
    [IR_##name_] = { #name_, args_, flags_, #res[0], sizeof(args_) - 1,                    \
                     .pure = __builtin_strchr(flags_, 'P') != NULL,                        \
                     .snap = __builtin_strchr(flags_, 'S') != NULL,                        \
                     .side = __builtin_strchr(flags_, 'W') != NULL,                        \
                     .commutative = __builtin_strchr(flags_, 'C') != NULL },
    IR_OPS(X)
#undef X
};

/* The book's doubleword 0 of a VSR is the host's high half. */
#define DW0_OFFSET (8 * V_LANE(2, 0))

IrSlotInfo ir_slot_info[SLOT_COUNT];

static void __attribute__((constructor)) fill_slot_info(void)
{
#define X(name_, count, type_, bytes_, home)                                                      \
    for (unsigned i = 0; i < (count); i++) {                                                      \
        unsigned stride = SLOT_##name_ == SLOT_FPR ? sizeof(V128) : (bytes_);                     \
        unsigned first = offsetof(PowerPCCPU, home) + (SLOT_##name_ == SLOT_FPR ? DW0_OFFSET : 0); \
        ir_slot_info[SLOT_##name_ + i] = (IrSlotInfo){ #name_, type_, bytes_, first + i * stride }; \
    }
    PPC_SLOTS(X)
#undef X
}

__thread IrBuilder ir_builder;
#define B (&ir_builder)

static void *grow(void *p, uint32_t count, uint32_t *cap, size_t size)
{
    if (count < *cap) {
        return p;
    }
    *cap = *cap ? *cap * 2 : 64;
    return g_realloc_n(p, *cap, size);
}

void ir_begin(uint64_t pc, uint32_t flags)
{
    IrRegion *r = g_new0(IrRegion, 1);

    memset(B, 0, sizeof(*B));
    memset(B->cse, 0, sizeof(B->cse));
    B->r = r;
    r->pc = pc;
    r->flags = flags;
    /* index 0 means "none" for nodes and snapshots */
    r->nodes = grow(NULL, 0, &r->node_cap, sizeof(IrNode));
    memset(&r->nodes[0], 0, sizeof(IrNode));
    r->node_count = 1;
    r->snaps = grow(NULL, 0, &r->snap_cap, sizeof(IrSnap));
    memset(&r->snaps[0], 0, sizeof(IrSnap));
    r->snap_count = 1;
}

void ir_insn_start(uint64_t pc)
{
    B->pc = pc;
    B->done = B->r->insns++;
}

bool ir_has_exit(void)
{
    return B->ended;
}

uint32_t ir_size(void)
{
    return B->r->node_count;
}

/* ---- nodes ---- */

static Val append(const IrNode *n)
{
    IrRegion *r = B->r;

    g_assert(!B->ended);
    r->nodes = grow(r->nodes, r->node_count, &r->node_cap, sizeof(IrNode));
    r->nodes[r->node_count] = *n;
    return (Val){ r->node_count++ };
}

static unsigned node_hash(const IrNode *n)
{
    uint64_t h = n->imm * 0x9e3779b97f4a7c15ull;

    h ^= (uint64_t)n->op << 8 ^ (uint64_t)n->cond << 16 ^ (uint64_t)n->size << 20 ^ (uint64_t)n->aux << 24;
    for (int i = 0; i < 4; i++) {
        h = (h ^ n->a[i].n) * 0x9e3779b97f4a7c15ull;
    }
    return h >> 48 & (IR_CSE_SIZE - 1);
}

static bool same_node(const IrNode *x, const IrNode *y)
{
    return x->op == y->op && x->type == y->type && x->cond == y->cond && x->size == y->size
        && x->aux == y->aux && x->imm == y->imm && !memcmp(x->a, y->a, sizeof(x->a));
}

Val ir_emit(IrNode *n)
{
    const IrOpInfo *info = &ir_op_info[n->op];

    if (!info->pure) {
        return append(n);
    }
    uint32_t *line = &B->cse[node_hash(n)];
    if (*line && same_node(&B->r->nodes[*line], n)) {
        return (Val){ *line };
    }
    Val v = append(n);
    *line = v.n;
    return v;
}

static IrType type_of_letter(char c)
{
    return c == 'I' || c == 'i' ? IR_I64 : c == 'F' || c == 'f' ? IR_F64 : c == 'X' || c == 'x' ? IR_V128 : IR_VOID;
}

static void check_args(const IrNode *n)
{
    const IrOpInfo *info = &ir_op_info[n->op];

    for (int i = 0; i < info->nargs; i++) {
        char want = info->args[i];
        IrType t = B->r->nodes[n->a[i].n].type;
        g_assert(n->a[i].n && n->a[i].n < B->r->node_count);
        g_assert(want == 'T' ? t != IR_VOID : t == type_of_letter(want));
    }
}

static Val op(IrOp o, IrType type, IrCond cond, unsigned size, unsigned aux, uint64_t imm,
              Val a, Val b, Val c, Val d)
{
    IrNode n = { .op = o, .type = type, .cond = cond, .size = size, .aux = aux, .imm = imm,
                 .a = { a, b, c, d } };

    check_args(&n);
    if (ir_op_info[o].pure) {
        Val v = ir_fold(&n);
        if (v.n) {
            return v;
        }
    }
    return ir_emit(&n);
}

static IrType result_type(IrOp o)
{
    return type_of_letter(ir_op_info[o].result);
}

Val iconst(uint64_t v)
{
    IrNode n = { .op = IR_CONST, .type = IR_I64, .imm = v };
    return ir_emit(&n);
}

Val fconst(uint64_t bits)
{
    IrNode n = { .op = IR_FCONST, .type = IR_F64, .imm = bits };
    return ir_emit(&n);
}

static uint32_t pool_entry(V128 v)
{
    IrRegion *r = B->r;

    for (uint32_t i = 0; i < r->pool_count; i++) {
        if (r->pool[i].q == v.q) {
            return i;
        }
    }
    if (r->pool_count == r->pool_cap) {
        r->pool_cap = r->pool_cap ? r->pool_cap * 2 : 16;
        V128 *bigger = g_aligned_alloc(r->pool_cap, sizeof(V128), 16);
        if (r->pool_count) {
            memcpy(bigger, r->pool, r->pool_count * sizeof(V128));
        }
        g_aligned_free(r->pool);
        r->pool = bigger;
    }
    r->pool[r->pool_count] = v;
    return r->pool_count++;
}

Val vconst(uint64_t dw0, uint64_t dw1)
{
    IrNode n = { .op = IR_VCONST, .type = IR_V128, .imm = pool_entry(v128_make(dw0, dw1)) };
    return ir_emit(&n);
}

bool is_const(Val v, uint64_t *out)
{
    const IrNode *n = ir_node(v);

    if (n->op != IR_CONST) {
        return false;
    }
    *out = n->imm;
    return true;
}

Val ir_op1(IrOp o, unsigned size, uint64_t imm, Val a)
{
    return op(o, result_type(o), 0, size, 0, imm, a, VAL_NONE, VAL_NONE, VAL_NONE);
}

Val ir_op2(IrOp o, unsigned size, uint64_t imm, Val a, Val b)
{
    return op(o, result_type(o), 0, size, 0, imm, a, b, VAL_NONE, VAL_NONE);
}

Val ir_op3(IrOp o, unsigned size, uint64_t imm, Val a, Val b, Val c)
{
    return op(o, result_type(o), 0, size, 0, imm, a, b, c, VAL_NONE);
}

Val ir_cond2(IrOp o, IrCond c, bool word, Val a, Val b)
{
    return op(o, result_type(o), c, 0, word, 0, a, b, VAL_NONE, VAL_NONE);
}

Val fsetcond(IrCond c, Val a, Val b)
{
    return op(IR_FSETCOND, IR_I64, c, 0, 0, 0, a, b, VAL_NONE, VAL_NONE);
}

Val frint(unsigned mode, Val a)
{
    return op(IR_FRINT, IR_F64, 0, 0, mode, 0, a, VAL_NONE, VAL_NONE, VAL_NONE);
}

Val fsel(IrCond c, Val a, Val b, Val t, Val f)
{
    return op(IR_FSEL, IR_F64, c, 0, 0, 0, a, b, t, f);
}

Val ftie(bool minus, Val r, Val a, Val c, Val b)
{
    return op(IR_FTIE, IR_I64, 0, 0, minus, 0, r, a, c, b);
}

Val vfcmp(IrCond c, unsigned lane, Val a, Val b)
{
    return op(IR_VFCMP, IR_V128, c, lane, 0, 0, a, b, VAL_NONE, VAL_NONE);
}

Val sel(IrCond c, Val a, Val b, Val t, Val f)
{
    return op(IR_SEL, IR_I64, c, 0, 0, 0, a, b, t, f);
}

Val sel32(IrCond c, Val a, Val b, Val t, Val f)
{
    return op(IR_SEL, IR_I64, c, 0, 1, 0, a, b, t, f);
}

Val vmask(Val a)
{
    return ir_op1(IR_VMASK, 0, 0, a);
}

Val vshuf(Val a, Val b, const uint8_t control[16])
{
    V128 v;

    for (int i = 0; i < 16; i++) {
        g_assert(control[i] < 32);
        V_B(v, i) = control[i];
    }
    return ir_op2(IR_VSHUF, 0, pool_entry(v), a, b);
}

/* ---- slots ---- */

static bool is_fpr(unsigned s) { return s >= SLOT_FPR && s <= SLOT_FPR_LAST; }
static bool is_vsr(unsigned s) { return s >= SLOT_VSR && s <= SLOT_VSR_LAST; }

static void set_dirty(unsigned slot, bool on)
{
    uint64_t bit = 1ull << (slot & 63);

    B->dirty[slot >> 6] = on ? B->dirty[slot >> 6] | bit : B->dirty[slot >> 6] & ~bit;
    B->dirty_version++;
}

static bool is_dirty(unsigned slot)
{
    return B->dirty[slot >> 6] >> (slot & 63) & 1;
}

Val slot_get(int slot)
{
    if (B->cur[slot].n) {
        return B->cur[slot];
    }
    Val v;
    if (is_fpr(slot) && B->cur[slot - SLOT_FPR + SLOT_VSR].n) {
        v = ir_op1(IR_V2F, 0, 0, B->cur[slot - SLOT_FPR + SLOT_VSR]);
    } else if (is_vsr(slot) && is_dirty(slot - SLOT_VSR + SLOT_FPR)) {
        v = ir_op1(IR_F2V, 0, 0, B->cur[slot - SLOT_VSR + SLOT_FPR]);
    } else {
        IrNode n = { .op = IR_SLOT, .type = ir_slot_info[slot].type, .imm = slot };
        v = ir_emit(&n);
    }
    B->cur[slot] = v;
    return v;
}

void slot_set(int slot, Val v)
{
    g_assert(ir_node(v)->type == ir_slot_info[slot].type);
    /* Writing an FPR also clears the other half of its VSR, even when the value is the one it had. */
    if (B->cur[slot].n == v.n && (!is_fpr(slot) || is_dirty(slot))) {
        return;
    }
    /*
     * Once dirty, a slot stays so until it is stored, even if it gets its old value back: the slow path of an
     * access in between may have written the other value home.
     */
    B->cur[slot] = v;
    set_dirty(slot, true);
    /* the two views of a VSR: the later write wins */
    if (is_fpr(slot) || is_vsr(slot)) {
        int other = is_fpr(slot) ? slot - SLOT_FPR + SLOT_VSR : slot - SLOT_VSR + SLOT_FPR;
        B->cur[other] = VAL_NONE;
        set_dirty(other, false);
    }
}

/* Everything dirty was stored by a call. */
static void slots_stored(void)
{
    memset(B->dirty, 0, sizeof(B->dirty));
    B->dirty_version++;
}

static void slots_forget(void)
{
    memset(B->cur, 0, sizeof(B->cur));
    slots_stored();
}

/* ---- snapshots ---- */

uint32_t ir_snapshot(bool completed)
{
    IrRegion *r = B->r;
    IrSnap s = { .pc = B->pc, .insns = B->done + completed };

    if (B->snap_version == B->dirty_version + 1) {
        s.first = B->snap_first;
        s.count = B->snap_count;
        const IrSnap *last = &r->snaps[r->snap_count - 1];
        if (r->snap_count > 1 && last->pc == s.pc && last->insns == s.insns && last->first == s.first
            && last->count == s.count) {
            return r->snap_count - 1;
        }
    } else {
        s.first = r->snap_entry_count;
        for (unsigned w = 0; w < G_N_ELEMENTS(B->dirty); w++) {
            for (uint64_t bits = B->dirty[w]; bits; bits &= bits - 1) {
                unsigned slot = w * 64 + __builtin_ctzll(bits);
                r->snap_entries = grow(r->snap_entries, r->snap_entry_count, &r->snap_entry_cap,
                                       sizeof(IrSnapEntry));
                r->snap_entries[r->snap_entry_count++] = (IrSnapEntry){ slot, B->cur[slot] };
            }
        }
        s.count = r->snap_entry_count - s.first;
        B->snap_version = B->dirty_version + 1;
        B->snap_first = s.first;
        B->snap_count = s.count;
    }
    r->snaps = grow(r->snaps, r->snap_count, &r->snap_cap, sizeof(IrSnap));
    r->snaps[r->snap_count] = s;
    return r->snap_count++;
}

/* ---- environment and memory ---- */

Val ldenv(unsigned size, size_t offset)
{
    IrNode n = { .op = IR_LDENV, .type = IR_I64, .size = size & MO_SIZE, .aux = size & MO_SIGN, .imm = offset };
    return ir_emit(&n);
}

void stenv(unsigned size, size_t offset, Val v)
{
    IrNode n = { .op = IR_STENV, .size = size & MO_SIZE, .imm = offset, .a = { v } };
    check_args(&n);
    ir_emit(&n);
}

Val ldenvx(size_t offset)
{
    IrNode n = { .op = IR_LDENVX, .type = IR_V128, .imm = offset };
    return ir_emit(&n);
}

void stenvx(size_t offset, Val v)
{
    IrNode n = { .op = IR_STENVX, .imm = offset, .a = { v } };
    check_args(&n);
    ir_emit(&n);
}

static Val mem_node(IrOp o, IrType type, MemOp mop, Val a, Val b, Val c)
{
    IrNode n = { .op = o, .type = type, .size = mop & MO_SIZE, .aux = mop, .a = { a, b, c } };

    check_args(&n);
    n.snap = ir_snapshot(false);
    return ir_emit(&n);
}

Val ir_ld(Val addr, MemOp mop) { return mem_node(IR_LD, IR_I64, mop, addr, VAL_NONE, VAL_NONE); }
void ir_st(Val addr, Val v, MemOp mop) { mem_node(IR_ST, IR_VOID, mop, addr, v, VAL_NONE); }
Val ir_ldf(Val addr, MemOp mop) { return mem_node(IR_LDF, IR_F64, (mop & ~MO_SIZE) | MO_64, addr, VAL_NONE, VAL_NONE); }
void ir_stf(Val addr, Val v, MemOp mop) { mem_node(IR_STF, IR_VOID, (mop & ~MO_SIZE) | MO_64, addr, v, VAL_NONE); }
Val ir_ldx(Val addr, MemOp mop) { return mem_node(IR_LDX, IR_V128, (mop & ~MO_SIZE) | MO_128, addr, VAL_NONE, VAL_NONE); }
void ir_stx(Val addr, Val v, MemOp mop) { mem_node(IR_STX, IR_VOID, (mop & ~MO_SIZE) | MO_128, addr, v, VAL_NONE); }

void ir_stz(Val addr, MemOp mop) { mem_node(IR_STZ, IR_VOID, mop & ~MO_SIZE, addr, VAL_NONE, VAL_NONE); }

Val ir_cmpxchg(Val addr, Val expect, Val v, MemOp mop)
{
    return mem_node(IR_CMPXCHG, IR_I64, mop, addr, expect, v);
}

void ir_fence(bool full)
{
    IrNode n = { .op = IR_FENCE, .aux = full };
    ir_emit(&n);
}

/* ---- calls ---- */

static uint32_t add_call(const void *fn, const char *name, const char *sig, unsigned flags,
                         const Val *args, int nargs, IrType *ret)
{
    IrRegion *r = B->r;
    IrCall c = { .fn = fn, .name = name, .flags = flags };
    int i = 0;

    if (flags & (IRC_WRITE | IRC_RAISE)) {
        c.flags |= IRC_READ;
    }
    c.ret = type_of_letter(*sig++);
    for (; *sig; sig++) {
        if (*sig == ' ') {
            continue;
        }
        if (*sig == 'e') {
            g_assert(i == 0 && !c.cpu);
            c.cpu = true;
            continue;
        }
        g_assert(i < nargs && ir_node(args[i])->type == type_of_letter(*sig));
        c.args[i] = args[i];
        i++;
    }
    g_assert(i == nargs && nargs + c.cpu + (c.ret == IR_V128) <= IR_CALL_ARGS);
    c.nargs = nargs;
    *ret = c.ret;
    r->calls = grow(r->calls, r->call_count, &r->call_cap, sizeof(IrCall));
    r->calls[r->call_count] = c;
    return r->call_count++;
}

Val ir_call(const void *fn, const char *name, const char *sig, unsigned flags, const Val *args, int nargs)
{
    IrType ret;
    uint32_t idx = add_call(fn, name, sig, flags, args, nargs, &ret);
    IrNode n = { .op = IR_CALL, .type = ret, .imm = idx };

    flags = B->r->calls[idx].flags;
    n.snap = ir_snapshot(false);
    Val v = ir_emit(&n);
    if (flags & IRC_WRITE) {
        slots_forget();
    } else if (flags & IRC_READ) {
        slots_stored();
    }
    return v;
}

Val ir_guard(IrCond c, Val a, Val b, Val fast, const void *fn, const char *name, const char *sig,
             unsigned flags, const Val *args, int nargs)
{
    uint64_t ka, kb;

    g_assert(!(flags & (IRC_WRITE | IRC_RAISE)));
    if (is_const(a, &ka) && is_const(b, &kb) && !ir_eval_const_cond(c, false, ka, kb)) {
        return fast;
    }
    IrType ret;
    uint32_t idx = add_call(fn, name, sig, flags, args, nargs, &ret);
    IrNode n = { .op = IR_GUARD, .type = ret, .cond = c, .imm = idx, .a = { a, b, fast } };

    g_assert(ir_node(fast)->type == ret);
    check_args(&n);
    ir_fuse_cond(&n);
    n.snap = flags & IRC_READ ? ir_snapshot(false) : 0;
    return ir_emit(&n);
}

/* ---- leaving ---- */

static uint32_t add_exit(IrExit e)
{
    IrRegion *r = B->r;

    r->exits = grow(r->exits, r->exit_count, &r->exit_cap, sizeof(IrExit));
    r->exits[r->exit_count] = e;
    return r->exit_count++;
}

void exit_if_ex(IrCond c, Val a, Val b, bool word, IrExit e)
{
    uint64_t ka, kb;

    if (is_const(a, &ka) && is_const(b, &kb)) {
        if (ir_eval_const_cond(c, word, ka, kb)) {
            exit_ex(e);
        }
        return;
    }
    IrNode n = { .op = IR_EXIT_IF, .cond = c, .aux = word, .a = { a, b } };
    check_args(&n);
    ir_fuse_cond(&n);
    n.imm = add_exit(e);
    n.snap = ir_snapshot(e.kind != EXIT_RAISE);
    ir_emit(&n);
}

void exit_ex(IrExit e)
{
    if (B->ended) {     /* dead code after an unconditional exit */
        return;
    }
    IrNode n = { .op = IR_EXIT, .imm = add_exit(e) };
    n.snap = ir_snapshot(e.kind != EXIT_RAISE);
    ir_emit(&n);
    B->ended = true;
}

void exit_if(IrCond c, Val a, Val b, bool word, uint64_t target)
{
    exit_if_ex(c, a, b, word, (IrExit){ .kind = EXIT_DIRECT, .target = target });
}

void exit_direct(uint64_t target)
{
    exit_ex((IrExit){ .kind = EXIT_DIRECT, .target = target });
}

void exit_loop(uint64_t target)
{
    exit_ex((IrExit){ .kind = EXIT_LOOP, .target = target });
}

void raise_exception(unsigned excp, uint32_t error_code)
{
    exit_ex((IrExit){ .kind = EXIT_RAISE, .target = (uint64_t)excp << 32 | error_code });
}

void raise_if(IrCond c, Val a, Val b, bool word, unsigned excp, uint32_t error_code)
{
    exit_if_ex(c, a, b, word, (IrExit){ .kind = EXIT_RAISE, .target = (uint64_t)excp << 32 | error_code });
}
