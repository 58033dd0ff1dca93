/*
 * The machine versions as data: which properties a pseries machine has, and what each version froze when the
 * next one changed it. No device asks for a version; it asks for a property.
 *
 * A row of `pins` holds for its version and all older ones, until an older version's row says otherwise: the
 * table is applied from the newest row down to the version that was asked for. What other programs than a version's own send for it is
 * the table of spapr-dialects.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/device.h"
#include "hw/ppc/spapr.h"
#include <gio/gio.h>
#include <inttypes.h>
#include <string.h>

static const char *const versions[] = {
    "11.1", "11.0", "10.2", "10.1", "10.0", "9.2", "9.1", "9.0", "8.2", "8.1", "8.0", "7.2", "7.1", "7.0", "6.2", "6.1",
    "6.0", "5.2", "5.1", "5.0", "4.2", "4.1", "4.0", "3.1", "3.0", "2.12-sxxm", "2.12", "2.11", "2.10", "2.9", "2.8", "2.7",
    "2.6", "2.5", "2.4", "2.3", "2.2", "2.1", NULL
};

typedef struct VersionPin { const char *version, *type, *property, *value; } VersionPin;

#define MACHINE "spapr-machine"
#define PHB "spapr-pci-host-bridge"
#define CPU "powerpc64-cpu"
#define POWER7 "POWER7-family-powerpc64-cpu"
#define POWER10_V2 "power10_v2.0-powerpc64-cpu"
#define CORE "spapr-cpu-core"
#define MIGRATION "migration"
#define MEMORY_FILE "memory-backend-file"
#define MEMORY_MEMFD "memory-backend-memfd"
static const VersionPin pins[] = {
    { "11.0", MACHINE, "default-cpu", "power10" },
    { "9.1", MACHINE, "pre-9.2-barriers", "on" },       /* measured of 8.2 and 9.2; 9.0 and 9.1 count as 8.2 */
    { "8.2", MACHINE, "default-cpu", "power9" },
    { "8.0", MIGRATION, "multifd-flush-after-each-section", "on" },
    { "7.2", MACHINE, "alias-power9", "power9_v2.0" },
    { "7.2", POWER10_V2, "pvr", "0x00800200" },
    { "7.2", MACHINE, "pi-features", "off" },
    { "6.1", MACHINE, "smp-prefer-sockets", "on" },
    { "6.1", MACHINE, "pre-6.2-numa-affinity", "on" },
    { "5.2", MACHINE, "cpu-compat-property", "on" },
    { "5.1", MACHINE, "pre-5.2-numa-associativity", "on" },
    { "5.0", MACHINE, "pre-5.1-assoc-refpoints", "on" },
    { "5.0", PHB, "pre-5.1-associativity", "on" },
    { "5.0", PHB, "x-config-reg-migration-enabled", "off" },
    { "5.0", MACHINE, "numa-mem-supported", "on" },
    { "4.2", MACHINE, "cap-ccf-assist", "off" },
    { "4.2", MACHINE, "cap-fwnmi", "off" },
    { "4.2", MACHINE, "nvdimm-supported", "off" },
    { "4.2", MACHINE, "rma-limit", "17179869184" },
    { "4.1", MACHINE, "linux-pci-probe", "off" },
    { "4.1", MACHINE, "vsmt", "8" },
    { "4.1", PHB, "pgsz", "0x11000" },
    { "4.0", MACHINE, "ic-mode", "xics" },
    { "4.0", PHB, "link-windows", "off" },
    { "3.1", MACHINE, "default-cpu", "power8" },
    { "3.1", MACHINE, "update-dt-enabled", "off" },
    { "3.1", MACHINE, "dr-phb-enabled", "off" },
    { "3.1", MACHINE, "cap-cfpc", "broken" },
    { "3.1", MACHINE, "cap-sbbc", "broken" },
    { "3.1", MACHINE, "cap-ibs", "broken" },
    { "3.1", MACHINE, "cap-large-decr", "off" },
    { "3.1", MEMORY_FILE, "x-use-canonical-path-for-ramblock-id", "on" },
    { "3.1", MEMORY_MEMFD, "x-use-canonical-path-for-ramblock-id", "on" },
    { "3.0", MACHINE, "legacy-irq-allocation", "on" },
    { "3.0", MACHINE, "nr-xirqs", "1024" },
    { "2.12-sxxm", MACHINE, "cap-hpt-max-page-size", "17179869184" },
    { "2.12-sxxm", CPU, "pre-3.0-migration", "on" },
    { "2.12-sxxm", CORE, "pre-3.0-migration", "on" },
    { "2.12-sxxm", MACHINE, "cap-cfpc", "workaround" },
    { "2.12-sxxm", MACHINE, "cap-sbbc", "workaround" },
    { "2.12-sxxm", MACHINE, "cap-ibs", "fixed-ccd" },
    { "2.12", MACHINE, "cap-cfpc", "broken" },
    { "2.12", MACHINE, "cap-sbbc", "broken" },
    { "2.12", MACHINE, "cap-ibs", "broken" },
    { "2.11", MACHINE, "cap-htm", "on" },
    { "2.9", CPU, "pre-2.10-migration", "on" },
    { "2.9", MACHINE, "pre-2.10-presenters", "on" },
    { "2.9", MACHINE, "resize-hpt", "disabled" },
    { "2.8", PHB, "pcie-extended-configuration-space", "off" },
    { "2.7", MACHINE, "default-cpu", "power7" },
    { "2.7", MACHINE, "modern-hotplug-events", "off" },
    { "2.7", MACHINE, "legacy-phb-placement", "on" },
    { "2.7", CPU, "pre-2.8-migration", "on" },
    { "2.7", PHB, "pre-2.8-migration", "on" },
    { "2.7", PHB, "mem_win_size", "0xf80000000" },
    { "2.7", PHB, "mem64_win_size", "0" },
    { "2.6", MACHINE, "has-hotpluggable-cpus", "off" },
    { "2.6", PHB, "ddw", "off" },
    { "2.6", CPU, "isa-64h", "off" },           /* measured in streams of 2.6: 2.7 gave its processors these */
    { "2.6", CPU, "isa-cildst", "off" },
    { "2.6", CPU, "isa-pm206", "off" },
    { "2.6", POWER7, "isa-64bx", "off" },
    { "2.4", MACHINE, "dr-lmb-enabled", "off" },
    { "2.3", PHB, "dynamic-reconfiguration", "off" },
    { "2.3", MIGRATION, "send-configuration", "off" },
    { "2.3", MIGRATION, "send-section-footer", "off" },
    { "2.3", MIGRATION, "store-global-state", "off" },
    { "2.2", PHB, "mem_win_size", "0x20000000" },
    { "2.2", MACHINE, "suppress-vmdesc", "on" },
};

/* ---- the machine's properties ---- */

static bool check_page_size(const Property *p, const void *object, GError **err)
{
    uint64_t v = ((const SpaprConfig *)object)->cap_hpt_max_page_size;

    if (!v || v & (v - 1)) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "cap-hpt-max-page-size must be a power of 2");
        return false;
    }
    return true;
}

static bool check_ic_mode(const Property *p, const void *object, GError **err)
{
    const char *v = ((const SpaprConfig *)object)->ic_mode;

    if (v && ((const SpaprConfig *)object)->legacy_irqs) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "This machine only uses the legacy XICS backend, don't pass ic-mode");
        return false;
    }
    return true;
}

/* Rows with a help text are the type's own; the others appear on the machine that is made. */
#define C SpaprConfig
#define MADE_WITH .fixed = MACHINE_MADE_WITH
#define OWN(name, f, value, help_, ...) PROP(C, name, f, value, MADE_WITH, .help = help_, __VA_ARGS__)
#define OF_MACHINE(name, f, value, ...) PROP(C, name, f, value, MADE_WITH, .of_instance = true, __VA_ARGS__)
#define PINNED(name, f, value) PROP(C, name, f, value, .internal = true)
#define TEXT .type_name = "string"
#define CAPABILITY(name, choices_) TEXT, .choices = choices_, .complaint = "Invalid capability mode \"%s\" for " name
#define ONE_OF(name, choices_) TEXT, .choices = choices_, .complaint = "Bad value for \"" name "\" property"

static const Property props[] = {
    OWN("cap-ccf-assist", cap_ccf_assist, "on", "Count Cache Flush Assist via HW Instruction"),
    OWN("cap-cfpc", cap_cfpc, "workaround", "Cache Flush on Privilege Change (broken, workaround, fixed)",
        CAPABILITY("cap-cfpc", "|broken|workaround|fixed|")),
    OWN("cap-dfp", cap_dfp, "on", "Allow Decimal Floating Point (DFP)"),
    OWN("cap-fwnmi", cap_fwnmi, "on", "Implements PAPR FWNMI option"),
    OWN("cap-hpt-max-page-size", cap_hpt_max_page_size, "65536", "Maximum page size for Hash Page Table guests",
        .kind = PROP_SIZE, .type_name = "int", .check = check_page_size),
    OWN("cap-htm", cap_htm, "off", "Allow Hardware Transactional Memory (HTM)"),
    OWN("cap-ibs", cap_ibs, "workaround", "Indirect Branch Speculation (broken, workaround, fixed-ibs,fixed-ccd, fixed-na)",
        CAPABILITY("cap-ibs", "|broken|workaround|fixed-ibs|fixed-ccd|fixed-na|")),
    OWN("cap-large-decr", cap_large_decr, "on", "Allow Large Decrementer"),
    OWN("cap-nested-hv", cap_nested_hv, "off", "Allow Nested KVM-HV"),
    OWN("cap-rpt-invalidate", cap_rpt_invalidate, "off", "Allow H_RPT_INVALIDATE"),
    OWN("cap-sbbc", cap_sbbc, "workaround", "Speculation Barrier Bounds Checking (broken, workaround, fixed)",
        CAPABILITY("cap-sbbc", "|broken|workaround|fixed|")),
    OWN("cap-vsx", cap_vsx, "on", "Allow Vector Scalar Extensions (VSX)"),
    OF_MACHINE("cap-ail-mode-3", cap_ail_mode_3, "on"),
    OF_MACHINE("host-model", host_model, NULL, TEXT),
    OF_MACHINE("host-serial", host_serial, NULL, TEXT),
    OF_MACHINE("ic-mode", ic_mode, "dual", ONE_OF("ic-mode", "|xics|xive|dual|"), .check = check_ic_mode),
    OF_MACHINE("kernel-addr", kernel_addr, "0x400000"),
    OF_MACHINE("kernel-irqchip", kernel_irqchip, NULL, ONE_OF("kernel-irqchip", "|on|off|split|")),
    OF_MACHINE("kvm-type", kvm_type, "auto", TEXT),
    OF_MACHINE("max-cpu-compat", max_cpu_compat, NULL, TEXT, .choices = "||power6|power7|power7+|power8|power9|power10|power11|",
               .complaint = "Invalid compatibility mode \"%s\""),
    OF_MACHINE("modern-hotplug-events", modern_hotplug_events, "on"),
    OF_MACHINE("resize-hpt", resize_hpt, "enabled", ONE_OF("resize-hpt", "|default|enabled|disabled|required|")),
    OF_MACHINE("vfio-no-msix-emulation", vfio_no_msix, "on"),
    OF_MACHINE("vsmt", vsmt, "0"),
    OF_MACHINE("x-destination-dialect", x_destination_dialect, NULL, TEXT),
    OF_MACHINE("x-vof", x_vof, NULL, ONE_OF("x-vof", "|on|off|")),
    PINNED("alias-power9", alias_power9, "power9_v2.2"),
    PINNED("cpu-compat-property", cpu_compat_property, "off"),
    PINNED("default-cpu", default_cpu, "power11"),
    PINNED("dr-lmb-enabled", dr_lmb, "on"),
    PINNED("dr-phb-enabled", dr_phb, "on"),
    PINNED("has-hotpluggable-cpus", hotpluggable_cpus, "on"),
    PINNED("legacy-irq-allocation", legacy_irqs, "off"),
    PINNED("legacy-phb-placement", legacy_phb_placement, "off"),
    PINNED("linux-pci-probe", linux_pci_probe, "on"),
    PINNED("nr-xirqs", nr_xirqs, "4096"),
    PINNED("nvdimm-supported", nvdimm, "on"),
    PINNED("numa-mem-supported", numa_mem, "off"),
    PINNED("pre-2.10-presenters", pre_2_10_presenters, "off"),
    PINNED("pre-5.1-assoc-refpoints", pre_5_1_refpoints, "off"),
    PINNED("pre-5.2-numa-associativity", pre_5_2_numa, "off"),
    PINNED("pre-6.2-numa-affinity", pre_6_2_numa, "off"),
    PINNED("pre-9.2-barriers", pre_9_2_barriers, "off"),
    PINNED("pi-features", pi_features, "on"),
    PINNED("rma-limit", rma_limit, "0"),
    PINNED("smp-prefer-sockets", smp_prefer_sockets, "off"),
    PINNED("update-dt-enabled", update_dt, "on"),
    { NULL }
};
#undef C

OBJECT_TYPE(spapr_machine_type, .name = MACHINE, .parent = "machine", .size = sizeof(SpaprConfig), .props = props, .abstract = true);

/* A type for each version: "pseries-7.2-machine". */
static void register_versions(void)
{
    for (unsigned i = 0; versions[i]; i++) {
        ObjectType *t = g_new0(ObjectType, 1);
        *t = (ObjectType){ .name = g_strdup_printf("pseries-%s-machine", versions[i]), .parent = MACHINE, .size = sizeof(SpaprConfig) };
        object_type_register(t);
    }
}
OBJECT_FAMILY(register_versions);

/* Index of a version in `versions`, or -1. */
static int index_of(const char *version)
{
    for (int i = 0; versions[i]; i++) {
        if (!strcmp(versions[i], version)) {
            return i;
        }
    }
    return -1;
}

static int version_index(const char *machine)
{
    return !strcmp(machine, "pseries") ? 0 : g_str_has_prefix(machine, "pseries-") ? index_of(machine + 8) : -1;
}

const char *spapr_version_pin(const char *machine, const char *type, const char *property)
{
    /* Without a version (machine none) as in the release that query-version tells of: who asks there wants to know what a name will mean. */
    int wanted = version_index(machine) < 0 ? index_of("7.2") : version_index(machine);
    const char *value = NULL;

    for (unsigned i = 0; i < G_N_ELEMENTS(pins); i++) {
        if (index_of(pins[i].version) <= wanted && !strcmp(pins[i].type, type) && !strcmp(pins[i].property, property)) {
            value = pins[i].value;
        }
    }
    return value;
}

void spapr_config_defaults(SpaprConfig *c, const char *machine)
{
    *c = (SpaprConfig){ .version = versions[version_index(machine)] };
    object_init(&c->machine.object, machine_type(machine));
    for (unsigned i = 0; i < G_N_ELEMENTS(pins); i++) {
        if (index_of(pins[i].version) <= version_index(machine) && !strcmp(pins[i].type, MACHINE)) {
            bool ok = object_set(&c->machine.object, pins[i].property, pins[i].value, PROP_FROM_PIN, NULL);
            g_assert(ok);       /* the tables above agree with each other */
        }
    }
}

void spapr_version_pin_all(const char *machine)
{
    globals_clear_pins();
    for (unsigned i = 0; i < G_N_ELEMENTS(pins); i++) {
        if (index_of(pins[i].version) <= version_index(machine) && strcmp(pins[i].type, MACHINE)) {
            globals_add(pins[i].type, pins[i].property, pins[i].value, true);
        }
    }
}

void spapr_config_init(SpaprConfig *c, const char *machine)
{
    spapr_config_defaults(c, machine);
    spapr_version_pin_all(machine);
}

static const char *real_name(const char *name)
{
    static char *names[G_N_ELEMENTS(versions) - 1];
    int i = version_index(name);

    if (i >= 0 && !names[i]) {
        names[i] = g_strconcat("pseries-", versions[i], NULL);
    }
    return i < 0 ? NULL : names[i];
}

static void info(const char *name, MachineInfo *out)
{
    bool newest = version_index(name) == 0;
    SpaprConfig c;

    spapr_config_defaults(&c, name);
    *out = (MachineInfo){ .desc = "pSeries Logical Partition (PAPR compliant)", .alias = newest ? "pseries" : NULL, .default_cpu = c.default_cpu,
                          .default_ram = MEMORY_RAM_NAME, .max_cpus = SPAPR_MAX_CPUS, .is_default = newest, .hotpluggable_cpus = c.hotpluggable_cpus,
                          .numa_mem = c.numa_mem };
}

MACHINE_KIND(spapr_kind, .type = MACHINE, .real_name = real_name, .info = info, .pin_all = spapr_version_pin_all, .init = spapr_init, .dump_dtb = spapr_dump_dtb);
