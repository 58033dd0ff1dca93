/*
 * libFuzzer: the loader, one section an input. Two bytes say which of the machine's, one the version, the rest is what it holds. Nothing
 * else is done, so it is fast; every so often a section gets back its own state, which was saved at the start, and has to take it.
 * FUZZ_LIST=1 prints its sections in order and ends: that is how corpus.py
 * cuts what it begins with from the recordings.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "machine.h"
#include <stdio.h>
#include <stdlib.h>

static GPtrArray *sections;
static GBytes **saved;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    g_autoptr(GError) err = NULL;

    fuzz_destination(false);
    sections = vmstate_sections();
    saved = g_new0(GBytes *, sections->len);
    for (guint i = 0; i < sections->len; i++) {
        const VMStateSection *s = g_ptr_array_index(sections, i);
        if (g_getenv("FUZZ_LIST")) {
            printf("%s %u\n", s->name, s->instance);
            continue;
        }
        GByteArray *out = g_byte_array_new();
        if (!vmstate_save(s->vmsd, s->opaque, s->name, &(VmsSink){ .bytes = out }, NULL, &err)) {
            g_error("%s", err->message);
        }
        saved[i] = g_byte_array_free_to_bytes(out);
    }
    if (g_getenv("FUZZ_LIST")) {
        exit(0);
    }
    return 0;
}

static bool load(guint i, int version, const uint8_t *data, size_t size, GError **err)
{
    const VMStateSection *s = g_ptr_array_index(sections, i);
    VmsMemory m;

    vms_memory_init(&m, data, size);
    return vmstate_load(s->vmsd, s->opaque, s->name, version, &m.source, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static unsigned runs;
    g_autoptr(GError) err = NULL;
    gsize n;

    if (size < 3) {
        return 0;
    }
    guint i = vms_get_be(data, 2) % sections->len;
    if (!load(i, data[2] % 8, data + 3, size - 3, &err)) {
        g_assert(err && *err->message);     /* a refusal says why */
    }
    if (++runs % 1024 == 0) {               /* whatever came in between: what was saved still loads */
        const VMStateSection *s = g_ptr_array_index(sections, i);
        const uint8_t *own = g_bytes_get_data(saved[i], &n);
        g_clear_error(&err);
        if (!load(i, vmstate_version(s->vmsd, s->opaque), own, n, &err)) {
            g_error("%s: its own state does not load: %s", s->name, err->message);
        }
    }
    return 0;
}
