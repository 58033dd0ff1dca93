/*
 * The x86-64 back end against the interpreter: random regions over every operation of the IR.
 *
 * A region is built from pools of values of each type, with guest memory accesses (some fault), helper
 * calls of every kind, guards and side exits, and with slots set at random so that every snapshot is a
 * different mixture of registers, spills, constants and comparisons not yet computed. It runs on the
 * interpreter and on generated code from one starting state; registers, memory, how it was left and what was
 * raised must agree. The same is done with random register allocation.
 *
 * Which of two NaN operands an addition returns is not defined by the IR (its users exclude NaNs), so what
 * comes from arithmetic on two operands ends only in registers where two NaNs count as equal.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/interp.h"
#include "accel/tcg/region.h"
#include "accel/tcg/tcg.h"
#include "accel/tcg/vcpu.h"
#include "accel/tcg/x86_64/host.h"
#include "system/memory.h"
#include "target/ppc/cpu.h"
#include "target/ppc/models.h"
#include <check.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RAM (64u << 10)
#define NPOOL 24
#define FIRST_PC 0x10000

static GRand *g;
static PowerPCCPU *cpu, *before, *after;
static uint8_t ram_before[RAM], ram_after[RAM];
static Val I[NPOOL], F[NPOOL], X[NPOOL];        /* any bits */
static Val A[NPOOL], S[NPOOL], VA[NPOOL];       /* arithmetic: doubles, exact singles, vectors of either */
static Val VN[NPOOL];                           /* vectors of doubles, or of singles, that are numbers under both readings */
#define TOLERANT_FPR 24                         /* FPR and VSR 24..31 take arithmetic results */

static unsigned below(unsigned n) { return g_rand_int_range(g, 0, n); }
static bool one_in(unsigned n) { return below(n) == 0; }
#define ANY(pool) (pool[below(NPOOL)])
#define PUT(pool, v) (pool[below(NPOOL)] = (v))

static uint64_t rnd64(void)
{
    static const uint64_t special[] = {
        0, 1, 2, 3, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
        INT64_MAX, 1ull << 63, UINT64_MAX, 63, 64, 31, 32, -128ull, -129ull, 127, 128,
        0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000000000, 0x3ff0000000000000, 0x0010000000000000, 0x7f800000,
    };
    switch (below(4)) {
    case 0: return special[below(G_N_ELEMENTS(special))];
    case 1: return (int32_t)g_rand_int(g) >> below(32);
    default: return (uint64_t)g_rand_int(g) << 32 | g_rand_int(g);
    }
}

static uint64_t rnd_double(bool single)
{
    double d = ldexp(g_rand_double_range(g, -2, 2), (int)below(40) - 20);
    uint64_t b;

    if (one_in(8)) {
        d = (int)below(7) - 3;
    }
    d = single ? (double)(float)d : d;
    memcpy(&b, &d, 8);
    return b;
}

static uint32_t rnd_single(void)
{
    float f = ldexpf((float)g_rand_double_range(g, -2, 2), (int)below(50) - 15);
    uint32_t w;

    if (one_in(4)) {
        f = (int)below(9) * 0.5f - 2;
    }
    memcpy(&w, &f, 4);
    return w;
}

/* ---- helpers that generated code calls; each spoils what the ABI lets it spoil ---- */

static void spoil(void)
{
#ifdef __x86_64__
    asm volatile("vpcmpeqd %%xmm0, %%xmm0, %%xmm0\n vmovdqa %%xmm0, %%xmm1\n vmovdqa %%xmm0, %%xmm2\n"
                 "vmovdqa %%xmm0, %%xmm3\n vmovdqa %%xmm0, %%xmm4\n vmovdqa %%xmm0, %%xmm5\n vmovdqa %%xmm0, %%xmm6\n"
                 "vmovdqa %%xmm0, %%xmm7\n vmovdqa %%xmm0, %%xmm8\n vmovdqa %%xmm0, %%xmm9\n vmovdqa %%xmm0, %%xmm10\n"
                 "vmovdqa %%xmm0, %%xmm11\n vmovdqa %%xmm0, %%xmm12\n vmovdqa %%xmm0, %%xmm13\n"
                 "vmovdqa %%xmm0, %%xmm14\n vmovdqa %%xmm0, %%xmm15\n"
                 "mov $-77, %%rax\n mov %%rax, %%rcx\n mov %%rax, %%rdx\n mov %%rax, %%rsi\n mov %%rax, %%rdi\n"
                 "mov %%rax, %%r8\n mov %%rax, %%r9\n mov %%rax, %%r10\n mov %%rax, %%r11\n"
                 ::: "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4",
                 "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "cc", "memory");
#endif
}

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0x9e3779b97f4a7c15ull;
    return h ^ h >> 29;
}

static uint64_t state_hash(const PowerPCCPU *c)
{
    uint64_t h = 7;

    for (int i = 0; i < 32; i++) {
        h = mix(h, c->gpr[i]);
        h = mix(h, c->crb[i]);
    }
    for (int i = 0; i < 64; i++) {
        if ((i & 31) < TOLERANT_FPR) {
            h = mix(mix(h, V_D(c->vsr[i], 0)), V_D(c->vsr[i], 1));
        }
    }
    return mix(mix(h, c->lr), c->ca);
}

static uint64_t help_pure(uint64_t a, uint64_t b, uint64_t c) { spoil(); return mix(mix(a, b), c); }
static uint64_t help_pure_float(uint64_t a) { spoil(); return a ^ 1; }
static uint64_t help_eight(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f, uint64_t h, uint64_t i)
{
    spoil();
    return mix(mix(mix(mix(mix(mix(mix(a, b), c), d), e), f), h), i);
}
static uint64_t help_read(PowerPCCPU *c, uint64_t a) { spoil(); return mix(state_hash(c), a); }
static void help_vec(V128 *r, PowerPCCPU *c, const V128 *a, const V128 *b, uint64_t n)
{
    spoil();
    *r = v128_make(mix(V_D(*a, 0), V_D(*b, 1)), mix(V_D(*a, 1), V_D(*b, 0) + n + c->lr));
}
static void help_vec_pure(V128 *r, const V128 *a) { spoil(); *r = v128_make(V_D(*a, 1) + 1, V_D(*a, 0)); }
static void help_write(PowerPCCPU *c, uint64_t a)
{
    uint64_t h = mix(state_hash(c), a);

    spoil();
    c->gpr[h & 31] = h;
    c->gpr[h >> 5 & 31] ^= a;
    c->crb[h >> 10 & 31] ^= 1;
    c->vsr[h >> 15 & 15] = v128_make(h, a);
    c->ca = h >> 20 & 1;
}
static uint64_t help_raise(PowerPCCPU *c, uint64_t a, uint64_t b)
{
    uint64_t h = mix(mix(state_hash(c), a), b);

    spoil();
    if ((h & 15) == 0) {
        ppc_raise(c, EXCP_PROGRAM, h >> 4 & 0xffff);
    }
    return h;
}

/* ---- a random region ---- */

static IrCond any_cond(void) { return below(C_TSTNZ + 1); }

static Val integer_op(void)
{
    static const IrOp ops[] = {
        IR_ADD, IR_ADD, IR_SUB, IR_MUL, IR_MULHS, IR_MULHU, IR_AND, IR_OR, IR_XOR, IR_ANDC, IR_NOT, IR_NEG, IR_SHL, IR_SHR,
        IR_SAR, IR_ROTL, IR_ROTL32, IR_EXTS, IR_EXTU, IR_BSWAP, IR_CLZ, IR_CTZ, IR_POPCNT, IR_PDEP, IR_PEXT,
    };
    Val a = ANY(I), b = ANY(I);

    switch (below(12)) {
    case 0: return ir_cond2(IR_SETCOND, any_cond(), one_in(2), a, b);
    case 1: return (one_in(2) ? sel32 : sel)(any_cond(), a, b, ANY(I), ANY(I));
    case 2: {
        IrOp op = (const IrOp[]){ IR_DIVS, IR_DIVU, IR_REMS, IR_REMU }[below(4)];
        /* neither zero nor -1 divides */
        return ir_op2(op, 0, 0, a, add(band(b, iconst(0x7fffffff)), iconst(1)));
    }
    case 3: return iconst(rnd64());
    case 5: {               /* one, or a chain: each takes the carry of the one before */
        Val c = andi(ANY(I), 1), r = VAL_NONE;
        for (unsigned n = 1 + below(4); n--; a = one_in(2) ? ANY(I) : iconst(rnd64()), b = ANY(I)) {
            r = one_in(4) ? c = setcond(C_LTU, r = add(a, b), one_in(2) ? a : b), r : adc(a, b, c);
            c = one_in(4) ? c : adcc(a, b, c);
            if (one_in(3)) {
                slot_set(SLOT_GPR + below(32), r);
            }
            if (one_in(3)) {
                b = slot_get(SLOT_GPR + below(32));
            }
        }
        return one_in(2) ? c : r;
    }
    case 4: return add(a, iconst((int32_t)rnd64()));
    default: {
        IrOp op = ops[below(G_N_ELEMENTS(ops))];
        unsigned size = op == IR_BSWAP ? 1 + below(3) : op == IR_EXTS || op == IR_EXTU ? below(3) : 0;
        if (one_in(3)) {
            b = iconst(rnd64());
        } else if (one_in(10)) {
            a = iconst(rnd64());
        }
        return ir_op_info[op].nargs == 1 ? ir_op1(op, size, 0, a) : ir_op2(op, size, 0, a, b);
    }
    }
}

static void float_op(void)
{
    static const IrOp two[] = { IR_FADD, IR_FSUB, IR_FMUL, IR_FDIV };
    static const IrOp two_s[] = { IR_FADDS, IR_FSUBS, IR_FMULS, IR_FDIVS };

    switch (below(25)) {
    case 0: PUT(I, f2i(ANY(F))); break;
    case 1: PUT(F, i2f(ANY(I))); break;
    case 2: PUT(F, ir_op1((const IrOp[]){ IR_FNEG, IR_FABS, IR_FNABS }[below(3)], 0, 0, ANY(F))); break;
    case 3: PUT(I, fsetcond((const IrCond[]){ C_EQ, C_LT, C_GT, C_LE, C_GE, C_UN }[below(6)], ANY(F), ANY(F))); break;
    case 4: PUT(I, fsetcond((const IrCond[]){ C_EQ, C_LT, C_GT, C_LE, C_GE, C_UN }[below(6)], ANY(A), ANY(A))); break;
    case 5: PUT(F, ir_op1(IR_FCVTS2D, 0, 0, ANY(I))); break;
    case 6: PUT(I, ir_op1(IR_FCVTD2S, 0, 0, ANY(F))); break;
    case 7: PUT(S, ir_op1(IR_FROUNDS, 0, 0, ANY(A))); break;
    case 8: PUT(A, ir_op1(IR_FCVTI2D, 0, 0, ANY(I))); break;
    case 9: PUT(I, ir_op1(IR_FCVTD2I, 0, 0, one_in(2) ? ANY(A) : ANY(F))); break;
    case 10: PUT(F, frint(below(4), ANY(F))); break;
    case 11: PUT(A, ir_op1(IR_FSQRT, 0, 0, ANY(A))); break;
    case 12: PUT(S, ir_op1(IR_FSQRTS, 0, 0, ANY(S))); break;
    case 13: PUT(A, ir_op3(one_in(2) ? IR_FMADD : IR_FMSUB, 0, 0, ANY(A), ANY(A), ANY(A))); break;
    case 14: PUT(S, ir_op3(one_in(2) ? IR_FMADDS : IR_FMSUBS, 0, 0, ANY(S), ANY(S), ANY(S))); break;
    case 15: PUT(A, one_in(2) ? fconst(rnd_double(false)) : ANY(S)); break;
    case 16: PUT(S, ir_op2(two_s[below(4)], 0, 0, ANY(S), ANY(S))); break;
    case 17: {
        Val r = one_in(4) ? fconst(one_in(2) ? 1ull << 63 : 0) : one_in(2) ? ANY(F) : ANY(A);
        PUT(I, frange(below(1200), r, one_in(3) ? fconst(0) : ANY(A), one_in(3) ? r : ANY(F)));
        break;
    }
    case 19: PUT(F, one_in(2) ? fmax_(ANY(F), ANY(F)) : fmin_(ANY(A), ANY(F))); break;
    case 20: PUT(F, fsel((const IrCond[]){ C_EQ, C_GT, C_GE }[below(3)], ANY(F), one_in(2) ? ANY(A) : ANY(F), ANY(F), ANY(F))); break;
    case 18: {
        /* a power of two, so that ties are met */
        Val a = one_in(2) ? fconst((1023ull + below(3)) << 52) : ANY(S), b = ANY(S), c = one_in(8) ? ANY(A) : ANY(S);
        bool minus = one_in(2);
        PUT(I, setcond(C_NE, ftie(minus, ir_op3(minus ? IR_FMSUB : IR_FMADD, 0, 0, a, c, b), a, c, b), iconst(0)));
        break;
    }
    default: PUT(A, ir_op2(two[below(4)], 0, 0, ANY(A), ANY(A)));
    }
}

static void vector_op(void)
{
    static const struct { IrOp op; uint8_t lo, hi; } two[] = {
        { IR_VADD, 0, 3 }, { IR_VSUB, 0, 3 }, { IR_VMUL, 1, 2 }, { IR_VADDSS, 0, 1 }, { IR_VADDUS, 0, 1 },
        { IR_VSUBSS, 0, 1 }, { IR_VSUBUS, 0, 1 }, { IR_VAVGU, 0, 1 }, { IR_VMINS, 0, 2 }, { IR_VMAXS, 0, 2 },
        { IR_VMINU, 0, 2 }, { IR_VMAXU, 0, 2 }, { IR_VCMPEQ, 0, 3 }, { IR_VCMPGTS, 0, 3 }, { IR_VSHL, 0, 3 },
        { IR_VSHR, 0, 3 }, { IR_VSAR, 0, 3 }, { IR_VROTL, 0, 3 }, { IR_VAND, 0, 0 }, { IR_VOR, 0, 0 },
        { IR_VXOR, 0, 0 }, { IR_VANDC, 0, 0 }, { IR_VMULWU, 0, 0 }, { IR_VMULWS, 0, 0 }, { IR_VAES, 0, 3 },
        { IR_VDOTHS, 0, 0 },
        { IR_VCLMUL, 0, 3 },
    };
    Val a = ANY(X), b = ANY(X);

    switch (below(27)) {
    case 0: PUT(X, f2v(ANY(F))); break;
    case 1: PUT(F, v2f(a)); break;
    case 2: PUT(I, v2i_lo(a)); break;
    case 3: PUT(I, v2i_hi(a)); break;
    case 4: PUT(X, i2v(ANY(I), ANY(I))); break;
    case 5: {
        Val not_a = vnot(a);
        PUT(X, one_in(2) ? not_a : vop2(one_in(2) ? IR_VAND : IR_VANDC, 0, one_in(2) ? not_a : b, one_in(2) ? not_a : b));
        break;
    }
    case 6: {
        Val m = one_in(2) ? a : vop2(one_in(2) ? IR_VCMPEQ : IR_VCMPGTS, below(4), a, ANY(X));
        PUT(X, vsel(one_in(2) ? vnot(m) : m, b, ANY(X)));
        break;
    }
    case 7: {
        unsigned size = 1 + below(3);
        PUT(X, vopi(one_in(2) ? IR_VSHLI : IR_VSHRI, size, below(8u << size), a));
        break;
    }
    case 8: { unsigned size = 1 + below(2); PUT(X, vopi(IR_VSARI, size, below(8u << size), a)); break; }
    case 9: PUT(X, vdup(below(4), ANY(I))); break;
    case 10: PUT(X, vperm(a, b, ANY(X))); break;
    case 11: {
        uint8_t control[16];
        unsigned from = one_in(3) ? 16 : 32;
        for (int i = 0; i < 16; i++) {
            control[i] = below(from);
        }
        PUT(X, vshuf(a, b, control));
        break;
    }
    case 12: PUT(I, vmask(a)); break;
    case 13:
    {
        unsigned size = 2 + below(2);
        Val v = one_in(2) ? a : ANY(VA), zero = vconst(0, 0);
        Val r = one_in(3) ? vand(v, vconst(0, UINT64_MAX)) : v;
        r = one_in(2) ? ir_op1(IR_VFINF, size, 0, r)
            : ir_op3(IR_VFODD, size, 0, r, one_in(2) ? b : zero, one_in(3) ? r : ANY(VA));
        PUT(I, setcond(C_NE, r, iconst(0)));
        break;
    }
    case 14: PUT(X, vfcmp((const IrCond[]){ C_EQ, C_GT, C_GE }[below(3)], 2 + below(2), one_in(2) ? a : ANY(VA), ANY(VA))); break;
    case 18: PUT(X, vop2(one_in(2) ? IR_VFMAX : IR_VFMIN, 2 + below(2), one_in(2) ? a : ANY(VA), b)); break;
    case 19: {
        /* to integers from anything, else from numbers */
        unsigned kind = below(6);
        PUT(X, ir_op1(IR_VFCVT, kind, 0, kind == 0 || kind == 2 || (one_in(2) && (kind == 1 || kind == 3)) ? a : ANY(VN)));
        break;
    }
    case 20: PUT(X, ir_op1(IR_VFRINT, 2 + below(2), below(5), ANY(VN))); break;
    case 16: PUT(X, ir_op1(IR_VAESIMC, 0, 0, a)); break;
    case 17: {
        /* what one x86 instruction does: lanes of both sources interleaved, a window of both, words in place */
        uint8_t control[16];
        unsigned kind = below(5), size = 1u << below(4), from = 8 * below(2), at = below(16), words = g_rand_int(g);
        for (unsigned i = 0; i < 16; i++) {
            control[i] = kind == 0 ? from + i / (2 * size) * size + i % size + (i / size & 1) * 16
                : kind == 1 ? at + i : kind == 2 ? i + (words >> i / 2 & 1) * 16
                : (words >> i / 4 * 3 & 3) * 4 + i % 4 + (kind == 4 ? i / 8 * 16 : 0);
        }
        Val two_of_them[2] = { a, b };
        unsigned first = below(2);
        PUT(X, vshuf(two_of_them[first], two_of_them[!first], control));
        break;
    }
    case 15: PUT(X, one_in(2) ? vconst(rnd64(), rnd64()) : vconst(0, 0)); break;
    default: {
        unsigned i = below(G_N_ELEMENTS(two));
        PUT(X, vop2(two[i].op, two[i].lo + below(two[i].hi - two[i].lo + 1), a, b));
    }
    }
}

/* One lane size per pool entry would be lost by mixing: lanes are finite under both readings to begin with. */
static void vector_float_op(void)
{
    static const IrOp two[] = { IR_VFADD, IR_VFSUB, IR_VFMUL, IR_VFDIV };
    unsigned size = 2 + below(2);

    switch (below(8)) {
    case 0: PUT(VA, ir_op1(IR_VFSQRT, size, 0, ANY(VA))); break;
    case 1: PUT(VA, ir_op3(IR_VFMADD, size, 0, ANY(VA), ANY(VA), ANY(VA))); break;
    case 2: PUT(VA, ir_op3(IR_VFMSUB, size, 0, ANY(VA), ANY(VA), ANY(VA))); break;
    case 3: {
        uint64_t d = one_in(2) ? rnd_double(false) : 0x4048f5c33f800000ull + below(1u << 20);
        PUT(VA, vconst(d, one_in(2) ? d : rnd_double(false)));
        break;
    }
    default: PUT(VA, ir_op2(two[below(4)], size, 0, ANY(VA), ANY(VA)));
    }
}

static Val address(void)
{
    Val v = band(ANY(I), iconst(RAM / 2 - 1));

    if (one_in(2)) {
        v = band(v, iconst(~15ull));
    }
    return add(v, iconst(one_in(3) ? 0 : below(64) * 8));
}

static void memory_op(void)
{
    MemOp op = below(4) | (one_in(2) ? MO_BE : 0) | MMU_REAL << MO_MMU_SHIFT;
    Val a = address();

    if (one_in(25)) {
        op = (op & ~(7 << MO_MMU_SHIFT)) | MMU_KERNEL << MO_MMU_SHIFT;     /* no segment there */
    }
    if (one_in(20)) {
        op |= MO_ALIGN;
    }
    switch (below(9)) {
    case 0: case 1: PUT(I, ir_ld(a, op | (one_in(2) && (op & MO_SIZE) != MO_64 ? MO_SIGN : 0))); break;
    case 2: case 3: ir_st(a, ANY(I), op); break;
    case 4: PUT(F, ir_ldf(a, op)); break;
    case 5: ir_stf(a, ANY(F), op); break;
    case 6: PUT(X, ir_ldx(a, op | (one_in(8) ? MO_ATOMIC : 0))); break;
    case 7: ir_stx(a, ANY(X), op); break;
    default: PUT(I, ir_cmpxchg(one_in(10) ? a : band(a, iconst(~7ull)), one_in(2) ? iconst(0) : ANY(I), ANY(I), op)); break;
    }
}

static void call_op(void)
{
    Val a = ANY(I), b = ANY(I), c = ANY(I);

    switch (below(10)) {
    case 0: PUT(I, CALL(help_pure, "iiii", IRC_PURE, a, b, c)); break;
    case 1: PUT(I, CALL(help_read, "iei", IRC_READ, a)); break;
    case 2: PUT(X, CALL(help_vec, "xexxi", IRC_READ | IRC_STATE, ANY(X), ANY(X), a)); break;
    case 3: PUT(X, CALL(help_vec_pure, "xx", IRC_PURE, ANY(X))); break;
    case 4: CALLV(help_write, "vei", IRC_WRITE, a); break;
    case 5: PUT(I, CALL(help_raise, "ieii", IRC_RAISE, a, b)); break;
    case 6: PUT(F, CALL(help_pure_float, "ff", IRC_PURE, ANY(F))); break;
    case 7: PUT(I, CALL(help_eight, "iiiiiifii", IRC_PURE, a, b, c, ANY(I), ANY(I), ANY(F), ANY(I), ANY(I))); break;
    case 8: ir_fence(one_in(2)); break;
    default:
        switch (below(5)) {
        case 4: {
            /* on a comparison of doubles, which a slot may hold, too */
            Val f = fsetcond((const IrCond[]){ C_EQ, C_LT, C_GT, C_LE, C_GE, C_UN }[below(6)], one_in(2) ? ANY(F) : ANY(A), ANY(A));
            if (one_in(2)) {
                slot_set(SLOT_CRB + below(32), f);
            }
            if (one_in(2)) {
                PUT(I, GUARD(one_in(2) ? C_NE : C_EQ, f, iconst(0), c, help_pure, "iiii", IRC_PURE, c, ANY(I), a));
            } else {
                exit_if(one_in(2) ? C_NE : C_EQ, f, iconst(0), one_in(2), FIRST_PC + 0xa00 + 4 * below(32));
            }
            break;
        }
        case 0: PUT(I, GUARD(any_cond(), a, b, c, help_pure, "iiii", IRC_PURE, c, ANY(I), a)); break;
        case 1: PUT(I, GUARD(any_cond(), a, b, c, help_read, "iei", IRC_READ, ANY(I))); break;
        case 2: PUT(F, GUARD(any_cond(), a, b, ANY(F), help_pure_float, "ff", IRC_PURE, ANY(F))); break;
        default: PUT(X, GUARD(any_cond(), a, b, ANY(X), help_vec, "xexxi", IRC_STATE, ANY(X), ANY(X), c));
        }
    }
}

static void env_op(void)
{
    size_t at = offsetof(PowerPCCPU, spr) + below(100) * 16;

    switch (below(4)) {
    case 0: PUT(I, ldenv(below(4) | (one_in(2) ? MO_SIGN : 0), at)); break;
    case 1: stenv(below(4), at, ANY(I)); break;
    case 2: PUT(X, ldenvx(at)); break;
    default: stenvx(at, ANY(X));
    }
}

static void set_some_slot(void)
{
    switch (below(8)) {
    case 0: case 1: case 2: slot_set(SLOT_GPR + below(32), ANY(I)); break;
    case 3: slot_set(SLOT_CRB + below(32), one_in(4) ? fsetcond((const IrCond[]){ C_EQ, C_LT, C_GT, C_LE, C_GE, C_UN }[below(6)], ANY(F), ANY(F)) : ir_cond2(IR_SETCOND, any_cond(), one_in(2), ANY(I), one_in(2) ? ANY(I) : iconst(0))); break;
    case 4:
        switch (below(8)) {
        case 0: slot_set(SLOT_LR, ANY(I)); break;
        case 1: slot_set(SLOT_CTR, ANY(I)); break;
        case 2: slot_set(SLOT_CA, one_in(2) ? iconst(below(2)) : setcond(any_cond(), ANY(I), ANY(I))); break;
        case 3: slot_set(SLOT_SO, band(ANY(I), iconst(1))); break;
        case 4: slot_set(SLOT_FPA, ANY(F)); break;
        case 5: slot_set(SLOT_FPOP, iconst(rnd64())); break;
        case 6: slot_set(SLOT_FPB, fconst(rnd64())); break;
        default: slot_set(SLOT_RES_VAL, ANY(I));
        }
        break;
    case 5: slot_set(SLOT_FPR + below(TOLERANT_FPR), ANY(F)); break;
    case 6: slot_set(SLOT_VSR + below(TOLERANT_FPR) + (one_in(2) ? 32 : 0), ANY(X)); break;
    default:
        if (one_in(2)) {
            slot_set(SLOT_FPR + TOLERANT_FPR + below(8), one_in(2) ? ANY(A) : ANY(S));
        } else {
            slot_set(SLOT_VSR + TOLERANT_FPR + below(8), ANY(VA));
        }
    }
}

static void read_some_slot(void)
{
    switch (below(6)) {
    case 0: case 1: PUT(I, slot_get(SLOT_GPR + below(32))); break;
    case 2: PUT(I, slot_get(SLOT_CRB + below(32))); break;
    case 3: PUT(I, slot_get(one_in(2) ? SLOT_LR : SLOT_SO)); break;
    case 4: PUT(F, slot_get(SLOT_FPR + below(TOLERANT_FPR))); break;
    default: PUT(X, slot_get(SLOT_VSR + below(TOLERANT_FPR) + (one_in(2) ? 32 : 0)));
    }
}

static IrExit any_exit(unsigned n)
{
    switch (below(5)) {
    case 0: return (IrExit){ .kind = EXIT_INDIRECT, .pc = ANY(I) };
    case 1: return (IrExit){ .kind = EXIT_LOOP, .target = 0x77770000 + n };
    case 2: return (IrExit){ .kind = EXIT_RAISE, .target = (uint64_t)EXCP_PROGRAM << 32 | n };
    case 3: return (IrExit){ .kind = EXIT_LOOP_PC, .pc = ANY(I) };
    default: return (IrExit){ .kind = EXIT_DIRECT, .target = (one_in(2) ? FIRST_PC : 0x33330000) + 0x800 + 4 * n };
    }
}

/* What a turn of a loop hands to the next: values change places, through either view of a VSR. */
static void permute_slots(void)
{
    static const struct { int first, count; } views[] = { { SLOT_GPR, 12 }, { SLOT_FPR, TOLERANT_FPR }, { SLOT_VSR, TOLERANT_FPR },
                                                          { SLOT_VSR + 32, TOLERANT_FPR } };

    for (unsigned n = below(8); n; n--) {
        unsigned k = below(G_N_ELEMENTS(views));
        int a = views[k].first + below(views[k].count), b = views[k].first + below(views[k].count);
        Val va = slot_get(a), vb = slot_get(b);
        slot_set(a, vb);
        slot_set(b, va);
    }
}

static IrRegion *random_region(unsigned steps, bool loop)
{
    unsigned weights[] = { 40 * !one_in(4), 10 * !one_in(2), 10 * !one_in(2), 5 * !one_in(2), 12 * !one_in(3), 3 * one_in(2),
                           3 * one_in(3), 20, 6 };
    unsigned total = 0;
    Val counter = VAL_NONE;

    for (unsigned i = 0; i < G_N_ELEMENTS(weights); i++) {
        total += weights[i];
    }
    ir_begin(FIRST_PC, RF_SF);
    ir_insn_start(FIRST_PC);
    for (int i = 0; i < NPOOL; i++) {
        I[i] = i % 3 ? slot_get(SLOT_GPR + below(32)) : iconst(rnd64());
        F[i] = i % 3 ? slot_get(SLOT_FPR + below(TOLERANT_FPR)) : fconst(rnd64());
        X[i] = i % 3 ? slot_get(SLOT_VSR + below(TOLERANT_FPR) + 32) : vconst(rnd64(), rnd64());
        A[i] = fconst(rnd_double(false));
        S[i] = fconst(rnd_double(true));
        VA[i] = vconst(rnd_double(false), rnd_double(false));
        VN[i] = vconst((uint64_t)rnd_single() << 32 | rnd_single(), (uint64_t)rnd_single() << 32 | rnd_single());
    }
    for (unsigned n = 1; n <= steps && !ir_has_exit(); n++) {
        unsigned k = below(total), w = 0;
        while (k >= weights[w]) {
            k -= weights[w++];
        }
        if (one_in(4)) {
            ir_insn_start(FIRST_PC + 4 * n);
        }
        switch (w) {
        case 0: PUT(I, integer_op()); break;
        case 1: float_op(); break;
        case 2: vector_op(); break;
        case 3: vector_float_op(); break;
        case 4: memory_op(); break;
        case 5: call_op(); break;
        case 6: env_op(); break;
        case 7: set_some_slot(); break;
        default: read_some_slot();
        }
        if (one_in(50)) {
            exit_if_ex(any_cond(), ANY(I), ANY(I), one_in(2), any_exit(n));
        }
    }
    if (!ir_has_exit() && loop) {
        if (one_in(2)) {
            permute_slots();
        }
        counter = addi(slot_get(SLOT_TAR), -1);
        slot_set(SLOT_TAR, counter);
        if (one_in(2)) {
            exit_if(C_NE, counter, iconst(0), false, FIRST_PC);
        } else {
            exit_if(C_EQ, counter, iconst(0), false, FIRST_PC + 0xc00);
            exit_direct(FIRST_PC);
        }
    }
    exit_ex(any_exit(0));
    return ir_finish();
}

/* ---- running and comparing ---- */

typedef struct Outcome { RegionExit *exit; bool raised; } Outcome;

static Outcome run(Region *r, bool jit)
{
    Outcome o = { NULL, false };

    memcpy(cpu, before, sizeof(*cpu));
    memcpy(memory_ram_base, ram_before, RAM);
    if (sigsetjmp(cpu->jmp_env, 0)) {
        interp_fp_leave(cpu);
        o.raised = true;
    } else {
        o.exit = jit ? jit_enter(cpu, r) : interp_run(cpu, r);
        o.raised = cpu->exception != EXCP_NONE;     /* an exit that raises may leave it to its caller */
    }
    cpu->poll = 0;
    return o;
}

static bool nan64(uint64_t v) { return (v << 1) > 0xffe0000000000000ull; }
static bool nan32(uint32_t v) { return (v << 1) > 0xff000000u; }

static bool equal_but_for_nans(const V128 *a, const V128 *b)
{
    for (int i = 0; i < 2; i++) {
        bool words = true;
        for (int k = 2 * i; k < 2 * i + 2; k++) {
            words &= a->w[k] == b->w[k] || (nan32(a->w[k]) && nan32(b->w[k]));
        }
        if (a->d[i] != b->d[i] && !(nan64(a->d[i]) && nan64(b->d[i])) && !words) {
            return false;
        }
    }
    return true;
}

static char *difference(const PowerPCCPU *a, const PowerPCCPU *b)
{
    static const struct { const char *name; size_t at, len; } fields[] = {
#define FIELD(f) { #f, offsetof(PowerPCCPU, f), sizeof(((PowerPCCPU *)0)->f) }
        FIELD(nip), FIELD(gpr), FIELD(crb), FIELD(ca), FIELD(ov), FIELD(so), FIELD(ca32), FIELD(ov32), FIELD(lr), FIELD(ctr),
        FIELD(tar), FIELD(cfar), FIELD(msr), FIELD(reserve_addr), FIELD(reserve_length), FIELD(reserve_val), FIELD(vscr_sat),
        FIELD(fp_op), FIELD(fp_a), FIELD(fp_b), FIELD(fp_c), FIELD(fpscr), FIELD(mxcsr), FIELD(spr), FIELD(exception),
        FIELD(error_code),
    };
    for (unsigned i = 0; i < G_N_ELEMENTS(fields); i++) {
        const uint8_t *p = (const uint8_t *)a + fields[i].at, *q = (const uint8_t *)b + fields[i].at;
        for (size_t k = 0; k < fields[i].len; k++) {
            if (p[k] != q[k]) {
                return g_strdup_printf("%s, byte %zu: interpreter %02x, generated %02x", fields[i].name, k, p[k], q[k]);
            }
        }
    }
    for (int i = 0; i < 64; i++) {
        bool same = i >= TOLERANT_FPR && i < 32 ? equal_but_for_nans(&a->vsr[i], &b->vsr[i]) : a->vsr[i].q == b->vsr[i].q;
        if (!same) {
            return g_strdup_printf("vsr%d: interpreter %016" PRIx64 "_%016" PRIx64 ", generated %016" PRIx64 "_%016" PRIx64, i,
                                   V_D(a->vsr[i], 0), V_D(a->vsr[i], 1), V_D(b->vsr[i], 0), V_D(b->vsr[i], 1));
        }
    }
    return NULL;
}

static void random_state(void)
{
    for (int i = 0; i < 32; i++) {
        before->gpr[i] = rnd64();
        before->crb[i] = below(2);
    }
    for (int i = 0; i < 64; i++) {
        before->vsr[i] = v128_make(rnd64(), rnd64());
    }
    for (int i = 0; i < 100; i++) {
        before->spr[i] = rnd64();
    }
    before->lr = rnd64();
    before->ctr = rnd64();
    before->tar = 1 + below(5);
    before->ca = below(2);
    before->so = below(2);
    before->mxcsr = 0x1f80;
    before->region_flags = RF_SF;
    before->exception = EXCP_NONE;
    for (size_t i = 0; i < RAM / 8; i++) {
        uint64_t v = rnd64();
        memcpy(ram_before + 8 * i, &v, 8);
    }
}

static void one_region(unsigned number, unsigned steps, bool loop, unsigned states)
{
    IrRegion *ir = random_region(steps, loop);
    RegionExit *exits = g_new0(RegionExit, MAX(ir->exit_count, 1));
    Region r = { .pc = FIRST_PC, .flags = RF_SF, .ir = ir, .exits = exits, .nexits = ir->exit_count, .insns = 1 };
    g_autofree char *fault = ir_verify(ir);

    ck_assert_msg(!fault, "%s", fault);
    for (uint32_t i = 0; i < ir->exit_count; i++) {
        exits[i] = (RegionExit){ .from = &r, .target = ir->exits[i].target, .kind = ir->exits[i].kind };
        if (ir->exits[i].kind == EXIT_DIRECT && ir->exits[i].target == FIRST_PC) {
            exits[i].to = &r;       /* what the loop would chain */
        }
    }
    if (!jit_compile(ir, &r)) {
        jit_reset_buffer();
        ck_assert_msg(jit_compile(ir, &r), "region %u does not compile", number);
    }
    for (unsigned s = 0; s < states; s++) {
        random_state();
        Outcome want = run(&r, false);
        memcpy(after, cpu, sizeof(*cpu));
        memcpy(ram_after, memory_ram_base, RAM);
        Outcome got = run(&r, true);
        g_autofree char *differ = difference(after, cpu);
        if (!differ && memcmp(ram_after, memory_ram_base, RAM)) {
            differ = g_strdup("memory");
        }
        if (!differ && (want.raised != got.raised || (want.exit != got.exit && want.exit && got.exit))) {
            differ = g_strdup_printf("left by %p%s, not %p%s", (void *)got.exit, got.raised ? " (raised)" : "",
                                     (void *)want.exit, want.raised ? " (raised)" : "");
        }
        if (differ) {
            g_autoptr(GString) text = g_string_new(NULL);
            ir_print(ir, text);
            g_autofree char *code = g_strdup_printf("jit-random-%u.bin", number);
            if (getenv("JIT_TEST_DUMP")) {
                g_file_set_contents(code, r.code, r.code_size, NULL);
            }
            fprintf(stderr, "%s", text->str);       /* too long for a message */
            ck_abort_msg("region %u, state %u: %s", number, s, differ);
        }
    }
    ir_free(ir);
    g_free(exits);
}

static void start(uint32_t seed)
{
    static bool ready;

    g = g_rand_new_with_seed(seed);
    if (!ready) {
        ck_assert(memory_init_ram(RAM, NULL));
        ck_assert(tcg_init(NULL));
        ck_assert(!tcg_options.interpreter);
        cpu = ppc_cpu_new(ppc_model_find("POWER9", NULL), 0, NULL);
        ppc_cpu_reset(cpu);
        if (!cpu->tcg) {
            tcg_vcpu_init(cpu);
        }
        before = g_aligned_alloc0(1, sizeof(*cpu), 64);
        after = g_aligned_alloc0(1, sizeof(*cpu), 64);
        memcpy(before, cpu, sizeof(*cpu));
        ready = true;
    }
}

/* JIT_TEST_FROM=n: begin with region n of the same sequence (to look at a failure). */
static void many(uint32_t seed, unsigned count, unsigned steps)
{
    const char *only = getenv("JIT_TEST_ONLY");

    for (unsigned i = 0; i < count; i++) {
        if (only && (unsigned)atoi(only) != i) {
            continue;
        }
        start(seed + i);
        one_region(i, 1 + below(steps), one_in(4), 3);
        g_rand_free(g);
    }
}

START_TEST(small_regions) { many(1000000, 8000, 12); }
END_TEST
START_TEST(middle_regions) { many(2000000, 6000, 80); }
END_TEST
START_TEST(large_regions) { many(3000000, 1000, 500); }
END_TEST

START_TEST(random_allocation)
{
    tcg_options.random_regalloc = true;
    many(4000000, 5000, 100);
    tcg_options.random_regalloc = false;
}
END_TEST

/* A host without AVX2, FMA, AES and PCLMUL. */
START_TEST(plain_host)
{
    start(3);
    g_rand_free(g);
    JitHost have = jit_host;
    jit_host = (JitHost){ 0 };
    many(5000000, 4000, 60);
    jit_host = have;
}
END_TEST

/* The entry of a region looks whether somebody wants the thread, and leaves everything as it was. */
START_TEST(polled_at_entry)
{
    start(1);
    ir_begin(FIRST_PC, RF_SF);
    ir_insn_start(FIRST_PC);
    slot_set(SLOT_GPR, iconst(5));
    exit_direct(FIRST_PC);              /* would go on for ever */
    IrRegion *ir = ir_finish();
    RegionExit exits[1] = { { .target = FIRST_PC } };
    Region r = { .pc = FIRST_PC, .flags = RF_SF, .exits = exits, .nexits = 1 };
    exits[0].from = &r;
    ck_assert(jit_compile(ir, &r));
    ck_assert(jit_owns((uintptr_t)r.code));
    random_state();
    memcpy(cpu, before, sizeof(*cpu));
    cpu->poll = 1;
    ck_assert_ptr_null(jit_enter(cpu, &r));
    ck_assert_uint_eq(cpu->nip, FIRST_PC);
    ck_assert_uint_eq(cpu->gpr[0], before->gpr[0]);
    cpu->poll = 0;
    ir_free(ir);
}
END_TEST

/* Chaining: a patched exit goes on in its target, an unpatched one comes back. */
/* An indirect exit finds the line that jump_cache_index() says, if its address and its flags are the right ones. */
START_TEST(looked_up)
{
    RegionExit exits[2] = { { .target = 0 }, { .target = FIRST_PC + 0x200 } };
    Region r[2] = { { .pc = FIRST_PC, .flags = RF_SF, .exits = &exits[0], .nexits = 1 },
                    { .pc = FIRST_PC + 0x100, .flags = RF_SF, .exits = &exits[1], .nexits = 1 } };
    IrRegion *ir[2];

    start(4);
    for (int i = 0; i < 2; i++) {
        ir_begin(r[i].pc, RF_SF);
        ir_insn_start(r[i].pc);
        if (i == 0) {
            exit_ex((IrExit){ .kind = EXIT_INDIRECT, .pc = slot_get(SLOT_LR) });
        } else {
            exit_direct(exits[i].target);
        }
        ir[i] = ir_finish();
        exits[i].from = &r[i];
        ck_assert(jit_compile(ir[i], &r[i]));
    }
    for (int i = 0; i < 2000; i++) {
        random_state();
        memcpy(cpu, before, sizeof(*cpu));
        uint64_t pc = rnd64() >> below(60) & ~3ull, flags = cpu->region_flags | (uint64_t)cpu->space << 32;
        JumpCacheEntry *line = (JumpCacheEntry *)cpu->jump_cache + jump_cache_index(pc);
        unsigned wrong = i & 3;
        *line = (JumpCacheEntry){ wrong == 1 ? pc ^ 1ull << (2 + below(62)) : pc,
                                  wrong == 2 ? flags ^ 1ull << below(64) : flags, r[1].code, &r[1] };
        cpu->lr = pc;
        RegionExit *e = jit_enter(cpu, &r[0]);
        bool hit = wrong == 0 || wrong == 3;
        ck_assert_ptr_eq(e, hit ? &exits[1] : NULL);
        ck_assert_uint_eq(cpu->nip, hit ? exits[1].target : pc);
        tb_jump_cache_clear(cpu->jump_cache);
    }
    ir_free(ir[0]);
    ir_free(ir[1]);
}
END_TEST

START_TEST(chained_exits)
{
    start(2);
    IrRegion *ir[2];
    RegionExit exits[2] = { { .target = FIRST_PC + 0x100 }, { .target = FIRST_PC + 0x200 } };
    Region r[2] = { { .pc = FIRST_PC, .flags = RF_SF, .exits = &exits[0], .nexits = 1 },
                    { .pc = FIRST_PC + 0x100, .flags = RF_SF, .exits = &exits[1], .nexits = 1 } };
    for (int i = 0; i < 2; i++) {
        ir_begin(r[i].pc, RF_SF);
        ir_insn_start(r[i].pc);
        slot_set(SLOT_GPR + i, addi(slot_get(SLOT_GPR + i), 1));
        exit_direct(exits[i].target);
        ir[i] = ir_finish();
        exits[i].from = &r[i];
        ck_assert(jit_compile(ir[i], &r[i]));
    }
    cpu->gpr[0] = cpu->gpr[1] = 0;
    cpu->poll = 0;
    ck_assert_ptr_eq(jit_enter(cpu, &r[0]), &exits[0]);
    ck_assert_uint_eq(cpu->gpr[0], 1);
    ck_assert_uint_eq(cpu->gpr[1], 0);
    jit_chain(&exits[0], &r[1]);
    ck_assert_ptr_eq(jit_enter(cpu, &r[0]), &exits[1]);
    ck_assert_uint_eq(cpu->gpr[0], 2);
    ck_assert_uint_eq(cpu->gpr[1], 1);
    jit_unchain(&exits[0]);
    ck_assert_ptr_eq(jit_enter(cpu, &r[0]), &exits[0]);
    ck_assert_uint_eq(cpu->gpr[0], 3);
    ck_assert_uint_eq(cpu->gpr[1], 1);
    for (int i = 0; i < 2; i++) {
        ir_free(ir[i]);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("jit");
    TCase *t = tcase_create("random");

    tcase_set_timeout(t, 240);
    tcase_add_test(t, small_regions);
    tcase_add_test(t, middle_regions);
    tcase_add_test(t, large_regions);
    tcase_add_test(t, random_allocation);
    tcase_add_test(t, plain_host);
    tcase_add_test(t, polled_at_entry);
    tcase_add_test(t, chained_exits);
    tcase_add_test(t, looked_up);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
