/*
 * See memory-backend.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/memory-backend.h"
#include "hw/core/user-objects.h"
#include "system/report.h"
#include <string.h>

#define NAME_MAX_BYTES 240      /* a stream's strings have 255 at most, the host's files of memory 249 */

typedef struct MemoryBackend {
    Object object;
    uint64_t size, align, hugetlbsize;
    bool share, prealloc, merge, dump, reserve;
    bool pmem, discard_data, readonly, hugetlb, seal;
    const char *mem_path;
    bool canonical_name;        /* the block is called by the object's path */
    bool used;
    unsigned made;              /* the how manieth */
} MemoryBackend;

#define FIXED "cannot change property value"
/* What each has; how the host treats memory, sharing aside, is accepted and no more. */
#define COMMON(share_)                                                                                                                        \
    PROP(MemoryBackend, "size", size, NULL, .kind = PROP_SIZE, .required = true, .type_name = "int", .help = "Size of the memory region (ex: 500M)", \
         .fixed = "cannot change property size of %s "),                                                                                   \
    PROP(MemoryBackend, "share", share, share_, .help = "Mark the memory as private to QEMU or shared", .fixed = FIXED),                                      \
    PROP(MemoryBackend, "prealloc", prealloc, NULL, .help = "Preallocate memory"),                                                            \
    PROP(MemoryBackend, "merge", merge, "on", .help = "Mark memory as mergeable"),                                                            \
    PROP(MemoryBackend, "dump", dump, "on", .help = "Set to 'off' to exclude from core dump"),                                                \
    PROP(MemoryBackend, "reserve", reserve, "on", .help = "Reserve swap space (or huge pages) if applicable", .fixed = FIXED),                              \
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

static bool complete(Object *o, GError **err)
{
    static unsigned count;
    MemoryBackend *m = (MemoryBackend *)o;

    m->made = count++;
    if (!m->size) {
        return report_fail(err, "property 'size' of %s doesn't take value '0'", o->type->name);
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

bool memory_backend_source(const char *id, MemorySource *source, GError **err)
{
    static const char path[] = "/objects/";
    const char *name = g_str_has_prefix(id, path) ? id + strlen(path) : id;
    Object *o = user_object_find(name);

    if (!o || !object_type_is(o->type, "memory-backend")) {
        return report_fail(err, "Memory backend '%s' not found", id);
    }
    MemoryBackend *m = (MemoryBackend *)o;
    if (m->used) {
        return report_fail(err, "memory backend %s can't be used multiple times.", name);
    }
    g_autofree char *block = g_strconcat(m->canonical_name ? path : "", name, NULL);
    if (strlen(block) > NAME_MAX_BYTES) {
        return report_fail(err, "the name '%s' of a memory backend has more than the %d bytes that streams have room for", name, NAME_MAX_BYTES);
    }
    m->used = true;
    *source = (MemorySource){ .name = g_intern_string(block), .path = m->mem_path, .shared = m->share, .size = m->size, .made = m->made };
    return true;
}
