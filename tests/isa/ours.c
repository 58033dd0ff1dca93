/*
 * Our side of the random instruction test: the processor in problem state, real mode, through the translator.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tests/isa/isa-random.h"
#include "accel/tcg/interp.h"
#include "accel/tcg/region-int.h"
#include "accel/tcg/tcg.h"
#include "accel/tcg/vcpu.h"
#include "config-host.h"
#include "system/memory.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define RAM (4u << 20)
#define ENOUGH_REGIONS 100      /* no snippet loops */

const char *const mode_names[NB_MODES] = { "interpreter", "jit", "jit with random allocation" };

static PowerPCCPU *cpu;
static uint64_t first_msr;

void ours_init(const Target *t)
{
    g_autoptr(GError) err = NULL;

    if (!memory_init_ram(RAM, &err) || !tcg_init(&err)) {
        g_printerr("isa-random: %s\n", err ? err->message : "no translator");
        exit(2);
    }
    cpu = ppc_cpu_new(t->model, 0, NULL);
    ppc_cpu_reset(cpu);
    if (!cpu->tcg) {
        tcg_vcpu_init(cpu);
    }
    /* What Linux gives a process; the peer's user-mode emulators have TAR, prefixes and MSR[FE0, FE1] on from the start. */
    cpu->spr[SPR_FSCR] |= 1ull << 8 | 1ull << 13;
    first_msr = MSR_SF | MSR_PR | MSR_FP | MSR_VEC | MSR_VSX | MSR_FE0 | MSR_FE1 | (t->model->family->msr_mask & MSR_TM) | (t->big ? 0 : MSR_LE);
}

static void load(const IsaState *s)
{
    memcpy(cpu->gpr, s->r + ISA_GPR, sizeof(cpu->gpr));
    ppc_set_cr(cpu, s->r[ISA_CR]);
    ppc_set_xer(cpu, s->r[ISA_XER]);
    cpu->lr = s->r[ISA_LR];
    cpu->ctr = s->r[ISA_CTR];
    cpu->spr[SPR_VRSAVE] = s->r[ISA_VRSAVE];
    cpu->tar = s->r[ISA_TAR];
    cpu->vscr = s->r[ISA_VSCR] & ~1ull;
    cpu->vscr_sat = s->r[ISA_VSCR] & 1;
    cpu->reserve_addr = -1;
    for (int i = 0; i < 64; i++) {
        cpu->vsr[i] = v128_make(s->r[ISA_VSR + 2 * i], s->r[ISA_VSR + 2 * i + 1]);
    }
    cpu->fp_op = cpu->fp_cmp = 0;
    cpu->msr = first_msr;       /* not by ppc_store_msr(): problem state would switch translation on */
    ppc_set_fpscr(cpu, s->r[ISA_FPSCR]);
    ppc_update_region_flags(cpu);
    cpu->exception = EXCP_NONE;
}

static int signal_of(PpcExcp e, uint32_t code)
{
    switch (e) {
    case EXCP_NONE:
        return 0;
    case EXCP_PROGRAM:
        return code & PROG_FP ? SIGFPE : code & PROG_TRAP ? SIGTRAP : SIGILL;
    case EXCP_ALIGN:
        return SIGBUS;
    case EXCP_DSI:
    case EXCP_DSEG:
        return SIGSEGV;
    default:
        return SIGILL;
    }
}

static void store(IsaState *s)
{
    memset(s, 0, sizeof(*s));
    memcpy(s->r + ISA_GPR, cpu->gpr, sizeof(cpu->gpr));
    s->r[ISA_CR] = ppc_get_cr(cpu);
    s->r[ISA_XER] = ppc_get_xer(cpu);
    s->r[ISA_LR] = cpu->lr;
    s->r[ISA_CTR] = cpu->ctr;
    s->r[ISA_VRSAVE] = cpu->spr[SPR_VRSAVE];
    s->r[ISA_TAR] = cpu->tar;
    s->r[ISA_VSCR] = cpu->vscr | !!cpu->vscr_sat;
    s->r[ISA_FPSCR] = ppc_get_fpscr(cpu);
    for (int i = 0; i < 64; i++) {
        s->r[ISA_VSR + 2 * i] = V_D(cpu->vsr[i], 0);
        s->r[ISA_VSR + 2 * i + 1] = V_D(cpu->vsr[i], 1);
    }
    s->r[ISA_SIGNAL] = signal_of(cpu->exception, cpu->error_code);
    s->r[ISA_NIP] = cpu->exception ? cpu->nip : 0;
}

static Region *translate(const uint32_t *code, const Case *c)
{
    Region *r = tcg_translate(cpu, cpu->nip, cpu->nip, code + (cpu->nip - c->pc) / 4);

#ifdef CONFIG_TCG_X86_64
    if (!r) {
        jit_reset_buffer();
        r = tcg_translate(cpu, cpu->nip, cpu->nip, code + (cpu->nip - c->pc) / 4);
    }
#endif
    return r;
}

/* These regions are in no cache. */
static void release(Region *r)
{
    ir_free(r->ir);
    g_free(r->exits);
    g_free(r);
}

static void run_region(Region *r)
{
#ifdef CONFIG_TCG_X86_64
    if (r->code) {
        jit_enter(cpu, r);
        return;
    }
#endif
    interp_run(cpu, r);
}

void ours_run(const Case *c, const Target *t, int mode, Outcome *out)
{
    static Region *r;           /* static: live across the jump */
    static int left;
    uint32_t code[CASE_WORDS];

    tcg_options.interpreter = mode == MODE_INTERPRETER;
    tcg_options.random_regalloc = mode == MODE_JIT_RANDOM;
    for (unsigned i = 0; i < c->words; i++) {
        code[i] = t->big ? GUINT32_TO_BE(c->code[i]) : GUINT32_TO_LE(c->code[i]);
    }
    load(&c->in);
    memcpy(memory_ram_base + ISA_MEM, c->mem, ISA_MEM_SIZE);
    cpu->nip = c->pc;
    left = ENOUGH_REGIONS;
    r = NULL;
    if (sigsetjmp(cpu->jmp_env, 0)) {
        interp_fp_leave(cpu);
        if (cpu->exception) {   /* else a helper only wants the loop to look around */
            left = 0;
        }
    }
    while (left-- > 0 && cpu->nip - c->pc < c->words * 4) {
        cpu->poll = 0;
        r = translate(code, c);
        run_region(r);
        release(r);
        r = NULL;
    }
    if (r) {
        release(r);
    }
    cpu->poll = 0;
    store(&out->s);
    memcpy(out->mem, memory_ram_base + ISA_MEM, ISA_MEM_SIZE);
}
