/*
 * See multifd-wire.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/multifd-wire.h"
#include "migration/vmstate.h"
#include "system/report.h"
#include <inttypes.h>
#include <string.h>

enum { AT_FLAGS = 8, AT_ALLOCATED = 12, AT_NORMAL = 16, AT_SIZE = 20, AT_NUMBER = 24, AT_ZERO = 32, AT_BLOCK = 64, AT_PAGES = 320 };

static void put_magic(uint8_t *wire, size_t size)
{
    memset(wire, 0, size);
    vms_put_be(wire, 4, MULTIFD_MAGIC);
    vms_put_be(wire + 4, 4, MULTIFD_VERSION);
}

static bool check_magic(const uint8_t *wire, const char *what, GError **err)
{
    uint32_t magic = vms_get_be(wire, 4), version = vms_get_be(wire + 4, 4);

    if (magic != MULTIFD_MAGIC) {
        return report_fail(err, "a multifd %s begins with 0x%08x, it should with 0x%08x: is multifd on at both sides?", what, magic, MULTIFD_MAGIC);
    }
    return version == MULTIFD_VERSION || report_fail(err, "a multifd %s has version %u, this program reads %u", what, version, MULTIFD_VERSION);
}

void multifd_put_head(uint8_t *wire, const MultifdHead *h)
{
    put_magic(wire, MULTIFD_HEAD_BYTES);
    vms_put_be(wire + AT_FLAGS, 4, h->flags);
    vms_put_be(wire + AT_ALLOCATED, 4, MULTIFD_PAGES);
    vms_put_be(wire + AT_NORMAL, 4, h->normal);
    vms_put_be(wire + AT_SIZE, 4, h->size);
    vms_put_be(wire + AT_NUMBER, 8, h->number);
    vms_put_be(wire + AT_ZERO, 4, h->zero);
    if (h->normal + h->zero) {
        g_strlcpy((char *)wire + AT_BLOCK, h->block, AT_PAGES - AT_BLOCK);
    }
    for (unsigned i = 0; i < h->normal + h->zero; i++) {
        vms_put_be(wire + AT_PAGES + 8 * i, 8, h->page[i]);
    }
}

bool multifd_get_head(const uint8_t *wire, MultifdHead *h, GError **err)
{
    if (!check_magic(wire, "packet", err)) {
        return false;
    }
    h->flags = vms_get_be(wire + AT_FLAGS, 4);
    h->normal = vms_get_be(wire + AT_NORMAL, 4);
    h->zero = vms_get_be(wire + AT_ZERO, 4);
    h->size = vms_get_be(wire + AT_SIZE, 4);
    h->number = vms_get_be(wire + AT_NUMBER, 8);
    if (h->flags & ~(MULTIFD_SYNC | MULTIFD_METHOD) || (h->flags & MULTIFD_METHOD) > MULTIFD_ZSTD) {
        return report_fail(err, "multifd packet %" PRIu64 " has flags 0x%x: this program knows zlib (0x2), zstd (0x4) and sync (0x1); set "
                           "multifd-compression to one of these on the source", h->number, h->flags);
    }
    if (h->normal > MULTIFD_PAGES || h->zero > MULTIFD_PAGES - h->normal) {
        return report_fail(err, "multifd packet %" PRIu64 " is said to have %u pages and %u of zeros; at most %u are possible", h->number, h->normal,
                           h->zero, MULTIFD_PAGES);
    }
    h->block = NULL;
    if (h->normal + h->zero == 0) {
        return true;
    }
    if (!memchr(wire + AT_BLOCK, 0, AT_PAGES - AT_BLOCK)) {
        return report_fail(err, "multifd packet %" PRIu64 " is of memory with a name that does not end within %u bytes", h->number, AT_PAGES - AT_BLOCK);
    }
    h->block = (const char *)wire + AT_BLOCK;
    for (unsigned i = 0; i < h->normal + h->zero; i++) {
        h->page[i] = vms_get_be(wire + AT_PAGES + 8 * i, 8);
    }
    if (!h->normal) {
        return true;
    }
    uint32_t most = h->flags & MULTIFD_METHOD ? MULTIFD_COMPRESSED_MAX : h->normal * 4096;
    if (h->size > most || (!(h->flags & MULTIFD_METHOD) && h->size != most)) {
        return report_fail(err, "multifd packet %" PRIu64 " is said to have %u bytes of data for %u pages; %s%u are possible", h->number, h->size,
                           h->normal, h->flags & MULTIFD_METHOD ? "at most " : "", most);
    }
    return true;
}

bool multifd_check_pages(const MultifdHead *h, uint64_t block_bytes, GError **err)
{
    for (unsigned i = 0; i < h->normal + h->zero; i++) {
        if (h->page[i] % 4096 || h->page[i] >= block_bytes) {
            return report_fail(err, "multifd packet %" PRIu64 ": Illegal RAM offset 0x%" PRIx64 " in %s of 0x%" PRIx64 " bytes", h->number, h->page[i],
                               h->block, block_bytes);
        }
    }
    return true;
}

static void uuid_bytes(const char *text, uint8_t *bytes)
{
    unsigned n = 0;

    memset(bytes, 0, 16);
    for (; text && *text && n < 32; text++) {
        if (g_ascii_isxdigit(*text)) {
            bytes[n / 2] |= g_ascii_xdigit_value(*text) << (n % 2 ? 0 : 4);
            n++;
        }
    }
}

static char *uuid_text(const uint8_t *b)
{
    return g_strdup_printf("%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7],
                           b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

void multifd_put_hello(uint8_t *wire, const char *uuid, unsigned channel)
{
    put_magic(wire, MULTIFD_HELLO_BYTES);
    uuid_bytes(uuid, wire + 8);
    wire[24] = channel;
}

bool multifd_get_hello(const uint8_t *wire, const char *uuid, unsigned channels, unsigned *channel, GError **err)
{
    uint8_t own[16];

    if (!check_magic(wire, "channel", err)) {
        return false;
    }
    uuid_bytes(uuid, own);
    if (memcmp(own, wire + 8, 16)) {
        g_autofree char *there = uuid_text(wire + 8), *here = uuid_text(own);
        return report_fail(err, "a multifd channel comes from the guest with the uuid %s, this one has %s: start this emulator with -uuid %s", there, here,
                           there);
    }
    *channel = wire[24];
    return *channel < channels || report_fail(err, "multifd channel %u comes, and multifd-channels is %u here: set it to the same number on both sides",
                                              *channel, channels);
}
