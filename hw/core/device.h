/*
 * Devices and the buses that they are on: made, configured, realized (from then on the guest sees them), reset.
 *
 * A device is one file with one ObjectType row (hw/core/object.h) that names its properties, its saved state and its
 * functions. Making one goes:
 *
 *     Device *d = device_new("spapr-vty", &err);       defaults, pins of the machine version, -global
 *     device_set(d, "chardev", "serial0", &err);
 *     device_realize(d, bus, &err);                    place in the tree, realize(), saved state registered
 *
 * A device lives until the process ends, but for those that device_add may name: device_del asks for them, the guest gives them back, and
 * device_unrealize() takes them out.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_CORE_DEVICE_H
#define HW_CORE_DEVICE_H

#include "hw/core/irq.h"
#include "hw/core/object.h"
#include "migration/vmstate.h"

typedef struct Bus Bus;
typedef struct Device Device;

/* First member of a device's struct (processors excepted: ObjectType.object_at). */
struct Device {
    Object object;
    const char *id;             /* -device ...,id=; NULL: none */
    Bus *bus;                   /* NULL: on none */
    GPtrArray *buses;           /* those that it provides; NULL: none */
    IrqInputs *inputs;          /* NULL: no interrupt line ends here */
    bool realized;
    bool by_user;               /* -device, or device_add */
    bool hotplugged;            /* device_add, while the machine was there */
};

struct Bus {
    Object object;
    Device *owner;
    GPtrArray *devices;         /* in the order they came */
};

/* In a description of saved state. */
#define VMS_DEVICE(T, f) VMS_SKIP(T, f, "identity and place, made anew with the machine")

static inline void *device_struct(const Device *d)
{
    return object_struct(&d->object);
}

/* NULL: a pin or -global does not fit. The type exists and is a device. */
Device *device_new(const char *type, GError **err);
/* For a device inside another struct, which is zero there. */
bool device_init(Device *d, const char *type, GError **err);
bool device_set(Device *d, const char *property, const char *value, GError **err);
/* Where object_add_child() put it, else as /machine/unattached/device[*]. */
bool device_realize(Device *d, Bus *bus, GError **err);
/* It is gone, and whoever listens is told (DEVICE_DELETED). What users added is freed; who made it otherwise frees it. */
void device_unrealize(Device *d);
struct json_object *device_event_data(const Device *d);         /* of events about it: device (its id) and path */
/* A bus of `owner`, its child `name`. */
Bus *bus_new(const char *type, const char *name, Device *owner);
void bus_init(Bus *b, const char *type, const char *name, Device *owner);
Bus *bus_find(const char *name, const char *type);      /* either may be NULL: any; NULL if there is none */
/* Gives it lines 0 to count - 1, which may be watched (hw/core/irq.h). Those that are `shown` are in the tree. */
void device_add_inputs(Device *d, unsigned count, IrqSetFn *set, void *opaque, bool shown);
Irq device_input(const Device *d, unsigned n);
void device_reset(Device *d);
void devices_reset(void);               /* all that are realized, in that order */
GPtrArray *devices_realized(void);      /* of Device; the list's own */

/* ---- the command line (device-options.c) ---- */

/* `-device ARG` that only prints something: true, and what to print. */
bool device_option_help(const char *arg, GString *out, GError **err);
bool device_option_add(const char *arg, GError **err);          /* the machine is there */
struct json_object;
bool device_add_json(struct json_object *args, GError **err);   /* device_add, with its arguments */
bool device_add_text(const char *arg, GError **err);            /* the same as a person writes them */
bool device_del(const char *id, GError **err);                  /* or the path of it */
bool global_option_add(const char *arg, GError **err);
/* "TYPE options:" and a line each. */
void object_type_help(const ObjectType *t, GString *out);
/* The tree below an object as `info qom-tree` shows it, buses and devices as `info qtree` does. */
void object_print_tree(const Object *o, GString *out);
void bus_print_tree(GString *out);

#endif
