/*
 * The machine versions, newest first: what each froze when the next one changed it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr.h"
#include <string.h>

/*   name    default cpu      irqs    legacy  refpoint ddw  phb-dr resize update-dt watchdog */
#define ERA_31(n, wd) { n, "power9_v2.0", 0x1000, false, 4, true, true, true, true, wd }
const SpaprVersion spapr_versions[] = {
    { "11.1", "power10_v2.0", 0x1000, false, 4, true, true, true, true, true },
    { "11.0", "power10_v2.0", 0x1000, false, 4, true, true, true, true, true },
    { "10.2", "power10_v2.0", 0x1000, false, 4, true, true, true, true, true },
    { "10.1", "power10_v2.0", 0x1000, false, 4, true, true, true, true, true },
    { "10.0", "power10_v2.0", 0x1000, false, 4, true, true, true, true, true },
    { "9.2", "power10_v2.0", 0x1000, false, 4, true, true, true, true, true },
    { "9.1", "power10_v2.0", 0x1000, false, 4, true, true, true, true, true },
    { "9.0", "power10_v2.0", 0x1000, false, 4, true, true, true, true, true },
    ERA_31("8.2", true), ERA_31("8.1", true), ERA_31("8.0", true), ERA_31("7.2", true),
    ERA_31("7.1", true), ERA_31("7.0", true), ERA_31("6.2", true), ERA_31("6.1", true), ERA_31("6.0", true),
    ERA_31("5.2", true), ERA_31("5.1", true), ERA_31("5.0", true), ERA_31("4.2", true), ERA_31("4.1", true),
    ERA_31("4.0", true),
    { "3.1", "power8_v2.0", 0x1000, false, 4, true, false, true, false, true },
    { "3.0", "power8_v2.0", 0x400, true, 4, true, false, true, false, true },
    { "2.12-sxxm", "power8_v2.0", 0x400, true, 4, true, false, true, false, true },
    { "2.12", "power8_v2.0", 0x400, true, 4, true, false, true, false, true },
    { "2.11", "power8_v2.0", 0x400, true, 4, true, false, true, false, true },
    { "2.10", "power8_v2.0", 0x400, true, 4, true, false, true, false, true },
    { "2.9", "power8_v2.0", 0x400, true, 4, true, false, false, false, true },
    { "2.8", "power8_v2.0", 0x400, true, 4, true, false, false, false, true },
    { "2.7", "power7_v2.3", 0x400, true, 4, true, false, false, false, true },
    { "2.6", "power7_v2.3", 0x400, true, 4, false, false, false, false, true },
    { "2.5", "power7_v2.3", 0x400, true, 4, false, false, false, false, true },
    { "2.4", "power7_v2.3", 0x400, true, 4, false, false, false, false, true },
    { "2.3", "power7_v2.3", 0x400, true, 4, false, false, false, false, true },
    { "2.2", "power7_v2.3", 0x400, true, 4, false, false, false, false, true },
    { "2.1", "power7_v2.3", 0x400, true, 4, false, false, false, false, true },
    { NULL },
};

const SpaprVersion *spapr_version_find(const char *machine)
{
    if (!strcmp(machine, "pseries")) {
        return &spapr_versions[0];
    }
    if (!g_str_has_prefix(machine, "pseries-")) {
        return NULL;
    }
    for (const SpaprVersion *v = spapr_versions; v->name; v++) {
        if (!strcmp(v->name, machine + 8)) {
            return v;
        }
    }
    return NULL;
}

void spapr_version_list(GString *out)
{
    g_string_append(out, "Supported machines are:\n");
    for (const SpaprVersion *v = spapr_versions; v->name; v++) {
        g_autofree char *name = g_strdup_printf("pseries-%s", v->name);
        if (v == spapr_versions) {
            g_string_append_printf(out, "%-20s pSeries Logical Partition (PAPR compliant) (alias of %s)\n", "pseries", name);
        }
        g_string_append_printf(out, "%-20s pSeries Logical Partition (PAPR compliant)%s\n", name,
                               v == spapr_versions ? " (default)" : "");
    }
}
