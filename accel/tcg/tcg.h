/*
 * The dynamic translator as the rest of the emulator sees it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_TCG_TCG_H
#define ACCEL_TCG_TCG_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct PowerPCCPU PowerPCCPU;

typedef struct TcgOptions {
    bool interpreter;       /* -accel tcg,interpreter=on: run the IR without compiling it */
    bool multi_threaded;    /* thread=multi (default) or single */
    bool one_insn_per_tb;
    bool perf_map;          /* -perfmap: /tmp/perf-PID.map names every region */
    bool random_regalloc;   /* -accel tcg,x-random-regalloc=SEED: fuzz the register allocator */
    uint32_t random_seed;
    uint64_t tb_size;       /* bytes of code buffer; 0: default */
    int icount_shift;       /* -1: off */
} TcgOptions;
extern TcgOptions tcg_options;

bool tcg_init(GError **err);

/*
 * Run guest code on the calling vCPU thread until something outside wants attention: the CPU halts, cpu->stop, a
 * run_on_cpu item, (single-threaded mode) its time slice of about 10 ms ends, or -icount's budget is spent.
 * Called without the big lock; pending interrupts are taken and exceptions delivered inside.
 */
/* DEBUG: a breakpoint, a watchpoint, or a step is done. */
typedef enum { TCG_RUN_INTERRUPTED, TCG_RUN_HALTED, TCG_RUN_BUDGET, TCG_RUN_DEBUG } TcgRunResult;
TcgRunResult tcg_vcpu_run(PowerPCCPU *cpu);
/* Translation contexts and statistics of a new vCPU. */
void tcg_vcpu_init(PowerPCCPU *cpu);

/* Which instruction rows were ever translated, for scripts/coverage (env PPC_INSN_COVERAGE=FILE). */
void tcg_coverage_write(void);
void tcg_dump_stats(GString *out);          /* info jit */
void tcg_dump_opcount(GString *out);        /* info opcount: translations by instruction, most often first */
void tcg_set_one_insn(bool on);             /* while vCPUs may run: drops what is translated. Big lock held. */

#endif
