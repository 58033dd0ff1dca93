/*
 * Who may: objects (authz-simple, authz-list, authz-list-file) that decide about names, as the distinguished names of certificates.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CRYPTO_AUTHZ_H
#define CRYPTO_AUTHZ_H

#include <glib.h>
#include <stdbool.h>

/* What the object with this id says about `identity`. false: there is no such object. Big lock held. */
bool authz_ask(const char *id, const char *identity, bool *allowed, GError **err);

#endif
