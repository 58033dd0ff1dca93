/*
 * Rows of VMX against the book's description of them (vec-reference.h), on the interpreter and on generated code.
 *
 * Operands are random with a liking for the edges of every element size; the target, VSCR[SAT] and every other
 * register must be what the reference says. Generated code is tried with all features of the host and with none.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>
#include "target/ppc/fp/fplazy.h"
#include "target/ppc/fp/vmxfp.h"
#include "tests/unit/rnd.h"
#include "tests/unit/rows.h"
#include "tests/unit/vec-reference.h"
#ifdef CONFIG_TCG_X86_64
#include "accel/tcg/x86_64/host.h"
#endif

static PowerPCCPU *cpu;

static uint64_t random_doubleword(void)
{
    static const uint64_t edges[] = { 0, ~0ull, 0x8000000000000000, 0x7fffffffffffffff, 0x8000000080000000, 0x7fffffff7fffffff,
                                      0x8000800080008000, 0x7fff7fff7fff7fff, 0x8080808080808080, 0x7f7f7f7f7f7f7f7f,
                                      0x0101010101010101, 0xffffffff00000000, 0xffff0000ffff0000, 0x00ff00ff00ff00ff, 1, 0x80 };
    uint64_t v = edges[rnd() % G_N_ELEMENTS(edges)];

    switch (rnd() % 4) {
    case 0: return v;
    case 1: return v ^ rnd() << rnd() % 64;
    case 2: return (v & rnd()) ^ edges[rnd() % G_N_ELEMENTS(edges)];
    default: return rnd();
    }
}

static V128 random_vector(void)
{
    return v128_make(random_doubleword(), random_doubleword());
}

enum { INTERPRETER, GENERATED, GENERATED_PLAIN, WAYS };

static void run(const InsnDesc *d, uint32_t word, int way)
{
    uint32_t flags = RF_SF | RF_FP | RF_VEC | RF_VSX;
#ifdef CONFIG_TCG_X86_64
    JitHost have = jit_host;

    if (way == GENERATED_PLAIN) {
        jit_host = (JitHost){ 0 };
    }
#endif
    ck_assert(rows_run_as(cpu, &d, &word, 1, flags, way != INTERPRETER));
#ifdef CONFIG_TCG_X86_64
    jit_host = have;
#endif
}

static void check(const InsnDesc *d, uint32_t word, unsigned t, const V128 *before, V128 want, bool want_sat, bool sat)
{
    for (int way = 0; way < (rows_have_generated() ? WAYS : 1); way++) {
        memcpy(cpu->vsr, before, sizeof(cpu->vsr));
        cpu->vscr_sat = sat;
        run(d, word, way);
        for (unsigned i = 0; i < 64; i++) {
            V128 w = i == 32 + t ? want : before[i], got = cpu->vsr[i];
            ck_assert_msg(w.q == got.q, "%s %08x, way %d, vsr%u: %016lx_%016lx, not %016lx_%016lx", d->row->id, word, way, i,
                          (long)V_D(got, 0), (long)V_D(got, 1), (long)V_D(w, 0), (long)V_D(w, 1));
        }
        ck_assert_msg(!cpu->vscr_sat == !(sat | want_sat), "%s %08x, way %d: SAT %d", d->row->id, word, way, !!cpu->vscr_sat);
    }
}

/* Registers 0 to 3 only, so that operands and target meet. */
static uint32_t random_word(const InsnDesc *d)
{
    uint32_t w = (uint32_t)rnd() & 0x006318c0;

    return (w & ~d->mask) | d->value;
}

START_TEST(rows_equal_book)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(vec_reference); i++) {
        const struct VecReference *ref = &vec_reference[i];
        const InsnDesc *d = rows_find(ref->id);

        for (int n = 0; n < 60; n++) {
            uint32_t w = random_word(d);
            V128 before[64], want;
            const V128 *v[3] = { NULL, NULL, NULL };
            bool sat;

            for (int k = 0; k < 64; k++) {
                before[k] = random_vector();
            }
            for (int k = 0; ref->operands[k]; k++) {
                v[k] = &before[32 + (w >> (ref->operands[k] == 'A' ? 16 : ref->operands[k] == 'B' ? 11 : 6) & 31)];
            }
            sat = ref->two ? ref->two(&want, v[0], v[1]) : ref->three(&want, v[0], v[1], v[2]);
            check(d, w, w >> 21 & 31, before, want, sat, rnd() & 1);
        }
    }
}
END_TEST

START_TEST(sigma_equals_book)
{
    for (int n = 0; n < 400; n++) {
        unsigned lane = 2 + n % 2;
        const InsnDesc *d = rows_find(lane == 2 ? "vshasigmaw" : "vshasigmad");
        uint32_t w = (random_word(d) & ~0xf800u) | (n / 2 % 32) << 11;
        V128 before[64], want;

        for (int k = 0; k < 64; k++) {
            before[k] = random_vector();
        }
        ref_shasigma(&want, lane, w >> 11 & 31, &before[32 + (w >> 16 & 31)]);
        check(d, w, w >> 21 & 31, before, want, false, false);
    }
}
END_TEST

/* FIPS 197, appendix B: the first round of the example. */
START_TEST(cipher_of_the_standard)
{
    V128 before[64] = { 0 }, want = v128_make(0xa49c7ff2689f352b, 0x6b5bea43026a5049);

    before[33] = v128_make(0x193de3bea0f4e22b, 0x9ac68d2ae9f84808);
    before[34] = v128_make(0xa0fafe1788542cb1, 0x23a339392a6c7605);
    check(rows_find("vcipher"), rows_find("vcipher")->value | 3 << 21 | 1 << 16 | 2 << 11, 3, before, want, false, false);
}
END_TEST

static uint32_t random_single(void)
{
    uint32_t frac = (uint32_t)rnd() & 0x7fffff, sign = (uint32_t)rnd() << 31;

    switch (rnd() % 8) {
    case 0: return (uint32_t)rnd();
    case 1: return sign;
    case 2: return sign | (uint32_t)(rnd() % 3) << 23 | frac;
    case 3: return sign | 0x7f800000 | (rnd() & 1 ? frac : 0);
    case 4: return (uint32_t)((int32_t)rnd() >> rnd() % 32);
    case 5: return sign | (uint32_t)(127 + rnd() % 32) << 23 | (rnd() & 1 ? 0 : frac & ~0u << rnd() % 24);
    default: return sign | (uint32_t)(127 - 12 + rnd() % 24) << 23 | frac;
    }
}

static uint32_t exact_from_int(unsigned scale, bool is_signed, uint32_t w)
{
    FpCtx c = { .rm = FP_NEAREST_EVEN };
    bool neg = is_signed && w >> 31;
    FpNum n = fpn_from_int(neg ? -w : w, neg);

    n.exp -= (int)scale;
    return (uint32_t)fp_round_pack(&c, &fp_single, n);
}

static uint32_t exact_to_int(unsigned scale, bool is_signed, uint32_t w, bool *sat)
{
    FpCtx c = { .rm = FP_NEAREST_EVEN };
    FpNum n = fp_unpack(&fp_single, w);
    uint32_t r;

    if (fp_num_is_nan(n)) {
        return 0;
    }
    n.exp += (int)scale;        /* in double, where it is exact */
    r = (uint32_t)fp_to_int(&c, &fp_double, fp_pack(&fp_double, n), FP_TO_ZERO, 32, is_signed);
    *sat |= !!(c.flags & FPSCR_VXCVI);
    return r;
}

/* VMX floating point against the exact library, lane by lane; and it leaves no trace in the FPSCR. */
START_TEST(floats_equal_exact)
{
    static const struct { const char *id; int op; } rows[] = {
        { "vaddfp", VMXFP_ADD }, { "vsubfp", VMXFP_SUB }, { "vmaddfp", VMXFP_MADD }, { "vnmsubfp", VMXFP_NMSUB },
        { "vmaxfp", VMXFP_MAX }, { "vminfp", VMXFP_MIN }, { "vrfin", VMXFP_RINT_N }, { "vrfiz", VMXFP_RINT_Z },
        { "vrfip", VMXFP_RINT_P }, { "vrfim", VMXFP_RINT_M }, { "vcmpeqfp", VMXFP_CMPEQ }, { "vcmpgefp", VMXFP_CMPGE },
        { "vcmpgtfp", VMXFP_CMPGT }, { "vcmpbfp", VMXFP_CMPB }, { "vrefp", VMXFP_RE }, { "vrsqrtefp", VMXFP_RSQRTE },
        { "vcfsx", -1 }, { "vcfux", -1 }, { "vctsxs", -2 }, { "vctuxs", -2 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        const InsnDesc *d = rows_find(rows[i].id);
        bool is_signed = rows[i].id[3] == 's';

        for (int n = 0; n < 400; n++) {
            uint32_t w = random_word(d);
            unsigned scale = rnd() % 4 ? rnd() % 32 : 0;
            V128 before[64], want;
            bool nj = rnd() & 1, sat = false;

            for (int k = 0; k < 64; k++) {
                for (int l = 0; l < 4; l++) {
                    before[k].w[l] = random_single();
                }
            }
            w = rows[i].op < 0 ? (w & ~0x1f0000u) | scale << 16 : w;
            const V128 *a = &before[32 + (w >> 16 & 31)], *b = &before[32 + (w >> 11 & 31)], *c = &before[32 + (w >> 6 & 31)];
            cpu->vscr = nj << 16;
            for (int l = 0; l < 4; l++) {
                want.w[l] = rows[i].op == -1 ? exact_from_int(scale, is_signed, b->w[l])
                    : rows[i].op == -2 ? exact_to_int(scale, is_signed, b->w[l], &sat)
                    : vmxfp_lane((VmxFpOp)rows[i].op, nj, a->w[l], b->w[l], c->w[l]);
            }
            check(d, w, w >> 21 & 31, before, want, sat, false);
            ck_assert_msg(!(cpu->mxcsr & FP_HOST_INEXACT), "%s %08x: inexact", rows[i].id, w);
        }
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("vec-rows");
    TCase *tc = tcase_create("all");
    SRunner *sr;
    int failed;

    isa_init();
    g_assert(tcg_init(NULL));
    cpu = rows_cpu_new();
    tcase_set_timeout(tc, 100);
    tcase_add_test(tc, rows_equal_book);
    tcase_add_test(tc, sigma_equals_book);
    tcase_add_test(tc, cipher_of_the_standard);
    tcase_add_test(tc, floats_equal_exact);
    suite_add_tcase(s, tc);
    sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
