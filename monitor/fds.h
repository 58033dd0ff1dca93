/*
 * File descriptors that a QMP client passed over its socket (SCM_RIGHTS): by name (getfd), for fd:NAME, or in numbered sets (add-fd), for
 * the file name /dev/fdset/NUMBER. Main loop, big lock held.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MONITOR_FDS_H
#define MONITOR_FDS_H

#include <gio/gio.h>

/* The descriptor of this name, the caller's from now on; -1 and an error: there is none. */
int fds_take(const char *name, GError **err);
/* open(path, flags), or a copy of the set's descriptor that was opened for that way of access. */
int fds_open(const char *path, int flags, int mode, GError **err);

#endif
