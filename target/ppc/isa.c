/*
 * The instruction table: from rows in the linker section to a decoder, and the gates every
 * instruction passes before its paragraph runs.
 *
 * A pattern string is parsed once at start. Decoding goes by primary opcode and the low eleven bits
 * to a short candidate list, most specific row first, so that an entry for a particular register or
 * a reserved-bit variant wins over the general one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa.h"
#include <stdlib.h>
#include <string.h>

extern const InsnRow __start_ppc_insns[], __stop_ppc_insns[];

static InsnDesc *table;
static size_t table_count;
/* [primary << 11 | low 11 bits] -> index + 1 of the first candidate in `chains` */
typedef struct Bucket { uint16_t *idx; uint8_t n; } Bucket;
static Bucket plain[64 << 11];
static Bucket prefixed[64];             /* by the suffix's primary opcode */

static void parse_half(InsnDesc *d, const char *s, size_t len, bool in_prefix, uint32_t *mask,
                       uint32_t *value, GString *faults)
{
    g_autofree char *text = g_strndup(s, len);
    g_auto(GStrv) items = g_strsplit_set(text, " ", -1);
    unsigned bit = 0;

    for (char **it = items; *it; it++) {
        char *colon = strchr(*it, ':');
        if (!**it) {
            continue;
        }
        unsigned width = colon ? atoi(colon + 1) : 0;
        if (!width || bit + width > 32) {
            g_string_append_printf(faults, "%s: bad item '%s'\n", d->row->id, *it);
            return;
        }
        unsigned lsb = 32 - bit - width;
        uint32_t ones = (width == 32 ? UINT32_MAX : (1u << width) - 1) << lsb;
        if (g_ascii_isdigit(**it)) {
            uint64_t v = strtoull(*it, NULL, 0);
            if (v >> width) {
                g_string_append_printf(faults, "%s: '%s' does not fit\n", d->row->id, *it);
            }
            *mask |= ones;
            *value |= (uint32_t)v << lsb;
        } else if (**it == '!') {
            *mask |= ones;
        } else if (**it != '/') {
            *colon = 0;
            if (d->nfields < G_N_ELEMENTS(d->fields)) {
                InsnField *f = &d->fields[d->nfields++];
                g_strlcpy(f->name, *it, sizeof(f->name));
                f->lsb = lsb;
                f->width = width;
                f->in_prefix = in_prefix;
            }
        }
        bit += width;
    }
    if (bit != 32) {
        g_string_append_printf(faults, "%s: %u bits in '%s'\n", d->row->id, bit, text);
    }
}

static void parse_row(InsnDesc *d, GString *faults)
{
    const char *bar = strchr(d->row->pattern, '|');

    d->prefixed = bar != NULL;
    if (bar) {
        parse_half(d, d->row->pattern, bar - d->row->pattern, true, &d->pmask, &d->pvalue, faults);
        parse_half(d, bar + 1, strlen(bar + 1), false, &d->mask, &d->value, faults);
    } else {
        parse_half(d, d->row->pattern, strlen(d->row->pattern), false, &d->mask, &d->value, faults);
    }
}

static int specificity(const InsnDesc *d)
{
    return __builtin_popcount(d->mask) + __builtin_popcount(d->pmask);
}

static void bucket_add(Bucket *b, unsigned idx)
{
    unsigned at = b->n;

    b->idx = g_renew(uint16_t, b->idx, b->n + 1);
    while (at > 0 && specificity(&table[b->idx[at - 1]]) < specificity(&table[idx])) {
        b->idx[at] = b->idx[at - 1];
        at--;
    }
    b->idx[at] = idx;
    b->n++;
}

void isa_init(void)
{
    static gsize once;
    g_autoptr(GString) faults = g_string_new(NULL);

    if (!g_once_init_enter(&once)) {
        return;
    }
    table_count = __stop_ppc_insns - __start_ppc_insns;
    table = g_new0(InsnDesc, table_count);
    for (size_t i = 0; i < table_count; i++) {
        InsnDesc *d = &table[i];
        d->row = &__start_ppc_insns[i];
        parse_row(d, faults);
        if (d->prefixed) {
            /* pnop takes any suffix, and TX of plxv lies in the primary opcode */
            for (unsigned op = 0; op < G_N_ELEMENTS(prefixed); op++) {
                if ((op & d->mask >> 26) == d->value >> 26) {
                    bucket_add(&prefixed[op], i);
                }
            }
            continue;
        }
        /* every value of the low bits that the mask allows */
        uint32_t low_mask = d->mask & 0x7ff, low_value = d->value & 0x7ff, free_bits = ~low_mask & 0x7ff;
        for (uint32_t sub = free_bits;; sub = (sub - 1) & free_bits) {
            bucket_add(&plain[d->value >> 26 << 11 | low_value | sub], i);
            if (!sub) {
                break;
            }
        }
    }
    if (faults->len) {
        g_error("instruction table:\n%s", faults->str);
    }
    g_once_init_leave(&once, 1);
}

InsnDesc *isa_table(size_t *n)
{
    isa_init();
    *n = table_count;
    return table;
}

InsnDesc *isa_decode(const PpcFeatures *f, uint32_t word, bool is_prefixed, uint32_t suffix)
{
    const Bucket *b = is_prefixed ? &prefixed[suffix >> 26] : &plain[word >> 26 << 11 | (word & 0x7ff)];
    uint32_t w = is_prefixed ? suffix : word;

    for (unsigned i = 0; i < b->n; i++) {
        InsnDesc *d = &table[b->idx[i]];
        if ((w & d->mask) == d->value && (!is_prefixed || (word & d->pmask) == d->pvalue)
            && ppc_has(f, d->row->feature)) {
            return d;
        }
    }
    return NULL;
}

static bool refines(const InsnDesc *a, const InsnDesc *b)
{
    return (a->mask & b->mask) == b->mask && (a->pmask & b->pmask) == b->pmask
        && specificity(a) > specificity(b);
}

void isa_check(GString *out)
{
    size_t n;

    isa_table(&n);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = i + 1; k < n; k++) {
            const InsnDesc *a = &table[i], *b = &table[k];
            uint32_t both = a->mask & b->mask, pboth = a->pmask & b->pmask;
            if (a->prefixed != b->prefixed || (a->value & both) != (b->value & both)
                || (a->pvalue & pboth) != (b->pvalue & pboth) || refines(a, b) || refines(b, a)) {
                continue;
            }
            g_string_append_printf(out, "%s and %s overlap\n", a->row->id, b->row->id);
        }
    }
}

/* ---- leaving ---- */

void raise_program(DisasCtx *ctx, uint32_t why)
{
    raise_exception(EXCP_PROGRAM, why);
    ctx->end = true;
}

void raise_facility(DisasCtx *ctx, unsigned ic, bool hv)
{
    raise_exception(hv ? EXCP_HFU : EXCP_FU, ic);
    ctx->end = true;
}

void end_region(DisasCtx *ctx)
{
    ctx->end = true;
}

/* ---- gates ---- */

enum { FSCR_IC_TM = 5, FSCR_IC_PREFIX = 13 };

static bool gated(DisasCtx *ctx, const InsnDesc *d, const Insn *a)
{
    uint32_t f = d->row->flags;

    if (f & INSN_HV && !ctx->hv) {
        raise_program(ctx, ctx->pr ? PROG_PRIV : PROG_PRIV);
    } else if (f & (INSN_SUPER | INSN_HV) && ctx->pr) {
        raise_program(ctx, PROG_PRIV);
    } else if (d->prefixed && !(ctx->flags & RF_PREFIX)) {
        raise_facility(ctx, FSCR_IC_PREFIX, false);
    } else if (f & INSN_FP && !(ctx->flags & RF_FP)) {
        raise_exception(EXCP_FPU, 0);
    } else if (f & INSN_VEC && !(ctx->flags & RF_VEC)) {
        raise_exception(EXCP_VPU, 0);
    } else if (f & INSN_VSX && !(ctx->flags & RF_VSX)) {
        raise_exception(EXCP_VSXU, 0);
    } else if (f & INSN_VSX_OR_VEC) {
        /*
         * TX/SX of these forms is the last bit of the word; of the DQ forms (primary 61), bit 28; of plxv and
         * pstxv, bit 5, that is, the last of what is primary opcode elsewhere.
         */
        bool high = d->prefixed ? a->w >> 26 & 1 : a->w >> 26 == 61 ? a->w >> 3 & 1 : a->w & 1;
        if (high && !(ctx->flags & RF_VEC)) {
            raise_exception(EXCP_VPU, 0);
        } else if (!high && !(ctx->flags & RF_VSX)) {
            raise_exception(EXCP_VSXU, 0);
        } else {
            return false;
        }
    } else if (f & INSN_TM && !(ctx->flags & RF_TM)) {
        raise_facility(ctx, FSCR_IC_TM, false);
    } else {
        return false;
    }
    return true;
}

/* The book goes by the name: "Load ..." and "Store ..." instructions, and the cache instructions treated as one or the other. */
static uint8_t traced_as(const InsnDesc *d)
{
    const char *name = d->row->mnemonic + (d->prefixed && d->row->mnemonic[0] == 'p');
    uint32_t f = d->row->flags;
    bool store = g_str_has_prefix(name, "st") || g_str_has_prefix(name, "dcbz");

    return (f & INSN_BRANCH ? TRACED_BRANCH : 0) | (f & INSN_UNTRACED ? TRACED_NEVER : 0)
        | (d->prefixed ? TRACED_PREFIXED : 0) | (!(f & INSN_MEM) ? 0 : store ? TRACED_STORE : TRACED_LOAD);
}

void isa_translate(DisasCtx *ctx, const Insn *insn)
{
    if (insn->prefixed && (ctx->pc & 63) == 60) {       /* Book I, 1.6: may not cross a 64-byte boundary */
        raise_exception(EXCP_ALIGN, insn->prefix);
        ctx->end = true;
        return;
    }
    InsnDesc *d = isa_decode(&ctx->features, insn->prefixed ? insn->prefix : insn->w,
                             insn->prefixed, insn->w);
    if (!d) {
        raise_program(ctx, PROG_INVAL);
        return;
    }
    d->hits++;
    ctx->traced |= traced_as(d);
    if (gated(ctx, d, insn)) {
        ctx->end = true;
        return;
    }
    d->row->fn(ctx, insn);
}

/* ---- condition register ---- */

void set_crf_cmp(unsigned bf, Val a, Val b, bool is_signed, bool word)
{
    set_crbit(4 * bf, ir_cond2(IR_SETCOND, is_signed ? C_LT : C_LTU, word, a, b));
    set_crbit(4 * bf + 1, ir_cond2(IR_SETCOND, is_signed ? C_GT : C_GTU, word, a, b));
    set_crbit(4 * bf + 2, ir_cond2(IR_SETCOND, C_EQ, word, a, b));
    set_crbit(4 * bf + 3, slot_get(SLOT_SO));
}

void set_cr0(DisasCtx *ctx, Val result)
{
    set_crf_cmp(0, result, iconst(0), true, !ctx->sf);
}

void set_crf(unsigned bf, Val v)
{
    for (int i = 0; i < 4; i++) {
        set_crbit(4 * bf + i, andi(shri(v, 3 - i), 1));
    }
}

/* ---- addresses and memory ---- */

static Val narrow(DisasCtx *ctx, Val ea)
{
    return ctx->sf ? ea : extu32(ea);
}

Val ea_x(DisasCtx *ctx, unsigned ra, unsigned rb)
{
    return narrow(ctx, ra ? add(gpr(ra), gpr(rb)) : gpr(rb));
}

Val ea_d(DisasCtx *ctx, unsigned ra, int64_t disp)
{
    return narrow(ctx, addi(gpr0(ra), disp));
}

Val ea_pd(DisasCtx *ctx, const Insn *a)
{
    return narrow(ctx, PR_R(a) ? iconst(ctx->pc + D34(a)) : addi(gpr0(RA(a)), D34(a)));
}

/* Relative to the instruction and to a register at once is invalid. */
bool bad_prefixed(DisasCtx *ctx, const Insn *a)
{
    if (PR_R(a) && RA(a)) {
        raise_program(ctx, PROG_INVAL);
        return true;
    }
    return false;
}

Val ea_add(DisasCtx *ctx, Val ea, int64_t n)
{
    return narrow(ctx, addi(ea, n));
}

MemOp mem_op(DisasCtx *ctx, MemOp op)
{
    return op | RF_DMMU(ctx->flags) << MO_MMU_SHIFT | (ctx->le ? 0 : MO_BE);
}

Val mem_ld(DisasCtx *ctx, Val ea, MemOp op)
{
    return ir_ld(ea, mem_op(ctx, op));
}

Val mem_ld_rev(DisasCtx *ctx, Val ea, MemOp op)
{
    return ir_ld(ea, mem_op(ctx, op) ^ MO_BE);
}

void mem_st(DisasCtx *ctx, Val ea, Val v, MemOp op)
{
    ir_st(ea, v, mem_op(ctx, op));
}

void mem_st_rev(DisasCtx *ctx, Val ea, Val v, MemOp op)
{
    ir_st(ea, v, mem_op(ctx, op) ^ MO_BE);
}

Val mem_ldf(DisasCtx *ctx, Val ea)
{
    return ir_ldf(ea, mem_op(ctx, MO_64));
}

void mem_stf(DisasCtx *ctx, Val ea, Val v)
{
    ir_stf(ea, v, mem_op(ctx, MO_64));
}

Val mem_ldx(DisasCtx *ctx, Val ea, MemOp extra)
{
    return ir_ldx(ea, mem_op(ctx, MO_128 | extra));
}

void mem_stx(DisasCtx *ctx, Val ea, Val v, MemOp extra)
{
    ir_stx(ea, v, mem_op(ctx, MO_128 | extra));
}
