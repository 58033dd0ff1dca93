/*
 * A guest is announced before it moves: between two of ours the source learns, when it has sent no memory yet, whether the destination would take
 * the guest. What is asked and by which rules: manifest.h, check.h.
 *
 * Ours are told by a PONG that only ours send (protocol.h); nobody else gets more, or anything else, than before. The manifest goes as a command
 * behind the first PING, the answer comes as a reply.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_ANNOUNCE_H
#define MIGRATION_ANNOUNCE_H

#include "migration/stream.h"

/*
 * The source, when the return path was opened by OPEN_RETURN_PATH and PING: waits for the first answer. False with every reason for which the
 * destination does not take the guest, or when the link broke; true as well if the destination is none of ours. Without the big lock.
 */
bool announce_guest(MigOut *o, GError **err);
/* The destination: a manifest of `size` bytes follows. Answers; false if the guest is not taken. Without the big lock. */
bool announce_load(VmsSource *in, uint32_t size, GError **err);

#endif
