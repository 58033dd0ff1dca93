/*
 * See wire.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/wire.h"
#include "migration/stream.h"
#include "system/report.h"
#include <inttypes.h>

bool wire_check_magic(uint64_t magic, GError **err)
{
    return magic == WIRE_MAGIC
        || report_fail(err, "Not a migration stream: it begins with 0x%08" PRIx64 " instead of 0x%08x ('QEVM')", magic, WIRE_MAGIC);
}

bool wire_check_version(uint64_t version, GError **err)
{
    return version == WIRE_VERSION
        || report_fail(err, "Unsupported migration stream version %" PRIu64 "; this program reads %d", version, WIRE_VERSION);
}

bool wire_read_machine(VmsSource *in, char name[WIRE_MACHINE_BYTES], GError **err)
{
    uint64_t n;

    if (!vms_read_be(in, 4, &n, err)) {
        return false;
    }
    if (n >= WIRE_MACHINE_BYTES) {
        return report_fail(err, "configuration: the machine's name is said to be %" PRIu64 " bytes long; at most %d are possible", n,
                           WIRE_MACHINE_BYTES - 1);
    }
    name[n] = 0;
    return in->read(in, name, n, err);
}
