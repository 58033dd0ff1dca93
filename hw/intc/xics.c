/*
 * XICS: the PAPR interrupt controller. One presentation controller (icp) per server, one source
 * controller (ics) for all sources; guests reach them by hypercalls and RTAS (LoPAPR 14.5.4.5, 7.3.10).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr.h"
#include "migration/dialect.h"
#include "migration/vmstate.h"
#include "system/cpus.h"
#include "system/log.h"
#include "system/report.h"
#include <inttypes.h>
#include <string.h>

struct Icp {
    Device dev;
    PowerPCCPU *cpu;
    Irq out;
    uint32_t xirr;              /* CPPR << 24 | XISR */
    uint8_t pending_priority;
    uint8_t mfrr;
    bool loaded;                /* it was in the stream */
};

enum { ST_ASSERTED = 1, ST_SENT = 2, ST_REJECTED = 4, ST_MASKED_PENDING = 8 };
enum { FL_LSI = 1, FL_MSI = 2 };

typedef struct IcsIrq {
    uint32_t server;
    uint8_t priority, saved_priority, status, flags;
} IcsIrq;

struct Ics {
    Device dev;
    unsigned base;
    uint32_t count;
    IcsIrq *irqs;
};

#define XISR(icp) ((icp)->xirr & 0xffffff)
#define CPPR(icp) ((icp)->xirr >> 24)
#define XISR_IPI 2
#define IPI_PRIORITY 4          /* that guests give it, and to all else */

static Icp *icp_of_server(unsigned server)
{
    PowerPCCPU *cpu = spapr_cpu_of_server(server);

    return cpu ? spapr_cpu(cpu)->icp : NULL;
}

void icp_update_line(Icp *icp)
{
    irq_set(&icp->out, XISR(icp) != 0);
}

/* The processor's line belongs to the controller that the guest has chosen. */
static void output(Icp *icp)
{
    if (!spapr_xive_active(spapr)) {
        icp_update_line(icp);
    }
}

static void ics_resend(Ics *ics);

static void ics_reject(Ics *ics, unsigned irq)
{
    if (!ics_valid(ics, irq)) {
        return;
    }
    IcsIrq *q = &ics->irqs[irq - ics->base];
    if (q->flags & FL_MSI) {
        q->status |= ST_REJECTED;
    } else {
        q->status &= ~ST_SENT;
    }
}

/* An interrupt arrives at a presenter: kept if more favoured than what is there, else rejected. */
static void icp_irq(Icp *icp, unsigned irq, unsigned prio)
{
    if (prio >= CPPR(icp) || (XISR(icp) && icp->pending_priority <= prio)) {
        if (irq != XISR_IPI) {
            ics_reject(spapr->ics, irq);
        }
        return;
    }
    unsigned old = XISR(icp);
    if (old && old != XISR_IPI) {
        ics_reject(spapr->ics, old);
    }
    icp->xirr = (icp->xirr & 0xff000000) | irq;
    icp->pending_priority = prio;
    output(icp);
}

static void check_ipi(Icp *icp)
{
    if (XISR(icp) && icp->pending_priority <= icp->mfrr) {
        return;
    }
    if (icp->mfrr < CPPR(icp)) {
        if (XISR(icp) && XISR(icp) != XISR_IPI) {
            ics_reject(spapr->ics, XISR(icp));
        }
        icp->xirr = (icp->xirr & 0xff000000) | XISR_IPI;
        icp->pending_priority = icp->mfrr;
        output(icp);
    }
}

void icp_resend(Icp *icp)
{
    check_ipi(icp);
    ics_resend(spapr->ics);
}

void icp_give_back(Icp *icp)
{
    unsigned irq = XISR(icp);

    if (irq) {
        icp->xirr &= 0xff000000;
        icp->pending_priority = 0xff;
        output(icp);
        if (irq != XISR_IPI) {
            ics_reject(spapr->ics, irq);
        }
    }
}

static void set_cppr(Icp *icp, uint8_t cppr)
{
    uint8_t old = CPPR(icp);

    icp->xirr = XISR(icp) | (uint32_t)cppr << 24;
    if (cppr < old) {
        if (XISR(icp) && cppr <= icp->pending_priority) {
            icp_give_back(icp);
        }
    } else if (!XISR(icp)) {
        icp_resend(icp);
    }
}

static void set_mfrr(Icp *icp, uint8_t mfrr)
{
    icp->mfrr = mfrr;
    if (mfrr < CPPR(icp)) {
        check_ipi(icp);
    }
}

static uint32_t accept(Icp *icp)
{
    uint32_t xirr = icp->xirr;

    icp->xirr = (uint32_t)icp->pending_priority << 24;
    icp->pending_priority = 0xff;
    output(icp);
    return xirr;
}

static void send_lsi(Ics *ics, IcsIrq *q)
{
    if (q->priority != 0xff && q->status & ST_ASSERTED && !(q->status & ST_SENT)) {
        Icp *icp = icp_of_server(q->server);
        q->status |= ST_SENT;
        if (icp) {
            icp_irq(icp, ics->base + (q - ics->irqs), q->priority);
        }
    }
}

static void send_msi(Ics *ics, IcsIrq *q)
{
    if (q->priority == 0xff) {
        q->status |= ST_MASKED_PENDING;
        return;
    }
    Icp *icp = icp_of_server(q->server);
    if (icp) {
        icp_irq(icp, ics->base + (q - ics->irqs), q->priority);
    }
}

static void ics_resend(Ics *ics)
{
    for (unsigned i = 0; i < ics->count; i++) {
        IcsIrq *q = &ics->irqs[i];
        if (q->flags & FL_LSI) {
            send_lsi(ics, q);
        } else if (q->flags & FL_MSI && q->status & ST_REJECTED) {
            q->status &= ~ST_REJECTED;
            if (q->priority != 0xff) {
                send_msi(ics, q);
            }
        }
    }
}

static void ics_set_irq(void *opaque, unsigned n, bool level)
{
    Ics *ics = opaque;
    IcsIrq *q = &ics->irqs[n];

    if (!q->flags) {
        return;
    }
    if (q->flags & FL_LSI) {
        q->status = level ? q->status | ST_ASSERTED : q->status & ~ST_ASSERTED;
        send_lsi(ics, q);
    } else if (level) {
        send_msi(ics, q);
    }
}

Irq ics_line(const Ics *ics, unsigned irq)
{
    return device_input(&ics->dev, irq - ics->base);
}

static void ics_eoi(Ics *ics, unsigned irq)
{
    if (ics_valid(ics, irq) && ics->irqs[irq - ics->base].flags & FL_LSI) {
        ics->irqs[irq - ics->base].status &= ~ST_SENT;
    }
}

Ics *ics_new(unsigned base, unsigned count, GError **err)
{
    Device *d = device_new("ics-spapr", err);

    if (!d) {
        return NULL;
    }
    Ics *ics = (Ics *)d;
    ics->base = base;
    ics->count = count;
    ics->irqs = g_new0(IcsIrq, count);
    device_add_inputs(d, count, ics_set_irq, ics, false);
    object_add_child(object_resolve("/machine"), "ics", &d->object);
    return device_realize(d, NULL, err) ? ics : NULL;
}

bool ics_exists(const Ics *ics, unsigned irq)
{
    return irq >= ics->base && irq < ics->base + ics->count;
}

bool ics_valid(const Ics *ics, unsigned irq)
{
    return ics_exists(ics, irq) && ics->irqs[irq - ics->base].flags;
}

bool ics_level(const Ics *ics, unsigned irq)
{
    return ics->irqs[irq - ics->base].status & ST_ASSERTED;
}

void ics_claim(Ics *ics, unsigned irq, bool lsi)
{
    ics->irqs[irq - ics->base].flags = lsi ? FL_LSI : FL_MSI;
}

void ics_release(Ics *ics, unsigned irq)
{
    ics->irqs[irq - ics->base] = (IcsIrq){ 0 };
}

static void ics_reset(Device *d)
{
    Ics *ics = (Ics *)d;

    for (unsigned i = 0; i < ics->count; i++) {
        uint8_t flags = ics->irqs[i].flags;
        ics->irqs[i] = (IcsIrq){ .priority = 0xff, .saved_priority = 0xff, .flags = flags };
    }
}

bool ics_set_xive(Ics *ics, unsigned irq, unsigned server, unsigned prio)
{
    if (!ics_valid(ics, irq) || !icp_of_server(server) || prio > 0xff) {
        return false;
    }
    IcsIrq *q = &ics->irqs[irq - ics->base];
    q->server = server;
    q->priority = q->saved_priority = prio;
    if (q->flags & FL_LSI) {
        send_lsi(ics, q);
    } else if (q->status & ST_MASKED_PENDING && prio != 0xff) {
        q->status &= ~ST_MASKED_PENDING;
        send_msi(ics, q);
    }
    return true;
}

bool ics_get_xive(Ics *ics, unsigned irq, unsigned *server, unsigned *prio)
{
    if (!ics_valid(ics, irq)) {
        return false;
    }
    *server = ics->irqs[irq - ics->base].server;
    *prio = ics->irqs[irq - ics->base].priority;
    return true;
}

bool ics_int_on(Ics *ics, unsigned irq, bool on)
{
    if (!ics_valid(ics, irq)) {
        return false;
    }
    IcsIrq *q = &ics->irqs[irq - ics->base];
    unsigned saved = q->saved_priority;
    if (on) {
        ics_set_xive(ics, irq, q->server, saved);
    } else {
        saved = q->priority;
        ics_set_xive(ics, irq, q->server, 0xff);
    }
    q->saved_priority = saved;
    return true;
}

/*
 * QEMU up to 2.9 had presenters for all processors that there may be, whether plugged or not. What their sections say is of no use, but they
 * come.
 */
typedef struct SpareIcp { uint32_t xirr; uint8_t pending_priority, mfrr; } SpareIcp;

static bool never(const void *opaque) { return false; }

VMSTATE(SpareIcp, vmstate_spare, "icp/server", 1,
    VMS_NEEDED(never),
    VMS(SpareIcp, xirr),
    VMS(SpareIcp, pending_priority),
    VMS(SpareIcp, mfrr));

void icp_expect(unsigned servers)
{
    SpareIcp *all = g_new0(SpareIcp, servers);

    for (unsigned i = 0; i < servers; i++) {
        if (!vmstate_find(vmstate_spare.name, i)) {
            vmstate_register(NULL, i, 0, &vmstate_spare, &all[i]);
        }
    }
}

Icp *icp_new(PowerPCCPU *cpu, GError **err)
{
    Device *d = device_new("icp", err);
    const VMStateSection *spare = vmstate_find(vmstate_spare.name, cpu->index);

    if (!d) {
        return NULL;
    }
    if (spare && spare->vmsd == &vmstate_spare) {
        vmstate_unregister(&vmstate_spare, spare->opaque);
    }
    ((Icp *)d)->cpu = cpu;
    ((Icp *)d)->out = device_input(&cpu->dev, 0);
    object_add_child(&cpu->dev.object, "icp", &d->object);
    return device_realize(d, NULL, err) ? (Icp *)d : NULL;
}

static void icp_reset(Device *d)
{
    Icp *icp = (Icp *)d;

    icp->xirr = 0;
    icp->pending_priority = 0xff;
    icp->mfrr = 0xff;
    icp->loaded = false;
    output(icp);
}

/* ---- saved state ---- */

VMSTATE(IcsIrq, vmstate_ics_irq, "ics/irq", 2,
    VMS_MINIMUM_VERSION(1),
    VMS(IcsIrq, server),
    VMS(IcsIrq, priority),
    VMS(IcsIrq, saved_priority),
    VMS(IcsIrq, status),
    VMS(IcsIrq, flags));

VMSTATE(Ics, vmstate_ics, "ics", 1,
    VMS_DEVICE(Ics, dev),
    VMS_SKIP(Ics, base, "the same for every machine"),
    VMS_EQUAL(Ics, count, "use the same machine version on both sides", .name = "nr_irqs"),
    VMS_STRUCT_VARRAY(Ics, irqs, count, 65536, vmstate_ics_irq));

static bool icp_post_load(void *opaque, int version, GError **err)
{
    ((Icp *)opaque)->loaded = true;
    output(opaque);
    return true;
}

/*
 * QEMU 9.2.0 to 10.1.0 left the presenters out, and the guest found all its interrupts masked for ever. Whoever ran took any of them: so does
 * a presenter made up here. What was on its way is lost; every source that is in use is presented once more and an IPI with it, which guests
 * cope with: they look for what there is to do. But for events: Linux 6.1 does not notice that there is none of hot-plugging, and dies.
 */
void icp_make_up(Ics *ics)
{
    unsigned missing = 0;
    bool in_use = false;
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        Icp *icp = spapr_cpu(cpu)->icp;
        missing += icp && !icp->loaded;
    }
    if (!missing) {
        return;
    }
    for (unsigned i = 0; i < ics->count; i++) {
        IcsIrq *q = &ics->irqs[i];
        if (q->priority != 0xff && q->flags && !spapr_events_idle(spapr, ics->base + i)) {
            in_use = true;
            q->status = q->flags & FL_LSI ? q->status & ~ST_SENT : q->status | ST_REJECTED;
        }
    }
    CPU_FOREACH(cpu) {
        Icp *icp = spapr_cpu(cpu)->icp;
        if (icp && !icp->loaded && !cpu->powered_off) {
            *icp = (Icp){ .dev = icp->dev, .cpu = icp->cpu, .out = icp->out, .xirr = 0xff000000, .pending_priority = 0xff,
                          .mfrr = in_use ? IPI_PRIORITY : 0xff };
            icp_resend(icp);
        }
    }
    report_warning("the stream has no icp/server for %u of the processors, as QEMU 9.2.0 to 10.1.0 left them out: interrupts are enabled again, "
                   "and those in use are presented once more", missing);
}

/* Programs that do not send presenters do not take them either; without them, interrupts of a guest that uses XICS stay masked for ever there. */
static bool is_used(const Icp *icp)
{
    return !spapr_xive_active(spapr) && (icp->xirr || icp->pending_priority != 0xff || icp->mfrr != 0xff);
}

static bool is_sent(const void *opaque) { return !dialect.named || !dialect.no_presenters || is_used(opaque); }

static bool icp_pre_save(void *opaque, GError **err)
{
    if (dialect.named && dialect.no_presenters) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "the guest has its interrupts by XICS, whose presenters QEMU 9.2.0 to 10.1.0 do not "
                    "take: it would get none there. x-destination-dialect names such a program: send the guest to QEMU 10.0.13, 10.2 or a newer one");
        return false;
    }
    return true;
}

VMSTATE(Icp, vmstate_icp, "icp/server", 1,
    VMS_NEEDED(is_sent),
    VMS_PRE_SAVE(icp_pre_save),
    VMS_DEVICE(Icp, dev),
    VMS_SKIP_TO(Icp, cpu, xirr, "wiring"),
    VMS(Icp, xirr),
    VMS(Icp, pending_priority),
    VMS(Icp, mfrr),
    VMS_SKIP(Icp, loaded, "of the loader"),
    VMS_POST_LOAD(icp_post_load));

static uint32_t icp_instance(Device *d)
{
    return ((Icp *)d)->cpu->index;
}

static int icp_order(Device *d)
{
    return dialect.presenters_first ? STATE_ORDER_PRESENTERS : 0;
}

static int ics_order(Device *d)
{
    return STATE_ORDER_INTERRUPTS;
}

OBJECT_TYPE(ics_type, .name = "ics", .parent = "device", .size = sizeof(Ics), .abstract = true, .vmsd = &vmstate_ics,
            .vmstate_order = ics_order, .reset = ics_reset,
            .props = PROPS(PROP(Ics, "nr-irqs", count, "0")));
OBJECT_TYPE(ics_spapr_type, .name = "ics-spapr", .parent = "ics", .size = sizeof(Ics));
OBJECT_TYPE(icp_type, .name = "icp", .parent = "device", .size = sizeof(Icp), .vmsd = &vmstate_icp, .vmstate_order = icp_order,
            .vmstate_instance = icp_instance, .reset = icp_reset);

/* ---- info pic ---- */

void ics_print(const Ics *ics, GString *out)
{
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        const Icp *icp = spapr_cpu(cpu)->icp;
        const void *owner = XISR(icp) && XISR(icp) != XISR_IPI ? ics : NULL;
        g_string_append_printf(out, "CPU %d XIRR=%08x (%p) PP=%02x MFRR=%02x\n", cpu->index, icp->xirr, owner, icp->pending_priority, icp->mfrr);
    }
    g_string_append_printf(out, "ICS %4x..%4x %p\n", ics->base, ics->base + ics->count - 1, (const void *)ics);
    for (unsigned i = 0; i < ics->count; i++) {
        const IcsIrq *q = &ics->irqs[i];
        if (q->flags) {
            g_string_append_printf(out, "  %4x %s %02x %02x\n", ics->base + i, q->flags & FL_LSI ? "LSI" : "MSI", q->priority, q->status);
        }
    }
}

/* ---- hypercalls: there with this controller, refused while the guest uses the other ---- */

#define XICS_HCALL(name_, op_)                                                                          \
    static uint64_t xics_##name_(PowerPCCPU *cpu, SpaprMachine *s, uint64_t *args);                     \
    HCALL(name_, op_)                                                                                   \
    {                                                                                                   \
        return !s->ics ? (uint64_t)H_FUNCTION : spapr_xive_active(s) ? (uint64_t)H_HARDWARE : xics_##name_(cpu, s, args); \
    }                                                                                                   \
    static uint64_t xics_##name_(PowerPCCPU *cpu, SpaprMachine *s, uint64_t *args)

XICS_HCALL(eoi, 0x64)
{
    Icp *icp = spapr_cpu(cpu)->icp;
    uint32_t xirr = args[0];

    icp->xirr = (xirr & 0xff000000) | XISR(icp);
    ics_eoi(s->ics, xirr & 0xffffff);
    if (!XISR(icp)) {
        icp_resend(icp);
    }
    return H_SUCCESS;
}

XICS_HCALL(cppr, 0x68)
{
    set_cppr(spapr_cpu(cpu)->icp, args[0]);
    return H_SUCCESS;
}

XICS_HCALL(ipi, 0x6c)
{
    Icp *icp = icp_of_server(args[0]);

    if (!icp) {
        return H_PARAMETER;
    }
    set_mfrr(icp, args[1]);
    return H_SUCCESS;
}

XICS_HCALL(ipoll, 0x70)
{
    Icp *icp = icp_of_server(args[0]);

    if (!icp) {
        return H_PARAMETER;
    }
    args[0] = icp->xirr;
    args[1] = icp->mfrr;
    return H_SUCCESS;
}

XICS_HCALL(xirr, 0x74)
{
    args[0] = accept(spapr_cpu(cpu)->icp);
    return H_SUCCESS;
}

XICS_HCALL(xirr_x, 0x2fc)
{
    args[0] = accept(spapr_cpu(cpu)->icp);
    args[1] = ppc_tb(cpu);
    return H_SUCCESS;
}

/* ---- RTAS: without this controller there are no such calls; while the guest uses the other, they do nothing ---- */

static bool there(const SpaprMachine *s)
{
    return s->ics;
}

#define XICS_RTAS(id, token, name, nargs, nret)                                                         \
    static void xics_rtas_##id(SpaprMachine *s, const RtasCall *c);                                     \
    RTAS_IF(there, id, token, name, nargs, nret)                                                        \
    {                                                                                                   \
        if (spapr_xive_active(s)) {                                                                     \
            rtas_ret(c, 0, RTAS_HW_ERROR);                                                              \
        } else {                                                                                        \
            xics_rtas_##id(s, c);                                                                       \
        }                                                                                               \
    }                                                                                                   \
    static void xics_rtas_##id(SpaprMachine *s, const RtasCall *c)

XICS_RTAS(set_xive, 0x200a, "ibm,set-xive", 3, 1)
{
    bool ok = ics_set_xive(s->ics, rtas_arg(c, 0), rtas_arg(c, 1), rtas_arg(c, 2));
    rtas_ret(c, 0, ok ? RTAS_SUCCESS : RTAS_PARAM_ERROR);
}

XICS_RTAS(get_xive, 0x200b, "ibm,get-xive", 1, 3)
{
    unsigned server, prio;

    if (!ics_get_xive(s->ics, rtas_arg(c, 0), &server, &prio)) {
        rtas_ret(c, 0, RTAS_PARAM_ERROR);
        return;
    }
    rtas_ret(c, 0, RTAS_SUCCESS);
    rtas_ret(c, 1, server);
    rtas_ret(c, 2, prio);
}

XICS_RTAS(int_off, 0x200c, "ibm,int-off", 1, 1)
{
    rtas_ret(c, 0, ics_int_on(s->ics, rtas_arg(c, 0), false) ? RTAS_SUCCESS : RTAS_PARAM_ERROR);
}

XICS_RTAS(int_on, 0x200d, "ibm,int-on", 1, 1)
{
    rtas_ret(c, 0, ics_int_on(s->ics, rtas_arg(c, 0), true) ? RTAS_SUCCESS : RTAS_PARAM_ERROR);
}
