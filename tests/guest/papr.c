/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the platform answers: hypercalls and RTAS calls with good and with bad arguments, one line a call. The lines are
 * compared with those of the peer, so a row here is a question and the peer has the answer (tests/functional/test_papr.py).
 */
#include "rt/rt.h"

/* Memory that nothing else uses, addresses without memory, and the part of the table that is looked at. */
enum { RAM = 0x800000, PAGE2 = 0x801000 };
#define NOWHERE   0x100000000000ul
#define UNALIGNED (RAM + 4)
#define H_EXACT   (1ul << 39)
#define H_AVPN    (1ul << 31)
#define H_ANDCOND (1ul << 30)
#define H_READ_4  (1ul << 37)
#define PTE0(n)   (((u64)(n) << 7) | 1)
#define PTE1(n)   (((u64)(n) << 12) | 0x190 | 2)
#define ALL       (~0ul)

typedef struct Call { const char *name; u64 op, args[7]; int outs; } Call;

static const Call calls[] = {
    { "h_enter", 0x08, { H_EXACT, 0x40, PTE0(5), PTE1(3) }, 1 },
    { "h_enter occupied", 0x08, { H_EXACT, 0x40, PTE0(5), PTE1(3) } },
    { "h_enter any", 0x08, { 0, 0x40, PTE0(6), PTE1(4) }, 1 },
    { "h_enter past the table", 0x08, { 0, 1ul << 40, PTE0(6), PTE1(4) } },
    { "h_enter no memory", 0x08, { 0, 0x40, PTE0(6), NOWHERE | 0x192 } },
    { "h_enter no memory, inhibited", 0x08, { 0, 0x80, PTE0(6), NOWHERE | 0x1a2 }, 1 },
    { "h_enter no memory, inhibited and guarded", 0x08, { 0, 0x80, PTE0(6), NOWHERE | 0x1aa }, 1 },
    { "h_enter inhibited memory", 0x08, { 0, 0x80, PTE0(6), 0x3000 | 0x1a2 } },
    { "h_enter guarded memory", 0x08, { 0, 0x80, PTE0(6), 0x3000 | 0x19a } },
    { "h_enter write-through", 0x08, { 0, 0x80, PTE0(6), 0x3000 | 0x1d2 } },
    { "h_enter no coherence", 0x08, { 0, 0x80, PTE0(6), 0x3000 | 0x182 } },
    { "h_enter strong access order", 0x08, { 0, 0x80, PTE0(6), 0x3000 | 0x1f2 }, 1 },
    { "h_enter odd large page", 0x08, { 0, 0x80, PTE0(6) | 4, 0x3000 | 0x192 } },
    { "h_read", 0x0c, { 0, 0x40 }, 2 },
    { "h_read four", 0x0c, { H_READ_4, 0x42 }, 4 },
    { "h_read past the table", 0x0c, { 0, ALL } },
    { "h_protect", 0x18, { 3 | 0x800, 0x40 } },
    { "h_protect no execute", 0x18, { H_AVPN | 5 | 0x200, 0x40, PTE0(5) & ~0x7ful } },
    { "h_read protected", 0x0c, { 0, 0x40 }, 2 },
    { "h_protect another page", 0x18, { H_AVPN | 7, 0x40, PTE0(9) & ~0x7ful } },
    { "h_protect an empty slot", 0x18, { 0, 0x5f } },
    { "h_protect past the table", 0x18, { 0, ALL } },
    { "h_remove another page", 0x04, { H_AVPN, 0x40, PTE0(9) & ~0x7ful } },
    { "h_remove andcond", 0x04, { H_ANDCOND, 0x40, PTE0(5) } },
    { "h_remove", 0x04, { H_AVPN, 0x40, PTE0(5) & ~0x7ful }, 2 },
    { "h_remove again", 0x04, { 0, 0x40, 0 } },
    { "h_remove past the table", 0x04, { 0, 1ul << 50, 0 } },
    { "h_bulk_remove", 0x124, { 1ul << 62 | 0x41, 0, 1ul << 62 | 0x5f, 0, 3ul << 62 }, 4 },
    { "h_bulk_remove past the table", 0x124, { 1ul << 62 | 1ul << 50, 0, 3ul << 62 }, 1 },
    { "h_bulk_remove of type 0", 0x124, { 0x41, 0, 3ul << 62 } },
    { "h_bulk_remove of both conditions", 0x124, { 1ul << 62 | 3ul << 56 | 0x41, 0, 3ul << 62 } },

    { "h_set_sprg0", 0x24, { 0x123456789abcdef } },
    { "h_set_dabr", 0x28, { 0 } },
    { "h_set_dabr with translation", 0x28, { 0x1004 } },
    { "h_set_xdabr", 0x134, { 0x1000, 3 } },
    { "h_set_xdabr reserved", 0x134, { 0x1000, 0x10 } },
    { "h_set_xdabr no privilege", 0x134, { 0x1000, 0 } },

    { "h_page_init nothing", 0x2c, { 0, RAM, 0 } },
    { "h_page_init zero", 0x2c, { 1ul << 15, RAM, 0 } },
    { "h_page_init copy", 0x2c, { 1ul << 14, RAM, PAGE2 } },
    { "h_page_init both", 0x2c, { 3ul << 14, RAM, PAGE2 } },
    { "h_page_init flush", 0x2c, { 1ul << 23 | 1ul << 22, RAM, 0 } },
    { "h_page_init lend", 0x2c, { 15ul << 32, RAM, 0 } },
    { "h_page_init take back", 0x2c, { 1ul << 35, RAM, 0 } },
    { "h_page_init reserved flag", 0x2c, { 1, RAM, 0 } },
    { "h_page_init active and inactive", 0x2c, { 0xc0, RAM, 0 } },
    { "h_page_init unaligned", 0x2c, { 1ul << 15, UNALIGNED, 0 } },
    { "h_page_init nowhere", 0x2c, { 1ul << 15, NOWHERE, 0 } },
    { "h_page_init copy from nowhere", 0x2c, { 1ul << 14, RAM, NOWHERE } },
    { "h_page_init copy unaligned", 0x2c, { 1ul << 14, RAM, UNALIGNED } },

    { "h_logical_ci_store 1", 0x40, { 1, RAM, 0x11 } },
    { "h_logical_ci_store 2", 0x40, { 2, RAM + 2, 0x2233 } },
    { "h_logical_ci_store 4", 0x40, { 4, RAM + 4, 0x44556677 } },
    { "h_logical_ci_store 8", 0x40, { 8, RAM + 8, 0x8899aabbccddeeff } },
    { "h_logical_ci_store 3", 0x40, { 3, RAM, 0 } },
    { "h_logical_ci_load 1", 0x3c, { 1, RAM }, 1 },
    { "h_logical_ci_load 2", 0x3c, { 2, RAM + 2 }, 1 },
    { "h_logical_ci_load 4", 0x3c, { 4, RAM + 4 }, 1 },
    { "h_logical_ci_load 8", 0x3c, { 8, RAM + 8 }, 1 },
    { "h_logical_ci_load of nothing", 0x3c, { 8, NOWHERE }, 1 },
    { "h_logical_ci_store to nothing", 0x40, { 8, NOWHERE, 1 } },
    { "h_logical_ci_load 16", 0x3c, { 16, RAM } },
    { "h_logical_cache_load", 0x44, { 8, RAM }, 0 },
    { "h_logical_cache_store 4", 0x48, { 4, RAM + 4, 0x44556670 } },
    { "h_logical_cache_load 4", 0x44, { 4, RAM + 4 }, 1 },
    { "h_logical_icbi", 0x4c, { RAM } },
    { "h_logical_dcbf", 0x50, { RAM } },
    { "h_logical_icbi nowhere", 0x4c, { NOWHERE } },
    { "h_logical_memop copy", 0xf001, { PAGE2, RAM, 3, 2, 0 } },
    { "copied", 0x3c, { 8, PAGE2 + 8 }, 1 },
    { "h_logical_memop invert", 0xf001, { PAGE2, RAM, 0, 9, 1 } },
    { "inverted", 0x3c, { 8, PAGE2 + 2 }, 1 },
    { "h_logical_memop overlapping", 0xf001, { RAM + 8, RAM, 3, 2, 0 } },
    { "overlapped", 0x3c, { 8, RAM + 16 }, 1 },
    { "h_logical_memop element", 0xf001, { RAM, RAM, 4, 1, 0 } },
    { "h_logical_memop operation", 0xf001, { RAM, RAM, 0, 1, 2 } },
    { "h_logical_memop unaligned", 0xf001, { RAM + 1, RAM, 1, 1, 0 } },
    { "h_logical_memop count", 0xf001, { RAM, RAM, 0, 1ul << 40, 0 } },

    { "h_xirr", 0x74, { 0 }, 1 },
    { "h_xirr_x", 0x2fc, { 0 }, 1 },
    { "h_ipoll", 0x70, { 0 }, 2 },
    { "h_ipoll of no server", 0x70, { 77 } },
    { "h_ipi to no server", 0x6c, { 77, 0 } },
    { "h_ipi", 0x6c, { 0, 0xff } },
    { "h_cppr", 0x68, { 0 } },
    { "h_eoi of nothing", 0x64, { 0xff000000 } },

    { "h_put_term_char of no terminal", 0x58, { 0x71000005, 1, 0 } },
    { "h_put_term_char too long", 0x58, { 0x71000000, 17, 0 } },
    { "h_put_term_char nothing", 0x58, { 0x71000000, 0, 0 } },
    { "h_get_term_char of no terminal", 0x54, { 0x71000005 } },
    { "h_get_term_char of the nvram", 0x54, { 0x71000001 } },

    { "h_get_tce of no bus", 0x1c, { 0x1234, 0 } },
    { "h_put_tce of no bus", 0x20, { 0x1234, 0, 0 } },
    { "h_put_tce", 0x20, { 0x80000000, 0x5000, RAM | 3 } },
    { "h_get_tce", 0x1c, { 0x80000000, 0x5000 }, 1 },
    { "h_put_tce unaligned", 0x20, { 0x80000000, 0x6123, RAM | 3 } },
    { "h_get_tce of that", 0x1c, { 0x80000000, 0x6000 }, 1 },
    { "h_put_tce past the window", 0x20, { 0x80000000, 0x40000000, RAM | 3 } },
    { "h_get_tce past the window", 0x1c, { 0x80000000, 0x40000000 } },
    { "h_stuff_tce", 0x13c, { 0x80000000, 0x8000, RAM | 1, 4 } },
    { "h_stuff_tce zero", 0x13c, { 0x80000000, 0x8000, 0, 4 } },
    { "h_stuff_tce all", 0x13c, { 0x80000000, 0x8000, RAM | 3, 512 } },
    { "h_stuff_tce no permission", 0x13c, { 0x80000000, 0x8000, RAM, 4 } },
    { "h_get_tce stuffed", 0x1c, { 0x80000000, 0xb000 }, 1 },
    { "h_stuff_tce past the window", 0x13c, { 0x80000000, 0x3ffff000, 0, 2 } },
    { "h_stuff_tce of no bus", 0x13c, { 0x1234, 0, 0, 2 } },
    { "h_stuff_tce too many", 0x13c, { 0x80000000, 0, 0, 513 } },
    { "h_put_tce_indirect", 0x138, { 0x80000000, 0x10000, PAGE2, 4 } },
    { "h_put_tce_indirect unaligned list", 0x138, { 0x80000000, 0x10000, UNALIGNED, 4 } },
    { "h_put_tce_indirect too many", 0x138, { 0x80000000, 0x10000, PAGE2, 513 } },
    { "h_put_tce_indirect past the window", 0x138, { 0x80000000, 0x3ffff000, PAGE2, 2 } },
    { "h_put_tce_indirect of no bus", 0x138, { 0x1234, 0, PAGE2, 2 } },

    { "h_register_vpa of no cpu", 0xdc, { 1ul << 45, 77, RAM } },
    { "h_register_vpa null", 0xdc, { 1ul << 45, 0, 0 } },
    { "h_register_vpa unaligned", 0xdc, { 1ul << 45, 0, RAM + 4 } },
    { "size of a vpa", 0x40, { 2, RAM + 4, 640 } },
    { "h_register_dtl before the vpa", 0xdc, { 2ul << 45, 0, PAGE2 } },
    { "h_register_vpa", 0xdc, { 1ul << 45, 0, RAM } },
    { "h_register_vpa flags", 0x3c, { 1, RAM + 9 }, 1 },
    { "small", 0x40, { 4, PAGE2 + 4, 8 } },
    { "h_register_dtl small", 0xdc, { 2ul << 45, 0, PAGE2 } },
    { "h_register_slb shadow", 0xdc, { 3ul << 45, 0, PAGE2 } },
    { "size of a dtl", 0x40, { 4, PAGE2 + 4, 48 } },
    { "h_register_dtl", 0xdc, { 2ul << 45, 0, PAGE2 } },
    { "too large a shadow", 0x40, { 4, PAGE2 + 4, 0x2000 } },
    { "h_register_slb shadow across pages", 0xdc, { 3ul << 45, 0, PAGE2 } },
    { "h_register_vpa deregister too early", 0xdc, { 5ul << 45, 0, 0 } },
    { "h_register_slb deregister", 0xdc, { 7ul << 45, 0, 0 } },
    { "h_register_dtl deregister", 0xdc, { 6ul << 45, 0, 0 } },
    { "h_register_vpa deregister", 0xdc, { 5ul << 45, 0, 0 } },
    { "h_register_vpa function 0", 0xdc, { 0, 0, 0 } },
    { "h_register_vpa function 4", 0xdc, { 4ul << 45, 0, 0 } },
    { "small vpa", 0x40, { 2, RAM + 4, 639 } },
    { "h_register_vpa small", 0xdc, { 1ul << 45, 0, RAM } },

    { "h_prod", 0xe8, { 0 } },
    { "h_prod of no cpu", 0xe8, { 77 } },
    { "h_confer of no cpu", 0xe4, { 77, 0 } },
    { "h_confer to all", 0xe4, { ALL, 0 } },
    { "h_signal_sys_reset of no cpu", 0x380, { 77 } },
    { "h_signal_sys_reset reserved", 0x380, { -3ul } },
    { "h_signal_sys_reset others", 0x380, { -2ul } },

    { "h_set_mode ciabr", 0x31c, { 0, 1, 0, 0 } },
    { "h_set_mode ciabr flags", 0x31c, { 1, 1, 0, 0 } },
    { "h_set_mode ciabr value2", 0x31c, { 0, 1, 0, 1 } },
    { "h_set_mode ciabr hypervisor", 0x31c, { 0, 1, 3, 0 } },
    { "h_set_mode dawr0", 0x31c, { 0, 2, 0x1000, 0 } },
    { "h_set_mode dawr0 flags", 0x31c, { 1, 2, 0x1000, 0 } },
    { "h_set_mode dawr0 hypervisor", 0x31c, { 0, 2, 0x1000, 4 } },
    { "h_set_mode dawr1", 0x31c, { 0, 5, 0x1000, 0 } },
    { "h_set_mode big endian", 0x31c, { 0, 4, 0, 0 } },
    { "h_set_mode endian flags", 0x31c, { 2, 4, 0, 0 } },
    { "h_set_mode endian value1", 0x31c, { 0, 4, 1, 0 } },
    { "h_set_mode endian value2", 0x31c, { 0, 4, 0, 1 } },
    { "h_set_mode ail 0", 0x31c, { 0, 3, 0, 0 } },
    { "h_set_mode ail 1", 0x31c, { 1, 3, 0, 0 } },
    { "h_set_mode ail 2", 0x31c, { 2, 3, 0, 0 } },
    { "h_set_mode ail 3", 0x31c, { 3, 3, 0, 0 } },
    { "h_set_mode ail 4", 0x31c, { 4, 3, 0, 0 } },
    { "h_set_mode ail value1", 0x31c, { 3, 3, 1, 0 } },
    { "h_set_mode ail value2", 0x31c, { 3, 3, 0, 1 } },
    { "h_set_mode ail 0 again", 0x31c, { 0, 3, 0, 0 } },
    { "h_set_mode unknown", 0x31c, { 0, 9, 0, 0 } },

    { "h_resize_hpt_prepare flags", 0x36c, { 1, 20 } },
    { "h_resize_hpt_prepare small", 0x36c, { 0, 17 } },
    { "h_resize_hpt_prepare large", 0x36c, { 0, 47 } },
    { "h_resize_hpt_prepare more than memory", 0x36c, { 0, 40 } },
    { "h_resize_hpt_prepare cancel", 0x36c, { 0, 0 } },
    { "h_resize_hpt_commit unprepared", 0x370, { 0, 20 } },
    { "h_resize_hpt_commit flags", 0x370, { 1, 20 } },

    { "h_register_process_table flags", 0x37c, { 0x20, 0, 0, 0 } },
    { "h_register_process_table operation", 0x37c, { 0x10, 0, 0, 0 } },
    { "h_register_process_table size", 0x37c, { 0x1d, 0, 0, 25 } },
    { "h_register_process_table base", 0x37c, { 0x1d, 0x123, 0, 12 } },
    { "h_register_process_table page size", 0x37c, { 0x1d, 0x100000, 1, 12 } },
    { "h_register_process_table hash page size", 0x37c, { 0x18, 0, 8, 12 } },
    { "h_register_process_table hash base", 0x37c, { 0x18, 1ul << 38, 0, 12 } },
    { "h_clean_slb", 0x374, { 0 } },
    { "h_invalidate_pid", 0x378, { 0 } },

    { "h_get_cpu_characteristics", 0x1c8, { 0 }, 2 },
    { "h_home_node_associativity", 0x2ec, { 1, 0 }, 6 },
    { "h_home_node_associativity flags", 0x2ec, { 3, 0 } },
    { "h_home_node_associativity of no cpu", 0x2ec, { 1, 77 } },
    { "h_random", 0x300, { 0 } },
    { "h_update_dt nowhere", 0xf003, { NOWHERE } },
    { "h_update_dt no tree", 0xf003, { RAM } },

    { "h_watchdog capabilities", 0x45c, { 0x300 }, 1 },
    { "h_watchdog capabilities and an action", 0x45c, { 0x301 }, 1 },
    { "h_watchdog of migration", 0x45c, { 0x400, 1 }, 0 },
    { "h_watchdog of no timer", 0x45c, { 0x102, 9, 500000 } },
    { "h_watchdog no action", 0x45c, { 0x100, 1, 500000 } },
    { "h_watchdog odd action", 0x45c, { 0x104, 1, 500000 } },
    { "h_watchdog short", 0x45c, { 0x102, 1, 499 } },
    { "h_watchdog start 1", 0x45c, { 0x102, 1, 500000 } },
    { "h_watchdog start 1 again", 0x45c, { 0x102, 1, 600000 } },
    { "h_watchdog stop 1", 0x45c, { 0x200, 1 } },
    { "h_watchdog stop 1 again", 0x45c, { 0x200, 1 } },
    { "h_watchdog start 1 of two", 0x45c, { 0x101, 1, 500000 } },
    { "h_watchdog start 2 of two", 0x45c, { 0x102, 2, 500000 } },
    { "h_watchdog stop 1 of two", 0x45c, { 0x200, 1 } },
    { "h_watchdog stop 2 of two", 0x45c, { 0x200, 2 } },
    { "h_watchdog start 1 of three", 0x45c, { 0x103, 1, 500000 } },
    { "h_watchdog start 2 of three", 0x45c, { 0x10103, 2, 500000 } },
    { "h_watchdog start 3 of three", 0x45c, { 0x10103, 4, 500000 } },
    { "h_watchdog stop 1 of three", 0x45c, { 0x200, 1 } },
    { "h_watchdog stop all", 0x45c, { 0x200, ALL } },
    { "h_watchdog stop all again", 0x45c, { 0x200, ALL } },
    { "h_watchdog stop 2 of three", 0x45c, { 0x200, 2 } },
    { "h_watchdog stop of no timer", 0x45c, { 0x200, 9 } },
    { "h_watchdog stop with an action", 0x45c, { 0x201, 2 } },
    { "h_watchdog reserved flags", 0x45c, { 1ul << 40 | 0x101, 1, 500000 } },
    { "h_watchdog reserved flags low", 0x45c, { 0x2101, 1, 500000 } },
    { "h_watchdog reserved flags middle", 0x45c, { 0x20101, 1, 500000 } },
    { "h_watchdog operation 0", 0x45c, { 0x001, 1, 500000 } },
    { "h_watchdog operation 5", 0x45c, { 0x501, 1, 500000 } },
    { "h_watchdog zero", 0x45c, { 0x101, 1, 0 } },
    { "h_watchdog stop the last", 0x45c, { 0x200, ALL } },

    { "h_scm_read_metadata", 0x3e4, { 0, 0, 8 } },
    { "h_rpt_invalidate", 0x448, { 0, 1, 1, 1, 0, 0 } },
    { "h_int_get_source_info", 0x3a8 + 0, { 0 } },
    { "h_get_mpp", 0x2d4, { 0 } },
    { "h_pic", 0x280, { 0 } },
    { "h_purr", 0x7c, { 0 } },
    { "h_get_ppp", 0x1ec, { 0 } },
    { "h_perfmon", 0x1b8, { 0 } },
    { "h_set_partition_table", 0xf800, { 0 } },
    { "an odd number", 0x3, { 0 } },
    { "a large number", 0x123456789000, { 0 } },
};

typedef struct RtasRow { const char *name; int nargs, nrets; u32 args[10]; int outs; } RtasRow;

static const RtasRow rtas_rows[] = {
    { "query-cpu-stopped-state", 1, 2, { 0 }, 1 },
    { "query-cpu-stopped-state", 1, 2, { 77 }, 0 },
    { "query-cpu-stopped-state", 0, 2, { 0 }, 0 },
    { "start-cpu", 3, 1, { 0, 0x1000, 0 } },
    { "start-cpu", 3, 1, { 77, 0x1000, 0 } },
    { "start-cpu", 2, 1, { 77, 0x1000, 0 } },
    { "get-time-of-day", 0, 7, { 0 }, 0 },
    { "set-time-of-day", 6, 1, { 2026, 1, 1, 0, 0, 0, 0 } },
    { "set-time-of-day", 7, 1, { 2026, 1, 1, 0, 0, 0, 0 } },
    { "set-time-of-day", 7, 1, { 1800, 13, 99, 0, 0, 0, 0 } },
    { "ibm,get-system-parameter", 3, 1, { 20, RAM, 0x1000 } },
    { "ibm,get-system-parameter", 3, 1, { 42, RAM, 0x1000 } },
    { "ibm,get-system-parameter", 3, 1, { 48, RAM, 0x1000 } },
    { "ibm,get-system-parameter", 3, 1, { 42, RAM, 1 } },
    { "ibm,get-system-parameter", 3, 1, { 99, RAM, 0x1000 } },
    { "ibm,get-system-parameter", 3, 1, { 20, 0xfffff000, 0x1000 } },
    { "ibm,set-system-parameter", 2, 1, { 42, RAM } },
    { "ibm,set-system-parameter", 2, 1, { 99, RAM } },
    { "ibm,set-system-parameter", 2, 1, { 20, RAM } },
    { "nvram-fetch", 3, 2, { 0, RAM, 16 }, 1 },
    { "nvram-fetch", 3, 2, { 0x10000, RAM, 16 }, 1 },
    { "nvram-fetch", 3, 2, { 0, 0xfffff000, 16 }, 0 },
    { "nvram-fetch", 2, 2, { 0, RAM, 16 }, 0 },
    { "nvram-fetch", 3, 1, { 0, RAM, 16 }, 0 },
    { "nvram-fetch", 3, 2, { 0xffff, RAM, 2 }, 1 },
    { "nvram-store", 3, 2, { 0x8000, RAM, 16 }, 1 },
    { "nvram-store", 3, 2, { 0x10000, RAM, 1 }, 1 },
    { "nvram-store", 3, 2, { 0x0, RAM, 0x20000 }, 1 },
    { "event-scan", 4, 1, { 0xffffffff, 0, RAM, 0x100 } },
    { "event-scan", 3, 1, { 0xffffffff, 0, RAM } },
    { "check-exception", 6, 1, { 0x500, 0x1000, 0x40000000, 1, RAM, 0x100 } },
    { "check-exception", 7, 1, { 0x500, 0x1000, 0x40000000, 1, RAM, 0x100, 0 } },
    { "check-exception", 5, 1, { 0x500, 0x1000, 0x40000000, 1, RAM } },
    { "ibm,get-xive", 1, 3, { 0x1000 }, 2 },
    { "ibm,get-xive", 1, 3, { 0x10 }, 0 },
    { "ibm,get-xive", 1, 2, { 0x1000 }, 0 },
    { "ibm,set-xive", 3, 1, { 0x1000, 0, 5 } },
    { "ibm,get-xive", 1, 3, { 0x1000 }, 2 },
    { "ibm,set-xive", 3, 1, { 0x1000, 77, 5 } },
    { "ibm,set-xive", 3, 1, { 0x1000, 0, 256 } },
    { "ibm,set-xive", 3, 1, { 0x10, 0, 5 } },
    { "ibm,set-xive", 2, 1, { 0x1000, 0 } },
    { "ibm,int-off", 1, 1, { 0x1000 } },
    { "ibm,get-xive", 1, 3, { 0x1000 }, 2 },
    { "ibm,int-on", 1, 1, { 0x1000 } },
    { "ibm,get-xive", 1, 3, { 0x1000 }, 2 },
    { "ibm,int-on", 1, 1, { 0x10 } },
    { "ibm,int-off", 0, 1, { 0x10 } },
    { "get-sensor-state", 2, 2, { 9003, 0x10000000 }, 1 },
    { "set-indicator", 3, 1, { 9002, 0x10000000, 0 } },
    { "set-indicator", 3, 1, { 9002, 0x10000000, 1 } },
    { "set-indicator", 3, 1, { 9002, 0x40000000, 1 } },
    { "set-indicator", 3, 1, { 9002, 0x40000000, 2 } },
    { "set-indicator", 3, 1, { 9002, 0x40000000, 4 } },
    { "set-indicator", 3, 1, { 9002, 0x20000001, 0 } },
    { "set-indicator", 3, 1, { 9001, 0x40000000, 0 } },
    { "set-indicator", 3, 1, { 9001, 0x20000001, 0 } },
    { "set-indicator", 3, 1, { 9001, 0x20000001, 1 } },
    { "set-indicator", 3, 1, { 9001, 0x10000000, 1 } },
    { "set-indicator", 3, 1, { 9001, 0x10000000, 2 } },
    { "set-indicator", 3, 1, { 9003, 0x10000000, 0 } },
    { "set-indicator", 3, 1, { 9003, 0x10000000, 1 } },
    { "set-indicator", 3, 1, { 9001, 0x10000000, 0 } },
    { "get-sensor-state", 2, 2, { 9003, 0x10000000 }, 1 },
    { "set-indicator", 3, 1, { 9001, 0x10000000, 1 } },
    { "set-indicator", 3, 1, { 9001, 0x10000000, 0 } },
    { "set-indicator", 3, 1, { 9003, 0x10000000, 0 } },
    { "set-indicator", 3, 1, { 9003, 0x10000000, 2 } },
    { "set-indicator", 3, 1, { 9002, 0x10000000, 1 } },
    { "set-indicator", 3, 1, { 9001, 0x40000000, 1 } },
    { "set-indicator", 3, 1, { 9003, 0x40000000, 1 } },
    { "set-indicator", 3, 1, { 9003, 0x40000000, 0 } },
    { "set-indicator", 3, 1, { 9003, 0x20000001, 1 } },
    { "set-indicator", 3, 1, { 9003, 0x20000001, 0 } },
    { "set-indicator", 3, 1, { 9001, 0x12345678, 1 } },
    { "set-indicator", 3, 1, { 1, 0, 0 } },
    { "set-indicator", 2, 1, { 9001, 0 } },
    { "get-sensor-state", 2, 2, { 9003, 0x10000000 }, 1 },
    { "get-sensor-state", 2, 2, { 9003, 0x40000000 }, 1 },
    { "get-sensor-state", 2, 2, { 9003, 0x20000000 }, 1 },
    { "get-sensor-state", 2, 2, { 9003, 0x20000001 }, 1 },
    { "get-sensor-state", 2, 2, { 9003, 0x12345678 }, 0 },
    { "get-sensor-state", 2, 2, { 1, 0 }, 0 },
    { "get-sensor-state", 1, 2, { 9003 }, 0 },
    { "set-power-level", 2, 2, { 0xffffffff, 100 }, 1 },
    { "set-power-level", 2, 2, { 1, 100 }, 0 },
    { "get-power-level", 1, 2, { 0xffffffff }, 1 },
    { "get-power-level", 1, 2, { 1 }, 0 },
    { "ibm,configure-connector", 2, 1, { 0xf00000, 0 } },
    { "ibm,configure-connector", 2, 1, { 0xfffff000, 0 } },
    { "ibm,configure-connector", 1, 1, { 0xf00000 } },
    { "read-pci-config", 2, 2, { 0, 4 }, 1 },
    { "ibm,read-pci-config", 4, 2, { 0, 0x8000000, 0x20000000, 4 }, 1 },
    { "ibm,read-pci-config", 4, 2, { 0, 0x8000000, 0x20000000, 2 }, 1 },
    { "ibm,read-pci-config", 4, 2, { 0, 0x8000000, 0x20000000, 3 }, 1 },
    { "ibm,read-pci-config", 4, 2, { 0, 1, 2, 4 }, 1 },
    { "ibm,read-pci-config", 3, 2, { 0, 0x8000000, 0x20000000 }, 1 },
    { "ibm,write-pci-config", 5, 1, { 0, 0x8000000, 0x20000000, 4, 0 } },
    { "ibm,write-pci-config", 5, 1, { 0, 1, 2, 4, 0 } },
    { "write-pci-config", 3, 1, { 0, 4, 0 } },
    { "ibm,change-msi", 6, 4, { 0, 0x8000000, 0x20000000, 1, 1, 0 }, 0 },
    { "ibm,change-msi", 6, 3, { 0, 1, 2, 1, 1, 0 }, 0 },
    { "ibm,query-interrupt-source-number", 4, 3, { 0, 0x8000000, 0x20000000, 0 }, 0 },
    { "ibm,set-eeh-option", 4, 1, { 0, 0x8000000, 0x20000000, 1 } },
    { "ibm,get-config-addr-info2", 4, 2, { 0, 0x8000000, 0x20000000, 1 }, 0 },
    { "ibm,read-slot-reset-state2", 3, 4, { 0, 0x8000000, 0x20000000 }, 0 },
    { "ibm,set-slot-reset", 4, 1, { 0, 0x8000000, 0x20000000, 0 } },
    { "ibm,configure-pe", 3, 1, { 0, 0x8000000, 0x20000000 } },
    { "ibm,slot-error-detail", 8, 1, { 0, 0x8000000, 0x20000000, 0, 0, 0, 0, 0 } },
    { "ibm,query-pe-dma-window", 3, 5, { 0, 0x8000000, 0x20000000 }, 4 },
    { "ibm,query-pe-dma-window", 3, 6, { 0, 0x8000000, 0x20000000 }, 0 },
    { "ibm,query-pe-dma-window", 3, 5, { 0, 1, 2 }, 0 },
    { "ibm,create-pe-dma-window", 5, 4, { 0, 0x8000000, 0x20000000, 13, 30 }, 0 },
    { "ibm,create-pe-dma-window", 5, 4, { 0, 0x8000000, 0x20000000, 16, 10 }, 0 },
    { "ibm,create-pe-dma-window", 5, 4, { 0, 0x8000000, 0x20000000, 16, 30 }, 3 },
    { "ibm,create-pe-dma-window", 5, 4, { 0, 0x8000000, 0x20000000, 16, 30 }, 0 },
    { "ibm,query-pe-dma-window", 3, 5, { 0, 0x8000000, 0x20000000 }, 4 },
    { "ibm,remove-pe-dma-window", 1, 1, { 0x80000001 } },
    { "ibm,remove-pe-dma-window", 1, 1, { 0x12345678 } },
    { "ibm,reset-pe-dma-window", 3, 1, { 0, 0x8000000, 0x20000000 } },
    { "ibm,reset-pe-dma-window", 3, 1, { 0, 1, 2 } },
    { "ibm,set-tce-bypass", 2, 1, { 0x71000000, 1 } },
    { "ibm,set-tce-bypass", 2, 1, { 1, 1 } },
    { "ibm,nmi-interlock", 0, 1, { 0 } },
    { "ibm,nmi-register", 2, 1, { 0x1000, 0xfffff000 } },
    { "ibm,nmi-register", 2, 1, { 0x1000, 0x2000 } },
    { "ibm,nmi-register", 1, 1, { 0x1000 } },
    { "quiesce", 0, 1, { 0 } },
    { "rtas-last-error", 2, 1, { RAM, 16 } },
};


static void print_call(const Call *c)
{
    u64 rc = hcall(c->op, c->args[0], c->args[1], c->args[2], c->args[3], c->args[4], c->args[5], c->args[6]);
    u64 out[4] = { hcall_out[0], hcall_out[1], hcall_out[2], hcall_out[3] };

    put("CALL ");
    put(c->name);
    put(" -> ");
    put_hex(rc);
    for (int i = 0; i < c->outs && i < 4; i++) {
        put(" ");
        put_hex(out[i]);
    }
    put("\n");
}

static void print_rtas(const RtasRow *r)
{
    u32 rets[16] = { 0 };
    int rc = rtas(r->name, r->nargs, r->args, r->nrets, rets);

    put("RTAS ");
    put(r->name);
    for (int i = 0; i < r->nargs; i++) {
        put(" ");
        put_hex(r->args[i]);
    }
    put(" -> ");
    put_hex((u32)rc);
    for (int i = 1; i <= r->outs; i++) {
        put(" ");
        put_hex(rets[i]);
    }
    put("\n");
}

void secondary_main(u64 number)
{
}

void test_main(void)
{
    for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        print_call(&calls[i]);
    }
    for (unsigned i = 0; i < sizeof(rtas_rows) / sizeof(rtas_rows[0]); i++) {
        print_rtas(&rtas_rows[i]);
    }
    check("all asked", 1, 1);
}
