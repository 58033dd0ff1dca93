/*
 * libFuzzer: hypercalls and RTAS calls with any numbers and arguments, as pseries-7.2 with a POWER9. An input is a row of calls on one
 * machine, which is then reset. Nothing may abort or leave the guest's memory (the sanitizers look).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "machine.h"
#include "system/memory.h"
#include "system/runstate.h"
#include <string.h>

enum { ARGS = 0x100000, DATA = 0x200000 };

/* Small numbers as they are; the rest mostly pick something near what means something. */
static uint64_t argument(uint8_t kind, uint32_t v)
{
    switch (kind & 7) {
    case 0: return v & 0xff;
    case 1: return DATA + (v & 0xffff);
    case 2: return (256 << 20) - (v & 0x1fff);          /* the end of memory */
    case 3: return (uint64_t)v << 32 | v;
    case 4: return -(uint64_t)(v & 0xffff);
    case 5: return 0x71000000 + (v & 3);
    case 6: return 1ull << (v & 63);
    default: return v;
    }
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    fuzz_machine("pseries-7.2", "POWER9");
    spapr_reset();
    bql_unlock();
    return 0;
}

/* Calls that the machine takes from the firmware alone are there, too: a guest can make them. */
static uint64_t opcode(const uint8_t *d)
{
    unsigned n = d[0] | d[1] << 8;

    return n & 0x8000 ? 0xf000 + (n & 0xf) : (n & 0x1ff) * 4;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    PowerPCCPU *cpu = ppc_cpu_get(0);

    for (unsigned calls = 0; size >= 48 && calls < 32; data += 48, size -= 48, calls++) {
        uint64_t op = opcode(data), args[8];
        for (unsigned i = 0; i < 8; i++) {
            uint32_t v;
            memcpy(&v, data + 3 + 5 * i, 4);
            args[i] = argument(data[2 + 5 * i], v);
        }
        if (op == 0xf000) {     /* RTAS: token, counts, arguments, as 32-bit numbers in memory */
            uint32_t block[16] = { GUINT32_TO_BE(data[42] & 1 ? args[0] : 0x2000 + (args[0] & 0x3f)), GUINT32_TO_BE(data[43] % 12),
                                   GUINT32_TO_BE(data[44] % 8) };
            for (unsigned i = 0; i < 12; i++) {
                block[3 + i] = GUINT32_TO_BE((uint32_t)args[1 + i % 7]);
            }
            memory_write(ARGS, block, sizeof(block));
            args[0] = data[45] & 0xf ? ARGS : args[0];
        }
        if (op == 0xf005 && data[45] & 0xf) {
            args[0] = ARGS;
        }
        memory_write(DATA, data, 48);
        ppc_store_msr(cpu, MSR_SF | MSR_ME);
        cpu->gpr[3] = op;
        memcpy(cpu->gpr + 4, args, sizeof(args));
        spapr_hypercall(cpu);
    }
    bql_lock();
    spapr_reset();
    bql_unlock();
    return 0;
}
