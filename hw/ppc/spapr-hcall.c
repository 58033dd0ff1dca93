/*
 * Hypercall dispatch, and the calls that belong to no device (LoPAPR chapter 14).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr.h"
#include "accel/tcg/region.h"
#include "accel/tcg/tcg.h"
#include "migration/postcopy.h"
#include "system/clock.h"
#include "system/cpus.h"
#include "system/log.h"
#include "system/memory.h"
#include "system/runstate.h"
#include "target/ppc/mmu.h"
#include <inttypes.h>
#include <libfdt.h>
#include <string.h>
#include <sys/random.h>

extern const SpaprHcall __start_spapr_hcalls[], __stop_spapr_hcalls[];

static const SpaprHcall *find(uint64_t op)
{
    static GHashTable *table;

    if (!table) {
        table = g_hash_table_new(g_int64_hash, g_int64_equal);
        for (const SpaprHcall *h = __start_spapr_hcalls; h < __stop_spapr_hcalls; h++) {
            g_hash_table_insert(table, (gpointer)&h->op, (gpointer)h);
        }
    }
    return g_hash_table_lookup(table, &op);
}

#define H_RTAS 0xf000
#define RTAS_ARGS_MAX 16

/* Any access does: post-copy lets it wait until the page is here. */
static void fetch(uint64_t raddr)
{
    const volatile uint8_t *p = memory_ram_ptr(raddr, 1);

    if (p) {
        (void)*p;
    }
}

/*
 * In post-copy, what a call's arguments may point to is fetched before the big lock is taken: nobody else would have it while a page is on its way, and
 * when the link is broken no monitor could be told of a new one.
 */
static void fetch_arguments(PowerPCCPU *cpu, uint64_t op)
{
    for (unsigned i = 4; i < 8; i++) {
        fetch(cpu->gpr[i]);
    }
    const uint32_t *call = op == H_RTAS ? memory_ram_ptr(cpu->gpr[4], (3 + RTAS_ARGS_MAX) * sizeof(uint32_t)) : NULL;
    for (unsigned i = 0; call && i < MIN(GUINT32_FROM_BE(call[1]), RTAS_ARGS_MAX); i++) {
        fetch(GUINT32_FROM_BE(call[3 + i]));
    }
}

void spapr_hypercall(PowerPCCPU *cpu)
{
    uint64_t op = cpu->gpr[3], r;

    if (cpu->msr & MSR_PR) {
        cpu->gpr[3] = (uint64_t)H_PRIVILEGE;
        return;
    }
    if (postcopy_listening()) {
        fetch_arguments(cpu, op);
    }
    bql_lock();
    const SpaprHcall *h = find(op);
    uint64_t args[9];
    memcpy(args, &cpu->gpr[4], sizeof(args));
    r = h ? h->fn(cpu, spapr, op, args) : (uint64_t)H_FUNCTION;
    memcpy(&cpu->gpr[4], args, sizeof(args));
    bql_unlock();
    log_mask(LOG_STRACE, "hcall %s (%" PRIx64 ") -> %" PRId64 "\n", h ? h->name : "?", op, (int64_t)r);
    cpu->gpr[3] = r;
}

PowerPCCPU *spapr_cpu_of_server(uint64_t server)
{
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        if ((uint64_t)cpu->vcpu_id == server) {
            return cpu;
        }
    }
    return NULL;
}

/* ---- virtual processor areas ---- */

static uint64_t register_area(SpaprMachine *s, uint64_t addr, uint64_t align, unsigned min, uint64_t *size)
{
    uint32_t word;

    if (!addr) {
        return H_HARDWARE;      /* LoPAPR: a null address is not an area */
    }
    if (addr % align) {
        return H_PARAMETER;
    }
    if (!memory_ldl_be(addr + 4, &word)) {
        return H_PARAMETER;
    }
    *size = min == 640 ? word >> 16 : word;     /* the VPA has a halfword there */
    return *size < min ? H_PARAMETER : H_SUCCESS;
}

HCALL(register_vpa, 0xdc)
{
    uint64_t sub = args[0] >> 45 & 7, addr = args[2], size = 0, rc = H_SUCCESS;
    PowerPCCPU *target = spapr_cpu_of_server(args[1]);

    if (!target) {
        return H_PARAMETER;
    }
    SpaprCpu *t = spapr_cpu(target);
    switch (sub) {
    case 1:
        rc = register_area(s, addr, 128, 640, &size);
        if (rc == H_SUCCESS) {
            uint8_t shared = 0;
            t->vpa_addr = addr;
            memory_read(addr + 9, &shared, 1);
            shared |= 2;        /* shared processor */
            memory_write(addr + 9, &shared, 1);
        }
        return rc;
    case 2:
        rc = register_area(s, addr, 128, 48, &size);
        if (rc == H_SUCCESS) {
            if (!t->vpa_addr) {
                return H_RESOURCE;
            }
            t->dtl_addr = addr;
            t->dtl_size = size;
        }
        return rc;
    case 3:
        rc = register_area(s, addr, 128, 8, &size);
        if (rc == H_SUCCESS) {
            if (addr / 4096 != (addr + size - 1) / 4096) {
                return H_PARAMETER;
            }
            if (!t->vpa_addr) {
                return H_RESOURCE;
            }
            t->slb_shadow_addr = addr;
            t->slb_shadow_size = size;
        }
        return rc;
    case 5:
        if (t->slb_shadow_addr || t->dtl_addr) {
            return H_RESOURCE;
        }
        t->vpa_addr = 0;
        return H_SUCCESS;
    case 6:
        t->dtl_addr = 0;
        return H_SUCCESS;
    case 7:
        t->slb_shadow_addr = 0;
        return H_SUCCESS;
    default:
        return H_PARAMETER;
    }
}

/* ---- processor scheduling ---- */

HCALL(cede, 0xe0)
{
    ppc_store_msr(cpu, cpu->msr | MSR_EE);
    if (spapr_cpu(cpu)->prod) {
        spapr_cpu(cpu)->prod = false;
        return H_SUCCESS;
    }
    if (!ppc_has_work(cpu)) {
        cpu->halted = true;
        cpu_kick(cpu);
    }
    return H_SUCCESS;
}

HCALL(prod, 0xe8)
{
    PowerPCCPU *target = spapr_cpu_of_server(args[0]);

    if (!target) {
        return H_PARAMETER;
    }
    spapr_cpu(target)->prod = true;
    target->halted = false;
    cpu_kick(target);
    cpu_wake(target);
    return H_SUCCESS;
}

HCALL(confer, 0xe4)
{
    if (args[0] != UINT64_MAX && !spapr_cpu_of_server(args[0] & 0xffffffff)) {
        return H_PARAMETER;
    }
    if (spapr_cpu(cpu)->prod) {
        spapr_cpu(cpu)->prod = false;
        return H_SUCCESS;
    }
    bql_unlock();
    g_thread_yield();
    bql_lock();
    return H_SUCCESS;
}

HCALL(join, 0x298)
{
    PowerPCCPU *other;
    bool last = true;

    if (cpu->msr & MSR_EE) {
        return H_BAD_MODE;
    }
    CPU_FOREACH(other) {
        if (other != cpu && !other->halted && !other->powered_off) {
            last = false;
        }
    }
    if (last) {
        return 4;       /* H_CONTINUE: the others all wait */
    }
    if (spapr_cpu(cpu)->prod) {
        spapr_cpu(cpu)->prod = false;
        return H_SUCCESS;
    }
    cpu->halted = true;
    cpu_kick(cpu);
    return H_SUCCESS;
}

HCALL(signal_sys_reset, 0x380)
{
    int64_t target = args[0];
    PowerPCCPU *other;

    if (target < 0 && target < -2) {
        return H_PARAMETER;
    }
    if (target >= 0 && !spapr_cpu_of_server(target)) {
        return H_PARAMETER;
    }
    CPU_FOREACH(other) {
        if (target == -1 || (target == -2 && other != cpu) || (target >= 0 && other->vcpu_id == target)) {
            if (!other->powered_off) {
                ppc_set_irq(other, CPU_INT_RESET, true);
            }
        }
    }
    return H_SUCCESS;
}

/* ---- modes ---- */

static void set_lpcr_all(uint64_t value, uint64_t mask)
{
    PowerPCCPU *other;

    CPU_FOREACH(other) {
        other->spr[SPR_LPCR] = (other->spr[SPR_LPCR] & ~mask) | value;
        ppc_update_region_flags(other);
    }
}

HCALL(set_mode, 0x31c)
{
    uint64_t mflags = args[0], resource = args[1], v1 = args[2], v2 = args[3];

    switch (resource) {
    case 1:     /* completed instruction address breakpoint */
        if (mflags) {
            return H_UNSUPPORTED_FLAG;
        }
        if (v2) {
            return H_P4;
        }
        if ((v1 & 3) == 3) {
            return H_P3;
        }
        cpu->spr[SPR_CIABR] = v1;
        ppc_update_region_flags(cpu);
        return H_SUCCESS;
    case 2:     /* data address watchpoint 0 */
    case 5:     /* and 1 */
        if (mflags) {
            return H_UNSUPPORTED_FLAG;
        }
        if (v2 & 4 || (resource == 5 && cpu->model->family->isa_level < 310)) {
            return H_P4;
        }
        cpu->spr[resource == 2 ? SPR_DAWR0 : SPR_DAWR1] = v1;
        cpu->spr[resource == 2 ? SPR_DAWRX0 : SPR_DAWRX1] = v2;
        tlb_flush_cpu(cpu);
        return H_SUCCESS;
    case 4:     /* endianness of interrupts */
        if (v1) {
            return H_P3;
        }
        if (v2) {
            return H_P4;
        }
        if (mflags > 1) {
            return H_UNSUPPORTED_FLAG;
        }
        set_lpcr_all(mflags ? LPCR_ILE : 0, LPCR_ILE);
        return H_SUCCESS;
    case 3:     /* address translation mode on interrupt */
        if (cpu->model->family->isa_level < 207) {
            return H_P2;
        }
        if (v1) {
            return H_P3;
        }
        if (v2) {
            return H_P4;
        }
        if (mflags == 1 || mflags > 3 || (mflags == 2 && cpu->model->family->isa_level >= 310)
            || (mflags == 3 && !s->cfg->cap_ail_mode_3)) {
            return H_UNSUPPORTED_FLAG;
        }
        set_lpcr_all(mflags << LPCR_AIL_SHIFT, LPCR_AIL);
        return H_SUCCESS;
    default:
        return H_P2;
    }
}

HCALL(set_sprg0, 0x24)
{
    cpu->spr[SPR_SPRG0] = args[0];
    return H_SUCCESS;
}

static uint64_t set_dabr(PowerPCCPU *cpu, uint64_t dabr, uint64_t x)
{
    cpu->spr[SPR_DAWR0] = dabr & ~7ull;
    cpu->spr[SPR_DAWRX0] = dabr & 3 ? (x & 3 ? x & 3 : 3) | (dabr & 1 ? 0x20 : 0) | (dabr & 2 ? 0x40 : 0) : 0;
    tlb_flush_cpu(cpu);
    return H_SUCCESS;
}

HCALL(set_dabr, 0x28)
{
    return cpu->model->family->isa_level >= 207 ? (uint64_t)H_HARDWARE : set_dabr(cpu, args[0], 3);
}

HCALL(set_xdabr, 0x134)
{
    if (cpu->model->family->isa_level >= 207) {
        return H_HARDWARE;
    }
    if (!args[1] || args[1] & ~0xfull) {
        return H_PARAMETER;
    }
    return set_dabr(cpu, args[0], args[1]);
}

/* ---- memory services ---- */

HCALL(page_init, 0x2c)
{
    uint64_t flags = args[0], dst = args[1], src = args[2];
    void *d = memory_ram_ptr(dst, 4096), *from = flags & 1ull << 14 ? memory_ram_ptr(src, 4096) : NULL;

    /* invalidate or synchronize the instruction cache, clear, copy: state changes (for lent memory) are not offered */
    if (flags & ~((1ull << 23) | (1ull << 22) | (1ull << 15) | (1ull << 14))) {
        return H_PARAMETER;
    }
    if (dst & 4095 || !d) {
        return H_PARAMETER;
    }
    if (flags & 1ull << 14) {
        if (src & 4095 || !from) {
            return H_PARAMETER;
        }
        memory_write(dst, from, 4096);
    } else if (flags & 1ull << 15) {
        memory_fill(dst, 0, 4096);
    }
    return H_SUCCESS;
}

static uint64_t logical_load(uint64_t *args)
{
    uint64_t size = args[0], addr = args[1], v;

    if (size != 1 && size != 2 && size != 4 && size != 8) {
        return H_PARAMETER;
    }
    if (memory_ram_ptr(addr, size)) {
        uint8_t b[8] = { 0 };
        memory_read(addr, b, size);
        for (v = 0, args[0] = 0; v < size; v++) {
            args[0] = args[0] << 8 | b[v];
        }
        return H_SUCCESS;
    }
    memory_io_read(addr, size, true, &v);
    args[0] = v;
    return H_SUCCESS;
}

static uint64_t logical_store(const uint64_t *args)
{
    uint64_t size = args[0], addr = args[1], v = args[2];

    if (size != 1 && size != 2 && size != 4 && size != 8) {
        return H_PARAMETER;
    }
    if (memory_ram_ptr(addr, size)) {
        uint8_t b[8];
        for (unsigned i = 0; i < size; i++) {
            b[i] = v >> 8 * (size - 1 - i);
        }
        memory_write(addr, b, size);
        return H_SUCCESS;
    }
    memory_io_write(addr, size, true, v);
    return H_SUCCESS;
}

/* Caches do not show: the forms that go through them do the same. */
HCALL(logical_ci_load, 0x3c) { return logical_load(args); }
HCALL(logical_ci_store, 0x40) { return logical_store(args); }
HCALL(logical_cache_load, 0x44) { return logical_load(args); }
HCALL(logical_cache_store, 0x48) { return logical_store(args); }

HCALL(logical_icbi, 0x4c)
{
    return H_SUCCESS;
}

HCALL(logical_dcbf, 0x50)
{
    return H_SUCCESS;
}

/* Firmware's bulk memory operation: element size 1 << esize, op 0 copy, 1 xor with ones. */
HCALL(logical_memop, 0xf001)
{
    uint64_t dst = args[0], src = args[1], esize = args[2], count = args[3], op2 = args[4];

    if (esize > 3 || op2 > 1 || count > s->ram_size || ((dst | src) & ((1ull << esize) - 1))) {
        return H_PARAMETER;
    }
    uint64_t len = count << esize;
    uint8_t *d = memory_ram_ptr(dst, len), *from = memory_ram_ptr(src, len);
    if (!d || !from) {
        return H_PARAMETER;
    }
    if (op2) {
        g_autofree uint8_t *t = g_malloc(MAX(len, 1));
        for (uint64_t i = 0; i < len; i++) {
            t[i] = ~from[i];
        }
        memory_write(dst, t, len);
    } else {
        memory_move(dst, src, len);
    }
    return H_SUCCESS;
}

HCALL(rtas, H_RTAS)
{
    spapr_rtas_call(cpu, s, args[0]);
    return H_SUCCESS;
}

HCALL(vof_client, 0xf005)
{
    return vof_client_call(cpu, s, args[0]);
}

HCALL(cas, 0xf002)
{
    return spapr_cas(cpu, s, args[0], args[1], args[2]);
}

/* A firmware in the guest says what tree it hands to its client: from it the place of its RTAS is known. */
HCALL(update_dt, 0xf003)
{
    uint32_t magic, size;

    if (!s->cfg->update_dt) {
        return H_SUCCESS;
    }
    if (!memory_ldl_be(args[0], &magic) || magic != FDT_MAGIC || !memory_ldl_be(args[0] + 4, &size)
        || size > SPAPR_FDT_SIZE || !memory_ram_ptr(args[0], size)) {
        return H_PARAMETER;
    }
    g_autofree void *fdt = g_malloc(MAX(size, sizeof(struct fdt_header)));
    if (!memory_read(args[0], fdt, size) || fdt_check_full(fdt, size)) {
        return H_PARAMETER;
    }
    spapr_keep_tree(s, fdt, size);
    spapr_find_rtas(s);
    return H_SUCCESS;
}

/* ---- information ---- */

HCALL(random, 0x300)
{
    return getrandom(&args[0], 8, 0) == 8 ? H_SUCCESS : H_HARDWARE;
}

/* LoPAPR's hcall-vphn: a processor's associativity, each number 32 bits here, all ones after the last. */
HCALL(home_node_associativity, 0x2ec)
{
    uint32_t numbers[12];
    unsigned n;

    if (args[0] != 1 && args[0] != 2) {
        return H_FUNCTION;
    }
    PowerPCCPU *target = spapr_cpu_of_server(args[1]);
    if (!target) {
        return H_P2;
    }
    memset(numbers, 0xff, sizeof(numbers));
    n = spapr_numa_cpu(s, target, numbers);
    g_assert(n < G_N_ELEMENTS(numbers));
    for (unsigned i = 0; i < 6; i++) {
        args[i] = (uint64_t)numbers[2 * i] << 32 | numbers[2 * i + 1];
    }
    return H_SUCCESS;
}
