/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A 32-bit client, linked high as a zImage is: finds its console, says hello, leaves. Wherever it is loaded. */
    .globl _start
_start:
    bcl 20,31,1f
1:  mflr 31
    mr 30,5
    addi 3,31,(cfind-1b)
    addi 9,31,(pchosen-1b)
    stw 9,12(3)
    addi 9,31,(sfind-1b)
    stw 9,0(3)
    mtctr 30
    bctrl
    addi 3,31,(cfind-1b)
    lwz 4,16(3)
    addi 3,31,(cget-1b)
    stw 4,12(3)
    addi 9,31,(sget-1b)
    stw 9,0(3)
    addi 9,31,(pout-1b)
    stw 9,16(3)
    addi 9,31,(hout-1b)
    stw 9,20(3)
    mtctr 30
    bctrl
    addi 3,31,(cwr-1b)
    addi 9,31,(swr-1b)
    stw 9,0(3)
    lwz 9,(hout-1b)(31)
    stw 9,12(3)
    addi 9,31,(msg-1b)
    stw 9,16(3)
    mtctr 30
    bctrl
    addi 3,31,(cex-1b)
    addi 9,31,(sex-1b)
    stw 9,0(3)
    mtctr 30
    bctrl
2:  b 2b
    .balign 4
cfind: .long 0,1,1,0,0
cget: .long 0,4,1,0,0,0,4,0
cwr: .long 0,3,1,0,0,13,0
cex: .long 0,0,0
hout: .long 0
sfind: .asciz "finddevice"
sget: .asciz "getprop"
swr: .asciz "write"
sex: .asciz "exit"
pchosen: .asciz "/chosen"
pout: .asciz "stdout"
msg: .ascii "hello 32-bit\n"
