/*
 * Private to the debugger's server. packet.c: bytes to packets and back. server.c: who is served, and the machine running and
 * stopping. commands.c, query.c: what each packet does. registers.c, sprs.c: the registers and their description.
 *
 * All of it runs in the main loop under the big lock.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef GDBSTUB_GDB_INT_H
#define GDBSTUB_GDB_INT_H

#include "gdbstub/gdbstub.h"
#include "target/ppc/cpu.h"

#define GDB_PACKET_MAX 4096u

/* The numbers that errors have been told by ever since: EINVAL, EFAULT. */
enum { GDB_EINVAL = 22, GDB_EFAULT = 14 };
/* Signals as gdb numbers them. */
enum { GDB_SIGINT = 2, GDB_SIGQUIT = 3, GDB_SIGTRAP = 5, GDB_SIG_UNKNOWN = 143 };
/* qqemu.sstep: a step is one; during it no interrupts are taken; no timers fire */
enum { SSTEP_ENABLE = 1, SSTEP_NOIRQ = 2, SSTEP_NOTIMER = 4, SSTEP_ALL = 7 };

typedef struct GdbServer {
    bool connected, attached;   /* attached: not since D */
    bool multiprocess, has_xml; /* the client knows p1.1; it has read the description of registers */
    bool physical;              /* m and M are of real addresses */
    bool in_packet;             /* one is being carried out */
    unsigned sstep;             /* SSTEP_* */
    PowerPCCPU *cpu_c, *cpu_g;  /* Hc, Hg */
    unsigned next_thread;       /* of qsThreadInfo */
} GdbServer;
extern GdbServer gdb;

/* ---- packet.c ---- */
void gdb_packet_reset(void);
void gdb_packet_byte(uint8_t b);
void gdb_reply_data(const char *body, gsize len);
void gdb_reply(const char *fmt, ...) G_GNUC_PRINTF(1, 2);
void gdb_reply_error(unsigned n);
void gdb_reply_unsupported(void);
void gdb_append_hex(GString *out, const void *data, gsize len);
/* Exactly len bytes, and nothing behind them. */
bool gdb_parse_bytes(const char *text, uint8_t *out, gsize len);
/* A hexadecimal number, at least a digit; moves *p behind it. */
bool gdb_parse_number(const char **p, uint64_t *n);
bool gdb_parse_char(const char **p, char c);

/* ---- server.c ---- */
void gdb_write(const void *buf, gsize len);
typedef enum GdbThreads { GDB_THREAD_BAD, GDB_THREAD_ALL, GDB_THREAD_ONE } GdbThreads;
GdbThreads gdb_parse_thread(const char **p, PowerPCCPU **cpu);
void gdb_append_thread(GString *out, const PowerPCCPU *cpu);
void gdb_reply_stop(int signal);
/* Lets every vCPU run whose `held` is not set, those for which debug_step() was called for an instruction. */
void gdb_resume(void);
void gdb_step(PowerPCCPU *cpu);             /* with the next gdb_resume() */
void gdb_attach(void);
void gdb_run_command(const char *line, GString *out);   /* of the monitor */

/* ---- commands.c, query.c ---- */
/* A packet is a row: how it begins, whether that is all of it, and the function that gets what follows. */
typedef struct GdbRow {
    const char *begins;
    bool whole;
    void (*fn)(const char *args);
} GdbRow;
void gdb_dispatch(const GdbRow *rows, unsigned count, const char *packet);
void gdb_command(const char *packet);
void gdb_query(const char *packet);         /* those that begin with q or Q */

/* ---- registers.c ---- */
enum { GDB_CORE_REGISTERS = 71 };           /* what g has */
/* Appends the register in hexadecimal, in the guest's byte order; false: there is none. One may have no bytes. */
bool gdb_register_read(PowerPCCPU *cpu, uint64_t num, GString *out);
/* Takes its digits from `text`. */
typedef enum { GDB_REG_OK, GDB_REG_MISSING, GDB_REG_BAD_VALUE } GdbRegResult;
GdbRegResult gdb_register_write(PowerPCCPU *cpu, uint64_t num, const char *text);
bool gdb_registers_write(PowerPCCPU *cpu, const char *text);        /* G */
/* target.xml or a file that it names; NULL: there is none */
GString *gdb_description(const PpcModel *model, const char *file);

/* ---- sprs.c: by position ---- */
const char *gdb_spr_name(const PpcModel *model, unsigned n);        /* NULL past the last */
uint64_t gdb_spr_get(PowerPCCPU *cpu, unsigned n);
void gdb_spr_set(PowerPCCPU *cpu, unsigned n, uint64_t v);

#endif
