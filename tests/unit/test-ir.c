/*
 * Builder and interpreter: random expressions over guest registers.
 *
 * While a random region is built, the test computes beside it what each value must be, with plain C.
 * Folding, merging, dead-code removal and snapshots are all in between: if one of them is wrong, a
 * register ends with the wrong value. A side exit in the middle checks that a snapshot shows the state
 * of its own place and not of the region's end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/interp.h"
#include "accel/tcg/ir-eval.h"
#include "accel/tcg/region.h"
#include "target/ppc/cpu.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

#define POOL 40
#define STEPS 120

typedef struct Known { Val v; uint64_t is; } Known;

static uint64_t rnd64(GRand *g)
{
    static const uint64_t special[] = { 0, 1, 2, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
                                        0x100000000, INT64_MAX, 1ull << 63, UINT64_MAX, 63, 64, 31, 32 };
    if (g_rand_int_range(g, 0, 3) == 0) {
        return special[g_rand_int_range(g, 0, G_N_ELEMENTS(special))];
    }
    return (uint64_t)g_rand_int(g) << 32 | g_rand_int(g);
}

static const IrOp int_ops[] = {
    IR_ADD, IR_SUB, IR_MUL, IR_MULHS, IR_MULHU, IR_AND, IR_OR, IR_XOR, IR_ANDC, IR_NOT, IR_NEG, IR_SHL, IR_SHR,
    IR_SAR, IR_ROTL, IR_ROTL32, IR_EXTS, IR_EXTU, IR_BSWAP, IR_CLZ, IR_CTZ, IR_POPCNT, IR_PDEP, IR_PEXT,
};

static Known random_op(GRand *g, const Known *pool)
{
    const Known *a = &pool[g_rand_int_range(g, 0, POOL)], *b = &pool[g_rand_int_range(g, 0, POOL)];
    Known r;

    if (g_rand_int_range(g, 0, 4) == 0) {
        IrCond c = g_rand_int_range(g, 0, C_TSTNZ + 1);
        bool word = g_rand_boolean(g), taken = ir_eval_cond(c, word, a->is, b->is);
        if (g_rand_boolean(g)) {
            r.v = ir_cond2(IR_SETCOND, c, word, a->v, b->v);
            r.is = taken;
        } else {
            const Known *t = &pool[g_rand_int_range(g, 0, POOL)], *f = &pool[g_rand_int_range(g, 0, POOL)];
            r.v = (word ? sel32 : sel)(c, a->v, b->v, t->v, f->v);
            r.is = taken ? t->is : f->is;
        }
        return r;
    }
    if (g_rand_int_range(g, 0, 8) == 0) {
        const Known *third = &pool[g_rand_int_range(g, 0, POOL)];
        uint64_t c = third->is & 1;
        bool carry = g_rand_boolean(g);
        r.v = (carry ? adcc : adc)(a->v, b->v, andi(third->v, 1));
        r.is = carry ? ((u128)a->is + b->is + c) >> 64 : a->is + b->is + c;
        return r;
    }
    IrOp op = int_ops[g_rand_int_range(g, 0, G_N_ELEMENTS(int_ops))];
    unsigned size = op == IR_BSWAP ? g_rand_int_range(g, 1, 4)
                  : op == IR_EXTS || op == IR_EXTU ? g_rand_int_range(g, 0, 3) : 0;
    ck_assert(ir_eval_int(op, size, a->is, b->is, &r.is));
    r.v = ir_op_info[op].nargs == 1 ? ir_op1(op, size, 0, a->v) : ir_op2(op, size, 0, a->v, b->v);
    return r;
}

static void run_one(GRand *g, PowerPCCPU *cpu)
{
    Known pool[POOL];
    uint64_t expect[32], at_exit[32];
    bool exits_early = false;

    for (int i = 0; i < 32; i++) {
        expect[i] = cpu->gpr[i] = rnd64(g);
    }
    ir_begin(0x1000, RF_SF);
    ir_insn_start(0x1000);
    for (int i = 0; i < POOL; i++) {
        if (i < 32) {
            pool[i] = (Known){ slot_get(SLOT_GPR + i), cpu->gpr[i] };
        } else {
            uint64_t k = rnd64(g);
            pool[i] = (Known){ iconst(k), k };
        }
    }
    for (int s = 0; s < STEPS; s++) {
        Known k = random_op(g, pool);
        pool[g_rand_int_range(g, 0, POOL)] = k;
        if (g_rand_int_range(g, 0, 3) == 0) {
            int reg = g_rand_int_range(g, 0, 32);
            slot_set(SLOT_GPR + reg, k.v);
            expect[reg] = k.is;
        }
        if (g_rand_int_range(g, 0, 40) == 0 && !ir_has_exit()) {
            const Known *a = &pool[g_rand_int_range(g, 0, POOL)], *b = &pool[g_rand_int_range(g, 0, POOL)];
            IrCond c = g_rand_int_range(g, 0, C_TSTNZ + 1);
            bool taken = ir_eval_cond(c, false, a->is, b->is);
            exit_if(c, a->v, b->v, false, 0x2000 + s * 4);
            if (taken && !exits_early) {
                memcpy(at_exit, expect, sizeof(expect));
                exits_early = true;
            }
        }
        if (ir_has_exit()) {
            break;
        }
    }
    exit_direct(0x9000);
    IrRegion *ir = ir_finish();
    g_autofree char *fault = ir_verify(ir);
    ck_assert_msg(!fault, "%s", fault);
    RegionExit *exits = g_new0(RegionExit, MAX(ir->exit_count, 1));
    Region r = { .pc = 0x1000, .flags = RF_SF, .ir = ir, .exits = exits, .nexits = ir->exit_count, .insns = 1 };
    for (uint32_t i = 0; i < ir->exit_count; i++) {
        exits[i] = (RegionExit){ .from = &r, .target = ir->exits[i].target };
    }
    RegionExit *e = interp_run(cpu, &r);
    ck_assert_ptr_nonnull(e);
    ck_assert((e->target != 0x9000) == exits_early);
    const uint64_t *want = exits_early ? at_exit : expect;
    for (int i = 0; i < 32; i++) {
        if (cpu->gpr[i] != want[i]) {
            g_autoptr(GString) s = g_string_new(NULL);
            ir_print(ir, s);
            ck_abort_msg("r%d is %016" G_GINT64_MODIFIER "x, not %016" G_GINT64_MODIFIER "x\n%s", i, cpu->gpr[i],
                         want[i], s->str);
        }
    }
    ir_free(ir);
    g_free(exits);
}

START_TEST(test_random_expressions)
{
    g_autoptr(GRand) g = g_rand_new_with_seed(20160923);
    PowerPCCPU *cpu = g_aligned_alloc0(1, sizeof(PowerPCCPU), 64);

    for (int i = 0; i < 20000; i++) {
        run_one(g, cpu);
    }
    g_aligned_free(cpu);
}
END_TEST

/* The two views of a VSR: what is written through one is read through the other. */
START_TEST(test_vsr_views)
{
    PowerPCCPU *cpu = g_aligned_alloc0(1, sizeof(PowerPCCPU), 64);
    Region r = { .pc = 0x1000 };
    RegionExit exits[1] = { { .from = &r } };

    cpu->vsr[1] = v128_make(0x1111, 0x2222);
    cpu->vsr[2] = v128_make(0x3333, 0x4444);
    ir_begin(0x1000, 0);
    ir_insn_start(0x1000);
    slot_set(SLOT_FPR + 3, slot_get(SLOT_FPR + 1));         /* zeroes doubleword 1 */
    slot_set(SLOT_VSR + 4, slot_get(SLOT_VSR + 3));
    slot_set(SLOT_VSR + 1, slot_get(SLOT_VSR + 2));
    slot_set(SLOT_FPR + 5, slot_get(SLOT_FPR + 1));
    exit_direct(0x2000);
    r.ir = ir_finish();
    r.exits = exits;
    interp_run(cpu, &r);
    ck_assert(V_D(cpu->vsr[3], 0) == 0x1111 && V_D(cpu->vsr[3], 1) == 0);
    ck_assert(V_D(cpu->vsr[4], 0) == 0x1111 && V_D(cpu->vsr[4], 1) == 0);
    ck_assert(V_D(cpu->vsr[1], 0) == 0x3333 && V_D(cpu->vsr[1], 1) == 0x4444);
    ck_assert(V_D(cpu->vsr[5], 0) == 0x3333 && V_D(cpu->vsr[5], 1) == 0);
    ir_free(r.ir);
    g_aligned_free(cpu);
}
END_TEST

/* A register written again and again is stored once, and an unread compare is not computed for the fall-through. */
START_TEST(test_dead_writes_vanish)
{
    ir_begin(0x1000, 0);
    ir_insn_start(0x1000);
    for (int i = 0; i < 5; i++) {
        slot_set(SLOT_GPR + 3, add(slot_get(SLOT_GPR + 4), iconst(i + 100)));
        slot_set(SLOT_CRB + 1, setcond(C_LT, slot_get(SLOT_GPR + 3), iconst(7 + i)));
    }
    exit_direct(0x2000);
    IrRegion *ir = ir_finish();
    const IrSnap *s = &ir->snaps[ir->nodes[ir->node_count - 1].snap];
    ck_assert_uint_eq(s->count, 2);
    unsigned adds = 0;
    for (uint32_t i = 1; i < ir->node_count; i++) {
        adds += ir->nodes[i].op == IR_ADD;
    }
    ck_assert_uint_eq(adds, 1);
    ir_free(ir);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("ir");
    TCase *t = tcase_create("builder and interpreter");
    SRunner *sr = srunner_create(s);

    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_random_expressions);
    tcase_add_test(t, test_vsr_views);
    tcase_add_test(t, test_dead_writes_vanish);
    suite_add_tcase(s, t);
    srunner_run_all(sr, CK_ENV);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
