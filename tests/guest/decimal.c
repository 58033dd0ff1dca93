/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decimal instructions as generated code runs them: sums whose value Python's decimal module gives, the
 * facilities they need, and invalid forms. What each instruction computes is the matter of tests/unit.
 */
#include "rt/rt.h"

#define INVALID 0x80000ul
enum { MSR_FP = 0x2000 };
#define MSR_VEC (1ul << 25)
#define MSR_VSX (1ul << 23)
#define ONE 0x2238000000000001ul

static void set_msr(u64 set, u64 clear)
{
    asm volatile("mtmsrd %0; isync" : : "r"((mfmsr() | set) & ~clear) : "memory");
}

static void all_on(void) { set_msr(MSR_FP | MSR_VEC | MSR_VSX, 0); }

/* 1 + 1/2 + ... + 1/1000 */
static void harmonic(u64 *f)
{
    f[0] = 0;
    asm volatile("lfd 1, 8(%0); lfd 2, 8(%0); lfd 3, 0(%0); dcffix 3, 3; mtctr %1;"
                 "1: ddiv 4, 2, 1; dadd 3, 3, 4; dadd 1, 1, 2; bdnz 1b; stfd 3, 0(%0)"
                 : : "b"(f), "r"(1000l) : "memory", "ctr");
}

static void harmonic_extended(u64 *f)
{
    f[0] = 0;
    asm volatile("lfd 10, 8(%0); dctqpq 2, 10; dctqpq 4, 10; lfd 6, 0(%0); dcffixq 6, 6; mtctr %1;"
                 "1: ddivq 8, 4, 2; daddq 6, 6, 8; daddq 2, 2, 4; bdnz 1b; stfd 6, 0(%0); stfd 7, 8(%0)"
                 : : "b"(f), "r"(1000l) : "memory", "ctr");
}

/* 59! */
static void factorial(u64 *f)
{
    asm volatile("lfd 1, 8(%0); lfd 2, 8(%0); lfd 3, 8(%0); mtctr %1;"
                 "1: dmul 3, 3, 1; dadd 1, 1, 2; bdnz 1b; stfd 3, 0(%0)"
                 : : "b"(f), "r"(59l) : "memory", "ctr");
}

/* Packed: 1000 times 7 */
static void packed(u64 *f)
{
    asm volatile("lvx 1, 0, %0; vxor 2, 2, 2; vspltisb 3, 12; vsldoi 2, 2, 3, 1; mtctr %1;"
                 "1: bcdadd. 2, 2, 1, 0; bdnz 1b; stvx 2, 0, %0"
                 : : "b"(f), "r"(1000l) : "memory", "ctr", "cr6");
}

static void do_dfp(long a) { set_msr(0, MSR_FP); asm volatile("dadd 1, 2, 3"); }
static void do_bcd(long a) { set_msr(0, MSR_VEC); asm volatile("bcdadd. 1, 2, 3, 0" : : : "cr6"); }
static void do_odd_target(long a) { asm volatile(".long 0xfc261004" /* daddq 1,6,2 */); }
static void do_odd_source(long a) { asm volatile(".long 0xfc053504" /* dcmpuq cr0,5,6 */); }

static void do_from_quadword(long clear) { set_msr(0, clear); asm volatile(".long 0xfc4017c4" /* dcffixqq 2,2 */); }
static void do_to_quadword(long clear) { set_msr(0, clear); asm volatile(".long 0xfc4117c4" /* dctfixqq 2,2 */); }

static void quadwords(void)
{
    check("dcffixqq", trap(do_from_quadword, 0), 0);
    check("  FP off", trap(do_from_quadword, MSR_FP), 0x800);
    all_on();
    check("  VEC off", trap(do_from_quadword, MSR_VEC), 0xf20);
    all_on();
    check("  VSX off", trap(do_from_quadword, MSR_VSX), 0);
    all_on();
    check("dctfixqq, FP off", trap(do_to_quadword, MSR_FP), 0x800);
    all_on();
    check("  VEC off", trap(do_to_quadword, MSR_VEC), 0xf20);
    all_on();
    check("  VSX off", trap(do_to_quadword, MSR_VSX), 0);
    all_on();
}

void secondary_main(u64 number)
{
}

void test_main(void)
{
    static u64 f[2] __attribute__((aligned(16)));

    all_on();
    f[1] = ONE;
    harmonic(f);
    check("harmonic sum", f[0], 0x3dfe4b9c06cb41c6);
    f[1] = ONE;
    harmonic_extended(f);
    check("harmonic sum, Extended", f[0], 0x3dffe4b9c06cb41c);
    check("  low doubleword", f[1], 0x467356a61046cc0e);
    f[1] = ONE;
    factorial(f);
    check("factorial", f[0], 0x273dea0f4cb9587f);
    f[0] = 0;
    f[1] = 0x7c;
    packed(f);
    check("packed sum", f[1], 0x7000c);
    check("dadd with FP off", trap(do_dfp, 0), 0x800);
    all_on();
    check("bcdadd. with VEC off", trap(do_bcd, 0), 0xf20);
    all_on();
    check("odd target pair", trap(do_odd_target, 0), 0x700);
    check("  reason", trap_info.srr1 & INVALID, INVALID);
    check("odd source pair", trap(do_odd_source, 0), 0x700);
    check("  reason", trap_info.srr1 & INVALID, INVALID);
    if (mfspr(287) >> 16 == 0x80) {     /* POWER10 */
        quadwords();
    }
}
