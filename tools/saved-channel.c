/*
 * What went by one of multifd's channels, recorded: it introduces itself, then come packets of pages (multifd-wire.h). It holds nothing but pages, and
 * does not say how large memory is: up to the last page that came.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tools/saved.h"
#include "migration/multifd-wire.h"
#include "migration/ram-wire.h"
#include "system/report.h"
#include <inttypes.h>
#include <string.h>

#define PLACE_MAX (1ull << 50)

static SavedBlock *block_named(Saved *s, const char *name)
{
    SavedBlock *b = saved_block(s, name);
    return b ? b : saved_new_block(s, name, 0);
}

static bool read_pages(Saved *s, VmsSource *in, SavedBlock *b, const MultifdHead *h, const SavedOptions *o, GError **err)
{
    bool packed = h->flags & MULTIFD_METHOD;
    uint8_t page[RAM_PAGE] = { 0 };
    const uint64_t zero = saved_zero_page_hash();

    for (unsigned i = 0; i < h->normal + h->zero; i++) {
        bool whole = i < h->normal && !packed;
        if (whole && !in->read(in, page, sizeof(page), err)) {
            return false;
        }
        b->bytes = MAX(b->bytes, h->page[i] + RAM_PAGE);
        *(i >= h->normal ? &b->zero : packed ? &b->compressed : &b->whole) += 1;
        if (!saved_note_page(s, b, h->page[i], o, i >= h->normal ? zero : whole && o->hash_pages ? saved_page_hash(page) : 1, err)) {
            return false;
        }
    }
    return !packed || !h->normal || saved_skip(in, h->size, err);
}

bool saved_read_channel(Saved *s, VmsSource *in, const SavedOptions *o, GError **err)
{
    uint8_t hello[MULTIFD_HELLO_BYTES], wire[MULTIFD_HEAD_BYTES], next;
    uint64_t packets = 0;
    static const char *const methods[] = { "as they are", "zlib", "zstd" };
    MultifdHead h = { 0 };
    unsigned method = 0;

    if (!in->read(in, hello, sizeof(hello), err)) {
        return false;
    }
    s->channel = true;
    for (; in->peek(in, &next, 1); packets++) {
        if (!in->read(in, wire, sizeof(wire), err)) {
            return false;
        }
        if (!multifd_get_head(wire, &h, err) || !multifd_check_pages(&h, PLACE_MAX, err)) {
            return false;
        }
        method |= h.normal ? h.flags & MULTIFD_METHOD : 0;
        if (h.block && !read_pages(s, in, block_named(s, h.block), &h, o, err)) {
            return false;
        }
    }
    g_free(s->note);
    s->note = g_strdup_printf("this is channel %u of multifd, %" PRIu64 " packets, pages %s: the stream itself went another way", hello[24], packets,
                              methods[MIN(method / MULTIFD_ZLIB, 2)]);
    return true;
}
