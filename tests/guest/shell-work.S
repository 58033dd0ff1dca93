/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What shell.c cannot say in C: where it begins, holding values in all registers for a while, and working in the other byte order.
 * Little-endian, ELFv2, ISA 2.06.
 */
    .machine power7
    .text

    .globl _start
_start:
    li      0, 0
    stdu    0, -64(1)
    bcl     20, 31, 1f
1:  mflr    12
    addis   2, 12, .TOC.-1b@ha
    addi    2, 2, .TOC.-1b@l
    bl      shell_main
    trap

/*
 * shell_hold(in r3, out r4, spins r5): loads all that a process has, adds for `spins` rounds (GPR 7 to GPR 6, 1.0 to FPR 0, VR 1 to VR 0)
 * and stores it again. GPR 0 to 4 and 13 hold what it needs itself.
 */
    .set    GPR, 1024
    .set    CR, GPR + 256
    .set    FRAME, 1024
    .macro  each_gpr op, base
    .irp    n, 5,6,7,8,9,10,11,12,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    \op     \n, GPR+8*\n(\base)
    .endr
    .endm
    .macro  each_vsr op             /* from where GPR 2 points */
    .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31, \
               32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59,60,61,62,63
    \op     \n, 0, 2
    addi    2, 2, 16
    .endr
    .endm
    .globl shell_hold
shell_hold:
    mflr    0
    std     0, 16(1)
    mfcr    0
    std     0, 8(1)
    stdu    1, -FRAME(1)
    .irp    n, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    std     \n, 32+8*\n(1)
    stfd    \n, 288+8*\n(1)
    .endr
    .irp    n, 20,21,22,23,24,25,26,27,28,29,30,31
    li      0, 576+16*(\n-20)
    stvx    \n, 1, 0
    .endr
    std     2, 24(1)
    mtctr   5
    mr      2, 3
    each_vsr lxvd2x
    ld      0, CR+8(3)
    mtlr    0
    ld      0, CR+16(3)
    mtxer   0
    ld      0, CR(3)
    mtcrf   0xff, 0
    each_gpr ld, 3
1:  add     6, 6, 7
    fadd    0, 0, 1
    vadduwm 0, 0, 1
    bdnz    1b
    each_gpr std, 4
    mfcr    0
    std     0, CR(4)
    mflr    0
    std     0, CR+8(4)
    mfxer   0
    rldicl  0, 0, 0, 32
    std     0, CR+16(4)
    mr      2, 4
    each_vsr stxvd2x
    ld      2, 24(1)
    .irp    n, 20,21,22,23,24,25,26,27,28,29,30,31
    li      0, 576+16*(\n-20)
    lvx     \n, 1, 0
    .endr
    .irp    n, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    ld      \n, 32+8*\n(1)
    lfd     \n, 288+8*\n(1)
    .endr
    addi    1, 1, FRAME
    ld      0, 8(1)
    mtcrf   0xff, 0
    ld      0, 16(1)
    mtlr    0
    blr

/*
 * shell_turn(words r3, turns r4, seed r5) -> wrong, copied by shell.c with what is between `swapped` and `back` turned round: Linux's
 * switch_endian changes MSR[LE] and nothing else. Each turn stores a doubleword, and looks at its halves, bytes and reverse, and at
 * the order of vectors.
 */
    .macro  check
    cmpld   7, 8
    beq     2f
    addi    9, 9, 1
2:
    .endm
    .set    SWITCH_ENDIAN, 363
    .globl shell_turn_start, shell_turn_swapped, shell_turn_back, shell_turn_end
shell_turn_start:
    li      0, SWITCH_ENDIAN
    sc                              /* keeps GPR 3 to 8 */
shell_turn_swapped:
    mtctr   4
    li      9, 0
1:  std     5, 0(3)
    not     6, 5
    std     6, 8(3)
    lwz     7, 0(3)                 /* the upper half comes first */
    srdi    8, 5, 32
    check
    lbz     7, 7(3)
    clrldi  8, 5, 56
    check
    ldbrx   7, 0, 3
    std     7, 16(3)
    lbz     7, 16(3)
    clrldi  8, 5, 56
    check
    lxvd2x  0, 0, 3                 /* doublewords in order */
    stfd    0, 24(3)
    ld      7, 24(3)
    mr      8, 5
    check
    li      10, 32
    lvx     0, 0, 3                 /* bytes in order, as doublewords are */
    stvx    0, 10, 3
    ld      7, 40(3)
    not     8, 5
    check
    lfd     1, 0(3)
    stfdx   1, 10, 3
    lhz     7, 32(3)
    srdi    8, 5, 48
    check
    rldicl  5, 5, 7, 0
    addi    5, 5, 12345
    bdnz    1b
    mr      8, 9
    li      0, SWITCH_ENDIAN
    sc
shell_turn_back:
    mr      3, 8
    blr
shell_turn_end:
    .section .note.GNU-stack, "", @progbits
