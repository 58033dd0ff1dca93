/*
 * TLS on a connection that is there: credentials are objects (tls-creds-x509, tls-creds-psk, tls-creds-anon), a session encrypts with them.
 *
 * A session never blocks by itself: what it cannot do at once it tells, so that the main loop can come back, or a thread wait (the streams do, until
 * they are cancelled). It may be used by several threads: one call at a time is inside of GnuTLS, because TLS 1.3 sends new keys while it receives.
 *
 * Without GnuTLS there are no such objects: tls_creds_get() says so, and nothing else is ever called.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CRYPTO_TLS_H
#define CRYPTO_TLS_H

#include <gio/gio.h>
#include <stdbool.h>

/* What an object has loaded. It stays while somebody has it, whatever becomes of the object. */
typedef struct TlsCreds TlsCreds;
/* Of the object with this id, which has to be for this end; tls_creds_unref(), on any thread. NULL: err says why. Big lock held. */
TlsCreds *tls_creds_get(const char *id, bool server, GError **err);
TlsCreds *tls_creds_ref(TlsCreds *c);
void tls_creds_unref(TlsCreds *c);

typedef struct TlsSession TlsSession;
/*
 * One end of a connection whose descriptors, which stay the caller's, are `in` and `out` (a socket's: the same twice). They are not to block.
 * `host`: what a server's certificate has to be for; NULL: not known, which is an error with certificates that are verified. `authz`: the object that
 * says whether a client of this name may; NULL: anybody who has a certificate. NULL: err says why.
 */
TlsSession *tls_session_new(TlsCreds *c, int in, int out, const char *host, const char *authz, GError **err);
TlsSession *tls_session_ref(TlsSession *s);
void tls_session_unref(TlsSession *s);

typedef enum TlsStep { TLS_DONE, TLS_WAIT_IN, TLS_WAIT_OUT, TLS_FAILED } TlsStep;
/* The handshake, as far as it goes now; the first call that is DONE has verified the other side. Takes the big lock if it has to ask `authz`. */
TlsStep tls_session_step(TlsSession *s, GError **err);
#define TLS_HANDSHAKE_US (30 * G_USEC_PER_SEC)      /* who needs longer has gone */
/* All of it, waiting. */
bool tls_session_shake(TlsSession *s, GCancellable *cancel, GError **err);
/*
 * Bytes of what is encrypted; 0 when reading: the other side ended. -1: an error, or errno is EAGAIN: it waits for the descriptor as `wait` says. What
 * was not written has to be given again as it was.
 */
ssize_t tls_session_read(TlsSession *s, void *buf, size_t n, TlsStep *wait, GError **err);
ssize_t tls_session_write(TlsSession *s, const void *buf, size_t n, TlsStep *wait, GError **err);
bool tls_session_pending(TlsSession *s);            /* something can be read without a descriptor's having it */
/* The first bytes that come, which are read later all the same: WAIT_... until there are n (at most 16). Fewer: the other side ended before. */
TlsStep tls_session_peek(TlsSession *s, void *buf, size_t n, size_t *have);

/* Blocking, cancellable, each with a reference of its own; closing them does nothing to the descriptors. */
GInputStream *tls_input_stream_new(TlsSession *s);
GOutputStream *tls_output_stream_new(TlsSession *s);

#endif
