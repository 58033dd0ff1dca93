#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Random decimal integer instructions (Power ISA Book I, 6.17) with their results, as C initialisers.

Decimals are strings of hexadecimal digits here, so that a shift is a slice; the emulator computes with binary
numbers.
"""
import random
import sys

PLUS, MINUS = 'acef', 'bd'
WIDTH = 32


def digits(n):
    """n digits, often zeros or nines."""
    kind = random.randrange(5)
    if kind == 0:
        return '9' * n
    if kind == 1:
        return '0' * n
    lead = random.randint(0, n)
    return '0' * lead + ''.join(random.choice('0123456789') for _ in range(n - lead))


def packed():
    """31 digits and a sign; one in eight is invalid."""
    s = digits(31) + random.choice(PLUS + MINUS)
    return spoil(s)


def spoil(s):
    if random.random() < .12:
        i = random.randrange(len(s))
        s = s[:i] + random.choice('0123456789abcdef') + s[i + 1:]
    return s


def valid(s):
    return s[:-1].isdigit() and s[-1] not in '0123456789'


def value(s):
    return -int(s[:-1]) if s[-1] in MINUS else int(s[:-1])


def sign(negative, ps):
    return 'd' if negative else 'f' if ps else 'c'


def flags(v, so=False):
    return (8 if v < 0 else 4 if v > 0 else 2) | so


def vector(name, ps, a, b, result, cr):
    def halves(s):
        return '0x%sull, 0x%sull' % (s[:16], s[16:])
    print('{ "%s", %d, {%s}, {%s}, {%s}, %d, %d },' % (
        name, ps, halves(a), halves(b), halves(result or '0' * WIDTH), cr, result is not None))


def add(name, ps):
    a, b = packed(), packed()
    if random.random() < .2:
        b = a[:-1] + b[-1]
    if not (valid(a) and valid(b)):
        return vector(name, ps, a, b, None, 1)
    r = value(a) + value(b) if name == 'bcdadd' else value(a) - value(b)
    text = '%031d' % abs(r)
    vector(name, ps, a, b, text[-31:] + sign(r < 0, ps), flags(r, len(text) > 31))


def from_national(name, ps):
    s = digits(7)
    b = spoil(''.join('003' + d for d in s) + random.choice(['002b', '002d']))
    negative = b[-4:] == '002d'
    ok = b[-4:] in ('002b', '002d') and all(b[i:i + 3] == '003' and b[i + 3].isdigit() for i in range(0, 28, 4))
    n = int(b[3:28:4]) if ok else 0
    vector(name, ps, packed(), b, '%031d' % n + sign(negative, ps) if ok else None,
           flags(-n if negative else n) if ok else 1)


def to_national(name, ps):
    b = packed()
    if random.random() < .5:
        b = '0' * 24 + b[24:]
    if not valid(b):
        return vector(name, 0, packed(), b, None, 1)
    r = ''.join('003' + d for d in b[24:31]) + ('002d' if b[-1] in MINUS else '002b')
    vector(name, 0, packed(), b, r, flags(value(b), b[:24] != '0' * 24))


def from_zoned(name, ps):
    zone = 'f' if ps else '3'
    b = ''.join(zone + d for d in digits(16))
    b = b[:30] + random.choice('abcdef' if ps else '0123456789abcdef') + b[31]
    b = spoil(b)
    z, d = b[:32:2], b[1::2]
    ok = z[:15] == zone * 15 and d.isdigit() and (not ps or z[15] not in '0123456789')
    negative = z[15] in MINUS if ps else z[15] in '4567cdef'
    n = int(d) if ok else 0
    vector(name, ps, packed(), b, '0' * 15 + d + ('d' if negative else 'c') if ok else None,
           flags(-n if negative else n) if ok else 1)


def to_zoned(name, ps):
    b = packed()
    if random.random() < .5:
        b = '0' * 15 + b[15:]
    if not valid(b):
        return vector(name, ps, packed(), b, None, 1)
    zones = ('f' if ps else '3') * 15 + (('d' if ps else '7') if b[-1] in MINUS else ('c' if ps else '3'))
    vector(name, ps, packed(), b, ''.join(z + d for z, d in zip(zones, b[15:31])), flags(value(b), b[:15] != '0' * 15))


def from_quadword(name, ps):
    n = random.getrandbits(128) - (1 << 127) >> random.randrange(128)
    if random.random() < .2:
        n = random.choice([1, -1]) * (10 ** 31 + random.randint(-2, 1))
    over = abs(n) >= 10 ** 31
    vector(name, ps, packed(), '%032x' % (n & (1 << 128) - 1), None if over else '%031d' % abs(n) + sign(n < 0, ps),
           flags(n, over))


def to_quadword(name, ps):
    b = packed()
    ok = valid(b)
    vector(name, 0, packed(), b, '%032x' % (value(b) & (1 << 128) - 1) if ok else None, flags(value(b)) if ok else 1)


def copy_sign(name, ps):
    a, b = packed(), packed()
    r = a[:-1] + b[-1]
    ok = valid(a) and valid(b)
    vector(name, 0, a, b, r if ok else None, flags(value(r)) if ok else 1)


def set_sign(name, ps):
    b = packed()
    ok = valid(b)
    vector(name, ps, packed(), b, b[:-1] + sign(b[-1] in MINUS, ps) if ok else None, flags(value(b)) if ok else 1)


def shift(name, ps):
    unsigned = name == 'bcdus'
    width = 32 if unsigned else 31
    n = random.choice([random.randint(-34, 34), random.randint(-128, 127)])
    a = '%014x%02x%016x' % (random.getrandbits(56), n & 255, random.getrandbits(64))
    b = spoil(digits(32)) if unsigned else packed()
    ps = 0 if unsigned else ps
    if not (b.isdigit() if unsigned else valid(b)):
        return vector(name, ps, a, b, None, 1)
    d = b[:width]
    lost = False
    if n >= 0:
        n = min(n, width)
        lost = d[:n].strip('0') != ''
        d = d[n:] + '0' * n
    else:
        n = min(-n, width)
        up = name == 'bcdsr' and d[width - n] >= '5'
        d = '%0*d' % (width, int('0' + d[:width - n]) + up)
    negative = not unsigned and b[-1] in MINUS
    vector(name, ps, a, b, d if unsigned else d + sign(negative, ps), flags(-int(d) if negative else int(d), lost))


def truncate(name, ps):
    unsigned = name == 'bcdutrunc'
    width = 32 if unsigned else 31
    n = random.choice([random.randint(0, 34), random.getrandbits(16)])
    a = '%012x%04x%016x' % (random.getrandbits(48), n, random.getrandbits(64))
    b = spoil(digits(32)) if unsigned else packed()
    ps = 0 if unsigned else ps
    if not (b.isdigit() if unsigned else valid(b)):
        return vector(name, ps, a, b, None, 1)
    cut = max(width - n, 0)
    d = '0' * cut + b[cut:width]
    negative = not unsigned and b[-1] in MINUS
    vector(name, ps, a, b, d if unsigned else d + sign(negative, ps),
           flags(-int(d) if negative else int(d), b[:cut].strip('0') != ''))


def multiply(name, ps):
    a, b = '%032x' % (random.getrandbits(128) >> random.randrange(128)), '%031x' % random.getrandbits(124) + digits(1)
    n = int(a, 16) * 10 + (int(b[-1]) if name in ('vmul10euq', 'vmul10ecuq') else 0)
    vector(name, 0, a, b, '%032x' % (n >> 128 if 'c' in name else n & (1 << 128) - 1), -1)


def main():
    random.seed(17)
    makers = {'bcdadd': add, 'bcdsub': add, 'bcdcfn': from_national, 'bcdctn': to_national, 'bcdcfz': from_zoned,
              'bcdctz': to_zoned, 'bcdcfsq': from_quadword, 'bcdctsq': to_quadword, 'bcdcpsgn': copy_sign,
              'bcdsetsgn': set_sign, 'bcds': shift, 'bcdsr': shift, 'bcdus': shift, 'bcdtrunc': truncate,
              'bcdutrunc': truncate, 'vmul10uq': multiply, 'vmul10cuq': multiply, 'vmul10euq': multiply,
              'vmul10ecuq': multiply}
    for name, make in makers.items():
        for _ in range(300):
            make(name, random.randrange(2))


if __name__ == '__main__':
    with open(sys.argv[1], 'w') as sys.stdout:
        main()
