/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest gone wild: every hypercall number with senseless arguments, RTAS calls with wrong counts and unknown tokens, and
 * a thousand random words as instructions. What comes back is the emulator's to choose within the architecture; that
 * the guest is still there to say so, and can power off, is the test.
 */
#include "rt/rt.h"

enum { H_CEDE = 0xe0, H_CONFER = 0xe4, H_JOIN = 0x298, H_SIGNAL_SYS_RESET = 0x380, H_SET_MODE = 0x31c, H_PUT_TERM_CHAR = 0x58, H_CAS_PRIVATE = 0xf002 };

static u64 state = 0x123456789abcdef;

static u64 next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* Out of memory in every reading: what the emulator must refuse, not what could overwrite this guest. */
static u64 argument(void)
{
    static const u64 edges[] = { ~0ul, 1ul << 63, 0x7ffffffffffffffful, 0xffffffffful, 1ul << 40, 0xfffffffffffff000ul };
    u64 r = next();

    return r & 1 ? edges[(r >> 8) % 6] : r | 1ul << 60;
}

static void one_call(long number)
{
    hcall(number, argument(), argument(), argument(), argument(), argument());
}

int main_calls(u64 from, u64 to);
int main_calls(u64 from, u64 to)
{
    int answered = 0;

    for (u64 n = from; n < to; n += 4) {
        if (n == H_CEDE || n == H_CONFER || n == H_JOIN || n == H_SIGNAL_SYS_RESET || n == H_SET_MODE || n == H_PUT_TERM_CHAR) {
            continue;       /* these may rightly stop or change this processor, or print */
        }
        for (int i = 0; i < 8; i++) {
            trap(one_call, n);
            answered++;
        }
    }
    return answered;
}

static u32 scratch[4] __attribute__((aligned(128)));

static void one_word(long word)
{
    scratch[0] = word;
    scratch[1] = 0x4e800020;
    asm volatile("dcbst 0, %0; sync; icbi 0, %0; isync" : : "r"(scratch) : "memory");
    ((void (*)(void))scratch)();
}

void test_main(void)
{
    u32 args[16], rets[16];
    int refused = 0, tried = 0;

    mtspr(22, 0x7fffffff);
    check("hypercalls answered", main_calls(4, 0x500) > 0, 1);
    check("private hypercalls answered", main_calls(0xf004, 0xf100) > 0, 1);
    check("an unknown hypercall is H_FUNCTION", hcall(0x7ffc), (u64)-2);
    check("a misaligned hypercall number is H_FUNCTION", hcall(0x59), (u64)-2);
    for (int i = 0; i < 16; i++) {
        args[i] = 0xfffffff0 + i;
    }
    for (u32 token = 0x3000; token < 0x3100; token++) {
        tried++;
        refused += rtas_token(token, 7, args, 5, rets) != 0;
    }
    check("unknown RTAS tokens refused", refused, tried);
    hcall(0xf000, 0xfffffffffff0);      /* its block past memory: any answer will do, the guest must survive it */
    check("RTAS still knows a good call", rtas("get-time-of-day", 0, 0, 8, rets), 0);
    /* Opcodes 0 and 1-with-nothing: no processor has them */
    int illegal = 0;
    for (int i = 0; i < 200; i++) {
        illegal += trap(one_word, next() & 0x03ffffff) == 0x700;
    }
    check("primary opcode 0 is illegal", illegal, 200);
}
void secondary_main(u64 number) { }
