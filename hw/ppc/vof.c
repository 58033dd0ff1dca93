/*
 * The firmware that is built in: the Open Firmware client interface (IEEE 1275, LoPAPR appendix B) without a firmware
 * image. A client (kernel) is entered with the address of five instructions in r5; they make a hypercall, and the
 * services are carried out here, on the machine's own device tree.
 *
 * A phandle is the node's "phandle" property; an ihandle is a small number of an opened node. Client memory is handed
 * out by `claim` from the real-mode area; what the client has claimed is a sorted list. The services are in vof-services.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/vof-int.h"
#include "system/memory.h"
#include <libfdt.h>
#include <string.h>

#define ENTRY_ADDR   0x100              /* of the client interface */
#define STACK_BASE   0x8000
#define STACK_TOP    0x10000
#define FIRST_PHANDLE 0x1112

/* ---- claims ---- */

bool vof_claim_at(struct Vof *v, uint64_t start, uint64_t size)
{
    guint at = 0;

    if (!size || start >= v->limit || size > v->limit - start) {
        return false;
    }
    for (; at < v->claims->len; at++) {
        Claim *c = &g_array_index(v->claims, Claim, at);
        if (start < c->start + c->size && c->start < start + size) {
            return false;
        }
        if (c->start > start) {
            break;
        }
    }
    Claim c = { start, size };
    g_array_insert_val(v->claims, at, c);
    return true;
}

uint64_t vof_claim_any(struct Vof *v, uint64_t size, uint64_t align)
{
    uint64_t at = 0;

    if (align & (align - 1)) {
        return 0;
    }
    for (guint i = 0; i <= v->claims->len; i++) {
        Claim *c = i < v->claims->len ? &g_array_index(v->claims, Claim, i) : NULL;
        uint64_t end = c ? c->start : v->limit;
        at = (at + align - 1) & ~(align - 1);
        if (at && at < end && size <= end - at && vof_claim_at(v, at, size)) {
            return at;
        }
        if (c) {
            at = MAX(at, c->start + c->size);
        }
    }
    return 0;
}

bool vof_release(struct Vof *v, uint64_t start, uint64_t size)
{
    for (guint i = 0; i < v->claims->len; i++) {
        Claim *c = &g_array_index(v->claims, Claim, i);
        if (c->start == start && c->size == size) {
            g_array_remove_index(v->claims, i);
            return true;
        }
    }
    return false;
}

void vof_publish_available(struct Vof *v)
{
    g_autoptr(GArray) cells = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    uint64_t at = 0;

    for (guint i = 0; i <= v->claims->len; i++) {
        Claim *c = i < v->claims->len ? &g_array_index(v->claims, Claim, i) : NULL;
        uint64_t end = c ? c->start : v->limit;
        if (end > at) {
            const uint64_t pair[2] = { GUINT64_TO_BE(at), GUINT64_TO_BE(end - at) };
            g_array_append_vals(cells, pair, 2);
        }
        at = c ? MAX(at, c->start + c->size) : end;
    }
    int node = fdt_path_offset(v->fdt, "/memory@0");
    if (node >= 0) {
        fdt_setprop(v->fdt, node, "available", cells->data, cells->len * 8);
    }
}

/* ---- the tree ---- */

static void number_nodes(struct Vof *v)
{
    for (int n = 0; n >= 0; n = fdt_next_node(v->fdt, n, NULL)) {
        if (!fdt_get_phandle(v->fdt, n)) {
            fdt_setprop_u32(v->fdt, n, "phandle", v->next_phandle++);
        }
    }
}

int vof_node(struct Vof *v, uint32_t phandle)
{
    return phandle && phandle != VOF_FAIL ? fdt_node_offset_by_phandle(v->fdt, phandle) : -FDT_ERR_NOTFOUND;
}

uint32_t vof_phandle(struct Vof *v, int node)
{
    return node < 0 ? 0 : fdt_get_phandle(v->fdt, node);
}

int vof_find_path(struct Vof *v, const char *name)
{
    g_autofree char *path = g_strdup(name);
    char *colon = strchr(path, ':');

    if (colon) {
        *colon = 0;
    }
    return fdt_path_offset(v->fdt, *path ? path : "/");
}

Instance *vof_instance(struct Vof *v, uint32_t ihandle)
{
    return ihandle && ihandle <= v->instances->len ? g_ptr_array_index(v->instances, ihandle - 1) : NULL;
}

uint32_t vof_open(struct Vof *v, const char *path)
{
    int n = vof_find_path(v, path);

    if (n < 0 || v->instances->len >= 4096) {
        return 0;
    }
    Instance *i = g_new0(Instance, 1);
    *i = (Instance){ .phandle = vof_phandle(v, n), .path = g_strdup(path) };
    g_ptr_array_add(v->instances, i);
    return v->instances->len;
}

void vof_free_instance(void *p)
{
    Instance *i = p;

    if (i) {
        g_free(i->path);
        g_free(i);
    }
}

/* ---- after the negotiation ---- */

#define DRCONF "/ibm,dynamic-reconfiguration-memory"

/* The interrupt controller is another one now, of the same phandle: its node is made anew, and what the root says of it. */
static void replace_controller(struct Vof *v, const void *fresh)
{
    static const char priorities[] = "ibm,plat-res-int-priorities";
    char path[VOF_MAX_STRING];
    int from = fdt_node_offset_by_phandle(fresh, XICS_PHANDLE), old = fdt_node_offset_by_phandle(v->fdt, XICS_PHANDLE), len;
    const void *reserved = fdt_getprop(fresh, 0, priorities, &len);

    if (from < 0 || old < 0 || fdt_get_path(fresh, from, path, sizeof(path)) || fdt_path_offset(v->fdt, path) == old) {
        return;
    }
    fdt_del_node(v->fdt, old);
    int to = fdt_add_subnode(v->fdt, 0, path + 1);
    for (int p = fdt_first_property_offset(fresh, from); to >= 0 && p >= 0; p = fdt_next_property_offset(fresh, p)) {
        const char *name;
        int n;
        const void *value = fdt_getprop_by_offset(fresh, p, &name, &n);
        fdt_setprop(v->fdt, to, name, value, n);
    }
    if (reserved) {
        fdt_setprop(v->fdt, 0, priorities, reserved, len);
    } else {
        fdt_delprop(v->fdt, 0, priorities);
    }
}

void vof_merge_negotiated(struct Vof *v, SpaprMachine *s)
{
    size_t size;
    g_autofree void *fresh = spapr_build_fdt(s, &size);

    replace_controller(v, fresh);

    for (int n = fdt_next_node(fresh, -1, NULL); n >= 0; n = fdt_next_node(fresh, n, NULL)) {
        char path[VOF_MAX_STRING];
        if (fdt_get_path(fresh, n, path, sizeof(path)) || (!g_str_has_prefix(path, "/cpus") && strcmp(path, "/chosen")
            && strcmp(path, "/rtas") && !g_str_has_prefix(path, "/memory@") && strcmp(path, DRCONF))) {
            continue;
        }
        int to = fdt_path_offset(v->fdt, path);
        if (to < 0 && !strcmp(path, DRCONF)) {
            to = fdt_add_subnode(v->fdt, 0, path + 1);
            if (to >= 0) {
                fdt_setprop_u32(v->fdt, to, "phandle", v->next_phandle++);
                to = fdt_path_offset(v->fdt, path);
            }
        }
        for (int p = fdt_first_property_offset(fresh, n); to >= 0 && p >= 0; p = fdt_next_property_offset(fresh, p)) {
            const char *name;
            int len;
            const void *value = fdt_getprop_by_offset(fresh, p, &name, &len);
            if (strcmp(path, "/chosen") || !strcmp(name, "ibm,architecture-vec-5")) {
                fdt_setprop(v->fdt, to, name, value, len);
            }
        }
    }
}

/* ---- the start ---- */

/* A fresh firmware: tree, claims, the entry code. The client is in memory already. */
void vof_reset(SpaprMachine *s)
{
    struct Vof *v = s->vof;
    size_t size;

    if (v) {
        g_free(v->fdt);
        g_array_free(v->claims, TRUE);
        g_ptr_array_unref(v->instances);
    } else {
        v = s->vof = g_new0(struct Vof, 1);
    }
    *v = (struct Vof){ .fdt_size = 4 << 20, .next_phandle = FIRST_PHANDLE, .limit = spapr_rma_size(s) };
    v->claims = g_array_new(FALSE, FALSE, sizeof(Claim));
    v->instances = g_ptr_array_new_with_free_func(vof_free_instance);
    g_autofree void *built = spapr_build_fdt(s, &size);
    v->fdt = g_malloc0(v->fdt_size);
    int rc = fdt_open_into(built, v->fdt, v->fdt_size);
    g_assert(!rc);
    number_nodes(v);

    /* mr r4,r3; lis r3,0; ori r3,r3,0xf005; sc 1; blr */
    static const uint32_t code[] = { 0x7c641b78, 0x3c600000, 0x6063f005, 0x44000022, 0x4e800020 };
    for (unsigned i = 0; i < G_N_ELEMENTS(code); i++) {
        memory_stl_be(ENTRY_ADDR + 4 * i, code[i]);
    }
    vof_claim_at(v, 0, 0x1000);
    vof_claim_at(v, STACK_BASE, STACK_TOP - STACK_BASE);
    vof_claim_at(v, s->kernel_addr, s->kernel_size);
    if (s->initrd_size) {
        vof_claim_at(v, s->initrd_base, s->initrd_size);
    }
    vof_publish_available(v);

    SpaprVty *vty = spapr_vty_default(s);
    g_autofree char *path = vty ? g_strdup_printf("/vdevice/vty@%x", spapr_vty_reg(vty)) : NULL;
    uint32_t console = vty ? vof_open(v, path) : 0;
    int chosen = fdt_path_offset(v->fdt, "/chosen");
    if (console && chosen >= 0) {
        fdt_setprop_u32(v->fdt, chosen, "stdout", console);
        /* its own, as clients close one and go on with the other */
        fdt_setprop_u32(v->fdt, chosen, "stdin", vof_open(v, path));
    }
    uint32_t memory = vof_open(v, "/memory@0");
    fdt_setprop_u32(v->fdt, chosen, "memory", memory);
}

void vof_start_client(PowerPCCPU *boot, SpaprMachine *s)
{
    spapr_start_cpu(boot, s->kernel_entry, s->initrd_base);
    boot->gpr[1] = STACK_TOP - 0x100;
    boot->gpr[4] = s->initrd_size;
    boot->gpr[5] = ENTRY_ADDR;
}
