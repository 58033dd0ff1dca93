/*
 * Saved state against genuine streams, and of every device by itself.
 *
 * Recordings of QEMU 2.6, 2.7 and 7.2 are the oracle: each section is loaded into a machine of the same version and
 * processor and saved again at once; the bytes have to be the same, and for 7.2 the description of the fields too. Then,
 * for every section of a machine: all bytes of its struct are saved or left out for a reason; what was saved comes back;
 * and no field is lost, that is, one that differs in the stream differs in what is saved after loading it.
 *
 * A machine is made once a process, so each case runs in a process of its own (Check forks).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/char.h"
#include "hw/ppc/spapr.h"
#include "migration/vmstate.h"
#include "system/clock.h"
#include "system/runstate.h"
#include <check.h>
#include <json.h>
#include <stdlib.h>
#include <string.h>

/* ---- a machine, and streams ---- */

static void make_machine(const char *machine, const char *cpu, unsigned smp)
{
    g_auto(GStrv) words = g_strsplit(machine, ",", -1);
    g_autoptr(GError) err = NULL;
    MachineOptions o = { .machine = words[0], .cpu = cpu, .ram_size = 256 << 20, .smp_cpus = smp, .cores = smp, .sockets = 1,
                       .threads = 1, .maxcpus = smp, .kernel = "unused", .props = g_ptr_array_new() };

    for (char **w = words + 1; *w; w++) {
        g_ptr_array_add(o.props, g_strdup(*w));
    }
    o.machine = g_intern_string(words[0]);
    struct Chardev *console = chardev_open("serial0", "null", &err);
    o.consoles = g_ptr_array_new();
    g_ptr_array_add(o.consoles, console);
    ck_assert_ptr_nonnull(console);
    clock_init();
    ck_assert_msg(spapr_init(&o, &err), "%s", err ? err->message : "");
    ck_assert(spapr_hpt_alloc(spapr, 21, &err));
    devices_reset();
    spapr_drc_reset(spapr);
}

typedef struct Recording { char *file, *producer, *machine, *cpu; unsigned smp; bool has_json; } Recording;

/* A table whose first line names the columns. */
static GPtrArray *read_index(const char *folder)
{
    g_autofree char *path = g_build_filename(STREAMS, folder, "INDEX.tsv", NULL), *text = NULL;
    GPtrArray *all = g_ptr_array_new();

    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        g_error("cannot read %s", path);
    }
    g_auto(GStrv) lines = g_strsplit(g_strchomp(text), "\n", -1);
    g_auto(GStrv) head = g_strsplit(lines[0], "\t", -1);
    for (char **l = lines + 1; *l; l++) {
        g_auto(GStrv) cells = g_strsplit(*l, "\t", -1);
        Recording *r = g_new0(Recording, 1);
        r->smp = 1;
        for (unsigned i = 0; head[i] && cells[i]; i++) {
            const char *h = head[i];
            if (!strcmp(h, "file")) {
                r->file = g_build_filename(STREAMS, folder, cells[i], NULL);
            } else if (!strcmp(h, "producer")) {
                r->producer = g_strdup(cells[i]);
            } else if (!strcmp(h, "machine")) {
                r->machine = g_strdup(cells[i]);
            } else if (!strcmp(h, "cpu")) {
                r->cpu = g_strdup(cells[i]);
            } else if (!strcmp(h, "vmdesc")) {
                r->has_json = !strcmp(cells[i], "yes");
            } else if (!strcmp(h, "smp") || (!strcmp(h, "cmdline") && strstr(cells[i], "-smp "))) {
                r->smp = atoi(*h == 's' ? cells[i] : strstr(cells[i], "-smp ") + 5);
            }
        }
        g_ptr_array_add(all, r);
    }
    return all;
}

static GByteArray *unpack(const char *path)
{
    const char *argv[] = { "xz", "-dc", path, NULL };
    g_autoptr(GSubprocess) p = g_subprocess_newv(argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE, NULL);
    g_autoptr(GBytes) out = NULL;

    ck_assert_msg(p && g_subprocess_communicate(p, NULL, NULL, &out, NULL, NULL) && g_subprocess_get_successful(p), "xz -dc %s", path);
    return g_bytes_unref_to_array(g_steal_pointer(&out));
}

/* Where the fields of a section begin and which version they are of; 0: the stream has no such section. */
static size_t find_section(const GByteArray *b, const char *name, uint32_t instance, int *version)
{
    size_t n = strlen(name);
    g_autofree uint8_t *head = g_malloc(n + 5);

    head[0] = n;
    memcpy(head + 1, name, n);
    vms_put_be(head + 1 + n, 4, instance);
    for (const uint8_t *p = b->data; (p = memmem(p, b->data + b->len - p, head, n + 5)); p++) {
        if (p - b->data >= 5 && (p[-5] == 1 || p[-5] == 4)) {
            *version = vms_get_be(p + n + 5, 4);
            return p + n + 9 - b->data;
        }
    }
    return 0;
}

static char *path_of(const VMStateSection *s)
{
    return g_strdup_printf("%s %u", s->name, s->instance);
}

static GByteArray *save(const VMStateSection *s, GString *json)
{
    GByteArray *out = g_byte_array_new();
    g_autofree char *path = path_of(s);
    g_autoptr(GError) err = NULL;

    ck_assert_msg(vmstate_save(s->vmsd, s->opaque, path, &(VmsSink){ .bytes = out }, json, &err), "%s", err ? err->message : "");
    return out;
}

/* What is loaded is described in `json`, if it is not NULL. */
static bool load(const VMStateSection *s, int version, const uint8_t *data, size_t size, size_t *used, GString *json, GError **err)
{
    g_autofree char *path = path_of(s);
    VmsMemory m;

    vms_memory_init(&m, data, size);
    m.source.description = json;
    bool ok = vmstate_load(s->vmsd, s->opaque, path, version, &m.source, err);
    *used = m.source.position;
    return ok;
}

/* ---- the recordings ---- */

static json_object *recorded_description(const GByteArray *b)
{
    for (const uint8_t *p = b->data + b->len - 5; p > b->data; p--) {
        if (p[0] == 6 && p[5] == '{' && vms_get_be(p + 1, 4) == (uint64_t)(b->data + b->len - p - 5)) {
            return json_tokener_parse((const char *)p + 5);
        }
    }
    return NULL;
}

static void compare_description(json_object *all, const VMStateSection *s, const GString *ours)
{
    json_object *devices = json_object_object_get(all, "devices"), *mine = json_tokener_parse(ours->str);

    ck_assert_msg(mine != NULL, "%s", ours->str);
    for (size_t i = 0; i < json_object_array_length(devices); i++) {
        json_object *d = json_object_array_get_idx(devices, i);
        if (strcmp(json_object_get_string(json_object_object_get(d, "name")), s->name)
            || (uint32_t)json_object_get_int64(json_object_object_get(d, "instance_id")) != s->instance) {
            continue;
        }
        json_object_object_foreach(mine, key, value) {
            json_object *theirs = json_object_object_get(d, key);
            ck_assert_msg(json_object_equal(theirs, value), "%s %s:\ntheirs %s\nours   %s", s->name, key,
                          json_object_to_json_string(theirs), json_object_to_json_string(value));
        }
        return;
    }
    ck_abort_msg("%s: not in the recording's description", s->name);
}

static void check_section(const Recording *r, const GByteArray *b, const VMStateSection *s, json_object *description)
{
    g_autoptr(GError) err = NULL;
    g_autoptr(GString) json = g_string_new("{"), loaded = g_string_new("{");
    int version;
    size_t at = find_section(b, s->name, s->instance, &version), used;

    ck_assert_msg(load(s, version, b->data + at, b->len - at, &used, loaded, &err), "%s: %s", r->file, err ? err->message : "");
    uint8_t next = b->data[at + used];
    ck_assert_msg(next == 0x7e || next == 4 || next == 1 || next == 2 || next == 0, "%s: %s: the next byte is 0x%02x", r->file, s->name, next);
    GByteArray *out = save(s, json);
    g_string_append_c(json, '}');
    g_string_append_c(loaded, '}');
    ck_assert_str_eq(loaded->str, json->str);
    for (size_t i = 0; i < MIN(out->len, used); i++) {
        ck_assert_msg(out->data[i] == b->data[at + i], "%s: %s: byte %zu was 0x%02x and is 0x%02x", r->file, s->name, i, b->data[at + i],
                      out->data[i]);
    }
    ck_assert_uint_eq(out->len, used);
    ck_assert_int_eq(vmstate_version(s->vmsd, s->opaque), version);
    if (description && r->producer[0] == '7') {
        compare_description(description, s, json);
    }
    g_byte_array_unref(out);
}

static GPtrArray *recordings, *fragments;

/* The recording's machine, saving as its producer does. */
static void make_recorded(const Recording *r)
{
    g_autofree char *machine = g_strdup_printf("%s,x-destination-dialect=%s", r->machine, r->producer);

    make_machine(machine, r->cpu, r->smp);
}

START_TEST(recording)
{
    Recording *r = g_ptr_array_index(recordings, _i);
    g_autoptr(GByteArray) b = unpack(r->file);
    GPtrArray *sections = vmstate_sections();
    size_t before = 0, at;
    int version;

    make_recorded(r);
    json_object *description = r->has_json ? recorded_description(b) : NULL;
    ck_assert(!r->has_json || description);
    for (guint i = 0; i < sections->len; i++) {
        const VMStateSection *s = g_ptr_array_index(sections, i);
        if (!vmstate_needed(s->vmsd, s->opaque)) {
            continue;
        }
        at = find_section(b, s->name, s->instance, &version);
        ck_assert_msg(at, "%s: has no section %s %u", r->file, s->name, s->instance);
        ck_assert_msg(at > before, "%s: %s %u comes earlier", r->file, s->name, s->instance);
        before = at;
    }
    for (guint i = 0; i < sections->len; i++) {
        const VMStateSection *s = g_ptr_array_index(sections, i);
        if (vmstate_needed(s->vmsd, s->opaque)) {
            check_section(r, b, s, description);
        }
    }
    /* what the recording has and the machine does not belongs to the stream itself */
    for (size_t i = 0; description && i < json_object_array_length(json_object_object_get(description, "devices")); i++) {
        json_object *d = json_object_array_get_idx(json_object_object_get(description, "devices"), i);
        const char *name = json_object_get_string(json_object_object_get(d, "name"));
        bool other = !strcmp(name, "globalstate");
        ck_assert_msg(other || vmstate_find(name, json_object_get_int64(json_object_object_get(d, "instance_id"))), "%s: %s is unknown",
                      r->file, name);
    }
    json_object_put(description);
}
END_TEST

/* Single sections of other guests, for subsections that the recordings do not have. */
START_TEST(fragment)
{
    Recording *r = g_ptr_array_index(fragments, _i);
    g_autoptr(GByteArray) b = unpack(r->file);
    unsigned found = 0;
    int version;

    make_recorded(r);
    for (guint i = 0; i < vmstate_sections()->len; i++) {
        const VMStateSection *s = g_ptr_array_index(vmstate_sections(), i);
        if (find_section(b, s->name, s->instance, &version)) {
            check_section(r, b, s, NULL);
            found++;
        }
    }
    ck_assert_uint_gt(found, 0);
}
END_TEST

/* ---- every section by itself ---- */

static void account(const VMState *v, const char *section)
{
    /* clang 14 does not say what is padding, and only guesses remain: gcc's builds check it */
    g_autofree char *missing = v->clear_padding ? vmstate_account(v) : NULL;

    ck_assert_msg(!missing, "%s: %s: bytes %s neither saved nor left out for a reason", section, v->name, missing);
    for (const VMStateField *f = v->rows; f->kind != VMS_KIND_END; f++) {
        ck_assert_msg(f->kind != VMS_KIND_SKIP || (f->why && *f->why), "%s: %s: no reason", section, f->name);
        if (f->vmsd && (f->kind == VMS_KIND_STRUCT || f->kind == VMS_KIND_LIST)) {
            account(f->vmsd, section);
        }
    }
}

START_TEST(every_byte_accounted)
{
    make_machine("pseries-7.2", "POWER9", 2);
    for (guint i = 0; i < vmstate_sections()->len; i++) {
        const VMStateSection *s = g_ptr_array_index(vmstate_sections(), i);
        account(s->vmsd, s->name);
    }
}
END_TEST

/* What these tests say of every section, they say of every type: none is left out because the machine happens not to have one. */
START_TEST(every_type_is_here)
{
    make_machine("pseries-7.2", "POWER9", 2);
    for (guint i = 0; i < object_types()->len; i++) {
        const ObjectType *t = g_ptr_array_index(object_types(), i);
        bool found = !t->vmsd, resets = false, saved = t->abstract;
        for (guint k = 0; k < vmstate_sections()->len; k++) {
            found |= ((VMStateSection *)g_ptr_array_index(vmstate_sections(), k))->vmsd == t->vmsd;
        }
        ck_assert_msg(found, "%s has saved state, and no section of it is tested: put one into make_machine()", t->name);
        for (const ObjectType *u = t; u; u = object_type_find(u->parent)) {
            resets |= u->reset != NULL;
            saved |= u->vmsd != NULL;
        }
        ck_assert_msg(saved || !resets, "%s is reset, so it has state, and none is saved", t->name);
    }
}
END_TEST

/* A field of a saved section: where it is in the bytes. */
typedef struct Place { char *name; size_t at, size; bool fixed, flag; } Place;

static size_t places_of_fields(json_object *fields, size_t at, const char *prefix, GArray *out);

static size_t places_of_subsections(json_object *o, size_t at, const char *prefix, GArray *out)
{
    json_object *subs = json_object_object_get(o, "subsections");

    for (size_t i = 0; subs && i < json_object_array_length(subs); i++) {
        json_object *s = json_object_array_get_idx(subs, i);
        const char *name = json_object_get_string(json_object_object_get(s, "vmsd_name"));
        at = places_of_fields(json_object_object_get(s, "fields"), at + 6 + strlen(name), prefix, out);
        at = places_of_subsections(s, at, prefix, out);
    }
    return at;
}

static size_t places_of_fields(json_object *fields, size_t at, const char *prefix, GArray *out)
{
    for (size_t i = 0; i < json_object_array_length(fields); i++) {
        json_object *f = json_object_array_get_idx(fields, i), *sub = json_object_object_get(f, "struct");
        json_object *len = json_object_object_get(f, "array_len");
        const char *name = json_object_get_string(json_object_object_get(f, "name"));
        const char *type = json_object_get_string(json_object_object_get(f, "type"));
        unsigned n = len ? json_object_get_int(len) : 1;
        size_t size = json_object_get_int64(json_object_object_get(f, "size"));
        for (unsigned k = 0; k < n; k++) {
            g_autofree char *full = len ? g_strdup_printf("%s%s[%u]", prefix, name, k) : g_strdup_printf("%s%s", prefix, name);
            if (sub) {
                g_autofree char *deeper = g_strdup_printf("%s.", full);
                at = places_of_fields(json_object_object_get(sub, "fields"), at, deeper, out);
                continue;
            }
            Place p = { g_steal_pointer(&full), at, size, strstr(type, "equal") || !strcmp(type, "unused_buffer"), !strcmp(type, "bool") };
            g_array_append_val(out, p);
            at += size;
        }
    }
    return at;
}

/*
 * Fields that do not take any value, with the reason. The first group counts what follows, so that another count is
 * another layout; the second is checked; of the third only some bits are state.
 */
static const struct { const char *section, *field, *why; } particular[] = {
    { "spapr_nvram", "size", "counts the bytes" }, { "spapr_iommu", "mig_nb_table", "counts the entries" },
    { "spapr_pci", "msi_devs_num", "counts the entries" }, { "spapr", "fdt_size", "counts the bytes" },
    { "cpu", "env.msr", "says whether the state of a transaction follows" },
    { "cpu", "env.spr[287]", "PVR: has to be the model's" }, { "spapr", "mig.caps[0x", "has to be what this machine offers" },
    { "spapr_iommu", "page_shift", "has to be the size of a page" }, { "timer", "cpu_clock_offset", "the clock is not negative" },
    { "spapr_watchdog", "timer", "a time, or none" }, { "spapr_drc", "state", "one of four" },
    { "spapr", "pending_events", "begins each element with a 1" },
    { "spapr_vty", "in", "at most 16 ahead of out" }, { "spapr_vty", "out", "at most 16 behind in" },
    { "spapr", "ov5_cas.bitmap", "options that exist" },
    { "spapr_pci", "mig_", "what bridges of that age had: follows from the properties" },
    { "cpu_common", "halted", "a flag" }, { "cpu_common", "interrupt_request", "one bit of it" },
    { "cpu", "env.crf[", "four bits" }, { "cpu", "env.spr[22]", "the decrementer has a width" }, { "cpu", "env.fpscr", "reserved bits are zero" },
};

static bool is_particular(const char *section, const char *field)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(particular); i++) {
        if (g_str_has_suffix(section, particular[i].section) && g_str_has_prefix(field, particular[i].field)) {
            return true;
        }
    }
    return false;
}

/* Loads `bytes`; what is saved then has to be `bytes`. NULL if it is, else what happened. */
static char *reload(const VMStateSection *s, const GByteArray *bytes)
{
    g_autoptr(GError) err = NULL;
    size_t used;

    if (!load(s, vmstate_version(s->vmsd, s->opaque), bytes->data, bytes->len, &used, NULL, &err)) {
        return g_strdup(err->message);
    }
    g_autoptr(GByteArray) again = save(s, NULL);
    if (used != bytes->len || again->len != bytes->len || (bytes->len && memcmp(again->data, bytes->data, bytes->len))) {
        return g_strdup_printf("%zu of %u bytes loaded, %u saved, not the same", used, bytes->len, again->len);
    }
    return NULL;
}

/* Of large arrays only some elements are changed: the first, the last and every so many. */
static bool sampled(guint i, guint n)
{
    return n < 400 || i < 10 || i > n - 10 || i % (n / (n > 10000 ? 10 : 100)) == 0;
}

static void change_every_field(const VMStateSection *s, bool *changed_any)
{
    g_autoptr(GString) json = g_string_new("{");
    g_autoptr(GByteArray) base = save(s, json);
    g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(Place));

    g_string_append_c(json, '}');
    json_object *o = json_tokener_parse(json->str);
    ck_assert_msg(o != NULL, "%s", json->str);
    size_t end = places_of_fields(json_object_object_get(o, "fields"), 0, "", places);
    ck_assert_uint_eq(places_of_subsections(o, end, "", places), base->len);
    json_object_put(o);
    g_autofree char *same = reload(s, base);
    ck_assert_msg(!same, "%s: %s", s->name, same);
    for (guint i = 0; i < places->len; i++) {
        Place *p = &g_array_index(places, Place, i);
        if (p->fixed || !p->size || !sampled(i, places->len) || is_particular(s->name, p->name)) {
            continue;
        }
        for (size_t k = 0; k < p->size; k += p->size > 64 ? p->size / 16 : 1) {
            g_autoptr(GByteArray) other = g_byte_array_new();
            g_byte_array_append(other, base->data, base->len);
            other->data[p->at + k] ^= p->flag ? 1 : 0x5a;
            g_autofree char *message = reload(s, other);
            ck_assert_msg(!message, "%s: %s, byte %zu: %s", s->name, p->name, k, message);
            *changed_any = true;
        }
    }
    g_autofree char *back = reload(s, base);
    ck_assert_msg(!back, "%s: after all: %s", s->name, back);
}

static const char *const generic_machines[][2] = {
    { "pseries-2.6,cap-htm=off", "POWER8" }, { "pseries-2.12,cap-htm=off", "POWER7" }, { "pseries-7.2,ic-mode=xics", "POWER9" },
};

START_TEST(every_field_counts)
{
    bool changed_any = false;

    make_machine(generic_machines[_i][0], generic_machines[_i][1], 2);
    runstate_powerdown_machine();       /* an event that waits */
    for (guint i = 0; i < vmstate_sections()->len; i++) {
        change_every_field(g_ptr_array_index(vmstate_sections(), i), &changed_any);
    }
    ck_assert(changed_any);
}
END_TEST

/* A stream that is cut anywhere is refused with the path of what is missing, and nothing is read beyond it. */
START_TEST(every_section_cut)
{
    make_machine("pseries-7.2", "POWER9", 1);
    for (guint i = 0; i < vmstate_sections()->len; i++) {
        const VMStateSection *s = g_ptr_array_index(vmstate_sections(), i);
        g_autoptr(GByteArray) base = save(s, NULL);
        g_autofree char *path = path_of(s);
        size_t used, step = MAX(base->len / 60, 1);
        for (size_t n = 0; n < base->len; n += step) {
            g_autoptr(GError) err = NULL;
            g_autofree uint8_t *part = g_memdup2(base->data, n);    /* so that a sanitizer sees an over-read */
            if (!load(s, vmstate_version(s->vmsd, s->opaque), part, n, &used, NULL, &err)) {
                ck_assert_msg(g_str_has_prefix(err->message, path), "%s", err->message);
            } else {
                ck_assert_uint_le(used, n);     /* cut before a subsection */
            }
        }
        size_t all;
        ck_assert(load(s, vmstate_version(s->vmsd, s->opaque), base->data, base->len, &all, NULL, NULL));
    }
}
END_TEST

START_TEST(wrong_processor)
{
    Recording *r = g_ptr_array_index(recordings, 4);
    g_autoptr(GByteArray) b = unpack(r->file);
    g_autoptr(GError) err = NULL;
    int version;
    size_t used, at = find_section(b, "cpu", 0, &version);

    ck_assert_str_eq(r->cpu, "POWER8");
    make_machine("pseries-2.6,cap-htm=off", "POWER7", 1);
    ck_assert(!load(vmstate_find("cpu", 0), version, b->data + at, b->len - at, &used, NULL, &err));
    ck_assert_str_eq(err->message, "cpu 0: env.spr[PVR]: the stream has 0x004d0200 (power8_v2.0), this processor is 0x003f0203 "
                     "(power7_v2.3): use -cpu power8_v2.0");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("state");
    TCase *t = tcase_create("state");

    recordings = read_index("recordings");
    fragments = read_index("sections");
    tcase_set_timeout(t, 100);
    tcase_add_test(t, every_type_is_here);
    tcase_add_test(t, every_byte_accounted);
    tcase_add_loop_test(t, recording, 0, recordings->len);
    tcase_add_loop_test(t, fragment, 0, fragments->len);
    tcase_add_loop_test(t, every_field_counts, 0, G_N_ELEMENTS(generic_machines));
    tcase_add_test(t, every_section_cut);
    tcase_add_test(t, wrong_processor);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
