/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the XIVE interrupt controller answers: its hypercalls with good and with bad arguments, its pages, the interrupts that come
 * of it, one line a question. The peer has the answers (tests/functional/test_xive.py). It negotiates first: the controller that the
 * first letter of the machine's name says (-name 4: 0x40, XIVE), without a name XIVE if it is offered. After an `s` it asks the last
 * questions only.
 */
#include "rt/rt.h"

enum { CI_LOAD = 0x3c, CI_STORE = 0x40, CPPR = 0x68, IPI = 0x6c, IPOLL = 0x70, XIRR = 0x74, EOI = 0x64, CAS = 0xf002 };
enum { SOURCE_INFO = 0x3a8, SET_SOURCE = 0x3ac, GET_SOURCE = 0x3b0, QUEUE_INFO = 0x3b4, SET_QUEUE = 0x3b8, GET_QUEUE = 0x3bc,
       SET_LINE = 0x3c0, GET_LINE = 0x3c4, ESB = 0x3c8, SYNC = 0x3cc, RESET = 0x3d0 };
enum { QUEUE = 0x900000, QUEUE2 = 0x910000, VECTORS = 0x920000, TREE = 0xa00000, TREE_SIZE = 0x100000 };
enum { MSI = 0x1000, HOTPLUG = 0x1001, LSI = 0x1200, NONE = 0x1300, END = 0x2000 };
#define NOWHERE 0x100000000000ul
#define TRIGGER(n) (0x6010000000000ul + (u64)(n) * 0x20000)
#define MANAGE(n) (TRIGGER(n) + 0x10000)
#define TIMA_USER 0x60302031b0000ul
#define TIMA_OS 0x60302031a0000ul

#define LOAD(name, size, at) { "load " name, CI_LOAD, { size, at }, 1 }
#define STORE(name, size, at, v) { "store " name, CI_STORE, { size, at, v } }
#define RING LOAD("ring", 8, TIMA_OS + 0x10), LOAD("identity", 4, TIMA_OS + 0x18)
#define EVENTS(q) LOAD("event", 8, q), LOAD("event", 8, (q) + 8)
#define ACK LOAD("acknowledge", 2, TIMA_OS + 0x810), RING
#define PQ(n) LOAD("PQ", 8, MANAGE(n) + 0x800)

static const Call steps[] = {
    { "xics cppr", CPPR, { 0xff } }, { "xics ipoll", IPOLL, { 0 }, 2 }, { "xics ipi", IPI, { 0, 0xff } }, { "xics xirr", XIRR, { 0 }, 1 },
    { "xics eoi", EOI, { 0xff000000 } }, { "source info", SOURCE_INFO, { 0, MSI }, 4 },
    { "source info of an LSI", SOURCE_INFO, { 0, LSI }, 4 }, { "source info of an IPI", SOURCE_INFO, { 0, 0 }, 4 },
    { "source info of no IPI", SOURCE_INFO, { 0, 0x800 }, 4 }, { "source info, flags", SOURCE_INFO, { 1, MSI } },
    { "source info, nobody's", SOURCE_INFO, { 0, NONE } }, { "source info, past the end", SOURCE_INFO, { 0, END } },
    { "source info, 2^32 + 0x1000", SOURCE_INFO, { 0, 0x100001000 } }, { "get source", GET_SOURCE, { 0, MSI }, 3 },
    { "get source, flags", GET_SOURCE, { 2, MSI }, 3 }, { "get source, nobody's", GET_SOURCE, { 0, NONE } },
    { "get source, past the end", GET_SOURCE, { 0, END } }, { "set source, no queue", SET_SOURCE, { 0, MSI, 0, 5, 0 } },
    { "get source", GET_SOURCE, { 0, MSI }, 3 }, { "set source, flags", SET_SOURCE, { 4, MSI, 0, 5, 0 } },
    { "set source, nobody's", SET_SOURCE, { 0, NONE, 0, 5, 0 } }, { "set source, past the end", SET_SOURCE, { 0, END, 0, 5, 0 } },
    { "set source, no such target", SET_SOURCE, { 0, MSI, 77, 5, 0 } },
    { "set source, reserved priority", SET_SOURCE, { 0, MSI, 0, 7, 0 } }, { "set source, priority 8", SET_SOURCE, { 0, MSI, 0, 8, 0 } },
    { "set source, priority ff", SET_SOURCE, { 0, MSI, 0, 0xff, 0 } }, { "get source", GET_SOURCE, { 0, MSI }, 3 },
    { "set source, big number", SET_SOURCE, { 2, MSI, 0, 5, 0xffffffffffffffff } }, { "get source", GET_SOURCE, { 0, MSI }, 3 },
    { "queue info", QUEUE_INFO, { 0, 0, 5 }, 2 }, { "queue info, flags", QUEUE_INFO, { 1, 0, 5 } },
    { "queue info, no such target", QUEUE_INFO, { 0, 77, 5 } }, { "queue info, reserved priority", QUEUE_INFO, { 0, 0, 7 }, 2 },
    { "queue info, priority 8", QUEUE_INFO, { 0, 0, 8 } }, { "queue info, priority ff", QUEUE_INFO, { 0, 0, 0xff } },
    { "get queue", GET_QUEUE, { 0, 0, 5 }, 4 }, { "get queue, debug", GET_QUEUE, { 1, 0, 5 }, 4 },
    { "get queue, flags", GET_QUEUE, { 2, 0, 5 } }, { "get queue, no such target", GET_QUEUE, { 0, 77, 5 } },
    { "get queue, reserved priority", GET_QUEUE, { 0, 0, 7 } }, { "set queue, flags", SET_QUEUE, { 2, 0, 5, QUEUE, 16 } },
    { "set queue, no such target", SET_QUEUE, { 1, 77, 5, QUEUE, 16 } },
    { "set queue, reserved priority", SET_QUEUE, { 1, 0, 7, QUEUE, 16 } }, { "set queue, 4K", SET_QUEUE, { 1, 0, 5, QUEUE, 12 } },
    { "set queue, 2M", SET_QUEUE, { 1, 0, 5, 0xa00000, 21 } }, { "set queue, 16M", SET_QUEUE, { 1, 0, 5, 0x1000000, 24 } },
    { "set queue, 32K", SET_QUEUE, { 1, 0, 5, QUEUE, 15 } }, { "set queue, size 8", SET_QUEUE, { 1, 0, 5, QUEUE, 8 } },
    { "set queue, unaligned", SET_QUEUE, { 1, 0, 5, QUEUE + 0x1000, 16 } },
    { "set queue, no memory", SET_QUEUE, { 1, 0, 5, NOWHERE, 16 } }, { "set queue, none", SET_QUEUE, { 1, 0, 5, 0, 0 } },
    { "get queue, debug", GET_QUEUE, { 1, 0, 5 }, 4 }, { "set queue", SET_QUEUE, { 1, 0, 5, QUEUE, 16 } },
    { "get queue", GET_QUEUE, { 0, 0, 5 }, 4 }, { "get queue, debug", GET_QUEUE, { 1, 0, 5 }, 4 },
    { "set queue, not always notified", SET_QUEUE, { 0, 0, 4, QUEUE2, 16 } }, { "get queue, debug", GET_QUEUE, { 1, 0, 4 }, 4 },
    { "set line", SET_LINE, { 0, QUEUE } }, { "set line, unaligned", SET_LINE, { 0, QUEUE + 4 } },
    { "set line, flags", SET_LINE, { 1, QUEUE } }, { "get line", GET_LINE, { 0, 0, 0 }, 1 },
    { "get line, no such target", GET_LINE, { 0, 77, 0 } }, { "get line, flags", GET_LINE, { 1, 0, 0 } }, { "sync", SYNC, { 0, MSI } },
    { "sync, flags", SYNC, { 1, MSI } }, { "sync, nobody's", SYNC, { 0, NONE } }, { "sync, past the end", SYNC, { 0, END } },
    { "esb", ESB, { 0, MSI, 0x800, 0 }, 1 }, { "esb, flags", ESB, { 2, MSI, 0x800, 0 } }, { "esb, nobody's", ESB, { 0, NONE, 0x800, 0 } },
    { "esb, past the end", ESB, { 0, END, 0x800, 0 } }, { "esb, offset past the page", ESB, { 0, MSI, 0x10000, 0 }, 1 },
    { "esb, odd offset", ESB, { 0, MSI, 0x804, 0 }, 1 }, { "esb, offset past both pages", ESB, { 0, MSI, 0x20000, 0 }, 1 },
    { "esb of an LSI", ESB, { 0, LSI, 0x800, 0 }, 1 }, { "esb, set 10", ESB, { 0, LSI, 0xe00, 0 }, 1 },
    { "esb, load eoi", ESB, { 0, LSI, 0, 0 }, 1 }, { "esb, store eoi", ESB, { 1, LSI, 0x400, 0 }, 1 },
    { "esb", ESB, { 0, LSI, 0x800, 0 }, 1 }, { "esb, set 01", ESB, { 0, LSI, 0xd00, 0 }, 1 },
    { "esb, store at 0", ESB, { 1, MSI, 0, 0 }, 1 }, PQ(MSI),
    /* thread context */
    RING, LOAD("user ring", 8, TIMA_USER), LOAD("os ring by the user page", 8, TIMA_USER + 0x10), LOAD("user identity", 4, TIMA_USER + 8),
    LOAD("user ring by the os page", 8, TIMA_OS), LOAD("pool ring by the os page", 8, TIMA_OS + 0x20),
    LOAD("phys ring by the os page", 8, TIMA_OS + 0x30), LOAD("half", 4, TIMA_OS + 0x10), LOAD("half", 4, TIMA_OS + 0x14),
    LOAD("halfword", 2, TIMA_OS + 0x10), LOAD("byte", 1, TIMA_OS + 0x13), LOAD("byte", 1, TIMA_OS + 0x17),
    LOAD("identity", 8, TIMA_OS + 0x18), LOAD("odd", 2, TIMA_OS + 0x13), LOAD("odd", 4, TIMA_OS + 0x12),
    LOAD("pool ring", 8, TIMA_OS - 0x10000 + 0x20), LOAD("phys ring", 8, TIMA_OS - 0x20000 + 0x30), ACK,
    STORE("cppr", 1, TIMA_OS + 0x11, 4), RING, LOAD("byte of cppr", 1, TIMA_OS + 0x11), LOAD("nsr and cppr", 2, TIMA_OS + 0x10),
    LOAD("half", 4, TIMA_OS + 0x10), LOAD("byte of nsr", 1, TIMA_OS + 0x10), LOAD("byte of identity", 1, TIMA_OS + 0x18),
    STORE("cppr of 4", 4, TIMA_OS + 0x10, 0x01030507), RING, STORE("cppr 0", 1, TIMA_OS + 0x11, 0),
    STORE("pending", 1, TIMA_OS + 0x812, 1), STORE("cppr of 4", 4, TIMA_OS + 0x10, 0x01030507), RING,
    STORE("cppr 0", 1, TIMA_OS + 0x11, 0), RING, STORE("cppr of 8", 8, TIMA_OS + 0x10, 0x0104050000000000), RING,
    STORE("cppr of 9 in 4", 4, TIMA_OS + 0x10, 0x01990507), RING, STORE("cppr ff", 1, TIMA_OS + 0x11, 0xff), ACK,
    STORE("cppr 4", 1, TIMA_OS + 0x11, 4), STORE("cppr", 1, TIMA_OS + 0x11, 8), RING, STORE("cppr", 1, TIMA_OS + 0x11, 0x7f), RING,
    STORE("cppr of 2", 2, TIMA_OS + 0x11, 0x0506), RING, STORE("cppr of 8", 8, TIMA_OS + 0x10, 0x0104050000000000), RING,
    STORE("cppr by the user", 1, TIMA_USER + 0x11, 3), RING, STORE("nsr", 1, TIMA_OS + 0x10, 0xff), RING,
    STORE("ipb", 1, TIMA_OS + 0x12, 0x10), RING, STORE("lsmfb", 1, TIMA_OS + 0x13, 0x12), STORE("age", 1, TIMA_OS + 0x16, 0x15),
    STORE("pipr", 1, TIMA_OS + 0x17, 0x16), RING, STORE("identity", 4, TIMA_OS + 0x18, 0), RING, STORE("user cppr", 1, TIMA_OS + 1, 4),
    LOAD("user ring", 8, TIMA_OS), STORE("cppr ff", 1, TIMA_OS + 0x11, 0xff), RING, STORE("pending", 1, TIMA_OS + 0x812, 3), RING, ACK,
    STORE("cppr ff", 1, TIMA_OS + 0x11, 0xff), RING, STORE("pending 9", 1, TIMA_OS + 0x812, 9), RING,
    STORE("cppr 0", 1, TIMA_OS + 0x11, 0), RING, STORE("pending", 1, TIMA_OS + 0x812, 6), STORE("pending", 1, TIMA_OS + 0x812, 2), RING,
    ACK, STORE("cppr 3", 1, TIMA_OS + 0x11, 3), RING, ACK, STORE("cppr ff", 1, TIMA_OS + 0x11, 0xff), RING,
    STORE("cppr 3", 1, TIMA_OS + 0x11, 3), RING, ACK, STORE("cppr ff", 1, TIMA_OS + 0x11, 0xff), RING, ACK, ACK,
    STORE("cppr ff", 1, TIMA_OS + 0x11, 0xff), RING, LOAD("acknowledge of 1", 1, TIMA_OS + 0x810),
    LOAD("acknowledge of 4", 4, TIMA_OS + 0x810), LOAD("acknowledge by the user", 2, TIMA_USER + 0x810),
    LOAD("acknowledge ebb", 2, TIMA_USER + 0x800), LOAD("pull", 4, TIMA_OS + 0x808), RING, STORE("acknowledge", 1, TIMA_OS + 0xc10, 0),
    RING, LOAD("past the rings", 8, TIMA_OS + 0x40), LOAD("far past the rings", 8, TIMA_OS + 0xff00),
    STORE("past the rings", 8, TIMA_OS + 0x40, 1),
    /* sources and their pages */
    { "set source", SET_SOURCE, { 2, MSI, 0, 5, 0x1234 } }, { "get source", GET_SOURCE, { 0, MSI }, 3 }, PQ(MSI),
    STORE("trigger off", 8, TRIGGER(MSI), 0), PQ(MSI), LOAD("set 00", 8, MANAGE(MSI) + 0xc00), PQ(MSI), EVENTS(QUEUE), RING,
    STORE("trigger", 8, TRIGGER(MSI), 0), PQ(MSI), EVENTS(QUEUE), RING, ACK, STORE("trigger", 8, TRIGGER(MSI), 0), PQ(MSI), EVENTS(QUEUE),
    RING, LOAD("eoi", 8, MANAGE(MSI)), PQ(MSI), EVENTS(QUEUE), RING, LOAD("eoi", 8, MANAGE(MSI)), PQ(MSI), EVENTS(QUEUE), RING,
    LOAD("eoi", 8, MANAGE(MSI)), PQ(MSI), STORE("cppr ff", 1, TIMA_OS + 0x11, 0xff), RING, ACK, STORE("cppr ff", 1, TIMA_OS + 0x11, 0xff),
    RING, STORE("trigger of 4", 4, TRIGGER(MSI), 0), PQ(MSI), STORE("store eoi", 8, MANAGE(MSI) + 0x400, 0), PQ(MSI), EVENTS(QUEUE), RING,
    ACK, LOAD("set 11", 8, MANAGE(MSI) + 0xf00), PQ(MSI), STORE("store eoi", 8, MANAGE(MSI) + 0x400, 0), PQ(MSI),
    LOAD("set 01", 8, MANAGE(MSI) + 0xd00), PQ(MSI), STORE("set 10", 8, MANAGE(MSI) + 0xe00, 0), PQ(MSI),
    STORE("trigger at 0x400", 8, TRIGGER(MSI) + 0x400, 0), PQ(MSI), LOAD("set 00", 8, MANAGE(MSI) + 0xc00),
    LOAD("trigger page", 8, TRIGGER(MSI)), LOAD("trigger page", 8, TRIGGER(MSI) + 0x800), PQ(MSI),
    { "get queue, debug", GET_QUEUE, { 1, 0, 5 }, 4 }, STORE("trigger by the page of management", 8, MANAGE(MSI), 0), PQ(MSI),
    LOAD("PQ of 4", 4, MANAGE(MSI) + 0x800), LOAD("PQ of 1", 1, MANAGE(MSI) + 0x800), LOAD("PQ at 0x808", 8, MANAGE(MSI) + 0x808),
    LOAD("PQ at 0x810", 8, MANAGE(MSI) + 0x810), LOAD("PQ at 0x900", 8, MANAGE(MSI) + 0x900), LOAD("at 0x400", 8, MANAGE(MSI) + 0x400),
    PQ(MSI), { "get queue, debug", GET_QUEUE, { 1, 0, 5 }, 4 }, LOAD("at 0x1800", 8, MANAGE(MSI) + 0x1800), PQ(MSI),
    { "get queue, debug", GET_QUEUE, { 1, 0, 5 }, 4 }, LOAD("set 00 in order", 8, MANAGE(MSI) + 0xc10), PQ(MSI),
    LOAD("nobody's", 8, MANAGE(NONE) + 0x800), LOAD("no trigger page of an LSI", 8, TRIGGER(LSI)),
    STORE("trigger of an LSI", 8, TRIGGER(LSI), 0), PQ(LSI), { "set source", SET_SOURCE, { 2, LSI, 0, 4, 0x77 } },
    LOAD("set 00", 8, MANAGE(LSI) + 0xc00), STORE("trigger of an LSI", 8, TRIGGER(LSI), 0), PQ(LSI),
    STORE("trigger of an LSI", 8, MANAGE(LSI), 0), PQ(LSI), EVENTS(QUEUE2), RING, LOAD("eoi", 8, MANAGE(LSI)),
    /* masks, priorities, other queues */
    { "get queue, debug", GET_QUEUE, { 1, 0, 5 }, 4 }, { "set source, mask", SET_SOURCE, { 1, MSI, 0, 5, 0 } },
    { "get source", GET_SOURCE, { 0, MSI }, 3 }, LOAD("set 00", 8, MANAGE(MSI) + 0xc00), STORE("trigger", 8, TRIGGER(MSI), 0), PQ(MSI),
    { "get queue, debug", GET_QUEUE, { 1, 0, 5 }, 4 }, EVENTS(QUEUE),
    { "set source, keep the number", SET_SOURCE, { 0, MSI, 0, 5, 0x99 } }, { "get source", GET_SOURCE, { 0, MSI }, 3 }, EVENTS(QUEUE),
    LOAD("set 00", 8, MANAGE(MSI) + 0xc00), STORE("trigger", 8, TRIGGER(MSI), 0), EVENTS(QUEUE), RING, ACK,
    { "set source, mask and number", SET_SOURCE, { 3, MSI, 0, 5, 0x99 } }, { "get source", GET_SOURCE, { 0, MSI }, 3 },
    { "set source of an IPI", SET_SOURCE, { 2, 0, 0, 4, 0x42 } }, LOAD("set 00", 8, MANAGE(0) + 0xc00),
    STORE("trigger", 8, TRIGGER(0), 0), EVENTS(QUEUE2), RING, ACK, LOAD("set 00", 8, MANAGE(0) + 0xc00),
    STORE("trigger", 8, TRIGGER(0), 0), EVENTS(QUEUE2), RING, ACK, { "get queue, debug", GET_QUEUE, { 1, 0, 4 }, 4 },
    { "set source, priority without queue", SET_SOURCE, { 2, HOTPLUG, 0, 2, 0x55 } }, { "get source", GET_SOURCE, { 0, HOTPLUG }, 3 },
    LOAD("set 00", 8, MANAGE(HOTPLUG) + 0xc00), STORE("trigger", 8, TRIGGER(HOTPLUG), 0), PQ(HOTPLUG), RING,
    { "queue info", QUEUE_INFO, { 0, 0, 4 }, 2 }, { "set queue again", SET_QUEUE, { 1, 0, 5, QUEUE, 16 } },
    { "get queue, debug", GET_QUEUE, { 1, 0, 5 }, 4 }, { "set queue, none", SET_QUEUE, { 0, 0, 4, 0, 0 } },
    { "get queue, debug", GET_QUEUE, { 1, 0, 4 }, 4 }, { "get source", GET_SOURCE, { 0, 0 }, 3 }, LOAD("set 00", 8, MANAGE(0) + 0xc00),
    STORE("trigger", 8, TRIGGER(0), 0), PQ(0), RING, { "reset, flags", RESET, { 1 } }, { "reset", RESET, { 0 } },
    { "after reset: get source", GET_SOURCE, { 0, MSI }, 3 }, { "after reset: get queue, debug", GET_QUEUE, { 1, 0, 5 }, 4 },
    LOAD("after reset: PQ", 8, MANAGE(MSI) + 0x800), RING,
};

/* Left for those who look at what is saved. */
static const Call last_steps[] = {
    { "after reset: set queue", SET_QUEUE, { 1, 0, 6, QUEUE, 16 } }, { "after reset: set source", SET_SOURCE, { 2, MSI, 0, 6, 0x1000 } },
    LOAD("after reset: set 00", 8, MANAGE(MSI) + 0xc00), { "after reset: set source", SET_SOURCE, { 2, LSI, 0, 6, 0x1200 } },
    LOAD("after reset: set 10", 8, MANAGE(LSI) + 0xe00), STORE("cppr", 1, TIMA_OS + 0x11, 5), STORE("trigger", 8, TRIGGER(MSI), 0),
    LOAD("after reset: PQ", 8, MANAGE(MSI) + 0x800), RING, EVENTS(QUEUE),
};

/* The calls that are XICS's, on the hot-plug source. */
static void ask_rtas(void)
{
    static const struct { const char *name; int nargs, nrets; u32 args[3]; } calls[] = {
        { "ibm,set-xive", 3, 1, { HOTPLUG, 0, 5 } }, { "ibm,get-xive", 1, 3, { HOTPLUG } },
        { "ibm,int-off", 1, 1, { HOTPLUG } }, { "ibm,int-on", 1, 1, { HOTPLUG } },
    };

    for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        u32 rets[16] = { 0 };
        u64 status = (u32)rtas(calls[i].name, calls[i].nargs, calls[i].args, calls[i].nrets, rets);
        put("RTAS ");
        put(calls[i].name);
        put(" -> ");
        put_hex(status);
        put(" ");
        put_hex(rets[1]);
        put(" ");
        put_hex(rets[2]);
        put("\n");
    }
}

/* ibm,client-architecture-support: any processor of ISA 3.0 on, the hash MMU, the interrupt controller `choice`. */
static u64 negotiate(u8 choice)
{
    u8 *v = (u8 *)VECTORS;
    static const u32 processors[] = { 0xffffffff, 0x0f000005, 0xfffffffe, 0x0f000001 };

    for (int i = 0; i < 4; i++) {
        ((u32 *)v)[i] = processors[i];
    }
    v += sizeof(processors);
    *v++ = 4;                       /* five vectors, each with its length less one; four of no content */
    for (int i = 0; i < 8; i++) {
        *v++ = 0;
    }
    *v++ = 26;
    for (int i = 1; i <= 26; i++) {
        *v++ = i == 23 ? choice : 0;
    }
    return hcall(CAS, VECTORS, TREE, TREE_SIZE);
}

void secondary_main(u64 number)
{
}

void test_main(void)
{
    u32 length;
    const u8 *support = (const u8 *)fdt_property("ibm,arch-vec-5-platform-support", &length);

    const u8 *name = (const u8 *)fdt_property("ibm,partition-name", &length);

    put("OFFERED ");
    put_hex(support[1]);
    put("\n");
    if (name || support[1]) {
        put("CALL cas -> ");
        put_hex(negotiate(name ? (name[0] - '0') << 4 : 0x40));
        put("\n");
    }
    int all = !name || !name[0] || name[1] != 's';
    for (unsigned i = 0; all && i < sizeof(steps) / sizeof(steps[0]); i++) {
        print_call(&steps[i]);
    }
    if (all) {
        ask_rtas();
    }
    for (unsigned i = 0; i < sizeof(last_steps) / sizeof(last_steps[0]); i++) {
        print_call(&last_steps[i]);
    }
    check("all asked", 1, 1);
    put("WAITING\n");
    for (u64 i = 0; i < 1ul << 40; i++) {
        asm volatile("or 31, 31, 31");
    }
}
