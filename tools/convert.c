/*
 * qemu-migration convert: the same guest, in the form that another program expects of its machine.
 *
 * What the forms are, the saver knows (migration/dialect.h), and only it. So the machine is made in this process and loads the device state; each section
 * is saved in every dialect there is. What changes between those is the dialect's: it is taken from the one that is wanted. What does
 * not is the guest's: it stays as it came, byte for byte, and so does all that this program does not understand, and memory.
 * The description at the end of the stream follows.
 *
 * A program before 8.2 does not load the decrementer, so that its guest waits for ever for the next tick. So threads leave for it as a live guest's
 * do (target/ppc/machine.h): in their decrementer interrupt, if they have interrupts on. What that changes is found in the same way: it is what
 * differs between the section saved before and behind it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tools/tool.h"
#include "migration/dialect.h"
#include "migration/wire.h"
#include "system/cpus.h"
#include "system/report.h"
#include "target/ppc/cpu.h"
#include <errno.h>
#include <fcntl.h>
#include <gio/gunixoutputstream.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A section as one dialect has it; or as it came. */
typedef struct Form { GByteArray *bytes; json_object *description; GHashTable *fields; /* common path -> SavedField */ GArray *all; } Form;

typedef struct Conversion {
    Form came, wanted, again;           /* again: the wanted one, saved a second time: what differs by then is the clock's */
    GPtrArray *others;                  /* of Form: the other dialects, each that differs from those before */
    GByteArray *out;
    GError **err;
} Conversion;

static void form_clear(Form *f)
{
    g_clear_pointer(&f->bytes, g_byte_array_unref);
    g_clear_pointer(&f->fields, g_hash_table_unref);
    saved_fields_free(g_steal_pointer(&f->all));
    json_object_put(g_steal_pointer(&f->description));
}

static void form_free(void *p)
{
    form_clear(p);
    g_free(p);
}

/* Takes bytes and description. */
static bool form_fill(Form *f, GByteArray *bytes, json_object *description, GError **err)
{
    size_t used;

    *f = (Form){ bytes, description, g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL), g_array_new(FALSE, TRUE, sizeof(SavedField)) };
    if (!saved_fields(description, bytes->data, bytes->len, f->all, &used, err)) {
        return false;
    }
    for (guint i = 0; i < f->all->len; i++) {
        SavedField *field = &g_array_index(f->all, SavedField, i);
        if (field->type) {
            g_hash_table_insert(f->fields, saved_common_path(field->path), field);
        }
    }
    return used == bytes->len || report_fail(err, "%zu of %u bytes are described", used, bytes->len);
}

static bool form_save(Form *f, const VMStateSection *s, GError **err)
{
    g_autoptr(GString) json = g_string_new("{");
    GByteArray *bytes = g_byte_array_new();

    if (!vmstate_save(s->vmsd, s->opaque, s->name, bytes, json, err)) {
        g_byte_array_unref(bytes);
        return false;
    }
    g_string_append_c(json, '}');
    return form_fill(f, bytes, json_tokener_parse(json->str), err);
}

/* ---- descriptions ---- */

/* What the item of a list is called: a field, a subsection. */
static char *item_name(json_object *item)
{
    json_object *name = NULL;

    if (!json_object_object_get_ex(item, "name", &name)) {
        json_object_object_get_ex(item, "vmsd_name", &name);
    }
    return saved_common_path(name ? json_object_get_string(name) : "");
}

static json_object *list_of(json_object *node, const char *key)
{
    json_object *list = NULL;

    return node && json_object_object_get_ex(node, key, &list) && json_object_is_type(list, json_type_array) ? list : NULL;
}

static json_object *item_of(json_object *node, const char *key, const char *name)
{
    json_object *list = list_of(node, key);

    for (size_t i = 0; list && i < json_object_array_length(list); i++) {
        json_object *item = json_object_array_get_idx(list, i);
        g_autofree char *this = item_name(item);
        if (!strcmp(this, name)) {
            return item;
        }
    }
    return NULL;
}

/* The nodes of all other dialects that stand where `wanted` stands. */
typedef GPtrArray Nodes;

static Nodes *descend(const Nodes *from, const char *key, const char *name)
{
    Nodes *n = g_ptr_array_new();

    for (guint i = 0; i < from->len; i++) {
        json_object *item = item_of(from->pdata[i], key, name);
        if (item) {
            g_ptr_array_add(n, item);
        }
    }
    return n;
}

static json_object *merge(json_object *came, json_object *wanted, const Nodes *others);

/* In the order in which it came; what the wanted dialect has in addition goes behind what it has before it. */
static json_object *merge_list(json_object *came, json_object *wanted, const Nodes *others, const char *key)
{
    json_object *ours = list_of(came, key), *theirs = list_of(wanted, key);
    g_autoptr(GPtrArray) all = g_ptr_array_new();

    for (size_t i = 0; ours && i < json_object_array_length(ours); i++) {
        json_object *item = json_object_array_get_idx(ours, i);
        g_autofree char *name = item_name(item);
        json_object *there = item_of(wanted, key, name);
        g_autoptr(GPtrArray) elsewhere = descend(others, key, name);
        if (there || !elsewhere->len) {
            g_ptr_array_add(all, there ? merge(item, there, elsewhere) : json_object_get(item));
        }
    }
    guint at = 0;
    for (size_t i = 0; theirs && i < json_object_array_length(theirs); i++) {
        json_object *item = json_object_array_get_idx(theirs, i);
        g_autofree char *name = item_name(item);
        g_autoptr(GPtrArray) elsewhere = descend(others, key, name);
        bool of_dialect = elsewhere->len < others->len;
        if (!item_of(came, key, name)) {
            if (of_dialect) {
                g_ptr_array_insert(all, at++, json_object_get(item));
            }
            continue;
        }
        for (guint k = 0; k < all->len; k++) {
            g_autofree char *this = item_name(all->pdata[k]);
            at = strcmp(this, name) ? at : k + 1;
        }
    }
    json_object *list = json_object_new_array();
    for (guint k = 0; k < all->len; k++) {
        json_object_array_add(list, all->pdata[k]);
    }
    return list;
}

static json_object *merge(json_object *came, json_object *wanted, const Nodes *others)
{
    json_object *node = json_object_new_object(), *inner, *version = NULL;
    bool has_subsections = false;

    json_object_object_foreach(came, key, value) {
        if (!strcmp(key, "fields") || !strcmp(key, "subsections")) {
            json_object *list = merge_list(came, wanted, others, key);
            bool subsections = *key == 's';
            has_subsections |= subsections;
            if (subsections && !json_object_array_length(list)) {
                json_object_put(list);
            } else {
                json_object_object_add(node, key, list);
            }
        } else if (!strcmp(key, "struct") && json_object_object_get_ex(wanted, "struct", &inner)) {
            g_autoptr(GPtrArray) elsewhere = g_ptr_array_new();
            for (guint i = 0; i < others->len; i++) {
                json_object *other = NULL;
                if (json_object_object_get_ex(others->pdata[i], "struct", &other)) {
                    g_ptr_array_add(elsewhere, other);
                }
            }
            json_object_object_add(node, key, merge(value, inner, elsewhere));
        } else if (!strcmp(key, "version") && json_object_object_get_ex(wanted, "version", &version)) {
            bool varies = false;
            for (guint i = 0; i < others->len; i++) {
                json_object *other = NULL;
                varies |= json_object_object_get_ex(others->pdata[i], "version", &other) && !json_object_equal(other, version);
            }
            json_object_object_add(node, key, json_object_get(varies ? version : value));
        } else {
            json_object_object_add(node, key, json_object_get(value));
        }
    }
    if (!has_subsections) {
        json_object *list = merge_list(came, wanted, others, "subsections");
        if (json_object_array_length(list)) {
            json_object_object_add(node, "subsections", list);
        } else {
            json_object_put(list);
        }
    }
    return node;
}

/* Programs wrote it in two ways. As the stream has it, so that what does not change stays the same. */
typedef struct Style { const char *open, *colon, *close; } Style;
static const Style tight = { "", ": ", "" }, spaced = { " ", " : ", " " };

static void write_json(GString *out, json_object *o, const Style *y)
{
    bool first = true;

    switch (json_object_get_type(o)) {
    case json_type_object: {
        g_string_append_printf(out, "{%s", y->open);
        json_object_object_foreach(o, key, value) {
            g_string_append_printf(out, "%s\"%s\"%s", first ? "" : ", ", key, y->colon);
            write_json(out, value, y);
            first = false;
        }
        g_string_append_printf(out, "%s}", y->close);
        break;
    }
    case json_type_array:
        g_string_append_printf(out, "[%s", y->open);
        for (size_t i = 0; i < json_object_array_length(o); i++) {
            g_string_append(out, i ? ", " : "");
            write_json(out, json_object_array_get_idx(o, i), y);
        }
        g_string_append_printf(out, "%s]", y->close);
        break;
    default:
        g_string_append(out, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
    }
}

/* ---- bytes ---- */

static const uint8_t *bytes_of(const Form *f, const char *path, size_t size)
{
    const SavedField *field = g_hash_table_lookup(f->fields, path);

    return field && (size_t)field->size * field->count == size ? f->bytes->data + field->at : NULL;
}

static bool put_leaf(Conversion *c, const char *path, size_t size)
{
    const uint8_t *came = bytes_of(&c->came, path, size), *wanted = bytes_of(&c->wanted, path, size), *again = bytes_of(&c->again, path, size);
    guint at = c->out->len;

    if (!came && !wanted) {
        return report_fail(c->err, "%s: has nothing to be made of", path);
    }
    g_byte_array_append(c->out, came ? came : wanted, size);
    for (guint i = 0; came && wanted && again && i < c->others->len; i++) {
        const uint8_t *other = bytes_of(c->others->pdata[i], path, size);
        for (size_t k = 0; other && k < size; k++) {
            if (other[k] != wanted[k] && wanted[k] == again[k]) {
                c->out->data[at + k] = wanted[k];
            }
        }
    }
    return true;
}

static bool put_node(Conversion *c, json_object *node, const char *prefix);

static bool put_field(Conversion *c, json_object *d, const char *prefix)
{
    json_object *inner = NULL, *o = NULL;
    int64_t count = json_object_object_get_ex(d, "array_len", &o) ? json_object_get_int64(o) : 1;
    int64_t size = json_object_get_int64(json_object_object_get(d, "size"));
    const char *name = json_object_get_string(json_object_object_get(d, "name"));
    g_autofree char *index = json_object_object_get_ex(d, "index", &o) ? g_strdup_printf("[%" PRId64 "]", json_object_get_int64(o)) : NULL;
    g_autofree char *path = g_strconcat(prefix, name, index, NULL);

    if (!json_object_object_get_ex(d, "struct", &inner)) {
        g_autofree char *common = saved_common_path(path);
        return put_leaf(c, common, (size_t)count * size);
    }
    for (int64_t i = 0; i < count; i++) {
        g_autofree char *element = count > 1 ? g_strdup_printf("%s[%" PRId64 "] / ", path, i) : g_strconcat(path, " / ", NULL);
        if (!put_node(c, inner, element)) {
            return false;
        }
    }
    return true;
}

static bool put_node(Conversion *c, json_object *node, const char *prefix)
{
    json_object *fields = list_of(node, "fields"), *subsections = list_of(node, "subsections");

    for (size_t i = 0; fields && i < json_object_array_length(fields); i++) {
        if (!put_field(c, json_object_array_get_idx(fields, i), prefix)) {
            return false;
        }
    }
    for (size_t i = 0; subsections && i < json_object_array_length(subsections); i++) {
        json_object *d = json_object_array_get_idx(subsections, i);
        const char *name = json_object_get_string(json_object_object_get(d, "vmsd_name"));
        uint8_t head[2] = { SECTION_SUBSECTION, strlen(name) }, version[4];
        g_autofree char *inner = g_strconcat(prefix, name, " / ", NULL);
        vms_put_be(version, 4, json_object_get_int64(json_object_object_get(d, "version")));
        g_byte_array_append(c->out, head, 2);
        g_byte_array_append(c->out, (const uint8_t *)name, head[1]);
        g_byte_array_append(c->out, version, 4);
        if (!put_node(c, d, inner)) {
            return false;
        }
    }
    return true;
}

/* ---- sections ---- */

static void hear_nothing(VmsSource *in, GError *e)
{
    g_error_free(e);            /* what does not fit this machine's identity is not what is asked here */
}

/* Calls `fn` for each program that has this machine. */
static bool save_others(Conversion *c, const VMStateSection *s, GError **err)
{
    for (unsigned major = 2; major < 12; major++) {
        for (unsigned minor = 0; minor < 13; minor++) {
            g_autofree char *program = g_strdup_printf("%u.%u", major, minor);
            if (!dialect_choose(program, NULL)) {
                continue;
            }
            Form *f = g_new0(Form, 1);
            if (!form_save(f, s, err)) {
                form_free(f);
                return false;
            }
            bool known = false;
            for (guint i = 0; i < c->others->len && !known; i++) {
                const Form *g = c->others->pdata[i];
                known = g->bytes->len == f->bytes->len && (!g->bytes->len || !memcmp(g->bytes->data, f->bytes->data, f->bytes->len))
                    && json_object_equal(g->description, f->description);
            }
            if (known) {
                form_free(f);
            } else {
                g_ptr_array_add(c->others, f);
            }
        }
    }
    return true;
}

/* The section's new contents in c->out and its description in *entry, which it replaces. `before`: NULL, or as it was before it was made to tick. */
static bool convert_section(Conversion *c, const SavedSection *d, const VMStateSection *s, const char *to, Form *before, json_object **entry,
                            GError **err)
{
    g_autoptr(GPtrArray) nodes = g_ptr_array_new();
    GByteArray *bytes = g_byte_array_new();
    gsize size;
    const void *data = g_bytes_get_data(d->contents, &size);

    g_byte_array_append(bytes, data, size);
    if (!form_fill(&c->came, bytes, json_object_get(*entry), err) || !dialect_choose(to, err) || !form_save(&c->wanted, s, err)
        || !save_others(c, s, err) || !dialect_choose(to, err) || !form_save(&c->again, s, err)) {
        return false;
    }
    if (before) {
        g_ptr_array_add(c->others, before);
    }
    for (guint i = 0; i < c->others->len; i++) {
        g_ptr_array_add(nodes, ((Form *)c->others->pdata[i])->description);
    }
    json_object *merged = merge(*entry, c->wanted.description, nodes);
    c->err = err;
    bool ok = put_node(c, merged, "");
    json_object_put(*entry);
    *entry = merged;
    return ok;
}

static void put_section(GByteArray *out, const Saved *s, const SavedSection *d, uint32_t version, const uint8_t *data, size_t size)
{
    uint8_t head[5] = { SECTION_FULL }, word[4], n = strlen(d->name);

    vms_put_be(head + 1, 4, d->id);
    g_byte_array_append(out, head, 5);
    g_byte_array_append(out, &n, 1);
    g_byte_array_append(out, (const uint8_t *)d->name, n);
    vms_put_be(word, 4, d->instance);
    g_byte_array_append(out, word, 4);
    vms_put_be(word, 4, version);
    g_byte_array_append(out, word, 4);
    g_byte_array_append(out, data, size);
    if (s->footers) {
        head[0] = SECTION_FOOTER;
        g_byte_array_append(out, head, 5);
    }
}

static json_object **find_entry(json_object **entries, size_t n, const SavedSection *d)
{
    for (size_t i = 0; i < n; i++) {
        const char *name = json_object_get_string(json_object_object_get(entries[i], "name"));
        if (name && !strcmp(name, d->name) && (uint32_t)json_object_get_int64(json_object_object_get(entries[i], "instance_id")) == d->instance) {
            return &entries[i];
        }
    }
    return NULL;
}

static void load(const SavedSection *d)
{
    const VMStateSection *s = d->fields ? vmstate_find(d->name, d->instance) : NULL;
    gsize size;
    const void *data = s ? g_bytes_get_data(d->contents, &size) : NULL;
    VmsMemory m;

    if (s) {
        vms_memory_init(&m, data, size);
        m.source.complain = hear_nothing;
        vmstate_load(s->vmsd, s->opaque, s->name, d->version, &m.source, NULL);
    }
}

/* What a thread's sections are, as the wanted dialect has them: by the section. */
static GHashTable *save_threads(const Saved *s, GError **err)
{
    g_autoptr(GHashTable) all = g_hash_table_new_full(NULL, NULL, NULL, form_free);

    for (guint i = 0; i < s->sections->len; i++) {
        SavedSection *d = g_ptr_array_index(s->sections, i);
        const VMStateSection *here = vmstate_find(d->name, d->instance);
        if (!here || (strcmp(d->name, "cpu") && strcmp(d->name, "cpu_common"))) {
            continue;
        }
        Form *f = g_new0(Form, 1);
        g_hash_table_insert(all, d, f);
        if (!form_save(f, here, err)) {
            return NULL;
        }
    }
    return g_steal_pointer(&all);
}

static void make_tick(void)
{
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        if (!cpu->powered_off && !ppc_enter_decrementer(cpu)) {
            fprintf(stderr, "qemu-migration: note: processor %d has interrupts off: its next tick comes when it has set the decrementer itself\n",
                    cpu->index);
        }
    }
}

/* All device state, the end, the description. */
static bool convert_tail(const Saved *s, const char *to, bool as_it_is, GByteArray *out, GError **err)
{
    g_autoptr(GHashTable) before = NULL;
    json_object *devices = list_of(s->description, "devices");
    size_t n = devices ? json_object_array_length(devices) : 0;
    g_autofree json_object **entries = g_new0(json_object *, n + 1);

    for (size_t i = 0; i < n; i++) {
        entries[i] = json_object_get(json_object_array_get_idx(devices, i));
    }
    for (guint i = 0; i < s->sections->len; i++) {
        load(g_ptr_array_index(s->sections, i));
    }
    if (!dialect.decrementer && !as_it_is) {
        if (!(before = save_threads(s, err))) {
            return false;
        }
        make_tick();
    }
    for (guint i = 0; i < s->sections->len; i++) {
        const SavedSection *d = g_ptr_array_index(s->sections, i);
        const VMStateSection *here = vmstate_find(d->name, d->instance);
        json_object **entry = find_entry(entries, n, d), *version = NULL;
        if (d->iterated) {
            continue;
        }
        if (!here || !entry || !d->fields) {
            gsize size;
            const void *data = g_bytes_get_data(d->contents, &size);
            fprintf(stderr, "qemu-migration: note: %s %u is not understood and stays as it is\n", d->name, d->instance);
            put_section(out, s, d, d->version, data, size);
            continue;
        }
        Conversion c = { .others = g_ptr_array_new_with_free_func(form_free), .out = g_byte_array_new() };
        Form *was = NULL;
        if (before) {
            g_hash_table_steal_extended(before, d, NULL, (void **)&was);
        }
        bool ok = convert_section(&c, d, here, to, was, entry, err);
        if (ok) {
            bool said = json_object_object_get_ex(*entry, "version", &version);
            put_section(out, s, d, said ? json_object_get_int64(version) : d->version, c.out->data, c.out->len);
        } else {
            g_prefix_error(err, "%s %u: ", d->name, d->instance);
        }
        form_clear(&c.came);
        form_clear(&c.wanted);
        form_clear(&c.again);
        g_ptr_array_unref(c.others);
        g_byte_array_unref(c.out);
        if (!ok) {
            return false;
        }
    }
    g_byte_array_append(out, (const uint8_t[]){ SECTION_EOF }, 1);
    if (s->described) {
        g_autoptr(GString) text = g_string_new(NULL);
        json_object *list = json_object_new_array();
        uint8_t head[5] = { SECTION_DESCRIPTION };
        for (size_t i = 0; i < n; i++) {
            json_object_array_add(list, entries[i]);
        }
        json_object_object_add(s->description, "devices", list);
        const char *was = (const char *)g_bytes_get_data(s->tail, NULL) + s->tail_description + sizeof(head);
        write_json(text, s->description, was[1] == ' ' ? &spaced : &tight);
        vms_put_be(head + 1, 4, text->len);
        g_byte_array_append(out, head, 5);
        g_byte_array_append(out, (const uint8_t *)text->str, text->len);
    }
    return true;
}

static bool convert(const ToolArgs *a, MigOut *o, GError **err)
{
    g_autofree char *damage = NULL;
    g_autoptr(GByteArray) out = g_byte_array_new();
    Saved *s = tool_read(a, a->files[0], (SavedOptions){ .copy = o }, &damage);

    if (!s) {
        return report_fail(err, "nothing was read");
    }
    if (damage) {
        return report_fail(err, "%s: %s", a->files[0], damage);
    }
    gsize size = 0;
    const uint8_t *tail = s->tail ? g_bytes_get_data(s->tail, &size) : NULL;
    /* Options are read for as long as the process lives. */
    char **args = a->own ? a->own : own_options(s, tail, size);
    bool ok = own_machine(args, err);
    if (!ok) {
        g_prefix_error(err, "a machine like the stream's cannot be made (say its options after \"--\"): ");
    }
    ok = ok && dialect_choose(a->to, err) && convert_tail(s, a->to, a->as_it_is, out, err);
    if (ok) {
        mig_put(o, out->data, out->len);
        ok = mig_out_flush(o, err);
    }
    saved_free(s);
    return ok;
}

int tool_convert(const ToolArgs *a)
{
    g_autoptr(GError) err = NULL;

    if (!a->to || !a->out) {
        tool_error("say for which program and where to: qemu-migration convert FILE --to 2.7.0 -o OUT");
        return TOOL_ERROR;
    }
    /* Beside a file, which takes its place when it is whole; into a pipe or device. */
    bool to_stdout = !strcmp(a->out, "-");
    bool in_place = to_stdout || (g_file_test(a->out, G_FILE_TEST_EXISTS) && !g_file_test(a->out, G_FILE_TEST_IS_REGULAR));
    g_autofree char *part = in_place ? NULL : g_strdup_printf("%s.part", a->out);
    g_autoptr(GOutputStream) stream = NULL;
    int fd = to_stdout ? 1 : in_place ? open(a->out, O_WRONLY | O_CLOEXEC) : open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd >= 0) {
        stream = g_unix_output_stream_new(fd, !to_stdout);
    } else {
        report_fail(&err, "%s: %s", a->out, g_strerror(errno));
    }
    if (!stream) {
        tool_error("%s", err->message);
        return TOOL_ERROR;
    }
    MigOut *o = mig_out_new(stream, NULL);
    bool ok = convert(a, o, &err);
    mig_out_free(o);
    ok = ok && g_output_stream_close(stream, NULL, &err);
    if (ok && part && rename(part, a->out)) {
        ok = report_fail(&err, "%s: %s", a->out, g_strerror(errno));
    }
    if (!ok) {
        tool_error("%s", err->message);
        if (part) {
            g_output_stream_close(stream, NULL, NULL);
            unlink(part);
        }
        return TOOL_ERROR;
    }
    return TOOL_YES;
}
