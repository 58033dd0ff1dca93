/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hash page table is replaced by tables of other sizes while other processors walk it: each sees the bolted page all
 * the time, and what is not bolted is gone afterwards.
 */
#include "rt/rt.h"

enum { H_ENTER = 0x08, H_READ = 0x0c, RESIZE_PREPARE = 0x36c, RESIZE_COMMIT = 0x370, BOLTED = 0x10, ROUNDS = 1000 };
#define EA 0x30000000ul
#define VSID 0x1234ul
#define REAL 0x300000ul
#define VALUE 0x1122334455667788ul

static volatile u32 started, stop;
static volatile u64 walks[4], wrong;

static void segment(void)
{
    asm volatile("slbia; isync; slbmte %0, %1; isync" : : "r"(VSID << 12), "r"(EA | 0x8000000 | 3) : "memory");
}

static void count(volatile u32 *counter)
{
    u32 old;

    asm volatile("1: lwarx %0, 0, %1; addi %0, %0, 1; stwcx. %0, 0, %1; bne- 1b; sync" : "=&r"(old) : "b"(counter) : "cr0", "memory");
}

void secondary_main(u64 number)
{
    count(&started);
    while (!stop) {
        segment();          /* forgets translations: the next load walks the table */
        if (mmu_load(EA) != VALUE) {
            wrong = 1;
        }
        walks[number]++;
    }
    count(&started);
    for (;;) {
    }
}

static u64 enter(u64 ea, u64 mask, u64 high)
{
    return hcall(H_ENTER, 0, ((VSID ^ (ea & 0xfffffff) >> 12) & mask) * 8, VSID << 12 | (ea & 0xfffffff) >> 23 << 7 | high | 1, REAL | 0x12);
}

/* Prepares until the platform is ready: it may ask for some time */
static u64 resize(u64 shift)
{
    u64 r;

    while ((r = hcall(RESIZE_PREPARE, 0, shift)) - 9900 <= 5) {
    }
    return r ? r : hcall(RESIZE_COMMIT, 0, shift);
}

void test_main(void)
{
    u32 length, others = 0;
    u64 shift = fdt_property("ibm,pft-size", &length)[1], failed = 0;
    const u32 *server;

    mtspr(22, 0x7fffffff);
    *(volatile u64 *)REAL = VALUE;
    segment();
    check("H_ENTER", enter(EA, (1ul << (shift - 7)) - 1, BOLTED), 0);
    check("H_ENTER", enter(EA + 0x5000, (1ul << (shift - 7)) - 1, 0), 0);
    check("load", mmu_load(EA), VALUE);
    check("load", mmu_load(EA + 0x5000), VALUE);
    for (unsigned n = 1; (server = fdt_nth_property("ibm,ppc-interrupt-server#s", n, &length)); n++) {
        u32 args[3] = { *server, (u32)(u64)secondary, n }, ret[1];
        check("start-cpu", rtas("start-cpu", 3, args, 1, ret), 0);
        others++;
    }
    while (started < others) {
    }
    for (unsigned i = 0; i < ROUNDS && !failed; i++) {
        failed = resize(i & 1 ? 18 : 20);
    }
    check("resizing", failed, 0);
    check("H_READ past the smaller table", hcall(H_READ, 0, 1ul << (18 - 4)), (u64)-4);
    stop = 1;
    while (started < 2 * others) {
    }
    for (unsigned n = 1; n <= others; n++) {
        check("walks of the others", walks[n] > 0, 1);
    }
    check("values that they read", wrong, 0);
    segment();
    check("load", mmu_load(EA), VALUE);
    check("what was not bolted is gone", trap((void (*)(long))mmu_load, EA + 0x5000), 0x300);
}
