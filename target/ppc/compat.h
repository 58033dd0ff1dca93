/*
 * Which processor a guest may go to: compatibility modes (architected PVRs of LoPAPR's option vectors) and the rules by which a saved
 * guest is taken.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_PPC_COMPAT_H
#define TARGET_PPC_COMPAT_H

#include "target/ppc/models.h"

/* ---- modes; `pvr` is an architected one, 0: the processor as it is ---- */
unsigned ppc_compat_isa(uint32_t pvr);                  /* 206, 207, 300, ...; 0: there is no such mode */
unsigned ppc_compat_order(uint32_t pvr);                /* later modes have more; 0: there is no such mode */
bool ppc_compat_possible(const PpcModel *model, uint32_t pvr);
uint32_t ppc_compat_named(const char *name);            /* "power8", as in max-cpu-compat; 0: none */
const char *ppc_compat_name(uint32_t pvr);              /* NULL: none */
void ppc_compat_set(PowerPCCPU *cpu, uint32_t pvr);     /* with the PCR that follows */
bool ppc_compat_shows(const PpcModel *model, uint32_t pvr);    /* in the PCR of such a processor */
uint32_t ppc_compat_of_pcr(uint64_t pcr);               /* the mode that shows in a PCR, of whichever processor; 0: none */

/* ---- may a saved guest run on this processor? ---- */

typedef enum PvrAccel { PVR_TCG, PVR_KVM_HV, PVR_KVM_PR, PVR_ACCELS } PvrAccel;
/* What put the guest into its mode; a mode that the stream names counts as CAS, as nobody can tell. */
typedef enum PvrSource { PVR_RAW, PVR_COMMAND_LINE, PVR_CAS, PVR_SOURCES } PvrSource;
/*
 * The stream's processor and this one: the same PVR; another one that this one's name means in some release of QEMU; of one family (POWER8,
 * POWER8E and POWER8NVL are one); anything else.
 */
typedef enum PvrRelation { PVR_SAME, PVR_MEANT, PVR_FAMILY, PVR_OTHER, PVR_RELATIONS } PvrRelation;
typedef enum PvrVerdict {
    PVR_RUN,                    /* with the stream's PVR, until it is reset */
    PVR_ADOPT,                  /* with the stream's PVR for good: it is what the user asked for, too */
    PVR_RUN_AS_HOST,            /* with this processor's own PVR in place of the stream's: the hardware takes no other */
    PVR_REFUSE_PVR,             /* the guest knows the processor, and it is another one */
    PVR_REFUSE_MODE,            /* this processor does not offer the mode */
} PvrVerdict;

/* `offered`: this processor has the mode; of no meaning for PVR_RAW. */
PvrVerdict ppc_pvr_verdict(PvrAccel accel, PvrSource source, PvrRelation relation, bool offered);
/* `asked_for`: the name by which this processor was chosen, or NULL. */
PvrRelation ppc_pvr_relation(uint32_t theirs, uint32_t ours, const char *asked_for);

#endif
