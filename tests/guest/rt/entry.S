/*
 * The runtime under the C guests: entry of the first and of further processors, the interrupt vectors, and the few
 * things C cannot say. Loaded at 0 by -bios and entered at 0x100 in real mode, big-endian, with r3 = device tree.
 *
 * An interrupt never returns to where it came from: trap() (below) runs a function and comes back with the number of
 * the vector that ended it, its registers left in trap_info. So a test is "do this, then say which interrupt came".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
    .machine power8
    .abiversion 2
    .section .text.entry, "ax"
    .globl _start
_start:
    . = 0x100
    b       first
    .macro vector n
    . = \n
    mtspr   273, 3
    li      3, \n
    b       common
    .endm
    vector  0x200
    vector  0x300
    vector  0x380
    vector  0x400
    vector  0x480
    vector  0x500
    vector  0x600
    vector  0x700
    vector  0x800
    vector  0x900
    vector  0xa00
    vector  0xc00
    vector  0xd00
    vector  0xf00
    vector  0xf20
    vector  0xf40
    vector  0xf60

    . = 0x1000
    .globl toc_base
toc_base: .quad .TOC.
    .macro  sixty_four_bit      /* the peer enters with MSR[SF] clear */
    mfmsr   0
    li      9, 1
    rldimi  0, 9, 63, 0
    mtmsrd  0
    isync
    .endm
first:
    sixty_four_bit
    mr      31, 3
    lis     1, 0x20             /* stack of the first processor: below 2 MiB */
    addi    1, 1, -256
    ld      2, toc_base@l(0)
    mr      3, 31
    bl      rt_main
0:  b       0b

    /* start-cpu enters here with r3 = number of the stack to take */
    .globl secondary
secondary:
    sixty_four_bit
    lis     1, 0x30
    sldi    4, 3, 16
    add     1, 1, 4
    addi    1, 1, -256
    ld      2, toc_base@l(0)
    bl      secondary_main
1:  b       1b

    /* r3: vector. Leave the interrupt's registers in trap_info and come back from trap(). */
    .globl common
common:
    addis   4, 0, trap_info@h
    ori     4, 4, trap_info@l
    mfspr   5, 26
    std     5, 0(4)
    mfspr   5, 27
    std     5, 8(4)
    mfspr   5, 19
    std     5, 16(4)
    mfspr   5, 18
    std     5, 24(4)
    addis   4, 0, trap_context@h
    ori     4, 4, trap_context@l
    b       back

    /* int trap(void (*fn)(long), long arg): 0 when fn returned, else the vector */
    .globl trap
trap:
    addis   5, 0, trap_context@h
    ori     5, 5, trap_context@l
    std     1, 0(5)
    std     2, 8(5)
    mflr    6
    std     6, 16(5)
    mfcr    6
    std     6, 24(5)
    mfmsr   6
    std     6, 32(5)
    .set    i, 14
    .rept   18
    std     i, (40 + (i - 14) * 8)(5)
    .set    i, i + 1
    .endr
    stdu    1, -64(1)
    mr      12, 3
    mtctr   12
    mr      3, 4
    bctrl
    addis   4, 0, trap_context@h
    ori     4, 4, trap_context@l
    li      3, 0
back:
    ld      1, 0(4)
    ld      2, 8(4)
    ld      6, 16(4)
    mtlr    6
    ld      6, 24(4)
    mtcr    6
    ld      6, 32(4)
    .set    i, 14
    .rept   18
    ld      i, (40 + (i - 14) * 8)(4)
    .set    i, i + 1
    .endr
    mtmsrd  6
    isync
    blr

    /* long hcall(number, a, b, c, d, e): the values that came back are in hcall_out */
    .globl hcall
hcall:
    stdu    1, -96(1)
    .set    i, 28
    .rept   4
    std     i, (64 + (i - 28) * 8)(1)
    .set    i, i + 1
    .endr
    mfcr    28
    mflr    29
    sc      1
    mtlr    29
    mtcr    28
    addis   9, 0, hcall_out@h
    ori     9, 9, hcall_out@l
    std     4, 0(9)
    std     5, 8(9)
    std     6, 16(9)
    std     7, 24(9)
    .set    i, 28
    .rept   4
    ld      i, (64 + (i - 28) * 8)(1)
    .set    i, i + 1
    .endr
    addi    1, 1, 96
    blr

    /* With data translation on and nothing but registers in between */
    .macro  translated
    mfmsr   5
    ori     6, 5, 0x10
    mtmsrd  6
    isync
    .endm
    .macro  real
    mtmsrd  5
    isync
    .endm
    .globl mmu_load
mmu_load:
    translated
    ld      3, 0(3)
    real
    blr
    .globl mmu_store
mmu_store:
    translated
    std     4, 0(3)
    real
    blr

    /* void jump(pc, msr) */
    .globl jump
jump:
    mtspr   26, 3
    mtspr   27, 4
    rfid

    /* u64 little_endian(address): MSR[LE] on, one load in little-endian code, MSR[LE] off; rfid both ways */
    .globl little_endian
little_endian:
    mflr    9
    mfmsr   10
    bcl     20, 31, 2f
2:  mflr    8
    addi    6, 8, 3f - 2b
    addi    8, 8, 4f - 2b
    mtspr   26, 6
    ori     7, 10, 1
    mtspr   27, 7
    rfid
    /* the same instructions, bytes turned round */
3:  .long   0x000083e8          /* ld 4, 0(3) */
    .long   0xa6031a7d          /* mtspr 26, 8 */
    .long   0xa6035b7d          /* mtspr 27, 10 */
    .long   0x2400004c          /* rfid */
4:  mr      3, 4
    mtlr    9
    blr

    .bss
    .balign 16
    .globl trap_info, hcall_out
trap_info: .space 32
hcall_out: .space 32
trap_context: .space 40 + 18 * 8
