/*
 * Post-copy: the guest runs on the destination while the rest of its memory is still on the source.
 *
 * The source (postcopy-send.c) stops the guest, names the pages that the destination has to forget, sends the devices in one package, and then
 * memory: what is asked for first. The destination (postcopy-load.c) lets userfaultfd stop whoever touches a page that is not there, asks for that page and
 * puts it in place. A link that breaks pauses both sides; a new one is made by migrate-recover there and migrate with resume here.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_POSTCOPY_H
#define MIGRATION_POSTCOPY_H

#include "migration/channel.h"
#include "migration/stream.h"
#include "system/memory.h"

/* ---- source: what the destination asks for; any thread ---- */

bool postcopy_request(const MemoryBlock *b, uint64_t start, uint64_t bytes, GError **err);     /* of that block */
bool postcopy_next_request(uint64_t *page);
bool postcopy_has_request(void);
void postcopy_forget_requests(void);
uint64_t postcopy_requests_counted(void);                   /* since postcopy_begin_count() */
void postcopy_begin_count(void);
/* Until somebody asks for a page or postcopy_wake_sender() is called, but not longer than that. */
void postcopy_wait_request(gint64 us);
void postcopy_wake_sender(void);
/* The page channel's thread: the next, when it is asked for; false: it is over. From postcopy_requests_wait(true) on requests are that thread's alone. */
bool postcopy_await_request(uint64_t *page);
void postcopy_requests_wait(bool on);

/* The channel for them (postcopy-pages.c), beside the stream's, which breaks with it; what is taken is freed by page_channel_close(). */
void page_channel_open(MigChannel *c, MigChannel *stream);
bool page_channel_end(GError **err);                        /* nothing is left to ask for; nothing to do without one */
void page_channel_close(void);
uint64_t page_channel_bytes(void);                          /* since page_channel_begin_count() */
void page_channel_begin_count(void);

/* Everything that has to stop the destination's memory from being older than ours: commands that name the pages of a block still to send. */
typedef bool (*PostcopyNextRange)(uint64_t *start, uint64_t *bytes, uint64_t end);
void postcopy_put_discards(MigOut *o, const MemoryBlock *b, PostcopyNextRange next);
void postcopy_put_advice(MigOut *o);

/* ---- destination ---- */

bool postcopy_possible(GError **err);                       /* does this host let us? */
bool postcopy_advised(void);                                /* the stream said that post-copy may come */
bool postcopy_listening(void);                              /* pages are put in place one by one from now on */
bool postcopy_load_advice(const uint8_t *data, size_t n, GError **err);
bool postcopy_load_discard(const uint8_t *data, size_t n, GError **err);
bool postcopy_listen(GError **err);
/* A page that came. `bytes` NULL: all of it is `byte`. Any thread that reads a channel. */
bool postcopy_place(uint64_t page, const uint8_t *bytes, uint8_t byte, GError **err);
void postcopy_note_received(uint64_t page);                 /* before postcopy_listen(): it is in memory */
void postcopy_send_bitmap(const MemoryBlock *b);            /* what has been received of it, as a reply */
void postcopy_ask_again(void);                              /* on a new link: what is still waited for */
uint64_t postcopy_missing(void);                            /* pages */
uint64_t postcopy_first_missing(void);                      /* its address; 0 if there is none */
/*
 * The page channel: `c`, or NULL: the one that comes, behind multifd's. It is accepted at once, since 7.2 sends nothing more before an encrypted one
 * has shaken hands, and read from page_channel_go() on. Until page_channel_stop().
 */
void page_channel_receive(MigChannel *c, MigChannel *stream);
void page_channel_go(void);
bool page_channel_wait(GError **err);                       /* the stream ended: until this has, too */
void page_channel_stop(void);
void postcopy_stop_listening(void);                         /* all is there, or what there was of it is over */

#endif
