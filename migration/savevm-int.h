/*
 * What saving (savevm.c), loading (loadvm.c) and the form of a stream (stream-form.c) share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_SAVEVM_INT_H
#define MIGRATION_SAVEVM_INT_H

#include "migration/savevm.h"
#include "hw/core/device.h"

/* ---- the form of this machine's streams ---- */
typedef struct MigrationObject {
    Object object;
    bool send_configuration, send_section_footer, store_global_state, multifd_flush_after_each_section;
} MigrationObject;
const MigrationObject *stream_form(void);
char *stream_machine_name(void);        /* "pseries-2.6-machine" travels as "pseries-2.6"; g_free() */
bool stream_has_description(void);

/* ---- sections with a handler, in the order of their registration ---- */
typedef struct Handler { const SaveHandler *h; uint32_t section; } Handler;
extern GArray *savevm_handlers;         /* of Handler; NULL: none */

#define FOR_EACH_HANDLER(p) \
    for (Handler *p = savevm_handlers ? (Handler *)savevm_handlers->data : NULL, \
         *end_ = savevm_handlers ? p + savevm_handlers->len : NULL; p < end_; p++) \
        if (!p->h->active || p->h->active())

#endif
