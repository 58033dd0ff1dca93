/*
 * See device.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/device.h"
#include "monitor/qmp.h"
#include <string.h>

OBJECT_TYPE(device_type, .name = "device", .abstract = true);
OBJECT_TYPE(sys_bus_device_type, .name = "sys-bus-device", .parent = "device", .abstract = true, .bus = "System");
OBJECT_TYPE(bus_type, .name = "bus", .abstract = true);
OBJECT_TYPE(system_bus_type, .name = "System", .parent = "bus", .size = sizeof(Bus));

static GPtrArray *realized, *buses;

GPtrArray *devices_realized(void)
{
    if (!realized) {
        realized = g_ptr_array_new();
    }
    return realized;
}

/* The nearest type, from the device's own upwards, whose row has the member. */
#define INHERITED(t, member) \
    ({ const ObjectType *t_ = (t); while (t_ && !t_->member) { t_ = object_type_find(t_->parent); } t_ ? t_->member : NULL; })

bool device_init(Device *d, const char *type, GError **err)
{
    const ObjectType *t = object_type_find(type);

    g_assert(t && !t->abstract && object_type_is(t, "device"));
    object_init(&d->object, t);
    return object_apply_globals(&d->object, err);
}

Device *device_new(const char *type, GError **err)
{
    const ObjectType *t = object_type_find(type);

    g_assert(t && t->size >= sizeof(Device) && !t->object_at);
    Device *d = g_malloc0(t->size);
    if (!device_init(d, type, err)) {
        g_free(d);
        return NULL;
    }
    return d;
}

bool device_set(Device *d, const char *property, const char *value, GError **err)
{
    g_assert(!d->realized);
    return object_set(&d->object, property, value, PROP_FROM_OPTION, err);
}

static void register_state(Device *d)
{
    const ObjectType *t = d->object.type;
    const VMState *v = INHERITED(t, vmsd);

    if (!v) {
        return;
    }
    g_autofree char *path = d->bus && d->bus->object.type->device_path ? d->bus->object.type->device_path(d) : NULL;
    uint32_t (*instance)(Device *) = INHERITED(t, vmstate_instance);
    int (*order)(Device *) = INHERITED(t, vmstate_order);
    vmstate_register(path, instance ? instance(d) : VMSTATE_ANY_INSTANCE, order ? order(d) : 0, v, device_struct(d));
}

static void register_bus_state(Bus *b)
{
    if (b->object.type->vmsd) {
        vmstate_register(NULL, VMSTATE_ANY_INSTANCE, 0, b->object.type->vmsd, b);
    }
}

bool device_realize(Device *d, Bus *bus, GError **err)
{
    const ObjectType *t = d->object.type;
    bool (*realize)(Device *, GError **) = INHERITED(t, realize);

    g_assert(!d->realized);
    if (!d->object.parent) {
        object_add_child(object_machine_container("unattached"), "device[*]", &d->object);
    }
    d->bus = bus;
    if (realize && !realize(d, err)) {
        return false;
    }
    d->realized = true;
    if (bus) {
        g_ptr_array_add(bus->devices, d);
    }
    g_ptr_array_add(devices_realized(), d);
    register_state(d);
    for (guint i = 0; d->buses && i < d->buses->len; i++) {
        register_bus_state(g_ptr_array_index(d->buses, i));
    }
    return true;
}

QMP_EVENT(DEVICE_DELETED, "device:str? path:str");

json_object *device_event_data(const Device *d)
{
    g_autofree char *path = object_path(&d->object);
    json_object *data = qmp_object("path", JSTR(path), NULL);

    if (d->id) {
        json_object_object_add(data, "device", JSTR(d->id));
    }
    return data;
}

void device_unrealize(Device *d)
{
    const VMState *v = INHERITED(d->object.type, vmsd);
    void (*unrealize)(Device *) = INHERITED(d->object.type, unrealize);
    json_object *data = device_event_data(d);       /* while it has a path */

    g_assert(d->realized && !d->buses);
    if (unrealize) {
        unrealize(d);
    }
    if (v) {
        vmstate_unregister(v, device_struct(d));
    }
    if (d->bus) {
        g_ptr_array_remove(d->bus->devices, d);
    }
    g_ptr_array_remove(devices_realized(), d);
    d->realized = false;
    object_remove(&d->object);
    qmp_event("DEVICE_DELETED", data);
    if (d->by_user) {
        object_clear(&d->object);
        g_free(d);
    }
}

void bus_init(Bus *b, const char *type, const char *name, Device *owner)
{
    const ObjectType *t = object_type_find(type);

    g_assert(t && object_type_is(t, "bus"));
    object_init(&b->object, t);
    b->devices = g_ptr_array_new();
    b->owner = owner;
    object_add_child(owner ? &owner->object : object_machine_container("unattached"), name, &b->object);
    if (owner) {
        if (!owner->buses) {
            owner->buses = g_ptr_array_new();
        }
        g_ptr_array_add(owner->buses, b);
    }
    if (!buses) {
        buses = g_ptr_array_new();
    }
    g_ptr_array_add(buses, b);
}

OBJECT_TYPE(irq_type, .name = "irq", .size = sizeof(Object));

void device_add_inputs(Device *d, unsigned count, IrqSetFn *set, void *opaque, bool shown)
{
    g_assert(!d->inputs);
    d->inputs = g_new0(IrqInputs, 1);
    *d->inputs = (IrqInputs){ count, set, opaque };
    for (unsigned i = 0; shown && i < count; i++) {
        Object *o = g_new0(Object, 1);
        object_init(o, &irq_type);
        object_add_child(&d->object, "unnamed-gpio-in[*]", o);
    }
}

static void set_input(void *opaque, unsigned n, bool level)
{
    const IrqInputs *in = opaque;

    in->set(in->opaque, n, level);
    if (in->watch) {
        in->watch(n, level);
    }
}

Irq device_input(const Device *d, unsigned n)
{
    g_assert(d->inputs && n < d->inputs->count);
    return (Irq){ set_input, d->inputs, n };
}

Bus *bus_new(const char *type, const char *name, Device *owner)
{
    const ObjectType *t = object_type_find(type);

    g_assert(t && t->size >= sizeof(Bus));
    Bus *b = g_malloc0(t->size);
    bus_init(b, type, name, owner);
    return b;
}

Bus *bus_find(const char *name, const char *type)
{
    for (guint i = 0; buses && i < buses->len; i++) {
        Bus *b = g_ptr_array_index(buses, i);
        if ((!name || !strcmp(b->object.name, name)) && (!type || object_type_is(b->object.type, type))) {
            return b;
        }
    }
    return NULL;
}

void device_reset(Device *d)
{
    void (*reset)(Device *) = INHERITED(d->object.type, reset);

    if (reset) {
        reset(d);
    }
}

void devices_reset(void)
{
    for (guint i = 0; i < devices_realized()->len; i++) {
        device_reset(g_ptr_array_index(realized, i));
    }
}
