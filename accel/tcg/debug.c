/*
 * See debug.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/debug.h"
#include "accel/tcg/tcg.h"
#include "config-host.h"
#include "system/log.h"
#include "system/report.h"
#include "target/ppc/cpu.h"
#include "target/ppc/disas.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>
#ifdef CONFIG_CAPSTONE
#include <capstone/capstone.h>
#endif

static bool wanted(unsigned item, uint64_t pc)
{
    return log_enabled(item) && log_in_filter(pc);
}

void tcg_log_guest_code(const IrRegion *ir, const void *code)
{
    if (wanted(LOG_IN_ASM, ir->pc)) {
        g_autoptr(GString) s = g_string_new("----------------\nIN: \n");
        ppc_disassemble(s, ir->pc, code, ir->guest_len, ir->flags & RF_LE);
        log_printf("%s\n", s->str);
    }
}

void tcg_log_ir(const IrRegion *ir, unsigned item)
{
    if (wanted(item, ir->pc)) {
        g_autoptr(GString) s = g_string_new(item == LOG_OP ? "OP:\n" : "OP after optimization and liveness analysis:\n");
        ir_print(ir, s);
        log_printf("%s\n", s->str);
    }
}

void tcg_log_host_code(const Region *r)
{
    if (!wanted(LOG_OUT_ASM, r->pc)) {
        return;
    }
    g_autoptr(GString) s = g_string_new(NULL);
    g_string_append_printf(s, "OUT: [size=%u] for %016" PRIx64 "\n", (unsigned)r->code_size, r->pc);
    const uint8_t *code = r->code;
    size_t left = r->code_size;
#ifdef CONFIG_CAPSTONE
    csh handle;
    if (cs_open(CS_ARCH_X86, CS_MODE_64, &handle) == CS_ERR_OK) {
        uint64_t at = (uintptr_t)code;
        cs_insn *insn = cs_malloc(handle);
        cs_option(handle, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
        while (left && cs_disasm_iter(handle, &code, &left, &at, insn)) {
            g_string_append_printf(s, "0x%08" PRIx64 ":  %-8s %s\n", insn->address, insn->mnemonic, insn->op_str);
        }
        cs_free(insn, 1);
        cs_close(&handle);
    }
#endif
    for (size_t i = 0; i < left; i++) {     /* what is not code, or no disassembler */
        g_string_append_printf(s, "%s%02x%s", i % 16 ? " " : "  .byte  ", code[i], i % 16 == 15 || i == left - 1 ? "\n" : "");
    }
    log_printf("%s\n", s->str);
}

/* perf's text format: start and size in hexadecimal, then the name. Called under the translation lock. */
void tcg_perf_region(const Region *r)
{
    static FILE *map;
    static bool failed;

    if (!map && !failed) {
        g_autofree char *path = g_strdup_printf("/tmp/perf-%d.map", (int)getpid());
        map = fopen(path, "we");
        failed = !map;
        if (failed) {
            report_warning("could not open %s: %s, proceeding without perfmap", path, g_strerror(errno));
        } else {
            setvbuf(map, NULL, _IOLBF, 0);
        }
    }
    if (map) {
        fprintf(map, "%" PRIxPTR " %x guest-0x%" PRIx64 "\n", (uintptr_t)r->code, (unsigned)r->code_size, r->pc);
    }
}
