/*
 * What the integer operations of the IR compute, said once: the builder folds constants with it and
 * the interpreter runs it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_TCG_IR_EVAL_H
#define ACCEL_TCG_IR_EVAL_H

#include "accel/tcg/ir.h"

static inline bool ir_eval_cond(IrCond c, bool word, uint64_t a, uint64_t b)
{
    int64_t sa = a, sb = b;

    if (word) {
        sa = (int32_t)a;
        sb = (int32_t)b;
        a = (uint32_t)a;
        b = (uint32_t)b;
    }
    switch (c) {
    case C_EQ: return a == b;
    case C_NE: return a != b;
    case C_LT: return sa < sb;
    case C_GE: return sa >= sb;
    case C_LE: return sa <= sb;
    case C_GT: return sa > sb;
    case C_LTU: return a < b;
    case C_GEU: return a >= b;
    case C_LEU: return a <= b;
    case C_GTU: return a > b;
    case C_TSTZ: return (a & b) == 0;
    case C_TSTNZ: return (a & b) != 0;
    case C_UN: break;
    }
    g_assert_not_reached();
}

static inline uint64_t ir_pdep(uint64_t src, uint64_t mask)
{
    uint64_t r = 0;

    for (; mask; mask &= mask - 1, src >>= 1) {
        if (src & 1) {
            r |= mask & -mask;
        }
    }
    return r;
}

static inline uint64_t ir_pext(uint64_t src, uint64_t mask)
{
    uint64_t r = 0;

    for (uint64_t bit = 1; mask; mask &= mask - 1, bit <<= 1) {
        if (src & mask & -mask) {
            r |= bit;
        }
    }
    return r;
}

/* Operations with a total result on integers; false if `op` is not one of them. */
static inline bool ir_eval_int(IrOp op, unsigned size, uint64_t a, uint64_t b, uint64_t *out)
{
    unsigned n = b & 63;

    switch (op) {
    case IR_ADD: *out = a + b; return true;
    case IR_SUB: *out = a - b; return true;
    case IR_MUL: *out = a * b; return true;
    case IR_MULHS: *out = (uint64_t)((s128)(int64_t)a * (int64_t)b >> 64); return true;
    case IR_MULHU: *out = (uint64_t)((u128)a * b >> 64); return true;
    case IR_DIVS: *out = !b || (a == 1ull << 63 && b == UINT64_MAX) ? 0 : (int64_t)a / (int64_t)b; return true;
    case IR_DIVU: *out = b ? a / b : 0; return true;
    case IR_REMS: *out = !b || b == UINT64_MAX ? 0 : (int64_t)a % (int64_t)b; return true;
    case IR_REMU: *out = b ? a % b : 0; return true;
    case IR_AND: *out = a & b; return true;
    case IR_OR: *out = a | b; return true;
    case IR_XOR: *out = a ^ b; return true;
    case IR_ANDC: *out = a & ~b; return true;
    case IR_NOT: *out = ~a; return true;
    case IR_NEG: *out = -a; return true;
    case IR_SHL: *out = a << n; return true;
    case IR_SHR: *out = a >> n; return true;
    case IR_SAR: *out = (uint64_t)((int64_t)a >> n); return true;
    case IR_ROTL: *out = a << n | a >> (-n & 63); return true;
    case IR_ROTL32: n &= 31; *out = (uint32_t)((uint32_t)a << n | (uint32_t)a >> (-n & 31)); return true;
    case IR_EXTS: *out = size == 0 ? (uint64_t)(int8_t)a : size == 1 ? (uint64_t)(int16_t)a : (uint64_t)(int32_t)a; return true;
    case IR_EXTU: *out = size == 0 ? (uint8_t)a : size == 1 ? (uint16_t)a : (uint32_t)a; return true;
    case IR_BSWAP: *out = size == 1 ? __builtin_bswap16(a) : size == 2 ? __builtin_bswap32(a) : __builtin_bswap64(a); return true;
    case IR_CLZ: *out = a ? __builtin_clzll(a) : 64; return true;
    case IR_CTZ: *out = a ? __builtin_ctzll(a) : 64; return true;
    case IR_POPCNT: *out = __builtin_popcountll(a); return true;
    case IR_PDEP: *out = ir_pdep(a, b); return true;
    case IR_PEXT: *out = ir_pext(a, b); return true;
    default: return false;
    }
}

#endif
