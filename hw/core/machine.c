/*
 * See machine.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/machine.h"
#include "hw/core/device.h"
#include "system/report.h"
#include <string.h>

#define SUFFIX "-machine"

extern const MachineKind *const __start_machine_kind_rows[], *const __stop_machine_kind_rows[];

MachineConfig *machine;

#define OWN(name, f, value, help_, ...) PROP(MachineConfig, name, f, value, .help = help_, __VA_ARGS__)
#define MADE_WITH .fixed = MACHINE_MADE_WITH
#define TEXT .type_name = "string"
static const Property props[] = {
    OWN("append", append, NULL, "Linux kernel command line", TEXT, MADE_WITH),
    OWN("boot", boot, NULL, "Boot configuration", .type_name = "BootConfiguration", MADE_WITH),
    OWN("dtb", dtb, NULL, "Linux kernel device tree file", TEXT, MADE_WITH),
    OWN("dump-guest-core", dump_guest_core, "on", "Include guest memory in a core dump"),
    OWN("dumpdtb", dumpdtb, NULL, "Dump current dtb to a file and quit", TEXT, MADE_WITH),
    OWN("firmware", firmware, NULL, "Firmware image", TEXT, MADE_WITH),
    OWN("graphics", graphics, "on", "Set on/off to enable/disable graphics emulation"),
    OWN("initrd", initrd, NULL, "Linux initial ramdisk file", TEXT, MADE_WITH),
    OWN("kernel", kernel, NULL, "Linux kernel image file", TEXT, MADE_WITH),
    OWN("mem-merge", mem_merge, "on", "Enable/disable memory merge support"),
    OWN("memory-backend", memory_backend, NULL, "Set RAM backendValid value is ID of hostmem based backend", .type_name = "link<memory-backend>", MADE_WITH),
    OWN("suppress-vmdesc", suppress_vmdesc, "off", "Set on to disable self-describing migration"),
    OWN("usb", usb, "off", "Set on/off to enable/disable usb"),
    { NULL }
};
OBJECT_TYPE(machine_type_row, .name = "machine", .abstract = true, .size = sizeof(MachineConfig), .props = props);

const MachineKind *machine_kind(const char *name)
{
    for (const MachineKind *const *k = __start_machine_kind_rows; k < __stop_machine_kind_rows; k++) {
        if ((*k)->real_name(name)) {
            return *k;
        }
    }
    return NULL;
}

const ObjectType *machine_type(const char *name)
{
    const MachineKind *k = machine_kind(name);
    g_autofree char *type = k ? g_strconcat(k->real_name(name), SUFFIX, NULL) : NULL;

    return object_type_find(type);
}

char *machine_name_of(const ObjectType *t)
{
    return g_strndup(t->name, strlen(t->name) - (g_str_has_suffix(t->name, SUFFIX) ? strlen(SUFFIX) : 0));
}

void machine_list(GString *out)
{
    GPtrArray *types = object_types();

    g_string_append(out, "Supported machines are:\n");
    for (guint i = 0; i < types->len; i++) {
        const ObjectType *t = g_ptr_array_index(types, i);
        g_autofree char *name = machine_name_of(t);
        MachineInfo info = { 0 };
        if (t->abstract || !object_type_is(t, "machine")) {
            continue;
        }
        machine_kind(name)->info(name, &info);
        if (info.alias) {
            g_string_append_printf(out, "%-20s %s (alias of %s)\n", info.alias, info.desc, name);
        }
        g_string_append_printf(out, "%-20s %s%s\n", name, info.desc, info.is_default ? " (default)" : "");
    }
}

bool machine_property_known(const char *name, const char *property, GError **err)
{
    const ObjectType *t = machine_type(name);
    const Property *p = object_type_property(t, property);

    return (p && !p->internal) || report_fail(err, "Property '%s.%s' not found", t->name, property);
}

bool machine_begin(MachineConfig *m, const MachineOptions *o, GError **err)
{
    for (guint i = 0; o->props && i < o->props->len; i++) {
        g_auto(GStrv) pair = g_strsplit(g_ptr_array_index(o->props, i), "=", 2);
        if (!object_set(&m->object, pair[0], pair[1], PROP_FROM_OPTION, err)) {
            return false;
        }
    }
    m->append = o->append;
    m->boot = o->boot;
    m->dtb = o->dtb;
    m->dumpdtb = o->dumpdtb;
    m->firmware = o->bios;
    m->initrd = o->initrd;
    m->kernel = o->kernel;
    machine = m;
    object_add_child(object_root(), "machine", &m->object);
    object_machine_container("unattached");
    object_machine_container("peripheral");
    object_machine_container("peripheral-anon");
    bus_new("System", "sysbus", NULL);
    return true;
}
