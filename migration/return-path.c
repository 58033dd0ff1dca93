/*
 * The return path: see protocol.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/protocol.h"
#include "migration/postcopy.h"
#include "system/report.h"
#include <inttypes.h>
#include <string.h>

/* ---- source: commands ---- */

void command_put(MigOut *o, MigCommand c, const void *data, size_t n)
{
    mig_put_be(o, 1, 8);
    mig_put_be(o, 2, c);
    mig_put_be(o, 2, n);
    mig_put(o, data, n);
}

void command_ping(MigOut *o, uint32_t value)
{
    uint8_t wire[4];

    vms_put_be(wire, 4, value);
    command_put(o, COMMAND_PING, wire, sizeof(wire));
}

/* ---- source: replies ---- */

#define PONGS_MAX 16
#define REPLY_MAX 512               /* bytes of one, its bitmap aside */
#define VERDICT_MAX 0xffff
#define BITMAP_END 0x0123456789abcdefull

static GMutex lock;
static GCond changed;
static struct {
    GThread *thread;
    GCancellable *stop;
    GInputStream *from;
    bool shut, ended, resumed, has_bitmap, judged, acknowledged;
    char *refusal;                  /* judged: why the guest is not taken, or NULL */
    uint32_t shut_value;
    uint32_t counted;
    uint32_t pongs[PONGS_MAX];
    unsigned pong_count;
    uint8_t *bitmap;                /* where a bitmap is to go: */
    const MemoryBlock *block;       /* of this one */
    size_t bitmap_bytes;
    GError *error;
} rp;
static const MemoryBlock *asked;    /* that pages were asked for of last; who recovers may go on with it */

static bool bad(GError **err, const char *what, unsigned number, unsigned n)
{
    return report_fail(err, "the destination sent %s (message %u of %u bytes): is it of another version?", what, number, n);
}

static bool read_bitmap(VmsSource *in, const uint8_t *data, unsigned n, GError **err)
{
    uint64_t size, end;

    if (!n || data[0] + 1u != n || !vms_read_be(in, 8, &size, err)) {
        return err && *err ? false : bad(err, "a bitmap of a block without a name", REPLY_RECV_BITMAP, n);
    }
    g_mutex_lock(&lock);
    uint8_t *to = rp.bitmap;
    size_t bytes = rp.bitmap_bytes;
    const MemoryBlock *block = to ? rp.block : NULL;
    g_mutex_unlock(&lock);
    if (!block || size != bytes || memory_block_find((const char *)data + 1, data[0]) != block) {
        return report_fail(err, "the destination sent a bitmap of %" PRIu64 " bytes of block '%.*s', asked for were %zu of '%s'", size, data[0], data + 1,
                           to ? bytes : 0, block ? block->name : "");
    }
    if (!in->read(in, to, bytes, err) || !vms_read_be(in, 8, &end, err)) {
        return false;
    }
    if (end != BITMAP_END) {
        return report_fail(err, "the destination's bitmap ends with 0x%" PRIx64 " instead of 0x%" PRIx64, end, (uint64_t)BITMAP_END);
    }
    g_mutex_lock(&lock);
    rp.has_bitmap = true;
    rp.bitmap = NULL;
    g_mutex_unlock(&lock);
    return true;
}

static bool take_reply(VmsSource *in, unsigned number, const uint8_t *data, unsigned n, GError **err)
{
    switch (number) {
    case REPLY_SHUT: case REPLY_PONG: case REPLY_RESUME_ACK: {
        if (n != 4) {
            return bad(err, "a number of another size than four bytes", number, n);
        }
        uint32_t value = vms_get_be(data, 4);
        g_mutex_lock(&lock);
        if (number == REPLY_SHUT) {
            rp.shut = true;
            rp.shut_value = value;
        } else if (number == REPLY_PONG && value >> 24 == PING_COUNTED >> 24) {
            rp.counted = MAX(rp.counted, value - PING_COUNTED);
        } else if (number == REPLY_PONG) {
            rp.pongs[MIN(rp.pong_count, PONGS_MAX - 1)] = value;
            rp.pong_count += rp.pong_count < PONGS_MAX;
        } else {
            rp.resumed = value == 1;
        }
        g_mutex_unlock(&lock);
        return number != REPLY_RESUME_ACK || value == 1 || bad(err, "an answer to the resumption that is not 1", number, n);
    }
    case REPLY_REQ_PAGES: case REPLY_REQ_PAGES_ID: {
        if (n < 12 || (number == REPLY_REQ_PAGES ? n != 12 : n < 13 || n != 13u + data[12])) {
            return bad(err, "a request for pages of a strange size", number, n);
        }
        if (number == REPLY_REQ_PAGES_ID && !(asked = memory_block_find((const char *)data + 13, data[12]))) {
            return report_fail(err, "the destination asks for pages of block '%.*s', which this machine does not have", data[12], data + 13);
        }
        if (!asked) {
            return bad(err, "a request for pages of no block", number, n);
        }
        return postcopy_request(asked, vms_get_be(data, 8), vms_get_be(data + 8, 4), err);
    }
    case REPLY_RECV_BITMAP:
        return read_bitmap(in, data, n, err);
    case REPLY_SWITCHOVER_ACK:
        g_mutex_lock(&lock);
        rp.acknowledged = true;
        g_mutex_unlock(&lock);
        return true;
    case REPLY_VERDICT:
        if (!n || data[0] > 1 || (data[0] && n > 1)) {
            return bad(err, "a verdict that is none", number, n);
        }
        g_mutex_lock(&lock);
        g_free(rp.refusal);
        rp.judged = true;
        rp.refusal = data[0] ? NULL : g_utf8_make_valid((const char *)data + 1, n - 1);
        g_mutex_unlock(&lock);
        return true;
    default:
        return bad(err, "what this program does not know", number, n);
    }
}

bool return_path_take(VmsSource *in, GError **err)
{
    uint64_t number, n;
    uint8_t data[VERDICT_MAX];

    return vms_read_be(in, 2, &number, err) && vms_read_be(in, 2, &n, err)
        && (n <= (number == REPLY_VERDICT ? VERDICT_MAX : REPLY_MAX) || bad(err, "more than fits any message", number, n))
        && in->read(in, data, n, err) && take_reply(in, number, data, n, err);
}

static gpointer read_replies(gpointer opaque)
{
    MigIn *reader = mig_in_new(rp.from, rp.stop);
    VmsSource *in = mig_in_source(reader);
    g_autoptr(GError) err = NULL;
    bool ok = true, shut = false;

    while (ok && !shut) {
        ok = return_path_take(in, &err);
        g_mutex_lock(&lock);
        shut = rp.shut;
        g_cond_broadcast(&changed);
        g_mutex_unlock(&lock);
    }
    g_mutex_lock(&lock);
    rp.ended = true;
    rp.error = g_steal_pointer(&err);
    g_cond_broadcast(&changed);
    g_mutex_unlock(&lock);
    mig_in_free(reader);
    postcopy_wake_sender();
    return NULL;
}

void return_path_start(GInputStream *from)
{
    return_path_stop();
    memset(&rp, 0, sizeof(rp));
    rp.from = g_object_ref(from);
    rp.stop = g_cancellable_new();
    rp.thread = g_thread_new("return-path", read_replies, NULL);
}

void return_path_stop(void)
{
    if (rp.thread) {
        g_cancellable_cancel(rp.stop);
        g_thread_join(rp.thread);
        rp.thread = NULL;
        g_clear_object(&rp.stop);
        g_clear_object(&rp.from);
        g_clear_error(&rp.error);
        g_clear_pointer(&rp.refusal, g_free);
    }
}

bool return_path_acknowledged(void)
{
    g_mutex_lock(&lock);
    bool yes = rp.acknowledged;
    g_mutex_unlock(&lock);
    return yes;
}

bool return_path_is_open(void)
{
    return rp.thread;
}

static bool broken(GError **err)
{
    if (rp.shut && rp.shut_value) {
        return !report_fail(err, "the destination refused the guest (it says %u): its own message tells why", rp.shut_value);
    }
    if (rp.ended && !rp.shut) {
        return !report_fail(err, "the destination went away before it said that it has everything: %s", rp.error ? rp.error->message : "it closed");
    }
    return false;
}

bool return_path_broken(GError **err)
{
    g_mutex_lock(&lock);
    bool b = rp.thread && broken(err);
    g_mutex_unlock(&lock);
    return b;
}

bool return_path_refused(void)
{
    g_mutex_lock(&lock);
    bool r = rp.thread && rp.shut && rp.shut_value;
    g_mutex_unlock(&lock);
    return r;
}

static bool has_pong(uint32_t value)
{
    for (unsigned i = 0; i < rp.pong_count; i++) {
        if (rp.pongs[i] == value) {
            return true;
        }
    }
    return false;
}

bool return_path_got_pong(uint32_t value)
{
    g_mutex_lock(&lock);
    bool got = rp.thread && has_pong(value);
    g_mutex_unlock(&lock);
    return got;
}

uint32_t return_path_counted(void)
{
    g_mutex_lock(&lock);
    uint32_t n = rp.thread ? rp.counted : 0;
    g_mutex_unlock(&lock);
    return n;
}

static void on_cancel(GCancellable *cancel, gpointer unused)
{
    g_mutex_lock(&lock);
    g_cond_broadcast(&changed);
    g_mutex_unlock(&lock);
}

/* Until `come` says so of `value`; `cancel`: NULL, nobody will. */
static bool wait_until(bool (*come)(uint32_t value), uint32_t value, GCancellable *cancel, GError **err)
{
    gulong id = cancel ? g_cancellable_connect(cancel, G_CALLBACK(on_cancel), NULL, NULL) : 0;

    g_mutex_lock(&lock);
    while (!come(value) && !rp.ended && !g_cancellable_is_cancelled(cancel)) {
        g_cond_wait(&changed, &lock);
    }
    bool ok = come(value);
    if (!ok && !broken(err)) {
        report_fail(err, "the migration was cancelled");
    }
    g_mutex_unlock(&lock);
    if (cancel) {
        g_cancellable_disconnect(cancel, id);
    }
    return ok;
}

static bool was_shut(uint32_t unused) { return rp.shut; }
static bool was_judged(uint32_t unused) { return rp.judged; }
static bool has_bitmap(uint32_t unused) { return rp.has_bitmap; }
static bool was_resumed(uint32_t unused) { return rp.resumed; }

bool return_path_wait_shut(GCancellable *cancel, GError **err)
{
    return wait_until(was_shut, 0, cancel, err) && !return_path_broken(err);
}

static bool has_counted(uint32_t value)
{
    return rp.counted >= value;
}

bool return_path_wait_counted(uint32_t value, GCancellable *cancel, GError **err)
{
    return wait_until(has_counted, value, cancel, err);
}

bool return_path_wait_pong(uint32_t value, GCancellable *cancel, GError **err)
{
    return wait_until(has_pong, value, cancel, err);
}

bool return_path_wait_verdict(GCancellable *cancel, GError **err)
{
    if (!wait_until(was_judged, 0, cancel, err)) {
        return false;
    }
    g_mutex_lock(&lock);
    bool ok = !rp.refusal || report_fail(err, "the destination would not take the guest, so nothing was sent: %s", rp.refusal);
    g_mutex_unlock(&lock);
    return ok;
}

void return_path_expect_bitmap(const MemoryBlock *b, uint8_t *bitmap, size_t bytes)
{
    g_mutex_lock(&lock);
    rp.has_bitmap = false;
    rp.block = b;
    rp.bitmap = bitmap;
    rp.bitmap_bytes = bytes;
    g_mutex_unlock(&lock);
}

bool return_path_wait_bitmap(GCancellable *cancel, GError **err)
{
    return wait_until(has_bitmap, 0, cancel, err);
}

bool return_path_wait_resumed(GCancellable *cancel, GError **err)
{
    return wait_until(was_resumed, 0, cancel, err);
}

/* ---- destination ---- */

static struct { GMutex lock; GOutputStream *to; } reply;

void reply_open(GOutputStream *to)
{
    g_mutex_lock(&reply.lock);
    g_clear_object(&reply.to);
    reply.to = to ? g_object_ref(to) : NULL;
    g_mutex_unlock(&reply.lock);
}

void reply_close(void)
{
    reply_open(NULL);
}

bool reply_is_open(void)
{
    g_mutex_lock(&reply.lock);
    bool open = reply.to;
    g_mutex_unlock(&reply.lock);
    return open;
}

static void send_parts(const void *a, size_t a_bytes, const void *b, size_t b_bytes)
{
    g_mutex_lock(&reply.lock);
    if (reply.to) {
        g_output_stream_write_all(reply.to, a, a_bytes, NULL, NULL, NULL);
        g_output_stream_write_all(reply.to, b, b_bytes, NULL, NULL, NULL);
    }
    g_mutex_unlock(&reply.lock);
}

void reply_send(MigReply r, const void *data, size_t n)
{
    g_autofree uint8_t *message = g_malloc(4 + n);

    vms_put_be(message, 2, r);
    vms_put_be(message + 2, 2, n);
    if (n) {
        memcpy(message + 4, data, n);
    }
    send_parts(message, 4 + n, NULL, 0);
}

void reply_word(MigReply r, uint32_t value)
{
    uint8_t wire[4];

    vms_put_be(wire, 4, value);
    reply_send(r, wire, sizeof(wire));
}

void reply_bitmap(const char *block, const uint8_t *bitmap, size_t bytes)
{
    size_t n = strlen(block);
    g_autofree uint8_t *message = g_malloc(4 + 1 + n + 8), *tail = g_malloc(bytes + 8);

    vms_put_be(message, 2, REPLY_RECV_BITMAP);
    vms_put_be(message + 2, 2, 1 + n);
    message[4] = n;
    memcpy(message + 5, block, n);
    vms_put_be(message + 5 + n, 8, bytes);
    memcpy(tail, bitmap, bytes);
    vms_put_be(tail + bytes, 8, BITMAP_END);
    send_parts(message, 5 + n + 8, tail, bytes + 8);
}
