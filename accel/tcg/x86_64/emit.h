/*
 * x86-64 encodings, written through the writable view of the code buffer.
 *
 * Only what the selector uses. Registers are host numbers 0-15; memory operands are base + disp32. AVX
 * forms (three operands) are used for all vector and floating-point work.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_TCG_X86_64_EMIT_H
#define ACCEL_TCG_X86_64_EMIT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15 };
#define CPU R15

/* condition codes as in Jcc */
enum { CC_O, CC_NO, CC_B, CC_AE, CC_E, CC_NE, CC_BE, CC_A, CC_S, CC_NS, CC_P, CC_NP, CC_L, CC_GE, CC_LE, CC_G };

typedef struct Emit {
    uint8_t *p, *end;       /* writable view */
} Emit;

static inline void e8(Emit *e, unsigned v) { *e->p++ = v; }
static inline void e32(Emit *e, uint32_t v) { memcpy(e->p, &v, 4); e->p += 4; }
static inline void e64(Emit *e, uint64_t v) { memcpy(e->p, &v, 8); e->p += 8; }

static inline void rex(Emit *e, bool w, int reg, int index, int rm, bool force)
{
    unsigned b = 0x40 | w << 3 | (reg >> 3 & 1) << 2 | (index >> 3 & 1) << 1 | (rm >> 3 & 1);
    if (b != 0x40 || force) {
        e8(e, b);
    }
}
static inline void modrr(Emit *e, int reg, int rm) { e8(e, 0xc0 | (reg & 7) << 3 | (rm & 7)); }
static inline void modrm(Emit *e, int reg, int base, int32_t disp)
{
    bool small = disp == (int8_t)disp;
    e8(e, (small ? 0x40 : 0x80) | (reg & 7) << 3 | (base & 7));
    if ((base & 7) == RSP) {
        e8(e, 0x24);
    }
    if (small) {
        e8(e, disp);
    } else {
        e32(e, disp);
    }
}
/* op reg, rm with a one-byte opcode (0x0fxx: two bytes) */
static inline void opc(Emit *e, unsigned op) { if (op > 0xff) { e8(e, op >> 8); } e8(e, op & 0xff); }
static inline void op_rr(Emit *e, bool w, unsigned op, int reg, int rm) { rex(e, w, reg, 0, rm, false); opc(e, op); modrr(e, reg, rm); }
static inline void op_rr8(Emit *e, unsigned op, int reg, int rm) { rex(e, false, reg, 0, rm, true); opc(e, op); modrr(e, reg, rm); }
static inline void op_rm(Emit *e, bool w, unsigned op, int reg, int base, int32_t d) { rex(e, w, reg, 0, base, false); opc(e, op); modrm(e, reg, base, d); }
static inline void mov_rr(Emit *e, int d, int s) { if (d != s) { op_rr(e, true, 0x89, s, d); } }
static inline void mov_ri(Emit *e, int d, uint64_t v)
{
    if (v == 0) {
        op_rr(e, false, 0x31, d, d);
    } else if (v <= UINT32_MAX) {
        rex(e, false, 0, 0, d, false); e8(e, 0xb8 | (d & 7)); e32(e, v);
    } else if ((int64_t)v == (int32_t)v) {
        rex(e, true, 0, 0, d, false); e8(e, 0xc7); modrr(e, 0, d); e32(e, v);
    } else {
        rex(e, true, 0, 0, d, false); e8(e, 0xb8 | (d & 7)); e64(e, v);
    }
}
/* like mov_ri, but leaves the flags alone */
static inline void mov_ri_keep(Emit *e, int d, uint64_t v) { if (v == 0) { rex(e, false, 0, 0, d, false); e8(e, 0xb8 | (d & 7)); e32(e, 0); } else { mov_ri(e, d, v); } }
/* d = a + b; the flags stay as they are. b is not RSP. */
static inline void lea_rr(Emit *e, int d, int a, int b)
{
    bool disp = (a & 7) == RBP;     /* that base has no form without */

    rex(e, true, d, b, a, false);
    e8(e, 0x8d);
    e8(e, (disp ? 0x44 : 0x04) | (d & 7) << 3);
    e8(e, (b & 7) << 3 | (a & 7));
    if (disp) {
        e8(e, 0);
    }
}
static inline void load64(Emit *e, int d, int base, int32_t disp) { op_rm(e, true, 0x8b, d, base, disp); }
static inline void store64(Emit *e, int s, int base, int32_t disp) { op_rm(e, true, 0x89, s, base, disp); }
static inline void store8(Emit *e, int s, int base, int32_t disp) { rex(e, false, s, 0, base, true); e8(e, 0x88); modrm(e, s, base, disp); }
/* alu: 0 add 1 or 2 adc 4 and 5 sub 6 xor 7 cmp */
static inline void alu_rr(Emit *e, bool w, int op, int d, int s) { op_rr(e, w, op * 8 + 1, s, d); }
static inline void alu_ri(Emit *e, bool w, int op, int d, int32_t v)
{
    rex(e, w, 0, 0, d, false);
    if (v == (int8_t)v) { e8(e, 0x83); modrr(e, op, d); e8(e, v); } else { e8(e, 0x81); modrr(e, op, d); e32(e, v); }
}
static inline void test_rr(Emit *e, bool w, int a, int b) { op_rr(e, w, 0x85, a, b); }
static inline void test_ri(Emit *e, bool w, int a, int32_t v) { rex(e, w, 0, 0, a, false); e8(e, 0xf7); modrr(e, 0, a); e32(e, v); }
static inline void bt_ri(Emit *e, int a, unsigned bit) { rex(e, bit > 31, 0, 0, a, false); opc(e, 0x0fba); modrr(e, 4, a); e8(e, bit); }
/* shift by constant: 0 rol 1 ror 4 shl 5 shr 7 sar */
static inline void shift_ri(Emit *e, bool w, int op, int d, unsigned n) { rex(e, w, 0, 0, d, false); e8(e, 0xc1); modrr(e, op, d); e8(e, n); }

/* VEX: pp 0 none 1 66 2 f3 3 f2; map 1 0f 2 0f38 3 0f3a */
static inline void vex(Emit *e, int pp, int map, bool w, bool l, int reg, int vvvv, int rm, int op)
{
    if (map == 1 && !w && !(rm & 8)) {
        e8(e, 0xc5);
        e8(e, (~reg >> 3 & 1) << 7 | (~vvvv & 15) << 3 | l << 2 | pp);
        e8(e, op);
        return;
    }
    e8(e, 0xc4);
    e8(e, (~reg >> 3 & 1) << 7 | 1 << 6 | (~rm >> 3 & 1) << 5 | map);
    e8(e, w << 7 | (~vvvv & 15) << 3 | l << 2 | pp);
    e8(e, op);
}
static inline void v_rrr(Emit *e, int pp, int map, bool w, int op, int reg, int vvvv, int rm) { vex(e, pp, map, w, false, reg, vvvv, rm, op); modrr(e, reg, rm); }
static inline void v_rrm(Emit *e, int pp, int map, bool w, int op, int reg, int vvvv, int base, int32_t d) { vex(e, pp, map, w, false, reg, vvvv, base, op); modrm(e, reg, base, d); }
#define NOV 0       /* no second source: vvvv must read as 1111 */
static inline void vmov_rr(Emit *e, int d, int s) { if (d != s) { v_rrr(e, 0, 1, false, 0x28, d, NOV, s); } }
static inline void vload(Emit *e, int d, int base, int32_t disp) { v_rrm(e, 0, 1, false, 0x10, d, NOV, base, disp); }     /* vmovups */
static inline void vstore(Emit *e, int s, int base, int32_t disp) { v_rrm(e, 0, 1, false, 0x11, s, NOV, base, disp); }
static inline void vload64(Emit *e, int d, int base, int32_t disp) { v_rrm(e, 2, 1, false, 0x7e, d, NOV, base, disp); }   /* vmovq x, m */
static inline void vstore64(Emit *e, int s, int base, int32_t disp) { v_rrm(e, 1, 1, false, 0xd6, s, NOV, base, disp); }
static inline void vmovq_xr(Emit *e, int x, int r) { v_rrr(e, 1, 1, true, 0x6e, x, NOV, r); }
static inline void vmovq_rx(Emit *e, int r, int x) { v_rrr(e, 1, 1, true, 0x7e, x, NOV, r); }

static inline uint8_t *jcc(Emit *e, int cc) { e8(e, 0x0f); e8(e, 0x80 | cc); e32(e, 0); return e->p - 4; }
/* over less than 128 bytes */
static inline uint8_t *jcc8(Emit *e, int cc) { e8(e, 0x70 | cc); e8(e, 0); return e->p - 1; }
static inline void patch8(uint8_t *at, const uint8_t *to) { *at = to - (at + 1); }
static inline uint8_t *jmp32(Emit *e) { e8(e, 0xe9); e32(e, 0); return e->p - 4; }
static inline void patch32(uint8_t *at, const uint8_t *to) { int32_t d = to - (at + 4); memcpy(at, &d, 4); }

#endif
