/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RTAS calls whose arguments lie in another page each time, all over memory, for ever: the platform, not the processor, is the first to touch a page.
 * Every page holds its call before. It says M<calls> B<calls that failed> S<calls> G0, as churn.c does; "ready" comes before.
 */
#include "rt/rt.h"

enum { BASE = 5 << 20, PAGE = 4096, PAGES = (200 << 20) / PAGE, H_RTAS = 0xf000, RETS = 8 };

static u64 timebase(void)
{
    u64 v;

    asm volatile("mftb %0" : "=r"(v));
    return v;
}

static void say(u64 calls, u64 bad)
{
    put("M");
    put_hex(calls);
    put(" B");
    put_hex(bad);
    put(" S");
    put_hex(calls);
    put(" G");
    put_hex(0);
    put("\n");
}

void secondary_main(u64 number)
{
}

void test_main(void)
{
    u32 length, token = *fdt_property("get-time-of-day", &length);
    u64 random = 1, calls = 0, bad = 0, last = timebase();

    for (u64 p = 0; p < PAGES; p++) {
        volatile u32 *call = (volatile u32 *)(BASE + p * PAGE + 1024);
        call[0] = token;
        call[2] = RETS;
    }
    put("ready\n");
    for (;;) {
        random = random * 6364136223846793005ul + 1442695040888963407ul;
        volatile u32 *call = (volatile u32 *)(BASE + (random >> 33) % PAGES * PAGE + 1024);
        bad += hcall(H_RTAS, (u64)call) != 0 || call[3] != 0;
        calls++;
        if (timebase() - last > 512000000 / 16) {
            last = timebase();
            say(calls, bad);
        }
    }
}
