/*
 * See qmp.h: the connection, what an input has to look like, the checks of arguments, events.
 *
 * The thread "monitor" reads and writes, and does what may be done out of band: it answers when the main loop waits for something, a page of memory that post-copy
 * has not brought. All else it hands to the main loop in the order it came. A connection that shares a mux with others is the main loop's altogether.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/qmp.h"
#include "monitor/qmp-json.h"
#include "system/cpus.h"
#include "system/report.h"
#include <string.h>

typedef struct Qmp {
    Chardev *chr;
    bool pretty, beside;        /* beside: the thread serves it, and "oob" can be enabled */
    QmpJson *json;
    GMutex lock;                /* of what follows; taken last */
    bool negotiated, oob;
    unsigned connection;        /* how many there were: an answer is for who asked */
    GQueue inputs;              /* of Input, for the main loop */
    bool carrying;              /* one is carried out; it may let the main loop go on meanwhile (migrate without -d) */
    GString *later;             /* what a thread without the big lock had to say where that is needed */
} Qmp;

/* One that came: a value, or what is wrong with it. */
typedef struct Input { Qmp *q; unsigned connection; json_object *value; char *complaint; } Input;

static GMutex sessions_lock;
static GPtrArray *sessions;     /* only grows */

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
#define INPUTS_KEPT 8           /* commands that wait for the main loop before no more are read, of a client that can pass them by */

static gboolean say_later(gpointer opaque)
{
    Qmp *q = opaque;

    bql_lock();
    g_mutex_lock(&q->lock);
    GString *text = g_steal_pointer(&q->later);
    g_mutex_unlock(&q->lock);
    if (text) {
        chardev_write_later(q->chr, text->str, text->len);
        g_string_free(text, TRUE);
    }
    bql_unlock();
    return G_SOURCE_REMOVE;
}

static void say(Qmp *q, json_object *o)
{
    g_autoptr(GString) text = g_string_new(NULL);

    qmp_json_print(o, q->pretty, text);
    g_string_append(text, "\r\n");
    if (!q->beside) {
        g_mutex_lock(&q->lock);
        bool wait = q->later || !bql_held();
        if (wait && !q->later) {
            q->later = g_string_new(NULL);
            g_idle_add(say_later, q);
        }
        if (wait) {
            g_string_append_len(q->later, text->str, text->len);
        }
        g_mutex_unlock(&q->lock);
        if (wait) {
            return;
        }
    }
    chardev_write_later(q->chr, text->str, text->len);
}

static void input_free(void *p)
{
    Input *i = p;

    json_object_put(i->value);
    g_free(i->complaint);
    g_free(i);
}

/* Nothing was said yet; what an earlier client asked for is not answered to this one. */
static void begin(Qmp *q)
{
    g_mutex_lock(&q->lock);
    q->negotiated = q->oob = false;
    q->connection++;
    g_queue_clear_full(&q->inputs, input_free);
    g_mutex_unlock(&q->lock);
    qmp_json_reset(q->json);
}

static void greet(Qmp *q)
{
    json_object *caps = json_object_new_array();

    if (q->beside) {
        json_object_array_add(caps, JSTR("oob"));
    }
    json_object *hello = qmp_object("QMP", qmp_object("version", qmp_version(), "capabilities", caps, NULL), NULL);
    say(q, hello);
    json_object_put(hello);
}

static const Input *asking;     /* what the main loop carries out */

int qmp_take_fd(void)
{
    return asking ? chardev_take_fd(asking->q->chr) : -1;
}

QMP_ENUM(QMPCapability, "oob");

QMP(qmp_capabilities, "qmp_capabilities", "enable:[QMPCapability]?", "", 0)
{
    json_object *list = json_object_object_get(args, "enable");
    bool oob = list && json_object_array_length(list);

    if (oob && asking && !asking->q->beside) {
        return report_fail(err, "Capability oob not available");
    }
    if (asking) {
        Qmp *q = asking->q;
        g_mutex_lock(&q->lock);
        if (asking->connection == q->connection) {
            q->negotiated = true;
            q->oob = oob;
        }
        g_mutex_unlock(&q->lock);
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

static void carry_out(const Input *i)
{
    Qmp *q = i->q;
    json_object *out;

    if (i->complaint) {
        g_autoptr(GError) err = g_error_new_literal(QMP_ERROR, QMP_GENERIC_ERROR, i->complaint);
        out = failure(err);
    } else {
        g_mutex_lock(&q->lock);
        bool negotiated = q->negotiated, oob = q->oob;
        g_mutex_unlock(&q->lock);
        out = qmp_dispatch(i->value, negotiated, oob);
    }
    chardev_hold(q->chr);
    g_mutex_lock(&q->lock);
    bool same = q->connection == i->connection;
    g_mutex_unlock(&q->lock);
    if (same) {
        say(q, out);
    }
    chardev_release(q->chr);
    json_object_put(out);
}

static void carry_out_in_band(const Input *i)
{
    asking = i;
    carry_out(i);
    asking = NULL;
}

static gboolean next_in_band(gpointer opaque)
{
    Qmp *q = opaque;

    bql_lock();
    g_mutex_lock(&q->lock);
    Input *i = q->carrying ? NULL : g_queue_pop_head(&q->inputs);
    q->carrying |= i != NULL;
    g_mutex_unlock(&q->lock);
    if (i) {
        carry_out_in_band(i);
        input_free(i);
        g_mutex_lock(&q->lock);
        q->carrying = false;
        bool more = q->inputs.length;
        g_mutex_unlock(&q->lock);
        if (more) {
            g_idle_add_full(G_PRIORITY_DEFAULT, next_in_band, q, NULL);
        }
        chardev_accept_input(q->chr);
    }
    bql_unlock();
    return G_SOURCE_REMOVE;
}

static bool is_out_of_band(const Qmp *q, json_object *in)
{
    return q->oob && json_object_is_type(in, json_type_object) && qmp_has(in, "exec-oob");
}

static void came(void *opaque, json_object *value, const char *complaint)
{
    Qmp *q = opaque;
    Input *i = g_new(Input, 1);

    g_mutex_lock(&q->lock);
    *i = (Input){ q, q->connection, value, g_strdup(complaint) };
    bool out_of_band = is_out_of_band(q, value);
    if (q->beside && !out_of_band) {
        g_queue_push_tail(&q->inputs, i);
    }
    g_mutex_unlock(&q->lock);
    if (!q->beside) {
        carry_out_in_band(i);
        input_free(i);
    } else if (out_of_band) {       /* before what follows it is looked at */
        carry_out(i);
        input_free(i);
    } else {
        g_idle_add_full(G_PRIORITY_DEFAULT, next_in_band, q, NULL);
    }
}

/* Who does not read its answers asks no more; nor does who asks faster than the main loop answers. */
static int can_receive(void *opaque)
{
    Qmp *q = opaque;

    g_mutex_lock(&q->lock);
    bool full = q->inputs.length + q->carrying >= (q->oob ? INPUTS_KEPT : 1);
    g_mutex_unlock(&q->lock);
    return !full && chardev_kept(q->chr) < ANSWERS_KEPT ? 4096 : 0;
}

static void receive(void *opaque, const uint8_t *buf, int len)
{
    qmp_json_feed(((Qmp *)opaque)->json, buf, len);
}

static void event(void *opaque, ChardevEvent e)
{
    if (e == CHARDEV_OPENED || e == CHARDEV_CLOSED) {
        begin(opaque);
    }
    if (e == CHARDEV_OPENED) {
        greet(opaque);
    }
}

static GMainContext *beside;    /* the thread's */

static gpointer serve(gpointer unused)
{
    g_main_context_push_thread_default(beside);
    for (;;) {
        g_main_context_iteration(beside, TRUE);
    }
    return NULL;
}

bool qmp_new(Chardev *chr, bool pretty, GError **err)
{
    static const ChardevHandlers handlers = { can_receive, receive, event };
    Qmp *q = g_new0(Qmp, 1);

    q->chr = chr;
    q->pretty = pretty;
    q->beside = !chardev_is_mux(chr);
    q->json = qmp_json_new(came, q);
    if (q->beside && !chardev_busy(chr)) {
        if (!beside) {
            beside = g_main_context_new();
            g_thread_unref(g_thread_new("monitor", serve, NULL));
        }
        chardev_serve_beside(chr, beside);
    }
    if (!chardev_attach(chr, &handlers, q, err)) {
        qmp_json_free(q->json);
        g_free(q);
        return false;
    }
    g_mutex_lock(&sessions_lock);
    if (!sessions) {
        sessions = g_ptr_array_new();
    }
    g_ptr_array_add(sessions, q);
    g_mutex_unlock(&sessions_lock);
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
    g_mutex_lock(&sessions_lock);
    for (guint i = 0; sessions && i < sessions->len; i++) {
        Qmp *q = g_ptr_array_index(sessions, i);
        chardev_hold(q->chr);
        g_mutex_lock(&q->lock);
        bool negotiated = q->negotiated;
        g_mutex_unlock(&q->lock);
        if (negotiated) {
            say(q, e);
        }
        chardev_release(q->chr);
    }
    g_mutex_unlock(&sessions_lock);
    json_object_put(e);
}
