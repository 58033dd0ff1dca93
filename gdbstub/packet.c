/*
 * Packets: $BODY#SUM with two hexadecimal digits of the sum of its bytes; + acknowledges one, - asks for it again. In a body }
 * stands before a byte that is changed by 0x20, and * repeats the byte before.
 *
 * What makes no sense is answered - (a wrong sum), E22 (too long), or skipped until the next $.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "gdbstub/gdb-int.h"
#include "system/runstate.h"
#include <string.h>

typedef enum { IDLE, BODY, ESCAPE, REPEAT, SUM_HIGH, SUM_LOW } RxState;

static RxState state;
static GString *body;           /* being received */
static bool too_long;
static uint8_t sum, told;       /* of what came; what the client says */
static GString *last;           /* sent and not acknowledged */

void gdb_packet_reset(void)
{
    if (!body) {
        body = g_string_new(NULL);
        last = g_string_new(NULL);
    }
    state = IDLE;
    g_string_truncate(last, 0);
}

/* ---- sending ---- */

void gdb_reply_data(const char *data, gsize len)
{
    uint8_t check = 0;

    g_string_assign(last, "$");
    for (gsize i = 0; i < len; i++) {
        if (strchr("#$}*", data[i]) && data[i]) {
            g_string_append_c(last, '}');
            g_string_append_c(last, data[i] ^ 0x20);
        } else {
            g_string_append_c(last, data[i]);
        }
    }
    for (gsize i = 1; i < last->len; i++) {
        check += (uint8_t)last->str[i];
    }
    g_string_append_printf(last, "#%02x", check);
    gdb_write(last->str, last->len);
}

void gdb_reply(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    g_autofree char *text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    gdb_reply_data(text, strlen(text));
}

void gdb_reply_error(unsigned n)
{
    gdb_reply("E%02u", n);
}

void gdb_reply_unsupported(void)
{
    gdb_reply_data("", 0);
}

/* ---- receiving ---- */

static void add(uint8_t b)
{
    if (body->len < GDB_PACKET_MAX) {
        g_string_append_c(body, b);
    } else {
        too_long = true;
    }
}

static void packet_done(void)
{
    state = IDLE;
    if (sum != told) {
        gdb_write("-", 1);
        return;
    }
    gdb_write("+", 1);
    if (too_long) {
        gdb_reply_error(GDB_EINVAL);
        return;
    }
    gdb.in_packet = true;
    gdb_command(body->str);
    gdb.in_packet = false;
}

static void begin(void)
{
    g_string_truncate(body, 0);
    too_long = false;
    sum = 0;
    state = BODY;
}

static void assemble(uint8_t b)
{
    if (b == '$') {             /* never within a packet: a new one */
        begin();
        return;
    }
    switch (state) {
    case IDLE:
        break;
    case BODY:
        if (b == '#') {
            state = SUM_HIGH;
            break;
        }
        sum += b;
        if (b == '}') {
            state = ESCAPE;
        } else if (b == '*' && body->len) {
            state = REPEAT;
        } else {
            add(b);
        }
        break;
    case ESCAPE:
        sum += b;
        add(b ^ 0x20);
        state = BODY;
        break;
    case REPEAT:
        if (b < ' ' || b == '#' || b > 126) {
            state = IDLE;
            break;
        }
        sum += b;
        for (int i = 0; i < b - ' ' + 3; i++) {
            add(body->str[body->len - 1]);
        }
        state = BODY;
        break;
    case SUM_HIGH:
    case SUM_LOW:
        if (!g_ascii_isxdigit(b)) {
            state = IDLE;
        } else if (state == SUM_HIGH) {
            told = g_ascii_xdigit_value(b) << 4;
            state = SUM_LOW;
        } else {
            told |= g_ascii_xdigit_value(b);
            packet_done();
        }
    }
}

void gdb_packet_byte(uint8_t b)
{
    if (last->len) {
        if (b == '-') {
            gdb_write(last->str, last->len);
            return;
        }
        if (b == '+' || b == '$') {
            g_string_truncate(last, 0);
        }
        if (b != '$' && b != 3) {
            return;
        }
    }
    /* Ctrl-C is 3, but anything will do: a client that runs the machine has nothing to say before that stops. */
    if (runstate_is_running()) {
        runstate_stop(RUN_PAUSED);
    } else {
        assemble(b);
    }
}

/* ---- bodies ---- */

void gdb_append_hex(GString *out, const void *data, gsize len)
{
    for (gsize i = 0; i < len; i++) {
        g_string_append_printf(out, "%02x", ((const uint8_t *)data)[i]);
    }
}

bool gdb_parse_bytes(const char *text, uint8_t *out, gsize len)
{
    for (gsize i = 0; i < len; i++) {
        if (!g_ascii_isxdigit(text[2 * i]) || !g_ascii_isxdigit(text[2 * i + 1])) {
            return false;
        }
        out[i] = g_ascii_xdigit_value(text[2 * i]) << 4 | g_ascii_xdigit_value(text[2 * i + 1]);
    }
    return !text[2 * len];
}

bool gdb_parse_number(const char **p, uint64_t *n)
{
    if (!g_ascii_isxdigit(**p)) {
        return false;
    }
    for (*n = 0; g_ascii_isxdigit(**p); (*p)++) {
        if (*n >> 60) {
            return false;
        }
        *n = *n << 4 | g_ascii_xdigit_value(**p);
    }
    return true;
}

bool gdb_parse_char(const char **p, char c)
{
    if (**p != c) {
        return false;
    }
    (*p)++;
    return true;
}
