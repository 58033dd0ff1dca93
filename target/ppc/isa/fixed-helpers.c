/*
 * Pure computation behind a few fixed-point rows, and string/multiple/quad storage.
 *
 * Storage helpers go element by element through the soft TLB's slow path, so a fault leaves the
 * elements before it done: the book allows these instructions to be restarted from the beginning.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa/helpers.h"
#include "target/ppc/fp/dpd.h"
#include "target/ppc/mmu.h"
#include "accel/tcg/region.h"
#include "system/memory.h"
#include <sys/random.h>
#include <string.h>

/* ---- divide extended: the dividend is (RA) || zeros ---- */

static bool dive(uint64_t a, uint64_t b, unsigned kind, uint64_t *q)
{
    bool word = kind & 2, is_signed = kind & 1;

    if (word) {
        if (is_signed) {
            int64_t n = (int64_t)(a << 32), d = (int32_t)b;
            if (!d || (n == INT64_MIN && d == -1)) {
                return false;
            }
            int64_t r = n / d;
            *q = r;                     /* upper half undefined: the sign */
            return r == (int32_t)r;
        }
        uint64_t n = a << 32, d = (uint32_t)b;
        if (!d) {
            return false;
        }
        *q = n / d;
        return *q <= UINT32_MAX;
    }
    if (is_signed) {
        s128 n = (s128)((u128)a << 64), d = (int64_t)b;
        if (!d || (d == -1 && a == 1ull << 63)) {
            return false;
        }
        s128 r = n / d;
        *q = (uint64_t)r;
        return r == (int64_t)r;
    }
    if (!b || a >= b) {
        return false;
    }
    *q = (uint64_t)(((u128)a << 64) / b);
    return true;
}

uint64_t helper_dive(uint64_t a, uint64_t b, uint64_t kind)
{
    uint64_t q = 0;

    return dive(a, b, kind, &q) ? q : 0;
}

uint64_t helper_dive_ov(uint64_t a, uint64_t b, uint64_t kind)
{
    uint64_t q;

    return !dive(a, b, kind, &q);
}

uint64_t helper_bpermd(uint64_t rs, uint64_t rb)
{
    uint64_t r = 0;

    for (int i = 0; i < 8; i++) {
        unsigned index = rs >> (8 * i) & 0xff;      /* byte 7 - i of the book */
        if (index < 64) {
            r |= (rb >> (63 - index) & 1) << i;
        }
    }
    return r;
}

/* Six in each digit that produced no carry. */
uint64_t helper_addg6s(uint64_t a, uint64_t b)
{
    uint64_t r = 0;
    unsigned carry = 0;

    for (int i = 0; i < 16; i++) {
        unsigned s = (a >> 4 * i & 15) + (b >> 4 * i & 15) + carry;
        carry = s >> 4;
        if (!carry) {
            r |= 6ull << 4 * i;
        }
    }
    return r;
}

uint64_t helper_cbcdtd(uint64_t rs)
{
    uint64_t r = 0;

    for (int half = 0; half < 64; half += 32) {
        r |= (uint64_t)(dpd_from_bcd(rs >> half & 0xfff) | dpd_from_bcd(rs >> (half + 12) & 0xfff) << 10) << half;
    }
    return r;
}

uint64_t helper_cdtbcd(uint64_t rs)
{
    uint64_t r = 0;

    for (int half = 0; half < 64; half += 32) {
        r |= (uint64_t)(dpd_to_bcd(rs >> half & 0x3ff) | dpd_to_bcd(rs >> (half + 10) & 0x3ff) << 12) << half;
    }
    return r;
}

uint64_t helper_darn(uint64_t l)
{
    uint64_t v;

    if (l > 2 || getrandom(&v, sizeof(v), 0) != sizeof(v)) {
        return UINT64_MAX;      /* the error indication */
    }
    return l == 0 ? (uint32_t)v : v;
}

/* ---- condition register ---- */

uint64_t helper_mfcr(PowerPCCPU *cpu)
{
    return ppc_get_cr(cpu);
}

/* ---- storage ---- */

static uint64_t wrap(PowerPCCPU *cpu, uint64_t ea)
{
    return cpu->region_flags & RF_SF ? ea : (uint32_t)ea;
}

static G_NORETURN void alignment(PowerPCCPU *cpu, uint64_t ea)
{
    cpu->spr[SPR_DAR] = ea;
    ppc_raise(cpu, EXCP_ALIGN, 0);
}

void helper_lmw(PowerPCCPU *cpu, uint64_t ea, uint64_t rt, uint64_t op)
{
    uint32_t v[32];

    if (!(op & MO_BE)) {        /* Book I, 3.3.6: alignment interrupt in little-endian mode */
        alignment(cpu, ea);
    }
    for (unsigned r = rt; r < 32; r++) {
        v[r] = softmmu_load(cpu, wrap(cpu, ea + 4 * (r - rt)), op | MO_32);
    }
    for (unsigned r = rt; r < 32; r++) {
        cpu->gpr[r] = v[r];
    }
}

void helper_stmw(PowerPCCPU *cpu, uint64_t ea, uint64_t rs, uint64_t op)
{
    if (!(op & MO_BE)) {
        alignment(cpu, ea);
    }
    for (unsigned r = rs; r < 32; r++) {
        softmmu_store(cpu, wrap(cpu, ea + 4 * (r - rs)), cpu->gpr[r], op | MO_32);
    }
}

/* n_rt: byte count << 8 | first register */
void helper_lsw(PowerPCCPU *cpu, uint64_t ea, uint64_t n_rt, uint64_t op)
{
    unsigned n = n_rt >> 8, r = n_rt & 31;
    uint32_t v[32];
    unsigned regs = (n + 3) / 4;

    if (!(op & MO_BE)) {
        alignment(cpu, ea);
    }
    memset(v, 0, sizeof(v));
    for (unsigned i = 0; i < n; i++) {
        v[i / 4] |= (uint32_t)softmmu_load(cpu, wrap(cpu, ea + i), op | MO_8) << (24 - 8 * (i & 3));
    }
    for (unsigned i = 0; i < regs; i++) {
        cpu->gpr[(r + i) & 31] = v[i];
    }
}

/* regs: rt | ra << 5 | rb << 10 */
void helper_lswx(PowerPCCPU *cpu, uint64_t ea, uint64_t regs, uint64_t op)
{
    unsigned n = ppc_get_xer(cpu) & 0x7f, rt = regs & 31, ra = regs >> 5 & 31, rb = regs >> 10 & 31;
    unsigned used = (n + 3) / 4;

    for (unsigned i = 0; i < used; i++) {
        unsigned r = (rt + i) & 31;
        if ((ra && r == ra) || r == rb) {
            ppc_raise(cpu, EXCP_PROGRAM, PROG_INVAL);
        }
    }
    if (n) {
        helper_lsw(cpu, ea, n << 8 | rt, op);
    } else if (!(op & MO_BE)) {
        alignment(cpu, ea);
    }
}

void helper_stsw(PowerPCCPU *cpu, uint64_t ea, uint64_t n_rs, uint64_t op)
{
    unsigned n = n_rs >> 8, r = n_rs & 31;

    if (n_rs >> 16) {           /* stswx: the count is in XER */
        n = ppc_get_xer(cpu) & 0x7f;
    }
    if (!(op & MO_BE)) {
        alignment(cpu, ea);
    }
    for (unsigned i = 0; i < n; i++) {
        softmmu_store(cpu, wrap(cpu, ea + i), cpu->gpr[(r + i / 4) & 31] >> (24 - 8 * (i & 3)) & 0xff, op | MO_8);
    }
}

/*
 * Translations are dropped by the store itself; this closes the window in which a store through an older soft
 * TLB entry of another thread met a page that was just being translated.
 */
void helper_icbi(PowerPCCPU *cpu, uint64_t ea, uint64_t op)
{
    const uint8_t *p = softmmu_probe(cpu, ea & ~127ull, 128, ACC_READ, MO_MMU(op));      /* treated as a load */

    if (p) {
        tb_invalidate_phys(p - memory_ram_base, 128);
    }
}

/* ---- quadwords: the even register holds the low-addressed doubleword in either byte order of lq/stq ---- */

/* plq and pstq (MO_SIGN): the even register is at EA in little-endian mode, too (Book I, 3.3.2.1). */
static bool address_order(uint64_t op)
{
    return op & MO_SIGN && !(op & MO_BE);
}

void helper_lq(PowerPCCPU *cpu, uint64_t ea, uint64_t rt, uint64_t op)
{
    uint64_t hi, lo;

    if (ea & 15 && !(op & MO_SIGN)) {
        alignment(cpu, ea);
    }
    softmmu_load128(cpu, ea, (op & ~MO_SIGN) | MO_ATOMIC | MO_128, &hi, &lo);
    cpu->gpr[rt] = address_order(op) ? lo : hi;
    cpu->gpr[rt | 1] = address_order(op) ? hi : lo;
}

void helper_stq(PowerPCCPU *cpu, uint64_t ea, uint64_t rs, uint64_t op)
{
    if (ea & 15 && !(op & MO_SIGN)) {
        alignment(cpu, ea);
    }
    softmmu_store128(cpu, ea, (op & ~MO_SIGN) | MO_ATOMIC | MO_128,
                     cpu->gpr[address_order(op) ? rs | 1 : rs], cpu->gpr[address_order(op) ? rs : rs | 1]);
}

void helper_lqarx(PowerPCCPU *cpu, uint64_t ea, uint64_t rt, uint64_t op)
{
    if (ea & 15) {
        alignment(cpu, ea);
    }
    uint64_t hi, lo;
    softmmu_load128(cpu, ea, op | MO_ATOMIC | MO_128, &hi, &lo);
    cpu->gpr[rt] = hi;
    cpu->gpr[rt | 1] = lo;
    cpu->reserve_addr = ea;
    cpu->reserve_length = 16;
    cpu->reserve_val = hi;
    cpu->reserve_val2 = lo;
}

void helper_stqcx(PowerPCCPU *cpu, uint64_t ea, uint64_t rs, uint64_t op)
{
    bool done = false;

    if (ea & 15) {
        alignment(cpu, ea);
    }
    if (cpu->reserve_addr == ea && cpu->reserve_length == 16) {
        uint64_t expect[2] = { cpu->reserve_val, cpu->reserve_val2 };
        uint64_t val[2] = { cpu->gpr[rs], cpu->gpr[rs | 1] };
        done = softmmu_cmpxchg128(cpu, ea, op | MO_ATOMIC | MO_128, expect, val);
    }
    cpu->reserve_addr = -1;
    ppc_set_crf(cpu, 0, done << 1 | cpu->so);
}

/* st*cx. while `held`: swap if memory still holds what was loaded. */
uint64_t helper_store_conditional(PowerPCCPU *cpu, uint64_t held, uint64_t ea, uint64_t v, uint64_t op)
{
    unsigned n = MO_BYTES(op);

    if (ea & (n - 1)) {
        alignment(cpu, ea);
    }
    if (!held) {
        return 0;
    }
    uint64_t mask = n == 8 ? UINT64_MAX : (1ull << 8 * n) - 1;
    return softmmu_cmpxchg(cpu, ea, cpu->reserve_val & mask, v & mask, op) == (cpu->reserve_val & mask);
}

/* ---- atomic memory operations (Book II, 4.5) ---- */

static uint64_t amo_sext(uint64_t v, bool word)
{
    return word ? (uint64_t)(int32_t)v : v;
}

/* An invalid function code is a data storage interrupt (Book II, 4.5). */
static G_NORETURN void bad_function(PowerPCCPU *cpu, uint64_t ea)
{
    cpu->spr[SPR_DAR] = ea;
    cpu->spr[SPR_DSISR] = DSISR_BAD_AMO;
    ppc_raise(cpu, EXCP_DSI, 0);
}

static uint64_t amo_new(unsigned fc, uint64_t mem, uint64_t v, bool word)
{
    int64_t sm = amo_sext(mem, word), sv = amo_sext(v, word);
    uint64_t um = word ? (uint32_t)mem : mem, uv = word ? (uint32_t)v : v;

    switch (fc) {
    case 0: return mem + v;
    case 1: return mem ^ v;
    case 2: return mem | v;
    case 3: return mem & v;
    case 4: return um > uv ? um : uv;
    case 5: return sm > sv ? sm : sv;
    case 6: return um < uv ? um : uv;
    case 7: return sm < sv ? sm : sv;
    default: return v;                  /* 8: swap */
    }
}

static uint64_t amo_apply(PowerPCCPU *cpu, uint64_t ea, unsigned fc, uint64_t v, MemOp op)
{
    bool word = (op & MO_SIZE) == MO_32;
    uint64_t old, mem = softmmu_load(cpu, ea, op);

    do {
        old = mem;
        mem = softmmu_cmpxchg(cpu, ea, old, amo_new(fc, old, v, word), op);
    } while (mem != old);
    return old;
}

/* Each element of the pair at ea is naturally aligned, and the pair lies within 32 bytes. */
static void amo_check(PowerPCCPU *cpu, uint64_t ea, MemOp op, bool pair)
{
    unsigned n = MO_BYTES(op);

    if (ea & (n - 1) || (pair && (ea & 31) > 32 - 2 * n)) {
        alignment(cpu, ea);
    }
}

void helper_amo_load(PowerPCCPU *cpu, uint64_t ea, uint64_t rt_fc, uint64_t op)
{
    unsigned rt = rt_fc & 31, fc = rt_fc >> 5, n = MO_BYTES(op);
    bool word = n == 4;
    bool pair = fc == 24 || fc == 25 || fc == 28;
    uint64_t old;

    amo_check(cpu, ea, op, pair);
    if (fc <= 8) {
        old = amo_apply(cpu, ea, fc, cpu->gpr[(rt + 1) & 31], op);
    } else if (fc == 16) {      /* compare and swap not equal */
        uint64_t cmp = cpu->gpr[(rt + 1) & 31], val = cpu->gpr[(rt + 2) & 31];
        if (word) {
            cmp = (uint32_t)cmp;
        }
        uint64_t mem = softmmu_load(cpu, ea, op);
        do {
            old = mem;
            mem = old != cmp ? softmmu_cmpxchg(cpu, ea, old, val, op) : old;
        } while (mem != old);
    } else if (pair) {          /* fetch and increment bounded/equal, decrement bounded */
        uint64_t bound = softmmu_load(cpu, fc == 28 ? ea - n : ea + n, op), mem = softmmu_load(cpu, ea, op);
        do {
            old = mem;
            bool ok = fc == 25 ? old == bound : old != bound;
            if (!ok) {
                cpu->gpr[rt] = word ? (uint64_t)INT32_MIN & UINT32_MAX : 1ull << 63;
                return;
            }
            mem = softmmu_cmpxchg(cpu, ea, old, fc == 28 ? old - 1 : old + 1, op);
        } while (mem != old);
    } else {
        bad_function(cpu, ea);
    }
    cpu->gpr[rt] = word ? (uint32_t)old : old;
}

void helper_amo_store(PowerPCCPU *cpu, uint64_t ea, uint64_t rs_fc, uint64_t op)
{
    unsigned rs = rs_fc & 31, fc = rs_fc >> 5, n = MO_BYTES(op);

    amo_check(cpu, ea, op, fc == 24);
    if (fc <= 7) {
        amo_apply(cpu, ea, fc, cpu->gpr[rs], op);
    } else if (fc == 24) {      /* store twin */
        uint64_t x = softmmu_load(cpu, ea, op), y = softmmu_load(cpu, ea + n, op);
        if (x == y) {
            softmmu_store(cpu, ea, cpu->gpr[rs], op);
            softmmu_store(cpu, ea + n, cpu->gpr[rs], op);
        }
    } else {
        bad_function(cpu, ea);
    }
}

/* ---- hashst/hashchk: the book's SIMON-like hash (Book I, 3.3.17) ---- */

static uint32_t hash_round(uint32_t x, uint16_t key_lane)
{
    uint16_t hi = x >> 16, lo = x;
    uint16_t f = ((uint16_t)(hi << 1 | hi >> 15) & (uint16_t)(hi << 8 | hi >> 8)) ^ (uint16_t)(hi << 2 | hi >> 14);

    return (uint32_t)(uint16_t)(lo ^ f ^ key_lane) << 16 | hi;
}

static uint32_t simon_like(uint32_t x, uint64_t key)
{
    static const uint64_t z0 = 0xfa2561cdf44ac398ull;
    uint16_t keys[32], c = 0xfffc;

    for (int i = 0; i < 4; i++) {
        keys[i] = key >> (48 - 16 * i);
    }
    for (int i = 4; i < 32; i++) {
        uint16_t t = (uint16_t)(keys[i - 1] >> 3 | keys[i - 1] << 13) ^ keys[i - 3];
        uint16_t e = t ^ (uint16_t)(t >> 1 | t << 15);
        keys[i] = c ^ (z0 >> (63 - ((i - 4) % 62)) & 1) ^ keys[i - 4] ^ e;
    }
    for (int i = 0; i < 32; i++) {
        x = hash_round(x, keys[i]);
    }
    return x;
}

uint64_t helper_hash(uint64_t key, uint64_t ra, uint64_t rb)
{
    uint64_t st0 = 0, st1 = 0;

    for (int i = 0; i < 4; i++) {       /* interleave the bytes of RA and RB */
        st1 |= (ra >> 8 * i & 0xff) << (16 * i) | (rb >> 8 * (3 - i) & 0xff) << (16 * i + 8);
        st0 |= (ra >> 8 * (i + 4) & 0xff) << (16 * i) | (rb >> 8 * (7 - i) & 0xff) << (16 * i + 8);
    }
    uint64_t r0 = (uint64_t)simon_like(st0 >> 32, key) << 32 | simon_like((uint32_t)st0, key);
    uint64_t r1 = (uint64_t)simon_like(st1 >> 32, key) << 32 | simon_like((uint32_t)st1, key);
    return r0 ^ r1;
}

/*
 * Book II, chapter 5: the transaction fails before it starts. TEXASR says so as a persistent failure of the
 * implementation, TFHAR is where the failure handler (the instruction after tbegin.) begins.
 */
void helper_tbegin(PowerPCCPU *cpu)
{
    cpu->spr[SPR_TEXASR] = 1ull << 56 /* persistent */ | 1ull << 54 /* nesting overflow */
        | (uint64_t)!!(cpu->msr & MSR_HV) << 29 | (uint64_t)!!(cpu->msr & MSR_PR) << 28
        | 1ull << 27 /* failure summary */ | 1ull << 26 /* TFIAR exact */;
    cpu->spr[SPR_TFIAR] = cpu->nip | (cpu->msr & MSR_HV ? 2 : 0) | !!(cpu->msr & MSR_PR);
    cpu->spr[SPR_TFHAR] = cpu->nip + 4;
    ppc_set_crf(cpu, 0, 0xb);
}
