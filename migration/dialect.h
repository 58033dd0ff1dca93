/*
 * Which program's form of a machine's stream is sent. Two programs that have the same machine version do not send the same bytes for it,
 * and some refuse what the other sends: so whoever sends asks here. The values are rows of hw/ppc/spapr-dialects.c. Nothing that loads asks:
 * every form is understood without being told.
 *
 * Changed under the big lock, while nothing is being sent.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_DIALECT_H
#define MIGRATION_DIALECT_H

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

/* Instruction features as section `cpu` of machines up to 2.7 has them: what a program's processors lack, and what they have beyond. */
typedef struct DialectWords { uint64_t lacks, lacks2, has2, power7_lacks; } DialectWords;

typedef enum DialectOptions { DIALECT_NEVER, DIALECT_IF_ANY /* can be negotiated that 2.7 did not have */, DIALECT_ALWAYS } DialectOptions;

typedef struct Dialect {
    char program[8];            /* "2.7" */
    bool named;                 /* asked for; if not, it is the machine version's own */
    DialectWords words;
    uint64_t configuration;     /* all machines name and describe themselves, not only those from 2.4 and 2.3 on */
    uint64_t decrementer;       /* travels, in its register; if not, its interrupt has to wait */
    uint64_t reservation;       /* of lwarx: the address travels */
    uint64_t slb_version;       /* of the subsection cpu/slb */
    uint64_t no_barriers;       /* cap-sbbc is broken by default with POWER8 and newer, whatever the machine version */
    uint64_t bhrb;              /* the subsection cpu/bhrb exists */
    uint64_t rtas_stopped;      /* the subsection cpu/rtas_stopped is sent */
    uint64_t suspended;         /* whether the machine slept is said in section globalstate */
    uint64_t iommu_version;     /* of the section spapr_iommu */
    uint64_t no_presenters;     /* the program has no sections icp/server: they were forgotten */
    uint64_t presenters_first;  /* each icp/server comes before all processors, not after its own */
    uint64_t page_size_always;  /* the subsection spapr/cap/hpt_maxpagesize is sent, even if it is as usual */
    uint64_t options;           /* the subsection spapr_option_vector_ov5_cas is sent: a DialectOptions */
    uint64_t switchover_start;  /* a command says that the machine has stopped */
    uint64_t capabilities;      /* bit n: capability n of hw/ppc/spapr-state.c exists */
} Dialect;

extern Dialect dialect;         /* what is sent */
extern Dialect dialect_own;     /* of the program as old as the machine version */

/* The dialect of `program` ("2.7.0"), or, of "" and NULL, that of the machine's property. False: no program of that number has this machine. */
extern bool (*dialect_choose)(const char *program, GError **err);

#endif
