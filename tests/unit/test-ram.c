/*
 * How pages travel: was a page ever touched, is it zero, what changed in it (xbzrle), heads of multifd packets, compressed packets; what is no such thing is refused.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/multifd.h"
#include "migration/multifd-wire.h"
#include "migration/xbzrle.h"
#include "migration/zero.h"
#include "system/host-pages.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096u
#define BLOCK "ppc_spapr.ram"
#define MIB256 (256u << 20)

static uint64_t state = 88172645463325252u;
static uint32_t rnd(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state >> 16;
}

START_TEST(test_zero)
{
    uint8_t page[PAGE] __attribute__((aligned(64))) = { 0 };

    for (unsigned w = 0; is_zero_ways[w]; w++) {
        if (!is_zero_way_runs_here(is_zero_ways[w])) {
            continue;
        }
        ck_assert(is_zero_ways[w](page, PAGE));
        for (unsigned i = 0; i < PAGE; i++) {
            page[i] = 1 << i % 8;
            ck_assert_msg(!is_zero_ways[w](page, PAGE), "way %u, byte %u", w, i);
            ck_assert(!is_zero(page, PAGE));
            page[i] = 0;
        }
    }
    ck_assert(is_zero(page, PAGE));
}
END_TEST

START_TEST(test_zero_run)
{
    static uint8_t pages[5 * PAGE] __attribute__((aligned(64)));

    ck_assert_uint_eq(zero_run(pages, PAGE, 5), 5);
    ck_assert_uint_eq(zero_run(pages, PAGE, 0), 0);
    for (unsigned i = 0; i < sizeof(pages); i += 511) {
        pages[i] = 1;
        ck_assert_uint_eq(zero_run(pages, PAGE, 5), i / PAGE);
        ck_assert_uint_eq(zero_run(pages, PAGE, i / PAGE), i / PAGE);
        pages[i] = 0;
    }
}
END_TEST

START_TEST(test_xbzrle)
{
    static const uint8_t known[] = { 0x08, 0x02, 0xaa, 0xbb, 0xf4, 0x1f, 0x01, 0xcc };   /* 8 stay, 2 change, 4084 stay, 1 changes */
    uint8_t a[PAGE] __attribute__((aligned(8))) = { 0 }, b[PAGE] __attribute__((aligned(8))) = { 0 }, out[PAGE];

    ck_assert_int_eq(xbzrle_encode(a, b, out, sizeof(out)), 0);
    b[8] = 0xaa;
    b[9] = 0xbb;
    b[10 + 4084] = 0xcc;
    ck_assert_int_eq(xbzrle_encode(a, b, out, sizeof(out)), sizeof(known));
    ck_assert_mem_eq(out, known, sizeof(known));
    for (unsigned i = 0; i < 1000; i++) {
        for (unsigned k = 0; k < PAGE; k++) {
            a[k] = rnd();
        }
        memcpy(b, a, PAGE);
        for (unsigned k = rnd() % 40; k; k--) {
            memset(b + rnd() % (PAGE - 64), rnd(), rnd() % 64);
        }
        int n = xbzrle_encode(a, b, out, sizeof(out));
        ck_assert_int_ge(n, 0);
        ck_assert(xbzrle_decode(a, out, n));
        ck_assert_mem_eq(a, b, PAGE);
    }
    memset(a, 0, PAGE);
    memset(b, 1, PAGE);
    ck_assert_int_eq(xbzrle_encode(a, b, out, sizeof(out)), -1);
    static const struct { uint8_t bytes[6]; unsigned n; } bad[] = {
        { { 0 }, 1 }, { { 0, 0 }, 2 }, { { 0, 2, 1 }, 3 }, { { 0x80, 0x80, 1, 1 }, 4 }, { { 0xff, 0x1f, 2, 1, 1 }, 5 }, { { 0x80 }, 1 },
    };
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        ck_assert_msg(!xbzrle_decode(a, bad[i].bytes, bad[i].n), "%u", i);
    }
}
END_TEST

START_TEST(test_head)
{
    MultifdHead h = { .flags = MULTIFD_SYNC | MULTIFD_ZSTD, .normal = 2, .zero = 1, .size = 100, .number = 7, .block = BLOCK, .page = { 0, 8192, 4096 } }, got;
    uint8_t wire[MULTIFD_HEAD_BYTES];
    g_autoptr(GError) err = NULL;

    multifd_put_head(wire, &h);
    ck_assert(multifd_get_head(wire, &got, &err) && multifd_check_pages(&got, MIB256, &err));
    ck_assert_str_eq(got.block, BLOCK);
    ck_assert(got.flags == h.flags && got.normal == 2 && got.zero == 1 && got.size == 100 && got.number == 7 && !memcmp(got.page, h.page, 24));
    /* Whatever comes: what is taken is within bounds. */
    for (unsigned i = 0; i < 10000; i++) {
        uint8_t w[MULTIFD_HEAD_BYTES];
        memcpy(w, wire, sizeof(w));
        for (unsigned k = 1 + rnd() % 3; k; k--) {
            w[8 + rnd() % (rnd() % 2 ? 56 : MULTIFD_HEAD_BYTES - 8)] = rnd();
        }
        g_clear_error(&err);
        if (multifd_get_head(w, &got, &err) && multifd_check_pages(&got, MIB256, &err)) {
            ck_assert(got.normal + got.zero <= MULTIFD_PAGES && (!got.normal || got.size <= MULTIFD_COMPRESSED_MAX));
            for (unsigned p = 0; p < got.normal + got.zero; p++) {
                ck_assert(got.page[p] <= MIB256 - PAGE && got.page[p] % PAGE == 0);
            }
        } else {
            ck_assert(err && *err->message);
        }
    }
}
END_TEST

START_TEST(test_compressed)
{
    unsigned method = _i ? MULTIFD_ZSTD : MULTIFD_ZLIB;
    g_autofree uint8_t *pages = g_malloc(MULTIFD_DATA), *small = g_malloc(MULTIFD_COMPRESSED_MAX), *back = g_malloc(MULTIFD_DATA);
    g_autoptr(GError) err = NULL;
    MultifdEncoder *e = multifd_encoder_new(method, 1, &err);
    MultifdDecoder *d = multifd_decoder_new(method, &err);

    for (unsigned round = 0; round < 20; round++) {
        unsigned n = 1 + rnd() % MULTIFD_PAGES, used = 0;
        for (unsigned i = 0; i < n * PAGE; i++) {
            pages[i] = round % 2 ? rnd() : i >> 6;
        }
        for (unsigned i = 0; i < n; i++) {
            ssize_t took = multifd_encode(e, pages + i * PAGE, i == n - 1, small + used, MULTIFD_COMPRESSED_MAX - used, &err);
            ck_assert(took >= 0);
            used += took;
        }
        ck_assert_msg(multifd_decode(d, small, used, back, n * PAGE, &err), "%s", err ? err->message : "");
        ck_assert(!memcmp(pages, back, n * PAGE));
    }
    /* A bomb: more than is said. */
    MultifdDecoder *other = multifd_decoder_new(method, &err);
    memset(pages, 0, MULTIFD_DATA);
    MultifdEncoder *fresh = multifd_encoder_new(method, 1, &err);
    unsigned used = 0;
    for (unsigned i = 0; i < 64; i++) {
        used += multifd_encode(fresh, pages, i == 63, small + used, MULTIFD_COMPRESSED_MAX - used, &err);
    }
    ck_assert(!multifd_decode(other, small, used, back, PAGE, &err));
    ck_assert_ptr_nonnull(err);
    multifd_encoder_free(e);
    multifd_encoder_free(fresh);
    multifd_decoder_free(d);
    multifd_decoder_free(other);
}
END_TEST

/* Read or written, a page is there; what lies between is not, however much there is of it. */
START_TEST(test_absent)
{
    const uint64_t page = sysconf(_SC_PAGESIZE), pages = 3000, touched[] = { 5, 6, 1700 };
    uint8_t *p = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    ck_assert_ptr_ne(p, MAP_FAILED);
    ck_assert_uint_eq(host_pages_absent(p, pages * page), pages * page);
    p[touched[0] * page] = 1;
    ck_assert_uint_eq(((volatile uint8_t *)p)[touched[1] * page + 7], 0);
    p[touched[2] * page + page - 1] = 0;
    ck_assert_uint_eq(host_pages_absent(p, pages * page), 5 * page);
    ck_assert_uint_eq(host_pages_absent(p, 3 * page), 3 * page);
    ck_assert_uint_eq(host_pages_absent(p + 5 * page, page), 0);
    ck_assert_uint_eq(host_pages_absent(p + 6 * page, pages), 0);
    ck_assert_uint_eq(host_pages_absent(p + 7 * page, (pages - 7) * page), 1693 * page);
    ck_assert_uint_eq(host_pages_absent(p + 1701 * page, (pages - 1701) * page), 1299 * page);
    ck_assert_uint_eq(host_pages_absent(p + 16, page), 0);      /* no whole page there that begins here */
    munmap(p, pages * page);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("ram");
    TCase *c = tcase_create("ram");

    tcase_set_timeout(c, 120);
    tcase_add_test(c, test_absent);
    tcase_add_test(c, test_zero);
    tcase_add_test(c, test_zero_run);
    tcase_add_test(c, test_xbzrle);
    tcase_add_test(c, test_head);
    tcase_add_loop_test(c, test_compressed, 0, 2);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
