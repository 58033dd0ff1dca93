/*
 * Streams that are not what they should be, through the loader as a whole: a small one cut at every byte and with bytes changed; sections in
 * the wrong order, twice, of the wrong kind; memory blocks, hash tables and commands that do not say the truth. Each is refused with words or,
 * where nothing speaks against it, loaded; and the machine takes the good stream afterwards.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/char.h"
#include "hw/ppc/spapr.h"
#include "migration/migration.h"
#include "migration/postcopy.h"
#include "migration/protocol.h"
#include "migration/ram-wire.h"
#include "migration/savevm.h"
#include "migration/wire.h"
#include "system/clock.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

#define MACHINE "pseries-2.6"
#define MEMORY (256u << 20)
#define BIG 12000                   /* sections that are longer are cut by test-state.c */

static void make_machine(void)
{
    g_autoptr(GError) err = NULL;
    MachineOptions o = { .machine = MACHINE, .cpu = "POWER8", .ram_size = MEMORY, .smp_cpus = 1, .cores = 1, .sockets = 1, .threads = 1, .maxcpus = 1,
                       .kernel = "unused", .props = g_ptr_array_new(), .consoles = g_ptr_array_new() };

    g_ptr_array_add(o.consoles, chardev_open("serial0", "null", &err));
    clock_init();
    ck_assert_msg(spapr_init(&o, &err), "%s", err ? err->message : "");
    migration_init();
    ck_assert(spapr_hpt_alloc(spapr, 21, &err));
    devices_reset();
}

/* ---- pieces of streams ---- */

static void put(GByteArray *b, unsigned bytes, uint64_t v)
{
    uint8_t wire[8];

    vms_put_be(wire, bytes, v);
    g_byte_array_append(b, wire, bytes);
}

static void put_text(GByteArray *b, const char *text)
{
    put(b, 1, strlen(text));
    g_byte_array_append(b, (const uint8_t *)text, strlen(text));
}

static GByteArray *begin(void)
{
    GByteArray *b = g_byte_array_new();

    put(b, 4, WIRE_MAGIC);
    put(b, 4, WIRE_VERSION);
    put(b, 1, SECTION_CONFIGURATION);
    put(b, 4, strlen(MACHINE));
    g_byte_array_append(b, (const uint8_t *)MACHINE, strlen(MACHINE));
    return b;
}

static void put_head(GByteArray *b, unsigned type, uint32_t id, const char *name, uint32_t instance, uint32_t version)
{
    put(b, 1, type);
    put(b, 4, id);
    if (name) {
        put_text(b, name);
        put(b, 4, instance);
        put(b, 4, version);
    }
}

static void put_foot(GByteArray *b, uint32_t id)
{
    put(b, 1, SECTION_FOOTER);
    put(b, 4, id);
}

static void put_block(GByteArray *b, uint64_t all, const char *name, uint64_t bytes)
{
    put(b, 8, all | RAM_MEM_SIZE);
    put_text(b, name);
    put(b, 8, bytes);
}

static void put_memory(GByteArray *b)
{
    put_head(b, SECTION_START, 1, "ram", 0, 4);
    put_block(b, MEMORY, MEMORY_RAM_NAME, MEMORY);
    put(b, 8, RAM_EOS);
    put_foot(b, 1);
    put_head(b, SECTION_START, 2, "spapr/htab", 0, 1);
    put(b, 4, 21);
    put_foot(b, 2);
}

static void put_page(GByteArray *b, uint64_t at, unsigned flags, const char *block)
{
    put(b, 8, at | flags | (block ? 0 : RAM_CONTINUE));
    if (block) {
        put_text(b, block);
    }
}

/* Its parts and ends, a page each of two forms, two entries of the hash table. */
static void put_parts(GByteArray *b)
{
    put_head(b, SECTION_PART, 1, NULL, 0, 0);
    put_page(b, 0x10000, RAM_ZERO, MEMORY_RAM_NAME);
    put(b, 1, 0x5a);
    put_page(b, 0x11000, RAM_XBZRLE, NULL);
    put(b, 1, 1);
    put(b, 2, 6);
    put(b, 6, 0x050401020304);
    put(b, 8, RAM_EOS);
    put_foot(b, 1);
    put_head(b, SECTION_END, 1, NULL, 0, 0);
    put(b, 8, RAM_EOS);
    put_foot(b, 1);
    put_head(b, SECTION_END, 2, NULL, 0, 0);
    put(b, 4, 0);
    put(b, 4, 8);
    put(b, 2, 1);
    put(b, 2, 1);
    put(b, 8, 0x0001000000000001);
    put(b, 8, 0x190);
    put(b, 8, 0);
    put_foot(b, 2);
}

static void put_device(GByteArray *b, const VMStateSection *s, uint32_t id)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    ck_assert(vmstate_save(s->vmsd, s->opaque, s->name, &(VmsSink){ .bytes = bytes }, NULL, NULL));
    put_head(b, SECTION_FULL, id, s->name, s->instance, vmstate_version(s->vmsd, s->opaque));
    g_byte_array_append(b, bytes->data, bytes->len);
    put_foot(b, id);
}

static void put_devices(GByteArray *b, size_t longest)
{
    for (guint i = 0; i < vmstate_sections()->len; i++) {
        const VMStateSection *s = g_ptr_array_index(vmstate_sections(), i);
        size_t before = b->len;
        if (vmstate_needed(s->vmsd, s->opaque)) {
            put_device(b, s, 10 + i);
        }
        if (b->len - before > longest) {
            g_byte_array_set_size(b, before);
        }
    }
}

static GByteArray *small_stream(void)
{
    GByteArray *b = begin();

    put_memory(b);
    put(b, 1, SECTION_COMMAND);
    put(b, 2, COMMAND_PING);
    put(b, 2, 4);
    put(b, 4, 1);
    put_parts(b);
    put_devices(b, BIG);
    put(b, 1, SECTION_EOF);
    return b;
}

/* Of a copy that ends where it should, so that a sanitizer sees who reads on. */
static bool load(const uint8_t *data, size_t n, GError **err)
{
    g_autofree uint8_t *copy = g_memdup2(data, n);
    VmsMemory m;

    vms_memory_init(&m, copy, n);
    bool ok = loadvm(&m.source, err);
    ck_assert_uint_le(m.source.position, n);
    ck_assert_msg(ok == !*err && (ok || *(*err)->message), "a refusal has to say why");
    migration_ram_load_end();
    return ok;
}

START_TEST(cut_everywhere)
{
    make_machine();
    g_autoptr(GByteArray) b = small_stream();
    g_autoptr(GError) err = NULL;

    ck_assert_uint_gt(b->len, 1500);
    for (size_t n = 0; n < b->len; n++) {
        g_autoptr(GError) why = NULL;
        ck_assert_msg(!load(b->data, n, &why), "%zu of %u bytes were taken for a guest", n, b->len);
    }
    ck_assert_msg(load(b->data, b->len, &err), "%s", err->message);
}
END_TEST

START_TEST(changed_everywhere)
{
    static const uint8_t change[] = { 0x01, 0x80, 0xff };

    make_machine();
    g_autoptr(GByteArray) b = small_stream();
    g_autoptr(GError) err = NULL;
    /* Framing and memory everywhere; device state here and there: test-state.c and fuzz-section have more of it. */
    for (size_t n = 0; n < b->len; n += n < 600 ? 1 : 17) {
        for (unsigned i = 0; i < G_N_ELEMENTS(change); i++) {
            g_autoptr(GError) why = NULL;
            b->data[n] ^= change[i];
            load(b->data, b->len, &why);
            b->data[n] ^= change[i];
        }
    }
    ck_assert_msg(load(b->data, b->len, &err), "%s", err->message);
}
END_TEST

/* ---- lies ---- */

static void part_first(GByteArray *b) { put_head(b, SECTION_PART, 1, NULL, 0, 0); }
static void end_first(GByteArray *b) { put_head(b, SECTION_END, 1, NULL, 0, 0); }
static void nothing(GByteArray *b) { put(b, 1, 0x42); }
static void no_footer(GByteArray *b) { put_memory(b); b->data[b->len - 5] = 0x7d; }
static void wrong_footer(GByteArray *b) { put_memory(b); b->data[b->len - 1] ^= 4; }
static void number_twice(GByteArray *b) { put_memory(b); put_device(b, vmstate_find("cpu_common", 0), 1); }
static void memory_whole(GByteArray *b) { put_head(b, SECTION_FULL, 1, "ram", 0, 4); }
static void device_in_parts(GByteArray *b) { put_head(b, SECTION_START, 1, "cpu_common", 0, 1); }
static void part_of_device(GByteArray *b)
{
    put_device(b, vmstate_find("cpu_common", 0), 9);
    put_head(b, SECTION_PART, 9, NULL, 0, 0);
}
static void unknown_name(GByteArray *b) { put_head(b, SECTION_FULL, 1, "no/such", 0, 4); }
static void unknown_instance(GByteArray *b) { put_head(b, SECTION_FULL, 1, "cpu", 7777, 4); }
static void memory_instance(GByteArray *b) { put_head(b, SECTION_START, 1, "ram", 1, 4); }
static void newer(GByteArray *b) { put_head(b, SECTION_FULL, 1, "cpu", 0, 99); }
static void newer_memory(GByteArray *b) { put_head(b, SECTION_START, 1, "ram", 0, 5); }
static void many(GByteArray *b)
{
    put_memory(b);
    for (unsigned i = 0; i < 70000; i++) {
        put_device(b, vmstate_find("cpu_common", 0), 10 + i);
    }
}

static void start_memory(GByteArray *b) { put_head(b, SECTION_START, 1, "ram", 0, 4); }
static void block_unknown(GByteArray *b) { start_memory(b); put_block(b, MEMORY, "vga.vram", MEMORY); }
static void block_empty(GByteArray *b) { start_memory(b); put_block(b, MEMORY, "", MEMORY); }
static void block_small(GByteArray *b) { start_memory(b); put_block(b, MEMORY, MEMORY_RAM_NAME, 0); }
static void block_big(GByteArray *b) { start_memory(b); put_block(b, MEMORY, MEMORY_RAM_NAME, 1ull << 62); }
static void block_over(GByteArray *b) { start_memory(b); put_block(b, MEMORY - RAM_PAGE, MEMORY_RAM_NAME, MEMORY); }
static void block_long(GByteArray *b)
{
    g_autofree char *name = g_strnfill(255, 'x');

    start_memory(b);
    put_block(b, MEMORY, name, MEMORY);
}
static void part_of_memory(GByteArray *b) { put_memory(b); put_head(b, SECTION_PART, 1, NULL, 0, 0); }
static void page_outside(GByteArray *b) { part_of_memory(b); put_page(b, MEMORY, RAM_DATA, MEMORY_RAM_NAME); }
static void page_far(GByteArray *b) { part_of_memory(b); put_page(b, -0x1000ull, RAM_ZERO, MEMORY_RAM_NAME); put(b, 1, 0); }
static void page_block(GByteArray *b) { part_of_memory(b); put_page(b, 0, RAM_DATA, "vga.vram"); }
static void page_forms(GByteArray *b) { part_of_memory(b); put_page(b, 0, RAM_DATA | RAM_ZERO, MEMORY_RAM_NAME); }
static void page_hook(GByteArray *b) { part_of_memory(b); put_page(b, 0, RAM_HOOK, MEMORY_RAM_NAME); }
static void page_flush(GByteArray *b) { part_of_memory(b); put(b, 8, RAM_MULTIFD_FLUSH); }
static void delta_long(GByteArray *b) { part_of_memory(b); put_page(b, 0, RAM_XBZRLE, MEMORY_RAM_NAME); put(b, 1, 1); put(b, 2, 4097); }
static void delta_kind(GByteArray *b) { part_of_memory(b); put_page(b, 0, RAM_XBZRLE, MEMORY_RAM_NAME); put(b, 1, 2); put(b, 2, 4); }
static void delta_out(GByteArray *b)
{
    part_of_memory(b);
    put_page(b, MEMORY - RAM_PAGE, RAM_XBZRLE, MEMORY_RAM_NAME);
    put(b, 1, 1);
    put(b, 2, 4);
    put(b, 4, 0xff1f0255);
}
static void packed_long(GByteArray *b) { part_of_memory(b); put_page(b, 0, RAM_COMPRESS, MEMORY_RAM_NAME); put(b, 4, UINT32_MAX); }
static void packed_short(GByteArray *b)
{
    static const uint8_t none[] = { 0x78, 0x9c, 0x03, 0, 0, 0, 0, 1 };

    part_of_memory(b);
    put_page(b, 0, RAM_COMPRESS, MEMORY_RAM_NAME);
    put(b, 4, sizeof(none));
    g_byte_array_append(b, none, sizeof(none));
}

static void table(GByteArray *b, uint64_t shift) { put_head(b, SECTION_START, 2, "spapr/htab", 0, 1); put(b, 4, shift); }
static void table_none(GByteArray *b) { table(b, 0); }
static void table_small(GByteArray *b) { table(b, 17); }
static void table_big(GByteArray *b) { table(b, 46); }
static void table_shift(GByteArray *b) { table(b, 64 + 21); }
static void entries(GByteArray *b, uint64_t shift, uint64_t index, unsigned valid, unsigned invalid)
{
    table(b, shift);
    put_foot(b, 2);
    put_head(b, SECTION_PART, 2, NULL, 0, 0);
    put(b, 4, 0);
    put(b, 4, index);
    put(b, 2, valid);
    put(b, 2, invalid);
}
static void entry_behind(GByteArray *b) { entries(b, 21, 1 << 17, 1, 0); }
static void entry_last(GByteArray *b) { entries(b, 21, (1 << 17) - 1, 1, 1); }
static void entry_wraps(GByteArray *b) { entries(b, 21, UINT32_MAX, 0xffff, 0xffff); }
static void entry_nowhere(GByteArray *b) { entries(b, UINT32_MAX, 0, 1, 0); }

static void command(GByteArray *b, unsigned number, unsigned n) { put(b, 1, SECTION_COMMAND); put(b, 2, number); put(b, 2, n); }
static void command_zero(GByteArray *b) { command(b, 0, 0); }
static void command_far(GByteArray *b) { command(b, 0xffff, 0); }
static void command_long(GByteArray *b) { command(b, COMMAND_PING, 0xffff); }
static void command_discard(GByteArray *b) { command(b, COMMAND_POSTCOPY_RAM_DISCARD, 0); }
static void command_listen(GByteArray *b) { command(b, COMMAND_POSTCOPY_LISTEN, 0); }
static void command_run(GByteArray *b) { command(b, COMMAND_POSTCOPY_RUN, 0); }
static void command_resume(GByteArray *b) { command(b, COMMAND_POSTCOPY_RESUME, 0); }
static void command_package(GByteArray *b) { command(b, COMMAND_PACKAGED, 4); put(b, 4, UINT32_MAX); }
static void packaged(GByteArray *b, const void *data, unsigned n)
{
    command(b, COMMAND_POSTCOPY_ADVISE, 16);
    put(b, 8, RAM_PAGE);
    put(b, 8, RAM_PAGE);
    command(b, COMMAND_PACKAGED, 4);
    put(b, 4, n);
    g_byte_array_append(b, data, n);
}
static void package_memory(GByteArray *b)
{
    g_autoptr(GByteArray) inner = g_byte_array_new();

    put_memory(inner);
    packaged(b, inner->data, inner->len);
}
static void package_resume(GByteArray *b) { packaged(b, "\x08\0\x09\0\0", 5); }
static void package_end(GByteArray *b) { packaged(b, "", 1); }
static void command_bitmap(GByteArray *b) { command(b, COMMAND_RECV_BITMAP, 1); put(b, 1, 255); }
static void command_manifest(GByteArray *b) { command(b, COMMAND_MANIFEST, 4); put(b, 4, 2); }
static void command_replies(GByteArray *b) { command(b, COMMAND_OPEN_RETURN_PATH, 0); }

static const struct { void (*put)(GByteArray *b); const char *words; } lies[] = {
    { part_first, "never started" }, { end_first, "never started" }, { nothing, "section type 66" }, { no_footer, "do not end where they should" },
    { wrong_footer, "the footer is that of section" }, { number_twice, "section 1 is 'ram' and then 'cpu_common'" },
    { memory_whole, "parts came whole" }, { device_in_parts, "one piece came in parts" }, { part_of_device, "never started" },
    { unknown_name, "'no/such'" }, { unknown_instance, "'cpu' 0x1e61" }, { memory_instance, "'ram' 0x1" }, { newer, "99" }, { newer_memory, "version 5" },
    { many, "more than 65536 sections" },
    { block_unknown, "\"vga.vram\"" }, { block_empty, "\"\"" }, { block_small, "Size mismatch" }, { block_big, "Size mismatch" },
    { block_over, "are more than" }, { block_long, "xxx\"" }, { page_outside, "Illegal RAM offset" }, { page_far, "Illegal RAM offset" },
    { page_block, "\"vga.vram\"" }, { page_forms, "in a form" }, { page_hook, "rdma" }, { page_flush, "multifd" }, { delta_long, "at most 4096" },
    { delta_kind, "xbzrle encoding 2" }, { delta_out, "no xbzrle encoding" }, { packed_long, "4294967295 bytes" }, { packed_short, "too short" },
    { table_none, "2^0 bytes" }, { table_small, "2^17 bytes" }, { table_big, "2^46 bytes" }, { table_shift, "2^85 bytes" }, { entry_behind, "131072" },
    { entry_last, "131071" }, { entry_wraps, "4294967295" }, { entry_nowhere, "entries" },
    { command_zero, "command 0" }, { command_far, "command 65535" }, { command_long, "65535 bytes of data instead of 4" },
    { command_discard, "without having advised" }, { command_listen, "without having advised" }, { command_run, "before post-copy was started" },
    { command_resume, "was not started" }, { command_package, "4294967295 bytes" }, { package_memory, "did not load" },
    { package_end, "did not load" }, { package_resume, "did not load" }, { command_bitmap, "bitmap" }, { command_manifest, "where none can be" },
    { command_replies, "one way" },
};

START_TEST(lie)
{
    make_machine();
    g_autoptr(GByteArray) good = small_stream();
    for (unsigned i = 0; i < G_N_ELEMENTS(lies); i++) {
        g_autoptr(GByteArray) b = begin();
        g_autoptr(GError) err = NULL, none = NULL;
        lies[i].put(b);
        ck_assert_msg(!load(b->data, b->len, &err), "%u: '%s' was not said", i, lies[i].words);
        ck_assert_msg(strstr(err->message, lies[i].words) || (strstr(err->message, "userfaultfd") && !postcopy_possible(NULL)), "%u: '%s' is not in '%s'", i, lies[i].words, err->message);
        ck_assert_msg(load(good->data, good->len, &none), "%u: the good stream is refused after it: %s", i, none->message);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("stream");
    TCase *t = tcase_create("stream");

    tcase_set_timeout(t, 300);
    tcase_add_test(t, cut_everywhere);
    tcase_add_test(t, changed_everywhere);
    tcase_add_test(t, lie);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
