/*
 * Vector nodes of the interpreter: lane loops in C.
 *
 * Lanes are taken in host order wherever an operation treats all lanes alike; what numbers bytes or
 * doublewords uses the book's order through V_B/V_D.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/interp.h"
#include <math.h>
#include <string.h>

#define LANES(T, member, expr)                                          \
    for (unsigned i = 0; i < G_N_ELEMENTS(r.member); i++) {             \
        T x = a.member[i], y = b.member[i];                             \
        (void)x; (void)y;                                               \
        r.member[i] = (expr);                                           \
    }
/* The same expression for unsigned lanes of each size in turn. */
#define U_LANES(expr)                                                   \
    switch (n->size) {                                                  \
    case 0: LANES(uint8_t, b, expr) break;                              \
    case 1: LANES(uint16_t, h, expr) break;                             \
    case 2: LANES(uint32_t, w, expr) break;                             \
    default: LANES(uint64_t, d, expr) break;                            \
    }
#define S_LANES(expr)                                                   \
    switch (n->size) {                                                  \
    case 0: LANES(int8_t, sb, expr) break;                              \
    case 1: LANES(int16_t, sh, expr) break;                             \
    case 2: LANES(int32_t, sw, expr) break;                             \
    default: LANES(int64_t, sd, expr) break;                            \
    }

static int64_t clamp(int64_t v, int64_t lo, int64_t hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

static double fp_lane(const V128 *v, bool dbl, unsigned i)
{
    if (dbl) {
        double d;
        memcpy(&d, &v->d[i], 8);
        return d;
    }
    float f;
    memcpy(&f, &v->w[i], 4);
    return f;
}

static __attribute__((noinline)) double fp_op(IrOp op, bool dbl, double x, double y, double z)
{
    switch (op) {
    case IR_VFADD: return dbl ? x + y : (float)x + (float)y;
    case IR_VFSUB: return dbl ? x - y : (float)x - (float)y;
    case IR_VFMUL: return dbl ? x * y : (float)x * (float)y;
    case IR_VFDIV: return dbl ? x / y : (float)x / (float)y;
    case IR_VFSQRT: return dbl ? sqrt(x) : sqrtf((float)x);
    case IR_VFMADD: return dbl ? fma(x, y, z) : fmaf((float)x, (float)y, (float)z);
    default: return dbl ? fma(x, y, -z) : fmaf((float)x, (float)y, -(float)z);
    }
}

static V128 fp_lanes(const IrNode *n, const V128 *a, const V128 *b, const V128 *c)
{
    bool dbl = n->size == 3;
    V128 r;

    for (unsigned i = 0; i < (dbl ? 2 : 4); i++) {
        double v = fp_op(n->op, dbl, fp_lane(a, dbl, i), fp_lane(b, dbl, i), fp_lane(c, dbl, i));
        float f = (float)v;
        if (dbl) {
            memcpy(&r.d[i], &v, 8);
        } else {
            memcpy(&r.w[i], &f, 4);
        }
    }
    return r;
}

static V128 fp_compare(const IrNode *n, const V128 *a, const V128 *b)
{
    bool dbl = n->size == 3;
    V128 r;

    for (unsigned i = 0; i < (dbl ? 2 : 4); i++) {
        double x = fp_lane(a, dbl, i), y = fp_lane(b, dbl, i);
        bool t = n->cond == C_EQ ? x == y : n->cond == C_GT ? isgreater(x, y) : isgreaterequal(x, y);
        if (dbl) {
            r.d[i] = t ? UINT64_MAX : 0;
        } else {
            r.w[i] = t ? UINT32_MAX : 0;
        }
    }
    return r;
}

static V128 fp_extreme(const IrNode *n, const V128 *a, const V128 *b)
{
    bool dbl = n->size == 3;
    V128 r = *b;

    for (unsigned i = 0; i < (dbl ? 2 : 4); i++) {
        double x = fp_lane(a, dbl, i), y = fp_lane(b, dbl, i);
        if (n->op == IR_VFMAX ? isgreater(x, y) : isless(x, y)) {
            if (dbl) {
                r.d[i] = a->d[i];
            } else {
                r.w[i] = a->w[i];
            }
        }
    }
    return r;
}

static bool fp_odd(const IrNode *n, const V128 *a, const V128 *b, const V128 *c)
{
    for (unsigned i = 0; i < (n->size == 3 ? 2 : 4); i++) {
        uint64_t v = n->size == 3 ? a->d[i] : (uint64_t)a->w[i] << 32;
        unsigned exp = n->size == 3 ? v >> 52 & 0x7ff : v >> 55 & 0xff;
        unsigned max = n->size == 3 ? 0x7fe : 0xfe;
        if (n->op == IR_VFINF ? exp > max : exp < 2 || exp > max) {
            bool zero_factor = n->op == IR_VFODD && v << 1 == 0
                && (fp_lane(b, n->size == 3, i) == 0 || fp_lane(c, n->size == 3, i) == 0);
            if (!zero_factor) {
                return true;
            }
        }
    }
    return false;
}

static V128 perm(const V128 *a, const V128 *b, const V128 *control)
{
    V128 r;

    for (int i = 0; i < 16; i++) {
        unsigned k = V_B(*control, i) & 31;
        V_B(r, i) = k < 16 ? V_B(*a, k) : V_B(*b, k - 16);
    }
    return r;
}

void interp_vec(const IrRegion *ir, const IrNode *n, const IrCell *cells, IrCell *out)
{
    V128 a = cells[n->a[0].n].x, b = cells[n->a[1].n].x, c = cells[n->a[2].n].x, r;
    uint64_t ia = cells[n->a[0].n].i, ib = cells[n->a[1].n].i;
    unsigned bitmask = (8u << n->size) - 1;

    switch (n->op) {
    case IR_F2V: r = v128_make(ia, 0); break;
    case IR_V2F: out->i = V_D(a, 0); return;
    case IR_V2ILO: out->i = V_D(a, 1); return;
    case IR_V2IHI: out->i = V_D(a, 0); return;
    case IR_I2V: r = v128_make(ia, ib); break;
    case IR_VAND: r.q = a.q & b.q; break;
    case IR_VOR: r.q = a.q | b.q; break;
    case IR_VXOR: r.q = a.q ^ b.q; break;
    case IR_VANDC: r.q = a.q & ~b.q; break;
    case IR_VNOT: r.q = ~a.q; break;
    case IR_VSEL: r.q = (a.q & b.q) | (~a.q & c.q); break;
    case IR_VADD: U_LANES(x + y) break;
    case IR_VSUB: U_LANES(x - y) break;
    case IR_VMUL:
        if (n->size == 1) {
            LANES(uint16_t, h, (uint16_t)((uint32_t)x * y))
        } else {
            LANES(uint32_t, w, x * y)
        }
        break;
    case IR_VMULWU: LANES(uint64_t, d, (uint64_t)(uint32_t)x * (uint32_t)y) break;
    case IR_VMULWS: LANES(int64_t, sd, (int64_t)(int32_t)x * (int32_t)y) break;
    case IR_VDOTHS:
        LANES(uint32_t, w, (uint32_t)((int16_t)x * (int16_t)y) + (uint32_t)((int16_t)(x >> 16) * (int16_t)(y >> 16)))
        break;
    case IR_VAES: r = interp_aes(n->size, a, b); break;
    case IR_VAESIMC: r = interp_aes_imc(a); break;
    case IR_VCLMUL: r = interp_clmul(V_D(a, !(n->size & 1)), V_D(b, !(n->size & 2))); break;
    case IR_VADDSS:
        if (n->size == 0) {
            LANES(int8_t, sb, clamp(x + y, INT8_MIN, INT8_MAX))
        } else {
            LANES(int16_t, sh, clamp(x + y, INT16_MIN, INT16_MAX))
        }
        break;
    case IR_VADDUS:
        if (n->size == 0) {
            LANES(uint8_t, b, clamp(x + y, 0, UINT8_MAX))
        } else {
            LANES(uint16_t, h, clamp(x + y, 0, UINT16_MAX))
        }
        break;
    case IR_VSUBSS:
        if (n->size == 0) {
            LANES(int8_t, sb, clamp(x - y, INT8_MIN, INT8_MAX))
        } else {
            LANES(int16_t, sh, clamp(x - y, INT16_MIN, INT16_MAX))
        }
        break;
    case IR_VSUBUS: 
        if (n->size == 0) {
            LANES(uint8_t, b, clamp(x - y, 0, UINT8_MAX))
        } else {
            LANES(uint16_t, h, clamp(x - y, 0, UINT16_MAX))
        }
        break;
    case IR_VAVGU: U_LANES(((uint64_t)x + y + 1) >> 1) break;
    case IR_VMINS: S_LANES(x < y ? x : y) break;
    case IR_VMAXS: S_LANES(x > y ? x : y) break;
    case IR_VMINU: U_LANES(x < y ? x : y) break;
    case IR_VMAXU: U_LANES(x > y ? x : y) break;
    case IR_VCMPEQ: U_LANES(x == y ? -1 : 0) break;
    case IR_VCMPGTS: S_LANES(x > y ? -1 : 0) break;
    case IR_VSHL: U_LANES((uint64_t)x << (y & bitmask)) break;
    case IR_VSHR: U_LANES(x >> (y & bitmask)) break;
    case IR_VSAR: S_LANES(x >> (y & bitmask)) break;
    case IR_VROTL: U_LANES((uint64_t)x << (y & bitmask) | (uint64_t)x >> (-(unsigned)y & bitmask)) break;
    case IR_VSHLI: U_LANES((uint64_t)x << n->imm) break;
    case IR_VSHRI: U_LANES(x >> n->imm) break;
    case IR_VSARI: S_LANES(x >> n->imm) break;
    case IR_VDUP: b.q = 0; U_LANES(ia) break;
    case IR_VPERM: r = perm(&a, &b, &c); break;
    case IR_VSHUF: r = perm(&a, &b, &ir->pool[n->imm]); break;
    case IR_VMASK:
        out->i = 0;
        for (int i = 0; i < 16; i++) {
            out->i |= (uint64_t)(V_B(a, 15 - i) >> 7) << i;
        }
        return;
    case IR_VFADD: case IR_VFSUB: case IR_VFMUL: case IR_VFDIV: case IR_VFSQRT: case IR_VFMADD: case IR_VFMSUB:
        r = fp_lanes(n, &a, &b, &c);
        break;
    case IR_VFMAX: case IR_VFMIN: r = fp_extreme(n, &a, &b); break;
    case IR_VFODD: case IR_VFINF: out->i = fp_odd(n, &a, &b, &c); return;
    case IR_VFCMP: r = fp_compare(n, &a, &b); break;
    default: g_assert_not_reached();
    }
    out->x = r;
}
