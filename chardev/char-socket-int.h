/*
 * Private to the sockets of character devices: char-socket.c (connections come and go), char-address.c (where), char-stream.c (the bytes), char-tls.c
 * (encryption).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CHARDEV_CHAR_SOCKET_INT_H
#define CHARDEV_CHAR_SOCKET_INT_H

#include "chardev/char-int.h"
#include "crypto/tls.h"

typedef struct CharSocket {
    bool server, telnet, nodelay, is_unix;
    char *path, *host, *port;
    int family;
    unsigned reconnect, to;
    unsigned address;           /* of a client's host: the next to try; 0 when one was reached or none is left */
    bool abstract;
    int listener, connecting;
    guint listen_watch, connect_watch, timer;
    char *local, *remote;           /* "127.0.0.1:5000": of a listener or connection */
    enum { TEXT, IAC, OPTION, SUB, SUB_IAC } telnet_state;
    GByteArray *kept;               /* what the other end has not read yet */
    guint kept_watch;
    TlsCreds *creds;                /* NULL: in clear */
    char *authz;
    TlsSession *tls;                /* of the connection there is or will be */
    int shaking;                    /* a connection whose handshake is not over; -1: none */
    guint shake_watch, shake_timer;
} CharSocket;

/* ---- char-socket.c ---- */

void char_socket_established(Chardev *c, int fd);       /* there is a connection now */
void char_socket_lost(Chardev *c, int fd);              /* it will not be one: closed, and the next one may come */

/* ---- char-tls.c ---- */

bool char_tls_parse(CharSocket *s, const Opts *o, GError **err);
void char_tls_begin(Chardev *c, int fd);                /* one of the two above comes of it */
void char_tls_move(Chardev *c, GMainContext *to);       /* the device is served there from now on */
void char_tls_close(Chardev *c);

/* ---- char-address.c ---- */

/* `local` and `remote` become those of a listener or connection. */
void char_note_addresses(CharSocket *s, int fd);
char *char_target_text(const CharSocket *s);            /* what it listens on or wants to reach; g_free() */
bool char_listen(CharSocket *s, GError **err);          /* s->listener */
/* A connected descriptor, one that is being connected (*pending), or -1. */
int char_connect(CharSocket *s, bool *pending, GError **err);

/* ---- char-stream.c ---- */

void char_stream_begin(Chardev *c);                     /* a connection is there */
void char_stream_end(Chardev *c);                       /* it is gone: what was kept for it goes, too */
ssize_t char_stream_receive(Chardev *c, void *buf, size_t room);
int char_stream_filter(Chardev *c, uint8_t *buf, int len);
void char_stream_write(Chardev *c, const uint8_t *buf, size_t len);
void char_stream_write_later(Chardev *c, const uint8_t *buf, size_t len);
size_t char_stream_kept(const Chardev *c);
bool char_stream_pending(const Chardev *c);

#endif
