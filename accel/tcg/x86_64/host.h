/*
 * What the host processor has beyond AVX, and constants that generated code reaches without a register.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_TCG_X86_64_HOST_H
#define ACCEL_TCG_X86_64_HOST_H

#include "accel/tcg/x86_64/emit.h"
#include "target/ppc/v128.h"

/* An operation whose instruction is missing runs the interpreter's function instead. */
typedef struct JitHost { bool avx2, fma, aes, clmul; } JitHost;
extern JitHost jit_host;
void jit_host_detect(void);

/* The part of the code buffer (writable view) that constants may use; near enough for rip-relative operands. */
#define JIT_CONSTANT_BYTES 65536
void jit_constants_init(uint8_t *area);
void jit_constants_reset(void);         /* with all code that names them */

/* One copy of `v`, in the code buffer as long as there is room. */
V128 *jit_constant_of(V128 v);

/* A VEX operation with the constant as its last operand; may spoil rax. `tail`: bytes that follow (imm8). */
void v_rrk(Emit *e, int pp, int map, bool w, int op, int reg, int vvvv, V128 k, int tail);
/* xmm = k */
void v_load_k(Emit *e, int reg, V128 k);

static inline V128 splat8(uint8_t v) { uint64_t d = v * 0x0101010101010101ull; return v128_make(d, d); }
static inline V128 splat16(uint16_t v) { uint64_t d = v * 0x0001000100010001ull; return v128_make(d, d); }
static inline V128 splat32(uint32_t v) { uint64_t d = v * 0x0000000100000001ull; return v128_make(d, d); }
static inline V128 splat64(uint64_t v) { return v128_make(v, v); }

#endif
