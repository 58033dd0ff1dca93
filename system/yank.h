/*
 * Tearing off connections that hang: an instance (a character device, the migration) has descriptors of sockets, and yanking it shuts those down, so that
 * whoever waits for them gets an error and goes the way that it goes when a network breaks. All of this from any thread, without the big lock: it may be
 * held by who hangs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SYSTEM_YANK_H
#define SYSTEM_YANK_H

#include <stdbool.h>

typedef enum YankType { YANK_CHARDEV, YANK_MIGRATION } YankType;

/* `id` is the character device's, NULL the migration's. While there is such an instance, adding it once more does nothing; so does removing none. */
void yank_add(YankType type, const char *id);
void yank_remove(YankType type, const char *id);
void yank_add_fd(YankType type, const char *id, int fd);    /* without such an instance: nothing */
void yank_remove_fd(int fd);                                /* before it is closed */

#endif
