/*
 * See savevm.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/savevm.h"
#include "migration/announce.h"
#include "migration/dialect.h"
#include "migration/migration.h"
#include "migration/options.h"
#include "migration/postcopy.h"
#include "migration/protocol.h"
#include "migration/wire.h"
#include "hw/core/device.h"
#include "system/cpus.h"
#include "system/report.h"
#include <inttypes.h>
#include <string.h>

#define SECTIONS_MAX 65536      /* of one stream */

/* ---- what a machine version's streams have ---- */

typedef struct MigrationObject {
    Object object;
    bool send_configuration, send_section_footer, store_global_state, multifd_flush_after_each_section;
} MigrationObject;

static const Property migration_props[] = {
    PROP(MigrationObject, "send-configuration", send_configuration, "on", .help = "the machine's name opens the stream"),
    PROP(MigrationObject, "send-section-footer", send_section_footer, "on", .help = "each section ends with its number"),
    PROP(MigrationObject, "store-global-state", store_global_state, "on", .help = "whether the machine ran travels, too"),
    PROP(MigrationObject, "multifd-flush-after-each-section", multifd_flush_after_each_section, "off",
         .help = "multifd's channels wait for each other at the end of each part, and not where the stream says so"),
    { .name = NULL }
};
OBJECT_TYPE(migration_type, .name = "migration", .parent = "device", .size = sizeof(MigrationObject), .props = migration_props);

static const MigrationObject *framing(void)
{
    static MigrationObject *m;

    if (!m) {
        m = g_new0(MigrationObject, 1);
        object_init(&m->object, &migration_type);
        object_apply_globals(&m->object, NULL);     /* what the user said was checked before */
    }
    return m;
}

void migration_print_globals(GString *out)
{
    const MigrationObject *m = framing();

    g_string_append_printf(out, "globals:\nstore-global-state: %s\nonly-migratable: %s\nsend-configuration: %s\nsend-section-footer: %s\n",
                           m->store_global_state ? "on" : "off", migration_only_migratable ? "on" : "off", m->send_configuration ? "on" : "off",
                           m->send_section_footer ? "on" : "off");
}

bool savevm_syncs_multifd_each_part(void)
{
    return framing()->multifd_flush_after_each_section;
}

bool savevm_stores_global_state(void)
{
    return framing()->store_global_state;
}

bool savevm_sends_configuration(void)
{
    return framing()->send_configuration || dialect.configuration;
}

static const char *machine_name(void)
{
    Object *machine = object_resolve("/machine");

    return machine->type->name;
}

/* "pseries-2.6-machine" travels as "pseries-2.6". */
static char *wire_machine_name(void)
{
    const char *name = machine_name();

    return g_strndup(name, strlen(name) - (g_str_has_suffix(name, "-machine") ? strlen("-machine") : 0));
}

static bool has_description(void)
{
    g_autofree char *off = object_get(object_resolve("/machine"), "suppress-vmdesc");

    return dialect.configuration || g_strcmp0(off, "true");
}

/* ---- handlers ---- */

typedef struct Handler { const SaveHandler *h; uint32_t section; } Handler;
static GArray *handlers;

void savevm_register(const SaveHandler *h)
{
    Handler row = { .h = h };

    if (!handlers) {
        handlers = g_array_new(FALSE, TRUE, sizeof(Handler));
    }
    g_array_append_val(handlers, row);
}

#define FOR_EACH_HANDLER(p) \
    for (Handler *p = handlers ? (Handler *)handlers->data : NULL, *end_ = handlers ? p + handlers->len : NULL; p < end_; p++) \
        if (!p->h->active || p->h->active())

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
    if (framing()->send_section_footer) {
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
        g_autofree char *name = wire_machine_name();
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
        g_byte_array_set_size(bytes, 0);
        if (!vmstate_save(s->vmsd, s->opaque, path, bytes, json, err)) {
            return false;
        }
        if (json) {
            g_string_append_c(json, '}');
        }
        first = false;
        put_head(o, SECTION_FULL, section, s->name, s->instance, vmstate_version(s->vmsd, s->opaque));
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
    if (has_description()) {
        description = g_string_new("{\"configuration\": {");
        if (savevm_sends_configuration()) {
            g_autofree char *name = wire_machine_name();
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

/* ---- loading ---- */

/* A section of the stream by its number there. */
typedef struct Loading { const SaveHandler *h; const VMStateSection *s; char *name; uint32_t instance, version; } Loading;

static void loading_free(void *p)
{
    g_free(((Loading *)p)->name);
    g_free(p);
}

bool savevm_check_configuration(bool there, GError **err)
{
    /* QEMU 2.4 and 2.5 sent it for older machines, too */
    return there || !framing()->send_configuration
        || report_fail(err, "Configuration section missing: the stream is of a machine older than pseries-2.4, this is a '%s'", machine_name());
}

bool savevm_check_machine(const char *name, GError **err)
{
    g_autofree char *here = wire_machine_name();

    return !strcmp(name, here) || report_fail(err, "Machine type received is '%s' and local is '%s': start this emulator with -machine %s",
                                              name, here, name);
}

bool savevm_check_footers(bool there, GError **err)
{
    if (there == framing()->send_section_footer) {
        return true;
    }
    return report_fail(err, there ? "sections end with footers, as those of machines since pseries-2.4 do, and this is a '%s'"
                       : "sections have no footers, which those of a '%s' have: the stream is of a machine older than pseries-2.4", machine_name());
}

static Loading *find_section(const char *name, uint32_t instance, uint32_t version, GError **err)
{
    Loading *l = g_new0(Loading, 1);

    *l = (Loading){ .name = g_strdup(name), .instance = instance, .version = version };
    FOR_EACH_HANDLER(p) {
        if (!strcmp(p->h->name, name) && instance == 0) {
            l->h = p->h;
            if (version > p->h->version || version < p->h->minimum_version) {
                g_set_error(err, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "%s: the stream has version %u, this program reads %u to %u", name,
                            version, p->h->minimum_version, p->h->version);
                loading_free(l);
                return NULL;
            }
            return l;
        }
    }
    l->s = vmstate_find(name, instance);
    if (!l->s) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "Unknown savevm section or instance '%s' 0x%x. Make sure that your current VM "
                    "setup matches your saved VM setup, including any hotplugged devices", name, instance);
        loading_free(l);
        return NULL;
    }
    return l;
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

static bool check_kind(const Loading *l, bool parts, GError **err)
{
    return (l->h != NULL) == parts || report_fail(err, "%s: a section of %s", l->name, l->h ? "parts came whole" : "one piece came in parts");
}

bool savevm_check_section(const char *name, uint32_t instance, uint32_t version, bool parts, GError **err)
{
    Loading *l = find_section(name, instance, version, err);
    bool ok = l && check_kind(l, parts, err);

    if (l) {
        loading_free(l);
    }
    return ok;
}

bool savevm_load_part(const char *name, VmsSource *in, bool start, GError **err)
{
    FOR_EACH_HANDLER(p) {
        if (!strcmp(p->h->name, name)) {
            return p->h->load(in, start, err);
        }
    }
    return report_fail(err, "%s: this machine has no such section", name);
}

static bool load_contents(Loading *l, VmsSource *in, bool start, GError **err)
{
    g_autofree char *path = g_strdup_printf("%s %u", l->name, l->instance);
    bool ok;

    if (l->h) {
        ok = l->h->load(in, start, err);
        if (!ok) {
            g_prefix_error(err, "%s: ", l->name);
        }
    } else {
        bql_lock();
        ok = vmstate_load(l->s->vmsd, l->s->opaque, path, l->version, in, err);
        bql_unlock();
    }
    return ok;
}

static bool check_footer(VmsSource *in, uint32_t section, const char *name, GError **err)
{
    uint64_t type, number;

    if (!framing()->send_section_footer) {
        return true;
    }
    if (!vms_read_be(in, 1, &type, err)) {
        return false;
    }
    if (type != SECTION_FOOTER) {
        return report_fail(err, "%s: the section's contents do not end where they should: at byte %" PRIu64 " a footer (0x7e) was due, there is "
                   "0x%02" PRIx64, name, in->position - 1, type);
    }
    if (!vms_read_be(in, 4, &number, err)) {
        return false;
    }
    return number == section || report_fail(err, "%s: the footer is that of section %" PRIu64 ", not of %u", name, number, section);
}

static bool load_section(int type, GHashTable *sections, VmsSource *in, bool package, GError **err)
{
    uint64_t section, instance, version;
    Loading *l;

    if (!vms_read_be(in, 4, &section, err)) {
        return false;
    }
    l = g_hash_table_lookup(sections, GUINT_TO_POINTER(section));
    bool start = type == SECTION_START || type == SECTION_FULL;
    if (start) {
        char name[256];
        if (!vms_read_string8(in, name, err) || !vms_read_be(in, 4, &instance, err) || !vms_read_be(in, 4, &version, err)) {
            return false;
        }
        if (l) {
            return report_fail(err, "section %" PRIu64 " is '%s' and then '%s'", section, l->name, name);
        }
        if (g_hash_table_size(sections) >= SECTIONS_MAX) {
            return report_fail(err, "the stream has more than %d sections", SECTIONS_MAX);
        }
        if (!(l = find_section(name, instance, version, err))) {
            return false;
        }
        g_hash_table_insert(sections, GUINT_TO_POINTER(section), l);
        if (!check_kind(l, type == SECTION_START, err)) {
            return false;
        }
    } else if (!l || !l->h) {
        return report_fail(err, "a part of section %" PRIu64 ", which was never started", section);
    }
    if (package && l->h) {          /* that comes beside it, on another thread */
        return report_fail(err, "%s: it is in post-copy's package, which holds devices", l->name);
    }
    return load_contents(l, in, start, err) && check_footer(in, section, l->name, err);
}

typedef enum SectionsEnd { SECTIONS_FAILED, SECTIONS_EOF, SECTIONS_PACKAGE } SectionsEnd;

/* Up to the end that the stream has; of a package, up to where its bytes end. */
static SectionsEnd load_sections(GHashTable *sections, VmsSource *in, bool package, GError **err)
{
    uint64_t type;
    uint8_t head;

    for (;;) {
        if (package && !in->peek(in, &head, 1)) {
            return SECTIONS_PACKAGE;
        }
        if (!vms_read_be(in, 1, &type, err)) {
            return SECTIONS_FAILED;
        }
        switch (type) {
        case SECTION_START: case SECTION_PART: case SECTION_END: case SECTION_FULL:
            if (!load_section(type, sections, in, package, err)) {
                return SECTIONS_FAILED;
            }
            break;
        case SECTION_COMMAND:
            if (!command_load(in, err)) {
                return SECTIONS_FAILED;
            }
            break;
        case SECTION_EOF:
            return SECTIONS_EOF;
        default:
            report_fail(err, "Unknown savevm section type %" PRIu64 " at byte %" PRIu64, type, in->position - 1);
            return SECTIONS_FAILED;
        }
    }
}

/*
 * What follows the end only describes; it is read so that the sender does not find its pipe closed. A sender that waits for our word sends
 * nothing more if its streams have no description; after post-copy none has.
 */
static void skip_description(VmsSource *in)
{
    uint8_t head;
    uint64_t n;
    char skip[4096];

    if (reply_is_open() && (!has_description() || postcopy_listening())) {
        return;
    }
    if (in->peek(in, &head, 1) && head == SECTION_DESCRIPTION && in->read(in, &head, 1, NULL) && vms_read_be(in, 4, &n, NULL)) {
        while (n && in->read(in, skip, MIN(n, sizeof(skip)), NULL)) {
            n -= MIN(n, sizeof(skip));
        }
    }
}

static GHashTable *loading;     /* the sections of the stream that is being loaded */

bool loadvm_has_begun(void)
{
    return loading && g_hash_table_size(loading);
}

static GString *disagreements;

const char *loadvm_disagreements(void)
{
    return disagreements ? disagreements->str : "";
}

/* The guest is refused; but a source of ours that says what it is (announce.h) hears all the reasons. */
static bool refuse(VmsSource *in, GError **err)
{
    uint8_t head[3];

    while (in->peek(in, head, sizeof(head)) == sizeof(head) && head[0] == SECTION_COMMAND) {
        unsigned number = vms_get_be(head + 1, 2);
        if (number != COMMAND_OPEN_RETURN_PATH && number != COMMAND_PING && number != COMMAND_MANIFEST) {
            break;
        }
        if (!in->read(in, head, 1, err) || !command_load(in, err)) {
            return false;
        }
    }
    return report_fail(err, "%s", loadvm_disagreements());
}

static bool load_stream(VmsSource *in, GError **err)
{
    if (load_sections(loading, in, false, err) != SECTIONS_EOF) {
        return false;
    }
    skip_description(in);
    return true;
}

bool loadvm_package(VmsSource *in, GError **err)
{
    g_autoptr(GHashTable) sections = g_hash_table_new_full(NULL, NULL, NULL, loading_free);

    switch (load_sections(sections, in, true, err)) {
    case SECTIONS_PACKAGE: return true;
    case SECTIONS_EOF: return report_fail(err, "it ends like a stream");
    default: return false;
    }
}

bool loadvm_resume(VmsSource *in, GError **err)
{
    return load_stream(in, err);
}

void loadvm_cleanup(void)
{
    g_clear_pointer(&loading, g_hash_table_unref);
    if (disagreements) {
        g_string_free(g_steal_pointer(&disagreements), TRUE);
    }
}

bool loadvm(VmsSource *in, GError **err)
{
    uint64_t magic, version, type;

    loadvm_cleanup();
    postcopy_stop_listening();
    command_begin();
    loading = g_hash_table_new_full(NULL, NULL, NULL, loading_free);
    disagreements = g_string_new(NULL);
    if (!vms_read_be(in, 4, &magic, err) || !vms_read_be(in, 4, &version, err)) {
        g_prefix_error(err, "no migration stream: ");
        return false;
    }
    if (!wire_check_magic(magic, err) || !wire_check_version(version, err)) {
        return false;
    }
    uint8_t first;
    bool configuration = in->peek(in, &first, 1) == 1 && first == SECTION_CONFIGURATION;
    if (!savevm_check_configuration(configuration, err)) {
        return false;
    }
    if (configuration && (!vms_read_be(in, 1, &type, err) || !configuration_load(in, disagreements, err))) {
        return false;
    }
    return disagreements->len ? refuse(in, err) : load_stream(in, err);
}
