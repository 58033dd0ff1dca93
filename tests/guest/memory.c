/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that is watched while it moves. What is to be done is in the guest's name (-name f64z16d8s4, in MiB, from 32 MiB on):
 * f: filled with words that do not compress and stay; t: with text-like words that do; z: written with zeros; d: written all over again
 * and again, each page with the number of the lap in each of its words; s: like d, but only one word a page changes; g: a gap, left alone.
 * Each lap goes through all of it and prints how many laps there were and how many words were not as they should be; before that, of each kind, where
 * the first of them is, what was read, what is there when it is read again and what should be.
 */
#include "rt/rt.h"

enum { PAGE = 4096, WORDS = PAGE / 8 };
#define MIB (1ul << 20)

static u64 mix(u64 v)
{
    v *= 0x9e3779b97f4a7c15ul;
    return v ^ v >> 29;
}

enum { FILL, TEXT, ZERO, DIRTY, SPARSE, KINDS };
static u64 start[KINDS], end[KINDS];

static u64 expected(int kind, u64 address, u64 lap)
{
    switch (kind) {
    case FILL: return mix(address);
    case TEXT: return 0x20202020ul << 32 | (address >> 6 & 0xffff);
    case DIRTY: return mix(address ^ lap << 40);
    case SPARSE: return address % PAGE == 8 * (address / PAGE % WORDS) ? mix(lap) : mix(address);
    default: return 0;
    }
}

static void write_all(int kind, u64 lap)
{
    for (u64 a = start[kind]; a < end[kind]; a += 8) {
        *(volatile u64 *)a = expected(kind, a, lap);
    }
}

static void tell(int kind, u64 a, u64 got, u64 lap)
{
    const u64 words[] = { (u64)kind, a, got, *(volatile u64 *)a, expected(kind, a, lap), lap };

    put("WRONG");
    for (u32 i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        put(" ");
        put_hex(words[i]);
    }
    put("\n");
}

static u64 wrong(int kind, u64 lap)
{
    u64 n = 0;

    for (u64 a = start[kind]; a < end[kind]; a += 8) {
        u64 got = *(volatile u64 *)a;
        if (got != expected(kind, a, lap) && !n++) {
            tell(kind, a, got, lap);
        }
    }
    return n;
}

static void parameters(void)
{
    static const char letters[KINDS + 1] = "ftzds";
    u32 length;
    const char *name = (const char *)fdt_property("ibm,partition-name", &length);
    u64 at = 32 * MIB;

    for (u32 i = 0; name && i < length && name[i]; ) {
        const u32 letter = i;
        int kind = 0;
        u64 n = 0;
        while (kind < KINDS && letters[kind] != name[i]) {
            kind++;
        }
        for (i++; i < length && name[i] >= '0' && name[i] <= '9'; i++) {
            n = n * 10 + name[i] - '0';
        }
        if (kind < KINDS) {
            start[kind] = at;
            at = end[kind] = at + n * MIB;
        } else if (name[letter] == 'g') {
            at += n * MIB;
        }
    }
}

void test_main(void)
{
    u64 bad = 0;

    mtspr(22, 0x7fffffff);
    parameters();
    for (int kind = 0; kind < KINDS; kind++) {
        write_all(kind, 0);
    }
    for (u64 lap = 1; ; lap++) {
        for (u64 a = start[SPARSE]; a < end[SPARSE]; a += PAGE) {
            *(volatile u64 *)(a + 8 * (a / PAGE % WORDS)) = mix(lap);
        }
        write_all(DIRTY, lap);
        for (int kind = 0; kind < KINDS; kind++) {
            bad += wrong(kind, lap);
        }
        put("LAP ");
        put_hex(lap);
        put(" BAD ");
        put_hex(bad);
        put("\n");
    }
}

void secondary_main(u64 number) { }
