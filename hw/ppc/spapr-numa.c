/*
 * NUMA: which node memory and processors are of, how far nodes are from each other, and the two ways in which the device
 * tree says so (LoPAPR 15, "Resource grouping"): form 1, domains that two resources share or not, from which
 * distances of 10, 20, 40, 80 and 160 follow; and form 2, a table of distances.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/memory-backend.h"
#include "hw/ppc/spapr-dimm.h"
#include "monitor/monitor.h"
#include "system/cpus.h"
#include "system/opts.h"
#include "system/report.h"
#include <inttypes.h>
#include <string.h>

#define LEVELS 4            /* domains of a form 1 list; the last one is the node */
enum { LOCAL = 10, REMOTE = 20 };

/* How many levels two nodes share: distances are rounded to the nearest that can be said. */
static unsigned shared_levels(uint8_t distance)
{
    return distance <= 11 ? 4 : distance <= 30 ? 3 : distance <= 60 ? 2 : distance <= 120 ? 1 : 0;
}

/* Form 1 lists: what two nodes share takes the value of the lower numbered one. */
static void make_domains(SpaprNuma *n)
{
    for (unsigned i = 0; i < n->nodes; i++) {
        for (unsigned k = 0; k < LEVELS; k++) {
            n->domain[i][k] = i;
        }
    }
    for (unsigned a = 0; a < n->nodes; a++) {
        for (unsigned b = a + 1; b < n->nodes; b++) {
            for (unsigned k = 0; k < MIN(shared_levels(n->distance[a][b]), LEVELS - 1); k++) {
                n->domain[b][k] = n->domain[a][k];
            }
        }
    }
}

bool spapr_numa_complete(SpaprNuma *n, uint64_t ram_size, unsigned max_cpus, unsigned cpus_per_socket, GError **err)
{
    uint64_t total = 0;
    bool any_cpu = false;

    for (unsigned i = max_cpus; i < G_N_ELEMENTS(n->cpu_node); i++) {
        if (n->cpu_node[i]) {
            return report_fail(err, "-numa node,cpus=: CPU index (%u) should be smaller than maxcpus (%u)", i, max_cpus);
        }
    }

    if (!n->nodes) {
        n->size[0] = ram_size;
        return true;
    }
    for (unsigned i = 0; i < n->nodes; i++) {
        if (!n->present[i]) {
            return report_fail(err, "numa: Node ID missing: %u", i);
        }
        if (n->size[i] & ((256 << 20) - 1)) {
            return report_fail(err, "Node %u memory size 0x%" PRIx64 " is not aligned to 256 MiB", i, n->size[i]);
        }
        total += n->size[i];
    }
    if (total != ram_size) {
        return report_fail(err, "total memory for NUMA nodes (0x%" PRIx64 ") should equal RAM size (0x%" PRIx64 ")", total, ram_size);
    }
    for (unsigned a = 0; a < n->nodes; a++) {
        for (unsigned b = 0; b < n->nodes; b++) {
            if (a != b && !n->distance[a][b]) {
                if (n->distance[b][a]) {
                    n->distance[a][b] = n->distance[b][a];
                } else if (n->distances_given) {
                    return report_fail(err, "The distance between node %u and %u is missing, at least one distance value between each "
                                "nodes should be provided.", a, b);
                } else {
                    n->distance[a][b] = REMOTE;
                }
            } else if (a == b) {
                n->distance[a][b] = LOCAL;
            }
        }
    }
    for (unsigned a = 0; a < n->nodes; a++) {
        for (unsigned b = 0; b < a; b++) {
            if (n->distance[a][b] != n->distance[b][a]) {
                return report_fail(err, "Asymmetrical NUMA topologies aren't supported in the pSeries machine using PAPR Form 1 affinity");
            }
        }
    }
    for (unsigned i = 0; i < max_cpus; i++) {
        any_cpu |= n->cpu_node[i] != 0;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(n->cpu_node); i++) {
        if (!any_cpu) {     /* sockets take turns */
            n->cpu_node[i] = i / MAX(cpus_per_socket, 1) % n->nodes + 1;
        } else if (!n->cpu_node[i]) {
            n->cpu_node[i] = 1;
        }
    }
    make_domains(n);
    return true;
}

unsigned spapr_numa_node_of(const SpaprMachine *s, unsigned index)
{
    return s->numa.nodes && s->numa.cpu_node[index] ? s->numa.cpu_node[index] - 1 : 0;
}

bool spapr_numa_form2(const SpaprMachine *s)
{
    return s->cas_done && s->ov5_cas[OV5_AFFINITY - 1] & OV5_FORM2;
}

unsigned spapr_numa_list(const SpaprMachine *s, unsigned node, uint32_t *numbers)
{
    if (spapr_numa_form2(s)) {
        numbers[0] = node;
        return 1;
    }
    for (unsigned i = 0; i < LEVELS; i++) {
        numbers[i] = s->numa.nodes > 1 && !s->cfg->pre_5_2_numa ? s->numa.domain[node][i] : 0;
    }
    numbers[LEVELS - 1] = node;
    return LEVELS;
}

unsigned spapr_numa_cpu(const SpaprMachine *s, const PowerPCCPU *cpu, uint32_t *numbers)
{
    unsigned n = spapr_numa_list(s, spapr_numa_node_of(s, spapr_core_number(s, cpu)), numbers);

    numbers[n] = cpu->vcpu_id;
    return n + 1;
}

HMP_INFO(numa, "numa", "", "", "show NUMA information")
{
    const unsigned nodes = spapr ? MAX(spapr->numa.nodes, 1) : 0;
    PowerPCCPU *cpu;

    g_string_append_printf(out, "%u nodes\n", nodes);
    for (unsigned i = 0; i < nodes; i++) {
        g_string_append_printf(out, "node %u cpus:", i);
        CPU_FOREACH(cpu) {
            if (spapr_numa_node_of(spapr, spapr_core_number(spapr, cpu)) == i) {
                g_string_append_printf(out, " %d", cpu->index);
            }
        }
        const uint64_t plugged = spapr_dimm_bytes(i);
        g_string_append_printf(out, "\nnode %u size: %" PRIu64 " MB\nnode %u plugged: %" PRIu64 " MB\n", i, (spapr->numa.size[i] + plugged) >> 20, i,
                               plugged >> 20);
    }
}

/* ---- options ---- */

/* "0-3" or "2" */
static bool parse_range(const char *v, unsigned *from, unsigned *to)
{
    char *end;

    *from = *to = strtoul(v, &end, 10);
    if (end == v) {
        return false;
    }
    if (*end == '-') {
        v = end + 1;
        *to = strtoul(v, &end, 10);
    }
    return !*end && *to >= *from;
}

static bool parse_bytes(const char *v, uint64_t unit, uint64_t *out)
{
    char *end;

    *out = g_ascii_strtoull(v, &end, 0);
    switch (g_ascii_toupper(*end)) {
    case 'B': unit = 1; end++; break;
    case 'K': unit = 1 << 10; end++; break;
    case 'M': unit = 1 << 20; end++; break;
    case 'G': unit = 1 << 30; end++; break;
    case 'T': unit = 1ull << 40; end++; break;
    }
    *out *= unit;
    return end != v && !*end;
}

static bool parse_node(SpaprNuma *n, char **parts, bool mem_allowed, GError **err)
{
    unsigned id = n->nodes, from, to;
    uint64_t size = 0;
    MemorySource memory = { 0 };

    for (unsigned i = 1; parts[i]; i++) {
        if (g_str_has_prefix(parts[i], "nodeid=")) {
            id = strtoul(parts[i] + 7, NULL, 0);
        }
        n->mem_given |= g_str_has_prefix(parts[i], "mem=");
        n->memdev_given |= g_str_has_prefix(parts[i], "memdev=");
    }
    if (n->mem_given && n->memdev_given) {
        return report_fail(err, "numa configuration should use either mem= or memdev=,mixing both is not allowed");
    }
    if (id >= SPAPR_NUMA_MAX) {
        return report_fail(err, "Max number of NUMA nodes reached: %u", id);
    }
    if (n->present[id]) {
        return report_fail(err, "Duplicate NUMA nodeid: %u", id);
    }
    for (unsigned i = 1; parts[i]; i++) {
        if (g_str_has_prefix(parts[i], "cpus=")) {
            if (!parse_range(parts[i] + 5, &from, &to) || to >= G_N_ELEMENTS(n->cpu_node)) {
                return report_fail(err, "Parameter 'cpus' expects a number or a range, not '%s'", parts[i] + 5);
            }
            for (unsigned c = from; c <= to; c++) {
                if (n->cpu_node[c]) {
                    return report_fail(err, "CPU %u is already in NUMA node %u", c, n->cpu_node[c] - 1u);
                }
                n->cpu_node[c] = id + 1;
            }
        } else if (g_str_has_prefix(parts[i], "memdev=")) {
            if (!memory_backend_source(parts[i] + 7, &memory, err)) {
                return false;
            }
            size = memory.size;
        } else if (g_str_has_prefix(parts[i], "mem=")) {
            if (!mem_allowed) {
                return report_fail(err, "Parameter -numa node,mem is not supported by this machine type\nUse -numa node,memdev instead");
            }
            if (!parse_bytes(parts[i] + 4, 1 << 20, &size)) {
                return report_fail(err, "Parameter 'mem' expects a size");
            }
        } else if (!g_str_has_prefix(parts[i], "nodeid=")) {
            return report_fail(err, "Parameter '%s' is unexpected", parts[i]);
        }
    }
    n->present[id] = true;
    n->size[id] = size;
    n->memory[id] = memory;
    n->nodes = MAX(n->nodes, id + 1);
    return true;
}

static bool parse_dist(SpaprNuma *n, char **parts, GError **err)
{
    unsigned src = UINT32_MAX, dst = UINT32_MAX, val = 0;

    for (unsigned i = 1; parts[i]; i++) {
        if (g_str_has_prefix(parts[i], "src=")) {
            src = strtoul(parts[i] + 4, NULL, 0);
        } else if (g_str_has_prefix(parts[i], "dst=")) {
            dst = strtoul(parts[i] + 4, NULL, 0);
        } else if (g_str_has_prefix(parts[i], "val=")) {
            val = strtoul(parts[i] + 4, NULL, 0);
        } else {
            return report_fail(err, "Parameter '%s' is unexpected", parts[i]);
        }
    }
    if (src >= SPAPR_NUMA_MAX || dst >= SPAPR_NUMA_MAX) {
        return report_fail(err, "Parameter '%s' expects an integer between 0 and %d", src >= SPAPR_NUMA_MAX ? "src" : "dst", SPAPR_NUMA_MAX - 1);
    }
    if (!n->present[src] || !n->present[dst]) {
        return report_fail(err, "Source/Destination NUMA node is missing. Please use '-numa node' option to declare it first.");
    }
    if (val < LOCAL || val > 255) {
        return report_fail(err, "NUMA distance (%u) is invalid, it shouldn't be less than %d.", val, LOCAL);
    }
    if (src == dst && val != LOCAL) {
        return report_fail(err, "Local distance of node %u should be %d.", src, LOCAL);
    }
    n->distance[src][dst] = val;
    n->distances_given = true;
    return true;
}

bool spapr_numa_option(SpaprNuma *n, const char *arg, bool mem_allowed, GError **err)
{
    g_auto(GStrv) parts = g_strsplit(arg, ",", -1);
    const char *kind = parts[0];

    if (kind && g_str_has_prefix(kind, "type=")) {
        kind += 5;
    }
    if (kind && !strcmp(kind, "node")) {
        return parse_node(n, parts, mem_allowed, err);
    }
    if (kind && !strcmp(kind, "dist")) {
        return parse_dist(n, parts, err);
    }
    if (kind && !strcmp(kind, "cpu")) {     /* a core, by its number */
        unsigned node = UINT32_MAX, core = UINT32_MAX;
        for (unsigned i = 1; parts[i]; i++) {
            if (g_str_has_prefix(parts[i], "node-id=")) {
                node = strtoul(parts[i] + 8, NULL, 0);
            } else if (g_str_has_prefix(parts[i], "core-id=")) {
                core = strtoul(parts[i] + 8, NULL, 0);
            } else {
                return report_fail(err, "Parameter '%s' is unexpected", parts[i]);
            }
        }
        if (node >= SPAPR_NUMA_MAX || !n->present[node]) {
            return report_fail(err, "Invalid node-id=%u, NUMA node must be defined with -numa node,nodeid=ID before it's used with -numa cpu,node-id=ID",
                        node);
        }
        if (core >= G_N_ELEMENTS(n->cpu_node)) {
            return report_fail(err, "no match found");
        }
        n->cpu_node[core] = node + 1;
        return true;
    }
    return report_fail(err, "Parameter 'type' does not accept value '%s'", kind ? kind : "");
}
