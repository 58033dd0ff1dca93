/*
 * Back ends that are descriptors of the host: standard input and output, files, pipes, pseudo-terminals.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/char-int.h"
#include "monitor/fds.h"
#include "system/report.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

bool chardev_stdio_taken;

const OptDesc char_stdio_params[] = { { "signal", OPT_BOOL }, { NULL } };
const OptDesc char_path_params[] = { { "path", OPT_STRING }, { NULL } };
const OptDesc char_file_params[] = { { "path", OPT_STRING }, { "append", OPT_BOOL }, { NULL } };

/* ---- stdio ---- */

static struct termios saved_tty, raw_tty;
static volatile sig_atomic_t tty_raw;

void char_restore_terminal(void)
{
    if (tty_raw) {
        tcsetattr(0, TCSANOW, &saved_tty);
        tty_raw = false;
    }
}

/* After Ctrl-Z and fg the shell has put its own settings back. */
static void continued(int sig)
{
    if (tty_raw) {
        tcsetattr(0, TCSANOW, &raw_tty);
    }
}

bool char_open_stdio(Chardev *c, const Opts *o, GError **err)
{
    static bool taken;

    if (chardev_stdio_taken) {
        return report_fail(err, "cannot use stdio with -daemonize");
    }
    if (taken) {
        return report_fail(err, "cannot use stdio by multiple character devices");
    }
    taken = true;
    if (isatty(0)) {
        tcgetattr(0, &saved_tty);
        raw_tty = saved_tty;
        raw_tty.c_iflag &= ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
        raw_tty.c_oflag |= OPOST;
        raw_tty.c_lflag &= ~(ECHO | ECHONL | ICANON | IEXTEN);
        if (!opts_bool(o, "signal", true)) {
            raw_tty.c_lflag &= ~ISIG;
        }
        raw_tty.c_cflag = (raw_tty.c_cflag & ~(CSIZE | PARENB)) | CS8;
        raw_tty.c_cc[VMIN] = 1;
        raw_tty.c_cc[VTIME] = 0;
        tcsetattr(0, TCSANOW, &raw_tty);
        tty_raw = true;
        sigaction(SIGCONT, &(struct sigaction){ .sa_handler = continued, .sa_flags = SA_RESTART }, NULL);
    }
    c->in = 0;
    c->out = 1;
    c->open = true;
    return true;
}

/* ---- files and pipes ---- */

static void close_descriptors(Chardev *c)
{
    if (c->out >= 0 && c->out != c->in) {
        close(c->out);
    }
    if (c->in >= 0) {
        close(c->in);
    }
    c->in = c->out = -1;
}

static bool could_not_open(const char *path, GError **err)
{
    return report_fail(err, "Could not open '%s': %s", path, g_strerror(errno));
}

bool char_open_file(Chardev *c, const Opts *o, GError **err)
{
    const char *path = opts_get(o, "path");

    if (!path) {
        return report_fail(err, "chardev: file: no filename given");
    }
    c->out = fds_open(path, O_WRONLY | O_CREAT | (opts_bool(o, "append", false) ? O_APPEND : O_TRUNC), 0666, err);
    c->open = true;
    c->close = close_descriptors;
    return c->out >= 0;
}

bool char_open_pipe(Chardev *c, const Opts *o, GError **err)
{
    const char *path = opts_get(o, "path");

    if (!path) {
        return report_fail(err, "chardev: pipe: no device path given");
    }
    g_autofree char *in = g_strconcat(path, ".in", NULL), *out = g_strconcat(path, ".out", NULL);
    /* read and write, so that neither opening nor reading depends on somebody at the other end */
    c->in = open(in, O_RDWR | O_CLOEXEC);
    c->out = open(out, O_RDWR | O_CLOEXEC);
    c->close = close_descriptors;
    if (c->in < 0 || c->out < 0) {
        close_descriptors(c);
        c->in = c->out = open(path, O_RDWR | O_CLOEXEC);
    }
    c->open = true;
    return c->in >= 0 ? true : could_not_open(path, err);
}

/* ---- pseudo-terminals ---- */

/*
 * Nobody having the other side open shows as a hangup that lasts, so it is looked for once a second instead of being
 * waited for, and whatever is written meanwhile is dropped, as a serial line without a cable does.
 */
typedef struct CharPty { char *name; guint timer; } CharPty;

static bool connected(const Chardev *c)
{
    struct pollfd pfd = { .fd = c->in };

    return poll(&pfd, 1, 0) >= 0 && !(pfd.revents & POLLHUP);
}

static gboolean look(gpointer opaque)
{
    Chardev *c = opaque;
    gboolean again = G_SOURCE_CONTINUE;

    char_lock(c);
    if (connected(c)) {
        c->pty->timer = 0;
        char_event(c, CHARDEV_OPENED);
        char_watch(c);
        again = G_SOURCE_REMOVE;
    }
    char_unlock(c);
    return again;
}

static void pty_hung_up(Chardev *c)
{
    if (c->open) {
        char_event(c, CHARDEV_CLOSED);
    }
    if (!c->pty->timer) {
        c->pty->timer = char_timeout_add(c, 1000, look);
    }
}

static void pty_accept_input(Chardev *c)
{
    if (c->open) {
        char_watch(c);
    }
}

static void pty_write(Chardev *c, const uint8_t *buf, size_t len)
{
    while (len && connected(c)) {
        struct pollfd pfd = { .fd = c->out, .events = POLLOUT };
        if (poll(&pfd, 1, 100) > 0 && pfd.revents & POLLOUT) {
            ssize_t n = write(c->out, buf, len);
            if (n < 0 && errno != EAGAIN && errno != EINTR) {
                return;
            }
            buf += MAX(n, 0);
            len -= MAX(n, 0);
        } else if (!(pfd.revents & POLLHUP)) {
            return;         /* opened by somebody who does not read: the terminal's buffer is full */
        }
    }
}

static void pty_move(Chardev *c, GMainContext *to)
{
    bool looks = c->pty->timer;

    char_drop(c, &c->pty->timer);
    c->context = to;
    if (looks) {
        c->pty->timer = char_timeout_add(c, 1000, look);
    }
}

static void pty_describe(const Chardev *c, GString *out)
{
    g_string_append_printf(out, "pty:%s", c->pty->name);
}

static void pty_close(Chardev *c)
{
    char_drop(c, &c->pty->timer);
    close_descriptors(c);
    g_free(c->pty->name);
    g_clear_pointer(&c->pty, g_free);
}

bool char_open_pty(Chardev *c, const Opts *o, GError **err)
{
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0 || grantpt(fd) < 0 || unlockpt(fd) < 0) {
        return report_fail(err, "Failed to create pty: %s", g_strerror(errno));
    }
    struct termios t;
    if (tcgetattr(fd, &t) == 0) {
        cfmakeraw(&t);
        tcsetattr(fd, TCSANOW, &t);
    }
    c->pty = g_new0(CharPty, 1);
    c->pty->name = g_strdup(ptsname(fd));
    /* Once open and closed, so that from now on a hangup means that nobody has it. */
    int other = open(c->pty->name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (other >= 0) {
        close(other);
    }
    c->in = c->out = fd;
    c->hung_up = pty_hung_up;
    c->move = pty_move;
    c->write = pty_write;
    c->accept_input = pty_accept_input;
    c->describe = pty_describe;
    c->close = pty_close;
    c->pty->timer = char_timeout_add(c, 1000, look);
    fprintf(stderr, "char device redirected to %s (label %s)\n", c->pty->name, c->id);
    return true;
}
