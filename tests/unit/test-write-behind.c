/*
 * A stream's writer with a thread behind it: what comes out, in which order; errors; ending while the reader does not read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/stream.h"
#include <check.h>
#include <gio/gio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int end[2];              /* of a connection: where it is read, where it is written */
static GSocketConnection *connection;
static GCancellable *cancel;
static MigOut *out;

static void begin(void)
{
    ck_assert(!socketpair(AF_UNIX, SOCK_STREAM, 0, end));
    g_autoptr(GSocket) socket = g_socket_new_from_fd(end[1], NULL);
    connection = g_socket_connection_factory_create_connection(socket);
    cancel = g_cancellable_new();
    out = mig_out_new(g_io_stream_get_output_stream(G_IO_STREAM(connection)), cancel);
    mig_out_write_behind(out);
}

static void finish(void)
{
    mig_out_free(out);
    g_object_unref(cancel);
    g_object_unref(connection);
    if (end[0] >= 0) {
        close(end[0]);
    }
}

static gpointer read_all(gpointer bytes)
{
    uint8_t buf[10000];
    ssize_t n;

    while ((n = read(end[0], buf, sizeof(buf))) > 0) {
        g_byte_array_append(bytes, buf, n);
    }
    return bytes;
}

static void put_records(GByteArray *expected, uint64_t first, uint32_t step, const uint8_t *bytes, unsigned n)
{
    mig_put_records(out, first, step, bytes, n);
    for (; n; n--, first += step, bytes += bytes ? step : 0) {
        const uint64_t wire = GUINT64_TO_BE(first);
        g_byte_array_append(expected, (const uint8_t *)&wire, 8);
        g_byte_array_append(expected, bytes ? bytes : (const uint8_t[]){ 0 }, bytes ? step : 1);
    }
}

/* Copied, kept and large pieces and records, also those that go on where others ended, in batches that fill by size and by number. */
START_TEST(test_order)
{
    static uint8_t kept[6 << 20];
    g_autoptr(GByteArray) expected = g_byte_array_new(), got = g_byte_array_new();
    uint32_t seed = 1;

    begin();
    GThread *reader = g_thread_new("reader", read_all, got);
    for (size_t i = 0; i < sizeof(kept); i++) {
        kept[i] = (seed = seed * 1103515245 + 12345) >> 16;
    }
    for (size_t at = 0; at + (512 << 10) < sizeof(kept); ) {
        size_t n = (seed = seed * 1103515245 + 12345) >> 16 & 8191;
        n = n % 97 == 0 ? 300 << 10 : n;
        if (seed & 1 << 20) {
            mig_put_kept(out, kept + at, n);
        } else {
            g_autofree uint8_t *copy = g_memdup2(kept + at, n);
            mig_put(out, copy, n);          /* whatever its size, it is not needed any more */
            memset(copy, 0, n);
        }
        g_byte_array_append(expected, kept + at, n);
        at += n + 1;
        uint64_t first = 0xffff0000ull + seed;
        for (uint32_t some = (seed = seed * 1103515245 + 12345) >> 16 & 15; some > 9; some--) {
            uint32_t many = some == 13 ? (seed = seed * 1103515245 + 12345) >> 16 & 32767 : some;
            const uint8_t *bytes = some & 4 ? NULL : kept + (seed >> 8 & 4095);
            many = bytes ? MIN(many, 1200) : many;
            put_records(expected, first, 4096, bytes, many);
            first += seed & 1 << 21 ? 4096 * many : 1;
            if (bytes) {
                put_records(expected, first, 4096, bytes + 4096 * many, some);
            }
        }
    }
    ck_assert(mig_out_flush(out, NULL));
    ck_assert_uint_eq(mig_out_total(out), expected->len);
    shutdown(end[1], SHUT_WR);
    g_thread_join(reader);
    ck_assert_uint_eq(got->len, expected->len);
    ck_assert_mem_eq(got->data, expected->data, got->len);
    finish();
}
END_TEST

START_TEST(test_error)
{
    static const uint8_t bytes[1 << 20];
    g_autoptr(GError) err = NULL;

    begin();
    close(end[0]);
    end[0] = -1;
    for (unsigned i = 0; i < 100; i++) {
        mig_put(out, bytes, sizeof(bytes));
    }
    ck_assert(!mig_out_flush(out, &err));
    ck_assert(g_error_matches(err, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE));
    ck_assert(mig_out_error(out));
    ck_assert(!mig_out_flush(out, NULL));       /* it stays */
    finish();
}
END_TEST

static gpointer cancel_soon(gpointer unused)
{
    g_usleep(50000);
    g_cancellable_cancel(cancel);
    return NULL;
}

/* Nobody reads: the migration's cancellation ends the wait, and so does freeing it. */
START_TEST(test_stuck)
{
    static const uint8_t bytes[4 << 20];
    g_autoptr(GError) err = NULL;

    begin();
    GThread *t = g_thread_new("cancel", cancel_soon, NULL);
    mig_put_kept(out, bytes, sizeof(bytes));
    ck_assert(!mig_out_flush(out, &err));
    ck_assert(g_error_matches(err, G_IO_ERROR, G_IO_ERROR_CANCELLED));
    g_thread_join(t);
    finish();

    begin();
    mig_put_kept(out, bytes, sizeof(bytes));
    for (unsigned i = 0; i < 2; i++) {
        mig_put(out, bytes, 40 << 10);          /* the second one sends what is before it on its way */
    }
    ck_assert(!mig_out_error(out));
    finish();
}
END_TEST

int main(void)
{
    Suite *s = suite_create("write-behind");
    TCase *c = tcase_create("write-behind");

    tcase_set_timeout(c, 60);
    tcase_add_test(c, test_order);
    tcase_add_test(c, test_error);
    tcase_add_test(c, test_stuck);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    signal(SIGPIPE, SIG_IGN);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
