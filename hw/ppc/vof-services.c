/*
 * The services of the built-in firmware (vof.c): what a client asks for by name, a row each.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/vof-int.h"
#include "system/clock.h"
#include "system/log.h"
#include "system/memory.h"
#include "system/runstate.h"
#include <inttypes.h>
#include <libfdt.h>
#include <string.h>

#define MAX_ARGS     16
#define MAX_VALUE    0x10000

typedef struct Call {
    SpaprMachine *s;
    struct Vof *v;
    PowerPCCPU *cpu;
    uint32_t arg[MAX_ARGS];
    unsigned nargs, nret;
    uint32_t more[MAX_ARGS];            /* results after the first */
} Call;

/* ---- client memory ---- */

static bool get_string(uint32_t at, char *out, unsigned room)
{
    for (unsigned i = 0; i < room; i++) {
        if (!memory_read((uint64_t)at + i, &out[i], 1)) {
            return false;
        }
        if (!out[i]) {
            return true;
        }
    }
    return false;
}

/* As much of a value as the client's buffer takes; the full length is the result. */
static uint32_t give(uint32_t buf, uint32_t room, const void *data, uint32_t len)
{
    return memory_write(buf, data, MIN(len, room)) ? len : VOF_FAIL;
}

/* ---- services: one row each ---- */

typedef uint32_t ServiceFn(Call *c);

static uint32_t svc_finddevice(Call *c)
{
    char path[VOF_MAX_STRING];
    int n;

    if (!get_string(c->arg[0], path, sizeof(path)) || (n = vof_find_path(c->v, path)) < 0) {
        return VOF_FAIL;
    }
    return vof_phandle(c->v, n);
}

static uint32_t svc_peer(Call *c)
{
    if (!c->arg[0]) {
        return vof_phandle(c->v, 0);
    }
    int n = vof_node(c->v, c->arg[0]);
    return n < 0 ? 0 : vof_phandle(c->v, fdt_next_subnode(c->v->fdt, n));
}

static uint32_t svc_child(Call *c)
{
    int n = vof_node(c->v, c->arg[0]);

    return n < 0 ? 0 : vof_phandle(c->v, fdt_first_subnode(c->v->fdt, n));
}

static uint32_t svc_parent(Call *c)
{
    int n = vof_node(c->v, c->arg[0]);

    return n <= 0 ? 0 : vof_phandle(c->v, fdt_parent_offset(c->v->fdt, n));
}

/* A property; "name" is made from the node's own name. *len -1: there is none. */
static const void *property(struct Vof *v, int node, const char *name, int *len, char *scratch, size_t room)
{
    const void *p = fdt_getprop(v->fdt, node, name, len);

    if (!p && !strcmp(name, "name")) {
        g_strlcpy(scratch, node ? fdt_get_name(v->fdt, node, NULL) : "/", room);
        char *unit = strchr(scratch, '@');
        if (unit) {
            *unit = 0;
        }
        *len = strlen(scratch) + 1;
        return scratch;
    }
    if (!p) {
        *len = -1;
    }
    return p;
}

static uint32_t svc_getproplen(Call *c)
{
    char name[VOF_MAX_STRING], scratch[64];
    int n = vof_node(c->v, c->arg[0]), len;

    if (n < 0 || !get_string(c->arg[1], name, sizeof(name))) {
        return VOF_FAIL;
    }
    property(c->v, n, name, &len, scratch, sizeof(scratch));
    return len;
}

static uint32_t svc_getprop(Call *c)
{
    char name[VOF_MAX_STRING], scratch[64];
    int n = vof_node(c->v, c->arg[0]), len;

    if (n < 0 || !get_string(c->arg[1], name, sizeof(name))) {
        return VOF_FAIL;
    }
    const void *p = property(c->v, n, name, &len, scratch, sizeof(scratch));
    return p ? give(c->arg[2], c->arg[3], p, len) : VOF_FAIL;
}

static uint32_t svc_nextprop(Call *c)
{
    char prev[VOF_MAX_STRING] = "";
    int n = vof_node(c->v, c->arg[0]);
    bool seen;

    if (n < 0 || (c->arg[1] && !get_string(c->arg[1], prev, sizeof(prev)))) {
        return VOF_FAIL;
    }
    seen = !*prev;
    for (int p = fdt_first_property_offset(c->v->fdt, n); p >= 0; p = fdt_next_property_offset(c->v->fdt, p)) {
        const char *name;
        fdt_getprop_by_offset(c->v->fdt, p, &name, NULL);
        if (seen) {
            /* whole: PAPR has names above the 31 characters of IEEE 1275 */
            return give(c->arg[2], UINT32_MAX, name, strlen(name) + 1) == VOF_FAIL ? VOF_FAIL : 1;
        }
        seen = !strcmp(name, prev);
    }
    return seen ? 0 : VOF_FAIL;
}

static uint32_t svc_setprop(Call *c)
{
    char name[VOF_MAX_STRING];
    int n = vof_node(c->v, c->arg[0]);
    uint32_t len = c->arg[3];

    if (n < 0 || len > MAX_VALUE || !get_string(c->arg[1], name, sizeof(name)) || strlen(name) > 63) {
        return VOF_FAIL;
    }
    /* the handles that everything else refers to stay as they are */
    if (!*name || !strcmp(name, "phandle") || !strcmp(name, "linux,phandle") || !strcmp(name, "name")) {
        return VOF_FAIL;
    }
    g_autofree void *value = g_malloc(MAX(len, 1));
    if (!memory_read(c->arg[2], value, len) || fdt_setprop(c->v->fdt, n, name, value, len)) {
        return VOF_FAIL;
    }
    if (n == fdt_path_offset(c->v->fdt, "/chosen") && len == 4) {
        uint32_t v = fdt32_ld(value);
        if (!strcmp(name, "linux,initrd-start")) {
            c->s->initrd_base = v;
        } else if (!strcmp(name, "linux,initrd-end") && v >= c->s->initrd_base) {
            c->s->initrd_size = v - c->s->initrd_base;
        }
    }
    return len;
}

static uint32_t path_to(Call *c, int node, uint32_t buf, uint32_t room)
{
    char path[VOF_MAX_STRING];

    if (node < 0 || fdt_get_path(c->v->fdt, node, path, sizeof(path))) {
        return VOF_FAIL;
    }
    return give(buf, room, path, strlen(path) + 1) == VOF_FAIL ? VOF_FAIL : strlen(path);
}

static uint32_t svc_package_to_path(Call *c)
{
    return path_to(c, vof_node(c->v, c->arg[0]), c->arg[1], c->arg[2]);
}

static uint32_t svc_canon(Call *c)
{
    char path[VOF_MAX_STRING];

    return get_string(c->arg[0], path, sizeof(path)) ? path_to(c, vof_find_path(c->v, path), c->arg[1], c->arg[2]) : VOF_FAIL;
}

static uint32_t svc_instance_to_package(Call *c)
{
    Instance *i = vof_instance(c->v, c->arg[0]);

    return i ? i->phandle : VOF_FAIL;
}

static uint32_t svc_instance_to_path(Call *c)
{
    Instance *i = vof_instance(c->v, c->arg[0]);

    return i ? path_to(c, vof_node(c->v, i->phandle), c->arg[1], c->arg[2]) : VOF_FAIL;
}

static uint32_t svc_open(Call *c)
{
    char path[VOF_MAX_STRING];

    return get_string(c->arg[0], path, sizeof(path)) ? vof_open(c->v, path) : 0;
}

static uint32_t svc_close(Call *c)
{
    Instance *i = vof_instance(c->v, c->arg[0]);

    if (!i) {
        return VOF_FAIL;
    }
    g_ptr_array_index(c->v->instances, c->arg[0] - 1) = NULL;
    vof_free_instance(i);
    return 0;
}

static SpaprVty *console(Call *c)
{
    Instance *i = vof_instance(c->v, c->arg[0]);
    SpaprVty *vty = spapr_vty_default(c->s);
    g_autofree char *path = vty ? g_strdup_printf("/vdevice/vty@%x", spapr_vty_reg(vty)) : NULL;
    int n = path ? fdt_path_offset(c->v->fdt, path) : -1;

    return i && n >= 0 && i->phandle == vof_phandle(c->v, n) ? vty : NULL;
}

static uint32_t svc_write(Call *c)
{
    SpaprVty *vty = console(c);
    uint32_t len = MIN(c->arg[2], MAX_VALUE);
    const uint8_t *text = memory_ram_ptr(c->arg[1], len);

    if (!vty || !text) {
        return VOF_FAIL;
    }
    spapr_vty_put(vty, text, len);
    return len;
}

static uint32_t svc_read(Call *c)
{
    SpaprVty *vty = console(c);
    uint8_t b[16];

    if (!vty || !memory_ram_ptr(c->arg[1], c->arg[2])) {
        return VOF_FAIL;
    }
    unsigned n = spapr_vty_get(vty, b, MIN(c->arg[2], sizeof(b)));
    memory_write(c->arg[1], b, n);
    return n ? n : (uint32_t)-2;        /* -2: nothing there now */
}

static uint32_t svc_claim(Call *c)
{
    uint64_t virt = c->arg[0], size = c->arg[1], align = c->arg[2];
    uint64_t at = align ? vof_claim_any(c->v, size, align) : vof_claim_at(c->v, virt, size) ? virt : VOF_FAIL;

    if (align && !at) {
        at = VOF_FAIL;
    }
    if (at != VOF_FAIL) {
        vof_publish_available(c->v);
    }
    return at;
}

static uint32_t svc_release(Call *c)
{
    bool ok = vof_release(c->v, c->arg[0], c->arg[1]);

    vof_publish_available(c->v);
    return ok ? 0 : VOF_FAIL;
}

static uint32_t svc_call_method(Call *c)
{
    char method[64];
    Instance *i = vof_instance(c->v, c->arg[1]);
    char path[VOF_MAX_STRING];

    if (!i || !get_string(c->arg[0], method, sizeof(method))
        || fdt_get_path(c->v->fdt, vof_node(c->v, i->phandle), path, sizeof(path))) {
        return VOF_FAIL;
    }
    if (!strcmp(path, "/") && !strcmp(method, "ibm,client-architecture-support")) {
        uint64_t rc = spapr_cas(c->cpu, c->s, c->arg[2], 0, 0);
        if (!rc) {
            vof_merge_negotiated(c->v, c->s);
        }
        c->more[0] = rc ? VOF_FAIL : 0;
        return 0;
    }
    if (!strcmp(path, "/rtas") && !strcmp(method, "instantiate-rtas")) {
        uint32_t base = c->arg[2];
        if (!memory_ram_ptr(base, RTAS_SIZE(c->s->max_cpus))) {
            return VOF_FAIL;
        }
        c->s->rtas_addr = base;
        spapr_rtas_install(c->s, base);
        int rtas = fdt_path_offset(c->v->fdt, "/rtas");
        if (rtas >= 0) {
            fdt_setprop_u32(c->v->fdt, rtas, "slof,rtas-base", base);
            fdt_setprop_u32(c->v->fdt, rtas, "slof,rtas-size", RTAS_SIZE(c->s->max_cpus));
        }
        c->more[0] = base;
        return 0;
    }
    log_mask(LOG_GUEST_ERROR, "client interface: no method %s in %s\n", method, path);
    return VOF_FAIL;
}

static uint32_t svc_exit(Call *c)
{
    runstate_request_shutdown(SHUTDOWN_GUEST_SHUTDOWN);
    c->cpu->halted = c->cpu->powered_off = true;
    cpu_kick(c->cpu);
    return 0;
}

static uint32_t svc_boot(Call *c)
{
    runstate_request_reset(SHUTDOWN_GUEST_RESET);
    c->cpu->halted = c->cpu->powered_off = true;
    cpu_kick(c->cpu);
    return 0;
}

static uint32_t svc_milliseconds(Call *c)
{
    return clock_virtual_ns() / 1000000;
}

static uint32_t svc_quiesce(Call *c)
{
    uint32_t size = fdt_totalsize(c->v->fdt);
    g_autofree void *fdt = g_memdup2(c->v->fdt, size);

    c->v->quiesced = true;
    if (!fdt_pack(fdt)) {
        spapr_keep_tree(c->s, fdt, fdt_totalsize(fdt));
    }
    return 0;
}

static uint32_t svc_refused(Call *c)
{
    return VOF_FAIL;
}

static uint32_t svc_test(Call *c);

/* name, how many arguments it takes at least, how many results it has */
static const struct Service { const char *name; uint8_t nargs, nret; ServiceFn *fn; } services[] = {
    { "test", 1, 1, svc_test },
    { "finddevice", 1, 1, svc_finddevice },
    { "peer", 1, 1, svc_peer },
    { "child", 1, 1, svc_child },
    { "parent", 1, 1, svc_parent },
    { "getproplen", 2, 1, svc_getproplen },
    { "getprop", 4, 1, svc_getprop },
    { "nextprop", 3, 1, svc_nextprop },
    { "setprop", 4, 1, svc_setprop },
    { "package-to-path", 3, 1, svc_package_to_path },
    { "canon", 3, 1, svc_canon },
    { "instance-to-package", 1, 1, svc_instance_to_package },
    { "instance-to-path", 3, 1, svc_instance_to_path },
    { "open", 1, 1, svc_open },
    { "close", 1, 0, svc_close },
    { "read", 3, 1, svc_read },
    { "write", 3, 1, svc_write },
    { "claim", 3, 1, svc_claim },
    { "release", 2, 0, svc_release },
    { "call-method", 2, 1, svc_call_method },
    { "interpret", 1, 1, svc_refused },         /* there is no Forth here */
    { "enter", 0, 0, svc_exit },
    { "exit", 0, 0, svc_exit },
    { "boot", 0, 0, svc_boot },
    { "milliseconds", 0, 1, svc_milliseconds },
    { "quiesce", 0, 0, svc_quiesce },
};

static const struct Service *service(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(services); i++) {
        if (!strcmp(services[i].name, name)) {
            return &services[i];
        }
    }
    return NULL;
}

static uint32_t svc_test(Call *c)
{
    char name[64];

    return get_string(c->arg[0], name, sizeof(name)) && service(name) ? 0 : VOF_FAIL;
}

/* r3 of the caller: service name, counts, arguments, results, all 32-bit cells. Returns what goes to r3: 0 or -1. */
uint64_t vof_client_call(PowerPCCPU *cpu, SpaprMachine *s, uint64_t args)
{
    Call c = { .s = s, .v = s->vof, .cpu = cpu };
    uint32_t name_at;
    char name[64];

    args &= UINT32_MAX;
    if (!c.v || !memory_ldl_be(args, &name_at) || !memory_ldl_be(args + 4, &c.nargs) || !memory_ldl_be(args + 8, &c.nret)
        || c.nargs > MAX_ARGS || c.nret > MAX_ARGS || !memory_ram_ptr(args, 12 + 4 * (c.nargs + c.nret))
        || !get_string(name_at, name, sizeof(name))) {
        log_mask(LOG_GUEST_ERROR, "client interface: bad argument array at %016" PRIx64 "\n", args);
        return UINT64_MAX;
    }
    for (unsigned i = 0; i < c.nargs; i++) {
        memory_ldl_be(args + 12 + 4 * i, &c.arg[i]);
    }
    const struct Service *svc = service(name);
    if (!svc || c.nargs < svc->nargs || c.nret < svc->nret) {
        log_mask(LOG_GUEST_ERROR, "client interface: %s with %u arguments, %u results\n", name, c.nargs, c.nret);
        return UINT64_MAX;
    }
    uint32_t first = svc->fn(&c);
    log_mask(LOG_STRACE, "client interface: %s(%x, %x, %x) -> %x\n", name, c.arg[0], c.arg[1], c.arg[2], first);
    for (unsigned i = 0; i < c.nret; i++) {
        memory_stl_be(args + 12 + 4 * (c.nargs + i), i ? c.more[i - 1] : first);
    }
    return 0;
}
