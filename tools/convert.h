/*
 * qemu-migration convert, private to it: one section in the forms that programs give it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TOOLS_CONVERT_H
#define TOOLS_CONVERT_H

#include "tools/tool.h"

/* A section's bytes and their description, as saved in some dialect. */
typedef struct Form Form;
/* As the dialect that is chosen has it now. NULL: it cannot be saved. */
Form *form_of(const VMStateSection *s, GError **err);
void form_free(void *form);                             /* NULL: nothing */
/*
 * `d`, which `s` was loaded from, as program `to` has it: its contents go behind `out`, its description replaces *entry. `before` (taken): NULL, or as it
 * was before it was made to tick.
 */
bool convert_section(const SavedSection *d, const VMStateSection *s, const char *to, Form *before, json_object **entry, GByteArray *out, GError **err);

/* The list of that name in a description; NULL: it has none. */
json_object *description_list(json_object *node, const char *key);

#endif
