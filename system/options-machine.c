/*
 * What the machine is: its version, processors, memory, devices and what it boots.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/device.h"
#include "hw/core/loader.h"
#include "hw/core/user-objects.h"
#include "monitor/qmp.h"
#include "system/options-int.h"
#include "system/smp.h"
#include <inttypes.h>
#include <string.h>

/* ---- machine and processor ---- */

static void add_machine_property(Options *o, char *pair)
{
    if (!o->machine.props) {
        o->machine.props = g_ptr_array_new();
    }
    g_ptr_array_add(o->machine.props, pair);
}

static bool machine_pair(Options *o, const char *k, const char *v, GError **err)
{
    if (!strcmp(k, "type")) {
        if (v && (!strcmp(v, "help") || !strcmp(v, "?"))) {
            GString *s = g_string_new(NULL);
            machine_list(s);
            return options_print_and_stop(s);
        }
        if (!v || !machine_kind(v)) {
            return report_fail(err, "unsupported machine type\nUse -machine help to list supported machines");
        }
        o->machine.machine = v;
    } else if (!strcmp(k, "dumpdtb")) {
        o->machine.dumpdtb = v;
    } else if (!strcmp(k, "help")) {
        GString *s = g_string_new(NULL);
        object_type_help(machine_type(o->machine.machine), s);
        return options_print_and_stop(s);
    } else if (!strcmp(k, "append")) {
        o->machine.append = v;
    } else if (!strcmp(k, "kernel")) {
        o->machine.kernel = v;
    } else if (!strcmp(k, "initrd")) {
        o->machine.initrd = v;
    } else if (!strcmp(k, "dtb")) {
        o->machine.dtb = v;
    } else if (!strcmp(k, "firmware")) {
        o->machine.bios = v;
    } else if (!strcmp(k, "accel")) {
        o->machine_accel = v ? v : "";
    } else if (!machine_property_known(o->machine.machine, k, err)) {
        return false;
    } else {
        add_machine_property(o, g_strdup_printf("%s=%s", k, v ? v : "on"));
    }
    return true;
}

OPT_GROUP(machine_group, .name = "machine", .params = OPT_PARAMS(
    { "type", OPT_STRING, "emulated machine" }, { "accel", OPT_STRING, "accelerator list" }, { "kernel", OPT_STRING, "Linux kernel image file" },
    { "initrd", OPT_STRING, "Linux initial ramdisk file" }, { "append", OPT_STRING, "Linux kernel command line" },
    { "dtb", OPT_STRING, "Linux kernel device tree file" }, { "dumpdtb", OPT_STRING, "Dump current dtb to a file and quit" },
    { "dump-guest-core", OPT_BOOL, "Include guest memory in  a core dump" }, { "mem-merge", OPT_BOOL, "enable/disable memory merge support" },
    { "usb", OPT_BOOL, "Set on/off to enable/disable usb" }, { "firmware", OPT_STRING, "firmware image" },
    { "suppress-vmdesc", OPT_BOOL, "Set on to disable self-describing migration" }));

bool opt_machine(Options *o, const char *arg, GError **err)
{
    return option_pairs(arg, "type", o, machine_pair, err);
}

bool opt_cpu(Options *o, const char *arg, GError **err)
{
    if (!strcmp(arg, "help") || !strcmp(arg, "?")) {
        GString *s = g_string_new(NULL);
        spapr_model_list(o->machine.machine, s);
        return options_print_and_stop(s);
    }
    if (!*arg || *arg == ',') {
        return report_fail(err, "-cpu option cannot be empty");
    }
    o->cpu_words = g_strsplit(arg, ",", -1);
    o->machine.cpu = o->cpu_words[0];
    const PpcModel *model = spapr_model_find(o->machine.machine, o->machine.cpu, err);
    if (!model) {
        return false;
    }
    for (char **w = o->cpu_words + 1; *w; w++) {
        if (!strcmp(*w, "help") || !strcmp(*w, "?")) {
            GString *s = g_string_new(NULL);
            g_autofree char *type = ppc_model_type_name(model);
            object_type_help(object_type_find(type), s);
            return options_print_and_stop(s);
        }
        if (**w && !strchr(*w, '=')) {
            return report_fail(err, "Expected key=value format, found %s.", *w);
        }
    }
    return true;
}

/*
 * -cpu MODEL,PROP=VALUE is -global of the model's type, which is known once the machine version is. `compat` was a property up to 5.2; from 2.10 on
 * it only stood for the machine's.
 */
static bool finish_cpu(Options *o, GError **err)
{
    bool has_compat = spapr_version_pin(o->machine.machine, "spapr-machine", "cpu-compat-property");
    const PpcModel *model = o->machine.cpu ? spapr_model_find(o->machine.machine, o->machine.cpu, err) : NULL;

    if (!model) {
        return !o->machine.cpu;
    }
    g_autofree char *type = ppc_model_type_name(model);
    for (char **w = o->cpu_words + 1; *w; w++) {
        char *eq = strchr(*w, '=');
        g_autofree char *name = eq ? g_strndup(*w, eq - *w) : NULL;
        if (has_compat && !g_strcmp0(name, "compat")) {
            report_warning("CPU 'compat' property is deprecated; use max-cpu-compat machine property instead");
            add_machine_property(o, g_strdup_printf("max-cpu-compat=%s", eq + 1));
        } else if (name) {
            globals_add(type, name, eq + 1, false);
        }
    }
    return true;
}

OPT_GROUP(device_group, .name = "device");

bool opt_device(Options *o, const char *arg, GError **err)
{
    GString *s = g_string_new(NULL);
    g_autoptr(GError) why = NULL;

    if (device_option_help(arg, s, &why)) {
        if (!why) {
            return options_print_and_stop(s);
        }
        g_string_free(s, TRUE);
        return report_fail(err, "-device %s: %s", arg, why->message);
    }
    g_string_free(s, TRUE);
    g_ptr_array_add(o->devices, (char *)arg);
    return true;
}

OPT_GROUP(global_group, .name = "global", .params = OPT_PARAMS({ "driver", OPT_STRING }, { "property", OPT_STRING }, { "value", OPT_STRING }));

bool opt_global(Options *o, const char *arg, GError **err) { return global_option_add(arg, err); }

/* ---- topology ---- */

static bool smp_pair(Options *o, const char *k, const char *v, GError **err)
{
    static const struct { const char *key; size_t off; } keys[] = {
        { "cpus", offsetof(MachineOptions, smp_cpus) }, { "sockets", offsetof(MachineOptions, sockets) },
        { "cores", offsetof(MachineOptions, cores) }, { "threads", offsetof(MachineOptions, threads) },
        { "maxcpus", offsetof(MachineOptions, maxcpus) },
    };
    uint64_t n;

    for (unsigned i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (!strcmp(keys[i].key, k)) {
            if (!option_uint(k, v, UINT32_MAX, &n, NULL)) {
                return report_fail(err, "Parameter 'smp.%s' expects integer", k);
            }
            if (!n) {
                return report_fail(err, "Invalid CPU topology: CPU topology parameters must be greater than zero");
            }
            *(unsigned *)((char *)&o->machine + keys[i].off) = n;
            return true;
        }
    }
    /* levels of other machines' topologies: there is one of each */
    if (!strcmp(k, "dies") || !strcmp(k, "clusters")) {
        if (!option_uint(k, v, UINT32_MAX, &n, NULL)) {
            return report_fail(err, "Parameter 'smp.%s' expects integer", k);
        }
        return n == 1 || report_fail(err, "%s not supported by this machine's CPU topology", k);
    }
    return report_fail(err, "Parameter 'smp.%s' is unexpected", k);
}

OPT_GROUP(smp_group, .name = "smp-opts", .option = "smp", .implied = "cpus", .first_may_ask = true, .params = OPT_PARAMS(
    { "cpus", OPT_NUMBER }, { "sockets", OPT_NUMBER }, { "dies", OPT_NUMBER }, { "clusters", OPT_NUMBER }, { "cores", OPT_NUMBER },
    { "threads", OPT_NUMBER }, { "maxcpus", OPT_NUMBER }));

bool opt_smp(Options *o, const char *arg, GError **err)
{
    return option_pairs(arg, "cpus", o, smp_pair, err);
}

static unsigned most_cpus(const MachineOptions *m)
{
    MachineInfo info;

    machine_kind(m->machine)->info(m->machine, &info);
    return info.max_cpus;
}

static bool too_many(const MachineOptions *m, unsigned n, GError **err)
{
    return report_fail(err, "Invalid SMP CPUs %u. The max CPUs supported by machine '%s' is %u", n, m->machine, most_cpus(m));
}

static bool finish_smp(MachineOptions *m, GError **err)
{
    const unsigned said[] = { m->smp_cpus, m->maxcpus, m->sockets, m->cores, m->threads };

    /* far beyond what any machine has, where products of them would overflow */
    for (unsigned i = 0; i < G_N_ELEMENTS(said); i++) {
        if (said[i] > UINT16_MAX) {
            return too_many(m, said[i], err);
        }
    }
    SmpTopology smp = { m->smp_cpus, m->maxcpus, m->sockets, m->cores, m->threads };

    if (!smp_complete(&smp, err)) {
        return false;
    }
    unsigned t = m->threads = smp.threads;
    m->smp_cpus = smp.cpus;
    m->maxcpus = smp.maxcpus;
    /* What was not said stays open: how cores are counted then depends on the machine version. */
    if (m->sockets || m->cores) {
        m->sockets = smp.sockets;
        m->cores = smp.cores;
    }
    if (m->maxcpus > most_cpus(m)) {
        return too_many(m, m->maxcpus, err);
    }
    if (m->smp_cpus % t) {
        return report_fail(err, "smp_cpus (%u) must be multiple of threads (%u)", m->smp_cpus, t);
    }
    if (t > 8 || t & (t - 1)) {
        return report_fail(err, "Invalid number of threads per core: %u (1, 2, 4 or 8)", t);
    }
    return true;
}

/* ---- memory ---- */

/* Megabytes without a suffix; rounded up to 8 KiB, as QEMU does. */
static bool mem_size(const char *k, const char *v, uint64_t *out, GError **err)
{
    if (!opts_parse_size(k, v, 1 << 20, out, err)) {
        return false;
    }
    *out = *out > UINT64_MAX - 8191 ? UINT64_MAX & ~8191ull : (*out + 8191) & ~8191ull;
    return true;
}

static bool mem_pair(Options *o, const char *k, const char *v, GError **err)
{
    if (!strcmp(k, "size") && v) {
        uint64_t size;
        if (!mem_size(k, v, &size, err)) {
            return false;
        }
        o->machine.ram_size = size ? size : SPAPR_DEFAULT_RAM;
        o->machine.ram_size_given = size != 0;
        return true;
    }
    if (!strcmp(k, "maxmem") && v) {
        return mem_size(k, v, &o->machine.maxram_size, err);
    }
    if (!strcmp(k, "slots")) {
        return opts_parse_number(k, v ? v : "", &o->machine.ram_slots, err);
    }
    return report_fail(err, "Invalid parameter '%s'", k);
}

OPT_GROUP(memory_group, .name = "memory", .option = "m", .implied = "size",
          .params = OPT_PARAMS({ "size", OPT_SIZE }, { "slots", OPT_NUMBER }, { "maxmem", OPT_SIZE }));

bool opt_mem(Options *o, const char *arg, GError **err)
{
    return option_pairs(arg, "size", o, mem_pair, err);
}

/* ---- what it boots ---- */

bool opt_kernel(Options *o, const char *arg, GError **err) { o->machine.kernel = arg; return true; }
bool opt_initrd(Options *o, const char *arg, GError **err) { o->machine.initrd = arg; return true; }
bool opt_append(Options *o, const char *arg, GError **err) { o->machine.append = arg; return true; }
bool opt_bios(Options *o, const char *arg, GError **err) { o->machine.bios = arg; return true; }
bool opt_L(Options *o, const char *arg, GError **err) { loader_add_dir(arg); return true; }

static bool boot_drives(const char *v, GError **err)
{
    for (const char *p = v; *p; p++) {
        if (*p < 'a' || *p > 'p') {
            return report_fail(err, "Invalid boot device '%c'", *p);
        }
        if (strchr(p + 1, *p)) {
            return report_fail(err, "Boot device '%c' was given twice", *p);
        }
    }
    return true;
}

static bool boot_pair(Options *o, const char *k, const char *v, GError **err)
{
    bool ignored;
    uint64_t n;

    if (!strcmp(k, "order") && v) {
        o->machine.boot = v;
        return boot_drives(v, err);
    }
    if (!strcmp(k, "once") && v) {
        o->machine.boot_once = v;
        return boot_drives(v, err);
    }
    if (!strcmp(k, "menu")) {
        return option_bool("boot.menu", v, &o->machine.boot_menu, err);
    }
    /* about firmware of other machines: a picture, its time, what to do without a boot device */
    if (!strcmp(k, "strict")) {
        return option_bool("boot.strict", v, &ignored, err);
    }
    if (!strcmp(k, "splash-time") || !strcmp(k, "reboot-timeout")) {
        return option_uint(k, v, INT64_MAX, &n, err);
    }
    return !strcmp(k, "splash") || report_fail(err, "Parameter 'boot.%s' is unexpected", k);
}

OPT_GROUP(boot_group, .name = "boot-opts", .option = "boot", .implied = "order", .first_may_ask = true, .params = OPT_PARAMS(
    { "order", OPT_STRING }, { "once", OPT_STRING }, { "menu", OPT_BOOL }, { "splash", OPT_STRING }, { "splash-time", OPT_NUMBER },
    { "reboot-timeout", OPT_NUMBER }, { "strict", OPT_BOOL }));

bool opt_boot(Options *o, const char *arg, GError **err) { return option_pairs(arg, "order", o, boot_pair, err); }

static bool append(GPtrArray **list, const char *arg)
{
    if (!*list) {
        *list = g_ptr_array_new();
    }
    g_ptr_array_add(*list, (char *)arg);
    return true;
}
bool opt_prom_env(Options *o, const char *arg, GError **err)
{
    return strchr(arg, '=') ? append(&o->machine.prom_env, arg) : report_fail(err, "'%s' is not NAME=VALUE", arg);
}
bool opt_dtb(Options *o, const char *arg, GError **err) { o->machine.dtb = arg; return true; }
OPT_GROUP(numa_group, .name = "numa");
bool opt_numa(Options *o, const char *arg, GError **err) { return append(&o->machine.numa, arg); }

static bool has_id(GPtrArray *objects, const char *id)
{
    for (guint i = 0; i < objects->len; i++) {
        if (!strcmp(qmp_str(g_ptr_array_index(objects, i), "id", NULL), id)) {
            return true;
        }
    }
    return false;
}

OPT_GROUP(object_group, .name = "object");

bool opt_object(Options *o, const char *arg, GError **err)
{
    g_autoptr(GString) help = g_string_new(NULL);

    if (user_object_help(arg, help)) {
        return options_print_and_stop(g_steal_pointer(&help));
    }
    json_object *new = user_object_parse(arg, true, err);
    if (!new) {
        return false;
    }
    if (has_id(o->objects, qmp_str(new, "id", NULL))) {
        report_fail(err, "Duplicate ID '%s' for object", qmp_str(new, "id", NULL));
        json_object_put(new);
        return false;
    }
    g_ptr_array_add(o->objects, new);
    return true;
}

/* ---- what all of the command line says ---- */

static bool finish_memory(const MachineOptions *m, GError **err)
{
    if (m->ram_slots > SPAPR_MAX_SLOTS) {
        return report_fail(err, "Specified number of memory slots %" PRIu64 " exceeds max supported %u", m->ram_slots, SPAPR_MAX_SLOTS);
    }
    if (m->ram_slots && !m->maxram_size) {
        return report_fail(err, "slots specified but no max-size");
    }
    if (m->ram_slots && m->maxram_size == m->ram_size) {
        return report_fail(err, "invalid value of maxmem: memory slots were specified but maximum memory size (0x%" PRIx64
                           ") is equal to the initial memory size (0x%" PRIx64 ")", m->maxram_size, m->ram_size);
    }
    return true;
}

bool options_finish_machine(Options *o, GError **err)
{
    const MachineOptions *m = &o->machine;

    if (m->initrd && !m->kernel) {
        return report_fail(err, "-initrd only allowed with -kernel option");
    }
    if (m->append && !m->kernel) {
        return report_fail(err, "-append only allowed with -kernel option");
    }
    return finish_cpu(o, err) && finish_memory(m, err) && finish_smp(&o->machine, err);
}
