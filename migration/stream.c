/*
 * See stream.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/stream.h"
#include "migration/write-behind.h"
#include <errno.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define IN_BUFFER (512u << 10)      /* large reads, and small enough for a processor's own cache */
#define SLICE_US 100000         /* the rate is kept in each of these */

struct MigOut {
    GOutputStream *to;
    GCancellable *cancel;
    GError *error;
    uint64_t total;
    uint64_t limit, slice_bytes;
    gint64 slice_start;
    OutBatch *batch;
    WriteBehind *behind;        /* NULL: batches are written at once */
};

MigOut *mig_out_new(GOutputStream *to, GCancellable *cancel)
{
    MigOut *o = g_new0(MigOut, 1);

    o->to = g_object_ref(to);
    o->cancel = cancel;
    o->batch = out_batch_new();
    return o;
}

void mig_out_write_behind(MigOut *o)
{
    o->behind = write_behind_new(o->to, o->cancel);
}

void mig_out_free(MigOut *o)
{
    if (o) {
        write_behind_free(o->behind);
        g_free(o->batch);
        g_object_unref(o->to);
        g_clear_error(&o->error);
        g_free(o);
    }
}

static void write_out(MigOut *o)
{
    OutBatch *b = o->batch;

    if (o->error) {
        out_batch_empty(b);
    } else if (!o->behind) {
        out_batch_write(b, o->to, o->cancel, &o->error);
    } else if (b->pieces) {
        o->batch = write_behind(o->behind, b);
    }
}

void mig_out_catch_up(MigOut *o)
{
    if (o->behind && !o->error) {
        write_behind_wait(o->behind, &o->error);
    }
}

void mig_out_count(MigOut *o, uint64_t n)
{
    o->total += n;
    o->slice_bytes += n;
}

uint8_t *mig_out_room(MigOut *o, size_t n)
{
    g_assert(n <= OUT_BUFFER);
    if (!out_batch_room(o->batch, n)) {
        write_out(o);
    }
    return out_batch_room(o->batch, n);
}

void mig_out_filled(MigOut *o, size_t n)
{
    if (n) {
        out_batch_add(o->batch, o->batch->buf + o->batch->used, n);
        mig_out_count(o, n);
    }
}

void mig_put(MigOut *o, const void *buf, size_t n)
{
    if (n > OUT_BUFFER) {
        mig_put_kept(o, buf, n);
        write_out(o);
        mig_out_catch_up(o);
        return;
    }
    if (n) {            /* a command without data has no `buf` */
        memcpy(mig_out_room(o, n), buf, n);
        mig_out_filled(o, n);
    }
}

void mig_put_kept(MigOut *o, const void *buf, size_t n)
{
    if (!out_batch_add(o->batch, buf, n)) {
        write_out(o);
        out_batch_add(o->batch, buf, n);
    }
    mig_out_count(o, n);
}

void mig_put_records(MigOut *o, uint64_t first, uint32_t step, const void *bytes, unsigned n)
{
    for (unsigned done = 0; done < n; ) {
        const uint64_t offset = (uint64_t)done * step;
        unsigned added = out_batch_add_records(o->batch, first + offset, step, bytes ? (const uint8_t *)bytes + offset : NULL, n - done);
        if (!added) {
            write_out(o);
        }
        done += added;
    }
    mig_out_count(o, (bytes ? 8 + (uint64_t)step : 9) * n);
}

void mig_put_be(MigOut *o, unsigned bytes, uint64_t v)
{
    uint8_t wire[8];

    vms_put_be(wire, bytes, v);
    mig_put(o, wire, bytes);
}

void mig_put_string8(MigOut *o, const char *s)
{
    size_t n = strlen(s);

    g_assert(n < 256);
    mig_put_be(o, 1, n);
    mig_put(o, s, n);
}

bool mig_out_flush(MigOut *o, GError **err)
{
    write_out(o);
    mig_out_catch_up(o);
    if (!o->error) {
        g_output_stream_flush(o->to, o->cancel, &o->error);
    }
    if (o->error && err && !*err) {
        *err = g_error_copy(o->error);
    }
    return !o->error;
}

GCancellable *mig_out_cancellable(const MigOut *o)
{
    return o->cancel;
}

bool mig_out_cancelled(const MigOut *o)
{
    return g_cancellable_is_cancelled(o->cancel);
}

void mig_out_fail(MigOut *o, const GError *err)
{
    if (!o->error) {
        o->error = g_error_copy(err);
    }
}

int mig_out_file(MigOut *o, uint64_t *at)
{
    int fd = G_IS_UNIX_OUTPUT_STREAM(o->to) ? g_unix_output_stream_get_fd(G_UNIX_OUTPUT_STREAM(o->to)) : -1;
    off_t here = -1;

    if (fd >= 0 && mig_out_flush(o, NULL)) {
        here = lseek(fd, 0, SEEK_CUR);
    }
    *at = here;
    return here < 0 ? -1 : fd;
}

bool mig_out_seek(MigOut *o, uint64_t at, GError **err)
{
    uint64_t here;
    int fd = mig_out_file(o, &here);

    if (fd < 0 || lseek(fd, at, SEEK_SET) < 0) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_FAILED, "the file cannot be written to at byte %" PRIu64, at);
        return false;
    }
    return true;
}

const GError *mig_out_error(const MigOut *o)
{
    return o->error;
}

uint64_t mig_out_total(const MigOut *o)
{
    return o->total;
}

uint64_t mig_out_written(const MigOut *o)
{
    return o->total - (o->behind ? write_behind_waiting(o->behind) : 0);
}

void mig_out_limit(MigOut *o, uint64_t bytes_per_second)
{
    o->limit = bytes_per_second;
    o->slice_bytes = 0;
    o->slice_start = g_get_monotonic_time();
}

bool mig_out_over_limit(const MigOut *o)
{
    return o->limit && o->slice_bytes >= o->limit / (G_USEC_PER_SEC / SLICE_US);
}

gint64 mig_out_limit_left(const MigOut *o)
{
    gint64 left = o->slice_start + SLICE_US - g_get_monotonic_time();

    return left <= 0 || !o->limit ? -1 : mig_out_over_limit(o) ? left : 0;
}

void mig_out_wait_limit(MigOut *o)
{
    gint64 left = o->slice_start + SLICE_US - g_get_monotonic_time();

    mig_out_flush(o, NULL);
    if (left > 0) {
        g_usleep(left);
    }
    o->slice_bytes = 0;
    o->slice_start = g_get_monotonic_time();
}

/* ---- reading ---- */

struct MigIn {
    VmsSource source;
    GInputStream *from;
    GCancellable *cancel;
    size_t at, end;
    bool ended;
    GError *error;
    uint8_t buf[IN_BUFFER];
};

/* At least n (at most IN_BUFFER) bytes in the buffer, or fewer: the stream ended or broke. */
static size_t fill(MigIn *in, size_t n)
{
    if (in->end - in->at < n && in->at) {
        memmove(in->buf, in->buf + in->at, in->end - in->at);
        in->end -= in->at;
        in->at = 0;
    }
    while (in->end - in->at < n && !in->ended) {
        gssize got = g_input_stream_read(in->from, in->buf + in->end, IN_BUFFER - in->end, in->cancel, &in->error);
        if (got <= 0) {
            in->ended = true;
            break;
        }
        in->end += got;
    }
    return in->end - in->at;
}

static bool read_exactly(VmsSource *s, void *buf, size_t n, GError **err)
{
    MigIn *in = (MigIn *)s;
    uint8_t *to = buf;

    while (n) {
        size_t have = MIN(fill(in, MIN(n, IN_BUFFER)), n);
        if (!have) {
            if (in->error) {
                g_set_error(err, in->error->domain, in->error->code, "the stream broke at byte %" PRIu64 ": %s", s->position,
                            in->error->message);
            } else {
                g_set_error(err, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT, "the stream ends at byte %" PRIu64
                            " in the middle of what it holds (%zu more were due); save the guest again", s->position, n);
            }
            return false;
        }
        memcpy(to, in->buf + in->at, have);
        in->at += have;
        s->position += have;
        to += have;
        n -= have;
    }
    return true;
}

static const uint8_t *window(VmsSource *s, size_t want, size_t *have)
{
    MigIn *in = (MigIn *)s;

    g_assert(want <= VMS_WINDOW_MAX);
    *have = fill(in, want);
    return in->buf + in->at;
}

static void take(VmsSource *s, size_t n)
{
    MigIn *in = (MigIn *)s;

    g_assert(n <= in->end - in->at);
    in->at += n;
    s->position += n;
}

static size_t peek(VmsSource *s, void *buf, size_t n)
{
    MigIn *in = (MigIn *)s;
    size_t have = MIN(fill(in, n), n);

    memcpy(buf, in->buf + in->at, have);
    return have;
}

/* ---- the places of a file ---- */

static int in_file(MigIn *in, off_t *here)
{
    int fd = G_IS_UNIX_INPUT_STREAM(in->from) ? g_unix_input_stream_get_fd(G_UNIX_INPUT_STREAM(in->from)) : -1;

    *here = fd < 0 ? -1 : lseek(fd, 0, SEEK_CUR);
    return *here < 0 ? -1 : fd;
}

static int descriptor(VmsSource *s)
{
    off_t here;

    return in_file((MigIn *)s, &here);
}

static bool tell(VmsSource *s, uint64_t *at)
{
    MigIn *in = (MigIn *)s;
    off_t here;
    bool ok = in_file(in, &here) >= 0;

    *at = here - (in->end - in->at);
    return ok;
}

static bool read_at(VmsSource *s, void *buf, size_t n, uint64_t at, GError **err)
{
    off_t here;
    int fd = in_file((MigIn *)s, &here);
    uint8_t *to = buf;

    while (n) {
        ssize_t got = pread(fd, to, n, at);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            g_set_error(err, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT, "the file has not the %zu bytes that should be at byte %" PRIu64 "%s%s", n, at,
                        got ? ": " : "", got ? g_strerror(errno) : "");
            return false;
        }
        to += got;
        n -= got;
        at += got;
    }
    return true;
}

static bool seek(VmsSource *s, uint64_t at, GError **err)
{
    MigIn *in = (MigIn *)s;
    off_t here;
    int fd = in_file(in, &here);
    uint64_t before = here - (in->end - in->at);

    if (fd < 0 || lseek(fd, at, SEEK_SET) < 0) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_FAILED, "the file cannot be read from at byte %" PRIu64, at);
        return false;
    }
    in->at = in->end = 0;
    in->ended = false;
    s->position += at - before;
    return true;
}

MigIn *mig_in_new(GInputStream *from, GCancellable *cancel)
{
    MigIn *in = g_new(MigIn, 1);

    memset(in, 0, offsetof(MigIn, buf));
    in->source = (VmsSource){ .read = read_exactly, .peek = peek, .window = window, .take = take, .tell = tell, .read_at = read_at,
                                .seek = seek, .file = descriptor };
    in->from = g_object_ref(from);
    in->cancel = cancel;
    return in;
}

void mig_in_free(MigIn *in)
{
    if (in) {
        g_object_unref(in->from);
        g_clear_error(&in->error);
        g_free(in);
    }
}

VmsSource *mig_in_source(MigIn *in)
{
    return &in->source;
}

bool vms_read_be(VmsSource *s, unsigned bytes, uint64_t *v, GError **err)
{
    uint8_t wire[8];

    if (!s->read(s, wire, bytes, err)) {
        return false;
    }
    *v = vms_get_be(wire, bytes);
    return true;
}

bool vms_read_string8(VmsSource *s, char *text, GError **err)
{
    uint8_t n;

    if (!s->read(s, &n, 1, err) || !s->read(s, text, n, err)) {
        return false;
    }
    text[n] = 0;
    return true;
}
