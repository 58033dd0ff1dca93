/*
 * Expressions of the monitor. The sum binds least, then & | ^ (from left to right), then * / %: QEMU's order, not C's.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/monitor.h"
#include "system/report.h"
#include "target/ppc/dump.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 64

typedef struct Parser { Monitor *m; const char *p; GError **err; unsigned depth; } Parser;

static bool sum(Parser *x, int64_t *v);

static void blanks(Parser *x)
{
    while (g_ascii_isspace(*x->p)) {
        x->p++;
    }
}

static bool reg(Parser *x, int64_t *v)
{
    char name[32];
    unsigned n = 0;
    uint64_t value;

    while ((g_ascii_isalnum(*x->p) || *x->p == '_' || *x->p == '.') && n < sizeof(name) - 1) {
        name[n++] = *x->p++;
    }
    name[n] = 0;
    if (!monitor_cpu(x->m) || !ppc_register_by_name(monitor_cpu(x->m), name, &value)) {
        return report_fail(x->err, "unknown register");
    }
    *v = value;
    return true;
}

static bool number(Parser *x, int64_t *v)
{
    char *end;

    errno = 0;
    *v = strtoull(x->p, &end, 0);
    if (errno == ERANGE) {
        return report_fail(x->err, "number too large");
    }
    if (end == x->p) {
        return report_fail(x->err, "invalid char '%c' in expression", *x->p);
    }
    x->p = end;
    return true;
}

static bool unary(Parser *x, int64_t *v)
{
    bool ok;

    blanks(x);
    if (x->depth == DEPTH_MAX) {
        return report_fail(x->err, "expression too deep");
    }
    x->depth++;
    switch (*x->p) {
    case '+': x->p++; ok = unary(x, v); break;
    case '-': x->p++; ok = unary(x, v); *v = -(uint64_t)*v; break;
    case '~': x->p++; ok = unary(x, v); *v = ~*v; break;
    case '(':
        x->p++;
        ok = sum(x, v);
        if (ok && *x->p != ')') {
            ok = report_fail(x->err, "')' expected");
        }
        x->p += ok;
        break;
    case '\'':
        ok = x->p[1] ? true : report_fail(x->err, "character constant expected");
        if (ok) {
            *v = (uint8_t)x->p[1];
            ok = x->p[2] == '\'' ? true : report_fail(x->err, "missing terminating ' character");
        }
        x->p += ok ? 3 : 0;
        break;
    case '$': x->p++; ok = reg(x, v); break;
    case 0: ok = report_fail(x->err, "unexpected end of expression"); break;
    default: ok = g_ascii_isdigit(*x->p) ? number(x, v) : report_fail(x->err, "invalid char '%c' in expression", *x->p);
    }
    x->depth--;
    if (ok) {
        blanks(x);
    }
    return ok;
}

static bool prod(Parser *x, int64_t *v)
{
    int64_t w;

    if (!unary(x, v)) {
        return false;
    }
    while (*x->p && strchr("*/%", *x->p)) {
        char op = *x->p++;
        if (!unary(x, &w)) {
            return false;
        }
        if (op == '*') {
            *v = (uint64_t)*v * (uint64_t)w;
        } else if (!w) {
            return report_fail(x->err, "division by zero");
        } else if (w == -1) {
            *v = op == '/' ? -(uint64_t)*v : 0;
        } else {
            *v = op == '/' ? *v / w : *v % w;
        }
    }
    return true;
}

static bool logic(Parser *x, int64_t *v)
{
    int64_t w;

    if (!prod(x, v)) {
        return false;
    }
    while (*x->p && strchr("&|^", *x->p)) {
        char op = *x->p++;
        if (!prod(x, &w)) {
            return false;
        }
        *v = op == '&' ? *v & w : op == '|' ? *v | w : *v ^ w;
    }
    return true;
}

static bool sum(Parser *x, int64_t *v)
{
    int64_t w;

    if (!logic(x, v)) {
        return false;
    }
    while (*x->p == '+' || *x->p == '-') {
        char op = *x->p++;
        if (!logic(x, &w)) {
            return false;
        }
        *v = op == '+' ? (uint64_t)*v + (uint64_t)w : (uint64_t)*v - (uint64_t)w;
    }
    return true;
}

bool monitor_expression(Monitor *m, const char **p, int64_t *value, GError **err)
{
    Parser x = { m, *p, err, 0 };

    *value = 0;
    bool ok = sum(&x, value);
    *p = x.p;
    return ok;
}
