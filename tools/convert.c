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
#include "tools/convert.h"
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

/* ---- sections ---- */

static void hear_nothing(VmsSource *in, GError *e)
{
    g_error_free(e);            /* what does not fit this machine's identity is not what is asked here */
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
        Form *f = form_of(here, err);
        if (!f) {
            return NULL;
        }
        g_hash_table_insert(all, d, f);
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
    json_object *devices = description_list(s->description, "devices");
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
        g_autoptr(GByteArray) contents = g_byte_array_new();
        Form *was = NULL;
        if (before) {
            g_hash_table_steal_extended(before, d, NULL, (void **)&was);
        }
        if (!convert_section(d, here, to, was, entry, contents, err)) {
            g_prefix_error(err, "%s %u: ", d->name, d->instance);
            return false;
        }
        bool said = json_object_object_get_ex(*entry, "version", &version);
        put_section(out, s, d, said ? json_object_get_int64(version) : d->version, contents->data, contents->len);
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
