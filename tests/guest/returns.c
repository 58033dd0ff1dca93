/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Returns that do not go where, or to what, the call left: over deep recursion, past callers (as longjmp does), to another
 * stack, to instructions that were changed or exist in another page since, and in another state (MSR[FP], MSR[LE]).
 * A translator that guesses where a return goes must not be led astray by any of them.
 */
#include "rt/rt.h"

enum { MSR_FP = 0x2000, MSR_LE = 1, ROUNDS = 200 };
#define OWN_PAGE __attribute__((noinline, noclone, aligned(4096)))

static void seen(const volatile void *at)
{
    asm volatile("dcbst 0, %0; sync; icbi 0, %0; sync; isync" : : "r"(at) : "memory");
}

/* ---- recursion ---- */

static OWN_PAGE u64 odd(u64 n, u64 seed);
static OWN_PAGE u64 even(u64 n, u64 seed) { return n ? 3 * odd(n - 1, seed + n) + n : seed; }
static OWN_PAGE u64 odd(u64 n, u64 seed) { return n ? (even(n - 1, seed ^ n) << 1 | n % 3) - n : ~seed; }

static u64 without_calls(u64 n, u64 seed)
{
    u64 depth = 0, value;

    for (; depth < n; depth++) {
        seed = depth & 1 ? seed ^ (n - depth) : seed + (n - depth);
    }
    value = depth & 1 ? ~seed : seed;
    while (depth-- > 0) {
        u64 m = n - depth;
        value = depth & 1 ? (value << 1 | m % 3) - m : 3 * value + m;
    }
    return value;
}

static OWN_PAGE u64 tree(u64 n) { return n < 2 ? n + 1 : tree(n - 1) + 2 * tree(n - 2); }

static void recursion(void)
{
    u64 wrong = 0;

    for (u64 n = 0; n < 150; n++) {
        wrong += even(n, 12345 * n) != without_calls(n, 12345 * n);
    }
    wrong += even(2000, 7) != without_calls(2000, 7);
    check("deep recursion", wrong, 0);
    check("recursion as a tree", tree(20), 1ul << 20);
}

/* ---- past callers ---- */

typedef struct Context { u64 sp, toc, lr, cr, saved[18]; } Context;
int mark(Context *c) __attribute__((returns_twice));            /* as setjmp */
void resume(Context *c, long value);                            /* as longjmp */
void swap(Context *from, Context *to);                          /* goes on where `to` was left */
asm(".text; .globl mark, resume, swap\n"
    ".macro each op\n.set i, 14\n.rept 18\n\\op i, (32 + (i - 14) * 8)(%r3)\n.set i, i + 1\n.endr\n.endm\n"
    ".macro keep\nstd 1, 0(3); std 2, 8(3); mflr 0; std 0, 16(3); mfcr 0; std 0, 24(3)\neach std\n.endm\n"
    ".macro take\nld 1, 0(3); ld 2, 8(3); ld 0, 16(3); mtlr 0; ld 0, 24(3); mtcr 0\neach ld\n.endm\n"
    "mark: keep\nli 3, 0; blr\n"
    "resume: mr 5, 4\ntake\nmr 3, 5; blr\n"
    "swap: keep\nmr 3, 4\ntake\nblr\n");

static Context *volatile back_to;

static OWN_PAGE u64 dive(u64 n)
{
    if (n == 0) {
        resume(back_to, 99);
        return ~0ul;
    }
    return dive(n - 1) + n;
}

static OWN_PAGE u64 skipped(u64 depth)
{
    Context c;

    back_to = &c;
    return mark(&c) ? depth : dive(depth);
}

static void past_callers(void)
{
    u64 sum = 0;

    for (u64 i = 0; i < ROUNDS; i++) {
        sum += skipped(i % 50) + tree(i % 5);
    }
    check("returns past callers", sum, 4 * 1225 + 40 * (1 + 2 + 4 + 8 + 16));
}

/* ---- other stacks ---- */

static Context first, second;
static u64 other_stack[4096] __attribute__((aligned(16)));
static volatile u64 trace;

static OWN_PAGE u64 nest(u64 n, Context *me, Context *them)
{
    if (n == 0) {
        trace = trace * 31 + (me == &first);
        swap(me, them);
        return 1;
    }
    return nest(n - 1, me, them) + 1;
}

static void other(void)
{
    for (u64 i = 0; ; i++) {
        u64 depth = nest(i % 40, &second, &first);
        trace += depth;
    }
}

static void other_stacks(void)
{
    u64 expect = 0, sum = 0;

    second = (Context){ .sp = (u64)(other_stack + 4080), .lr = (u64)other };
    asm volatile("std 2, 8(%0)" : : "b"(&second) : "memory");
    for (u64 i = 0; i < ROUNDS; i++) {
        sum += nest(i % 7, &first, &second);
        /* the other's return from its last turn, then its next one's note */
        expect = expect * 31 + 1;
        expect = (expect + (i ? (i - 1) % 40 + 1 : 0)) * 31;
    }
    check("returns on two stacks", trace, expect);
    check("  own", sum, 28 * 28 + 1 + 2 + 3 + 4);
}

/* ---- to changed instructions ---- */

#define LI(value) (0x38600000u | (value))       /* li 3, value */
#define BCTRL 0x4e800421u
static const u32 before_call[] = { 0x7fe802a6 /* mflr 31 */, 0x7c6903a6 /* mtctr 3 */ };
static const u32 after_call[] = { 0x7fe803a6 /* mtlr 31 */, 0x4e800020 /* blr */ };
static u32 pages[4][1024] __attribute__((aligned(4096)));

/* Runs code that calls `fn` from `at` and returns what it finds behind the call. */
u64 run(const u32 *at, void (*fn)(void));
asm(".text; .globl run\n"
    "run: mflr 0; std 0, 16(1); std 31, -8(1); stdu 1, -128(1); mtctr 3; mr 3, 4; mr 12, 4; bctrl\n"
    "addi 1, 1, 128; ld 31, -8(1); ld 0, 16(1); mtlr 0; blr\n");

/* The call is at `call`; what is run first is `at`. */
static u32 *caller(u32 *call, u32 value)
{
    u32 *at = call - 2;

    at[0] = before_call[0];
    at[1] = before_call[1];
    call[0] = BCTRL;
    call[1] = LI(value);
    call[2] = after_call[0];
    call[3] = after_call[1];
    for (u32 *p = at; p < call + 4; p++) {
        seen(p);
    }
    return at;
}

static volatile u32 *change_at, change_to;
static OWN_PAGE void change(void)
{
    *change_at = change_to;
    seen(change_at);
}
static OWN_PAGE void nothing(void) { }

static void changed(const char *name, u32 *call)
{
    u32 *at = caller(call, 1);
    u64 wrong = 0;

    change_at = call + 1;
    for (u32 i = 0; i < ROUNDS; i++) {
        change_to = LI(i);
        wrong += run(at, change) != i;
        wrong += run(at, nothing) != i;
    }
    check(name, wrong, 0);
}

/* The callee returns to the same place of another page. */
static volatile u64 distance __attribute__((used));
void elsewhere(void);
asm(".text; .globl elsewhere\n"
    "elsewhere: mflr 5; lis 6, distance@ha; ld 6, distance@l(6); add 5, 5, 6; mtlr 5; blr\n");

static void to_another_page(void)
{
    u64 wrong = 0;

    for (u32 p = 0; p < 4; p++) {
        caller(pages[p] + 100, p);
    }
    for (u32 i = 0; i < ROUNDS; i++) {
        u32 from = i % 4, to = i / 4 % 4;
        distance = (to - (u64)from) * 4096;
        wrong += run(pages[from] + 98, elsewhere) != to;
    }
    check("to another page than the call", wrong, 0);
}

/* ---- in another state ---- */

static OWN_PAGE void fp_off(void) { asm volatile("mtmsrd %0; isync" : : "r"(mfmsr() & ~(u64)MSR_FP)); }
static OWN_PAGE void fp_on(void) { asm volatile("mtmsrd %0; isync" : : "r"(mfmsr() | MSR_FP)); }
void little(void);
asm(".text; .globl little\n"
    "little: lis 5, 1f@h; ori 5, 5, 1f@l; mtspr 26, 5; mfmsr 5; ori 5, 5, 1; mtspr 27, 5; rfid\n"
    "1: .long 0x2000804e\n");       /* blr in the other order */

static void run_fp(long fn) { run(pages[0] + 98, (void (*)(void))fn); }

static void states(void)
{
    u64 wrong = 0;
    u32 *call = pages[0] + 100;

    caller(call, 1);
    call[1] = 0xfc200890;           /* fmr 1, 1 */
    seen(call + 1);
    for (int i = 0; i < ROUNDS; i++) {
        wrong += trap(run_fp, (long)fp_on) != 0;
        wrong += trap(run_fp, (long)(i & 1 ? fp_off : fp_on)) != (i & 1 ? 0x800 : 0);
        wrong += i & 1 && trap_info.srr0 != (u64)(call + 1);
    }
    check("with MSR[FP] changed", wrong, 0);
    caller(call, 1);
    wrong = 0;
    for (int i = 0; i < ROUNDS; i++) {
        wrong += run(pages[0] + 98, nothing) != 1;
        /* li 3, 1 is no instruction the other way round */
        wrong += trap(run_fp, (long)little) != 0x700 || !(trap_info.srr1 & MSR_LE) || trap_info.srr0 != (u64)(call + 1);
    }
    check("with MSR[LE] changed", wrong, 0);
}

void secondary_main(u64 number) { }

void test_main(void)
{
    mtspr(22, 0x7fffffff);
    recursion();
    past_callers();
    other_stacks();
    changed("to a changed instruction", pages[0] + 100);
    changed("to a changed instruction in the next page", pages[1] - 1);
    to_another_page();
    states();
}
