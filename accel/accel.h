/*
 * What stands behind the vCPUs. An accelerator is a row here; -accel and -machine accel= choose one
 * (system/options-accel.c) before the machine is made.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_ACCEL_H
#define ACCEL_ACCEL_H

#include <glib.h>
#include <stdbool.h>

typedef struct Accel {
    const char *name;
    const char *thread_name;        /* in the name of a vCPU's thread */
    bool (*init)(GError **err);     /* NULL: nothing to do */
    bool runs_guest;                /* or the vCPUs only do what run_on_cpu() asks of them */
    bool clock_stands;              /* the virtual clock moves by clock_advance() alone */
} Accel;

extern const Accel accel_tcg, accel_qtest;
extern const Accel *accel;          /* the chosen one; accel_tcg if nobody chose */

#endif
