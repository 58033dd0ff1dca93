/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hash page table as a guest sees it: pages entered by H_ENTER, R and C bits read back by H_READ, and each way an
 * access can be refused with its DSISR or SRR1. Data translation alone is switched on, around single accesses.
 */
#include "rt/rt.h"

enum { H_REMOVE = 0x04, H_ENTER = 0x08, H_READ = 0x0c, H_PROTECT = 0x18 };
#define EXACT (1ul << 24)
#define EA 0x30000000ul
#define VSID 0x1234ul
#define REAL 0x300000ul
#define R_BIT 0x100ul
#define C_BIT 0x80ul

static u64 hash_mask;

static void slb(u64 ea, u64 vsid, u64 flags)
{
    asm volatile("slbmte %0, %1; isync" : : "r"(vsid << 12 | flags), "r"((ea & ~0xffffffful) | 0x8000000 | 3) : "memory");
}

static u64 pteg(u64 ea) { return ((VSID ^ ((ea & 0xfffffff) >> 12)) & hash_mask) * 8; }

/* A 4 KiB page; the index it went to */
static u64 enter(u64 ea, u64 real, u64 low)
{
    u64 high = VSID << 12 | (ea & 0xfffffff) >> 23 << 7 | 1;

    long r = hcall(H_ENTER, 0, pteg(ea), high, real | low);
    u64 index = hcall_out[0];       /* before the console's own calls overwrite it */
    check("H_ENTER", r, 0);
    return index;
}

static u64 read_low(u64 index)
{
    hcall(H_READ, 0, index);
    return hcall_out[1];
}

static void load(long ea) { mmu_load(ea); }
static void store(long ea) { mmu_store(ea, 0x5a5a); }
static void fetch(long ea) { jump(ea, mfmsr() | 0x20); }

void test_main(void)
{
    u32 length;
    const u32 *size = fdt_property("ibm,pft-size", &length);
    volatile u64 *page = (volatile u64 *)REAL;

    if (!size) {
        put("FAIL the tree has no ibm,pft-size\n");
        return;
    }
    hash_mask = (1ul << (size[1] - 7)) - 1;
    mtspr(22, 0x7fffffff);
    asm volatile("slbia; isync");
    page[0] = 0x1122334455667788;

    check("load without a segment", trap(load, EA), 0x380);
    check("  DAR", trap_info.dar, EA);
    check("fetch without a segment", trap(fetch, EA), 0x480);

    slb(EA, VSID, 0);
    check("load without a page", trap(load, EA + 8), 0x300);
    check("  DSISR", trap_info.dsisr, 0x40000000);
    check("  DAR", trap_info.dar, EA + 8);
    check("store without a page", trap(store, EA + 16), 0x300);
    check("  DSISR", trap_info.dsisr, 0x42000000);
    check("fetch without a page", trap(fetch, EA), 0x400);
    check("  SRR1", trap_info.srr1 & 0x78000000, 0x40000000);
    check("  SRR0", trap_info.srr0, EA);

    u64 index = enter(EA, REAL, 0x10 | 2);          /* readable and writable in both states, M=1 */
    check("load", mmu_load(EA), 0x1122334455667788);
    check("  R set, C clear", read_low(index) & (R_BIT | C_BIT), R_BIT);
    mmu_store(EA + 8, 77);
    check("store", page[1], 77);
    check("  R and C set", read_low(index) & (R_BIT | C_BIT), R_BIT | C_BIT);

    check("H_PROTECT to read-only", hcall(H_PROTECT, 0x3, index, 0), 0);
    check("store to a read-only page", trap(store, EA), 0x300);
    check("  DSISR", trap_info.dsisr, 0x0a000000);
    check("  load still works", mmu_load(EA + 8), 77);
    check("H_PROTECT to no-execute", hcall(H_PROTECT, 0x4 | 0x2, index, 0), 0);
    check("fetch from a no-execute page", trap(fetch, EA), 0x400);
    check("  SRR1", trap_info.srr1 & 0x78000000, 0x10000000);
    check("H_REMOVE", hcall(H_REMOVE, 0, index, 0), 0);
    check("load after H_REMOVE", trap(load, EA), 0x300);
    check("  DSISR", trap_info.dsisr, 0x40000000);
    check("H_REMOVE again", hcall(H_REMOVE, 0, index, 0), (u64)-7);

    /* Two names of one page; removing one leaves the other. */
    index = enter(EA + 0x5000, REAL, 0x12);
    u64 other = enter(EA + 0x9000, REAL, 0x12);
    mmu_store(EA + 0x5020, 99);
    check("alias", mmu_load(EA + 0x9020), 99);
    check("H_REMOVE of one", hcall(H_REMOVE, 0, index, 0), 0);
    check("  gone", trap(load, EA + 0x5020), 0x300);
    check("  the other stays", mmu_load(EA + 0x9020), 99);
    check("H_REMOVE of the other", hcall(H_REMOVE, 0, other, 0), 0);

    /* A no-execute segment refuses fetches only. */
    asm volatile("slbie %0; isync" : : "r"(EA));
    slb(EA, VSID, 0x200);
    index = enter(EA, REAL, 0x12);
    check("load in a no-execute segment", mmu_load(EA + 8), 77);
    check("fetch in a no-execute segment", trap(fetch, EA), 0x400);
    check("  SRR1", trap_info.srr1 & 0x78000000, 0x10000000);
    check("H_ENTER past the table", hcall(H_ENTER, EXACT, ~0ul >> 8, 1, 0), (u64)-4);
    check("H_READ past the table", hcall(H_READ, 0, ~0ul >> 8), (u64)-4);
}
void secondary_main(u64 number) { }
