/*
 * What each release of QEMU changed in the streams of machine versions that were there already. A row holds for its program and all newer
 * ones, until a newer row says otherwise: the table is applied from the oldest row up to the program that was asked for; by default that is
 * the machine version's own. A row of a machine holds for it and newer ones.
 *
 * Measured in streams of 2.5, 2.6, 2.7, 2.11, 5.2, 6.2, 7.2, 8.2.2, 9.2.1, 10.0.13, 10.1.0, 10.2.1 and 11.1; where a change came between two of them,
 * the row is at the release whose documentation or history tells of it (docs/devel/migration-dialects.rst). A program that is named without its
 * third number is the newest of its release, a machine version's own the oldest.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr.h"
#include "migration/dialect.h"
#include "migration/vmstate.h"
#include "target/ppc/features.h"
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>

typedef struct DialectRow { const char *program, *machine; size_t at; uint64_t value; } DialectRow;

#define ROW(program, field, value) { program, NULL, offsetof(Dialect, field), value }
#define ROW_OF(program, machine, field, value) { program, machine, offsetof(Dialect, field), value }
#define F(name) (1ull << PPC_F_##name % 64)
#define CAPS(n) ((1ull << (n)) - 1)         /* the first n */

static const DialectRow rows[] = {
    ROW("2.1", words.lacks, F(64H) | F(CILDST)),
    ROW("2.1", words.lacks2, F(PM206)),
    ROW("2.1", words.power7_lacks, F(64BX)),
    ROW("2.1", reservation, true),
    ROW("2.1", slb_version, 1),
    ROW("2.1", iommu_version, 2),
    ROW("2.1", presenters_first, true),
    ROW("2.4", configuration, true),
    ROW("2.6", configuration, false),
    ROW("2.7", words.lacks, 0),
    ROW("2.7", words.lacks2, 0),
    ROW("2.7", words.power7_lacks, 0),
    ROW("2.8", words.lacks, F(64H) | F(CILDST)),        /* it hides what 2.6 did not have, but for POWER7's lq */
    ROW("2.8", words.lacks2, F(PM206)),
    ROW("2.8", options, DIALECT_IF_ANY),
    ROW("2.10", presenters_first, false),
    ROW("2.11", options, DIALECT_ALWAYS),               /* measured of this one only */
    ROW("2.11", capabilities, CAPS(6)),                 /* from 2.11.1 on */
    ROW("2.12", options, DIALECT_IF_ANY),
    ROW("3.1", capabilities, CAPS(8)),
    ROW("4.0", capabilities, CAPS(9)),
    ROW_OF("4.1", "4.1", page_size_always, true),
    ROW("4.2", capabilities, CAPS(10)),
    ROW("5.0", capabilities, CAPS(11)),
    ROW("6.1", capabilities, CAPS(12)),
    ROW("7.1", words.has2, F(MEM_LWSYNC)),
    ROW("7.1", iommu_version, 3),
    ROW("8.2", decrementer, true),
    ROW("8.2", reservation, false),
    ROW("9.0", suspended, true),
    ROW("9.1", capabilities, CAPS(13)),
    ROW("9.1", bhrb, true),
    ROW("9.2", slb_version, 2),
    ROW("9.2", no_barriers, true),
    ROW("9.2", no_presenters, true),
    ROW_OF("10.0", "10.0", switchover_start, true),
    ROW("10.0.13", no_presenters, false),               /* the oldest measured that has them again */
    ROW("10.1", no_presenters, true),
    ROW("10.2", no_presenters, false),
    ROW("10.2", page_size_always, false),
    ROW_OF("10.2.1", "10.1", rtas_stopped, true),
};

/* Machine versions up to the second are not in programs from the first on. */
static const struct { const char *program, *machine; } gone[] = { { "9.2", "2.12" }, { "10.1", "4.1" }, { "10.2", "4.2" }, { "11.0", "5.1" } };

Dialect dialect, dialect_own;
bool (*dialect_choose)(const char *program, GError **err);

#define NUMBER(major, minor, micro) ((major) << 16 | (minor) << 8 | (micro))
#define NEWEST 0xff                         /* micro number of whoever names none */

/* "2.7.1" as 0x20701, "2.7" as 0x207 and `micro`; 0: no number of a program. */
static unsigned number_of(const char *text, unsigned micro)
{
    unsigned major, minor;
    char more;
    int n = sscanf(text, "%3u.%3u.%3u%c", &major, &minor, &micro, &more);

    return (n == 2 || n == 3) && g_ascii_isdigit(text[strlen(text) - 1]) && minor < 0xff && micro <= NEWEST ? NUMBER(major, minor, micro) : 0;
}

static unsigned number_of_version(const char *version)
{
    unsigned major = 0, minor = 0;

    sscanf(version, "%u.%u", &major, &minor);       /* of "2.12-sxxm", too */
    return NUMBER(major, minor, 0);
}

static void fill(Dialect *d, unsigned program, unsigned machine)
{
    memset(d, 0, sizeof(*d));
    g_snprintf(d->program, sizeof(d->program), "%u.%u", program >> 16, program >> 8 & 0xff);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (number_of(rows[i].program, 0) <= program && (!rows[i].machine || number_of(rows[i].machine, 0) <= machine)) {
            *(uint64_t *)((char *)d + rows[i].at) = rows[i].value;
        }
    }
}

static bool check(const char *text, unsigned program, unsigned machine, const char *version, GError **err)
{
    g_autofree char *as_version = g_strdup_printf("pseries-%u.%u", program >> 16, program >> 8 & 0xff);

    if (!program || !machine_kind(as_version)) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "x-destination-dialect: '%s' is no version of QEMU with pseries machines: "
                    "2.1 to 11.1 are, for instance 2.7.0", text);
        return false;
    }
    if (program < machine) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "x-destination-dialect: QEMU %s is older than the machine pseries-%s: a "
                    "guest of it cannot go there", text, version);
        return false;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(gone); i++) {
        if (program >= number_of(gone[i].program, 0) && machine <= number_of(gone[i].machine, 0)) {
            g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "x-destination-dialect: QEMU %s has no machine pseries-%s any more: a "
                        "guest of it can go to programs before %s, and to this one", text, version, gone[i].program);
            return false;
        }
    }
    return true;
}

bool spapr_dialect_choose(const SpaprConfig *c, const char *program, GError **err)
{
    unsigned machine = number_of_version(c->version), wanted = machine;

    program = program && *program ? program : c->x_destination_dialect;
    if (program && *program) {
        wanted = number_of(program, NEWEST);
        if (!check(program, wanted, machine, c->version, err)) {
            return false;
        }
    }
    fill(&dialect_own, machine, machine);
    fill(&dialect, wanted, machine);
    dialect.named = program && *program;
    vmstate_reorder("icp/server", dialect.presenters_first ? STATE_ORDER_PRESENTERS : 0);
    return true;
}

static bool choose(const char *program, GError **err)
{
    return spapr_dialect_choose(spapr->cfg, program, err);
}

bool spapr_dialect_init(SpaprMachine *s, GError **err)
{
    dialect_choose = choose;
    return spapr_dialect_choose(s->cfg, NULL, err);
}
