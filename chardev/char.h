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

typedef enum ChardevEvent {
    CHARDEV_OPENED, CHARDEV_CLOSED,             /* somebody is at the other end, or no longer */
    CHARDEV_BREAK,                              /* a serial break (Ctrl-A b) */
    CHARDEV_MUX_IN, CHARDEV_MUX_OUT,            /* a mux's input goes to this front end from now on, or no longer */
} ChardevEvent;

/* Called from the main loop with the big lock held, but for chardev_serve_beside(). Any of them may be NULL. */
typedef struct ChardevHandlers {
    int (*can_receive)(void *opaque);           /* bytes it takes now; NULL: any number */
    void (*receive)(void *opaque, const uint8_t *buf, int len);
    void (*event)(void *opaque, ChardevEvent e);
} ChardevHandlers;

/*
 * The short form of -serial and -monitor: "stdio", "pty", "vc", "null", "file:PATH", "pipe:PATH",
 * "tcp:HOST:PORT[,server=on][,wait=off]", "telnet:...", "unix:PATH[,...]", each also after "mon:" (then a mux that the
 * monitor shares), or "chardev:ID". `label` names a new one.
 */
Chardev *chardev_open(const char *label, const char *spec, GError **err);
Chardev *chardev_create(const char *options, GError **err);     /* -chardev BACKEND,id=ID,... ; "help" is for the caller */
void chardev_help(GString *out);                                /* -chardev help */
Chardev *chardev_find(const char *id);
const char *chardev_id(const Chardev *c);
bool chardev_busy(const Chardev *c);            /* chardev_attach() would fail */
/* false: it is in use, or (err NULL) there is none of this id */
bool chardev_remove(const char *id, GError **err);
bool chardev_is_mux(const Chardev *c);

/* A front end takes the device; a mux takes four, any other one. A mux's input goes to the last that came. */
bool chardev_attach(Chardev *c, const ChardevHandlers *h, void *opaque, GError **err);
void chardev_detach(Chardev *c, const ChardevHandlers *h, void *opaque);       /* what was attached with these */
/*
 * From now on `context`'s thread serves it, without the big lock: the handlers run there, and may not take that, but for receive(); everything else may
 * be called by any thread, with it or without. Before attaching, big lock held; not for a mux. For ever.
 */
void chardev_serve_beside(Chardev *c, GMainContext *context);
/* Between these nobody comes or goes at the other end. Who calls has the big lock, if another thread does not serve it. */
void chardev_hold(const Chardev *c);
void chardev_release(const Chardev *c);
/* All of it, waiting while the other end does not read; dropped if nobody is there. Big lock held. */
void chardev_write(Chardev *c, const void *buf, size_t len);
/*
 * The same without waiting where the other end is a socket: what it does not read now is kept and sent as it reads (up to 64 MiB; then
 * it has to wait, too). For answers and events, whose reader is not to hold up the machine.
 */
void chardev_write_later(Chardev *c, const void *buf, size_t len);
size_t chardev_kept(const Chardev *c);          /* bytes of it; chardev_accept_input() follows when all are gone */
void chardev_accept_input(Chardev *c);          /* a front end has room again; big lock held */
void chardev_send_break(Chardev *c);
Chardev *chardev_nth(guint n);                  /* in the order they came; NULL past the last */
/* Of a ringbuf: adds to it, or takes at most `max` bytes out of it (unref); NULL: an error. */
bool chardev_ringbuf_write(const char *id, const void *buf, size_t len, GError **err);
GByteArray *chardev_ringbuf_read(const char *id, int64_t max, GError **err);
char *chardev_ringbuf_text(const GByteArray *bytes);    /* what was read, up to a zero byte, as UTF-8; g_free */
void chardev_describe(const Chardev *c, GString *out);  /* what is at the other end, as `info chardev` says it */
int chardev_take_fd(Chardev *c);                /* the first descriptor that the other end passed (SCM_RIGHTS) last; -1: none */
bool chardev_frontend_open(const Chardev *c);
void chardev_cleanup(void);                     /* restores the terminal, removes socket files; any time */
extern uint8_t chardev_escape;                  /* -echr: what a mux takes commands after; Ctrl-A */
extern bool chardev_stdio_taken;                /* by -daemonize: nobody may have it */

#endif
