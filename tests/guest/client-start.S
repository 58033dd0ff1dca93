/*
 * Entry of the Open Firmware client: where it is loaded is not where it was linked, so everything is found from where it
 * runs. client_call() enters the firmware as Linux does: 32-bit mode, all that C keeps saved here.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
    .machine power8
    .abiversion 2
    .section .text.entry, "ax"
    .globl _start
_start:
    mfmsr   0
    li      9, 1
    rldimi  0, 9, 63, 0
    mtmsrd  0
    isync
    bcl     20, 31, 1f
1:  mflr    31
    addis   2, 31, (.TOC. - 1b)@ha
    addi    2, 2, (.TOC. - 1b)@l
    addis   1, 31, (stack_top - 1b)@ha
    addi    1, 1, (stack_top - 1b)@l
    bl      client_main
2:  b       2b

    /* long client_call(void *args, u64 entry) */
    .globl client_call
client_call:
    mflr    0
    std     0, 16(1)
    stdu    1, -256(1)
    .set    i, 14
    .rept   18
    std     i, (64 + (i - 14) * 8)(1)
    .set    i, i + 1
    .endr
    std     2, 40(1)
    mfcr    0
    std     0, 48(1)
    mfmsr   14
    std     14, 56(1)
    mtctr   4
    rldicl  9, 14, 0, 1         /* MSR[SF] off */
    mtmsrd  9
    isync
    bctrl
    rldicl  1, 1, 0, 32         /* the upper half may be anything */
    ld      14, 56(1)
    mtmsrd  14
    isync
    ld      2, 40(1)
    ld      0, 48(1)
    mtcr    0
    .set    i, 14
    .rept   18
    ld      i, (64 + (i - 14) * 8)(1)
    .set    i, i + 1
    .endr
    addi    1, 1, 256
    ld      0, 16(1)
    mtlr    0
    extsw   3, 3
    blr

    .bss
    .balign 16
    .space  0x8000
stack_top:
    .space  64
