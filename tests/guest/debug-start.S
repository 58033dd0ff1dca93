/*
 * Entry of the guest for debuggers (debug.c), for both byte orders: a processor always starts big-endian, so the first
 * instructions are spelled as big-endian words and turn MSR[LE] on when the rest is little-endian. Loaded at 0 by -bios.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
    .machine power8
    .abiversion 2
    .macro  be word
#ifdef __LITTLE_ENDIAN__
    .long   (((\word) & 0xff) << 24) | (((\word) & 0xff00) << 8) | (((\word) >> 8) & 0xff00) | (((\word) >> 24) & 0xff)
#else
    .long   \word
#endif
    .endm
    .macro  enter_at address    /* in real mode with floating-point, vector and VSX facilities on */
    be      0x39600001          /* li 11, 1 */
    be      0x796bf806          /* sldi 11, 11, 63 */
    be      0x656b0280          /* oris 11, 11, VEC and VSX */
#ifdef __LITTLE_ENDIAN__
    be      0x616b3003          /* ori 11, 11, FP, ME, RI, LE */
#else
    be      0x616b3002          /* ori 11, 11, FP, ME, RI */
#endif
    be      0x39400000 + \address   /* li 10, address */
    be      0x7d5a03a6          /* mtsrr0 10 */
    be      0x7d7b03a6          /* mtsrr1 11 */
    be      0x4c000024          /* rfid */
    .endm

    .section .text.entry, "ax"
    .globl _start
_start:
    . = 0x100
    enter_at 0x2000
    . = 0x180
    enter_at 0x2100             /* start-cpu enters here */

    . = 0x1000
toc_base: .quad .TOC.

    . = 0x2000
    lis     1, 0x20
    addi    1, 1, -256
    ld      2, toc_base@l(0)
    bl      first_main          /* r3: device tree */
    b       .
    . = 0x2100
    lis     1, 0x30
    addi    1, 1, -256
    ld      2, toc_base@l(0)
    bl      second_main
    b       .

    .globl hcall
hcall:
    mflr    0
    std     0, 16(1)
    stdu    1, -64(1)
    mfcr    0
    std     0, 40(1)
    sc      1
    ld      0, 40(1)
    mtcr    0
    addi    1, 1, 64
    ld      0, 16(1)
    mtlr    0
    blr
