/*
 * Writing nodes of a device tree whose buffer is large enough: a failure is a fault of this program.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_PPC_FDT_BUILD_H
#define HW_PPC_FDT_BUILD_H

#include <glib.h>
#include <libfdt.h>
#include <stdint.h>

#define FDT(call) do { int rc_ = (call); if (rc_ < 0) { \
    g_error("device tree: %s: %s", #call, fdt_strerror(rc_)); } } while (0)

static inline int fdt_node(void *fdt, int parent, const char *name)
{
    int n = fdt_add_subnode(fdt, parent, name);

    if (n < 0) {
        g_error("device tree: node %s: %s", name, fdt_strerror(n));
    }
    return n;
}

static inline void fdt_cells(void *fdt, int n, const char *name, const uint32_t *v, unsigned count)
{
    g_autofree uint32_t *be = g_new(uint32_t, MAX(count, 1));

    for (unsigned i = 0; i < count; i++) {
        be[i] = GUINT32_TO_BE(v[i]);
    }
    FDT(fdt_setprop(fdt, n, name, be, count * 4));
}
#define FDT_CELLS(fdt, n, name, ...) do { const uint32_t v_[] = { __VA_ARGS__ }; \
    fdt_cells(fdt, n, name, v_, G_N_ELEMENTS(v_)); } while (0)

static inline void fdt_cell(void *fdt, int n, const char *name, uint32_t v)
{
    fdt_cells(fdt, n, name, &v, 1);
}

static inline void fdt_str(void *fdt, int n, const char *name, const char *v)
{
    FDT(fdt_setprop_string(fdt, n, name, v));
}

static inline void fdt_empty(void *fdt, int n, const char *name)
{
    FDT(fdt_setprop(fdt, n, name, NULL, 0));
}

#endif
