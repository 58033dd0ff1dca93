/*
 * The virtual terminal of a partition (LoPAPR 16.4): H_PUT_TERM_CHAR and H_GET_TERM_CHAR on a character
 * device, with an interrupt when input arrives.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/char.h"
#include "hw/ppc/spapr-vio.h"
#include <string.h>

#define BUF 16

struct SpaprVty {
    SpaprVio vio;
    Chardev *chr;
    uint32_t in, out;           /* free-running indices into buf */
    uint8_t buf[BUF];
};

static int can_receive(void *opaque)
{
    SpaprVty *v = opaque;

    return BUF - (v->in - v->out);
}

static void receive(void *opaque, const uint8_t *data, int len)
{
    SpaprVty *v = opaque;
    bool was_empty = v->in == v->out;

    for (int i = 0; i < len && v->in - v->out < BUF; i++) {
        v->buf[v->in++ % BUF] = data[i];
    }
    if (was_empty) {
        irq_pulse(&v->vio.line);
    }
}

static const ChardevHandlers handlers = { can_receive, receive };

static bool realize(Device *d, GError **err)
{
    SpaprVty *v = (SpaprVty *)d;

    if (!spapr_vio_realize(&v->vio, err)) {
        return false;
    }
    if (!v->chr) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "chardev property not set");
        return false;
    }
    return chardev_attach(v->chr, &handlers, v, err);
}

static void fdt(Device *d, void *fdt, int parent)
{
    spapr_vio_node((SpaprVio *)d, fdt, parent, "serial", "hvterm1");
}

static bool post_load(void *opaque, int version, GError **err)
{
    SpaprVty *v = opaque;

    if (v->in - v->out > BUF) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "in 0x%x and out 0x%x are more than the %u bytes of the buffer apart: "
                    "the stream is damaged", v->in, v->out, BUF);
        return false;
    }
    chardev_accept_input(v->chr);
    return true;
}

VMSTATE(SpaprVty, vmstate_spapr_vty, "spapr_vty", 1,
    VMS_STRUCT(SpaprVty, vio, vmstate_spapr_vio, .name = "sdev"),
    VMS_SKIP(SpaprVty, chr, "host resource"),
    VMS(SpaprVty, in),
    VMS(SpaprVty, out),
    VMS_BUFFER(SpaprVty, buf),
    VMS_POST_LOAD(post_load));

OBJECT_TYPE(vty_type, .name = "spapr-vty", .parent = "vio-spapr-device", .size = sizeof(SpaprVty), .bus = "spapr-vio-bus",
            .category = CATEGORY_INPUT, .pluggable = true, .vmsd = &vmstate_spapr_vty, .realize = realize, .fdt = fdt,
            .props = PROPS(
                PROP(SpaprVty, "reg", vio.reg, "4294967295"),
                PROP(SpaprVty, "chardev", chr, NULL, .help = "ID of a chardev to use as a backend")));

/* ---- what the guest calls ---- */

void spapr_vty_put(SpaprVty *v, const uint8_t *data, unsigned len)
{
    chardev_write(v->chr, data, len);
}

unsigned spapr_vty_get(SpaprVty *v, uint8_t *data, unsigned max)
{
    unsigned n = 0;

    while (n < max && v->out != v->in) {
        data[n++] = v->buf[v->out++ % BUF];
    }
    if (n) {
        chardev_accept_input(v->chr);
    }
    return n;
}

uint32_t spapr_vty_reg(const SpaprVty *v)
{
    return v->vio.reg;
}

SpaprVty *spapr_vty_default(const SpaprMachine *s)
{
    SpaprVio *lowest = NULL;

    for (guint i = 0; i < s->vio_bus->devices->len; i++) {
        SpaprVio *v = g_ptr_array_index(s->vio_bus->devices, i);
        if (v->dev.object.type == &vty_type && (!lowest || v->reg < lowest->reg)) {
            lowest = v;
        }
    }
    return (SpaprVty *)lowest;
}

/* Unit 0 is the default one. */
static SpaprVty *vty_of(SpaprMachine *s, uint64_t reg)
{
    SpaprVio *v = !reg ? (SpaprVio *)spapr_vty_default(s) : reg > UINT32_MAX ? NULL : spapr_vio_find(s->vio_bus, reg);

    return v && v->dev.object.type == &vty_type ? (SpaprVty *)v : NULL;
}

HCALL(put_term_char, 0x58)
{
    SpaprVty *v = vty_of(s, args[0]);
    uint64_t len = args[1];
    uint8_t b[16];

    if (!v || len > 16) {
        return H_PARAMETER;
    }
    for (unsigned i = 0; i < 16; i++) {
        b[i] = args[2 + i / 8] >> (56 - 8 * (i % 8));
    }
    spapr_vty_put(v, b, len);
    return H_SUCCESS;
}

HCALL(get_term_char, 0x54)
{
    SpaprVty *v = vty_of(s, args[0]);
    uint8_t b[16] = { 0 };

    if (!v) {
        return H_PARAMETER;
    }
    args[0] = spapr_vty_get(v, b, 16);
    for (unsigned i = 0; i < 2; i++) {
        uint64_t w;
        memcpy(&w, b + 8 * i, 8);
        args[1 + i] = GUINT64_FROM_BE(w);
    }
    return H_SUCCESS;
}
