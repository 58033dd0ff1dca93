/*
 * -accel, -machine accel= and -icount. Either names accelerators in order of preference, -accel one each time it is given, -machine a list
 * with colons; the first that this build has is taken, and only its properties are looked at.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/accel.h"
#include "accel/tcg/tcg.h"
#include "system/icount.h"
#include "system/options-int.h"
#include <string.h>

static const char *multi_threaded_by;       /* the argument of the -accel that said thread=multi */

static bool set_tcg(Options *o, const char *k, const char *v, GError **err)
{
    uint64_t n;

    if (!strcmp(k, "accel")) {
        return true;
    }
    if (!strcmp(k, "thread")) {
        if (v && !strcmp(v, "multi")) {
            tcg_options.multi_threaded = true;
        } else if (v && !strcmp(v, "single")) {
            tcg_options.multi_threaded = false;
        } else {
            return report_fail(err, "Invalid 'thread' setting %s", v ? v : "");
        }
        return true;
    }
    if (!strcmp(k, "tb-size")) {
        if (!option_uint(k, v, 2047, &n, err)) {
            return false;
        }
        tcg_options.tb_size = n << 20;
        return true;
    }
    if (!strcmp(k, "one-insn-per-tb")) {
        return option_bool(k, v, &tcg_options.one_insn_per_tb, err);
    }
    if (!strcmp(k, "interpreter")) {
        return option_bool(k, v, &tcg_options.interpreter, err);
    }
    if (!strcmp(k, "x-random-regalloc")) {
        tcg_options.random_regalloc = true;
        if (!option_uint(k, v, UINT32_MAX, &n, err)) {
            return false;
        }
        tcg_options.random_seed = n;
        return true;
    }
    if (!strcmp(k, "split-wx")) {
        bool ignored;
        return option_bool(k, v, &ignored, err);     /* the code buffer always is */
    }
    return report_fail(err, "Property 'tcg-accel.%s' not found", k);
}

static bool set_qtest(Options *o, const char *k, const char *v, GError **err)
{
    return !strcmp(k, "accel") || report_fail(err, "Property 'qtest-accel.%s' not found", k);
}

static const struct { const Accel *accel; bool (*set)(Options *o, const char *k, const char *v, GError **err); } known[] = {
    { &accel_tcg, set_tcg }, { &accel_qtest, set_qtest },
};

OPT_GROUP(accel_group, .name = "accel");

bool opt_accel(Options *o, const char *arg, GError **err)
{
    if (!*arg || !strcmp(arg, "help") || !strcmp(arg, "?")) {
        return options_print_and_stop(g_string_new("Accelerators supported in QEMU binary:\ntcg\n"));
    }
    g_ptr_array_add(o->accels, (char *)arg);
    return true;
}

static int find(const char *name, size_t len)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(known); i++) {
        if (strlen(known[i].accel->name) == len && !memcmp(known[i].accel->name, name, len)) {
            return i;
        }
    }
    report_error("invalid accelerator %.*s", (int)len, name);
    return -1;
}

static bool take(int which, bool first)
{
    if (which >= 0) {
        accel = known[which].accel;
        if (!first) {
            report_set_location(NULL, NULL);
            report_error("falling back to %s", accel->name);
        }
    }
    return which >= 0;
}

static bool choose_from_machine(const char *list, GError **err)
{
    g_auto(GStrv) names = g_strsplit(list, ":", -1);
    bool any = false;

    for (char **n = names; *n; n++) {
        if (**n && take(find(*n, strlen(*n)), n == names)) {
            return true;
        }
        any |= **n != 0;
    }
    return report_fail(err, "%s", any ? "" : "no accelerator found");       /* empty: has been reported */
}

static bool choose(Options *o, GError **err)
{
    for (guint i = 0; i < o->accels->len; i++) {
        const char *arg = g_ptr_array_index(o->accels, i), *name = arg + (g_str_has_prefix(arg, "accel=") ? 6 : 0);
        report_set_location("-accel", arg);
        int which = find(name, strcspn(name, ","));
        if (take(which, i == 0)) {
            report_set_location("-accel", arg);
            multi_threaded_by = strstr(arg, "thread=multi") ? arg : NULL;
            if (!option_pairs(arg, "accel", o, known[which].set, err)) {
                return false;
            }
            report_set_location(NULL, NULL);
            return true;
        }
    }
    return report_fail(err, "%s", "");
}

bool options_choose_accel(Options *o, GError **err)
{
    if (o->accels->len && o->machine_accel) {
        return report_fail(err, "The -accel and \"-machine accel=\" options are incompatible");
    }
    if (o->machine_accel ? !choose_from_machine(o->machine_accel, err) : o->accels->len && !choose(o, err)) {
        return false;
    }
    if (tcg_options.icount_shift >= 0 && multi_threaded_by) {
        return report_fail(err, "-accel %s: No MTTCG when icount is enabled", multi_threaded_by);
    }
    if (tcg_options.icount_shift >= 0 && !accel->runs_guest) {
        return report_fail(err, "-icount counts the instructions that are executed, and -accel %s executes none: use -accel tcg", accel->name);
    }
    return true;
}

OPT_GROUP(icount_group, .name = "icount", .implied = "shift",
          .params = OPT_PARAMS({ "shift", OPT_STRING }, { "align", OPT_BOOL }, { "sleep", OPT_BOOL }));

bool opt_icount(Options *opts, const char *arg, GError **err)
{
    g_autoptr(Opts) o = opts_parse_group(arg, &icount_group, err);
    uint64_t shift = 3;         /* where "auto" begins */

    if (!o) {
        return false;
    }
    const char *text = opts_get(o, "shift");
    icount_options.align = opts_bool(o, "align", false);
    icount_options.no_sleep = !opts_bool(o, "sleep", true);
    if (!text) {
        return icount_options.align ? report_fail(err, "Please specify shift option when using align") : true;
    }
    if (icount_options.align && icount_options.no_sleep) {
        return report_fail(err, "align=on and sleep=off are incompatible");
    }
    icount_options.adapt = !strcmp(text, "auto");
    if (!icount_options.adapt && (!option_uint("shift", text, 10, &shift, NULL))) {
        return report_fail(err, "icount: Invalid shift value");
    }
    if (icount_options.adapt && icount_options.no_sleep) {
        return report_fail(err, "shift=auto and sleep=off are incompatible");
    }
    tcg_options.icount_shift = shift;
    return true;
}

