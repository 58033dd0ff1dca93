/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Problem state: which instructions and registers it has in a compatibility mode (Power ISA, book III, "Processor
 * Compatibility Register"), and breakpoints there. One page of code is mapped for it by the hash table; each snippet
 * ends in a system call, so that the vector that comes tells what happened: 0xc00, it ran.
 */
#include "rt/rt.h"

enum { H_ENTER = 0x08, H_SET_MODE = 0x31c };
enum { MSR_PR = 0x4000, MSR_FP = 0x2000, ILLEGAL = 0x80000 };
#define EA 0x30000000ul
#define VSID 0x1234ul
#define REAL 0x300000ul

static void map_page(void)
{
    u32 length;
    const u32 *size = fdt_property("ibm,pft-size", &length);
    u64 mask = (1ul << (size[1] - 7)) - 1;

    asm volatile("slbia; isync; slbmte %0, %1; isync" : : "r"(VSID << 12), "r"(EA | 0x8000000 | 3) : "memory");
    check("H_ENTER", hcall(H_ENTER, 0, (VSID & mask) * 8, VSID << 12 | (EA & 0xfffffff) >> 23 << 7 | 1, REAL | 0x12), 0);
}

/* The first level of the book that has it, and its code between two labels */
extern const struct { u32 name, level, code, length; } snippets[], snippets_end[];
#define SNIPPET(name, level, insn) \
    ".pushsection .data\n.long 77f, " #level ", 78f, 79f - 78f\n.popsection\n" \
    "77: .asciz \"" name "\"\n.balign 64\n78: " insn "\n79: .balign 4\n"
asm(".machine power10\n"
    ".pushsection .data\n.balign 8\n.globl snippets, snippets_end\nsnippets:\n.popsection\n"
    SNIPPET("add", 200, "add 3, 4, 5")
    SNIPPET("popcntb", 203, "popcntb 3, 4")
    SNIPPET("cmpb", 205, "cmpb 3, 4, 5")
    SNIPPET("prtyd", 205, "prtyd 3, 4")
    SNIPPET("fcpsgn", 205, "fcpsgn 1, 2, 3")
    SNIPPET("dadd", 205, "dadd 2, 4, 6")
    SNIPPET("popcntd", 206, "popcntd 3, 4")
    SNIPPET("bpermd", 206, "bpermd 3, 4, 5")
    SNIPPET("divde", 206, "divde 3, 4, 5")
    SNIPPET("fcfidus", 206, "fcfidus 1, 2")
    SNIPPET("addg6s", 206, "addg6s 3, 4, 5")
    SNIPPET("xxlxor", 206, "xxlxor 1, 2, 3")
    SNIPPET("mtvsrd", 207, "mtvsrd 1, 3")
    SNIPPET("xxleqv", 207, "xxleqv 1, 2, 3")
    SNIPPET("vaddudm", 207, "vaddudm 1, 2, 3")
    SNIPPET("mfspr TAR", 207, "mfspr 3, 815")
    SNIPPET("mfspr DSCR", 207, "mfspr 3, 3")
    SNIPPET("modud", 300, "modud 3, 4, 5")
    SNIPPET("maddld", 300, "maddld 3, 4, 5, 6")
    SNIPPET("addpcis", 300, "addpcis 3, 0")
    SNIPPET("setb", 300, "setb 3, 0")
    SNIPPET("darn", 300, "darn 3, 0")
    SNIPPET("xsaddqp", 300, "xsaddqp 1, 2, 3")
    SNIPPET("brd", 310, "brd 3, 4")
    SNIPPET("setbc", 310, "setbc 3, 0")
    SNIPPET("pnop", 310, "pnop")
    SNIPPET("paddi", 310, "paddi 3, 4, 77")
    SNIPPET("xxspltiw", 310, "xxspltiw 1, 77")
    ".pushsection .data\nsnippets_end:\n.popsection\n");

static void place(u64 code, u32 length)
{
    volatile u32 *to = (volatile u32 *)REAL;
    const u32 *from = (const u32 *)code;
    unsigned n = 0;

    for (; n < length / 4; n++) {
        to[n] = from[n];
    }
    to[n] = 0x44000002;     /* sc */
    for (unsigned i = 0; i <= n; i++) {
        asm volatile("dcbst 0, %0; sync; icbi 0, %0; sync; isync" : : "r"(to + i) : "memory");
    }
}

static void enter(long unused)
{
    jump(EA, mfmsr() | MSR_PR | MSR_FP | 1ul << 25 | 1ul << 23);
}

static u32 level_of(u32 pvr)
{
    switch (pvr >> 16) {
    case 0x3f: case 0x4a: return 206;
    case 0x4b: case 0x4c: case 0x4d: return 207;
    case 0x4e: return 300;
    case 0x0f00: return pvr == 0x0f000002 ? 205 : pvr == 0x0f000003 ? 206 : pvr == 0x0f000004 ? 207 : pvr == 0x0f000005 ? 300 : 310;
    case 0x0f10: return 206;
    default: return 310;
    }
}

static void breakpoint(void)
{
    static const u32 two[] = { 0x60000000, 0x60000000 };

    if (hcall(H_SET_MODE, 0, 1, 0, 0) == -55) {
        put("SKIP this platform has no breakpoints\n");
        return;
    }
    place((u64)two, sizeof(two));
    hcall(H_SET_MODE, 0, 1, EA | 2, 0);
    check("a breakpoint of privileged state", trap(enter, 0), 0xc00);
    hcall(H_SET_MODE, 0, 1, EA | 1, 0);
    check("a breakpoint of problem state", trap(enter, 0), 0xd00);
    check("  SRR0", trap_info.srr0, EA + 4);
    hcall(H_SET_MODE, 0, 1, 0, 0);
    check("and without", trap(enter, 0), 0xc00);
}

void test_main(void)
{
    u32 length;
    u32 level = level_of(*fdt_property("cpu-version", &length));

    put("level ");
    put_hex(level);
    put("\n");
    mtspr(22, 0x7fffffff);
    if (mfspr(287) >> 16 >= 0x4b && mfspr(287) >> 16 != 0x4a) {
        mtspr(153, 1ul << 8 | 1ul << 2 | 1ul << 13);    /* FSCR: TAR, DSCR, prefixed instructions */
    }
    map_page();
    for (unsigned i = 0; &snippets[i] < snippets_end; i++) {
        place(snippets[i].code, snippets[i].length);
        check((const char *)(u64)snippets[i].name, trap(enter, 0), snippets[i].level <= level ? 0xc00 : 0x700);
        if (snippets[i].level > level) {
            check("  reason", trap_info.srr1 & 0xf0000, ILLEGAL);
            check("  SRR0", trap_info.srr0, EA);
        }
    }
    breakpoint();
}
void secondary_main(u64 number) { }
