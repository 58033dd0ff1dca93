/*
 * See qmp.h: the connection, what an input has to look like, the checks of arguments, events.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/qmp.h"
#include "monitor/qmp-json.h"
#include "system/report.h"
#include <string.h>

typedef struct Qmp {
    Chardev *chr;
    bool pretty, oob_possible, negotiated, oob;
    QmpJson *json;
} Qmp;

static GPtrArray *sessions;

G_DEFINE_QUARK(qmp-error, qmp_error)

/* ---- values ---- */

const char *qmp_str(json_object *args, const char *name, const char *missing)
{
    json_object *v = json_object_object_get(args, name);

    return v ? json_object_get_string(v) : missing;
}

int64_t qmp_int(json_object *args, const char *name, int64_t missing)
{
    json_object *v = json_object_object_get(args, name);

    return v ? json_object_get_int64(v) : missing;
}

bool qmp_bool(json_object *args, const char *name, bool missing)
{
    json_object *v = json_object_object_get(args, name);

    return v ? json_object_get_boolean(v) : missing;
}

bool qmp_has(json_object *args, const char *name)
{
    return json_object_object_get_ex(args, name, NULL);
}

json_object *qmp_object(const char *name, ...)
{
    json_object *o = json_object_new_object();
    va_list ap;

    va_start(ap, name);
    for (; name; name = va_arg(ap, const char *)) {
        json_object_object_add(o, name, va_arg(ap, json_object *));
    }
    va_end(ap);
    return o;
}

json_object *qmp_version(void)
{
    return qmp_object("qemu", qmp_object("micro", JINT(22), "minor", JINT(2), "major", JINT(7), NULL),
                      "package", JSTR("independent " PROJECT_VERSION), NULL);
}

/* ---- errors ---- */

static json_object *failure(const GError *err)
{
    static const char *const classes[] = { "GenericError", "CommandNotFound", "DeviceNotActive", "DeviceNotFound", "KVMMissingCap" };
    unsigned class = err->domain == QMP_ERROR ? err->code : QMP_GENERIC_ERROR;

    return qmp_object("error", qmp_object("class", JSTR(classes[class]), "desc", JSTR(err->message), NULL), NULL);
}

#define BAD_CLASS(class, ...) (g_set_error(err, QMP_ERROR, class, __VA_ARGS__), false)

/* ---- commands ---- */

static const QmpRow *find(const char *name)
{
    for (const QmpRow *r = qmp_rows; r < qmp_rows_end; r++) {
        if (!strcmp(r->name, name)) {
            return r;
        }
    }
    return NULL;
}

static bool check_input(json_object *in, bool *oob, const char **command, json_object **args, GError **err)
{
    json_object *execute = NULL;

    *args = NULL;
    if (!json_object_is_type(in, json_type_object)) {
        return report_fail(err, "QMP input must be a JSON object");
    }
    json_object_object_foreach(in, key, value) {
        if (!strcmp(key, "execute") || !strcmp(key, "exec-oob")) {
            if (!json_object_is_type(value, json_type_string)) {
                return report_fail(err, "QMP input member '%s' must be a string", key);
            }
            if (execute) {
                return report_fail(err, "QMP input member 'execute' clashes with 'exec-oob'");
            }
            execute = value;
            *oob = !strcmp(key, "exec-oob");
        } else if (!strcmp(key, "arguments")) {
            if (!json_object_is_type(value, json_type_object)) {
                return report_fail(err, "QMP input member 'arguments' must be an object");
            }
            *args = value;
        } else if (strcmp(key, "id")) {
            return report_fail(err, "QMP input member '%s' is unexpected", key);
        }
    }
    if (!execute) {
        return report_fail(err, "QMP input lacks member 'execute'");
    }
    *command = json_object_get_string(execute);
    return true;
}

static bool execute(json_object *in, bool negotiated, bool oob_on, json_object **ret, GError **err)
{
    const char *command = NULL;
    json_object *args;
    bool oob = false;

    if (!check_input(in, &oob, &command, &args, err)) {
        return false;
    }
    if (oob && !oob_on) {
        return report_fail(err, "QMP input member 'exec-oob' is unexpected");
    }
    const QmpRow *r = find(command);
    bool negotiates = !strcmp(command, "qmp_capabilities");
    if (negotiated ? negotiates : !negotiates) {
        return BAD_CLASS(QMP_COMMAND_NOT_FOUND, "%s", negotiated ? "Capabilities negotiation is already complete, command ignored"
                         : "Expecting capabilities negotiation with 'qmp_capabilities'");
    }
    if (!r) {
        return BAD_CLASS(QMP_COMMAND_NOT_FOUND, "The command %s has not been found", command);
    }
    if (oob && !(r->flags & QMP_OOB)) {
        return report_fail(err, "The command %s does not support OOB", command);
    }
    json_object *none = args ? NULL : json_object_new_object();
    bool ok = qmp_check_members("", r->args, args ? args : none, err) && r->fn(args ? args : none, ret, err);
    json_object_put(none);
    return ok;
}

json_object *qmp_dispatch(json_object *in, bool negotiated, bool oob)
{
    g_autoptr(GError) err = NULL;
    json_object *ret = NULL, *id, *out;

    if (execute(in, negotiated, oob, &ret, &err)) {
        out = qmp_object("return", ret ? ret : json_object_new_object(), NULL);
    } else {
        out = failure(err);
    }
    if (json_object_is_type(in, json_type_object) && json_object_object_get_ex(in, "id", &id)) {
        json_object_object_add(out, "id", json_object_get(id));
    }
    return out;
}

/* ---- the connection ---- */

#define ANSWERS_KEPT 65536      /* bytes that a client may leave unread before its next command has to wait */

static void say(Qmp *q, json_object *o)
{
    g_autoptr(GString) text = g_string_new(NULL);

    qmp_json_print(o, q->pretty, text);
    g_string_append(text, "\r\n");
    chardev_write_later(q->chr, text->str, text->len);
}

static void greet(Qmp *q)
{
    json_object *caps = json_object_new_array();

    q->negotiated = q->oob = false;
    qmp_json_reset(q->json);
    if (q->oob_possible) {
        json_object_array_add(caps, JSTR("oob"));
    }
    json_object *hello = qmp_object("QMP", qmp_object("version", qmp_version(), "capabilities", caps, NULL), NULL);
    say(q, hello);
    json_object_put(hello);
}

static Qmp *asking;             /* whose input is being carried out */

int qmp_take_fd(void)
{
    return asking ? chardev_take_fd(asking->chr) : -1;
}

QMP_ENUM(QMPCapability, "oob");

QMP(qmp_capabilities, "qmp_capabilities", "enable:[QMPCapability]?", "", 0)
{
    json_object *list = json_object_object_get(args, "enable");
    bool oob = list && json_object_array_length(list);

    if (oob && asking && !asking->oob_possible) {
        return report_fail(err, "Capability oob not available");
    }
    if (asking) {
        asking->negotiated = true;
        asking->oob = oob;
    }
    return true;
}

QMP_STRUCT(CommandInfo, "name:str");

QMP(query_commands, "query-commands", "", "[CommandInfo]", 0)
{
    *ret = json_object_new_array();
    for (const QmpRow *r = qmp_rows; r < qmp_rows_end; r++) {
        json_object_array_add(*ret, qmp_object("name", JSTR(r->name), NULL));
    }
    return true;
}

static void carry_out(void *opaque, json_object *in, const char *complaint)
{
    Qmp *q = opaque;
    json_object *out;

    if (complaint) {
        g_autoptr(GError) err = g_error_new_literal(QMP_ERROR, QMP_GENERIC_ERROR, complaint);
        out = failure(err);
    } else {
        asking = q;
        out = qmp_dispatch(in, q->negotiated, q->oob);
        asking = NULL;
    }
    say(q, out);
    json_object_put(out);
}

/* Who does not read its answers asks no more. */
static int can_receive(void *opaque)
{
    return chardev_kept(((Qmp *)opaque)->chr) < ANSWERS_KEPT ? 4096 : 0;
}

static void receive(void *opaque, const uint8_t *buf, int len)
{
    qmp_json_feed(((Qmp *)opaque)->json, buf, len);
}

static void event(void *opaque, ChardevEvent e)
{
    Qmp *q = opaque;

    if (e == CHARDEV_OPENED) {
        greet(q);
    } else if (e == CHARDEV_CLOSED) {
        q->negotiated = false;
    }
}

bool qmp_new(Chardev *chr, bool pretty, GError **err)
{
    static const ChardevHandlers handlers = { can_receive, receive, event };
    Qmp *q = g_new0(Qmp, 1);

    q->chr = chr;
    q->pretty = pretty;
    q->oob_possible = !chardev_is_mux(chr);
    q->json = qmp_json_new(carry_out, q);
    if (!sessions) {
        sessions = g_ptr_array_new();
    }
    if (!chardev_attach(chr, &handlers, q, err)) {
        qmp_json_free(q->json);
        g_free(q);
        return false;
    }
    g_ptr_array_add(sessions, q);
    return true;
}

/* ---- events ---- */

void qmp_event(const char *name, json_object *data)
{
    gint64 now = g_get_real_time();
    json_object *e = qmp_object("timestamp", qmp_object("seconds", JINT(now / G_USEC_PER_SEC), "microseconds", JINT(now % G_USEC_PER_SEC), NULL),
                                "event", JSTR(name), NULL);

    if (data) {
        json_object_object_add(e, "data", data);
    }
    for (guint i = 0; sessions && i < sessions->len; i++) {
        Qmp *q = g_ptr_array_index(sessions, i);
        if (q->negotiated) {
            say(q, e);
        }
    }
    json_object_put(e);
}
