/*
 * What generated code leaves for: slow paths of memory accesses, helpers, operations without native code.
 *
 * Each such place has a record beside the code, in a stream of bytes: what to do, where its operands are, and the
 * *state map* (slot -> place) from which the guest state is made precise. Places are one to three bytes each, and a
 * map that equals one just written is shared, because records outnumber everything else by far and are hardly ever
 * read. Nothing but a flush of the code buffer removes them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/interp.h"
#include "accel/tcg/ir-eval.h"
#include "accel/tcg/x86_64/select.h"
#include "target/ppc/cpu.h"
#include <string.h>

uint8_t *jit_side;
uint32_t jit_side_used, jit_side_size;

/* ---- writing ---- */

static void w8(Gen *g, unsigned v) { jit_side[jit_side_used++] = v; }
static void wn(Gen *g, const void *p, unsigned n) { memcpy(&jit_side[jit_side_used], p, n); jit_side_used += n; }

static void write_loc(Gen *g, const Loc *l)
{
    G_STATIC_ASSERT(FRAME_CELLS <= 256);

    switch (l->kind) {
    case LOC_STACK:
        w8(g, LOC_STACK << 4);
        w8(g, l->index);
        break;
    case LOC_CONST: {
        int64_t k = l->k;
        unsigned n = k == 0 ? 0 : k == (int8_t)k ? 1 : k == (int16_t)k ? 2 : k == (int32_t)k ? 4 : 8;
        w8(g, LOC_CONST << 4 | n);
        wn(g, &k, n);
        break;
    }
    case LOC_POOL:
        w8(g, LOC_POOL << 4);
        wn(g, &l->k, 8);
        break;
    case LOC_SUNK: {
        const Sunk *k = sunk_of(g, l);
        w8(g, LOC_SUNK << 4 | k->cond);
        w8(g, k->word);
        write_loc(g, &k->a);
        write_loc(g, &k->b);
        break;
    }
    default:
        w8(g, l->kind << 4 | l->reg);
    }
}

static uint32_t write_map(Gen *g, const Out *o)
{
    uint32_t start = jit_side_used;

    w8(g, o->map_count);
    for (uint32_t i = 0; i < o->map_count; i++) {
        const MapEntry *m = &g_array_index(g->maps, MapEntry, o->map_first + i);
        G_STATIC_ASSERT(SLOT_COUNT <= 256);
        w8(g, m->slot);
        write_loc(g, &m->loc);
    }
    uint32_t len = jit_side_used - start;
    for (unsigned i = 0; i < G_N_ELEMENTS(g->recent); i++) {
        if (g->recent[i].len == len && !memcmp(&jit_side[g->recent[i].at], &jit_side[start], len)) {
            jit_side_used = start;
            return g->recent[i].at;
        }
    }
    g->recent[g->next_recent++ % G_N_ELEMENTS(g->recent)] = (RecentMap){ start, len };
    return start;
}

uint32_t write_record(Gen *g, const Out *o)
{
    const uint32_t longest = SLOT_COUNT * 24 + 512;

    if (jit_side_size - jit_side_used < longest) {
        g->failed = true;
        return 0;
    }
    uint32_t map = o->store_state ? write_map(g, o) : 0, at = jit_side_used;

    w8(g, o->kind | o->store_state << 4 | o->store_nip << 5);
    if (o->store_state) {
        wn(g, &map, 4);
    }
    if (o->store_nip) {
        wn(g, &o->pc, 8);
    }
    write_loc(g, &o->dst);
    switch (o->kind) {
    case OUT_CALL: {
        unsigned vectors = 0;
        for (int i = 0; i < MIN(o->call.nargs, IR_CALL_ARGS); i++) {
            vectors |= (unsigned)(o->call.args[i].n == IR_V128) << i;
        }
        wn(g, &o->call.fn, 8);
        w8(g, o->call.ret | o->call.cpu << 2 | o->call.nargs << 4);
        w8(g, vectors);
        break;
    }
    case OUT_NODE:
        w8(g, o->node.op);
        w8(g, o->node.size);
        w8(g, o->node.cond | o->nargs << 4);
        wn(g, &o->node.aux, 2);
        wn(g, &o->node.imm, 8);
        if (o->node.op == IR_VSHUF) {
            wn(g, &o->pool, 16);
        }
        break;
    default:
        wn(g, &o->op, 2);
    }
    for (int i = 0; i < o->nargs; i++) {
        write_loc(g, &o->args[i]);
    }
    return at;
}

/* ---- reading ---- */

static unsigned r8(const uint8_t **p) { return *(*p)++; }
static uint16_t r16(const uint8_t **p) { uint16_t v; memcpy(&v, *p, 2); *p += 2; return v; }
static uint32_t r32(const uint8_t **p) { uint32_t v; memcpy(&v, *p, 4); *p += 4; return v; }
static uint64_t r64(const uint8_t **p) { uint64_t v; memcpy(&v, *p, 8); *p += 8; return v; }

static IrCell value(const Saved *s, const uint8_t **p)
{
    IrCell c = { .x = { .q = 0 } };
    unsigned b = r8(p), low = b & 15;

    switch (b >> 4) {
    case LOC_GPR: c.i = s->gpr[low]; break;
    case LOC_XMM: c.x = s->xmm[low]; break;
    case LOC_STACK: c.x = s->cells[r8(p)]; break;
    case LOC_CONST:
        switch (low) {
        case 0: break;
        case 1: c.i = (int64_t)(int8_t)r8(p); break;
        case 2: c.i = (int64_t)(int16_t)r16(p); break;
        case 4: c.i = (int64_t)(int32_t)r32(p); break;
        default: c.i = r64(p);
        }
        break;
    case LOC_POOL: c.x = *(const V128 *)(uintptr_t)r64(p); break;
    case LOC_SUNK: {
        unsigned kind = r8(p);
        uint64_t a = value(s, p).i, k = value(s, p).i;
        c.i = kind == SUNK_FP ? interp_fcompare(low, a, k) : ir_eval_cond(low, kind, a, k);
        break;
    }
    default: g_assert_not_reached();
    }
    return c;
}

static void restore_guest(PowerPCCPU *cpu, const Saved *s, const uint8_t *p)
{
    for (unsigned n = r8(&p); n; n--) {
        unsigned slot = r8(&p);
        const IrSlotInfo *info = &ir_slot_info[slot];
        char *home = (char *)cpu + info->offset;
        IrCell v = value(s, &p);
        switch (info->bytes) {
        case 1: *(uint8_t *)home = v.i; break;
        case 8:
            *(uint64_t *)home = v.i;
            if (slot >= SLOT_FPR && slot <= SLOT_FPR_LAST) {
                *(uint64_t *)((char *)cpu + (info->offset ^ 8)) = 0;
            }
            break;
        default: *(V128 *)home = v.x;
        }
    }
}

typedef uint64_t Fn(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);
typedef uint64_t Fn8(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);

static IrCell do_call(PowerPCCPU *cpu, const Saved *s, const uint8_t *p)
{
    IrCell vals[IR_CALL_ARGS], out = { .x = { .q = 0 } };
    uint64_t a[IR_CALL_ARGS] = { 0 }, fn = r64(&p);
    unsigned shape = r8(&p), vectors = r8(&p), nargs = shape >> 4, ret = shape & 3, n = 0;

    if (ret == IR_V128) {
        a[n++] = (uintptr_t)&out.x;
    }
    if (shape & 4) {
        a[n++] = (uintptr_t)cpu;
    }
    for (unsigned i = 0; i < nargs; i++) {
        vals[i] = value(s, &p);
        a[n++] = vectors >> i & 1 ? (uintptr_t)&vals[i].x : vals[i].i;
    }
    uint64_t r = n > 6 ? ((Fn8 *)fn)(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7])
                       : ((Fn *)fn)(a[0], a[1], a[2], a[3], a[4], a[5]);
    if (ret != IR_V128) {
        out.i = r;
    }
    return out;
}

static IrCell do_node(const Saved *s, const uint8_t *p)
{
    IrCell cells[4] = { { 0 } }, out = { .x = { .q = 0 } };
    IrNode n = { .op = r8(&p) };
    V128 pool = { .q = 0 };
    IrRegion fake = { .pool = &pool };

    n.size = r8(&p);
    n.cond = r8(&p);
    unsigned nargs = n.cond >> 4;
    n.cond &= 15;
    n.aux = r16(&p);
    n.imm = r64(&p);
    if (n.op == IR_VSHUF) {
        memcpy(&pool, p, 16);
        p += 16;
        n.imm = 0;
    }
    for (unsigned i = 0; i < nargs; i++) {
        cells[i + 1] = value(s, &p);
        n.a[i].n = i + 1;
    }
    if (!ir_eval_int(n.op, n.size, cells[1].i, cells[2].i, &out.i) && !interp_fp(&n, cells, &out)) {
        interp_vec(&fake, &n, cells, &out);
    }
    return out;
}

void jit_out(PowerPCCPU *cpu, Saved *s, uint32_t record)
{
    const uint8_t *p = &jit_side[record], *map = NULL;
    unsigned head = r8(&p), kind = head & 15, dst;
    IrCell v = { .x = { .q = 0 } }, b = v;
    uint64_t pc = 0, ea = 0, hi, lo;
    MemOp op = 0;
    SoftmmuReady ready = SOFTMMU_SLOW;

    if (head & 0x10) {
        map = &jit_side[r32(&p)];
    }
    if (head & 0x20) {
        pc = r64(&p);
    }
    dst = r8(&p);
    if (kind <= OUT_STZ) {
        op = r16(&p);
        ea = value(s, &p).i;
        /* A hit, or a miss that the tables of the guest satisfy, looks at no guest register and raises nothing. */
        if (kind != OUT_CMPXCHG) {
            ready = softmmu_ready(cpu, ea, op, kind != OUT_LD && kind != OUT_LDX);
        }
    }
    if (ready != SOFTMMU_READY) {
        if (map) {
            restore_guest(cpu, s, map);
        }
        if (head & 0x20) {
            cpu->nip = pc;
        }
        if (ready == SOFTMMU_FAULT) {
            ppc_raise(cpu, cpu->exception, cpu->error_code);
        }
    }
    switch (kind) {
    case OUT_LD: v.i = softmmu_load(cpu, ea, op); break;
    case OUT_ST: softmmu_store(cpu, ea, value(s, &p).i, op); break;
    case OUT_LDX:
        softmmu_load128(cpu, ea, op, &hi, &lo);
        v.x = v128_make(hi, lo);
        break;
    case OUT_STX:
        b = value(s, &p);
        softmmu_store128(cpu, ea, op, V_D(b.x, 0), V_D(b.x, 1));
        break;
    case OUT_CMPXCHG:
        b = value(s, &p);
        v.i = softmmu_cmpxchg(cpu, ea, b.i, value(s, &p).i, op);
        break;
    case OUT_STZ: softmmu_zero128(cpu, ea, op); break;
    case OUT_CALL: v = do_call(cpu, s, p); break;
    default: v = do_node(s, p);
    }
    if (dst >> 4 == LOC_GPR) {
        s->gpr[dst & 15] = v.i;
    } else if (dst >> 4 == LOC_XMM) {
        s->xmm[dst & 15] = v.x;
    }
}
