/*
 * Pages on channels of their own ("multifd"): several threads that send, and that receive; the wire is in multifd-wire.h.
 *
 * All of it is called on the migration's thread.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_MULTIFD_H
#define MIGRATION_MULTIFD_H

#include "migration/stream.h"

/* ---- sending: a failure shows in mig_out_error() ---- */
bool multifd_save_start(GError **err);                  /* opens the channels */
void multifd_save_page(MigOut *o, uint64_t page);       /* with data; the bytes are counted in o */
void multifd_save_sync(MigOut *o);                      /* what was given so far is there before what the stream says next */
void multifd_save_end(void);                            /* after success or failure; nothing to do: does nothing */
uint64_t multifd_save_bytes(void);                      /* of this migration so far; any thread */
uint64_t multifd_save_missed_zero_copy(void);           /* how often a channel's pages were copied though they should not be; any thread */
bool multifd_syncs_each_part(void);                     /* or only when the stream says so */

/* ---- receiving ---- */
bool multifd_load_start(GError **err);                  /* waits for the channels */
bool multifd_is_loading(void);
bool multifd_load_sync(GError **err);                   /* until every channel has come to where the stream is */
void multifd_load_end(void);

/* A packet's pages out of `n` bytes; for one stream, in order. Made for what the first packet says. */
typedef struct MultifdDecoder MultifdDecoder;
MultifdDecoder *multifd_decoder_new(unsigned method, GError **err);
bool multifd_decode(MultifdDecoder *d, const uint8_t *in, size_t n, uint8_t *out, size_t out_bytes, GError **err);
void multifd_decoder_free(MultifdDecoder *d);
typedef struct MultifdEncoder MultifdEncoder;
MultifdEncoder *multifd_encoder_new(unsigned method, int level, GError **err);
/* The page is copied first: it may change meanwhile. How many bytes in out, or -1. `last`: of the packet, whose bytes have to be all there. */
ssize_t multifd_encode(MultifdEncoder *e, const uint8_t *page, bool last, uint8_t *out, size_t room, GError **err);
void multifd_encoder_free(MultifdEncoder *e);

#endif
