/*
 * libFuzzer: migrate-check, what it does with whatever manifest comes, on a machine that waits for a guest. The input is QMP's JSON.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "machine.h"
#include "monitor/qmp.h"
#include "system/runstate.h"

/* Each check ends with a reset, which takes most of the time. */
static void reset_now_and_then(void)
{
    static unsigned n;

    if (++n % 256 == 0) {
        spapr_reset();
    }
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    g_autoptr(GError) err = NULL;

    fuzz_destination(false);
    runstate_reset_machine = reset_now_and_then;
    if (!migration_incoming("defer", NULL, &err)) {
        g_error("%s", err->message);
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_tokener *parser = json_tokener_new_ex(32);
    json_object *manifest = json_tokener_parse_ex(parser, (const char *)data, size);

    json_tokener_free(parser);
    if (json_object_is_type(manifest, json_type_object)) {
        json_object *o = qmp_object("execute", JSTR("migrate-check"), "arguments", qmp_object("manifest", json_object_get(manifest), NULL), NULL);
        json_object_put(qmp_dispatch(o, true, false));
        json_object_put(o);
    }
    json_object_put(manifest);
    return 0;
}
