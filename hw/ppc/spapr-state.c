/*
 * Saved state of the machine itself: the section `spapr`, with what was negotiated, the process table, capabilities that
 * differ from the version's and the device tree. The hash page table has a section of its
 * own kind (iterated like memory), which is the migration engine's.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr.h"
#include "migration/dialect.h"
#include "system/clock.h"
#include "system/report.h"
#include "system/runstate.h"
#include "target/ppc/timers.h"
#include <inttypes.h>
#include <libfdt.h>
#include <string.h>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

#define FDT_BLOB_MAX SPAPR_FDT_SIZE
#define OPTION_BYTES 256        /* of an option vector on the wire */

/* ---- time base ---- */

/* What programs of this kind count beside the guest's clock. */
static uint64_t host_ticks(void)
{
#if defined(__x86_64__)
    return __rdtsc();
#else
    return clock_host_ns();
#endif
}

VMSTATE(SpaprTimebase, vmstate_timebase, "timebase", 1,
    VMS(SpaprTimebase, guest_timebase),
    VMS(SpaprTimebase, time_of_the_day_ns),
    VMS_SKIP(SpaprTimebase, loaded_at, "of the loader"),
    VMS_SKIP(SpaprTimebase, loaded, "of the loader"));

/*
 * A receiver takes its own ticks from guest_timebase and adds what is left to its own clock, which it gets from the
 * section `timer`: so this is not the time base but the ticks plus how far the time base is ahead of the clock.
 */
static void save_timebase(SpaprTimebase *t)
{
    if (t->loaded && t->loaded_at == clock_virtual_ns()) {
        return;         /* as it came: the guest did not run in between */
    }
    t->guest_timebase = host_ticks() + ppc_tb_offset();
    t->time_of_the_day_ns = clock_host_ns();
}

/* ---- option vector 5 ---- */

typedef struct OptionVector { uint8_t bytes[sizeof(((SpaprMachine *)0)->ov5_cas)]; } OptionVector;

/* Option i, counted from the most significant bit of the first byte, is bit i of a bitmap of big-endian doublewords. */
static void put_options(const void *element, const void *opaque, unsigned index, uint8_t *wire)
{
    const OptionVector *v = opaque;
    uint64_t word = 0;

    for (unsigned i = 0; i < 64 && 8 * index < sizeof(v->bytes); i++) {
        unsigned n = 64 * index + i;
        word |= (uint64_t)(v->bytes[n / 8] >> (7 - n % 8) & 1) << i;
    }
    vms_put_be(wire, 8, word);
}

static bool get_options(void *element, void *opaque, unsigned index, const uint8_t *wire, GError **err)
{
    OptionVector *v = opaque;
    uint64_t word = vms_get_be(wire, 8);

    if (8 * index >= sizeof(v->bytes)) {
        if (word) {
            g_set_error(err, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "option %u of vector 5 was negotiated, which this program does "
                        "not know", 64 * index + __builtin_ctzll(word));
        }
        return !word;
    }
    memset(v->bytes + 8 * index, 0, 8);
    for (unsigned i = 0; i < 64; i++) {
        v->bytes[8 * index + i / 8] |= word >> i & 1 ? 0x80 >> i % 8 : 0;
    }
    return true;
}

static const VMStateInfo info_options = { "bitmap", 8, put_options, get_options };

static bool has_options(const void *opaque)
{
    const SpaprMachine *s = opaque;

    return dialect.options == DIALECT_ALWAYS
        || (dialect.options == DIALECT_IF_ANY && (s->cfg->modern_hotplug_events || s->model->family->isa_level >= 300));
}

static bool has_process_table(const void *opaque) { return ((const SpaprMachine *)opaque)->patb1 != 0; }

VMSTATE(OptionVector, vmstate_option_vector, "spapr_option_vector", 1,
    VMS_CUSTOM(OptionVector, bytes, sizeof(((OptionVector *)0)->bytes), info_options, .name = "bitmap", .count = OPTION_BYTES / 8,
               .size = 0, .covers = sizeof(OptionVector), .whole = "bitmap"));

VMSTATE(SpaprMachine, vmstate_ov5_cas, "spapr_option_vector_ov5_cas", 1,
    VMS_NEEDED(has_options),
    VMS_STRUCT(SpaprMachine, ov5_cas, vmstate_option_vector));

VMSTATE(SpaprMachine, vmstate_patb_entry, "spapr_patb_entry", 1,
    VMS_NEEDED(has_process_table),
    VMS(SpaprMachine, patb1, .name = "patb_entry"));

/* ---- capabilities ---- */

static const char *const breakage[] = { "broken", "workaround", "fixed", NULL };
static const char *const branches[] = { "broken", "workaround", "fixed-ibs", "fixed-ccd", "fixed-na", NULL };

/* A capability's number on the wire is its place here; its value a bool, a place in `names`, or the shift of a size. */
static const struct { const char *property; const char *const *names; } caps[SPAPR_CAPS] = {
    { "cap-htm" }, { "cap-vsx" }, { "cap-dfp" },
    { "cap-cfpc", breakage }, { "cap-sbbc", breakage }, { "cap-ibs", branches },
    { "cap-hpt-max-page-size" }, { "cap-nested-hv" },
    { "cap-large-decr" }, { "cap-ccf-assist" }, { "cap-fwnmi" },
    { "cap-rpt-invalidate" },
    { "cap-ail-mode-3" },
};
enum { CAP_HTM = 0, CAP_SBBC = 4, CAP_PAGE_SIZE = 6 };

static unsigned cap_value(const SpaprConfig *c, unsigned n)
{
    g_autofree char *text = object_get(&c->machine.object, caps[n].property);

    if (n == CAP_PAGE_SIZE) {
        return g_ascii_strtoull(text, NULL, 10) ? __builtin_ctzll(g_ascii_strtoull(text, NULL, 10)) : 0;
    }
    for (unsigned i = 0; caps[n].names && caps[n].names[i]; i++) {
        if (!strcmp(caps[n].names[i], text)) {
            return i;
        }
    }
    return !strcmp(text, "true");
}

/*
 * What the machine version has by itself with this processor and mode, and so what a program means that does not say it. QEMU 9.2 changed what
 * older versions have, too (`no_barriers`). Each section of a capability asks; the version's table is gone through once.
 */
static unsigned cap_default(const SpaprMachine *s, unsigned n, bool no_barriers)
{
    static struct { char *machine; const PpcModel *model; const char *mode; bool no_barriers; unsigned values[SPAPR_CAPS]; } known;

    if (known.model != s->model || known.no_barriers != no_barriers || g_strcmp0(known.mode, s->cfg->max_cpu_compat)
        || strcmp(known.machine, s->machine_name)) {
        SpaprConfig c;
        spapr_config_defaults(&c, s->machine_name);
        c.max_cpu_compat = known.mode = s->cfg->max_cpu_compat;
        c.pre_9_2_barriers = c.pre_9_2_barriers && !no_barriers;
        spapr_caps_fit(&c, s->model);
        for (unsigned i = 0; i < SPAPR_CAPS; i++) {
            known.values[i] = cap_value(&c, i);
        }
        g_free(known.machine);
        known.machine = g_strdup(s->machine_name);
        known.model = s->model;
        known.no_barriers = no_barriers;
    }
    return known.values[n];
}

/*
 * One that is as the version has it goes without saying, but for the page size where the program always says it. Machines up to 2.11 promise
 * transactional memory, which the translator never had: programs that know capabilities want to be told so. Barriers that nobody asked for
 * are said to nobody: a program from 9.2 on that was started with the same options would refuse them.
 */
static bool cap_needed(const SpaprMachine *s, unsigned n)
{
    bool known = dialect.named ? dialect.capabilities >> n & 1 : true;      /* a user who sets one has a program that knows it in mind */

    if (n == CAP_PAGE_SIZE && dialect.page_size_always) {
        return true;
    }
    if (n == CAP_SBBC && !s->cfg->cap_sbbc_given) {
        return false;
    }
    const unsigned unsaid = cap_default(s, n, dialect.no_barriers);
    return known && (cap_value(s->cfg, n) != unsaid || (n == CAP_HTM && dialect.named && unsaid));
}

#define CAP(id, n, name_) \
    static bool needs_##id(const void *opaque) { return cap_needed(opaque, n); } \
    VMSTATE(SpaprMachine, vmstate_cap_##id, "spapr/cap/" #id, 1, \
        VMS_NEEDED(needs_##id), \
        VMS(SpaprMachine, caps[n], .name = name_))
CAP(htm, 0, "mig.caps[0x00]");
CAP(vsx, 1, "mig.caps[0x01]");
CAP(dfp, 2, "mig.caps[0x02]");
CAP(cfpc, 3, "mig.caps[0x03]");
CAP(sbbc, 4, "mig.caps[0x04]");
CAP(ibs, 5, "mig.caps[0x05]");
CAP(hpt_maxpagesize, 6, "mig.caps[0x06]");
CAP(nested_kvm_hv, 7, "mig.caps[0x07]");
CAP(large_decr, 8, "mig.caps[0x08]");
CAP(ccf_assist, 9, "mig.caps[0x09]");
CAP(fwnmi, 10, "mig.caps[0x0a]");
CAP(rpt_invalidate, 11, "mig.caps[0x0b]");
CAP(ail_mode_3, 12, "mig.caps[0x0c]");

/* "2 = fixed", "0x10 = 64 KiB pages" as a person writes them; for errors. */
static char *cap_text(unsigned n, unsigned value)
{
    unsigned known = 0;

    while (caps[n].names && caps[n].names[known]) {
        known++;
    }
    if (n == CAP_PAGE_SIZE) {
        return g_strdup_printf("0x%x = %" PRIu64, value, value < 64 ? UINT64_C(1) << value : 0);
    }
    return g_strdup_printf("0x%x = %s", value, value < known ? caps[n].names[value] : known || value > 1 ? "unknown" : value ? "on" : "off");
}

/*
 * The guest may use what it was promised: this machine has to have at least that. What the stream does not say is as its sender has it, but
 * for transactional memory: machines up to 2.11 promised it, and no translator ever had it. Which sender it is, the version of cpu/slb tells.
 */
static bool check_caps(SpaprMachine *s, GError **err)
{
    bool ok = true, no_barriers = false;
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        no_barriers |= cpu->mig.slb_version >= 2;
    }
    for (unsigned n = 0; n < SPAPR_CAPS; n++) {
        unsigned here = cap_value(s->cfg, n);
        bool said = s->caps[n] != CAP_NOT_SENT;
        unsigned there = said ? s->caps[n] : n == CAP_HTM ? 0 : cap_default(s, n, no_barriers);
        g_autofree char *theirs = cap_text(n, there), *ours = cap_text(n, here);
        if (there > here) {
            ok = report_also(err, "%s higher level (%s) in incoming stream than on destination (%s): use -machine %s=%s", caps[n].property, theirs,
                             ours, caps[n].property, strstr(theirs, "= ") + 2);
        }
        if (there < here && n != CAP_HTM && (said || n != CAP_SBBC || s->cfg->cap_sbbc_given)) {
            report_warning("%s lower level (%s) in incoming stream than on destination (%s)", caps[n].property, theirs, ours);
        }
    }
    return ok;
}

/* ---- device tree ---- */

static bool has_tree(const void *opaque) { return ((const SpaprMachine *)opaque)->cfg->update_dt; }

VMSTATE(SpaprMachine, vmstate_dtb, "spapr_dtb", 1,
    VMS_NEEDED(has_tree),
    VMS(SpaprMachine, tree.initial_size, .name = "fdt_initial_size"),
    VMS(SpaprMachine, tree.size, .name = "fdt_size"),
    VMS_VBUFFER(SpaprMachine, tree.blob, tree.size, FDT_BLOB_MAX, .name = "fdt_blob", .allocate = true));

void spapr_keep_tree(SpaprMachine *s, const void *fdt, uint32_t size)
{
    if (s->cfg->update_dt) {
        g_free(s->tree.blob);
        s->tree.blob = g_memdup2(fdt, size);
        s->tree.size = size;
    }
}

/* Where the client has put RTAS; damaged trees say nothing. */
void spapr_find_rtas(SpaprMachine *s)
{
    int length, node = s->tree.blob && !fdt_check_full(s->tree.blob, s->tree.size) ? fdt_path_offset(s->tree.blob, "/rtas") : -1;
    const fdt32_t *base = node < 0 ? NULL : fdt_getprop(s->tree.blob, node, "linux,rtas-base", &length);

    if (base && length == sizeof(*base)) {
        s->rtas_addr = fdt32_ld(base);
    }
}

/* ---- the section ---- */

static bool pre_save(void *opaque, GError **err)
{
    SpaprMachine *s = opaque;

    save_timebase(&s->tb);
    for (unsigned n = 0; n < SPAPR_CAPS; n++) {
        s->caps[n] = n == CAP_HTM && cap_default(s, n, dialect.no_barriers) ? 0 : cap_value(s->cfg, n);
    }
    if (s->cfg->update_dt && !s->tree.blob) {
        size_t size;
        s->tree.blob = spapr_build_fdt(s, &size);
        s->tree.initial_size = s->tree.size = size;
    }
    return true;
}

static bool pre_load(void *opaque, GError **err)
{
    SpaprMachine *s = opaque;

    memset(s->caps, CAP_NOT_SENT, sizeof(s->caps));
    memset(s->ov5_cas, 0, sizeof(s->ov5_cas));
    s->cas_done = s->before_isa3 = false;
    s->patb1 = 0;
    memset(s->messages, 0, sizeof(s->messages));
    spapr_fwnmi_reset(s);
    s->rtas_addr = 0;
    g_ptr_array_set_size(s->pending_events, 0);
    return true;
}

static bool post_load(void *opaque, int version, GError **err)
{
    SpaprMachine *s = opaque;

    s->tb.loaded = true;
    s->tb.loaded_at = clock_virtual_ns();
    s->radix = s->patb1 >> 63;
    for (unsigned i = 0; i < sizeof(s->ov5_cas); i++) {
        s->cas_done |= s->ov5_cas[i] != 0;
    }
    spapr_irq_select(s, true);
    spapr_find_rtas(s);
    spapr_drc_loaded(s);
    if (!check_caps(s, err)) {
        return false;
    }
    if (runstate_now() == RUN_INMIGRATE && !spapr_xive_active(s)) {     /* all processors came before this section */
        icp_make_up(s->ics);
    }
    return true;
}

VMSTATE(SpaprMachine, vmstate_spapr, "spapr", 3,
    VMS_SKIP_TO(SpaprMachine, cfg, patb1, "configuration; the hash table has a section of its own"),
    VMS_SKIP_TO(SpaprMachine, fdt_addr, fwnmi_system_reset, "where the machine put things before it started, and wiring"),
    VMS_STRUCT(SpaprMachine, tb, vmstate_timebase),
    VMS_SKIP(SpaprMachine, irqs, "follow from the configuration"),
    VMS_SKIP(SpaprMachine, vsmt, "configuration"),
    VMS_SKIP(SpaprMachine, radix, "follows from the process table"),
    VMS_SKIP(SpaprMachine, cas_done, "follows from the option vector"),
    VMS_SKIP(SpaprMachine, before_isa3, "the tree that says so was handed out"),
    VMS_SKIP(SpaprMachine, vof, "firmware's: nobody calls it once the guest runs"),
    VMS_SUBSECTION(vmstate_ov5_cas),
    VMS_SUBSECTION(vmstate_patb_entry),
    VMS_SUBSECTION(vmstate_pending_events),
    VMS_SUBSECTION(vmstate_cap_htm),
    VMS_SUBSECTION(vmstate_cap_vsx),
    VMS_SUBSECTION(vmstate_cap_dfp),
    VMS_SUBSECTION(vmstate_cap_cfpc),
    VMS_SUBSECTION(vmstate_cap_sbbc),
    VMS_SUBSECTION(vmstate_cap_ibs),
    VMS_SUBSECTION(vmstate_cap_hpt_maxpagesize),
    VMS_SUBSECTION(vmstate_cap_nested_kvm_hv),
    VMS_SUBSECTION(vmstate_irq_map),
    VMS_SUBSECTION(vmstate_dtb),
    VMS_SUBSECTION(vmstate_cap_large_decr),
    VMS_SUBSECTION(vmstate_cap_ccf_assist),
    VMS_SUBSECTION(vmstate_cap_fwnmi),
    VMS_SUBSECTION(vmstate_fwnmi),
    VMS_SUBSECTION(vmstate_cap_rpt_invalidate),
    VMS_SUBSECTION(vmstate_cap_ail_mode_3),
    VMS_SKIP(SpaprMachine, next_event, "numbers logs; nobody compares them"),
    VMS_SKIP(SpaprMachine, connectors, "each has a section of its own"),
    VMS_SKIP(SpaprMachine, numa, "configuration"),
    VMS_PRE_SAVE(pre_save),
    VMS_PRE_LOAD(pre_load),
    VMS_POST_LOAD(post_load));

void spapr_register_state(SpaprMachine *s)
{
    vmstate_register(NULL, 0, 0, &vmstate_spapr, s);
}
