/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Code that is changed while it is there: by each kind of store, by hypercalls that write memory, in the page that is running, just
 * ahead of where it is running, and by another processor. After the book's sequence (dcbst, sync, icbi, isync; Book II, 1.8) the
 * new instructions must run.
 */
#include "rt/rt.h"

enum { H_LOGICAL_CI_STORE = 0x40, H_PAGE_INIT = 0x2c, ROUNDS = 300 };
#define LI(value) (0x38600000u | (value))       /* li 3, value */
#define BLR 0x4e800020u

typedef u64 Fn(void);
static u32 page[2048] __attribute__((aligned(4096)));
static u32 spare[1024] __attribute__((aligned(4096)));
static volatile u32 turn, ready;
static volatile u64 other_wrong;

static void seen(const volatile void *at)
{
    asm volatile("dcbst 0, %0; sync; icbi 0, %0; sync; isync" : : "r"(at) : "memory");
}

static u64 run(const u32 *at) { return ((Fn *)at)(); }

/* Writes "li 3, value" at `at` in one of the ways there are. */
static const char *const ways[] = { "stw", "stb", "sth", "std", "stwbrx", "stwu", "stmw", "stwcx.", "stdcx.", "stfd", "stfiwx", "dcbz and stw",
                                    "stswi", "stwcix" };
static void write_insn(u32 *at, u32 value, unsigned how)
{
    u32 insn = LI(value);
    u64 both = (u64)insn << 32 | BLR;
    volatile u8 *b = (volatile u8 *)at;

    switch (how) {
    case 0: asm volatile("stw %0, 0(%1)" : : "r"(insn), "b"(at) : "memory"); break;
    case 1:
        for (int i = 0; i < 4; i++) {
            b[i] = insn >> (24 - 8 * i);
        }
        break;
    case 2: asm volatile("sth %0, 2(%1)" : : "r"(insn), "b"(at) : "memory"); break;
    case 3: asm volatile("std %0, 0(%1)" : : "r"(both), "b"(at) : "memory"); break;
    case 4: asm volatile("stwbrx %0, 0, %1" : : "r"(__builtin_bswap32(insn)), "b"(at) : "memory"); break;
    case 5: { u32 *p = at - 1; asm volatile("stwu %1, 4(%0)" : "+b"(p) : "r"(insn) : "memory"); break; }
    case 6: asm volatile("mr 30, %0; mr 31, %1; stmw 30, 0(%2)" : : "r"(insn), "r"(BLR), "b"(at) : "r30", "r31", "memory"); break;
    case 7: asm volatile("1: lwarx 5, 0, %1; stwcx. %0, 0, %1; bne- 1b" : : "r"(insn), "r"(at) : "r5", "cr0", "memory"); break;
    case 8: asm volatile("1: ldarx 5, 0, %1; stdcx. %0, 0, %1; bne- 1b" : : "r"(both), "r"(at) : "r5", "cr0", "memory"); break;
    case 9: case 10: {
        u64 from = how == 9 ? both : insn;
        asm volatile("mfmsr 5; ori 6, 5, 0x2000; mtmsrd 6; isync; lfd 1, 0(%0)" : : "b"(&from) : "r5", "r6", "memory");
        if (how == 9) {
            asm volatile("stfd 1, 0(%0)" : : "b"(at) : "memory");
        } else {
            asm volatile("stfiwx 1, 0, %0" : : "b"(at) : "memory");
        }
        break;
    }
    case 11: asm volatile("dcbz 0, %0; stw %2, 4(%0); stw %1, 0(%0)" : : "b"(at), "r"(insn), "r"(BLR) : "memory"); break;
    case 12: asm volatile("mr 5, %0; stswi 5, %1, 4" : : "r"((u64)insn), "b"(at) : "r5", "memory"); break;
    case 13: hcall(H_LOGICAL_CI_STORE, 4, at, (u64)insn); break;
    }
}

static void changed_by_each_store(void)
{
    for (unsigned how = 0; how < sizeof(ways) / sizeof(ways[0]); how++) {
        u64 wrong = 0;
        u32 *at = page + 32 * (how + 1);
        at[0] = LI(1);
        at[1] = BLR;
        seen(at);
        for (u32 i = 0; i < ROUNDS; i++) {
            write_insn(at, i, how);
            seen(at);
            wrong += run(at) != i;
        }
        check(how == 13 ? "changed by H_LOGICAL_CI_STORE" : ways[how], wrong, 0);
    }
}

static void changed_by_hypercall(void)
{
    u64 wrong = 0;

    for (u32 i = 0; i < 20; i++) {
        spare[0] = LI(i);
        spare[1] = BLR;
        long r = hcall(H_PAGE_INIT, 0x4000 /* copy */, page, spare);
        seen(page);
        wrong += r || run(page) != i;
    }
    check("changed by H_PAGE_INIT", wrong, 0);
}

/* The caller's own page: a routine that changes the instruction after the next and falls into it. */
extern u32 patch_site[];
u64 patch_ahead(u64 insn);
asm(".text; .globl patch_ahead, patch_site\n"
    "patch_ahead: lis 5, patch_site@ha; addi 5, 5, patch_site@l\n"
    "li 4, 0; stw 3, 0(5); dcbst 0, 5; sync; icbi 0, 5; isync\n"
    "patch_site: li 3, 0x7777\n"
    "blr\n");

static void changed_ahead(void)
{
    u64 wrong = 0;

    for (u32 i = 0; i < ROUNDS; i++) {
        wrong += patch_ahead(LI(i)) != i;
    }
    check("changed just ahead of where it runs", wrong, 0);
}

/* A loop that rewrites its own body on every turn: "addi 3, 3, n". */
extern u32 loop_site[];
u64 patch_loop(u64 turns);
asm(".text; .globl patch_loop, loop_site\n"
    "patch_loop: mtctr 3; li 3, 0; li 6, 0; lis 5, loop_site@ha; addi 5, 5, loop_site@l; lis 7, 0x3863\n"
    "1: addi 6, 6, 1; or 8, 7, 6; stw 8, 0(5); dcbst 0, 5; sync; icbi 0, 5; isync\n"
    "loop_site: addi 3, 3, 0\n"
    "bdnz 1b; blr\n");

void secondary_main(u64 number)
{
    Fn *fn = (Fn *)(page + 1024);
    u64 wrong = 0;

    ready = 1;
    for (u32 i = 1; i <= ROUNDS; i++) {
        while (turn != 2 * i) {
        }
        asm volatile("isync" : : : "memory");
        wrong += fn() != i;
        other_wrong = wrong;
        asm volatile("lwsync" : : : "memory");
        turn = 2 * i + 1;
    }
    for (;;) {
    }
}

static void changed_for_another(void)
{
    u32 length, ret[1];
    const u32 *server = fdt_nth_property("ibm,ppc-interrupt-server#s", 1, &length);

    if (!server) {
        return;
    }
    u32 args[3] = { server[0], (u32)(u64)secondary, 1 };
    check("start-cpu", rtas("start-cpu", 3, args, 1, ret), 0);
    while (!ready) {
    }
    for (u32 i = 1; i <= ROUNDS; i++) {
        u32 *at = page + 1024;
        at[1] = BLR;
        at[0] = LI(i);
        seen(at);
        turn = 2 * i;
        while (turn != 2 * i + 1) {
        }
    }
    check("changed for another processor", other_wrong, 0);
}

void test_main(void)
{
    mtspr(22, 0x7fffffff);
    changed_by_each_store();
    changed_by_hypercall();
    changed_ahead();
    check("a loop that changes itself", patch_loop(200), 200 * 201 / 2);
    changed_for_another();
}
