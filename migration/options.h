/*
 * What a migration can be told: capabilities (on or off) and parameters (values). One row each; QMP's commands and schema, the human
 * monitor's and the functions below follow from the rows.
 *
 * To build what a capability asks for: write it, ask for it with migration_has(CAP_...), and change the row's last column from NOT_YET to 0.
 * Until then whoever switches it on is told so. What excludes what is a table in options.c. Names, defaults, ranges and errors are those of
 * QEMU 7.2, which was asked; what came later (the column "since") is as 8.2, 9.2, 10.0, 10.1, 10.2 and 11.1 have it, which were asked, too:
 * names, defaults, ranges. Of theirs there is not cpr-exec-command (10.2), for a mode that is not built.
 *
 * Set in the main loop under the big lock, and refused while a migration runs where the peer does so. Numbers may be asked on any thread; a
 * string (of PARAM_TLS_...) under the big lock only.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MIGRATION_OPTIONS_H
#define MIGRATION_OPTIONS_H

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

/* Why a capability cannot be switched on; 0 it can. */
enum { NOT_YET = 1, NEVER = 2 };

/* C(id, name, since, refused) */
#define MIGRATION_CAPABILITIES(C)                                               \
    C(XBZRLE, "xbzrle", "1.2", 0)                                               \
    C(RDMA_PIN_ALL, "rdma-pin-all", "2.0", 0)                                   \
    C(AUTO_CONVERGE, "auto-converge", "1.6", 0)                                 \
    C(ZERO_BLOCKS, "zero-blocks", "1.6", 0)                                     \
    C(COMPRESS, "compress", "2.4", 0)                                           \
    C(EVENTS, "events", "2.4", 0)                                               \
    C(POSTCOPY_RAM, "postcopy-ram", "2.6", 0)                                   \
    C(COLO, "x-colo", "2.8", NEVER)                                             \
    C(RELEASE_RAM, "release-ram", "2.9", 0)                                     \
    C(BLOCK, "block", "2.11", NEVER)                                            \
    C(RETURN_PATH, "return-path", "2.11", 0)                                    \
    C(PAUSE_BEFORE_SWITCHOVER, "pause-before-switchover", "2.11", 0)            \
    C(MULTIFD, "multifd", "4.0", 0)                                             \
    C(DIRTY_BITMAPS, "dirty-bitmaps", "2.12", NEVER)                            \
    C(POSTCOPY_BLOCKTIME, "postcopy-blocktime", "3.0", 0)                       \
    C(LATE_BLOCK_ACTIVATE, "late-block-activate", "3.0", 0)                     \
    C(IGNORE_SHARED, "x-ignore-shared", "4.0", 0)                               \
    C(VALIDATE_UUID, "validate-uuid", "4.2", 0)                                 \
    C(BACKGROUND_SNAPSHOT, "background-snapshot", "6.0", 0)                     \
    C(ZERO_COPY_SEND, "zero-copy-send", "7.1", 0)                               \
    C(POSTCOPY_PREEMPT, "postcopy-preempt", "7.1", 0)                           \
    C(SWITCHOVER_ACK, "switchover-ack", "8.1", 0)                               \
    C(DIRTY_LIMIT, "dirty-limit", "8.1", 0)                                     \
    C(MAPPED_RAM, "mapped-ram", "9.0", 0)

typedef enum MigrationCapability {
#define C(id, ...) CAP_##id,
    MIGRATION_CAPABILITIES(C)
#undef C
    CAP_COUNT
} MigrationCapability;

/* Words of parameters that are one of a few; the value is the place of the word. */
#define MULTIFD_COMPRESSION_WORDS "none zlib zstd"
enum { MULTIFD_COMPRESSION_NONE, MULTIFD_COMPRESSION_ZLIB, MULTIFD_COMPRESSION_ZSTD };
#define ZERO_PAGE_WORDS "none legacy multifd"
enum { ZERO_PAGE_NONE, ZERO_PAGE_LEGACY, ZERO_PAGE_MULTIFD };
#define MIG_MODE_WORDS "normal cpr-reboot cpr-transfer cpr-exec"      /* the last two are refused */
enum { MIG_MODE_NORMAL, MIG_MODE_CPR_REBOOT };

/*
 * P(id, name, type, default, min, max, range, unit, since): type: U8, U32, SIZE (any 64 bits; the human monitor takes suffixes), MSIZE (there,
 * MiB if no suffix is given), BOOL, STRING, COMPRESSION, ZERO_PAGE, MODE, BITMAPS (JSON; without a default); range: how the error goes on behind "expects", or all of it;
 * unit: behind the value in the human monitor. The default of a STRING is "".
 */
#define MIGRATION_PARAMETERS(P)                                                                                                                \
    P(ANNOUNCE_INITIAL, "announce-initial", SIZE, 50, 0, 100000, "a value between 0 and 100000", " ms", "4.0")                                 \
    P(ANNOUNCE_MAX, "announce-max", SIZE, 550, 0, 100000, "a value between 0 and 100000", " ms", "4.0")                                        \
    P(ANNOUNCE_ROUNDS, "announce-rounds", SIZE, 5, 0, 1000, "a value between 0 and 1000", "", "4.0")                                           \
    P(ANNOUNCE_STEP, "announce-step", SIZE, 100, 1, 10000, "a value between 0 and 10000", " ms", "4.0")                                        \
    P(COMPRESS_LEVEL, "compress-level", U8, 1, 0, 9, "a value between 0 and 9", "", "2.4")                                                     \
    P(COMPRESS_THREADS, "compress-threads", U8, 8, 1, 255, "a value between 1 and 255", "", "2.4")                                             \
    P(COMPRESS_WAIT_THREAD, "compress-wait-thread", BOOL, 1, 0, 1, "", "", "3.1")                                                              \
    P(DECOMPRESS_THREADS, "decompress-threads", U8, 2, 1, 255, "a value between 1 and 255", "", "2.4")                                         \
    P(THROTTLE_TRIGGER_THRESHOLD, "throttle-trigger-threshold", U8, 50, 1, 100, "an integer in the range of 1 to 100", "", "5.0")              \
    P(CPU_THROTTLE_INITIAL, "cpu-throttle-initial", U8, 20, 1, 99, "an integer in the range of 1 to 99", "", "2.7")                            \
    P(CPU_THROTTLE_INCREMENT, "cpu-throttle-increment", U8, 10, 1, 99, "an integer in the range of 1 to 99", "", "2.7")                        \
    P(CPU_THROTTLE_TAILSLOW, "cpu-throttle-tailslow", BOOL, 0, 0, 1, "", "", "5.1")                                                            \
    P(MAX_CPU_THROTTLE, "max-cpu-throttle", U8, 99, 0, 99, "an integer in the range of cpu_throttle_initial to 99", "", "3.1")                 \
    P(TLS_CREDS, "tls-creds", STRING, 0, 0, 0, "", "", "2.7")                                                                                  \
    P(TLS_HOSTNAME, "tls-hostname", STRING, 0, 0, 0, "", "", "2.7")                                                                            \
    P(MAX_BANDWIDTH, "max-bandwidth", MSIZE, 128u << 20, 0, INT64_MAX, "an integer in the range of 0 to 2^63 - 1 bytes/second",                \
      " bytes/second", "2.8")                                                                                                                  \
    P(AVAIL_SWITCHOVER_BANDWIDTH, "avail-switchover-bandwidth", MSIZE, 0, 0, INT64_MAX,                                                        \
      "an integer in the range of 0 to 2^63 - 1 bytes/second", " bytes/second", "8.2")                                                         \
    P(DOWNTIME_LIMIT, "downtime-limit", SIZE, 300, 0, 2000 * 1000, "an integer in the range of 0 to (2000 * 1000) ms", " ms", "2.8")           \
    P(X_CHECKPOINT_DELAY, "x-checkpoint-delay", U32, 20000, 0, UINT32_MAX, "", " ms", "2.8")                                                   \
    P(BLOCK_INCREMENTAL, "block-incremental", BOOL, 0, 0, 1, "", "", "2.10")                                                                   \
    P(MULTIFD_CHANNELS, "multifd-channels", U8, 2, 1, 255, "a value between 1 and 255", "", "4.0")                                             \
    P(MULTIFD_COMPRESSION, "multifd-compression", COMPRESSION, 0, 0, 2, "", "", "5.0")                                                         \
    P(MULTIFD_ZLIB_LEVEL, "multifd-zlib-level", U8, 1, 0, 9, "a value between 0 and 9", "", "5.0")                                             \
    P(MULTIFD_ZSTD_LEVEL, "multifd-zstd-level", U8, 1, 0, 20, "a value between 0 and 20", "", "5.0")                                           \
    P(MULTIFD_QATZIP_LEVEL, "multifd-qatzip-level", U8, 1, 1, 9, "a value between 1 and 9", "", "9.2")                                         \
    P(ZERO_PAGE_DETECTION, "zero-page-detection", ZERO_PAGE, ZERO_PAGE_LEGACY, 0, 2, "", "", "9.0")                                            \
    P(XBZRLE_CACHE_SIZE, "xbzrle-cache-size", SIZE, 64u << 20, 4096, UINT64_MAX, "a power of two no less than the target page size",           \
      " bytes", "2.11")                                                                                                                        \
    P(MAX_POSTCOPY_BANDWIDTH, "max-postcopy-bandwidth", SIZE, 0, 0, UINT64_MAX, "", "", "3.0")                                                 \
    P(X_VCPU_DIRTY_LIMIT_PERIOD, "x-vcpu-dirty-limit-period", SIZE, 1000, 1, 1000,                                                             \
      "Parameter 'x-vcpu-dirty-limit-period' expects a value between 1 and 1000", " ms", "8.1")                                                \
    P(VCPU_DIRTY_LIMIT, "vcpu-dirty-limit", SIZE, 1, 1, UINT64_MAX, "Parameter 'vcpu_dirty_limit' must be greater than 1 MB/s", " MB/s", "8.1")\
    P(MODE, "mode", MODE, 0, 0, 3, "", "", "8.2")                                                                                              \
    P(DIRECT_IO, "direct-io", BOOL, 0, 0, 1, "", "", "9.1")                                                                                    \
    P(X_RDMA_CHUNK_SIZE, "x-rdma-chunk-size", SIZE, 1 << 20, 1 << 20, 1 << 30,                                                                 \
      "Option x_rdma_chunk_size expects a power of 2 in the range 1MiB to 1024MiB", " bytes", "11.0")                                          \
    P(TLS_AUTHZ, "tls-authz", STRING, 0, 0, 0, "", "", "4.0")                                                                                  \
    P(BLOCK_BITMAP_MAPPING, "block-bitmap-mapping", BITMAPS, 0, 0, 0, "", "", "5.2")                                                            \
    P(X_DESTINATION_DIALECT, "x-destination-dialect", STRING, 0, 0, 0, "", "", "this program")

typedef enum MigrationParameter {
#define P(id, ...) PARAM_##id,
    MIGRATION_PARAMETERS(P)
#undef P
    PARAM_COUNT
} MigrationParameter;

bool migration_has(MigrationCapability c);
uint64_t migration_parameter(MigrationParameter p);         /* a number, 0 or 1, the place of a word */
const char *migration_parameter_text(MigrationParameter p); /* of a STRING, or JSON; "" if there is none. Big lock held */
char *migration_parameter_dup(MigrationParameter p);        /* likewise, without it; g_free() */

/* All values at once; what is checked is a copy with the changes made. */
typedef struct MigrationOptions {
    bool cap[CAP_COUNT];
    uint64_t number[PARAM_COUNT];
    char *text[PARAM_COUNT];        /* NULL: "" */
} MigrationOptions;
MigrationOptions migration_options_copy(void);
void migration_options_clear(MigrationOptions *o);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MigrationOptions, migration_options_clear)
/* Does it go together? If so, it holds from now on (`o` is emptied); if not, nothing changes. */
bool migration_options_set(MigrationOptions *o, GError **err);

const char *migration_capability_name(MigrationCapability c);
/* -1 and an error: there is none of that name. */
int migration_capability_find(const char *name, GError **err);

typedef enum MigrationParameterType { PT_U8, PT_U32, PT_SIZE, PT_MSIZE, PT_BOOL, PT_STRING, PT_COMPRESSION, PT_ZERO_PAGE, PT_MODE, PT_BITMAPS } MigrationParameterType;
typedef struct MigrationParameterRow {
    const char *name;
    MigrationParameterType type;
    uint64_t otherwise, min, max;
    const char *range, *unit, *since;
} MigrationParameterRow;
extern const MigrationParameterRow migration_parameter_rows[PARAM_COUNT];
int migration_parameter_find(const char *name, GError **err);
/* The value as a person writes it: 10M, on, zlib. */
bool migration_parameter_parse(MigrationOptions *o, MigrationParameter p, const char *text, GError **err);
/* Of a parameter with words: the place of one, or false. */
bool migration_parameter_word(MigrationParameter p, const char *word, uint64_t *place);
char *migration_parameter_print(MigrationParameter p);      /* as `info migrate_parameters` has it, without the unit; NULL: not at all */

#endif
