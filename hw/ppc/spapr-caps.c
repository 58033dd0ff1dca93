/*
 * The capabilities of a pseries machine (cap-*): what each version promises its guest, checked against what the processor
 * and this emulator have. A promise that the user made and that cannot be kept is an error; one that only a version made
 * is dropped with the processors that cannot have it, as the older QEMU did.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr.h"
#include "system/report.h"
#include "target/ppc/compat.h"
#include <gio/gio.h>
#include <inttypes.h>
#include <string.h>

static bool refuse(GError **err, const char *what, const char *remedy)
{
    g_set_error(err, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "%s\n%s", what, remedy);
    return false;
}

static bool given(const MachineOptions *o, const char *cap)
{
    for (guint i = 0; o->props && i < o->props->len; i++) {
        const char *p = g_ptr_array_index(o->props, i);
        if (g_str_has_prefix(p, cap) && p[strlen(cap)] == '=') {
            return true;
        }
    }
    return false;
}

/* What a processor must be, for the promises that depend on it. */
static bool has_vsx(const PpcModel *m) { return ppc_has(&m->family->features, PPC_F_VSX); }
static bool has_dfp(const PpcModel *m) { return ppc_has(&m->family->features, PPC_F_DFP); }
static bool has_large_decr(const PpcModel *m) { return m->family->large_decr; }
static bool is_207(const PpcModel *m) { return m->family->isa_level >= 207; }
static bool is_300(const PpcModel *m) { return m->family->isa_level >= 300; }
static bool never(const PpcModel *m) { return false; }

/*
 * `level`: the mode (or processor) below which a version does not promise it, what the user says aside: none of QEMU 2.12 to 11.1 does, and says
 * in its stream only what differs from that. The level of a guest is that of max-cpu-compat=, or the processor's own.
 */
static const struct Promise {
    const char *name;
    size_t at;
    const char *level;
    bool text;                  /* a mitigation, "broken" in place of off */
    bool (*possible)(const PpcModel *m);
    const char *what, *remedy;
} promises[] = {
#define AT(field) offsetof(SpaprConfig, field)
    { "cap-htm", AT(cap_htm), "power8", .possible = is_207, .what = "No Transactional Memory support in TCG",
      .remedy = "Try appending -machine cap-htm=off" },
    { "cap-vsx", AT(cap_vsx), "power7", .possible = has_vsx, .what = "VSX support not available", .remedy = "Try appending -machine cap-vsx=off" },
    { "cap-dfp", AT(cap_dfp), "power7", .possible = has_dfp, .what = "DFP support not available", .remedy = "Try appending -machine cap-dfp=off" },
    { "cap-cfpc", AT(cap_cfpc), "power8", .text = true },
    { "cap-sbbc", AT(cap_sbbc), "power7+", .text = true },
    { "cap-ibs", AT(cap_ibs), "power7", .text = true },
    { "cap-large-decr", AT(cap_large_decr), "power9", .possible = has_large_decr, .what = "Large decrementer only supported on POWER9",
      .remedy = "Try -cpu POWER9" },
    { "cap-nested-hv", AT(cap_nested_hv), NULL, .possible = is_300, .what = "Nested-HV only supported on POWER9 and later",
      .remedy = "Try appending -machine cap-nested-hv=off" },
    { "cap-rpt-invalidate", AT(cap_rpt_invalidate), NULL, .possible = never, .what = "No H_RPT_INVALIDATE support in TCG",
      .remedy = "Try appending -machine cap-rpt-invalidate=off" },
    { "cap-ail-mode-3", AT(cap_ail_mode_3), "power8", .possible = is_207, .what = "TCG only supports cap-ail-mode-3 on POWER8 and later CPUs",
      .remedy = "Try appending -machine cap-ail-mode-3=off" },
#undef AT
};

static bool *flag_of(SpaprConfig *c, const struct Promise *p)
{
    return (bool *)((char *)c + p->at);
}

/* Is the guest below what the promise is for? */
static bool is_below(const SpaprConfig *c, const PpcModel *model, const struct Promise *p)
{
    uint32_t limit = ppc_compat_named(c->max_cpu_compat);

    return p->level && ppc_compat_order(limit ?: model->family->logical_pvr) < ppc_compat_order(ppc_compat_named(p->level));
}

/* Mitigations that the translator does not carry out, as no speculation of the guest's is there to mitigate. */
static void warn_mitigations(const SpaprConfig *c)
{
    const struct { const char *name, *value; } all[] = {
        { "cap-cfpc", c->cap_cfpc }, { "cap-sbbc", c->cap_sbbc }, { "cap-ibs", c->cap_ibs },
        { "cap-ccf-assist", c->cap_ccf_assist ? "on" : "broken" },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(all); i++) {
        if (strcmp(all[i].value, "broken")) {
            report_warning("TCG doesn't support requested feature, %s=%s", all[i].name, all[i].value);
        }
    }
}

/* From 9.2 on, barriers are promised by default with POWER7 only: POWER8 and newer lost the mode power7+, from which on they were. */
static bool is_lost(const SpaprConfig *c, const PpcModel *model, const struct Promise *p)
{
    return !c->pre_9_2_barriers && !strcmp(p->name, "cap-sbbc") && is_207(model);
}

/* `o`: what the user said, or NULL. */
static void fit(SpaprConfig *c, const PpcModel *model, const MachineOptions *o)
{
    c->cap_sbbc_given = o && given(o, "cap-sbbc");
    for (unsigned i = 0; i < G_N_ELEMENTS(promises); i++) {
        const struct Promise *p = &promises[i];
        bool drop = (is_below(c, model, p) || is_lost(c, model, p)) && !(o && given(o, p->name));

        if (p->text && drop) {
            *(const char **)((char *)c + p->at) = "broken";
        } else if (!p->text && (drop || (p->possible && !p->possible(model)))) {
            *flag_of(c, p) = false;
        }
    }
}

void spapr_caps_fit(SpaprConfig *c, const PpcModel *model)
{
    fit(c, model, NULL);
}

bool spapr_caps_apply(SpaprConfig *c, const PpcModel *model, const MachineOptions *o, GError **err)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(promises); i++) {
        const struct Promise *p = &promises[i];
        /* one that the processor has the mode may still lack, and does without; but for the decrementer, whose width the guest sees */
        bool lacks = p->possible && (!p->possible(model) || (p->possible == has_large_decr && is_below(c, model, p)));
        if (lacks && *flag_of(c, p) && given(o, p->name)) {
            return refuse(err, p->what, p->remedy);
        }
    }
    fit(c, model, o);
    if (c->cap_nested_hv) {
        return refuse(err, "cap-nested-hv=on: this build has no nested hypervisor", "Try appending -machine cap-nested-hv=off");
    }
    if (c->cap_hpt_max_page_size < 4096 || c->cap_hpt_max_page_size & (c->cap_hpt_max_page_size - 1)) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    c->cap_hpt_max_page_size & (c->cap_hpt_max_page_size - 1) ? "cap-hpt-max-page-size must be a power of 2"
                    : "Require at least 4kiB hpt-max-page-size");
        return false;
    }
    if (c->cap_hpt_max_page_size < 65536) {
        report_warning("Many guests require at least 64kiB hpt-max-page-size");
    }
    uint32_t limit = ppc_compat_named(c->max_cpu_compat);
    if (limit && !ppc_compat_possible(model, limit)) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "Compatibility PVR 0x%08x not valid for CPU", limit);
        return false;
    }
    warn_mitigations(c);
    return true;
}

/*
 * H_GET_CPU_CHARACTERISTICS: what the processor does by itself (first word) and what the operating system had better do
 * (second), as the mitigations promised say. Bits are numbered from the left (LoPAPR, Linux's hvcall.h).
 */
#define BIT(n) (1ull << (63 - (n)))
enum { CHAR_SPEC_BAR_ORI31 = 0, CHAR_BCCTRL_SERIALISED = 1, CHAR_L1D_FLUSH_ORI30 = 2, CHAR_L1D_FLUSH_TRIG2 = 3,
       CHAR_L1D_THREAD_PRIV = 4, CHAR_HON_BRANCH_HINTS = 5, CHAR_CACHE_COUNT_DIS = 7, CHAR_BCCTR_FLUSH_ASSIST = 9 };
enum { BEHAV_FAVOUR_SECURITY = 0, BEHAV_L1D_FLUSH_PR = 1, BEHAV_BNDS_CHK_SPEC_BAR = 2, BEHAV_FLUSH_COUNT_CACHE = 5,
       BEHAV_NO_L1D_FLUSH_ENTRY = 7, BEHAV_NO_L1D_FLUSH_UACCESS = 8 };

HCALL(get_cpu_characteristics, 0x1c8)
{
    const SpaprConfig *c = s->cfg;
    uint64_t does = BIT(CHAR_HON_BRANCH_HINTS), wants = 0;

    if (!strcmp(c->cap_cfpc, "workaround")) {
        does |= BIT(CHAR_L1D_FLUSH_ORI30) | BIT(CHAR_L1D_FLUSH_TRIG2) | BIT(CHAR_L1D_THREAD_PRIV);
    }
    wants |= strcmp(c->cap_cfpc, "fixed") ? BIT(BEHAV_L1D_FLUSH_PR)
        : BIT(BEHAV_NO_L1D_FLUSH_ENTRY) | BIT(BEHAV_NO_L1D_FLUSH_UACCESS);
    if (!strcmp(c->cap_sbbc, "workaround")) {
        does |= BIT(CHAR_SPEC_BAR_ORI31);
    }
    if (strcmp(c->cap_sbbc, "fixed")) {
        wants |= BIT(BEHAV_BNDS_CHK_SPEC_BAR);
    }
    if (!strcmp(c->cap_ibs, "fixed-ccd")) {
        does |= BIT(CHAR_CACHE_COUNT_DIS);
    } else if (!strcmp(c->cap_ibs, "fixed-ibs")) {
        does |= BIT(CHAR_BCCTRL_SERIALISED);
    } else if (!strcmp(c->cap_ibs, "workaround")) {
        wants |= BIT(BEHAV_FLUSH_COUNT_CACHE);
        does |= c->cap_ccf_assist ? BIT(CHAR_BCCTR_FLUSH_ASSIST) : 0;
    }
    args[0] = does;
    args[1] = wants | BIT(BEHAV_FAVOUR_SECURITY);
    return H_SUCCESS;
}
