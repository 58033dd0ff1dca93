/*
 * See spapr-iommu.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr-iommu.h"
#include "migration/dialect.h"
#include "system/memory.h"
#include <string.h>

static GHashTable *by_liobn;

bool spapr_tce_open(SpaprTceTable *t, uint64_t bus_offset, unsigned page_shift, uint64_t entries)
{
    uint64_t *table = entries <= TCE_ENTRIES_MAX ? g_try_new0(uint64_t, entries) : NULL;

    if (!table) {
        return false;
    }
    g_free(t->table);
    t->table = table;
    t->nb_table = entries;
    t->bus_offset = bus_offset;
    t->page_shift = page_shift;
    return true;
}

void spapr_tce_close(SpaprTceTable *t)
{
    g_clear_pointer(&t->table, g_free);
    t->nb_table = t->page_shift = 0;
    t->bus_offset = 0;
    t->bypass = false;
}

static bool is_first(uint32_t liobn) { return !(liobn & 0xff); }

static void number(SpaprTceTable *t)
{
    if (!by_liobn) {
        by_liobn = g_hash_table_new(g_direct_hash, g_direct_equal);
    }
    g_hash_table_insert(by_liobn, GUINT_TO_POINTER(t->liobn), t);
}

SpaprTceTable *spapr_tce_new(Device *owner, uint32_t liobn, GError **err)
{
    g_autofree char *name = g_strdup_printf("tce-table-%x", liobn);
    Device *d = device_new("spapr-tce-table", err);

    if (!d) {
        return NULL;
    }
    ((SpaprTceTable *)d)->liobn = liobn;
    ((SpaprTceTable *)d)->def_win = is_first(liobn);
    object_add_child(&owner->object, name, &d->object);
    if (!device_realize(d, NULL, err)) {
        return NULL;
    }
    number((SpaprTceTable *)d);
    return (SpaprTceTable *)d;
}

/* ---- saved state: the offset and the page size travel only where they are not those of the first windows ---- */

static bool is_sent(const void *opaque)
{
    const SpaprTceTable *t = opaque;

    return !t->spare || t->nb_table;
}

static bool is_unusual(const void *opaque)
{
    const SpaprTceTable *t = opaque;

    return t->bus_offset || t->page_shift != 12;
}

static bool pre_load(void *opaque, GError **err)
{
    SpaprTceTable *t = opaque;

    t->bus_offset = 0;
    t->page_shift = 12;
    t->def_win = is_first(t->liobn);
    return true;
}

static bool post_load(void *opaque, int version, GError **err)
{
    SpaprTceTable *t = opaque;

    if (t->page_shift > 63 || (t->nb_table && t->page_shift < 12)) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "page_shift is 0x%x: the stream is damaged", t->page_shift);
        return false;
    }
    t->promised = t->spare;
    return true;
}

static int save_version(const void *opaque)
{
    return dialect.iommu_version;
}

VMSTATE(SpaprTceTable, vmstate_spapr_iommu_ex, "spapr_iommu_ex", 1,
    VMS_NEEDED(is_unusual),
    VMS(SpaprTceTable, bus_offset),
    VMS(SpaprTceTable, page_shift));

VMSTATE(SpaprTceTable, vmstate_spapr_iommu, "spapr_iommu", 3,
    VMS_NEEDED(is_sent),
    VMS_MINIMUM_VERSION(2),
    VMS_SAVE_VERSION(save_version),
    VMS_DEVICE(SpaprTceTable, dev),
    VMS_EQUAL(SpaprTceTable, liobn, "give the bridges the same index= on both sides"),
    VMS(SpaprTceTable, nb_table, .name = "mig_nb_table"),
    VMS(SpaprTceTable, bypass),
    VMS_VARRAY(SpaprTceTable, table, nb_table, TCE_ENTRIES_MAX, .name = "mig_table", .allocate = true),
    VMS(SpaprTceTable, def_win, .since = 3),
    VMS_SKIP(SpaprTceTable, spare, "configuration"),
    VMS_SKIP(SpaprTceTable, promised, "follows from the section's being there"),
    VMS_SUBSECTION(vmstate_spapr_iommu_ex),
    VMS_PRE_LOAD(pre_load),
    VMS_POST_LOAD(post_load));

static uint32_t instance(Device *d)
{
    return ((SpaprTceTable *)d)->liobn;
}

OBJECT_TYPE(tce_table_type, .name = "spapr-tce-table", .parent = "device", .size = sizeof(SpaprTceTable),
            .vmsd = &vmstate_spapr_iommu, .vmstate_instance = instance);

SpaprTceTable *spapr_tce_spare(uint32_t liobn)
{
    SpaprTceTable *t = g_new0(SpaprTceTable, 1);

    *t = (SpaprTceTable){ .liobn = liobn, .spare = true };
    number(t);
    vmstate_register(NULL, liobn, 0, &vmstate_spapr_iommu, t);
    return t;
}

/* ---- hypercalls ---- */

/* The entry of a bus address, or NULL; *left entries follow from there. */
static uint64_t *tce_at(uint64_t liobn, uint64_t ioba, uint64_t *left)
{
    SpaprTceTable *t = liobn > UINT32_MAX || !by_liobn ? NULL : g_hash_table_lookup(by_liobn, GUINT_TO_POINTER((unsigned)liobn));

    if (!t || !t->nb_table || ioba < t->bus_offset) {
        return NULL;
    }
    uint64_t index = (ioba - t->bus_offset) >> t->page_shift;
    if (index >= t->nb_table) {
        return NULL;
    }
    if (left) {
        *left = t->nb_table - index;
    }
    return &t->table[index];
}

HCALL(get_tce, 0x1c)
{
    uint64_t *e = tce_at(args[0], args[1], NULL);

    if (!e) {
        return H_PARAMETER;
    }
    args[0] = *e;
    return H_SUCCESS;
}

HCALL(put_tce, 0x20)
{
    uint64_t *e = tce_at(args[0], args[1], NULL);

    if (!e) {
        return H_PARAMETER;
    }
    *e = args[2];
    return H_SUCCESS;
}

HCALL(put_tce_indirect, 0x138)
{
    uint64_t list = args[2], n = args[3], left;
    uint64_t *e = tce_at(args[0], args[1], &left);

    if (!e || n > 512 || list & 4095 || n > left || !memory_ram_ptr(list, 8 * n)) {
        return H_PARAMETER;
    }
    for (uint64_t i = 0; i < n; i++) {
        memory_ldq_be(list + 8 * i, &e[i]);
    }
    return H_SUCCESS;
}

HCALL(stuff_tce, 0x13c)
{
    uint64_t left, *e = tce_at(args[0], args[1], &left);

    if (!e || args[3] > left || args[3] > 512 || args[2] & 3) {     /* what maps something is for H_PUT_TCE */
        return H_PARAMETER;
    }
    memset(e, 0, args[3] * sizeof(*e));
    return H_SUCCESS;
}
