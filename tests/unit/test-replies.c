/*
 * What a destination says on the return path, hostile ones included: requests for pages are bounded by the pages there are, whatever is asked for;
 * what no destination says is refused, wherever it ends.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/postcopy.h"
#include "migration/protocol.h"
#include "system/memory.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 4096u
#define RAM (16u << 20)

static bool take(const void *wire, size_t n, GError **err)
{
    VmsMemory m;

    vms_memory_init(&m, wire, n);
    bool ok = return_path_take(&m.source, err);
    ck_assert(ok == !*err);
    return ok;
}

/* Pages of which block? From here on of this one. */
static void name_block(GError **err)
{
    static const char named[] = "\0\3\0\x1a\0\0\0\0\0\0\0\0\0\0\x10\0\x0dppc_spapr.ram", other[] = "\0\3\0\x10\0\0\0\0\0\0\0\0\0\0\x10\0\3ram";
    uint64_t page;

    ck_assert(!take(other, sizeof(other) - 1, err) && strstr((*err)->message, "block 'ram'"));
    g_clear_error(err);
    ck_assert(take(named, sizeof(named) - 1, err));
    ck_assert(postcopy_next_request(&page) && page == 0);
}

static size_t request(uint8_t *wire, uint64_t start, uint64_t bytes)
{
    vms_put_be(wire, 2, REPLY_REQ_PAGES);
    vms_put_be(wire + 2, 2, 12);
    vms_put_be(wire + 4, 8, start);
    vms_put_be(wire + 12, 4, bytes);
    return 16;
}

START_TEST(test_requests)
{
    uint8_t wire[16];
    uint64_t page, n = 0;
    GError *err = NULL;

    ck_assert(!take(wire, request(wire, 0, PAGE), &err) && strstr(err->message, "no block"));
    g_clear_error(&err);
    name_block(&err);
    for (unsigned i = 0; i < 100; i++) {
        ck_assert(take(wire, request(wire, 0, RAM), &err));
    }
    while (postcopy_next_request(&page)) {
        ck_assert_uint_lt(page, RAM / PAGE);
        n++;
    }
    ck_assert_uint_eq(n, RAM / PAGE);
    ck_assert(take(wire, request(wire, RAM - PAGE, PAGE), &err));
    ck_assert(postcopy_next_request(&page) && page == RAM / PAGE - 1);
    static const uint64_t bad[][2] = { { RAM, PAGE }, { 0, 0 }, { 0, 1 }, { 8, PAGE }, { RAM - PAGE, 2 * PAGE }, { -PAGE, 2 * PAGE }, { 0, RAM + PAGE } };
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        ck_assert(!take(wire, request(wire, bad[i][0], bad[i][1]), &err));
        ck_assert(strstr(err->message, "no pages of its 0x"));
        g_clear_error(&err);
        ck_assert(!postcopy_has_request());
    }
}
END_TEST

/* Each reply that there is, cut off everywhere, and one byte longer or shorter than it is. */
START_TEST(test_ends)
{
    static const struct { MigReply kind; const char *data; unsigned n; bool any; } all[] = {
        { REPLY_SHUT, "\0\0\0\0", 4 }, { REPLY_PONG, "\0\0\0\1", 4 }, { REPLY_RESUME_ACK, "\0\0\0\1", 4 },
        { REPLY_REQ_PAGES, "\0\0\0\0\0\0\x10\0\0\0\x10\0", 12 }, { REPLY_REQ_PAGES_ID, "\0\0\0\0\0\0\x10\0\0\0\x10\0\x0dppc_spapr.ram", 26 },
        { REPLY_VERDICT, "\1", 1 }, { REPLY_VERDICT, "\0because", 8, true },
    };
    uint8_t wire[64];
    GError *err = NULL;

    for (unsigned i = 0; i < G_N_ELEMENTS(all); i++) {
        vms_put_be(wire, 2, all[i].kind);
        memcpy(wire + 4, all[i].data, all[i].n);
        for (int more = -1; more <= 1; more++) {
            vms_put_be(wire + 2, 2, all[i].n + more);
            ck_assert_msg(take(wire, 4 + all[i].n + more, &err) == (!more || all[i].any), "reply %u, %d", i, more);
            g_clear_error(&err);
        }
        vms_put_be(wire + 2, 2, all[i].n);
        for (unsigned n = 0; n < 4 + all[i].n; n++) {
            ck_assert(!take(wire, n, &err));
            g_clear_error(&err);
        }
    }
    static const char *const nonsense[] = { "\0\0\0\0", "\0\x08\0\0", "\xff\xff\0\0", "\0\2\xff\xff", "\x70\x70\0\0", "\x70\x70\0\1\2", "\0\5\0\0" };
    for (unsigned i = 0; i < G_N_ELEMENTS(nonsense); i++) {
        ck_assert(!take(nonsense[i], i == 5 ? 5 : 4, &err));
        g_clear_error(&err);
    }
}
END_TEST

int main(void)
{
    TCase *c = tcase_create("replies");
    Suite *s = suite_create("replies");
    GError *err = NULL;

    g_assert(memory_init_ram(RAM, &err));
    tcase_add_test(c, test_requests);
    tcase_add_test(c, test_ends);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_set_fork_status(r, CK_NOFORK);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
