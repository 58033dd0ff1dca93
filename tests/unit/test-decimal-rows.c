/*
 * Decimal instructions as rows: decimal integers in vector registers against a table that bcd-vectors.py makes,
 * and how decimal floating-point rows use registers, CR and FPSCR (what they compute is test-dfp's matter).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/fp/fplazy.h"
#include "tests/unit/rows.h"

typedef struct BcdVector {
    const char *id;
    unsigned ps;
    uint64_t a[2], b[2], r[2];
    int cr6;                /* -1: not a record form */
    bool defined;           /* else VRT keeps its value */
} BcdVector;

static const BcdVector bcd_vectors[] = {
#include "bcd-vectors.h"
};

enum { FLAGS = RF_SF | RF_FP | RF_VEC | RF_VSX };

static PowerPCCPU *cpu;

/* Puts a register number or other value into the row's field. */
static uint32_t with(const InsnDesc *d, uint32_t word, const char *field, uint32_t v)
{
    for (int i = 0; i < d->nfields; i++) {
        if (g_str_equal(d->fields[i].name, field)) {
            return word | v << d->fields[i].lsb;
        }
    }
    return word;
}

static bool run1(const InsnDesc *d, uint32_t word)
{
    return rows_run(cpu, &d, &word, 1, FLAGS | (fp_wants_slow(cpu->fpscr) ? RF_FPSLOW : 0));
}

START_TEST(bcd)
{
    for (size_t i = 0; i < G_N_ELEMENTS(bcd_vectors); i++) {
        const BcdVector *v = &bcd_vectors[i];
        const InsnDesc *d = rows_find(v->id);
        uint32_t word = with(d, with(d, with(d, with(d, d->value, "vrt", 2), "vra", 3), "vrb", 4), "ps", v->ps);
        V128 before = v128_make(0x0123456789abcdef, 0x1122334455667788), want = before;
        unsigned cr = 0x5a5a5a5a;

        cpu->vsr[34] = before;
        cpu->vsr[35] = v128_make(v->a[0], v->a[1]);
        cpu->vsr[36] = v128_make(v->b[0], v->b[1]);
        ppc_set_cr(cpu, cr);
        ck_assert(run1(d, word));
        if (v->defined) {
            want = v128_make(v->r[0], v->r[1]);
        }
        if (v->cr6 >= 0) {
            cr = (cr & ~0xf0u) | (unsigned)v->cr6 << 4;
        }
        ck_assert_msg(cpu->vsr[34].q == want.q && ppc_get_cr(cpu) == cr,
                      "%s ps %u %016lx_%016lx %016lx_%016lx: %016lx_%016lx cr %x, not %016lx_%016lx %x", v->id, v->ps,
                      (long)v->a[0], (long)v->a[1], (long)v->b[0], (long)v->b[1], (long)V_D(cpu->vsr[34], 0),
                      (long)V_D(cpu->vsr[34], 1), ppc_get_cr(cpu), (long)V_D(want, 0), (long)V_D(want, 1), cr);
    }
}
END_TEST

#define D_ONE  0x2238000000000001ull
#define D_SNAN 0x7e00000000000000ull
#define Q_ONE  0x2208000000000000ull     /* with 1 in the other half */
#define JUNK   0x1234567812345678ull

static void set_fpr_to(int n, uint64_t v)
{
    cpu->vsr[n] = v128_make(v, JUNK);
}

static uint64_t fpr_now(int n)
{
    return V_D(cpu->vsr[n], 0);
}

static uint32_t word_of(const char *id, int t, int a, int b, bool rc)
{
    const InsnDesc *d = rows_find(id);
    const struct { const char *field; uint32_t v; } f[] = {
        { "frt", t }, { "frtp", t }, { "vrt", t }, { "bf", t }, { "fra", a }, { "frap", a }, { "frb", b },
        { "frbp", b }, { "vrb", b }, { "rc", rc },
    };
    uint32_t w = d->value;

    for (size_t i = 0; i < G_N_ELEMENTS(f); i++) {
        w = with(d, w, f[i].field, f[i].v);
    }
    return w;
}

static bool dfp(const char *id, int t, int a, int b, bool rc)
{
    return run1(rows_find(id), word_of(id, t, a, b, rc));
}

START_TEST(pairs)
{
    ppc_set_fpscr(cpu, 0);
    for (int i = 0; i < 10; i++) {
        set_fpr_to(i, JUNK + i);
    }
    set_fpr_to(4, Q_ONE);
    set_fpr_to(5, 1);
    set_fpr_to(6, Q_ONE | 1ull << 63);
    set_fpr_to(7, 2);
    ck_assert(dfp("daddq", 8, 4, 6, false));
    ck_assert(fpr_now(8) == (Q_ONE | 1ull << 63) && fpr_now(9) == 1);
    ck_assert(V_D(cpu->vsr[8], 1) == 0 && V_D(cpu->vsr[9], 1) == 0 && V_D(cpu->vsr[4], 1) == JUNK);
    /* Long in the even register, zero in the odd one. */
    ck_assert(dfp("drdpq", 2, 0, 6, false));
    ck_assert(fpr_now(2) == (D_ONE | 1ull << 63) + 1 && fpr_now(3) == 0);
    ck_assert(dfp("dctqpq", 0, 0, 2, false));
    ck_assert(fpr_now(0) == (Q_ONE | 1ull << 63) && fpr_now(1) == 2);
    ck_assert(dfp("dctfixqq", 3, 0, 6, false));
    ck_assert(cpu->vsr[35].sq == -2);
    cpu->vsr[36] = cpu->vsr[35];
    ck_assert(dfp("dcffixqq", 8, 0, 4, false));
    ck_assert(fpr_now(8) == (Q_ONE | 1ull << 63) && fpr_now(9) == 2);
    /* An odd register begins no pair. */
    ck_assert(!dfp("daddq", 9, 4, 6, false));
    ck_assert(!dfp("daddq", 8, 5, 6, false));
    ck_assert(!dfp("dcmpuq", 0, 4, 7, false));
    ck_assert(!dfp("dcffixqq", 1, 0, 4, false));
}
END_TEST

START_TEST(record_and_fpscr)
{
    uint64_t drn = 2ull << FPSCR_DRN_SHIFT;

    /* 1 / 3 upwards: inexact and incremented; CR1 is FX alone. */
    ppc_set_fpscr(cpu, drn);
    ppc_set_cr(cpu, 0);
    set_fpr_to(4, D_ONE);
    set_fpr_to(6, D_ONE + 2);
    ck_assert(dfp("ddiv", 2, 4, 6, true));
    ck_assert(ppc_get_fpscr(cpu) == (drn | FPSCR_FX | FPSCR_XX | FPSCR_FI | FPSCR_FR | 4u << FPSCR_FPRF_SHIFT));
    ck_assert_uint_eq(ppc_get_cr(cpu), 0x08000000);
    /* Exact: FR and FI go, XX stays. */
    ck_assert(dfp("dadd", 2, 4, 6, false));
    ck_assert(ppc_get_fpscr(cpu) == (drn | FPSCR_FX | FPSCR_XX | 4u << FPSCR_FPRF_SHIFT));
    /* A compare changes FPCC and its field. */
    ck_assert(dfp("dcmpu", 5, 4, 6, false));
    ck_assert_uint_eq(ppc_get_cr(cpu), 0x08000800);
    ck_assert((ppc_get_fpscr(cpu) & FPSCR_FPRF) == 8u << FPSCR_FPRF_SHIFT);
}
END_TEST

START_TEST(enabled_exceptions)
{
    ppc_set_fpscr(cpu, FPSCR_VE | 4u << FPSCR_FPRF_SHIFT);
    cpu->msr = 0;
    set_fpr_to(2, JUNK);
    set_fpr_to(4, D_SNAN);
    set_fpr_to(6, D_ONE);
    ck_assert(dfp("dadd", 2, 4, 6, false));
    ck_assert(fpr_now(2) == JUNK && V_D(cpu->vsr[2], 1) == JUNK);
    ck_assert(ppc_get_fpscr(cpu) == (FPSCR_FX | FPSCR_FEX | FPSCR_VX | FPSCR_VXSNAN | FPSCR_VE |
                                     4u << FPSCR_FPRF_SHIFT));
    /* The same with the interrupt asked for. */
    ppc_set_fpscr(cpu, FPSCR_VE);
    cpu->msr = MSR_FE0 | MSR_FE1;
    ck_assert(!dfp("dadd", 2, 4, 6, false));
    ck_assert(cpu->exception == EXCP_PROGRAM && cpu->error_code == PROG_FP);
    /* Overflow delivers its wrapped result before the interrupt. */
    ppc_set_fpscr(cpu, FPSCR_OE);
    set_fpr_to(4, 0x43fc000000000001);      /* 1e369, squared and adjusted by 576 */
    ck_assert(!dfp("dmul", 2, 4, 4, false));
    ck_assert(fpr_now(2) == 0x40c0000000000001);
    cpu->msr = 0;
}
END_TEST

int main(void)
{
    Suite *s = suite_create("decimal-rows");
    TCase *tc = tcase_create("all");
    SRunner *sr;
    int failed;

    isa_init();
    cpu = rows_cpu_new();
    tcase_set_timeout(tc, 100);
    tcase_add_test(tc, bcd);
    tcase_add_test(tc, pairs);
    tcase_add_test(tc, record_and_fpscr);
    tcase_add_test(tc, enabled_exceptions);
    suite_add_tcase(s, tc);
    sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    rows_cpu_free(cpu);
    return failed != 0;
}
