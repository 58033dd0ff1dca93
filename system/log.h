/*
 * The -d log: what is logged is a set of bits, so that a disabled item costs one test.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SYSTEM_LOG_H
#define SYSTEM_LOG_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/*    name        bit   -d word          what -d help says */
#define LOG_ITEMS(X)                                                            \
    X(OUT_ASM,     0,   "out_asm",      "host code of each translated region") \
    X(IN_ASM,      1,   "in_asm",       "guest instructions of each translated region") \
    X(OP,          2,   "op",           "intermediate representation of each region, as the decoder made it") \
    X(OP_OPT,      3,   "op_opt",       "the same, after simplification")      \
    X(INT,         4,   "int",          "interrupts and exceptions")           \
    X(EXEC,        5,   "exec",         "regions entered from the vCPU loop")  \
    X(CPU,         6,   "cpu",          "registers before each such entry")    \
    X(FPU,        13,   "fpu",          "floating-point registers, too, with 'cpu'") \
    X(MMU,         7,   "mmu",          "address translation")                 \
    X(RESET,      14,   "cpu_reset",    "registers before each reset of a processor") \
    X(UNIMP,       9,   "unimp",        "features the machine does not offer") \
    X(GUEST_ERROR, 8,   "guest_errors", "what the guest does wrong")           \
    X(NOCHAIN,    11,   "nochain",      "return to the vCPU loop after every region, so that 'exec' and 'cpu' show all") \
    X(STRACE,     12,   "hcall",        "hypercalls and RTAS calls")

enum {
#define X(name, bit, word, what) LOG_##name = 1 << (bit),
    LOG_ITEMS(X)
#undef X
};

extern unsigned log_mask_bits;

static inline bool log_enabled(unsigned mask)
{
    return G_UNLIKELY(log_mask_bits & mask);
}

void log_printf(const char *fmt, ...) G_GNUC_PRINTF(1, 2);
#define log_mask(mask, ...) do { if (log_enabled(mask)) { log_printf(__VA_ARGS__); } } while (0)

/* Is this guest address of interest (-dfilter)? For the items about code. */
bool log_in_filter(uint64_t address);

/* "int,guest_errors" (also "all", "none", "-item"); false: `err` says which word is unknown */
bool log_set(const char *items, GError **err);
/* %d is the process ID; NULL: stderr */
bool log_set_file(const char *path, GError **err);
/* START..END (inclusive), START+SIZE, START-SIZE, comma separated */
bool log_set_filter(const char *ranges, GError **err);
void log_help(GString *out, bool monitor);

#endif
