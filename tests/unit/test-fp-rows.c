/*
 * The host path of floating-point instructions against the exact path.
 *
 * Random sequences of floating-point rows, with operands from everywhere a format has an edge, run
 * twice through the interpreter: as translated normally, and with RF_FPSLOW, where each instruction is
 * one call of the exact library; every fourth one as generated code, too. Registers, CR and the whole FPSCR
 * must agree; but for the exact run it is mostly rebuilt from what was left behind (target/ppc/fp/fplazy.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>
#include "target/ppc/fp/fplazy.h"
#include "tests/unit/rnd.h"
#include "tests/unit/rows.h"

#define SEQUENCES 60000
#define LONGEST 10

static uint64_t random_double(void)
{
    static const uint64_t special[] = {
        0, 1, 0x7ff0000000000000, 0x7ff8000000000000, 0x7ff0000000000001, 0x7fefffffffffffff,
        0x0010000000000000, 0x3ff0000000000000, 0x43e0000000000000, 0x41dfffffffc00000,
        0x47efffffe0000000, 0x3810000000000000, 0x36a0000000000000, 0x3fe0000000000000,
    };
    uint64_t frac = rnd() & 0xfffffffffffffull, sign = rnd() << 63;

    switch (rnd() % 6) {
    case 0:
        return special[rnd() % G_N_ELEMENTS(special)] | sign;
    case 1:
        return rnd();
    case 2:
        return fp_load_single((uint32_t)rnd());
    case 3:
        return sign | (1023 - 160 + rnd() % 320) << 52 | (frac & ~0x1fffffffull);
    case 4:
        return sign | (1023 + rnd() % 66) << 52 | (frac & ~0ull << rnd() % 52);
    default:
        return sign | (1023 - 30 + rnd() % 60) << 52 | frac;
    }
}

static uint32_t random_single(void)
{
    uint32_t frac = rnd() & 0x7fffff, sign = (uint32_t)rnd() << 31;

    switch (rnd() % 4) {
    case 0:
        return (uint32_t)rnd();
    case 1:
        return sign | ((rnd() % 6 - 3) & 255) << 23 | frac;
    case 2:
        return sign | 0x7f800000 | (rnd() & 1 ? frac : 0);
    default:
        return sign | (uint32_t)(127 - 20 + rnd() % 52) << 23 | (rnd() & 1 ? frac : 0);
    }
}

static V128 random_vector(int kind)
{
    V128 v;

    for (int i = 0; i < 4; i++) {
        if (kind == 0) {
            v.d[i & 1] = random_double();
        } else if (kind == 1) {
            v.w[i] = random_single();
        } else {
            v.d[i & 1] = (uint64_t)((int64_t)rnd() >> (rnd() & 63));
        }
    }
    return v;
}

/* Rows that only compute: no memory, no write of the FPSCR's control bits, no VSCR. */
static GPtrArray *pick_rows(void)
{
    GPtrArray *rows = g_ptr_array_new();
    size_t n;
    InsnDesc *t = isa_table(&n);

    for (size_t i = 0; i < n; i++) {
        const char *file = t[i].row->file, *id = t[i].row->id;

        if ((strstr(file, "fp-arith") || strstr(file, "fp-ldst") || strstr(file, "vsx-fp-") || strstr(file, "vmx-fp")) &&
            !(t[i].row->flags & INSN_MEM) && !t[i].prefixed && !g_str_has_prefix(id, "vcts") && !g_str_has_prefix(id, "vctu")) {
            g_ptr_array_add(rows, &t[i]);
        }
    }
    return rows;
}

static uint32_t random_word(const InsnDesc *d)
{
    uint32_t w = (uint32_t)rnd();

    /* Few registers, so that one result is the next operand; reserved bits off. */
    w &= 0x00631906 | 0x000001c1;
    for (int i = 0; i < d->nfields; i++) {
        const InsnField *f = &d->fields[i];

        if (f->width != 5) {
            w |= ((uint32_t)rnd() & ((1u << f->width) - 1)) << f->lsb;
        }
    }
    return (w & ~d->mask) | d->value;
}

enum { FAST, EXACT, GENERATED, WAYS };

static void compare(PowerPCCPU *a, PowerPCCPU *b, uint64_t mask, const char *text)
{
    for (int i = 0; i < 64; i++) {
        ck_assert_msg(a->vsr[i].q == b->vsr[i].q, "vsr%d %016lx_%016lx %016lx_%016lx:%s", i, (long)V_D(a->vsr[i], 0),
                      (long)V_D(a->vsr[i], 1), (long)V_D(b->vsr[i], 0), (long)V_D(b->vsr[i], 1), text);
    }
    ck_assert_msg(!((ppc_get_fpscr(a) ^ ppc_get_fpscr(b)) & mask), "fpscr %lx %lx:%s", (long)ppc_get_fpscr(a),
                  (long)ppc_get_fpscr(b), text);
    ck_assert_msg(ppc_get_cr(a) == ppc_get_cr(b), "cr %x %x:%s", ppc_get_cr(a), ppc_get_cr(b), text);
    ck_assert_msg(!memcmp(a->gpr, b->gpr, sizeof(a->gpr)), "gpr:%s", text);
}

START_TEST(host_equals_exact)
{
    GPtrArray *rows = pick_rows();
    PowerPCCPU *cpu[WAYS];

    ck_assert_uint_gt(rows->len, 250);
    for (int i = 0; i < WAYS; i++) {
        cpu[i] = rows_cpu_new();
    }
    for (int s = 0; s < SEQUENCES; s++) {
        const InsnDesc *seq[LONGEST];
        uint32_t words[LONGEST];
        int n = 1 + rnd() % LONGEST, kind = rnd() % 3, ways = rows_have_generated() && s % 4 == 0 ? WAYS : GENERATED;
        uint64_t fpscr = rnd() & (FPSCR_FPRF | FPSCR_FR | FPSCR_FI), mask = UINT64_MAX;
        g_autoptr(GString) text = g_string_new(NULL);

        fpscr |= rnd() & 1 ? FPSCR_FX | FPSCR_XX : 0;
        for (int i = 0; i < n; i++) {
            seq[i] = g_ptr_array_index(rows, rnd() % rows->len);
            words[i] = random_word(seq[i]);
            g_string_append_printf(text, " %s(%08x)", seq[i]->row->id, words[i]);
            /* The book leaves FPRF undefined after a conversion to integer. */
            if (g_str_has_prefix(seq[i]->row->id, "fcti") || g_str_has_prefix(seq[i]->row->id, "xscv")) {
                mask &= ~(uint64_t)FPSCR_FPRF;
            }
        }
        for (int i = 0; i < 64; i++) {
            V128 v = random_vector(kind);

            for (int k = 0; k < WAYS; k++) {
                cpu[k]->vsr[i] = v;
            }
        }
        for (int i = 0; i < ways; i++) {
            memset(cpu[i]->crb, 0, sizeof(cpu[i]->crb));
            memset(cpu[i]->gpr, 0, sizeof(cpu[i]->gpr));
            ppc_set_fpscr(cpu[i], fpscr);
            ck_assert(rows_run_as(cpu[i], seq, words, n, RF_SF | RF_FP | RF_VEC | RF_VSX | (i == EXACT ? RF_FPSLOW : 0),
                                  i == GENERATED));
        }
        compare(cpu[FAST], cpu[EXACT], mask, text->str);
        if (ways > GENERATED) {
            compare(cpu[GENERATED], cpu[EXACT], mask, text->str);
        }
    }
    for (int i = 0; i < WAYS; i++) {
        rows_cpu_free(cpu[i]);
    }
    g_ptr_array_unref(rows);
}
END_TEST

/* mffscrn[i] after an operation that is still owed; only a mode other than the present one leaves the region. */
START_TEST(rounding_mode)
{
    const InsnDesc *seq[] = { rows_find("fmadd"), rows_find("fcmpu"), rows_find("mffscrn"), rows_find("fmr") };
    PowerPCCPU *cpu[WAYS];

    for (int i = 0; i < WAYS; i++) {
        cpu[i] = rows_cpu_new();
    }
    for (int n = 0; n < 200; n++) {
        bool immediate = n & 1;
        unsigned rn = n / 2 % 4;
        uint32_t words[] = { seq[0]->value | 1 << 21 | 2 << 16 | 3 << 11 | 4 << 6, seq[1]->value | 1 << 16 | 2 << 11,
                             0, seq[3]->value | 7 << 21 | 6 << 11 };
        V128 v[8];

        seq[2] = rows_find(immediate ? "mffscrni" : "mffscrn");
        words[2] = seq[2]->value | 6 << 21 | (immediate ? rn << 11 : 5 << 11);
        for (int i = 0; i < 8; i++) {
            v[i] = random_vector(0);
        }
        V_D(v[5], 0) = (V_D(v[5], 0) & ~3ull) | rn;
        for (int k = 0; k < (rows_have_generated() ? WAYS : GENERATED); k++) {
            memcpy(cpu[k]->vsr, v, sizeof(v));
            ppc_set_fpscr(cpu[k], (uint64_t)(n & 7) << FPSCR_DRN_SHIFT);
            ck_assert(rows_run_as(cpu[k], seq, words, 4, RF_SF | RF_FP | RF_VEC | RF_VSX | (k == EXACT ? RF_FPSLOW : 0),
                                  k == GENERATED));
            /* What comes after the change belongs to another region. */
            cpu[k]->vsr[7].q = 0;
            ck_assert_int_eq(!!(cpu[k]->region_flags & RF_FPSLOW), rn != 0);
            ck_assert_uint_eq(ppc_get_fpscr(cpu[k]) & FPSCR_RN, rn);
        }
        for (int k = 0; k < (rows_have_generated() ? WAYS : GENERATED); k++) {
            compare(cpu[k], cpu[EXACT], UINT64_MAX, immediate ? "mffscrni" : "mffscrn");
        }
    }
    for (int i = 0; i < WAYS; i++) {
        rows_cpu_free(cpu[i]);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("fp-rows");
    TCase *tc = tcase_create("all");
    SRunner *sr;
    int failed;

    isa_init();
    g_assert(tcg_init(NULL));
    tcase_set_timeout(tc, 100);
    tcase_add_test(tc, host_equals_exact);
    tcase_add_test(tc, rounding_mode);
    suite_add_tcase(s, tc);
    sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
