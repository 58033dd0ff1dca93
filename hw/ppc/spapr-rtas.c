/*
 * Run-Time Abstraction Services (LoPAPR chapter 7): one row each; the rows also make the tokens that the
 * device tree's /rtas node advertises.
 *
 * Token numbers are fixed: they are in the memory of every saved guest.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr.h"
#include "system/clock.h"
#include "system/cpus.h"
#include "system/log.h"
#include "system/memory.h"
#include "system/report.h"
#include "system/runstate.h"
#include <inttypes.h>
#include <string.h>

extern const RtasRow __start_spapr_rtas[], __stop_spapr_rtas[];

const RtasRow *rtas_rows(size_t *n)
{
    *n = __stop_spapr_rtas - __start_spapr_rtas;
    return __start_spapr_rtas;
}

bool rtas_exists(const SpaprMachine *s, const RtasRow *r)
{
    return !r->exists || r->exists(s);
}

uint32_t rtas_arg(const RtasCall *c, unsigned i)
{
    uint32_t v = 0;

    memory_ldl_be(c->args + 4 * i, &v);
    return v;
}

void rtas_ret(const RtasCall *c, unsigned i, uint32_t v)
{
    if (i < c->nret) {
        memory_stl_be(c->rets + 4 * i, v);
    }
}

bool spapr_rtas_call_named(PowerPCCPU *cpu, SpaprMachine *s, const char *name, const RtasCall *c)
{
    size_t n;
    const RtasRow *rows = rtas_rows(&n);

    for (size_t i = 0; i < n; i++) {
        if (!strcmp(rows[i].name, name) && rtas_exists(s, &rows[i])) {
            rows[i].fn(cpu, s, c);
            return true;
        }
    }
    return false;
}

void spapr_rtas_call(PowerPCCPU *cpu, SpaprMachine *s, uint64_t addr)
{
    uint32_t token, nargs, nret;

    if (!memory_ldl_be(addr, &token) || !memory_ldl_be(addr + 4, &nargs) || !memory_ldl_be(addr + 8, &nret)) {
        log_mask(LOG_GUEST_ERROR, "RTAS call with its arguments at %016" PRIx64 ", outside memory\n", addr);
        return;
    }
    if (nargs > 16 || nret > 16) {
        log_mask(LOG_GUEST_ERROR, "RTAS call %x with %u arguments, %u results\n", token, nargs, nret);
        return;
    }
    RtasCall c = { .args = addr + 12, .nargs = nargs, .nret = nret, .rets = addr + 12 + 4 * nargs };
    size_t n;
    const RtasRow *rows = rtas_rows(&n);
    for (size_t i = 0; i < n; i++) {
        if (rows[i].token == token && rtas_exists(s, &rows[i])) {
            log_mask(LOG_STRACE, "RTAS %s\n", rows[i].name);
            if (nargs < rows[i].nargs || nret < rows[i].nret) {
                rtas_ret(&c, 0, RTAS_PARAM_ERROR);
                return;
            }
            rows[i].fn(cpu, s, &c);
            return;
        }
    }
    log_mask(LOG_GUEST_ERROR, "RTAS call with unknown token %x\n", token);
    rtas_ret(&c, 0, RTAS_NOT_SUPPORTED);
}

/* mr r4,r3; lis r3,0; ori r3,r3,0xf000; sc 1; blr: five instructions, big-endian */
void spapr_rtas_install(SpaprMachine *s, uint64_t addr)
{
    static const uint32_t code[] = { 0x7c641b78, 0x3c600000, 0x6063f000, 0x44000022, 0x4e800020 };

    for (unsigned i = 0; i < G_N_ELEMENTS(code); i++) {
        memory_stl_be(addr + 4 * i, code[i]);
    }
}

/* ---- console, power ---- */

RTAS(display_character, 0x2000, "display-character", 1, 1)
{
    uint8_t ch = rtas_arg(c, 0);

    SpaprVty *v = spapr_vty_default(s);

    if (!v) {
        rtas_ret(c, 0, RTAS_PARAM_ERROR);
        return;
    }
    spapr_vty_put(v, &ch, 1);
    rtas_ret(c, 0, RTAS_SUCCESS);
}

RTAS(power_off, 0x2003, "power-off", 2, 1)
{
    runstate_request_shutdown(SHUTDOWN_GUEST_SHUTDOWN);
    cpu->halted = cpu->powered_off = true;
    cpu_kick(cpu);
    rtas_ret(c, 0, RTAS_SUCCESS);
}

RTAS(system_reboot, 0x2004, "system-reboot", 0, 1)
{
    runstate_request_reset(SHUTDOWN_GUEST_RESET);
    cpu->halted = cpu->powered_off = true;
    cpu_kick(cpu);
    rtas_ret(c, 0, RTAS_SUCCESS);
}

/* ---- processors ---- */

static PowerPCCPU *by_id(uint32_t id)
{
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        if ((uint32_t)cpu->vcpu_id == id) {
            return cpu;
        }
    }
    return NULL;
}

RTAS(query_cpu_stopped_state, 0x2005, "query-cpu-stopped-state", 1, 2)
{
    PowerPCCPU *target = by_id(rtas_arg(c, 0));

    if (!target) {
        rtas_ret(c, 0, RTAS_PARAM_ERROR);
        return;
    }
    rtas_ret(c, 0, RTAS_SUCCESS);
    rtas_ret(c, 1, target->powered_off ? 0 : 2);
}

static void start(PowerPCCPU *cpu, void *arg)
{
    uint64_t *v = arg;

    spapr_start_cpu(cpu, v[0], v[1]);
    g_free(v);
}

RTAS(start_cpu, 0x2006, "start-cpu", 3, 1)
{
    PowerPCCPU *target = by_id(rtas_arg(c, 0));

    if (!target) {
        rtas_ret(c, 0, RTAS_PARAM_ERROR);
        return;
    }
    if (!target->powered_off) {
        rtas_ret(c, 0, RTAS_HW_ERROR);
        return;
    }
    /* Settings that are the partition's, not the thread's, follow the caller. */
    target->spr[SPR_LPCR] = cpu->spr[SPR_LPCR];
    uint64_t *v = g_new(uint64_t, 3);
    v[0] = rtas_arg(c, 1);
    v[1] = rtas_arg(c, 2);
    async_run_on_cpu(target, start, v);
    rtas_ret(c, 0, RTAS_SUCCESS);
}

RTAS(stop_self, 0x2007, "stop-self", 0, 1)
{
    cpu->halted = cpu->powered_off = true;
    cpu_kick(cpu);
}

/* ---- system parameters ---- */

enum { PARM_SPLPAR = 20, PARM_DIAG_RUN = 42, PARM_UUID = 48 };

static void parameter(const RtasCall *c, const void *data, unsigned len)
{
    uint32_t buf = rtas_arg(c, 1), size = rtas_arg(c, 2);
    uint16_t be = GUINT16_TO_BE(len);

    if (size < 2 + MIN(len, 1)) {
        rtas_ret(c, 0, RTAS_SYSPARM_PARAM_ERROR);
        return;
    }
    if (!memory_write(buf, &be, 2) || !memory_write(buf + 2, data, MIN(len, size - 2))) {
        rtas_ret(c, 0, RTAS_PARAM_ERROR);
        return;
    }
    rtas_ret(c, 0, RTAS_SUCCESS);
}

RTAS(get_system_parameter, 0x2008, "ibm,get-system-parameter", 3, 1)
{
    switch (rtas_arg(c, 0)) {
    case PARM_SPLPAR: {
        g_autofree char *text = g_strdup_printf("MaxEntCap=%u,DesMem=%" PRIu64 ",DesProcs=%u,MaxPlatProcs=%u",
                                                s->max_cpus, s->ram_size >> 20, s->cpus, s->max_cpus);
        parameter(c, text, strlen(text) + 1);
        break;
    }
    case PARM_DIAG_RUN: {
        uint8_t disabled = 0;
        parameter(c, &disabled, 1);
        break;
    }
    case PARM_UUID: {
        uint8_t uuid[16] = { 0 };
        parameter(c, uuid, s->uuid ? 16 : 0);
        break;
    }
    default:
        rtas_ret(c, 0, RTAS_NOT_SUPPORTED);
    }
}

RTAS(set_system_parameter, 0x2009, "ibm,set-system-parameter", 2, 1)
{
    switch (rtas_arg(c, 0)) {
    case PARM_SPLPAR: case PARM_DIAG_RUN: case PARM_UUID:
        rtas_ret(c, 0, RTAS_NOT_AUTHORIZED);
        break;
    default:
        rtas_ret(c, 0, RTAS_NOT_SUPPORTED);
    }
}

/* ---- ends and pauses (events: spapr-events.c) ---- */

RTAS(quiesce, 0x2011, "quiesce", 0, 1)
{
    rtas_ret(c, 0, RTAS_SUCCESS);
}

RTAS(os_term, 0x201f, "ibm,os-term", 1, 1)
{
    char text[256] = "";
    uint32_t at = rtas_arg(c, 0);

    for (unsigned i = 0; i < sizeof(text) - 1 && memory_read(at + i, &text[i], 1) && text[i]; i++) {
        text[i + 1] = 0;
    }
    report_error("OS terminated: %s", text);
    runstate_request_panic();
    rtas_ret(c, 0, RTAS_SUCCESS);
}

/* Called by the last thread that runs; the others wait in H_JOIN. The user wakes the machine. */
RTAS(suspend_me, 0x202a, "ibm,suspend-me", 0, 1)
{
    PowerPCCPU *other;

    if (c->nargs || c->nret != 1) {
        rtas_ret(c, 0, RTAS_PARAM_ERROR);
        return;
    }
    CPU_FOREACH(other) {
        if (other != cpu && !other->powered_off && !(other->halted && !(other->msr & MSR_EE))) {
            rtas_ret(c, 0, RTAS_MULTIPLE_THREADS);
            return;
        }
    }
    runstate_request_suspend();
    rtas_ret(c, 0, RTAS_SUCCESS);
}

RTAS(set_power_level, 0x201b, "set-power-level", 2, 2)
{
    if (rtas_arg(c, 0) != UINT32_MAX) {
        rtas_ret(c, 0, RTAS_NOT_SUPPORTED);
        return;
    }
    rtas_ret(c, 0, RTAS_SUCCESS);
    rtas_ret(c, 1, 100);
}
RTAS(get_power_level, 0x201c, "get-power-level", 1, 2)
{
    if (rtas_arg(c, 0) != UINT32_MAX) {
        rtas_ret(c, 0, RTAS_NOT_SUPPORTED);
        return;
    }
    rtas_ret(c, 0, RTAS_SUCCESS);
    rtas_ret(c, 1, 100);
}
