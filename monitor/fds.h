/*
 * File descriptors that a QMP client passed over its socket (SCM_RIGHTS): by name (getfd), for fd:NAME, or in numbered sets (add-fd; -add-fd for
 * those that the emulator was started with), for the file name /dev/fdset/NUMBER. Main loop, big lock held.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MONITOR_FDS_H
#define MONITOR_FDS_H

#include <gio/gio.h>
#include <stdbool.h>

/* The descriptor of this name, the caller's from now on; -1 and an error: there is none. */
int fds_take(const char *name, GError **err);
/* open(path, flags), or a copy of the set's descriptor that was opened for that way of access. */
int fds_open(const char *path, int flags, int mode, GError **err);

/* -add-fd: a copy of a descriptor that the emulator was started with joins a set. */
bool fds_inherit(int64_t set, int64_t fd, const char *opaque, GError **err);

#endif
