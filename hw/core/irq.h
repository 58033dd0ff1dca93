/*
 * An interrupt line: what a device raises and lowers without knowing what it is wired to.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_CORE_IRQ_H
#define HW_CORE_IRQ_H

#include <stdbool.h>

typedef void IrqSetFn(void *opaque, unsigned n, bool level);

typedef struct Irq {
    IrqSetFn *set;                                          /* NULL: not wired */
    void *opaque;
    unsigned n;
} Irq;

/* Where lines end in a device (device_add_inputs()). */
typedef struct IrqInputs {
    unsigned count;
    IrqSetFn *set;
    void *opaque;
    void (*watch)(unsigned n, bool level);      /* told of all that arrives, after it did; NULL: nobody */
} IrqInputs;

/* The big lock is held. */
static inline void irq_set(const Irq *irq, bool level)
{
    if (irq->set) {
        irq->set(irq->opaque, irq->n, level);
    }
}

/* An edge: what a message-signalled source is told. */
static inline void irq_pulse(const Irq *irq)
{
    irq_set(irq, true);
    irq_set(irq, false);
}

#endif
