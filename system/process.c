/*
 * See process.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/process.h"
#include "system/report.h"
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

void process_set_name(const char *name)
{
    prctl(PR_SET_NAME, name);
    g_set_prgname(name);
}

/* ---- background ---- */

static int ready_pipe = -1;

bool process_daemonize(GError **err)
{
    int ends[2];
    pid_t pid;

    if (!g_unix_open_pipe(ends, FD_CLOEXEC, err)) {
        return false;
    }
    pid = fork();
    if (pid < 0) {
        return report_fail(err, "cannot fork: %s", g_strerror(errno));
    }
    if (pid > 0) {
        char status = 1;
        ssize_t n;
        close(ends[1]);
        do {
            n = read(ends[0], &status, 1);
        } while (n < 0 && errno == EINTR);
        _exit(n == 1 ? status : 1);
    }
    close(ends[0]);
    ready_pipe = ends[1];
    setsid();
    pid = fork();       /* not a session's leader: no terminal can become ours */
    if (pid != 0) {
        _exit(pid < 0);
    }
    umask(027);
    signal(SIGTSTP, SIG_IGN);
    signal(SIGTTOU, SIG_IGN);
    signal(SIGTTIN, SIG_IGN);
    return true;
}

void process_ready(void)
{
    const char ok = 0;

    if (ready_pipe < 0) {
        return;
    }
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0 || chdir("/") < 0) {
        report_error("cannot go into the background: %s", g_strerror(errno));
        exit(1);
    }
    for (int fd = 0; fd < 3; fd++) {
        dup2(null, fd);
    }
    if (null > 2) {
        close(null);
    }
    while (write(ready_pipe, &ok, 1) < 0 && errno == EINTR) {
    }
    close(ready_pipe);
    ready_pipe = -1;
}

/* ---- PID file ---- */

static char *pidfile;

bool process_write_pidfile(const char *path, GError **err)
{
    g_autofree char *text = g_strdup_printf("%d\n", (int)getpid());
    int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);

    if (fd < 0) {
        return report_fail(err, "cannot create PID file: Could not create '%s': %s", path, g_strerror(errno));
    }
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        close(fd);
        return report_fail(err, "cannot create PID file: Could not lock '%s': %s", path, g_strerror(EAGAIN));
    }
    if (ftruncate(fd, 0) < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) {
        close(fd);
        return report_fail(err, "cannot create PID file: Failed to write '%s': %s", path, g_strerror(errno));
    }
    pidfile = g_canonicalize_filename(path, NULL);      /* stays open, and so locked */
    return true;
}

void process_cleanup(void)
{
    if (pidfile) {
        unlink(pidfile);
        g_clear_pointer(&pidfile, g_free);
    }
}

/* ---- signals ---- */

typedef struct Arrival { int signal, sender; } Arrival;

static int signal_pipe[2] = { -1, -1 };
static void (*signal_fn)(int, int);

static void arrived(int sig, siginfo_t *info, void *context)
{
    Arrival a = { sig, info->si_code <= 0 ? info->si_pid : 0 };
    int saved = errno;

    if (write(signal_pipe[1], &a, sizeof(a)) < 0) {
        /* the pipe is full of them: one is enough */
    }
    errno = saved;
}

static gboolean pass_on(gint fd, GIOCondition cond, gpointer opaque)
{
    Arrival a;

    if (read(fd, &a, sizeof(a)) == sizeof(a)) {
        signal_fn(a.signal, a.sender);
    }
    return G_SOURCE_CONTINUE;
}

void process_on_signals(void (*fn)(int, int))
{
    static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
    struct sigaction sa = { .sa_sigaction = arrived, .sa_flags = SA_SIGINFO | SA_RESTART };

    signal_fn = fn;
    if (!g_unix_open_pipe(signal_pipe, FD_CLOEXEC, NULL)) {
        return;
    }
    g_unix_set_fd_nonblocking(signal_pipe[1], TRUE, NULL);
    g_unix_fd_add(signal_pipe[0], G_IO_IN, pass_on, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(signals); i++) {
        sigaction(signals[i], &sa, NULL);
    }
}
