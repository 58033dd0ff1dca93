/*
 * The real (physical) address space: RAM, and regions answered by devices.
 *
 * RAM is anonymous memory in huge pages where the host gives them; what is shared is a file. Device regions are few and found by a
 * linear look; RAM is the common case and is one comparison.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SYSTEM_MEMORY_H
#define SYSTEM_MEMORY_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

typedef struct MmioOps {
    uint64_t (*read)(void *opaque, uint64_t offset, unsigned size);
    void (*write)(void *opaque, uint64_t offset, uint64_t value, unsigned size);
    bool big_endian;            /* byte order of the device's registers */
    unsigned min_size, max_size;    /* access sizes it takes; 0: 1 and 8 */
} MmioOps;

/*
 * Guest RAM from address 0 on: of nobody else, one block named MEMORY_RAM_NAME. Above it, from memory_set_room() on, blocks come and go while the
 * machine is there (memory_plug()); between them there may be gaps, in the guest's address space and in the host's alike.
 */
#define MEMORY_RAM_NAME "ppc_spapr.ram"
bool memory_init_ram(uint64_t size, GError **err);
/* What else it can be: blocks one behind the other, each from a source of its own. */
typedef struct MemorySource {
    const char *name;           /* of the block, in streams too */
    const char *path;           /* a file, or a folder for one without a name; NULL: memory of the host */
    bool shared;                /* others may have it, too, and what is written stays there; else a file's contents are copied */
    uint64_t size;              /* of all but the last a multiple of MEMORY_BLOCK_UNIT */
    unsigned made;              /* the how manieth */
    uint64_t offset;            /* in a row of all that were made; for info ramblock */
    int policy;                 /* of the host's nodes, as mbind() has it; 0: the host's own */
#define MEMORY_HOST_NODES 128u
    unsigned long host_nodes[MEMORY_HOST_NODES / (8 * sizeof(unsigned long))];
} MemorySource;
#define MEMORY_BLOCKS_MAX 192        /* a multiple of a word's bits: those of 128 nodes, and what is plugged */
#define MEMORY_BLOCK_UNIT (64 * 4096u)      /* so that a word of a bitmap of pages is of one block */
bool memory_init_ram_from(const MemorySource *from, unsigned n, GError **err);
/* Before that: addresses below `top` are kept free for what will be plugged. */
void memory_set_room(uint64_t top);
/*
 * Another block, at a multiple of MEMORY_BLOCK_UNIT below that top where nothing is; and back, when no translation leads to it any more: what vCPUs
 * know of it is dropped here. Big lock held, and not while migration_needs_memory().
 */
bool memory_plug(const MemorySource *from, uint64_t at, GError **err);
void memory_unplug(const char *name);

typedef struct MemoryBlock {
    const char *name;
    uint64_t start, size;       /* where the guest has it */
    uint64_t offset;            /* as MemorySource has it */
    unsigned made;              /* likewise */
    bool shared;
    int fd;                     /* if it is shared */
} MemoryBlock;
/* The largest first, and of equal ones the one that was made first: the order in which QEMU 7.2 sends them. Names differ. */
extern MemoryBlock memory_block[MEMORY_BLOCKS_MAX];
extern unsigned memory_block_count;
#define MEMORY_BLOCKS(b) (const MemoryBlock *b = memory_block; b < memory_block + memory_block_count; b++)
/* NULL: there is none. The name is not ended by a zero. */
const MemoryBlock *memory_block_find(const char *name, size_t length);
bool memory_any_shared(void);
char *memory_block_names(void);             /* of all, with their sizes, for messages */
/* That has this address, which is one of RAM. */
static inline const MemoryBlock *memory_block_at(uint64_t raddr)
{
    const MemoryBlock *b = memory_block;

    while (raddr - b->start >= b->size) {
        b++;
    }
    return b;
}

/* While on: memory_write() and its kin do nothing to shared blocks. For a reset of a machine whose guest may have them already. Big lock held. */
void memory_keep_shared(bool on);
uint64_t memory_ram_size(void);         /* of all blocks */
/* Bytes of RAM side by side from this address on, in one block or more; 0: none is here. */
uint64_t memory_ram_run(uint64_t raddr);
/*
 * Did nobody ever write here, so that it reads as zero? All up to `until` is so, too, or need not be asked for singly. Looking at such memory
 * itself would make the host allocate it. A gap is untouched.
 */
bool memory_untouched(uint64_t raddr, uint64_t *until);
/* Gives pages back to the host: they are untouched from then on. Whole pages of the host, gaps among them. false: errno says why. */
bool memory_drop(uint64_t raddr, uint64_t len);
/* While off, pages of private memory appear singly, each when it is touched itself. */
void memory_use_huge_pages(bool on);
/*
 * Writes n pieces one behind the other, as memory_write() would, into memory of one block that is untouched: for a file cheaper than by its
 * address, where each page has to be faulted in and cleared before. For loaders, before the guest runs.
 */
bool memory_place(uint64_t raddr, const struct iovec *pieces, unsigned n, GError **err);
extern uint8_t *memory_ram_base;
typedef struct Mmio Mmio;
Mmio *memory_add_mmio(const char *name, uint64_t base, uint64_t size, const MmioOps *ops, void *opaque);
void memory_mmio_enable(Mmio *m, bool on);     /* off: as if nothing were there. The big lock is held. */

extern uint64_t memory_ram_bytes;       /* from here on there is none: the end of the last block. What is counted in pages, gaps included, has room up to there */
extern uint64_t memory_first_bytes;     /* from 0 on, without a gap */
/* Host address of [raddr, raddr + len) if all of it is RAM, else NULL. */
static inline void *memory_ram_ptr(uint64_t raddr, uint64_t len)
{
    if (raddr < memory_first_bytes && len <= memory_first_bytes - raddr) {
        return memory_ram_base + raddr;
    }
    return len && len <= memory_ram_run(raddr) ? memory_ram_base + raddr : NULL;
}

/*
 * One device access in guest-memory order: `big_endian` is how the guest sees the bytes. Takes the big
 * lock if the caller does not hold it. Nothing there: reads give zero, as on the peers; false is returned.
 */
bool memory_io_read(uint64_t raddr, unsigned size, bool big_endian, uint64_t *value);
bool memory_io_write(uint64_t raddr, unsigned size, bool big_endian, uint64_t value);

/* Byte strings (loaders, DMA, monitor): RAM only; translations of what is written are dropped. false: not all RAM. */
bool memory_read(uint64_t raddr, void *buf, uint64_t len);
bool memory_write(uint64_t raddr, const void *buf, uint64_t len);
bool memory_fill(uint64_t raddr, int byte, uint64_t len);
bool memory_move(uint64_t to, uint64_t from, uint64_t len);     /* they may overlap */

/* Big-endian words, as firmware tables hold them; false if not RAM. */
bool memory_ldl_be(uint64_t raddr, uint32_t *v);
bool memory_ldq_be(uint64_t raddr, uint64_t *v);
bool memory_stl_be(uint64_t raddr, uint32_t v);
bool memory_stq_be(uint64_t raddr, uint64_t v);

void memory_print_map(GString *out, bool flat);        /* info mtree [-f] */

#endif
