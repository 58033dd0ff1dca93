/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The trace interrupt in real mode: single step, branch trace and the completed instruction address breakpoint, with
 * where SRR0 points and what SRR1 says of the traced instruction (Power ISA, book III, "Trace Interrupt").
 */
#include "rt/rt.h"

#define REASON 0x783f0000ul     /* SRR1 bits an interrupt sets: 33:36 and 42:47 */
enum { H_SET_MODE = 0x31c, MSR_SE = 0x400, MSR_BE = 0x200 };
enum { PROBLEM = 1, PRIVILEGED = 2 };
enum { ANY = 0x40000000, PREFIXED = 0x20000000, LOAD = 0x10000000, STORE = 0x08000000, MATCH = 0x00100000 };

extern char at_nop[], at_load[], at_store[], at_branch[], branched[], at_not_taken[], at_loop[], after_loop[], at_trap[], at_sc[],
            at_rfid[], at_unaligned[], at_mtmsrd[], at_pnop[], at_end[];
asm(".balign 64\n"
    ".globl at_nop, at_load, at_store, at_branch, branched, at_not_taken, at_loop, after_loop, at_trap, at_sc, at_rfid, at_unaligned\n"
    ".globl at_mtmsrd, at_pnop, at_end\n"
    "at_nop:       nop\n"
    "at_load:      ld 4, 0(3)\n"
    "at_store:     std 4, 0(3)\n"
    "at_branch:    b branched\n"
    "              nop\n"
    "branched:     crclr 0\n"
    "at_not_taken: bc 12, 0, at_nop\n"
    "              li 5, 5\n"
    "              mtctr 5\n"
    "at_loop:      bdnz at_loop\n"
    "after_loop:   nop\n"
    "at_mtmsrd:    mtmsrd 6\n"
    "at_end:       blr\n"
    "at_trap:      trap\n"
    "at_sc:        sc\n"
    "at_unaligned: lwarx 4, 0, 3\n"
    "              blr\n"
    ".balign 64\n"
    "at_pnop:      .long 0x07000000, 0\n"
    "              blr\n"
    "at_rfid:      rfid\n");

static u64 data, msr;

/* The code from pc on, with these bits added to MSR by the rfid that goes there */
static void run(u64 pc, u64 bits, u64 r3)
{
    asm volatile("mtsrr0 %0; mtsrr1 %1; mr 3, %2; mr 6, %3; bcl 20, 31, 1f; 1: mflr 5; addi 5, 5, 2f - 1b; mtlr 5; rfid; 2:"
                 : : "r"(pc), "r"(msr | bits), "b"(r3), "r"(msr) : "r3", "r4", "r5", "r6", "lr", "ctr", "cr0", "memory");
}

static u64 run_pc, run_bits, run_r3;
static void runner(long unused) { run(run_pc, run_bits, run_r3); }
static int trap_run(char *pc, u64 bits, u64 r3)
{
    run_pc = (u64)pc;
    run_bits = bits;
    run_r3 = r3;
    return trap(runner, 0);
}

/* Through rfid from the code at at_rfid to at_end */
static void return_runner(long unused)
{
    asm volatile("bcl 20, 31, 1f; 1: mflr 5; addi 5, 5, 2f - 1b; mtlr 5; mtsrr0 %0; mtsrr1 %1; mtctr %2; bctr; 2:"
                 : : "r"(at_end), "r"(msr), "r"(at_rfid) : "r5", "lr", "ctr", "memory");
}

static void breakpoint(char *address, unsigned where)
{
    check("H_SET_MODE", hcall(H_SET_MODE, 0, 1, (u64)address | where, 0), 0);
}

static void traced(const char *name, char *pc, u64 bits, u64 r3, char *next, u64 reason)
{
    check(name, trap_run(pc, bits, r3), 0xd00);
    check("  SRR0", trap_info.srr0, (u64)next);
    check("  SRR1", trap_info.srr1 & REASON, reason);
}

static void single_step(void)
{
    traced("step", at_nop, MSR_SE, 0, at_load, ANY);
    traced("step a load", at_load, MSR_SE, (u64)&data, at_store, ANY | LOAD);
    traced("step a store", at_store, MSR_SE, (u64)&data, at_branch, ANY | STORE);
    traced("step a branch", at_branch, MSR_SE, 0, branched, ANY);
    traced("step mtmsrd that ends it", at_mtmsrd, MSR_SE, 0, at_end, ANY);
    check("step sc", trap_run(at_sc, MSR_SE, 0), 0xc00);
    check("step trap", trap_run(at_trap, MSR_SE, 0), 0x700);
    check("step an unaligned lwarx", trap_run(at_unaligned, MSR_SE, 0x100002), 0x600);
    traced("branch trace", at_nop, MSR_BE, (u64)&data, branched, ANY);
    traced("branch trace of one not taken", branched, MSR_BE, 0, at_not_taken + 4, ANY);
}

static void completed_address(void)
{
    if (hcall(H_SET_MODE, 0, 1, 0, 0) == -55) {
        put("SKIP this platform has no breakpoints\n");
        return;
    }
    breakpoint(at_nop, PRIVILEGED);
    traced("breakpoint", at_nop, 0, (u64)&data, at_load, ANY | MATCH);
    traced("breakpoint and step", at_nop, MSR_SE, 0, at_load, ANY | MATCH);
    check("elsewhere", trap_run(at_load, 0, (u64)&data), 0);
    breakpoint(at_load, PRIVILEGED);
    traced("breakpoint at a load", at_nop, 0, (u64)&data, at_store, ANY | MATCH);
    breakpoint(at_branch, PRIVILEGED);
    traced("breakpoint at a branch", at_nop, 0, (u64)&data, branched, ANY | MATCH);
    breakpoint(at_loop, PRIVILEGED);
    traced("breakpoint at a branch to itself", at_nop, 0, (u64)&data, at_loop, ANY | MATCH);
    breakpoint(at_not_taken, PRIVILEGED);
    traced("breakpoint at a branch not taken", at_nop, 0, (u64)&data, at_not_taken + 4, ANY | MATCH);
    breakpoint(at_mtmsrd, PRIVILEGED);
    traced("breakpoint at mtmsrd", at_nop, 0, (u64)&data, at_end, ANY | MATCH);
    breakpoint(at_sc, PRIVILEGED);
    check("breakpoint at sc", trap_run(at_sc, 0, 0), 0xc00);
    breakpoint(at_trap, PRIVILEGED);
    check("breakpoint at trap", trap_run(at_trap, 0, 0), 0x700);
    breakpoint(at_unaligned, PRIVILEGED);
    check("breakpoint at an unaligned lwarx", trap_run(at_unaligned, 0, 0x100002), 0x600);
    traced("  and at an aligned one", at_unaligned, 0, (u64)&data, at_unaligned + 4, ANY | MATCH);
    breakpoint(at_rfid, PRIVILEGED);
    check("breakpoint at rfid", trap(return_runner, 0), 0);
    breakpoint((char *)0xc00, PRIVILEGED);
    check("breakpoint at an interrupt vector", trap_run(at_sc, 0, 0), 0xd00);
    check("  SRR0", trap_info.srr0, 0xc04);
    if (mfspr(287) >> 16 >= 0x80) {
        breakpoint(at_pnop, PRIVILEGED);
        traced("breakpoint at pnop", at_pnop, 0, 0, at_pnop + 8, ANY | PREFIXED | MATCH);
    }
    breakpoint(at_nop, PROBLEM);
    check("of problem state alone", trap_run(at_nop, 0, (u64)&data), 0);
    breakpoint(at_nop, 0);
    check("switched off", trap_run(at_nop, 0, (u64)&data), 0);
    check("of hypervisor state", hcall(H_SET_MODE, 0, 1, (u64)at_nop | 3, 0), (u64)-56);
    check("with a second value", hcall(H_SET_MODE, 0, 1, (u64)at_nop | 2, 1), (u64)-57);
}

void test_main(void)
{
    msr = mfmsr();
    mtspr(22, 0x7fffffff);
    single_step();
    completed_address();
}
void secondary_main(u64 number) { }
