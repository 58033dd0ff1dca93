/*
 * Non-volatile memory of a partition, read and written by RTAS (LoPAPR 7.3.3): zeros at first, formatted by firmware as CHRP
 * has it, or from the start when configuration variables (-prom-env) are to be in it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/fdt-build.h"
#include "hw/ppc/spapr-vio.h"
#include "system/memory.h"
#include <gio/gio.h>
#include <string.h>

#define SIZE        0x10000
#define SIZE_MAX_   0x100000        /* the largest that the interface allows */

typedef struct SpaprNvram {
    SpaprVio vio;
    uint32_t size;
    uint8_t *buf;
    const char *drive;
} SpaprNvram;

/* A header is signature, checksum, length in 16-byte blocks (big-endian) and a 12-byte name. */
static void partition(uint8_t *p, uint8_t signature, unsigned bytes, const char *name)
{
    unsigned sum;

    p[0] = signature;
    p[2] = bytes >> 12;
    p[3] = bytes >> 4;
    memset(p + 4, 0, 12);
    memcpy(p + 4, name, strlen(name));
    sum = p[0];
    for (int i = 2; i < 16; i++) {
        sum += p[i];
        sum = (sum & 0xff) + (sum >> 8);
    }
    p[1] = sum;
}

/* -prom-env: the variables one after another, each ended by a zero byte, as firmware reads them */
static bool put_variables(SpaprNvram *n, const GPtrArray *variables, GError **err)
{
    const unsigned system = 0x800;
    unsigned at = 16;

    for (guint i = 0; i < variables->len; i++) {
        const char *v = g_ptr_array_index(variables, i);
        unsigned len = strlen(v) + 1;
        if (at + len + 1 > system) {
            g_set_error(err, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "-prom-env: '%.40s' and the ones before it need more than the %u bytes that "
                        "there are", v, system - 16);
            return false;
        }
        memcpy(n->buf + at, v, len);
        at += len;
    }
    partition(n->buf, 0x70, system, "system");
    partition(n->buf + system, 0x7f, n->size - system, "free");
    return true;
}

/* What a firmware does with a memory that it finds empty: the built-in one calls this, SLOF has its own. */
void spapr_nvram_prepare(SpaprMachine *s)
{
    SpaprNvram *n = (SpaprNvram *)s->nvram;
    const unsigned common = 0x2000;

    if (n && !n->buf[0]) {
        partition(n->buf, 0x70, common, "common");
        partition(n->buf + common, 0x7f, n->size - common, "wwwwwwwwwwww");
    }
}

static bool realize(Device *d, GError **err)
{
    SpaprNvram *n = (SpaprNvram *)d;

    if (!spapr_vio_realize(&n->vio, err)) {
        return false;
    }
    n->size = SIZE;
    n->buf = g_malloc0(n->size);
    return !spapr->prom_env || put_variables(n, spapr->prom_env, err);
}

static void fdt(Device *d, void *fdt, int parent)
{
    SpaprNvram *n = (SpaprNvram *)d;
    int node = spapr_vio_node(&n->vio, fdt, parent, "nvram", "qemu,spapr-nvram");

    fdt_cell(fdt, node, "#bytes", n->size);
}

VMSTATE(SpaprNvram, vmstate_spapr_nvram, "spapr_nvram", 1,
    VMS_SKIP(SpaprNvram, vio, "no interrupt, no queue; its address is in the section's name"),
    VMS(SpaprNvram, size),
    VMS_VBUFFER(SpaprNvram, buf, size, SIZE_MAX_, .allocate = true, .since = 1),
    VMS_SKIP(SpaprNvram, drive, "host resource"));

OBJECT_TYPE(nvram_type, .name = "spapr-nvram", .parent = "vio-spapr-device", .size = sizeof(SpaprNvram), .bus = "spapr-vio-bus",
            .category = CATEGORY_MISC, .vmsd = &vmstate_spapr_nvram, .realize = realize, .fdt = fdt,
            .props = PROPS(
                PROP(SpaprNvram, "reg", vio.reg, "4294967295"),
                PROP(SpaprNvram, "drive", drive, NULL, .kind = PROP_DRIVE,
                     .help = "Node name or ID of a block device to use as a backend")));

/* The device, if the range that the call names is inside it. */
static SpaprNvram *range(SpaprMachine *s, const RtasCall *c, uint32_t *off, uint32_t *buf, uint32_t *len)
{
    SpaprNvram *n = (SpaprNvram *)s->nvram;

    *off = rtas_arg(c, 0);
    *buf = rtas_arg(c, 1);
    *len = rtas_arg(c, 2);
    return n && *off < n->size && *len <= n->size - *off ? n : NULL;
}

static void result(const RtasCall *c, bool ok, uint32_t len)
{
    rtas_ret(c, 0, ok ? RTAS_SUCCESS : RTAS_PARAM_ERROR);
    rtas_ret(c, 1, ok ? len : 0);
}

RTAS(nvram_fetch, 0x2012, "nvram-fetch", 3, 2)
{
    uint32_t off, buf, len;
    SpaprNvram *n = range(s, c, &off, &buf, &len);

    result(c, n && memory_write(buf, n->buf + off, len), len);
}

RTAS(nvram_store, 0x2013, "nvram-store", 3, 2)
{
    uint32_t off, buf, len;
    SpaprNvram *n = range(s, c, &off, &buf, &len);

    result(c, n && memory_read(buf, n->buf + off, len), len);
}
