/*
 * A 128-bit vector register in host form.
 *
 * A VSR is kept as one host 128-bit integer: Power's doubleword 0 (the most significant, where the
 * FPR lives) is the high half. On a little-endian host Power's element i of n is therefore host lane
 * n-1-i; the V_* accessors below take Power's big-endian element numbers (Power ISA Book I, 6.3/7.3)
 * so that code reads as the book does on any host.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_PPC_V128_H
#define TARGET_PPC_V128_H

#include <stdint.h>

typedef unsigned __int128 u128;
typedef __int128 s128;

typedef union V128 {
    u128 q;
    s128 sq;
    uint64_t d[2];
    int64_t sd[2];
    uint32_t w[4];
    int32_t sw[4];
    uint16_t h[8];
    int16_t sh[8];
    uint8_t b[16];
    int8_t sb[16];
} __attribute__((aligned(16))) V128;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define V_LANE(n, i) ((n) - 1 - (i))
#else
#define V_LANE(n, i) (i)
#endif

#define V_D(v, i)  ((v).d[V_LANE(2, i)])
#define V_SD(v, i) ((v).sd[V_LANE(2, i)])
#define V_W(v, i)  ((v).w[V_LANE(4, i)])
#define V_SW(v, i) ((v).sw[V_LANE(4, i)])
#define V_H(v, i)  ((v).h[V_LANE(8, i)])
#define V_SH(v, i) ((v).sh[V_LANE(8, i)])
#define V_B(v, i)  ((v).b[V_LANE(16, i)])
#define V_SB(v, i) ((v).sb[V_LANE(16, i)])

static inline V128 v128_make(uint64_t dw0, uint64_t dw1)
{
    return (V128){ .q = (u128)dw0 << 64 | dw1 };
}

#endif
