/*
 * Densely packed decimal: see dpd.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/fp/dpd.h"

unsigned dpd_from_bcd(unsigned b)
{
    unsigned a8 = b >> 11 & 1, b8 = b >> 7 & 1, c8 = b >> 3 & 1;
    unsigned x = b >> 8 & 7, y = b >> 4 & 7, z = b & 7;

    switch (a8 << 2 | b8 << 1 | c8) {
    case 0: return x << 7 | y << 4 | z;
    case 1: return x << 7 | y << 4 | 8 | (z & 1);
    case 2: return x << 7 | (z & 6) << 4 | (y & 1) << 4 | 0xa | (z & 1);
    case 3: return x << 7 | 0x40 | (y & 1) << 4 | 0xe | (z & 1);
    case 4: return (z & 6) << 7 | (x & 1) << 7 | y << 4 | 0xc | (z & 1);
    case 5: return (y & 6) << 7 | (x & 1) << 7 | 0x20 | (y & 1) << 4 | 0xe | (z & 1);
    case 6: return (z & 6) << 7 | (x & 1) << 7 | (y & 1) << 4 | 0xe | (z & 1);
    default: return (x & 1) << 7 | 0x60 | (y & 1) << 4 | 0xe | (z & 1);
    }
}

unsigned dpd_to_bcd(unsigned d)
{
    unsigned pq = d >> 8 & 3, r = d >> 7 & 1, st = d >> 5 & 3, u = d >> 4 & 1, wx = d >> 1 & 3, y = d & 1;
    unsigned h, t, o;

    if (!(d & 8)) {
        h = pq << 1 | r; t = st << 1 | u; o = wx << 1 | y;
    } else if (wx == 0) {
        h = pq << 1 | r; t = st << 1 | u; o = 8 | y;
    } else if (wx == 1) {
        h = pq << 1 | r; t = 8 | u; o = st << 1 | y;
    } else if (wx == 2) {
        h = 8 | r; t = st << 1 | u; o = pq << 1 | y;
    } else if (st == 0) {
        h = 8 | r; t = 8 | u; o = pq << 1 | y;
    } else if (st == 1) {
        h = 8 | r; t = pq << 1 | u; o = 8 | y;
    } else if (st == 2) {
        h = pq << 1 | r; t = 8 | u; o = 8 | y;
    } else {
        h = 8 | r; t = 8 | u; o = 8 | y;
    }
    return h << 8 | t << 4 | o;
}

uint16_t dpd_declets[1000], dpd_numbers[1024];

__attribute__((constructor)) static void fill_tables(void)
{
    for (unsigned d = 0; d < 1024; d++) {
        unsigned b = dpd_to_bcd(d);

        dpd_numbers[d] = (b >> 8) * 100 + (b >> 4 & 15) * 10 + (b & 15);
    }
    for (unsigned n = 0; n < 1000; n++) {
        dpd_declets[n] = dpd_from_bcd(n / 100 << 8 | n / 10 % 10 << 4 | n % 10);
    }
}
