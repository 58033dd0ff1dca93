/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which special purpose registers privileged state can read: those that leave something else in the register than was there. One
 * line a number; `trap` instead where the read does not end. What a processor does not have reads as a no-op or as an
 * interrupt, by its number (Power ISA, book III, "Move To/From System Register Instructions").
 */
#include "rt/rt.h"

static u64 (*read_it)(u64 before);
static u32 code[2] __attribute__((aligned(64)));

static u64 seen[2];

static void read_both(long unused)
{
    seen[0] = read_it(0x123456789abcdef0ul);
    seen[1] = read_it(0xfedcba9876543211ul);
}

void test_main(void)
{
    for (u32 n = 0; n < 1024; n++) {
        code[0] = 0x7c6002a6 | (n & 31) << 16 | n >> 5 << 11;       /* mfspr r3, n */
        code[1] = 0x4e800020;                                       /* blr */
        asm volatile("dcbst 0, %0; sync; icbi 0, %0; sync; isync" : : "r"(code) : "memory");
        read_it = (u64 (*)(u64))(u64)code;
        int vector = trap(read_both, 0);
        if (vector || seen[0] != 0x123456789abcdef0ul || seen[1] != 0xfedcba9876543211ul) {
            put("spr ");
            put_hex(n);
            put(vector ? " trap\n" : "\n");
        }
    }
    check("done", 0, 0);
}

void secondary_main(u64 number) { }
