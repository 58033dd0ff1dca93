/*
 * What the two sides of a migration say beside the sections: commands in the stream, and replies on the return path.
 *
 * A command is byte 8, number and length in two bytes each, data; a reply is number and length in two bytes each, data (docs/devel/migration.rst).
 * All numbers are big-endian. The reader of replies on the source is a thread; on the destination replies may be sent from any thread.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_PROTOCOL_H
#define MIGRATION_PROTOCOL_H

#include "migration/stream.h"
#include "system/memory.h"

typedef enum MigCommand {
    COMMAND_OPEN_RETURN_PATH = 1, COMMAND_PING, COMMAND_POSTCOPY_ADVISE, COMMAND_POSTCOPY_LISTEN, COMMAND_POSTCOPY_RUN,
    COMMAND_POSTCOPY_RAM_DISCARD, COMMAND_PACKAGED, COMMAND_ENABLE_COLO, COMMAND_POSTCOPY_RESUME, COMMAND_RECV_BITMAP,
    COMMAND_SWITCHOVER_START,           /* the machine has stopped; of machines since 10.0 */
    COMMAND_MANIFEST = 0x7070           /* between two of ours: announce.h */
} MigCommand;

typedef enum MigReply {
    REPLY_SHUT = 1, REPLY_PONG, REPLY_REQ_PAGES_ID, REPLY_REQ_PAGES, REPLY_RECV_BITMAP, REPLY_RESUME_ACK, REPLY_SWITCHOVER_ACK,
    REPLY_VERDICT = 0x7070              /* on a manifest: 1, or 0 and why not in the rest */
} MigReply;

/*
 * Values of PING and PONG. The first four are the peer's; they mark places of the stream. The others are of this program alone: a
 * destination adds them to what it says when the return path opens, so that the source knows that they can hand over in two steps, and that it reads
 * a manifest. Sources of others do not look at the number.
 */
enum {
    PING_OPENED = 1, PING_DISCARDED = 2, PING_DEVICES = 3, PING_PACKAGED = 4, PING_HANDOVER = 0x70706336, PING_ANNOUNCE = 0x70706337,
    PING_COUNTED = 0x72000000     /* + a number that a source counts on, up to 2^24 - 1: any destination answers it */
};

/* ---- source ---- */

void command_put(MigOut *o, MigCommand c, const void *data, size_t n);
void command_ping(MigOut *o, uint32_t value);

/* Replies are read from `from` from now on, until it ends or return_path_stop(). */
void return_path_start(GInputStream *from);
void return_path_stop(void);                        /* without waiting for more; nothing if there is none */
bool return_path_is_open(void);
bool return_path_take(VmsSource *in, GError **err);    /* one reply, that is heard as those on the thread are */
bool return_path_acknowledged(void);                /* it said that the machine may be stopped */
/* Did it end or say that the guest was refused? Then err says so; while all is well, false. */
bool return_path_broken(GError **err);
bool return_path_refused(void);                     /* the other side said so: it does not run and will not */
bool return_path_got_pong(uint32_t value);
bool return_path_wait_counted(uint32_t value, GCancellable *cancel, GError **err);
uint32_t return_path_counted(void);                 /* the highest n of a PONG of PING_COUNTED + n on this link; 0: none */
/* Until the destination says that it has everything. */
bool return_path_wait_shut(GCancellable *cancel, GError **err);
/* Until a PONG of that value; false: broken or cancelled before. */
bool return_path_wait_pong(uint32_t value, GCancellable *cancel, GError **err);
/* Until the destination says whether it takes the guest. False: it does not, and why; or broken before. */
bool return_path_wait_verdict(GCancellable *cancel, GError **err);
/* What recovery asks for, block by block. The bitmap has a bit a page, least first in each byte; its size was checked. */
void return_path_expect_bitmap(const MemoryBlock *b, uint8_t *bitmap, size_t bytes);       /* before it is asked for */
bool return_path_wait_bitmap(GCancellable *cancel, GError **err);
bool return_path_wait_resumed(GCancellable *cancel, GError **err);

/* ---- destination ---- */

void reply_open(GOutputStream *to);                 /* the stream asked for it */
void reply_close(void);
bool reply_is_open(void);
void reply_send(MigReply r, const void *data, size_t n);    /* errors are seen by who reads the stream */
void reply_word(MigReply r, uint32_t value);
void reply_bitmap(const char *block, const uint8_t *bitmap, size_t bytes);

/* A command's number, length and data (command-load.c). */
bool command_load(VmsSource *in, GError **err);
void command_begin(void);                           /* of a stream; what one before it left is forgotten */
bool command_package_loaded(GError **err);          /* waits for post-copy's devices */
bool command_guest_runs(void);                      /* post-copy's RUN came */
/* The source said how it ends: after SHUT it tells, by a PING, that we may run. */
bool command_wants_handover(void);

#endif
