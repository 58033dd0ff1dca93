/*
 * Sessions and their streams: see tls.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "crypto/tls-int.h"
#include "crypto/authz.h"
#include "system/report.h"
#include <errno.h>
#include <gnutls/x509.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define AHEAD 16
#define RECORD 16384            /* bytes that one takes at most */

struct TlsSession {
    int refs;                   /* atomic */
    GMutex lock;                /* of what follows */
    gnutls_session_t session;
    TlsCreds *creds;
    int in, out;
    char *host, *authz;
    bool done, failed;
    uint8_t ahead[AHEAD];       /* what was looked at and not read yet */
    size_t ahead_bytes;
    size_t unsent;              /* bytes that GnuTLS has of a write that has to be given again */
};

/* ---- below: the descriptors, sockets or pipes ---- */

static ssize_t push(gnutls_transport_ptr_t p, const giovec_t *iov, int n)
{
    TlsSession *s = p;
    struct msghdr m = { .msg_iov = (struct iovec *)iov, .msg_iovlen = n };
    ssize_t r = sendmsg(s->out, &m, MSG_NOSIGNAL | MSG_DONTWAIT);

    if (r < 0 && errno == ENOTSOCK) {
        r = writev(s->out, (const struct iovec *)iov, n);
    }
    gnutls_transport_set_errno(s->session, r < 0 ? errno : 0);
    return r;
}

static ssize_t pull(gnutls_transport_ptr_t p, void *buf, size_t n)
{
    TlsSession *s = p;
    ssize_t r = recv(s->in, buf, n, MSG_DONTWAIT);

    if (r < 0 && errno == ENOTSOCK) {
        r = read(s->in, buf, n);
    }
    gnutls_transport_set_errno(s->session, r < 0 ? errno : 0);
    return r;
}

/* ---- making one ---- */

static bool set_priority(TlsSession *s, GError **err)
{
    const char *p = s->creds->priority;
    int r = p ? gnutls_priority_set_direct(s->session, p, NULL) : gnutls_set_default_priority(s->session);

    return r >= 0 || report_fail(err, s->creds->kind == GNUTLS_CRD_CERTIFICATE ? "Cannot set default TLS session priority %s: %s"
                                 : "Unable to set TLS session priority %s: %s", p ? p : "NORMAL", gnutls_strerror(r));
}

TlsSession *tls_session_new(TlsCreds *c, int in, int out, const char *host, const char *authz, GError **err)
{
    TlsSession *s = g_new0(TlsSession, 1);

    *s = (TlsSession){ .refs = 1, .creds = tls_creds_ref(c), .in = in, .out = out, .host = g_strdup(host), .authz = g_strdup(authz) };
    int r = gnutls_init(&s->session, (c->server ? GNUTLS_SERVER : GNUTLS_CLIENT) | GNUTLS_NONBLOCK);
    if (r < 0) {
        s->session = NULL;
        report_fail(err, "Cannot make a TLS session: %s", gnutls_strerror(r));
    } else if (set_priority(s, err)) {
        r = gnutls_credentials_set(s->session, c->kind, c->any);
        if (r >= 0) {
            if (c->server && c->kind == GNUTLS_CRD_CERTIFICATE && c->verify) {
                gnutls_certificate_server_set_request(s->session, GNUTLS_CERT_REQUEST);
            }
            gnutls_transport_set_ptr(s->session, s);
            gnutls_transport_set_vec_push_function(s->session, push);
            gnutls_transport_set_pull_function(s->session, pull);
            return s;
        }
        report_fail(err, "Cannot set TLS credentials: %s", gnutls_strerror(r));
    }
    tls_session_unref(s);
    return NULL;
}

TlsSession *tls_session_ref(TlsSession *s)
{
    g_atomic_int_inc(&s->refs);
    return s;
}

void tls_session_unref(TlsSession *s)
{
    if (!s || !g_atomic_int_dec_and_test(&s->refs)) {
        return;
    }
    if (s->session) {
        gnutls_deinit(s->session);
    }
    tls_creds_unref(s->creds);
    g_mutex_clear(&s->lock);
    g_free(s->host);
    g_free(s->authz);
    g_free(s);
}

/* ---- who is it? ---- */

static bool may(TlsSession *s, gnutls_x509_crt_t cert, GError **err)
{
    gnutls_datum_t name = { NULL, 0 };
    bool allowed = false;
    int r = gnutls_x509_crt_get_dn2(cert, &name);

    if (r < 0) {
        return report_fail(err, "The certificate's name cannot be read: %s", gnutls_strerror(r));
    }
    if (authz_ask(s->authz, (char *)name.data, &allowed, err) && !allowed) {
        report_fail(err, "TLS x509 authz check for %s is denied", name.data);
    }
    gnutls_free(name.data);
    return allowed;
}

static bool fits_name(TlsSession *s, gnutls_x509_crt_t cert, GError **err)
{
    if (s->creds->server) {
        return !s->authz || may(s, cert, err);
    }
    if (!s->host) {
        return report_fail(err, "No hostname for certificate validation");
    }
    return gnutls_x509_crt_check_hostname(cert, s->host) || report_fail(err, "Certificate does not match the hostname %s", s->host);
}

static bool verify(TlsSession *s, GError **err)
{
    unsigned status = 0, count = 0;
    gnutls_x509_crt_t cert;

    if (s->creds->kind != GNUTLS_CRD_CERTIFICATE || !s->creds->verify) {
        return true;
    }
    int r = gnutls_certificate_verify_peers2(s->session, &status);
    if (r < 0) {
        return report_fail(err, "Verify failed: %s", gnutls_strerror(r));
    }
    if (status) {
        return report_fail(err, "%s", tls_status_text(status));
    }
    const gnutls_datum_t *list = gnutls_certificate_get_peers(s->session, &count);
    if (!list || !count || gnutls_x509_crt_init(&cert) < 0) {
        return report_fail(err, "No certificate peers");
    }
    r = gnutls_x509_crt_import(cert, &list[0], GNUTLS_X509_FMT_DER);
    bool ok = r >= 0 ? fits_name(s, cert, err) : report_fail(err, "Cannot read the other side's certificate: %s", gnutls_strerror(r));
    gnutls_x509_crt_deinit(cert);
    return ok;
}

static TlsStep direction(TlsSession *s)
{
    return gnutls_record_get_direction(s->session) ? TLS_WAIT_OUT : TLS_WAIT_IN;
}

static bool again(int r)
{
    return r == GNUTLS_E_AGAIN || r == GNUTLS_E_INTERRUPTED;
}

static TlsStep step(TlsSession *s, GError **err)
{
    int r;

    if (s->done) {
        return TLS_DONE;
    }
    do {
        r = s->failed ? GNUTLS_E_INVALID_SESSION : gnutls_handshake(s->session);
    } while (r < 0 && r != GNUTLS_E_AGAIN && !gnutls_error_is_fatal(r));
    if (r == GNUTLS_E_AGAIN) {
        return direction(s);
    }
    if (r < 0) {
        report_fail(err, "TLS handshake failed: %s", gnutls_strerror(r));
    }
    s->done = r >= 0 && verify(s, err);
    s->failed = !s->done;
    return s->done ? TLS_DONE : TLS_FAILED;
}

TlsStep tls_session_step(TlsSession *s, GError **err)
{
    g_mutex_lock(&s->lock);
    TlsStep t = step(s, err);
    g_mutex_unlock(&s->lock);
    return t;
}

/* Until the descriptor is ready, `until` (0: for ever) or cancelled; false: one of the latter. */
static bool await(TlsSession *s, TlsStep t, gint64 until, GCancellable *cancel, GError **err)
{
    GPollFD fds[2] = { { .fd = t == TLS_WAIT_IN ? s->in : s->out, .events = t == TLS_WAIT_IN ? G_IO_IN : G_IO_OUT } };
    bool has_cancel = cancel && g_cancellable_make_pollfd(cancel, &fds[1]);
    gint64 left = until ? until - g_get_monotonic_time() : 0;
    int r;

    do {
        r = left < 0 ? 0 : g_poll(fds, 1 + has_cancel, until ? left / 1000 + 1 : -1);
    } while (r < 0 && errno == EINTR);
    if (has_cancel) {
        g_cancellable_release_fd(cancel);
    }
    if (cancel && g_cancellable_set_error_if_cancelled(cancel, err)) {
        return false;
    }
    return r > 0 || report_fail(err, "TLS handshake failed: the other side did not take part in it for %d s", (int)(TLS_HANDSHAKE_US / G_USEC_PER_SEC));
}

bool tls_session_shake(TlsSession *s, GCancellable *cancel, GError **err)
{
    gint64 until = g_get_monotonic_time() + TLS_HANDSHAKE_US;
    TlsStep t;

    while ((t = tls_session_step(s, err)) == TLS_WAIT_IN || t == TLS_WAIT_OUT) {
        if (!await(s, t, until, cancel, err)) {
            return false;
        }
    }
    return t == TLS_DONE;
}

/* ---- bytes ---- */

/* In the host's words, where it said what is wrong. */
static void io_error(GError **err, const char *what, int r, int host_error)
{
    bool host = host_error && (r == GNUTLS_E_PUSH_ERROR || r == GNUTLS_E_PULL_ERROR);

    g_set_error(err, G_IO_ERROR, G_IO_ERROR_FAILED, "Cannot %s TLS channel: %s", what, host ? g_strerror(host_error) : gnutls_strerror(r));
}

static size_t take_ahead(TlsSession *s, void *buf, size_t n)
{
    n = MIN(n, s->ahead_bytes);
    memcpy(buf, s->ahead, n);
    s->ahead_bytes -= n;
    memmove(s->ahead, s->ahead + n, s->ahead_bytes);
    return n;
}

TlsStep tls_session_peek(TlsSession *s, void *buf, size_t n, size_t *have)
{
    g_assert(n <= AHEAD);
    g_mutex_lock(&s->lock);
    ssize_t r = 1;
    while (s->ahead_bytes < n && (r = gnutls_record_recv(s->session, s->ahead + s->ahead_bytes, n - s->ahead_bytes)) > 0) {
        s->ahead_bytes += r;
    }
    *have = MIN(n, s->ahead_bytes);
    memcpy(buf, s->ahead, *have);
    TlsStep t = r < 0 && again(r) ? direction(s) : TLS_DONE;
    g_mutex_unlock(&s->lock);
    return t;
}

ssize_t tls_session_read(TlsSession *s, void *buf, size_t n, TlsStep *wait, GError **err)
{
    g_mutex_lock(&s->lock);
    if (s->ahead_bytes) {
        n = take_ahead(s, buf, n);
        g_mutex_unlock(&s->lock);
        return n;
    }
    errno = 0;
    ssize_t r = gnutls_record_recv(s->session, buf, n);
    int host_error = errno;
    *wait = direction(s);
    g_mutex_unlock(&s->lock);
    if (r == GNUTLS_E_PREMATURE_TERMINATION) {
        return 0;               /* what is missing, the stream says itself: it has an end of its own */
    }
    if (r < 0 && !again(r)) {
        io_error(err, "read from", r, host_error);
        errno = EIO;
        return -1;
    }
    errno = r < 0 ? EAGAIN : 0;
    return r < 0 ? -1 : r;
}

ssize_t tls_session_write(TlsSession *s, const void *buf, size_t n, TlsStep *wait, GError **err)
{
    g_mutex_lock(&s->lock);
    errno = 0;
    ssize_t r = s->unsent ? gnutls_record_send(s->session, NULL, 0) : gnutls_record_send(s->session, buf, MIN(n, RECORD));
    int host_error = errno;
    s->unsent = r < 0 && again(r) ? MIN(n, RECORD) : 0;
    *wait = direction(s);
    g_mutex_unlock(&s->lock);
    if (r < 0 && !again(r)) {
        io_error(err, "write to", r, host_error);
        errno = EIO;
        return -1;
    }
    errno = r < 0 ? EAGAIN : 0;
    return r < 0 ? -1 : r;
}

bool tls_session_pending(TlsSession *s)
{
    g_mutex_lock(&s->lock);
    bool pending = s->ahead_bytes || gnutls_record_check_pending(s->session);
    g_mutex_unlock(&s->lock);
    return pending;
}

/* ---- streams ---- */

typedef struct TlsInput { GInputStream parent; TlsSession *session; } TlsInput;
typedef struct TlsInputClass { GInputStreamClass parent; } TlsInputClass;
typedef struct TlsOutput { GOutputStream parent; TlsSession *session; } TlsOutput;
typedef struct TlsOutputClass { GOutputStreamClass parent; } TlsOutputClass;
static GType tls_input_get_type(void);
static GType tls_output_get_type(void);
G_DEFINE_TYPE(TlsInput, tls_input, G_TYPE_INPUT_STREAM)
G_DEFINE_TYPE(TlsOutput, tls_output, G_TYPE_OUTPUT_STREAM)

static gssize input_read(GInputStream *stream, void *buf, gsize n, GCancellable *cancel, GError **err)
{
    TlsSession *s = ((TlsInput *)stream)->session;
    TlsStep wait;
    ssize_t r;

    while ((r = tls_session_read(s, buf, n, &wait, err)) < 0 && errno == EAGAIN) {
        if (!await(s, wait, 0, cancel, err)) {
            return -1;
        }
    }
    return r;
}

static gssize write_all_of(TlsSession *s, const void *buf, gsize n, GCancellable *cancel, GError **err)
{
    TlsStep wait;
    ssize_t r;

    while ((r = tls_session_write(s, buf, n, &wait, err)) < 0 && errno == EAGAIN) {
        if (!await(s, wait, 0, cancel, err)) {
            return -1;
        }
    }
    return r;
}

static gssize output_write(GOutputStream *stream, const void *buf, gsize n, GCancellable *cancel, GError **err)
{
    return write_all_of(((TlsOutput *)stream)->session, buf, n, cancel, err);
}

/* Small pieces go in one record, as many as fit; a large one goes without being copied. */
static gboolean output_writev(GOutputStream *stream, const GOutputVector *v, gsize count, gsize *written, GCancellable *cancel, GError **err)
{
    uint8_t record[RECORD];
    gsize n = 0;

    *written = 0;
    for (gsize i = 0; i < count && v[i].size <= RECORD - n; i++) {
        memcpy(record + n, v[i].buffer, v[i].size);
        n += v[i].size;
    }
    const void *from = n ? record : v[0].buffer;
    gssize r = write_all_of(((TlsOutput *)stream)->session, from, n ? n : v[0].size, cancel, err);
    *written = MAX(r, 0);
    return r >= 0;
}

static void input_finalize(GObject *o)
{
    tls_session_unref(((TlsInput *)o)->session);
    G_OBJECT_CLASS(tls_input_parent_class)->finalize(o);
}

static void output_finalize(GObject *o)
{
    tls_session_unref(((TlsOutput *)o)->session);
    G_OBJECT_CLASS(tls_output_parent_class)->finalize(o);
}

static void tls_input_class_init(TlsInputClass *c)
{
    c->parent.read_fn = input_read;
    G_OBJECT_CLASS(c)->finalize = input_finalize;
}

static void tls_output_class_init(TlsOutputClass *c)
{
    c->parent.write_fn = output_write;
    c->parent.writev_fn = output_writev;
    G_OBJECT_CLASS(c)->finalize = output_finalize;
}

static void tls_input_init(TlsInput *i)
{
}

static void tls_output_init(TlsOutput *o)
{
}

GInputStream *tls_input_stream_new(TlsSession *s)
{
    TlsInput *i = g_object_new(tls_input_get_type(), NULL);

    i->session = tls_session_ref(s);
    return G_INPUT_STREAM(i);
}

GOutputStream *tls_output_stream_new(TlsSession *s)
{
    TlsOutput *o = g_object_new(tls_output_get_type(), NULL);

    o->session = tls_session_ref(s);
    return G_OUTPUT_STREAM(o);
}
