/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Byte order: MSR[LE] switched by rfid around loads and stores of each size, instructions fetched in either order, and interrupts
 * that are taken in the order H_SET_MODE asked for (LPCR[ILE]) and come back to the order they came from.
 */
#include "rt/rt.h"

enum { H_SET_MODE = 0x31c, SET_MODE_LE = 4 };

extern u64 le_run(const u32 *code, u64 a, u64 b);
extern const u32 le_vector[], le_vector_end[];
extern volatile u64 le_seen;
asm(".text\n"
    /* u64 le_run(code, a, b): code's instructions, bytes already turned round, in little-endian mode with r3 = a and r4 = b; they end in blr
       to where the mode is switched back. Keeps what a function may not change. */
    ".globl le_run\n"
    "le_run: mflr 9; mfmsr 10; bcl 20, 31, 1f\n"
    "1: mflr 8; addi 8, 8, 2f - 1b; mtlr 8\n"
    "mtspr 26, 3; ori 7, 10, 1; mtspr 27, 7; mr 3, 4; mr 4, 5; rfid\n"
    /* entered in little-endian mode: addi 8, 8, 16; mtsrr0 8; mtsrr1 10; rfid */
    "2: .long 0x10000839, 0xa6031a7d, 0xa6035b7d, 0x2400004c\n"
    "mtlr 9; blr\n"
    /* What an interrupt runs first when it is taken in little-endian mode: notes MSR, turns to big-endian, keeping SRR0 and SRR1.
       r3 is in SPRG1 and the vector in r3 afterwards, as in the runtime's own vectors. Copied with its bytes turned round. */
    ".balign 8\n"
    "le_vector: mtsprg 1, 3; mfspr 3, 26; mtsprg 2, 3; mfspr 3, 27; mtsprg 3, 3\n"
    "mfmsr 3; xori 3, 3, 1; mtspr 27, 3\n"
    "lis 3, le_back@h; ori 3, 3, le_back@l; mtspr 26, 3; rfid\n"
    "le_vector_end:\n"
    "le_back: mfsprg 3, 2; mtspr 26, 3; mfsprg 3, 3; mtspr 27, 3\n"
    "lis 4, le_seen@ha; li 3, 1; std 3, le_seen@l(4); li 3, 0x7ff; b common\n"
    ".data; .balign 8; .globl le_seen; le_seen: .quad 0\n.text\n");

static u32 turned[64];
static u64 cell[4];

/* Turns instructions round and runs them. */
static u64 run(const u32 *insns, int n, u64 a, u64 b)
{
    for (int i = 0; i < n; i++) {
        turned[i] = __builtin_bswap32(insns[i]);
    }
    turned[n] = 0x2000804e;         /* blr */
    asm volatile("dcbst 0, %0; sync; icbi 0, %0; dcbst 0, %1; sync; icbi 0, %1; isync" : : "r"(turned), "r"(turned + 32) : "memory");
    return le_run(turned, a, b);
}
#define RUN(a, b, ...) ({ static const u32 i_[] = { __VA_ARGS__ }; run(i_, sizeof(i_) / 4, (u64)(a), (u64)(b)); })

static void accesses(void)
{
    cell[0] = 0x1122334455667788;
    check("lbz", RUN(cell, 0, 0x88630000), 0x11);
    check("lhz", RUN(cell, 0, 0xa0630000), 0x2211);
    check("lha", RUN(cell, 0, 0xa8630006), 0xffffffffffff8877);
    check("lwz", RUN(cell, 0, 0x80630000), 0x44332211);
    check("lwa", RUN(cell, 0, 0xe8630006), 0xffffffff88776655);
    check("ld", RUN(cell, 0, 0xe8630000), 0x8877665544332211);
    check("ldbrx", RUN(cell, 0, 0x7c601c28), 0x1122334455667788);
    check("lwbrx", RUN(cell, 0, 0x7c601c2c), 0x11223344);
    check("lhbrx", RUN(cell, 0, 0x7c601e2c), 0x1122);
    check("ldarx", RUN(cell, 0, 0x7c6018a8), 0x8877665544332211);
    RUN(cell + 1, 0x0102030405060708, 0xf8830000);
    check("std", cell[1], 0x0807060504030201);
    RUN(cell + 1, 0x0102030405060708, 0x90830000);
    check("stw", cell[1], 0x0807060504030201);
    RUN(cell + 1, 0x1234, 0xb0830006);
    check("sth", cell[1], 0x0807060504033412);
    RUN(cell + 1, 0x0102030405060708, 0x7c801d28);
    check("stdbrx", cell[1], 0x0102030405060708);
    check("unaligned ld", RUN((u8 *)cell + 3, 0, 0xe8630000), 0x0302018877665544);
    check("lwarx, stwcx.", RUN(cell + 2, 0xaabbccdd, 0x7ca01828, 0x7c80192d, 0x80630000), 0xaabbccdd);
    check("  in memory", cell[2], 0xddccbbaa00000000);
}

static void illegal_big(long a) { asm volatile(".long 0"); }
static void illegal_little(long a) { RUN(0, 0, 0x60000000, 0x00000000); }

static u32 saved[64];
static void interrupts(void)
{
    u32 *vector = (u32 *)0x700;
    int n = le_vector_end - le_vector;

    check("illegal instruction in little-endian mode", trap(illegal_little, 0), 0x700);
    check("  SRR1[LE]", trap_info.srr1 & 1, 1);
    check("  taken big-endian", le_seen, 0);

    check("H_SET_MODE little-endian", hcall(H_SET_MODE, 1, SET_MODE_LE, 0, 0), 0);
    for (int i = 0; i < n; i++) {
        saved[i] = vector[i];
        vector[i] = __builtin_bswap32(le_vector[i]);
    }
    asm volatile("dcbst 0, %0; sync; icbi 0, %0; isync" : : "r"(vector) : "memory");
    int one = trap(illegal_big, 0);
    u64 srr1 = trap_info.srr1, seen = le_seen;
    le_seen = 0;
    int two = trap(illegal_little, 0);
    u64 srr1_two = trap_info.srr1, seen_two = le_seen;
    long r = hcall(H_SET_MODE, 0, SET_MODE_LE, 0, 0);
    for (int i = 0; i < n; i++) {
        vector[i] = saved[i];
    }
    asm volatile("dcbst 0, %0; sync; icbi 0, %0; isync" : : "r"(vector) : "memory");
    check("illegal instruction, handler little-endian", one, 0x7ff);
    check("  SRR1[LE]", srr1 & 1, 0);
    check("  taken little-endian", seen, 1);
    check("the same from little-endian mode", two, 0x7ff);
    check("  SRR1[LE]", srr1_two & 1, 1);
    check("  taken little-endian", seen_two, 1);
    check("H_SET_MODE big-endian", r, 0);
    check("illegal instruction, handler big-endian again", trap(illegal_big, 0), 0x700);
    check("H_SET_MODE little-endian with a value", hcall(H_SET_MODE, 1, SET_MODE_LE, 1, 0), (u64)-56);
    check("H_SET_MODE of byte order 2", hcall(H_SET_MODE, 2, SET_MODE_LE, 0, 0), (u64)-256);
}

void secondary_main(u64 number) { }

void test_main(void)
{
    mtspr(22, 0x7fffffff);
    accesses();
    interrupts();
}
