/*
 * Objects: what has a type with a name, properties that are data, and a place in the tree that management programs
 * see (QOM: /machine/unattached/device[3]). Devices, buses, processors and the machine are objects.
 *
 * A type is one row: its name and its parent's, the properties that it adds, and, for devices, what hw/core/device.h
 * says. A property is a row too: name, where it lives in the struct, its default. Its type follows from the C type of
 * the member. From these rows come -device TYPE[,help], -global, the pins of machine versions and what introspection
 * shows; no device parses anything itself.
 *
 * All of this runs before the machine starts or under the big lock.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_CORE_OBJECT_H
#define HW_CORE_OBJECT_H

#include <gio/gio.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Object Object;
typedef struct ObjectType ObjectType;
typedef struct Property Property;
struct Chardev;
struct json_object;
struct Device;
struct VMState;

/* ---- properties ---- */

typedef enum PropKind {
    PROP_BOOL, PROP_UINT8, PROP_UINT16, PROP_UINT32, PROP_UINT64, PROP_INT32, PROP_INT64, PROP_SIZE,
    PROP_BIT,               /* a bool: bit `bit` of a uint64_t */
    PROP_STRING,            /* const char *, interned */
    PROP_TEXT,              /* char *, the object's own: of objects that come and go */
    PROP_JSON,              /* json_object *, likewise; given as the text of one, of the QMP type `qmp_type` */
    PROP_CHARDEV,           /* Chardev *, given by its id */
    PROP_DRIVE,             /* const char *: a block device's id; there are none yet, so nothing is accepted but "" */
    PROP_READ_ONLY,         /* no member: `print` shows it */
} PropKind;

struct Property {
    const char *name;
    PropKind kind;
    size_t offset;
    uint8_t bit;
    const char *value;          /* default, as text; NULL: none (0, NULL) */
    const char *help;
    const char *type_name;      /* as shown, where it is not the kind's own */
    const char *qmp_type;       /* of a user's object: the TYPE (monitor/qmp.h) that object-add takes; NULL: the kind's own */
    bool required;              /* a user's object cannot be made without it */
    const char *choices;        /* "|a|b|": the strings that are accepted */
    const char *complaint;      /* about another string; %s is the string */
    const char *fixed;          /* why it cannot change once its object is there, %s being the type; NULL: it can, but for devices' */
    bool of_instance;           /* not in the help of its type, and without a default there: the object adds it */
    bool internal;              /* for the pins of machine versions: nobody else can set or see it */
    bool (*check)(const Property *p, const void *object, GError **err);     /* after it was set */
    char *(*print)(const void *object);
};

#define PROP_AT(T, f) (((T *)0)->f)
#define PROP_KIND(x) _Generic((x), bool: PROP_BOOL, uint8_t: PROP_UINT8, uint16_t: PROP_UINT16, uint32_t: PROP_UINT32, \
                              uint64_t: PROP_UINT64, int32_t: PROP_INT32, int64_t: PROP_INT64, const char *: PROP_STRING, \
                              char *: PROP_TEXT, struct json_object *: PROP_JSON, struct Chardev *: PROP_CHARDEV)
/* PROP(Foo, "ring-size", ring_size, "64", .help = "entries of the ring") */
#define PROP(T, name_, f, value_, ...) \
    { .name = name_, .kind = PROP_KIND(PROP_AT(T, f)), .offset = offsetof(T, f), .value = value_, __VA_ARGS__ }
#define PROPS(...) ((const Property[]){ __VA_ARGS__, { .name = NULL } })

/* ---- types ---- */

typedef enum DeviceCategory {
    CATEGORY_NONE, CATEGORY_BRIDGE, CATEGORY_STORAGE, CATEGORY_NETWORK, CATEGORY_INPUT, CATEGORY_MISC, CATEGORY_CPU, CATEGORY_COUNT
} DeviceCategory;

struct ObjectType {
    const char *name, *parent, *desc;
    size_t size;                /* of the struct */
    size_t object_at;           /* where in it the Object is; 0 for all but processors */
    const Property *props;      /* what this type adds, up to a NULL name; may be NULL */
    bool abstract;
    /* of objects that users make (user-objects.h) */
    bool user_creatable;
    bool (*complete)(Object *o, GError **err);  /* its properties are set: it may be used from now on; NULL: nothing to do */
    bool (*in_use)(const Object *o);            /* it cannot be deleted; NULL: it always can */
    void (*destroy)(Object *o);                 /* frees what complete() made, as far as it came; properties are freed without it */
    /* of devices (see device.h) */
    const char *bus;            /* type of the bus that it goes on; NULL: on none */
    DeviceCategory category;
    bool pluggable;             /* -device may name it */
    bool hotpluggable;          /* device_add may, too */
    bool (*unplug)(struct Device *dev, GError **err);   /* device_del: begins to take it out, by device_unrealize() in the end */
    void (*unrealize)(struct Device *dev);              /* takes back what realize() did */
    const struct VMState *vmsd;
    int (*vmstate_order)(struct Device *dev);   /* of its section in the stream; NULL: 0 (see vmstate_register()) */
    uint32_t (*vmstate_instance)(struct Device *dev);   /* NULL: numbered as they come */
    bool (*realize)(struct Device *dev, GError **err);
    void (*reset)(struct Device *dev);
    void (*fdt)(struct Device *dev, void *fdt, int parent);     /* its node in the device tree */
    /* of buses */
    char *(*device_path)(struct Device *dev);   /* of a device on it, for the names of saved sections: "vty@71000000" */
};

/* Puts a type among those that object_type_find() knows. */
#define OBJECT_TYPE(id, ...) \
    static const ObjectType id = { __VA_ARGS__ }; \
    static const ObjectType *const id##_row __attribute__((used, section("object_type_rows"))) = &id
/* For types that are made from another table (processor models, machine versions): called before the first search. */
typedef void ObjectFamilyFn(void);
#define OBJECT_FAMILY(fn) \
    static ObjectFamilyFn *const fn##_row __attribute__((used, section("object_family_rows"))) = fn
void object_type_register(const ObjectType *t);

const ObjectType *object_type_find(const char *name);           /* NULL: no such type */
bool object_type_is(const ObjectType *t, const char *name);     /* itself or below it */
GPtrArray *object_types(void);                                  /* of ObjectType, sorted by name; the registry's own */
/* The property of this type or of one above it; NULL: none. */
const Property *object_type_property(const ObjectType *t, const char *name);
/* All of them but internal ones, sorted by name; g_ptr_array_unref(). */
GPtrArray *object_type_properties(const ObjectType *t);

/* ---- objects ---- */

struct Object {
    const ObjectType *type;
    Object *parent;             /* NULL: not in the tree */
    char *name;                 /* among the parent's children */
    GPtrArray *children;        /* of Object; NULL: none */
    GHashTable *names;          /* the same by name: a machine may have thousands of processors */
};

/* Prepares an object in memory that is zero: properties have their defaults. Pins and -global: object_apply_globals(). */
void object_init(Object *o, const ObjectType *t);
static inline void *object_struct(const Object *o)
{
    return (char *)o - o->type->object_at;
}
/* `child` becomes parent/name; "name[*]" takes the first number that is free. */
void object_add_child(Object *parent, const char *name, Object *child);
void object_remove(Object *child);      /* from its parent */
Object *object_root(void);
Object *object_container(Object *parent, const char *name);     /* made if it is not there */
Object *object_machine_container(const char *name);             /* /machine/NAME */
char *object_path(const Object *o);                             /* "/machine/rtc"; g_free() */
Object *object_resolve(const char *path);   /* absolute, or the end of exactly one path; NULL: none */

/* How a value was given decides the words that refuse it. */
typedef enum PropSource { PROP_FROM_OPTION, PROP_FROM_GLOBAL, PROP_FROM_PIN } PropSource;
/* value NULL is "on" for a bool. */
bool object_set(Object *o, const char *name, const char *value, PropSource from, GError **err);
void object_clear(Object *o);                                   /* frees what its properties hold */
char *object_get(const Object *o, const char *name);            /* text, or NULL: no such property; g_free() */
const char *property_type_name(const Property *p);
char *property_print(const Property *p, const void *object);    /* g_free() */

/* ---- -global and the pins of machine versions ---- */

typedef struct GlobalProp { const char *type, *property, *value; bool pin, used; } GlobalProp;
/* Applied in the order added, pins before what the user said. */
void globals_add(const char *type, const char *property, const char *value, bool pin);
void globals_clear_pins(void);
bool object_apply_globals(Object *o, GError **err);
void globals_warn_unused(void);         /* type names that do not exist */

#endif
