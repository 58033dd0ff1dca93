/*
 * See memory-backend.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/memory-backend.h"
#include "hw/core/user-objects.h"
#include "system/report.h"

typedef struct MemoryBackend {
    Object object;
    uint64_t size;
    bool share, prealloc, merge, dump, reserve;
    bool used;
} MemoryBackend;

static const Property props[] = {
    PROP(MemoryBackend, "size", size, NULL, .kind = PROP_SIZE, .required = true, .type_name = "int", .help = "Size of the memory region (ex: 500M)"),
    PROP(MemoryBackend, "share", share, NULL, .help = "Mark the memory as private to QEMU or shared"),
    PROP(MemoryBackend, "prealloc", prealloc, NULL, .help = "Preallocate memory"),
    PROP(MemoryBackend, "merge", merge, "on", .help = "Mark memory as mergeable"),
    PROP(MemoryBackend, "dump", dump, "on", .help = "Set to 'off' to exclude from core dump"),
    PROP(MemoryBackend, "reserve", reserve, "on", .help = "Reserve swap space (or huge pages) if applicable"),
    { .name = NULL },
};

static bool complete(Object *o, GError **err)
{
    return ((MemoryBackend *)o)->size || report_fail(err, "property 'size' of memory-backend-ram doesn't take value '0'");
}

static bool in_use(const Object *o)
{
    return ((const MemoryBackend *)o)->used;
}

OBJECT_TYPE(memory_backend_type, .name = "memory-backend", .abstract = true);
OBJECT_TYPE(memory_backend_ram_type, .name = "memory-backend-ram", .parent = "memory-backend", .size = sizeof(MemoryBackend), .props = props,
            .user_creatable = true, .complete = complete, .in_use = in_use);

bool memory_backend_use(const char *id, uint64_t *size)
{
    Object *o = user_object_find(id);

    if (!o || !object_type_is(o->type, "memory-backend")) {
        return false;
    }
    ((MemoryBackend *)o)->used = true;
    *size = ((MemoryBackend *)o)->size;
    return true;
}
