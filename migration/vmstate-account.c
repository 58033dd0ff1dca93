/*
 * The account of a struct's bytes: which of them no row of its description saves or skips; see vmstate.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/vmstate.h"
#include <string.h>

#define FOR_EACH_ROW(v, f) for (const VMStateField *f = (v)->rows; f->kind != VMS_KIND_END; f++)

/* Marks what the rows cover, and the alignment of each member where it begins. */
static void account(const VMState *v, uint8_t *seen, uint8_t *align)
{
    FOR_EACH_ROW(v, f) {
        switch (f->kind) {
        case VMS_KIND_HOOK: case VMS_KIND_SUBSECTION:
            if (f->vmsd) {
                account(f->vmsd, seen, align);
            }
            break;
        case VMS_KIND_SINGLE: case VMS_KIND_STRUCT: case VMS_KIND_LIST: case VMS_KIND_BYTES: case VMS_KIND_SKIP:
            memset(seen + f->offset, 1, f->covers ? f->covers : f->pointer ? sizeof(void *) : f->size * MAX(f->count, 1));
            align[f->offset] = MAX(align[f->offset], f->align);
            break;
        default:
            break;
        }
    }
}

/*
 * Which bytes are padding, as the compiler says. gcc 12 takes an array of structs for a single one, and is then wrong
 * about all that follows; what it calls padding inside a member gives it away: NULL.
 */
static uint8_t *compiler_padding(const VMState *v, const uint8_t *seen)
{
    uint8_t *p = v->clear_padding ? g_malloc(v->size) : NULL;

    if (p) {
        memset(p, 0xff, v->size);
        v->clear_padding(p);
    }
    for (size_t i = 0; p && i < v->size; i++) {
        p[i] = !p[i];
        if (p[i] && seen[i]) {
            FOR_EACH_ROW(v, f) {    /* ranges that are left out, and structs, have padding of their own */
                bool plain = f->kind == VMS_KIND_SINGLE || f->kind == VMS_KIND_BYTES;
                if (plain && !f->pointer && i >= f->offset && i < f->offset + f->size * f->count) {
                    g_free(p);
                    return NULL;
                }
            }
        }
    }
    return p;
}

char *vmstate_account(const VMState *v)
{
    g_autofree uint8_t *seen = g_malloc0(v->size), *align = g_malloc0(v->size + 1);
    g_autoptr(GString) missing = g_string_new(NULL);

    FOR_EACH_ROW(v, f) {
        if (f->part) {
            return NULL;
        }
    }
    account(v, seen, align);
    align[v->size] = MIN(v->align, 255);
    g_autofree uint8_t *padding = compiler_padding(v, seen);
    for (size_t i = 0, end; i < v->size; i = end) {
        for (end = i + 1; end < v->size && seen[end] == seen[i] && (!padding || padding[end] == padding[i]); end++) { }
        /* without the compiler's word: a gap in front of a member that is smaller than its alignment */
        bool is_padding = padding ? padding[i] : end - i < align[end];
        if (!seen[i] && !is_padding) {
            g_string_append_printf(missing, "%s%zu..%zu", missing->len ? " " : "", i, end - 1);
        }
    }
    return missing->len ? g_strdup(missing->str) : NULL;
}
