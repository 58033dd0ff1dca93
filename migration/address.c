/*
 * See address.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/address.h"
#include "monitor/qmp.h"
#include "system/opts.h"
#include "system/report.h"
#include <string.h>
#include <unistd.h>

void migration_address_free(MigAddress *a)
{
    if (a) {
        g_free(a->text);
        g_strfreev(a->command);
        g_free(a->host);
        g_free(a->path);
        g_free(a->fd_name);
        if (a->fd >= 0) {
            close(a->fd);
        }
        g_free(a);
    }
}

static MigAddress *new_address(void)
{
    MigAddress *a = g_new0(MigAddress, 1);

    a->fd = -1;
    return a;
}

static bool set_port(MigAddress *a, const char *text, GError **err)
{
    guint64 port;

    if (!g_ascii_string_to_unsigned(text, 10, 0, 65535, &port, NULL)) {
        return report_fail(err, "error parsing address '%s': HOST:PORT is wanted", a->text);
    }
    a->port = port;
    return true;
}

/* "[::1]:4444", "host:4444", ":4444" */
static bool set_inet(MigAddress *a, GError **err)
{
    const char *colon = strrchr(a->text, ':');
    size_t host = colon ? (size_t)(colon - a->text) : 0;
    bool bracketed = host >= 2 && a->text[0] == '[' && a->text[host - 1] == ']';

    if (!colon) {
        return report_fail(err, "error parsing address '%s': HOST:PORT is wanted", a->text);
    }
    a->host = bracketed ? g_strndup(a->text + 1, host - 2) : g_strndup(a->text, host);
    return set_port(a, colon + 1, err);
}

static bool set_file(MigAddress *a, GError **err)
{
    const char *offset = strstr(a->text, ",offset=");

    a->path = offset ? g_strndup(a->text, offset - a->text) : g_strdup(a->text);
    a->keep = offset;
    if (offset && !opts_parse_size("offset", offset + strlen(",offset="), 1, &a->offset, err)) {
        g_prefix_error(err, "file:%s: ", a->text);
        return false;
    }
    return true;
}

static bool set_from_text(MigAddress *a, const char *uri, GError **err)
{
    switch (a->transport) {
    case MIG_TCP:
        return set_inet(a, err);
    case MIG_UNIX:
        a->path = g_strdup(a->text);
        return *a->text || report_fail(err, "invalid Unix socket address: a path has to follow 'unix:'");
    case MIG_FD:
        a->fd_name = g_strdup(a->text);
        return true;
    case MIG_EXEC:
        a->command = g_strdupv((char *[]){ (char *)"/bin/sh", (char *)"-c", a->text, NULL });
        return *a->text || report_fail(err, "'%s': a command has to follow", uri);
    default:
        return *a->text ? set_file(a, err) : report_fail(err, "'%s': a file's name has to follow", uri);
    }
}

static MigAddress *parse_uri(const char *uri, GError **err)
{
    static const struct { const char *prefix; MigTransport transport; } kinds[] = {
        { "exec:", MIG_EXEC }, { "tcp:", MIG_TCP }, { "unix:", MIG_UNIX }, { "fd:", MIG_FD }, { "file:", MIG_FILE },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (g_str_has_prefix(uri, kinds[i].prefix)) {
            MigAddress *a = new_address();
            a->transport = kinds[i].transport;
            a->text = g_strdup(uri + strlen(kinds[i].prefix));
            if (!set_from_text(a, uri, err)) {
                g_clear_pointer(&a, migration_address_free);
            }
            return a;
        }
    }
    report_fail(err, "Parameter 'uri' expects a valid migration protocol");
    return NULL;
}

/* ---- QMP's form ---- */

QMP_ENUM(MigrationChannelType, "main");
QMP_ENUM(MigrationAddressType, "socket exec file");
QMP_ENUM(MigrationSocketType, "inet unix fd");
/* A flat form of the unions: which members there have to be follows from `transport` and `type`. */
#define ADDRESS "transport:MigrationAddressType type:MigrationSocketType? host:str? port:str? path:str? str:str? args:[str]? filename:str? offset:size?"
QMP_STRUCT(MigrationAddress, ADDRESS);
QMP_STRUCT(MigrationChannel, "channel-type:MigrationChannelType addr:MigrationAddress");

static bool member(json_object *o, const char *name, char **to, GError **err)
{
    *to = g_strdup(qmp_str(o, name, NULL));
    return *to || report_fail(err, "Parameter 'addr.%s' is missing", name);
}

static bool set_from_json(MigAddress *a, json_object *o, GError **err)
{
    const char *transport = qmp_str(o, "transport", ""), *type = qmp_str(o, "type", NULL);
    json_object *list;

    if (!strcmp(transport, "exec")) {
        a->transport = MIG_EXEC;
        if (!json_object_object_get_ex(o, "args", &list) || !json_object_array_length(list)) {
            return report_fail(err, "Parameter 'addr.args' is missing");
        }
        a->command = g_new0(char *, json_object_array_length(list) + 1);
        for (size_t i = 0; i < json_object_array_length(list); i++) {
            a->command[i] = g_strdup(json_object_get_string(json_object_array_get_idx(list, i)));
        }
        a->text = g_strjoinv(" ", a->command);
        return true;
    }
    if (!strcmp(transport, "file")) {
        a->transport = MIG_FILE;
        a->keep = qmp_has(o, "offset");
        a->offset = json_object_get_uint64(json_object_object_get(o, "offset"));
        a->text = g_strdup(qmp_str(o, "filename", NULL));
        return member(o, "filename", &a->path, err);
    }
    if (!type) {
        return report_fail(err, "Parameter 'addr.type' is missing");
    }
    if (!strcmp(type, "unix")) {
        a->transport = MIG_UNIX;
        a->text = g_strdup(qmp_str(o, "path", NULL));
        return member(o, "path", &a->path, err);
    }
    if (!strcmp(type, "fd")) {
        a->transport = MIG_FD;
        a->text = g_strdup(qmp_str(o, "str", NULL));
        return member(o, "str", &a->fd_name, err);
    }
    g_autofree char *port = NULL;
    a->transport = MIG_TCP;
    if (!member(o, "host", &a->host, err) || !member(o, "port", &port, err)) {
        return false;
    }
    a->text = g_strdup_printf("%s:%s", a->host, port);
    return set_port(a, port, err);
}

MigAddress *migration_address_from_channels(json_object *list, GError **err)
{
    if (json_object_array_length(list) != 1) {
        report_fail(err, "Channel list has %s: one is wanted, of the type 'main'", json_object_array_length(list) ? "more than one entry" : "no entry");
        return NULL;
    }
    MigAddress *a = new_address();
    if (!set_from_json(a, json_object_object_get(json_object_array_get_idx(list, 0), "addr"), err)) {
        g_clear_pointer(&a, migration_address_free);
    }
    return a;
}

static MigAddress *parse_json(const char *text, GError **err)
{
    json_object *o = json_tokener_parse(text), *list = json_object_new_array();
    MigAddress *a = NULL;

    if (!json_object_is_type(o, json_type_object)) {
        report_fail(err, "'%s' is no JSON object", text);
        json_object_put(o);
    } else {
        json_object_array_add(list, o);
        if (qmp_check_members("", "channel-type:MigrationChannelType addr:MigrationAddress", o, err)) {
            a = migration_address_from_channels(list, err);
        }
    }
    json_object_put(list);
    return a;
}

MigAddress *migration_address_parse(const char *text, GError **err)
{
    return *text == '{' ? parse_json(text, err) : parse_uri(text, err);
}
