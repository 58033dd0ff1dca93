/*
 * Random instructions on ours and on the peer's user-mode emulators, for POWER7 to POWER10 in both byte orders.
 *
 *     isa-random [--count N] [--seed S] [--cpu NAME] [--endian little|big] [--row GLOB] [--case N] [--jobs N]
 *                [--exempt FILE]
 *
 * Each case is a few instructions from the table (generate.c) run from one random state: by qemu-ppc64[le] in a
 * program of ours (peer.c), and by ours in each mode. All registers, the signal, and the memory buffer must agree but
 * for what differences.c excuses. A failing case is cut down to the instructions it needs and printed with its inputs,
 * both results and the command that repeats it. At the end every row must have run to its end somewhere or stand in
 * `exempt` with a reason, and no row may stand there that does run.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tests/isa/isa-random.h"
#include "accel/tcg/tcg.h"
#include "target/ppc/fp/fpscr.h"
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_PRINTED 2           /* failures a row and worker */

static int64_t count = 400000;
static int seed_number = 1, only_case = -1, jobs = 2;
static char *only_cpu, *only_endian, *row_filter, *exempt_file;
static gboolean only_list;
static const char *folder;      /* of this program: the peer's are beside it */

static const GOptionEntry options[] = {
    { "count", 'n', 0, G_OPTION_ARG_INT64, &count, "instructions to run in total (400000)", "N" },
    { "seed", 's', 0, G_OPTION_ARG_INT, &seed_number, "another sequence of cases (1)", "S" },
    { "cpu", 0, 0, G_OPTION_ARG_STRING, &only_cpu, "one processor of power7 power8 power9 power10", "NAME" },
    { "endian", 0, 0, G_OPTION_ARG_STRING, &only_endian, "one byte order", "little|big" },
    { "row", 'r', 0, G_OPTION_ARG_STRING, &row_filter, "cases about rows whose id matches", "GLOB" },
    { "case", 'c', 0, G_OPTION_ARG_INT, &only_case, "one case, printed whole", "N" },
    { "jobs", 'j', 0, G_OPTION_ARG_INT, &jobs, "processes (2)", "N" },
    { "list", 0, 0, G_OPTION_ARG_NONE, &only_list, "print id, file and mnemonic of every row", NULL },
    { "exempt", 0, 0, G_OPTION_ARG_FILENAME, &exempt_file, "fail if a row neither ran nor is listed in this file", "FILE" },
    { NULL }
};

static const char *const cpus[] = { "power7", "power8", "power9", "power10" };

/* Counted by all workers, in shared memory. */
typedef struct Tally { uint64_t run, failed; } Tally;
static Tally *tally;            /* by row; then one for no row */
static size_t nrows;

/* ---- the peer ---- */

static IsaSlot *slots;
static int peer_in = -1, peer_out = -1;

static void die(const char *what)
{
    printf("isa-random: %s\n", what);
    exit(2);
}

static void peer_start(const Target *t)
{
    int fd = memfd_create("isa-slots", 0), in[2], out[2];
    g_autofree char *program = g_strdup_printf("%s/isa-peer-%s", folder, t->big ? "big" : "little");
    const char *qemu = t->big ? "qemu-ppc64" : "qemu-ppc64le";

    if (fd < 0 || ftruncate(fd, sizeof(IsaSlot) * ISA_SLOTS) || pipe(in) || pipe(out)) {
        die("no memory or pipes");
    }
    slots = mmap(NULL, sizeof(IsaSlot) * ISA_SLOTS, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        dup2(fd, 100);
        dup2(100, 3);
        for (int i = 4; i < 110; i++) {
            close(i);
        }
        /* -B: the guest's low addresses, which the host would not give */
        execlp(qemu, qemu, "-B", "0x10000000000", "-cpu", t->cpu, program, NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    peer_in = in[1];
    peer_out = out[0];
}

static void swap_state(IsaState *s, bool big)
{
    for (int i = 0; i < ISA_STATE_WORDS && big; i++) {
        s->r[i] = GUINT64_SWAP_LE_BE(s->r[i]);
    }
}

static void peer_put(const Case *c, const Target *t, unsigned slot)
{
    IsaSlot *s = &slots[slot];
    uint32_t code[ISA_SNIPPET / 4] = { 0 };

    s->in = c->in;
    swap_state(&s->in, t->big);
    memcpy(s->mem_in, c->mem, ISA_MEM_SIZE);
    code[0] = 58u << 26 | 3 << 21 | (ISA_STATE_IN + 8 * ISA_CTR);       /* ld r3,CTR; mtctr r3; ld r3,GPR3 */
    code[1] = 0x7c6903a6;
    code[2] = 58u << 26 | 3 << 21 | (ISA_STATE_IN + 8 * 3);
    memcpy(code + ISA_HEAD / 4, c->code, c->words * 4);
    for (unsigned i = 0; i < G_N_ELEMENTS(code); i++) {
        s->code[i] = t->big ? GUINT32_TO_BE(code[i]) : GUINT32_TO_LE(code[i]);
    }
}

/* Runs slots first to first + n - 1. */
static void peer_run(unsigned first, unsigned n)
{
    uint8_t request[4] = { first, first >> 8, n, n >> 8 }, done;

    for (unsigned i = first; i < first + n; i++) {
        slots[i].out.r[ISA_SIGNAL] = UINT64_MAX;
    }
    if (write(peer_in, request, 4) != 4 || read(peer_out, &done, 1) != 1) {
        for (unsigned i = first; i < first + n; i++) {
            if (slots[i].out.r[ISA_SIGNAL] == UINT64_MAX) {
                printf("the peer died in slot %u:\n", i);
                for (unsigned k = 0; k < ISA_SNIPPET / 4 && slots[i].code[k]; k++) {
                    printf("  %08x: %08x\n", ISA_CODE + ISA_SNIPPET * i + 4 * k, slots[i].code[k]);
                }
                break;
            }
        }
        die("the peer is gone (are qemu-user and the cross compilers there?)");
    }
}

static void peer_get(const Target *t, unsigned slot, Outcome *o)
{
    o->s = slots[slot].out;
    swap_state(&o->s, t->big);
    memcpy(o->mem, slots[slot].mem_out, ISA_MEM_SIZE);
}

/* ---- comparing ---- */

static const char *const special[ISA_VSR - ISA_CR] = { "cr", "xer", "lr", "ctr", "fpscr", "vscr", "vrsave", "tar", "signal", "nip" };

static void difference(GString *out, const Case *c, const Outcome *ours, const Outcome *peer, const Mask *m)
{
    const uint64_t *a = ours->s.r, *b = peer->s.r, *in = c->in.r;

    uint64_t fpscr = m->fpscr, fprf = a[ISA_FPSCR] & FPSCR_FPRF;
    bool bcd = m->bcd && (a[ISA_CR] >> 4 & 3), vsr = m->vsr || bcd || (m->invalid_vsr && a[ISA_FPSCR] & (FPSCR_VXSNAN | FPSCR_VXCVI));
    if (m->all || a[ISA_FPSCR] & m->all_if) {
        return;
    }
    if (m->denormal_fprf && (c->insns > 1 || fprf == 0x14u << FPSCR_FPRF_SHIFT || fprf == 0x18u << FPSCR_FPRF_SHIFT)) {
        fpscr |= FPSCR_FPRF;
    }
    fpscr |= m->imz_snan && a[ISA_FPSCR] & FPSCR_VXIMZ ? FPSCR_VXSNAN : 0;
    for (int i = 0; i < ISA_STATE_WORDS; i++) {
        uint64_t mask = i == ISA_FPSCR ? ~fpscr : i == ISA_VSCR ? ~m->vscr : i == ISA_VRSAVE ? UINT32_MAX : UINT64_MAX;
        if (i == ISA_VSCR && b[ISA_SIGNAL]) {
            continue;           /* the peer's signal frame does not have it */
        }
        mask &= i == ISA_CR && bcd ? ~0xf0ull : UINT64_MAX;
        if (!((a[i] ^ b[i]) & mask) || (i < ISA_CR && m->gpr) || (i == ISA_CR && m->cr) || (i >= ISA_VSR && vsr) ||
            (i >= ISA_VSR && (i - ISA_VSR) & 1 && m->low >> ((i - ISA_VSR) / 2) & 1)) {
            continue;
        }
        if (i >= ISA_VSR) {
            int v = ISA_VSR + ((i - ISA_VSR) & ~1);
            g_string_append_printf(out, "    vsr%-3d was %016" PRIx64 "_%016" PRIx64 "  ours %016" PRIx64 "_%016" PRIx64
                                   "  peer %016" PRIx64 "_%016" PRIx64 "\n", (i - ISA_VSR) / 2, in[v], in[v + 1], a[v], a[v + 1], b[v], b[v + 1]);
            i |= 1;
            continue;
        }
        g_autofree char *name = i < ISA_CR ? g_strdup_printf("r%d", i) : g_strdup(special[i - ISA_CR]);
        g_string_append_printf(out, "    %-6s was %016" PRIx64 "  ours %016" PRIx64 "  peer %016" PRIx64 "\n", name, in[i], a[i], b[i]);
    }
    for (int i = 0; i < ISA_MEM_SIZE && !m->mem; i++) {
        if (ours->mem[i] != peer->mem[i]) {
            int from = i & ~15;
            g_string_append_printf(out, "    memory %04x", ISA_MEM + from);
            for (int k = 0; k < 3; k++) {
                g_string_append(out, k == 0 ? "  was " : k == 1 ? "  ours " : "  peer ");
                for (int j = 0; j < 16; j++) {
                    g_string_append_printf(out, "%02x", (k == 0 ? c->mem : k == 1 ? ours->mem : peer->mem)[from + j]);
                }
            }
            g_string_append_c(out, '\n');
            i |= 15;
        }
    }
}

/* ---- one case ---- */

static void mask_of(const Case *c, const bool *keep, Mask *m)
{
    bool first = true;

    *m = (Mask){ 0 };
    for (unsigned i = 0; i < c->insns; i++) {
        if (!keep || keep[i]) {
            difference_mask(c, c->insn[i].row, c->insn[i].suffix ? c->insn[i].suffix : c->insn[i].word, first, m);
            first = false;
        }
    }
}

static char *try_again(const Case *whole, const bool *keep, const Target *t, int mode, unsigned slot)
{
    Case c;
    Outcome ours, peer;
    Mask m;
    GString *s = g_string_new(NULL);

    case_keep(&c, whole, keep);
    mask_of(whole, keep, &m);
    peer_put(&c, t, slot);
    peer_run(slot, 1);
    peer_get(t, slot, &peer);
    ours_run(&c, t, mode, &ours);
    difference(s, &c, &ours, &peer, &m);
    return g_string_free(s, s->len == 0);
}

/*
 * Does the peer say something else when it runs the case again, alone? Some of its instructions take over exceptions that
 * others, of cases before, left behind. *o becomes what it says now.
 */
static bool peer_wavers(const Case *c, const Target *t, unsigned slot, Outcome *o)
{
    Outcome again;

    peer_put(c, t, slot);
    peer_run(slot, 1);
    peer_get(t, slot, &again);
    bool same = !memcmp(&again, o, sizeof(again));
    *o = again;
    return !same;
}

static void print_inputs(const Case *c, const bool *keep)
{
    bool g[32] = { false }, v[64] = { false };
    const uint64_t *r = c->in.r;

    for (unsigned i = 0; i < c->insns; i++) {
        const InsnDesc *d = c->insn[i].row;
        uint32_t w = c->insn[i].suffix ? c->insn[i].suffix : c->insn[i].word;
        for (int k = 0; d && keep[i] && k < d->nfields; k++) {
            const InsnField *f = &d->fields[k];
            unsigned n = w >> f->lsb & 31;
            if (f->width != 5 || f->in_prefix) {
                continue;
            }
            if (f->name[0] == 'r') {
                g[n] = true;
            } else if (f->name[0] == 'f' || f->name[0] == 'v') {
                v[n + (f->name[0] == 'v' ? 32 : 0)] = true;
            } else if (strchr("tabcs", f->name[0]) && !f->name[1]) {
                v[n] = v[n + 32] = true;
            }
        }
    }
    printf("  inputs:");
    for (int i = ISA_CR; i <= ISA_TAR; i++) {
        printf(" %s=%" PRIx64, special[i - ISA_CR], r[i]);
    }
    for (int i = 0; i < 32; i++) {
        if (g[i]) {
            printf(" r%d=%016" PRIx64, i, r[i]);
        }
    }
    for (int i = 0; i < 64; i++) {
        if (v[i]) {
            printf(" vsr%d=%016" PRIx64 "_%016" PRIx64, i, r[ISA_VSR + 2 * i], r[ISA_VSR + 2 * i + 1]);
        }
    }
    printf("\n");
}

static void report(const Case *c, const Target *t, int mode, uint32_t number, unsigned slot, char *text)
{
    bool keep[G_N_ELEMENTS(c->insn)];
    const InsnDesc *guilty = NULL;

    memset(keep, true, sizeof(keep));
    for (unsigned i = 0; i < c->insns; i++) {
        if (c->insn[i].setup) {
            continue;           /* without it an address is wild, which is another difference */
        }
        keep[i] = false;
        char *without = try_again(c, keep, t, mode, slot);
        if (without) {
            g_free(text);
            text = without;
        } else {
            keep[i] = true;
        }
    }
    for (unsigned i = 0; i < c->insns; i++) {
        if (keep[i] && !c->insn[i].setup) {
            guilty = c->insn[i].row;
        }
    }
    size_t n;
    const InsnDesc *table = isa_table(&n);
    size_t row = guilty ? (size_t)(guilty - table) : nrows;
    static unsigned *printed;
    __atomic_fetch_add(&tally[row].failed, 1, __ATOMIC_RELAXED);
    if (!printed) {
        printed = g_new0(unsigned, nrows + 1);
    }
    if (printed[row]++ < MAX_PRINTED || only_case >= 0) {
        printf("FAIL %s on %s, %s-endian, %s\n", guilty ? guilty->row->mnemonic : "?", t->cpu, t->big ? "big" : "little", mode_names[mode]);
        for (unsigned i = 0; i < c->insns; i++) {
            if (keep[i]) {
                const InsnDesc *d = c->insn[i].row;
                printf("  %08" PRIx64 ": %08x", c->pc + 4 * c->insn[i].at, c->insn[i].word);
                if (d && d->prefixed) {
                    printf(" %08x", c->insn[i].suffix);
                }
                printf("  %s\n", d ? d->row->mnemonic : "(no row)");
            }
        }
        print_inputs(c, keep);
        printf("%s  repeat: %s/isa-random --cpu %s --endian %s --seed %d --case %u%s%s%s\n\n", text, folder, t->cpu,
               t->big ? "big" : "little", seed_number, number, row_filter ? " --row '" : "", row_filter ? row_filter : "",
               row_filter ? "'" : "");
        fflush(stdout);
    }
    g_free(text);
}

/* What ran to its end: all, or what stands before the instruction that raised. */
static unsigned account(const Case *c, const Outcome *o)
{
    size_t n;
    const InsnDesc *table = isa_table(&n);
    unsigned done = 0;

    for (unsigned i = 0; i < c->insns; i++) {
        const CaseInsn *insn = &c->insn[i];
        if (o->s.r[ISA_SIGNAL] && c->pc + 4 * insn->at >= o->s.r[ISA_NIP]) {
            break;
        }
        if (!insn->setup && insn->row) {
            __atomic_fetch_add(&tally[insn->row - table].run, 1, __ATOMIC_RELAXED);
            done++;
        }
    }
    return done;
}

static void worker(const Target *t, int64_t wanted)
{
    g_autofree Case *batch = g_new(Case, ISA_SLOTS);
    uint32_t number = only_case >= 0 ? only_case : 0;
    int64_t done = 0;

    generate_init(t, row_filter);
    ours_init(t);
    peer_start(t);
    while (done < wanted) {
        unsigned n = only_case >= 0 ? 1 : ISA_SLOTS;
        for (unsigned i = 0; i < n; i++) {
            unsigned slot = (number + i) % ISA_SLOTS;
            generate_case(&batch[slot], t, seed_number, number + i, slot);
            peer_put(&batch[slot], t, slot);
        }
        unsigned first = number % ISA_SLOTS;
        peer_run(first, n);
        g_autofree Outcome *peer = g_new(Outcome, n);
        for (unsigned i = 0; i < n; i++) {
            peer_get(t, first + i, &peer[i]);
        }
        for (unsigned i = 0; i < n; i++) {
            const Case *c = &batch[first + i];
            Outcome ours;
            Mask m;
            mask_of(c, NULL, &m);
            done += account(c, &peer[i]);
            for (int mode = 0; mode < NB_MODES; mode++) {
                g_autoptr(GString) text = g_string_new(NULL);
                ours_run(c, t, mode, &ours);
                difference(text, c, &ours, &peer[i], &m);
                if (text->len && peer_wavers(c, t, first + i, &peer[i])) {
                    g_string_truncate(text, 0);
                    difference(text, c, &ours, &peer[i], &m);
                }
                if (text->len) {
                    report(c, t, mode, number + i, first + i, g_strdup(text->str));
                    break;
                }
            }
        }
        number += n;
        if (only_case >= 0 || number > 50 * count) {    /* nothing that runs matches */
            break;
        }
    }
    tcg_coverage_write();
}

/* ---- the campaign ---- */

static void run_all(void)
{
    GPtrArray *targets = g_ptr_array_new();
    int running = 0;
    bool broken = false;

    for (size_t i = 0; i < G_N_ELEMENTS(cpus); i++) {
        for (int big = 0; big < 2; big++) {
            if ((only_cpu && strcmp(only_cpu, cpus[i])) || (only_endian && strcmp(only_endian, big ? "big" : "little"))) {
                continue;
            }
            Target *t = g_new0(Target, 1);
            *t = (Target){ cpus[i], big, ppc_model_find(cpus[i], NULL) };
            g_ptr_array_add(targets, t);
        }
    }
    for (guint i = 0; i < targets->len || running; ) {
        int status;
        if (i < targets->len && running < jobs) {
            fflush(stdout);
            pid_t pid = fork();
            if (pid == 0) {
                worker(g_ptr_array_index(targets, i), count / targets->len);
                exit(0);
            }
            running++;
            i++;
            continue;
        }
        if (wait(&status) > 0) {
            running--;
            if (status) {
                printf("isa-random: a worker ended with %s %d\n", WIFSIGNALED(status) ? "signal" : "status",
                       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
                broken = true;
            }
        }
    }
    if (broken) {
        die("a worker did not finish");
    }
}

/* Reason for which a row need not run, or NULL: from the lines "id reason" and "@privileged reason" of the file. */
static GHashTable *read_exempt(void)
{
    GHashTable *h = g_hash_table_new(g_str_hash, g_str_equal);
    g_autofree char *text = NULL;

    if (!g_file_get_contents(exempt_file, &text, NULL, NULL)) {
        printf("cannot read '%s'\n", exempt_file);
        exit(2);
    }
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **l = lines; *l; l++) {
        char *space = strchr(*l, ' ');
        if (**l && **l != '#' && space) {
            *space = 0;
            g_hash_table_insert(h, g_strdup(*l), g_strdup(g_strchug(space + 1)));
        }
    }
    return h;
}

static bool check_rows(void)
{
    size_t n;
    const InsnDesc *table = isa_table(&n);
    uint64_t total = 0, failed = tally[n].failed, run = 0, faults = 0;
    GHashTable *exempt = exempt_file ? read_exempt() : NULL;

    for (size_t i = 0; i < n; i++) {
        const InsnRow *row = table[i].row;
        total += tally[i].run;
        failed += tally[i].failed;
        run += tally[i].run != 0;
        if (tally[i].failed) {
            printf("%s: %" PRIu64 " cases differ\n", row->id, tally[i].failed);
        }
        if (!exempt) {
            continue;
        }
        bool listed = g_hash_table_remove(exempt, row->id);
        bool privileged = row->flags & (INSN_SUPER | INSN_HV) && g_hash_table_contains(exempt, "@privileged");
        if (!tally[i].run && !listed && !privileged) {
            printf("%s (%s, line %d) never ran to its end on the peer and is not exempt\n", row->id, row->mnemonic, row->line);
            faults++;
        } else if (listed && (tally[i].run || privileged)) {
            printf("%s is exempt without need\n", row->id);
            faults++;
        }
    }
    if (exempt) {
        GHashTableIter it;
        gpointer id;
        g_hash_table_remove(exempt, "@privileged");
        g_hash_table_iter_init(&it, exempt);
        while (g_hash_table_iter_next(&it, &id, NULL)) {
            printf("%s is exempt but no row\n", (char *)id);
            faults++;
        }
    }
    printf("%" PRIu64 " instructions of %" PRIu64 " rows, %" PRIu64 " cases differ\n", total, run, failed);
    return !failed && !faults;
}

int main(int argc, char **argv)
{
    g_autoptr(GError) err = NULL;
    g_autoptr(GOptionContext) context = g_option_context_new("- random instructions on ours and on the peer");

    g_option_context_add_main_entries(context, options, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &err)) {
        die(err->message);
    }
    folder = g_path_get_dirname(argv[0]);
    const InsnDesc *table = isa_table(&nrows);
    for (size_t i = 0; i < nrows && only_list; i++) {
        g_autofree char *file = g_path_get_basename(table[i].row->file);
        printf("%s %s: %s\n", table[i].row->id, file, table[i].row->mnemonic);
    }
    if (only_list) {
        return EXIT_SUCCESS;
    }
    tally = mmap(NULL, (nrows + 1) * sizeof(Tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    signal(SIGPIPE, SIG_IGN);
    run_all();
    return check_rows() ? EXIT_SUCCESS : EXIT_FAILURE;
}
