/*
 * The command line: what is understood, what is refused and in which words; the topology arithmetic.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/options.h"
#include "system/runstate.h"
#include "system/smp.h"
#include <check.h>
#include <stdlib.h>

#define PARSE(o, err, ...) ({                                                           \
    char *argv_[] = { "qemu-system-ppc64", __VA_ARGS__ };                               \
    options_parse(G_N_ELEMENTS(argv_), argv_, o, err); })

START_TEST(test_smp)
{
    static const struct { SmpTopology in, out; } good[] = {
        { { 0 }, { 1, 1, 1, 1, 1 } },
        { { .cpus = 8 }, { 8, 8, 1, 8, 1 } },
        { { .cpus = 4, .maxcpus = 8 }, { 4, 8, 1, 8, 1 } },
        { { .cpus = 8, .sockets = 1, .cores = 2 }, { 8, 8, 1, 2, 4 } },
        { { .sockets = 2, .maxcpus = 4 }, { 4, 4, 2, 2, 1 } },
        { { .cores = 2, .threads = 2, .maxcpus = 8 }, { 8, 8, 2, 2, 2 } },
        { { .sockets = 2, .cores = 2, .threads = 2 }, { 8, 8, 2, 2, 2 } },
    };
    static const SmpTopology bad[] = {
        { .cpus = 4, .maxcpus = 2 }, { .cpus = 4, .sockets = 1, .cores = 2, .threads = 1 }, { .cpus = 4, .cores = 3 },
        { .cpus = 6, .sockets = 2, .threads = 2 }, { .cpus = 1, .cores = 2 },
        { .sockets = 2048, .cores = 2048, .threads = 2048 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(good); i++) {
        SmpTopology t = good[i].in;
        ck_assert(smp_complete(&t, NULL));
        ck_assert_mem_eq(&t, &good[i].out, sizeof(t));
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) err = NULL;
        SmpTopology t = bad[i];
        ck_assert_msg(!smp_complete(&t, &err), "topology %u", i);
        ck_assert(g_str_has_prefix(err->message, "Invalid CPU topology: "));
    }
}
END_TEST

START_TEST(test_good)
{
    Options o = { 0 };

    ck_assert_int_eq(PARSE(&o, NULL, "-M", "pseries-2.6,append=a,,b", "-m", "1.5G,slots=2,maxmem=4G", "-smp", "8,threads=2",
                           "--name", "guest=x,debug-threads=on", "-boot", "order=cd", "-S", "-action", "reboot=shutdown",
                           "-kernel", "/k", "-chardev", "null,id=m", "-mon", "chardev=m,mode=readline"), OPTIONS_RUN);
    ck_assert_str_eq(o.machine.machine, "pseries-2.6");
    ck_assert_str_eq(o.machine.append, "a,b");
    ck_assert_uint_eq(o.machine.ram_size, 3ull << 29);
    ck_assert_uint_eq(o.machine.maxram_size, 4ull << 30);
    ck_assert_uint_eq(o.machine.smp_cpus, 8);
    ck_assert_uint_eq(o.machine.threads, 2);
    ck_assert_str_eq(o.machine.name, "x");
    ck_assert_str_eq(o.machine.boot, "cd");
    ck_assert_uint_eq(o.monitors->len, 1);
    ck_assert_str_eq(g_array_index(o.monitors, MonitorOption, 0).arg, "chardev=m,mode=readline");
    ck_assert(o.paused);
    ck_assert(runstate_on_reboot == ACTION_SHUTDOWN && runstate_on_shutdown == ACTION_SHUTDOWN);
}
END_TEST

static const struct { const char *option, *value, *want; } wrong[] = {
    { "-nosuch", NULL, "-nosuch: invalid option" },
    { "-m", NULL, "-m: requires an argument" },
    { "-m", "foo", "-m foo: Parameter 'size' expects a non-negative number below 2^64" },
    { "-m", "1G,slots=2", "slots specified but no max-size" },
    { "-smp", "foo", "Parameter 'smp.cpus' expects integer" },
    { "-smp", "2,foo=3", "Parameter 'smp.foo' is unexpected" },
    { "-name", "foo=bar", "-name foo=bar: Invalid parameter 'foo'" },
    { "-boot", "foo=1", "Parameter 'boot.foo' is unexpected" },
    { "-boot", "order=zz", "Invalid boot device 'z'" },
    { "-boot", "order=cc", "Boot device 'c' was given twice" },
    { "-action", "foo=1", "-action foo=1: Invalid parameter 'foo'" },
    { "-action", "reboot=foo", "-action reboot=foo: Parameter 'reboot' does not accept value 'foo'" },
    { "-msg", "foo=1", "-msg foo=1: Invalid parameter 'foo'" },
    { "-drive", "file=x", "-drive file=x: this build has no disks" },
    { "-device", "e1000,help", "-device e1000,help: Device 'e1000' not found" },
    { "-global", "spapr-vty.reg", "-global spapr-vty.reg: Invalid parameter 'spapr-vty.reg'" },
    { "-icount", "shift=99", "-icount shift=99: icount: Invalid shift value" },
    { "-cpu", "", "-cpu option cannot be empty" },
};

START_TEST(test_wrong)
{
    g_autoptr(GError) err = NULL;
    Options o = { 0 };
    char *argv[] = { "qemu-system-ppc64", (char *)wrong[_i].option, (char *)wrong[_i].value };

    ck_assert_int_eq(options_parse(wrong[_i].value ? 3 : 2, argv, &o, &err), OPTIONS_ERROR);
    g_auto(GStrv) lines = g_strsplit(err->message, "\n", 2);
    ck_assert_str_eq(lines[0], wrong[_i].want);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("options");
    TCase *c = tcase_create("options");

    tcase_add_test(c, test_smp);
    tcase_add_test(c, test_good);
    tcase_add_loop_test(c, test_wrong, 0, G_N_ELEMENTS(wrong));
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
