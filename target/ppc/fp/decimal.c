/*
 * Decimal arithmetic: see decimal.h.
 *
 * Every operation computes a coefficient of up to 256 bits, an exponent and whether something nonzero lies
 * below the coefficient's last digit, and leaves rounding, range and the choice of the exponent to finish().
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/fp/decimal.h"

#include <glib.h>

const DecFormat dec_short = { 7, 101, 191, 6, 0, 0 };
const DecFormat dec_long = { 16, 398, 767, 8, 576, 192 };
const DecFormat dec_extended = { 34, 6176, 12287, 12, 9216, 3072 };

/* ---- wide integers ---- */

typedef struct Wide {
    uint64_t l[4];          /* least significant first */
} Wide;

u128 dec_ten(unsigned n)
{
    static const uint64_t ten[] = {
        1ull, 10ull, 100ull, 1000ull, 10000ull, 100000ull, 1000000ull, 10000000ull, 100000000ull,
        1000000000ull, 10000000000ull, 100000000000ull, 1000000000000ull, 10000000000000ull,
        100000000000000ull, 1000000000000000ull, 10000000000000000ull, 100000000000000000ull,
        1000000000000000000ull, 10000000000000000000ull,
    };

    return n < G_N_ELEMENTS(ten) ? ten[n] : (u128)ten[19] * ten[n - 19];
}

static Wide wide_make(u128 v)
{
    return (Wide){ { (uint64_t)v, (uint64_t)(v >> 64) } };
}

static u128 wide_low(const Wide *w)
{
    return (u128)w->l[1] << 64 | w->l[0];
}

static Wide wide_mul(u128 a, u128 b)
{
    uint64_t x[2] = { (uint64_t)a, (uint64_t)(a >> 64) }, y[2] = { (uint64_t)b, (uint64_t)(b >> 64) };
    Wide r = { { 0 } };

    for (int i = 0; i < 2; i++) {
        uint64_t carry = 0;

        for (int j = 0; j < 2; j++) {
            u128 t = (u128)x[i] * y[j] + r.l[i + j] + carry;

            r.l[i + j] = (uint64_t)t;
            carry = (uint64_t)(t >> 64);
        }
        r.l[i + 2] = carry;
    }
    return r;
}

/* *w /= d; the remainder */
static uint64_t wide_div(Wide *w, uint64_t d)
{
    uint64_t rem = 0;

    for (int i = 3; i >= 0; i--) {
        uint64_t l = w->l[i];

        if (rem) {
            w->l[i] = (uint64_t)(((u128)rem << 64 | l) / d);
        } else if (l) {
            w->l[i] = l / d;
        }
        rem = l - w->l[i] * d;      /* below d: the low half is all of it */
    }
    return rem;
}

/* a + b, or a - b - borrow */
static Wide wide_sum(Wide a, Wide b, bool sub, bool borrow)
{
    uint64_t carry = sub ? !borrow : 0;

    for (int i = 0; i < 4; i++) {
        u128 t = (u128)a.l[i] + (sub ? ~b.l[i] : b.l[i]) + carry;

        a.l[i] = (uint64_t)t;
        carry = (uint64_t)(t >> 64);
    }
    return a;
}

static int wide_cmp(const Wide *a, const Wide *b)
{
    for (int i = 3; i >= 0; i--) {
        if (a->l[i] != b->l[i]) {
            return a->l[i] < b->l[i] ? -1 : 1;
        }
    }
    return 0;
}

#define LOG10_2_Q18 78913

int dec_digits(u128 v)
{
    uint64_t high = (uint64_t)(v >> 64), low = (uint64_t)v;
    int bits = high ? 128 - __builtin_clzll(high) : low ? 64 - __builtin_clzll(low) : 0;
    int t = (bits * LOG10_2_Q18) >> 18;         /* t or t + 1 digits */

    return t + (v >= dec_ten(t));
}

static int wide_digits(const Wide *w)
{
    int i = w->l[3] ? 3 : 2, t;
    Wide p;

    if (!w->l[2] && !w->l[3]) {
        return dec_digits(wide_low(w));
    }
    t = ((64 * (i + 1) - __builtin_clzll(w->l[i])) * LOG10_2_Q18) >> 18;
    p = wide_mul(dec_ten(38), dec_ten(t - 38));
    return t + (wide_cmp(w, &p) >= 0);
}

/* ---- rounding ---- */

/* What lies below a coefficient's last digit: the first digit of it, and whether more follows. */
typedef struct Tail {
    unsigned digit;
    bool more;
} Tail;

/* Drop the n last digits of w, which something nonzero may follow already. */
static Tail drop(Wide *w, int n, bool more)
{
    Tail t = { 0, more };

    for (int left = n - 1; left > 0; left -= 19) {
        if (!(w->l[0] | w->l[1] | w->l[2] | w->l[3])) {
            break;
        }
        t.more |= wide_div(w, (uint64_t)dec_ten(MIN(left, 19))) != 0;
    }
    if (n > 0) {
        t.digit = (unsigned)wide_div(w, 10);
    }
    return t;
}

static bool rounds_up(DecRound rm, bool sign, u128 coeff, Tail t)
{
    unsigned last;

    if (!t.digit && !t.more) {
        return false;
    }
    last = (unsigned)(coeff % 10);
    switch (rm) {
    case DEC_NEAREST_EVEN:
        return t.digit > 5 || (t.digit == 5 && (t.more || (last & 1)));
    case DEC_NEAREST_AWAY:
        return t.digit >= 5;
    case DEC_NEAREST_TO_ZERO:
        return t.digit > 5 || (t.digit == 5 && t.more);
    case DEC_TO_ZERO:
        return false;
    case DEC_UP:
        return !sign;
    case DEC_DOWN:
        return sign;
    case DEC_AWAY:
        return true;
    default:
        return last == 0 || last == 5;
    }
}

/* Round off n digits, report inexactness. */
static u128 round_off(DecCtx *c, bool sign, Wide *w, int n, bool more)
{
    Tail t = drop(w, n, more);
    u128 coeff = wide_low(w);
    bool up = rounds_up(c->rm, sign, coeff, t);

    if (t.digit || t.more) {
        c->flags |= FPSCR_XX | FPSCR_FI | (up ? FPSCR_FR : 0);
    }
    return coeff + up;
}

static bool overflow_to_infinity(DecRound rm, bool sign)
{
    switch (rm) {
    case DEC_TO_ZERO:
    case DEC_SHORTER:
        return false;
    case DEC_UP:
        return !sign;
    case DEC_DOWN:
        return sign;
    default:
        return true;
    }
}

/* An exact result: of its cohort the member whose exponent is nearest to the ideal one. */
static void approach_ideal(const DecFormat *f, DecNum *n, int ideal)
{
    int room = f->digits - dec_digits(n->coeff), down = MIN(n->exp - MAX(ideal, dec_qmin(f)), room);

    if (down > 0) {
        n->coeff *= dec_ten(down);
        n->exp -= down;
    }
    while (n->exp < ideal && n->coeff % 10 == 0) {
        n->coeff /= 10;
        n->exp++;
    }
}

/* Overflow, and exponents that need a coefficient with more zeros. True: the exponent was adjusted by `wrap`. */
static bool bound_above(DecCtx *c, const DecFormat *f, DecNum *n, int wrap)
{
    int over = n->exp - dec_qmax(f);

    if (over + dec_digits(n->coeff) <= f->digits) {
        if (over > 0) {
            n->coeff *= dec_ten(over);
            n->exp = dec_qmax(f);
        }
        return false;
    }
    c->flags |= FPSCR_OX;
    if (c->enables & FPSCR_OE) {
        n->exp -= wrap;
        return true;
    }
    c->flags = (c->flags & ~FPSCR_FR) | FPSCR_XX | FPSCR_FI;
    if (overflow_to_infinity(c->rm, n->sign)) {
        c->flags |= FPSCR_FR;
        *n = (DecNum){ .cls = DEC_INF, .sign = n->sign };
    } else {
        n->coeff = dec_ten(f->digits) - 1;
        n->exp = dec_qmax(f);
    }
    return false;
}

/*
 * The number of format f for w * 10^exp (and more). `wrap` is the exponent adjustment of an enabled overflow or
 * underflow; *wrapped (may be NULL) tells that it was applied.
 */
static DecNum finish(DecCtx *c, const DecFormat *f, bool sign, Wide w, bool more, int exp, int ideal, int wrap,
                     bool *wrapped)
{
    DecNum r = { .cls = DEC_FINITE, .sign = sign };
    int digits = wide_digits(&w);
    bool tiny, scaled = false;

    if (!digits && !more) {
        r.exp = CLAMP(ideal, dec_qmin(f), dec_qmax(f));
        return r;
    }
    tiny = exp + digits < dec_qmin(f) + f->digits;
    if (tiny && (c->enables & FPSCR_UE)) {
        c->flags |= FPSCR_UX;
        exp += wrap;
        ideal += wrap;
        tiny = false;
        scaled = true;
    }
    r.exp = exp + MAX(digits - f->digits, 0);
    if (tiny) {
        r.exp = MAX(r.exp, dec_qmin(f));
    }
    r.coeff = round_off(c, sign, &w, r.exp - exp, more);
    if (r.coeff == dec_ten(f->digits)) {
        r.coeff /= 10;
        r.exp++;
    }
    if (!(c->flags & FPSCR_FI)) {
        approach_ideal(f, &r, ideal);
    } else if (tiny) {
        c->flags |= FPSCR_UX;
    }
    if (!scaled) {
        scaled = bound_above(c, f, &r, wrap);
    }
    if (wrapped) {
        *wrapped = scaled;
    }
    return r;
}

/* ---- NaNs ---- */

DecNum dec_invalid(DecCtx *c, uint32_t vx)
{
    c->flags |= vx;
    return (DecNum){ .cls = DEC_QNAN };
}

/* A signalling NaN goes before a quiet one, the first operand before the second (5.5.4). */
bool dec_nan(DecCtx *c, DecNum a, const DecNum *b, DecNum *r)
{
    if (a.cls == DEC_SNAN || !b || (b->cls != DEC_SNAN && a.cls == DEC_QNAN)) {
        *r = a;
    } else {
        *r = *b;
    }
    if (r->cls == DEC_SNAN) {
        c->flags |= FPSCR_VXSNAN;
        r->cls = DEC_QNAN;
    }
    return r->cls == DEC_QNAN;
}

/* ---- arithmetic ---- */

/*
 * Exact zero differences are positive, but negative when rounding toward minus infinity. x has the larger
 * exponent.
 */
static DecNum add_finite(DecCtx *c, const DecFormat *f, DecNum x, DecNum y)
{
    int d = x.exp - y.exp, s = MIN(d, f->digits + 3);
    bool sub = x.sign != y.sign, sign = x.sign, more;
    Wide wx = s ? wide_mul(x.coeff, dec_ten(s)) : wide_make(x.coeff), wy = wide_make(y.coeff), w;
    Tail t;

    if (!x.coeff) {             /* its quantum says nothing about y's digits */
        wx = wide_make(0);
        s = d;
    }
    t = drop(&wy, d - s, false);
    more = t.digit || t.more;
    if (!sub) {
        w = wide_sum(wx, wy, false, false);
    } else if (wide_cmp(&wx, &wy) >= 0) {
        w = wide_sum(wx, wy, true, more);
    } else {                    /* then x was scaled by d: nothing lies below y's last digit */
        w = wide_sum(wy, wx, true, false);
        sign = y.sign;
    }
    if (sub && !wide_digits(&w) && !more) {
        sign = c->rm == DEC_DOWN;
    }
    return finish(c, f, sign, w, more, x.exp - s, y.exp, f->wrap, NULL);
}

DecNum dec_add(DecCtx *c, const DecFormat *f, DecNum a, DecNum b)
{
    DecNum r;

    if (dec_nan(c, a, &b, &r)) {
        return r;
    }
    if (a.cls == DEC_INF || b.cls == DEC_INF) {
        if (a.cls == b.cls && a.sign != b.sign) {
            return dec_invalid(c, FPSCR_VXISI);
        }
        return (DecNum){ .cls = DEC_INF, .sign = a.cls == DEC_INF ? a.sign : b.sign };
    }
    return a.exp >= b.exp ? add_finite(c, f, a, b) : add_finite(c, f, b, a);
}

DecNum dec_sub(DecCtx *c, const DecFormat *f, DecNum a, DecNum b)
{
    b.sign ^= b.cls < DEC_QNAN;
    return dec_add(c, f, a, b);
}

DecNum dec_mul(DecCtx *c, const DecFormat *f, DecNum a, DecNum b)
{
    bool sign = a.sign != b.sign;
    DecNum r;

    if (dec_nan(c, a, &b, &r)) {
        return r;
    }
    if (a.cls == DEC_INF || b.cls == DEC_INF) {
        if ((a.cls == DEC_FINITE && !a.coeff) || (b.cls == DEC_FINITE && !b.coeff)) {
            return dec_invalid(c, FPSCR_VXIMZ);
        }
        return (DecNum){ .cls = DEC_INF, .sign = sign };
    }
    return finish(c, f, sign, wide_mul(a.coeff, b.coeff), false, a.exp + b.exp, a.exp + b.exp, f->wrap, NULL);
}

DecNum dec_div(DecCtx *c, const DecFormat *f, DecNum a, DecNum b)
{
    bool sign = a.sign != b.sign;
    int ideal = a.exp - b.exp, exp = ideal, room;
    u128 q, rem;
    DecNum r;

    if (dec_nan(c, a, &b, &r)) {
        return r;
    }
    if (a.cls == DEC_INF) {
        return b.cls == DEC_INF ? dec_invalid(c, FPSCR_VXIDI) : (DecNum){ .cls = DEC_INF, .sign = sign };
    }
    if (b.cls == DEC_INF) {
        return (DecNum){ .cls = DEC_FINITE, .sign = sign, .exp = dec_qmin(f) };
    }
    if (!b.coeff) {
        if (!a.coeff) {
            return dec_invalid(c, FPSCR_VXZDZ);
        }
        c->flags |= FPSCR_ZX;
        return (DecNum){ .cls = DEC_INF, .sign = sign };
    }
    q = a.coeff / b.coeff;
    rem = a.coeff - q * b.coeff;
    /* As many digits at a time as fit, until there is one more than the format has. */
    room = b.coeff >> 64 ? 38 - dec_digits(b.coeff) : 19;
    while (rem && q < dec_ten(f->digits)) {
        int n = MIN(room, f->digits + 1 - dec_digits(q));
        u128 part;

        rem *= dec_ten(n);
        part = rem / b.coeff;
        rem -= part * b.coeff;
        q = q * dec_ten(n) + part;
        exp -= n;
    }
    return finish(c, f, sign, wide_make(q), rem != 0, exp, ideal, f->wrap, NULL);
}

unsigned dec_compare(DecNum a, DecNum b)
{
    bool zero_a = a.cls == DEC_FINITE && !a.coeff, zero_b = b.cls == DEC_FINITE && !b.coeff;
    int order;

    if (zero_a || zero_b) {
        return zero_a && zero_b ? 2 : zero_a ? (b.sign ? 4 : 8) : (a.sign ? 8 : 4);
    }
    if (a.sign != b.sign) {
        return a.sign ? 8 : 4;
    }
    if (a.cls == DEC_INF || b.cls == DEC_INF) {
        order = (a.cls == DEC_INF) - (b.cls == DEC_INF);
    } else {
        int top_a = a.exp + dec_digits(a.coeff), top_b = b.exp + dec_digits(b.coeff);

        order = (top_a > top_b) - (top_a < top_b);
        if (!order) {           /* the exponents differ by less than 34 */
            u128 x = a.coeff * (a.exp > b.exp ? dec_ten(a.exp - b.exp) : 1);
            u128 y = b.coeff * (b.exp > a.exp ? dec_ten(b.exp - a.exp) : 1);

            order = (x > y) - (x < y);
        }
    }
    return !order ? 2 : (order < 0) != a.sign ? 8 : 4;
}

/* ---- quantum adjustment and conversion ---- */

DecNum dec_quantize(DecCtx *c, const DecFormat *f, DecNum n, int exp)
{
    int up = n.exp - exp;

    if (n.coeff && up > 0) {
        if (dec_digits(n.coeff) + up > f->digits) {
            return dec_invalid(c, FPSCR_VXCVI);
        }
        n.coeff *= dec_ten(up);
    } else {
        Wide w = wide_make(n.coeff);

        n.coeff = round_off(c, n.sign, &w, MAX(-up, 0), false);
    }
    n.exp = exp;
    return n;
}

DecNum dec_reround(DecCtx *c, const DecFormat *f, DecNum n, unsigned k)
{
    int extra = dec_digits(n.coeff) - (int)k;
    DecCtx tried = *c;
    Wide w = wide_make(n.coeff);

    if (!k || extra <= 0) {
        return n;
    }
    n.coeff = round_off(&tried, n.sign, &w, extra, false);
    n.exp += extra;
    if (n.coeff == dec_ten(k)) {
        n.coeff /= 10;
        n.exp++;
    }
    if (n.exp > dec_qmax(f)) {
        return dec_invalid(c, FPSCR_VXCVI);
    }
    *c = tried;
    return n;
}

DecNum dec_shorten(DecCtx *c, const DecFormat *from, const DecFormat *to, DecNum n, bool *wrapped)
{
    return finish(c, to, n.sign, wide_make(n.coeff), false, n.exp, n.exp, from->source_wrap, wrapped);
}

DecNum dec_from_int(DecCtx *c, const DecFormat *f, u128 magnitude, bool sign)
{
    return finish(c, f, sign, wide_make(magnitude), false, 0, 0, f->wrap, NULL);
}

s128 dec_to_int(DecCtx *c, DecNum n, int bits)
{
    u128 limit = ((u128)1 << (bits - 1)) - 1 + n.sign;
    DecCtx tried = *c;
    u128 v = 0;
    bool over;

    if (n.cls >= DEC_QNAN) {
        c->flags |= FPSCR_VXCVI | (n.cls == DEC_SNAN ? FPSCR_VXSNAN : 0);
        return -(s128)(((u128)1 << (bits - 1)) - 1) - 1;
    }
    if (n.cls == DEC_INF) {
        over = true;
    } else if (n.coeff && n.exp > 0) {
        over = dec_digits(n.coeff) + n.exp > 39;
        if (!over) {
            Wide w = wide_mul(n.coeff, dec_ten(n.exp));

            over = w.l[2] || w.l[3];
            v = wide_low(&w);
        }
    } else {
        Wide w = wide_make(n.coeff);

        v = round_off(&tried, n.sign, &w, MAX(-n.exp, 0), false);
        over = false;
    }
    if (over || v > limit) {
        c->flags |= FPSCR_VXCVI;
        v = limit;
    } else {
        *c = tried;
    }
    return n.sign ? (s128)-v : (s128)v;
}
