/*
 * See converge.h. The parameters say when (throttle-trigger-threshold: written as a percentage of sent, over a second or more, twice in a row)
 * and how much (cpu-throttle-initial, -increment, -tailslow, max-cpu-throttle).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/converge.h"
#include "migration/options.h"
#include "system/cpus.h"
#include "system/throttle.h"

#define PERIOD_US G_USEC_PER_SEC
#define PERIODS 2

static struct {
    gint64 since;
    uint64_t dirtied, sent_before;
    unsigned over;              /* periods in a row that were above the threshold */
} period;

void converge_start(void)
{
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
