/*
 * See disas.h. What libcapstone does not know is shown by the instruction table's own mnemonic.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/disas.h"
#include "config-host.h"
#include "target/ppc/isa.h"
#include <inttypes.h>
#include <string.h>
#ifdef CONFIG_CAPSTONE
#include <capstone/capstone.h>
#endif

static void from_table(GString *out, uint32_t word, const uint8_t *bytes)
{
    static const PpcFeatures all = { UINT64_MAX, UINT64_MAX };
    const InsnDesc *d = isa_decode(&all, word, false, 0);

    if (d) {
        g_string_append_printf(out, "%s\n", d->row->mnemonic);
    } else {
        g_string_append_printf(out, "%-8s 0x%02x, 0x%02x, 0x%02x, 0x%02x\n", ".byte", bytes[0], bytes[1], bytes[2], bytes[3]);
    }
}

void ppc_disassemble(GString *out, uint64_t pc, const void *code, size_t len, bool le)
{
#ifdef CONFIG_CAPSTONE
    csh handle;
    bool open = cs_open(CS_ARCH_PPC, CS_MODE_64 | (le ? CS_MODE_LITTLE_ENDIAN : CS_MODE_BIG_ENDIAN), &handle) == CS_ERR_OK;
#endif

    for (size_t at = 0; at + 4 <= len; at += 4) {
        uint32_t word;
        memcpy(&word, (const char *)code + at, 4);
        word = le ? GUINT32_FROM_LE(word) : GUINT32_FROM_BE(word);
        g_string_append_printf(out, "0x%08" PRIx64 ":  %08x  ", pc + at, word);
#ifdef CONFIG_CAPSTONE
        cs_insn *insn;
        size_t n = open ? cs_disasm(handle, (const uint8_t *)code + at, 4, pc + at, 1, &insn) : 0;
        if (n) {
            g_string_append_printf(out, "%-8s %s\n", insn->mnemonic, insn->op_str);
            cs_free(insn, n);
            continue;
        }
#endif
        from_table(out, word, (const uint8_t *)code + at);
    }
#ifdef CONFIG_CAPSTONE
    if (open) {
        cs_close(&handle);
    }
#endif
}
