/*
 * Random cases: a few instructions drawn from the table with operands that are often edges of their formats.
 *
 * Every case depends on (seed, processor, byte order, number) alone, so that one can be made again by itself. What is
 * special about a row is found from the names of its fields; a memory row gets an address in the buffer, by the
 * initial registers when it comes first and by instructions put in front of it when not.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tests/isa/isa-random.h"
#include "target/ppc/fp/fpscr.h"
#include <string.h>

static GPtrArray *rows, *simple;        /* to draw from; those that may stand anywhere in a sequence */
static uint64_t rng[2];
static unsigned pool[4];                /* registers that this case prefers */

static uint64_t rnd(void)
{
    /* xorshift128+: cheap to seed for each case */
    uint64_t a = rng[0], b = rng[1];

    rng[0] = b;
    a ^= a << 23;
    rng[1] = a ^ b ^ a >> 18 ^ b >> 5;
    return rng[1] + b;
}

static unsigned below(unsigned n) { return (rnd() >> 11) % n; }
static bool one_in(unsigned n) { return below(n) == 0; }

static void seed(const Target *t, uint32_t s, uint32_t number)
{
    rng[0] = g_str_hash(t->cpu) * 0x9e3779b97f4a7c15ull + t->big + s;
    rng[1] = ((uint64_t)number << 32 | s) ^ 0x2545f4914f6cdd1dull;
    for (int i = 0; i < 20; i++) {
        rnd();
    }
}

static const InsnField *field(const InsnDesc *d, const char *name)
{
    for (int i = 0; i < d->nfields; i++) {
        if (!strcmp(d->fields[i].name, name)) {
            return &d->fields[i];
        }
    }
    return NULL;
}

static unsigned get(uint32_t w, const InsnField *f) { return w >> f->lsb & ((1u << f->width) - 1); }
static void put(uint32_t *w, const InsnField *f, uint32_t v)
{
    uint32_t mask = ((1u << f->width) - 1) << f->lsb;

    *w = (*w & ~mask) | (v << f->lsb & mask);
}

static bool file_is(const InsnDesc *d, const char *part) { return strstr(d->row->file, part) != NULL; }
static bool is(const InsnDesc *d, const char *id) { return !strcmp(d->row->id, id); }

/* Goes by a register that only the initial state can set. */
static bool indirect_branch(const InsnDesc *d) { return is(d, "bclr") || is(d, "bcctr") || is(d, "bctar"); }

void generate_init(const Target *t, const char *filter)
{
    size_t n;
    const InsnDesc *table = isa_table(&n);
    g_autoptr(GPatternSpec) pattern = g_pattern_spec_new(filter ? filter : "*");
    static const Case none;

    rows = g_ptr_array_new();
    simple = g_ptr_array_new();
    for (size_t i = 0; i < n; i++) {
        const InsnDesc *d = &table[i];
        /* qemu-user dies of the alignment interrupt that these raise in little-endian mode */
        bool kills = !t->big && (is(d, "lmw") || is(d, "stmw") || g_str_has_prefix(d->row->id, "lsw") ||
                                 g_str_has_prefix(d->row->id, "stsw"));
        if (kills || d->row->flags & INSN_NOFUZZ || !ppc_has(&t->model->family->features, d->row->feature)) {
            continue;
        }
        if (g_pattern_spec_match_string(pattern, d->row->id)) {
            g_ptr_array_add(rows, (void *)d);
        }
        Mask m = { 0 };
        if (!indirect_branch(d) && !(d->row->flags & (INSN_SUPER | INSN_HV)) && !difference_shows(d) &&
            !difference_mask(&none, d, d->value, false, &m)) {
            g_ptr_array_add(simple, (void *)d);
        }
    }
}

/* ---- values ---- */

static uint64_t integer(void)
{
    static const uint64_t special[] = {
        0, 1, 2, 3, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
        INT64_MAX, 1ull << 63, UINT64_MAX, 63, 64, 31, 32, -128ull, -129ull, 127, 128, 0xffffffff80000000, 0x8000000000000001,
    };
    switch (below(4)) {
    case 0: return special[below(G_N_ELEMENTS(special))];
    case 1: return (int64_t)rnd() >> below(64);
    default: return rnd();
    }
}

static uint64_t a_double(void)
{
    static const uint64_t special[] = {
        0, 1, 0x7ff0000000000000, 0x7ff8000000000000, 0x7ff0000000000001, 0x7fefffffffffffff,
        0x0010000000000000, 0x3ff0000000000000, 0x43e0000000000000, 0x41dfffffffc00000,
        0x47efffffe0000000, 0x3810000000000000, 0x36a0000000000000, 0x3fe0000000000000,
    };
    uint64_t frac = rnd() & 0xfffffffffffffull, sign = rnd() << 63;

    switch (below(6)) {
    case 0: return special[below(G_N_ELEMENTS(special))] | sign;
    case 1: return rnd();
    case 2: return sign | (1023ull - 160 + below(320)) << 52 | (frac & ~0x1fffffffull);
    case 3: return sign | (1023ull + below(66)) << 52 | (frac & ~0ull << below(52));
    case 4: return sign | (1023ull - 130 + below(8)) << 52 | (frac & ~0x1fffffffull);
    default: return sign | (1023ull - 30 + below(60)) << 52 | frac;
    }
}

static uint32_t a_single(void)
{
    uint32_t frac = rnd() & 0x7fffff, sign = (uint32_t)rnd() << 31;

    switch (below(4)) {
    case 0: return (uint32_t)rnd();
    case 1: return sign | ((below(6) - 3) & 255) << 23 | frac;
    case 2: return sign | 0x7f800000 | (rnd() & 1 ? frac : 0);
    default: return sign | (127u - 20 + below(52)) << 23 | (rnd() & 1 ? frac : 0);
    }
}

static uint64_t digits(unsigned n)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < n; i++) {
        v = v << 4 | below(10);
    }
    return v;
}

enum { KIND_DOUBLE, KIND_SINGLE, KIND_INTEGER, KIND_BITS, KIND_PACKED, KIND_DECIMAL, KIND_ZONED, KIND_QUAD, KIND_HALF, KINDS };

static void vector(uint64_t v[2], unsigned kind)
{
    static const uint8_t sign[] = { 0xc, 0xd, 0xf, 0xa, 0xb, 0xe };

    for (int i = 0; i < 2; i++) {
        switch (kind) {
        case KIND_DOUBLE: v[i] = a_double(); break;
        case KIND_SINGLE: v[i] = (uint64_t)a_single() << 32 | a_single(); break;
        case KIND_INTEGER: v[i] = integer(); break;
        case KIND_PACKED:
            v[i] = digits(below(17));
            if (i && !one_in(12)) {
                v[1] = (v[1] & ~15ull) | sign[below(6)];
            }
            break;
        case KIND_DECIMAL:
            /* near exponent 0: a quad's high half or a long; long or short coefficients */
            if (one_in(8)) {
                v[i] = rnd();
            } else if (rnd() & 1) {
                v[i] = rnd() << 63 | (8ull + below(8)) << 58 | (0x8eull - 20 + below(40)) << 50
                    | (rnd() & 0x3ffffffffffffull) >> below(50);
            } else {
                v[i] = rnd() << 63 | (8ull + below(8)) << 58 | (0x820ull - 40 + below(80)) << 46
                    | (rnd() & 0x3fffffffffffull) >> below(46);
            }
            break;
        case KIND_ZONED:
            v[i] = 0x3030303030303030ull;
            for (int k = 0; k < 8; k++) {
                v[i] |= (uint64_t)below(10) << 8 * k;
            }
            if (one_in(3)) {
                v[i] ^= 1ull << below(64);
            }
            break;
        case KIND_QUAD:
            v[i] = i ? (one_in(3) ? 0 : rnd()) : rnd() << 63 | (16383ull - 120 + below(240)) << 48 | (rnd() & 0xffffffffffff);
            if (!i && one_in(5)) {
                v[0] = (rnd() << 63) | (one_in(2) ? 0x7fffull << 48 : 0) | (one_in(2) ? 0 : rnd() & 0xffffffffffff);
            }
            break;
        case KIND_HALF:
            v[i] = 0;
            for (int k = 0; k < 4; k++) {
                uint64_t h = one_in(3) ? rnd() & 0xffff : (rnd() & 0x83ff) | below(32) << 10;
                v[i] = v[i] << 16 | h;
            }
            break;
        default: v[i] = rnd(); break;
        }
    }
}

static unsigned favourite_kind(const InsnDesc *d)
{
    static const uint8_t fp[] = { KIND_DOUBLE, KIND_DOUBLE, KIND_SINGLE, KIND_HALF };

    if (file_is(d, "dfp")) {
        return KIND_DECIMAL;
    }
    if (file_is(d, "bcd")) {
        return rnd() & 3 ? KIND_PACKED : KIND_ZONED;
    }
    if (file_is(d, "quad")) {
        return KIND_QUAD;
    }
    if (file_is(d, "vmx-fp")) {
        return KIND_SINGLE;
    }
    if (file_is(d, "fp") || file_is(d, "mma")) {
        return fp[below(4)];
    }
    return below(KINDS);
}

static void random_state(Case *c, const Target *t, const InsnDesc *first)
{
    unsigned isa = t->model->family->isa_level, kind = favourite_kind(first);
    uint64_t *r = c->in.r, f;

    memset(r, 0, sizeof(c->in));
    for (int i = 0; i < 32; i++) {
        r[ISA_GPR + i] = one_in(6) ? digits(below(17)) : integer();
    }
    r[ISA_CR] = (uint32_t)rnd();
    r[ISA_XER] = (rnd() & (isa >= 300 ? 0xe00c0000 : 0xe0000000)) | below(128);
    r[ISA_LR] = rnd();
    r[ISA_CTR] = one_in(3) ? below(3) : rnd();
    f = rnd() & (FPSCR_FX | FPSCR_OX | FPSCR_UX | FPSCR_ZX | FPSCR_XX | FPSCR_VX_ALL | FPSCR_FPRF | FPSCR_FR | FPSCR_FI);
    f &= one_in(4) ? ~0ull : one_in(2) ? FPSCR_FPRF | FPSCR_FR | FPSCR_FI | FPSCR_FX | FPSCR_XX : 0;
    f |= f & ~(uint64_t)(FPSCR_FPRF | FPSCR_FR | FPSCR_FI) ? FPSCR_FX : 0;     /* else the peer sets it at once */
    f |= one_in(3) ? below(4) : 0;
    f |= file_is(first, "dfp") ? rnd() & FPSCR_DRN : 0;
    /*
     * With exceptions enabled the peer's arithmetic leaves interrupts behind that a later instruction takes. Moves to and
     * from the FPSCR do as they should.
     */
    if (one_in(2) && (difference_shows(first) || g_str_has_prefix(first->row->id, "mtf"))) {
        f |= rnd() & FPSCR_ENABLES;
    }
    f |= f & FPSCR_VX_ALL ? FPSCR_VX : 0;
    /* OX UX ZX XX and their enables stand in the same order; an enabled one at the start would trap mtfsf */
    if (f >> 25 & f >> 3 & 0xf || (f & FPSCR_VX && f & FPSCR_VE)) {
        f &= ~(uint64_t)FPSCR_ENABLES;
    }
    r[ISA_FPSCR] = f;
    r[ISA_VSCR] = (one_in(4) ? 0x10000 : 0) | (rnd() & 1);
    r[ISA_VRSAVE] = (uint32_t)rnd();
    r[ISA_TAR] = isa >= 207 ? rnd() >> 1 : ~0ull;
    for (int i = 0; i < 64; i++) {
        vector(r + ISA_VSR + 2 * i, one_in(5) ? below(KINDS) : kind);
    }
    for (int i = 0; i < ISA_MEM_SIZE; i += 16) {
        uint64_t v[2];
        vector(v, one_in(5) ? below(KINDS) : kind);
        if (t->big) {
            v[0] = GUINT64_SWAP_LE_BE(v[0]);
            v[1] = GUINT64_SWAP_LE_BE(v[1]);
        }
        memcpy(c->mem + i, v, 16);
    }
}

/* ---- instructions ---- */

static void emit(Case *c, const Target *t, uint32_t word, uint32_t suffix, bool prefixed, bool setup)
{
    CaseInsn *i = &c->insn[c->insns++];

    if (prefixed && ((c->pc + 4 * c->words) & 63) == 60) {
        c->code[c->words++] = 0x60000000;
    }
    *i = (CaseInsn){ word, suffix, isa_decode(&t->model->family->features, word, prefixed, suffix),
                     c->words, setup };
    c->code[c->words++] = word;
    if (prefixed) {
        c->code[c->words++] = suffix;
    }
}

static uint32_t random_fields(const InsnDesc *d, bool prefix)
{
    uint32_t w = prefix ? d->pvalue : d->value;

    for (int i = 0; i < d->nfields; i++) {
        const InsnField *f = &d->fields[i];
        if (f->in_prefix != prefix) {
            continue;
        }
        uint32_t v = rnd();
        if (f->width == 5 && below(5) < 3) {
            v = pool[below(4)];
        }
        if (strlen(f->name) == 3 && f->name[2] == 'p' && !one_in(16)) {
            v &= ~1u;           /* rtp, frap, ...: a pair */
        }
        put(&w, f, v);
    }
    return w;
}

/* A register that has not been chosen yet for the case's own ends. */
static unsigned other_than(unsigned a, unsigned b)
{
    unsigned r;

    do {
        r = 1 + below(31);
    } while (r == a || r == b);
    return r;
}

static void load_register(Case *c, const Target *t, unsigned r, int64_t v, bool by_state)
{
    if (by_state) {
        c->in.r[ISA_GPR + r] = v;
        return;
    }
    emit(c, t, 15u << 26 | r << 21 | (v >> 16 & 0xffff), 0, false, true);               /* lis */
    emit(c, t, 24u << 26 | r << 21 | r << 16 | (v & 0xffff), 0, false, true);           /* ori */
}

/* Give a memory row an address in the buffer. */
static void point(Case *c, const Target *t, const InsnDesc *d, uint32_t *w, uint32_t *p, bool by_state)
{
    const InsnField *fra = field(d, "ra0") ? field(d, "ra0") : field(d, "ra"), *frb = field(d, "rb");
    const InsnField *d0 = field(d, "d0"), *fr = field(d, "r"), *frt = field(d, "rt") ? field(d, "rt") : field(d, "rtp");
    bool length_in_rb = g_str_has_prefix(d->row->id, "lxvl") || g_str_has_prefix(d->row->id, "stxvl") ||
                        g_str_has_prefix(d->row->id, "lxvpr") || g_str_has_prefix(d->row->id, "stxvpr");
    bool displaced = field(d, "d") || field(d, "ds") || field(d, "dq");
    int64_t a = ISA_MEM + 0x100 + below(0x180);

    if (!fra) {
        return;
    }
    a &= one_in(3) ? ~0ll : ~15ll;
    a &= below(3) ? ~7ll : ~0ll;
    if (file_is(d, "atomic") || is(d, "lq") || is(d, "stq")) {
        a &= ~15ll;             /* qemu-user dies of an alignment interrupt */
    }
    if (frt && get(*w, fra) == get(*w, frt) && !one_in(16)) {
        put(w, fra, other_than(get(*w, frt), -1));      /* mostly not an invalid form */
    }
    if (!field(d, "ra0") && !d->prefixed && get(*w, fra) == 0 && !one_in(16)) {
        put(w, fra, other_than(frt ? get(*w, frt) : -1, -1));
    }
    unsigned ra = get(*w, fra);
    if (d->prefixed && d0) {
        const InsnField *d1 = field(d, "d1");
        int64_t disp;
        if (fr && get(*p, fr) && !one_in(16)) {
            put(w, fra, 0);
            ra = 0;
        }
        if (fr && get(*p, fr)) {
            emit(c, t, 0x60000000, 0, false, true);     /* so that the place is known: a pair of words at an even index */
            while ((c->pc + 4 * c->words) & 4 || ((c->pc + 4 * c->words) & 63) == 60) {
                emit(c, t, 0x60000000, 0, false, true);
            }
            disp = a - (int64_t)(c->pc + 4 * c->words);
        } else if (ra == 0) {
            disp = a;
        } else {
            disp = by_state ? (int64_t)(rnd() << 30) >> 30 : (int64_t)below(1 << 28) - (1 << 27);
            load_register(c, t, ra, a - disp, by_state);
        }
        put(p, d0, disp >> 16);
        put(w, d1, disp);
    } else if (displaced) {
        const InsnField *fd = field(d, "d") ? field(d, "d") : field(d, "ds") ? field(d, "ds") : field(d, "dq");
        unsigned shift = 16 - fd->width;
        int64_t disp = (int64_t)(int16_t)(get(*w, fd) << shift);
        if (ra == 0) {
            put(w, fd, a >> shift);
        } else {
            load_register(c, t, ra, a - disp, by_state);
        }
    } else if (field(d, "dx") && field(d, "d1")) {      /* hashst and so on: d from -512 to -8 */
        if (ra) {
            load_register(c, t, ra, (a & ~7ll) + 256, by_state);
        }
    } else if (frb && !length_in_rb) {
        unsigned rb = get(*w, frb);
        if (ra == 0) {
            load_register(c, t, rb, a, by_state);
        } else if (ra == rb) {
            load_register(c, t, ra, a / 2, by_state);
        } else {
            int64_t index = by_state ? (int64_t)integer() : below(1 << 20) - (1 << 19);
            load_register(c, t, rb, index, by_state);
            load_register(c, t, ra, a - index, by_state);
        }
    } else {
        if (frb && get(*w, frb) == ra && ra) {
            put(w, frb, other_than(ra, -1));
        }
        if (frb && one_in(2)) {
            load_register(c, t, get(*w, frb), 0, by_state);
            if (by_state) {
                c->in.r[ISA_GPR + get(*w, frb)] = (uint64_t)below(20) << 56 | (rnd() & 0xffffff);
            }
        } else if (frb && !by_state) {
            load_register(c, t, get(*w, frb), below(0x7fff), by_state);
        }
        if (ra == 0) {                          /* an address of 0 is nowhere */
            ra = other_than(frb ? get(*w, frb) : -1, -1);
            put(w, fra, ra);
        }
        load_register(c, t, ra, a, by_state);
    }
}

/* An element that would reach beyond the register: the result is undefined, and the peer's is what lies there. */
static void undefined_index(const InsnDesc *d, uint32_t *w)
{
    static const struct { const char *ids; unsigned last; } rows_of[] = {
        { "vextractub", 15 }, { "vextractuh", 14 }, { "vextractuw", 12 }, { "vextractd", 8 },
        { "vinsertb", 15 }, { "vinserth", 14 }, { "vinsertw", 12 }, { "vinsertd", 8 }, { "xxinsertw", 12 }, { "xxextractuw", 12 },
        { "vinsw", 12 }, { "vinsd", 8 },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows_of); i++) {
        if (is(d, rows_of[i].ids)) {
            const InsnField *f = field(d, "uim") ? field(d, "uim") : field(d, "uim4");
            g_assert(f);
            put(w, f, get(*w, f) % (rows_of[i].last + 1));
        }
    }
}

static void append(Case *c, const Target *t, const InsnDesc *d, bool first)
{
    static const uint16_t sprs[] = { SPR_XER, SPR_LR, SPR_CTR, SPR_VRSAVE, SPR_TAR };
    uint32_t w = random_fields(d, false), p = d->prefixed ? random_fields(d, true) : 0;
    const InsnField *f;

    if ((f = field(d, "spr"))) {
        unsigned n;
        do {
            n = sprs[below(t->model->family->isa_level >= 207 ? 5 : 4)];
        } while (n == SPR_VRSAVE && !first);    /* of which the peer keeps 64 bits */
        put(&w, f, (n & 31) << 5 | n >> 5);
    }
    undefined_index(d, &w);
    if ((f = field(d, "fxm")) && d->value >> 20 & 1 && !one_in(8)) {
        put(&w, f, 1 << below(8));              /* mfocrf, mtocrf: of other masks the result is undefined */
    }
    if (is(d, "b")) {
        uint64_t to = c->pc + 4 * c->words + 8;
        put(&w, field(d, "li"), get(w, field(d, "aa")) ? to >> 2 : 2);
    } else if (is(d, "bc")) {
        put(&w, field(d, "bd"), 2);
        put(&w, field(d, "aa"), 0);
    } else if (indirect_branch(d)) {
        c->in.r[is(d, "bclr") ? ISA_LR : is(d, "bcctr") ? ISA_CTR : ISA_TAR] = (c->pc + 4 * c->words + 8) | below(4);
    }
    if (d->row->flags & INSN_MEM) {
        if (is(d, "lmw") && get(w, field(d, "rt")) <= get(w, field(d, "ra0")) && !one_in(16)) {
            put(&w, field(d, "ra0"), below(get(w, field(d, "rt")) + 1));
        }
        point(c, t, d, &w, &p, first);
    }
    if (g_str_has_suffix(d->row->id, "cx_") && (!first || one_in(2))) {
        /* Mostly with a reservation, and never with one of another size, for which the result is undefined. */
        static const struct { const char *store; unsigned load; } pairs[] = {
            { "stbcx_", 52 }, { "sthcx_", 116 }, { "stwcx_", 20 }, { "stdcx_", 84 }, { "stqcx_", 276 },
        };
        for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
            unsigned rt = other_than(w >> 16 & 31, w >> 11 & 31);
            if (pairs[i].load == 276) {
                rt = 2 + ((w >> 16 & 30) == 2) * 2;
                rt += (w >> 11 & 30) == rt ? 2 : 0;
                rt += (w >> 16 & 30) == rt ? 2 : 0;
            }
            if (is(d, pairs[i].store)) {
                emit(c, t, 31u << 26 | rt << 21 | (w & 0x1ff800) | pairs[i].load << 1, 0, false, true);
            }
        }
    }
    if (c->shaky && d->row->flags & INSN_FP && field(d, "rc")) {
        put(&w, field(d, "rc"), 0);         /* would show in CR1 what need not agree */
    }
    Mask m = { 0 };
    difference_mask(c, d, w, first, &m);
    c->shaky |= (m.fpscr & (FPSCR_STICKY | FPSCR_FX)) != 0;
    emit(c, t, d->prefixed ? p : w, w, d->prefixed, false);
    if (d->row->flags & INSN_BRANCH) {
        emit(c, t, 14u << 26 | 3u << 21 | 3u << 16 | 77, 0, false, true);       /* addi r3,r3,77: jumped over or not */
    }
}

static void finish(Case *c)
{
    g_assert(c->words + 3 <= CASE_WORDS);
    for (int i = 0; i < 3; i++) {
        c->code[c->words++] = 18u << 26 | ISA_EXIT | 2;
    }
}

void generate_case(Case *c, const Target *t, uint32_t s, uint32_t number, unsigned slot)
{
    seed(t, s, number);
    for (int i = 0; i < 4; i++) {
        pool[i] = below(32);
    }
    const InsnDesc *main_row = g_ptr_array_index(rows, below(rows->len));
    Mask m = { 0 };

    c->pc = ISA_CODE + (uint64_t)slot * ISA_SNIPPET + ISA_HEAD;
    c->words = c->insns = 0;
    c->big = t->big;
    c->shaky = false;
    c->isa = t->model->family->isa_level;
    random_state(c, t, main_row);
    bool alone = one_in(3) || c->in.r[ISA_FPSCR] & FPSCR_ENABLES || main_row->row->flags & (INSN_SUPER | INSN_HV);
    bool begins = alone || indirect_branch(main_row) || difference_shows(main_row) || one_in(3);
    bool ends = difference_mask(c, main_row, main_row->value, false, &m);
    unsigned more = alone ? 0 : 1 + below(CASE_INSNS - 1);
    if (begins) {
        append(c, t, main_row, true);
        ends = alone || ends;
    }
    for (unsigned i = 0; i < more && !(begins && ends); i++) {
        append(c, t, g_ptr_array_index(simple, below(simple->len)), !c->insns);
        if (c->words > CASE_WORDS - 20) {
            break;
        }
    }
    if (!begins) {
        append(c, t, main_row, !c->insns);
    }
    finish(c);
}

void case_keep(Case *to, const Case *from, const bool *keep)
{
    *to = *from;
    for (unsigned i = 0; i < from->insns; i++) {
        const CaseInsn *insn = &from->insn[i];
        if (!keep[i]) {                 /* nops, so that every place stays */
            to->code[insn->at] = 0x60000000;
            if (from->code[insn->at] >> 26 == 1) {
                to->code[insn->at + 1] = 0x60000000;
            }
        }
    }
}
