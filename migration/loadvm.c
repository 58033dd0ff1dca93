/*
 * See savevm.h: loading. The stream is not believed: a section is looked up by its name, its number is the sender's choice, and what comes in an
 * order that no sender has is refused.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/savevm-int.h"
#include "migration/migration.h"
#include "migration/postcopy.h"
#include "migration/protocol.h"
#include "migration/wire.h"
#include "system/cpus.h"
#include "system/report.h"
#include <inttypes.h>
#include <string.h>

#define SECTIONS_MAX 65536      /* of one stream */

/* A section of the stream by its number there. */
typedef struct Loading { const SaveHandler *h; const VMStateSection *s; char *name; uint32_t instance, version; } Loading;

static void loading_free(void *p)
{
    g_free(((Loading *)p)->name);
    g_free(p);
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
        g_autofree char *why = vmstate_explain_unknown ? vmstate_explain_unknown(name, instance) : NULL;
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "Unknown savevm section or instance '%s' 0x%x. Make sure that your current VM "
                    "setup matches your saved VM setup, including any hotplugged devices%s%s", name, instance, why ? ": " : "", why ? why : "");
        loading_free(l);
        return NULL;
    }
    return l;
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

    if (!stream_form()->send_section_footer) {
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

    if (reply_is_open() && (!stream_has_description() || postcopy_listening())) {
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
