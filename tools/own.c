/*
 * See own.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tools/own.h"
#include "migration/migration.h"
#include "migration/wire.h"
#include "system/cpus.h"
#include "system/options.h"
#include "system/report.h"
#include "system/runstate.h"
#include "target/ppc/spr.h"
#include <inttypes.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define OLDEST "pseries-2.2"    /* of the versions that do not name themselves; 2.1's layout is the same */

static void leave_out_backends(Options *o)
{
    g_array_set_size(o->monitors, 0);
    o->qtest = NULL;
    if (!o->serials->len && !o->nodefaults) {
        g_ptr_array_add(o->serials, (char *)"null");
    }
    o->nodefaults = true;
    for (guint i = 0; i < o->serials->len; i++) {
        const char *spec = o->serials->pdata[i];
        if (strcmp(spec, "none") && !g_str_has_prefix(spec, "chardev:")) {
            o->serials->pdata[i] = (char *)"null";
        }
    }
    for (guint i = 0; i < o->chardevs->len; i++) {
        const char *spec = o->chardevs->pdata[i], *id = strstr(spec, ",id=");
        o->chardevs->pdata[i] = id ? g_strdup_printf("null,id=%.*s", (int)strcspn(id + 4, ","), id + 4) : g_strdup(spec);
    }
    o->machine.kernel = o->machine.initrd = o->machine.bios = o->machine.dtb = NULL;
}

bool own_machine(char **args, GError **err)
{
    static Options o;
    g_autoptr(GPtrArray) argv = g_ptr_array_new();

    g_ptr_array_add(argv, (char *)"qemu-system-ppc64");
    for (; args && *args; args++) {
        g_ptr_array_add(argv, *args);
    }
    switch (options_parse(argv->len, (char **)argv->pdata, &o, err)) {
    case OPTIONS_ERROR:
        return false;
    case OPTIONS_DONE:
        return report_fail(err, "options that ask for help make no machine");
    case OPTIONS_RUN:
        break;
    }
    leave_out_backends(&o);
    if (!options_make_machine(&o, err)) {
        return false;
    }
    migration_init();
    runstate_reset_machine();
    return true;
}

const char *own_model(const Saved *s)
{
    const SavedSection *cpu = saved_find(s, "cpu", 0);
    const SavedField *spr = saved_field(cpu, "spr");
    uint64_t pvr;

    if (!spr || spr->count <= SPR_PVR || !saved_number(cpu, spr, SPR_PVR, &pvr)) {
        return NULL;
    }
    return ppc_model_of_pvr(pvr) ? ppc_model_of_pvr(pvr)->name : NULL;
}

/* Heads of sections "cpu_common", wherever they are: one a processor thread. */
static unsigned count_processors(const uint8_t *t, size_t size)
{
    static const char head[] = "\x0a" "cpu_common";
    unsigned n = 0;

    for (const uint8_t *p = t, *end = t + size; (p = memmem(p, end - p, head, sizeof(head) - 1)); p++) {
        n++;
    }
    return CLAMP(n, 1, 1024);
}

char **own_options(const Saved *s, const uint8_t *tail, size_t size)
{
    uint64_t ram = 0;
    const char *model = own_model(s);

    for (guint i = 0; i < s->blocks->len; i++) {
        const SavedBlock *b = g_ptr_array_index(s->blocks, i);
        ram += strcmp(b->name, "ppc_spapr.ram") ? 0 : b->bytes;
    }
    GPtrArray *a = g_ptr_array_new();
    g_ptr_array_add(a, g_strdup("-M"));
    g_ptr_array_add(a, g_strdup(s->machine ? s->machine : OLDEST));
    if (model) {
        g_ptr_array_add(a, g_strdup("-cpu"));
        g_ptr_array_add(a, g_strdup(model));
    }
    g_ptr_array_add(a, g_strdup("-m"));
    g_ptr_array_add(a, g_strdup_printf("%" PRIu64, MAX(ram >> 20, 256)));
    g_ptr_array_add(a, g_strdup("-smp"));
    g_ptr_array_add(a, g_strdup_printf("%u", count_processors(tail, size)));
    g_ptr_array_add(a, NULL);
    return (char **)g_ptr_array_free(a, FALSE);
}

/* ---- a description by the loader, in a process of its own ---- */

static void hear_nothing(VmsSource *in, GError *e)
{
    g_error_free(e);            /* only the layout is wanted */
}

static bool describe_section(VmsMemory *m, bool footers, GString *json, GError **err)
{
    VmsSource *in = &m->source;
    uint64_t type, id, instance, version;
    char name[256];

    if (!vms_read_be(in, 1, &type, err) || !vms_read_be(in, 4, &id, err) || !vms_read_string8(in, name, err) || !vms_read_be(in, 4, &instance, err)
        || !vms_read_be(in, 4, &version, err)) {
        return false;
    }
    const VMStateSection *s = vmstate_find(name, instance);
    if (!s) {
        return report_fail(err, "this program has no section '%s' %" PRIu64 " in such a machine", name, instance);
    }
    g_autoptr(GString) one = g_string_new(NULL);
    in->description = one;
    bool ok = vmstate_load(s->vmsd, s->opaque, name, version, in, err);
    in->description = NULL;
    if (!ok) {
        return false;
    }
    if (footers) {
        uint8_t foot[5];
        if (!in->read(in, foot, 5, err)) {
            return false;
        }
    }
    g_string_append_printf(json, "%s{\"name\": \"%s\", \"instance_id\": %" PRIu64 ", %s}", json->str[json->len - 1] == '[' ? "" : ", ", name, instance,
                           one->str);
    return true;
}

static void write_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t m = write(fd, p, n);
        if (m <= 0) {
            _exit(1);
        }
        p += m;
        n -= m;
    }
}

static G_NORETURN void describe(const Saved *s, const uint8_t *tail, size_t size, char **args, int to)
{
    g_autoptr(GError) err = NULL;
    g_autoptr(GString) json = g_string_new("{\"devices\": [");
    VmsMemory m;

    vms_memory_init(&m, tail, size);
    m.source.complain = hear_nothing;
    if (own_machine(args, &err)) {
        while (m.source.position < size && tail[m.source.position] == SECTION_FULL && describe_section(&m, s->footers, json, &err)) { }
    }
    g_string_append(json, "]");
    if (err) {
        json_object *o = json_object_new_string(err->message);
        g_string_append_printf(json, ", \"why\": %s", json_object_to_json_string(o));
    }
    g_string_append(json, "}");
    write_all(to, json->str, json->len);
    _exit(0);
}

json_object *own_description(const Saved *s, const uint8_t *tail, size_t size, char **args, char **note)
{
    g_auto(GStrv) guessed = args ? NULL : own_options(s, tail, size);
    g_autoptr(GString) answer = g_string_new(NULL);
    char buf[4096];
    ssize_t n;
    int fds[2];

    if (pipe(fds)) {
        return NULL;
    }
    pid_t child = fork();
    if (!child) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, 2);          /* warnings about a machine that nobody asked for */
        describe(s, tail, size, args ? args : guessed, fds[1]);
    }
    close(fds[1]);
    while ((n = read(fds[0], buf, sizeof(buf))) > 0) {
        g_string_append_len(answer, buf, n);
    }
    close(fds[0]);
    if (child > 0) {
        waitpid(child, NULL, 0);
    }
    json_tokener *parser = json_tokener_new_ex(64);
    json_object *all = json_tokener_parse_ex(parser, answer->str, answer->len), *why = NULL;
    json_tokener_free(parser);
    if (!all || json_object_object_get_ex(all, "why", &why)) {
        g_free(*note);
        *note = g_strdup_printf("the stream does not describe its device state, and a machine like its own does not understand all of it: %s",
                                why ? json_object_get_string(why) : "it could not be made");
    }
    return all;
}
