/*
 * Floating point and vectors, in AVX forms. What is missing here runs through gen_node_out().
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/x86_64/select.h"

enum { PS = 0, PD = 1, SS = 2, SD = 3 };       /* prefixes as VEX.pp */

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

static bool scalar_single(Gen *g, const IrNode *n, int op)
{
    int a = use(g, n->a[0]), b = ir_op_info[n->op].nargs > 1 ? use(g, n->a[1]) : a, d = def(g, VAL_NONE);

    v_rrr(g->e, SD, 1, false, 0x5a, 14, a, a);          /* vcvtsd2ss */
    v_rrr(g->e, SD, 1, false, 0x5a, 15, b, b);
    v_rrr(g->e, SS, 1, false, op, 15, 14, 15);
    v_rrr(g->e, SS, 1, false, 0x5a, d, 15, 15);         /* vcvtss2sd */
    return true;
}

static bool fused(Gen *g, const IrNode *n, int op, bool vec, bool single)
{
    int a = use(g, n->a[0]), b = use(g, n->a[1]), c = use(g, n->a[2]), d = def(g, VAL_NONE);

    if (single && !vec) {
        v_rrr(g->e, SD, 1, false, 0x5a, 13, a, a);
        v_rrr(g->e, SD, 1, false, 0x5a, 14, b, b);
        v_rrr(g->e, SD, 1, false, 0x5a, 15, c, c);
        v_rrr(g->e, 1, 2, false, op, 13, 14, 15);
        v_rrr(g->e, SS, 1, false, 0x5a, d, 13, 13);
        return true;
    }
    vmov_rr(g->e, d, a);
    v_rrr(g->e, 1, 2, !single, op, d, b, c);            /* 213: d = b * d +- c */
    return true;
}

static bool sign_bit(Gen *g, const IrNode *n, int ext)
{
    int a = use(g, n->a[0]), d = def(g, VAL_NONE);

    vmovq_rx(g->e, RAX, a);
    rex(g->e, true, 0, 0, RAX, false);
    opc(g->e, 0x0fba);
    modrr(g->e, ext, RAX);                              /* btc, btr, bts rax, 63 */
    e8(g->e, 63);
    vmovq_xr(g->e, d, RAX);
    return true;
}

static bool fsetcond_(Gen *g, const IrNode *n)
{
    bool swap = n->cond == C_LT || n->cond == C_LE;
    int a = use(g, n->a[0]), b = use(g, n->a[1]), d = def(g, VAL_NONE);
    static const uint8_t cc[] = { [C_EQ] = CC_NP, [C_LT] = CC_A, [C_GT] = CC_A, [C_LE] = CC_AE, [C_GE] = CC_AE, [C_UN] = CC_P };

    v_rrr(g->e, PD, 1, false, 0x2e, swap ? b : a, NOV, swap ? a : b);
    op_rr8(g->e, 0x0f90 | cc[n->cond], 0, RAX);
    if (n->cond == C_EQ) {
        op_rr8(g->e, 0x0f90 | CC_E, 0, RCX);
        op_rr8(g->e, 0x20, RCX, RAX);                   /* and al, cl */
    }
    op_rr8(g->e, 0x0fb6, d, RAX);
    return true;
}

/* Lanes outside the comfortable exponent range. */
static bool odd(Gen *g, const IrNode *n, bool zero_ok)
{
    bool dbl = n->size == 3;
    uint64_t exp = dbl ? 0x7ff0000000000000 : 0x7f8000007f800000, two_ = dbl ? 2ull << 52 : 0x0100000001000000;
    uint64_t span = dbl ? 0x7fcull << 52 : 0x7e0000007e000000;
    V128 k[3] = { { .d = { exp, exp } }, { .d = { two_, two_ } }, { .d = { span, span } } };
    int a = use(g, n->a[0]), d = def(g, VAL_NONE);

    mov_ri(g->e, RAX, (uintptr_t)jit_constant(g, k[0]));
    v_rrm(g->e, PD, 1, false, 0xdb, 14, a, RAX, 0);
    mov_ri(g->e, RAX, (uintptr_t)jit_constant(g, k[1]));
    v_rrm(g->e, PD, 1, false, dbl ? 0xfb : 0xfa, 14, 14, RAX, 0);
    mov_ri(g->e, RAX, (uintptr_t)jit_constant(g, k[2]));
    v_rrm(g->e, PD, dbl ? 2 : 1, false, dbl ? 0x37 : 0x66, 15, 14, RAX, 0);    /* > span, signed */
    v_rrr(g->e, PD, 1, false, 0xeb, 15, 15, 14);        /* or negative */
    if (zero_ok) {
        v_rrr(g->e, PD, 1, false, dbl ? 0xd4 : 0xfe, 14, a, a);
        v_rrr(g->e, PD, 1, false, 0xef, 13, 13, 13);
        v_rrr(g->e, PD, dbl ? 2 : 1, false, dbl ? 0x29 : 0x76, 14, 14, 13);
        v_rrr(g->e, PD, 1, false, 0xdf, 15, 14, 15);    /* andn */
    }
    v_rrr(g->e, dbl ? PD : PS, 1, false, 0x50, d, NOV, 15);     /* vmovmskp */
    return true;
}

static bool shuffle(Gen *g, const IrNode *n)
{
    const V128 *c = &g->ir->pool[n->imm];
    V128 ma, mb;
    bool any_a = false, any_b = false;

    for (int h = 0; h < 16; h++) {
        unsigned k = V_B(*c, 15 - h);
        ma.b[h] = k < 16 ? 15 - k : 0x80;
        mb.b[h] = k < 16 ? 0x80 : 31 - k;
        any_a |= k < 16;
        any_b |= k >= 16;
    }
    if (n->a[0].n == n->a[1].n) {
        for (int h = 0; h < 16; h++) {
            ma.b[h] = ma.b[h] == 0x80 ? mb.b[h] : ma.b[h];
        }
        any_a = true;
        any_b = false;
    }
    int a = use(g, n->a[0]), b = use(g, n->a[1]), d = def(g, VAL_NONE);
    if (any_b) {
        mov_ri(g->e, RAX, (uintptr_t)jit_constant(g, mb));
        v_rrm(g->e, PD, 2, false, 0x00, any_a ? 15 : d, b, RAX, 0);
    }
    if (any_a) {
        mov_ri(g->e, RAX, (uintptr_t)jit_constant(g, ma));
        v_rrm(g->e, PD, 2, false, 0x00, d, a, RAX, 0);
        if (any_b) {
            v_rrr(g->e, PD, 1, false, 0xeb, d, d, 15);
        }
    }
    return true;
}

static bool permute(Gen *g, const IrNode *n)
{
    V128 k = { .d = { 0x1f1f1f1f1f1f1f1f, 0x1f1f1f1f1f1f1f1f } };
    int a = use(g, n->a[0]), b = use(g, n->a[1]), c = use(g, n->a[2]), d = def(g, VAL_NONE);

    /* 31 - (control & 31): low four bits are the host byte, bit 4 says a */
    mov_ri(g->e, RAX, (uintptr_t)jit_constant(g, k));
    vload(g->e, 13, RAX, 0);
    v_rrr(g->e, PD, 1, false, 0xdb, 15, c, 13);
    v_rrr(g->e, PD, 1, false, 0xef, 15, 15, 13);
    v_rrr(g->e, PD, 2, false, 0x00, 13, b, 15);
    v_rrr(g->e, PD, 2, false, 0x00, 14, a, 15);
    v_rrr(g->e, PD, 1, false, 0x71, 6, 15, 15);         /* vpsllw 15, 15, 3 */
    e8(g->e, 3);
    v_rrr(g->e, PD, 3, false, 0x4c, d, 13, 14);         /* vpblendvb */
    e8(g->e, 15 << 4);
    return true;
}

static bool variable_shift(Gen *g, const IrNode *n, int op)
{
    bool dbl = n->size == 3;
    uint64_t m = dbl ? 63 : 0x0000001f0000001f;
    V128 k = { .d = { m, m } };

    if (n->size < 2 || (op == 0x46 && dbl)) {
        return false;
    }
    int a = use(g, n->a[0]), b = use(g, n->a[1]), d = def(g, VAL_NONE);
    mov_ri(g->e, RAX, (uintptr_t)jit_constant(g, k));
    v_rrm(g->e, PD, 1, false, 0xdb, 15, b, RAX, 0);
    v_rrr(g->e, PD, 2, dbl, op, d, a, 15);
    return true;
}

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

bool gen_vec(Gen *g, const IrNode *n)
{
    int a, b, c, d;

    switch (n->op) {
    case IR_F2I: a = use(g, n->a[0]); vmovq_rx(g->e, def(g, VAL_NONE), a); return true;
    case IR_V2ILO: a = use(g, n->a[0]); vmovq_rx(g->e, def(g, VAL_NONE), a); return true;
    case IR_I2F: a = use(g, n->a[0]); vmovq_xr(g->e, def(g, VAL_NONE), a); return true;
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
    case IR_FADD: return two(g, n, SD, 1, 0x58);
    case IR_FSUB: return two(g, n, SD, 1, 0x5c);
    case IR_FMUL: return two(g, n, SD, 1, 0x59);
    case IR_FDIV: return two(g, n, SD, 1, 0x5e);
    case IR_FSQRT: a = use(g, n->a[0]); v_rrr(g->e, SD, 1, false, 0x51, def(g, VAL_NONE), a, a); return true;
    case IR_FADDS: return scalar_single(g, n, 0x58);
    case IR_FSUBS: return scalar_single(g, n, 0x5c);
    case IR_FMULS: return scalar_single(g, n, 0x59);
    case IR_FDIVS: return scalar_single(g, n, 0x5e);
    case IR_FSQRTS: return scalar_single(g, n, 0x51);
    case IR_FMADD: return fused(g, n, 0xa9, false, false);
    case IR_FMSUB: return fused(g, n, 0xab, false, false);
    case IR_FMADDS: return fused(g, n, 0xa9, false, true);
    case IR_FMSUBS: return fused(g, n, 0xab, false, true);
    case IR_FNEG: return sign_bit(g, n, 7);
    case IR_FABS: return sign_bit(g, n, 6);
    case IR_FNABS: return sign_bit(g, n, 5);
    case IR_FSETCOND: return fsetcond_(g, n);
    case IR_FROUNDS:
        a = use(g, n->a[0]);
        d = def(g, VAL_NONE);
        v_rrr(g->e, SD, 1, false, 0x5a, 15, a, a);
        v_rrr(g->e, SS, 1, false, 0x5a, d, 15, 15);
        return true;
    case IR_FCVTS2D:
        a = use(g, n->a[0]);
        d = def(g, VAL_NONE);
        v_rrr(g->e, PD, 1, false, 0x6e, 15, NOV, a);
        v_rrr(g->e, SS, 1, false, 0x5a, d, 15, 15);
        return true;
    case IR_FCVTD2S:
        a = use(g, n->a[0]);
        d = def(g, VAL_NONE);
        v_rrr(g->e, SD, 1, false, 0x5a, 15, a, a);
        v_rrr(g->e, PD, 1, false, 0x7e, 15, NOV, d);
        return true;
    case IR_FCVTI2D:
        a = use(g, n->a[0]);
        d = def(g, VAL_NONE);
        v_rrr(g->e, PD, 1, false, 0xef, d, d, d);
        v_rrr(g->e, SD, 1, true, 0x2a, d, d, a);
        return true;
    case IR_FCVTD2I: a = use(g, n->a[0]); d = def(g, VAL_NONE); v_rrr(g->e, SD, 1, true, 0x2c, d, NOV, a); return true;
    case IR_FRINT:
        a = use(g, n->a[0]);
        d = def(g, VAL_NONE);
        v_rrr(g->e, PD, 3, false, 0x0b, d, a, a);
        e8(g->e, 8 | (n->aux & 3));
        return true;
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
    case IR_VSEL:
        a = use(g, n->a[0]);
        b = use(g, n->a[1]);
        c = use(g, n->a[2]);
        d = def(g, VAL_NONE);
        v_rrr(g->e, PD, 1, false, 0xdb, 14, a, b);
        v_rrr(g->e, PD, 1, false, 0xdf, 15, a, c);
        v_rrr(g->e, PD, 1, false, 0xeb, d, 14, 15);
        return true;
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
    case IR_VSHL: return variable_shift(g, n, 0x47);
    case IR_VSHR: return variable_shift(g, n, 0x45);
    case IR_VSAR: return variable_shift(g, n, 0x46);
    case IR_VPERM: return permute(g, n);
    case IR_VSHUF: return shuffle(g, n);
    case IR_VMASK: a = use(g, n->a[0]); d = def(g, VAL_NONE); v_rrr(g->e, PD, 1, false, 0xd7, d, NOV, a); return true;
    case IR_VFADD: return vfp(g, n, 0x58);
    case IR_VFSUB: return vfp(g, n, 0x5c);
    case IR_VFMUL: return vfp(g, n, 0x59);
    case IR_VFDIV: return vfp(g, n, 0x5e);
    case IR_VFSQRT: return vfp(g, n, 0x51);
    case IR_VFMADD: return fused(g, n, 0xa8, true, n->size == 2);
    case IR_VFMSUB: return fused(g, n, 0xaa, true, n->size == 2);
    case IR_VFODD: return odd(g, n, false);
    case IR_VFODDZ: return odd(g, n, true);
    default: return false;
    }
}
