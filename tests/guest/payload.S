/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bare-metal 64-bit big-endian payload for the QEMU pseries machine (-bios).
 * Loaded at 0, entered at 0x100 in real mode, r3 = flat device tree.
 * Fills known register/memory state, then loops verifying it and printing.
 *   -DVPA     register a VPA/SLB shadow/DTL per CPU
 *   -DMODE=n  negotiate the compatibility mode with this architected PVR (ibm,client-architecture-support)
 *   -DNV      powernv variant: no hcalls (no output), HV state
 */
#define PERCPU   0x20000
#define PAGES    0x100000
#define NPAGES   16
/* per-cpu offsets */
#define O_LAPS   0x00
#define O_TICKS  0x08
#define O_BAD    0x10
#define O_UNEXP  0x18
#define O_VEC    0x20
#define O_SKIP   0x28
#define O_ID     0x30
#define O_MSR    0x38
#define O_S4     0x40
#define O_S5     0x48
#define O_FDT    0x50
#define O_FPSCR  0x58
#define O_VSCR   0x60   /* 16 bytes */
#define O_SLBN   0x70
#define O_HRC    0x78
#define O_RAN    0x80   /* what problem state has: a bit an instruction (see `probes`), set: it ran */
#define O_TRAP   0x88   /* set: it did not */
#define O_TMPV   0x400  /* 64*16 */
#define O_SPRX   0x800  /* expected spr values */
#define O_SLBX   0xa00
#define DECVAL   51200000      /* 10 Hz at 512 MHz */
#define PROBE_EA 0x30000000    /* where problem state finds `probes`, and with which VSID */
#define PROBE_VS 0x40

	.macro LI64 r, v
	lis \r, (\v >> 48) & 0xffff
	ori \r, \r, (\v >> 32) & 0xffff
	sldi \r, \r, 32
	oris \r, \r, (\v >> 16) & 0xffff
	ori \r, \r, \v & 0xffff
	.endm

	.macro SKIPVEC off
	. = \off
	mtsprg0 3
	mfcr 3
	std 3, O_S4(1)
	ld 3, O_SKIP(1)
	addi 3, 3, 1
	std 3, O_SKIP(1)
	mfspr 3, 26
	addi 3, 3, 4
	mtspr 26, 3
	ld 3, O_S4(1)
	mtcrf 0xff, 3
	mfsprg0 3
	rfid
	.endm
	.macro UNEXPVEC off
	. = \off
	mtsprg0 3
	ld 3, O_UNEXP(1)
	addi 3, 3, 1
	std 3, O_UNEXP(1)
	li 3, \off
	std 3, O_VEC(1)
	mfsprg0 3
	rfid
	.endm
	.macro SKIPVECB off
	. = \off
	b skip_common
	.endm
	.macro UNEXPVECB off
	. = \off
	mtsprg0 3
	li 3, \off
	b unexp_common
	.endm

	.machine power9
	.text
	.globl _start
_start:
	.ascii "REFPAYLOADPPC64B"
	. = 0x10
#ifdef NV
	b start               /* powernv enters at 0x10 in HV mode */
	.long 0
#else
	.quad 0x0123456789abcdef
#endif
	. = 0x100
	b start
	UNEXPVEC 0x200
	UNEXPVEC 0x300
	UNEXPVECB 0x380
	UNEXPVEC 0x400
	UNEXPVECB 0x480
	UNEXPVEC 0x500
	UNEXPVEC 0x600
	SKIPVEC 0x700
	UNEXPVEC 0x800
	. = 0x900
	mtsprg0 3
	ld 3, O_TICKS(1)
	addi 3, 3, 1
	std 3, O_TICKS(1)
	lis 3, DECVAL@h
	ori 3, 3, DECVAL@l
	mtdec 3
	mfsprg0 3
	rfid
	UNEXPVECB 0x980
	UNEXPVECB 0xa00
	UNEXPVECB 0xb00
#ifdef NV
	UNEXPVECB 0xc00
#else
	. = 0xc00
	b probed_common
#endif
	UNEXPVECB 0xd00
	UNEXPVECB 0xe00
	UNEXPVECB 0xe20
#ifdef NV
	. = 0xe40
	b skip_hv
#else
	SKIPVECB 0xe40
#endif
	UNEXPVECB 0xe60
	UNEXPVECB 0xe80
	UNEXPVECB 0xf00
	SKIPVECB 0xf20
	SKIPVECB 0xf40
	SKIPVECB 0xf60
#ifdef NV
	. = 0xf80
	b skip_hv
#else
	SKIPVECB 0xf80
#endif

	. = 0x1000
skip_common:
	mtsprg0 3
	mfcr 3
	std 3, O_S4(1)
	ld 3, O_SKIP(1)
	addi 3, 3, 1
	std 3, O_SKIP(1)
	mfspr 3, 26
	addi 3, 3, 4
	mtspr 26, 3
	ld 3, O_S4(1)
	mtcrf 0xff, 3
	mfsprg0 3
	rfid
#ifdef NV
skip_hv:
	mtsprg0 3
	mfcr 3
	std 3, O_S4(1)
	ld 3, O_SKIP(1)
	addi 3, 3, 1
	std 3, O_SKIP(1)
	mfspr 3, 314
	addi 3, 3, 4
	mtspr 314, 3
	ld 3, O_S4(1)
	mtcrf 0xff, 3
	mfsprg0 3
	.long 0x4c000224      /* hrfid */
#endif
probed_common:                 /* the end of the probes */
	mtsprg0 3
	lis 3, probed@h
	ori 3, 3, probed@l
	mtspr 26, 3
	ld 3, O_MSR(1)
	mtspr 27, 3
	mfsprg0 3
	rfid
unexp_common:
	std 3, O_VEC(1)
	ld 3, O_UNEXP(1)
	addi 3, 3, 1
	std 3, O_UNEXP(1)
	mfsprg0 3
	rfid

	. = 0x2000
start:
	lis 1, PERCPU@h
	ori 1, 1, PERCPU@l
	std 3, O_FDT(1)
	li 4, 0
	std 4, O_BAD(1)
#ifdef MODE
	li 3, 0
	ori 3, 3, 0xf002
	lis 4, vectors@h
	ori 4, 4, vectors@l
	lis 5, 0x80                /* the new tree, which nobody reads */
	lis 6, 0x8
	.long 0x44000022
	cmpdi 3, 0
	beq 1f
	li 4, 0x800
	std 4, O_BAD(1)
1:
	ld 3, O_FDT(1)
#endif
	/* wipe the device tree and the RTAS page so RAM holds only our bytes */
#ifndef NV
	lwz 4, 4(3)
	addi 4, 4, 0xfff
	srdi 4, 4, 3
	mtctr 4
	li 5, 0
	mr 6, 3
1:	std 5, 0(6)
	addi 6, 6, 8
	bdnz 1b
#endif
	/* pattern pages: even pages full 64-bit LCG, odd pages one repeated byte = page number */
	lis 4, PAGES@h
	li 7, 0
	LI64 8, 0x5851f42d4c957f2d
	LI64 9, 0x14057b7ef767814f
	li 10, 1
2:	li 6, 512
	mtctr 6
	andi. 0, 7, 1
	bne 4f
3:	mulld 10, 10, 8
	add 10, 10, 9
	std 10, 0(4)
	addi 4, 4, 8
	bdnz 3b
	b 5f
4:	LI64 11, 0x0101010101010101
	mulld 11, 11, 7
41:	std 11, 0(4)
	addi 4, 4, 8
	bdnz 41b
5:	addi 7, 7, 1
	cmpdi 7, NPAGES
	bne 2b
#ifndef NV
	/* hash entries (pre-POWER9 only): H_ENTER exact */
	mfspr 4, 287
	srdi 4, 4, 16
	cmplwi 4, 0x4d
	bgt 6f
	li 3, 0x08
	LI64 4, 0x0000008000000000
	li 5, 0x10
	LI64 6, 0x0000123456789081
	LI64 7, 0x0000000000100010
	.long 0x44000022
	li 3, 0x08
	LI64 4, 0x0000008000000000
	li 5, 0x11
	LI64 6, 0x00000aaaabbbbc01
	LI64 7, 0x0000000000101192
	.long 0x44000022
	li 3, 0x08
	LI64 4, 0x0000008000000000
	li 5, 0x1237
	LI64 6, 0x0000055554444381
	LI64 7, 0x0000000000102013
	.long 0x44000022
6:
	li 3, 0x08                 /* the page of the probes */
	li 4, 0
	li 5, PROBE_VS * 8
	lis 6, PROBE_VS >> 4
	ori 6, 6, (PROBE_VS << 12 & 0xffff) | 1
	li 7, probes
	ori 7, 7, 0x412            /* of key 2, which IAMR lets execute */
	.long 0x44000022
	/* start-cpu for ids 1..31, tokens via H_RTAS */
	li 20, 1
	lis 21, 0x7
7:	lis 4, 0
	ori 4, 4, 0x2006
	stw 4, 0(21)
	li 4, 3
	stw 4, 4(21)
	li 4, 1
	stw 4, 8(21)
	stw 20, 12(21)
	lis 4, secondary@h
	ori 4, 4, secondary@l
	stw 4, 16(21)
	stw 20, 20(21)
	li 4, -1
	stw 4, 24(21)
	li 3, 0
	ori 3, 3, 0xf000
	mr 4, 21
	.long 0x44000022
	addi 20, 20, 1
	cmpdi 20, 32
	bne 7b
#endif
	li 3, 0
	b common
secondary:
	/* r3 = id */
	clrldi 3, 3, 59
	sldi 4, 3, 12
	lis 1, PERCPU@h
	ori 1, 1, PERCPU@l
	add 1, 1, 4
	li 4, 0
	std 4, O_BAD(1)
common:
	std 3, O_ID(1)
	/* MSR: FP VEC VSX (TM if there) ME RI, EE later */
	mfmsr 4
	lis 5, 0x0280
	ori 5, 5, 0x3002
	or 4, 4, 5
	li 5, 1
	sldi 5, 5, 32
	or 4, 4, 5
	li 5, 1
	sldi 5, 5, 63          /* 7.2 enters with MSR[SF]=0, 2.6/2.7 with SF=1 */
	or 4, 4, 5
	mtmsrd 4
	isync
#ifndef NV
#ifdef VPA
	/* VPA at 0x40000 + id*0x1000, SLB shadow +0x400, DTL +0x800 */
	ld 10, O_ID(1)
	sldi 10, 10, 12
	addis 10, 10, 4
	li 5, 0x280
	sth 5, 4(10)
	li 5, 0x100
	stw 5, 0x404(10)
	li 5, 0x400
	stw 5, 0x804(10)
	li 3, 0xdc
	LI64 4, 0x0000200000000000
	ld 5, O_ID(1)
	mr 6, 10
	.long 0x44000022
	std 3, O_HRC(1)
	ld 10, O_ID(1)
	sldi 10, 10, 12
	addis 10, 10, 4
	li 3, 0xdc
	LI64 4, 0x0000600000000000
	ld 5, O_ID(1)
	addi 6, 10, 0x400
	.long 0x44000022
	ld 10, O_ID(1)
	sldi 10, 10, 12
	addis 10, 10, 4
	li 3, 0xdc
	LI64 4, 0x0000400000000000
	ld 5, O_ID(1)
	addi 6, 10, 0x800
	.long 0x44000022
#endif
	/* H_CPPR 7, own MFRR 0x0a */
	li 3, 0x68
	li 4, 7
	.long 0x44000022
	li 3, 0x6c
	ld 4, O_ID(1)
	li 5, 0x0a
	.long 0x44000022
#endif
	/* SPRs */
	LI64 4, 0x1111111100000001
	mtspr 273, 4
	LI64 4, 0x2222222200000002
	mtspr 274, 4
	LI64 4, 0x3333333300000003
	mtspr 275, 4
	LI64 4, 0x000000dada0da000
	mtspr 19, 4
	LI64 4, 0x0000000040000042
	mtspr 18, 4
	LI64 4, 0x00000000a5a5f00f
	mtspr 256, 4
	LI64 4, 0x5
	mtspr 17, 4
	LI64 4, 0x8000000000000001
	mtspr 896, 4
	/* freeze counters first */
	lis 4, 0x8000
	clrldi 4, 4, 32
	mtspr 795, 4
	li 4, 0x51
	mtspr 787, 4
	li 4, 0x52
	mtspr 788, 4
	li 4, 0x53
	mtspr 789, 4
	li 4, 0x54
	mtspr 790, 4
	li 4, 0x55
	mtspr 791, 4
	li 4, 0x56
	mtspr 792, 4
	LI64 4, 0x0000517e00005178
	mtspr 796, 4
	LI64 4, 0x00005dae00005da0
	mtspr 797, 4
	LI64 4, 0x00000000000a0a0a
	mtspr 786, 4
	LI64 4, 0x0000000000000b0b
	mtspr 798, 4
	LI64 4, 0x0c00000000000000
	mtspr 785, 4
	LI64 4, 0xf0f000000000000f
	mtspr 29, 4
	LI64 4, 0xffff00000000ffff
	mtspr 157, 4
	LI64 4, 0x4000000000000004
	mtspr 61, 4
	LI64 4, 0x8000000000000100
	mtspr 153, 4
	LI64 4, 0x000000000007a700
	mtspr 815, 4
	LI64 4, 0x00000000000ebb00
	mtspr 804, 4
	LI64 4, 0x00000000000ebb44
	mtspr 805, 4
	LI64 4, 0x123
	mtspr 48, 4
	LI64 4, 0x00000000007f4000
	mtspr 128, 4
	LI64 4, 0x00000000007f1000
	mtspr 129, 4
	LI64 4, 0x0000000000001234
	mtspr 895, 4
	LI64 4, 0x0000000000000321
	mtspr 144, 4
	LI64 4, 0x00000000000000ab
	mtspr 31, 4
	/* SLB (pre-POWER9) */
#ifndef NV
	mfspr 4, 287
	srdi 4, 4, 16
	cmplwi 4, 0x4d
	bgt 8f
	LI64 5, 0xc000000008000001
	LI64 6, 0x0123456789a00480
	slbmte 6, 5
	LI64 5, 0x0000000018000002
	LI64 6, 0x00abcdef12300080
	slbmte 6, 5
	LI64 5, 0xd000000008000005
	LI64 6, 0x0055aa55aa500590
	slbmte 6, 5
8:	lis 5, (PROBE_EA | 0x8000000)@h
	ori 5, 5, 7
	lis 6, PROBE_VS >> 4
	ori 6, 6, PROBE_VS << 12 & 0xffff
	slbmte 6, 5
#endif
	/* FP/VSX/VR */
	lis 4, fptab@h
	ori 4, 4, fptab@l
	.set i, 0
	.rept 64
	addi 5, 4, i*16
	lxvd2x i, 0, 5
	.set i, i+1
	.endr
	/* FPSCR RN=2, a sticky bit; VSCR NJ+SAT */
	mtfsfi 7, 2
	mtfsb1 3
	mffs 0
	stfd 0, O_FPSCR(1)
	lxvd2x 0, 0, 4
	addi 5, 1, O_TMPV
	li 6, 0
	std 6, 0(5)
	std 6, 8(5)
	lis 6, 1
	ori 6, 6, 1
	stw 6, 12(5)
	lvx 0, 0, 5
	mtvscr 0
	mfvscr 0
	addi 5, 1, O_VSCR
	stvx 0, 0, 5
	addi 5, 4, 32*16
	lxvd2x 32, 0, 5
	/* record read-back SPRs */
	li 31, 0
	bl read_sprs_record
	/* SLB read back */
	addi 6, 1, O_SLBX
	li 7, 0
9:	li 8, 0
	li 9, 0
	slbmfee 8, 7
	slbmfev 9, 7
	std 8, 0(6)
	std 9, 8(6)
	addi 6, 6, 16
	addi 7, 7, 1
	cmpdi 7, 8
	bne 9b
	li 0, 0
	std 0, O_TICKS(1)
	std 0, O_UNEXP(1)
	std 0, O_LAPS(1)
	lis 3, DECVAL@h
	ori 3, 3, DECVAL@l
	mtdec 3
	mfmsr 4
	ori 4, 4, 0x8000
	mtmsrd 4
	isync
	mfmsr 4
	std 4, O_MSR(1)
	/* known GPRs r13..r30 (r31 scratch call depth) */
	.set i, 13
	.rept 19
	lis i, 0x7000+i
	ori i, i, 0x1100+i
	sldi i, i, 32
	oris i, i, 0xc000+i
	ori i, i, 0x2200+i
	.set i, i+1
	.endr
	li 2, 0x2222
	LI64 4, 0x5a5a1e78
	mtcrf 0x3e, 4

loop:
	ld 3, O_LAPS(1)
	addi 3, 3, 1
	std 3, O_LAPS(1)
	li 12, 0              /* bad mask */
	/* CR fields 2..6 */
	mfcr 4
	rlwinm 4, 4, 0, 8, 27
	lis 5, 0x005a
	ori 5, 5, 0x1e70
	cmpw 4, 5
	beq 1f
	ori 12, 12, 0x20
1:
	/* GPRs */
	.set i, 13
	.rept 19
	lis 4, 0x7000+i
	ori 4, 4, 0x1100+i
	sldi 4, 4, 32
	oris 4, 4, 0xc000+i
	ori 4, 4, 0x2200+i
	xor 4, 4, i
	cmpdi 4, 0
	beq 1f
	ori 12, 12, 1
1:
	.set i, i+1
	.endr
	/* MSR */
	mfmsr 4
	ld 5, O_MSR(1)
	cmpd 4, 5
	beq 1f
	ori 12, 12, 0x80
1:
	/* VSX+VR */
	addi 5, 1, O_TMPV
	.set i, 0
	.rept 64
	stxvd2x i, 0, 5
	addi 5, 5, 16
	.set i, i+1
	.endr
	addi 5, 1, O_TMPV
	lis 4, fptab@h
	ori 4, 4, fptab@l
	li 6, 64
	mtctr 6
	li 7, 2
1:	ld 8, 0(5)
	ld 9, 0(4)
	cmpd 8, 9
	bne 2f
	ld 8, 8(5)
	ld 9, 8(4)
	cmpd 8, 9
	beq 3f
2:	or 12, 12, 7
3:	addi 5, 5, 16
	addi 4, 4, 16
	mfctr 8
	cmpdi 8, 33
	bne 4f
	li 7, 4
4:	bdnz 1b
	/* FPSCR, VSCR */
	mffs 0
	stfd 0, O_TMPV(1)
	ld 4, O_TMPV(1)
	ld 5, O_FPSCR(1)
	cmpd 4, 5
	beq 1f
	ori 12, 12, 0x100
1:	lis 4, fptab@h
	ori 4, 4, fptab@l
	lxvd2x 0, 0, 4
	addi 5, 1, O_TMPV
	mfvscr 0
	stvx 0, 0, 5
	ld 6, 8(5)
	ld 7, O_VSCR+8(1)
	cmpd 6, 7
	beq 1f
	ori 12, 12, 0x400
1:	addi 5, 4, 32*16
	lxvd2x 32, 0, 5
	/* SPRs */
	bl check_sprs
	/* SLB */
	addi 6, 1, O_SLBX
	li 7, 0
9:	li 8, 0
	li 9, 0
	slbmfee 8, 7
	slbmfev 9, 7
	ld 10, 0(6)
	cmpd 8, 10
	bne 10f
	ld 10, 8(6)
	cmpd 9, 10
	beq 11f
10:	ori 12, 12, 0x200
11:	addi 6, 6, 16
	addi 7, 7, 1
	cmpdi 7, 8
	bne 9b
#ifndef NV
	/* problem state, in which PCR counts; from here to rfid nothing may interrupt */
	mfmsr 5
	li 6, 2
	mtmsrd 6, 1
	ori 5, 5, 0x4030           /* PR, and IR and DR, which 2.5 wants said */
	mtspr 27, 5
	lis 6, PROBE_EA@h
	mtspr 26, 6
	rfid
probed:
	std 7, O_RAN(1)
	xori 7, 7, 15
	std 7, O_TRAP(1)
#endif
	/* memory */
	lis 4, PAGES@h
	li 7, 0
	LI64 8, 0x5851f42d4c957f2d
	LI64 9, 0x14057b7ef767814f
	li 10, 1
2:	li 6, 512
	mtctr 6
	andi. 0, 7, 1
	bne 4f
3:	mulld 10, 10, 8
	add 10, 10, 9
	ld 11, 0(4)
	cmpd 11, 10
	bne 42f
	addi 4, 4, 8
	bdnz 3b
	b 5f
4:	LI64 11, 0x0101010101010101
	mulld 11, 11, 7
41:	ld 0, 0(4)
	cmpd 0, 11
	bne 42f
	addi 4, 4, 8
	bdnz 41b
	b 5f
42:	ori 12, 12, 0x10
	b 6f
5:	addi 7, 7, 1
	cmpdi 7, NPAGES
	bne 2b
6:
	ld 4, O_UNEXP(1)
	cmpdi 4, 0
	beq 1f
	ori 12, 12, 0x40
1:	ld 4, O_BAD(1)
	or 12, 12, 4
	std 12, O_BAD(1)
	/* print on CPU 0 each 128 laps */
#ifndef NV
	ld 4, O_ID(1)
	cmpdi 4, 0
	bne 9f
	ld 3, O_LAPS(1)
	andi. 0, 3, 127
	bne 9f
	/* "C%08x T%05x" */
	bl hex8            /* r3 -> r6 (8 chars) */
	/* assemble: bytes 'C' + 8 + ' ' 'T' + last 5 */
	li 7, 'C'
	addi 10, 1, O_TMPV
	stb 7, 0(10)
	addi 11, 10, 1
	std 6, 0(11)
	li 7, ' '
	stb 7, 9(10)
	li 7, 'T'
	ld 3, O_TICKS(1)
	bl hex8
	std 6, 8+0x10(10)
	stb 7, 10(10)
	lwz 8, 0x10+8+3(10)
	stw 8, 11(10)
	lbz 8, 0x10+8+7(10)
	stb 8, 15(10)
	ld 6, 0(10)
	ld 7, 8(10)
	li 8, 16
	bl putn
	/* " B%08x" */
	ld 3, O_BAD(1)
	bl hex8
	addi 10, 1, O_TMPV
	li 7, ' '
	stb 7, 0(10)
	li 7, 'B'
	stb 7, 1(10)
	addi 11, 10, 2
	std 6, 0(11)
	li 7, ' '
	stb 7, 10(10)
	li 7, 'V'
	stb 7, 11(10)
	ld 3, O_VEC(1)
	bl hex8
	stw 6, 12(10)
	ld 6, 0(10)
	ld 7, 8(10)
	li 8, 16
	bl putn
	/* " S%08x" sum of the other cpus' laps and or of their bad */
	addi 10, 1, 0x1000
	li 3, 0
	li 5, 31
	mtctr 5
1:	ld 4, O_LAPS(10)
	add 3, 3, 4
	addi 10, 10, 0x1000
	bdnz 1b
	bl hex8
	addi 10, 1, O_TMPV
	li 7, ' '
	stb 7, 0(10)
	li 7, 'S'
	stb 7, 1(10)
	addi 11, 10, 2
	std 6, 0(11)
	li 7, '/'
	stb 7, 10(10)
	addi 11, 1, 0x1000
	li 3, 0
	li 5, 31
	mtctr 5
1:	ld 4, O_BAD(11)
	or 3, 3, 4
	addi 11, 11, 0x1000
	bdnz 1b
	bl hex8
	std 6, 0x10(10)
	lwz 6, 0x14(10)
	stw 6, 11(10)
	ld 6, 0(10)
	ld 7, 8(10)
	li 8, 15
	bl putn
	/* " <tb> P", what problem state has of all processors, and what it has not */
	mftb 3
	srdi 3, 3, 20
	bl hex8
	addi 10, 1, O_TMPV
	li 7, ' '
	stb 7, 0(10)
	stb 7, 9(10)
	addi 11, 10, 1
	std 6, 0(11)
	li 7, 'P'
	stb 7, 10(10)
	ld 6, 0(10)
	ld 7, 8(10)
	li 8, 11
	bl putn
	mr 10, 1
	li 3, 0
	li 5, 32
	mtctr 5
1:	ld 4, O_RAN(10)
	ld 5, O_TRAP(10)
	sldi 4, 4, 16
	or 3, 3, 4
	or 3, 3, 5
	addi 10, 10, 0x1000
	bdnz 1b
	bl hex8
	LI64 7, 0x0d0a000000000000
	li 8, 10
	bl putn
9:
#endif
	LI64 4, 0x5a5a1e78
	mtcrf 0x3e, 4
	b loop

	/* r6:r7 = chars, r8 = len */
putn:
	li 3, 0x58
	lis 4, 0x7100
	mr 5, 8
	.long 0x44000022
	blr

	/* r3 (low 32) -> r6: 8 ascii chars; clobbers r4 r5 r8 r9 */
hex8:
	li 6, 0
	li 5, 8
1:	rlwinm 3, 3, 4, 0, 31
	andi. 8, 3, 15
	cmpdi 8, 10
	addi 8, 8, '0'
	blt 2f
	addi 8, 8, 39
2:	sldi 6, 6, 8
	or 6, 6, 8
	addi 5, 5, -1
	cmpdi 5, 0
	bne 1b
	blr

	.macro ALLSPR m
	\m 273, 0
	\m 274, 1
	\m 275, 2
	\m 19, 3
	\m 18, 4
	\m 256, 5
	\m 17, 6
	\m 896, 7
	\m 795, 8
	\m 787, 9
	\m 788, 10
	\m 789, 11
	\m 790, 12
	\m 791, 13
	\m 792, 14
	\m 796, 15
	\m 797, 16
	\m 786, 17
	\m 798, 18
	\m 785, 19
	\m 29, 20
	\m 157, 21
	\m 61, 22
	\m 153, 23
	\m 815, 24
	\m 804, 25
	\m 805, 26
	\m 48, 27
	\m 128, 28
	\m 129, 29
	\m 895, 30
	\m 144, 31
	\m 31, 32
	\m 287, 33
	.endm
	.macro RECSPR n, k
	li 4, 0
	mfspr 4, \n
	std 4, O_SPRX+8*\k(1)
	.endm
	.macro CHKSPR n, k
	li 4, 0
	mfspr 4, \n
	ld 5, O_SPRX+8*\k(1)
	cmpd 4, 5
	beq 77f
	ori 12, 12, 8
	rlwinm 12, 12, 0, 16, 31
	oris 12, 12, \n
77:
	.endm
read_sprs_record:
	ALLSPR RECSPR
	blr
check_sprs:
	ALLSPR CHKSPR
	blr

	.balign 16
fptab:
	.set i, 0
	.rept 64
	.quad 0x3ff0000000000000 + (i << 40) + 0x11223300 + i
	.quad 0xfedc000000000000 + (i << 32) + 0xa5a50000 + i
	.set i, i+1
	.endr
	#ifdef MODE
vectors:
	.long 0xffffffff, MODE, 0xfffffffe, 0x0f000001
	.byte 4, 2, 0, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 26     /* five vectors; of 1 the versions of the architecture, nothing of the others */
	.space 27
#endif
	/* Runs in problem state, one page: r7 has a bit for each instruction that does what it should. An illegal one is skipped. */
	. = 0x7000
probes:
	.macro PROBE bit, insn:vararg
	li 3, -1
	\insn
	cmpdi 3, -1
	beq 1f
	ori 7, 7, 1 << \bit
1:
	.endm
	.machine power10
	li 4, 0
	li 7, 0
	PROBE 0, popcntd 3, 4      /* ISA 2.06 */
	PROBE 1, mfspr 3, 815      /* TAR, 2.07 */
	PROBE 2, maddld 3, 4, 4, 4 /* 3.0 */
	PROBE 3, setbc 3, 0        /* 3.1 */
	sc
	. = 0x8000
