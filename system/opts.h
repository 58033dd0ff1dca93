/*
 * "name=value,..." arguments. A comma in a value is written twice; the first parameter may lack its name if the option
 * has an implied one; a bare name means name=on and a bare noname means name=off (both deprecated, with a warning).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SYSTEM_OPTS_H
#define SYSTEM_OPTS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum OptType { OPT_STRING, OPT_BOOL, OPT_NUMBER, OPT_SIZE } OptType;
/* One parameter that an option takes; a table of them ends with a NULL name. */
typedef struct OptDesc { const char *name; OptType type; const char *help, *value /* by default; NULL: not said */; } OptDesc;

/*
 * What an option takes, as programs (query-command-line-options) and people (-boot help) may ask for it. Options that take whatever some type of object
 * has, have no parameters here.
 */
typedef struct OptGroup {
    const char *name;               /* by which programs ask */
    const char *option;             /* the option's own name, where it is another; NULL: the same */
    const char *implied;            /* the parameter that the first word may be; NULL: none */
    bool first_may_ask;             /* "help" as the first word is no value of that parameter */
    const OptDesc *params;          /* up to a NULL name */
    const OptDesc *(*list)(void);   /* or where they come from */
} OptGroup;
#define OPT_GROUP(id, ...) \
    static const OptGroup id = { __VA_ARGS__ }; \
    static const OptGroup *const id##_row __attribute__((used, section("opt_group_rows"))) = &id
#define OPT_PARAMS(...) ((const OptDesc[]){ __VA_ARGS__, { NULL } })

const OptGroup *opts_group(unsigned n);         /* NULL: there are no more */
const OptDesc *opts_group_params(const OptGroup *g);
/* Does the argument of an option ask what it takes? Then that, sorted. */
bool opts_group_help(const char *option, const char *arg, GString *out);

typedef struct Opts Opts;
/* Names that `known` does not have and values that are not of their type are errors; with NULL anything goes. "id" is an identifier. */
Opts *opts_parse(const char *text, const char *implied, const OptDesc *known, GError **err);
Opts *opts_parse_group(const char *text, const OptGroup *g, GError **err);
Opts *opts_new(void);
void opts_free(Opts *o);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Opts, opts_free)

void opts_set(Opts *o, const char *name, const char *value);       /* copied */
bool opts_check(const Opts *o, const OptDesc *known, GError **err); /* as opts_parse() does */
const char *opts_get(const Opts *o, const char *name);              /* the last one given, or NULL */
bool opts_bool(const Opts *o, const char *name, bool otherwise);    /* the value has been checked */
uint64_t opts_number(const Opts *o, const char *name, uint64_t otherwise);
/* Calls fn for each parameter in the order given, until it returns false. */
bool opts_each(const Opts *o, bool (*fn)(const char *name, const char *value, void *opaque, GError **err), void *opaque,
               GError **err);

bool opts_is_identifier(const char *text);
bool opts_parse_bool(const char *name, const char *value, bool *out, GError **err);
bool opts_parse_number(const char *name, const char *value, uint64_t *out, GError **err);
/* Bytes; a suffix B, K, M, G, T, P or E multiplies, none means `unit`. */
bool opts_parse_size(const char *name, const char *value, uint64_t unit, uint64_t *out, GError **err);

#endif
