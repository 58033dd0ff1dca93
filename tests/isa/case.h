/*
 * What the two sides of the random instruction test share: the state of a processor in user mode, the memory map, and
 * the slots by which cases go to the peer and results come back.
 *
 * A slot is in the byte order of the peer's guest; memory is bytes. Everything the snippets and their entry code touch
 * lies below 32 KiB, where a load or store with RA = 0 reaches it without a register: so all 32 GPRs are free for the test.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TESTS_ISA_CASE_H
#define TESTS_ISA_CASE_H

/* ---- memory map of a test program ---- */
#define ISA_STATE_IN 0x1000
#define ISA_STATE_OUT 0x2000
#define ISA_SAVE 0x3000         /* the peer program's own registers */
#define ISA_MEM 0x4000          /* the buffer that instructions load from and store to */
#define ISA_MEM_SIZE 0x400
#define ISA_LOW_END 0x5000
#define ISA_CODE 0x100000       /* snippet i at ISA_CODE + i * ISA_SNIPPET */
#define ISA_SNIPPET 256
#define ISA_HEAD 12             /* bytes of entry code in front of the instructions */
#define ISA_SHARED 0x200000
#define ISA_EXIT 0x1000000      /* where a snippet branches at its end; start of the peer program */
#define ISA_SLOTS 256

/* ---- indices of doublewords in a state ---- */
#define ISA_GPR 0
#define ISA_CR 32
#define ISA_XER 33
#define ISA_LR 34
#define ISA_CTR 35
#define ISA_FPSCR 36
#define ISA_VSCR 37
#define ISA_VRSAVE 38
#define ISA_TAR 39
#define ISA_SIGNAL 40           /* 0: ran to its end */
#define ISA_NIP 41              /* of the instruction that raised it */
#define ISA_VSR 48              /* two doublewords each, the more significant first */
#define ISA_STATE_WORDS (ISA_VSR + 128)

#ifndef __ASSEMBLER__
typedef struct IsaState { unsigned long r[ISA_STATE_WORDS]; } IsaState;
typedef struct IsaSlot {
    IsaState in, out;
    unsigned char mem_in[ISA_MEM_SIZE], mem_out[ISA_MEM_SIZE];
    unsigned int code[ISA_SNIPPET / 4];     /* head included */
} IsaSlot;
#endif

#endif
