/*
 * The machine versions as data: which properties a pseries machine has, and what each version froze when the
 * next one changed it. No device asks for a version; it asks for a property.
 *
 * A row of `pins` holds for its version and all older ones, until an older version's row says otherwise: the
 * table is applied from the newest row down to the version that was asked for.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
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
static const VersionPin pins[] = {
    { "11.1", MACHINE, "default-cpu", "power10_v2.0" },
    { "8.2", MACHINE, "default-cpu", "power9_v2.0" },
    { "6.1", MACHINE, "smp-prefer-sockets", "on" },
    { "5.0", MACHINE, "pre-5.1-assoc-refpoints", "on" },
    { "4.2", MACHINE, "cap-ccf-assist", "off" },
    { "4.2", MACHINE, "cap-fwnmi", "off" },
    { "4.2", MACHINE, "nvdimm-supported", "off" },
    { "4.2", MACHINE, "rma-limit", "17179869184" },
    { "4.1", MACHINE, "linux-pci-probe", "off" },
    { "4.1", MACHINE, "vsmt", "8" },
    { "4.0", MACHINE, "ic-mode", "xics" },
    { "3.1", MACHINE, "default-cpu", "power8_v2.0" },
    { "3.1", MACHINE, "update-dt-enabled", "off" },
    { "3.1", MACHINE, "dr-phb-enabled", "off" },
    { "3.1", MACHINE, "cap-cfpc", "broken" },
    { "3.1", MACHINE, "cap-sbbc", "broken" },
    { "3.1", MACHINE, "cap-ibs", "broken" },
    { "3.1", MACHINE, "cap-large-decr", "off" },
    { "3.0", MACHINE, "legacy-irq-allocation", "on" },
    { "3.0", MACHINE, "nr-xirqs", "1024" },
    { "2.12-sxxm", MACHINE, "cap-hpt-max-page-size", "17179869184" },
    { "2.12-sxxm", MACHINE, "cap-cfpc", "workaround" },
    { "2.12-sxxm", MACHINE, "cap-sbbc", "workaround" },
    { "2.12-sxxm", MACHINE, "cap-ibs", "fixed-ccd" },
    { "2.12", MACHINE, "cap-cfpc", "broken" },
    { "2.12", MACHINE, "cap-sbbc", "broken" },
    { "2.12", MACHINE, "cap-ibs", "broken" },
    { "2.11", MACHINE, "cap-htm", "on" },
    { "2.9", MACHINE, "resize-hpt", "disabled" },
    { "2.7", MACHINE, "default-cpu", "power7_v2.3" },
    { "2.7", MACHINE, "modern-hotplug-events", "off" },
    { "2.7", MACHINE, "legacy-phb-placement", "on" },
    { "2.7", PHB, "mem_win_size", "0xf80000000" },
    { "2.7", PHB, "mem64_win_size", "0" },
    { "2.6", MACHINE, "has-hotpluggable-cpus", "off" },
    { "2.6", PHB, "ddw", "off" },
    { "2.4", MACHINE, "dr-lmb-enabled", "off" },
    { "2.3", PHB, "dynamic-reconfiguration", "off" },
    { "2.2", PHB, "mem_win_size", "0x20000000" },
};

/* ---- the machine's properties ---- */

typedef enum { P_BOOL, P_STRING, P_INT, P_SIZE, P_CHOICE } PropKind;
typedef struct MachineProp {
    const char *name;
    PropKind kind;
    size_t offset;              /* in SpaprConfig */
    const char *value;          /* of the newest version */
    const char *choices;        /* of P_CHOICE: "|a|b|" */
    const char *help;           /* NULL: not in `-M x,help` */
    bool internal;              /* set by versions only */
} MachineProp;

#define AT(field) offsetof(SpaprConfig, field)
static const MachineProp props[] = {
    { "append", P_STRING, AT(generic), NULL, NULL, "<string>        - Linux kernel command line" },
    { "boot", P_STRING, AT(generic), NULL, NULL, "<BootConfiguration> - Boot configuration" },
    { "cap-ccf-assist", P_BOOL, AT(cap_ccf_assist), "on", NULL, "<bool>  - Count Cache Flush Assist via HW Instruction" },
    { "cap-cfpc", P_CHOICE, AT(cap_cfpc), "workaround", "|broken|workaround|fixed|",
      "<string>      - Cache Flush on Privilege Change (broken, workaround, fixed)" },
    { "cap-dfp", P_BOOL, AT(cap_dfp), "on", NULL, "<bool>         - Allow Decimal Floating Point (DFP)" },
    { "cap-fwnmi", P_BOOL, AT(cap_fwnmi), "on", NULL, "<bool>       - Implements PAPR FWNMI option" },
    { "cap-hpt-max-page-size", P_SIZE, AT(cap_hpt_max_page_size), "65536", NULL,
      "<int> - Maximum page size for Hash Page Table guests" },
    { "cap-htm", P_BOOL, AT(cap_htm), "off", NULL, "<bool>         - Allow Hardware Transactional Memory (HTM)" },
    { "cap-ibs", P_CHOICE, AT(cap_ibs), "workaround", "|broken|workaround|fixed|fixed-ibs|fixed-ccd|fixed-na|",
      "<string>       - Indirect Branch Speculation (broken, workaround, fixed-ibs,fixed-ccd, fixed-na)" },
    { "cap-large-decr", P_BOOL, AT(cap_large_decr), "on", NULL, "<bool>  - Allow Large Decrementer" },
    { "cap-nested-hv", P_BOOL, AT(cap_nested_hv), "off", NULL, "<bool>   - Allow Nested KVM-HV" },
    { "cap-rpt-invalidate", P_BOOL, AT(cap_rpt_invalidate), "off", NULL, "<bool> - Allow H_RPT_INVALIDATE" },
    { "cap-sbbc", P_CHOICE, AT(cap_sbbc), "workaround", "|broken|workaround|fixed|",
      "<string>      - Speculation Barrier Bounds Checking (broken, workaround, fixed)" },
    { "cap-vsx", P_BOOL, AT(cap_vsx), "on", NULL, "<bool>         - Allow Vector Scalar Extensions (VSX)" },
    { "dump-guest-core", P_BOOL, AT(ignored), "on", NULL, "<bool>  - Include guest memory in a core dump" },
    { "graphics", P_BOOL, AT(graphics), "on", NULL, "<bool>         - Set on/off to enable/disable graphics emulation" },
    { "mem-merge", P_BOOL, AT(ignored), "on", NULL, "<bool>        - Enable/disable memory merge support" },
    { "suppress-vmdesc", P_BOOL, AT(ignored), "off", NULL, "<bool>  - Set on to disable self-describing migration" },
    { "usb", P_BOOL, AT(ignored), "off", NULL, "<bool>              - Set on/off to enable/disable usb" },
    { "cap-ail-mode-3", P_BOOL, AT(cap_ail_mode_3), "on" },
    { "host-model", P_STRING, AT(host_model) },
    { "host-serial", P_STRING, AT(host_serial) },
    { "ic-mode", P_CHOICE, AT(ic_mode), "dual", "|xics|xive|dual|" },
    { "kernel-irqchip", P_CHOICE, AT(generic), NULL, "|on|off|split|" },
    { "kvm-type", P_CHOICE, AT(generic), NULL, "|auto|HV|PR|hv|pr|" },
    { "max-cpu-compat", P_CHOICE, AT(max_cpu_compat), NULL,
      "||power6|power7|power7+|power8|power9|power10|power11|" },
    { "modern-hotplug-events", P_BOOL, AT(modern_hotplug_events), "on" },
    { "resize-hpt", P_CHOICE, AT(resize_hpt), "enabled", "|default|enabled|disabled|required|" },
    { "vfio-no-msix-emulation", P_BOOL, AT(ignored), "on" },
    { "vsmt", P_INT, AT(vsmt), "0" },
    { "x-vof", P_CHOICE, AT(x_vof), NULL, "|on|off|" },
    { "kernel-addr", P_SIZE, AT(kernel_addr), "0x400000" },
    { "default-cpu", P_STRING, AT(default_cpu), NULL, NULL, NULL, true },
    { "dr-lmb-enabled", P_BOOL, AT(dr_lmb), "on", NULL, NULL, true },
    { "dr-phb-enabled", P_BOOL, AT(dr_phb), "on", NULL, NULL, true },
    { "has-hotpluggable-cpus", P_BOOL, AT(hotpluggable_cpus), "on", NULL, NULL, true },
    { "legacy-irq-allocation", P_BOOL, AT(legacy_irqs), "off", NULL, NULL, true },
    { "legacy-phb-placement", P_BOOL, AT(legacy_phb_placement), "off", NULL, NULL, true },
    { "linux-pci-probe", P_BOOL, AT(linux_pci_probe), "on", NULL, NULL, true },
    { "nr-xirqs", P_INT, AT(nr_xirqs), "4096", NULL, NULL, true },
    { "nvdimm-supported", P_BOOL, AT(nvdimm), "on", NULL, NULL, true },
    { "pre-5.1-assoc-refpoints", P_BOOL, AT(pre_5_1_refpoints), "off", NULL, NULL, true },
    { "rma-limit", P_INT, AT(rma_limit), "0", NULL, NULL, true },
    { "smp-prefer-sockets", P_BOOL, AT(smp_prefer_sockets), "off", NULL, NULL, true },
    { "update-dt-enabled", P_BOOL, AT(update_dt), "on", NULL, NULL, true },
};

static const MachineProp *find_prop(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(props); i++) {
        if (!strcmp(props[i].name, name)) {
            return &props[i];
        }
    }
    return NULL;
}

static bool set(SpaprConfig *c, const MachineProp *p, const char *value, GError **err)
{
    void *at = (char *)c + p->offset;
    char *end;

    switch (p->kind) {
    case P_BOOL:
        if (!value || !strcmp(value, "on") || !strcmp(value, "yes") || !strcmp(value, "true")) {
            *(bool *)at = true;
        } else if (!strcmp(value, "off") || !strcmp(value, "no") || !strcmp(value, "false")) {
            *(bool *)at = false;
        } else {
            g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "Parameter '%s' expects 'on' or 'off'", p->name);
            return false;
        }
        return true;
    case P_INT:
    case P_SIZE: {
        uint64_t n = value && g_ascii_isdigit(*value) ? g_ascii_strtoull(value, &end, 0) : 0;
        if (!value || !g_ascii_isdigit(*value)) {
            end = "?";
        } else if (p->kind == P_SIZE && *end && strchr("kKmMgG", *end)) {
            n <<= *end == 'k' || *end == 'K' ? 10 : *end == 'm' || *end == 'M' ? 20 : 30;
            end++;
        }
        if (*end) {
            g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "Parameter '%s' expects a number", p->name);
            return false;
        }
        *(uint64_t *)at = n;
        return true;
    }
    case P_CHOICE: {
        g_autofree char *word = g_strdup_printf("|%s|", value ? value : "");
        if (value && (strchr(value, '|') || !strstr(p->choices, word))) {
            g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "Invalid %s mode \"%s\"", p->name, value);
            return false;
        }
        *(const char **)at = value ? g_intern_string(value) : NULL;
        return true;
    }
    default:
        *(const char **)at = value ? g_intern_string(value) : NULL;
        return true;
    }
}

/* Index of a version in `versions`, or -1. */
static int version_index(const char *machine)
{
    if (!strcmp(machine, "pseries")) {
        return 0;
    }
    for (int i = 0; g_str_has_prefix(machine, "pseries-") && versions[i]; i++) {
        if (!strcmp(versions[i], machine + 8)) {
            return i;
        }
    }
    return -1;
}

bool spapr_version_exists(const char *machine)
{
    return version_index(machine) >= 0;
}

const char *spapr_version_pin(const char *machine, const char *type, const char *property)
{
    int wanted = version_index(machine);
    const char *value = NULL;

    for (unsigned i = 0; i < G_N_ELEMENTS(pins); i++) {
        g_autofree char *name = g_strconcat("pseries-", pins[i].version, NULL);
        if (version_index(name) <= wanted && !strcmp(pins[i].type, type) && !strcmp(pins[i].property, property)) {
            value = pins[i].value;
        }
    }
    return value;
}

void spapr_config_init(SpaprConfig *c, const char *machine)
{
    *c = (SpaprConfig){ .version = versions[version_index(machine)] };
    for (unsigned i = 0; i < G_N_ELEMENTS(props); i++) {
        const char *pin = spapr_version_pin(machine, MACHINE, props[i].name);
        if (pin || props[i].value) {
            bool ok = set(c, &props[i], pin ? pin : props[i].value, NULL);
            g_assert(ok);       /* the tables above agree with each other */
        }
    }
}

bool spapr_property_known(const char *name)
{
    const MachineProp *p = find_prop(name);

    return p && !p->internal;
}

bool spapr_config_set(SpaprConfig *c, const char *name, const char *value, GError **err)
{
    const MachineProp *p = find_prop(name);

    if (!p || p->internal) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "Property 'pseries-%s-machine.%s' not found", c->version, name);
        return false;
    }
    if (p->kind == P_CHOICE && !strcmp(name, "ic-mode") && value && !strcmp(value, "xive")) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "ic-mode=xive: this build has the XICS interrupt controller only; use ic-mode=xics or dual");
        return false;
    }
    return set(c, p, value, err);
}

void spapr_property_help(const char *machine, GString *out)
{
    int i = version_index(machine);

    g_string_append_printf(out, "pseries-%s-machine options:\n", versions[MAX(i, 0)]);
    for (unsigned k = 0; k < G_N_ELEMENTS(props); k++) {
        if (props[k].help) {
            g_string_append_printf(out, "  %s=%s\n", props[k].name, props[k].help);
        }
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void spapr_version_list(GString *out)
{
    const char *sorted[G_N_ELEMENTS(versions) - 1];

    memcpy(sorted, versions, sizeof(sorted));
    qsort(sorted, G_N_ELEMENTS(sorted), sizeof(sorted[0]), by_name);
    g_string_append(out, "Supported machines are:\n");
    for (unsigned i = 0; i < G_N_ELEMENTS(sorted); i++) {
        g_autofree char *name = g_strdup_printf("pseries-%s", sorted[i]);
        bool newest = sorted[i] == versions[0];
        if (newest) {
            g_string_append_printf(out, "%-20s pSeries Logical Partition (PAPR compliant) (alias of %s)\n", "pseries", name);
        }
        g_string_append_printf(out, "%-20s pSeries Logical Partition (PAPR compliant)%s\n", name, newest ? " (default)" : "");
    }
}
