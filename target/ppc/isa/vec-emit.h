/*
 * Vector computations as IR, for the rows of VMX and VSX: what takes several IR operations and several rows share.
 *
 * Lane sizes: 0 byte, 1 halfword, 2 word, 3 doubleword. An element with an even number in the book is the more
 * significant part of the wider lane that holds it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_PPC_ISA_VEC_EMIT_H
#define TARGET_PPC_ISA_VEC_EMIT_H

#include "accel/tcg/ir.h"

Val vec_splat(unsigned lane, uint64_t element);         /* the constant in every lane */
Val vec_gtu(unsigned lane, Val a, Val b);               /* all ones where a > b unsigned */
/* The high (even) or low (odd) half of each lane, extended to the lane; lane 1..3. */
Val vec_part(unsigned lane, bool even, bool is_signed, Val v);
Val vec_sign(unsigned lane, Val v);                     /* lanes filled with their sign */
void vec_note_sat(Val wanted, Val got);                 /* VSCR[SAT] if they differ */

/* Words, saturating; the caller notes what differs from the modulo result. */
Val vec_add_sat_words(bool is_signed, Val a, Val b);
Val vec_sub_sat_words(bool is_signed, Val a, Val b);
Val vec_average(unsigned lane, bool is_signed, Val a, Val b);
Val vec_abs_difference(unsigned lane, Val a, Val b);
Val vec_carry_words(Val a, Val b, bool subtract);       /* 1 where a + b carries; or a - b does not borrow */

/* Products of even or odd elements; `lane` is the product's. */
Val vec_mul_parts(unsigned lane, bool even, bool is_signed, Val a, Val b);
Val vec_mul_doublewords(Val a, Val b);
/* Sums within words: of four bytes, of two halfwords. */
Val vec_sum_bytes(bool is_signed, Val v);
Val vec_sum_halfwords(bool is_signed, Val v);
Val vec_dot_bytes(bool a_signed, Val a, Val b, Val c);
Val vec_dot_halfwords(bool is_signed, Val a, Val b, Val c);

/* Lanes (1, 2) of a, then of b, cut to half after clamping; sets VSCR[SAT]. */
Val vec_pack_sat(unsigned lane, bool from_signed, bool to_signed, Val a, Val b);
Val vec_unpack_signed(unsigned lane, bool low, Val v);  /* `lane` is the result's */
Val vec_extend(unsigned from, unsigned to, Val v);      /* sign of the low part of each lane */

/* 128-bit integers */
Val vec_add_quad(Val a, Val b);
Val vec_sub_quad(Val a, Val b);
Val vec_less_quad(Val a, Val b);                        /* 1 if a < b unsigned, else 0 */

Val vec_shift_octets(bool right, Val a, Val b);         /* vslo, vsro */
Val vec_shift_bits(bool right, Val a, Val b);           /* vsl, vsr */

Val vec_count_ones(unsigned lane, Val v);
Val vec_count_leading_zeros(unsigned lane, Val v);
Val vec_count_trailing_zeros(unsigned lane, Val v);
Val vec_transpose_bits(Val v);                          /* vgbbd */
Val vec_gather_bits(Val a, Val b);                      /* vbpermq */
Val vec_byte_mask(Val v);                               /* the last bit of each byte: byte 15 is bit 0 */

/* Bytes at a constant place: out to the right of doubleword 0, and from there into t. */
Val vec_extract_bytes(Val v, unsigned at, unsigned width);
Val vec_insert_bytes(Val t, Val v, unsigned at, unsigned width);

#endif
