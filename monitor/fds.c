/*
 * See fds.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/fds.h"
#include "monitor/monitor.h"
#include "monitor/qmp.h"
#include "system/report.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

/* ---- by name ---- */

static GMutex lock;                 /* of by_name: migrate-recover may take one out of band */
static GHashTable *by_name;         /* name -> descriptor */

static void close_value(gpointer fd)
{
    close(GPOINTER_TO_INT(fd));
}

static bool passed(int *fd, GError **err)
{
    *fd = qmp_take_fd();
    return *fd >= 0 || report_fail(err, "No file descriptor supplied via SCM_RIGHTS");
}

static bool keep(const char *name, GError **err)
{
    int fd;

    if (!passed(&fd, err)) {
        return false;
    }
    if (g_ascii_isdigit(*name)) {
        close(fd);
        return report_fail(err, "Parameter 'fdname' expects a name not starting with a digit");
    }
    g_mutex_lock(&lock);
    if (!by_name) {
        by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, close_value);
    }
    g_hash_table_replace(by_name, g_strdup(name), GINT_TO_POINTER(fd));
    g_mutex_unlock(&lock);
    return true;
}

static bool forget(const char *name, GError **err)
{
    g_mutex_lock(&lock);
    bool had = by_name && g_hash_table_remove(by_name, name);
    g_mutex_unlock(&lock);
    return had || report_fail(err, "File descriptor named '%s' not found", name);
}

int fds_take(const char *name, GError **err)
{
    gpointer key, fd;

    g_mutex_lock(&lock);
    bool had = by_name && g_hash_table_steal_extended(by_name, name, &key, &fd);
    g_mutex_unlock(&lock);
    if (!had) {
        report_fail(err, "File descriptor named '%s' has not been found", name);
        return -1;
    }
    g_free(key);
    return GPOINTER_TO_INT(fd);
}

QMP(getfd, "getfd", "fdname:str", "", 0)
{
    return keep(qmp_str(args, "fdname", ""), err);
}

QMP(closefd, "closefd", "fdname:str", "", 0)
{
    return forget(qmp_str(args, "fdname", ""), err);
}

HMP(getfd, "getfd", "fdname:s", "getfd name", "receive a file descriptor via SCM rights and assign it a name")
{
    g_autoptr(GError) err = NULL;

    keep(a->str[0], &err);
    monitor_print_error(out, err);
}

HMP(closefd, "closefd", "fdname:s", "closefd name", "close a file descriptor previously passed via SCM rights")
{
    g_autoptr(GError) err = NULL;

    forget(a->str[0], &err);
    monitor_print_error(out, err);
}

/* ---- in sets ---- */

typedef struct SetFd { int64_t set; int fd; char *opaque; } SetFd;
static GArray *in_sets;             /* in the order they came */

static void clear_set_fd(void *p)
{
    SetFd *s = p;

    close(s->fd);
    g_free(s->opaque);
}

static SetFd *nth(guint n)
{
    return in_sets && n < in_sets->len ? &g_array_index(in_sets, SetFd, n) : NULL;
}

static bool has_set(int64_t id)
{
    for (guint i = 0; nth(i); i++) {
        if (nth(i)->set == id) {
            return true;
        }
    }
    return false;
}

static void add_to_set(int64_t id, int fd, const char *opaque)
{
    SetFd s = { id, fd, g_strdup(opaque) };

    if (!in_sets) {
        in_sets = g_array_new(FALSE, FALSE, sizeof(SetFd));
        g_array_set_clear_func(in_sets, clear_set_fd);
    }
    g_array_append_val(in_sets, s);
}

bool fds_inherit(int64_t set, int64_t fd, const char *opaque, GError **err)
{
    if (fd < 0) {
        return report_fail(err, "fd option is required and must be non-negative");
    }
    if (fd <= STDERR_FILENO) {
        return report_fail(err, "fd cannot be a standard I/O stream");
    }
    /* what was inherited is not closed on exec; what this program opened is */
    int flags = fd <= INT_MAX ? fcntl(fd, F_GETFD) : -1;
    if (flags < 0 || flags & FD_CLOEXEC) {
        return report_fail(err, "fd is not valid or already in use");
    }
    if (set < 0) {
        return report_fail(err, "set option is required and must be non-negative");
    }
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) {
        return report_fail(err, "error duplicating fd: %s", g_strerror(errno));
    }
    add_to_set(set, copy, opaque);
    return true;
}

QMP_STRUCT(AddfdInfo, "fdset-id:int fd:int");
QMP_STRUCT(FdsetFdInfo, "fd:int opaque:str?");
QMP_STRUCT(FdsetInfo, "fdset-id:int fds:[FdsetFdInfo]");

QMP(add_fd, "add-fd", "fdset-id:int? opaque:str?", "AddfdInfo", 0)
{
    int64_t id = qmp_int(args, "fdset-id", 0);
    int fd;

    if (!passed(&fd, err)) {
        return false;
    }
    if (id < 0) {
        close(fd);
        return report_fail(err, "Parameter 'fdset-id' expects a non-negative value");
    }
    while (!qmp_has(args, "fdset-id") && has_set(id)) {
        id++;
    }
    add_to_set(id, fd, qmp_str(args, "opaque", NULL));
    *ret = qmp_object("fdset-id", JINT(id), "fd", JINT(fd), NULL);
    return true;
}

QMP(remove_fd, "remove-fd", "fdset-id:int fd:int?", "", 0)
{
    int64_t id = qmp_int(args, "fdset-id", 0), fd = qmp_int(args, "fd", -1);
    bool one = qmp_has(args, "fd"), found = false;

    for (guint i = 0; nth(i);) {
        if (nth(i)->set == id && (!one || nth(i)->fd == fd)) {
            g_array_remove_index(in_sets, i);
            found = true;
        } else {
            i++;
        }
    }
    g_autofree char *which = one ? g_strdup_printf(", fd:%" PRId64, fd) : g_strdup("");
    return found || report_fail(err, "File descriptor named 'fdset-id:%" PRId64 "%s' not found", id, which);
}

QMP(query_fdsets, "query-fdsets", "", "[FdsetInfo]", 0)
{
    *ret = json_object_new_array();
    for (guint i = 0; nth(i); i++) {
        bool seen = false;
        for (guint k = 0; k < i; k++) {
            seen |= nth(k)->set == nth(i)->set;
        }
        if (seen) {
            continue;
        }
        json_object *fds = json_object_new_array();
        for (guint k = i; nth(k); k++) {
            if (nth(k)->set == nth(i)->set) {
                json_object *o = qmp_object("fd", JINT(nth(k)->fd), NULL);
                if (nth(k)->opaque) {
                    json_object_object_add(o, "opaque", JSTR(nth(k)->opaque));
                }
                json_object_array_add(fds, o);
            }
        }
        json_object_array_add(*ret, qmp_object("fdset-id", JINT(nth(i)->set), "fds", fds, NULL));
    }
    return true;
}

int fds_open(const char *path, int flags, int mode, GError **err)
{
    guint64 id;
    int fd;

    if (g_str_has_prefix(path, "/dev/fdset/") && g_ascii_string_to_unsigned(path + strlen("/dev/fdset/"), 10, 0, INT64_MAX, &id, NULL)) {
        for (guint i = 0; nth(i); i++) {
            if (nth(i)->set == (int64_t)id && (fcntl(nth(i)->fd, F_GETFL) & O_ACCMODE) == (flags & O_ACCMODE)) {
                return fcntl(nth(i)->fd, F_DUPFD_CLOEXEC, 0);
            }
        }
        report_fail(err, "Could not open '%s': the set has no descriptor that was opened for %s", path,
                    (flags & O_ACCMODE) == O_RDONLY ? "reading" : (flags & O_ACCMODE) == O_WRONLY ? "writing" : "both");
        return -1;
    }
    fd = open(path, flags | O_CLOEXEC, mode);
    if (fd < 0) {
        int e = errno;
        g_set_error(err, G_IO_ERROR, g_io_error_from_errno(e), "Could not open '%s': %s", path, g_strerror(e));
    }
    return fd;
}
