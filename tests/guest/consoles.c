/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several -serial: says on each console which one it is, and sends what the second hears back to it (test_serials.py). */
#include "rt/rt.h"

enum { H_GET_TERM_CHAR = 0x54, H_PUT_TERM_CHAR = 0x58, FIRST = 0x71000000 };
#define H_PARAMETER (-4l)

void secondary_main(u64 number)
{
}

void test_main(void)
{
    u64 length, first, second;

    for (u64 n = 0; n < 3; n++) {
        check("a console", hcall(H_PUT_TERM_CHAR, FIRST + n, 8, 0x434f4e534f4c4530 + n, 0), 0);     /* CONSOLE0 */
    }
    check("no fourth", hcall(H_PUT_TERM_CHAR, FIRST + 3, 1, 0, 0), H_PARAMETER);      /* that is the nvram */
    check("nothing to hear on the first", hcall(H_GET_TERM_CHAR, FIRST), 0);
    check("  bytes", hcall_out[0], 0);
    do {
        hcall(H_GET_TERM_CHAR, FIRST + 1);
        length = hcall_out[0];
        first = hcall_out[1];
        second = hcall_out[2];
    } while (!length);
    check("back", hcall(H_PUT_TERM_CHAR, FIRST + 1, length, first, second), 0);
}
