/*
 * See options.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/options.h"
#include "migration/background.h"
#include "migration/bitmap-mapping.h"
#include "migration/dialect.h"
#include "system/opts.h"
#include "system/report.h"
#include <errno.h>
#include <string.h>

static const struct { const char *name, *since; int refused; } capabilities[CAP_COUNT] = {
#define C(id, name_, since_, refused_) [CAP_##id] = { name_, since_, refused_ },
    MIGRATION_CAPABILITIES(C)
#undef C
};

static const char *const words[] = { [PT_COMPRESSION] = MULTIFD_COMPRESSION_WORDS, [PT_ZERO_PAGE] = ZERO_PAGE_WORDS, [PT_MODE] = MIG_MODE_WORDS };

const MigrationParameterRow migration_parameter_rows[PARAM_COUNT] = {
#define P(id, name_, type_, otherwise_, min_, max_, range_, unit_, since_) \
    [PARAM_##id] = { name_, PT_##type_, otherwise_, min_, max_, range_, unit_, since_ },
    MIGRATION_PARAMETERS(P)
#undef P
};
#define ROWS migration_parameter_rows

static MigrationOptions now = {
#define P(id, name_, type_, otherwise_, ...) [PARAM_##id] = otherwise_,
    .number = { MIGRATION_PARAMETERS(P) }
#undef P
};

bool migration_has(MigrationCapability c)
{
    return __atomic_load_n(&now.cap[c], __ATOMIC_RELAXED);
}

uint64_t migration_parameter(MigrationParameter p)
{
    return __atomic_load_n(&now.number[p], __ATOMIC_RELAXED);
}

const char *migration_parameter_text(MigrationParameter p)
{
    return now.text[p] ? now.text[p] : "";
}

static GMutex text_lock;    /* of changing now.text, and of reading it without the big lock */

char *migration_parameter_dup(MigrationParameter p)
{
    g_mutex_lock(&text_lock);
    char *text = g_strdup(migration_parameter_text(p));
    g_mutex_unlock(&text_lock);
    return text;
}

MigrationOptions migration_options_copy(void)
{
    MigrationOptions o = now;

    for (unsigned i = 0; i < PARAM_COUNT; i++) {
        o.text[i] = g_strdup(now.text[i]);
    }
    return o;
}

void migration_options_clear(MigrationOptions *o)
{
    for (unsigned i = 0; i < PARAM_COUNT; i++) {
        g_clear_pointer(&o->text[i], g_free);
    }
}

/* ---- what goes together ---- */

/*
 * What is wrong when `one` is on and `other` is `on`, in the order in which the peer looks; its words, with the other's name for %s. Measured
 * with all sets of up to three capabilities.
 */
static const struct Rule { MigrationCapability one, other; bool on; const char *text; } rules[] = {
#define NOT_WITH(one, other, text) { CAP_##one, CAP_##other, true, text }
#define NEEDS(one, other, text) { CAP_##one, CAP_##other, false, text }
#define NEVER_ON(one, text) { CAP_##one, CAP_##one, true, text }
    NOT_WITH(POSTCOPY_RAM, IGNORE_SHARED, "Postcopy is not compatible with ignore-shared"),
#define ALONE(other) NOT_WITH(BACKGROUND_SNAPSHOT, other, "Background-snapshot is not compatible with %s")
    ALONE(POSTCOPY_RAM), ALONE(DIRTY_BITMAPS), ALONE(POSTCOPY_BLOCKTIME), ALONE(LATE_BLOCK_ACTIVATE), ALONE(RETURN_PATH), ALONE(MULTIFD),
    ALONE(PAUSE_BEFORE_SWITCHOVER), ALONE(AUTO_CONVERGE), ALONE(RELEASE_RAM), ALONE(RDMA_PIN_ALL), ALONE(COMPRESS), ALONE(XBZRLE), ALONE(COLO),
    ALONE(VALIDATE_UUID), ALONE(ZERO_COPY_SEND),
#define ZERO_COPY "Zero copy only available for non-compressed non-TLS multifd migration"
    NEEDS(ZERO_COPY_SEND, MULTIFD, ZERO_COPY), NOT_WITH(ZERO_COPY_SEND, XBZRLE, ZERO_COPY), NOT_WITH(ZERO_COPY_SEND, COMPRESS, ZERO_COPY),
    NEEDS(POSTCOPY_PREEMPT, POSTCOPY_RAM, "Postcopy preempt requires postcopy-ram"),
    NOT_WITH(POSTCOPY_PREEMPT, COMPRESS, "Postcopy preempt not compatible with compress"),
    NOT_WITH(MULTIFD, COMPRESS, "Multifd is not compatible with compress"),
    NEEDS(SWITCHOVER_ACK, RETURN_PATH, "Capability 'switchover-ack' requires capability 'return-path'"),
    NOT_WITH(DIRTY_LIMIT, AUTO_CONVERGE, "dirty-limit conflicts with auto-converge either of then available currently"),
    NEVER_ON(DIRTY_LIMIT, "dirty-limit requires KVM with accelerator property 'dirty-ring-size' set"),
    NOT_WITH(MAPPED_RAM, XBZRLE, "Mapped-ram migration is incompatible with xbzrle"),
    NOT_WITH(MAPPED_RAM, COMPRESS, "Mapped-ram migration is incompatible with compress"),
    NOT_WITH(MAPPED_RAM, POSTCOPY_RAM, "Mapped-ram migration is incompatible with postcopy"),
};

static bool check_capabilities(const MigrationOptions *o, GError **err)
{
    if (o->cap[CAP_BACKGROUND_SNAPSHOT] && !now.cap[CAP_BACKGROUND_SNAPSHOT] && !background_possible(err)) {
        return false;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(rules); i++) {
        const struct Rule *r = &rules[i];
        if (o->cap[r->one] && o->cap[r->other] == r->on) {
            g_auto(GStrv) around = g_strsplit(r->text, "%s", 2);
            return report_fail(err, "%s%s%s", around[0], around[1] ? capabilities[r->other].name : "", around[1] ? around[1] : "");
        }
    }
    for (unsigned c = 0; c < CAP_COUNT; c++) {
        if (o->cap[c] && !now.cap[c] && capabilities[c].refused) {
            return report_fail(err, "The capability '%s' is not built into this program%s: leave it off on both sides", capabilities[c].name,
                               capabilities[c].refused == NOT_YET ? " yet" : "");
        }
    }
    return true;
}

static bool out_of_range(MigrationParameter p, GError **err)
{
    g_autofree char *c_name = g_strdelimit(g_strdup(ROWS[p].name), "-", '_');

    if (g_ascii_isupper(*ROWS[p].range)) {
        return report_fail(err, "%s", ROWS[p].range);
    }
    return report_fail(err, "Parameter '%s' expects %s", c_name, ROWS[p].range);
}

static bool check_parameters(const MigrationOptions *o, GError **err)
{
    for (unsigned p = 0; p < PARAM_COUNT; p++) {
        uint64_t v = o->number[p];
        bool ok = ROWS[p].type == PT_STRING || (v >= ROWS[p].min && v <= ROWS[p].max);
        if (p == PARAM_BLOCK_BITMAP_MAPPING && o->text[p] && !bitmap_mapping_check(o->text[p], err)) {
            return false;
        }
        if (p == PARAM_XBZRLE_CACHE_SIZE || p == PARAM_X_RDMA_CHUNK_SIZE) {
            ok = ok && !(v & (v - 1));
        } else if (p == PARAM_MAX_CPU_THROTTLE) {
            ok = ok && v >= o->number[PARAM_CPU_THROTTLE_INITIAL];
        }
        if (!ok) {
            return out_of_range(p, err);
        }
    }
    if (o->number[PARAM_MODE] > MIG_MODE_CPR_REBOOT) {
        g_auto(GStrv) list = g_strsplit(MIG_MODE_WORDS, " ", -1);
        return report_fail(err, "The mode '%s' is not built into this program: it hands memory to another process on this host; '%s' and '%s' are there",
                           list[o->number[PARAM_MODE]], list[MIG_MODE_NORMAL], list[MIG_MODE_CPR_REBOOT]);
    }
    if (o->cap[CAP_ZERO_COPY_SEND] && (o->number[PARAM_MULTIFD_COMPRESSION] || (o->text[PARAM_TLS_CREDS] && *o->text[PARAM_TLS_CREDS]))) {
        return report_fail(err, ZERO_COPY);
    }
    return true;
}

bool migration_options_set(MigrationOptions *o, GError **err)
{
    const char *dialect_wanted = o->text[PARAM_X_DESTINATION_DIALECT];

    if (!check_capabilities(o, err) || !check_parameters(o, err)) {
        return false;
    }
    if (dialect_choose && g_strcmp0(dialect_wanted, now.text[PARAM_X_DESTINATION_DIALECT]) && !dialect_choose(dialect_wanted, err)) {
        return false;
    }
    for (unsigned i = 0; i < CAP_COUNT; i++) {
        __atomic_store_n(&now.cap[i], o->cap[i], __ATOMIC_RELAXED);
    }
    for (unsigned i = 0; i < PARAM_COUNT; i++) {
        __atomic_store_n(&now.number[i], o->number[i], __ATOMIC_RELAXED);
    }
    g_mutex_lock(&text_lock);
    for (unsigned i = 0; i < PARAM_COUNT; i++) {
        g_free(now.text[i]);
        now.text[i] = g_steal_pointer(&o->text[i]);
    }
    g_mutex_unlock(&text_lock);
    return true;
}

/* ---- names and values as text ---- */

const char *migration_capability_name(MigrationCapability c)
{
    return capabilities[c].name;
}

int migration_capability_find(const char *name, GError **err)
{
    for (unsigned i = 0; i < CAP_COUNT; i++) {
        if (!strcmp(capabilities[i].name, name)) {
            return i;
        }
    }
    report_fail(err, "invalid parameter value: %s", name);
    return -1;
}

int migration_parameter_find(const char *name, GError **err)
{
    for (unsigned i = 0; i < PARAM_COUNT; i++) {
        if (!strcmp(ROWS[i].name, name)) {
            return i;
        }
    }
    report_fail(err, "invalid parameter value: %s", name);
    return -1;
}

bool migration_parameter_word(MigrationParameter p, const char *word, uint64_t *place)
{
    g_auto(GStrv) list = g_strsplit(words[ROWS[p].type], " ", -1);

    for (unsigned i = 0; list[i]; i++) {
        if (!strcmp(list[i], word)) {
            *place = i;
            return true;
        }
    }
    return false;
}

static bool parse_small(const MigrationParameterRow *r, const char *text, uint64_t most, uint64_t *v, GError **err)
{
    char *end;

    errno = 0;
    *v = g_ascii_strtoull(text, &end, 0);
    if (errno || end == text || *end) {
        return report_fail(err, "Parameter '%s' expects uint64", r->name);
    }
    return *v <= most || report_fail(err, "Parameter '%s' expects %s", r->name, most == UINT8_MAX ? "uint8_t" : "uint32_t");
}

bool migration_parameter_parse(MigrationOptions *o, MigrationParameter p, const char *text, GError **err)
{
    const MigrationParameterRow *r = &ROWS[p];
    uint64_t *v = &o->number[p];
    bool on;

    switch (r->type) {
    case PT_U8: case PT_U32:
        return parse_small(r, text, r->type == PT_U8 ? UINT8_MAX : UINT32_MAX, v, err);
    case PT_SIZE:
        return opts_parse_size(r->name, text, 1, v, err);
    case PT_MSIZE:
        return opts_parse_size(r->name, text, 1 << 20, v, NULL) || report_fail(err, "Invalid size %s", text);
    case PT_BOOL:
        if (!opts_parse_bool(r->name, text, &on, err)) {
            return false;
        }
        *v = on;
        return true;
    case PT_STRING:
        g_free(o->text[p]);
        o->text[p] = g_strdup(text);
        return true;
    case PT_BITMAPS:
        return report_fail(err, "The %s parameter can only be set through QMP", r->name);
    default:
        return migration_parameter_word(p, text, v) || report_fail(err, "Parameter '%s' does not accept value '%s'", r->name, text);
    }
}

char *migration_parameter_print(MigrationParameter p)
{
    uint64_t v = migration_parameter(p);

    switch (ROWS[p].type) {
    case PT_BOOL:
        return g_strdup(v ? "on" : "off");
    case PT_STRING:
        return g_strdup_printf("'%s'", migration_parameter_text(p));
    case PT_BITMAPS:
        return now.text[p] ? bitmap_mapping_print(now.text[p]) : NULL;
    case PT_U8: case PT_U32: case PT_SIZE: case PT_MSIZE:
        return g_strdup_printf("%" G_GUINT64_FORMAT, v);
    default: {
        g_auto(GStrv) list = g_strsplit(words[ROWS[p].type], " ", -1);
        return g_strdup(list[v]);
    }
    }
}
