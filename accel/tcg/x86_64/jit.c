/*
 * The code buffer, the thunks around generated code, and the one way out of it.
 *
 * The buffer is one memfd mapped twice: written through jit_rw, executed through jit_rx (W^X). Generated code
 * leaves for C by `push index; call thunk`: the thunk saves every register, jit_out() works on the saved image
 * and the thunk restores it, so that nothing is clobbered. jit_out() writes the guest state the map names only
 * when the callee may look at it or raise.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/x86_64/jit.h"
#include "accel/tcg/x86_64/host.h"
#include "accel/tcg/interp.h"
#include "accel/tcg/ir-eval.h"
#include "accel/tcg/tcg.h"
#include "accel/tcg/vcpu.h"
#include "target/ppc/cpu.h"
#include "target/ppc/fp/fplazy.h"
#include <cpuid.h>
#include <errno.h>
#include <gio/gio.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

uint8_t *jit_rw, *jit_rx;
Out *jit_outs;
MapEntry *jit_maps;
Sunk *jit_sunk;
uint32_t jit_out_count, jit_map_count, jit_sunk_count;
bool jit_have_lzcnt;
const uint8_t *jit_thunk_out, *jit_thunk_leave, *jit_thunk_lookup;

static size_t size, used, first_free;
static RegionExit *(*enter_thunk)(PowerPCCPU *cpu, const void *code);

/* The image that the thunk makes; the frame's cells lie above it. */
typedef struct Saved {
    uint64_t gpr[16];
    V128 xmm[16];
    uint64_t ret, index;
    V128 cells[];
} Saved;

static IrCell value(const Saved *s, const Loc *l)
{
    IrCell c = { .x = { .q = 0 } };

    switch (l->kind) {
    case LOC_GPR: c.i = s->gpr[l->reg]; break;
    case LOC_XMM: c.x = s->xmm[l->reg]; break;
    case LOC_STACK: c.x = s->cells[l->index]; break;
    case LOC_CONST: c.i = l->k; break;
    case LOC_POOL: c.x = *(const V128 *)(uintptr_t)l->k; break;
    case LOC_SUNK: {
        const Sunk *k = &jit_sunk[l->index | (uint32_t)l->k << 16];
        c.i = ir_eval_cond(k->cond, k->word, value(s, &k->a).i, value(s, &k->b).i);
        break;
    }
    default: g_assert_not_reached();
    }
    return c;
}

static void store_state(PowerPCCPU *cpu, const Saved *s, const Out *o)
{
    for (uint32_t i = o->map_first; i < o->map_first + o->map_count; i++) {
        const MapEntry *m = &jit_maps[i];
        const IrSlotInfo *info = &ir_slot_info[m->slot];
        char *home = (char *)cpu + info->offset;
        IrCell v = value(s, &m->loc);
        switch (info->bytes) {
        case 1: *(uint8_t *)home = v.i; break;
        case 8:
            *(uint64_t *)home = v.i;
            if (m->slot >= SLOT_FPR && m->slot <= SLOT_FPR_LAST) {
                *(uint64_t *)((char *)cpu + (info->offset ^ 8)) = 0;
            }
            break;
        default: *(V128 *)home = v.x;
        }
    }
}

static void set_result(Saved *s, const Loc *l, IrCell v)
{
    if (l->kind == LOC_GPR) {
        s->gpr[l->reg] = v.i;
    } else if (l->kind == LOC_XMM) {
        s->xmm[l->reg] = v.x;
    }
}

typedef uint64_t Fn(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);
typedef uint64_t Fn8(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);

static IrCell do_call(PowerPCCPU *cpu, const Saved *s, const Out *o)
{
    const IrCall *k = &o->call;
    IrCell vals[IR_CALL_ARGS], out = { .x = { .q = 0 } };
    uint64_t a[IR_CALL_ARGS] = { 0 };
    unsigned n = 0;

    if (k->ret == IR_V128) {
        a[n++] = (uintptr_t)&out.x;
    }
    if (k->cpu) {
        a[n++] = (uintptr_t)cpu;
    }
    for (int i = 0; i < k->nargs; i++) {
        vals[i] = value(s, &o->args[i]);
        /* bit i of nargs' high half would say "by pointer": kept in args[i].index of the call's own copy */
        a[n++] = k->args[i].n == IR_V128 ? (uintptr_t)&vals[i].x : vals[i].i;
    }
    uint64_t r = n > 6 ? ((Fn8 *)k->fn)(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7])
                       : ((Fn *)k->fn)(a[0], a[1], a[2], a[3], a[4], a[5]);
    if (k->ret != IR_V128) {
        out.i = r;
    }
    return out;
}

static IrCell do_node(const Saved *s, const Out *o)
{
    IrCell cells[4] = { { 0 } }, out = { .x = { .q = 0 } };
    IrNode n = o->node;
    IrRegion fake = { .pool = (V128 *)&o->pool };

    for (int i = 0; i < 3; i++) {
        if (n.a[i].n) {
            cells[i + 1] = value(s, &o->args[i]);
            n.a[i].n = i + 1;
        }
    }
    if (n.op == IR_VSHUF || n.op == IR_VCONST) {
        n.imm = 0;
    }
    if (!ir_eval_int(n.op, n.size, cells[1].i, cells[2].i, &out.i) && !interp_fp(&n, cells, &out)) {
        interp_vec(&fake, &n, cells, &out);
    }
    return out;
}

static void jit_out(PowerPCCPU *cpu, Saved *s, uint32_t index)
{
    const Out *o = &jit_outs[index];
    IrCell v = { .x = { .q = 0 } };
    uint64_t hi, lo;

    /* A hit, or a miss that the tables of the guest satisfy, looks at no guest register and raises nothing. */
    SoftmmuReady ready = o->kind == OUT_LD || o->kind == OUT_ST
        ? softmmu_ready(cpu, value(s, &o->args[0]).i, o->op, o->kind == OUT_ST) : SOFTMMU_SLOW;
    if (ready != SOFTMMU_READY) {
        if (o->store_state) {
            store_state(cpu, s, o);
        }
        if (o->store_nip) {
            cpu->nip = o->pc;
        }
        if (ready == SOFTMMU_FAULT) {
            ppc_raise(cpu, cpu->exception, cpu->error_code);
        }
    }
    switch (o->kind) {
    case OUT_LD: v.i = softmmu_load(cpu, value(s, &o->args[0]).i, o->op); break;
    case OUT_ST: softmmu_store(cpu, value(s, &o->args[0]).i, value(s, &o->args[1]).i, o->op); return;
    case OUT_LDX:
        softmmu_load128(cpu, value(s, &o->args[0]).i, o->op, &hi, &lo);
        v.x = v128_make(hi, lo);
        break;
    case OUT_STX:
        v = value(s, &o->args[1]);
        softmmu_store128(cpu, value(s, &o->args[0]).i, o->op, V_D(v.x, 0), V_D(v.x, 1));
        return;
    case OUT_CMPXCHG:
        v.i = softmmu_cmpxchg(cpu, value(s, &o->args[0]).i, value(s, &o->args[1]).i, value(s, &o->args[2]).i, o->op);
        break;
    case OUT_CALL: v = do_call(cpu, s, o); break;
    default: v = do_node(s, o);
    }
    set_result(s, &o->dst, v);
}

static void jit_raise(PowerPCCPU *cpu, uint64_t excp, uint64_t error)
{
    ppc_raise(cpu, excp, error);
}

/* ---- thunks ---- */

static void call_c(Emit *e, const void *fn)
{
    mov_ri(e, RAX, (uintptr_t)fn);
    e8(e, 0xff);
    modrr(e, 2, RAX);
}

static void make_thunks(void)
{
    Emit e = { jit_rw + JIT_CONSTANT_BYTES, jit_rw + size };
    static const uint8_t callee_saved[] = { RBX, RBP, R12, R13, R14, R15 };
    const int image = offsetof(Saved, ret);

    enter_thunk = (void *)to_rx(e.p);
    for (int i = 0; i < 6; i++) {
        rex(&e, false, 0, 0, callee_saved[i], false);
        e8(&e, 0x50 | (callee_saved[i] & 7));
    }
    alu_ri(&e, true, 5, RSP, FRAME_BYTES);
    mov_rr(&e, CPU, RDI);
    e8(&e, 0xff);
    modrr(&e, 4, RSI);                      /* jmp rsi */

    jit_thunk_leave = to_rx(e.p);           /* rax: RegionExit * or 0 */
    alu_ri(&e, true, 0, RSP, FRAME_BYTES);
    for (int i = 5; i >= 0; i--) {
        rex(&e, false, 0, 0, callee_saved[i], false);
        e8(&e, 0x58 | (callee_saved[i] & 7));
    }
    e8(&e, 0xc3);

    jit_thunk_out = to_rx(e.p);
    alu_ri(&e, true, 5, RSP, image);
    for (int i = 0; i < 16; i++) {
        if (i != RSP) {
            store64(&e, i, RSP, 8 * i);
        }
        vstore(&e, i, RSP, offsetof(Saved, xmm) + 16 * i);
    }
    mov_rr(&e, RDI, CPU);
    mov_rr(&e, RSI, RSP);
    op_rm(&e, false, 0x8b, RDX, RSP, offsetof(Saved, index));
    call_c(&e, jit_out);
    for (int i = 0; i < 16; i++) {
        if (i != RSP) {
            load64(&e, i, RSP, 8 * i);
        }
        vload(&e, i, RSP, offsetof(Saved, xmm) + 16 * i);
    }
    alu_ri(&e, true, 0, RSP, image);
    e8(&e, 0xc2);                           /* ret 8: drops the index */
    e8(&e, 8);
    e8(&e, 0);

    /* rdi: pc, already in cpu->nip. Jump cache line -> its code, or back to the loop. */
    jit_thunk_lookup = to_rx(e.p);
    mov_rr(&e, RAX, RDI);
    shift_ri(&e, true, 5, RAX, 2 + JUMP_CACHE_BITS);
    mov_rr(&e, RCX, RDI);
    shift_ri(&e, true, 5, RCX, 2);
    alu_rr(&e, true, 6, RAX, RCX);
    alu_ri(&e, false, 4, RAX, (1 << JUMP_CACHE_BITS) - 1);
    shift_ri(&e, true, 4, RAX, 5);          /* sizeof(JumpCacheEntry) is 32 */
    op_rm(&e, true, 0x03, RAX, CPU, offsetof(PowerPCCPU, jump_cache));
    op_rm(&e, true, 0x3b, RDI, RAX, offsetof(JumpCacheEntry, pc));
    uint8_t *miss1 = jcc(&e, CC_NE);
    load64(&e, RCX, CPU, offsetof(PowerPCCPU, region_flags));           /* and space */
    op_rm(&e, true, 0x3b, RCX, RAX, offsetof(JumpCacheEntry, flags));
    uint8_t *miss2 = jcc(&e, CC_NE);
    e8(&e, 0xff);
    modrm(&e, 4, RAX, offsetof(JumpCacheEntry, code));      /* jmp [rax + code] */
    patch32(miss1, e.p);
    patch32(miss2, e.p);
    mov_ri(&e, RAX, 0);
    uint8_t *out = jmp32(&e);
    patch32(out, jit_rw + (jit_thunk_leave - jit_rx));
    while ((uintptr_t)e.p & 63) {
        e8(&e, 0xcc);
    }
    used = first_free = e.p - jit_rw;
}

/* Called from an exit stub with the state stored: rdi cpu, rsi exception, rdx error. */
const void *jit_raise_fn(void);
const void *jit_raise_fn(void)
{
    return jit_raise;
}

static void *table(size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return p == MAP_FAILED ? NULL : p;
}

bool jit_init(size_t buffer_size, GError **err)
{
    G_STATIC_ASSERT(sizeof(JumpCacheEntry) == 32);
    G_STATIC_ASSERT(offsetof(PowerPCCPU, space) == offsetof(PowerPCCPU, region_flags) + 4);

    jit_host_detect();
    if (!__builtin_cpu_supports("avx") || !__builtin_cpu_supports("bmi2") || !__builtin_cpu_supports("bmi")
        || !__builtin_cpu_supports("popcnt")) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "this processor lacks AVX or BMI2");
        return false;
    }
    /* clang 14 does not know the name for __builtin_cpu_supports() */
    unsigned a, b, c, d;
    jit_have_lzcnt = __get_cpuid(0x80000001, &a, &b, &c, &d) && c & bit_LZCNT;
    int fd = memfd_create("jit", MFD_CLOEXEC);
    size = (MAX(buffer_size, 1u << 20) + 0xfff) & ~0xfffull;
    if (fd < 0 || ftruncate(fd, size) < 0) {
        goto fail;
    }
    jit_rw = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    jit_rx = mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
    jit_outs = table(sizeof(Out) * (size_t)MAX_OUTS);
    jit_maps = table(sizeof(MapEntry) * (size_t)MAX_MAPS);
    jit_sunk = table(sizeof(Sunk) * (size_t)MAX_SUNK);
    if (jit_rw == MAP_FAILED || jit_rx == MAP_FAILED || !jit_outs || !jit_maps || !jit_sunk) {
        goto fail;
    }
    close(fd);
    jit_constants_init(jit_rw);
    make_thunks();
    return true;
fail:
    g_set_error(err, G_IO_ERROR, g_io_error_from_errno(errno), "no memory for %zu bytes of code: %s", size,
                g_strerror(errno));
    return false;
}

bool jit_compile(const IrRegion *ir, Region *r)
{
    Emit e = { jit_rw + used, jit_rw + size };

    if (size - used < 1 << 18 || jit_out_count + 2048 > MAX_OUTS || jit_map_count + (1u << 17) > MAX_MAPS
        || jit_sunk_count + 65536 > MAX_SUNK) {
        return false;
    }
    uint8_t *start = e.p;
    if (!jit_generate(ir, r, &e)) {
        return false;
    }
    r->code = to_rx(start);
    r->code_size = e.p - start;
    while ((uintptr_t)e.p & 15) {
        e8(&e, 0xcc);
    }
    used = e.p - jit_rw;
    return true;
}

RegionExit *jit_enter(PowerPCCPU *cpu, Region *r)
{
    fp_host_enter(cpu);
    RegionExit *e = enter_thunk(cpu, r->code);
    fp_host_leave(cpu);
    return e;
}

static void patch_exit(RegionExit *e, uintptr_t target_rx)
{
    int32_t d = target_rx - ((uintptr_t)jit_rx + (e->patch_site - (uintptr_t)jit_rw) + 4);

    __atomic_store_n((int32_t *)e->patch_site, d, __ATOMIC_RELEASE);
}

void jit_chain(RegionExit *e, Region *to)
{
    if (e->patch_site) {
        patch_exit(e, (uintptr_t)to->code);
    }
}

void jit_unchain(RegionExit *e)
{
    if (e->patch_site) {
        patch_exit(e, e->unpatched);
    }
}

void jit_reset_buffer(void)
{
    used = first_free;
    jit_out_count = jit_map_count = jit_sunk_count = 0;
}

size_t jit_buffer_used(void) { return used; }
size_t jit_buffer_size(void) { return size; }

bool jit_owns(uintptr_t pc)
{
    return pc >= (uintptr_t)jit_rx && pc < (uintptr_t)jit_rx + size;
}
