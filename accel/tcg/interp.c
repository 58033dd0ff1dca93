/*
 * The interpreter of the IR: portable host and reference for every back end.
 *
 * One pass over the nodes, each value in its own cell. State is written to PowerPCCPU only where the
 * IR says it becomes visible, through the same snapshots a back end uses, so that a mistake in a
 * snapshot shows here as well. Floating-point nodes are in interp-fp.c, vectors in interp-vec.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/interp.h"
#include "accel/tcg/ir-eval.h"
#include "accel/tcg/region.h"
#include "accel/tcg/vcpu.h"
#include "target/ppc/cpu.h"
#include <string.h>

/* Cells of the region being run on this thread; a raise may leave at any node, so they outlive the call. */
static __thread IrCell *cells;
static __thread uint32_t cells_cap;

static void store_slots(PowerPCCPU *cpu, const IrRegion *ir, uint32_t snap, const IrCell *c)
{
    const IrSnap *s = &ir->snaps[snap];

    for (uint32_t k = s->first; k < s->first + s->count; k++) {
        const IrSnapEntry *e = &ir->snap_entries[k];
        const IrSlotInfo *info = &ir_slot_info[e->slot];
        char *home = (char *)cpu + info->offset;
        const IrCell *v = &c[e->val.n];
        switch (info->bytes) {
        case 1:
            *(uint8_t *)home = v->i;
            break;
        case 8:
            *(uint64_t *)home = v->i;
            if (info->type == IR_F64 && e->slot >= SLOT_FPR && e->slot <= SLOT_FPR_LAST) {
                *(uint64_t *)((char *)cpu + (info->offset ^ 8)) = 0;
            }
            break;
        default:
            *(V128 *)home = v->x;
        }
    }
}

static uint64_t load_env(PowerPCCPU *cpu, const IrNode *n)
{
    const char *p = (const char *)cpu + n->imm;
    bool sign = n->aux & MO_SIGN;

    switch (n->size) {
    case 0: return sign ? (uint64_t)*(int8_t *)p : *(uint8_t *)p;
    case 1: return sign ? (uint64_t)*(int16_t *)p : *(uint16_t *)p;
    case 2: return sign ? (uint64_t)*(int32_t *)p : *(uint32_t *)p;
    default: return *(uint64_t *)p;
    }
}

static void store_env(PowerPCCPU *cpu, const IrNode *n, uint64_t v)
{
    char *p = (char *)cpu + n->imm;

    switch (n->size) {
    case 0: *(uint8_t *)p = v; break;
    case 1: *(uint16_t *)p = v; break;
    case 2: *(uint32_t *)p = v; break;
    default: *(uint64_t *)p = v;
    }
}

/* Host address of a plain access that hits the soft TLB, or NULL. */
static void *tlb_hit(PowerPCCPU *cpu, uint64_t ea, MemOp op, bool write)
{
    const TlbFast *t = &cpu->tlb[MO_MMU(op)];
    unsigned size = MO_BYTES(op);

    if (!t->table || op & (MO_CI | MO_ATOMIC) || (op & MO_ALIGN && ea & (size - 1))) {
        return NULL;
    }
    TlbEntry *e = (TlbEntry *)((char *)t->table + (ea >> (TARGET_PAGE_BITS - 5) & t->mask));
    uint64_t tag = (ea + size - 1) & TARGET_PAGE_MASK;
    if (tag != (write ? e->tag_write : e->tag_read) || (ea & TARGET_PAGE_MASK) != tag) {
        return NULL;
    }
    return (void *)(ea + e->addend);
}

static uint64_t load(PowerPCCPU *cpu, uint64_t ea, MemOp op)
{
    bool host_be = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__, swap = !!(op & MO_BE) != host_be;
    bool sign = op & MO_SIGN;
    void *p = tlb_hit(cpu, ea, op, false);

    if (!p) {
        return softmmu_load(cpu, ea, op);
    }
    switch (op & MO_SIZE) {
    case MO_8:
        return sign ? (uint64_t)*(int8_t *)p : *(uint8_t *)p;
    case MO_16: {
        uint16_t v;
        memcpy(&v, p, 2);
        v = swap ? __builtin_bswap16(v) : v;
        return sign ? (uint64_t)(int16_t)v : v;
    }
    case MO_32: {
        uint32_t v;
        memcpy(&v, p, 4);
        v = swap ? __builtin_bswap32(v) : v;
        return sign ? (uint64_t)(int32_t)v : v;
    }
    default: {
        uint64_t v;
        memcpy(&v, p, 8);
        return swap ? __builtin_bswap64(v) : v;
    }
    }
}

static void store(PowerPCCPU *cpu, uint64_t ea, uint64_t v, MemOp op)
{
    bool host_be = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__, swap = !!(op & MO_BE) != host_be;
    void *p = tlb_hit(cpu, ea, op, true);

    if (!p) {
        softmmu_store(cpu, ea, v, op);
        return;
    }
    switch (op & MO_SIZE) {
    case MO_8:
        *(uint8_t *)p = v;
        break;
    case MO_16: {
        uint16_t x = swap ? __builtin_bswap16(v) : v;
        memcpy(p, &x, 2);
        break;
    }
    case MO_32: {
        uint32_t x = swap ? __builtin_bswap32(v) : v;
        memcpy(p, &x, 4);
        break;
    }
    default: {
        uint64_t x = swap ? __builtin_bswap64(v) : v;
        memcpy(p, &x, 8);
    }
    }
}

static void load128(PowerPCCPU *cpu, uint64_t ea, MemOp op, V128 *out)
{
    uint64_t hi, lo;

    softmmu_load128(cpu, ea, op, &hi, &lo);
    *out = v128_make(hi, lo);
}

#define ARG(T) typedef uint64_t T
typedef uint64_t Fn0(void);
typedef uint64_t Fn1(uint64_t);
typedef uint64_t Fn2(uint64_t, uint64_t);
typedef uint64_t Fn3(uint64_t, uint64_t, uint64_t);
typedef uint64_t Fn4(uint64_t, uint64_t, uint64_t, uint64_t);
typedef uint64_t Fn5(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);
typedef uint64_t Fn6(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);
typedef uint64_t Fn7(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);
typedef uint64_t Fn8(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);
#undef ARG

static void call(PowerPCCPU *cpu, const IrRegion *ir, const IrNode *n, IrCell *c, IrCell *result)
{
    const IrCall *k = &ir->calls[n->imm];
    uint64_t a[IR_CALL_ARGS];
    unsigned count = 0;
    IrCell out;

    if (n->snap && k->flags & IRC_READ) {
        store_slots(cpu, ir, n->snap, c);
        if (k->flags & IRC_RAISE) {
            cpu->nip = ir->snaps[n->snap].pc;
        }
    }
    if (k->ret == IR_V128) {
        a[count++] = (uintptr_t)&out.x;
    }
    if (k->cpu) {
        a[count++] = (uintptr_t)cpu;
    }
    for (int i = 0; i < k->nargs; i++) {
        IrCell *v = &c[k->args[i].n];
        a[count++] = ir->nodes[k->args[i].n].type == IR_V128 ? (uintptr_t)&v->x : v->i;
    }
    uint64_t r = 0;
    switch (count) {
    case 0: r = ((Fn0 *)k->fn)(); break;
    case 1: r = ((Fn1 *)k->fn)(a[0]); break;
    case 2: r = ((Fn2 *)k->fn)(a[0], a[1]); break;
    case 3: r = ((Fn3 *)k->fn)(a[0], a[1], a[2]); break;
    case 4: r = ((Fn4 *)k->fn)(a[0], a[1], a[2], a[3]); break;
    case 5: r = ((Fn5 *)k->fn)(a[0], a[1], a[2], a[3], a[4]); break;
    case 6: r = ((Fn6 *)k->fn)(a[0], a[1], a[2], a[3], a[4], a[5]); break;
    case 7: r = ((Fn7 *)k->fn)(a[0], a[1], a[2], a[3], a[4], a[5], a[6]); break;
    case 8: r = ((Fn8 *)k->fn)(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]); break;
    }
    if (k->ret == IR_V128) {
        *result = out;
    } else if (k->ret != IR_VOID) {
        result->i = r;
    }
}

static RegionExit *leave(PowerPCCPU *cpu, Region *r, const IrNode *n, IrCell *c)
{
    const IrRegion *ir = r->ir;
    const IrExit *e = &ir->exits[n->imm];

    store_slots(cpu, ir, n->snap, c);
    if (r->flags & RF_ICOUNT) {
        cpu->icount_left += r->insns - ir->snaps[n->snap].insns;
    }
    switch (e->kind) {
    case EXIT_DIRECT:
        cpu->nip = e->target;
        return &r->exits[n->imm];
    case EXIT_LOOP:
        cpu->nip = e->target;
        cpu->poll = 1;
        return NULL;
    case EXIT_LOOP_PC:
        cpu->nip = c[e->pc.n].i;
        cpu->poll = 1;
        return NULL;
    case EXIT_RAISE:
        cpu->nip = ir->snaps[n->snap].pc;
        interp_fp_leave(cpu);
        ppc_raise(cpu, e->target >> 32, (uint32_t)e->target);
    default:
        cpu->nip = c[e->pc.n].i;
        return NULL;
    }
}

/* One region; its direct exits are followed by the loop in interp_run. */
static RegionExit *run_region(PowerPCCPU *cpu, Region *r)
{
    const IrRegion *ir = r->ir;
    IrCell *c = cells;

    for (uint32_t i = 1; i < ir->node_count; i++) {
        const IrNode *n = &ir->nodes[i];
        uint64_t a = c[n->a[0].n].i, b = c[n->a[1].n].i, *out = &c[i].i;
        switch (n->op) {
        case IR_CONST: case IR_FCONST:
            *out = n->imm;
            break;
        case IR_VCONST:
            c[i].x = ir->pool[n->imm];
            break;
        case IR_SLOT: {
            const char *home = (const char *)cpu + ir_slot_info[n->imm].offset;
            switch (ir_slot_info[n->imm].bytes) {
            case 1: *out = *(const uint8_t *)home; break;
            case 8: *out = *(const uint64_t *)home; break;
            default: c[i].x = *(const V128 *)home;
            }
            break;
        }
        case IR_LDENV: *out = load_env(cpu, n); break;
        case IR_STENV: store_env(cpu, n, a); break;
        case IR_LDENVX: c[i].x = *(const V128 *)((const char *)cpu + n->imm); break;
        case IR_STENVX: *(V128 *)((char *)cpu + n->imm) = c[n->a[0].n].x; break;
        case IR_SETCOND: *out = ir_eval_cond(n->cond, n->aux, a, b); break;
        case IR_SEL: *out = ir_eval_cond(n->cond, n->aux, a, b) ? c[n->a[2].n].i : c[n->a[3].n].i; break;
        case IR_ADC: *out = a + b + c[n->a[2].n].i; break;
        case IR_ADCC: *out = ((u128)a + b + c[n->a[2].n].i) >> 64; break;
        case IR_LD: case IR_LDF: case IR_ST: case IR_STF: case IR_LDX: case IR_STX: case IR_STZ: case IR_CMPXCHG:
            /* The slow path may raise: make the state precise first. A hit needs none of it. */
            if (n->op == IR_LDX || n->op == IR_STX || n->op == IR_STZ || n->op == IR_CMPXCHG
                || !tlb_hit(cpu, a, n->aux, n->op == IR_ST || n->op == IR_STF)) {
                store_slots(cpu, ir, n->snap, c);
                cpu->nip = ir->snaps[n->snap].pc;
            }
            switch (n->op) {
            case IR_LD: case IR_LDF: *out = load(cpu, a, n->aux); break;
            case IR_ST: case IR_STF: store(cpu, a, b, n->aux); break;
            case IR_LDX: load128(cpu, a, n->aux, &c[i].x); break;
            case IR_STX: {
                V128 v = c[n->a[1].n].x;
                softmmu_store128(cpu, a, n->aux, V_D(v, 0), V_D(v, 1));
                break;
            }
            case IR_STZ: softmmu_zero128(cpu, a, n->aux); break;
            default: *out = softmmu_cmpxchg(cpu, a, b, c[n->a[2].n].i, n->aux);
            }
            break;
        case IR_FENCE:
            __atomic_thread_fence(n->aux ? __ATOMIC_SEQ_CST : __ATOMIC_ACQ_REL);
            break;
        case IR_CALL:
            call(cpu, ir, n, c, &c[i]);
            break;
        case IR_GUARD:
            if (ir_eval_cond(n->cond, n->aux, a, b)) {
                call(cpu, ir, n, c, &c[i]);
            } else {
                c[i] = c[n->a[2].n];
            }
            break;
        case IR_EXIT_IF:
            if (ir_eval_cond(n->cond, n->aux, a, b)) {
                return leave(cpu, r, n, c);
            }
            break;
        case IR_EXIT:
            return leave(cpu, r, n, c);
        default:
            if (!ir_eval_int(n->op, n->size, a, b, out) && !interp_fp(n, c, &c[i])) {
                interp_vec(ir, n, c, &c[i]);
            }
        }
    }
    g_assert_not_reached();
}

RegionExit *interp_run(PowerPCCPU *cpu, Region *r)
{
    RegionExit *e = NULL;

    interp_fp_enter(cpu);
    for (;;) {
        if (__atomic_load_n(&cpu->poll, __ATOMIC_ACQUIRE)) {
            cpu->nip = r->pc;
            break;
        }
        if (r->flags & RF_ICOUNT) {
            if (cpu->icount_left < r->insns) {
                cpu->nip = r->pc;
                cpu->poll = 1;
                break;
            }
            cpu->icount_left -= r->insns;
        }
        if (r->ir->node_count > cells_cap) {
            cells_cap = r->ir->node_count * 2;
            g_aligned_free(cells);
            cells = g_aligned_alloc(cells_cap, sizeof(IrCell), 16);
        }
        e = run_region(cpu, r);
        Region *next = e ? __atomic_load_n(&e->to, __ATOMIC_ACQUIRE) : NULL;
        if (e && !next) {
            break;
        }
        if (!next) {
            next = tcg_jump_cache_find(cpu, cpu->nip);
            if (!next) {
                break;
            }
        }
        r = next;
        e = NULL;
    }
    interp_fp_leave(cpu);
    return e;
}
