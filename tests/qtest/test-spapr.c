/*
 * The pseries machine's devices without a guest: what RTAS says of them, which interrupts they raise.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "libqtest.h"
#include <string.h>
#include <unistd.h>

#define ICS "/machine/ics"
#define MACHINE "-M pseries-7.2,ic-mode=xics -cpu POWER9 -m 256 "
#define BUID_HIGH 0x8000000u        /* of the default host bridge: 0x800000020000000 */
#define BUID_LOW 0x20000000u

/* RTAS's status, as LoPAPR writes it */
enum { SUCCESS = 0, HARDWARE_ERROR = -1, PARAMETER_ERROR = -3, NO_SUCH_INDICATOR = -3 };

/* ---- memory ---- */

static void memory(void)
{
    QTest *t = qtest_start("-M pseries-7.2 -m 512");
    uint64_t end = 512 << 20;
    uint8_t in[64], out[64];

    for (unsigned i = 0; i < sizeof(in); i++) {
        in[i] = i * 7;
    }
    qtest_write(t, end - 8, 8, 0x0102030405060708);
    g_assert_cmphex(qtest_read(t, end - 8, 8), ==, 0x0102030405060708);
    g_assert_cmphex(qtest_read(t, end - 3, 1), ==, 6);
    qtest_write(t, end, 8, UINT64_MAX);                 /* nobody is there */
    g_assert_cmphex(qtest_read(t, end, 8), ==, 0);
    g_assert_cmphex(qtest_read(t, end - 4, 8), ==, 0x0506070800000000);
    qtest_write(t, end - 4, 8, UINT64_MAX);             /* half of it is */
    g_assert_cmphex(qtest_read(t, end - 8, 8), ==, 0x01020304ffffffff);
    for (unsigned size = 1; size <= 8; size *= 2) {
        qtest_write(t, 0x2001, size, 0x8899aabbccddeeff);
        g_assert_cmphex(qtest_read(t, 0x2001, size), ==, 0x8899aabbccddeeff & (UINT64_MAX >> (64 - 8 * size)));
    }
    qtest_write_bytes(t, 0xfffff7, in, sizeof(in));
    qtest_read_bytes(t, 0xfffff7, out, sizeof(out));
    g_assert_cmpmem(in, sizeof(in), out, sizeof(out));
    qtest_stop(t);
}

/* ---- clock ---- */

static void time_of_day(void)
{
    QTest *t = qtest_start(MACHINE "-rtc base=1999-12-31T23:59:58,clock=vm");
    uint32_t r[8];

    QTEST_RTAS(t, "get-time-of-day", 8, r);
    g_assert_cmpmem(r, 7 * 4, ((uint32_t[]){ SUCCESS, 1999, 12, 31, 23, 59, 58 }), 7 * 4);
    g_assert_cmpint(qtest_clock_step(t, 2 * 1000000000ll), ==, 2 * 1000000000ll);
    QTEST_RTAS(t, "get-time-of-day", 8, r);
    g_assert_cmpmem(r, 7 * 4, ((uint32_t[]){ SUCCESS, 2000, 1, 1, 0, 0, 0 }), 7 * 4);
    QTEST_RTAS(t, "set-time-of-day", 1, r, 2024, 2, 28, 23, 59, 59, 0);
    g_assert_cmpint((int)r[0], ==, SUCCESS);
    g_assert_cmpint(qtest_clock_set(t, 3 * 1000000000ll + 250000000), ==, 3250000000ll);
    QTEST_RTAS(t, "get-time-of-day", 8, r);
    g_assert_cmpmem(r, sizeof(r), ((uint32_t[]){ SUCCESS, 2024, 2, 29, 0, 0, 0, 250000000 }), sizeof(r));
    qtest_stop(t);
}

/* ---- NVRAM ---- */

static void nvram(void)
{
    QTest *t = qtest_start(MACHINE);
    uint8_t in[256], out[256];
    uint32_t r[2];

    for (unsigned i = 0; i < sizeof(in); i++) {
        in[i] = ~i;
    }
    qtest_write_bytes(t, 0x4000, in, sizeof(in));
    QTEST_RTAS(t, "nvram-store", 2, r, 65536 - 256, 0x4000, 256);
    g_assert_cmpint((int)r[0], ==, SUCCESS);
    g_assert_cmpuint(r[1], ==, 256);
    json_object_put(qtest_qmp(t, "system_reset", NULL));        /* what is stored stays */
    qtest_clock_step(t, 1);
    QTEST_RTAS(t, "nvram-fetch", 2, r, 65536 - 256, 0x5000, 256);
    g_assert_cmpint((int)r[0], ==, SUCCESS);
    qtest_read_bytes(t, 0x5000, out, sizeof(out));
    g_assert_cmpmem(in, sizeof(in), out, sizeof(out));
    QTEST_RTAS(t, "nvram-fetch", 2, r, 65536 - 255, 0x5000, 256);
    g_assert_cmpint((int)r[0], ==, PARAMETER_ERROR);
    QTEST_RTAS(t, "nvram-store", 2, r, 0xffffffff, 0x5000, 2);
    g_assert_cmpint((int)r[0], ==, PARAMETER_ERROR);
    qtest_stop(t);
}

/* ---- interrupts ---- */

static void xive(QTest *t, uint32_t irq, uint32_t server, uint32_t priority)
{
    uint32_t r[3];

    QTEST_RTAS(t, "ibm,get-xive", 3, r, irq);
    g_assert_cmpmem(r, sizeof(r), ((uint32_t[]){ SUCCESS, server, priority }), sizeof(r));
}

static void sources(void)
{
    QTest *t = qtest_start_with_console(MACHINE "-smp 2");
    uint32_t r[2];

    xive(t, 0x1000, 0, 0xff);
    QTEST_RTAS(t, "ibm,set-xive", 1, r, 0x1000, 1, 5);
    g_assert_cmpint((int)r[0], ==, SUCCESS);
    xive(t, 0x1000, 1, 5);
    QTEST_RTAS(t, "ibm,int-off", 1, r, 0x1000);
    xive(t, 0x1000, 1, 0xff);
    QTEST_RTAS(t, "ibm,int-on", 1, r, 0x1000);
    xive(t, 0x1000, 1, 5);
    QTEST_RTAS(t, "ibm,set-xive", 1, r, 0x1000, 7, 5);          /* no such server */
    g_assert_cmpint((int)r[0], ==, PARAMETER_ERROR);
    QTEST_RTAS(t, "ibm,set-xive", 1, r, 0x1fff, 0, 5);          /* nobody's source */
    g_assert_cmpint((int)r[0], ==, PARAMETER_ERROR);
    json_object_put(qtest_qmp(t, "system_reset", NULL));
    qtest_clock_step(t, 1);
    xive(t, 0x1000, 0, 0xff);
    qtest_stop(t);
}

static void processor_line(void)
{
    const char *thread = "/machine/unattached/device[0]/thread[0]";
    QTest *t = qtest_start(MACHINE);

    qtest_watch_irqs(t, thread);
    for (unsigned n = 0; n < 2; n++) {
        qtest_set_irq(t, thread, n, true);
        g_assert_true(qtest_irq(t, n));
        qtest_set_irq(t, thread, n, true);
        g_assert_cmpuint(qtest_irq_raised(t, n), ==, 1);
        qtest_set_irq(t, thread, n, false);
        g_assert_false(qtest_irq(t, n));
    }
    qtest_stop(t);
}

static void power_button(void)
{
    QTest *t = qtest_start(MACHINE);
    uint8_t log[128];
    uint32_t r[1];

    qtest_watch_irqs(t, ICS);
    QTEST_RTAS(t, "check-exception", 1, r, 0, 0x1000, 0x40000000, 0, 0x4000, sizeof(log));
    g_assert_cmpint((int)r[0], ==, 1);                          /* nothing yet */
    json_object_put(qtest_qmp(t, "system_powerdown", NULL));
    qtest_wait_irq(t, 0, 1);
    QTEST_RTAS(t, "check-exception", 1, r, 0, 0x1000, 0x10000000, 0, 0x4000, sizeof(log));
    g_assert_cmpint((int)r[0], ==, 1);                          /* of another class */
    QTEST_RTAS(t, "check-exception", 1, r, 0, 0x1000, 0x40000000, 0, 0x4000, sizeof(log));
    g_assert_cmpint((int)r[0], ==, SUCCESS);
    qtest_read_bytes(t, 0x4000, log, sizeof(log));
    g_assert_cmpuint(log[0], ==, 6);                            /* version 6 (LoPAPR 10.3.2.1) */
    g_assert_cmpmem(log + 8 + 16 + 48 + 24, 2, "EP", 2);        /* behind the extended, the private and the user header */
    QTEST_RTAS(t, "check-exception", 1, r, 0, 0x1000, 0x40000000, 0, 0x4000, sizeof(log));
    g_assert_cmpint((int)r[0], ==, 1);                          /* once */
    g_assert_true(qtest_event_seen(t, "POWERDOWN"));
    qtest_stop(t);
}

/* ---- console ---- */

static void console(void)
{
    QTest *t = qtest_start_with_console(MACHINE);
    char got[4];
    uint32_t r[1];

    qtest_watch_irqs(t, ICS);
    for (const char *p = "ab\n"; *p; p++) {
        QTEST_RTAS(t, "display-character", 1, r, *p);
        g_assert_cmpint((int)r[0], ==, SUCCESS);
    }
    for (unsigned n = 0; n < 3;) {
        ssize_t k = read(qtest_console(t), got + n, 3 - n);
        g_assert_cmpint(k, >, 0);
        n += k;
    }
    g_assert_cmpmem(got, 3, "ab\n", 3);
    /* Input interrupts once, as long as nobody fetches it: vty@71000000 has number 0x1100. */
    g_assert_cmpint(write(qtest_console(t), "x", 1), ==, 1);
    qtest_wait_irq(t, 0x100, 1);
    g_assert_cmpint(write(qtest_console(t), "y", 1), ==, 1);
    g_free(qtest_ask(t, "endianness"));
    g_assert_cmpuint(qtest_irq_raised(t, 0x100), ==, 1);
    qtest_stop(t);
}

/* ---- host bridge ---- */

static void host_bridge(void)
{
    QTest *t = qtest_start(MACHINE);
    uint32_t r[5];

    /* the bus is empty: no function answers */
    QTEST_RTAS(t, "ibm,read-pci-config", 2, r, 0, BUID_HIGH, BUID_LOW, 4);
    g_assert_cmpint((int)r[0], ==, HARDWARE_ERROR);
    QTEST_RTAS(t, "ibm,write-pci-config", 1, r, 0, BUID_HIGH, BUID_LOW, 4, 0);
    g_assert_cmpint((int)r[0], ==, HARDWARE_ERROR);
    /* a second DMA window: opened, seen, closed */
    QTEST_RTAS(t, "ibm,query-pe-dma-window", 5, r, 0, BUID_HIGH, BUID_LOW);
    g_assert_cmpint((int)r[0], ==, SUCCESS);
    g_assert_cmpuint(r[1], ==, 1);
    QTEST_RTAS(t, "ibm,create-pe-dma-window", 4, r, 0, BUID_HIGH, BUID_LOW, 16, 30);
    g_assert_cmpint((int)r[0], ==, SUCCESS);
    g_assert_cmphex(r[1], ==, 0x80000001);
    g_assert_cmphex((uint64_t)r[2] << 32 | r[3], ==, 0x800000000000000);
    QTEST_RTAS(t, "ibm,query-pe-dma-window", 5, r, 0, BUID_HIGH, BUID_LOW);
    g_assert_cmpuint(r[1], ==, 0);
    QTEST_RTAS(t, "ibm,create-pe-dma-window", 4, r, 0, BUID_HIGH, BUID_LOW, 16, 30);
    g_assert_cmpint((int)r[0], ==, HARDWARE_ERROR);             /* there is no third */
    QTEST_RTAS(t, "ibm,remove-pe-dma-window", 1, r, 0x80000001);
    g_assert_cmpint((int)r[0], ==, SUCCESS);
    QTEST_RTAS(t, "ibm,remove-pe-dma-window", 1, r, 0x80000001);
    g_assert_cmpint((int)r[0], ==, PARAMETER_ERROR);
    QTEST_RTAS(t, "ibm,create-pe-dma-window", 4, r, 0, BUID_HIGH, BUID_LOW, 13, 30);
    g_assert_cmpint((int)r[0], ==, PARAMETER_ERROR);            /* no such page size */
    QTEST_RTAS(t, "ibm,query-pe-dma-window", 5, r, 0, BUID_HIGH, BUID_LOW + 1);
    g_assert_cmpint((int)r[0], ==, PARAMETER_ERROR);            /* no such bridge */
    qtest_stop(t);
}

/* ---- processors ---- */

static void added_core(void)
{
    QTest *t = qtest_start(MACHINE "-smp 1,maxcpus=4,cores=4 -device power9_v2.0-spapr-cpu-core,core-id=2,id=second");
    uint32_t r[2];

    struct json_object *cpus = qtest_qmp(t, "query-cpus-fast", NULL);
    g_assert_cmpuint(json_object_array_length(cpus), ==, 2);
    json_object_put(cpus);
    QTEST_RTAS(t, "query-cpu-stopped-state", 2, r, 0);
    g_assert_cmpint((int)r[0], ==, SUCCESS);
    g_assert_cmpuint(r[1], ==, 2);                              /* not stopped */
    QTEST_RTAS(t, "query-cpu-stopped-state", 2, r, 2);
    g_assert_cmpint((int)r[0], ==, SUCCESS);
    g_assert_cmpuint(r[1], ==, 0);                              /* stopped */
    QTEST_RTAS(t, "query-cpu-stopped-state", 2, r, 1);
    g_assert_cmpint((int)r[0], ==, PARAMETER_ERROR);            /* not there */
    /* its connector, and that of a core that could come (LoPAPR 13.5.3.3: 9003 is the entity sense) */
    QTEST_RTAS(t, "get-sensor-state", 2, r, 9003, 0x10000002);
    g_assert_cmpint((int)r[0], ==, SUCCESS);
    g_assert_cmpuint(r[1], ==, 1);
    QTEST_RTAS(t, "get-sensor-state", 2, r, 9003, 0x10000001);
    g_assert_cmpint((int)r[0], ==, SUCCESS);
    g_assert_cmpuint(r[1], ==, 2);                              /* unusable until it is allocated */
    QTEST_RTAS(t, "get-sensor-state", 2, r, 9003, 0x10000009);
    g_assert_cmpint((int)r[0], ==, NO_SUCH_INDICATOR);
    qtest_stop(t);
}

static void run_states(void)
{
    QTest *t = qtest_start(MACHINE);
    const char *states[][2] = { { NULL, "running" }, { "stop", "paused" }, { "cont", "running" } };

    for (unsigned i = 0; i < G_N_ELEMENTS(states); i++) {
        if (states[i][0]) {
            json_object_put(qtest_qmp(t, states[i][0], NULL));
        }
        struct json_object *o = qtest_qmp(t, "query-status", NULL), *status;
        g_assert_true(json_object_object_get_ex(o, "status", &status));
        g_assert_cmpstr(json_object_get_string(status), ==, states[i][1]);
        json_object_put(o);
        qtest_write(t, 0x3000, 4, i);                           /* memory is there either way */
        g_assert_cmphex(qtest_read(t, 0x3000, 4), ==, i);
    }
    g_autofree char *registers = qtest_hmp(t, "info registers");
    g_assert_nonnull(strstr(registers, "NIP 0000000000000100"));
    qtest_clock_step(t, 1000000000);
    g_autofree char *later = qtest_hmp(t, "info registers");
    g_assert_nonnull(strstr(later, "NIP 0000000000000100"));    /* nobody executes anything */
    qtest_stop(t);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/spapr/memory", memory);
    g_test_add_func("/spapr/rtc", time_of_day);
    g_test_add_func("/spapr/nvram", nvram);
    g_test_add_func("/spapr/xics/sources", sources);
    g_test_add_func("/spapr/xics/processor", processor_line);
    g_test_add_func("/spapr/power-button", power_button);
    g_test_add_func("/spapr/vty", console);
    g_test_add_func("/spapr/pci-host-bridge", host_bridge);
    g_test_add_func("/spapr/added-core", added_core);
    g_test_add_func("/spapr/run-states", run_states);
    return g_test_run();
}
