/*
 * When pre-copy stops: as soon as what is left goes in the downtime, and not while another pass would make the downtime much shorter.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/converge.h"
#include <check.h>
#include <stdlib.h>

#define RATE 100.0                      /* bytes a microsecond: 1,000,000 go in the 10 ms for which no further pass is made */
#define SHORT 1000000u
#define THRESHOLD 30000000u             /* 300 ms of downtime */

/* More than the downtime allows never stops the machine, however often it is the same. */
START_TEST(test_too_much)
{
    converge_start();
    for (int i = 0; i < 10; i++) {
        ck_assert(!converge_stop(THRESHOLD + 1, RATE, THRESHOLD));
        ck_assert_uint_eq(converge_ask_at(RATE, THRESHOLD), THRESHOLD);
    }
}
END_TEST

/* What goes at once needs no other pass, the first time that it is asked. */
START_TEST(test_little)
{
    const uint64_t little[] = { 0, 1, SHORT - 1, SHORT };

    for (unsigned i = 0; i < 4; i++) {
        converge_start();
        ck_assert(converge_stop(little[i], RATE, THRESHOLD));
    }
    converge_start();
    ck_assert(!converge_stop(SHORT + 1, RATE, THRESHOLD));
    converge_start();
    ck_assert(!converge_stop(SHORT, RATE, SHORT - 1));      /* more than the downtime allows, all the same */
}
END_TEST

/* A pass that halves what is left (or nearly) is followed by another; one that does not is the last. */
START_TEST(test_passes)
{
    converge_start();
    ck_assert(!converge_stop(THRESHOLD, RATE, THRESHOLD));
    ck_assert(!converge_stop(THRESHOLD / 2, RATE, THRESHOLD));
    ck_assert(!converge_stop(THRESHOLD / 4, RATE, THRESHOLD));
    ck_assert(converge_stop(THRESHOLD / 8 + 1, RATE, THRESHOLD));

    converge_start();
    ck_assert(!converge_stop(THRESHOLD, RATE, THRESHOLD));
    ck_assert(converge_stop(THRESHOLD, RATE, THRESHOLD));
}
END_TEST

/* A guest that wrote so much meanwhile that the downtime would not do begins anew: the pass after that is compared with nothing. */
START_TEST(test_setback)
{
    converge_start();
    ck_assert(!converge_stop(THRESHOLD / 2, RATE, THRESHOLD));
    ck_assert(!converge_stop(2 * THRESHOLD, RATE, THRESHOLD));
    ck_assert(!converge_stop(THRESHOLD, RATE, THRESHOLD));
    ck_assert(converge_stop(THRESHOLD, RATE, THRESHOLD));
}
END_TEST

/* After a pass that was worth its time it is not asked again before what is known to be left goes at once: asking is what a pass begins with. */
START_TEST(test_ask)
{
    converge_start();
    ck_assert_uint_eq(converge_ask_at(RATE, THRESHOLD), THRESHOLD);
    ck_assert(!converge_stop(THRESHOLD, RATE, THRESHOLD));
    ck_assert_uint_eq(converge_ask_at(RATE, THRESHOLD), SHORT);
    ck_assert_uint_eq(converge_ask_at(RATE, SHORT / 2), SHORT / 2);
    ck_assert(!converge_stop(THRESHOLD + 1, RATE, THRESHOLD));
    ck_assert_uint_eq(converge_ask_at(RATE, THRESHOLD), THRESHOLD);
}
END_TEST

/* However fast the guest writes, as long as that stays within the downtime, it comes to an end; and never with more than was allowed. */
START_TEST(test_ends)
{
    for (unsigned share = 0; share <= 100; share++) {       /* per cent of what was left that is written again during a pass */
        uint64_t left = THRESHOLD;
        int passes = 0;
        converge_start();
        while (!converge_stop(left, RATE, THRESHOLD)) {
            left = left * share / 100;
            ck_assert_int_lt(++passes, 12);
        }
        ck_assert(left <= THRESHOLD && (left <= SHORT || share > 50));
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("converge");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);

    tcase_add_test(t, test_too_much);
    tcase_add_test(t, test_little);
    tcase_add_test(t, test_passes);
    tcase_add_test(t, test_setback);
    tcase_add_test(t, test_ask);
    tcase_add_test(t, test_ends);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
