/*
 * The region cache: finding, linking, and dropping translations.
 *
 * Lookup by (real address, pc, flags) walks a hash chain without a lock: regions are published with
 * release stores and their memory is reused only by tb_flush(), which runs while no vCPU is in
 * generated code. Everything that changes a chain holds `tcg_lock`.
 *
 * Real pages that hold translated code are found through a two-level table by page number, so that the
 * store slow path and the soft TLB's fill learn "no code here" with two loads.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/region-int.h"
#include "accel/tcg/vcpu.h"
#include "config-host.h"
#include "target/ppc/cpu.h"
#include <string.h>

#define HASH_BITS 16
#define HASH_SIZE (1u << HASH_BITS)
#define LEAF_BITS 18                        /* 4 KiB pages: 1 GiB a leaf */
#define ROOT_BITS (60 - TARGET_PAGE_BITS - LEAF_BITS)
#define ROOT_SIZE (1u << 16)                /* 64 TiB directly; beyond that pages share (see leaf_slot) */

static Region *hash_table[HASH_SIZE];
static Region **page_root[ROOT_SIZE];
static GMutex tcg_lock;
static GPtrArray *all_regions;

void tcg_lock_regions(void)
{
    g_mutex_lock(&tcg_lock);
}

void tcg_unlock_regions(void)
{
    g_mutex_unlock(&tcg_lock);
}

static unsigned region_hash(uint64_t raddr, uint64_t pc, uint32_t flags)
{
    uint64_t h = (raddr ^ (pc >> 2) * 0x9e3779b97f4a7c15ull ^ (uint64_t)flags << 32) * 0xff51afd7ed558ccdull;

    return h >> (64 - HASH_BITS);
}

/*
 * Head of the list of regions on a real page. Two pages whose numbers differ only above the root's reach
 * share a head: harmless, the walkers compare real addresses.
 */
static Region **page_head(uint64_t raddr, bool create)
{
    uint64_t page = raddr >> TARGET_PAGE_BITS;
    Region ***root = &page_root[page >> LEAF_BITS & (ROOT_SIZE - 1)];
    Region **leaf = __atomic_load_n(root, __ATOMIC_ACQUIRE);

    if (!leaf) {
        if (!create) {
            return NULL;
        }
        leaf = g_new0(Region *, 1u << LEAF_BITS);
        __atomic_store_n(root, leaf, __ATOMIC_RELEASE);
    }
    return &leaf[page & ((1u << LEAF_BITS) - 1)];
}

bool tb_page_has_code(uint64_t raddr)
{
    Region **head = page_head(raddr, false);

    return head && __atomic_load_n(head, __ATOMIC_ACQUIRE);
}

Region *region_find(uint64_t raddr, uint64_t pc, uint32_t flags)
{
    Region *r = __atomic_load_n(&hash_table[region_hash(raddr, pc, flags)], __ATOMIC_ACQUIRE);

    for (; r; r = __atomic_load_n(&r->hash_next, __ATOMIC_ACQUIRE)) {
        if (r->pc == pc && r->flags == flags && r->raddr[0] == raddr
            && !__atomic_load_n(&r->invalid, __ATOMIC_ACQUIRE)) {
            return r;
        }
    }
    return NULL;
}

void region_publish(Region *r)
{
    Region **bucket = &hash_table[region_hash(r->raddr[0], r->pc, r->flags)];
    Region **head = page_head(r->raddr[0], true);

    r->incoming = g_ptr_array_new();
    r->page_next[0] = *head;
    __atomic_store_n(head, r, __ATOMIC_RELEASE);
    r->hash_next = *bucket;
    __atomic_store_n(bucket, r, __ATOMIC_RELEASE);
    g_ptr_array_add(all_regions, r);
}

/* ---- links ---- */

static void chain_exit(RegionExit *e, Region *to)
{
    g_ptr_array_add(to->incoming, e);
#ifdef CONFIG_TCG_X86_64
    if (e->from->code && to->code) {
        jit_chain(e, to);
    }
#endif
    __atomic_store_n(&e->to, to, __ATOMIC_RELEASE);
}

static void unchain_exit(RegionExit *e)
{
#ifdef CONFIG_TCG_X86_64
    if (e->from->code) {
        jit_unchain(e);
    }
#endif
    __atomic_store_n(&e->to, NULL, __ATOMIC_RELEASE);
}

void region_chain(RegionExit *e, Region *to)
{
    tcg_lock_regions();
    if (!e->to && !e->from->invalid && !to->invalid) {
        chain_exit(e, to);
    }
    tcg_unlock_regions();
}

static void unlink_from(Region **link, Region *r, size_t next_offset)
{
    while (*link && *link != r) {
        link = (Region **)((char *)*link + next_offset);
    }
    if (*link) {
        __atomic_store_n(link, *(Region **)((char *)r + next_offset), __ATOMIC_RELEASE);
    }
}

/* Nothing finds or enters the region any more; a vCPU inside it finishes it. tcg_lock held. */
static void invalidate_region(Region *r)
{
    PowerPCCPU *cpu;

    __atomic_store_n(&r->invalid, true, __ATOMIC_RELEASE);
    unlink_from(&hash_table[region_hash(r->raddr[0], r->pc, r->flags)], r, offsetof(Region, hash_next));
    unlink_from(page_head(r->raddr[0], true), r, offsetof(Region, page_next[0]));
    for (guint i = 0; i < r->incoming->len; i++) {
        unchain_exit(g_ptr_array_index(r->incoming, i));
    }
    g_ptr_array_set_size(r->incoming, 0);
    for (uint32_t i = 0; i < r->nexits; i++) {
        RegionExit *e = &r->exits[i];
        if (e->to) {
            g_ptr_array_remove_fast(e->to->incoming, e);
            unchain_exit(e);
        }
    }
    /* Lines of contexts that are not current are dropped when tlb contexts are: they compare `invalid` there. */
    CPU_FOREACH(cpu) {
        tcg_forget_region(cpu, r);
    }
}

void tb_invalidate_phys(uint64_t raddr, uint64_t len)
{
    uint64_t end = raddr + len;

    for (uint64_t page = raddr & TARGET_PAGE_MASK; page < end; page += TARGET_PAGE_SIZE) {
        if (!tb_page_has_code(page)) {
            continue;
        }
        tcg_lock_regions();
        Region **head = page_head(page, true);
        for (Region *r = *head, *next; r; r = next) {
            next = r->page_next[0];
            if (r->raddr[0] < end && r->raddr[0] + r->guest_len > raddr) {
                invalidate_region(r);
            }
        }
        tcg_unlock_regions();
    }
}

void tb_invalidate_pc(uint64_t pc)
{
    tcg_lock_regions();
    for (guint i = 0; i < all_regions->len; i++) {
        Region *r = g_ptr_array_index(all_regions, i);
        if (!r->invalid && pc - r->pc < r->guest_len) {
            invalidate_region(r);
        }
    }
    tcg_unlock_regions();
}

static void free_region(gpointer p)
{
    Region *r = p;

    ir_free(r->ir);
    g_ptr_array_free(r->incoming, TRUE);
    g_free(r->exits);
    g_free(r);
}

void region_cache_init(void)
{
    all_regions = g_ptr_array_new_with_free_func(free_region);
}

/* No vCPU runs generated code now. */
void region_cache_reset(void)
{
    PowerPCCPU *cpu;

    tcg_lock_regions();
    memset(hash_table, 0, sizeof(hash_table));
    for (guint i = 0; i < all_regions->len; i++) {
        Region *r = g_ptr_array_index(all_regions, i);
        *page_head(r->raddr[0], true) = NULL;
    }
    g_ptr_array_set_size(all_regions, 0);
#ifdef CONFIG_TCG_X86_64
    if (!tcg_options.interpreter) {
        jit_reset_buffer();
    }
#endif
    CPU_FOREACH(cpu) {
        tcg_forget_all_regions(cpu);
    }
    tcg_unlock_regions();
}

guint region_cache_count(void)
{
    return all_regions->len;
}

/* ---- jump caches ---- */

void tb_jump_cache_clear(JumpCacheEntry *jc)
{
    for (unsigned i = 0; i < 1u << JUMP_CACHE_BITS; i++) {
        __atomic_store_n(&jc[i].flags, UINT64_MAX, __ATOMIC_RELEASE);
    }
}

void tb_jump_cache_clear_match(JumpCacheEntry *jc, uint64_t base, uint64_t mask)
{
    for (unsigned i = 0; i < 1u << JUMP_CACHE_BITS; i++) {
        if ((jc[i].pc & mask & TARGET_PAGE_MASK) == base) {
            __atomic_store_n(&jc[i].flags, UINT64_MAX, __ATOMIC_RELEASE);
        }
    }
}
