/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interrupts taken in real mode: which vector, SRR0, the reason bits of SRR1, DAR. The expectations are the Power ISA's
 * (book III, "Interrupt Definitions"); the same image runs on the peer, which must agree with them too.
 */
#include "rt/rt.h"

#define REASON 0x783f0000ul     /* SRR1 bits an interrupt sets: 33:36 and 42:47 */
enum { MSR_EE = 0x8000, MSR_FP = 0x2000, MSR_SE = 0x400, MSR_RI = 2 };

static void set_msr(u64 set, u64 clear)
{
    asm volatile("mtmsrd %0; isync" : : "r"((mfmsr() | set) & ~clear) : "memory");
}

static void do_sc(long a) { asm volatile("li 3, 0; sc 0" : : : "r3", "memory"); }
static void do_illegal(long a) { asm volatile(".long 0"); }
static void do_trap(long a) { asm volatile("tw 31, 0, 0"); }
static void do_trap_taken(long a) { asm volatile("tdnei %0, 5" : : "r"(a)); }
static void do_fp(long a) { set_msr(0, MSR_FP); asm volatile("fmr 1, 2"); }
static void do_vmx(long a) { set_msr(0, 1ul << 25); asm volatile(".long 0x10000484" /* vor 0,0,0 */); }
static void do_vsx(long a) { set_msr(MSR_FP | 1ul << 25, 1ul << 23); asm volatile(".long 0xf0000497" /* xxlor 32.. */); }
static void do_lwarx(long a) { asm volatile("lwarx 4, 0, %0" : : "r"(a) : "r4", "memory"); }
static void do_ldarx(long a) { asm volatile("ldarx 4, 0, %0" : : "r"(a) : "r4", "memory"); }

static void do_decrementer(long a)
{
    mtspr(22, 1000);
    set_msr(MSR_EE, 0);
    for (;;) {
        asm volatile("");
    }
}

/* A decrementer that went below zero while EE was off is still pending when EE comes on. */
static void do_decrementer_late(long a)
{
    mtspr(22, 1);
    for (u64 start = mfspr(268); mfspr(268) - start < 5000;) {
    }
    set_msr(MSR_EE, 0);
    /* A busy host may run whoever raises the interrupt late: give it a minute. */
    for (u64 start = mfspr(268); mfspr(268) - start < 60 * 512000000ull;) {
    }
}

extern char step_target[], step_after[];
static void do_step(long a)
{
    jump((u64)step_target, mfmsr() | MSR_SE);
}
asm(".globl step_target, step_after\nstep_target: nop\nstep_after: nop\nnop\nblr\n");

static void expect(const char *name, void (*fn)(long), long arg, int vector, u64 reason)
{
    check(name, trap(fn, arg), vector);
    if (vector) {
        check("  reason", trap_info.srr1 & REASON, reason);
        check("  SRR1[SF]", trap_info.srr1 >> 63, 1);
    }
}

/* The count cache flush, an invalid form with a use: not taken it does nothing, taken it decrements CTR (tested before). */
static u64 fell, ctr_after;

static void flush_count_cache(long ctr)
{
    u64 f, after;

    asm volatile("crclr 0; mtctr %2; .long 0x4c400420; li %0, 1; mfctr %1" : "=r"(f), "=r"(after) : "r"(ctr) : "ctr", "cr0");
    fell = f;
    ctr_after = after;
}

static void decrementing_bcctr(void)
{
    u64 from_target, there;

    check("bcctr 2 with CTR 0x7fff", trap(flush_count_cache, 0x7fff), 0);
    check("  falls through", fell, 1);
    check("  CTR", ctr_after, 0x7fff);
    asm volatile("crclr 0; bcl 20, 31, 1f; 1: mflr 9; addi 9, 9, 2f - 1b; mtctr 9; li %0, 0; .long 0x4c000420; li %0, 1;"
                 "2: mfctr %1; subf %1, 9, %1" : "=&r"(there), "=&r"(from_target) : : "ctr", "cr0", "lr", "r9");
    check("bcctr 0 with CTR not 0 is taken", there, 0);
    check("  CTR from its target", from_target, -1ul);
}

void test_main(void)
{
    decrementing_bcctr();
    mtspr(22, 0x7fffffff);
    expect("system call", do_sc, 0, 0xc00, 0);
    check("  SRR0 is the next instruction", *(u32 *)(trap_info.srr0 - 4), 0x44000002);
    expect("illegal instruction", do_illegal, 0, 0x700, 0x80000);
    check("  SRR0 is the instruction", *(u32 *)trap_info.srr0, 0);
    expect("trap", do_trap, 0, 0x700, 0x20000);
    check("  SRR0 is the instruction", *(u32 *)trap_info.srr0, 0x7fe00008);
    expect("tdnei taken", do_trap_taken, 4, 0x700, 0x20000);
    expect("tdnei not taken", do_trap_taken, 5, 0, 0);
    expect("floating point off", do_fp, 0, 0x800, 0);
    expect("vector off", do_vmx, 0, 0xf20, 0);
    expect("VSX off", do_vsx, 0, 0xf40, 0);
    expect("lwarx unaligned", do_lwarx, 0x100002, 0x600, 0);
    check("  DAR", trap_info.dar, 0x100002);
    expect("ldarx unaligned", do_ldarx, 0x100004, 0x600, 0);
    check("  DAR", trap_info.dar, 0x100004);
    check("trace", trap(do_step, 0), 0xd00);
    check("  SRR0 is the next instruction", trap_info.srr0, (u64)step_after);
    expect("decrementer", do_decrementer, 0, 0x900, 0);
    expect("decrementer that passed with EE off", do_decrementer_late, 0, 0x900, 0);
    mtspr(22, 0x7fffffff);

    static const u64 value = 0x1122334455667788;
    check("a little-endian load after MSR[LE] is set", little_endian((u64)&value), 0x8877665544332211);
}
void secondary_main(u64 number) { }
