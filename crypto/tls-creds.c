/*
 * Credentials as objects: see tls.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "crypto/tls-int.h"
#include "crypto/secret.h"
#include "hw/core/user-objects.h"
#include "monitor/qmp.h"
#include "system/report.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

QMP_ENUM(QCryptoTLSCredsEndpoint, "client server");

static const Property base_props[] = {
    PROP(TlsCredsObject, "endpoint", endpoint, "client", .type_name = "QCryptoTLSCredsEndpoint", .qmp_type = "QCryptoTLSCredsEndpoint"),
    PROP(TlsCredsObject, "dir", dir, NULL), PROP(TlsCredsObject, "verify-peer", verify, "on"), PROP(TlsCredsObject, "priority", priority, NULL),
    { .name = NULL },
};
OBJECT_TYPE(tls_creds_type, .name = "tls-creds", .abstract = true, .props = base_props);

/* ---- what they have in common ---- */

TlsCreds *tls_creds_new(const TlsCredsObject *o, gnutls_credentials_type_t kind, const char *more)
{
    TlsCreds *c = g_new0(TlsCreds, 1);

    *c = (TlsCreds){ .refs = 1, .kind = kind, .server = tls_object_is_server(o), .verify = o->verify };
    c->priority = more ? g_strconcat(o->priority ? o->priority : "NORMAL", more, NULL) : g_strdup(o->priority);
    return c;
}

TlsCreds *tls_creds_ref(TlsCreds *c)
{
    g_atomic_int_inc(&c->refs);
    return c;
}

void tls_creds_unref(TlsCreds *c)
{
    if (!c || !g_atomic_int_dec_and_test(&c->refs)) {
        return;
    }
    if (c->any && c->kind == GNUTLS_CRD_CERTIFICATE) {
        gnutls_certificate_free_credentials(c->cert);
    } else if (c->any && c->kind == GNUTLS_CRD_PSK) {
        if (c->server) {
            gnutls_psk_free_server_credentials(c->psk_server);
        } else {
            gnutls_psk_free_client_credentials(c->psk_client);
        }
    } else if (c->any) {
        if (c->server) {
            gnutls_anon_free_server_credentials(c->anon_server);
        } else {
            gnutls_anon_free_client_credentials(c->anon_client);
        }
    }
    if (c->dh) {
        gnutls_dh_params_deinit(c->dh);
    }
    g_free(c->priority);
    g_free(c);
}

void tls_creds_destroy(Object *o)
{
    g_clear_pointer(&((TlsCredsObject *)o)->creds, tls_creds_unref);
}

char *tls_creds_print_loaded(const void *object)
{
    return g_strdup(((const TlsCredsObject *)object)->creds ? "true" : "false");
}

bool tls_creds_file(const TlsCredsObject *o, const char *name, bool wanted, char **path, GError **err)
{
    *path = NULL;
    if (!o->dir) {
        return report_fail(err, "Missing 'dir' property value");
    }
    g_autofree char *at = g_build_filename(o->dir, name, NULL);
    if (access(at, R_OK) < 0) {
        return (errno == ENOENT && !wanted) || report_fail(err, "Unable to access credentials %s: %s", at, g_strerror(errno));
    }
    *path = g_steal_pointer(&at);
    return true;
}

/* dir/dh-params.pem into `dh`, if it is there. */
static bool load_dh(const TlsCredsObject *o, TlsCreds *c, GError **err)
{
    g_autofree char *path = NULL;
    g_autofree char *text = NULL;
    g_autoptr(GError) why = NULL;
    gsize n;

    if (!o->dir) {
        return true;
    }
    if (!tls_creds_file(o, "dh-params.pem", false, &path, err) || !path) {
        return !path && !(err && *err);
    }
    if (!g_file_get_contents(path, &text, &n, &why)) {
        return report_fail(err, "Unable to load DH parameters from %s: %s", path, why->message);
    }
    gnutls_datum_t pem = { (unsigned char *)text, n };
    int r = gnutls_dh_params_init(&c->dh);
    if (r >= 0) {
        r = gnutls_dh_params_import_pkcs3(c->dh, &pem, GNUTLS_X509_FMT_PEM);
    }
    return r >= 0 || report_fail(err, "Unable to load DH parameters from %s: %s", path, gnutls_strerror(r));
}

/* What a server's handshakes may use beside elliptic curves: the file's parameters, or those that everybody knows. */
static bool set_dh(const TlsCredsObject *o, TlsCreds *c, GError **err)
{
    int r = 0;

    if (!load_dh(o, c, err)) {
        return false;
    }
    switch (c->kind) {
    case GNUTLS_CRD_ANON:
        if (c->dh) {
            gnutls_anon_set_server_dh_params(c->anon_server, c->dh);
        } else {
            r = gnutls_anon_set_server_known_dh_params(c->anon_server, GNUTLS_SEC_PARAM_MEDIUM);
        }
        break;
    case GNUTLS_CRD_PSK:
        if (c->dh) {
            gnutls_psk_set_server_dh_params(c->psk_server, c->dh);
        } else {
            r = gnutls_psk_set_server_known_dh_params(c->psk_server, GNUTLS_SEC_PARAM_MEDIUM);
        }
        break;
    default:
        if (c->dh) {
            gnutls_certificate_set_dh_params(c->cert, c->dh);
        } else {
            r = gnutls_certificate_set_known_dh_params(c->cert, GNUTLS_SEC_PARAM_MEDIUM);
        }
    }
    return r >= 0 || report_fail(err, "Cannot set DH parameters: %s", gnutls_strerror(r));
}

static TlsCreds *find(const char *id, bool server, GError **err)
{
    Object *o = user_object_find(id);

    if (!o) {
        report_fail(err, "No TLS credentials with id '%s'", id);
        return NULL;
    }
    if (!object_type_is(o->type, "tls-creds")) {
        report_fail(err, "Object with id '%s' is not TLS credentials", id);
        return NULL;
    }
    TlsCreds *c = ((TlsCredsObject *)o)->creds;
    if (!c) {
        report_fail(err, "Object with id '%s' names cipher suites for firmware and is no TLS credentials", id);
        return NULL;
    }
    if (c->server != server) {
        report_fail(err, "Expected TLS credentials for a %s endpoint", server ? "server" : "client");
        return NULL;
    }
    return tls_creds_ref(c);
}

TlsCreds *tls_creds_get(const char *id, bool server, GError **err)
{
    user_objects_lock();
    TlsCreds *c = find(id, server, err);
    user_objects_unlock();
    return c;
}

/* What loads is the object's; what does not is forgotten. */
static bool keep(TlsCredsObject *o, TlsCreds *c, bool ok)
{
    if (ok) {
        o->creds = c;
    } else {
        tls_creds_unref(c);
    }
    return ok;
}

static bool bad(GError **err, const char *what, int r)
{
    return report_fail(err, "%s: %s", what, gnutls_strerror(r));
}

/* ---- nobody says who it is ---- */

static bool load_anon(TlsCredsObject *o, TlsCreds *c, GError **err)
{
    int r = c->server ? gnutls_anon_allocate_server_credentials(&c->anon_server) : gnutls_anon_allocate_client_credentials(&c->anon_client);

    if (r < 0) {
        return bad(err, "Cannot allocate credentials", r);
    }
    return !c->server || set_dh(o, c, err);
}

static bool complete_anon(Object *object, GError **err)
{
    TlsCredsObject *o = (TlsCredsObject *)object;
    TlsCreds *c = tls_creds_new(o, GNUTLS_CRD_ANON, ":+ANON-DH");

    return keep(o, c, load_anon(o, c, err));
}

OBJECT_TYPE(tls_creds_anon_type, .name = "tls-creds-anon", .parent = "tls-creds", .size = sizeof(TlsCredsObject), .props = PROPS(TLS_CREDS_LOADED),
            .user_creatable = true, .complete = complete_anon, .destroy = tls_creds_destroy);

/* ---- keys that both have ---- */

#define DEFAULT_USER "qemu"

typedef struct TlsCredsPsk {
    TlsCredsObject base;
    char *username;
} TlsCredsPsk;

/* The key of a line "USER:KEY"; NULL: there is none. */
static char *find_key(const char *path, const char *user, GError **err)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) why = NULL;
    size_t n = strlen(user);

    if (!g_file_get_contents(path, &text, NULL, &why)) {
        report_fail(err, "Cannot read PSK file %s: %s", path, why->message);
        return NULL;
    }
    g_auto(GStrv) lines = g_strsplit_set(text, "\r\n", -1);
    for (char **l = lines; *l; l++) {
        if (!strncmp(*l, user, n) && (*l)[n] == ':') {
            return g_strdup(*l + n + 1);
        }
    }
    report_fail(err, "Username %s not found in PSK file %s", user, path);
    return NULL;
}

static bool load_psk_server(TlsCredsPsk *o, TlsCreds *c, const char *path, GError **err)
{
    if (o->username) {
        return report_fail(err, "username should not be set when endpoint=server");
    }
    int r = gnutls_psk_allocate_server_credentials(&c->psk_server);
    if (r < 0) {
        return bad(err, "Cannot allocate credentials", r);
    }
    if (!set_dh(&o->base, c, err)) {
        return false;
    }
    r = gnutls_psk_set_server_credentials_file(c->psk_server, path);
    return r >= 0 || bad(err, "Cannot set PSK server credentials", r);
}

static bool load_psk_client(TlsCredsPsk *o, TlsCreds *c, const char *path, GError **err)
{
    const char *user = o->username ? o->username : DEFAULT_USER;
    g_autofree char *key = find_key(path, user, err);

    if (!key) {
        return false;
    }
    gnutls_datum_t k = { (unsigned char *)key, strlen(key) };
    int r = gnutls_psk_allocate_client_credentials(&c->psk_client);
    if (r < 0) {
        return bad(err, "Cannot allocate credentials", r);
    }
    r = gnutls_psk_set_client_credentials(c->psk_client, user, &k, GNUTLS_PSK_KEY_HEX);
    return r >= 0 || bad(err, "Cannot set PSK client credentials", r);
}

static bool complete_psk(Object *object, GError **err)
{
    TlsCredsPsk *o = (TlsCredsPsk *)object;
    g_autofree char *path = NULL;

    if (!tls_creds_file(&o->base, "keys.psk", true, &path, err)) {
        return false;
    }
    TlsCreds *c = tls_creds_new(&o->base, GNUTLS_CRD_PSK, ":+ECDHE-PSK:+DHE-PSK:+PSK");
    return keep(&o->base, c, (c->server ? load_psk_server : load_psk_client)(o, c, path, err));
}

static const Property psk_props[] = { PROP(TlsCredsPsk, "username", username, NULL), TLS_CREDS_LOADED, { .name = NULL } };
OBJECT_TYPE(tls_creds_psk_type, .name = "tls-creds-psk", .parent = "tls-creds", .size = sizeof(TlsCredsPsk), .props = psk_props, .user_creatable = true,
            .complete = complete_psk, .destroy = tls_creds_destroy);

/* ---- certificates ---- */

typedef struct TlsCredsX509 {
    TlsCredsObject base;
    bool sanity_check;
    char *passwordid;
} TlsCredsX509;

typedef struct Files { char *ca, *crl, *cert, *key; } Files;

static void clear_files(Files *f)
{
    g_free(f->ca);
    g_free(f->crl);
    g_free(f->cert);
    g_free(f->key);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Files, clear_files)

static bool find_files(const TlsCredsObject *o, bool server, Files *f, GError **err)
{
    return tls_creds_file(o, "ca-cert.pem", true, &f->ca, err)
        && (!server || tls_creds_file(o, "ca-crl.pem", false, &f->crl, err))
        && tls_creds_file(o, server ? "server-cert.pem" : "client-cert.pem", server, &f->cert, err)
        && tls_creds_file(o, server ? "server-key.pem" : "client-key.pem", server, &f->key, err);
}

static bool load_x509(TlsCredsX509 *o, TlsCreds *c, const Files *f, GError **err)
{
    g_autofree char *password = o->passwordid ? secret_text(o->passwordid, err) : NULL;

    if (o->passwordid && !password) {
        return false;
    }
    int r = gnutls_certificate_allocate_credentials(&c->cert);
    if (r < 0) {
        return bad(err, "Cannot allocate credentials", r);
    }
    r = gnutls_certificate_set_x509_trust_file(c->cert, f->ca, GNUTLS_X509_FMT_PEM);
    if (r < 0) {
        return report_fail(err, "Cannot load CA certificate '%s': %s", f->ca, gnutls_strerror(r));
    }
    if (f->cert && f->key) {
        r = gnutls_certificate_set_x509_key_file2(c->cert, f->cert, f->key, GNUTLS_X509_FMT_PEM, password, 0);
        if (r < 0) {
            return report_fail(err, "Cannot load certificate '%s' & key '%s': %s", f->cert, f->key, gnutls_strerror(r));
        }
    }
    if (f->crl) {
        r = gnutls_certificate_set_x509_crl_file(c->cert, f->crl, GNUTLS_X509_FMT_PEM);
        if (r < 0) {
            return report_fail(err, "Cannot load CRL '%s': %s", f->crl, gnutls_strerror(r));
        }
    }
    return !c->server || set_dh(&o->base, c, err);
}

static bool complete_x509(Object *object, GError **err)
{
    TlsCredsX509 *o = (TlsCredsX509 *)object;
    bool server = tls_object_is_server(&o->base);
    g_auto(Files) f = { NULL };

    if (!find_files(&o->base, server, &f, err) || (o->sanity_check && !tls_sanity_check(server, f.cert, f.ca, err))) {
        return false;
    }
    TlsCreds *c = tls_creds_new(&o->base, GNUTLS_CRD_CERTIFICATE, NULL);
    return keep(&o->base, c, load_x509(o, c, &f, err));
}

static const Property x509_props[] = {
    PROP(TlsCredsX509, "sanity-check", sanity_check, "on"), PROP(TlsCredsX509, "passwordid", passwordid, NULL), TLS_CREDS_LOADED, { .name = NULL },
};
OBJECT_TYPE(tls_creds_x509_type, .name = "tls-creds-x509", .parent = "tls-creds", .size = sizeof(TlsCredsX509), .props = x509_props,
            .user_creatable = true, .complete = complete_x509, .destroy = tls_creds_destroy);

/* ---- cipher suites ---- */

/* What a PC's firmware is told by fw_cfg, which this machine does not have: the object is there for command lines that name it. */
static bool complete_suites(Object *object, GError **err)
{
    return ((TlsCredsObject *)object)->priority || report_fail(err, "'priority' property is not set");
}

OBJECT_TYPE(tls_cipher_suites_type, .name = "tls-cipher-suites", .parent = "tls-creds", .size = sizeof(TlsCredsObject), .user_creatable = true,
            .complete = complete_suites);
