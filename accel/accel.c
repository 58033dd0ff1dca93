/*
 * See accel.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/accel.h"
#include "accel/tcg/tcg.h"
#include "hw/core/object.h"

const Accel accel_tcg = { "tcg", "TCG", .init = tcg_init, .runs_guest = true };
/* A program outside plays the guest (system/qtest.h). */
const Accel accel_qtest = { "qtest", "DUMMY", .clock_stands = true };
const Accel *accel = &accel_tcg;

/* As programs find out which there are: by the names of types. Their properties are set by -accel alone. */
OBJECT_TYPE(accel_type, .name = "accel", .abstract = true, .size = sizeof(Object));
OBJECT_TYPE(tcg_accel_type, .name = "tcg-accel", .parent = "accel", .size = sizeof(Object));
OBJECT_TYPE(qtest_accel_type, .name = "qtest-accel", .parent = "accel", .size = sizeof(Object));
