/*
 * The Floating-Point Status and Control Register (Power ISA Book I, 4.2.2 and 7.2.2).
 *
 * The arithmetic library reports what happened in the FPSCR's own bit positions, so "the outcome of
 * an operation" and "the register it updates" speak one language; this file owns the positions, the
 * summary bits (FX, FEX, VX) and the rules by which an outcome changes the register.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_PPC_FP_FPSCR_H
#define TARGET_PPC_FP_FPSCR_H

#include <stdbool.h>
#include <stdint.h>

#define FPSCR_FX      (1u << 31)
#define FPSCR_FEX     (1u << 30)
#define FPSCR_VX      (1u << 29)
#define FPSCR_OX      (1u << 28)
#define FPSCR_UX      (1u << 27)
#define FPSCR_ZX      (1u << 26)
#define FPSCR_XX      (1u << 25)
#define FPSCR_VXSNAN  (1u << 24)
#define FPSCR_VXISI   (1u << 23)
#define FPSCR_VXIDI   (1u << 22)
#define FPSCR_VXZDZ   (1u << 21)
#define FPSCR_VXIMZ   (1u << 20)
#define FPSCR_VXVC    (1u << 19)
#define FPSCR_FR      (1u << 18)
#define FPSCR_FI      (1u << 17)
#define FPSCR_FPRF_C  (1u << 16)
#define FPSCR_FPRF    (0x1fu << 12)
#define FPSCR_FPCC    (0x0fu << 12)
#define FPSCR_VXSOFT  (1u << 10)
#define FPSCR_VXSQRT  (1u << 9)
#define FPSCR_VXCVI   (1u << 8)
#define FPSCR_VE      (1u << 7)
#define FPSCR_OE      (1u << 6)
#define FPSCR_UE      (1u << 5)
#define FPSCR_ZE      (1u << 4)
#define FPSCR_XE      (1u << 3)
#define FPSCR_NI      (1u << 2)
#define FPSCR_RN      3u
#define FPSCR_DRN     (7ull << 32)

#define FPSCR_FPRF_SHIFT 12
#define FPSCR_DRN_SHIFT  32

#define FPSCR_VX_ALL (FPSCR_VXSNAN | FPSCR_VXISI | FPSCR_VXIDI | FPSCR_VXZDZ | FPSCR_VXIMZ | \
                      FPSCR_VXVC | FPSCR_VXSOFT | FPSCR_VXSQRT | FPSCR_VXCVI)
/* Every sticky exception bit that an operation itself reports. */
#define FPSCR_STICKY (FPSCR_OX | FPSCR_UX | FPSCR_ZX | FPSCR_XX | FPSCR_VX_ALL)
#define FPSCR_ENABLES (FPSCR_VE | FPSCR_OE | FPSCR_UE | FPSCR_ZE | FPSCR_XE)
/* FEX and VX only ever summarise; no instruction writes them. */
#define FPSCR_SUMMARY (FPSCR_FEX | FPSCR_VX)
#define FPSCR_WRITABLE (0x700000000ull | (0xffffffffu & ~FPSCR_SUMMARY & ~(1u << 11)))

/* What else of the register an operation updates. */
enum {
    FPSCR_UPD_FRFI = 1,     /* FR and FI take the operation's values (also when they are 0) */
    FPSCR_UPD_FPRF = 2,     /* FPRF takes the class of the result */
    FPSCR_UPD_FPCC = 4,     /* only FPCC does: a compare */
};

/* Enable bits that correspond to a set of exception bits. */
uint32_t fpscr_enables_of(uint32_t exceptions);

/* Recompute VX and FEX from the exception and enable bits. */
uint64_t fpscr_summarise(uint64_t fpscr);

/*
 * Apply an operation's outcome: `flags` are exception bits with FR/FI, `fprf` the 5-bit class.
 * Returns the new register; *raised (may be NULL) tells whether an exception that is enabled was
 * signalled.
 */
uint64_t fpscr_apply(uint64_t fpscr, uint32_t flags, unsigned update, unsigned fprf, bool *raised);

/* Its target register is not written after an enabled invalid operation or zero divide. */
static inline bool fpscr_suppressed(uint32_t flags, uint32_t enables)
{
    return ((flags & FPSCR_VX_ALL) && (enables & FPSCR_VE)) || ((flags & FPSCR_ZX) && (enables & FPSCR_ZE));
}

/* mtfsf and friends: replace the bits in `mask`; FX is copied, FEX and VX are derived. */
uint64_t fpscr_write(uint64_t fpscr, uint64_t value, uint64_t mask);

/* mtfsb1: like fpscr_write, but setting an exception bit from 0 also sets FX. */
uint64_t fpscr_set_bit(uint64_t fpscr, unsigned bit_be32);

#endif
