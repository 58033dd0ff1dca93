/*
 * See converge.h. A pass is worth its time as long as it halves what is left; what goes in SHORT_US needs no pass of its own. For slowing down,
 * the parameters say when (throttle-trigger-threshold: written as a percentage of sent, over a second or more, twice in a row)
 * and how much (cpu-throttle-initial, -increment, -tailslow, max-cpu-throttle).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/converge.h"
#include "migration/options.h"
#include "system/cpus.h"
#include "system/throttle.h"

#define SHORT_US 10000
#define PERIOD_US G_USEC_PER_SEC
#define PERIODS 2

static struct {
    gint64 since;
    uint64_t dirtied, sent_before;
    unsigned over;              /* periods in a row that were above the threshold */
} period;

static uint64_t left_before;    /* when it was asked for last, if that was little enough to stop for; else UINT64_MAX */

uint64_t converge_ask_at(double bytes_per_us, uint64_t threshold)
{
    return left_before == UINT64_MAX ? threshold : MIN(threshold, (uint64_t)(bytes_per_us * SHORT_US));
}

bool converge_stop(uint64_t left, double bytes_per_us, uint64_t threshold)
{
    uint64_t before = left_before;

    left_before = left <= threshold ? left : UINT64_MAX;
    return left <= threshold && (left <= bytes_per_us * SHORT_US || left > before / 2);
}

void converge_start(void)
{
    left_before = UINT64_MAX;
    period.since = g_get_monotonic_time();
    period.dirtied = period.sent_before = 0;
    period.over = 0;
}

/* dirtied is above threshold. */
static void slow_down(uint64_t dirtied, uint64_t threshold)
{
    unsigned now = throttle_percent(), step = migration_parameter(PARAM_CPU_THROTTLE_INCREMENT);
    unsigned max = migration_parameter(PARAM_MAX_CPU_THROTTLE);

    if (now && migration_parameter(PARAM_CPU_THROTTLE_TAILSLOW)) {
        /* What the guest may have left so that it writes just as much as may be. */
        double ideal = (100.0 - now) * threshold / dirtied;
        step = CLAMP((100.0 - now) - ideal, 1, step);
    }
    bql_lock();
    throttle_set(MIN(now ? now + step : migration_parameter(PARAM_CPU_THROTTLE_INITIAL), max));
    bql_unlock();
}

void converge_note(uint64_t dirtied, uint64_t sent)
{
    gint64 now = g_get_monotonic_time();

    period.dirtied += dirtied;
    if (!migration_has(CAP_AUTO_CONVERGE) || now - period.since < PERIOD_US) {
        return;
    }
    uint64_t threshold = (sent - period.sent_before) * migration_parameter(PARAM_THROTTLE_TRIGGER_THRESHOLD) / 100;
    if (period.dirtied <= threshold) {
        period.over = 0;
    } else if (++period.over >= PERIODS) {
        period.over = 0;
        slow_down(period.dirtied, threshold);
    }
    period.since = now;
    period.dirtied = 0;
    period.sent_before = sent;
}

void converge_end(void)
{
    throttle_set(0);
}
