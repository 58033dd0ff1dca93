/*
 * The virtual terminal of a partition (LoPAPR 16.4): H_PUT_TERM_CHAR and H_GET_TERM_CHAR on a character
 * device, with an interrupt when input arrives.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/char.h"
#include "hw/ppc/spapr.h"
#include <string.h>

#define BUF 16

struct SpaprVty {
    uint32_t reg;
    unsigned irq;
    Chardev *chr;
    SpaprMachine *machine;
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
        ics_pulse(v->machine->ics, v->irq);
    }
}

static const ChardevHandlers handlers = { can_receive, receive };

SpaprVty *spapr_vty_new(SpaprMachine *s, uint32_t reg, unsigned irq, Chardev *chr)
{
    SpaprVty *v = g_new0(SpaprVty, 1);

    *v = (SpaprVty){ .reg = reg, .irq = irq, .chr = chr, .machine = s };
    if (chr) {
        chardev_attach(chr, &handlers, v);
    }
    return v;
}

void spapr_vty_put(SpaprVty *v, const uint8_t *data, unsigned len)
{
    if (v->chr) {
        chardev_write(v->chr, data, len);
    }
}

unsigned spapr_vty_get(SpaprVty *v, uint8_t *data, unsigned max)
{
    unsigned n = 0;

    while (n < max && v->out != v->in) {
        data[n++] = v->buf[v->out++ % BUF];
    }
    if (n && v->chr) {
        chardev_accept_input(v->chr);
    }
    return n;
}

static SpaprVty *vty_of(SpaprMachine *s, uint64_t reg)
{
    /* unit 0 names the only console there is */
    return s->vty && (reg == 0 || reg == s->vty->reg) ? s->vty : NULL;
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
