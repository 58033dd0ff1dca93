/*
 * The peer's side of the random instruction test: a freestanding program for qemu-ppc64 and qemu-ppc64le.
 *
 * It maps the slots (file descriptor 3), and for each pair (first, count) that it reads from standard input runs those
 * slots and writes one byte back. A snippet is entered with every register as the slot says and leaves to ISA_EXIT,
 * which stores them all. What it raises arrives as a signal whose frame holds the registers.
 *
 * The signal frame is that of arch/powerpc/include/uapi/asm/ucontext.h and sigcontext.h in Linux.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "case.h"

typedef unsigned long u64;

#define STR_(x) #x
#define STR(x) STR_(x)
#define IN(i) STR(ISA_STATE_IN) "+8*(" STR(i) ")"
#define OUT(i) STR(ISA_STATE_OUT) "+8*(" STR(i) ")"

/* Linked at ISA_EXIT, isa_exit first. */
asm(".section .isa_exit,\"ax\"\n"
    ".globl isa_exit, isa_enter, isa_leave, isa_restorer\n"
    "isa_exit:\n"
    ".set i, 0\n .rept 32\n std i, " STR(ISA_STATE_OUT) "+8*i(0)\n .set i, i+1\n .endr\n"
    "mfcr 3\n std 3, " OUT(ISA_CR) "(0)\n"
    "mfxer 3\n std 3, " OUT(ISA_XER) "(0)\n"
    "mflr 3\n std 3, " OUT(ISA_LR) "(0)\n"
    "mfctr 3\n std 3, " OUT(ISA_CTR) "(0)\n"
    "mfspr 3, 256\n std 3, " OUT(ISA_VRSAVE) "(0)\n"
    ".set i, 0\n .rept 64\n li 3, " STR(ISA_STATE_OUT) "+8*" STR(ISA_VSR) "+16*i\n stxvd2x i, 0, 3\n .set i, i+1\n .endr\n"
    "mffs 0\n stfd 0, " OUT(ISA_FPSCR) "(0)\n"
    "mfvscr 0\n li 3, " OUT(ISA_SIGNAL) "\n stxvd2x 32, 0, 3\n ld 3, " OUT(ISA_NIP) "(0)\n std 3, " OUT(ISA_VSCR) "(0)\n"
    "li 3, 0\n std 3, " OUT(ISA_SIGNAL) "(0)\n std 3, " OUT(ISA_NIP) "(0)\n"
    "isa_leave:\n"
    ".set i, 1\n .rept 31\n ld i, " STR(ISA_SAVE) "+8*i(0)\n .set i, i+1\n .endr\n"
    "ld 0, " STR(ISA_SAVE) "(0)\n mtlr 0\n ld 0, " STR(ISA_SAVE) "+8*32(0)\n mtcr 0\n blr\n"
    /* isa_enter(snippet): its head loads CTR, which takes us there, and r3. */
    "isa_enter:\n"
    "mflr 0\n std 0, " STR(ISA_SAVE) "(0)\n mfcr 0\n std 0, " STR(ISA_SAVE) "+8*32(0)\n"
    ".set i, 1\n .rept 31\n std i, " STR(ISA_SAVE) "+8*i(0)\n .set i, i+1\n .endr\n"
    "li 4, " STR(ISA_SAVE) "+0x200\n stdcx. 4, 0, 4\n"        /* no reservation of a case before */
    "mtctr 3\n"
    "ld 3, " IN(ISA_VSCR) "(0)\n std 3, " IN(ISA_NIP) "(0)\n li 3, " IN(ISA_SIGNAL) "\n lxvd2x 32, 0, 3\n mtvscr 0\n"
    "lfd 0, " IN(ISA_FPSCR) "(0)\n mtfsf 0xff, 0, 1, 0\n"
    ".set i, 0\n .rept 64\n li 3, " STR(ISA_STATE_IN) "+8*" STR(ISA_VSR) "+16*i\n lxvd2x i, 0, 3\n .set i, i+1\n .endr\n"
    "ld 3, " IN(ISA_VRSAVE) "(0)\n mtspr 256, 3\n"
    "ld 3, " IN(ISA_LR) "(0)\n mtlr 3\n"
    "ld 3, " IN(ISA_XER) "(0)\n mtxer 3\n"
    "ld 3, " IN(ISA_CR) "(0)\n mtcr 3\n"
    ".set i, 0\n .rept 32\n ld i, " STR(ISA_STATE_IN) "+8*i(0)\n .set i, i+1\n .endr\n"
    "bctr\n"
    "isa_restorer: li 0, 172\n sc\n"
    ".previous\n");
void isa_enter(u64 snippet);
extern char isa_leave[], isa_restorer[];

static long syscall6(long n, long a, long b, long c, long d, long e, long f)
{
    register long r0 asm("0") = n, r3 asm("3") = a, r4 asm("4") = b, r5 asm("5") = c, r6 asm("6") = d, r7 asm("7") = e,
                  r8 asm("8") = f;

    asm volatile("sc\n bns+ 1f\n neg 3, 3\n1:"
                 : "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7), "+r"(r8)
                 :: "9", "10", "11", "12", "cr0", "ctr", "memory");
    return r3;
}

enum { SYS_EXIT = 1, SYS_READ = 3, SYS_WRITE = 4, SYS_MMAP = 90, SYS_RT_SIGACTION = 173, SYS_SIGALTSTACK = 185 };

typedef struct Frame {          /* struct ucontext */
    u64 flags, link, stack[3], mask[16];
    u64 unused[4];
    int signal, pad;
    u64 handler, oldmask, regs;
    u64 gpr[32], nip, msr, orig_gpr3, ctr, link_reg, xer, ccr, softe, trap, dar, dsisr, result, rest[4];
    u64 fpr[32], fpscr;
    u64 (*vmx)[2];              /* 32 registers, VSCR, VRSAVE, then VSR 0..31's second doublewords */
} Frame;

static void handler(int sig, void *info, Frame *f)
{
    u64 *out = (u64 *)ISA_STATE_OUT;

    for (int i = 0; i < 32; i++) {
        out[ISA_GPR + i] = f->gpr[i];
        out[ISA_VSR + 2 * i] = f->fpr[i];
        out[ISA_VSR + 2 * i + 1] = ((u64 *)f->vmx[34])[i];
#ifdef __LITTLE_ENDIAN__
        out[ISA_VSR + 64 + 2 * i] = f->vmx[i][1];
        out[ISA_VSR + 65 + 2 * i] = f->vmx[i][0];
#else
        out[ISA_VSR + 64 + 2 * i] = f->vmx[i][0];
        out[ISA_VSR + 65 + 2 * i] = f->vmx[i][1];
#endif
    }
    out[ISA_CR] = f->ccr;
    out[ISA_XER] = f->xer;
    out[ISA_LR] = f->link_reg;
    out[ISA_CTR] = f->ctr;
    out[ISA_FPSCR] = f->fpscr;
#ifdef __LITTLE_ENDIAN__
    out[ISA_VSCR] = ((unsigned *)f->vmx[32])[0];
#else
    out[ISA_VSCR] = ((unsigned *)f->vmx[32])[3];
#endif
    out[ISA_VRSAVE] = *(unsigned *)f->vmx[33];
    out[ISA_SIGNAL] = sig;
    out[ISA_NIP] = f->nip;
    f->nip = (u64)isa_leave;
}

static char alternate[65536] __attribute__((aligned(16)));

static void copy(void *to, const void *from, u64 bytes)
{
    volatile u64 *t = to;       /* volatile: no call of memcpy, which is not there */
    const u64 *f = from;

    for (u64 i = 0; i < bytes / 8; i++) {
        t[i] = f[i];
    }
}

static void run(IsaSlot *s, u64 at)
{
    copy((void *)ISA_STATE_IN, &s->in, sizeof(s->in));
    copy((void *)ISA_MEM, s->mem_in, ISA_MEM_SIZE);
    if (s->in.r[ISA_TAR] != ~0ull) {        /* not there before POWER8 */
        asm volatile("mtspr 815, %0" :: "r"(s->in.r[ISA_TAR]));
    }
    isa_enter(at);
    u64 tar = ~0ul;
    if (s->in.r[ISA_TAR] != ~0ull) {
        asm volatile("mfspr %0, 815" : "=r"(tar));
    }
    copy(&s->out, (void *)ISA_STATE_OUT, sizeof(s->out));
    s->out.r[ISA_TAR] = tar;
    copy(s->mem_out, (void *)ISA_MEM, ISA_MEM_SIZE);
}

void _start(void)
{
    static const int signals[] = { 4, 5, 7, 8, 11 };
    IsaSlot *slots = (void *)ISA_SHARED;
    u64 stack[3] = { (u64)alternate, 0, sizeof(alternate) };
    unsigned char n[4];

    syscall6(SYS_MMAP, 0x1000, ISA_LOW_END - 0x1000, 3, 0x32, -1, 0);
    syscall6(SYS_MMAP, ISA_CODE, ISA_SLOTS * ISA_SNIPPET, 7, 0x32, -1, 0);
    if (syscall6(SYS_MMAP, ISA_SHARED, sizeof(IsaSlot) * ISA_SLOTS, 3, 0x11, 3, 0) != ISA_SHARED) {
        syscall6(SYS_EXIT, 2, 0, 0, 0, 0, 0);
    }
    syscall6(SYS_SIGALTSTACK, (long)stack, 0, 0, 0, 0, 0);
    for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        struct { u64 handler, flags, restorer, mask; } sa = {
            (u64)handler, 0x4 | 0x08000000 | 0x40000000 | 0x04000000, (u64)isa_restorer, 0 };
        syscall6(SYS_RT_SIGACTION, signals[i], (long)&sa, 0, 8, 0, 0);
    }
    while (syscall6(SYS_READ, 0, (long)n, 4, 0, 0, 0) == 4) {
        unsigned first = n[0] | n[1] << 8, end = first + (n[2] | n[3] << 8);
        for (unsigned i = first; i < end; i++) {
            copy((void *)(ISA_CODE + (u64)i * ISA_SNIPPET), slots[i].code, ISA_SNIPPET);
        }
        for (unsigned i = first; i < end; i++) {
            asm volatile("dcbst 0,%0\n icbi 0,%0\n icbi %1,%0" :: "r"(ISA_CODE + (u64)i * ISA_SNIPPET), "b"(128) : "memory");
        }
        asm volatile("sync\n isync" ::: "memory");
        for (unsigned i = first; i < end; i++) {
            run(&slots[i], ISA_CODE + (u64)i * ISA_SNIPPET);
        }
        syscall6(SYS_WRITE, 1, (long)n, 1, 0, 0, 0);
    }
    syscall6(SYS_EXIT, 0, 0, 0, 0, 0, 0);
}
