/*
 * See libqtest.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "libqtest.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMEOUT_MS 60000
#define SCRATCH 0x8000000ull        /* of RTAS arguments: nothing that firmware or tests use */

typedef struct Lines { int fd; GString *got; } Lines;

struct QTest {
    char *dir;
    GPid pid;
    Lines qtest, qmp;
    int console;
    GHashTable *up, *raised;
    GHashTable *events;
};

static int listen_at(const QTest *t, const char *name)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_snprintf(a.sun_path, sizeof(a.sun_path), "%s/%s", t->dir, name);
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(bind(fd, (struct sockaddr *)&a, sizeof(a)), ==, 0);
    g_assert_cmpint(listen(fd, 1), ==, 0);
    return fd;
}

static void wait_for_input(const QTest *t, int fd, const char *what)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    int n;

    do {
        n = poll(&p, 1, TIMEOUT_MS);
    } while (n < 0 && errno == EINTR);
    if (n != 1) {
        g_error("emulator %d: nothing came for a minute while waiting for %s", t->pid, what);
    }
}

static int accept_from(const QTest *t, int listener, const char *what)
{
    wait_for_input(t, listener, what);
    int fd = accept(listener, NULL, NULL);
    g_assert_cmpint(fd, >=, 0);
    close(listener);
    return fd;
}

static char *next_line(const QTest *t, Lines *l, const char *what)
{
    char *end;

    while (!(end = memchr(l->got->str, '\n', l->got->len))) {
        char buf[4096];
        wait_for_input(t, l->fd, what);
        ssize_t n = read(l->fd, buf, sizeof(buf));
        if (n <= 0) {
            g_error("emulator %d ended, or closed the connection, while it should answer %s", t->pid, what);
        }
        g_string_append_len(l->got, buf, n);
    }
    char *line = g_strndup(l->got->str, end - l->got->str);
    g_string_erase(l->got, 0, end - l->got->str + 1);
    return g_strchomp(line);
}

static void send_line(const Lines *l, const char *text)
{
    g_autofree char *line = g_strconcat(text, "\n", NULL);

    for (size_t at = 0, len = strlen(line); at < len;) {
        ssize_t n = send(l->fd, line + at, len - at, MSG_NOSIGNAL);
        if (n < 0) {
            g_error("the emulator does not take '%s': %s", text, g_strerror(errno));
        }
        at += n;
    }
}

/* ---- qtest ---- */

static bool take_event(QTest *t, const char *line)
{
    unsigned n;

    if (sscanf(line, "IRQ raise %u", &n) == 1) {
        gpointer k = GUINT_TO_POINTER(n);
        g_hash_table_add(t->up, k);
        g_hash_table_insert(t->raised, k, GUINT_TO_POINTER(qtest_irq_raised(t, n) + 1));
        return true;
    }
    if (sscanf(line, "IRQ lower %u", &n) == 1) {
        g_hash_table_remove(t->up, GUINT_TO_POINTER(n));
        return true;
    }
    return false;
}

char *qtest_ask(QTest *t, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    g_autofree char *text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    send_line(&t->qtest, text);
    for (;;) {
        g_autofree char *line = next_line(t, &t->qtest, text);
        if (take_event(t, line)) {
            continue;
        }
        if (strcmp(line, "OK") && !g_str_has_prefix(line, "OK ")) {
            g_error("'%.200s' was answered with '%s'", text, line);
        }
        return g_strdup(line + (line[2] ? 3 : 2));
    }
}

static const char *suffix(unsigned size)
{
    return size == 1 ? "b" : size == 2 ? "w" : size == 4 ? "l" : "q";
}

uint64_t qtest_read(QTest *t, uint64_t at, unsigned size)
{
    g_autofree char *a = qtest_ask(t, "read%s 0x%" PRIx64, suffix(size), at);

    return g_ascii_strtoull(a, NULL, 16);
}

void qtest_write(QTest *t, uint64_t at, unsigned size, uint64_t value)
{
    g_free(qtest_ask(t, "write%s 0x%" PRIx64 " 0x%" PRIx64, suffix(size), at, value));
}

void qtest_read_bytes(QTest *t, uint64_t at, void *buf, size_t len)
{
    g_autofree char *a = qtest_ask(t, "b64read 0x%" PRIx64 " %zu", at, len);
    gsize n;
    g_autofree guchar *data = g_base64_decode(a, &n);

    g_assert_cmpuint(n, ==, len);
    memcpy(buf, data, len);
}

void qtest_write_bytes(QTest *t, uint64_t at, const void *buf, size_t len)
{
    g_autofree char *text = g_base64_encode(buf, len);

    g_free(qtest_ask(t, "b64write 0x%" PRIx64 " %zu %s", at, len, text));
}

int64_t qtest_clock_step(QTest *t, int64_t ns)
{
    g_autofree char *a = ns < 0 ? qtest_ask(t, "clock_step") : qtest_ask(t, "clock_step %" PRId64, ns);

    return g_ascii_strtoll(a, NULL, 10);
}

int64_t qtest_clock_set(QTest *t, int64_t ns)
{
    g_autofree char *a = qtest_ask(t, "clock_set %" PRId64, ns);

    return g_ascii_strtoll(a, NULL, 10);
}

void qtest_rtas(QTest *t, const char *name, unsigned nargs, const uint32_t *args, unsigned nret, uint32_t *rets)
{
    for (unsigned i = 0; i < nargs; i++) {
        qtest_write(t, SCRATCH + 4 * i, 4, args[i]);
    }
    for (unsigned i = 0; i < nret; i++) {
        qtest_write(t, SCRATCH + 0x100 + 4 * i, 4, 0x5a5a5a5a);
    }
    g_autofree char *a = qtest_ask(t, "rtas %s %u 0x%llx %u 0x%llx", name, nargs, SCRATCH, nret, SCRATCH + 0x100);
    g_assert_cmpstr(a, ==, "0");
    for (unsigned i = 0; i < nret; i++) {
        rets[i] = qtest_read(t, SCRATCH + 0x100 + 4 * i, 4);
    }
}

void qtest_watch_irqs(QTest *t, const char *path)
{
    g_free(qtest_ask(t, "irq_intercept_in %s", path));
}

void qtest_set_irq(QTest *t, const char *path, unsigned n, bool level)
{
    g_free(qtest_ask(t, "set_irq_in %s unnamed-gpio-in %u %d", path, n, level));
}

bool qtest_irq(QTest *t, unsigned n)
{
    return g_hash_table_contains(t->up, GUINT_TO_POINTER(n));
}

unsigned qtest_irq_raised(QTest *t, unsigned n)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(t->raised, GUINT_TO_POINTER(n)));
}

void qtest_wait_irq(QTest *t, unsigned n, unsigned raised)
{
    while (qtest_irq_raised(t, n) < raised) {
        g_autofree char *line = next_line(t, &t->qtest, "an interrupt");
        if (!take_event(t, line)) {
            g_error("'%s' came where an interrupt was expected", line);
        }
    }
}

/* ---- QMP ---- */

struct json_object *qtest_qmp(QTest *t, const char *command, const char *arguments)
{
    g_autofree char *text = arguments ? g_strdup_printf("{\"execute\": \"%s\", \"arguments\": %s}", command, arguments)
                                      : g_strdup_printf("{\"execute\": \"%s\"}", command);

    send_line(&t->qmp, text);
    for (;;) {
        g_autofree char *line = next_line(t, &t->qmp, text);
        struct json_object *o = json_tokener_parse(line), *part;
        if (json_object_object_get_ex(o, "event", &part)) {
            g_hash_table_add(t->events, g_strdup(json_object_get_string(part)));
            json_object_put(o);
        } else if (json_object_object_get_ex(o, "return", &part)) {
            json_object_get(part);
            json_object_put(o);
            return part;
        } else {
            g_error("'%s' was answered with '%s'", text, line);
        }
    }
}

char *qtest_hmp(QTest *t, const char *line)
{
    struct json_object *o = json_object_new_object();

    json_object_object_add(o, "command-line", json_object_new_string(line));
    struct json_object *a = qtest_qmp(t, "human-monitor-command", json_object_to_json_string(o));
    char *text = g_strdup(json_object_get_string(a));
    json_object_put(a);
    json_object_put(o);
    return text;
}

bool qtest_event_seen(QTest *t, const char *name)
{
    return g_hash_table_contains(t->events, name);
}

/* ---- the emulator ---- */

/* It does not outlive a test that failed. */
static void in_child(gpointer opaque)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static QTest *start(const char *args, bool console)
{
    QTest *t = g_new0(QTest, 1);
    const char *program = g_getenv("QTEST_EMULATOR");
    g_autoptr(GError) err = NULL;
    g_auto(GStrv) argv = NULL;

    if (!program) {
        g_error("QTEST_EMULATOR has to name the emulator");
    }
    t->dir = g_dir_make_tmp("qtest-XXXXXX", &err);
    g_assert_no_error(err);
    int qtest = listen_at(t, "qtest"), qmp = listen_at(t, "qmp"), serial = console ? listen_at(t, "console") : -1;
    g_autofree char *chardevs = g_strdup_printf("-accel qtest -qtest unix:%s/qtest -qtest-log %s -qmp unix:%s/qmp", t->dir,
                                                g_getenv("QTEST_LOG") ? "/dev/fd/2" : "none", t->dir);
    g_autofree char *serial_args = console ? g_strdup_printf(" -serial unix:%s/console", t->dir) : g_strdup("");
    g_autofree char *line = g_strdup_printf("%s -nodefaults -display none %s%s %s", program, chardevs, serial_args, args);
    g_assert_true(g_shell_parse_argv(line, NULL, &argv, &err));
    g_assert_true(g_spawn_async(NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL, in_child, NULL, &t->pid, &err));
    t->up = g_hash_table_new(NULL, NULL);
    t->raised = g_hash_table_new(NULL, NULL);
    t->events = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    t->qmp = (Lines){ accept_from(t, qmp, "its QMP connection"), g_string_new(NULL) };
    t->qtest = (Lines){ accept_from(t, qtest, "its qtest connection"), g_string_new(NULL) };
    t->console = console ? accept_from(t, serial, "its console's connection") : -1;
    g_autofree char *greeting = next_line(t, &t->qmp, "the connection to QMP");
    g_assert_nonnull(strstr(greeting, "\"QMP\""));
    json_object_put(qtest_qmp(t, "qmp_capabilities", NULL));
    return t;
}

QTest *qtest_start(const char *args) { return start(args, false); }
QTest *qtest_start_with_console(const char *args) { return start(args, true); }

int qtest_console(const QTest *t)
{
    return t->console;
}

static void free_lines(Lines *l)
{
    close(l->fd);
    g_string_free(l->got, TRUE);
}

void qtest_stop(QTest *t)
{
    int status = 0;

    json_object_put(qtest_qmp(t, "quit", NULL));
    while (waitpid(t->pid, &status, 0) < 0 && errno == EINTR) {
    }
    g_assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    free_lines(&t->qtest);
    free_lines(&t->qmp);
    if (t->console >= 0) {
        close(t->console);
    }
    for (const char *const *n = (const char *const[]){ "qtest", "qmp", "console", NULL }; *n; n++) {
        g_autofree char *path = g_build_filename(t->dir, *n, NULL);
        g_unlink(path);
    }
    g_rmdir(t->dir);
    g_free(t->dir);
    g_hash_table_unref(t->up);
    g_hash_table_unref(t->raised);
    g_hash_table_unref(t->events);
    g_free(t);
}
