/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waits for the platform to report an event (the test asks for a power-down), and prints the log that check-exception gives. */
#include "rt/rt.h"

static u8 log_area[2048] __attribute__((aligned(64)));

void secondary_main(u64 number)
{
}

void test_main(void)
{
    const u32 scan[4] = { 0xffffffff, 1, (u32)(u64)log_area, sizeof(log_area) };
    const u32 none[6] = { 0x500, 0x1000, 0, 1, (u32)(u64)log_area, sizeof(log_area) };
    const u32 epow[6] = { 0x500, 0x1000, 0x40000000, 1, (u32)(u64)log_area, sizeof(log_area) };
    u32 length;
    u64 cppr = hcall(0x68, 0xff), xirr = 0;

    check("cppr open", cppr, 0);
    const u32 xive[3] = { *fdt_property("interrupt-ranges", &length), 0, 5 };
    check("epow interrupt routed", rtas("ibm,set-xive", 3, xive, 1, 0), 0);
    check("nothing yet", rtas("check-exception", 6, epow, 1, 0), 1);
    put("WAITING\n");
    while (!(xirr & 0xffffff)) {
        hcall(0x74, 0);
        xirr = hcall_out[0];
    }
    check("the interrupt", xirr, 0xff000000 | xive[0]);
    check("another kind of event", rtas("check-exception", 6, none, 1, 0), 1);
    check("not for the scan", rtas("event-scan", 4, scan, 1, 0), 1);
    check("the event", rtas("check-exception", 6, epow, 1, 0), 0);
    put("LOG");
    for (unsigned i = 0; i < 0x120; i++) {
        put(" ");
        put_hex(log_area[i]);
    }
    put("\n");
    hcall(0x64, xirr);
    check("once only", rtas("check-exception", 6, epow, 1, 0), 1);
}
