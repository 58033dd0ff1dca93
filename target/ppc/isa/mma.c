/*
 * The matrix-multiply assist: outer products into accumulators (Power ISA Book I, 7.2.1.3 and 7.6.1.4).
 *
 * Accumulator i is kept in VSRs 4i to 4i + 3, row by row, whether primed or not: moving it in and out changes nothing,
 * and an accumulator needs no storage, no context switch and no migration of its own. The book leaves those VSRs
 * undefined while the accumulator is primed, so no guest can tell.
 *
 * Row i of the result belongs to element i of the first operand, column j to element j of the second. Plain forms are
 * the prefixed ones with all masks on; an element that is masked off becomes zero. Floating-point exceptions give the
 * default result whether enabled or not.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <math.h>
#include <string.h>
#include "target/ppc/fp/fplazy.h"
#include "target/ppc/isa.h"

/* What an instruction does, packed for its helper together with registers and masks. */
enum {
    GER_ACC = 1 << 0,           /* add to the accumulator */
    GER_SAT = 1 << 1,           /* integer: saturate */
    GER_NEG_MUL = 1 << 2,       /* floating point: the product is negated */
    GER_NEG_ACC = 1 << 3,       /* ... the accumulator is */
    GER_BF = 1 << 4,            /* 16-bit floating point: bfloat16 */
    GER_PP = GER_ACC, GER_PN = GER_ACC | GER_NEG_ACC, GER_NP = GER_ACC | GER_NEG_MUL,
    GER_NN = GER_ACC | GER_NEG_MUL | GER_NEG_ACC,
};

typedef struct Ger {
    V128 *acc;
    const V128 *a, *b;
    unsigned kind, pmsk, xmsk, ymsk;
} Ger;

static Ger unpack(PowerPCCPU *cpu, uint64_t d)
{
    return (Ger){
        .acc = &cpu->vsr[(d & 7) * 4], .a = &cpu->vsr[d >> 3 & 63], .b = &cpu->vsr[d >> 9 & 63],
        .kind = d >> 16 & 0xff, .pmsk = d >> 24 & 0xff, .xmsk = d >> 32 & 15, .ymsk = d >> 36 & 15,
    };
}

static bool on(unsigned mask, unsigned width, unsigned i)
{
    return mask >> (width - 1 - i) & 1;
}

/* ---- integers ---- */

static int64_t clamp_word(int64_t v, bool *saturated)
{
    *saturated |= v != (int32_t)v;
    return v > INT32_MAX ? INT32_MAX : v < INT32_MIN ? INT32_MIN : v;
}

/* Part k of a word's 32 / width; the second operand of the 8-bit form is unsigned. */
static inline int part_of(uint32_t word, unsigned width, unsigned k, bool is_signed)
{
    uint32_t left = word << width * k;

    return is_signed ? (int32_t)left >> (32 - width) : (int)(left >> (32 - width));
}

static inline __attribute__((always_inline)) void ger_integer(PowerPCCPU *cpu, uint64_t desc, unsigned width)
{
    Ger g = unpack(cpu, desc);
    unsigned n = 32 / width;
    bool saturated = false;
    int x[4][8], y[4][8];

    for (unsigned i = 0; i < 4; i++) {
        for (unsigned k = 0; k < n; k++) {
            x[i][k] = on(g.pmsk, n, k) ? part_of(V_W(*g.a, i), width, k, true) : 0;
            y[i][k] = part_of(V_W(*g.b, i), width, k, width != 8);
        }
    }
    for (unsigned i = 0; i < 4; i++) {
        for (unsigned j = 0; j < 4; j++) {
            int64_t v = g.kind & GER_ACC ? V_SW(g.acc[i], j) : 0;
            for (unsigned k = 0; k < n; k++) {
                v += x[i][k] * y[j][k];
            }
            if (!on(g.xmsk, 4, i) || !on(g.ymsk, 4, j)) {
                v = 0;
            } else if (g.kind & GER_SAT) {
                v = clamp_word(v, &saturated);
            }
            V_W(g.acc[i], j) = v;
        }
    }
    cpu->vscr_sat |= saturated;
}

static void ger_i4(PowerPCCPU *cpu, uint64_t desc) { ger_integer(cpu, desc, 4); }
static void ger_i8(PowerPCCPU *cpu, uint64_t desc) { ger_integer(cpu, desc, 8); }
static void ger_i16(PowerPCCPU *cpu, uint64_t desc) { ger_integer(cpu, desc, 16); }

/* ---- floating point ---- */

/*
 * Host arithmetic where it provably gives the book's result: round to nearest, nothing enabled, and a result in the
 * midst of the normal numbers, so that only XX can be affected, which the host's inexact flag keeps.
 */
static bool host_single(float v, uint32_t *bits)
{
    memcpy(bits, &v, 4);
    return (*bits >> 23 & 0xff) - 2 < 0xfd;
}

static bool host_double(double v, uint64_t *bits)
{
    memcpy(bits, &v, 8);
    return (*bits >> 52 & 0x7ff) - 2 < 0x7fd;
}

static float as_single(uint32_t w)
{
    float f;

    memcpy(&f, &w, 4);
    return f;
}

static double as_double(uint64_t d)
{
    double f;

    memcpy(&f, &d, 8);
    return f;
}

static double sign_if(bool minus, double v)
{
    return minus ? -v : v;
}

/* +-(x * y +- acc), rounded once and then negated, or x * y alone. */
static u128 rank1(FpCtx *c, const FpFormat *f, unsigned kind, u128 x, u128 y, u128 acc)
{
    /* -(p) + acc is -(p - acc), -(p) - acc is -(p + acc) */
    static const int muladd[4] = { FP_MADD, FP_NMSUB, FP_MSUB, FP_NMADD };

    return kind & GER_ACC ? fp_muladd(c, f, x, y, acc, muladd[kind >> 2 & 3]) : fp_mul(c, f, x, y);
}

static uint32_t rank1_single(FpCtx *c, bool fast, unsigned kind, uint32_t x, uint32_t y, uint32_t acc)
{
    uint32_t r;

    if (fast && host_single(kind & GER_ACC
                            ? sign_if(kind & GER_NEG_MUL, fmaf(as_single(x), as_single(y),
                                      sign_if(!(kind & GER_NEG_MUL) != !(kind & GER_NEG_ACC), as_single(acc))))
                            : as_single(x) * as_single(y), &r)) {
        return r;
    }
    return (uint32_t)rank1(c, &fp_single, kind, x, y, acc);
}

static uint64_t rank1_double(FpCtx *c, bool fast, unsigned kind, uint64_t x, uint64_t y, uint64_t acc)
{
    uint64_t r;

    if (fast && host_double(kind & GER_ACC
                            ? sign_if(kind & GER_NEG_MUL, fma(as_double(x), as_double(y),
                                      sign_if(!(kind & GER_NEG_MUL) != !(kind & GER_NEG_ACC), as_double(acc))))
                            : as_double(x) * as_double(y), &r)) {
        return r;
    }
    return (uint64_t)rank1(c, &fp_double, kind, x, y, acc);
}

/* A single's precision and nobody's range: where the sum of two bfloat16 products is rounded first. */
static const FpFormat single_significand = { 24, -16382, 16383, 0, 112, 15 };

/* x0 * y0 + x1 * y1 rounded once, then added to the accumulator and rounded again. */
static uint32_t rank2(FpCtx *c, unsigned kind, unsigned pmsk, uint32_t x, uint32_t y, uint32_t acc)
{
    const FpFormat *from = kind & GER_BF ? &fp_bfloat : &fp_half;
    const FpFormat *mid = kind & GER_BF ? &single_significand : &fp_single;
    const FpFormat *mid_layout = kind & GER_BF ? &fp_quad : &fp_single;
    FpNum part[4];

    for (int k = 0; k < 2; k++) {
        bool used = on(pmsk, 2, k);
        part[k] = fp_unpack(from, used ? x >> (16 - 16 * k) & 0xffff : 0);
        part[2 + k] = fp_unpack(from, used ? y >> (16 - 16 * k) & 0xffff : 0);
    }
    FpNum v = fpn_muladd(c, part[1], part[3], fpn_mul(c, part[0], part[2]));
    FpNum r = fp_unpack(mid_layout, fp_round_pack(c, mid, v));

    if (kind & GER_ACC) {
        FpNum a = fp_unpack(&fp_single, acc);
        r.sign ^= kind & GER_NEG_MUL && !fp_num_is_nan(r);
        a.sign ^= kind & GER_NEG_ACC && !fp_num_is_nan(a);
        r = fpn_add(c, r, a);
    }
    return (uint32_t)fp_round_pack(c, &fp_single, r);
}

static double as_part(unsigned kind, uint32_t h)
{
    if (kind & GER_BF) {
        return as_single(h << 16);
    }
    /* a half scaled by 2^-112 into a single's layout, denormalized numbers included */
    return as_single((h & 0x8000) << 16 | (h & 0x7fff) << 13) * 0x1p112;
}

static bool rank2_host(unsigned kind, uint32_t x, uint32_t y, uint32_t acc, uint32_t *r)
{
    double p = as_part(kind, x >> 16) * as_part(kind, y >> 16);
    double q = as_part(kind, x & 0xffff) * as_part(kind, y & 0xffff), s = p + q;

    /* A sum that a double holds exactly is rounded only where the book does. */
    if (s - p != q || s - q != p || !host_single(s, r)) {
        return false;
    }
    return !(kind & GER_ACC) || host_single((float)sign_if(kind & GER_NEG_MUL, as_single(*r))
                                            + (float)sign_if(kind & GER_NEG_ACC, as_single(acc)), r);
}

static bool has_special_half(unsigned kind, uint32_t w)
{
    uint32_t e = kind & GER_BF ? 0x7f80 : 0x7c00;

    return (w & e) == e || (w >> 16 & e) == e;
}

static FpCtx fp_start(PowerPCCPU *cpu, bool *fast)
{
    FpCtx c;

    fp_sync_in_helper(cpu);
    *fast = !fp_wants_slow(cpu->fpscr);
    c = fp_ctx(cpu->fpscr);
    c.enables = 0;
    return c;
}

static void fp_end(PowerPCCPU *cpu, const FpCtx *c)
{
    bool raised;

    fp_host_leave(cpu);
    ppc_fpscr_sync(cpu);
    cpu->fpscr = fpscr_apply(cpu->fpscr, c->flags, 0, 0, &raised);
    fp_raise_if_enabled(cpu, raised);
}

static void ger_f32(PowerPCCPU *cpu, uint64_t desc)
{
    Ger g = unpack(cpu, desc);
    bool fast;
    FpCtx c = fp_start(cpu, &fast);
    V128 a = *g.a, b = *g.b;

    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++) {
            V_W(g.acc[i], j) = on(g.xmsk, 4, i) && on(g.ymsk, 4, j)
                               ? rank1_single(&c, fast, g.kind, V_W(a, i), V_W(b, j), V_W(g.acc[i], j)) : 0;
        }
    }
    fp_end(cpu, &c);
}

/* The first operand is a pair of registers: four doubles. */
static void ger_f64(PowerPCCPU *cpu, uint64_t desc)
{
    Ger g = unpack(cpu, desc);
    bool fast;
    FpCtx c = fp_start(cpu, &fast);
    V128 a[2] = { g.a[0], g.a[1] }, b = *g.b;

    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 2; j++) {
            V_D(g.acc[i], j) = on(g.xmsk, 4, i) && on(g.ymsk, 2, j)
                               ? rank1_double(&c, fast, g.kind, V_D(a[i / 2], i & 1), V_D(b, j), V_D(g.acc[i], j)) : 0;
        }
    }
    fp_end(cpu, &c);
}

static void ger_f16(PowerPCCPU *cpu, uint64_t desc)
{
    Ger g = unpack(cpu, desc);
    bool fast;
    FpCtx c = fp_start(cpu, &fast);
    V128 a = *g.a, b = *g.b;

    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++) {
            uint32_t x = V_W(a, i), y = V_W(b, j), acc = V_W(g.acc[i], j), r = 0;
            if (on(g.xmsk, 4, i) && on(g.ymsk, 4, j)
                && (!fast || g.pmsk != 3 || has_special_half(g.kind, x) || has_special_half(g.kind, y)
                    || !rank2_host(g.kind, x, y, acc, &r))) {
                r = rank2(&c, g.kind, g.pmsk, x, y, acc);
            }
            V_W(g.acc[i], j) = r;
        }
    }
    fp_end(cpu, &c);
}

/* ---- rows ---- */

static unsigned AT(const Insn *a)
{
    return FIELD(a, 23, 3);
}

typedef void GerFn(PowerPCCPU *cpu, uint64_t desc);

/* An operand may not be part of the accumulator; a pair begins with an even register. */
static void ger(DisasCtx *ctx, const Insn *a, GerFn *fn, const char *name, unsigned kind, bool pair, unsigned pmsk,
                unsigned xmsk, unsigned ymsk)
{
    unsigned at = AT(a), x = XA(a), y = XB(a);

    if (x >> 2 == at || y >> 2 == at || (pair && x & 1)) {
        raise_program(ctx, PROG_INVAL);
        return;
    }
    Val desc = iconst(at | x << 3 | y << 9 | kind << 16 | (uint64_t)pmsk << 24 | (uint64_t)xmsk << 32
                      | (uint64_t)ymsk << 36);
    ir_call((const void *)fn, name, "vei", IRC_WRITE | IRC_RAISE | IRC_STATE, &desc, 1);
}

#define XX3 "59:6 at:3 /:2 a:5 b:5 "
#define XX3_END ":8 ax:1 bx:1 /:1"
/* A row and its prefixed twin. `layout` is of bits 16 to 31 of the prefix, p_ and y_ say where PMSK and YMSK are. */
#define GER(id, xo, fn, kind, pair, layout, full_p, full_y, p_, y_, masks) \
    INSN(id, #id " at,xa,xb", XX3 #xo XX3_END, ISA310, INSN_VSX) \
    { \
        ger(ctx, a, fn, #fn, kind, pair, full_p, 15, full_y); \
    } \
    INSN(pm##id, "pm" #id " at,xa,xb," masks, "1:6 3:2 9:4 /:4 " layout " | " XX3 #xo XX3_END, ISA310, INSN_VSX) \
    { \
        ger(ctx, a, fn, #fn, kind, pair, p_, PFIELD(a, 4, 4), y_); \
    }
#define GER_I4(id, xo, kind) \
    GER(id, xo, ger_i4, kind, false, "pmsk:8 xmsk:4 ymsk:4", 255, 15, PFIELD(a, 8, 8), PFIELD(a, 0, 4), "xmsk,ymsk,pmsk")
#define GER_I8(id, xo, kind) \
    GER(id, xo, ger_i8, kind, false, "pmsk:4 /:4 xmsk:4 ymsk:4", 15, 15, PFIELD(a, 12, 4), PFIELD(a, 0, 4), "xmsk,ymsk,pmsk")
#define GER_16(id, xo, fn, kind) \
    GER(id, xo, fn, kind, false, "pmsk:2 /:6 xmsk:4 ymsk:4", 3, 15, PFIELD(a, 14, 2), PFIELD(a, 0, 4), "xmsk,ymsk,pmsk")
#define GER_F32(id, xo, kind) \
    GER(id, xo, ger_f32, kind, false, "/:8 xmsk:4 ymsk:4", 0, 15, 0, PFIELD(a, 0, 4), "xmsk,ymsk")
#define GER_F64(id, xo, kind) \
    GER(id, xo, ger_f64, kind, true, "/:8 xmsk:4 ymsk:2 /:2", 0, 3, 0, PFIELD(a, 2, 2), "xmsk,ymsk")

GER_I4(xvi4ger8, 35, 0)
GER_I4(xvi4ger8pp, 34, GER_ACC)
GER_I8(xvi8ger4, 3, 0)
GER_I8(xvi8ger4pp, 2, GER_ACC)
GER_I8(xvi8ger4spp, 99, GER_ACC | GER_SAT)
GER_16(xvi16ger2, 75, ger_i16, 0)
GER_16(xvi16ger2s, 43, ger_i16, GER_SAT)
GER_16(xvi16ger2pp, 107, ger_i16, GER_ACC)
GER_16(xvi16ger2spp, 42, ger_i16, GER_ACC | GER_SAT)

GER_16(xvf16ger2, 19, ger_f16, 0)
GER_16(xvf16ger2pp, 18, ger_f16, GER_PP)
GER_16(xvf16ger2pn, 146, ger_f16, GER_PN)
GER_16(xvf16ger2np, 82, ger_f16, GER_NP)
GER_16(xvf16ger2nn, 210, ger_f16, GER_NN)
GER_16(xvbf16ger2, 51, ger_f16, GER_BF)
GER_16(xvbf16ger2pp, 50, ger_f16, GER_BF | GER_PP)
GER_16(xvbf16ger2pn, 178, ger_f16, GER_BF | GER_PN)
GER_16(xvbf16ger2np, 114, ger_f16, GER_BF | GER_NP)
GER_16(xvbf16ger2nn, 242, ger_f16, GER_BF | GER_NN)
GER_F32(xvf32ger, 27, 0)
GER_F32(xvf32gerpp, 26, GER_PP)
GER_F32(xvf32gerpn, 154, GER_PN)
GER_F32(xvf32gernp, 90, GER_NP)
GER_F32(xvf32gernn, 218, GER_NN)
GER_F64(xvf64ger, 59, 0)
GER_F64(xvf64gerpp, 58, GER_PP)
GER_F64(xvf64gerpn, 186, GER_PN)
GER_F64(xvf64gernp, 122, GER_NP)
GER_F64(xvf64gernn, 250, GER_NN)

INSN(xxmfacc, "xxmfacc as", "31:6 as:3 /:2 0:5 /:5 177:10 /:1", ISA310, INSN_VSX) { (void)a; }
INSN(xxmtacc, "xxmtacc at", "31:6 at:3 /:2 1:5 /:5 177:10 /:1", ISA310, INSN_VSX) { (void)a; }
INSN(xxsetaccz, "xxsetaccz at", "31:6 at:3 /:2 3:5 /:5 177:10 /:1", ISA310, INSN_VSX)
{
    for (int i = 0; i < 4; i++) {
        set_vsr(AT(a) * 4 + i, vconst(0, 0));
    }
}
