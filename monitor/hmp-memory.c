/*
 * Monitor commands about memory: x, xp, print, sum, addresses, saving to files.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/softmmu.h"
#include "monitor/monitor.h"
#include "system/cpus.h"
#include "system/memory.h"
#include "target/ppc/cpu.h"
#include "target/ppc/disas.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool read_some(Monitor *m, uint64_t addr, void *buf, size_t len, bool physical)
{
    PowerPCCPU *cpu = monitor_cpu(m);

    return physical ? memory_read(addr, buf, len) : cpu && cpu_memory_rw_debug(cpu, addr, buf, len, false) == 0;
}

static void print_char(GString *out, uint64_t v)
{
    switch (v) {
    case '\'': g_string_append(out, "'\\''"); break;
    case '\\': g_string_append(out, "'\\\\'"); break;
    case '\n': g_string_append(out, "'\\n'"); break;
    case '\r': g_string_append(out, "'\\r'"); break;
    default:
        g_string_append_printf(out, v >= 32 && v <= 126 ? "'%c'" : "'\\x%02x'", (unsigned)v);
    }
}

static void print_cell(GString *out, uint64_t v, int format, int size)
{
    int bits = 8 * size, decimal = (bits * 10 + 32) / 33;

    switch (format) {
    case 'o': g_string_append_printf(out, "%#*" PRIo64, (bits + 2) / 3, v); break;
    case 'x': g_string_append_printf(out, "0x%0*" PRIx64, bits / 4, v); break;
    case 'u': g_string_append_printf(out, "%*" PRIu64, decimal, v); break;
    case 'd': g_string_append_printf(out, "%*" PRId64, decimal, (int64_t)(v << (64 - bits)) >> (64 - bits)); break;
    default: print_char(out, v);
    }
}

static void cannot_access(GString *out, uint64_t addr)
{
    g_string_append_printf(out, "%016" PRIx64 ": Cannot access memory\n", addr);
}

static void disassemble(Monitor *m, const HmpArgs *a, GString *out, bool physical)
{
    uint64_t addr = a->num[0];
    bool le = monitor_cpu(m)->msr & MSR_LE;

    for (unsigned i = 0; i < a->count; ) {
        uint8_t code[8];
        if (!read_some(m, addr, code, 4, physical)) {
            g_string_append_printf(out, "0x%08" PRIx64 ": unable to read memory\n", addr);
            return;
        }
        bool prefix = code[le ? 3 : 0] >> 2 == 1 && read_some(m, addr + 4, code + 4, 4, physical);
        ppc_disassemble(out, addr, code, prefix ? 8 : 4, le);
        addr += prefix ? 8 : 4;
        i++;
    }
}

/* Cells are shown as a big-endian processor reads them, whatever MSR[LE] is: as on QEMU. */
static void examine(Monitor *m, const HmpArgs *a, GString *out, bool physical)
{
    uint64_t addr = a->num[0], left = (uint64_t)a->count * a->size;

    if (!monitor_cpu(m) && (!physical || a->format == 'i')) {
        g_string_append(out, "Can not dump without CPU\n");
        return;
    }
    if (a->format == 'i') {
        disassemble(m, a, out, physical);
        return;
    }
    uint64_t line = a->size == 1 ? 8 : 16;
    for (; left; left -= MIN(left, line), addr += line) {
        uint8_t buf[16];
        uint64_t n = MIN(left, line);
        if (!read_some(m, addr, buf, n, physical)) {
            cannot_access(out, addr);
            return;
        }
        g_string_append_printf(out, "%016" PRIx64 ":", addr);
        for (uint64_t at = 0; at < n; at += a->size) {
            uint64_t v = 0;
            for (int k = 0; k < a->size; k++) {
                v = v << 8 | buf[at + k];
            }
            g_string_append_c(out, ' ');
            print_cell(out, v, a->format, a->size);
        }
        g_string_append_c(out, '\n');
    }
}

HMP(x, "x", "fmt addr:l", "/fmt addr", "virtual memory dump starting at 'addr'")
{
    examine(m, a, out, false);
}

HMP(xp, "xp", "fmt addr:l", "/fmt addr", "physical memory dump starting at 'addr'")
{
    examine(m, a, out, true);
}

HMP(print, "print|p", "fmt val:l", "/fmt expr", "print expression value (use $reg for CPU register access)")
{
    int64_t v = a->num[0];

    switch (a->format) {
    case 'o': g_string_append_printf(out, "%#" PRIo64, v); break;
    case 'x': g_string_append_printf(out, "%#" PRIx64, v); break;
    case 'u': g_string_append_printf(out, "%" PRIu64, v); break;
    case 'c': print_char(out, v < 0 || v > UINT32_MAX ? (uint32_t)v : v); break;
    default: g_string_append_printf(out, "%" PRId64, v);
    }
    g_string_append_c(out, '\n');
}

/* The checksum of BSD's sum: rotate right by one, add. */
HMP(sum, "sum", "start:l size:l", "addr size", "compute the checksum of a memory region")
{
    uint16_t sum = 0;

    for (uint64_t i = 0; i < (uint64_t)a->num[1]; i++) {
        uint8_t b;
        if (!memory_read(a->num[0] + i, &b, 1)) {
            break;
        }
        sum = (uint16_t)(sum >> 1 | sum << 15) + b;
    }
    g_string_append_printf(out, "%05d\n", sum);
}

HMP(gva2gpa, "gva2gpa", "addr:l", "addr", "print the guest physical address corresponding to a guest virtual address")
{
    PowerPCCPU *cpu = monitor_cpu(m);
    MmuResult r;

    if (!cpu) {
        g_string_append(out, "No cpu\n");
        return;
    }
    if (ppc_mmu_translate(cpu, a->num[0], ACC_READ, RF_DMMU(cpu->region_flags), true, &r)) {
        g_string_append_printf(out, "gpa: %#" PRIx64 "\n", r.raddr);
    } else {
        g_string_append(out, "Unmapped\n");
    }
}

HMP(gpa2hva, "gpa2hva", "addr:l", "addr", "print the host virtual address corresponding to a guest physical address")
{
    const void *p = memory_ram_ptr(a->num[0], 1);

    if (p) {
        g_string_append_printf(out, "Host virtual address for 0x%" PRIx64 " (%s) is %p\n", a->num[0], memory_block_at(a->num[0])->name, p);
    } else {
        g_string_append_printf(out, "No memory is mapped at address 0x%" PRIx64 "\n", a->num[0]);
    }
}

static void save(Monitor *m, const HmpArgs *a, GString *out, bool physical)
{
    uint64_t addr = a->num[0], left = a->num[1];
    FILE *f = fopen(a->str[2], "wbe");
    bool ok = f != NULL;

    while (ok && left) {
        uint8_t page[4096];
        size_t n = MIN(left, sizeof(page) - addr % sizeof(page));
        if (!read_some(m, addr, page, n, physical)) {
            g_string_append_printf(out, "Error: Invalid addr 0x%016" PRIx64 "/size %" PRId64 " specified\n", addr, a->num[1]);
            break;
        }
        ok = fwrite(page, 1, n, f) == n;
        addr += n;
        left -= n;
    }
    if (!ok || fclose(f)) {
        g_string_append_printf(out, "Error: Could not open '%s': %s\n", a->str[2], g_strerror(errno));
    }
}

HMP(memsave, "memsave", "val:l size:l filename:F", "addr size file",
    "save to disk virtual memory dump starting at 'addr' of size 'size'")
{
    save(m, a, out, false);
}

HMP(pmemsave, "pmemsave", "val:l size:l filename:F", "addr size file",
    "save to disk physical memory dump starting at 'addr' of size 'size'")
{
    save(m, a, out, true);
}
