/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a C guest may use; see entry.S for the machine underneath. A guest defines test_main(). */
#ifndef GUEST_RT_H
#define GUEST_RT_H

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;

typedef struct TrapInfo {
    u64 srr0, srr1, dar, dsisr;
} TrapInfo;

extern volatile TrapInfo trap_info;
extern volatile u64 hcall_out[4];
extern char secondary[];

int trap(void (*fn)(long), long arg);
long hcall(u64 number, ...);
/* A question to the platform; its answer is a line: "CALL name -> status", and the first `outs` values that came back. */
typedef struct Call { const char *name; u64 op, args[7]; int outs; } Call;
void print_call(const Call *c);
u64 mmu_load(u64 ea);
void mmu_store(u64 ea, u64 value);
void jump(u64 pc, u64 msr);
u64 little_endian(u64 address);

void put(const char *text);
void put_hex(u64 value);
/* One line per check: "PASS name" or "FAIL name: got X, wanted Y". */
void check(const char *name, u64 got, u64 want);
/* First property of that name anywhere in the tree; NULL if there is none. */
const u32 *fdt_property(const char *name, u32 *length);
/* The n-th processor's value of a property; NULL past the last. */
const u32 *fdt_nth_property(const char *name, unsigned n, u32 *length);
/* RTAS call by name with n arguments; its status. */
int rtas(const char *name, int nargs, const u32 *args, int nrets, u32 *rets);
int rtas_token(u32 token, int nargs, const u32 *args, int nrets, u32 *rets);

void test_main(void);
void secondary_main(u64 number);

#define mfspr(n) ({ u64 v_; asm volatile("mfspr %0, %1" : "=r"(v_) : "i"(n)); v_; })
#define mtspr(n, v) asm volatile("mtspr %0, %1" : : "i"(n), "r"((u64)(v)) : "memory")
#define mfmsr() ({ u64 v_; asm volatile("mfmsr %0" : "=r"(v_)); v_; })

#endif
