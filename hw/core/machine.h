/*
 * The machine, for whoever need not know which one it is. Kinds of machines are rows: pseries in all its versions (hw/ppc/spapr-versions.c), and `none`
 * (machine-none.c), by which programs that manage guests ask what an emulator can do.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_CORE_MACHINE_H
#define HW_CORE_MACHINE_H

#include "hw/core/object.h"

/* What the command line says about it. */
typedef struct MachineOptions {
    const char *machine, *cpu, *kernel, *initrd, *append, *dtb, *bios, *boot, *boot_once, *dumpdtb, *uuid, *name, *serial;
    uint64_t ram_size, maxram_size; /* maxram 0: no room to plug */
    bool ram_size_given;            /* or it is that of the machine's memory backend */
    uint64_t ram_slots;
    GPtrArray *props;               /* "name=value" of -machine, in order */
    bool boot_menu;
    unsigned smp_cpus, sockets, cores, threads, maxcpus;
    GPtrArray *consoles;        /* of Chardev *: the serial ports, up to the first that is NULL */
    GPtrArray *prom_env, *numa;    /* arguments of -prom-env and -numa */
} MachineOptions;

/* First member of a machine's object: what all kinds have. */
typedef struct MachineConfig {
    Object object;              /* /machine */
    const char *append, *boot, *dtb, *dumpdtb, *firmware, *initrd, *kernel, *memory_backend;
    bool suppress_vmdesc;
    bool dump_guest_core, graphics, mem_merge, usb;         /* accepted: there is nothing that they would change */
} MachineConfig;

/* Property.fixed of what has its effect while a machine is made */
#define MACHINE_MADE_WITH "a machine of the type %s has been made with it: it cannot change any more"

/* What is known of a machine without making it. */
typedef struct MachineInfo {
    const char *desc, *alias;       /* alias NULL: none */
    const char *default_cpu;        /* a processor's name; NULL: none */
    const char *default_ram;        /* name of its memory */
    unsigned max_cpus;
    bool is_default, hotpluggable_cpus, numa_mem;
} MachineInfo;

typedef struct MachineKind {
    const char *type;                               /* the machines are the types below this one, or it */
    /* The type's name without "-machine" that `name` stands for; NULL: none of this kind. */
    const char *(*real_name)(const char *name);
    void (*info)(const char *name, MachineInfo *out);
    void (*pin_all)(const char *name);              /* what is made from now on is as in that version; NULL: there are none */
    bool (*init)(const MachineOptions *o, GError **err);    /* puts /machine there, and sets runstate_reset_machine */
    bool (*dump_dtb)(const char *path, GError **err);       /* NULL: it has no device tree, and the option no effect */
} MachineKind;

#define MACHINE_KIND(id, ...) \
    static const MachineKind id = { __VA_ARGS__ }; \
    static const MachineKind *const id##_row __attribute__((used, section("machine_kind_rows"))) = &id

/* NULL: there is no machine of this name, which may be an alias. */
const MachineKind *machine_kind(const char *name);
const ObjectType *machine_type(const char *name);
/* The name of a machine's type without "-machine"; g_free() */
char *machine_name_of(const ObjectType *t);
void machine_list(GString *out);                            /* the text of -machine help */
bool machine_property_known(const char *machine, const char *property, GError **err);

extern MachineConfig *machine;          /* that was made; NULL: none yet */
/* Before a kind's init() goes on: its object, with its type's defaults, becomes /machine and has what the options say. */
bool machine_begin(MachineConfig *m, const MachineOptions *o, GError **err);

#endif
