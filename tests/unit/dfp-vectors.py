#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Random decimal operations with the results that Python's decimal module gives, as C initialisers.

The module implements the same specification (IEEE 754's decimal arithmetic with its eight rounding modes) and
shares no code with target/ppc/fp. What it has no notion of, the FR bit and wrapped results of enabled
exceptions, is derived here from exact values.
"""
import decimal
import random
import sys
from decimal import Decimal

MODES = [decimal.ROUND_HALF_EVEN, decimal.ROUND_DOWN, decimal.ROUND_CEILING, decimal.ROUND_FLOOR,
         decimal.ROUND_HALF_UP, decimal.ROUND_HALF_DOWN, decimal.ROUND_UP, decimal.ROUND_05UP]
OX, UX, ZX, XX = 1 << 28, 1 << 27, 1 << 26, 1 << 25
VXSNAN, VXISI, VXIDI, VXZDZ, VXIMZ, VXCVI = 1 << 24, 1 << 23, 1 << 22, 1 << 21, 1 << 20, 1 << 8
FR, FI, OE, UE = 1 << 18, 1 << 17, 1 << 6, 1 << 5
EXACT = decimal.Context(prec=40000, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)


class Format:
    def __init__(self, name, digits, bias, max_biased, cont, wrap, source_wrap):
        self.name, self.digits, self.bias, self.max_biased, self.cont = name, digits, bias, max_biased, cont
        self.wrap, self.source_wrap = wrap, source_wrap
        self.qmin, self.qmax = -bias, max_biased - bias
        self.emax = self.qmax + digits - 1
        self.emin = self.qmin + digits - 1

    def context(self, drn):
        return decimal.Context(prec=self.digits, rounding=MODES[drn], Emin=self.emin, Emax=self.emax, clamp=1,
                               traps=[])

    def unbounded(self, drn):
        return decimal.Context(prec=self.digits, rounding=MODES[drn], Emin=decimal.MIN_EMIN,
                               Emax=decimal.MAX_EMAX, traps=[])


SHORT = Format('S', 7, 101, 191, 6, 0, 0)
LONG = Format('L', 16, 398, 767, 8, 576, 192)
EXTENDED = Format('X', 34, 6176, 12287, 12, 9216, 3072)


def declet(n):
    """Densely packed decimal by its boolean equations."""
    a, b, c, d = (n // 100 >> i & 1 for i in (3, 2, 1, 0))
    e, f, g, h = (n // 10 % 10 >> i & 1 for i in (3, 2, 1, 0))
    i, j, k, m = (n % 10 >> s & 1 for s in (3, 2, 1, 0))
    p = b | (a & j) | (a & f & i)
    q = c | (a & k) | (a & g & i)
    s = (f & (1 - (a & i))) | ((1 - a) & e & j) | (e & i)
    t = g | ((1 - a) & e & k) | (a & i)
    v = a | e | i
    w = a | (e & i) | ((1 - e) & j)
    x = e | (a & i) | ((1 - a) & k)
    return int(''.join(map(str, (p, q, d, s, t, h, v, w, x, m))), 2)


def encode(f, v):
    trailing = (f.digits - 1) // 3 * 10
    sign, digits, exp = v.as_tuple()
    if v.is_infinite():
        return sign << (trailing + f.cont + 5) | 0x1e << (trailing + f.cont)
    coeff = int(''.join(map(str, digits)) or '0')
    t = 0
    for shift in range(0, trailing, 10):
        t |= declet(coeff % 1000) << shift
        coeff //= 1000
    if v.is_nan():
        special = sign << 6 | 0x1f << 1 | v.is_snan()
        return special << (trailing + f.cont - 1) | t
    biased = exp + f.bias
    assert coeff < 10 and 0 <= biased <= f.max_biased, v
    high, cont = biased >> f.cont, biased & ((1 << f.cont) - 1)
    comb = 0x18 | high << 1 | (coeff & 1) if coeff >= 8 else high << 3 | coeff
    return sign << (trailing + f.cont + 5) | comb << (trailing + f.cont) | cont << trailing | t


def fprf(f, v):
    if v.is_nan():
        return 1 if v.is_snan() else 0x11
    if v.is_infinite():
        return 9 if v.is_signed() else 5
    if v.is_zero():
        return 0x12 if v.is_signed() else 2
    return (8 if v.is_signed() else 4) | (0x10 if v.adjusted() < f.emin else 0)


def coefficient(digits):
    n = random.randint(0, digits) if random.random() < .7 else digits
    kind = random.randrange(6)
    if n == 0:
        return 0
    if kind == 0:
        return 10 ** n - 1
    if kind == 1:
        return (10 ** (n - 1) + random.randint(0, 1)) % 10 ** digits
    v = random.randrange(10 ** n)
    if kind == 2:
        z = random.randint(0, n)
        v = v // 10 ** z * 10 ** z
        if z and random.random() < .6:
            v += 5 * 10 ** (z - 1)
    return v


def number(f, near=None, special=.06):
    sign = random.randrange(2)
    if random.random() < special:
        kind = random.choice(['Infinity', 'NaN', 'sNaN'])
        if kind != 'Infinity':
            kind += str(random.randrange(10 ** random.randint(1, f.digits - 1)))
        return Decimal('-' * sign + kind)
    r = random.random()
    if near is not None and r < .5:
        exp = near + random.randint(-2 * f.digits, 2 * f.digits)
    elif r < .62:
        exp = f.qmin + random.randint(0, f.digits + 3)
    elif r < .74:
        exp = f.qmax - random.randint(0, f.digits + 3)
    elif r < .87:
        exp = random.randint(-f.digits, 4)
    else:
        exp = random.randint(f.qmin, f.qmax)
    exp = min(max(exp, f.qmin), f.qmax)
    return Decimal((sign, tuple(map(int, str(coefficient(f.digits)))), exp))


def nan_result(ops):
    """The operand that is propagated, and the flags; None if there is no NaN."""
    for v in ops:
        if v.is_snan():
            return Decimal(str(v).replace('sNaN', 'NaN')), VXSNAN
    for v in ops:
        if v.is_nan():
            return v, 0
    return None


def rounded(f, drn, enables, wrap, operation, exact_above):
    """operation(context) in format f; exact_above(v): is |v| more than the exact value?"""
    c, u = f.context(drn), f.unbounded(drn)
    v = operation(c)
    flags = 0
    if c.flags[decimal.DivisionByZero]:
        return v, ZX, False
    if not v.is_finite() and not c.flags[decimal.Overflow]:
        return v, 0, False
    free = operation(u)
    inexact = bool(c.flags[decimal.Inexact])
    if c.flags[decimal.Overflow] and enables & OE:
        free = free.scaleb(-wrap, EXACT)
        inexact = bool(u.flags[decimal.Inexact])
        up = inexact and exact_above(free.scaleb(wrap, EXACT))
        return free, OX | (XX | FI if inexact else 0) | (FR if up else 0), True
    if c.flags[decimal.Subnormal] and enables & UE:
        inexact = bool(u.flags[decimal.Inexact])
        up = inexact and exact_above(free)
        return free.scaleb(wrap, EXACT), UX | (XX | FI if inexact else 0) | (FR if up else 0), True
    flags |= OX if c.flags[decimal.Overflow] else 0
    flags |= UX if c.flags[decimal.Underflow] else 0
    if inexact:
        flags |= XX | FI
        flags |= FR if v.is_infinite() or exact_above(v) else 0
    return v, flags, False


def emit(op, fa, fb, ft, rm, imm, drn, enables, a, b, r, flags, cls):
    words = [w for v in (a, b, r) for w in (v >> 64 & 2 ** 64 - 1, v & 2 ** 64 - 1)]
    print('{ DFPDESC(DFO_%s, DFF_%s, DFF_%s, DFF_%s, %s, %d), 0x%x, {%s}, 0x%x, 0x%x },' % (
        op, fa, fb, ft, rm, imm, drn << 32 | enables, ', '.join('0x%xull' % w for w in words), flags, cls))


def arithmetic(f):
    op = random.choice(['ADD', 'SUB', 'MUL', 'DIV'])
    drn, enables = random.randrange(8), random.choice([0, 0, OE, UE])
    a = number(f)
    near = a.as_tuple().exponent if a.is_finite() else None
    if near is not None and op in ('MUL', 'DIV') and random.random() < .5:
        near = (-near if op == 'MUL' else near) + random.choice([f.qmin, f.qmax, 0])
    b = number(f, near)
    vx = 0
    nan = nan_result((a, b))
    if nan:
        r, flags = nan
        cls = f
    else:
        sub = op == 'SUB'
        if op in ('ADD', 'SUB') and a.is_infinite() and b.is_infinite() and (a.is_signed() ^ b.is_signed()) != sub:
            vx = VXISI
        if op == 'MUL' and ((a.is_infinite() and b.is_zero()) or (a.is_zero() and b.is_infinite())):
            vx = VXIMZ
        if op == 'DIV' and a.is_infinite() and b.is_infinite():
            vx = VXIDI
        if op == 'DIV' and a.is_zero() and b.is_zero():
            vx = VXZDZ
        if vx:
            r, flags = Decimal('NaN'), vx
        else:
            name = {'ADD': 'add', 'SUB': 'subtract', 'MUL': 'multiply', 'DIV': 'divide'}[op]
            if op == 'DIV':
                def above(v):
                    return EXACT.multiply(v, b).copy_abs() > a.copy_abs()
            else:
                def above(v):
                    return v.copy_abs() > getattr(EXACT, name)(a, b).copy_abs()
            r, flags, _ = rounded(f, drn, enables, f.wrap, lambda c: getattr(c, name)(a, b), above)
    emit(op, f.name, f.name, f.name, 'DFR_CURRENT', 0, drn, enables, encode(f, a), encode(f, b), encode(f, r),
         flags, fprf(f, r))


def quantize(f):
    op = random.choice(['QUA', 'QUAI', 'RINTX', 'RINTN'])
    rm, drn = random.randrange(8), random.randrange(8)
    b = number(f)
    if op == 'QUA':
        near = b.as_tuple().exponent if b.is_finite() else None
        a, imm = number(f, near), 0
        exp = a.as_tuple().exponent
    else:
        te = random.randint(-16, 15) if op == 'QUAI' else 0
        if b.is_finite() and random.random() < .8:
            b = Decimal((b.is_signed(), b.as_tuple().digits, te + random.randint(-2 * f.digits, f.digits)))
        a, imm, exp = Decimal(0), te & 31, te
    c = f.context(rm)
    flags = 0
    nan = nan_result((a, b))
    if nan:
        r, flags = nan
    elif op in ('RINTX', 'RINTN'):
        r = b if b.is_infinite() else c.to_integral_exact(b)
    elif op == 'QUA' and a.is_infinite() and b.is_infinite():
        r = b
    else:
        r = c.quantize(b, a if op == 'QUA' else Decimal((0, (1,), exp)))
        if c.flags[decimal.InvalidOperation]:
            r, flags = Decimal('NaN'), VXCVI
    if r.is_finite() and r != b and op != 'RINTN':
        flags |= XX | FI | (FR if r.copy_abs() > b.copy_abs() else 0)
    emit(op, f.name if op == 'QUA' else 'D', f.name, f.name, rm, imm, drn, 0, encode(f, a) if op == 'QUA' else 0,
         encode(f, b), encode(f, r), flags, fprf(f, r))


def reround(f):
    rm, k = random.randrange(8), random.randrange(64)
    if random.random() < .8:
        k %= f.digits + 2
    b = number(f)
    flags = 0
    nan = nan_result((b,))
    if nan:
        r, flags = nan
    elif b.is_infinite() or b.is_zero() or k == 0 or k >= len(b.as_tuple().digits):
        r = b
    else:
        c = decimal.Context(prec=k, rounding=MODES[rm], Emin=-20000, Emax=20000, traps=[])
        r = c.plus(b)
        if r.as_tuple().exponent > f.qmax:
            r, flags = Decimal('NaN'), VXCVI
        elif r != b:
            flags = XX | FI | (FR if r.copy_abs() > b.copy_abs() else 0)
    emit('RRND', 'D', f.name, f.name, rm, 0, 0, 0, random.getrandbits(58) << 6 | k, encode(f, b), encode(f, r), flags,
         fprf(f, r))


def compare(f):
    op = random.choice(['CMPU', 'CMPO', 'TSTEX'])
    a = number(f)
    b = number(f, a.as_tuple().exponent if a.is_finite() else None)
    if a.is_finite() and random.random() < .5:      # another member of its cohort, or a near neighbour
        digits = a.as_tuple().digits
        s = random.randint(0, f.digits - len(digits))
        if a.as_tuple().exponent - s >= f.qmin:
            b = Decimal((random.randrange(2), digits + (0,) * s, a.as_tuple().exponent - s))
    flags = 0
    if op == 'TSTEX':
        if a.is_finite() and b.is_finite():
            x, y = a.as_tuple().exponent, b.as_tuple().exponent
            r = 8 if x < y else 4 if x > y else 2
        else:
            r = 2 if (a.is_infinite() and b.is_infinite()) or (a.is_nan() and b.is_nan()) else 1
    elif a.is_nan() or b.is_nan():
        r = 1
        flags = (VXSNAN if a.is_snan() or b.is_snan() else 0) | (1 << 19 if op == 'CMPO' else 0)
    else:
        r = 8 if a < b else 4 if a > b else 2
    emit(op, f.name, f.name, 'D', 'DFR_CURRENT', 0, 0, 0, encode(f, a), encode(f, b), r, flags, r)


def shorten(f, to):
    drn, enables = random.randrange(8), random.choice([0, 0, OE, UE])
    b = number(f)
    if b.is_finite() and random.random() < .8:
        b = Decimal((b.is_signed(), b.as_tuple().digits,
                     random.choice([to.qmin, to.qmax, 0]) + random.randint(-f.digits - 2, to.digits)))
    flags, wrapped = 0, False
    if b.is_nan():
        keep = to is SHORT          # a signalling NaN stays one
        payload = b.as_tuple().digits[-(to.digits - 1):]
        flags = 0 if keep or not b.is_snan() else VXSNAN
        r = Decimal((b.is_signed(), payload, 'N' if b.is_snan() and keep else 'n'))
    else:
        r, flags, wrapped = rounded(to, drn, enables, f.source_wrap, lambda c: c.create_decimal(b),
                                    lambda v: v.copy_abs() > b.copy_abs())
    dst = f if wrapped else to
    emit('SHORTEN', 'D', f.name, to.name, 'DFR_CURRENT', 0, drn, enables, 0, encode(f, b), encode(dst, r), flags,
         fprf(dst, r))


def integers(f):
    drn = random.randrange(8)
    if random.random() < .5:
        bits, name = random.choice([(64, 'D'), (128, 'Q')])
        n = random.getrandbits(bits) - (1 << bits - 1) >> random.randrange(bits)
        v = Decimal(n)
        r, flags, _ = rounded(f, drn, 0, 0, lambda c: c.plus(v), lambda x: x.copy_abs() > v.copy_abs())
        emit('FROM_INT', 'D', name, f.name, 'DFR_CURRENT', 0, drn, 0, 0, n & (1 << 128) - 1, encode(f, r), flags,
             fprf(f, r))
        return
    bits, name = random.choice([(64, 'D'), (128, 'Q')])
    low, high = -(1 << bits - 1), (1 << bits - 1) - 1
    b = number(f)
    if random.random() < .7:
        edge = random.choice([low, high, 0, random.getrandbits(bits)]) * 10 + random.randint(-12, 12)
        b = Decimal((edge < 0, tuple(map(int, str(abs(edge))[:f.digits])), max(len(str(abs(edge))) - f.digits, 0) - 1))
    flags = 0
    if b.is_nan():
        r, flags = low, VXCVI | (VXSNAN if b.is_snan() else 0)
    elif b.is_infinite() or (not b.is_zero() and b.adjusted() > 60):
        r, flags = (low if b.is_signed() else high), VXCVI
    else:
        r = int(b.to_integral_value(rounding=MODES[drn], context=EXACT)) if not b.is_zero() else 0
        if r < low or r > high:
            r, flags = (low if r < low else high), VXCVI
        elif r != b:
            flags = XX | FI | (FR if abs(r) > b.copy_abs() else 0)
    emit('TO_INT', 'D', f.name, name, 'DFR_CURRENT', 0, drn, 0, 0, encode(f, b), r & (1 << 128) - 1, flags, 0)


def main():
    random.seed(31)
    for f in (LONG, EXTENDED):
        for make, count in ((arithmetic, 4000), (quantize, 1500), (reround, 700), (compare, 1000), (integers, 1500)):
            for _ in range(count):
                make(f)
    for f, to in ((LONG, SHORT), (EXTENDED, LONG)):
        for _ in range(1200):
            shorten(f, to)


if __name__ == '__main__':
    with open(sys.argv[1], 'w') as sys.stdout:
        main()
