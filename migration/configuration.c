/*
 * What opens a stream behind its head: the machine's name, and as subsections what both sides have to know before the first section: the
 * capabilities that change how memory is written, the guest's UUID, the size of pages.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/options.h"
#include "migration/savevm.h"
#include "migration/wire.h"
#include "system/report.h"
#include "system/runstate.h"
#include <inttypes.h>
#include <string.h>

#define UUID_BYTES 16
#define NO_UUID "00000000-0000-0000-0000-000000000000"

/* They travel, and have to agree. */
static const MigrationCapability told[] = { CAP_IGNORE_SHARED, CAP_MAPPED_RAM };

static void subsection(MigOut *o, const char *name)
{
    mig_put_be(o, 1, SECTION_SUBSECTION);
    mig_put_string8(o, name);
    mig_put_be(o, 4, 1);
}

static void uuid_bytes(const char *text, uint8_t *wire)
{
    unsigned n = 0;

    for (const char *p = text; *p && n < 2 * UUID_BYTES; p++) {
        if (g_ascii_isxdigit(*p)) {
            wire[n / 2] = wire[n / 2] << 4 | g_ascii_xdigit_value(*p);
            n++;
        }
    }
}

static char *uuid_text(const uint8_t *w)
{
    return g_strdup_printf("%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7],
                           w[8], w[9], w[10], w[11], w[12], w[13], w[14], w[15]);
}

void configuration_save(MigOut *o, const char *machine)
{
    unsigned n = 0;

    mig_put_be(o, 1, SECTION_CONFIGURATION);
    mig_put_be(o, 4, strlen(machine));
    mig_put(o, machine, strlen(machine));
    for (unsigned i = 0; i < G_N_ELEMENTS(told); i++) {
        n += migration_has(told[i]);
    }
    if (n) {
        subsection(o, "configuration/capabilities");
        mig_put_be(o, 4, n);
        for (unsigned i = 0; i < G_N_ELEMENTS(told); i++) {
            if (migration_has(told[i])) {
                mig_put_string8(o, migration_capability_name(told[i]));
            }
        }
    }
    if (migration_has(CAP_VALIDATE_UUID)) {
        uint8_t wire[UUID_BYTES] = { 0 };
        uuid_bytes(runstate_guest_uuid ? runstate_guest_uuid : NO_UUID, wire);
        subsection(o, "configuration/uuid");
        mig_put(o, wire, UUID_BYTES);
    }
}

/* What the head says and this machine is do not go together; the rest can be read all the same. */
static void disagree(GString *reasons, GError *e)
{
    if (e) {
        g_string_append_printf(reasons, "%s%s", reasons->len ? "\n" : "", e->message);
        g_error_free(e);
    }
}

static bool load_uuid(VmsSource *in, GString *reasons, GError **err)
{
    GError *e = NULL;
    uint8_t wire[UUID_BYTES], here[UUID_BYTES];

    if (!in->read(in, wire, UUID_BYTES, err)) {
        return false;
    }
    g_autofree char *received = uuid_text(wire);
    if (!runstate_guest_uuid) {
        report_warning("UUID is received %s, but local uuid isn't set", received);
        return true;
    }
    uuid_bytes(runstate_guest_uuid, here);
    if (memcmp(wire, here, UUID_BYTES)) {
        report_fail(&e, "UUID received is %s and local is %s: start this emulator with -uuid %s", received, runstate_guest_uuid, received);
        disagree(reasons, e);
    }
    return true;
}

static bool load_capabilities(VmsSource *in, bool *received, GString *reasons, GError **err)
{
    uint64_t n;

    if (!vms_read_be(in, 4, &n, err)) {
        return false;
    }
    if (n > CAP_COUNT) {
        return report_fail(err, "configuration/capabilities: the stream names %" PRIu64 " capabilities; there are %d", n, CAP_COUNT);
    }
    while (n--) {
        char name[256];
        g_autoptr(GError) unknown = NULL;
        GError *e = NULL;
        if (!vms_read_string8(in, name, err)) {
            return false;
        }
        int c = migration_capability_find(name, &unknown);
        if (c < 0) {
            report_fail(&e, "Received unknown capability '%s': switch it off on the source", name);
            disagree(reasons, e);
        } else {
            received[c] = true;
        }
    }
    return true;
}

static bool load_subsection(VmsSource *in, bool *received, GString *reasons, GError **err)
{
    char name[256];
    uint64_t v;

    if (!vms_read_be(in, 1, &v, err) || !vms_read_string8(in, name, err) || !vms_read_be(in, 4, &v, err)) {
        return false;
    }
    if (!strcmp(name, "configuration/capabilities")) {
        return load_capabilities(in, received, reasons, err);
    }
    if (!strcmp(name, "configuration/uuid")) {
        return load_uuid(in, reasons, err);
    }
    if (!strcmp(name, "configuration/target-page-bits")) {
        return vms_read_be(in, 4, &v, err)
            && (v == 12 || report_fail(err, "%s: the stream has pages of 2^%" PRIu64 " bytes, here they are of 2^12", name, v));
    }
    return report_fail(err, "the stream has the subsection '%s', which this program does not know: switch the capability that adds it off on the "
                       "source", name);
}

bool configuration_load(VmsSource *in, GString *reasons, GError **err)
{
    bool received[CAP_COUNT] = { false };
    char name[WIRE_MACHINE_BYTES];
    uint8_t head;
    GError *e = NULL;

    if (!wire_read_machine(in, name, err)) {
        return false;
    }
    savevm_check_machine(name, &e);
    disagree(reasons, e);
    while (in->peek(in, &head, 1) == 1 && head == SECTION_SUBSECTION) {
        if (!load_subsection(in, received, reasons, err)) {
            return false;
        }
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(told); i++) {
        bool here = migration_has(told[i]), there = received[told[i]];
        if (here != there) {
            e = NULL;
            report_fail(&e, "Capability %s is %s, but received capability is %s: set it alike on both sides", migration_capability_name(told[i]),
                        here ? "on" : "off", there ? "on" : "off");
            disagree(reasons, e);
        }
    }
    return true;
}
