/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that is always being written and checked, by every processor there is, for ever: what migrations are tried on.
 *
 * All of memory from BASE on (at most LIMIT: real mode reaches no further everywhere) is pages, dealt out to the processors. A page holds words that follow
 * from its number and its generation; generations are kept in a table. A processor looks at pages at random: is each word what it
 * should be? One look in REWRITE gives the page its next generation. Processor 0 says, sixteen times a second:
 * M<looks of all> B<bad words of all> S<the least looks of one> G<generations written of all>; "ready" comes before, when all is filled.
 */
#include "rt/rt.h"

enum { BASE = 5 << 20, TABLE = 1 << 20, LIMIT = 224 << 20, PAGE = 4096, WORDS = PAGE / 8, MAX = 16, REWRITE = 8 };

typedef struct Count {
    volatile u64 looks, bad, written, filled, first_bad;
    u64 unused[11];             /* a cache line of its own */
} Count;
static Count count[MAX];
static volatile u64 processors, pages, begin;
static u32 *const generation = (u32 *)TABLE;

static u64 timebase(void)
{
    u64 v;

    asm volatile("mftb %0" : "=r"(v));
    return v;
}

static inline u64 seed(u64 page)
{
    return (page << 32 | generation[page]) * 0x9e3779b97f4a7c15ul | 1;
}

static void write_page(u64 page)
{
    volatile u64 *p = (volatile u64 *)(BASE + page * PAGE);
    u64 v = seed(page);

    for (u64 i = 0; i < WORDS; i++, v += 0x0123456789abcdeful) {
        p[i] = v;
    }
}

static void check_page(Count *c, u64 page)
{
    volatile u64 *p = (volatile u64 *)(BASE + page * PAGE);
    u64 v = seed(page);

    for (u64 i = 0; i < WORDS; i++, v += 0x0123456789abcdeful) {
        if (p[i] != v) {
            c->first_bad = c->bad ? c->first_bad : (u64)&p[i];
            c->bad++;
        }
    }
}

static void say(void)
{
    u64 looks = 0, bad = 0, least = ~0ul, written = 0;

    for (u64 i = 0; i < processors; i++) {
        looks += count[i].looks;
        bad += count[i].bad;
        written += count[i].written;
        least = count[i].looks < least ? count[i].looks : least;
        if (count[i].bad) {
            put("wrong at ");
            put_hex(count[i].first_bad);
            put("\n");
        }
    }
    put("M");
    put_hex(looks);
    put(" B");
    put_hex(bad);
    put(" S");
    put_hex(least);
    put(" G");
    put_hex(written);
    put("\n");
}

static void work(u64 number)
{
    Count *c = &count[number];
    u64 random = number * 0x9e3779b97f4a7c15ul + 1, last = timebase(), own = pages / processors;

    for (u64 i = 0; i < own; i++) {
        write_page(i * processors + number);
    }
    c->filled = 1;
    for (u64 i = 0; i < processors; i++) {
        while (!count[i].filled) {
        }
    }
    if (!number) {
        put("ready\n");
    }
    for (;;) {
        random = random * 6364136223846793005ul + 1442695040888963407ul;
        u64 page = (random >> 33) % own * processors + number;
        check_page(c, page);
        if ((random >> 20) % REWRITE == 0) {
            generation[page]++;
            write_page(page);
            c->written++;
        }
        c->looks++;
        if (!number && timebase() - last > 512000000 / 16) {
            last = timebase();
            say();
        }
    }
}

void secondary_main(u64 number)
{
    while (!begin) {
    }
    work(number);
}

void test_main(void)
{
    u32 length, others = 0;
    u64 bytes = 0;

    mtspr(22, 0x7fffffff);
    for (unsigned n = 0; ; n++) {
        const u32 *reg = fdt_nth_property("reg", n, &length);
        if (!reg) {
            break;
        }
        if (length == 16 && !reg[0] && !reg[1]) {       /* the memory at 0 */
            bytes = (u64)reg[2] << 32 | reg[3];
        }
    }
    for (unsigned n = 0; n < MAX; n++) {
        const u32 *server = fdt_nth_property("ibm,ppc-interrupt-server#s", n, &length);
        for (unsigned t = 0; server && t < length / 4; t++) {
            u32 args[3] = { server[t], (u32)(u64)secondary, others + 1 }, ret[1];
            if ((n || t) && !rtas("start-cpu", 3, args, 1, ret)) {
                others++;
            }
        }
    }
    pages = ((bytes < LIMIT ? bytes : LIMIT) - BASE) / PAGE;
    processors = others + 1;
    for (u64 i = 0; i < pages; i++) {
        generation[i] = 0;
    }
    asm volatile("sync" : : : "memory");
    begin = 1;
    work(0);
}
