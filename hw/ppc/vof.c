/*
 * The firmware that is built in: the Open Firmware client interface (IEEE 1275, LoPAPR appendix B) without a firmware
 * image. A client (kernel) is entered with the address of five instructions in r5; they make a hypercall, and the
 * services are carried out here, on the machine's own device tree.
 *
 * A phandle is the node's "phandle" property; an ihandle is a small number of an opened node. Client memory is handed
 * out by `claim` from the real-mode area; what the client has claimed is a sorted list.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr.h"
#include "system/clock.h"
#include "system/log.h"
#include "system/memory.h"
#include "system/runstate.h"
#include <inttypes.h>
#include <libfdt.h>
#include <string.h>

#define ENTRY_ADDR   0x100              /* of the client interface */
#define STACK_BASE   0x8000
#define STACK_TOP    0x10000
#define FIRST_PHANDLE 0x1112
#define MAX_ARGS     16
#define MAX_STRING   1024
#define MAX_VALUE    0x10000
#define FAIL         UINT32_MAX         /* what a service returns as -1 */

typedef struct Claim { uint64_t start, size; } Claim;
typedef struct Instance { uint32_t phandle; char *path; } Instance;

struct Vof {
    void *fdt;
    unsigned fdt_size;
    GArray *claims;                     /* Claim, by address */
    GPtrArray *instances;               /* ihandle - 1 -> Instance or NULL */
    uint32_t next_phandle;
    uint64_t limit;                     /* end of what may be claimed */
    bool quiesced;
};

typedef struct Call {
    SpaprMachine *s;
    struct Vof *v;
    PowerPCCPU *cpu;
    uint32_t arg[MAX_ARGS];
    unsigned nargs, nret;
    uint32_t more[MAX_ARGS];            /* results after the first */
} Call;

/* ---- claims ---- */

static bool claim_at(struct Vof *v, uint64_t start, uint64_t size)
{
    guint at = 0;

    if (!size || start >= v->limit || size > v->limit - start) {
        return false;
    }
    for (; at < v->claims->len; at++) {
        Claim *c = &g_array_index(v->claims, Claim, at);
        if (start < c->start + c->size && c->start < start + size) {
            return false;
        }
        if (c->start > start) {
            break;
        }
    }
    Claim c = { start, size };
    g_array_insert_val(v->claims, at, c);
    return true;
}

/* The lowest free place with that alignment, above the client's first megabytes where it can be. */
static uint64_t claim_any(struct Vof *v, uint64_t size, uint64_t align)
{
    uint64_t at = 0;

    if (align & (align - 1)) {
        return 0;
    }
    for (guint i = 0; i <= v->claims->len; i++) {
        Claim *c = i < v->claims->len ? &g_array_index(v->claims, Claim, i) : NULL;
        uint64_t end = c ? c->start : v->limit;
        at = (at + align - 1) & ~(align - 1);
        if (at && at < end && size <= end - at && claim_at(v, at, size)) {
            return at;
        }
        if (c) {
            at = MAX(at, c->start + c->size);
        }
    }
    return 0;
}

static bool release(struct Vof *v, uint64_t start, uint64_t size)
{
    for (guint i = 0; i < v->claims->len; i++) {
        Claim *c = &g_array_index(v->claims, Claim, i);
        if (c->start == start && c->size == size) {
            g_array_remove_index(v->claims, i);
            return true;
        }
    }
    return false;
}

/* /memory@0's "available": the gaps between claims */
static void publish_available(struct Vof *v)
{
    g_autoptr(GArray) cells = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    uint64_t at = 0;

    for (guint i = 0; i <= v->claims->len; i++) {
        Claim *c = i < v->claims->len ? &g_array_index(v->claims, Claim, i) : NULL;
        uint64_t end = c ? c->start : v->limit;
        if (end > at) {
            const uint64_t pair[2] = { GUINT64_TO_BE(at), GUINT64_TO_BE(end - at) };
            g_array_append_vals(cells, pair, 2);
        }
        at = c ? MAX(at, c->start + c->size) : end;
    }
    int node = fdt_path_offset(v->fdt, "/memory@0");
    if (node >= 0) {
        fdt_setprop(v->fdt, node, "available", cells->data, cells->len * 8);
    }
}

/* ---- the tree ---- */

static void number_nodes(struct Vof *v)
{
    for (int n = 0; n >= 0; n = fdt_next_node(v->fdt, n, NULL)) {
        if (!fdt_get_phandle(v->fdt, n)) {
            fdt_setprop_u32(v->fdt, n, "phandle", v->next_phandle++);
        }
    }
}

static int node_of(struct Vof *v, uint32_t phandle)
{
    return phandle && phandle != FAIL ? fdt_node_offset_by_phandle(v->fdt, phandle) : -FDT_ERR_NOTFOUND;
}

static uint32_t handle_of(struct Vof *v, int node)
{
    return node < 0 ? 0 : fdt_get_phandle(v->fdt, node);
}

/* A path or an alias; arguments after ':' are not part of it. */
static int find_path(struct Vof *v, const char *name)
{
    g_autofree char *path = g_strdup(name);
    char *colon = strchr(path, ':');

    if (colon) {
        *colon = 0;
    }
    return fdt_path_offset(v->fdt, *path ? path : "/");
}

static Instance *instance_of(struct Vof *v, uint32_t ihandle)
{
    return ihandle && ihandle <= v->instances->len ? g_ptr_array_index(v->instances, ihandle - 1) : NULL;
}

static uint32_t open_path(struct Vof *v, const char *path)
{
    int n = find_path(v, path);

    if (n < 0 || v->instances->len >= 4096) {
        return 0;
    }
    Instance *i = g_new0(Instance, 1);
    *i = (Instance){ .phandle = handle_of(v, n), .path = g_strdup(path) };
    g_ptr_array_add(v->instances, i);
    return v->instances->len;
}

static void free_instance(void *p)
{
    Instance *i = p;

    if (i) {
        g_free(i->path);
        g_free(i);
    }
}

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
    return memory_write(buf, data, MIN(len, room)) ? len : FAIL;
}

/* ---- services: one row each ---- */

typedef uint32_t ServiceFn(Call *c);

static uint32_t svc_finddevice(Call *c)
{
    char path[MAX_STRING];
    int n;

    if (!get_string(c->arg[0], path, sizeof(path)) || (n = find_path(c->v, path)) < 0) {
        return FAIL;
    }
    return handle_of(c->v, n);
}

static uint32_t svc_peer(Call *c)
{
    if (!c->arg[0]) {
        return handle_of(c->v, 0);
    }
    int n = node_of(c->v, c->arg[0]);
    return n < 0 ? 0 : handle_of(c->v, fdt_next_subnode(c->v->fdt, n));
}

static uint32_t svc_child(Call *c)
{
    int n = node_of(c->v, c->arg[0]);

    return n < 0 ? 0 : handle_of(c->v, fdt_first_subnode(c->v->fdt, n));
}

static uint32_t svc_parent(Call *c)
{
    int n = node_of(c->v, c->arg[0]);

    return n <= 0 ? 0 : handle_of(c->v, fdt_parent_offset(c->v->fdt, n));
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
    char name[MAX_STRING], scratch[64];
    int n = node_of(c->v, c->arg[0]), len;

    if (n < 0 || !get_string(c->arg[1], name, sizeof(name))) {
        return FAIL;
    }
    property(c->v, n, name, &len, scratch, sizeof(scratch));
    return len;
}

static uint32_t svc_getprop(Call *c)
{
    char name[MAX_STRING], scratch[64];
    int n = node_of(c->v, c->arg[0]), len;

    if (n < 0 || !get_string(c->arg[1], name, sizeof(name))) {
        return FAIL;
    }
    const void *p = property(c->v, n, name, &len, scratch, sizeof(scratch));
    return p ? give(c->arg[2], c->arg[3], p, len) : FAIL;
}

static uint32_t svc_nextprop(Call *c)
{
    char prev[MAX_STRING] = "";
    int n = node_of(c->v, c->arg[0]);
    bool seen;

    if (n < 0 || (c->arg[1] && !get_string(c->arg[1], prev, sizeof(prev)))) {
        return FAIL;
    }
    seen = !*prev;
    for (int p = fdt_first_property_offset(c->v->fdt, n); p >= 0; p = fdt_next_property_offset(c->v->fdt, p)) {
        const char *name;
        fdt_getprop_by_offset(c->v->fdt, p, &name, NULL);
        if (seen) {
            /* whole: PAPR has names above the 31 characters of IEEE 1275 */
            return give(c->arg[2], UINT32_MAX, name, strlen(name) + 1) == FAIL ? FAIL : 1;
        }
        seen = !strcmp(name, prev);
    }
    return seen ? 0 : FAIL;
}

static uint32_t svc_setprop(Call *c)
{
    char name[MAX_STRING];
    int n = node_of(c->v, c->arg[0]);
    uint32_t len = c->arg[3];

    if (n < 0 || len > MAX_VALUE || !get_string(c->arg[1], name, sizeof(name)) || strlen(name) > 63) {
        return FAIL;
    }
    /* the handles that everything else refers to stay as they are */
    if (!*name || !strcmp(name, "phandle") || !strcmp(name, "linux,phandle") || !strcmp(name, "name")) {
        return FAIL;
    }
    g_autofree void *value = g_malloc(MAX(len, 1));
    if (!memory_read(c->arg[2], value, len) || fdt_setprop(c->v->fdt, n, name, value, len)) {
        return FAIL;
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
    char path[MAX_STRING];

    if (node < 0 || fdt_get_path(c->v->fdt, node, path, sizeof(path))) {
        return FAIL;
    }
    return give(buf, room, path, strlen(path) + 1) == FAIL ? FAIL : strlen(path);
}

static uint32_t svc_package_to_path(Call *c)
{
    return path_to(c, node_of(c->v, c->arg[0]), c->arg[1], c->arg[2]);
}

static uint32_t svc_canon(Call *c)
{
    char path[MAX_STRING];

    return get_string(c->arg[0], path, sizeof(path)) ? path_to(c, find_path(c->v, path), c->arg[1], c->arg[2]) : FAIL;
}

static uint32_t svc_instance_to_package(Call *c)
{
    Instance *i = instance_of(c->v, c->arg[0]);

    return i ? i->phandle : FAIL;
}

static uint32_t svc_instance_to_path(Call *c)
{
    Instance *i = instance_of(c->v, c->arg[0]);

    return i ? path_to(c, node_of(c->v, i->phandle), c->arg[1], c->arg[2]) : FAIL;
}

static uint32_t svc_open(Call *c)
{
    char path[MAX_STRING];

    return get_string(c->arg[0], path, sizeof(path)) ? open_path(c->v, path) : 0;
}

static uint32_t svc_close(Call *c)
{
    Instance *i = instance_of(c->v, c->arg[0]);

    if (!i) {
        return FAIL;
    }
    g_ptr_array_index(c->v->instances, c->arg[0] - 1) = NULL;
    free_instance(i);
    return 0;
}

static SpaprVty *console(Call *c)
{
    Instance *i = instance_of(c->v, c->arg[0]);
    SpaprVty *vty = spapr_vty_default(c->s);
    g_autofree char *path = vty ? g_strdup_printf("/vdevice/vty@%x", spapr_vty_reg(vty)) : NULL;
    int n = path ? fdt_path_offset(c->v->fdt, path) : -1;

    return i && n >= 0 && i->phandle == handle_of(c->v, n) ? vty : NULL;
}

static uint32_t svc_write(Call *c)
{
    SpaprVty *vty = console(c);
    uint32_t len = MIN(c->arg[2], MAX_VALUE);
    const uint8_t *text = memory_ram_ptr(c->arg[1], len);

    if (!vty || !text) {
        return FAIL;
    }
    spapr_vty_put(vty, text, len);
    return len;
}

static uint32_t svc_read(Call *c)
{
    SpaprVty *vty = console(c);
    uint8_t b[16];

    if (!vty || !memory_ram_ptr(c->arg[1], c->arg[2])) {
        return FAIL;
    }
    unsigned n = spapr_vty_get(vty, b, MIN(c->arg[2], sizeof(b)));
    memory_write(c->arg[1], b, n);
    return n ? n : (uint32_t)-2;        /* -2: nothing there now */
}

static uint32_t svc_claim(Call *c)
{
    uint64_t virt = c->arg[0], size = c->arg[1], align = c->arg[2];
    uint64_t at = align ? claim_any(c->v, size, align) : claim_at(c->v, virt, size) ? virt : FAIL;

    if (align && !at) {
        at = FAIL;
    }
    if (at != FAIL) {
        publish_available(c->v);
    }
    return at;
}

static uint32_t svc_release(Call *c)
{
    bool ok = release(c->v, c->arg[0], c->arg[1]);

    publish_available(c->v);
    return ok ? 0 : FAIL;
}

#define DRCONF "/ibm,dynamic-reconfiguration-memory"
/* The interrupt controller is another one now, of the same phandle: its node is made anew, and what the root says of it. */
static void replace_controller(Call *c, const void *fresh)
{
    static const char priorities[] = "ibm,plat-res-int-priorities";
    char path[MAX_STRING];
    int from = fdt_node_offset_by_phandle(fresh, XICS_PHANDLE), old = fdt_node_offset_by_phandle(c->v->fdt, XICS_PHANDLE), len;
    const void *reserved = fdt_getprop(fresh, 0, priorities, &len);

    if (from < 0 || old < 0 || fdt_get_path(fresh, from, path, sizeof(path)) || fdt_path_offset(c->v->fdt, path) == old) {
        return;
    }
    fdt_del_node(c->v->fdt, old);
    int to = fdt_add_subnode(c->v->fdt, 0, path + 1);
    for (int p = fdt_first_property_offset(fresh, from); to >= 0 && p >= 0; p = fdt_next_property_offset(fresh, p)) {
        const char *name;
        int n;
        const void *value = fdt_getprop_by_offset(fresh, p, &name, &n);
        fdt_setprop(c->v->fdt, to, name, value, n);
    }
    if (reserved) {
        fdt_setprop(c->v->fdt, 0, priorities, reserved, len);
    } else {
        fdt_delprop(c->v->fdt, 0, priorities);
    }
}

/* The tree again after the negotiation: processors, vectors, memory, interrupts and what NUMA is told of may differ. */
static void merge_negotiated(Call *c)
{
    size_t size;
    g_autofree void *fresh = spapr_build_fdt(c->s, &size);

    replace_controller(c, fresh);

    for (int n = fdt_next_node(fresh, -1, NULL); n >= 0; n = fdt_next_node(fresh, n, NULL)) {
        char path[MAX_STRING];
        if (fdt_get_path(fresh, n, path, sizeof(path)) || (!g_str_has_prefix(path, "/cpus") && strcmp(path, "/chosen")
            && strcmp(path, "/rtas") && !g_str_has_prefix(path, "/memory@") && strcmp(path, DRCONF))) {
            continue;
        }
        int to = fdt_path_offset(c->v->fdt, path);
        if (to < 0 && !strcmp(path, DRCONF)) {
            to = fdt_add_subnode(c->v->fdt, 0, path + 1);
            if (to >= 0) {
                fdt_setprop_u32(c->v->fdt, to, "phandle", c->v->next_phandle++);
                to = fdt_path_offset(c->v->fdt, path);
            }
        }
        for (int p = fdt_first_property_offset(fresh, n); to >= 0 && p >= 0; p = fdt_next_property_offset(fresh, p)) {
            const char *name;
            int len;
            const void *value = fdt_getprop_by_offset(fresh, p, &name, &len);
            if (strcmp(path, "/chosen") || !strcmp(name, "ibm,architecture-vec-5")) {
                fdt_setprop(c->v->fdt, to, name, value, len);
            }
        }
    }
}

static uint32_t svc_call_method(Call *c)
{
    char method[64];
    Instance *i = instance_of(c->v, c->arg[1]);
    char path[MAX_STRING];

    if (!i || !get_string(c->arg[0], method, sizeof(method))
        || fdt_get_path(c->v->fdt, node_of(c->v, i->phandle), path, sizeof(path))) {
        return FAIL;
    }
    if (!strcmp(path, "/") && !strcmp(method, "ibm,client-architecture-support")) {
        uint64_t rc = spapr_cas(c->cpu, c->s, c->arg[2], 0, 0);
        if (!rc) {
            merge_negotiated(c);
        }
        c->more[0] = rc ? FAIL : 0;
        return 0;
    }
    if (!strcmp(path, "/rtas") && !strcmp(method, "instantiate-rtas")) {
        uint32_t base = c->arg[2];
        if (!memory_ram_ptr(base, RTAS_SIZE(c->s->max_cpus))) {
            return FAIL;
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
    return FAIL;
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
    c->v->quiesced = true;
    return 0;
}

static uint32_t svc_refused(Call *c)
{
    return FAIL;
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

    return get_string(c->arg[0], name, sizeof(name)) && service(name) ? 0 : FAIL;
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

/* A fresh firmware: tree, claims, the entry code. The client is in memory already. */
void vof_reset(SpaprMachine *s)
{
    struct Vof *v = s->vof;
    size_t size;

    if (v) {
        g_free(v->fdt);
        g_array_free(v->claims, TRUE);
        g_ptr_array_unref(v->instances);
    } else {
        v = s->vof = g_new0(struct Vof, 1);
    }
    *v = (struct Vof){ .fdt_size = 4 << 20, .next_phandle = FIRST_PHANDLE, .limit = spapr_rma_size(s) };
    v->claims = g_array_new(FALSE, FALSE, sizeof(Claim));
    v->instances = g_ptr_array_new_with_free_func(free_instance);
    g_autofree void *built = spapr_build_fdt(s, &size);
    v->fdt = g_malloc0(v->fdt_size);
    int rc = fdt_open_into(built, v->fdt, v->fdt_size);
    g_assert(!rc);
    number_nodes(v);

    /* mr r4,r3; lis r3,0; ori r3,r3,0xf005; sc 1; blr */
    static const uint32_t code[] = { 0x7c641b78, 0x3c600000, 0x6063f005, 0x44000022, 0x4e800020 };
    for (unsigned i = 0; i < G_N_ELEMENTS(code); i++) {
        memory_stl_be(ENTRY_ADDR + 4 * i, code[i]);
    }
    claim_at(v, 0, 0x1000);
    claim_at(v, STACK_BASE, STACK_TOP - STACK_BASE);
    claim_at(v, s->kernel_addr, s->kernel_size);
    if (s->initrd_size) {
        claim_at(v, s->initrd_base, s->initrd_size);
    }
    publish_available(v);

    SpaprVty *vty = spapr_vty_default(s);
    g_autofree char *path = vty ? g_strdup_printf("/vdevice/vty@%x", spapr_vty_reg(vty)) : NULL;
    uint32_t console = vty ? open_path(v, path) : 0;
    int chosen = fdt_path_offset(v->fdt, "/chosen");
    if (console && chosen >= 0) {
        fdt_setprop_u32(v->fdt, chosen, "stdout", console);
        /* its own, as clients close one and go on with the other */
        fdt_setprop_u32(v->fdt, chosen, "stdin", open_path(v, path));
    }
    uint32_t memory = open_path(v, "/memory@0");
    fdt_setprop_u32(v->fdt, chosen, "memory", memory);
}

void vof_start_client(PowerPCCPU *boot, SpaprMachine *s)
{
    spapr_start_cpu(boot, s->kernel_entry, s->initrd_base);
    boot->gpr[1] = STACK_TOP - 0x100;
    boot->gpr[4] = s->initrd_size;
    boot->gpr[5] = ENTRY_ADDR;
}
