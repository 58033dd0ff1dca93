/*
 * See secret.h. What is encrypted (`keyid`) is AES-256-CBC with PKCS#7 padding, in base64; the key is another secret of 32 bytes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "crypto/secret.h"
#include "config-host.h"
#include "hw/core/user-objects.h"
#include "monitor/qmp.h"
#include "system/report.h"
#include <errno.h>
#include <linux/keyctl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef CONFIG_GNUTLS
#include <gnutls/crypto.h>
#endif

QMP_ENUM(QCryptoSecretFormat, "raw base64");

/* Wherever it comes from. */
typedef struct SecretCommon {
    Object object;
    char *keyid, *iv;
    const char *format;
    GBytes *value;
} SecretCommon;

static char *print_loaded(const void *object)
{
    return g_strdup(((const SecretCommon *)object)->value ? "true" : "false");
}

static const Property common_props[] = {
    PROP(SecretCommon, "iv", iv, NULL), PROP(SecretCommon, "keyid", keyid, NULL),
    PROP(SecretCommon, "format", format, "raw", .type_name = "QCryptoSecretFormat", .qmp_type = "QCryptoSecretFormat"),
    { .name = "loaded", .kind = PROP_READ_ONLY, .type_name = "bool", .of_instance = true, .print = print_loaded },
    { .name = NULL },
};
OBJECT_TYPE(secret_common_type, .name = "secret_common", .abstract = true, .size = sizeof(SecretCommon), .props = common_props);

static GBytes *from_base64(const char *text, gsize n, GError **err)
{
    g_autofree char *copy = g_strndup(text, n);
    gsize bytes;

    if (strlen(copy) != n || strspn(copy, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n") != n) {
        report_fail(err, "Base64 data contains invalid characters");
        return NULL;
    }
    guchar *out = g_base64_decode(copy, &bytes);
    return g_bytes_new_take(out, bytes);
}

#ifdef CONFIG_GNUTLS
#define AES_BLOCK 16

static GBytes *decrypt(const SecretCommon *s, GBytes *in, GError **err)
{
    g_autoptr(GBytes) key = secret_get(s->keyid, err), iv = NULL, cipher = NULL;
    gsize n, key_bytes, iv_bytes = 0;
    gnutls_cipher_hd_t handle;

    if (!key) {
        return NULL;
    }
    gnutls_datum_t k = { (void *)g_bytes_get_data(key, &key_bytes), 0 }, v;
    k.size = key_bytes;
    if (k.size != 32) {
        report_fail(err, "Key should be 32 bytes in length");
        return NULL;
    }
    if (!s->iv) {
        report_fail(err, "IV is required to decrypt secret");
        return NULL;
    }
    if (!(iv = from_base64(s->iv, strlen(s->iv), err))) {
        return NULL;
    }
    v.data = (void *)g_bytes_get_data(iv, &iv_bytes);
    v.size = iv_bytes;
    if (v.size != AES_BLOCK) {
        report_fail(err, "IV should be 16 bytes in length not %zu", iv_bytes);
        return NULL;
    }
    const void *text = g_bytes_get_data(in, &n);
    if (!(cipher = from_base64(text, n, err))) {
        return NULL;
    }
    const void *data = g_bytes_get_data(cipher, &n);
    g_autofree uint8_t *plain = g_malloc(n + 1);
    int r = !n || n % AES_BLOCK ? GNUTLS_E_INVALID_REQUEST : gnutls_cipher_init(&handle, GNUTLS_CIPHER_AES_256_CBC, &k, &v);
    if (r >= 0) {
        r = gnutls_cipher_decrypt2(handle, data, n, plain, n);
        gnutls_cipher_deinit(handle);
    }
    if (r < 0) {
        report_fail(err, "The secret cannot be decrypted: %zu bytes: %s", n, gnutls_strerror(r));
        return NULL;
    }
    if (!plain[n - 1] || plain[n - 1] > AES_BLOCK) {
        report_fail(err, "Incorrect number of padding bytes (%d) found on decrypted data", plain[n - 1]);
        return NULL;
    }
    return g_bytes_new(plain, n - plain[n - 1]);
}
#else
static GBytes *decrypt(const SecretCommon *s, GBytes *in, GError **err)
{
    report_fail(err, "This program was built without GnuTLS, and decrypts no secret: give it without 'keyid'");
    return NULL;
}
#endif

/* `raw` is what it was given; takes it, NULL if that failed. */
static bool decode(SecretCommon *s, GBytes *raw, GError **err)
{
    gsize n;

    if (!raw) {
        return false;
    }
    if (s->keyid) {
        s->value = decrypt(s, raw, err);
    } else if (!strcmp(s->format, "base64")) {
        const void *data = g_bytes_get_data(raw, &n);
        s->value = from_base64(data, n, err);
    } else {
        s->value = g_bytes_ref(raw);
    }
    g_bytes_unref(raw);
    return s->value;
}

static void destroy(Object *o)
{
    g_clear_pointer(&((SecretCommon *)o)->value, g_bytes_unref);
}

/* ---- in the command line or a file ---- */

typedef struct Secret {
    SecretCommon common;
    char *data, *file;
} Secret;

static GBytes *load(const Secret *s, GError **err)
{
    g_autoptr(GError) why = NULL;
    char *text;
    gsize n;

    if (!s->data == !s->file) {
        report_fail(err, s->data ? "'file' and 'data' are mutually exclusive" : "Either 'file' or 'data' must be provided");
        return NULL;
    }
    if (s->data) {
        return g_bytes_new(s->data, strlen(s->data));
    }
    if (!g_file_get_contents(s->file, &text, &n, &why)) {
        report_fail(err, "Unable to read %s: %s", s->file, why->message);
        return NULL;
    }
    return g_bytes_new_take(text, n);
}

static bool complete(Object *o, GError **err)
{
    return decode((SecretCommon *)o, load((Secret *)o, err), err);
}

OBJECT_TYPE(secret_type, .name = "secret", .parent = "secret_common", .size = sizeof(Secret), .user_creatable = true, .complete = complete, .destroy = destroy,
            .props = PROPS(PROP(Secret, "file", file, NULL), PROP(Secret, "data", data, NULL)));

/* ---- in the kernel's keyring ---- */

typedef struct SecretKeyring {
    SecretCommon common;
    int32_t serial;
} SecretKeyring;

/* keyctl(2): its bytes, which may become more between the two calls. */
static GBytes *load_key(int32_t serial, GError **err)
{
    long most, n;

    if (!serial) {
        report_fail(err, "'serial' should not be equal to 0");
        return NULL;
    }
    for (most = 0; (n = syscall(SYS_keyctl, KEYCTL_READ, serial, NULL, 0)) > most; most = n) {
        g_autofree char *bytes = g_malloc(n + 1);
        long got = syscall(SYS_keyctl, KEYCTL_READ, serial, bytes, n);
        if (got >= 0 && got <= n) {
            return g_bytes_new(bytes, got);
        }
    }
    if (n == 0) {
        return g_bytes_new(NULL, 0);
    }
    report_fail(err, "Unable to read serial key %08x: %s", serial, g_strerror(n < 0 ? errno : EAGAIN));
    return NULL;
}

static bool complete_keyring(Object *o, GError **err)
{
    return decode((SecretCommon *)o, load_key(((SecretKeyring *)o)->serial, err), err);
}

OBJECT_TYPE(secret_keyring_type, .name = "secret_keyring", .parent = "secret_common", .size = sizeof(SecretKeyring), .user_creatable = true,
            .complete = complete_keyring, .destroy = destroy,
            .props = PROPS(PROP(SecretKeyring, "serial", serial, NULL, .type_name = "int32_t", .qmp_type = "i32", .required = true)));

/* ---- for others ---- */

GBytes *secret_get(const char *id, GError **err)
{
    Object *o = user_object_find(id);

    if (!o) {
        report_fail(err, "No secret with id '%s'", id);
    } else if (!object_type_is(o->type, "secret_common")) {
        report_fail(err, "Object with id '%s' is not a secret", id);
    } else {
        return g_bytes_ref(((SecretCommon *)o)->value);
    }
    return NULL;
}

char *secret_text(const char *id, GError **err)
{
    g_autoptr(GBytes) value = secret_get(id, err);
    gsize n;

    if (!value) {
        return NULL;
    }
    const char *text = g_bytes_get_data(value, &n);
    if (!g_utf8_validate(text, n, NULL) || memchr(text, 0, n)) {
        report_fail(err, "Data from secret %s is not valid UTF-8", id);
        return NULL;
    }
    return g_strndup(text, n);
}
