/*
 * Whether the machine ran when it was saved: section "globalstate", from pseries-2.4 on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/dialect.h"
#include "migration/migration.h"
#include "system/runstate.h"
#include <limits.h>
#include <string.h>

/* Since 9.0 the name ends here, and two flags follow: that there is one, and whether the machine slept. No pseries machine sleeps. */
#define SAYS_SUSPENDED 32

typedef struct GlobalState {
    uint32_t size;              /* of the name with its zero */
    uint8_t runstate[100];
    char noted[100];
    bool received;
} GlobalState;

static GlobalState state;

void globalstate_note(void)
{
    g_strlcpy(state.noted, runstate_name(), sizeof(state.noted));
}

static bool pre_save(void *opaque, GError **err)
{
    memset(state.runstate, 0, sizeof(state.runstate));
    g_strlcpy((char *)state.runstate, state.noted[0] ? state.noted : runstate_name(), SAYS_SUSPENDED);
    state.runstate[SAYS_SUSPENDED] = dialect.suspended;
    state.size = strlen((char *)state.runstate) + 1;
    return true;
}

static bool post_load(void *opaque, int version, GError **err)
{
    if (!memchr(state.runstate, 0, sizeof(state.runstate))) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "globalstate: the run state's name has no end");
        return false;
    }
    state.received = true;
    return true;
}

static bool needed(const void *opaque)
{
    bool running_or_paused = !strcmp(state.noted, "running") || !strcmp(state.noted, "paused");

    return savevm_stores_global_state() || !running_or_paused;
}

VMSTATE(GlobalState, vmstate_globalstate, "globalstate", 1,
    VMS(GlobalState, size),
    VMS_BUFFER(GlobalState, runstate),
    VMS_SKIP(GlobalState, noted, "what is being saved is in runstate"),
    VMS_SKIP(GlobalState, received, "about the stream"),
    VMS_NEEDED(needed),
    VMS_PRE_SAVE(pre_save),
    VMS_POST_LOAD(post_load));

const char *globalstate_received(void)
{
    return state.received ? (const char *)state.runstate : NULL;
}

void globalstate_init(void)
{
    vmstate_register(NULL, 0, INT_MAX, &vmstate_globalstate, &state);
}
