/*
 * A stream's bytes: from a file or standard input, through the program that unpacks it if its first bytes say that it is packed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tools/saved.h"
#include "system/report.h"
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct SavedFile {
    GInputStream *raw;          /* buffered: its begin was looked at */
    GSubprocess *unpacker;
    GThread *feeder;
    MigIn *in;
    uint64_t size, fed;         /* of the file, 0: not known; bytes given to the unpacker */
};

static const struct { const char *magic; unsigned length; const char *program; } packed[] = {
    { "\xfd" "7zXZ", 5, "xz" }, { "\x1f\x8b", 2, "gzip" }, { "\x28\xb5\x2f\xfd", 4, "zstd" },
};

static gpointer feed(gpointer opaque)
{
    SavedFile *f = opaque;
    GOutputStream *to = g_subprocess_get_stdin_pipe(f->unpacker);
    static const size_t piece = 64 << 10;
    g_autofree uint8_t *buf = g_malloc(piece);
    gssize n;

    while ((n = g_input_stream_read(f->raw, buf, piece, NULL, NULL)) > 0) {
        __atomic_store_n(&f->fed, f->fed + n, __ATOMIC_RELAXED);
        if (!g_output_stream_write_all(to, buf, n, NULL, NULL, NULL)) {
            break;              /* it has what it wants, or ended */
        }
    }
    g_output_stream_close(to, NULL, NULL);
    return NULL;
}

SavedFile *saved_open(const char *name, GError **err)
{
    int fd = strcmp(name, "-") ? open(name, O_RDONLY | O_CLOEXEC) : 0;
    struct stat st;

    if (fd < 0 || fstat(fd, &st)) {
        report_fail(err, "%s: %s", name, g_strerror(errno));
        return NULL;
    }
    if (S_ISDIR(st.st_mode)) {
        report_fail(err, "%s: a folder is no saved guest", name);
        return NULL;
    }
    SavedFile *f = g_new0(SavedFile, 1);
    g_autoptr(GInputStream) plain = g_unix_input_stream_new(fd, fd != 0);
    GInputStream *from = f->raw = g_buffered_input_stream_new_sized(plain, 64 << 10);
    GBufferedInputStream *b = G_BUFFERED_INPUT_STREAM(f->raw);

    f->size = S_ISREG(st.st_mode) ? st.st_size : 0;
    off_t begin = lseek(fd, 0, SEEK_CUR);
    while (g_buffered_input_stream_get_available(b) < 8 && g_buffered_input_stream_fill(b, -1, NULL, NULL) > 0) { }
    gsize have;
    const char *head = g_buffered_input_stream_peek_buffer(b, &have);
    for (unsigned i = 0; i < G_N_ELEMENTS(packed); i++) {
        if (have < packed[i].length || memcmp(head, packed[i].magic, packed[i].length)) {
            continue;
        }
        f->unpacker = g_subprocess_new(G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, err, packed[i].program, "-dc", NULL);
        if (!f->unpacker) {
            g_prefix_error(err, "%s: is packed, and %s does not start: ", name, packed[i].program);
            saved_close(f);
            return NULL;
        }
        f->feeder = g_thread_new("unpack", feed, f);
        from = g_subprocess_get_stdout_pipe(f->unpacker);
    }
    if (!f->unpacker && f->size && begin >= 0 && lseek(fd, begin, SEEK_SET) == begin) {
        from = plain;           /* of a file as it is, parts can be left out */
    }
    f->in = mig_in_new(from, NULL);
    return f;
}

VmsSource *saved_source(SavedFile *f)
{
    return mig_in_source(f->in);
}

double saved_progress(const SavedFile *f)
{
    uint64_t done = f->feeder ? __atomic_load_n(&f->fed, __ATOMIC_RELAXED) : mig_in_source(f->in)->position;

    return f->size ? (double)done / f->size : -1;
}

void saved_close(SavedFile *f)
{
    if (!f) {
        return;
    }
    if (f->unpacker) {
        g_subprocess_force_exit(f->unpacker);
        g_subprocess_wait(f->unpacker, NULL, NULL);
    }
    if (f->feeder) {
        g_thread_join(f->feeder);
    }
    mig_in_free(f->in);
    g_clear_object(&f->unpacker);
    g_object_unref(f->raw);
    g_free(f);
}
