/*
 * The clock of a partition, asked for and set by RTAS (LoPAPR 7.3.4): the host's, and how far the guest set it off.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr.h"
#include "system/clock.h"
#include <time.h>

typedef struct SpaprRtc {
    Device dev;
    int64_t ns_offset;          /* what the guest's clock is ahead of the host's */
} SpaprRtc;

static int64_t read_clock(const SpaprRtc *r, struct tm *tm)
{
    int64_t ns = clock_host_ns() + r->ns_offset;
    time_t t = ns / NS_PER_SEC;

    gmtime_r(&t, tm);
    return ns % NS_PER_SEC;
}

int64_t spapr_rtc_now_ns(void)
{
    return clock_host_ns() + ((SpaprRtc *)spapr->rtc)->ns_offset;
}

static char *print_date(const void *object)
{
    struct tm tm;

    read_clock(object, &tm);
    return g_strdup_printf("{\"tm_year\": %d, \"tm_mon\": %d, \"tm_mday\": %d, \"tm_hour\": %d, \"tm_min\": %d, \"tm_sec\": %d}",
                           tm.tm_year, tm.tm_mon, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

VMSTATE(SpaprRtc, vmstate_spapr_rtc, "spapr/rtc", 1,
    VMS_DEVICE(SpaprRtc, dev),
    VMS(SpaprRtc, ns_offset));

OBJECT_TYPE(rtc_type, .name = "spapr-rtc", .parent = "device", .size = sizeof(SpaprRtc), .vmsd = &vmstate_spapr_rtc,
            .props = PROPS({ .name = "date", .kind = PROP_READ_ONLY, .type_name = "struct tm", .of_instance = true,
                             .print = print_date }));

RTAS(get_time_of_day, 0x2001, "get-time-of-day", 0, 8)
{
    struct tm tm;
    int64_t ns = read_clock((SpaprRtc *)s->rtc, &tm);

    rtas_ret(c, 0, RTAS_SUCCESS);
    rtas_ret(c, 1, tm.tm_year + 1900);
    rtas_ret(c, 2, tm.tm_mon + 1);
    rtas_ret(c, 3, tm.tm_mday);
    rtas_ret(c, 4, tm.tm_hour);
    rtas_ret(c, 5, tm.tm_min);
    rtas_ret(c, 6, tm.tm_sec);
    rtas_ret(c, 7, ns);
}

RTAS(set_time_of_day, 0x2002, "set-time-of-day", 7, 1)
{
    struct tm tm = { .tm_year = (int)rtas_arg(c, 0) - 1900, .tm_mon = (int)rtas_arg(c, 1) - 1, .tm_mday = rtas_arg(c, 2),
                     .tm_hour = rtas_arg(c, 3), .tm_min = rtas_arg(c, 4), .tm_sec = rtas_arg(c, 5) };
    time_t t = timegm(&tm);

    if (t == -1) {
        rtas_ret(c, 0, RTAS_PARAM_ERROR);
        return;
    }
    ((SpaprRtc *)s->rtc)->ns_offset = (int64_t)t * NS_PER_SEC - clock_host_ns();
    rtas_ret(c, 0, RTAS_SUCCESS);
}
