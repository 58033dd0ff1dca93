/*
 * What frames the streams of this machine's version: the object "migration", whose properties the versions table pins,
 * and whether a stream that came is framed like that. See savevm.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/savevm-int.h"
#include "migration/dialect.h"
#include "migration/migration.h"
#include "system/report.h"
#include <string.h>

static const Property migration_props[] = {
    PROP(MigrationObject, "send-configuration", send_configuration, "on", .help = "the machine's name opens the stream"),
    PROP(MigrationObject, "send-section-footer", send_section_footer, "on", .help = "each section ends with its number"),
    PROP(MigrationObject, "store-global-state", store_global_state, "on", .help = "whether the machine ran travels, too"),
    PROP(MigrationObject, "multifd-flush-after-each-section", multifd_flush_after_each_section, "off",
         .help = "multifd's channels wait for each other at the end of each part, and not where the stream says so"),
    { .name = NULL }
};
OBJECT_TYPE(migration_type, .name = "migration", .parent = "device", .size = sizeof(MigrationObject), .props = migration_props);

const MigrationObject *stream_form(void)
{
    static MigrationObject *m;

    if (!m) {
        m = g_new0(MigrationObject, 1);
        object_init(&m->object, &migration_type);
        object_apply_globals(&m->object, NULL);     /* what the user said was checked before */
    }
    return m;
}

void migration_print_globals(GString *out)
{
    const MigrationObject *m = stream_form();

    g_string_append_printf(out, "globals:\nstore-global-state: %s\nonly-migratable: %s\nsend-configuration: %s\nsend-section-footer: %s\n",
                           m->store_global_state ? "on" : "off", migration_only_migratable ? "on" : "off", m->send_configuration ? "on" : "off",
                           m->send_section_footer ? "on" : "off");
}

bool savevm_syncs_multifd_each_part(void)
{
    return stream_form()->multifd_flush_after_each_section;
}

bool savevm_stores_global_state(void)
{
    return stream_form()->store_global_state;
}

bool savevm_sends_configuration(void)
{
    return stream_form()->send_configuration || dialect.configuration;
}

static const char *machine_name(void)
{
    Object *machine = object_resolve("/machine");

    return machine->type->name;
}

char *stream_machine_name(void)
{
    const char *name = machine_name();

    return g_strndup(name, strlen(name) - (g_str_has_suffix(name, "-machine") ? strlen("-machine") : 0));
}

bool stream_has_description(void)
{
    g_autofree char *off = object_get(object_resolve("/machine"), "suppress-vmdesc");

    return dialect.configuration || g_strcmp0(off, "true");
}

bool savevm_check_configuration(bool there, GError **err)
{
    /* QEMU 2.4 and 2.5 sent it for older machines, too */
    return there || !stream_form()->send_configuration
        || report_fail(err, "Configuration section missing: the stream is of a machine older than pseries-2.4, this is a '%s'", machine_name());
}

bool savevm_check_machine(const char *name, GError **err)
{
    g_autofree char *here = stream_machine_name();

    return !strcmp(name, here) || report_fail(err, "Machine type received is '%s' and local is '%s': start this emulator with -machine %s",
                                              name, here, name);
}

bool savevm_check_footers(bool there, GError **err)
{
    if (there == stream_form()->send_section_footer) {
        return true;
    }
    return report_fail(err, there ? "sections end with footers, as those of machines since pseries-2.4 do, and this is a '%s'"
                       : "sections have no footers, which those of a '%s' have: the stream is of a machine older than pseries-2.4", machine_name());
}
