/*
 * Certificates looked at before anybody connects: what would be refused by the other side is refused when the object is made, with its file's name.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "crypto/tls-int.h"
#include "system/report.h"
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>

typedef struct Certs { gnutls_x509_crt_t *list; unsigned count; } Certs;

static void clear_certs(Certs *c)
{
    for (unsigned i = 0; i < c->count; i++) {
        gnutls_x509_crt_deinit(c->list[i]);
    }
    gnutls_free(c->list);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Certs, clear_certs)

static bool read_pem(const char *path, char **text, gnutls_datum_t *pem, GError **err)
{
    g_autoptr(GError) why = NULL;
    gsize n;

    if (!g_file_get_contents(path, text, &n, &why)) {
        return report_fail(err, "Unable to read %s: %s", path, why->message);
    }
    *pem = (gnutls_datum_t){ (unsigned char *)*text, n };
    return true;
}

/* Why the first of them is no certificate. */
static const char *why_not(const gnutls_datum_t *pem)
{
    gnutls_x509_crt_t c;
    int r = gnutls_x509_crt_init(&c);

    if (r >= 0) {
        r = gnutls_x509_crt_import(c, pem, GNUTLS_X509_FMT_PEM);
        gnutls_x509_crt_deinit(c);
    }
    return gnutls_strerror(r);
}

static bool load_own(bool server, const char *path, Certs *c, GError **err)
{
    g_autofree char *text = NULL;
    gnutls_datum_t pem;

    if (!read_pem(path, &text, &pem, err)) {
        return false;
    }
    return gnutls_x509_crt_list_import2(&c->list, &c->count, &pem, GNUTLS_X509_FMT_PEM, 0) >= 0
        || report_fail(err, "Unable to import %s certificate %s: %s", server ? "server" : "client", path, why_not(&pem));
}

static bool load_ca(const char *path, Certs *c, GError **err)
{
    g_autofree char *text = NULL;
    gnutls_datum_t pem;

    if (!read_pem(path, &text, &pem, err)) {
        return false;
    }
    return gnutls_x509_crt_list_import2(&c->list, &c->count, &pem, GNUTLS_X509_FMT_PEM, 0) >= 0
        || report_fail(err, "Unable to import CA certificate list %s", path);
}

static bool check_times(gnutls_x509_crt_t c, const char *path, const char *whose, GError **err)
{
    time_t now = time(NULL);

    if (gnutls_x509_crt_get_expiration_time(c) < now) {
        return report_fail(err, "The %s certificate %s has expired", whose, path);
    }
    return gnutls_x509_crt_get_activation_time(c) <= now || report_fail(err, "The %s certificate %s is not yet active", whose, path);
}

static bool check_constraints(gnutls_x509_crt_t c, const char *path, const char *whose, bool ca, GError **err)
{
    int r = gnutls_x509_crt_get_basic_constraints(c, NULL, NULL, NULL);

    if (r > 0) {
        return ca || report_fail(err, "The certificate %s basic constraints show a CA, but we need one for a %s", path, whose);
    }
    if (r == 0) {
        return !ca || report_fail(err, "The certificate %s basic constraints do not show a CA", path);
    }
    if (r == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
        return !ca || report_fail(err, "The certificate %s is missing basic constraints for a CA", path);
    }
    return report_fail(err, "Unable to query certificate %s basic constraints: %s", path, gnutls_strerror(r));
}

/* What does not matter to this program is said, what the certificate calls critical counts. */
static bool check_signing(gnutls_x509_crt_t c, const char *path, GError **err)
{
    unsigned usage = 0, critical = 0;
    int r = gnutls_x509_crt_get_key_usage(c, &usage, &critical);

    if (r == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
        return true;
    }
    if (r < 0) {
        return report_fail(err, "Unable to query certificate %s key usage: %s", path, gnutls_strerror(r));
    }
    return usage & GNUTLS_KEY_KEY_CERT_SIGN || !critical || report_fail(err, "Certificate %s usage does not permit certificate signing", path);
}

/* A purpose of another kind, which is critical. */
static bool check_purpose(gnutls_x509_crt_t c, const char *path, GError **err)
{
    bool fits = false, any_critical = false;
    char oid[128];

    for (unsigned i = 0;; i++) {
        size_t n = sizeof(oid);
        unsigned critical = 0;
        int r = gnutls_x509_crt_get_key_purpose_oid(c, i, oid, &n, &critical);
        if (r == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
            break;
        }
        if (r < 0) {
            return report_fail(err, "Unable to query certificate %s key purpose: %s", path, gnutls_strerror(r));
        }
        fits |= !strcmp(oid, GNUTLS_KP_TLS_WWW_SERVER) || !strcmp(oid, GNUTLS_KP_TLS_WWW_CLIENT) || !strcmp(oid, GNUTLS_KP_ANY);
        any_critical |= critical;
    }
    return fits || !any_critical || report_fail(err, "Certificate %s purpose does not allow use with a TLS server", path);
}

const char *tls_status_text(unsigned status)
{
    return status & GNUTLS_CERT_INSECURE_ALGORITHM ? "The certificate uses an insecure algorithm"
        : status & GNUTLS_CERT_REVOKED ? "The certificate has been revoked"
        : status & GNUTLS_CERT_SIGNER_NOT_FOUND ? "The certificate hasn't got a known issuer"
        : "The certificate is not trusted";
}

bool tls_sanity_check(bool server, const char *own_path, const char *ca_path, GError **err)
{
    g_auto(Certs) own = { NULL }, ca = { NULL };
    const char *whose = server ? "server" : "client";
    unsigned status = 0;

    if ((own_path && !load_own(server, own_path, &own, err)) || !load_ca(ca_path, &ca, err)) {
        return false;
    }
    if (own.count && (!check_times(own.list[0], own_path, whose, err) || !check_constraints(own.list[0], own_path, whose, false, err)
                      || (server && !check_purpose(own.list[0], own_path, err)))) {
        return false;
    }
    for (unsigned i = 0; i < ca.count; i++) {
        if (!check_times(ca.list[i], ca_path, "CA", err) || !check_constraints(ca.list[i], ca_path, "CA", true, err)
            || !check_signing(ca.list[i], ca_path, err)) {
            return false;
        }
    }
    if (!own.count) {
        return true;
    }
    int r = gnutls_x509_crt_list_verify(own.list, own.count, ca.list, ca.count, NULL, 0, 0, &status);
    if (r < 0) {
        return report_fail(err, "Unable to verify %s certificate %s against CA certificate %s", whose, own_path, ca_path);
    }
    return !status || report_fail(err, "Our own certificate %s failed validation against %s: %s", own_path, ca_path, tls_status_text(status));
}
