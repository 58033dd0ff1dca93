/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Radix trees as a guest sees them (Power ISA 3.0, Book III, 5.7.10): each page size, R and C bits, each way an access can be refused,
 * storage keys of user pages, processes, broken trees, and interrupts with translation on (LPCR[AIL] = 3). Problem state and
 * kernel pages; data translation alone is switched on around single accesses, except for AIL.
 */
#include "rt/rt.h"

enum { H_SET_MODE = 0x31c, H_REGISTER_PROC_TBL = 0x37c };
enum { SPR_AMR = 29, SPR_PIDR = 48, SPR_IAMR = 61 };
#define VALID  0x8000000000000000ul
#define LEAF   0x4000000000000000ul
#define R_BIT  0x100ul
#define C_BIT  0x80ul
#define PRIV   0x8ul
#define RWX    0x7ul
#define RW     0x6ul
#define REAL   0x400000ul           /* 4 MiB: data */
#define KERNEL 0xc000000000000000ul

/* A tree of 52 bits: 13 + 9 + 9 + 9 bits and 4 KiB pages; one table of each level is enough. */
typedef struct Tree { u64 root[8192], pud[512], pmd[512], pte[512]; } Tree;
static Tree user __attribute__((aligned(65536))), kernel __attribute__((aligned(65536))), broken __attribute__((aligned(65536)));
static u64 process_table[512] __attribute__((aligned(65536)));      /* two doublewords a process */

/* tlbie with RIC = 2, PRS = 1, R = 1, IS = 3: everything this partition has */
static void flush(void)
{
    register u64 rb asm("r4") = 0xc00, rs asm("r5") = 0;

    asm volatile("ptesync; .long 0x7cab2264; ptesync; isync" : : "r"(rb), "r"(rs) : "memory");
}

static void tree(Tree *t, u64 leaf_bits)
{
    t->root[0] = VALID | (u64)t->pud | 9;
    t->pud[0] = VALID | (u64)t->pmd | 9;
    t->pmd[0] = VALID | (u64)t->pte | 9;
    for (u64 i = 0; i < 512; i++) {
        t->pte[i] = VALID | LEAF | i << 12 | leaf_bits;     /* the first 2 MiB as they are */
    }
}

static u64 process(Tree *t)
{
    /* RTS = 21 (52 bits), root of 13 bits */
    return 2ul << 61 | 5 << 5 | (u64)t->root | 13;
}

/* Tests use 4 MiB .. 6 MiB through the second pmd entry, which each check points where it wants. */
#define EA 0x400000ul
static u64 small[512] __attribute__((aligned(4096)));

static void load(long ea) { mmu_load(ea); }
static void store(long ea) { mmu_store(ea, 0x5a5a); }
static void fetch(long ea) { jump(ea, mfmsr() | 0x20); }
/* A page that problem state may run. */
static const u32 user_code[1024] __attribute__((aligned(4096))) = { 0xe8630000 /* ld 3, 0(3) */, 0x44000002 /* sc */ };
static void user_load(long ea)
{
    /* rfid to problem state with data translation: one load, then a system call says it worked */
    asm volatile("mr 3, %2; mtspr 26, %0; mtspr 27, %1; rfid" : : "r"(user_code), "r"(mfmsr() | 0x4030), "r"(ea) : "r3", "memory");
}

static void refused(const char *name, void (*fn)(long), u64 ea, int vector, u64 dsisr)
{
    flush();
    check(name, trap(fn, ea), vector);
    if (vector == 0x300) {
        check("  DSISR", trap_info.dsisr, dsisr);
        check("  DAR", trap_info.dar, ea);
    } else if (vector == 0x400) {
        check("  SRR1", trap_info.srr1 & 0x78000000, dsisr);
    }
}

static void pages(void)
{
    volatile u64 *data = (volatile u64 *)REAL;
    u64 *pmd = &user.pmd[2];

    data[0] = 0x1122334455667788;
    *pmd = VALID | (u64)small | 9;
    small[0] = VALID | LEAF | REAL | PRIV | RWX;
    flush();
    check("4 KiB page", mmu_load(EA), 0x1122334455667788);
    check("  R set, C clear", small[0] & (R_BIT | C_BIT), R_BIT);
    mmu_store(EA + 8, 77);
    check("  store", data[1], 77);
    check("  R and C set", small[0] & (R_BIT | C_BIT), R_BIT | C_BIT);

    *pmd = VALID | (u64)small | 5;                          /* 64 KiB pages: 5 bits */
    small[1] = VALID | LEAF | (REAL + 0x10000) | PRIV | RWX;
    *(volatile u64 *)(REAL + 0x1fff8) = 64;
    flush();
    check("64 KiB page", mmu_load(EA + 0x1fff8), 64);
    *pmd = VALID | LEAF | REAL | PRIV | RWX;                /* 2 MiB */
    *(volatile u64 *)(REAL + 0x1ffff8) = 2;
    flush();
    check("2 MiB page", mmu_load(EA + 0x1ffff8), 2);
    check("  R set", *pmd & R_BIT, R_BIT);
    user.pud[1] = VALID | LEAF | 0 | PRIV | RWX;            /* 1 GiB at 1 GiB: the first GiB again */
    flush();
    check("1 GiB page", mmu_load((1ul << 30) + REAL), 0x1122334455667788);
    user.pud[1] = 0;
}

static void refusals(void)
{
    u64 *pmd = &user.pmd[2];

    *pmd = VALID | (u64)small | 9;
    small[0] = 0;
    refused("load without a page", load, EA + 8, 0x300, 0x40000000);
    refused("store without a page", store, EA + 16, 0x300, 0x42000000);
    refused("fetch without a page", fetch, EA, 0x400, 0x40000000);
    small[0] = VALID | LEAF | REAL | PRIV | 4;
    refused("store to a read-only page", store, EA, 0x300, 0x0a000000);
    refused("load of a read-only page", load, EA, 0, 0);
    refused("fetch from a no-execute page", fetch, EA, 0x400, 0x10000000);
    small[0] = VALID | LEAF | REAL | PRIV | 1;
    refused("load of an execute-only page", load, EA, 0x300, 0x08000000);
    small[0] = VALID | LEAF | REAL | PRIV | RWX;
    refused("problem state on a kernel page", user_load, EA, 0x300, 0x08000000);
    small[0] = VALID | LEAF | REAL | RWX;
    *(volatile u64 *)REAL = 5;
    refused("problem state on its own page", user_load, EA, 0xc00, 0);
    refused("kernel on a user page", load, EA, 0, 0);
    mtspr(SPR_AMR, 1ul << 62);
    asm volatile("isync");
    refused("  loads forbidden by AMR", load, EA, 0x300, 0x08000000);
    mtspr(SPR_AMR, 2ul << 62);
    asm volatile("isync");
    refused("  stores forbidden by AMR", store, EA, 0x300, 0x0a000000);
    refused("  loads are not", load, EA, 0, 0);
    mtspr(SPR_AMR, 3ul << 62);
    asm volatile("isync");
    refused("  problem state is not asked", user_load, EA, 0xc00, 0);
    /* without a flush in between, as a kernel does around each copy from user space */
    mtspr(SPR_AMR, 0);
    asm volatile("isync");
    check("AMR open", mmu_load(EA), 5);
    mtspr(SPR_AMR, 3ul << 62);
    asm volatile("isync");
    check("AMR closed", trap(load, EA), 0x300);
    mtspr(SPR_AMR, 0);
    asm volatile("isync");
    check("AMR open again", mmu_load(EA), 5);

    refused("quadrant 1", load, 1ul << 62 | EA, 0x380, 0);
    check("  DAR", trap_info.dar, 1ul << 62 | EA);
    refused("beyond 52 bits", load, 1ul << 52, 0x380, 0);
    refused("fetch beyond 52 bits", fetch, 1ul << 53, 0x480, 0);
}

static void broken_trees(void)
{
    process_table[4] = process(&broken);
    mtspr(SPR_PIDR, 2);
    tree(&broken, PRIV | RWX);
    broken.pmd[2] = VALID | (u64)broken.pmd | 9;        /* a level too many */
    refused("a tree that goes in a circle", load, EA, 0x300, 0x00080000);
    broken.pmd[2] = VALID | (u64)small | 3;
    refused("a level of three bits", load, EA, 0x300, 0x00080000);
    broken.pud[1] = VALID | 0x0fffffff00000000ul | 9;
    refused("a level outside memory", load, 1ul << 30, 0x300, 0x40000000);
    broken.root[1] = VALID | LEAF | PRIV | RWX;
    refused("a leaf too high", load, 1ul << 39, 0x300, 0x00080000);
    mtspr(SPR_PIDR, 300);
    refused("a process beyond the table", load, EA, 0x300, 0x40000000);
    mtspr(SPR_PIDR, 1);
    flush();
}

static void processes(void)
{
    static u64 other_small[512] __attribute__((aligned(4096)));
    static Tree other __attribute__((aligned(65536)));
    u64 wrong = 0;

    tree(&other, PRIV | RWX);
    other.pmd[2] = VALID | (u64)other_small | 9;
    other_small[0] = VALID | LEAF | (REAL + 0x1000) | PRIV | RWX;
    small[0] = VALID | LEAF | REAL | PRIV | RWX;
    *(volatile u64 *)REAL = 1;
    *(volatile u64 *)(REAL + 0x1000) = 3;
    process_table[6] = process(&other);
    flush();
    for (int i = 0; i < 1000; i++) {
        u64 pid = i & 1 ? 1 : 3;
        mtspr(SPR_PIDR, pid);
        asm volatile("isync");
        wrong += mmu_load(EA) != pid;
    }
    mtspr(SPR_PIDR, 1);
    asm volatile("isync");
    check("two processes see their own pages", wrong, 0);
    small[0] = 0;
    /* tlbie RIC=0 PRS=1 R=1 of one page of process 1: IS = 0, AP = 0 (4 KiB) */
    register u64 rb asm("r4") = EA, rs asm("r5") = 1ul << 32;
    asm volatile("ptesync; .long 0x7ca32264; ptesync; isync" : : "r"(rb), "r"(rs) : "memory");
    check("one page taken away", trap(load, EA), 0x300);
    mtspr(SPR_PIDR, 3);
    asm volatile("isync");
    check("  not the other process's", mmu_load(EA), 3);
    mtspr(SPR_PIDR, 1);
    asm volatile("isync");
}

/* Code calls a function that puts another page in its own page's place: the return goes into that one. */
extern const u32 calling[], calling_end[];
u64 found, new_pte[2];          /* a leaf's address, and what comes there */
asm(".text\n"
    "calling: mflr 31; lis 12, 1f@h; ori 12, 12, 1f@l; mtctr 12; bctrl\n"
    "li 3, 1; lis 4, found@h; ori 4, 4, found@l; std 3, 0(4); mtlr 31; blr\n"
    "calling_end:\n"
    "1: lis 5, new_pte@h; ori 5, 5, new_pte@l; ld 6, 0(5); ld 7, 8(5); std 7, 0(6); ptesync\n"
    "li 4, 0xc00; li 5, 0; .long 0x7cab2264; ptesync; isync; blr\n");     /* tlbie as in flush() */

static void replaced_while_called(const char *name, Tree *t, u64 ea)
{
    u64 was = t->pmd[2], wrong = 0;

    for (u32 page = 0; page < 2; page++) {
        u32 *to = (u32 *)(REAL + 0x2000 + page * 0x1000);
        for (int i = 0; calling + i < calling_end; i++) {
            to[i] = calling[i] + (calling[i] == 0x38600001 ? page : 0);
        }
        asm volatile("dcbst 0, %0; sync; icbi 0, %0; isync" : : "r"(to) : "memory");
    }
    t->pmd[2] = VALID | (u64)small | 9;
    new_pte[0] = (u64)small;
    for (int i = 0; i < 100; i++) {
        small[0] = VALID | LEAF | (REAL + 0x2000) | PRIV | RWX;
        flush();
        new_pte[1] = VALID | LEAF | (REAL + 0x2000 + (i & 1) * 0x1000) | PRIV | RWX;
        wrong += trap(fetch, ea) != 0 || found != 1 + (i & 1);
    }
    t->pmd[2] = was;
    flush();
    check(name, wrong, 0);
}

/* Interrupts with AIL = 3 go to 0xc000000000004000 + vector with translation on: that page is a copy of the vectors with
   absolute branches to the runtime below, which process 1 maps as it is. */
static u32 vectors[1024] __attribute__((aligned(4096)));
extern char common[];
static void do_illegal(long a) { asm volatile(".long 0"); }
static void do_sc(long a) { asm volatile("li 3, 0; sc 0" : : : "r3", "memory"); }
static u64 msr_inside;

static void translated_interrupts(void)
{
    static const int which[] = { 0x300, 0x700, 0xc00, 0x900 };
    for (int i = 0; i < 4; i++) {
        u32 *v = vectors + which[i] / 4;
        v[0] = 0x7c7143a6;                              /* mtsprg 1, 3 */
        v[1] = 0x7c6000a6;                              /* mfmsr 3 */
        v[2] = 0x3c800000 | (u32)((u64)&msr_inside >> 16);      /* lis 4, msr_inside@h */
        v[3] = 0x60840000 | ((u32)(u64)&msr_inside & 0xffff);   /* ori 4, 4, msr_inside@l */
        v[4] = 0xf8640000;                              /* std 3, 0(4) */
        v[5] = 0x38600000 | which[i];                   /* li 3, vector */
        v[6] = 0x48000002 | (u32)(u64)common;           /* ba common */
    }
    kernel.pte[4] = VALID | LEAF | (u64)vectors | PRIV | RWX;
    flush();
    check("H_SET_MODE AIL 3", hcall(H_SET_MODE, 3, 3, 0, 0), 0);
    check("illegal instruction in real mode", trap(do_illegal, 0), 0x700);
    msr_inside = 0;
    u64 msr = mfmsr();
    asm volatile("mtmsrd %0; isync" : : "r"(msr | 0x30) : "memory");
    int vector = trap(do_illegal, 0);
    u64 inside = msr_inside;
    u64 srr1 = trap_info.srr1;
    msr_inside = 0;
    int vector2 = trap(do_sc, 0);
    u64 inside2 = msr_inside;
    int vector3 = trap((void (*)(long))(u64)load, 1ul << 40);
    asm volatile("mtmsrd %0; isync" : : "r"(msr) : "memory");
    check("illegal instruction with translation", vector, 0x700);
    check("  handler's MSR[IR,DR]", inside & 0x30, 0x30);
    check("  SRR1", srr1 & 0x783f0030, 0x80030);
    check("system call with translation", vector2, 0xc00);
    check("  handler's MSR[IR,DR]", inside2 & 0x30, 0x30);
    check("storage interrupt with translation", vector3, 0x300);
    check("H_SET_MODE AIL 0", hcall(H_SET_MODE, 0, 3, 0, 0), 0);
    msr_inside = 0;
    asm volatile("mtmsrd %0; isync" : : "r"(msr | 0x30) : "memory");
    vector = trap(do_illegal, 0);
    asm volatile("mtmsrd %0; isync" : : "r"(msr) : "memory");
    check("without AIL", vector, 0x700);
    check("  the vector below ran", msr_inside, 0);
    check("H_SET_MODE AIL 1", hcall(H_SET_MODE, 1, 3, 0, 0), (u64)-256);
    check("H_SET_MODE AIL with a value", hcall(H_SET_MODE, 3, 3, 1, 0), (u64)-56);
}

void secondary_main(u64 number) { }

void test_main(void)
{
    mtspr(22, 0x7fffffff);
    tree(&user, PRIV | RWX);
    tree(&kernel, PRIV | RWX);
    user.pte[(u64)user_code >> 12] &= ~PRIV;
    process_table[0] = process(&kernel);
    process_table[2] = process(&user);
    check("H_REGISTER_PROC_TBL, bad flags", hcall(H_REGISTER_PROC_TBL, ~0ul, process_table, 0, 0), (u64)-4);
    check("H_REGISTER_PROC_TBL", hcall(H_REGISTER_PROC_TBL, 0x18 | 4 | 1, process_table, 0, 0), 0);
    mtspr(SPR_PIDR, 1);
    mtspr(SPR_AMR, 0);
    mtspr(SPR_IAMR, 0);
    flush();
    pages();
    refusals();
    broken_trees();
    processes();
    replaced_while_called("a page replaced before the return to it", &user, EA);
    replaced_while_called("  in the kernel's quadrant", &kernel, KERNEL | EA);
    translated_interrupts();
}
