/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest to be looked at by a debugger: two processors that go round for ever, each counting in a function of its own.
 * Built for both byte orders.
 */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;

enum { H_RTAS = 0xf000 };
long hcall(u64 number, ...);
void first_main(const u8 *tree), second_main(void);

volatile u64 counter[2], watched, read_only = 42;
volatile u64 wide_too;              /* for a debugger to set */
u64 wide[2] __attribute__((aligned(16)));

#ifdef __LITTLE_ENDIAN__
static u32 be(u32 v) { return __builtin_bswap32(v); }
#else
static u32 be(u32 v) { return v; }
#endif

/* The first word of a property, the last of its name in the tree, big-endian. */
static u32 property(const u8 *tree, const char *name)
{
    const u32 *head = (const u32 *)tree, *p = (const u32 *)(tree + be(head[2]));
    const char *strings = (const char *)tree + be(head[3]);
    u32 value = 0;

    for (;;) {
        switch (be(*p++)) {
        case 1: {
            const char *c = (const char *)p;
            while (*c) {
                c++;
            }
            p = (const u32 *)(((u64)c + 4) & ~3ul);
            break;
        }
        case 3: {
            const char *a = strings + be(p[1]), *b = name;
            while (*a && *a == *b) {
                a++;
                b++;
            }
            if (*a == *b) {
                value = p[2];
            }
            p += 2 + (be(p[0]) + 3) / 4;
            break;
        }
        case 9:
            return value;
        }
    }
}

__attribute__((noinline)) void bump(u64 n)
{
    counter[n]++;
}

__attribute__((noinline)) u64 touch(u64 v)
{
    watched = v;
    return watched + read_only;
}

/* One access of sixteen bytes, conditional as the book's stqcx. is. */
__attribute__((noinline)) void touch_wide(u64 v)
{
    register u64 hi asm("r8"), lo asm("r9");

    asm volatile("1: lqarx 8, 0, %2; add 9, 9, %3; stqcx. 8, 0, %2; bne- 1b" : "=&r"(hi), "=&r"(lo) : "b"(wide), "r"(v) : "cr0", "memory");
}

void first_main(const u8 *tree)
{
    static u32 block[7] __attribute__((aligned(64)));

    block[0] = property(tree, "start-cpu");
    block[1] = be(3);
    block[2] = be(1);
    block[3] = property(tree, "ibm,ppc-interrupt-server#s");
    block[4] = be(0x180);
    block[5] = 0;
    hcall(H_RTAS, block);
    for (;;) {
        bump(0);
        touch(counter[0]);
        if (wide_too) {
            touch_wide(1);
        }
    }
}

void second_main(void)
{
    for (;;) {
        bump(1);
    }
}
