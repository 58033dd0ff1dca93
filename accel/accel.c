/*
 * See accel.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/accel.h"
#include "accel/tcg/tcg.h"

const Accel accel_tcg = { "tcg", "TCG", .init = tcg_init, .runs_guest = true };
/* A program outside plays the guest (system/qtest.h). */
const Accel accel_qtest = { "qtest", "DUMMY", .clock_stands = true };
const Accel *accel = &accel_tcg;
