/*
 * The pseries machine without a guest: hash table hypercalls, RTAS argument checks, the device tree, the versions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr.h"
#include "system/cpus.h"
#include "system/memory.h"
#include <check.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#define H_EXACT_FLAG (1ull << 39)
#define H_AVPN_FLAG  (1ull << 31)

static PowerPCCPU *cpu;

static void make_machine(void)
{
    static bool done;
    const MachineOptions o = { .machine = "pseries-7.2", .cpu = "POWER8", .ram_size = 256 << 20, .smp_cpus = 2, .cores = 2, .sockets = 1,
                             .threads = 1, .maxcpus = 2, .kernel = "unused" };
    g_autoptr(GError) err = NULL;

    if (done) {
        return;
    }
    done = spapr_init(&o, &err);
    ck_assert_msg(done, "%s", err ? err->message : "");
    ck_assert(spapr_hpt_alloc(spapr, 18, &err));
    cpu = ppc_cpu_get(0);
}

static int64_t hcall(uint64_t op, const uint64_t *args, unsigned n, uint64_t *out)
{
    cpu->msr = MSR_SF;
    cpu->gpr[3] = op;
    for (unsigned i = 0; i < 9; i++) {
        cpu->gpr[4 + i] = i < n ? args[i] : 0;
    }
    spapr_hypercall(cpu);
    if (out) {
        memcpy(out, &cpu->gpr[4], 9 * 8);
    }
    return cpu->gpr[3];
}
#define HC(op, out, ...) hcall(op, (const uint64_t[]){ __VA_ARGS__ }, \
                               sizeof((const uint64_t[]){ __VA_ARGS__ }) / 8, out)

#define PTE0(avpn) (((uint64_t)(avpn) << 7) | 1)
#define PTE1(page) (((uint64_t)(page) << 12) | 0x190 | 2)

START_TEST(hash_table)
{
    uint64_t r[9];

    make_machine();
    ck_assert_int_eq(HC(0x08, r, 0, 0x40, PTE0(5), PTE1(3)), H_SUCCESS);
    ck_assert_uint_eq(r[0], 0x40);
    ck_assert_int_eq(HC(0x08, r, H_EXACT_FLAG, 0x40, PTE0(5), PTE1(3)), H_PTEG_FULL);
    for (unsigned i = 1; i < 8; i++) {
        ck_assert_int_eq(HC(0x08, r, 0, 0x40, PTE0(5 + i), PTE1(3)), H_SUCCESS);
        ck_assert_uint_eq(r[0], 0x40 + i);
    }
    ck_assert_int_eq(HC(0x08, r, 0, 0x47, PTE0(99), PTE1(3)), H_PTEG_FULL);
    ck_assert_int_eq(HC(0x0c, r, 0, 0x42), H_SUCCESS);
    ck_assert_uint_eq(r[0], PTE0(7));
    /* protect: wrong AVPN, right AVPN; the no-execute bit appears */
    ck_assert_int_eq(HC(0x18, r, H_AVPN_FLAG | 7, 0x42, PTE0(8) & ~0x7full), H_NOT_FOUND);
    ck_assert_int_eq(HC(0x18, r, H_AVPN_FLAG | 7, 0x42, PTE0(7) & ~0x7full), H_SUCCESS);
    ck_assert_int_eq(HC(0x0c, r, 0, 0x42), H_SUCCESS);
    ck_assert_uint_eq(r[1] & 7, 7);
    ck_assert_int_eq(HC(0x04, r, H_AVPN_FLAG, 0x42, PTE0(9) & ~0x7full), H_NOT_FOUND);
    ck_assert_int_eq(HC(0x04, r, H_AVPN_FLAG, 0x42, PTE0(7) & ~0x7full), H_SUCCESS);
    ck_assert_uint_eq(r[0], PTE0(7));
    ck_assert_int_eq(HC(0x04, r, 0, 0x42, 0), H_NOT_FOUND);
}
END_TEST

START_TEST(bulk_remove)
{
    const uint64_t request = 1ull << 62, avpn = 2ull << 56, end = 3ull << 62;
    uint64_t r[9];

    make_machine();
    ck_assert_int_eq(HC(0x08, r, H_EXACT_FLAG, 0x80, PTE0(5), PTE1(3)), H_SUCCESS);
    ck_assert_int_eq(HC(0x08, r, H_EXACT_FLAG, 0x88, PTE0(6), PTE1(3)), H_SUCCESS);
    ck_assert_int_eq(HC(0x124, r, request | avpn | 0x80, PTE0(5) & ~0x7full, request | avpn | 0x88, PTE0(5) & ~0x7full, end, 0),
                     H_SUCCESS);
    ck_assert_uint_eq(r[0] >> 60, 8);       /* removed */
    ck_assert_uint_eq(r[2] >> 60, 9);       /* not that page */
    ck_assert_int_eq(HC(0x04, r, 0, 0x80, 0), H_NOT_FOUND);
    ck_assert_int_eq(HC(0x04, r, 0, 0x88, 0), H_SUCCESS);
}
END_TEST

/* Numbers no guest should send: each gets an error code, none reaches memory it may not. */
START_TEST(wild_calls)
{
    static const uint64_t odd[] = { 0, 1, 4095, 0x7fffffffffffffffull, UINT64_MAX, 1ull << 28, (1ull << 28) - 1, 1ull << 60 };

    make_machine();
    for (uint64_t op = 0; op <= 0x480; op += 4) {
        if (op == 0xe0 || op == 0xe4 || op == 0x298) {      /* cede, confer, join: they wait */
            continue;
        }
        for (unsigned i = 0; i < G_N_ELEMENTS(odd); i++) {
            for (unsigned k = 0; k < G_N_ELEMENTS(odd); k++) {
                HC(op, NULL, odd[i], odd[k], odd[i], odd[k], odd[i], odd[k], odd[i], odd[k]);
            }
        }
    }
    ck_assert_int_eq(HC(0x9990, NULL, 0), H_FUNCTION);
    ck_assert_int_eq(HC(0x08, NULL, 0, UINT64_MAX, PTE0(1), PTE1(1)), H_PARAMETER);
    ck_assert_int_eq(HC(0x20, NULL, 0x12345678, 0, 0), H_PARAMETER);
    ck_assert_int_eq(HC(0xdc, NULL, 1ull << 45, 0, 0xfffffffffffff000ull), H_PARAMETER);
}
END_TEST

static int32_t rtas(uint32_t token, unsigned nargs, unsigned nret, const uint32_t *args, uint32_t *out)
{
    const uint64_t at = 0x10000;

    memory_stl_be(at, token);
    memory_stl_be(at + 4, nargs);
    memory_stl_be(at + 8, nret);
    for (unsigned i = 0; i < nargs; i++) {
        memory_stl_be(at + 12 + 4 * i, args[i]);
    }
    for (unsigned i = 0; i < nret; i++) {
        memory_stl_be(at + 12 + 4 * (nargs + i), 0x5a5a5a5a);
    }
    HC(0xf000, NULL, at);
    for (unsigned i = 0; i < nret; i++) {
        memory_ldl_be(at + 12 + 4 * (nargs + i), &out[i]);
    }
    return out[0];
}

START_TEST(rtas_arguments)
{
    uint32_t out[16];
    const uint32_t far[] = { 0, 0xfffffff0, 0x1000, 0, 0, 0, 0, 0 };
    size_t n;
    const RtasRow *rows;

    make_machine();
    rows = rtas_rows(&n);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = i + 1; k < n; k++) {
            ck_assert_msg(rows[i].token != rows[k].token, "%s and %s share a token", rows[i].name, rows[k].name);
        }
        if (rows[i].nargs) {        /* one argument too few */
            ck_assert_msg(rtas(rows[i].token, rows[i].nargs - 1, rows[i].nret, far, out) != 0, "%s", rows[i].name);
        }
    }
    ck_assert_int_eq(rtas(0x2012, 3, 2, far, out), RTAS_PARAM_ERROR);      /* nvram-fetch to nowhere */
    ck_assert_int_eq(rtas(0x200a, 3, 1, far, out), RTAS_PARAM_ERROR);      /* set-xive of no interrupt */
    ck_assert_int_eq(rtas(0x3fff, 0, 1, far, out), RTAS_NOT_SUPPORTED);
    const uint32_t store[] = { 0x100, 0x20000, 4 }, fetch[] = { 0x100, 0x20100, 4 };
    uint32_t v;
    memory_stl_be(0x20000, 0xcafe1234);
    ck_assert_int_eq(rtas(0x2013, 3, 2, store, out), RTAS_SUCCESS);
    ck_assert_int_eq(rtas(0x2012, 3, 2, fetch, out), RTAS_SUCCESS);
    memory_ldl_be(0x20100, &v);
    ck_assert_uint_eq(v, 0xcafe1234);
}
END_TEST

START_TEST(device_tree)
{
    size_t size, n;
    int len;

    make_machine();
    g_autofree void *fdt = spapr_build_fdt(spapr, &size);
    ck_assert_int_eq(fdt_check_full(fdt, size), 0);
    const RtasRow *rows = rtas_rows(&n);
    int node = fdt_path_offset(fdt, "/rtas");
    for (size_t i = 0; i < n; i++) {
        const fdt32_t *p = fdt_getprop(fdt, node, rows[i].name, &len);
        ck_assert_msg(p && len == 4 && fdt32_ld(p) == rows[i].token, "%s", rows[i].name);
    }
    ck_assert_int_ge(fdt_path_offset(fdt, "/cpus/PowerPC,POWER8@1"), 0);
    ck_assert_int_lt(fdt_path_offset(fdt, "/cpus/PowerPC,POWER8@2"), 0);
}
END_TEST

START_TEST(versions)
{
    SpaprConfig c;

    ck_assert(!machine_kind("pseries-1.0"));
    spapr_config_init(&c, "pseries-2.6");
    ck_assert(c.legacy_irqs && c.cap_htm && !c.hotpluggable_cpus && !c.cap_large_decr);
    ck_assert_str_eq(c.default_cpu, "power7");
    ck_assert_uint_eq(c.vsmt, 8);
    spapr_config_init(&c, "pseries-2.12-sxxm");
    ck_assert_str_eq(c.cap_ibs, "fixed-ccd");
    spapr_config_init(&c, "pseries-2.12");
    ck_assert_str_eq(c.cap_ibs, "broken");
    spapr_config_init(&c, "pseries-7.2");
    ck_assert(!c.legacy_irqs && !c.cap_htm && c.cap_large_decr && c.cap_fwnmi);
    ck_assert_str_eq(spapr_version_pin("pseries-2.6", "spapr-pci-host-bridge", "mem_win_size"), "0xf80000000");
    ck_assert_str_eq(spapr_version_pin("pseries-2.1", "spapr-pci-host-bridge", "mem_win_size"), "0x20000000");
    ck_assert_ptr_null(spapr_version_pin("pseries-7.2", "spapr-pci-host-bridge", "mem_win_size"));
}
END_TEST

/* Connectors: processor 0 is configured, a slot is empty, and each state has its way out only (LoPAPR 13.5.3). */
START_TEST(connector_states)
{
    enum { ISOLATION = 9001, ALLOCATION = 9003, SENSE = 9003, CPU0 = 0x10000000, SLOT = 0x40000000 };
    uint32_t out[4];
#define SET(kind, index, value) rtas(0x201a, 3, 1, (const uint32_t[]){ kind, index, value }, out)
#define SENSED(index) (rtas(0x201d, 2, 2, (const uint32_t[]){ SENSE, index }, out) ? -1 : (int)out[1])

    make_machine();
    spapr_drc_reset(spapr);
    ck_assert_int_eq(SENSED(CPU0), 1);
    ck_assert_int_eq(SENSED(SLOT), 0);
    ck_assert_int_eq(SENSED(0x10000077), -1);
    ck_assert_int_ne(SET(ALLOCATION, CPU0, 0), 0);      /* not while it is in use */
    ck_assert_int_eq(SET(ISOLATION, CPU0, 0), 0);
    ck_assert_int_eq(SET(ALLOCATION, CPU0, 0), 0);
    ck_assert_int_eq(SENSED(CPU0), 2);
    ck_assert_int_ne(SET(ISOLATION, CPU0, 1), 0);       /* unusable first becomes usable */
    ck_assert_int_eq(SET(ALLOCATION, CPU0, 1), 0);
    ck_assert_int_eq(SET(ISOLATION, CPU0, 1), 0);
    ck_assert_int_ne(SET(ISOLATION, CPU0, 0), 0);       /* half configured */
    memory_stl_be(0x20000, CPU0);
    int said, calls = 0;
    while ((said = rtas(0x201e, 2, 1, (const uint32_t[]){ 0x20000, 0 }, out)) > 0) {    /* a node, then its properties */
        ck_assert_int_eq(said, calls++ ? 3 : 2);
    }
    ck_assert(!said && calls > 20);
    ck_assert_int_eq(SENSED(CPU0), 1);
    ck_assert_int_eq(SET(ISOLATION, CPU0, 0), 0);       /* wholly configured */
    ck_assert_int_eq(SET(ISOLATION, CPU0, 1), 0);
    memory_stl_be((256 << 20) - 16, CPU0);
    ck_assert_int_lt(rtas(0x201e, 2, 1, (const uint32_t[]){ (256 << 20) - 16, 0 }, out), 0);    /* a work area that the end of memory cuts */
    ck_assert_int_ne(SET(ISOLATION, SLOT, 1), 0);
    ck_assert_int_ne(rtas(0x201e, 2, 1, (const uint32_t[]){ 0xfffffffc, 0 }, out), 0);
}
END_TEST

/* A lone thread that was prodded does not wait, once; H_JOIN by the last thread says so. */
START_TEST(waiting)
{
    make_machine();
    cpu->halted = false;
    ck_assert_int_eq(HC(0xe8, NULL, 0), H_SUCCESS);
    ck_assert_int_eq(HC(0xe0, NULL, 0), H_SUCCESS);
    ck_assert(!cpu->halted);
    ck_assert_int_eq(HC(0xe0, NULL, 0), H_SUCCESS);
    ck_assert(cpu->halted);
    cpu->halted = false;
    ppc_cpu_get(1)->powered_off = true;
    ck_assert_int_eq(HC(0x298, NULL, 0), 4);
    ppc_cpu_get(1)->powered_off = ppc_cpu_get(1)->halted = false;
    ck_assert_int_eq(HC(0x298, NULL, 0), H_SUCCESS);
    ck_assert(cpu->halted);
    cpu->halted = false;
}
END_TEST

/* Vector tables that end where memory does, lists of modes without an end, modes that nobody has. */
START_TEST(negotiation_input)
{
    const uint64_t top = memory_ram_size();

    make_machine();
    ck_assert_int_lt(HC(0xf002, NULL, UINT64_MAX - 8, 0, 0), 0);
    ck_assert_int_lt(HC(0xf002, NULL, memory_ram_size() - 8, 0, 0), 0);
    for (unsigned i = 0; i < 4096; i += 8) {
        memory_stl_be(0x30000 + i, 0xffffffff);
        memory_stl_be(0x30000 + i + 4, 0x12345678);
    }
    ck_assert_int_lt(HC(0xf002, NULL, 0x30000, 0, 0), 0);
    /* POWER7, the end; one vector that claims more than there is */
    const uint32_t list[] = { 0xffffffff, 0x0f000003, 0, 0xffffffff };
    for (unsigned i = 0; i < 4; i++) {
        memory_stl_be(0x30000 + 4 * i, list[i]);
    }
    memory_stl_be(0x30010, 0x04ffffff);
    memory_fill(0x30014, 0, 4096 - 20);         /* what they ask for: nothing */
    ck_assert_int_eq(HC(0xf002, NULL, 0x30000, 0, 0), H_SUCCESS);
    ck_assert_uint_eq(cpu->compat_pvr, 0x0f000003);
    ck_assert_int_lt(HC(0xf002, NULL, 0x30000, 0x40000, 16), 0);        /* no room for the tree */
    ck_assert_int_lt(HC(0xf002, NULL, 0x30000, top - 64, 0x100000), 0);
    cpu->compat_pvr = 0;
    spapr->cas_done = false;
}
END_TEST

/* Numbers of messages: in a row, aligned if wanted, given back, all of them and no more. */
START_TEST(messages)
{
    g_autoptr(GError) err = NULL;

    make_machine();
    ck_assert_uint_eq(spapr_irq_claim_messages(spapr, 3, false, &err), SPAPR_IRQ_MSI);
    ck_assert_uint_eq(spapr_irq_claim_messages(spapr, 3, true, &err), SPAPR_IRQ_MSI + 4);
    ck_assert_uint_eq(spapr_irq_claim_messages(spapr, 1, false, &err), SPAPR_IRQ_MSI + 3);
    ck_assert_uint_eq(spapr->messages[0], 0x7f);
    spapr_irq_release(spapr, SPAPR_IRQ_MSI + 1, 4);
    ck_assert_uint_eq(spapr->messages[0], 0x61);
    ck_assert_uint_eq(spapr_irq_claim_messages(spapr, 5, false, &err), SPAPR_IRQ_MSI + 7);
    ck_assert_uint_eq(spapr_irq_claim_messages(spapr, 4, false, &err), SPAPR_IRQ_MSI + 1);
    ck_assert_uint_eq(spapr_irq_claim_messages(spapr, SPAPR_MESSAGES - 12, false, &err), SPAPR_IRQ_MSI + 12);
    ck_assert(!err);
    ck_assert_uint_eq(spapr_irq_claim_messages(spapr, 1, false, &err), 0);
    ck_assert(err);
    spapr_irq_release(spapr, SPAPR_IRQ_MSI, UINT32_MAX);        /* past the end */
    for (unsigned i = 0; i < G_N_ELEMENTS(spapr->messages); i++) {
        ck_assert_uint_eq(spapr->messages[i], 0);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("spapr");
    TCase *t = tcase_create("machine");

    tcase_set_timeout(t, 60);
    tcase_add_test(t, versions);
    tcase_add_test(t, hash_table);
    tcase_add_test(t, bulk_remove);
    tcase_add_test(t, rtas_arguments);
    tcase_add_test(t, device_tree);
    tcase_add_test(t, wild_calls);
    tcase_add_test(t, connector_states);
    tcase_add_test(t, waiting);
    tcase_add_test(t, negotiation_input);
    tcase_add_test(t, messages);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
