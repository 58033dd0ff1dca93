/*
 * The stream of a saved machine: a header, the machine's name, sections, and a description of their fields.
 *
 * Sections are of two kinds. Device state is described (migration/vmstate.h) and travels once, while the machine
 * stands still. What is large - memory, a hash page table - has a handler that sends a start, then parts while the guest
 * runs on, then an end. Which of the framing a machine version had (name, footers, description) is asked of the
 * object "migration", whose properties the versions table pins.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_SAVEVM_H
#define MIGRATION_SAVEVM_H

#include "migration/stream.h"

typedef struct SaveHandler SaveHandler;
struct SaveHandler {
    const char *name;           /* of its section */
    uint32_t version;           /* what is sent */
    uint32_t minimum_version;   /* the oldest that is read */
    bool (*active)(void);       /* has this machine one? NULL: yes */
    bool (*connect)(GError **err);                  /* makes channels of its own, before the stream begins; NULL: has none */
    bool (*setup)(MigOut *o, GError **err);         /* the start's contents */
    /* A part's contents, until the limit of the writer is reached or nothing is left; true: nothing is left. */
    bool (*iterate)(MigOut *o);
    uint64_t (*pending)(bool exact);                /* bytes still to send; exact: after looking for what changed */
    bool (*restarted)(void);                        /* has to send a part before its end? NULL: no */
    void (*complete)(MigOut *o);                    /* the end's contents; the machine stands still */
    /* It may come after the guest has gone (post-copy): what the destination has to forget before. NULL: it may not. */
    void (*postcopy)(MigOut *o);
    void (*cleanup)(void);                          /* after success or failure, wherever that was; NULL: nothing to do */
    /* The contents of a start (`start`), part or end. */
    bool (*load)(VmsSource *in, bool start, GError **err);
};
/*
 * The configuration section (configuration.c): all of it, and all behind its type. What in it does not go together with this machine is added to
 * `reasons`, a line each.
 */
void configuration_save(MigOut *o, const char *machine);
bool configuration_load(VmsSource *in, GString *reasons, GError **err);
bool savevm_syncs_multifd_each_part(void);          /* likewise */
bool savevm_stores_global_state(void);              /* properties of the object "migration" */
bool savevm_sends_configuration(void);

/* In this order they are started. */
void savevm_register(const SaveHandler *h);

/* ---- saving, on the migration's thread and without the big lock ---- */
bool savevm_setup(MigOut *o, GError **err);
bool savevm_iterate(MigOut *o);                     /* true: nothing is left */
uint64_t savevm_pending(bool exact);
/* The machine stands still and the big lock is held: ends, device state. Then, without it: the end that makes it whole, and the description. */
bool savevm_complete(MigOut *o, GError **err);
bool savevm_end(MigOut *o, GError **err);
/* Post-copy's parts of it: what may not come later, and commands that announce the rest; devices (big lock still held); what came later. */
void savevm_postcopy_begin(MigOut *o);
bool savevm_put_devices(MigOut *o, GString *json, GError **err);
bool savevm_postcopy_end(MigOut *o, GError **err);
/*
 * A background snapshot: what cannot be sent later as it is now, and devices, with all that a stream has behind memory, into `rest` (big lock held,
 * the machine stands still); then parts of what can; then its end, before `rest`.
 */
bool savevm_snapshot_begin(MigOut *rest, GError **err);
void savevm_snapshot_end(MigOut *o);
/* A stream of head, devices, end: no configuration, memory or description. Likewise with the machine still. */
bool savevm_devices_alone(MigOut *o, GError **err);
void savevm_cleanup(void);

/* ---- loading: without the big lock, which is taken where devices change; the machine stands still ---- */
bool loadvm(VmsSource *in, GError **err);
/* What a start (`start`), part or end of a section with a handler holds. */
bool savevm_load_part(const char *name, VmsSource *in, bool start, GError **err);
bool loadvm_has_begun(void);                        /* a section came */
const char *loadvm_disagreements(void);             /* what the head says that does not go together with this machine, a line each; "" */
bool loadvm_package(VmsSource *in, GError **err);   /* sections and commands up to the end of `in` */
bool loadvm_resume(VmsSource *in, GError **err);    /* a stream that broke goes on here, between two sections */
void loadvm_cleanup(void);

/*
 * What the loader asks on its way, for those who want to know before (qemu-migration check): does it agree with this machine?
 * `parts`: the section came with a start, parts and an end.
 */
bool savevm_check_configuration(bool there, GError **err);
bool savevm_check_machine(const char *name, GError **err);
bool savevm_check_footers(bool there, GError **err);
bool savevm_check_section(const char *name, uint32_t instance, uint32_t version, bool parts, GError **err);
bool savevm_is_iterated(const char *name);          /* has a handler of its own here */

#endif
