/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Console, device tree and RTAS for the C guests. */
#include "rt.h"

enum { H_PUT_TERM_CHAR = 0x58, H_RTAS = 0xf000 };

static const u8 *fdt;
static int failures;

static void put_char(char c)
{
    while (hcall(H_PUT_TERM_CHAR, 0, 1, (u64)(u8)c << 56, 0) == 1) {
        /* H_BUSY: again */
    }
}

void put(const char *text)
{
    while (*text) {
        put_char(*text++);
    }
}

void put_hex(u64 value)
{
    for (int shift = 60; shift >= 0; shift -= 4) {
        put_char("0123456789abcdef"[value >> shift & 15]);
    }
}

void check(const char *name, u64 got, u64 want)
{
    put(got == want ? "PASS " : "FAIL ");
    put(name);
    if (got != want) {
        failures++;
        put(": got ");
        put_hex(got);
        put(", wanted ");
        put_hex(want);
    }
    put("\n");
}

static int equal(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

const u32 *fdt_nth_property(const char *name, unsigned n, u32 *length)
{
    const u32 *head = (const u32 *)fdt;
    const u32 *p = (const u32 *)(fdt + head[2]);
    const char *strings = (const char *)fdt + head[3];

    for (;;) {
        switch (*p++) {
        case 1: {
            const char *c = (const char *)p;
            while (*c) {
                c++;
            }
            p = (const u32 *)(((u64)c + 4) & ~3ul);
            break;
        }
        case 3: {
            const u32 *value = p + 2;
            if (equal(strings + p[1], name) && n-- == 0) {
                *length = p[0];
                return value;
            }
            p = value + (p[0] + 3) / 4;
            break;
        }
        case 9:
            return 0;
        }
    }
}

const u32 *fdt_property(const char *name, u32 *length)
{
    return fdt_nth_property(name, 0, length);
}

int rtas_token(u32 token, int nargs, const u32 *args, int nrets, u32 *rets)
{
    static u32 block[3 + 32] __attribute__((aligned(64)));

    block[0] = token;
    block[1] = nargs;
    block[2] = nrets;
    for (int i = 0; i < nargs && i < 16; i++) {
        block[3 + i] = args[i];
    }
    for (int i = 0; i < nrets && i < 16; i++) {
        block[3 + nargs + i] = 0;
    }
    long r = hcall(H_RTAS, block);
    if (r) {
        return r;
    }
    for (int i = 0; rets && i < nrets && i < 16; i++) {
        rets[i] = block[3 + nargs + i];
    }
    return nrets ? (int)((volatile u32 *)block)[3 + nargs] : 0;
}

int rtas(const char *name, int nargs, const u32 *args, int nrets, u32 *rets)
{
    u32 length;
    const u32 *token = fdt_property(name, &length);

    return token ? rtas_token(*token, nargs, args, nrets, rets) : -1;
}

void rt_main(const u8 *tree);
void rt_main(const u8 *tree)
{
    static const u32 off[2] = { 0xffffffff, 0xffffffff };

    fdt = tree;
    test_main();
    put(failures ? "RESULT: FAIL\n" : "RESULT: PASS\n");
    rtas("power-off", 2, off, 1, 0);
}

/* gcc may call these for its own purposes even when freestanding */
void *memset(void *to, int c, u64 n);
void *memset(void *to, int c, u64 n)
{
    for (u64 i = 0; i < n; i++) {
        ((volatile u8 *)to)[i] = c;
    }
    return to;
}

void *memcpy(void *to, const void *from, u64 n);
void *memcpy(void *to, const void *from, u64 n)
{
    for (u64 i = 0; i < n; i++) {
        ((volatile u8 *)to)[i] = ((const u8 *)from)[i];
    }
    return to;
}

void print_call(const Call *c)
{
    u64 rc = hcall(c->op, c->args[0], c->args[1], c->args[2], c->args[3], c->args[4], c->args[5], c->args[6]);
    u64 out[4] = { hcall_out[0], hcall_out[1], hcall_out[2], hcall_out[3] };

    put("CALL ");
    put(c->name);
    put(" -> ");
    put_hex(rc);
    for (int i = 0; i < c->outs && i < 4; i++) {
        put(" ");
        put_hex(out[i]);
    }
    put("\n");
}
