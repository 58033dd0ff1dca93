/*
 * Before anything moves: a manifest says what a guest is (query-migration-manifest), and a machine that waits for it says whether it would take it
 * (migrate-check; between two of ours without being asked, announce.h). Memory's contents are left out, so both take milliseconds; device state is
 * in it, packed, so that the loader itself is asked.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/manifest.h"
#include "hw/core/device.h"
#include "hw/ppc/spapr.h"
#include "migration/check.h"
#include "migration/migration.h"
#include "monitor/qmp.h"
#include "system/cpus.h"
#include "system/memory.h"
#include "system/report.h"
#include "system/runstate.h"
#include <string.h>

#define STATE_MAX (512ull << 20)    /* of all sections, unpacked */
#define PACK_LEVEL 1

QMP_STRUCT(MigrationManifestBlock, "name:str size:size");
QMP_STRUCT(MigrationManifestCapability, "name:str value:str");
QMP_STRUCT(MigrationManifestSection, "name:str instance:int version:int state:str?");
QMP_STRUCT(MigrationManifest, "machine:str named:bool footers:bool cpu-model:str pvr:int compat-pvr:int? features:[str] "
           "capabilities:[MigrationManifestCapability] memory:[MigrationManifestBlock] hash-table-shift:int? sections:[MigrationManifestSection]");
QMP_STRUCT(MigrateCheck, "loads:bool reasons:[str] notes:[str]");

/* ---- on the source ---- */

static char *pack(const GByteArray *bytes)
{
    g_autoptr(GConverter) zlib = G_CONVERTER(g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB, PACK_LEVEL));
    g_autoptr(GOutputStream) memory = g_memory_output_stream_new_resizable(), out = g_converter_output_stream_new(memory, zlib);

    g_output_stream_write_all(out, bytes->data, bytes->len, NULL, NULL, NULL);
    g_output_stream_close(out, NULL, NULL);
    return g_base64_encode(g_memory_output_stream_get_data(G_MEMORY_OUTPUT_STREAM(memory)),
                           g_memory_output_stream_get_data_size(G_MEMORY_OUTPUT_STREAM(memory)));
}

static json_object *sections(GError **err)
{
    GPtrArray *all = vmstate_sections();
    json_object *list = json_object_new_array();

    for (guint i = 0; i < all->len; i++) {
        const VMStateSection *s = g_ptr_array_index(all, i);
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        if (!vmstate_needed(s->vmsd, s->opaque)) {
            continue;
        }
        if (!vmstate_save(s->vmsd, s->opaque, s->name, &(VmsSink){ .bytes = bytes }, NULL, err)) {
            json_object_put(list);
            return NULL;
        }
        g_autofree char *state = pack(bytes);
        json_object_array_add(list, qmp_object("name", JSTR(s->name), "instance", JINT(s->instance), "version", JINT(vmstate_version(s->vmsd, s->opaque)),
                                               "state", JSTR(state), NULL));
    }
    return list;
}

static json_object *capabilities(void)
{
    g_autoptr(GPtrArray) props = object_type_properties(machine->object.type);
    json_object *list = json_object_new_array();

    for (guint i = 0; i < props->len; i++) {
        const Property *p = g_ptr_array_index(props, i);
        if (g_str_has_prefix(p->name, "cap-")) {
            g_autofree char *value = object_get(&machine->object, p->name);
            json_object_array_add(list, qmp_object("name", JSTR(p->name), "value", JSTR(value ? value : ""), NULL));
        }
    }
    return list;
}

static json_object *features(const PowerPCCPU *cpu)
{
    static const struct { unsigned bit; const char *name; } all[] = {
#define X(id, bit, book, prop, what) { bit, prop },
        PPC_FEATURES(X)
#undef X
    };
    json_object *list = json_object_new_array();

    for (unsigned i = 0; i < G_N_ELEMENTS(all); i++) {
        if (ppc_has(&cpu->features, all[i].bit)) {
            json_object_array_add(list, JSTR(all[i].name));
        }
    }
    return list;
}

static const PowerPCCPU *first_processor(void)
{
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        return cpu;
    }
    return NULL;
}

json_object *manifest_new(GError **err)
{
    bool running = runstate_is_running();
    const PowerPCCPU *cpu = first_processor();
    g_autofree char *version = machine_name_of(machine->object.type);
    json_object *memory;

    if (!cpu) {
        report_fail(err, "machine '%s' has no processors, so that no guest can move", version);
        return NULL;
    }
    memory = json_object_new_array();

    if (running) {
        cpus_pause_all();
    }
    json_object *list = sections(err);
    if (running) {
        cpus_resume_all();
    }
    if (!list) {
        json_object_put(memory);
        return NULL;
    }
    for MEMORY_BLOCKS(b) {
        json_object_array_add(memory, qmp_object("name", JSTR(b->name), "size", json_object_new_uint64(b->size), NULL));
    }
    json_object *m = qmp_object("machine", JSTR(version), "named", JBOOL(savevm_sends_configuration()), "footers", JBOOL(savevm_check_footers(true, NULL)),
                                "cpu-model", JSTR(cpu->model->name), "pvr", JINT(cpu->spr[SPR_PVR]), "features", features(cpu), "capabilities",
                                capabilities(), "memory", memory, "sections", list, NULL);
    if (cpu->compat_pvr) {
        json_object_object_add(m, "compat-pvr", JINT(cpu->compat_pvr));
    }
    if (spapr && spapr->htab) {
        json_object_object_add(m, "hash-table-shift", JINT(spapr->htab_shift));
    }
    return m;
}

QMP(query_migration_manifest, "query-migration-manifest", "", "MigrationManifest", 0)
{
    *ret = manifest_new(err);
    return *ret;
}

/* ---- on the destination ---- */

/* At most `*room` bytes, which become fewer; NULL: it is not what pack() makes. */
static GByteArray *unpack(const char *text, uint64_t *room)
{
    gsize n;
    g_autofree guchar *packed = g_base64_decode(text, &n);
    g_autoptr(GConverter) zlib = G_CONVERTER(g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB));
    g_autoptr(GInputStream) memory = g_memory_input_stream_new_from_data(packed, n, NULL), in = g_converter_input_stream_new(memory, zlib);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    uint8_t buf[16384];
    uint64_t left = *room;
    gssize got;

    while ((got = g_input_stream_read(in, buf, sizeof(buf), NULL, NULL)) > 0) {
        if (got > left) {
            return NULL;
        }
        left -= got;
        g_byte_array_append(bytes, buf, got);
    }
    if (got < 0) {
        return NULL;
    }
    *room = left;
    return g_steal_pointer(&bytes);
}

static void check_sections(LoadCheck *c, json_object *list)
{
    uint64_t room = STATE_MAX;

    for (size_t i = 0; i < json_object_array_length(list); i++) {
        json_object *s = json_object_array_get_idx(list, i);
        const char *name = qmp_str(s, "name", ""), *state = qmp_str(s, "state", NULL);
        uint32_t instance = qmp_int(s, "instance", 0), version = qmp_int(s, "version", 0);
        g_autoptr(GByteArray) bytes = state ? unpack(state, &room) : NULL;
        if (!bytes) {
            g_autofree char *reason = g_strdup_printf("%s %u: the manifest does not hold its state", name, instance);
            load_check_reason(c, reason);
            continue;
        }
        load_check_section(c, name, instance, version, bytes->data, bytes->len);
    }
}

static json_object *texts(const GPtrArray *all)
{
    json_object *list = json_object_new_array();

    for (guint i = 0; i < all->len; i++) {
        json_object_array_add(list, JSTR(all->pdata[i]));
    }
    return list;
}

static LoadCheck *check(json_object *m)
{
    json_object *memory = json_object_object_get(m, "memory");
    g_auto(GStrv) head = g_strsplit(loadvm_disagreements(), "\n", -1);
    LoadCheck *c = load_check_new();

    for (char **reason = head; *reason; reason++) {
        load_check_reason(c, *reason);
    }
    load_check_framing(c, qmp_bool(m, "named", false) ? qmp_str(m, "machine", "") : NULL, qmp_bool(m, "footers", false));
    for (size_t i = 0; i < json_object_array_length(memory); i++) {
        json_object *block = json_object_array_get_idx(memory, i);
        load_check_block(c, qmp_str(block, "name", ""), json_object_get_uint64(json_object_object_get(block, "size")));
    }
    load_check_hash_table(c, qmp_int(m, "hash-table-shift", UINT32_MAX));
    check_sections(c, json_object_object_get(m, "sections"));
    load_check_end(c);
    runstate_reset_machine();           /* what was loaded for the check goes */
    return c;
}

bool manifest_is_one(json_object *m, GError **err)
{
    json_object *o = qmp_object("manifest", json_object_get(m), NULL);
    bool ok = qmp_check_members("", "manifest:MigrationManifest", o, err);

    json_object_put(o);
    return ok;
}

char *manifest_check(json_object *m)
{
    bql_lock();
    LoadCheck *c = check(m);
    bql_unlock();
    GString *all = g_string_new(NULL);
    for (guint i = 0; i < load_check_reasons(c)->len; i++) {
        g_string_append_printf(all, "%s%s", i ? "; " : "", (const char *)load_check_reasons(c)->pdata[i]);
    }
    load_check_free(c);
    return g_string_free(all, FALSE);
}

QMP(migrate_check, "migrate-check", "manifest:MigrationManifest", "MigrateCheck", 0)
{
    if (runstate_now() != RUN_INMIGRATE || migration_info().status > MIGRATION_SETUP) {
        return report_fail(err, "migrate-check asks a machine that waits for a guest (-incoming), before one comes: this one does not wait");
    }
    LoadCheck *c = check(json_object_object_get(args, "manifest"));
    *ret = qmp_object("loads", JBOOL(!load_check_reasons(c)->len), "reasons", texts(load_check_reasons(c)), "notes", texts(load_check_notes(c)), NULL);
    load_check_free(c);
    return true;
}
