/*
 * What saving (vmstate-save.c) and loading (vmstate-load.c) by description share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_VMSTATE_INT_H
#define MIGRATION_VMSTATE_INT_H

#include "migration/vmstate.h"

#define SUBSECTION 5            /* what opens one in the stream */
#define ELEMENT_MAX 16          /* bytes of one element on the wire */

#define FOR_EACH_ROW(v, f) for (const VMStateField *f = (v)->rows; f->kind != VMS_KIND_END; f++)

/* ---- where a message of an error belongs; its text is made only when there is one: structs come by the thousand ---- */
typedef struct VmsPath {
    const struct VmsPath *up;           /* NULL: `name` is the beginning */
    const char *name;
    const VMStateField *array;          /* of whose elements it is that with `index`; NULL: of none */
    unsigned index;
} VmsPath;
bool vms_explain(GError **err, const VmsPath *at);      /* puts "up / name[index]: " before the message; returns false */

/* ---- a row of `opaque` ---- */
bool row_present(const VMStateField *f, const void *opaque, int version);
uint32_t row_count(const VMStateField *f, const void *opaque);          /* how many elements it has now */
uint8_t *row_elements(const VMStateField *f, void *opaque);

/* ---- its JSON description, appended to `json`; NULL: none is wanted ---- */
void describe_field(GString *json, const VMStateField *f, const char *type, uint32_t count, size_t size, const char *body);
void describe_single(GString *json, const VMStateField *f, uint32_t n);
void describe_head(GString *json, const VMState *v, int version);
void describe_subsection(GString *json, bool any);      /* opens that of a subsection, the first or (`any`) a further one */
void describe_close(GString *json, const char *brackets);

#endif
