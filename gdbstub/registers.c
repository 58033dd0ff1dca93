/*
 * A processor's registers as gdb numbers them, and the description by which it learns what they are (gdb's manual, appendix
 * "Target Descriptions", "PowerPC Features"). A group is a row: a feature of the description, the registers in it.
 *
 * In packets a register is one integer, its most significant byte first; while MSR[LE] is on, all of its bytes turned round.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "gdbstub/gdb-int.h"
#include "target/ppc/models.h"
#include <string.h>

/* High and low doubleword; a register of no more than 64 bits is in the low one. */
typedef struct RegValue { uint64_t hi, lo; } RegValue;

typedef struct RegInfo {
    char name[16];
    unsigned bits;              /* 0: past the last */
    const char *attributes;
} RegInfo;

typedef struct RegGroup {
    const char *file, *feature, *types;
    uint64_t needs;             /* MSR bits that the model has with it */
    RegInfo (*info)(const PpcModel *model, unsigned n);
    RegValue (*get)(PowerPCCPU *cpu, unsigned n);
    void (*set)(PowerPCCPU *cpu, unsigned n, RegValue v);
} RegGroup;

static RegInfo numbered(const char *before, unsigned n, const char *after, unsigned bits, const char *attributes)
{
    RegInfo r = { .bits = bits, .attributes = attributes };

    g_snprintf(r.name, sizeof(r.name), "%s%u%s", before, n, after);
    return r;
}

/* ---- general purpose registers, and what belongs to every program ---- */

enum { PC = 64, MSR, CR, LR, CTR, XER, CORE_END };

static RegInfo core_info(const PpcModel *model, unsigned n)
{
    static const RegInfo named[] = {
        { "pc", 64, "type=\"code_ptr\" regnum=\"64\"" }, { "msr", 64, "type=\"uint64\"" }, { "cr", 32, "type=\"uint32\"" },
        { "lr", 64, "type=\"code_ptr\"" }, { "ctr", 64, "type=\"uint64\"" }, { "xer", 32, "type=\"uint32\"" },
    };

    if (n < 32) {
        return numbered("r", n, "", 64, "type=\"uint64\"");
    }
    return n - 32 < G_N_ELEMENTS(named) ? named[n - 32] : (RegInfo){ .bits = 0 };
}

static RegValue core_get(PowerPCCPU *cpu, unsigned n)
{
    if (n < 32) {
        return (RegValue){ 0, cpu->gpr[n] };
    }
    switch (n + 32) {
    case PC: return (RegValue){ 0, cpu->nip };
    case MSR: return (RegValue){ 0, cpu->msr };
    case CR: return (RegValue){ 0, ppc_get_cr(cpu) };
    case LR: return (RegValue){ 0, cpu->lr };
    case CTR: return (RegValue){ 0, cpu->ctr };
    default: return (RegValue){ 0, ppc_get_xer(cpu) };
    }
}

static void core_set(PowerPCCPU *cpu, unsigned n, RegValue v)
{
    if (n < 32) {
        cpu->gpr[n] = v.lo;
        return;
    }
    switch (n + 32) {
    case PC: cpu->nip = v.lo; break;
    case MSR: ppc_store_msr(cpu, v.lo); break;
    case CR: ppc_set_cr(cpu, v.lo); break;
    case LR: cpu->lr = v.lo; break;
    case CTR: cpu->ctr = v.lo; break;
    default: ppc_set_xer(cpu, v.lo);
    }
}

/* ---- floating-point ---- */

static RegInfo fpu_info(const PpcModel *model, unsigned n)
{
    static const RegInfo fpscr = { "fpscr", 32, "group=\"float\"" };

    return n < 32 ? numbered("f", n, "", 64, n ? "type=\"ieee_double\"" : "type=\"ieee_double\" regnum=\"71\"")
        : n == 32 ? fpscr : (RegInfo){ .bits = 0 };
}

static RegValue fpu_get(PowerPCCPU *cpu, unsigned n)
{
    return (RegValue){ 0, n < 32 ? V_D(cpu->vsr[n], 0) : ppc_get_fpscr(cpu) };
}

static void fpu_set(PowerPCCPU *cpu, unsigned n, RegValue v)
{
    if (n < 32) {
        V_D(cpu->vsr[n], 0) = v.lo;
    } else {
        ppc_set_fpscr(cpu, (ppc_get_fpscr(cpu) & ~(uint64_t)UINT32_MAX) | v.lo);
    }
}

/* ---- vector ---- */

static const char vector_types[] =
    "  <vector id=\"v4f\" type=\"ieee_single\" count=\"4\"/>\n"
    "  <vector id=\"v4i32\" type=\"int32\" count=\"4\"/>\n"
    "  <vector id=\"v8i16\" type=\"int16\" count=\"8\"/>\n"
    "  <vector id=\"v16i8\" type=\"int8\" count=\"16\"/>\n"
    "  <union id=\"vec128\">\n"
    "    <field name=\"uint128\" type=\"uint128\"/>\n"
    "    <field name=\"v4_float\" type=\"v4f\"/>\n"
    "    <field name=\"v4_int32\" type=\"v4i32\"/>\n"
    "    <field name=\"v8_int16\" type=\"v8i16\"/>\n"
    "    <field name=\"v16_int8\" type=\"v16i8\"/>\n"
    "  </union>\n";

static RegInfo vector_info(const PpcModel *model, unsigned n)
{
    static const RegInfo named[] = { { "vscr", 32, "group=\"vector\"" }, { "vrsave", 32, "group=\"vector\"" } };

    return n < 32 ? numbered("vr", n, "", 128, "type=\"vec128\"") : n < 34 ? named[n - 32] : (RegInfo){ .bits = 0 };
}

static RegValue vector_get(PowerPCCPU *cpu, unsigned n)
{
    return n < 32 ? (RegValue){ V_D(cpu->vsr[32 + n], 0), V_D(cpu->vsr[32 + n], 1) }
        : (RegValue){ 0, n == 32 ? cpu->vscr | !!cpu->vscr_sat : (uint32_t)cpu->spr[SPR_VRSAVE] };
}

static void vector_set(PowerPCCPU *cpu, unsigned n, RegValue v)
{
    if (n < 32) {
        V_D(cpu->vsr[32 + n], 0) = v.hi;
        V_D(cpu->vsr[32 + n], 1) = v.lo;
    } else if (n == 32) {       /* the book's other bits are reserved: read as 0 */
        cpu->vscr = v.lo & 0x10000;
        cpu->vscr_sat = v.lo & 1;
    } else {
        cpu->spr[SPR_VRSAVE] = v.lo;
    }
}

/* ---- VSX: what of it is in neither of the two above ---- */

static RegInfo vsx_info(const PpcModel *model, unsigned n)
{
    return n < 32 ? numbered("vs", n, "h", 64, "type=\"uint64\"") : (RegInfo){ .bits = 0 };
}

static RegValue vsx_get(PowerPCCPU *cpu, unsigned n) { return (RegValue){ 0, V_D(cpu->vsr[n], 1) }; }
static void vsx_set(PowerPCCPU *cpu, unsigned n, RegValue v) { V_D(cpu->vsr[n], 1) = v.lo; }

/* ---- special purpose ---- */

static RegInfo spr_info(const PpcModel *model, unsigned n)
{
    const char *name = gdb_spr_name(model, n);
    RegInfo r = { .bits = name ? 64 : 0, .attributes = "group=\"spr\"" };

    g_strlcpy(r.name, name ? name : "", sizeof(r.name));
    return r;
}

static RegValue spr_value(PowerPCCPU *cpu, unsigned n) { return (RegValue){ 0, gdb_spr_get(cpu, n) }; }
static void spr_store(PowerPCCPU *cpu, unsigned n, RegValue v) { gdb_spr_set(cpu, n, v.lo); }

/* ---- all ---- */

static const RegGroup groups[] = {
    { "power64-core.xml", "org.gnu.gdb.power.core", NULL, 0, core_info, core_get, core_set },
    { "power-fpu.xml", "org.gnu.gdb.power.fpu", NULL, MSR_FP, fpu_info, fpu_get, fpu_set },
    { "power-altivec.xml", "org.gnu.gdb.power.altivec", vector_types, MSR_VEC, vector_info, vector_get, vector_set },
    { "power-vsx.xml", "org.gnu.gdb.power.vsx", NULL, MSR_VSX, vsx_info, vsx_get, vsx_set },
    { "power-spr.xml", "org.qemu.power.spr", NULL, 0, spr_info, spr_value, spr_store },
};

static bool has(const PpcModel *model, const RegGroup *g)
{
    return (model->family->msr_mask & g->needs) == g->needs;
}

/* The group of a register, and its place there; *bits is 0 where a number of the core is nobody's. NULL: past the last. */
static const RegGroup *find(const PpcModel *model, uint64_t num, unsigned *n, unsigned *bits)
{
    *bits = 0;
    *n = num;
    if (num < PC || (num >= CORE_END && num < GDB_CORE_REGISTERS)) {
        *bits = num < 32 ? 64 : 0;
        return &groups[0];
    }
    if (num < GDB_CORE_REGISTERS) {
        *n -= 32;
        *bits = core_info(model, *n).bits;
        return &groups[0];
    }
    num -= GDB_CORE_REGISTERS;
    for (const RegGroup *g = groups + 1; g < groups + G_N_ELEMENTS(groups); g++) {
        for (unsigned i = 0; has(model, g); i++, num--) {
            unsigned b = g->info(model, i).bits;
            if (!b) {
                break;
            }
            if (!num) {
                *n = i;
                *bits = b;
                return g;
            }
        }
    }
    return NULL;
}

static void turn_round(uint8_t *b, unsigned n)
{
    for (unsigned i = 0; i < n / 2; i++) {
        uint8_t x = b[i];
        b[i] = b[n - 1 - i];
        b[n - 1 - i] = x;
    }
}

bool gdb_register_read(PowerPCCPU *cpu, uint64_t num, GString *out)
{
    unsigned n, bits;
    const RegGroup *g = find(cpu->model, num, &n, &bits);

    if (bits) {
        RegValue v = g->get(cpu, n);
        uint64_t be[2] = { GUINT64_TO_BE(v.hi), GUINT64_TO_BE(v.lo) };
        uint8_t *b = (uint8_t *)be + 16 - bits / 8;
        if (cpu->msr & MSR_LE) {
            turn_round(b, bits / 8);
        }
        gdb_append_hex(out, b, bits / 8);
    }
    return g != NULL;
}

/* From the front of `text`; moves *text behind it. */
static bool take(PowerPCCPU *cpu, const RegGroup *g, unsigned n, unsigned bits, bool le, const char **text)
{
    uint64_t be[2] = { 0 };
    uint8_t *b = (uint8_t *)be + 16 - bits / 8;
    g_autofree char *digits = g_strndup(*text, bits / 4);

    if (!gdb_parse_bytes(digits, b, bits / 8)) {
        return false;
    }
    if (le) {
        turn_round(b, bits / 8);
    }
    *text += bits / 4;
    if (bits) {
        g->set(cpu, n, (RegValue){ GUINT64_FROM_BE(be[0]), GUINT64_FROM_BE(be[1]) });
    }
    return true;
}

GdbRegResult gdb_register_write(PowerPCCPU *cpu, uint64_t num, const char *text)
{
    unsigned n, bits;
    const RegGroup *g = find(cpu->model, num, &n, &bits);

    if (!bits) {
        return GDB_REG_MISSING;
    }
    return strlen(text) == bits / 4 && take(cpu, g, n, bits, cpu->msr & MSR_LE, &text) ? GDB_REG_OK : GDB_REG_BAD_VALUE;
}

bool gdb_registers_write(PowerPCCPU *cpu, const char *text)
{
    bool le = cpu->msr & MSR_LE;        /* of the packet: MSR itself is in it */
    unsigned n, bits, digits = 0;

    for (unsigned i = 0; i < GDB_CORE_REGISTERS; i++) {
        find(cpu->model, i, &n, &bits);
        digits += bits / 4;
    }
    if (strlen(text) != digits || strspn(text, "0123456789abcdefABCDEF") != digits) {
        return false;
    }
    for (unsigned i = 0; i < GDB_CORE_REGISTERS; i++) {
        const RegGroup *g = find(cpu->model, i, &n, &bits);
        take(cpu, g, n, bits, le, &text);
    }
    return true;
}

/* ---- the description ---- */

static GString *describe(const PpcModel *model, const RegGroup *g)
{
    GString *s = g_string_new("<?xml version=\"1.0\"?>\n<!DOCTYPE feature SYSTEM \"gdb-target.dtd\">\n");
    RegInfo r;

    g_string_append_printf(s, "<feature name=\"%s\">\n%s", g->feature, g->types ? g->types : "");
    for (unsigned n = 0; (r = g->info(model, n)).bits; n++) {
        g_string_append_printf(s, "  <reg name=\"%s\" bitsize=\"%u\" %s/>\n", r.name, r.bits, r.attributes);
    }
    g_string_append(s, "</feature>\n");
    return s;
}

GString *gdb_description(const PpcModel *model, const char *file)
{
    if (!strcmp(file, "target.xml")) {
        GString *s = g_string_new("<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\"><target>"
                                  "<architecture>powerpc:common64</architecture>");
        for (unsigned i = 0; i < G_N_ELEMENTS(groups); i++) {
            if (has(model, &groups[i])) {
                g_string_append_printf(s, "<xi:include href=\"%s\"/>", groups[i].file);
            }
        }
        g_string_append(s, "</target>");
        return s;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(groups); i++) {
        if (!strcmp(groups[i].file, file) && has(model, &groups[i])) {
            return describe(model, &groups[i]);
        }
    }
    return NULL;
}
