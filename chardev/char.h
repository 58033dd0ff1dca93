/*
 * Character devices: where a guest's serial port or the monitor reads and writes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CHARDEV_CHAR_H
#define CHARDEV_CHAR_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Chardev Chardev;

typedef struct ChardevHandlers {
    int (*can_receive)(void *opaque);       /* bytes it takes now */
    void (*receive)(void *opaque, const uint8_t *buf, int len);     /* main loop, big lock held */
} ChardevHandlers;

/*
 * "stdio", "mon:stdio", "null", "none", "file:PATH", "pty", "tcp:HOST:PORT[,server][,nowait]",
 * "unix:PATH[,server][,nowait]", "chardev:ID", or the key=value form of -chardev ("socket,id=a,path=b,server=on,wait=off").
 */
Chardev *chardev_open(const char *spec, GError **err);
Chardev *chardev_create(const char *options, GError **err);     /* -chardev BACKEND,id=ID,... */
Chardev *chardev_find(const char *id);
const char *chardev_id(const Chardev *c);       /* "" if it has none */
void chardev_set_id(Chardev *c, const char *id);        /* for one that -serial or -monitor made; kept if it has one */
bool chardev_busy(const Chardev *c);            /* somebody reads it already, and it is no mux */
/* A mux splits one back end between front ends; Ctrl-A c goes round, Ctrl-A x quits. */
Chardev *chardev_mux(Chardev *backend);

void chardev_attach(Chardev *c, const ChardevHandlers *h, void *opaque);
void chardev_write(Chardev *c, const void *buf, size_t len);    /* all of it; big lock held */
void chardev_accept_input(Chardev *c);      /* the front end has room again */
void chardev_cleanup(void);                 /* restores the terminal */

#endif
