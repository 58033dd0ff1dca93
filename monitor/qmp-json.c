/*
 * See qmp-json.h. A library would take other inputs than the peer and call their faults by other names; clients of QMP show those names to
 * people and compare them in tests.
 *
 * Bytes become tokens; tokens are kept until brackets of both kinds are closed, then a value is read from them. After a byte that fits nowhere
 * everything up to the next bracket, colon, comma or end of line is skipped, and reading begins anew with that.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/qmp-json.h"
#include "system/report.h"
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX (64u << 20)        /* bytes of the tokens of one input */
#define TOKENS_MAX (2u << 20)
#define DEPTH_MAX 1024

/* Where a byte may be; the kinds of tokens that are not one byte are states, too. */
typedef enum State { START, SKIP, WORD, MINUS, ZERO, DIGITS, POINT, FRACTION, EXPONENT, SIGN, POWER, STRING, ESCAPE } State;

typedef struct Token { uint8_t kind; uint32_t at, len; } Token;

struct QmpJson {
    QmpJsonFn *fn;
    void *opaque;
    State state;
    char quote;
    int braces, brackets;
    GString *text;                  /* of all tokens */
    uint32_t at;                    /* where the last one, not yet complete, begins */
    GArray *tokens;
    guint next;                     /* the one to be read */
};

/* ---- strings ---- */

static int hex4(const char *s, const char *end)
{
    int v = 0;

    for (int i = 0; i < 4; i++) {
        if (s + i >= end || !g_ascii_isxdigit(s[i])) {
            return -1;
        }
        v = v << 4 | g_ascii_xdigit_value(s[i]);
    }
    return v;
}

/* Of what Unicode calls noncharacters, and surrogates, there is nothing to be said in a text. */
static bool is_character(unsigned u)
{
    return u <= 0x10ffff && (u & ~0x7ffu) != 0xd800 && (u & 0xfffe) != 0xfffe && !(u >= 0xfdd0 && u <= 0xfdef);
}

/* One of the forms \uXXXX, two for a pair; the place behind it, or NULL. */
static const char *escaped_character(const char *s, const char *end, GString *out, GError **err)
{
    int u = hex4(s + 2, end), low, n = 6;

    if (u >= 0xd800 && u < 0xdc00 && s + 8 < end && s[6] == '\\' && s[7] == 'u') {
        low = hex4(s + 8, end);
        if (low >= 0xdc00 && low < 0xe000) {
            u = 0x10000 + ((u & 0x3ff) << 10 | (low & 0x3ff));
            n = 12;
        }
    }
    if (u < 0 || !is_character(u)) {
        report_fail(err, "%.*s is not a valid Unicode character", (int)MIN(n, end - s), s);
        return NULL;
    }
    if (u) {
        g_string_append_unichar(out, u);
    } else {
        g_string_append(out, "\xc0\x80");
    }
    return s + n;
}

/* Length of the UTF-8 sequence at s, or 0. */
static int sequence(const char *s, const char *end, gunichar *u)
{
    if (end - s >= 2 && !memcmp(s, "\xc0\x80", 2)) {
        *u = 0;
        return 2;
    }
    *u = g_utf8_get_char_validated(s, end - s);
    return *u < (gunichar)-2 && is_character(*u) ? g_unichar_to_utf8(*u, NULL) : 0;
}

/* `t` has its quotes. */
static json_object *read_string(const QmpJson *j, const Token *t, GError **err)
{
    static const char from[] = "\"'\\/bfnrt", to[] = "\"'\\/\b\f\n\r\t";
    const char *s = j->text->str + t->at + 1, *end = s + t->len - 1, *found;
    g_autoptr(GString) out = g_string_sized_new(t->len);
    gunichar u;

    while (s < end - 1) {
        int n;
        if (*s != '\\') {
            n = sequence(s, end - 1, &u);
            if (!n) {
                return report_fail(err, "invalid UTF-8 sequence in string"), NULL;
            }
            g_string_append_len(out, s, n);
            s += n;
        } else if (s[1] == 'u') {
            s = escaped_character(s, end, out, err);
            if (!s) {
                return NULL;
            }
        } else if ((found = strchr(from, s[1]))) {
            g_string_append_c(out, to[found - from]);
            s += 2;
        } else {
            return report_fail(err, "invalid escape sequence in string"), NULL;
        }
    }
    return json_object_new_string_len(out->str, out->len);
}

/* ---- values ---- */

static json_object *read_number(const char *text, bool whole, GError **err)
{
    int64_t i;
    uint64_t u;
    double d;

    if (whole && g_ascii_string_to_signed(text, 10, INT64_MIN, INT64_MAX, &i, NULL)) {
        return json_object_new_int64(i);
    }
    if (whole && g_ascii_string_to_unsigned(text, 10, 0, UINT64_MAX, &u, NULL)) {
        return json_object_new_uint64(u);
    }
    d = g_ascii_strtod(text, NULL);
    if (d - d != 0) {       /* there is no way to say it in an answer */
        return report_fail(err, "number %.40s is out of range", text), NULL;
    }
    return json_object_new_double(d);
}

static const Token *peek(const QmpJson *j)
{
    static const Token none;

    return j->next < j->tokens->len ? &g_array_index(j->tokens, Token, j->next) : &none;
}

static bool accept(QmpJson *j, char kind)
{
    bool ok = peek(j)->kind == kind;

    j->next += ok;
    return ok;
}

static bool read_value(QmpJson *j, json_object **v, GError **err);

static bool read_member(QmpJson *j, json_object *o, GError **err)
{
    json_object *key, *value;
    bool ok = false;

    if (!read_value(j, &key, err)) {
        return false;
    }
    if (!json_object_is_type(key, json_type_string)) {
        report_fail(err, "key is not a string in object");
    } else if (!accept(j, ':')) {
        report_fail(err, "missing : in object pair");
    } else if (read_value(j, &value, err)) {
        ok = !json_object_object_get_ex(o, json_object_get_string(key), NULL) || report_fail(err, "duplicate key");
        if (ok) {
            json_object_object_add(o, json_object_get_string(key), value);
        } else {
            json_object_put(value);
        }
    }
    json_object_put(key);
    return ok;
}

static bool read_element(QmpJson *j, json_object *list, GError **err)
{
    json_object *value;

    return read_value(j, &value, err) && (json_object_array_add(list, value), true);
}

static bool read_all(QmpJson *j, json_object *o, char close, GError **err)
{
    bool object = close == '}';

    if (accept(j, close)) {
        return true;
    }
    do {
        if (!(object ? read_member : read_element)(j, o, err)) {
            return false;
        }
    } while (accept(j, ','));
    return accept(j, close) || report_fail(err, "expected separator in %s", object ? "dict" : "list");
}

static bool read_word(const char *word, json_object **v, GError **err)
{
    if (!strcmp(word, "null")) {
        return true;
    }
    if (strcmp(word, "true") && strcmp(word, "false")) {
        return report_fail(err, "invalid keyword '%s'", word);
    }
    *v = json_object_new_boolean(*word == 't');
    return true;
}

static bool read_value(QmpJson *j, json_object **v, GError **err)
{
    const Token *t = peek(j);
    g_autofree char *text = NULL;

    *v = NULL;
    j->next++;
    switch (t->kind) {
    case '{':
    case '[':
        *v = t->kind == '{' ? json_object_new_object() : json_object_new_array();
        if (!read_all(j, *v, t->kind == '{' ? '}' : ']', err)) {
            json_object_put(*v);
            *v = NULL;
            return false;
        }
        return true;
    case STRING:
        return (*v = read_string(j, t, err)) != NULL;
    case DIGITS:
    case FRACTION:
        text = g_strndup(j->text->str + t->at, t->len);
        return (*v = read_number(text, t->kind == DIGITS, err)) != NULL;
    case WORD:
        text = g_strndup(j->text->str + t->at, t->len);
        return read_word(text, v, err);
    default:
        return report_fail(err, "expecting value");
    }
}

/* ---- tokens ---- */

static void forget(QmpJson *j)
{
    g_string_truncate(j->text, 0);
    g_array_set_size(j->tokens, 0);
    j->braces = j->brackets = 0;
    j->next = j->at = 0;
}

static void complain(QmpJson *j, const char *what)
{
    forget(j);
    j->fn(j->opaque, NULL, what);
}

static void deliver(QmpJson *j)
{
    g_autoptr(GError) err = NULL;
    json_object *v;

    if (read_value(j, &v, &err)) {
        forget(j);
        j->fn(j->opaque, v, NULL);
    } else {
        g_autofree char *what = g_strdup_printf("JSON parse error, %s", err->message);
        complain(j, what);
    }
}

static void token(QmpJson *j, uint8_t kind)
{
    Token t = { kind, j->at, j->text->len - j->at };

    j->state = START;
    j->at = j->text->len;
    g_array_append_val(j->tokens, t);
    j->braces += (kind == '{') - (kind == '}');
    j->brackets += (kind == '[') - (kind == ']');
    if (j->braces < 0 || j->brackets < 0 || (!j->braces && !j->brackets)) {
        deliver(j);
    } else if (j->tokens->len > TOKENS_MAX) {
        complain(j, "JSON token count limit exceeded");
    } else if (j->braces + j->brackets > DEPTH_MAX) {
        complain(j, "JSON nesting depth limit exceeded");
    }
}

static bool stray(QmpJson *j, char c)
{
    g_autofree char *word = g_strdup(j->text->str + j->at), *what = g_strdup_printf("JSON parse error, stray '%s%.*s'", word, c != 0, &c);

    j->state = SKIP;
    complain(j, what);
    return true;
}

static bool keep(QmpJson *j, State next, char c)
{
    g_string_append_c(j->text, c);
    j->state = next;
    return true;
}

static bool finish(QmpJson *j, uint8_t kind)
{
    token(j, kind);
    return false;
}

#define PUNCTUATION "{}[]:,"
static bool is_punctuation(char c) { return c && strchr(PUNCTUATION, c); }
static bool in_no_string(uint8_t c) { return c < 0x20 || c >= 0xfe; }

static bool begin(QmpJson *j, char c)
{
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        return true;
    }
    if (is_punctuation(c)) {
        token(j, c);
        return true;
    }
    if (c == '"' || c == '\'') {
        j->quote = c;
        return keep(j, STRING, c);
    }
    return g_ascii_islower(c) ? keep(j, WORD, c) : c == '-' ? keep(j, MINUS, c) : c == '0' ? keep(j, ZERO, c)
        : g_ascii_isdigit(c) ? keep(j, DIGITS, c) : stray(j, c);
}

/* false: a token ended before this byte, which begins the next one. */
static bool take(QmpJson *j, uint8_t c)
{
    bool digit = g_ascii_isdigit(c), e = c == 'e' || c == 'E';

    switch (j->state) {
    case START:
        return begin(j, c);
    case SKIP:
        if (is_punctuation(c) || (in_no_string(c) && c != '\t')) {
            j->state = START;
            return false;
        }
        return true;
    case WORD:
        return g_ascii_islower(c) ? keep(j, WORD, c) : finish(j, WORD);
    case MINUS:
        return digit ? keep(j, c == '0' ? ZERO : DIGITS, c) : stray(j, c);
    case ZERO:
    case DIGITS:
        return digit && j->state == ZERO ? stray(j, c) : digit ? keep(j, DIGITS, c) : c == '.' ? keep(j, POINT, c)
            : e ? keep(j, EXPONENT, c) : finish(j, DIGITS);
    case POINT:
        return digit ? keep(j, FRACTION, c) : stray(j, c);
    case FRACTION:
        return digit ? keep(j, FRACTION, c) : e ? keep(j, EXPONENT, c) : finish(j, FRACTION);
    case EXPONENT:
        return digit ? keep(j, POWER, c) : c == '+' || c == '-' ? keep(j, SIGN, c) : stray(j, c);
    case SIGN:
        return digit ? keep(j, POWER, c) : stray(j, c);
    case POWER:
        return digit ? keep(j, POWER, c) : finish(j, FRACTION);
    case STRING:
        if (c == j->quote) {
            keep(j, STRING, c);
            token(j, STRING);
            return true;
        }
        return in_no_string(c) ? stray(j, c) : keep(j, c == '\\' ? ESCAPE : STRING, c);
    case ESCAPE:
        return in_no_string(c) ? stray(j, c) : keep(j, STRING, c);
    }
    return true;
}

QmpJson *qmp_json_new(QmpJsonFn *fn, void *opaque)
{
    QmpJson *j = g_new0(QmpJson, 1);

    j->fn = fn;
    j->opaque = opaque;
    j->text = g_string_new(NULL);
    j->tokens = g_array_new(FALSE, FALSE, sizeof(Token));
    return j;
}

void qmp_json_free(QmpJson *j)
{
    g_string_free(j->text, TRUE);
    g_array_free(j->tokens, TRUE);
    g_free(j);
}

void qmp_json_reset(QmpJson *j)
{
    forget(j);
    j->state = START;
}

void qmp_json_feed(QmpJson *j, const uint8_t *buf, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        while (!take(j, buf[i])) {
        }
        if (j->text->len > TEXT_MAX) {
            j->state = SKIP;
            complain(j, "JSON token size limit exceeded");
        }
    }
}

/* ---- printing ---- */

static void print_string(const char *s, size_t len, GString *out)
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    const char *end = s + len, *found;

    g_string_append_c(out, '"');
    while (s < end) {
        gunichar u;
        int n = sequence(s, end, &u);
        if (!n) {
            u = 0xfffd;
            n = 1;
        }
        if (u && u < 0x80 && (found = strchr(from, u))) {
            g_string_append_printf(out, "\\%c", to[found - from]);
        } else if (u >= 0x20 && u < 0x7f) {
            g_string_append_c(out, u);
        } else if (u > 0xffff) {
            g_string_append_printf(out, "\\u%04X\\u%04X", 0xd800 + ((u - 0x10000) >> 10), 0xdc00 + (u & 0x3ff));
        } else {
            g_string_append_printf(out, "\\u%04X", u);
        }
        s += n;
    }
    g_string_append_c(out, '"');
}

static void print(json_object *o, int indent, GString *out);

/* indent < 0: on one line. */
static void print_all(json_object *o, int indent, GString *out)
{
    bool object = json_object_is_type(o, json_type_object), first = true;
    int inner = indent < 0 ? -1 : indent + 4;

    g_string_append_c(out, object ? '{' : '[');
#define NEXT() (g_string_append(out, first ? "" : indent < 0 ? ", " : ","), \
                indent < 0 ? (void)0 : g_string_append_printf(out, "\r\n%*s", inner, ""), first = false)
    if (object) {
        json_object_object_foreach(o, key, value) {
            NEXT();
            print_string(key, strlen(key), out);
            g_string_append(out, ": ");
            print(value, inner, out);
        }
    } else {
        for (size_t i = 0; i < json_object_array_length(o); i++) {
            NEXT();
            print(json_object_array_get_idx(o, i), inner, out);
        }
    }
#undef NEXT
    if (indent >= 0 && !first) {
        g_string_append_printf(out, "\r\n%*s", indent, "");
    }
    g_string_append_c(out, object ? '}' : ']');
}

static void print(json_object *o, int indent, GString *out)
{
    char number[G_ASCII_DTOSTR_BUF_SIZE];

    switch (json_object_get_type(o)) {
    case json_type_object:
    case json_type_array:
        print_all(o, indent, out);
        return;
    case json_type_string:
        print_string(json_object_get_string(o), json_object_get_string_len(o), out);
        return;
    case json_type_double:
        g_string_append(out, g_ascii_formatd(number, sizeof(number), "%.17g", json_object_get_double(o)));
        return;
    default:
        g_string_append(out, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
    }
}

void qmp_json_print(json_object *o, bool pretty, GString *out)
{
    print(o, pretty ? 0 : -1, out);
}
