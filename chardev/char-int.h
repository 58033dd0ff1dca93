/*
 * Private to the character devices: what a back end fills in. A back end is a row of char_backends[] (char-open.c): its name,
 * the parameters it takes besides the common ones, and the function that opens it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CHARDEV_CHAR_INT_H
#define CHARDEV_CHAR_INT_H

#include "chardev/char.h"
#include "system/opts.h"
#include <glib-unix.h>

#define MUX_FRONTS 4

typedef struct Front {
    const ChardevHandlers *h;
    void *opaque;
    GByteArray *held;       /* mux: input that it had no room for */
} Front;

struct Chardev {
    char *id;
    int in, out;            /* descriptors; -1: none */
    guint watch;
    bool open;              /* somebody is at the other end */
    int log;                /* logfile=; -1: none */
    Front front[MUX_FRONTS];
    int fronts, focus;
    struct Mux *mux;        /* of a mux */
    struct CharSocket *socket;
    struct CharPty *pty;
    struct CharRing *ring;
    /* What `info chardev` says; without it, the back end's name. */
    void (*describe)(const Chardev *c, GString *out);
    /* Instead of read(): what the other end passes beside bytes is kept in `passed`. */
    ssize_t (*receive)(Chardev *c, void *buf, size_t room);
    bool (*pending)(const Chardev *c);      /* there is something that the descriptor does not show; NULL: there never is */
    GArray *passed;         /* descriptors that nobody has taken yet */
    /* Input as it came from the descriptor may need a look (telnet): what is left of it. */
    int (*filter)(Chardev *c, uint8_t *buf, int len);
    void (*hung_up)(Chardev *c);            /* end of file or error while reading */
    void (*write)(Chardev *c, const uint8_t *buf, size_t len);      /* instead of writing to `out` */
    void (*write_later)(Chardev *c, const uint8_t *buf, size_t len);        /* NULL: as write */
    size_t (*kept)(const Chardev *c);       /* with write_later */
    void (*accept_input)(Chardev *c);       /* instead of watching `in` */
    void (*close)(Chardev *c);
    void (*move)(Chardev *c, GMainContext *to);     /* sets `context`, and makes its sources (without that of `in`) there; NULL: has none */
    const struct CharBackend *backend;
    GMainContext *context;  /* of chardev_serve_beside(); NULL: the main loop */
    GRecMutex lock;         /* with `context`, of all of this */
};

typedef struct CharBackend {
    const char *name;
    const OptDesc *params;
    bool (*open)(Chardev *c, const Opts *o, GError **err);
} CharBackend;

extern const OptDesc char_path_params[], char_file_params[], char_stdio_params[], char_socket_params[], char_mux_params[], char_ringbuf_params[];
bool char_open_stdio(Chardev *c, const Opts *o, GError **err);
bool char_open_file(Chardev *c, const Opts *o, GError **err);
bool char_open_pipe(Chardev *c, const Opts *o, GError **err);
bool char_open_pty(Chardev *c, const Opts *o, GError **err);
bool char_open_socket(Chardev *c, const Opts *o, GError **err);
bool char_open_ringbuf(Chardev *c, const Opts *o, GError **err);
bool char_open_mux(Chardev *c, const Opts *o, GError **err);

/* A source's callback is between these: the big lock, or where another thread serves the device its own. */
void char_lock(Chardev *c);
void char_unlock(Chardev *c);
/* Sources of the thread that serves the device; char_drop() of 0: nothing. */
guint char_fd_add(Chardev *c, int fd, GIOCondition cond, GUnixFDSourceFunc fn);
guint char_timeout_add(Chardev *c, unsigned ms, GSourceFunc fn);
void char_drop(Chardev *c, guint *id);
void char_register(Chardev *c);             /* among those that chardev_find() knows */
void char_discard(Chardev *c);              /* one that is not, or no more */
void char_watch(Chardev *c);                /* read from `in` as long as a front end has room */
void char_unwatch(Chardev *c);
void char_deliver(Chardev *c, const uint8_t *buf, int len);
int char_room(Chardev *c);                  /* of the only front end */
void char_event(Chardev *c, ChardevEvent e);
void char_restore_terminal(void);
void char_remove_socket_files(void);

#endif
