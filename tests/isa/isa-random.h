/*
 * The parts of the random instruction test: cases (generate.c), how ours runs them (ours.c), where it may differ from the
 * peer (differences.c), and the campaign over processors and byte orders (random.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TESTS_ISA_ISA_RANDOM_H
#define TESTS_ISA_ISA_RANDOM_H

#include "target/ppc/isa.h"
#include "target/ppc/models.h"
#include "tests/isa/case.h"

#define CASE_INSNS 8            /* drawn; setup of addresses and branches adds more */
#define CASE_WORDS 56           /* without head, with the exits at the end */

typedef struct CaseInsn {
    uint32_t word, suffix;
    const InsnDesc *row;        /* what the word decodes to; NULL: illegal on this processor */
    unsigned at;                /* index of its word in code[] */
    bool setup;                 /* put there to prepare an address or a branch */
} CaseInsn;

/* One case, in host order. */
typedef struct Case {
    IsaState in;
    uint8_t mem[ISA_MEM_SIZE];
    uint32_t code[CASE_WORDS];  /* ends with branches to ISA_EXIT */
    unsigned words;
    CaseInsn insn[CASE_WORDS];
    unsigned insns;
    uint64_t pc;                /* of code[0] */
    bool big, shaky;            /* shaky: exception bits of the FPSCR need not agree any more */
    unsigned isa;               /* level: 206 ... 310 */
} Case;

typedef struct Outcome {
    IsaState s;
    uint8_t mem[ISA_MEM_SIZE];
} Outcome;

typedef struct Target {         /* what is being tested */
    const char *cpu;
    bool big;
    const PpcModel *model;
} Target;

/* Rows to draw from: those that `filter` (a glob over ids, NULL: all) selects and this processor has. */
void generate_init(const Target *t, const char *filter);
/* Case `number` of a seed, for a snippet in slot `slot`. */
void generate_case(Case *c, const Target *t, uint32_t seed, uint32_t number, unsigned slot);
/* The same with only some of its instructions (bit i of keep: insn[i]). */
void case_keep(Case *to, const Case *from, const bool *keep);

enum { MODE_INTERPRETER, MODE_JIT, MODE_JIT_RANDOM, NB_MODES };
extern const char *const mode_names[NB_MODES];
void ours_init(const Target *t);
void ours_run(const Case *c, const Target *t, int mode, Outcome *out);

/* What of a result is not compared, because the peer knowingly differs. */
typedef struct Mask {
    uint64_t fpscr, vscr;       /* bits */
    uint64_t low;               /* VSRs of which doubleword 1 may differ */
    bool vsr, cr, gpr, mem;     /* all of these */
    bool all;
    bool denormal_fprf;         /* FPRF, if ours says denormalized */
    bool invalid_vsr;           /* all VSRs, if ours met a NaN or a value beyond the range */
    bool imz_snan;              /* VXSNAN, if ours says VXIMZ */
    bool bcd;                   /* VSRs and CR6, if ours says invalid, overflow or zero */
    uint64_t all_if;            /* everything, if ours has one of these bits in the FPSCR */
} Mask;
/*
 * Adds to `m` what the row may leave different in this case; `first`: nothing ran before it, so that its operands are
 * those of the initial state. True if its result must not be seen by a later instruction.
 */
bool difference_mask(const Case *c, const InsnDesc *row, uint32_t word, bool first, Mask *m);
/* Must be the first of a sequence: it shows what rows before it may leave different. */
bool difference_shows(const InsnDesc *row);

#endif
