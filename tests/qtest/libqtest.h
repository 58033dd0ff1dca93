/*
 * Tests that play the guest: an emulator under -accel qtest, with its qtest and QMP connections.
 *
 *     QTest *t = qtest_start("-M pseries-7.2 -m 256");
 *     qtest_write(t, 0x2000, 4, 5);
 *     g_assert_cmphex(qtest_read(t, 0x2000, 4), ==, 5);
 *     qtest_stop(t);
 *
 * Any refusal, silence of a minute or death of the emulator fails the test, in words that hold the request and what came back. The program
 * is that of the environment's QTEST_EMULATOR.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TESTS_QTEST_LIBQTEST_H
#define TESTS_QTEST_LIBQTEST_H

#include <glib.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct QTest QTest;

/* Arguments as a shell takes them, after -nodefaults -display none. */
QTest *qtest_start(const char *args);
/* Likewise, with the guest's console at the other end of qtest_console(). */
QTest *qtest_start_with_console(const char *args);
int qtest_console(const QTest *t);                  /* a socket */
/* Quits it, which has to end well. */
void qtest_stop(QTest *t);

/* The answer after "OK ", which it has to begin with; g_free(). */
char *qtest_ask(QTest *t, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

/* Real addresses, big-endian; sizes of 1, 2, 4 and 8. */
uint64_t qtest_read(QTest *t, uint64_t at, unsigned size);
void qtest_write(QTest *t, uint64_t at, unsigned size, uint64_t value);
void qtest_read_bytes(QTest *t, uint64_t at, void *buf, size_t len);
void qtest_write_bytes(QTest *t, uint64_t at, const void *buf, size_t len);

/* The clock after it moved, ns; -1: to where the next timer is due. */
int64_t qtest_clock_step(QTest *t, int64_t ns);
int64_t qtest_clock_set(QTest *t, int64_t ns);

/* Calls RTAS with the words of args; rets gets the results. */
void qtest_rtas(QTest *t, const char *name, unsigned nargs, const uint32_t *args, unsigned nret, uint32_t *rets);
#define QTEST_RTAS(t, name, nret, rets, ...) \
    qtest_rtas(t, name, sizeof((uint32_t[]){ __VA_ARGS__ }) / 4, (uint32_t[]){ __VA_ARGS__ }, nret, rets)

/* Watches the interrupt lines that end in the device at this path; one device per emulator. */
void qtest_watch_irqs(QTest *t, const char *path);
void qtest_set_irq(QTest *t, const char *path, unsigned n, bool level);
bool qtest_irq(QTest *t, unsigned n);               /* is it up, as far as events came with answers? */
unsigned qtest_irq_raised(QTest *t, unsigned n);    /* how often it went up */
void qtest_wait_irq(QTest *t, unsigned n, unsigned raised);     /* until it has that often */

/* A QMP command, its arguments as JSON or NULL; json_object_put(). */
struct json_object *qtest_qmp(QTest *t, const char *command, const char *arguments);
char *qtest_hmp(QTest *t, const char *line);        /* g_free() */
bool qtest_event_seen(QTest *t, const char *name);  /* among what came with answers */

#endif
