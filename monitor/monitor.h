/*
 * The human monitor: commands on a character device.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MONITOR_MONITOR_H
#define MONITOR_MONITOR_H

#include "chardev/char.h"

void monitor_new(Chardev *chr);
/* One command line; what it prints is appended to `out`. Big lock held. */
void monitor_execute(const char *line, GString *out);

#endif
