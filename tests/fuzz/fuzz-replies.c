/*
 * libFuzzer: what a destination says on the return path, post-copy's requests and bitmaps included, to a source that waits for a bitmap. Nothing is
 * sent; requests are taken back now and then.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "machine.h"
#include "migration/postcopy.h"
#include "migration/protocol.h"
#include "system/memory.h"

#define PAGE 4096u

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    fuzz_destination(true);
    bql_unlock();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t bitmap[64];
    g_autoptr(GError) err = NULL;
    VmsMemory m;
    uint64_t page;
    unsigned taken = 0;

    vms_memory_init(&m, data, size);
    return_path_expect_bitmap(memory_block_find(MEMORY_RAM_NAME, strlen(MEMORY_RAM_NAME)), bitmap, sizeof(bitmap));
    while (return_path_take(&m.source, &err)) {
    }
    g_assert(err && *err->message);             /* that it ends, if nothing else */
    for (; taken < 16 && postcopy_next_request(&page); taken++) {
        g_assert(page < memory_ram_bytes / PAGE);
    }
    postcopy_forget_requests();
    return 0;
}
