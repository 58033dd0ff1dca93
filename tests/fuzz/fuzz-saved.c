/*
 * libFuzzer: what qemu-migration reads, without a machine: framing, memory, hash table, description, fields, and the words and pages made of them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tools/tool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) err = NULL;
    VmsMemory m;

    if (!size) {
        return 0;
    }
    unsigned how = data[0];     /* most often only reading: what is made of it costs more */
    vms_memory_init(&m, data + 1, size - 1);
    Saved *s = saved_read(&m.source, &(SavedOptions){ .hash_pages = how & 1 }, &err);
    g_assert(!err || *err->message);
    for (guint i = 0; i < s->sections->len; i++) {
        const SavedSection *d = g_ptr_array_index(s->sections, i);
        g_assert(d->size <= size && d->offset < size);
    }
    if (how >= 0xf0) {
        g_autoptr(GString) page = g_string_new(NULL);
        tool_html(s, "input", err ? err->message : NULL, page);
        json_object_put(tool_json(s, NULL));
    }
    saved_free(s);
    return 0;
}
