/*
 * The code buffer, the thunks around generated code, and the one way out of it.
 *
 * The buffer is one memfd mapped twice: written through jit_rw, executed through jit_rx (W^X). Generated code
 * leaves for C by `push record; call thunk`: the thunk saves every register, jit_out() (outline.c) works on the saved
 * image and the thunk restores it, so that nothing is clobbered. Where no XMM register is in use a thunk does that
 * saves none.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/x86_64/jit.h"
#include "accel/tcg/x86_64/host.h"
#include "accel/tcg/tcg.h"
#include "accel/tcg/vcpu.h"
#include "target/ppc/cpu.h"
#include "target/ppc/fp/fplazy.h"
#include <cpuid.h>
#include <errno.h>
#include <gio/gio.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

uint8_t *jit_rw, *jit_rx;
bool jit_have_lzcnt;
const uint8_t *jit_thunk_out, *jit_thunk_out_int;

static size_t size, used, first_free, released;
static RegionExit *(*enter_thunk)(PowerPCCPU *cpu, const void *code);

/* ---- thunks ---- */

static void call_c(Emit *e, const void *fn)
{
    mov_ri(e, RAX, (uintptr_t)fn);
    e8(e, 0xff);
    modrr(e, 2, RAX);
}

static const uint8_t *make_out(Emit *e, bool xmm)
{
    const int image = offsetof(Saved, ret);
    const uint8_t *start = to_rx(e->p);

    alu_ri(e, true, 5, RSP, image);
    for (int i = 0; i < 16; i++) {
        if (i != RSP) {
            store64(e, i, RSP, 8 * i);
        }
        if (xmm) {
            vstore(e, i, RSP, offsetof(Saved, xmm) + 16 * i);
        }
    }
    mov_rr(e, RDI, CPU);
    mov_rr(e, RSI, RSP);
    op_rm(e, false, 0x8b, RDX, RSP, offsetof(Saved, index));
    call_c(e, jit_out);
    for (int i = 0; i < 16; i++) {
        if (i != RSP) {
            load64(e, i, RSP, 8 * i);
        }
        if (xmm) {
            vload(e, i, RSP, offsetof(Saved, xmm) + 16 * i);
        }
    }
    alu_ri(e, true, 0, RSP, image);
    e8(e, 0xc2);                            /* ret 8: drops the index */
    e8(e, 8);
    e8(e, 0);
    return start;
}

static void make_thunks(void)
{
    Emit e = { jit_rw + JIT_CONSTANT_BYTES, jit_rw + size };
    static const uint8_t callee_saved[] = { RBX, RBP, R12, R13, R14, R15 };

    enter_thunk = (void *)to_rx(e.p);
    for (int i = 0; i < 6; i++) {
        rex(&e, false, 0, 0, callee_saved[i], false);
        e8(&e, 0x50 | (callee_saved[i] & 7));
    }
    alu_ri(&e, true, 5, RSP, FRAME_BYTES);
    mov_rr(&e, CPU, RDI);
    e8(&e, 0xff);
    modrr(&e, 4, RSI);                      /* jmp rsi */

    jit_thunk_leave = to_rx(e.p);           /* rax: RegionExit * or 0 */
    alu_ri(&e, true, 0, RSP, FRAME_BYTES);
    for (int i = 5; i >= 0; i--) {
        rex(&e, false, 0, 0, callee_saved[i], false);
        e8(&e, 0x58 | (callee_saved[i] & 7));
    }
    e8(&e, 0xc3);

    jit_thunk_out = make_out(&e, true);
    jit_thunk_out_int = make_out(&e, false);

    jit_make_leave_thunks(&e);
    while ((uintptr_t)e.p & 63) {
        e8(&e, 0xcc);
    }
    used = first_free = e.p - jit_rw;
}

static void *table(size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return p == MAP_FAILED ? NULL : p;
}

bool jit_init(size_t buffer_size, GError **err)
{
    G_STATIC_ASSERT(offsetof(PowerPCCPU, space) == offsetof(PowerPCCPU, region_flags) + 4);

    jit_host_detect();
    if (!__builtin_cpu_supports("avx") || !__builtin_cpu_supports("bmi2") || !__builtin_cpu_supports("bmi")
        || !__builtin_cpu_supports("popcnt")) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "this processor lacks AVX or BMI2");
        return false;
    }
    /* clang 14 does not know the name for __builtin_cpu_supports() */
    unsigned a, b, c, d;
    jit_have_lzcnt = __get_cpuid(0x80000001, &a, &b, &c, &d) && c & bit_LZCNT;
    int fd = memfd_create("jit", MFD_CLOEXEC);
    size = (MAX(buffer_size, 1u << 20) + 0xfff) & ~0xfffull;
    if (fd < 0 || ftruncate(fd, size) < 0) {
        goto fail;
    }
    jit_rw = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    jit_rx = mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
    jit_side_size = MIN(size, UINT32_MAX);
    jit_side = table(jit_side_size);
    if (jit_rw == MAP_FAILED || jit_rx == MAP_FAILED || !jit_side) {
        goto fail;
    }
    close(fd);
    jit_constants_init(jit_rw);
    make_thunks();
    return true;
fail:
    g_set_error(err, G_IO_ERROR, g_io_error_from_errno(errno), "no memory for %zu bytes of code: %s", size,
                g_strerror(errno));
    return false;
}

/* What is written is only executed: its pages are mapped once. (A later patch maps its page again.) */
static void release_written(void)
{
    const size_t step = 1u << 20;

    for (; used - released >= 2 * step; released += step) {
        madvise(jit_rw + released, step, MADV_DONTNEED);
    }
}

bool jit_compile(const IrRegion *ir, Region *r)
{
    Emit e = { jit_rw + used, jit_rw + size };

    if (size - used < 1 << 18) {
        return false;
    }
    uint8_t *start = e.p;
    if (!jit_generate(ir, r, &e)) {
        return false;
    }
    r->code = to_rx(start);
    r->code_size = e.p - start;
    while ((uintptr_t)e.p & 15) {
        e8(&e, 0xcc);
    }
    used = e.p - jit_rw;
    release_written();
    return true;
}

RegionExit *jit_enter(PowerPCCPU *cpu, Region *r)
{
    fp_host_enter(cpu);
    RegionExit *e = enter_thunk(cpu, r->code);
    fp_host_leave(cpu);
    return e;
}

static void patch_exit(RegionExit *e, uintptr_t target_rx)
{
    int32_t d = target_rx - ((uintptr_t)jit_rx + (e->patch_site - (uintptr_t)jit_rw) + 4);

    __atomic_store_n((int32_t *)e->patch_site, d, __ATOMIC_RELEASE);
}

void jit_chain(RegionExit *e, Region *to)
{
    if (e->patch_site) {
        patch_exit(e, (uintptr_t)to->code);
    }
}

void jit_unchain(RegionExit *e)
{
    if (e->patch_site) {
        patch_exit(e, e->unpatched);
    }
}

void jit_reset_buffer(void)
{
    used = first_free;
    released = 0;
    jit_side_used = 0;
    jit_constants_reset();
}

size_t jit_buffer_used(void) { return used; }
size_t jit_buffer_size(void) { return size; }

bool jit_owns(uintptr_t pc)
{
    return pc >= (uintptr_t)jit_rx && pc < (uintptr_t)jit_rx + size;
}
