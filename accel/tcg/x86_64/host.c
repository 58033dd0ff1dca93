/*
 * Host features and the constants of generated code: see host.h.
 *
 * Constants live in front of the code, in the same memory file, so that an instruction names one by its distance
 * from itself. They are few (masks, shuffle controls), shared by all regions, and go when the buffer is flushed.
 * What does not fit any more comes from the heap and costs a register.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/x86_64/host.h"
#include <glib.h>

JitHost jit_host;

static uint8_t *area;
static uint32_t area_used;
static GHashTable *known;

void jit_host_detect(void)
{
    jit_host = (JitHost){
        .avx2 = __builtin_cpu_supports("avx2"), .fma = __builtin_cpu_supports("fma"),
        .aes = __builtin_cpu_supports("aes"), .clmul = __builtin_cpu_supports("pclmul"),
    };
}

static guint hash(gconstpointer p)
{
    const V128 *v = p;

    return (guint)((v->d[0] * 3 + v->d[1]) * 0x9e3779b97f4a7c15ull >> 40);
}

static gboolean equal(gconstpointer a, gconstpointer b)
{
    return ((const V128 *)a)->q == ((const V128 *)b)->q;
}

static bool in_area(const void *p)
{
    return (const uint8_t *)p >= area && (const uint8_t *)p < area + JIT_CONSTANT_BYTES;
}

static void forget(gpointer p)
{
    if (!in_area(p)) {
        g_aligned_free(p);
    }
}

void jit_constants_init(uint8_t *where)
{
    g_assert(!((uintptr_t)where & 15));
    area = where;
    known = g_hash_table_new_full(hash, equal, forget, NULL);
}

void jit_constants_reset(void)
{
    g_hash_table_remove_all(known);
    area_used = 0;
}

V128 *jit_constant_of(V128 v)
{
    V128 *p = g_hash_table_lookup(known, &v);

    if (p) {
        return p;
    }
    if (area_used < JIT_CONSTANT_BYTES) {
        p = (V128 *)(void *)(area + area_used);
        area_used += sizeof(V128);
    } else {
        p = g_aligned_alloc(1, sizeof(V128), 16);
    }
    *p = v;
    g_hash_table_add(known, p);
    return p;
}

void v_rrk(Emit *e, int pp, int map, bool w, int op, int reg, int vvvv, V128 k, int tail)
{
    uint8_t *p = (uint8_t *)jit_constant_of(k);

    if (in_area(p)) {
        vex(e, pp, map, w, false, reg, vvvv, 0, op);
        e8(e, 0x05 | (reg & 7) << 3);
        e32(e, p - (e->p + 4 + tail));
    } else {
        mov_ri_keep(e, RAX, (uintptr_t)p);
        v_rrm(e, pp, map, w, op, reg, vvvv, RAX, 0);
    }
}

void v_load_k(Emit *e, int reg, V128 k)
{
    if (k.q == 0) {
        v_rrr(e, 1, 1, false, 0xef, reg, reg, reg);
    } else if (~k.q == 0) {
        v_rrr(e, 1, 1, false, 0x76, reg, reg, reg);
    } else {
        v_rrk(e, 0, 1, false, 0x28, reg, NOV, k, 0);
    }
}
