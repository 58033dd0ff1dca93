/*
 * What the names of processors mean on a machine version. In QEMU that depends on the release, so that a guest of `pseries-7.2` may have any of
 * the PVRs that releases gave to its processor's name. Here a version starts with the meaning of 7.2, those after it with today's (the rows
 * `alias-NAME` and `pvr` of spapr-versions.c); a guest that comes in keeps its PVR if the name can mean it (target/ppc/compat.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr.h"
#include <gio/gio.h>
#include <string.h>

#define PIN_OF_ALIASES "alias-"

const PpcModel *spapr_model_find(const char *machine, const char *name, GError **err)
{
    g_autofree char *lower = g_ascii_strdown(name, -1), *pin = g_strconcat(PIN_OF_ALIASES, lower, NULL);
    const char *model = spapr_version_pin(machine, "spapr-machine", pin);

    return ppc_model_find(model ? model : name, err);
}

uint32_t spapr_model_pvr(const char *machine, const PpcModel *model)
{
    g_autofree char *type = ppc_model_type_name(model);
    const char *pin = spapr_version_pin(machine, type, "pvr");

    return pin ? g_ascii_strtoull(pin, NULL, 0) : model->pvr;
}

static void add_name(GArray *all, const char *name, const PpcModel *model, bool alias)
{
    SpaprModelName n = { name, model, alias };

    g_array_append_val(all, n);
}

/* A model's aliases are in the row of their newest meaning or, if that is pinned, in one that once had them. */
static void add_aliases(GArray *all, const char *machine, const PpcModel *model, const char *aliases)
{
    g_auto(GStrv) words = g_strsplit(aliases ? aliases : "", " ", -1);

    for (char **w = words; *w; w++) {
        if (**w && spapr_model_find(machine, *w, NULL) == model) {
            add_name(all, g_intern_string(*w), model, true);
        }
    }
}

GArray *spapr_model_names(const char *machine)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(SpaprModelName));

    for (unsigned i = 0; i < ppc_model_count; i++) {
        const PpcModel *m = &ppc_models[i];
        add_name(all, m->name, m, false);
        add_aliases(all, machine, m, m->aliases);
        add_aliases(all, machine, m, m->once);
    }
    return all;
}

void spapr_model_list(const char *machine, GString *out)
{
    g_autoptr(GArray) all = spapr_model_names(machine);

    for (guint i = 0; i < all->len; i++) {
        const SpaprModelName *n = &g_array_index(all, SpaprModelName, i);
        if (n->alias) {
            g_string_append_printf(out, "PowerPC %-16s (alias for %s)\n", n->name, n->model->name);
        } else {
            g_string_append_printf(out, "PowerPC %-16s PVR %08x\n", n->name, spapr_model_pvr(machine, n->model));
        }
    }
}
