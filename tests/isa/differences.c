/*
 * Where the peer knowingly differs: one entry for each case of docs/devel/peer-differences.rst that a random test meets.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tests/isa/isa-random.h"
#include "target/ppc/fp/fpscr.h"
#include <fnmatch.h>

#define FR FPSCR_FR
#define FI FPSCR_FI
#define FX FPSCR_FX
#define FPRF FPSCR_FPRF

/* When a difference can show; what depends on registers counts as met unless the row runs first. */
typedef enum When {
    ALWAYS, DIRECTED /* RN = 2, 3 */, LITTLE, DIVDE_OVERFLOW, OPERAND_NOT_SINGLE,
    RESERVED_SYNC, RESERVED_DCBF, ODD_PAIR, ELEMENT_BEYOND,
    ROUND_TO_ODD, BCD_LENGTH, BOTH_ZERO, VRA_LEAST, IN_SEQUENCE, DIVEUQ_OVERFLOW, NEW_NOP, DFP_SPECIAL, VRT_IS_VRB, XB_NOT_NORMAL_SINGLE, BOUNDED, BCCTR_DECREMENT, DST_RA0, RMC_FPSCR, PLQ_RA,
} When;

typedef struct Difference {
    const char *ids;            /* globs, space separated */
    When when;
    Mask ignore;
    bool low_target;            /* doubleword 1 of VSR[XT] */
    const char *section;        /* of the book that decides, and what it is about */
} Difference;

static const Difference differences[] = {
    { "f* xs* xv*", ALWAYS, { .fpscr = FR }, false, "4.2.2: FR" },
    { "d[acdeimqrstx]*", ALWAYS, { .fpscr = FR | FI | FX }, false, "5.2.2: FR, FI and FX of decimal operations" },
    { "drdpq", ALWAYS, { .all = true }, false, "5.6.5: the even register of the pair" },
    { "drsp", DFP_SPECIAL, { .all = true }, false, "5.6.5: payload of a NaN" },
    { "ddedpd ddedpdq diex diexq dscli dscliq dscri dscriq", DFP_SPECIAL, { .all = true }, false, "5.6.6: infinities and NaNs" },
    { "dctfixqq dctfixq denbcd denbcdq", ALWAYS, { .all_if = FPSCR_VXCVI }, false, "5.6.5, 5.6.6: invalid conversions" },
    { "bcdadd bcdsub bcdc[ft]* bcdsetsgn bcds bcdsr bcdus bcdtrunc bcdutrunc bcdcpsgn", ALWAYS, { .bcd = true }, false,
      "6.17: invalid operands and zeros" },
    { "bcdtrunc bcdutrunc", BCD_LENGTH, { .vsr = true, .cr = true }, false, "6.17: lengths are unsigned" },
    { "bcdus", ALWAYS, { .cr = true }, false, "6.17: never less" },
    { "bcdctsq", ALWAYS, { .cr = true }, false, "6.17: CR6 of a value of more than 64 bits" },
    { "drrnd drrndq", ALWAYS, { .all_if = FPSCR_VXSNAN }, false, "5.2.2: FEX" },
    { "drrnd drrndq", ALWAYS, { .all_if = FPSCR_VXCVI }, false, "5.2.2: FEX of an exponent that becomes too large" },
    { "*xvbf16ger2*", ALWAYS, { .all = true }, false, "7.6.1.4: rounded once, without limit of exponent" },
    { "*ger*", ALWAYS, { .fpscr = FI | FX | FPSCR_OX | FPSCR_UX | FPSCR_XX | FPSCR_ZX }, false, "7.6.1.4: several exceptions" },
    { "*xvf*ger*n[np]", DIRECTED, { .vsr = true }, false, "7.6.1.4: rounded, then negated" },
    { "vdiveuq", DIVEUQ_OVERFLOW, { .all = true }, false, "6.9.1.3: undefined result" },
    { "vdivesq vdivesd", VRA_LEAST, { .all = true }, false, "6.9.1.3: undefined result" },
    { "xsmaxcdp xsmaxcqp xsminc[dq]p", BOTH_ZERO, { .vsr = true }, false, "7.6: +0 is not greater than -0" },
    { "reserved_nop", NEW_NOP, { .all = true }, false, "Book I, 1.8.3: reserved no-ops" },
    { "bcdcpsgn bcdtrunc bcdutrunc", VRT_IS_VRB, { .all = true }, false, "6.17: of VRB, also when it is VRT" },
    { "xv*", ALWAYS, { .fpscr = FI | FPSCR_OX | FPSCR_UX | FPSCR_ZX }, false, "7.4: FI, and several exceptions in one vector form" },
    { "xv*", IN_SEQUENCE, { .fpscr = FPSCR_XX | FX }, false, "7.4: what the peer keeps for a later instruction" },
    { "fnm* xsnm* xvnm*", DIRECTED, { .vsr = true, .cr = true, .fpscr = FPRF | FI | FPSCR_OX | FPSCR_UX }, false, "4.6.6.2: rounded, then negated" },
    { "*s xs*sp frsp", ALWAYS, { .denormal_fprf = true }, false, "4.6.6: denormalized singles" },
    { "fmadds fmsubs fnmadds fnmsubs fadds fsubs fmuls fdivs xs*sp", OPERAND_NOT_SINGLE, { .all = true }, false,
      "4.6.6: rounded once" },
    { "xsnmsubqp", ROUND_TO_ODD, { .vsr = true, .fpscr = FPRF }, false, "7.6: rounded to odd" },
    { "xsrqpi xsrqpxp", RMC_FPSCR, { .all = true }, false, "7.6: FPSCR[RN] and reserved modes" },
    { "fcmpu fcmpo xscmpudp xscmpodp", ALWAYS, { .fpscr = FR | FI | FPSCR_FPRF_C }, false, "4.6.8: FR and FI not changed" },
    { "fcfids fcfidu fcfidus", ALWAYS, { .fpscr = FPRF }, false, "4.6.7: FPRF from the result" },
    { "fcti* xscvdp[su]x* xvcv*", ALWAYS, { .fpscr = FPRF }, false, "4.6.7: FPRF undefined" },
    { "fre fres frsqrte frsqrtes xsre* xsrsqrte* xvre* xvrsqrte*", ALWAYS, { .all_if = FPSCR_ZX, .fpscr = FI | FX | FPSCR_XX | FPSCR_OX | FPSCR_UX }, false,
      "4.6.5: estimates of zero, and whether they are inexact" },
    { "xvcv*[su]x[wd]s", ALWAYS, { .invalid_vsr = true }, false, "7.6: conversion of several elements" },
    { "mtfsb1 mtfsb0 mtfsf mtfsfi mcrfs", ALWAYS, { .fpscr = FX | FPSCR_NI, .cr = true }, false, "4.2.2: FX, NI" },
    { "vexptefp", ALWAYS, { .vsr = true }, false, "6.10.5: accuracy" },
    { "mtvscr", ALWAYS, { .vscr = ~0x10001ull }, false, "6.3.2: reserved bits" },
    { "vrldmi", ALWAYS, { .vsr = true }, false, "6.9.2: inserts under the mask" },
    { "vextu[bhw][lr]x", ELEMENT_BEYOND, { .gpr = true }, false, "6.8.6: undefined beyond the register" },
    { "xststdcsp", XB_NOT_NORMAL_SINGLE, { .fpscr = FPRF, .cr = true }, false, "7.6: denormalized as a single" },
    { "lxsdx lxsspx lxsi* mtvsrd mtvsrwa mtvsrwz", ALWAYS, { 0 }, true, "7.6: doubleword 1 set to zero" },
    { "divde", DIVDE_OVERFLOW, { .all = true }, false, "3.3.9: overflow of a negative quotient" },
    { "lfdp lfdpx stfdp stfdpx", LITTLE, { .all = true }, false, "4.6.2: the even register is at EA" },
    { "lfdp stfdp", ODD_PAIR, { .all = true }, false, "4.6.2: an odd register is an invalid form" },
    { "bcctr", BCCTR_DECREMENT, { .all = true }, false, "2.4: BO[2] = 0 is an invalid form; CTR when CR refuses the branch" },
    { "dst dstst", DST_RA0, { .all = true }, false, "hints of AltiVec, here with any RA" },
    { "xsmax* xsmin* xvmax* xvmin*", ALWAYS, { .fpscr = FPSCR_XX | FPSCR_OX | FPSCR_UX | FX }, false, "7.6: no underflow" },
    { "stqcx_", ALWAYS, { .all = true }, false, "Book II, 4.6.2: with a reservation it stores" },
    { "xsmaxjdp xsminjdp", ALWAYS, { .fpscr = FPSCR_VXSNAN | FPSCR_VX | FX }, false, "7.6: a quiet and a signalling NaN" },
    { "*madd* *msub*", ALWAYS, { .imz_snan = true }, false, "7.6: zero times infinity plus a signalling NaN" },
    { "lwat ldat", BOUNDED, { .all = true }, false, "Book II, 4.5.1: the value that says the bound was met is 32 bits" },
    { "xscmpexp*", ALWAYS, { .fpscr = FPSCR_XX | FPSCR_OX | FPSCR_UX | FX }, false, "7.6: only FPCC and VXVC" },
    { "plq", ODD_PAIR, { .all = true }, false, "3.3.2.1: an odd register is an invalid form" },
    { "plq", PLQ_RA, { .all = true }, false, "3.3.2.1: RTp = RA is invalid for lq only" },
    { "pstq", ODD_PAIR, { .all = true }, false, "3.3.2.1: an odd register is an invalid form" },
    { "sync", RESERVED_SYNC, { .all = true }, false, "reserved fields are ignored (Book I, 1.3.3)" },
    { "dcbf", RESERVED_DCBF, { .all = true }, false, "reserved values of L" },
    { "icbt", ALWAYS, { .all = true }, false, "Book II, 4.3.1: icbt of ISA 2.07" },
};

static bool is_single(uint64_t d)
{
    double v;

    memcpy(&v, &d, 8);
    return v != v || (double)(float)v == v;
}

static uint64_t dw0(const Case *c, unsigned n)
{
    return c->in.r[ISA_VSR + 2 * n];
}

static bool happens(When when, const Case *c, const InsnDesc *row, uint32_t w, bool first)
{
    uint64_t fpscr = c->in.r[ISA_FPSCR];
    unsigned xb = (w >> 11 & 31) | (w & 2) << 4;
    bool vsx = row->row->id[0] == 'x';

    switch (when) {
    case DIRECTED:
        return fpscr & 2;
    case LITTLE:
        return !c->big;
    case DIVDE_OVERFLOW: {
        __int128 n = (__int128)((unsigned __int128)c->in.r[w >> 16 & 31] << 64);
        int64_t d = c->in.r[w >> 11 & 31];
        return !first || !d || (n >> 127 && d == -1) || n / d != (int64_t)(n / d);
    }
    case OPERAND_NOT_SINGLE:
        if (vsx) {
            return !first || !is_single(dw0(c, xb)) || !is_single(dw0(c, (w >> 16 & 31) | (w & 4) << 3)) ||
                   !is_single(dw0(c, (w >> 21 & 31) | (w & 1) << 5));
        }
        return !first || !is_single(dw0(c, w >> 16 & 31)) || !is_single(dw0(c, w >> 11 & 31)) || !is_single(dw0(c, w >> 6 & 31));
    case XB_NOT_NORMAL_SINGLE:
        return !first || !is_single(dw0(c, xb)) || (dw0(c, xb) << 1 && (dw0(c, xb) >> 52 & 0x7ff) <= 1023 - 127);
    case RESERVED_SYNC:
        return w & 0x9f0000;
    case RESERVED_DCBF:
        return w & 0xc00000;
    case ROUND_TO_ODD:
        return w & 1;
    case RMC_FPSCR:
        return !(w & 0x10000) && w & 0x600;
    case BCCTR_DECREMENT:
        return !(w & 0x800000);
    case DST_RA0:
        return !(w & 0x1f0000);
    case BOUNDED:
        return (w >> 11 & 31) >= 24;
    case DFP_SPECIAL: {         /* an infinity or NaN in FRA or FRB, or made so */
        uint64_t x = dw0(c, w >> 16 & 31), y = dw0(c, w >> 11 & 31);
        return !first || (x >> 59 & 15) == 15 || (y >> 59 & 15) == 15 || (int64_t)x < 0 || x > 767;
    }
    case BOTH_ZERO: {
        bool quad = row->value >> 26 == 63;
        unsigned x = quad ? 32 + (w >> 16 & 31) : (w >> 16 & 31) | (w & 4) << 3, y = quad ? 32 + (w >> 11 & 31) : xb;
        return !first || (!(dw0(c, x) << 1) && !(dw0(c, y) << 1));
    }
    case BCD_LENGTH:
        return !first || dw0(c, 32 + (w >> 16 & 31)) & 0x8000;
    case VRA_LEAST:
        return !first || dw0(c, 32 + (w >> 16 & 31)) == 1ull << 63 ||
               c->in.r[ISA_VSR + 65 + 2 * (w >> 16 & 31)] == 1ull << 63;
    case DIVEUQ_OVERFLOW: {
        const uint64_t *x = c->in.r + ISA_VSR + 64 + 2 * (w >> 16 & 31), *y = c->in.r + ISA_VSR + 64 + 2 * (w >> 11 & 31);
        return !first || x[0] > y[0] || (x[0] == y[0] && x[1] >= y[1]);
    }
    case NEW_NOP:
        return !(w & 0x100);    /* hashst and its family are the peer's, the others illegal */
    case IN_SEQUENCE:
        return c->insns > 1;
    case VRT_IS_VRB:
        return (w >> 21 & 31) == (w >> 11 & 31);
    case PLQ_RA:
        return (w >> 21 & 31) == (w >> 16 & 31);
    case ODD_PAIR:
        return w >> 21 & 1;
    case ELEMENT_BEYOND: {
        unsigned size = 1 << (w >> 6 & 3), at = c->in.r[w >> 16 & 31] & 15;     /* XO: ...13, 77 (1), 141 (2) */
        return !first || at + size > 16;
    }
    default:
        return true;
    }
}

/* Which entries apply to a row, found once. */
static const uint32_t *entries_of(const InsnDesc *row)
{
    static uint32_t **cache;
    size_t n;
    const InsnDesc *table = isa_table(&n);

    if (!cache) {
        cache = g_new0(uint32_t *, n);
    }
    uint32_t **mine = &cache[row - table];
    if (!*mine) {
        GArray *a = g_array_new(true, false, sizeof(uint32_t));     /* index + 1; ends with 0 */
        for (uint32_t i = 0; i < G_N_ELEMENTS(differences); i++) {
            g_auto(GStrv) globs = g_strsplit(differences[i].ids, " ", -1);
            for (char **g = globs; *g; g++) {
                if (!fnmatch(*g, row->row->id, 0)) {
                    uint32_t k = i + 1;
                    g_array_append_val(a, k);
                    break;
                }
            }
        }
        *mine = (uint32_t *)g_array_free(a, false);
    }
    return *mine;
}

bool difference_mask(const Case *c, const InsnDesc *row, uint32_t word, bool first, Mask *m)
{
    bool ends = false;

    if (!row) {
        return false;
    }
    for (const uint32_t *e = entries_of(row); *e; e++) {
        const Difference *d = &differences[*e - 1];
        const Mask *i = &d->ignore;
        /* Of a row that only might differ the result is kept to itself, too. */
        ends |= i->vsr || i->invalid_vsr || i->all_if || i->bcd || i->cr || i->gpr || i->mem || i->all || i->vscr || d->low_target;
        if (!happens(d->when, c, row, word, first)) {
            continue;
        }
        m->fpscr |= i->fpscr;
        m->vscr |= i->vscr;
        m->vsr |= i->vsr;
        m->cr |= i->cr;
        m->gpr |= i->gpr;
        m->mem |= i->mem;
        m->all |= i->all;
        m->invalid_vsr |= i->invalid_vsr;
        m->all_if |= i->all_if;
        m->bcd |= i->bcd;
        m->imz_snan |= i->imz_snan;
        m->denormal_fprf |= i->denormal_fprf;
        if (d->low_target) {
            m->low |= 1ull << ((word >> 21 & 31) | (word & 1) << 5);
        }
    }
    return ends;
}

bool difference_shows(const InsnDesc *row)
{
    return g_str_has_prefix(row->row->id, "mffs") || !strcmp(row->row->id, "mcrfs");
}
