/*
 * Bytes of a migration on their way: a writer and a reader over GIO streams.
 *
 * Numbers are big-endian. Both block; they belong to the migration's thread. A writer's first error stays and makes all
 * that follows a no-op, so that code which writes a section need not look after every byte; who drives it asks
 * mig_out_error(). A reader is the VmsSource that descriptions load from.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_STREAM_H
#define MIGRATION_STREAM_H

#include "migration/vmstate.h"

typedef struct MigOut MigOut;
/* Takes a reference to `to`, whose blocking calls end when `cancel` is set. */
MigOut *mig_out_new(GOutputStream *to, GCancellable *cancel);
/* From now on a thread writes, and what is gathered is gathered meanwhile; errors show later, at the latest when flushing. */
void mig_out_write_behind(MigOut *o);
/* Waits for that thread, but does not write what is not much yet. */
void mig_out_catch_up(MigOut *o);
void mig_out_free(MigOut *o);                   /* without closing the stream */
void mig_put(MigOut *o, const void *buf, size_t n);
/* Without a copy: the bytes are read when they are written out, at the latest by mig_out_flush(), and have to be there until then. */
void mig_put_kept(MigOut *o, const void *buf, size_t n);
/*
 * n records: a number of 8 bytes, `first` and each time `step` (not 0) more, and then `step` kept bytes each, one after the other at `bytes`; or, if that is
 * NULL, a byte 0. The numbers are made when they are written.
 */
void mig_put_records(MigOut *o, uint64_t first, uint32_t step, const void *bytes, unsigned n);
/* Room for n (at most 64 KiB) bytes; those that were put there are counted by mig_out_filled(), with no other call between. */
uint8_t *mig_out_room(MigOut *o, size_t n);
void mig_out_filled(MigOut *o, size_t n);
void mig_out_count(MigOut *o, uint64_t n);      /* n bytes went another way, and count for the rate */
void mig_put_be(MigOut *o, unsigned bytes, uint64_t v);
void mig_put_string8(MigOut *o, const char *s); /* length in one byte, then the bytes */
bool mig_out_flush(MigOut *o, GError **err);
const GError *mig_out_error(const MigOut *o);
bool mig_out_cancelled(const MigOut *o);
GCancellable *mig_out_cancellable(const MigOut *o);
void mig_out_fail(MigOut *o, const GError *err);    /* from now on it has this error, unless it has one already */
/* What is written so far is in the file, and the next byte goes to `at` there: its descriptor. -1: this is no file with places. */
int mig_out_file(MigOut *o, uint64_t *at);
bool mig_out_seek(MigOut *o, uint64_t at, GError **err);
uint64_t mig_out_total(const MigOut *o);        /* bytes given to it so far */
uint64_t mig_out_written(const MigOut *o);      /* of them, those that do not wait for the thread */
/* Bytes a second, 0: as fast as it goes. Counts from this call on. */
void mig_out_limit(MigOut *o, uint64_t bytes_per_second);
/* Has this time slice's share been sent? Then sleeping until the next one is due. */
bool mig_out_over_limit(const MigOut *o);
void mig_out_wait_limit(MigOut *o);
/* Microseconds of a slice whose share has been sent, 0: something may still be sent, -1: the slice is over (or there is no limit). */
gint64 mig_out_limit_left(const MigOut *o);

typedef struct MigIn MigIn;
MigIn *mig_in_new(GInputStream *from, GCancellable *cancel);
void mig_in_free(MigIn *in);
VmsSource *mig_in_source(MigIn *in);
bool vms_read_be(VmsSource *s, unsigned bytes, uint64_t *v, GError **err);
/* One length byte and that many; `text` has room for 256. */
bool vms_read_string8(VmsSource *s, char *text, GError **err);

#endif
