/*
 * See vec-emit.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa/vec-emit.h"
#include "target/ppc/isa.h"

Val vec_splat(unsigned lane, uint64_t element)
{
    uint64_t d = element;

    for (unsigned bits = 8u << lane; bits < 64; bits *= 2) {
        d = (d & (~0ull >> (64 - bits))) * (1 | 1ull << bits);
    }
    return vconst(d, d);
}

static Val zero(void)
{
    return vconst(0, 0);
}

Val vec_gtu(unsigned lane, Val a, Val b)
{
    Val s = vec_splat(lane, 1ull << ((8u << lane) - 1));

    if (lane < 3) {
        return vnot(vop2(IR_VCMPEQ, lane, vop2(IR_VMINU, lane, a, b), a));
    }
    /* flip the sign bits: unsigned order becomes signed order */
    return vop2(IR_VCMPGTS, lane, vxor(a, s), vxor(b, s));
}

Val vec_sign(unsigned lane, Val v)
{
    return lane == 1 || lane == 2 ? vopi(IR_VSARI, lane, (8u << lane) - 1, v) : vop2(IR_VCMPGTS, lane, zero(), v);
}

Val vec_part(unsigned lane, bool even, bool is_signed, Val v)
{
    unsigned half = 4u << lane;

    if (even) {
        return is_signed ? vopi(IR_VSARI, lane, half, v) : vopi(IR_VSHRI, lane, half, v);
    }
    return is_signed ? vopi(IR_VSARI, lane, half, vopi(IR_VSHLI, lane, half, v))
                     : vand(v, vec_splat(lane, (1ull << half) - 1));
}

void vec_note_sat(Val wanted, Val got)
{
    Val differ = bxor(vmask(vop2(IR_VCMPEQ, 0, wanted, got)), iconst(0xffff));

    slot_set(SLOT_SAT, bor(slot_get(SLOT_SAT), differ));
}

Val vec_add_sat_words(bool is_signed, Val a, Val b)
{
    Val sum, over;

    if (!is_signed) {
        return vop2(IR_VADD, 2, a, vop2(IR_VMINU, 2, b, vnot(a)));
    }
    sum = vop2(IR_VADD, 2, a, b);
    over = vec_sign(2, vandc(vxor(sum, a), vxor(a, b)));
    return vsel(over, vxor(vec_sign(2, a), vec_splat(2, INT32_MAX)), sum);
}

Val vec_sub_sat_words(bool is_signed, Val a, Val b)
{
    Val d, over;

    if (!is_signed) {
        return vop2(IR_VSUB, 2, vop2(IR_VMAXU, 2, a, b), b);
    }
    d = vop2(IR_VSUB, 2, a, b);
    over = vec_sign(2, vand(vxor(a, b), vxor(a, d)));
    return vsel(over, vxor(vec_sign(2, a), vec_splat(2, INT32_MAX)), d);
}

Val vec_average(unsigned lane, bool is_signed, Val a, Val b)
{
    Val s = vec_splat(lane, 1ull << ((8u << lane) - 1));

    if (lane == 2) {        /* a + b is twice what is common, and what is not */
        Val x = vxor(a, b);
        return vop2(IR_VSUB, 2, vor(a, b), is_signed ? vopi(IR_VSARI, 2, 1, x) : vopi(IR_VSHRI, 2, 1, x));
    }
    return is_signed ? vxor(vop2(IR_VAVGU, lane, vxor(a, s), vxor(b, s)), s) : vop2(IR_VAVGU, lane, a, b);
}

Val vec_abs_difference(unsigned lane, Val a, Val b)
{
    return vop2(IR_VSUB, lane, vop2(IR_VMAXU, lane, a, b), vop2(IR_VMINU, lane, a, b));
}

Val vec_carry_words(Val a, Val b, bool subtract)
{
    /* a + b carries where b is more than ~a; a - b borrows where b is more than a */
    Val more = vec_gtu(2, b, subtract ? a : vnot(a));

    return vopi(IR_VSHRI, 2, 31, subtract ? vnot(more) : more);
}

Val vec_mul_parts(unsigned lane, bool even, bool is_signed, Val a, Val b)
{
    if (lane == 3) {
        Val x = even ? vopi(IR_VSHRI, 3, 32, a) : a, y = even ? vopi(IR_VSHRI, 3, 32, b) : b;
        return vop2(is_signed ? IR_VMULWS : IR_VMULWU, 0, x, y);
    }
    return vop2(IR_VMUL, lane, vec_part(lane, even, is_signed, a), vec_part(lane, even, is_signed, b));
}

Val vec_mul_doublewords(Val a, Val b)
{
    Val cross = vop2(IR_VADD, 3, vop2(IR_VMULWU, 0, vopi(IR_VSHRI, 3, 32, a), b),
                     vop2(IR_VMULWU, 0, a, vopi(IR_VSHRI, 3, 32, b)));

    return vop2(IR_VADD, 3, vop2(IR_VMULWU, 0, a, b), vopi(IR_VSHLI, 3, 32, cross));
}

Val vec_sum_halfwords(bool is_signed, Val v)
{
    return vop2(IR_VADD, 2, vec_part(2, true, is_signed, v), vec_part(2, false, is_signed, v));
}

Val vec_sum_bytes(bool is_signed, Val v)
{
    return vec_sum_halfwords(is_signed, vop2(IR_VADD, 1, vec_part(1, true, is_signed, v), vec_part(1, false, is_signed, v)));
}

Val vec_dot_bytes(bool a_signed, Val a, Val b, Val c)
{
    for (int even = 0; even < 2; even++) {
        Val p = vop2(IR_VMUL, 1, vec_part(1, even, a_signed, a), vec_part(1, even, false, b));
        c = vop2(IR_VADD, 2, c, vec_sum_halfwords(a_signed, p));
    }
    return c;
}

Val vec_dot_halfwords(bool is_signed, Val a, Val b, Val c)
{
    if (is_signed) {
        return vop2(IR_VADD, 2, c, vop2(IR_VDOTHS, 0, a, b));
    }
    return vop2(IR_VADD, 2, c, vop2(IR_VADD, 2, vec_mul_parts(2, true, false, a, b), vec_mul_parts(2, false, false, a, b)));
}

Val vec_pack_sat(unsigned lane, bool from_signed, bool to_signed, Val a, Val b)
{
    unsigned half = 4u << lane, width = 1u << lane;
    uint64_t max = (1ull << (half - to_signed)) - 1;
    Val v[2] = { a, b };
    uint8_t c[16];

    for (int i = 0; i < 2; i++) {
        Val x = v[i];
        v[i] = vop2(from_signed ? IR_VMINS : IR_VMINU, lane, x, vec_splat(lane, max));
        if (from_signed) {
            v[i] = vop2(IR_VMAXS, lane, v[i], vec_splat(lane, to_signed ? ~max : 0));
        }
        vec_note_sat(x, v[i]);
    }
    for (unsigned i = 0; i < 16; i++) {
        c[i] = i / (width / 2) * width + width / 2 + i % (width / 2);
    }
    return vshuf(v[0], v[1], c);
}

Val vec_unpack_signed(unsigned lane, bool low, Val v)
{
    unsigned width = 1u << lane, half = width / 2;
    uint8_t c[16];

    /* Each element to the upper half of its new lane; the sign to the left of it, or shifted in. */
    for (unsigned i = 0; i < 16; i++) {
        unsigned from = (low ? 8 : 0) + i / width * half + i % half;
        c[i] = lane == 3 ? from + (i % width < half ? 0 : 16) : from;
    }
    if (lane == 3) {
        return vshuf(vec_sign(2, v), v, c);
    }
    return vopi(IR_VSARI, lane, 8 * half, vshuf(v, v, c));
}

Val vec_extend(unsigned from, unsigned to, Val v)
{
    static const uint8_t low_words[16] = { 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31 };
    unsigned by = 32 - (8u << from);

    if (from < 2) {
        v = vopi(IR_VSARI, 2, by, vopi(IR_VSHLI, 2, by, v));
    }
    return to == 3 ? vshuf(vec_sign(2, v), v, low_words) : v;
}

/* The low doubleword to the high one's place, zero below; and the other way. */
static Val raised(Val v)
{
    return vshuf(v, zero(), (const uint8_t[16]){ 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23 });
}

static Val lowered(Val v)
{
    return vshuf(zero(), v, (const uint8_t[16]){ 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23 });
}

Val vec_add_quad(Val a, Val b)
{
    /* The low half carries where b > ~a unsigned; both with the sign flipped. */
    Val carry = vop2(IR_VCMPGTS, 3, vxor(b, vec_splat(3, 1ull << 63)), vxor(a, vec_splat(3, INT64_MAX)));

    return vop2(IR_VSUB, 3, vop2(IR_VADD, 3, a, b), raised(carry));
}

Val vec_sub_quad(Val a, Val b)
{
    return vop2(IR_VADD, 3, vop2(IR_VSUB, 3, a, b), raised(vec_gtu(3, b, a)));
}

Val vec_less_quad(Val a, Val b)
{
    /* In the low half: the high halves are less, or are equal and the low ones less. The two lowered side by side make the path shorter. */
    Val less = vec_gtu(3, b, a), r = vor(lowered(less), vand(less, lowered(vop2(IR_VCMPEQ, 3, a, b))));

    return vopi(IR_VSHRI, 3, 63, r);
}

static Val last_byte(Val b)
{
    static const uint8_t c[16] = { 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15 };

    return vshuf(b, b, c);
}

Val vec_shift_octets(bool right, Val a, Val b)
{
    Val n = vand(vopi(IR_VSHRI, 1, 3, last_byte(b)), vec_splat(0, 15));

    if (right) {
        return vperm(zero(), a, vop2(IR_VSUB, 0, vconst(0x1011121314151617, 0x18191a1b1c1d1e1f), n));
    }
    return vperm(a, zero(), vop2(IR_VADD, 0, vconst(0x0001020304050607, 0x08090a0b0c0d0e0f), n));
}

Val vec_shift_bits(bool right, Val a, Val b)
{
    Val n = vand(last_byte(b), vec_splat(3, 7)), rest = vxor(n, vec_splat(3, 63));

    /* What crosses the middle is shifted by 64 - n: by one, and by 63 - n. */
    if (right) {
        Val down = vop2(IR_VSHL, 3, vopi(IR_VSHLI, 3, 1, a), rest);
        return vor(vop2(IR_VSHR, 3, a, n), lowered(down));
    }
    Val up = vop2(IR_VSHR, 3, vopi(IR_VSHRI, 3, 1, a), rest);
    return vor(vop2(IR_VSHL, 3, a, n), raised(up));
}

/* T[nibble] for each byte's high or low nibble; T's first byte in the first place of the constant. */
static Val by_nibble(Val v, bool high, uint64_t t0, uint64_t t1)
{
    Val n = vand(high ? vopi(IR_VSHRI, 1, 4, v) : v, vec_splat(0, 15)), table = vconst(t0, t1);

    return vperm(table, table, n);
}

Val vec_count_ones(unsigned lane, Val v)
{
    if (lane == 3) {
        return i2v(popcnt64(v2i_hi(v)), popcnt64(v2i_lo(v)));
    }
    Val n = vop2(IR_VADD, 0, by_nibble(v, true, 0x0001010201020203, 0x0102020302030304),
                 by_nibble(v, false, 0x0001010201020203, 0x0102020302030304));

    for (unsigned size = 1; size <= lane; size++) {
        n = vop2(IR_VADD, size, vec_part(size, true, false, n), vec_part(size, false, false, n));
    }
    return n;
}

Val vec_count_leading_zeros(unsigned lane, Val v)
{
    if (lane == 3) {
        return i2v(clz64(v2i_hi(v)), clz64(v2i_lo(v)));
    }
    Val high = by_nibble(v, true, 0x0403020201010101, 0), low = by_nibble(v, false, 0x0403020201010101, 0);
    Val n = vop2(IR_VADD, 0, high, vand(low, vop2(IR_VCMPEQ, 0, high, vec_splat(0, 4))));

    /* Twice the width: the low half counts if the high one is all zeros. */
    for (unsigned size = 1; size <= lane; size++) {
        Val h = vec_part(size, true, false, n), l = vec_part(size, false, false, n);
        n = vop2(IR_VADD, size, h, vand(l, vop2(IR_VCMPEQ, size, h, vec_splat(size, 4u << size))));
    }
    return n;
}

Val vec_count_trailing_zeros(unsigned lane, Val v)
{
    if (lane == 3) {
        return i2v(ctz64(v2i_hi(v)), ctz64(v2i_lo(v)));
    }
    return vec_count_ones(lane, vandc(vop2(IR_VADD, lane, v, vec_splat(lane, ~0ull)), v));
}

Val vec_transpose_bits(Val v)
{
    static const struct { uint8_t by; uint64_t mask; } swap[] = {
        { 7, 0x00aa00aa00aa00aa }, { 14, 0x0000cccc0000cccc }, { 28, 0x00000000f0f0f0f0 },
    };

    for (int i = 0; i < 3; i++) {
        Val t = vand(vxor(v, vopi(IR_VSHRI, 3, swap[i].by, v)), vec_splat(3, swap[i].mask));
        v = vxor(v, vxor(t, vopi(IR_VSHLI, 3, swap[i].by, t)));
    }
    return v;
}

Val vec_gather_bits(Val a, Val b)
{
    Val byte = vperm(a, a, vand(vopi(IR_VSHRI, 1, 3, b), vec_splat(0, 15)));
    Val bits = vconst(0x8040201008040201, 0), bit = vperm(bits, bits, vand(b, vec_splat(0, 7)));
    Val set = vop2(IR_VCMPEQ, 0, vand(byte, bit), bit), beyond = vec_sign(0, b);

    return i2v(vmask(vandc(set, beyond)), iconst(0));
}

Val vec_byte_mask(Val v)
{
    return vmask(vopi(IR_VSHLI, 1, 7, v));
}

Val vec_extract_bytes(Val v, unsigned at, unsigned width)
{
    uint8_t c[16];

    for (unsigned i = 0; i < 16; i++) {
        c[i] = i < 8 && i >= 8 - width ? (at + i + width - 8) & 15 : 16;
    }
    return vshuf(v, zero(), c);
}

Val vec_insert_bytes(Val t, Val v, unsigned at, unsigned width)
{
    uint8_t c[16];

    for (unsigned i = 0; i < 16; i++) {
        unsigned k = (i - at) & 15;
        c[i] = k < width ? 16 + 8 - width + k : i;
    }
    return vshuf(t, v, c);
}
