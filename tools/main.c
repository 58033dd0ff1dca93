/*
 * qemu-migration: looks at saved guests, says whether one would load and why not, compares two, and rewrites one for another program.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tools/tool.h"
#include <stdio.h>
#include <string.h>

static const struct { const char *name; int (*fn)(const ToolArgs *a); unsigned files; const char *usage; bool channels; } commands[] = {
    { "inspect", tool_inspect, 1, "inspect [--json | --html] [--fields] FILE [-- OPTIONS OF THE EMULATOR]\n"
      "      what is in it; the options make the machine that explains a stream without description (default: one of its version)", true },
    { "check", tool_check, 1, "check [--json] FILE -- OPTIONS OF THE EMULATOR\n"
      "      would an emulator with these options load it? If not, every reason; status 0: it loads, 1: it does not, 2: error" },
    { "diff", tool_diff, 2, "diff [--json] A B [-- OPTIONS OF THE EMULATOR]\n"
      "      fields by name, pages by address; status 0: no difference, 1: some, 2: error", true },
    { "convert", tool_convert, 1, "convert FILE --to PROGRAM -o OUT [--as-it-is] [-- OPTIONS OF THE EMULATOR]\n"
      "      the same guest in the form that a program (2.6, 2.7.0, 7.2, ...) expects of its machine; for those before 8.2, which lose the\n"
      "      decrementer, its processors begin with their timer interrupt, unless they are to stay as they are" },
};

static int usage(FILE *to)
{
    fprintf(to, "usage: qemu-migration COMMAND ...   (FILE may be packed by xz, gzip or zstd; \"-\" is standard input)\n");
    for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++) {
        fprintf(to, "  %s\n", commands[i].usage);
    }
    return to == stdout ? TOOL_YES : TOOL_ERROR;
}

int main(int argc, char **argv)
{
    ToolArgs a = { 0 };
    g_autoptr(GError) err = NULL;
    const GOptionEntry entries[] = {
        { "json", 0, 0, G_OPTION_ARG_NONE, &a.json, "machine-readable", NULL },
        { "html", 0, 0, G_OPTION_ARG_NONE, &a.html, "a page with the layout drawn", NULL },
        { "fields", 0, 0, G_OPTION_ARG_NONE, &a.fields, "every field", NULL },
        { "to", 0, 0, G_OPTION_ARG_STRING, &a.to, "dialect", "DIALECT" },
        { "as-it-is", 0, 0, G_OPTION_ARG_NONE, &a.as_it_is, "processors stay as they are", NULL },
        { "output", 'o', 0, G_OPTION_ARG_FILENAME, &a.out, "where to write", "FILE" },
        { NULL }
    };

    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--")) {
            a.own = argv + i + 1;
            argv[i] = NULL;
            argc = i;
        }
    }
    if (argc == 2 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
        return usage(stdout);
    }
    if (argc == 2 && !strcmp(argv[1], "--version")) {
        printf("qemu-migration %s\n", PROJECT_VERSION);
        return 0;
    }
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_set_help_enabled(context, FALSE);
    if (!g_option_context_parse(context, &argc, &argv, &err)) {
        tool_error("%s", err->message);
        return usage(stderr);
    }
    for (unsigned i = 0; argc > 1 && i < G_N_ELEMENTS(commands); i++) {
        if (!strcmp(argv[1], commands[i].name)) {
            a.files = argv + 2;
            a.n_files = argc - 2;
            a.channels = commands[i].channels;
            if (a.n_files != commands[i].files) {
                tool_error("%s takes %u file%s, not %u", commands[i].name, commands[i].files, commands[i].files == 1 ? "" : "s", a.n_files);
                return usage(stderr);
            }
            return commands[i].fn(&a);
        }
    }
    if (argc > 1) {
        tool_error("there is no command '%s'", argv[1]);
    }
    return usage(stderr);
}
