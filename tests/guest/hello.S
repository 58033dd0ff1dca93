/*
 * A guest that says what it runs on - model and processor version, read from the device tree it was given - on
 * the hypervisor's console, and then powers off through RTAS.
 *
 * Loaded at 0 by -bios, entered at 0x100 in real mode with r3 = flattened device tree.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
    .machine power7
    .text
    .globl _start
_start:
    . = 0x100
    b       start
    . = 0x1000
start:
    mr      31, 3
    lis     1, 0x10
    /* structure block and strings block of the tree */
    lwz     30, 8(31)
    add     30, 30, 31
    lwz     29, 12(31)
    add     29, 29, 31
    lis     3, msg_hello@h
    ori     3, 3, msg_hello@l
    bl      puts
    li      28, 0               /* found the cpu version yet? */
walk:
    lwz     4, 0(30)
    addi    30, 30, 4
    cmpwi   4, 1
    beq     begin_node
    cmpwi   4, 3
    beq     prop
    cmpwi   4, 9
    beq     done
    b       walk
begin_node:                     /* skip the name */
    lbz     4, 0(30)
    addi    30, 30, 1
    cmpwi   4, 0
    bne     begin_node
    addi    30, 30, 3
    rldicr  30, 30, 0, 61
    b       walk
prop:
    lwz     27, 0(30)           /* length */
    lwz     26, 4(30)           /* name */
    add     26, 26, 29
    addi    25, 30, 8           /* value */
    add     30, 25, 27
    addi    30, 30, 3
    rldicr  30, 30, 0, 61
    mr      3, 26
    lis     4, name_model@h
    ori     4, 4, name_model@l
    bl      streq
    cmpwi   3, 0
    beq     1f
    lis     3, msg_model@h
    ori     3, 3, msg_model@l
    bl      puts
    mr      3, 25
    bl      puts
    bl      newline
    b       walk
1:  mr      3, 26
    lis     4, name_cpu@h
    ori     4, 4, name_cpu@l
    bl      streq
    cmpwi   3, 0
    beq     2f
    cmpwi   28, 0
    bne     walk
    li      28, 1
    lis     3, msg_cpu@h
    ori     3, 3, msg_cpu@l
    bl      puts
    lwz     3, 0(25)
    bl      puthex
    bl      newline
    b       walk
2:  mr      3, 26
    lis     4, name_power@h
    ori     4, 4, name_power@l
    bl      streq
    cmpwi   3, 0
    beq     walk
    lwz     24, 0(25)           /* power-off's token */
    b       walk
done:
    lis     3, msg_bye@h
    ori     3, 3, msg_bye@l
    bl      puts
    /* RTAS power-off: token, 2 arguments, 1 result */
    lis     4, 0x20
    stw     24, 0(4)
    li      0, 2
    stw     0, 4(4)
    li      0, 1
    stw     0, 8(4)
    li      0, -1
    stw     0, 12(4)
    stw     0, 16(4)
    li      3, 0
    ori     3, 3, 0xf000
    sc      1
3:  b       3b

puts:                           /* r3: text; one character a call keeps it short */
    mflr    23
    mr      22, 3
4:  lbz     6, 0(22)
    cmpwi   6, 0
    beq     5f
    sldi    6, 6, 56
    li      3, 0x58
    li      4, 0
    li      5, 1
    sc      1
    addi    22, 22, 1
    b       4b
5:  mtlr    23
    blr

newline:
    li      6, 10
    sldi    6, 6, 56
    li      3, 0x58
    li      4, 0
    li      5, 1
    sc      1
    blr

puthex:                         /* r3: 32-bit value */
    mr      22, 3
    li      21, 8
6:  rlwinm  22, 22, 4, 0, 31
    andi.   6, 22, 15
    cmpwi   6, 10
    addi    6, 6, 48
    blt     7f
    addi    6, 6, 39
7:  sldi    6, 6, 56
    li      3, 0x58
    li      4, 0
    li      5, 1
    sc      1
    addi    21, 21, -1
    cmpwi   21, 0
    bne     6b
    blr

streq:                          /* r3, r4: 1 if equal */
    lbz     5, 0(3)
    lbz     6, 0(4)
    cmpw    5, 6
    bne     8f
    addi    3, 3, 1
    addi    4, 4, 1
    cmpwi   5, 0
    bne     streq
    li      3, 1
    blr
8:  li      3, 0
    blr

name_model: .asciz "model"
name_cpu:   .asciz "cpu-version"
name_power: .asciz "power-off"
msg_hello:  .asciz "A bare-metal guest says hello.\n"
msg_model:  .asciz "machine: "
msg_cpu:    .asciz "processor version: "
msg_bye:    .asciz "Powering off.\n"
