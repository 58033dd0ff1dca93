/*
 * Vectors, in AVX forms. What is missing here or on this host runs through gen_node_out().
 *
 * A register holds the 128-bit value as the host's integer, so byte i of the book is host byte 15 - i, and the
 * book's first element is the host's last.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/x86_64/host.h"
#include "accel/tcg/x86_64/select.h"

enum { PS = 0, PD = 1, SS = 2, SD = 3 };       /* prefixes as VEX.pp */

/* One instruction of map 0f with prefix 66, on registers. */
static void x1(Gen *g, int op, int d, int a, int b) { v_rrr(g->e, PD, 1, false, op, d, a, b); }
static void x2(Gen *g, int op, int d, int a, int b) { v_rrr(g->e, PD, 2, false, op, d, a, b); }
static void and_k(Gen *g, int d, int a, V128 k) { v_rrk(g->e, PD, 1, false, 0xdb, d, a, k, 0); }

static bool two(Gen *g, const IrNode *n, int pp, int map, int op)
{
    int a = use(g, n->a[0]), b = use(g, n->a[1]), d = def(g, VAL_NONE);

    v_rrr(g->e, pp, map, false, op, d, a, b);
    return true;
}

/* by lane size; 0: none. Low byte opcode, 0x100: map 0f38 */
static bool by_size(Gen *g, const IrNode *n, const uint16_t ops[4])
{
    uint16_t op = ops[n->size & 3];

    return n->size < 4 && op ? two(g, n, PD, op & 0x100 ? 2 : 1, op & 0xff) : false;
}

static bool fused(Gen *g, const IrNode *n, int op)
{
    if (!jit_host.fma) {
        return false;
    }
    int a = use(g, n->a[0]), b = use(g, n->a[1]), c = use(g, n->a[2]), d = def(g, n->a[0]);

    vmov_rr(g->e, d, a);
    v_rrr(g->e, PD, 2, n->size == 3, op, d, b, c);      /* 213: d = b * d +- c */
    return true;
}

static void zero(Gen *g, int d) { x1(g, 0xef, d, d, d); }

/*
 * Lanes outside the comfortable exponent range; then, for those that are zero, whether a factor is. The second
 * half is passed over when the first finds none.
 */
static bool odd(Gen *g, const IrNode *n)
{
    bool dbl = n->size == 3;
    int pp = dbl ? PD : PS;
    V128 exp = dbl ? splat64(0x7ffull << 52) : splat32(0xffu << 23), least = dbl ? splat64(2ull << 52) : splat32(2u << 23);
    V128 span = dbl ? splat64(0x7fcull << 52) : splat32(0xfcu << 23);
    int r = use(g, n->a[0]), a = use(g, n->a[1]), b = use(g, n->a[2]), d = def(g, VAL_NONE);

    and_k(g, 14, r, exp);
    v_rrk(g->e, PD, 1, false, dbl ? 0xfb : 0xfa, 14, 14, least, 0);
    v_rrk(g->e, PD, dbl ? 2 : 1, false, dbl ? 0x37 : 0x66, 15, 14, span, 0);       /* > span, signed */
    x1(g, 0xeb, 15, 15, 14);                            /* or negative */
    v_rrr(g->e, pp, 1, false, 0x50, d, NOV, 15);        /* vmovmskp */
    test_rr(g->e, false, d, d);
    uint8_t *fine = jcc8(g->e, CC_E);
    zero(g, 13);
    v_rrr(g->e, pp, 1, false, 0xc2, 14, a, 13);         /* vcmpeqp */
    e8(g->e, 0);
    v_rrr(g->e, pp, 1, false, 0xc2, 13, b, 13);
    e8(g->e, 0);
    x1(g, 0xeb, 14, 14, 13);
    zero(g, 13);
    v_rrr(g->e, pp, 1, false, 0xc2, 13, r, 13);
    e8(g->e, 0);
    x1(g, 0xdb, 14, 14, 13);
    x1(g, 0xdf, 15, 14, 15);                            /* andn */
    v_rrr(g->e, pp, 1, false, 0x50, d, NOV, 15);
    patch8(fine, g->e->p);
    return true;
}

/* x - x is a number if x is. */
static bool infinite(Gen *g, const IrNode *n)
{
    int pp = n->size == 3 ? PD : PS, r = use(g, n->a[0]), d = def(g, VAL_NONE);

    v_rrr(g->e, pp, 1, false, 0x5c, 15, r, r);
    v_rrr(g->e, pp, 1, false, 0xc2, 15, 15, 15);
    e8(g->e, 3);                                        /* unordered */
    v_rrr(g->e, pp, 1, false, 0x50, d, NOV, 15);
    return true;
}

/* ---- permutations ---- */

/* c[h]: which host byte of a (0-15) or b (16-31) host byte h becomes. */
static bool is_sequence(const uint8_t *c, unsigned first, unsigned wrap)
{
    for (unsigned h = 0; h < 16; h++) {
        if (c[h] != ((first + h) & (wrap - 1))) {
            return false;
        }
    }
    return true;
}

/* The dword selectors of a shuffle that keeps dwords whole. */
static bool dwords(const uint8_t *c, uint8_t sel[4])
{
    for (unsigned h = 0; h < 16; h++) {
        if ((c[h] & 3) != (h & 3) || c[h] / 4 != c[h & ~3u] / 4) {
            return false;
        }
    }
    for (unsigned i = 0; i < 4; i++) {
        sel[i] = c[4 * i] / 4;
    }
    return true;
}

static bool one_source(Gen *g, const uint8_t *c, int d, int a)
{
    uint8_t s[4];
    V128 k;

    if (is_sequence(c, 0, 32)) {
        vmov_rr(g->e, d, a);
    } else if (dwords(c, s)) {
        x1(g, 0x70, d, NOV, a);                         /* vpshufd */
        e8(g->e, s[0] | s[1] << 2 | s[2] << 4 | s[3] << 6);
    } else {
        memcpy(k.b, c, 16);
        v_rrk(g->e, PD, 2, false, 0x00, d, a, k, 0);    /* vpshufb */
    }
    return true;
}

/* Both sources in one instruction, where x86 has it. */
static bool both_sources(Gen *g, const uint8_t *c, int d, int a, int b)
{
    static const uint8_t low[] = { 0x60, 0x61, 0x62, 0x6c }, high[] = { 0x68, 0x69, 0x6a, 0x6d };   /* vpunpck */
    uint8_t s[4];

    for (unsigned size = 0; size < 4; size++) {
        for (unsigned from = 0; from < 16; from += 8) {
            bool ab = true, ba = true;
            for (unsigned h = 0; h < 16; h++) {
                unsigned lane = h >> size, want = from + ((lane / 2) << size) + (h & ((1u << size) - 1));
                ab &= c[h] == want + (lane & 1) * 16;
                ba &= c[h] == want + (~lane & 1) * 16;
            }
            if (ab || ba) {
                x1(g, from ? high[size] : low[size], d, ab ? a : b, ab ? b : a);
                return true;
            }
        }
    }
    for (unsigned first = 1; first < 32; first++) {
        if (first != 16 && is_sequence(c, first, 32)) {
            v_rrr(g->e, PD, 3, false, 0x0f, d, first < 16 ? b : a, first < 16 ? a : b);     /* vpalignr */
            e8(g->e, first & 15);
            return true;
        }
    }
    unsigned blend = 0, ok = 1;
    for (unsigned h = 0; h < 16; h++) {
        ok &= (c[h] & 15) == h && c[h] / 16 == c[h & ~1u] / 16;
        blend |= (c[h] / 16) << h / 2;
    }
    if (ok) {
        v_rrr(g->e, PD, 3, false, 0x0e, d, a, b);       /* vpblendw */
        e8(g->e, blend);
        return true;
    }
    if (dwords(c, s) && s[0] / 4 == s[1] / 4 && s[2] / 4 == s[3] / 4) {
        v_rrr(g->e, PS, 1, false, 0xc6, d, s[0] < 4 ? a : b, s[2] < 4 ? a : b);             /* vshufps */
        e8(g->e, (s[0] & 3) | (s[1] & 3) << 2 | (s[2] & 3) << 4 | (s[3] & 3) << 6);
        return true;
    }
    return false;
}

static bool shuffle(Gen *g, const IrNode *n)
{
    const V128 *control = &g->ir->pool[n->imm];
    bool same = n->a[0].n == n->a[1].n, any_a = false, any_b = false;
    uint8_t c[16];
    V128 ma, mb;

    for (int h = 0; h < 16; h++) {
        unsigned k = V_B(*control, 15 - h) & 31;
        c[h] = (k < 16 || same ? 0 : 16) + 15 - (k & 15);
        ma.b[h] = c[h] < 16 ? c[h] : 0x80;
        mb.b[h] = c[h] < 16 ? 0x80 : c[h] - 16;
        any_a |= c[h] < 16;
        any_b |= c[h] >= 16;
    }
    if (!any_b) {
        int a = use(g, n->a[0]);
        return one_source(g, c, def(g, n->a[0]), a);
    }
    if (!any_a) {
        int b = use(g, n->a[1]);
        return one_source(g, mb.b, def(g, n->a[1]), b);
    }
    int a = use(g, n->a[0]), b = use(g, n->a[1]), d = def(g, VAL_NONE);
    if (!both_sources(g, c, d, a, b)) {
        v_rrk(g->e, PD, 2, false, 0x00, 15, b, mb, 0);
        v_rrk(g->e, PD, 2, false, 0x00, d, a, ma, 0);
        x1(g, 0xeb, d, d, 15);
    }
    return true;
}

static bool is_zero(const Gen *g, Val v)
{
    const IrNode *n = &g->ir->nodes[v.n];

    return n->op == IR_VCONST && !V_D(g->ir->pool[n->imm], 0) && !V_D(g->ir->pool[n->imm], 1);
}

/* One source is zero, as in shifts by octets: the shuffle itself makes zeros where bit 7 of its control is set. */
static bool permute_zero(Gen *g, const IrNode *n)
{
    bool first = is_zero(g, n->a[0]);
    int x = use(g, n->a[first]), c = use(g, n->a[2]), d = def(g, VAL_NONE);

    v_load_k(g->e, 15, splat8(0x1f));
    x1(g, 0xdf, 15, c, 15);
    v_load_k(g->e, 14, splat8(first ? 0x70 : 0xf0));
    x1(g, 0xfc, 15, 15, 14);                            /* vpaddb */
    x2(g, 0x00, d, x, 15);
    return true;
}

static bool permute(Gen *g, const IrNode *n)
{
    if (is_zero(g, n->a[0]) || is_zero(g, n->a[1])) {
        return permute_zero(g, n);
    }
    int a = use(g, n->a[0]), b = use(g, n->a[1]), c = use(g, n->a[2]), d = def(g, VAL_NONE);

    if (a == b) {
        v_load_k(g->e, 15, splat8(0x0f));
        x1(g, 0xdf, 15, c, 15);                         /* ~control & 15: the host byte */
        x2(g, 0x00, d, a, 15);
        return true;
    }
    /* 31 - (control & 31): low four bits are the host byte, bit 4 says a */
    v_load_k(g->e, 15, splat8(0x1f));
    x1(g, 0xdf, 15, c, 15);
    x2(g, 0x00, 13, b, 15);
    x2(g, 0x00, 14, a, 15);
    x1(g, 0x71, 6, 15, 15);                             /* vpsllw 15, 15, 3 */
    e8(g->e, 3);
    v_rrr(g->e, PD, 3, false, 0x4c, d, 13, 14);         /* vpblendvb */
    e8(g->e, 15 << 4);
    return true;
}

static bool choose(Gen *g, const IrNode *n)
{
    IrOp mask = g->ir->nodes[n->a[0].n].op;
    int m = use(g, n->a[0]), t = use(g, n->a[1]), f = use(g, n->a[2]), d = def(g, VAL_NONE);

    if (mask == IR_VCMPEQ || mask == IR_VCMPGTS || mask == IR_VFCMP) {
        v_rrr(g->e, PD, 3, false, 0x4c, d, f, t);       /* vpblendvb: whole bytes */
        e8(g->e, m << 4);
        return true;
    }
    x1(g, 0xdb, 14, m, t);
    x1(g, 0xdf, 15, m, f);
    x1(g, 0xeb, d, 14, 15);
    return true;
}

/* ---- shifts ---- */

enum { SHL = 6, SHR = 2, SAR = 4 };                     /* as extensions of the immediate forms */

/* size 1..3 */
static void shift_imm(Gen *g, int kind, unsigned size, int d, int a, unsigned by)
{
    x1(g, 0x70 + size, kind, d, a);
    e8(g->e, by);
}

static bool shift_by_constant(Gen *g, const IrNode *n, int kind)
{
    if (n->size < 1 || n->size > 3 || (kind == SAR && n->size == 3)) {
        return false;
    }
    int a = use(g, n->a[0]), d = def(g, n->a[0]);
    shift_imm(g, kind, n->size, d, a, n->imm);
    return true;
}

static void variable(Gen *g, int kind, bool dbl, int d, int a, int by)
{
    v_rrr(g->e, PD, 2, dbl, kind == SHL ? 0x47 : kind == SHR ? 0x45 : 0x46, d, a, by);
}

/* Words and doublewords have instructions, but for two cases. */
static bool shift_lanes(Gen *g, const IrNode *n)
{
    bool dbl = n->size == 3, rot = n->op == IR_VROTL;
    int kind = n->op == IR_VSHR ? SHR : n->op == IR_VSAR ? SAR : SHL;
    V128 mask = dbl ? splat64(63) : splat32(31), bits = dbl ? splat64(64) : splat32(32);
    int a = use(g, n->a[0]), b = use(g, n->a[1]), d = def(g, VAL_NONE);

    and_k(g, 15, b, mask);
    if (rot) {
        v_load_k(g->e, 14, bits);
        x1(g, dbl ? 0xfb : 0xfa, 14, 14, 15);
        variable(g, SHR, dbl, 14, a, 14);
        variable(g, SHL, dbl, d, a, 15);
        x1(g, 0xeb, d, d, 14);
    } else if (kind == SAR && dbl) {
        v_load_k(g->e, 14, splat64(1ull << 63));
        variable(g, SHR, true, 14, 14, 15);             /* where the sign went */
        variable(g, SHR, true, d, a, 15);
        x1(g, 0xef, d, d, 14);
        x1(g, 0xfb, d, d, 14);
    } else {
        variable(g, kind, dbl, d, a, 15);
    }
    return true;
}

/* Halfwords: each half of a word by its own count, the halves put together. */
static bool shift_halfwords(Gen *g, const IrNode *n)
{
    const V128 hi = splat32(0xffff0000), lo = splat32(0xffff);
    int a = use(g, n->a[0]), b = use(g, n->a[1]), d = def(g, VAL_NONE);

    and_k(g, 14, b, splat32(15));
    switch (n->op) {
    case IR_VSHL:
        variable(g, SHL, false, 14, a, 14);
        break;
    case IR_VSHR:
        and_k(g, 15, a, lo);
        variable(g, SHR, false, 14, 15, 14);
        break;
    case IR_VSAR:
        shift_imm(g, SHL, 2, 15, a, 16);
        variable(g, SAR, false, 14, 15, 14);
        shift_imm(g, SHR, 2, 14, 14, 16);
        break;
    default:
        shift_imm(g, SHL, 2, 15, a, 16);
        v_rrr(g->e, PD, 3, false, 0x0e, 15, 15, a);     /* the halfword twice */
        e8(g->e, 0x55);
        variable(g, SHL, false, 14, 15, 14);
        shift_imm(g, SHR, 2, 14, 14, 16);
    }
    shift_imm(g, SHR, 2, 15, b, 16);
    and_k(g, 15, 15, splat32(15));
    switch (n->op) {
    case IR_VSHL:
        and_k(g, 13, a, hi);
        variable(g, SHL, false, 15, 13, 15);
        break;
    case IR_VSHR:
    case IR_VSAR:
        variable(g, n->op == IR_VSHR ? SHR : SAR, false, 15, a, 15);
        break;
    default:
        shift_imm(g, SHR, 2, 13, a, 16);
        v_rrr(g->e, PD, 3, false, 0x0e, 13, 13, a);
        e8(g->e, 0xaa);
        variable(g, SHL, false, 15, 13, 15);
    }
    v_rrr(g->e, PD, 3, false, 0x0e, d, 14, 15);
    e8(g->e, 0xaa);
    return true;
}

/* Bytes: a product with a power of two, even and odd bytes apart. */
static bool shift_bytes(Gen *g, const IrNode *n)
{
    const bool left = n->op == IR_VSHL || n->op == IR_VROTL;
    const V128 even = splat16(0xff), up = v128_make(0, 0x8040201008040201), down = v128_make(0, 0x0102040810204080);
    int a = use(g, n->a[0]), b = use(g, n->a[1]), d = def(g, VAL_NONE);

    and_k(g, 14, b, splat8(7));
    v_load_k(g->e, 15, left ? up : down);
    x2(g, 0x00, 15, 15, 14);                            /* the factors: 1 << n, or 1 << (7 - n) */
    and_k(g, 14, 15, even);
    shift_imm(g, SHR, 1, 15, 15, 8);
    if (n->op == IR_VSAR) {
        shift_imm(g, SHL, 1, 13, a, 8);
        shift_imm(g, SAR, 1, 13, 13, 8);
    } else {
        and_k(g, 13, a, even);
    }
    x1(g, 0xd5, 14, 14, 13);                            /* vpmullw */
    shift_imm(g, n->op == IR_VSAR ? SAR : SHR, 1, 13, a, 8);
    x1(g, 0xd5, 15, 15, 13);
    if (n->op == IR_VROTL) {
        shift_imm(g, SHR, 1, 13, 14, 8);
        x1(g, 0xeb, 14, 14, 13);
        shift_imm(g, SHR, 1, 13, 15, 8);
        x1(g, 0xeb, 15, 15, 13);
    } else if (!left) {
        shift_imm(g, SHR, 1, 14, 14, 7);
        shift_imm(g, SHR, 1, 15, 15, 7);
    }
    and_k(g, 14, 14, even);
    shift_imm(g, SHL, 1, 15, 15, 8);
    x1(g, 0xeb, d, 14, 15);
    return true;
}

static bool variable_shift(Gen *g, const IrNode *n)
{
    return n->size == 0 ? shift_bytes(g, n) : !jit_host.avx2 ? false
         : n->size == 1 ? shift_halfwords(g, n) : shift_lanes(g, n);
}

static bool splat(Gen *g, const IrNode *n)
{
    int a = use(g, n->a[0]), d = def(g, VAL_NONE);

    vmovq_xr(g->e, 15, a);
    switch (n->size) {
    case 0:
        zero(g, 14);
        x2(g, 0x00, d, 15, 14);
        break;
    case 1:
        v_rrr(g->e, SD, 1, false, 0x70, 15, NOV, 15);   /* vpshuflw */
        e8(g->e, 0);
        /* fall through */
    case 2:
        x1(g, 0x70, d, NOV, 15);
        e8(g->e, 0);
        break;
    default:
        x1(g, 0x6c, d, 15, 15);
    }
    return true;
}

/* ---- floating point in lanes ---- */

static bool vfp(Gen *g, const IrNode *n, int op)
{
    int pp = n->size == 3 ? PD : PS;

    if (n->op == IR_VFSQRT) {
        int a = use(g, n->a[0]), d = def(g, VAL_NONE);
        v_rrr(g->e, pp, 1, false, op, d, NOV, a);
        return true;
    }
    return two(g, n, pp, 1, op);
}

static bool compare_lanes(Gen *g, const IrNode *n)
{
    two(g, n, n->size == 3 ? PD : PS, 1, 0xc2);
    e8(g->e, n->cond == C_EQ ? 0x00 : n->cond == C_GT ? 0x1e : 0x1d);       /* quiet */
    return true;
}

static bool round_lanes(Gen *g, const IrNode *n)
{
    int a = use(g, n->a[0]), d = def(g, n->a[0]);

    v_rrr(g->e, PD, 3, false, n->size == 3 ? 0x09 : 0x08, d, NOV, a);
    e8(g->e, n->imm == 4 ? 4 : 8 | (n->imm & 3));
    return true;
}

static bool convert(Gen *g, const IrNode *n)
{
    static const struct { uint8_t pp, op; } x[] = {
        { PS, 0x5b }, { SS, 0x5b }, { SS, 0xe6 }, { PD, 0xe6 }, { PS, 0x5a }, { PD, 0x5a },
    };
    int a = use(g, n->a[0]), d = def(g, n->a[0]);

    v_rrr(g->e, x[n->size].pp, 1, false, x[n->size].op, d, NOV, a);
    return true;
}

/* ---- crypto ---- */

static bool aes(Gen *g, const IrNode *n)
{
    if (!jit_host.aes) {
        return false;
    }
    if (n->op == IR_VAESIMC) {
        int a = use(g, n->a[0]), d = def(g, n->a[0]);
        x2(g, 0xdb, d, NOV, a);
        return true;
    }
    return two(g, n, PD, 2, 0xdc + (n->size & 3));
}

static bool clmul(Gen *g, const IrNode *n)
{
    if (!jit_host.clmul) {
        return false;
    }
    two(g, n, PD, 3, 0x44);
    e8(g->e, (n->size & 1) | (n->size & 2) << 3);
    return true;
}

bool gen_vec(Gen *g, const IrNode *n)
{
    int a, b, d;

    switch (n->op) {
    case IR_V2ILO: a = use(g, n->a[0]); vmovq_rx(g->e, def(g, VAL_NONE), a); return true;
    case IR_V2IHI:
        a = use(g, n->a[0]);
        d = def(g, VAL_NONE);
        v_rrr(g->e, PD, 3, true, 0x16, a, NOV, d);      /* vpextrq d, a, 1 */
        e8(g->e, 1);
        return true;
    case IR_I2V:
        a = use(g, n->a[0]);
        b = use(g, n->a[1]);
        d = def(g, VAL_NONE);
        vmovq_xr(g->e, 15, b);
        v_rrr(g->e, PD, 3, true, 0x22, d, 15, a);       /* vpinsrq d, b, a, 1 */
        e8(g->e, 1);
        return true;
    case IR_F2V: a = use(g, n->a[0]); d = def(g, VAL_NONE); v_rrr(g->e, PD, 1, false, 0x73, 7, d, a); e8(g->e, 8); return true;
    case IR_V2F: a = use(g, n->a[0]); d = def(g, VAL_NONE); v_rrr(g->e, PD, 1, false, 0x73, 3, d, a); e8(g->e, 8); return true;
    case IR_VAND: return two(g, n, PD, 1, 0xdb);
    case IR_VOR: return two(g, n, PD, 1, 0xeb);
    case IR_VXOR: return two(g, n, PD, 1, 0xef);
    case IR_VANDC:
        a = use(g, n->a[0]);
        b = use(g, n->a[1]);
        d = def(g, VAL_NONE);
        v_rrr(g->e, PD, 1, false, 0xdf, d, b, a);
        return true;
    case IR_VNOT:
        a = use(g, n->a[0]);
        d = def(g, VAL_NONE);
        v_rrr(g->e, PD, 1, false, 0x76, 15, 15, 15);
        v_rrr(g->e, PD, 1, false, 0xef, d, a, 15);
        return true;
    case IR_VSEL: return choose(g, n);
    case IR_VADD: return by_size(g, n, (const uint16_t[]){ 0xfc, 0xfd, 0xfe, 0xd4 });
    case IR_VSUB: return by_size(g, n, (const uint16_t[]){ 0xf8, 0xf9, 0xfa, 0xfb });
    case IR_VADDSS: return by_size(g, n, (const uint16_t[]){ 0xec, 0xed, 0, 0 });
    case IR_VADDUS: return by_size(g, n, (const uint16_t[]){ 0xdc, 0xdd, 0, 0 });
    case IR_VSUBSS: return by_size(g, n, (const uint16_t[]){ 0xe8, 0xe9, 0, 0 });
    case IR_VSUBUS: return by_size(g, n, (const uint16_t[]){ 0xd8, 0xd9, 0, 0 });
    case IR_VAVGU: return by_size(g, n, (const uint16_t[]){ 0xe0, 0xe3, 0, 0 });
    case IR_VMINS: return by_size(g, n, (const uint16_t[]){ 0x138, 0xea, 0x139, 0 });
    case IR_VMAXS: return by_size(g, n, (const uint16_t[]){ 0x13c, 0xee, 0x13d, 0 });
    case IR_VMINU: return by_size(g, n, (const uint16_t[]){ 0xda, 0x13a, 0x13b, 0 });
    case IR_VMAXU: return by_size(g, n, (const uint16_t[]){ 0xde, 0x13e, 0x13f, 0 });
    case IR_VCMPEQ: return by_size(g, n, (const uint16_t[]){ 0x74, 0x75, 0x76, 0x129 });
    case IR_VCMPGTS: return by_size(g, n, (const uint16_t[]){ 0x64, 0x65, 0x66, 0x137 });
    case IR_VMUL: return by_size(g, n, (const uint16_t[]){ 0, 0xd5, 0x140, 0 });
    case IR_VSHL: case IR_VSHR: case IR_VSAR: case IR_VROTL: return variable_shift(g, n);
    case IR_VSHLI: return shift_by_constant(g, n, SHL);
    case IR_VSHRI: return shift_by_constant(g, n, SHR);
    case IR_VSARI: return shift_by_constant(g, n, SAR);
    case IR_VDUP: return splat(g, n);
    case IR_VMULWU: return two(g, n, PD, 1, 0xf4);
    case IR_VMULWS: return two(g, n, PD, 2, 0x28);
    case IR_VDOTHS: return two(g, n, PD, 1, 0xf5);
    case IR_VAES: case IR_VAESIMC: return aes(g, n);
    case IR_VCLMUL: return clmul(g, n);
    case IR_VPERM: return permute(g, n);
    case IR_VSHUF: return shuffle(g, n);
    case IR_VMASK: a = use(g, n->a[0]); d = def(g, VAL_NONE); v_rrr(g->e, PD, 1, false, 0xd7, d, NOV, a); return true;
    case IR_VFADD: return vfp(g, n, 0x58);
    case IR_VFSUB: return vfp(g, n, 0x5c);
    case IR_VFMUL: return vfp(g, n, 0x59);
    case IR_VFDIV: return vfp(g, n, 0x5e);
    case IR_VFSQRT: return vfp(g, n, 0x51);
    case IR_VFMADD: return fused(g, n, 0xa8);
    case IR_VFMSUB: return fused(g, n, 0xaa);
    case IR_VFMAX: return vfp(g, n, 0x5f);
    case IR_VFMIN: return vfp(g, n, 0x5d);
    case IR_VFRINT: return round_lanes(g, n);
    case IR_VFCVT: return convert(g, n);
    case IR_VFODD: return odd(g, n);
    case IR_VFINF: return infinite(g, n);
    case IR_VFCMP: return compare_lanes(g, n);
    default: return false;
    }
}
