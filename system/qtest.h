/*
 * The qtest protocol: a program outside plays the processor. It reads and writes memory, calls RTAS, watches and drives
 * interrupt lines, and with -accel qtest it is who moves the clock.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SYSTEM_QTEST_H
#define SYSTEM_QTEST_H

#include "chardev/char.h"

/* Serves on `c`. What is said goes to the file `log` too; NULL: stderr, "none": nowhere. */
bool qtest_open(Chardev *c, const char *log, GError **err);

#endif
