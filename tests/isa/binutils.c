/*
 * The instruction table against the GNU disassembler.
 *
 * Forward: random words of every row, as each processor from POWER7 to POWER10 knows it, must be disassembled to the
 * row's mnemonic. Backward: over the whole opcode space, a word to which the disassembler gives a name must have a row.
 * Two places know the opcodes then, and a slip in one shows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa.h"
#include "target/ppc/models.h"
#include <gio/gio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const cpus[] = { "power7", "power8", "power9", "power10" };
static unsigned faults;
static uint8_t *named;          /* by row: some word of it was disassembled to its mnemonic */

static const InsnDesc *first_row;
static size_t nrows;

typedef struct Code { uint32_t word, suffix; const InsnDesc *row; } Code;

static const char objdump[] = "powerpc64le-linux-gnu-objdump";

/* What the disassembler names for these processors and they do not have; addex only with its reserved CY. */
static const char *const absent =
    " rfi icbt mtsrd mtsrdin eciwx ecowx tlbia tlbld tlbli icswx icswx. vabsdub vabsduh vabsduw waitasec mtsle pbt. urfid "
    "msgsndu msgclru rmieg addex tbegin. tend. tendall. tcheck tsr. tabort. tabortwc. tabortdc. tabortwci. tabortdci. treclaim. "
    "trechkpt. ";

/* Rows that the disassembler does not name for any of these processors. */
static const char *const unnamed =
    " mcrxr mfsrin mfsr mtsrin mtsr reserved_nop dcblc mftb stfdpx stfdp lfdpx lfdp ";

static bool listed(const char *list, const char *name)
{
    g_autofree char *word = g_strdup_printf(" %s ", name);
    return strstr(list, word) != NULL;
}

/* Newer disassemblers call the outer products after the dense math facility that follows MMA. */
static char *undense(const char *name)
{
    return !strcmp(name, "dmsetaccz") ? g_strdup("xxsetaccz") : g_str_has_prefix(name, "dmx") ? g_strdup(name + 2)
         : g_str_has_prefix(name, "pmdmx") ? g_strconcat("pm", name + 4, NULL) : g_strdup(name);
}

/* Disassembles all codes and calls fn(code, mnemonic or NULL). Prefixed ones take eight bytes, others four. */
static void disassemble(const char *cpu, GArray *codes, bool prefixed,
                        void (*fn)(const char *cpu, const Code *, const char *mnemonic, const char *line))
{
    g_autofree char *path = NULL, *opt = g_strdup_printf("-Mraw,%s", cpu);
    int fd = g_file_open_tmp("isa-XXXXXX", &path, NULL);
    FILE *f = fdopen(fd, "w");
    unsigned size = prefixed ? 8 : 4;

    if (!codes->len) {
        fclose(f);
        unlink(path);
        return;                 /* it would call an empty file an error */
    }
    for (guint i = 0; i < codes->len; i++) {
        const Code *c = &g_array_index(codes, Code, i);
        uint32_t w[2] = { GUINT32_TO_LE(c->word), GUINT32_TO_LE(c->suffix) };
        fwrite(w, size, 1, f);
    }
    fclose(f);
    g_autofree char *command = g_strdup_printf("%s -D -z -b binary -EL -m powerpc:common64 %s %s", objdump, opt, path);
    FILE *out = popen(command, "r");
    char line[256];
    uint64_t next = 0;
    while (out && fgets(line, sizeof(line), out)) {
        char *colon, *name;
        uint64_t at = strtoull(line, &colon, 16);
        if (*colon != ':' || at % size || !g_ascii_isspace(line[0])) {
            continue;
        }
        if (at != next || at / size >= codes->len) {
            break;
        }
        next += size;
        name = strchr(colon + 2, '\t');
        if (!name) {
            continue;
        }
        g_strchomp(++name);
        g_autofree char *first = g_strndup(name, strcspn(name, " \t")), *mnemonic = undense(first);
        fn(cpu, &g_array_index(codes, Code, at / size), mnemonic[0] == '.' ? NULL : mnemonic, name);
    }
    if (!out || pclose(out) || next != (uint64_t)codes->len * size) {
        printf("%s did not disassemble everything\n", objdump);
        faults++;
    }
    unlink(path);
}

/* Is `mnemonic` one that "add[o][.] ..." can be? */
static bool allows(const char *pattern, const char *mnemonic)
{
    while (*pattern && *pattern != ' ') {
        if (*pattern == '[') {
            const char *end = strchr(pattern, ']');
            size_t n = end - pattern - 1;
            if (!strncmp(mnemonic, pattern + 1, n) && allows(end + 1, mnemonic + n)) {
                return true;
            }
            pattern = end + 1;
        } else if (*pattern++ != *mnemonic++) {
            return false;
        }
    }
    return !*mnemonic || *mnemonic == '+' || *mnemonic == '-';
}

static const PpcFeatures *features_of(const char *cpu)
{
    return &ppc_model_find(cpu, NULL)->family->features;
}

static GHashTable *seen;

static bool first_time(const char *what, const char *name)
{
    return g_hash_table_add(seen, g_strdup_printf("%s %s", what, name));
}

/* ---- forward ---- */

static void expect_row(const char *cpu, const Code *c, const char *mnemonic, const char *line)
{
    const InsnRow *row = c->row->row;

    if (!strcmp(row->id, "reserved_nop")) {
        return;                 /* hashst and so on, where they are nothing yet */
    }
    if (mnemonic && allows(row->mnemonic, mnemonic)) {
        named[c->row - first_row] = true;
    } else if (mnemonic && first_time(row->id, mnemonic)) {
        printf("%s: %08x %08x of row %s (%s) is %s\n", cpu, c->word, c->suffix, row->id, row->mnemonic, line);
        faults++;
    }                           /* nothing: an invalid form */
}

static uint32_t random_bits(GRand *g, const InsnDesc *d, bool prefix)
{
    uint32_t w = 0;

    for (int i = 0; i < d->nfields; i++) {
        const InsnField *f = &d->fields[i];
        if (f->in_prefix == prefix) {
            w |= (g_rand_int(g) & ((1u << f->width) - 1)) << f->lsb;
        }
    }
    return w | (prefix ? d->pvalue : d->value);
}

static void check_rows(const char *cpu)
{
    size_t n;
    const InsnDesc *t = isa_table(&n);
    const PpcFeatures *f = features_of(cpu);
    g_autoptr(GRand) g = g_rand_new_with_seed(1);

    for (int prefixed = 0; prefixed < 2; prefixed++) {
        g_autoptr(GArray) codes = g_array_new(false, false, sizeof(Code));
        for (size_t i = 0; i < n; i++) {
            for (int k = 0; k < 50 && t[i].prefixed == prefixed; k++) {
                uint32_t w = random_bits(g, &t[i], false), p = prefixed ? random_bits(g, &t[i], true) : 0;
                Code c = { prefixed ? p : w, w, &t[i] };
                if (isa_decode(f, c.word, prefixed, w) == &t[i]) {
                    g_array_append_val(codes, c);
                }
            }
        }
        disassemble(cpu, codes, prefixed, expect_row);
    }
}

/* ---- backward ---- */

static void expect_some_row(const char *cpu, const Code *c, const char *mnemonic, const char *line)
{
    bool prefixed = c->word >> 26 == 1;

    if (!mnemonic || listed(absent, mnemonic) || isa_decode(features_of(cpu), c->word, prefixed, c->suffix)) {
        return;
    }
    if (first_time("missing", mnemonic)) {
        printf("%s: %08x %08x has no row: %s\n", cpu, c->word, prefixed ? c->suffix : 0, line);
        faults++;
    }
}

static void sweep(const char *cpu)
{
    g_autoptr(GArray) codes = g_array_new(false, false, sizeof(Code));
    g_autoptr(GRand) g = g_rand_new_with_seed(2);

    for (uint32_t primary = 0; primary < 64; primary++) {
        bool extended = primary == 4 || primary == 6 || primary == 17 || primary == 19 || primary == 22 ||
                        primary == 31 || primary >= 56;
        for (uint32_t low = 0; low < 0x800 && primary != 1; low++) {
            /* each middle field through all values, the others zero or random */
            for (uint32_t k = 0; k < (extended ? 97 : 2); k++) {
                uint32_t middle = k == 96 ? 0 : (k & 31) << (k >> 5) * 5, rest = 0x7fff & ~(31u << (k >> 5) * 5);
                Code c = { .word = primary << 26 | low | middle << 11 };
                g_array_append_val(codes, c);
                if (extended && k < 96) {
                    c.word |= (g_rand_int(g) & rest) << 11;
                    g_array_append_val(codes, c);
                }
            }
        }
    }
    disassemble(cpu, codes, false, expect_some_row);
    g_array_set_size(codes, 0);
    for (uint32_t type = 0; type < 64; type++) {
        for (uint32_t primary = 0; primary < 64; primary++) {
            for (uint32_t low = 0; low < 0x800 && primary != 1; low++) {
                if (primary != 59 && low & 0x7c0) {
                    continue;
                }
                Code c = { 1u << 26 | type << 20, primary << 26 | low };
                g_array_append_val(codes, c);
                c.suffix |= g_rand_int(g) & 0x03fff800;
                g_array_append_val(codes, c);
            }
        }
    }
    disassemble(cpu, codes, true, expect_some_row);
}

static void check_named(void)
{
    for (size_t i = 0; i < nrows; i++) {
        bool known = false;
        for (size_t k = 0; k < G_N_ELEMENTS(cpus); k++) {
            known |= ppc_has(features_of(cpus[k]), first_row[i].row->feature);
        }
        if (known && !named[i] && !listed(unnamed, first_row[i].row->id)) {
            printf("no word of row %s is disassembled to %s\n", first_row[i].row->id, first_row[i].row->mnemonic);
            faults++;
        }
    }
}

int main(void)
{
    first_row = isa_table(&nrows);
    named = g_new0(uint8_t, nrows);
    seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cpus); i++) {
        check_rows(cpus[i]);
        sweep(cpus[i]);
    }
    check_named();
    return faults ? EXIT_FAILURE : EXIT_SUCCESS;
}
