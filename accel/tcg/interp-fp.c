/*
 * Floating-point nodes of the interpreter, on the host's own unit.
 *
 * Built with -frounding-math: every operation must happen at run time, under the rounding mode that
 * interp_fp_enter() set, and leave its inexact flag behind.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/interp.h"
#include "target/ppc/cpu.h"
#include <fenv.h>
#include <math.h>
#include <string.h>

#define MXCSR_PE 0x20u
#define MXCSR_RC(m) ((m) >> 13 & 3)

static double dbl(uint64_t bits)
{
    double d;

    memcpy(&d, &bits, 8);
    return d;
}

static uint64_t bits(double d)
{
    uint64_t b;

    memcpy(&b, &d, 8);
    return b;
}

static uint64_t bits_s(float f)
{
    return bits(f);
}

void interp_fp_enter(PowerPCCPU *cpu)
{
    static const int modes[] = { FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO };

    feclearexcept(FE_ALL_EXCEPT);
    fesetround(modes[MXCSR_RC(cpu->mxcsr)]);
}

void interp_fp_leave(PowerPCCPU *cpu)
{
    if (fetestexcept(FE_INEXACT)) {
        cpu->mxcsr |= MXCSR_PE;
    }
    feclearexcept(FE_ALL_EXCEPT);
    fesetround(FE_TONEAREST);
}

static double round_integral(double d, unsigned mode)
{
    fenv_t env;
    static const int modes[] = { FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO };

    feholdexcept(&env);
    fesetround(modes[mode & 3]);
    d = nearbyint(d);
    fesetenv(&env);
    return d;
}

static bool fcompare(IrCond c, double a, double b)
{
    switch (c) {
    case C_EQ: return a == b;
    case C_LT: return isless(a, b);
    case C_LE: return islessequal(a, b);
    case C_GT: return isgreater(a, b);
    case C_GE: return isgreaterequal(a, b);
    case C_UN: return isunordered(a, b);
    default: g_assert_not_reached();
    }
}

bool interp_fcompare(IrCond c, uint64_t a, uint64_t b)
{
    return fcompare(c, dbl(a), dbl(b));
}

/* See ir-ops.h: FTIE. The sums here are exact unless r is inexact anyway, so they leave no flag of their own. */
static __attribute__((noinline)) uint64_t inexact_tie(bool minus, double r, double a, double c, double b)
{
    const uint64_t low = 0x1fffffff;
    double p;

    if ((bits(r) & low) != 0x10000000) {
        return 0;
    }
    if ((bits(a) | bits(c) | bits(b)) & low) {
        return 1;
    }
    p = a * c;
    return !(minus ? r + b == p && p - r == b : r - b == p && r - p == b);
}

/* Out of line, so that the compiler cannot move the operation across the mode changes. */
static __attribute__((noinline)) uint64_t arith(IrOp op, double a, double b, double c)
{
    switch (op) {
    case IR_FADD: return bits(a + b);
    case IR_FSUB: return bits(a - b);
    case IR_FMUL: return bits(a * b);
    case IR_FDIV: return bits(a / b);
    case IR_FSQRT: return bits(sqrt(a));
    case IR_FMADD: return bits(fma(a, b, c));
    case IR_FMSUB: return bits(fma(a, b, -c));
    case IR_FADDS: return bits_s((float)a + (float)b);
    case IR_FSUBS: return bits_s((float)a - (float)b);
    case IR_FMULS: return bits_s((float)a * (float)b);
    case IR_FDIVS: return bits_s((float)a / (float)b);
    case IR_FSQRTS: return bits_s(sqrtf((float)a));
    case IR_FMADDS: return bits_s(fmaf((float)a, (float)b, (float)c));
    case IR_FMSUBS: return bits_s(fmaf((float)a, (float)b, -(float)c));
    case IR_FROUNDS: return bits_s((float)a);
    default: g_assert_not_reached();
    }
}

/* Lanes; here because these set the inexact flag or must not. */
static __attribute__((noinline)) V128 convert(unsigned kind, V128 a)
{
    V128 r = { .q = 0 };
    double d[2];
    float f[4];

    memcpy(d, &a, 16);
    memcpy(f, &a, 16);
    for (unsigned i = 0; i < (kind < 2 ? 4 : 2); i++) {
        unsigned w = V_LANE(4, 3 - i), l = V_LANE(2, 1 - i);
        double from = kind == 0 ? 0 : kind == 1 || kind == 4 ? f[w] : d[l];      /* kind 0 has four lanes, and is of integers */
        switch (kind) {
        case 0: f[w] = (float)a.sw[w]; memcpy(&r.w[w], &f[w], 4); break;
        case 1: case 3: r.sw[w] = from > -0x1p31 - 1 && from < 0x1p31 ? (int32_t)from : INT32_MIN; break;
        case 2: from = a.sw[w]; memcpy(&r.d[l], &from, 8); break;
        case 4: memcpy(&r.d[l], &from, 8); break;
        default: f[w] = (float)from; memcpy(&r.w[w], &f[w], 4);
        }
    }
    return r;
}

static V128 round_lanes(unsigned size, unsigned mode, V128 a)
{
    V128 r;

    for (unsigned i = 0; i < (size == 3 ? 2 : 4); i++) {
        double d;
        float f;
        if (size == 3) {
            memcpy(&d, &a.d[i], 8);
            d = mode & 4 ? rint(d) : round_integral(d, mode);
            memcpy(&r.d[i], &d, 8);
        } else {
            memcpy(&f, &a.w[i], 4);
            f = (float)(mode & 4 ? rint(f) : round_integral(f, mode));
            memcpy(&r.w[i], &f, 4);
        }
    }
    return r;
}

bool interp_fp(const IrNode *n, const IrCell *c, IrCell *out)
{
    uint64_t ab = c[n->a[0].n].i;
    double a = dbl(ab), b = dbl(c[n->a[1].n].i), d = dbl(c[n->a[2].n].i);
    const uint64_t sign = 1ull << 63;

    switch (n->op) {
    case IR_F2I: case IR_I2F: out->i = ab; return true;
    case IR_FNEG: out->i = ab ^ sign; return true;
    case IR_FABS: out->i = ab & ~sign; return true;
    case IR_FNABS: out->i = ab | sign; return true;
    case IR_FSETCOND: out->i = fcompare(n->cond, a, b); return true;
    case IR_FCVTS2D: {
        uint32_t w = ab;
        float f;
        memcpy(&f, &w, 4);
        out->i = bits(f);
        return true;
    }
    case IR_FCVTD2S: {
        float f = (float)a;
        uint32_t w;
        memcpy(&w, &f, 4);
        out->i = w;
        return true;
    }
    case IR_FCVTI2D: out->i = bits((double)(int64_t)ab); return true;
    case IR_FCVTD2I:
        out->i = a >= -0x1p63 && a < 0x1p63 ? (uint64_t)(int64_t)a : sign;
        return true;
    case IR_FMAX: out->i = isgreater(a, b) ? ab : c[n->a[1].n].i; return true;
    case IR_FMIN: out->i = isless(a, b) ? ab : c[n->a[1].n].i; return true;
    case IR_FSEL: out->i = c[n->a[fcompare(n->cond, a, b) ? 2 : 3].n].i; return true;
    case IR_FRANGE:
        out->i = a == 0 && (b == 0 || d == 0) ? 0 : (ab >> 52 & 0x7ff) - n->imm;
        return true;
    case IR_FTIE: out->i = inexact_tie(n->aux & 1, a, b, d, dbl(c[n->a[3].n].i)); return true;
    case IR_VFCVT: out->x = convert(n->size, c[n->a[0].n].x); return true;
    case IR_VFRINT: out->x = round_lanes(n->size, n->imm, c[n->a[0].n].x); return true;
    case IR_FRINT: out->i = bits(round_integral(a, n->aux)); return true;
    case IR_FADD: case IR_FSUB: case IR_FMUL: case IR_FDIV: case IR_FSQRT: case IR_FMADD: case IR_FMSUB:
    case IR_FADDS: case IR_FSUBS: case IR_FMULS: case IR_FDIVS: case IR_FSQRTS: case IR_FMADDS: case IR_FMSUBS:
    case IR_FROUNDS:
        out->i = arith(n->op, a, b, d);
        return true;
    default:
        return false;
    }
}
