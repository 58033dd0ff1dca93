/*
 * What values of fields mean, in words; and one name for fields that programs called differently. A row a kind of value.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tools/saved.h"
#include "target/ppc/features.h"
#include "target/ppc/models.h"
#include "target/ppc/spr.h"
#include <inttypes.h>
#include <string.h>

typedef char *MeaningFn(const SavedSection *s, const SavedField *f, uint32_t i, uint64_t v);

static const char *spr_name(unsigned number)
{
    unsigned count;
    const SprRow *rows = spr_rows(&count);

    for (unsigned i = 0; i < count; i++) {
        if (rows[i].num == number) {
            return rows[i].name;
        }
    }
    return NULL;
}

static void add_word(GString *out, const char *word)
{
    g_string_append_printf(out, "%s%s", out->len ? " " : "", word);
}

static char *features(uint64_t v, unsigned first)
{
    static const struct { unsigned bit; const char *name; } all[] = {
#define X(id, bit, book, prop, what) { bit, prop },
        PPC_FEATURES(X)
#undef X
    };
    GString *out = g_string_new(NULL);

    for (unsigned i = 0; i < G_N_ELEMENTS(all); i++) {
        uint64_t bit = all[i].bit >= first && all[i].bit < first + 64 ? 1ull << (all[i].bit - first) : 0;
        if (v & bit) {
            add_word(out, all[i].name + strlen("isa-"));
            v &= ~bit;
        }
    }
    if (v) {
        g_string_append_printf(out, "%sand 0x%" PRIx64, out->len ? " " : "", v);
    }
    return g_string_free(out, FALSE);
}

static char *flags_1(const SavedSection *s, const SavedField *f, uint32_t i, uint64_t v) { return features(v, 0); }
static char *flags_2(const SavedSection *s, const SavedField *f, uint32_t i, uint64_t v) { return features(v, 64); }

static char *msr(const SavedSection *s, const SavedField *f, uint32_t i, uint64_t v)
{
    static const struct { uint64_t bit; const char *name; } bits[] = {
        { MSR_SF, "SF" }, { MSR_HV, "HV" }, { MSR_TM, "TM" }, { MSR_VEC, "VEC" }, { MSR_VSX, "VSX" }, { MSR_S, "S" }, { MSR_EE, "EE" },
        { MSR_PR, "PR" }, { MSR_FP, "FP" }, { MSR_ME, "ME" }, { MSR_FE0, "FE0" }, { MSR_SE, "SE" }, { MSR_BE, "BE" }, { MSR_FE1, "FE1" },
        { MSR_IR, "IR" }, { MSR_DR, "DR" }, { MSR_PMM, "PMM" }, { MSR_RI, "RI" }, { MSR_LE, "LE" },
    };
    GString *out = g_string_new(NULL);

    for (unsigned k = 0; k < G_N_ELEMENTS(bits); k++) {
        if (v & bits[k].bit) {
            add_word(out, bits[k].name);
            v &= ~bits[k].bit;
        }
    }
    if (v) {
        g_string_append_printf(out, "%sand 0x%" PRIx64, out->len ? " " : "", v);
    }
    return g_string_free(out, FALSE);
}

static char *special(const SavedSection *s, const SavedField *f, uint32_t i, uint64_t v)
{
    const PpcModel *m = i == SPR_PVR ? ppc_model_of_pvr(v) : NULL;

    return i != SPR_PVR ? NULL : g_strdup(m ? m->name : "no processor that this program knows");
}

static char *logical(const SavedSection *s, const SavedField *f, uint32_t i, uint64_t v)
{
    for (unsigned k = 0; v && k < ppc_model_count; k++) {
        if (ppc_models[k].family->logical_pvr == v) {
            return g_strdup_printf("as %s", ppc_models[k].family->name);
        }
    }
    return NULL;
}

static char *text(const SavedSection *s, const SavedField *f, uint32_t i, uint64_t v)
{
    const char *p = (const char *)g_bytes_get_data(s->contents, NULL) + f->at;
    size_t n = strnlen(p, f->size);

    for (size_t k = 0; k < n; k++) {
        if (!g_ascii_isprint(p[k])) {
            return NULL;
        }
    }
    return g_strndup(p, n);
}

static const struct { const char *section, *path; MeaningFn *fn; } meanings[] = {
    { "cpu", "insns_flags", flags_1 }, { "cpu", "insns_flags2", flags_2 }, { "cpu", "msr_mask", msr }, { "cpu", "msr", msr },
    { "cpu", "spr", special }, { "cpu", "cpu/compat / compat_pvr", logical }, { "globalstate", "runstate", text },
};

/* Later names come first; what a name begins with ("env.", "mig_") went with a struct of some program's. */
char *saved_common_path(const char *path)
{
    static const char *const same[][2] = {
        { "hflags_compat_nmsr", "hflags_nmsr" }, { "dma_liobn[0]", "dma_liobn" }, { "dummy", "unused" },
    };
    const char *last = g_strrstr(path, " / ");
    const char *name = last ? last + 3 : path;
    static const char *const begins[] = { "env.", "mig_", "mig." };

    for (unsigned i = 0; i < G_N_ELEMENTS(begins); i++) {
        name += g_str_has_prefix(name, begins[i]) ? strlen(begins[i]) : 0;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(same); i++) {
        if (!strcmp(name, same[i][0])) {
            name = same[i][1];
        }
    }
    return g_strdup_printf("%.*s%s", last ? (int)(last + 3 - path) : 0, path, name);
}

bool saved_number(const SavedSection *s, const SavedField *f, uint32_t i, uint64_t *v)
{
    if (!f->type || !f->size || f->size > 8 || strstr(f->type, "buffer")) {
        return false;
    }
    *v = vms_get_be((const uint8_t *)g_bytes_get_data(s->contents, NULL) + f->at + (size_t)i * f->size, f->size);
    return true;
}

char *saved_meaning(const SavedSection *s, const SavedField *f, uint32_t i)
{
    g_autofree char *path = saved_common_path(f->path);
    uint64_t v = 0;

    for (unsigned k = 0; k < G_N_ELEMENTS(meanings); k++) {
        bool number = saved_number(s, f, i, &v);
        if (!strcmp(meanings[k].section, s->name) && !strcmp(meanings[k].path, path) && (number || meanings[k].fn == text)) {
            return meanings[k].fn(s, f, i, v);
        }
    }
    return NULL;
}

char *saved_element_path(const SavedSection *s, const SavedField *f, uint32_t i)
{
    const char *name = NULL;

    if (!f->array) {
        return g_strdup(f->path);
    }
    if (!strcmp(s->name, "cpu") && !strcmp(f->path, "env.spr")) {
        name = spr_name(i);
    }
    return name ? g_strdup_printf("%s[%s]", f->path, name) : g_strdup_printf("%s[%u]", f->path, i);
}

#define SHORT 32

char *saved_value_text(const SavedSection *s, const SavedField *f, uint32_t i, bool whole)
{
    const uint8_t *p = (const uint8_t *)g_bytes_get_data(s->contents, NULL) + f->at + (size_t)i * f->size;
    uint32_t shown = whole || f->size <= SHORT ? f->size : SHORT;
    uint64_t v;

    if (saved_number(s, f, i, &v)) {
        return g_strdup_printf("0x%0*" PRIx64, (int)f->size * 2, v);
    }
    GString *out = g_string_sized_new(2 * shown + 32);
    for (uint32_t k = 0; k < shown; k++) {
        static const char digits[] = "0123456789abcdef";
        g_string_append_c(out, digits[p[k] >> 4]);
        g_string_append_c(out, digits[p[k] & 15]);
    }
    if (shown < f->size) {
        g_string_append_printf(out, "... (%u bytes)", f->size);
    }
    return g_string_free(out, FALSE);
}

bool saved_all_equal(const SavedSection *s, const SavedField *f)
{
    const uint8_t *p = (const uint8_t *)g_bytes_get_data(s->contents, NULL) + f->at;

    return f->count < 2 || !memcmp(p, p + f->size, (size_t)(f->count - 1) * f->size);
}

const SavedField *saved_field(const SavedSection *s, const char *common_path)
{
    for (guint i = 0; s && s->fields && i < s->fields->len; i++) {
        const SavedField *f = &g_array_index(s->fields, SavedField, i);
        g_autofree char *path = saved_common_path(f->path);
        if (f->type && !strcmp(path, common_path)) {
            return f;
        }
    }
    return NULL;
}

const char *saved_size_text(char *t, size_t n, uint64_t bytes)
{
    static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
    unsigned u = 0;
    double v = bytes;

    while (v >= 1024 && u + 1 < G_N_ELEMENTS(units)) {
        v /= 1024;
        u++;
    }
    g_snprintf(t, n, v == (uint64_t)v ? "%.0f %s" : "%.1f %s", v, units[u]);
    return t;
}
