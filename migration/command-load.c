/*
 * Commands in a stream that is received: see protocol.h.
 *
 * Post-copy's package of devices is loaded by a thread of its own: devices may touch memory that is still to come, and it comes on the channel that
 * the package was read from.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/announce.h"
#include "migration/options.h"
#include "migration/postcopy.h"
#include "migration/protocol.h"
#include "migration/state.h"
#include "system/report.h"
#include <inttypes.h>
#include <string.h>

#define PACKAGE_MAX (256u << 20)    /* bytes; the peer's guests have a few MiB of devices */
#define PACKAGE_STEP (1u << 20)     /* read at once: what is not sent needs no memory */

static struct {
    GMutex lock;
    GCond changed;
    GThread *thread;
    bool done, failed;              /* the package was loaded */
    bool handover, running, announced;
} load;

static __thread bool in_package;    /* this thread loads it */

static gpointer load_package(gpointer opaque)
{
    in_package = true;
    GBytes *bytes = opaque;
    g_autoptr(GInputStream) from = g_memory_input_stream_new_from_bytes(bytes);
    g_autoptr(GError) err = NULL;
    MigIn *reader = mig_in_new(from, NULL);
    bool ok = loadvm_package(mig_in_source(reader), &err);

    if (!ok) {
        g_prefix_error(&err, "post-copy's package of devices: ");
        migration_incoming_failed(err);
    }
    g_mutex_lock(&load.lock);
    load.done = true;
    load.failed = !ok;
    g_cond_broadcast(&load.changed);
    g_mutex_unlock(&load.lock);
    mig_in_free(reader);
    g_bytes_unref(bytes);
    return NULL;
}

static bool read_package(VmsSource *in, const uint8_t *data, size_t n, GError **err)
{
    if (load.thread) {
        return report_fail(err, "the stream holds a second package of devices");
    }
    uint64_t left = n == 4 ? vms_get_be(data, 4) : 0;
    if (!left || left > PACKAGE_MAX) {
        return report_fail(err, "the stream's package is said to have %" PRIu64 " bytes; 1 to %u are possible", left, PACKAGE_MAX);
    }
    GByteArray *all = g_byte_array_new();
    while (left) {
        size_t step = MIN(left, PACKAGE_STEP), at = all->len;
        g_byte_array_set_size(all, at + step);
        if (!in->read(in, all->data + at, step, err)) {
            g_byte_array_unref(all);
            return false;
        }
        left -= step;
    }
    load.thread = g_thread_new("postcopy/devices", load_package, g_byte_array_free_to_bytes(all));
    /* What follows in the stream are pages to put in place. */
    g_mutex_lock(&load.lock);
    while (!load.done && !postcopy_listening()) {
        g_cond_wait(&load.changed, &load.lock);
    }
    bool ok = !load.failed && postcopy_listening();
    g_mutex_unlock(&load.lock);
    return ok || report_fail(err, "post-copy's package of devices did not load");
}

static bool listen_to_faults(GError **err)
{
    g_mutex_lock(&load.lock);
    bool ok = postcopy_listen(err);
    if (ok && migration_has(CAP_POSTCOPY_PREEMPT)) {
        page_channel_go();
    }
    g_cond_broadcast(&load.changed);
    g_mutex_unlock(&load.lock);
    if (ok) {
        migration_set_status(MIGRATION_POSTCOPY_ACTIVE);
    }
    return ok;
}

static bool run(GError **err)
{
    if (!postcopy_listening() || load.running) {
        return report_fail(err, "the stream wants the guest to run %s", load.running ? "twice" : "before post-copy was started");
    }
    if (!in_package && !command_package_loaded(err)) {
        return false;
    }
    load.running = true;
    migration_incoming_run();
    return true;
}

bool command_package_loaded(GError **err)
{
    g_mutex_lock(&load.lock);
    while (load.thread && !load.done) {
        g_cond_wait(&load.changed, &load.lock);
    }
    bool ok = load.thread && !load.failed;
    g_mutex_unlock(&load.lock);
    return ok || report_fail(err, "post-copy's devices did not come or did not load");
}

void command_begin(void)
{
    if (load.thread) {
        g_thread_join(load.thread);
    }
    load.thread = NULL;
    load.done = load.failed = load.handover = load.running = load.announced = false;
}

bool command_guest_runs(void)
{
    return load.running;
}

bool command_wants_handover(void)
{
    return load.handover;
}

static bool answer(uint32_t value)
{
    if (value == PING_HANDOVER) {
        load.handover = true;
    }
    reply_word(REPLY_PONG, value);
    return true;
}

/* Of a guest that nothing came of yet: to check it resets the machine. */
static bool load_manifest(VmsSource *in, uint64_t n, GError **err)
{
    uint64_t size;

    if (n != 4 || !reply_is_open() || loadvm_has_begun() || load.thread || postcopy_advised() || load.announced) {
        return report_fail(err, "the stream has a manifest, of %" PRIu64 " bytes, where none can be", n);
    }
    load.announced = true;
    return vms_read_be(in, 4, &size, err) && announce_load(in, size, err);
}

bool command_load(VmsSource *in, GError **err)
{
    static const int16_t sizes[] = {        /* -1: any */
        [COMMAND_OPEN_RETURN_PATH] = 0, [COMMAND_PING] = 4, [COMMAND_POSTCOPY_ADVISE] = -1, [COMMAND_POSTCOPY_LISTEN] = 0, [COMMAND_POSTCOPY_RUN] = 0,
        [COMMAND_POSTCOPY_RAM_DISCARD] = -1, [COMMAND_PACKAGED] = 4, [COMMAND_ENABLE_COLO] = 0, [COMMAND_POSTCOPY_RESUME] = 0, [COMMAND_RECV_BITMAP] = -1,
        [COMMAND_SWITCHOVER_START] = 0,
    };
    const MemoryBlock *block;
    uint64_t number, n;

    if (!vms_read_be(in, 2, &number, err) || !vms_read_be(in, 2, &n, err)) {
        return false;
    }
    if (number == COMMAND_MANIFEST) {
        return load_manifest(in, n, err);
    }
    if (!number || number >= G_N_ELEMENTS(sizes)) {
        return report_fail(err, "the stream has command %" PRIu64 ", which this program does not know", number);
    }
    if (sizes[number] >= 0 && n != (uint64_t)sizes[number]) {
        return report_fail(err, "the stream's command %" PRIu64 " has %" PRIu64 " bytes of data instead of %d", number, n, sizes[number]);
    }
    if (in_package && number != COMMAND_PING && number != COMMAND_POSTCOPY_LISTEN && number != COMMAND_POSTCOPY_RUN) {
        return report_fail(err, "command %" PRIu64 " is not one for post-copy's package", number);
    }
    g_autofree uint8_t *data = g_malloc(n + 1);
    if (!in->read(in, data, n, err)) {
        return false;
    }
    switch (number) {
    case COMMAND_OPEN_RETURN_PATH:
        if (!migration_incoming_open_return_path(err)) {
            return false;
        }
        if (migration_has(CAP_SWITCHOVER_ACK)) {
            reply_send(REPLY_SWITCHOVER_ACK, NULL, 0);      /* no device here needs time before the machine may stop */
        }
        reply_word(REPLY_PONG, PING_HANDOVER);
        reply_word(REPLY_PONG, PING_ANNOUNCE);
        return true;
    case COMMAND_PING:
        return answer(vms_get_be(data, 4));
    case COMMAND_POSTCOPY_ADVISE:
        return postcopy_load_advice(data, n, err);
    case COMMAND_POSTCOPY_LISTEN:
        return listen_to_faults(err);
    case COMMAND_POSTCOPY_RUN:
        return run(err);
    case COMMAND_POSTCOPY_RAM_DISCARD:
        return postcopy_load_discard(data, n, err);
    case COMMAND_PACKAGED:
        return read_package(in, data, n, err);
    case COMMAND_POSTCOPY_RESUME:
        if (!postcopy_listening()) {
            return report_fail(err, "the stream resumes a post-copy that was not started");
        }
        reply_word(REPLY_RESUME_ACK, 1);
        postcopy_ask_again();
        migration_set_status(MIGRATION_POSTCOPY_ACTIVE);
        return true;
    case COMMAND_RECV_BITMAP:
        if (!postcopy_listening() || !n || data[0] + 1u != n || !(block = memory_block_find((const char *)data + 1, data[0]))) {
            return report_fail(err, "the stream asks for a bitmap of pages that there is not");
        }
        postcopy_send_bitmap(block);
        return true;
    case COMMAND_SWITCHOVER_START:
        return true;
    default:
        return report_fail(err, "the stream has command %" PRIu64 ", which this program cannot carry out: switch the capability off on the source", number);
    }
}
