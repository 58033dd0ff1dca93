/*
 * A saved guest's framing; see saved.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tools/saved.h"
#include "migration/multifd-wire.h"
#include "migration/wire.h"
#include "system/report.h"
#include <inttypes.h>
#include <string.h>

#define NAME_BYTES 256
#define SECTIONS_MAX 65536
#define TAIL_MAX (512ull << 20)     /* device state and description */
#define PROGRESS_BYTES (4u << 20)

/* ---- the bytes on their way: a copy of them for who wants it, and a look at the clock ---- */

typedef struct Tap { VmsSource source; VmsSource *from; const SavedOptions *o; uint64_t told; } Tap;

static void went_on(Tap *t, uint64_t n)
{
    t->source.position += n;
    if (t->o->progress && t->source.position - t->told >= PROGRESS_BYTES) {
        t->told = t->source.position;
        t->o->progress(t->o->opaque);
    }
}

static bool tap_read(VmsSource *s, void *buf, size_t n, GError **err)
{
    Tap *t = (Tap *)s;

    if (!t->from->read(t->from, buf, n, err)) {
        return false;
    }
    if (t->o->copy) {
        mig_put(t->o->copy, buf, n);
    }
    went_on(t, n);
    return true;
}

bool saved_skip(VmsSource *s, uint64_t n, GError **err)
{
    Tap *t = (Tap *)s;
    static uint8_t scrap[64 << 10];         /* zeros, for a copy that has no holes */
    uint64_t here;

    if (!n) {
        return true;
    }
    bool hole = t->o->copy && mig_out_file(t->o->copy, &here) >= 0 && mig_out_seek(t->o->copy, here + n, NULL);
    bool jump = t->from->tell && t->from->tell(t->from, &here);
    if (jump && !t->from->seek(t->from, here + n, err)) {
        return false;
    }
    for (uint64_t left = n; left && (!jump || (t->o->copy && !hole)); ) {
        size_t step = MIN(left, sizeof(scrap));
        if (!jump && !t->from->read(t->from, scrap, step, err)) {
            return false;
        }
        if (!jump) {
            went_on(t, step);
        }
        if (t->o->copy && !hole) {
            memset(scrap, 0, step);
            mig_put(t->o->copy, scrap, step);
        }
        left -= step;
    }
    if (jump) {
        went_on(t, n);
    }
    return true;
}

static size_t tap_peek(VmsSource *s, void *buf, size_t n)
{
    Tap *t = (Tap *)s;

    return t->from->peek(t->from, buf, n);
}

/* ---- the parts of Saved ---- */

void saved_fields_free(GArray *fields)
{
    for (guint i = 0; fields && i < fields->len; i++) {
        g_free(g_array_index(fields, SavedField, i).path);
    }
    if (fields) {
        g_array_unref(fields);
    }
}

static void section_free(void *p)
{
    SavedSection *s = p;

    g_free(s->name);
    g_clear_pointer(&s->contents, g_bytes_unref);
    saved_fields_free(s->fields);
    g_free(s);
}

static void extent_clear(void *p)
{
    g_free(((SavedExtent *)p)->what);
}

void saved_free(Saved *s)
{
    g_free(s->machine);
    g_free(s->note);
    g_ptr_array_unref(s->configuration);
    g_hash_table_unref(s->by_id);
    g_hash_table_unref(s->by_name);
    g_ptr_array_unref(s->sections);
    g_ptr_array_unref(s->blocks);
    g_array_unref(s->extents);
    g_clear_pointer(&s->tail, g_bytes_unref);
    json_object_put(s->description);
    g_free(s);
}

/* What reaches from `offset` on; a part goes to the stretch of parts before it. */
static void extent(Saved *s, uint64_t offset, uint64_t size, const char *what, bool part)
{
    SavedExtent *last = s->extents->len ? &g_array_index(s->extents, SavedExtent, s->extents->len - 1) : NULL;

    if (part && last && last->parts) {
        last->size += size;
        last->parts++;
        return;
    }
    SavedExtent e = { offset, size, g_strdup(part ? "parts of memory" : what), part };
    g_array_append_val(s->extents, e);
}

static char *device_key(const char *name, uint32_t instance)
{
    return g_strdup_printf("%u %s", instance, name);
}

const SavedSection *saved_find(const Saved *s, const char *name, uint32_t instance)
{
    g_autofree char *key = device_key(name, instance);

    return g_hash_table_lookup(s->by_name, key);
}

static SavedSection *by_id(const Saved *s, uint32_t id)
{
    return g_hash_table_lookup(s->by_id, GUINT_TO_POINTER(id));
}

/* ---- header and configuration ---- */

/* What subsections of the configuration hold: so many bytes, or a count of names. */
static bool read_configuration_part(Saved *s, VmsSource *in, GError **err)
{
    static const struct { const char *name; int bytes; } known[] = {
        { "configuration/target-page-bits", 4 }, { "configuration/capabilities", -1 }, { "configuration/uuid", 16 },
    };
    char name[NAME_BYTES], scrap[NAME_BYTES];
    uint64_t version, n = 0;

    if (!in->read(in, scrap, 1, err) || !vms_read_string8(in, name, err) || !vms_read_be(in, 4, &version, err)) {
        return false;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(known); i++) {
        if (strcmp(known[i].name, name)) {
            continue;
        }
        if (known[i].bytes > 0) {
            g_ptr_array_add(s->configuration, g_strdup(name));
            return in->read(in, scrap, known[i].bytes, err);
        }
        g_autoptr(GString) list = g_string_new(name);
        if (!vms_read_be(in, 4, &n, err)) {
            return false;
        }
        if (n > 256) {
            return report_fail(err, "%s: %" PRIu64 " capabilities are said to follow: the stream is damaged", name, n);
        }
        for (; n; n--) {
            if (!vms_read_string8(in, scrap, err)) {
                return false;
            }
            g_string_append_printf(list, " %s", scrap);
        }
        g_ptr_array_add(s->configuration, g_strdup(list->str));
        return true;
    }
    return report_fail(err, "at byte %" PRIu64 ": the configuration has the subsection '%s', which is not known", in->position, name);
}

static bool read_configuration(Saved *s, VmsSource *in, GError **err)
{
    char name[WIRE_MACHINE_BYTES];
    uint64_t type;
    uint8_t next;

    if (!vms_read_be(in, 1, &type, err) || !wire_read_machine(in, name, err)) {
        return false;
    }
    s->machine = g_strdup(name);
    while (in->peek(in, &next, 1) == 1 && next == SECTION_SUBSECTION) {
        if (!read_configuration_part(s, in, err)) {
            return false;
        }
    }
    extent(s, 8, in->position - 8, "configuration", false);
    return true;
}

static bool read_header(Saved *s, VmsSource *in, GError **err)
{
    uint64_t magic, version;
    uint8_t next;

    if (!vms_read_be(in, 4, &magic, err) || !wire_check_magic(magic, err) || !vms_read_be(in, 4, &version, err)
            || !wire_check_version(version, err)) {
        return false;
    }
    extent(s, 0, 8, "header", false);
    return in->peek(in, &next, 1) != 1 || next != SECTION_CONFIGURATION || read_configuration(s, in, err);
}

/* ---- sections in parts ---- */

static bool has_footer(const uint8_t *p, size_t n, uint32_t id)
{
    return n >= 5 && p[0] == SECTION_FOOTER && vms_get_be(p + 1, 4) == id;
}

/* The first section tells whether there are footers. */
static bool read_footer(Saved *s, VmsSource *in, const SavedSection *d, GError **err)
{
    uint8_t foot[5];
    size_t n = in->peek(in, foot, 5);

    if (s->sections->len == 1 && d->parts == 1 && !d->ended) {
        s->footers = has_footer(foot, n, d->id);
    }
    if (!s->footers) {
        return true;
    }
    if (!has_footer(foot, n, d->id)) {
        return report_fail(err, "%s: the section's contents do not end where they should: at byte %" PRIu64 " a footer (0x7e) of section %u was due, "
                           "there is 0x%02x", d->name, in->position, d->id, n ? foot[0] : 0);
    }
    return in->read(in, foot, 5, err);
}

static SavedSection *new_section(Saved *s, uint32_t id, const char *name, uint32_t instance, uint32_t version, uint64_t offset, GError **err)
{
    const SavedSection *before = by_id(s, id);

    if (before) {
        report_fail(err, "section %u is '%s' and then '%s'", id, before->name, name);
        return NULL;
    }
    if (saved_find(s, name, instance)) {
        report_fail(err, "the section '%s' %u comes twice", name, instance);
        return NULL;
    }
    if (s->sections->len >= SECTIONS_MAX) {
        report_fail(err, "the stream has more than %d sections", SECTIONS_MAX);
        return NULL;
    }
    SavedSection *d = g_new0(SavedSection, 1);
    *d = (SavedSection){ .name = g_strdup(name), .id = id, .instance = instance, .version = version, .offset = offset };
    g_ptr_array_add(s->sections, d);
    g_hash_table_insert(s->by_id, GUINT_TO_POINTER(id), d);
    g_hash_table_insert(s->by_name, device_key(name, instance), d);
    return d;
}

/* At its type. */
static bool read_parts(Saved *s, VmsSource *in, const SavedOptions *o, GError **err)
{
    uint64_t offset = in->position, type, id, instance, version;
    char name[NAME_BYTES];
    SavedSection *d;
    bool ok;

    if (!vms_read_be(in, 1, &type, err) || !vms_read_be(in, 4, &id, err)) {
        return false;
    }
    if (type == SECTION_START) {
        if (!vms_read_string8(in, name, err) || !vms_read_be(in, 4, &instance, err) || !vms_read_be(in, 4, &version, err)) {
            return false;
        }
        if (!(d = new_section(s, id, name, instance, version, offset, err))) {
            return false;
        }
        d->iterated = true;
    } else if (!(d = by_id(s, id)) || !d->iterated || d->ended) {
        return report_fail(err, "at byte %" PRIu64 ": a part of section %" PRIu64 ", which %s", offset, id,
                           d && d->ended ? "has ended" : d ? "came whole" : "was never started");
    }
    d->parts++;
    if (!strcmp(d->name, "ram")) {
        ok = saved_read_ram(s, in, o, err);
    } else if (!strcmp(d->name, "spapr/htab")) {
        ok = saved_read_htab(s, in, type == SECTION_START, err);
    } else {
        return report_fail(err, "the section '%s' comes in parts in a form that this program does not know: what follows it cannot be found", d->name);
    }
    ok = ok && read_footer(s, in, d, err);
    d->ended = type == SECTION_END;
    d->size += in->position - offset;
    extent(s, offset, in->position - offset, type == SECTION_START ? d->name : "", type != SECTION_START);
    return ok || (g_prefix_error(err, "%s: ", d->name), false);
}

/* A message to the receiver: its kind, its length, so many bytes. */
static bool read_command(Saved *s, VmsSource *in, GError **err)
{
    uint64_t offset = in->position, scrap, n;
    uint8_t buf[256];

    if (!vms_read_be(in, 1, &scrap, err) || !vms_read_be(in, 2, &scrap, err) || !vms_read_be(in, 2, &n, err)) {
        return false;
    }
    for (; n; n -= MIN(n, sizeof(buf))) {
        if (!in->read(in, buf, MIN(n, sizeof(buf)), err)) {
            return false;
        }
    }
    extent(s, offset, in->position - offset, "command", false);
    return true;
}

/* ---- device state: all of it at once, as its description comes last ---- */

static bool read_tail(Saved *s, VmsSource *in, GError **err)
{
    g_autoptr(GByteArray) all = g_byte_array_new();
    uint8_t buf[VMS_PEEK_MAX];
    size_t n;

    s->tail_offset = in->position;
    while ((n = in->peek(in, buf, sizeof(buf)))) {
        if (!in->read(in, buf, n, err)) {
            return false;
        }
        g_byte_array_append(all, buf, n);
        if (all->len > TAIL_MAX) {
            return report_fail(err, "device state is longer than %llu MiB", TAIL_MAX >> 20);
        }
    }
    s->tail = g_byte_array_free_to_bytes(g_steal_pointer(&all));
    return true;
}

/* {"devices": [...]} behind everything else; its length has to reach to the end. */
static bool find_description(Saved *s, const uint8_t *t, size_t size)
{
    s->tail_description = size;
    for (size_t at = size >= 6 ? size - 6 : 0; at; at--) {
        if (t[at] != SECTION_DESCRIPTION || t[at + 5] != '{' || vms_get_be(t + at + 1, 4) != size - at - 5) {
            continue;
        }
        json_tokener *parser = json_tokener_new_ex(64);
        json_object *all = json_tokener_parse_ex(parser, (const char *)t + at + 5, size - at - 5);
        json_tokener_free(parser);
        json_object *devices = NULL;
        if (json_object_object_get_ex(all, "devices", &devices) && json_object_is_type(devices, json_type_array)) {
            s->description = all;
            s->tail_description = at;
            return true;
        }
        json_object_put(all);
    }
    return false;
}

static uint64_t json_number(json_object *o, const char *key)
{
    json_object *v = NULL;

    return json_object_object_get_ex(o, key, &v) ? json_object_get_int64(v) : 0;
}

static GHashTable *index_devices(json_object *description)
{
    GHashTable *all = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    json_object *devices = json_object_object_get(description, "devices");

    for (size_t i = 0; i < json_object_array_length(devices); i++) {
        json_object *d = json_object_array_get_idx(devices, i), *name = NULL;
        if (json_object_object_get_ex(d, "name", &name) && json_object_is_type(name, json_type_string)) {
            g_hash_table_replace(all, device_key(json_object_get_string(name), json_number(d, "instance_id")), d);
        }
    }
    return all;
}

/* Without a word about its contents: up to what looks like the footer and has something that can follow it behind it. */
static size_t find_end(const Saved *s, const uint8_t *t, size_t at, uint32_t id)
{
    for (; s->footers && at + 6 <= s->tail_description + 1 && at + 6 <= g_bytes_get_size(s->tail); at++) {
        if (has_footer(t + at, 5, id) && (t[at + 5] == SECTION_FULL || t[at + 5] == SECTION_EOF)) {
            return at;
        }
    }
    return 0;
}

typedef struct Head { uint8_t type; uint32_t id, instance, version; char name[NAME_BYTES]; size_t contents; } Head;

static bool read_head(VmsMemory *m, Head *h, GError **err)
{
    VmsSource *in = &m->source;
    uint64_t v[4];

    if (!vms_read_be(in, 1, &v[0], err) || !vms_read_be(in, 4, &v[1], err) || !vms_read_string8(in, h->name, err) || !vms_read_be(in, 4, &v[2], err)
        || !vms_read_be(in, 4, &v[3], err)) {
        return false;
    }
    h->type = v[0];
    h->id = v[1];
    h->instance = v[2];
    h->version = v[3];
    h->contents = in->position;
    return true;
}

static bool read_device(Saved *s, VmsMemory *m, GHashTable *described, GError **err)
{
    size_t begin = m->source.position, used = 0;
    Head h;

    if (!read_head(m, &h, err)) {
        return false;
    }
    SavedSection *d = new_section(s, h.id, h.name, h.instance, h.version, s->tail_offset + begin, err);
    if (!d) {
        return false;
    }
    size_t left = s->tail_description - MIN(s->tail_description, h.contents);
    g_autofree char *key = device_key(h.name, h.instance);
    json_object *description = described ? g_hash_table_lookup(described, key) : NULL;
    g_autoptr(GError) why = NULL;
    g_autoptr(GArray) fields = g_array_new(FALSE, TRUE, sizeof(SavedField));
    bool known = description && saved_fields(description, m->data + h.contents, left, fields, &used, &why);
    if (known && s->sections->len == 1) {
        s->footers = has_footer(m->data + h.contents + used, left - used, h.id);
    }
    if (known && s->footers && !has_footer(m->data + h.contents + used, left - used, h.id)) {
        known = false;
        report_fail(&why, "its fields are %zu bytes long by the description, and no footer follows them", used);
    }
    if (!known) {
        size_t end = find_end(s, m->data, h.contents, h.id);
        if (!end) {
            return report_fail(err, "%s %u, at byte %" PRIu64 ": where it ends cannot be found: %s", h.name, h.instance, d->offset,
                               why ? why->message : "nothing describes its contents");
        }
        used = end - h.contents;
        if (!s->note) {
            s->note = g_strdup_printf("%s %u is not explained: %s", h.name, h.instance, why ? why->message : "nothing describes its contents");
        }
        saved_fields_free(g_steal_pointer(&fields));
    }
    d->fields = g_steal_pointer(&fields);
    d->contents = g_bytes_new_from_bytes(s->tail, h.contents, used);
    m->source.position = h.contents + used + (s->footers ? 5 : 0);
    d->size = m->source.position - begin;
    extent(s, d->offset, d->size, d->name, false);
    return true;
}

static bool read_devices(Saved *s, const SavedOptions *o, GError **err)
{
    gsize size;
    const uint8_t *t = g_bytes_get_data(s->tail, &size);
    VmsMemory m;
    bool ok = true;

    s->described = find_description(s, t, size);
    if (!s->described && o->own_machine && (s->description = own_description(s, t, size, o->machine_args, &s->note))) {
        s->own_description = true;
    }
    s->page_size = s->described ? json_number(s->description, "page_size") : 4096;
    g_autoptr(GHashTable) described = s->description ? index_devices(s->description) : NULL;
    vms_memory_init(&m, t, size);
    while (ok) {
        if (m.source.position >= size) {
            return report_fail(err, "the stream ends at byte %" PRIu64 " in the middle of what it holds: no end (0x00) was said", s->bytes);
        }
        uint8_t type = t[m.source.position];
        if (type == SECTION_EOF) {
            extent(s, s->tail_offset + m.source.position, 1, "end", false);
            size_t at = m.source.position + 1;
            if (s->described && at == s->tail_description) {
                extent(s, s->tail_offset + at, size - at, "description", false);
            } else if (at != size) {
                return report_fail(err, "%zu bytes follow the end at byte %" PRIu64 " that are no description", size - at, s->tail_offset + at);
            }
            return true;
        }
        if (type != SECTION_FULL) {
            return report_fail(err, "Unknown savevm section type %u at byte %" PRIu64 ", among device state", type, s->tail_offset + m.source.position);
        }
        ok = read_device(s, &m, described, err);
    }
    return false;
}

static bool read_all(Saved *s, VmsSource *in, const SavedOptions *o, GError **err)
{
    uint8_t type, magic[4];

    if (in->peek(in, magic, sizeof(magic)) == sizeof(magic) && vms_get_be(magic, 4) == MULTIFD_MAGIC) {
        return saved_read_channel(s, in, o, err);
    }
    if (!read_header(s, in, err)) {
        return false;
    }
    for (;;) {
        if (in->peek(in, &type, 1) != 1) {
            return in->read(in, &type, 1, err);     /* says how it ends */
        }
        switch (type) {
        case SECTION_START: case SECTION_PART: case SECTION_END:
            if (!read_parts(s, in, o, err)) {
                return false;
            }
            break;
        case SECTION_COMMAND:
            if (!read_command(s, in, err)) {
                return false;
            }
            break;
        case SECTION_FULL: case SECTION_EOF: {
            SavedOptions none = *o;
            none.copy = NULL;
            ((Tap *)in)->o = &none;
            return read_tail(s, in, err) && (s->bytes = in->position) && read_devices(s, o, err);
        }
        default:
            return report_fail(err, "Unknown savevm section type %u at byte %" PRIu64, type, in->position);
        }
    }
}

Saved *saved_read(VmsSource *in, const SavedOptions *o, GError **err)
{
    Saved *s = g_new0(Saved, 1);
    Tap tap = { .source = { .read = tap_read, .peek = tap_peek }, .from = in, .o = o };

    s->configuration = g_ptr_array_new_with_free_func(g_free);
    s->sections = g_ptr_array_new_with_free_func(section_free);
    s->by_id = g_hash_table_new(NULL, NULL);
    s->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    s->blocks = g_ptr_array_new_with_free_func(saved_block_free);
    s->extents = g_array_new(FALSE, FALSE, sizeof(SavedExtent));
    g_array_set_clear_func(s->extents, extent_clear);
    s->page_size = 4096;
    read_all(s, &tap.source, o, err);
    s->bytes = tap.source.position;
    return s;
}
