/*
 * See clock.h. Timers are a sorted list: a machine has a handful, most of them re-armed over and over.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/clock.h"
#include "migration/vmstate.h"
#include "system/cpus.h"
#include "system/icount.h"
#include <time.h>

struct Timer {
    void (*cb)(void *opaque);
    void *opaque;
    int64_t expire;     /* -1: not pending */
    Timer *next;
};

static GMutex lock;
static int64_t offset_ns;           /* virtual = monotonic + offset while running */
static int64_t stopped_at_ns;       /* virtual time while stopped, or by hand */
static bool running, by_hand, held;
static Timer *pending;
static GSource *source;

static int64_t monotonic_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * NS_PER_SEC + ts.tv_nsec;
}

static int64_t realtime_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    return ts.tv_sec * NS_PER_SEC + ts.tv_nsec;
}

static WallClock wall_source = WALL_HOST;
static int64_t wall_offset_ns;

int64_t clock_host_ns(void)
{
    switch (wall_source) {
    case WALL_MONOTONIC: return monotonic_ns() + wall_offset_ns;
    case WALL_VIRTUAL: return clock_virtual_ns() + wall_offset_ns;
    default: return realtime_ns() + wall_offset_ns;
    }
}

void clock_set_wall(WallClock source, int64_t offset_s)
{
    wall_source = source;
    wall_offset_ns = 0;
    wall_offset_ns = offset_s * NS_PER_SEC + (source == WALL_HOST ? 0 : realtime_ns() - clock_host_ns());
}

int64_t clock_virtual_ns(void)
{
    if (__atomic_load_n(&running, __ATOMIC_ACQUIRE) && !by_hand) {
        return monotonic_ns() + __atomic_load_n(&offset_ns, __ATOMIC_RELAXED);
    }
    return __atomic_load_n(&stopped_at_ns, __ATOMIC_RELAXED) + (by_hand ? icount_pending_ns() : 0);
}

/* lock held */
static void rearm(void)
{
    if (!source) {
        return;
    }
    if (!pending || !running || held) {
        g_source_set_ready_time(source, -1);
    } else if (by_hand) {
        g_source_set_ready_time(source, pending->expire <= stopped_at_ns ? 0 : -1);
    } else {
        int64_t host = pending->expire - offset_ns;
        g_source_set_ready_time(source, host < 0 ? 0 : (host + 999) / 1000);
    }
}

void clock_start(void)
{
    g_mutex_lock(&lock);
    if (!running) {
        offset_ns = stopped_at_ns - monotonic_ns();
        __atomic_store_n(&running, true, __ATOMIC_RELEASE);
    }
    rearm();
    g_mutex_unlock(&lock);
}

void clock_stop(void)
{
    g_mutex_lock(&lock);
    if (running) {
        if (!by_hand) {
            stopped_at_ns = monotonic_ns() + offset_ns;
        }
        __atomic_store_n(&running, false, __ATOMIC_RELEASE);
    }
    rearm();
    g_mutex_unlock(&lock);
}

void clock_hold_timers(bool hold)
{
    g_mutex_lock(&lock);
    held = hold;
    rearm();
    g_mutex_unlock(&lock);
}

void clock_set_virtual_ns(int64_t ns)
{
    g_mutex_lock(&lock);
    stopped_at_ns = ns;
    if (running && !by_hand) {
        offset_ns = ns - monotonic_ns();
    }
    rearm();
    g_mutex_unlock(&lock);
}

void clock_stand(void)
{
    by_hand = true;
}

void clock_advance(int64_t ns)
{
    g_mutex_lock(&lock);
    stopped_at_ns += ns;
    rearm();
    g_mutex_unlock(&lock);
}

int64_t clock_next_deadline_ns(void)
{
    g_mutex_lock(&lock);
    int64_t d = pending ? pending->expire : INT64_MAX;
    g_mutex_unlock(&lock);
    return d;
}

Timer *timer_new(void (*cb)(void *opaque), void *opaque)
{
    Timer *t = g_new0(Timer, 1);

    *t = (Timer){ .cb = cb, .opaque = opaque, .expire = -1 };
    return t;
}

static void unlink_timer(Timer *t)
{
    for (Timer **p = &pending; t->expire >= 0 && *p; p = &(*p)->next) {
        if (*p == t) {
            *p = t->next;
            break;
        }
    }
    t->expire = -1;
}

void timer_mod(Timer *t, int64_t expire_ns)
{
    g_mutex_lock(&lock);
    unlink_timer(t);
    t->expire = MAX(expire_ns, 0);
    Timer **p = &pending;
    while (*p && (*p)->expire <= t->expire) {
        p = &(*p)->next;
    }
    t->next = *p;
    *p = t;
    if (pending == t) {
        rearm();
        if (by_hand) {
            icount_timer_changed();
        }
    }
    g_mutex_unlock(&lock);
}

void timer_del(Timer *t)
{
    g_mutex_lock(&lock);
    unlink_timer(t);
    g_mutex_unlock(&lock);
}

bool timer_pending(const Timer *t)
{
    return t->expire >= 0;
}

int64_t timer_expire_ns(const Timer *t)
{
    return t->expire;
}

void timers_run(void)
{
    int64_t now = clock_virtual_ns();

    for (;;) {
        g_mutex_lock(&lock);
        Timer *t = pending;
        if (!t || t->expire > now || !running || held) {
            rearm();
            g_mutex_unlock(&lock);
            return;
        }
        unlink_timer(t);
        g_mutex_unlock(&lock);
        t->cb(t->opaque);
    }
}

static gboolean dispatch(GSource *s, GSourceFunc cb, gpointer opaque)
{
    bql_lock();
    timers_run();
    bql_unlock();
    return G_SOURCE_CONTINUE;
}

/*
 * The section `timer`: the guest's clock while it stands still. Its first field counts the host's ticks, which nothing
 * of a Power guest looks at; it goes through unchanged.
 */
typedef struct ClockState { int64_t cpu_ticks_offset, cpu_clock_offset; } ClockState;

static bool save_clock(void *opaque, GError **err)
{
    ((ClockState *)opaque)->cpu_clock_offset = clock_virtual_ns();
    return true;
}

static bool load_clock(void *opaque, int version, GError **err)
{
    int64_t ns = ((ClockState *)opaque)->cpu_clock_offset;

    if (ns < 0 || ns > INT64_MAX / 4) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "cpu_clock_offset is 0x%" G_GINT64_MODIFIER "x: the stream is damaged", ns);
        return false;
    }
    clock_set_virtual_ns(ns);
    return true;
}

VMSTATE(ClockState, vmstate_timers, "timer", 2,
    VMS(ClockState, cpu_ticks_offset),
    VMS_UNUSED(8),
    VMS(ClockState, cpu_clock_offset),
    VMS_PRE_SAVE(save_clock),
    VMS_POST_LOAD(load_clock));

void clock_init(void)
{
    static ClockState state;

    vmstate_register(NULL, 0, STATE_ORDER_TIMER, &vmstate_timers, &state);
    static GSourceFuncs funcs = { .dispatch = dispatch };

    source = g_source_new(&funcs, sizeof(GSource));
    g_source_set_name(source, "virtual clock");
    g_source_set_priority(source, G_PRIORITY_HIGH);
    g_source_attach(source, NULL);
    g_mutex_lock(&lock);
    rearm();
    g_mutex_unlock(&lock);
}
