/*
 * Passwords and keys that other objects name: `secret`.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CRYPTO_SECRET_H
#define CRYPTO_SECRET_H

#include <glib.h>

/* The bytes of the secret with this id, g_bytes_unref(); NULL: there is none. Big lock held. */
GBytes *secret_get(const char *id, GError **err);
/* ... as text, which has to be UTF-8; g_free(). */
char *secret_text(const char *id, GError **err);

#endif
