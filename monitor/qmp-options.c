/*
 * QMP: what the options of the command line take.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/qmp.h"
#include "system/opts.h"
#include "system/report.h"
#include <string.h>

QMP_ENUM(CommandLineParameterType, "string boolean number size");
QMP_STRUCT(CommandLineParameterInfo, "name:str type:CommandLineParameterType help:str? default:str?");
QMP_STRUCT(CommandLineOptionInfo, "option:str parameters:[CommandLineParameterInfo]");

static json_object *describe(const OptGroup *g)
{
    static const char *const types[] = { [OPT_STRING] = "string", [OPT_BOOL] = "boolean", [OPT_NUMBER] = "number", [OPT_SIZE] = "size" };
    json_object *params = json_object_new_array();
    const OptDesc *first = opts_group_params(g), *d = first;

    while (d->name) {
        d++;
    }
    while (d-- > first) {           /* the last one first, as on the peers */
        json_object *p = qmp_object("name", JSTR(d->name), "type", JSTR(types[d->type]), NULL);
        if (d->help) {
            json_object_object_add(p, "help", JSTR(d->help));
        }
        if (d->value) {
            json_object_object_add(p, "default", JSTR(d->value));
        }
        json_object_array_add(params, p);
    }
    return qmp_object("parameters", params, "option", JSTR(g->name), NULL);
}

QMP(query_command_line_options, "query-command-line-options", "option:str?", "[CommandLineOptionInfo]", 0)
{
    const char *wanted = qmp_str(args, "option", NULL);
    const OptGroup *g;

    *ret = json_object_new_array();
    for (unsigned i = 0; (g = opts_group(i)); i++) {
        if (!wanted || !strcmp(g->name, wanted)) {
            json_object_array_add(*ret, describe(g));
        }
    }
    if (wanted && !json_object_array_length(*ret)) {
        json_object_put(*ret);
        *ret = NULL;
        return report_fail(err, "invalid option name: %s", wanted);
    }
    return true;
}
