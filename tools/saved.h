/*
 * A saved guest as a file: what is in it, where, and under which names. For qemu-migration; no machine is needed to read one.
 *
 * Reading is one pass and keeps device state (some MiB), figures of memory, and nothing of its pages. Device state is cut up by the
 * description that ends the stream. Streams of machines up to pseries-2.2 have none (others may have it switched off): then a machine of
 * that version is made in a process of its own, loads what there is, and what the loader saw is the description (own.c). Bytes that
 * neither explains are found by the footer behind them and stay unexplained.
 *
 * What a stream says is not believed: lengths are compared with what is there before memory is taken, counts with limits.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TOOLS_SAVED_H
#define TOOLS_SAVED_H

#include "migration/stream.h"
#include <json.h>

/* ---- a file, plain or compressed, or standard input ---- */

typedef struct SavedFile SavedFile;
SavedFile *saved_open(const char *name, GError **err);          /* "-": standard input */
VmsSource *saved_source(SavedFile *f);
/* How much of it was read, 0 to 1; negative: nobody knows. */
double saved_progress(const SavedFile *f);
void saved_close(SavedFile *f);

/* ---- what is in it ---- */

/* A field's elements lie one after the other in the section's contents. */
typedef struct SavedField {
    char *path;                 /* "env.spr", "cpu/slb / env.slb", "sdev / irq", "lsi_table[2] / irq" */
    const char *type;           /* as the description says: "uint64", "buffer"; NULL: here begins the subsection `path` */
    uint32_t at, size, count;   /* bytes from the contents' begin, bytes of an element, elements */
    uint32_t version;           /* of the subsection */
    bool array;
} SavedField;

typedef struct SavedSection {
    char *name;
    uint32_t id, instance, version;
    uint64_t offset, size;      /* bytes of the stream, from the type to the footer; for one in parts: of its start, and of all of it */
    bool iterated;              /* it came in parts */
    uint64_t parts;
    bool ended;
    GBytes *contents;           /* of device state, without head and footer; NULL: not kept */
    GArray *fields;             /* of SavedField; NULL: nobody knows them */
} SavedSection;

/* Stretches of the stream for who draws it; what comes in parts is one. */
typedef struct SavedExtent { uint64_t offset, size; char *what; uint64_t parts; } SavedExtent;

typedef struct SavedBlock {
    char *name;
    uint64_t bytes;
    uint64_t present, again;    /* pages that came, and how often one came again */
    uint64_t mapped_at;         /* its pages are at their places from that byte of the file on (mapped-ram); 0: in the order of the stream */
    uint64_t zero, uniform, whole, delta, compressed;   /* how they came: equal bytes of 0, of another; all bytes; xbzrle; zlib */
    GHashTable *chunks;         /* number -> SavedChunk */
} SavedBlock;

#define SAVED_CHUNK 256         /* pages */
typedef struct SavedChunk { uint64_t seen[SAVED_CHUNK / 64]; uint64_t hash[]; } SavedChunk;    /* hashes only if asked for */

typedef struct Saved {
    char *machine;              /* NULL: the stream does not say */
    GPtrArray *configuration;   /* names of the configuration's subsections */
    bool channel;               /* this is none of it, but pages that went by a channel of multifd: blocks are what there is */
    bool footers, described, own_description;       /* the stream's description; the loader's, for want of it */
    uint64_t bytes;             /* read */
    GPtrArray *sections;        /* of SavedSection, as they come */
    GHashTable *by_id, *by_name;        /* the same: by id; by "INSTANCE NAME" */
    GArray *extents;            /* of SavedExtent */
    GPtrArray *blocks;          /* of SavedBlock */
    SavedBlock *block;          /* of the last page */
    uint64_t page_size;
    struct { bool there; uint32_t shift; uint64_t entries, invalid; } htab;     /* shift UINT32_MAX: no table */
    uint64_t memory;            /* bytes that chunks take */
    json_object *description;   /* of the whole; NULL: none */
    GBytes *tail;               /* what the sections' contents are in: from the first device section to the end */
    uint64_t tail_offset, tail_description;     /* where it begins in the stream; where in it the description's section begins (or its end) */
    char *note;                 /* why something is not explained, or NULL */
} Saved;

typedef struct SavedOptions {
    bool hash_pages;
    bool own_machine;           /* where the stream has no description, make a machine; `machine_args`: of these options, or NULL */
    char **machine_args;
    MigOut *copy;               /* what is read goes there, up to the first device section; NULL: nowhere */
    void (*progress)(void *opaque);             /* now and then; NULL: never */
    void *opaque;
} SavedOptions;

/* What could be read, also if reading failed (then *err says why); never NULL. */
Saved *saved_read(VmsSource *in, const SavedOptions *o, GError **err);
void saved_free(Saved *s);
const SavedSection *saved_find(const Saved *s, const char *name, uint32_t instance);
SavedBlock *saved_block(const Saved *s, const char *name);
uint64_t saved_zero_page_hash(void);        /* of a page of zeros in SavedChunk */
const char *saved_size_text(char *text, size_t n, uint64_t bytes);      /* "256 MiB" */

/* ---- values ---- */

/* Element `i` as a number; false: it is longer than 8 bytes, or bytes. */
bool saved_number(const SavedSection *s, const SavedField *f, uint32_t i, uint64_t *v);
/* "cpu/slb / env.slb[3]", "env.spr[PVR]" */
char *saved_element_path(const SavedSection *s, const SavedField *f, uint32_t i);
char *saved_value_text(const SavedSection *s, const SavedField *f, uint32_t i, bool whole);     /* hex; a long one cut unless `whole` */
/* What the value means ("power8_v2.0", "SF ME IR DR"), or NULL. */
char *saved_meaning(const SavedSection *s, const SavedField *f, uint32_t i);
/* One name for what programs called differently: for comparisons. */
char *saved_common_path(const char *path);
bool saved_all_equal(const SavedSection *s, const SavedField *f);
const SavedField *saved_field(const SavedSection *s, const char *common_path);

/* ---- private to saved-*.c and own.c ---- */

bool saved_read_ram(Saved *s, VmsSource *in, const SavedOptions *o, GError **err);
bool saved_read_htab(Saved *s, VmsSource *in, bool start, GError **err);
bool saved_read_channel(Saved *s, VmsSource *in, const SavedOptions *o, GError **err);
SavedBlock *saved_new_block(Saved *s, const char *name, uint64_t bytes);
bool saved_read_mapped(Saved *s, VmsSource *in, SavedBlock *b, const SavedOptions *o, GError **err);
bool saved_note_page(Saved *s, SavedBlock *b, uint64_t addr, const SavedOptions *o, uint64_t hash, GError **err);
uint64_t saved_page_hash(const uint8_t *page);
/* What saved_read() reads from goes on n bytes further; what is left out is a hole in the copy. */
bool saved_skip(VmsSource *in, uint64_t n, GError **err);
void saved_block_free(void *block);
/* The fields of `size` bytes by the description of their section; false: they do not fit it. `used`: bytes it explains. */
bool saved_fields(json_object *description, const uint8_t *data, size_t size, GArray *fields, size_t *used, GError **err);
void saved_fields_free(GArray *fields);
/* The description of the sections in `tail`, as far as the loader of a machine like this one understands them; NULL: not at all. */
json_object *own_description(const Saved *s, const uint8_t *tail, size_t size, char **args, char **note);

#endif
