/*
 * How fast the guest writes memory: calc-dirty-rate measures for a while, query-dirty-rate tells. Who plans a migration asks it before.
 *
 * Two ways: pages chosen at random are looked at in the beginning and in the end (page-sampling: nothing is slower meanwhile; a page written more
 * often counts once), or every page that is written is noted (dirty-bitmap). The third that there are names for, dirty-ring, is KVM's.
 * Names, limits, words and figures are those of QEMU 7.2: MB are MiB, start-time is in seconds of the host's monotonic clock.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <zlib.h>       /* first: it has a meaning of its own for VMS */
#include "migration/ram-wire.h"
#include "migration/state.h"
#include "monitor/monitor.h"
#include "monitor/qmp.h"
#include "system/dirty.h"
#include "system/memory.h"
#include "system/report.h"
#include <inttypes.h>
#include <string.h>

#define SECONDS_MIN 1
#define SECONDS_MAX 60
#define SAMPLES_MIN 128             /* a GiB */
#define SAMPLES_MAX 16384
#define SAMPLES_DEFAULT 512

#define MODES "page-sampling dirty-ring dirty-bitmap"
typedef enum Mode { SAMPLING, RING, BITMAP } Mode;
static const char *const mode_names[] = { "page-sampling", "dirty-ring", "dirty-bitmap" };
#define STATES "unstarted measuring measured"
typedef enum State { UNSTARTED, MEASURING, MEASURED } State;
static const char *const state_names[] = { "unstarted", "measuring", "measured" };

QMP_ENUM(DirtyRateStatus, STATES);
QMP_ENUM(DirtyRateMeasureMode, MODES);
QMP_STRUCT(DirtyRateVcpu, "id:int dirty-rate:int");
QMP_STRUCT(DirtyRateInfo, "dirty-rate:int? status:DirtyRateStatus start-time:int calc-time:int sample-pages:int mode:DirtyRateMeasureMode "
           "vcpu-dirty-rate:[DirtyRateVcpu]?");

/* Set in the main loop, but for what says `thread`, which it sets before it says MEASURED. */
static struct {
    State state;                    /* thread, atomic */
    int64_t rate;                   /* thread */
    Mode mode;
    int64_t start, seconds, samples;
} dr;

/* Pages a second as MiB a second. */
static int64_t rate_of(double pages)
{
    return pages * RAM_PAGE / (1 << 20) / dr.seconds;
}

static uint32_t sum(uint64_t page)
{
    static const uint8_t zeros[RAM_PAGE];
    uint64_t until;

    return crc32(0, memory_untouched(page * RAM_PAGE, &until) ? zeros : memory_ram_base + page * RAM_PAGE, RAM_PAGE);
}

static int64_t by_sampling(void)
{
    const uint64_t pages = memory_ram_bytes / RAM_PAGE, n = MAX(memory_ram_bytes * (double)dr.samples / (1 << 30), 1);
    g_autofree uint64_t *page = g_new(uint64_t, n);
    g_autofree uint32_t *before = g_new(uint32_t, n);
    g_autoptr(GRand) random = g_rand_new();
    uint64_t changed = 0;

    if (!pages) {
        return 0;
    }
    for (uint64_t i = 0; i < n; i++) {
        page[i] = g_rand_double(random) * pages;
        before[i] = sum(page[i]);
    }
    g_usleep(dr.seconds * G_USEC_PER_SEC);
    for (uint64_t i = 0; i < n; i++) {
        changed += sum(page[i]) != before[i];
    }
    return rate_of((double)changed / n * pages);
}

static int64_t by_bitmap(void)
{
    g_autofree unsigned long *written = g_new0(unsigned long, memory_ram_bytes / RAM_PAGE / WORD_BITS + 1);
    DirtyLog log = { 0 };

    dirty_log_start(&log);
    g_usleep(dr.seconds * G_USEC_PER_SEC);
    uint64_t n = dirty_log_sync(&log, written);
    dirty_log_stop(&log);
    return rate_of(n);
}

static gpointer measure(gpointer opaque)
{
    dr.rate = dr.mode == SAMPLING ? by_sampling() : by_bitmap();
    __atomic_store_n(&dr.state, MEASURED, __ATOMIC_RELEASE);
    return NULL;
}

static State state(void)
{
    return __atomic_load_n(&dr.state, __ATOMIC_ACQUIRE);
}

bool dirty_rate_is_measured(void)
{
    return state() == MEASURING;
}

static bool start(int64_t seconds, bool samples_given, int64_t samples, Mode mode, GError **err)
{
    if (state() == MEASURING) {
        return report_fail(err, "the dirty rate is already being measured.");
    }
    if (seconds < SECONDS_MIN || seconds > SECONDS_MAX) {
        return report_fail(err, "calc-time is out of range[%d, %d].", SECONDS_MIN, SECONDS_MAX);
    }
    if (samples_given && mode == RING) {
        return report_fail(err, "either sample-pages or dirty-ring can be specified.");
    }
    if (samples < SAMPLES_MIN || samples > SAMPLES_MAX) {
        return report_fail(err, "sample-pages is out of range[%d, %d].", SAMPLES_MIN, SAMPLES_MAX);
    }
    if (mode == RING) {
        return report_fail(err, "mode dirty-ring is not enabled, use other method instead.");
    }
    dr.mode = mode;
    dr.seconds = seconds;
    dr.samples = samples;
    dr.start = g_get_monotonic_time() / G_USEC_PER_SEC;
    __atomic_store_n(&dr.state, MEASURING, __ATOMIC_RELEASE);
    g_thread_unref(g_thread_new("dirty-rate", measure, NULL));
    return true;
}

/* What was measured in another way was not measured with samples. */
static int64_t samples_now(void)
{
    return state() == MEASURED && dr.mode != SAMPLING ? 0 : dr.samples;
}

QMP(calc_dirty_rate, "calc-dirty-rate", "calc-time:int sample-pages:int? mode:DirtyRateMeasureMode?", "", 0)
{
    const char *name = qmp_str(args, "mode", mode_names[SAMPLING]);
    Mode mode = SAMPLING;

    while (strcmp(mode_names[mode], name)) {
        mode++;
    }
    return start(qmp_int(args, "calc-time", 0), qmp_has(args, "sample-pages"), qmp_int(args, "sample-pages", SAMPLES_DEFAULT), mode, err);
}

QMP(query_dirty_rate, "query-dirty-rate", "", "DirtyRateInfo", 0)
{
    State s = state();

    *ret = qmp_object("status", JSTR(state_names[s]), "sample-pages", JINT(samples_now()), "mode", JSTR(mode_names[dr.mode]),
                      "start-time", JINT(dr.start), "calc-time", JINT(dr.seconds), NULL);
    if (s == MEASURED) {
        json_object_object_add(*ret, "dirty-rate", JINT(dr.rate));
    }
    return true;
}

HMP(calc_dirty_rate, "calc_dirty_rate", "-r -b second:l sample_pages_per_GB:l?", "[-r] [-b] second [sample_pages_per_GB]", "start a round of guest dirty "
    "rate measurement (using -r to\n\t\t\t specify dirty ring as the method of calculation and\n\t\t\t -b to specify dirty bitmap as method of calculation)")
{
    g_autoptr(GError) err = NULL;
    bool ring = HMP_FLAG(a, 'r'), bitmap = HMP_FLAG(a, 'b'), given = a->given[1];

    if (!a->num[0]) {
        g_string_append(out, "Incorrect period length specified!\n");
    } else if (ring && bitmap) {
        g_string_append(out, "Either dirty ring or dirty bitmap can be specified!\n");
    } else if (!start(a->num[0], given, given ? a->num[1] : SAMPLES_DEFAULT, ring ? RING : bitmap ? BITMAP : SAMPLING, &err)) {
        g_string_append_printf(out, "Error: %s\n", err->message);
    } else {
        g_string_append_printf(out, "Starting dirty rate measurement with period %" PRId64 " seconds\n[Please use 'info dirty_rate' to check results]\n",
                               a->num[0]);
    }
}

HMP_INFO(dirty_rate, "dirty_rate", "", "", "show dirty rate information")
{
    State s = state();

    g_string_append_printf(out, "Status: %s\nStart Time: %" PRId64 " (ms)\nSample Pages: %" PRId64 " (per GB)\nPeriod: %" PRId64 " (sec)\nMode: %s\n"
                           "Dirty rate: ", state_names[s], dr.start, samples_now(), dr.seconds, mode_names[dr.mode]);
    if (s == MEASURED) {
        g_string_append_printf(out, "%" PRId64 " (MB/s)\n", dr.rate);
    } else {
        g_string_append(out, "(not ready)\n");
    }
}
