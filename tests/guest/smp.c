/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several processors: started by RTAS start-cpu, then counting in one word with lwarx/stwcx., in one doubleword with
 * ldarx/stdcx., under a lock, and passing messages whose order lwsync promises. Code that another processor rewrites
 * must be seen after the book's sequence.
 */
#include "rt/rt.h"

enum { ROUNDS = 20000, MAX = 16 };
static volatile u32 word, lock, started, finished, go;
static volatile u64 doubleword, plain, flag, data[2];
static volatile u64 order_errors;
static u32 code[16] __attribute__((aligned(128)));

static void add_word(volatile u32 *p)
{
    u32 v;
    asm volatile("1: lwarx %0, 0, %1; addi %0, %0, 1; stwcx. %0, 0, %1; bne- 1b" : "=&b"(v) : "r"(p) : "cr0", "memory");
}

static void add_doubleword(volatile u64 *p)
{
    u64 v;
    asm volatile("1: ldarx %0, 0, %1; addi %0, %0, 1; stdcx. %0, 0, %1; bne- 1b" : "=&b"(v) : "r"(p) : "cr0", "memory");
}

static void take(void)
{
    u32 v;
    asm volatile("1: lwarx %0, 0, %1; cmpwi %0, 0; bne- 1b; stwcx. %2, 0, %1; bne- 1b; isync"
                 : "=&r"(v) : "r"(&lock), "r"(1) : "cr0", "memory");
}

static void work(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        add_word(&word);
        add_doubleword(&doubleword);
        take();
        plain++;
        asm volatile("lwsync" : : : "memory");
        lock = 0;
    }
}

void secondary_main(u64 number)
{
    add_word(&started);
    while (!go) {
    }
    work();
    if (number == 1) {
        for (u64 last = 0; last < ROUNDS;) {        /* reads the flag, then the data it announces */
            u64 f = flag;
            asm volatile("lwsync" : : : "memory");
            if (data[0] < f) {
                order_errors++;
            }
            last = f;
        }
    }
    add_word(&finished);
    for (;;) {
    }
}

static void rewrite(u32 value)
{
    code[0] = 0x38600000 | value;       /* li 3, value */
    code[1] = 0x4e800020;               /* blr */
    asm volatile("dcbst 0, %0; sync; icbi 0, %0; sync; isync" : : "r"(code) : "memory");
}

void test_main(void)
{
    u32 length, others = 0;
    u64 (*fn)(void) = (u64 (*)(void))code;
    u64 wrong = 0;

    mtspr(22, 0x7fffffff);
    for (unsigned n = 0; n < MAX; n++) {
        const u32 *server = fdt_nth_property("ibm,ppc-interrupt-server#s", n, &length);
        for (unsigned t = 0; server && t < length / 4; t++) {
            if (!n && !t) {
                continue;       /* this one */
            }
            u32 args[3] = { server[t], (u32)(u64)secondary, others + 1 }, ret[1];
            check("start-cpu", rtas("start-cpu", 3, args, 1, ret), 0);
            others++;
        }
    }
    while (started < others) {
    }
    check("processors started", started, others);
    go = 1;
    work();
    for (u64 i = 1; others && i <= ROUNDS; i++) {
        data[0] = i;
        asm volatile("lwsync" : : : "memory");
        flag = i;
    }
    while (finished < others) {
    }
    check("lwarx/stwcx. lost nothing", word, ROUNDS * (others + 1));
    check("ldarx/stdcx. lost nothing", doubleword, ROUNDS * (others + 1));
    check("the lock lost nothing", plain, ROUNDS * (others + 1));
    check("messages arrived in order", order_errors, 0);
    for (u32 i = 0; i < 2000; i++) {
        rewrite(i & 0x7fff);
        wrong += fn() != (i & 0x7fff);
    }
    check("rewritten code ran as written", wrong, 0);
}
