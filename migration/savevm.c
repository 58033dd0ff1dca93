/*
 * See savevm.h: handlers, and saving.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/savevm-int.h"
#include "migration/announce.h"
#include "migration/dialect.h"
#include "migration/migration.h"
#include "migration/options.h"
#include "migration/postcopy.h"
#include "migration/protocol.h"
#include "migration/wire.h"
#include "system/cpus.h"
#include <string.h>

/* ---- handlers ---- */

GArray *savevm_handlers;

void savevm_register(const SaveHandler *h)
{
    Handler row = { .h = h };

    if (!savevm_handlers) {
        savevm_handlers = g_array_new(FALSE, TRUE, sizeof(Handler));
    }
    g_array_append_val(savevm_handlers, row);
}

bool savevm_is_iterated(const char *name)
{
    FOR_EACH_HANDLER(p) {
        if (!strcmp(p->h->name, name)) {
            return true;
        }
    }
    return false;
}

/* ---- saving ---- */

static uint32_t next_section;
static bool ended;              /* post-copy: what could not come later came */

static void put_head(MigOut *o, int type, uint32_t section, const char *name, uint32_t instance, uint32_t version)
{
    mig_put_be(o, 1, type);
    mig_put_be(o, 4, section);
    if (name) {
        mig_put_string8(o, name);
        mig_put_be(o, 4, instance);
        mig_put_be(o, 4, version);
    }
}

static void put_foot(MigOut *o, uint32_t section)
{
    if (stream_form()->send_section_footer) {
        mig_put_be(o, 1, SECTION_FOOTER);
        mig_put_be(o, 4, section);
    }
}

/* What is said before the sections. */
static bool put_commands(MigOut *o, GError **err)
{
    if (return_path_is_open()) {
        command_put(o, COMMAND_OPEN_RETURN_PATH, NULL, 0);
        command_ping(o, PING_OPENED);
        if (!announce_guest(o, err)) {
            return false;
        }
    }
    if (migration_has(CAP_POSTCOPY_RAM)) {
        postcopy_put_advice(o);
    }
    return true;
}

bool savevm_setup(MigOut *o, GError **err)
{
    ended = false;
    next_section = 1;       /* a part of section 0 is taken for one of the first section that did not come yet by the peers */
    /* A destination may not read the stream before it has all channels (7.2). */
    FOR_EACH_HANDLER(p) {
        if (p->h->connect && !p->h->connect(err)) {
            return false;
        }
    }
    mig_put_be(o, 4, WIRE_MAGIC);
    mig_put_be(o, 4, WIRE_VERSION);
    if (savevm_sends_configuration()) {
        g_autofree char *name = stream_machine_name();
        configuration_save(o, name);
    }
    if (!put_commands(o, err)) {
        return false;
    }
    FOR_EACH_HANDLER(p) {
        p->section = next_section++;
        put_head(o, SECTION_START, p->section, p->h->name, 0, p->h->version);
        if (!p->h->setup(o, err)) {
            g_prefix_error(err, "%s: ", p->h->name);
            return false;
        }
        put_foot(o, p->section);
    }
    return mig_out_flush(o, err);
}

static bool put_part(MigOut *o, const Handler *p)
{
    put_head(o, SECTION_PART, p->section, NULL, 0, 0);
    bool done = p->h->iterate(o);
    put_foot(o, p->section);
    return done;
}

bool savevm_iterate(MigOut *o)
{
    FOR_EACH_HANDLER(p) {
        if (ended && !p->h->postcopy) {
            continue;
        }
        if ((mig_out_over_limit(o) && !postcopy_has_request()) || mig_out_error(o) || !put_part(o, p)) {
            return false;       /* the next one's turn comes when this one has little left */
        }
    }
    return true;
}

uint64_t savevm_pending(bool exact)
{
    uint64_t n = 0;

    FOR_EACH_HANDLER(p) {
        n += ended && !p->h->postcopy ? 0 : p->h->pending(exact);
    }
    return n;
}

static void put_end(MigOut *o, const Handler *p)
{
    if (p->h->restarted && p->h->restarted()) {
        put_part(o, p);
    }
    put_head(o, SECTION_END, p->section, NULL, 0, 0);
    p->h->complete(o);
    put_foot(o, p->section);
}

static void put_piece(void *opaque, const uint8_t *bytes, size_t n)
{
    mig_put(opaque, bytes, n);
}

bool savevm_put_devices(MigOut *o, GString *json, GError **err)
{
    GPtrArray *sections = vmstate_sections();
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    bool first = true;

    for (guint i = 0; i < sections->len; i++) {
        const VMStateSection *s = g_ptr_array_index(sections, i);
        if (!vmstate_needed(s->vmsd, s->opaque)) {
            continue;
        }
        g_autofree char *path = g_strdup_printf("%s %u", s->name, s->instance);
        uint32_t section = next_section++;
        if (json) {
            g_string_append_printf(json, "%s{\"name\": \"%s\", \"instance_id\": %u, ", first ? "" : ", ", s->name, s->instance);
        }
        put_head(o, SECTION_FULL, section, s->name, s->instance, vmstate_version(s->vmsd, s->opaque));
        g_byte_array_set_size(bytes, 0);
        if (!vmstate_save(s->vmsd, s->opaque, path, &(VmsSink){ .bytes = bytes, .take = put_piece, .opaque = o }, json, err)) {
            return false;
        }
        if (json) {
            g_string_append_c(json, '}');
        }
        first = false;
        mig_put(o, bytes->data, bytes->len);
        put_foot(o, section);
    }
    return true;
}

/* Devices, the end, the description. */
static GString *description;    /* of the devices that were put last, or NULL: what follows the end of a stream */

static bool put_described_devices(MigOut *o, GError **err)
{
    if (description) {
        g_string_free(g_steal_pointer(&description), TRUE);
    }
    if (stream_has_description()) {
        description = g_string_new("{\"configuration\": {");
        if (savevm_sends_configuration()) {
            g_autofree char *name = stream_machine_name();
            g_string_append_printf(description, "\"vmsd_name\": \"configuration\", \"version\": 1, \"fields\": [{\"name\": \"len\", \"type\": "
                                   "\"uint32\", \"size\": 4}, {\"name\": \"name\", \"type\": \"buffer\", \"size\": %zu}]", strlen(name));
        }
        g_string_append(description, "}, \"page_size\": 4096, \"devices\": [");
    }
    return savevm_put_devices(o, description, err);
}

bool savevm_end(MigOut *o, GError **err)
{
    mig_put_be(o, 1, SECTION_EOF);
    if (description) {
        g_string_append(description, "]}");
        mig_put_be(o, 1, SECTION_DESCRIPTION);
        mig_put_be(o, 4, description->len);
        mig_put(o, description->str, description->len);
        g_string_free(g_steal_pointer(&description), TRUE);
    }
    return mig_out_flush(o, err);
}

static bool put_rest(MigOut *o, GError **err)
{
    return put_described_devices(o, err) && savevm_end(o, err);
}

bool savevm_complete(MigOut *o, GError **err)
{
    if (dialect.switchover_start) {
        command_put(o, COMMAND_SWITCHOVER_START, NULL, 0);
    }
    FOR_EACH_HANDLER(p) {
        put_end(o, p);
    }
    return put_described_devices(o, err) && mig_out_flush(o, err);
}

bool savevm_devices_alone(MigOut *o, GError **err)
{
    next_section = 1;
    mig_put_be(o, 4, WIRE_MAGIC);
    mig_put_be(o, 4, WIRE_VERSION);
    if (!savevm_put_devices(o, NULL, err)) {
        return false;
    }
    mig_put_be(o, 1, SECTION_EOF);
    return mig_out_flush(o, err);
}

/* Handlers with `postcopy` are those whose contents can be sent after the machine went on. */
static void end_what_cannot_wait(MigOut *o)
{
    FOR_EACH_HANDLER(p) {
        if (!p->h->postcopy) {
            put_end(o, p);
        }
    }
    ended = true;
}

static void end_what_could_wait(MigOut *o)
{
    FOR_EACH_HANDLER(p) {
        if (p->h->postcopy) {
            put_end(o, p);
        }
    }
}

bool savevm_snapshot_begin(MigOut *rest, GError **err)
{
    end_what_cannot_wait(rest);
    return put_rest(rest, err);
}

void savevm_snapshot_end(MigOut *o)
{
    end_what_could_wait(o);
}

void savevm_postcopy_begin(MigOut *o)
{
    end_what_cannot_wait(o);
    FOR_EACH_HANDLER(p) {
        if (p->h->postcopy) {
            p->h->postcopy(o);
        }
    }
}

bool savevm_postcopy_end(MigOut *o, GError **err)
{
    end_what_could_wait(o);
    mig_put_be(o, 1, SECTION_EOF);
    return mig_out_flush(o, err);
}

void savevm_cleanup(void)
{
    FOR_EACH_HANDLER(p) {
        if (p->h->cleanup) {
            p->h->cleanup();
        }
    }
}
