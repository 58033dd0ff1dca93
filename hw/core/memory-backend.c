/*
 * See memory-backend.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/memory-backend.h"
#include "hw/core/user-objects.h"
#include "monitor/monitor.h"
#include "monitor/qmp.h"
#include "system/report.h"
#include <inttypes.h>
#include <string.h>

#define WORD_BITS (8 * sizeof(unsigned long))
#define NAME_MAX_BYTES 240      /* a stream's strings have 255 at most, the host's files of memory 249 */

typedef struct MemoryBackend {
    Object object;
    uint64_t size, align, hugetlbsize;
    bool share, prealloc, merge, dump, reserve;
    bool pmem, discard_data, readonly, hugetlb, seal;
    const char *mem_path;
    bool canonical_name;        /* the block is called by the object's path */
    uint32_t prealloc_threads;
    const char *policy;
    json_object *host_nodes;    /* of integers, NULL: none */
    bool used;
    unsigned made;              /* the how manieth */
    uint64_t offset;            /* in the row of all that there are; for info ramblock */
} MemoryBackend;

#define FIXED "cannot change property value"
static const char *const policies[] = { "default", "preferred", "bind", "interleave" };     /* by Linux's number */
#define POLICIES "default preferred bind interleave"
QMP_ENUM(HostMemPolicy, POLICIES);
QMP_STRUCT(Memdev, "id:str? size:size merge:bool dump:bool prealloc:bool share:bool reserve:bool? host-nodes:[int] policy:HostMemPolicy");

/* What each has; how the host treats memory, sharing and its nodes aside, is accepted and no more. */
#define COMMON(share_)                                                                                                                        \
    PROP(MemoryBackend, "size", size, NULL, .kind = PROP_SIZE, .required = true, .type_name = "int", .help = "Size of the memory region (ex: 500M)", \
         .fixed = "cannot change property size of %s "),                                                                                   \
    PROP(MemoryBackend, "share", share, share_, .help = "Mark the memory as private to QEMU or shared", .fixed = FIXED),                                      \
    PROP(MemoryBackend, "prealloc", prealloc, NULL, .help = "Preallocate memory"),                                                            \
    PROP(MemoryBackend, "merge", merge, "on", .help = "Mark memory as mergeable"),                                                            \
    PROP(MemoryBackend, "dump", dump, "on", .help = "Set to 'off' to exclude from core dump"),                                                \
    PROP(MemoryBackend, "reserve", reserve, "on", .help = "Reserve swap space (or huge pages) if applicable", .fixed = FIXED),                              \
    PROP(MemoryBackend, "prealloc-threads", prealloc_threads, "1", .qmp_type = "u32", .type_name = "int",                                    \
         .help = "Number of CPU threads to use for prealloc"),                                                                                \
    PROP(MemoryBackend, "host-nodes", host_nodes, NULL, .type_name = "int", .qmp_type = "[int]", .help = "Binds memory to the list of NUMA host nodes"), \
    PROP(MemoryBackend, "policy", policy, "default", .choices = "|default|preferred|bind|interleave|", .type_name = "HostMemPolicy",          \
         .qmp_type = "HostMemPolicy", .help = "Set the NUMA policy"),                                                                         \
    PROP(MemoryBackend, "x-use-canonical-path-for-ramblock-id", canonical_name, NULL)

static const Property ram_props[] = { COMMON(NULL), { .name = NULL } };
static const Property memfd_props[] = {
    COMMON("on"),
    PROP(MemoryBackend, "hugetlb", hugetlb, NULL, .help = "Use huge pages"),
    PROP(MemoryBackend, "hugetlbsize", hugetlbsize, NULL, .kind = PROP_SIZE, .type_name = "int", .help = "Huge pages size (ex: 2M, 1G)", .fixed = FIXED),
    PROP(MemoryBackend, "seal", seal, "on", .help = "Seal growing & shrinking"),
    { .name = NULL },
};
static const Property file_props[] = {
    COMMON(NULL),
    PROP(MemoryBackend, "mem-path", mem_path, NULL, .type_name = "string", .required = true, .fixed = "cannot change property 'mem-path' of %s"),
    PROP(MemoryBackend, "align", align, NULL, .kind = PROP_SIZE, .type_name = "int"),
    PROP(MemoryBackend, "discard-data", discard_data, NULL),
    PROP(MemoryBackend, "pmem", pmem, NULL),
    PROP(MemoryBackend, "readonly", readonly, NULL),
    { .name = NULL },
};

static unsigned policy_of(const MemoryBackend *m)
{
    unsigned i = 0;

    while (strcmp(policies[i], m->policy)) {
        i++;
    }
    return i;
}

static bool check_nodes(const MemoryBackend *m, GError **err)
{
    const size_t n = m->host_nodes ? json_object_array_length(m->host_nodes) : 0;

    for (size_t i = 0; i < n; i++) {
        int64_t node = json_object_get_int64(json_object_array_get_idx(m->host_nodes, i));
        if (node < 0 || node >= MEMORY_HOST_NODES) {
            return report_fail(err, "Invalid host-nodes value: %" PRId64, node);
        }
    }
    if (n && !policy_of(m)) {
        return report_fail(err, "host-nodes must be empty for policy default, or you should explicitly specify a policy other than default");
    }
    return n || !policy_of(m) || report_fail(err, "host-nodes must be set for policy %s", m->policy);
}

/* In the smallest of the gaps that others left, or behind them. */
static uint64_t find_room(uint64_t size)
{
    const GPtrArray *all = object_container(object_root(), "objects")->children;
    uint64_t found = 0, smallest = UINT64_MAX;

    for (guint i = 0; i <= (all ? all->len : 0); i++) {         /* behind each, and at the beginning */
        const MemoryBackend *before = all && i < all->len ? g_ptr_array_index(all, i) : NULL;
        if (before && !object_type_is(before->object.type, "memory-backend")) {
            continue;
        }
        uint64_t at = before ? (before->offset + before->size + MEMORY_BLOCK_UNIT - 1) / MEMORY_BLOCK_UNIT * MEMORY_BLOCK_UNIT : 0, next = UINT64_MAX;
        for (guint k = 0; all && k < all->len; k++) {
            const MemoryBackend *m = g_ptr_array_index(all, k);
            if (object_type_is(m->object.type, "memory-backend") && m->offset >= at) {
                next = MIN(next, m->offset);
            }
        }
        if (next - at >= size && next - at < smallest) {
            found = at;
            smallest = next - at;
        }
    }
    return found;
}

static bool complete(Object *o, GError **err)
{
    static unsigned count;
    MemoryBackend *m = (MemoryBackend *)o;

    m->made = count++;
    m->offset = find_room(m->size);
    if (!m->size) {
        return report_fail(err, "property 'size' of %s doesn't take value '0'", o->type->name);
    }
    if (!m->prealloc_threads) {
        return report_fail(err, "property 'prealloc-threads' of %s doesn't take value '0'", o->type->name);
    }
    if (!check_nodes(m, err)) {
        return false;
    }
    if (m->hugetlb) {
        return report_fail(err, "hugetlb: guest memory here is in pages of the host's usual size: leave it out");
    }
    return !m->readonly || report_fail(err, "readonly: guests write their memory: leave it out, or use a file of which 'share=off' makes a copy");
}

static bool in_use(const Object *o)
{
    return ((const MemoryBackend *)o)->used;
}

#define BACKEND(id, name_, props_)                                                                                              \
    OBJECT_TYPE(id, .name = name_, .parent = "memory-backend", .size = sizeof(MemoryBackend), .props = props_,                  \
                .user_creatable = true, .complete = complete, .in_use = in_use)

OBJECT_TYPE(memory_backend_type, .name = "memory-backend", .abstract = true);
BACKEND(memory_backend_ram_type, "memory-backend-ram", ram_props);
BACKEND(memory_backend_memfd_type, "memory-backend-memfd", memfd_props);
BACKEND(memory_backend_file_type, "memory-backend-file", file_props);

static const char path[] = "/objects/";

static Object *find(const char *id)
{
    return user_object_find(g_str_has_prefix(id, path) ? id + strlen(path) : id);
}

static MemoryBackend *backend(const char *id)
{
    Object *o = find(id);

    return o && object_type_is(o->type, "memory-backend") ? (MemoryBackend *)o : NULL;
}

bool memory_backend_exists(const char *id, GError **err)
{
    if (!find(id)) {
        g_set_error(err, QMP_ERROR, QMP_DEVICE_NOT_FOUND, "Device '%s' not found", id);
        return false;
    }
    return backend(id) || report_fail(err, "Invalid parameter type for 'memdev', expected: memory-backend");
}

bool memory_backend_is_used(const char *id) { return backend(id)->used; }
uint64_t memory_backend_size(const char *id) { return backend(id)->size; }
void memory_backend_release(const char *id) { backend(id)->used = false; }

bool memory_backend_source(const char *id, MemorySource *source, GError **err)
{
    const char *name = g_str_has_prefix(id, path) ? id + strlen(path) : id;
    MemoryBackend *m = backend(id);

    if (!m) {
        return report_fail(err, "Memory backend '%s' not found", id);
    }
    if (m->used) {
        return report_fail(err, "memory backend %s can't be used multiple times.", name);
    }
    g_autofree char *block = g_strconcat(m->canonical_name ? path : "", name, NULL);
    if (strlen(block) > NAME_MAX_BYTES) {
        return report_fail(err, "the name '%s' of a memory backend has more than the %d bytes that streams have room for", name, NAME_MAX_BYTES);
    }
    m->used = true;
    *source = (MemorySource){ .name = g_intern_string(block), .path = m->mem_path, .shared = m->share, .size = m->size, .made = m->made, .offset = m->offset,
                              .policy = policy_of(m) };
    for (size_t i = 0; m->host_nodes && i < json_object_array_length(m->host_nodes); i++) {
        unsigned node = json_object_get_int64(json_object_array_get_idx(m->host_nodes, i));
        source->host_nodes[node / WORD_BITS] |= 1ul << node % WORD_BITS;
    }
    return true;
}

bool memory_backend_default(const MachineConfig *m, const char *id, uint64_t size, MemorySource *source, GError **err)
{
    if (user_object_find(id)) {
        return report_fail(err, "object name '%s' is reserved for the default RAM backend, it can't be used for any other purposes. Change the object's 'id' to "
                           "something else", id);
    }
    json_object *o = qmp_object("qom-type", JSTR("memory-backend-ram"), "id", JSTR(id), "size", json_object_new_uint64(size), "merge", JBOOL(m->mem_merge),
                                "dump", JBOOL(m->dump_guest_core), NULL);
    bool ok = user_object_add(o, err) && memory_backend_source(id, source, err);

    json_object_put(o);
    return ok;
}

/* ---- the monitors ---- */

static json_object *memdevs(void)
{
    const Object *all = object_container(object_root(), "objects");
    json_object *list = json_object_new_array();

    for (guint i = 0; all->children && i < all->children->len; i++) {
        const Object *o = g_ptr_array_index(all->children, i);
        if (object_type_is(o->type, "memory-backend")) {
            const MemoryBackend *m = (const MemoryBackend *)o;
            json_object *nodes = m->host_nodes ? json_object_get(m->host_nodes) : json_object_new_array();
            json_object_array_add(list, qmp_object("id", JSTR(o->name), "size", json_object_new_uint64(m->size), "merge", JBOOL(m->merge), "dump", JBOOL(m->dump),
                                                   "prealloc", JBOOL(m->prealloc), "share", JBOOL(m->share), "reserve", JBOOL(m->reserve), "host-nodes", nodes,
                                                   "policy", JSTR(m->policy), NULL));
        }
    }
    return list;
}

QMP(query_memdev, "query-memdev", "", "[Memdev]", 0)
{
    *ret = memdevs();
    return true;
}

HMP_INFO(memdev, "memdev", "", "", "show memory backends")
{
    static const char *const flags[] = { "merge", "dump", "prealloc", "share", "reserve" };
    json_object *all = memdevs();

    for (size_t i = 0; i < json_object_array_length(all); i++) {
        json_object *m = json_object_array_get_idx(all, i), *nodes = json_object_object_get(m, "host-nodes");
        g_string_append_printf(out, "memory backend: %s\n  size:  %" PRIu64 "\n", qmp_str(m, "id", ""), json_object_get_uint64(json_object_object_get(m, "size")));
        for (unsigned k = 0; k < G_N_ELEMENTS(flags); k++) {
            g_string_append_printf(out, "  %s: %s\n", flags[k], qmp_bool(m, flags[k], false) ? "true" : "false");
        }
        g_string_append_printf(out, "  policy: %s\n  host nodes: ", qmp_str(m, "policy", ""));
        for (size_t k = 0; k < json_object_array_length(nodes); k++) {
            g_string_append_printf(out, "%s%" PRId64, k ? ", " : "", json_object_get_int64(json_object_array_get_idx(nodes, k)));
        }
        g_string_append_c(out, '\n');
    }
    g_string_append_c(out, '\n');
    json_object_put(all);
}
