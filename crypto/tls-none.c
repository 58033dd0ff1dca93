/*
 * What tls.h says where there is no GnuTLS.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "crypto/tls.h"
#include "system/report.h"

TlsCreds *tls_creds_get(const char *id, bool server, GError **err)
{
    report_fail(err, "No TLS credentials with id '%s': this program was built without GnuTLS; encrypt outside, by exec:", id);
    return NULL;
}

/* There are no credentials, so nobody comes here. */
TlsCreds *tls_creds_ref(TlsCreds *c) { g_assert_not_reached(); }
void tls_creds_unref(TlsCreds *c) { }
TlsSession *tls_session_new(TlsCreds *c, int in, int out, const char *host, const char *authz, GError **err) { g_assert_not_reached(); }
TlsSession *tls_session_ref(TlsSession *s) { g_assert_not_reached(); }
void tls_session_unref(TlsSession *s) { }
TlsStep tls_session_step(TlsSession *s, GError **err) { g_assert_not_reached(); }
bool tls_session_shake(TlsSession *s, GCancellable *cancel, GError **err) { g_assert_not_reached(); }
ssize_t tls_session_read(TlsSession *s, void *buf, size_t n, TlsStep *wait, GError **err) { g_assert_not_reached(); }
ssize_t tls_session_write(TlsSession *s, const void *buf, size_t n, TlsStep *wait, GError **err) { g_assert_not_reached(); }
TlsStep tls_session_peek(TlsSession *s, void *buf, size_t n, size_t *have) { g_assert_not_reached(); }
bool tls_session_pending(TlsSession *s) { g_assert_not_reached(); }
GInputStream *tls_input_stream_new(TlsSession *s) { g_assert_not_reached(); }
GOutputStream *tls_output_stream_new(TlsSession *s) { g_assert_not_reached(); }
