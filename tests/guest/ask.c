/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does what the console says, so that a test can put questions to the platform at any moment, before and after the guest moved
 * (tests/functional/asking.py). A line is a letter and hexadecimal numbers; the answer is a line that begins with "=":
 *
 *     h OP ARGUMENT...             hypercall: status, r4 to r7
 *     r NAME NRETS ARGUMENT...     RTAS call: its results
 *     s ADDRESS VALUE              stores a doubleword
 *     l ADDRESS [COUNT]            loads one, or as many
 *     t STATE                      goes on with MSR[TS] = STATE (1: suspended, 2: transactional); MSR
 *     e                            lets interrupts in; the vector of the one that comes, or 0; no decrementer's for the next seconds
 *     m EA                         loads one through the hash table, from segment 3 with VSID 0x1234; or "trap" and the vector
 */
#include "rt/rt.h"

#define VSID 0x1234ul

static char line[256], *at;

static char get_char(void)
{
    static u64 got[2];
    static u64 have, used;

    while (used == have) {
        have = hcall(0x54, 0) ? 0 : hcall_out[0];
        got[0] = hcall_out[1];
        got[1] = hcall_out[2];
        used = 0;
    }
    return ((const char *)got)[used++];
}

static void read_line(void)
{
    unsigned n = 0;
    char c;

    while ((c = get_char()) != '\n') {
        if (n < sizeof(line) - 1) {
            line[n++] = c;
        }
    }
    line[n] = 0;
    at = line;
}

static char *word(void)
{
    char *start;

    while (*at == ' ') {
        at++;
    }
    start = at;
    while (*at && *at != ' ') {
        at++;
    }
    if (*at) {
        *at++ = 0;
    }
    return start;
}

static u64 number(void)
{
    u64 v = 0;

    for (const char *c = word(); *c; c++) {
        v = v << 4 | (*c <= '9' ? *c - '0' : (*c | 32) - 'a' + 10);
    }
    return v;
}

static void answer(u64 value)
{
    put(" ");
    put_hex(value);
}

static void hypercall(void)
{
    u64 op = number(), a[7];

    for (int i = 0; i < 7; i++) {
        a[i] = number();
    }
    u64 rc = hcall(op, a[0], a[1], a[2], a[3], a[4], a[5], a[6]), out[4] = { hcall_out[0], hcall_out[1], hcall_out[2], hcall_out[3] };
    put("=");
    answer(rc);
    for (int i = 0; i < 4; i++) {
        answer(out[i]);
    }
}

static void service(void)
{
    const char *name = word();
    u32 nrets = number(), args[16], rets[16] = { 0 }, n = 0;

    while (*at && n < 16) {
        args[n++] = number();
    }
    rets[0] = rtas(name, n, args, nrets, rets);
    put("=");
    for (u32 i = 0; i < nrets && i < 16; i++) {
        answer(rets[i]);
    }
}

static void transaction(void)
{
    u64 msr = (mfmsr() & ~(6ul << 32)) | number() << 33, next;

    asm volatile("bcl 20, 31, 1f; 1: mflr %0; addi %0, %0, 2f - 1b; mtspr 26, %0; mtspr 27, %1; rfid; 2:" : "=&b"(next) : "r"(msr) : "lr", "memory");
    put("=");
    answer(mfmsr());
}

static void open(long unused)
{
    asm volatile("mtmsrd %0; isync" : : "r"(mfmsr() | 0x8000) : "memory");
    for (volatile int i = 0; i < 100000; i++) {
    }
    asm volatile("mtmsrd %0; isync" : : "r"(mfmsr() & ~0x8000ul) : "memory");
}

static void interrupt(void)
{
    asm volatile("mtdec %0" : : "r"(0x7ffffffful));
    put("=");
    answer(trap(open, 0));
}

static u64 loaded;

static void load(long ea)
{
    asm volatile("slbia; isync; slbmte %0, %1; isync" : : "r"(VSID << 12), "r"((ea & ~0xffffffful) | 0x8000000 | 3) : "memory");
    loaded = mmu_load(ea);
}

static void through_table(void)
{
    int vector = trap(load, number());

    put(vector ? "= trap" : "=");
    answer(vector ? vector : loaded);
}

void secondary_main(u64 n)
{
}

void test_main(void)
{
    for (;;) {
        read_line();
        char what = *word();
        if (what == 'h') {
            hypercall();
        } else if (what == 'r') {
            service();
        } else if (what == 's') {
            u64 address = number();
            *(volatile u64 *)address = number();
            put("=");
        } else if (what == 'l') {
            volatile u64 *from = (u64 *)number();
            u64 count = *at ? number() : 1;
            put("=");
            for (u64 i = 0; i < count; i++) {
                answer(from[i]);
            }
        } else if (what == 'e') {
            interrupt();
        } else if (what == 't') {
            transaction();
        } else if (what == 'm') {
            through_table();
        } else {
            put("= what?");
        }
        put("\n");
    }
}
