/*
 * What qemu-migration reads: a small stream cut at every byte, with every byte changed in several ways, with lengths and counts at their limits.
 * Nothing may crash, and what is not whole says so. The recordings themselves are tests/functional/test_migration_tool.py's.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/multifd-wire.h"
#include "migration/wire.h"
#include "tools/tool.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

static const char description[] =
    "{\"page_size\": 4096, \"devices\": [{\"name\": \"timer\", \"instance_id\": 0, \"vmsd_name\": \"timer\", \"version\": 2, \"fields\": ["
    "{\"name\": \"a\", \"type\": \"int64\", \"size\": 8}, {\"name\": \"list\", \"array_len\": 2, \"type\": \"struct\", \"struct\": {\"vmsd_name\": \"x\", "
    "\"version\": 1, \"fields\": [{\"name\": \"b\", \"type\": \"uint8\", \"size\": 1}, {\"name\": \"c\", \"array_len\": 3, \"type\": \"uint16\", \"size\": 2}]}, "
    "\"size\": 7}], \"subsections\": [{\"vmsd_name\": \"timer/x\", \"version\": 1, \"fields\": [{\"name\": \"d\", \"type\": \"buffer\", \"size\": 5}]}]}]}";

static void put(GByteArray *b, unsigned bytes, uint64_t v)
{
    uint8_t wire[8];

    vms_put_be(wire, bytes, v);
    g_byte_array_append(b, wire, bytes);
}

static void put_text(GByteArray *b, const char *text)
{
    g_byte_array_append(b, (const uint8_t *)text, strlen(text));
}

static void put_name(GByteArray *b, const char *name)
{
    put(b, 1, strlen(name));
    put_text(b, name);
}

static void put_head(GByteArray *b, unsigned type, uint32_t id, const char *name, uint32_t version)
{
    put(b, 1, type);
    put(b, 4, id);
    if (name) {
        put_name(b, name);
        put(b, 4, 0);
        put(b, 4, version);
    }
}

static void put_foot(GByteArray *b, uint32_t id)
{
    put(b, 1, SECTION_FOOTER);
    put(b, 4, id);
}

static void put_zeros(GByteArray *b, size_t until)
{
    while (b->len < until) {
        put(b, 1, 0);
    }
}

/* Three pages of memory at their places, of which the second is there, and nothing else. */
static GByteArray *mapped_stream(void)
{
    GByteArray *b = g_byte_array_new();

    put(b, 4, WIRE_MAGIC);
    put(b, 4, WIRE_VERSION);
    put(b, 1, SECTION_CONFIGURATION);
    put(b, 4, 11);
    put_text(b, "pseries-9.0");
    put(b, 1, SECTION_SUBSECTION);
    put_name(b, "configuration/capabilities");
    put(b, 4, 1);
    put(b, 4, 1);
    put_name(b, "mapped-ram");
    put_head(b, SECTION_START, 2, "ram", 4);
    put(b, 8, 0x3000 | 4);
    put_name(b, "memory");
    put(b, 8, 0x3000);
    put(b, 4, 1);
    put(b, 8, 4096);
    put(b, 8, 200);
    put(b, 8, 300);
    put_zeros(b, 200);
    put(b, 1, 2);
    put_zeros(b, 300 + 0x1000);
    put(b, 1, 0x5a);
    put_zeros(b, 300 + 0x3000);
    put(b, 8, 0x10);
    put_foot(b, 2);
    put_head(b, SECTION_END, 2, NULL, 0);
    put(b, 8, 0x10);
    put_foot(b, 2);
    put(b, 1, SECTION_EOF);
    return b;
}

/* Memory of two pages, a hash table, one device, its description. */
static GByteArray *stream(bool described)
{
    GByteArray *b = g_byte_array_new();
    uint8_t page[4096] = { 1, 2, 3 }, list[14] = { 0 };

    put(b, 4, WIRE_MAGIC);
    put(b, 4, WIRE_VERSION);
    put(b, 1, SECTION_CONFIGURATION);
    put(b, 4, 11);
    put_text(b, "pseries-2.6");
    put_head(b, SECTION_START, 2, "ram", 4);
    put(b, 8, 0x2000 | 4);
    put_name(b, "memory");
    put(b, 8, 0x2000);
    put(b, 8, 0x10);
    put_foot(b, 2);
    put_head(b, SECTION_START, 3, "spapr/htab", 1);
    put(b, 4, 18);
    put_foot(b, 3);
    put_head(b, SECTION_END, 2, NULL, 0);
    put(b, 8, 8);
    put_name(b, "memory");
    g_byte_array_append(b, page, sizeof(page));
    put(b, 8, 0x1000 | 0x22);
    put(b, 1, 0);
    put(b, 8, 0x10);
    put_foot(b, 2);
    put_head(b, SECTION_END, 3, NULL, 0);
    put(b, 4, 0);
    put(b, 4, 7);
    put(b, 2, 1);
    put(b, 2, 2);
    g_byte_array_append(b, page, 16);
    put(b, 8, 0);
    put_foot(b, 3);
    put_head(b, SECTION_FULL, 4, "timer", 2);
    put(b, 8, 0x1234);
    g_byte_array_append(b, list, sizeof(list));
    put(b, 1, SECTION_SUBSECTION);
    put_name(b, "timer/x");
    put(b, 4, 1);
    put_text(b, "hello");
    put_foot(b, 4);
    put(b, 1, SECTION_EOF);
    if (described) {
        put(b, 1, SECTION_DESCRIPTION);
        put(b, 4, sizeof(description) - 1);
        put_text(b, description);
    }
    return b;
}

static bool pipe_like;      /* no places to go to */

static bool reads(const uint8_t *data, size_t size, Saved **keep)
{
    g_autoptr(GError) err = NULL;
    VmsMemory m;

    vms_memory_init(&m, data, size);
    m.source.tell = pipe_like ? NULL : m.source.tell;
    Saved *s = saved_read(&m.source, &(SavedOptions){ .hash_pages = true }, &err);
    ck_assert(!err || *err->message);
    json_object_put(tool_json(s, NULL));
    if (keep) {
        *keep = s;
    } else {
        saved_free(s);
    }
    return !err;
}

/* In memory that ends there: a byte too far is found by sanitizers. */
static bool reads_exactly(const uint8_t *data, size_t size)
{
    g_autofree uint8_t *copy = g_memdup2(data, size);

    return reads(copy, size, NULL);
}

START_TEST(whole)
{
    g_autoptr(GByteArray) b = stream(true);
    Saved *s;

    ck_assert(reads(b->data, b->len, &s));
    ck_assert_str_eq(s->machine, "pseries-2.6");
    ck_assert(s->footers && s->described && !s->note);
    const SavedBlock *m = g_ptr_array_index(s->blocks, 0);
    ck_assert(m->bytes == 0x2000 && m->present == 2 && m->whole == 1 && m->zero == 1);
    ck_assert(s->htab.shift == 18 && s->htab.entries == 1 && s->htab.invalid == 2);
    const SavedSection *d = saved_find(s, "timer", 0);
    ck_assert_uint_eq(d->fields->len, 1 + 2 * 2 + 2);
    const SavedField *f = saved_field(d, "list[1] / c");
    uint64_t v;
    ck_assert(f && f->count == 3 && saved_number(d, f, 2, &v) && v == 0);
    ck_assert(saved_number(d, saved_field(d, "a"), 0, &v) && v == 0x1234);
    ck_assert(saved_field(d, "timer/x / d") && !saved_number(d, saved_field(d, "timer/x / d"), 0, &v));
    saved_free(s);
}
END_TEST

START_TEST(cut)
{
    g_autoptr(GByteArray) b = stream(_i);
    unsigned whole_ones = 0;

    for (guint n = 0; n < b->len; n++) {
        whole_ones += reads_exactly(b->data, n);
    }
    ck_assert_uint_eq(whole_ones, _i ? 1 : 0);      /* up to the description it is a stream without one */
}
END_TEST

START_TEST(changed)
{
    g_autoptr(GByteArray) b = stream(true);
    static const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xff };

    for (guint i = 0; i < b->len; i++) {
        uint8_t was = b->data[i];
        if (i > 200 && i < 4000) {
            continue;           /* in the page */
        }
        for (unsigned k = 0; k < 8 + G_N_ELEMENTS(values); k++) {
            b->data[i] = k < 8 ? was ^ 1 << k : values[k - 8];
            reads_exactly(b->data, b->len);
        }
        b->data[i] = was;
    }
}
END_TEST

/* Descriptions that promise more than there is, or very much of nothing. */
START_TEST(descriptions)
{
    static const char *const bad[] = {
        "{\"devices\": [{\"name\": \"timer\", \"instance_id\": 0, \"fields\": [{\"name\": \"a\", \"type\": \"x\", \"size\": 4294967295, \"array_len\": 4294967295}]}]}",
        ("{\"devices\": [{\"name\": \"timer\", \"instance_id\": 0, \"fields\": [{\"name\": \"a\", \"type\": \"struct\", \"size\": 0, \"array_len\": 4294967295, "
        "\"struct\": {\"fields\": []}}]}]}"),
        "{\"devices\": [{\"name\": \"timer\", \"instance_id\": 0, \"fields\": [{\"name\": \"a\", \"type\": \"x\", \"size\": -1}]}]}",
        "{\"devices\": [{\"name\": \"timer\", \"instance_id\": 0, \"fields\": [{\"name\": 1}]}]}",
        "{\"devices\": [{\"name\": \"timer\", \"instance_id\": 0, \"fields\": 7, \"subsections\": [{\"vmsd_name\": \"x\"}]}]}",
        "{\"devices\": [1, null, {\"name\": 7}]}", "{\"devices\": 1}", "{}",
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GByteArray) b = stream(false);
        Saved *s;
        put(b, 1, SECTION_DESCRIPTION);
        put(b, 4, strlen(bad[i]));
        put_text(b, bad[i]);
        reads(b->data, b->len, &s);
        ck_assert(!saved_find(s, "timer", 0) || !saved_find(s, "timer", 0)->fields);
        saved_free(s);
    }
}
END_TEST

/* Parts of what was never started, two of one name, an end and then more. */
START_TEST(order)
{
    static const char *const names[] = { "ram", "spapr/htab", "other" };

    for (unsigned i = 0; i < 4096; i++) {
        g_autoptr(GByteArray) b = g_byte_array_new();
        put(b, 4, WIRE_MAGIC);
        put(b, 4, WIRE_VERSION);
        for (unsigned k = 0, x = i; k < 4; k++, x /= 8) {
            unsigned type = x % 4 + 1, id = x >> 2 & k;
            put_head(b, type, id, type == SECTION_START || type == SECTION_FULL ? names[k % 3] : NULL, 1);
            put(b, 8, 0x10);
            put_foot(b, id);
        }
        ck_assert(!reads_exactly(b->data, b->len));
    }
}
END_TEST

/* All of that for memory at its places: of a source with places, and in order, as from a pipe. */
START_TEST(mapped)
{
    g_autoptr(GByteArray) b = mapped_stream();
    Saved *s;

    pipe_like = _i;
    ck_assert(reads(b->data, b->len, &s));
    const SavedBlock *memory = saved_block(s, "memory");
    ck_assert(memory && memory->present == 1 && memory->whole == 1 && memory->mapped_at == 300);
    gint64 number = 0;
    const SavedChunk *c = g_hash_table_lookup(memory->chunks, &number);
    ck_assert(c && c->seen[0] == 2 && c->hash[1] && c->hash[1] != saved_zero_page_hash());
    saved_free(s);
    for (size_t n = 0; n < b->len; n += n < 320 || n > b->len - 320 ? 1 : 97) {
        ck_assert_msg(!reads_exactly(b->data, n), "%zu of %u bytes", n, b->len);
    }
    for (size_t n = 0; n < 320; n++) {
        for (unsigned change = 1; change < 256; change = change * 2 + 1) {
            b->data[n] ^= change;
            reads_exactly(b->data, b->len);
            b->data[n] ^= change;
        }
    }
}
END_TEST

/* What went by a channel of multifd: introduction, a packet of two pages and one of zeros, a packed one. Whole it ends between packets. */
START_TEST(channel)
{
    g_autoptr(GByteArray) b = g_byte_array_new();
    uint8_t wire[MULTIFD_HEAD_BYTES], page[4096] = { 1 };
    Saved *s;

    multifd_put_hello(wire, NULL, 5);
    g_byte_array_append(b, wire, MULTIFD_HELLO_BYTES);
    const guint first = b->len;
    MultifdHead h = { .normal = 2, .zero = 1, .size = sizeof(page) * 2, .block = "memory", .page = { 0x1000, 0x5000, 0 } };
    multifd_put_head(wire, &h);
    g_byte_array_append(b, wire, sizeof(wire));
    g_byte_array_append(b, page, sizeof(page));
    g_byte_array_append(b, page, sizeof(page));
    const guint second = b->len;
    h = (MultifdHead){ .flags = MULTIFD_ZLIB, .normal = 1, .size = 20, .block = "memory", .page = { 0x2000 } };
    multifd_put_head(wire, &h);
    g_byte_array_append(b, wire, sizeof(wire));
    g_byte_array_append(b, page, 20);
    ck_assert(reads(b->data, b->len, &s));
    const SavedBlock *memory = saved_block(s, "memory");
    ck_assert(s->channel && memory && memory->present == 4 && memory->whole == 2 && memory->zero == 1 && memory->compressed == 1);
    ck_assert(memory->bytes == 0x6000 && strstr(s->note, "channel 5") && strstr(s->note, "zlib"));
    saved_free(s);
    for (guint n = 4; n < b->len; n++) {
        ck_assert_msg(reads_exactly(b->data, n) == (n == first || n == second), "%u of %u bytes", n, b->len);
    }
    for (guint n = 0; n < b->len; n += n < second - 2 * sizeof(page) || n >= second ? 1 : 511) {
        for (unsigned change = 1; change < 256; change = change * 4 + 3) {
            b->data[n] ^= change;
            reads_exactly(b->data, b->len);
            b->data[n] ^= change;
        }
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("saved");
    TCase *t = tcase_create("reading");
    SRunner *r = srunner_create(s);

    tcase_set_timeout(t, 300);
    tcase_add_test(t, whole);
    tcase_add_loop_test(t, cut, 0, 2);
    tcase_add_test(t, changed);
    tcase_add_test(t, descriptions);
    tcase_add_test(t, order);
    tcase_add_loop_test(t, mapped, 0, 2);
    tcase_add_test(t, channel);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
