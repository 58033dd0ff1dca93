/*
 * libFuzzer: commands in a stream that is received, before memory and in post-copy, with a return path or without. The guest does not run: it
 * was paused where it came from.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "machine.h"
#include "migration/postcopy.h"
#include "migration/protocol.h"
#include "migration/wire.h"
#include "system/runstate.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    fuzz_destination(true);
    g_autoptr(GByteArray) state = g_byte_array_new();
    const VMStateSection *s = vmstate_find("globalstate", 0);
    VmsMemory m;
    globalstate_note();
    g_assert(vmstate_save(s->vmsd, s->opaque, s->name, &(VmsSink){ .bytes = state }, NULL, NULL));
    vms_memory_init(&m, state->data, state->len);
    g_assert(vmstate_load(s->vmsd, s->opaque, s->name, vmstate_version(s->vmsd, s->opaque), &m.source, NULL));
    bql_unlock();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) err = NULL;
    g_autoptr(GOutputStream) to = g_memory_output_stream_new_resizable();
    VmsMemory m;

    if (!size) {
        return 0;
    }
    if (data[0] & 1) {
        reply_open(to);
    }
    vms_memory_init(&m, data + 1, size - 1);
    uint8_t next[3];
    while (m.source.peek(&m.source, next, 3) == 3 && next[0] == SECTION_COMMAND && vms_get_be(next + 1, 2) != COMMAND_POSTCOPY_RUN
           && m.source.read(&m.source, next, 1, &err) && command_load(&m.source, &err)) {
    }
    postcopy_stop_listening();          /* before: devices may wait for memory that will not come */
    command_begin();
    reply_close();
    return 0;
}
