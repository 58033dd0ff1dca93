/*
 * Saved state as data: one description beside each struct says what of it travels, in which order and under which
 * name, and what does not travel and why.
 *
 *     VMSTATE(Foo, vmstate_foo, "foo", 1,
 *         VMS(Foo, counter),
 *         VMS_BUFFER(Foo, fifo),
 *         VMS_SKIP(Foo, chr, "host resource"),
 *         VMS_POST_LOAD(foo_post_load));
 *
 * The wire type of a field follows from its C type; a type that cannot travel (a pointer) does not compile. On the
 * wire every number is big-endian and fields follow each other without padding; a subsection is the byte 5, the
 * length of its name (one byte), the name, its version (32 bits) and its fields. That is the layout of QEMU's savevm
 * format, whose type names ("uint64", "struct", "unused_buffer") the JSON description uses too.
 *
 * Loading is one pass over a VmsSource, bounded by what the description admits: no count from the stream is believed
 * before it was compared with a limit. An error names the path of the field (`cpu 0 / env.spr[PVR]`), both values
 * where two disagree, and what to do. A failed load leaves the object half changed: the caller resets it or gives
 * it up, and lets nothing run on it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_VMSTATE_H
#define MIGRATION_VMSTATE_H

#include <endian.h>
#include <gio/gio.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct VMState VMState;
typedef struct VMStateField VMStateField;

/* ---- where bytes come from and go to ---- */

#define VMS_PEEK_MAX 258        /* the byte 5, a length, and the longest name of a subsection */
#define VMS_WINDOW_MAX (64u << 10)

typedef struct VmsSource VmsSource;
struct VmsSource {
    /* Exactly n bytes into buf, or false: the stream ended or broke, and `err` says how. */
    bool (*read)(VmsSource *s, void *buf, size_t n, GError **err);
    /* Up to n (at most VMS_PEEK_MAX) bytes into buf without taking them; returns how many there are. */
    size_t (*peek)(VmsSource *s, void *buf, size_t n);
    uint64_t position;          /* bytes taken so far, for messages */
    /*
     * Who wants every reason and not only the first (qemu-migration check): told what would end the load but leaves the rest readable,
     * and the load goes on. Takes the error. NULL: the first reason ends it.
     */
    void (*complain)(VmsSource *s, GError *e);
    GString *description;       /* if not NULL, what is loaded is described there, as vmstate_save() does */
    /*
     * The bytes that come next, where they are: at least `want` (at most VMS_WINDOW_MAX) unless the stream ends before, and all that are at
     * hand. They stay until the next call of any kind; take() takes the first n of them.
     */
    const uint8_t *(*window)(VmsSource *s, size_t want, size_t *have);
    void (*take)(VmsSource *s, size_t n);
    /*
     * Of a source with places, a file: where it is, n bytes from some place without moving (on any thread), and going on at another
     * place. read_at is NULL or tell() false: it has none.
     */
    bool (*tell)(VmsSource *s, uint64_t *at);
    bool (*read_at)(VmsSource *s, void *buf, size_t n, uint64_t at, GError **err);
    bool (*seek)(VmsSource *s, uint64_t at, GError **err);
    int (*file)(VmsSource *s);  /* its descriptor, which stays the source's; NULL: it has none */
};

/* A source over memory that the caller keeps. */
typedef struct VmsMemory { VmsSource source; const uint8_t *data; size_t size; } VmsMemory;
void vms_memory_init(VmsMemory *m, const void *data, size_t size);

/* Numbers of at most 8 bytes, as they lie at the end of a 64-bit one: one instruction where the size is known. */
static inline uint64_t vms_get_be(const uint8_t *wire, unsigned bytes)
{
    uint64_t v = 0;

    memcpy((uint8_t *)&v + sizeof(v) - bytes, wire, bytes);
    return be64toh(v);
}

static inline void vms_put_be(uint8_t *wire, unsigned bytes, uint64_t v)
{
    v = htobe64(v);
    memcpy(wire, (uint8_t *)&v + sizeof(v) - bytes, bytes);
}

/* ---- rows of a description ---- */

/*
 * How one element is written and read, where the plain types do not do: `size` bytes at `wire`, at most 16. `index` is
 * the element's place in its array, 0 otherwise; `opaque` is the struct that holds the field. The `_many` do the same for `n`
 * elements that lie side by side, where any value is right; NULL: they go one by one.
 */
typedef struct VMStateInfo {
    const char *name;           /* in the JSON description */
    uint8_t size;
    void (*put)(const void *element, const void *opaque, unsigned index, uint8_t *wire);
    bool (*get)(void *element, void *opaque, unsigned index, const uint8_t *wire, GError **err);
    void (*put_many)(const void *elements, unsigned n, uint8_t *wire);
    void (*get_many)(void *elements, unsigned n, const uint8_t *wire);
} VMStateInfo;

typedef enum VMSKind {
    VMS_KIND_END,
    VMS_KIND_SINGLE,            /* elements of `info` */
    VMS_KIND_STRUCT,            /* elements of `vmsd` */
    VMS_KIND_LIST,              /* any number of `vmsd`, each after a byte 1; then a byte 0 */
    VMS_KIND_BYTES,             /* bytes as they are */
    VMS_KIND_UNUSED,            /* `size` zeros on the wire, nothing in the struct */
    VMS_KIND_SKIP,              /* nothing on the wire; `why` says why that is right */
    VMS_KIND_SUBSECTION,        /* `vmsd`, after all fields, if it is needed */
    VMS_KIND_HOOK,              /* functions around saving and loading */
} VMSKind;

struct VMStateField {
    const char *name;           /* on the wire: the C name unless the row says another */
    VMSKind kind;
    size_t offset, size;        /* in the struct, of one element (BYTES, UNUSED, SKIP: of all of it) */
    size_t align;               /* of the member */
    unsigned count;             /* elements in the struct */
    bool array;                 /* shown as an array, though it may have one element */
    const char *whole;          /* shown as one field of this type, though it is read in elements */
    size_t covers;              /* bytes of the struct that it accounts for; 0: those of its elements */
    bool equal;                 /* has to agree with what is here */
    bool pointer;               /* the struct points to the elements */
    bool allocate;              /* loading makes room for them (g_malloc0) in place of what was there */
    size_t count_offset;        /* of the 32-bit integer in the struct that counts them; with `pointer` */
    unsigned limit;             /* the most it may say */
    const VMStateInfo *info;
    const VMState *vmsd;
    int since;                  /* the version that brought the field; 0: always there */
    bool (*exists)(const void *opaque);         /* NULL: always there */
    const char *why;
    const char *remedy;         /* of an `equal` field: what makes the values agree */
    void (*element_name)(char *text, size_t size, unsigned index);  /* in messages: PVR rather than 287 */
    /* VMS_KIND_HOOK: one of these */
    bool (*needed)(const void *opaque);         /* is a section or subsection sent; no row: always */
    bool (*pre_save)(void *opaque, GError **err);
    bool (*pre_load)(void *opaque, GError **err);
    bool (*post_load)(void *opaque, int version, GError **err);
    int (*save_version)(const void *opaque);    /* an older version to write than the description's */
    bool part, elsewhere;       /* VMS_PART, VMS_ELSEWHERE */
    int minimum_version;        /* the oldest that can be read; no row: the description's */
};

struct VMState {
    const char *name;
    int version;                /* the newest that can be read, and what is written */
    size_t size, align;         /* of the struct */
    const VMStateField *rows;   /* up to VMS_KIND_END */
    void (*clear_padding)(void *object);        /* of the struct; NULL where the compiler cannot */
};

/* Wire types of C types. There is none for a pointer, so it does not compile. */
extern const VMStateInfo vms_bool, vms_u8, vms_u16, vms_u32, vms_u64, vms_i8, vms_i16, vms_i32, vms_i64;
extern const VMStateInfo vms_u8_equal, vms_u16_equal, vms_u32_equal, vms_u64_equal, vms_i32_equal, vms_i64_equal;

#define VMS_AT(T, f) (((T *)0)->f)
#define VMS_INFO(x) _Generic((x), bool: &vms_bool, uint8_t: &vms_u8, uint16_t: &vms_u16, uint32_t: &vms_u32, \
                             uint64_t: &vms_u64, int8_t: &vms_i8, int16_t: &vms_i16, int32_t: &vms_i32, int64_t: &vms_i64)
#define VMS_INFO_EQUAL(x) _Generic((x), uint8_t: &vms_u8_equal, uint16_t: &vms_u16_equal, uint32_t: &vms_u32_equal, \
                                   uint64_t: &vms_u64_equal, int32_t: &vms_i32_equal, int64_t: &vms_i64_equal)
/* These are 0 where the type is as the row says, else they do not compile: an array; a 32-bit count; a list; bytes. */
#define VMS_IS_ARRAY(x) (sizeof(char[1 - 2 * __builtin_types_compatible_p(__typeof__(x), __typeof__(&(x)[0]))]) - 1)
#define VMS_IS_COUNT(x) _Generic((x), uint32_t: 0, int32_t: 0)
#define VMS_IS_LIST(x) _Generic((x), GPtrArray *: 0)
#define VMS_IS_BYTE(x) _Generic((x), uint8_t: 0, char: 0)

/* What rows have in common. Further designated initialisers may follow: VMS(Foo, x, .since = 2, .exists = has_x). */
#define VMS_ROW(T, f, kind_) .name = #f, .kind = kind_, .offset = offsetof(T, f), .align = __alignof__(VMS_AT(T, f)), .count = 1
#define VMS_ROW_ARRAY(T, f, kind_) \
    .name = #f, .kind = kind_, .offset = offsetof(T, f), .align = __alignof__(VMS_AT(T, f)), \
    .size = sizeof(VMS_AT(T, f)[0]), .array = true, \
    .count = sizeof(VMS_AT(T, f)) / sizeof(VMS_AT(T, f)[0]) + VMS_IS_ARRAY(VMS_AT(T, f))
#define VMS_ROW_POINTER(T, f, n, limit_, kind_) \
    .name = #f, .kind = kind_, .offset = offsetof(T, f), .align = __alignof__(VMS_AT(T, f)), \
    .size = sizeof(*VMS_AT(T, f)), .array = true, .pointer = true, \
    .count_offset = offsetof(T, n), .limit = (limit_) + VMS_IS_COUNT(VMS_AT(T, n))

#define VMS(T, f, ...) \
    { VMS_ROW(T, f, VMS_KIND_SINGLE), .size = sizeof(VMS_AT(T, f)), .info = VMS_INFO(VMS_AT(T, f)), __VA_ARGS__ }
#define VMS_EQUAL(T, f, remedy_, ...) \
    { VMS_ROW(T, f, VMS_KIND_SINGLE), .size = sizeof(VMS_AT(T, f)), .info = VMS_INFO_EQUAL(VMS_AT(T, f)), \
      .equal = true, .remedy = remedy_, __VA_ARGS__ }
#define VMS_ARRAY(T, f, ...) \
    { VMS_ROW_ARRAY(T, f, VMS_KIND_SINGLE), .info = VMS_INFO(VMS_AT(T, f)[0]), __VA_ARGS__ }
/* `count_` elements that lie at f in a form of their own, and travel as `info_` has it. */
#define VMS_CUSTOM(T, f, count_, info_, ...) \
    { .name = #f, .kind = VMS_KIND_SINGLE, .offset = offsetof(T, f), .align = __alignof__(VMS_AT(T, f)), \
      .size = sizeof(VMS_AT(T, f)) / (count_), \
      .count = count_, .array = (count_) > 1, .info = &(info_), __VA_ARGS__ }
#define VMS_STRUCT(T, f, vmsd_, ...) \
    { VMS_ROW(T, f, VMS_KIND_STRUCT), .size = sizeof(VMS_AT(T, f)), .vmsd = &(vmsd_), __VA_ARGS__ }
#define VMS_STRUCT_ARRAY(T, f, vmsd_, ...) { VMS_ROW_ARRAY(T, f, VMS_KIND_STRUCT), .vmsd = &(vmsd_), __VA_ARGS__ }
/* A GPtrArray of pointers to g_malloc'ed structs, with the function that frees one; loading fills it anew, up to `limit_`. */
#define VMS_LIST(T, f, limit_, vmsd_, ...) \
    { VMS_ROW(T, f, VMS_KIND_LIST), .size = sizeof(VMS_AT(T, f)), .limit = (limit_) + VMS_IS_LIST(VMS_AT(T, f)), .vmsd = &(vmsd_), \
      __VA_ARGS__ }
#define VMS_BUFFER(T, f, ...) \
    { VMS_ROW(T, f, VMS_KIND_BYTES), .size = sizeof(VMS_AT(T, f)) + VMS_IS_BYTE(VMS_AT(T, f)[0]), __VA_ARGS__ }
/*
 * What f points to: n elements, n being a 32-bit field that was loaded or compared before. With .allocate loading
 * makes room for them, at most `limit_`; without, they are there, as many as n says now.
 */
#define VMS_VARRAY(T, f, n, limit_, ...) \
    { VMS_ROW_POINTER(T, f, n, limit_, VMS_KIND_SINGLE), .info = VMS_INFO(*VMS_AT(T, f)), __VA_ARGS__ }
#define VMS_STRUCT_VARRAY(T, f, n, limit_, vmsd_, ...) \
    { VMS_ROW_POINTER(T, f, n, limit_, VMS_KIND_STRUCT), .vmsd = &(vmsd_), __VA_ARGS__ }
#define VMS_VBUFFER(T, f, n, limit_, ...) \
    { VMS_ROW_POINTER(T, f, n, (limit_) + VMS_IS_BYTE(*VMS_AT(T, f)), VMS_KIND_BYTES), __VA_ARGS__ }
#define VMS_UNUSED(n, ...) { .name = "unused", .kind = VMS_KIND_UNUSED, .size = n, .count = 1, __VA_ARGS__ }
#define VMS_SKIP(T, f, reason) \
    { VMS_ROW(T, f, VMS_KIND_SKIP), .size = sizeof(VMS_AT(T, f)), .why = reason }
/* From field f up to field g, which is not part of it. */
#define VMS_SKIP_TO(T, f, g, reason) \
    { VMS_ROW(T, f, VMS_KIND_SKIP), .size = offsetof(T, g) - offsetof(T, f), .why = reason }

/* For the account of bytes: this struct has other sections, of which one holds the rest. */
#define VMS_PART(reason) { .kind = VMS_KIND_HOOK, .part = true, .why = reason }
#define VMS_ELSEWHERE(vmsd_) { .kind = VMS_KIND_HOOK, .vmsd = &(vmsd_), .elsewhere = true }
#define VMS_SUBSECTION(vmsd_) { .kind = VMS_KIND_SUBSECTION, .vmsd = &(vmsd_) }
#define VMS_NEEDED(fn) { .kind = VMS_KIND_HOOK, .needed = fn }
#define VMS_PRE_SAVE(fn) { .kind = VMS_KIND_HOOK, .pre_save = fn }
#define VMS_PRE_LOAD(fn) { .kind = VMS_KIND_HOOK, .pre_load = fn }
#define VMS_POST_LOAD(fn) { .kind = VMS_KIND_HOOK, .post_load = fn }
#define VMS_SAVE_VERSION(fn) { .kind = VMS_KIND_HOOK, .save_version = fn }
#define VMS_MINIMUM_VERSION(n) { .kind = VMS_KIND_HOOK, .minimum_version = n }

/* The account of a struct's bytes asks the compiler which are padding. */
#if defined(__has_builtin) && __has_builtin(__builtin_clear_padding)
#define VMS_PADDING_FN(T, id) static void id##_clear_padding(void *object) { __builtin_clear_padding((T *)object); }
#define VMS_PADDING(id) id##_clear_padding
#else
#define VMS_PADDING_FN(T, id)
#define VMS_PADDING(id) NULL
#endif
/* A description that other files name wants `extern const VMState id;` in a header. */
#define VMSTATE_IS(storage, T, id, name_, version_, ...) \
    VMS_PADDING_FN(T, id) \
    storage const VMState id = { .name = name_, .version = version_, .size = sizeof(T), .align = __alignof__(T), .clear_padding = VMS_PADDING(id), \
                                 .rows = (const VMStateField[]) { __VA_ARGS__, { .kind = VMS_KIND_END } } }
#define VMSTATE(T, id, name, version, ...) VMSTATE_IS(static, T, id, name, version, __VA_ARGS__)
#define VMSTATE_PUBLIC(T, id, name, version, ...) VMSTATE_IS(, T, id, name, version, __VA_ARGS__)

/* ---- saving and loading one description ---- */

/*
 * Where saved state goes. With `take`, that gets the bytes in order as VMS_SINK_PIECE of them have gathered (and must not keep them), and finds the rest in
 * `bytes` at the end: what is as large as a table of DMA needs no memory of its own while the guest stands still. Without, all is in `bytes`.
 */
#define VMS_SINK_PIECE 65536u
typedef struct VmsSink {
    GByteArray *bytes;
    void (*take)(void *opaque, const uint8_t *bytes, size_t n);
    void *opaque;
    uint64_t taken;             /* bytes */
} VmsSink;

/*
 * The fields and subsections of `opaque`, without a header. If `json` is given, their description is appended to it:
 * "vmsd_name": ..., "version": ..., "fields": [...] (no braces around it). `path` begins the messages of errors.
 */
bool vmstate_save(const VMState *v, void *opaque, const char *path, VmsSink *out, GString *json, GError **err);
/* `version` is what the stream says; it is checked here. */
bool vmstate_load(const VMState *v, void *opaque, const char *path, int version, VmsSource *in, GError **err);
bool vmstate_needed(const VMState *v, const void *opaque);
int vmstate_version(const VMState *v, const void *opaque);      /* that vmstate_save() writes */
int vmstate_minimum_version(const VMState *v);                  /* the oldest that vmstate_load() reads */
/* vmstate-dump.c: the descriptions of all device types as JSON; closes the file. False: errno says why it could not be written. */
bool vmstate_dump(FILE *f, const char *machine);

/* ---- the sections of a machine, in the order of the stream ---- */

typedef struct VMStateSection {
    char *name;                 /* "vty@71000000/spapr_vty" */
    uint32_t instance;
    int order;                  /* lower comes first; equals come as registered */
    unsigned serial;            /* how many were registered before */
    const VMState *vmsd;
    void *opaque;
} VMStateSection;

/* What comes before the sections of order 0. Machine versions place those between the two. */
enum { STATE_ORDER_TIMER = -30, STATE_ORDER_INTERRUPTS = -20, STATE_ORDER_PRESENTERS = -10 };
#define VMSTATE_ANY_INSTANCE UINT32_MAX     /* the lowest that no section of this name has */
/* `device_path` goes before the description's name; it may be NULL. */
void vmstate_register(const char *device_path, uint32_t instance, int order, const VMState *v, void *opaque);
/* All sections of that name move to that place; those of one order stay as they were registered. */
void vmstate_reorder(const char *name, int order);
void vmstate_unregister(const VMState *v, void *opaque);
const VMStateSection *vmstate_find(const char *name, uint32_t instance);
/* The machine's word on a section that is not registered: what it is and what to do, or NULL. g_free(). */
extern char *(*vmstate_explain_unknown)(const char *name, uint32_t instance);
GPtrArray *vmstate_sections(void);          /* of VMStateSection; the registry's own */

/* ---- for tests ---- */

/* The bytes of the struct that no row saves or skips, as text ("48..55 64..67"), or NULL: all are, or it is a part. g_free(). */
char *vmstate_account(const VMState *v);

#endif
