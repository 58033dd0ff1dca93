/*
 * Private to crypto/tls-*.c: what credentials hold.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CRYPTO_TLS_INT_H
#define CRYPTO_TLS_INT_H

#include "crypto/tls.h"
#include "hw/core/object.h"
#include <gnutls/gnutls.h>

struct TlsCreds {
    int refs;                           /* atomic */
    gnutls_credentials_type_t kind;
    bool server, verify;
    char *priority;                     /* NULL: GnuTLS's own */
    gnutls_dh_params_t dh;              /* of a server that has a file of them; NULL */
    union {
        void *any;
        gnutls_certificate_credentials_t cert;
        gnutls_psk_server_credentials_t psk_server;
        gnutls_psk_client_credentials_t psk_client;
        gnutls_anon_server_credentials_t anon_server;
        gnutls_anon_client_credentials_t anon_client;
    };
};

/* First member of the objects. */
typedef struct TlsCredsObject {
    Object object;
    const char *endpoint;
    char *dir, *priority;
    bool verify;
    TlsCreds *creds;                    /* NULL: not loaded */
} TlsCredsObject;

static inline bool tls_object_is_server(const TlsCredsObject *o)
{
    return o->endpoint[0] == 's';
}

/* New ones, with nothing in the union. `more`: of this kind, behind the priority. */
TlsCreds *tls_creds_new(const TlsCredsObject *o, gnutls_credentials_type_t kind, const char *more);
/* dir/name, g_free(); *path NULL: it may be missing and is. false: it is wanted or cannot be read. */
bool tls_creds_file(const TlsCredsObject *o, const char *name, bool wanted, char **path, GError **err);
/* Of ObjectType. */
void tls_creds_destroy(Object *o);
char *tls_creds_print_loaded(const void *object);
#define TLS_CREDS_LOADED { .name = "loaded", .kind = PROP_READ_ONLY, .type_name = "bool", .of_instance = true, .print = tls_creds_print_loaded }

/* tls-sanity.c: would certificates in these files be accepted? `own` may be NULL. */
bool tls_sanity_check(bool server, const char *own, const char *ca, GError **err);
/* What is wrong, from the status of a verification. */
const char *tls_status_text(unsigned status);

#endif
