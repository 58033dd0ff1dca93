/*
 * The pseries machine (LoPAPR): what its parts share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_PPC_SPAPR_H
#define HW_PPC_SPAPR_H

#include "hw/core/device.h"
#include "hw/core/machine.h"
#include "system/memory.h"
#include "target/ppc/cpu.h"
#include "target/ppc/models.h"

/* Hypercall return codes (LoPAPR 14.4) */
enum {
    H_SUCCESS = 0, H_BUSY = 1, H_CLOSED = 2, H_NOT_AVAILABLE = 3, H_PARTIAL = 5, H_PAGE_REGISTERED = 15,
    H_LONG_BUSY_10_MSEC = 9901, H_TOO_HARD = 9999,
    H_HARDWARE = -1, H_FUNCTION = -2, H_PRIVILEGE = -3, H_PARAMETER = -4, H_BAD_MODE = -5, H_PTEG_FULL = -6,
    H_NOT_FOUND = -7, H_NOT_ACTIVE = -11, H_NO_MEM = -9, H_AUTHORITY = -10, H_PERMISSION = -11, H_RESOURCE = -16,
    H_P2 = -55, H_P3 = -56, H_P4 = -57, H_P5 = -58, H_UNSUPPORTED_FLAG = -256, H_UNSUPPORTED = -67, H_NOOP = -63,
};

typedef struct SpaprConfig SpaprConfig;
typedef struct Icp Icp;
typedef struct Ics Ics;
typedef struct SpaprXive SpaprXive;
typedef struct XiveTctx XiveTctx;
typedef struct SpaprVty SpaprVty;

/* Per-vCPU data of the machine: PowerPCCPU.machine_data */
typedef struct SpaprCpu {
    uint64_t vpa_addr, slb_shadow_addr, slb_shadow_size, dtl_addr, dtl_size;
    bool prod;
    Icp *icp;                   /* NULL: no XICS */
    XiveTctx *tctx;             /* NULL: no XIVE */
} SpaprCpu;
static inline SpaprCpu *spapr_cpu(const PowerPCCPU *cpu) { return cpu->machine_data; }

#define SPAPR_NUMA_MAX 128
typedef struct SpaprNuma {
    unsigned nodes;             /* 0: nothing was said */
    bool present[SPAPR_NUMA_MAX], distances_given;
    uint64_t size[SPAPR_NUMA_MAX];
    MemorySource memory[SPAPR_NUMA_MAX];        /* name NULL: none of its own */
    bool mem_given, memdev_given;
    uint8_t distance[SPAPR_NUMA_MAX][SPAPR_NUMA_MAX];
    uint16_t cpu_node[4096];    /* node + 1 by processor index, 0: not said */
    uint8_t domain[SPAPR_NUMA_MAX][4];
} SpaprNuma;
/* Time base as streams have it (spapr-state.c). */
typedef struct SpaprTimebase {
    uint64_t guest_timebase;
    int64_t time_of_the_day_ns;
    int64_t loaded_at;          /* virtual time when it was loaded */
    bool loaded;
} SpaprTimebase;

/* What check-exception hands out once: the two words that it begins with, and `length` bytes. */
typedef struct SpaprEvent {
    uint32_t summary, length;
    uint8_t *log;
} SpaprEvent;

#define SPAPR_CAPS 13
#define SPAPR_MESSAGES 0xd00u   /* message interrupts that machines since 3.1 have, numbered from SPAPR_IRQ_MSI; ibm,pe-total-#msi */
#define CAP_NOT_SENT 0xff       /* of caps[] */
#define FWNMI_NONE UINT64_MAX   /* of the handlers: none was registered */

typedef struct SpaprMachine {
    SpaprConfig *cfg;
    const char *machine_name;
    const char *cpu_name;       /* by which it was chosen: a model's or an alias */
    const PpcModel *model;
    uint64_t ram_size, maxram_size;
    unsigned ram_slots, cpus, max_cpus, threads, cores, sockets;
    const char *kernel, *initrd, *append, *bios, *boot_order, *boot_once, *uuid, *name;
    const GPtrArray *prom_env;      /* "name=value", NULL: none */
    const char *boot_device;        /* what firmware starts from this time, NULL: its own choice */
    bool boot_menu, booted;
    void *dtb;                      /* -dtb, NULL: none */

    uint8_t *htab;              /* hash page table, big-endian pairs */
    unsigned htab_shift;        /* 0: none (radix) */
    uint8_t *pending_htab;      /* that H_RESIZE_HPT_PREPARE made; it does not travel: a guest that moves in between is told H_CLOSED */
    unsigned pending_shift;
    uint64_t patb0, patb1;      /* partition table entry of the one partition */

    uint64_t fdt_addr, rtas_addr, initrd_base, initrd_size, kernel_addr, kernel_size, kernel_entry;
    bool kernel_le;
    void *fdt;
    Ics *ics;                   /* NULL: a machine of XIVE only */
    SpaprXive *xive;            /* NULL: of XICS only */
    bool xive_active;           /* the one of the two that devices' lines lead to */
    Bus *vio_bus;
    Device *rtc, *nvram;
    uint64_t fwnmi_system_reset, fwnmi_machine_check;   /* the client's handlers (spapr-fwnmi.c) */
    struct { unsigned epow, hotplug; } irqs;   /* 0: none */
    unsigned vsmt;              /* distance of the ids of two cores */
    uint8_t ov5_cas[64];
    bool radix, cas_done;
    bool before_isa3;           /* negotiation was by somebody who does not know of ISA 3.0 */
    struct Vof *vof;
    /* saved state that nothing else keeps */
    SpaprTimebase tb;
    int32_t fwnmi_interlock;    /* thread that handles a machine check; -1: none */
    struct { uint32_t initial_size, size; uint8_t *blob; } tree;     /* device tree that streams carry */
    uint8_t caps[SPAPR_CAPS];   /* as they were loaded */
    uint64_t messages[SPAPR_MESSAGES / 64];     /* those that are taken, a bit each (not on machines until 3.0) */
    GPtrArray *pending_events;  /* of SpaprEvent, the oldest first */
    uint32_t next_event;        /* its number */
    GHashTable *connectors;     /* index -> SpaprDrc (spapr-drc.c) */
    SpaprNuma numa;             /* last: behind its array of structs gcc 12 does not know what is padding, of which vmstate_account() asks */
} SpaprMachine;

extern SpaprMachine *spapr;         /* NULL: the machine is another one */

/* Option vector 5: byte numbers as in LoPAPR's table, byte 0 being the length. */
enum { OV5_DRCONF = 2, OV5_AFFINITY = 5, OV5_HP_EVT = 6, OV5_DRMEM_V2 = 22, OV5_XIVE = 23, OV5_MMU = 24, OV5_HASH = 25, OV5_RADIX = 26 };
enum { OV5_DRCONF_MEMORY = 0x20, OV5_FORM1 = 0x80, OV5_FORM2 = 0x20, OV5_HOTPLUG_EVENTS = 0x04, OV5_RESIZE_HPT = 0x01, OV5_MEMORY_V2 = 0x80, OV5_XIVE_EXPLOIT = 0x40, OV5_XIVE_EITHER = 0x80, OV5_XIVE_CHOICE = 0xc0 };

/* What a machine is made of: its properties, after the version's pins and the user's choices (spapr-versions.c). */
typedef struct SpaprConfig {
    MachineConfig machine;
    const char *version;        /* "7.2" */
    const char *alias_power9, *default_cpu, *ic_mode, *max_cpu_compat, *resize_hpt, *host_model, *host_serial, *x_vof, *x_destination_dialect;
    const char *cap_cfpc, *cap_sbbc, *cap_ibs;
    const char *kernel_irqchip, *kvm_type;
    uint64_t cap_hpt_max_page_size, kernel_addr, rma_limit;
    uint32_t nr_xirqs, vsmt;
    bool cap_htm, cap_vsx, cap_dfp, cap_nested_hv, cap_large_decr, cap_ccf_assist, cap_fwnmi, cap_rpt_invalidate, cap_ail_mode_3;
    bool pre_9_2_barriers, cap_sbbc_given /* by the user */;
    bool legacy_irqs, legacy_phb_placement, linux_pci_probe, update_dt, dr_lmb, dr_phb, hotpluggable_cpus, modern_hotplug_events;
    bool smp_prefer_sockets, hpt_resize /* from resize_hpt */;
    bool cpu_compat_property, pre_2_10_presenters, pre_5_1_refpoints, pre_5_2_numa, pre_6_2_numa, pi_features, numa_mem, nvdimm;
    bool vfio_no_msix;          /* accepted: there is nothing that it would change */
} SpaprConfig;
#define SPAPR_MAX_CPUS 4096u
#define SPAPR_MAX_SLOTS 32u                 /* of -m slots= */
#define SPAPR_DEFAULT_RAM (UINT64_C(512) << 20)
#define SPAPR_BLOCK (UINT64_C(256) << 20)          /* the logical memory block, in which memory is plugged */
#define SPAPR_MAX_BLOCKS 0x10000u           /* that can be plugged: their connectors fill most of a tree */
/* The value that `machine` pins for another type's property, or NULL. */
const char *spapr_version_pin(const char *machine, const char *type, const char *property);
/* Defaults and the version's pins; those of other types take effect on the objects made from now on. */
void spapr_config_defaults(SpaprConfig *c, const char *machine);    /* of /machine alone */
void spapr_config_init(SpaprConfig *c, const char *machine);
void spapr_version_pin_all(const char *machine);        /* what is made from now on is as in that version */
/* spapr-dialects.c: in whose form saved state is sent; of NULL and "": as the property x-destination-dialect says, else the version's own. */
bool spapr_dialect_choose(const SpaprConfig *c, const char *program, GError **err);
bool spapr_dialect_init(struct SpaprMachine *s, GError **err);

/* spapr-models.c: processors by names and aliases, in any case, as the machine version means them */
const PpcModel *spapr_model_find(const char *machine, const char *name, GError **err);
uint32_t spapr_model_pvr(const char *machine, const PpcModel *model);
typedef struct SpaprModelName { const char *name; const PpcModel *model; bool alias; } SpaprModelName;
GArray *spapr_model_names(const char *machine);             /* of SpaprModelName, each model before its aliases; g_array_unref() */
void spapr_model_list(const char *machine, GString *out);   /* the text of -cpu help */

/* Checks the cap-* properties against the processor and the mode it is held to (`max_cpu_compat`); drops what only the version asked for. */
void spapr_caps_fit(SpaprConfig *c, const PpcModel *model);     /* the dropping alone */
bool spapr_caps_apply(SpaprConfig *c, const PpcModel *model, const MachineOptions *o, GError **err);
bool spapr_init(const MachineOptions *o, GError **err);      /* the machine kind's; sets `spapr` */
void spapr_reset(void);
void spapr_register_state(SpaprMachine *s);                 /* the section spapr, after all devices' */
void spapr_keep_tree(SpaprMachine *s, const void *fdt, uint32_t size);      /* what the client made of the tree: saved, where machines do that */
void spapr_find_rtas(SpaprMachine *s);                      /* rtas_addr by that tree */
/* Blocks that can be plugged (0 before version 2.5), and where the first of them is. */
unsigned spapr_blocks(const SpaprMachine *s);
uint64_t spapr_blocks_base(const SpaprMachine *s);
bool spapr_make_cores(SpaprMachine *s, GError **err);       /* those of -smp (spapr-cpu-core.c) */
unsigned spapr_core_number(const SpaprMachine *s, const PowerPCCPU *cpu);   /* core-id: of its first thread, among all that there may be */
bool spapr_dump_dtb(const char *path, GError **err);        /* -machine dumpdtb= */

const char *spapr_cpu_fw_name(const SpaprMachine *s);
/* The vector 5 property of /chosen, as far as negotiated. */
void spapr_cas_fdt(SpaprMachine *s, void *fdt, int chosen);

/* spapr-numa.c: the options; what they left open, once memory and processors are known; associativity lists (their length) */
bool spapr_numa_option(SpaprNuma *n, const char *arg, bool mem_allowed, GError **err);
bool spapr_numa_complete(SpaprNuma *n, uint64_t ram_size, unsigned max_cpus, unsigned cpus_per_socket, GError **err);
unsigned spapr_numa_node_of(const SpaprMachine *s, unsigned cpu_index);
unsigned spapr_numa_list(const SpaprMachine *s, unsigned node, uint32_t *numbers);
unsigned spapr_numa_cpu(const SpaprMachine *s, const PowerPCCPU *cpu, uint32_t *numbers);
bool spapr_numa_form2(const SpaprMachine *s);

/* spapr-fdt.c: the device tree as the guest (or firmware) first sees it; g_malloc'ed, `size` bytes */
void *spapr_build_fdt(SpaprMachine *s, size_t *size);
/* A tree with the node of one block of memory that was plugged, by its connector; g_malloc'ed. */
void *spapr_fdt_block(SpaprMachine *s, uint32_t index, unsigned node);
#define SPAPR_FDT_SIZE 0x200000     /* what the guest has room for */
/* -dtb */
bool spapr_load_dtb(SpaprMachine *s, const char *path, GError **err);
#define XICS_PHANDLE 0x1111
/* What can be plugged (LoPAPR 13.5): the kinds of connectors, and the properties of a node that has some. */
enum { DRC_CPU = 0x10000000, DRC_PHB = 0x20000000, DRC_PCI = 0x40000000, DRC_LMB = 0x80000000u, DRC_PMEM = 0x90000000u };
static inline uint32_t spapr_block_connector(uint64_t addr)         /* of the memory block that begins there */
{
    return DRC_LMB | (uint32_t)(addr / SPAPR_BLOCK);
}
void spapr_fdt_connectors(void *fdt, int node, const uint32_t *index, unsigned count);
void spapr_fdt_associativity(void *fdt, int node, const uint32_t *numbers, unsigned count);

PowerPCCPU *spapr_cpu_of_server(uint64_t server);           /* the thread of that number, or NULL */

/* ---- hypercalls: rows in a linker section ---- */
typedef uint64_t SpaprHcallFn(PowerPCCPU *cpu, SpaprMachine *s, uint64_t op, uint64_t *args);
typedef struct SpaprHcall { uint64_t op; SpaprHcallFn *fn; const char *name; } SpaprHcall;
/* args[0] is r4 on entry; on return args[0..] go back to r4... */
#define HCALL(name_, op_)                                                                       \
    static uint64_t hcall_##name_(PowerPCCPU *cpu, SpaprMachine *s, uint64_t op, uint64_t *args); \
    static const SpaprHcall hcall_row_##name_                                                   \
        __attribute__((used, section("spapr_hcalls"), aligned(8))) = { op_, hcall_##name_, #name_ }; \
    static uint64_t hcall_##name_(PowerPCCPU *cpu, SpaprMachine *s, uint64_t op, uint64_t *args)
void spapr_hypercall(PowerPCCPU *cpu);

/* ---- RTAS: rows too; `token` fixed per version of the interface ---- */
typedef struct RtasCall { uint64_t args; unsigned nargs, nret; uint64_t rets; } RtasCall;
uint32_t rtas_arg(const RtasCall *c, unsigned i);
void rtas_ret(const RtasCall *c, unsigned i, uint32_t v);
typedef void RtasFn(PowerPCCPU *cpu, SpaprMachine *s, const RtasCall *c);
typedef struct RtasRow {
    uint32_t token;
    const char *name;
    RtasFn *fn;
    uint8_t nargs, nret;
    bool (*exists)(const SpaprMachine *s);      /* NULL: on every machine */
} RtasRow;
#define RTAS(id_, token_, name_, nargs_, nret_) RTAS_IF(NULL, id_, token_, name_, nargs_, nret_)
#define RTAS_IF(exists_, id_, token_, name_, nargs_, nret_)                                     \
    static void rtas_##id_(PowerPCCPU *cpu, SpaprMachine *s, const RtasCall *c);                \
    static const RtasRow rtas_row_##id_ __attribute__((used, section("spapr_rtas"), aligned(8))) = \
        { token_, name_, rtas_##id_, nargs_, nret_, exists_ };                                           \
    static void rtas_##id_(PowerPCCPU *cpu, SpaprMachine *s, const RtasCall *c)
enum { RTAS_SUCCESS = 0, RTAS_HW_ERROR = -1, RTAS_BUSY = -2, RTAS_PARAM_ERROR = -3, RTAS_NOT_SUPPORTED = -3,
       RTAS_NO_SUCH_INDICATOR = -3, RTAS_NOT_AUTHORIZED = -9002, RTAS_SYSPARM_PARAM_ERROR = -9999,
       RTAS_MULTIPLE_THREADS = -9005 };
const RtasRow *rtas_rows(size_t *n);
bool rtas_exists(const SpaprMachine *s, const RtasRow *r);
void spapr_rtas_call(PowerPCCPU *cpu, SpaprMachine *s, uint64_t args_addr);
/* With arguments and results wherever they are, and as many as the caller says; false: there is none of this name. */
bool spapr_rtas_call_named(PowerPCCPU *cpu, SpaprMachine *s, const char *name, const RtasCall *c);
/* The few instructions that guest code calls as RTAS. */
void spapr_rtas_install(SpaprMachine *s, uint64_t addr);
#define RTAS_BLOB_SIZE 20
/* with room for an error log and what a machine check of each processor saves */
#define RTAS_SIZE(cpus) (RTAS_BLOB_SIZE + 2048 + 8 + 16 * (cpus))

/* Connectors of processors, of memory, of bridges; those of a bridge's slots. Their sections come in the order of these calls. */
void spapr_drc_add_cores(SpaprMachine *s);
void spapr_drc_add_rest(SpaprMachine *s);
void spapr_drc_add_slots(SpaprMachine *s, unsigned bridge);
void spapr_drc_reset(SpaprMachine *s);
/* Something has come to `n` connectors from `first` on, while the machine is there: the guest is told. */
void spapr_drc_plug(SpaprMachine *s, uint32_t first, unsigned n);
/* `d`, which has them, is wanted back: the guest is told, and it goes when all of it was given back (device_unrealize()). */
void spapr_drc_unplug(SpaprMachine *s, Device *d, uint32_t first, unsigned n);
bool spapr_drc_is_wanted(uint32_t index);
/* The client knows the machine only from now on: what was plugged before is as if it had been there from the start. */
void spapr_drc_settle(SpaprMachine *s);
/*
 * All connectors have their state. Of what is wanted, parts may have been given back; others send nothing of these.
 */
void spapr_drc_loaded(SpaprMachine *s);
void spapr_drc_take_out(SpaprMachine *s, bool reset);       /* what was given back; all that is wanted, if the machine is reset */
void spapr_reset_cpu(PowerPCCPU *cpu, void *unused);        /* as a reset of the machine leaves it; on its own thread, or before that runs */
uint32_t spapr_core_connector(const Device *core);
Device *spapr_core_at(uint32_t connector);                  /* NULL: none is there */
bool spapr_make_watchdogs(SpaprMachine *s, GError **err);
void spapr_nvram_prepare(SpaprMachine *s);
void spapr_events_init(SpaprMachine *s);
void spapr_events_reset(SpaprMachine *s);
/* `n` connectors from `first` on have something that was not there, or that is wanted back. */
void spapr_events_hotplug(SpaprMachine *s, bool add, uint32_t first, unsigned n);
void spapr_events_forget_hotplug(SpaprMachine *s);
void spapr_fwnmi_reset(SpaprMachine *s);
/* Where a system reset interrupt of this thread goes in place of `vector`; R3 follows. By the thread itself. */
uint64_t spapr_fwnmi_system_reset(PowerPCCPU *cpu, uint64_t vector);
void spapr_inject_nmi(void);                                /* a system reset interrupt to each thread that runs; big lock held */
extern const struct VMState vmstate_fwnmi;                  /* a subsection of the machine's section */
/* Is the interrupt that of events, and none of its kind is there to fetch? */
bool spapr_events_idle(const SpaprMachine *s, unsigned irq);
extern const struct VMState vmstate_pending_events;     /* a subsection of the machine's section */
int64_t spapr_rtc_now_ns(void);      /* of the partition's clock, since 1970 */

/* ---- hash table ---- */
/* An entry changed: told after the change, for whom the table is being sent to (spapr-htab.c). */
void spapr_htab_dirty(uint64_t ptex);
void spapr_htab_replaced(void);         /* another table took the place of the one before; big lock held */
void spapr_htab_init(void);             /* registers its section */
bool spapr_htab_check(uint64_t shift, GError **err);        /* may a table of 2^shift bytes come? UINT32_MAX: none */
extern const PpcVhyp spapr_vhyp;
/* How much memory the first hash table is made for: what may be plugged counts if the table cannot grow, or the client has said that it cannot do that. */
static inline uint64_t spapr_hpt_ram(const SpaprMachine *s)
{
    bool grows = s->cfg->hpt_resize && (!s->cas_done || s->radix || s->ov5_cas[OV5_HP_EVT - 1] & OV5_RESIZE_HPT);

    return grows ? memory_ram_size() : s->maxram_size;
}
/* An empty one; what was being prepared is forgotten. No thread runs guest code: the second sees to that, and gives the big lock up for it. */
bool spapr_hpt_alloc(SpaprMachine *s, unsigned shift, GError **err);
bool spapr_hpt_exchange(SpaprMachine *s, unsigned shift);
void spapr_hpt_forget_pending(SpaprMachine *s);
unsigned spapr_hpt_shift_for(uint64_t ram);

/* ---- interrupts (hw/intc/xics.c) ---- */
Ics *ics_new(unsigned base, unsigned count, GError **err);
bool ics_exists(const Ics *ics, unsigned irq);              /* the number is in range */
bool ics_valid(const Ics *ics, unsigned irq);               /* and somebody claimed it */
void ics_claim(Ics *ics, unsigned irq, bool lsi);
void ics_release(Ics *ics, unsigned irq);
Irq ics_line(const Ics *ics, unsigned irq);                 /* `irq` exists */
bool ics_set_xive(Ics *ics, unsigned irq, unsigned server, unsigned prio);
bool ics_get_xive(Ics *ics, unsigned irq, unsigned *server, unsigned *prio);
bool ics_int_on(Ics *ics, unsigned irq, bool on);
/* A whole stream is loaded: presenters that it did not have are made up. */
void icp_make_up(Ics *ics);
bool ics_level(const Ics *ics, unsigned irq);               /* of a level-signalled one: is it asserted? */
Icp *icp_new(PowerPCCPU *cpu, GError **err);                /* child of the processor */
/* Sections of presenters up to there are taken, as streams of machines up to 2.9 have them for processors that are not plugged. */
void icp_expect(unsigned servers);
void icp_update_line(Icp *icp);
void icp_give_back(Icp *icp);                               /* what it presents; its source, or the IPI, asks again at the next chance */
void icp_resend(Icp *icp);                                  /* that chance: presents the IPI, and all that was rejected */
void ics_print(const Ics *ics, GString *out);               /* info pic */

/* ---- interrupts (hw/intc/spapr-xive.c; the rest in hw/intc/xive.h) ---- */
SpaprXive *spapr_xive_new(unsigned irqs, unsigned threads, GError **err);
bool spapr_xive_exists(const SpaprXive *x, unsigned lisn);
bool spapr_xive_valid(const SpaprXive *x, unsigned lisn);
void spapr_xive_claim(SpaprXive *x, unsigned lisn, bool lsi);
void spapr_xive_release(SpaprXive *x, unsigned lisn);
Irq spapr_xive_line(const SpaprXive *x, unsigned lisn);
bool spapr_xive_level(const SpaprXive *x, unsigned lisn);
void spapr_xive_enable(SpaprXive *x, bool on);              /* its pages answer */
void spapr_xive_forget(SpaprXive *x);                       /* H_INT_RESET */
void spapr_xive_print(const SpaprXive *x, GString *out);

/* Numbers (spapr-irq.c): where the ranges of machines since 3.1 begin. */
enum { SPAPR_IRQ_BASE = 0x1000, SPAPR_IRQ_EPOW = 0x1000, SPAPR_IRQ_HOTPLUG = 0x1001, SPAPR_IRQ_VIO = 0x1100, SPAPR_IRQ_PCI_LSI = 0x1200, SPAPR_IRQ_MSI = 0x1300 };
bool spapr_irq_make(SpaprMachine *s, GError **err);         /* the controllers that ic-mode= asks for */
bool spapr_irq_make_presenters(SpaprMachine *s, PowerPCCPU *cpu, GError **err);
static inline bool spapr_xive_active(const SpaprMachine *s) { return s->xive_active; }
bool spapr_xive_chosen(const SpaprMachine *s);              /* by the guest: its hypercalls are there */
unsigned spapr_irq_servers(const SpaprMachine *s);          /* numbers that threads may have: below this */
/* After reset, negotiation or loading: lines and pages lead to the controller that is chosen now. */
void spapr_irq_select(SpaprMachine *s, bool loaded);
Irq spapr_irq_line(SpaprMachine *s, unsigned irq);          /* to the one in use; `irq` was claimed */
/* `fixed`, or on older machines the next free one; 0: none to be had, and why. */
unsigned spapr_irq_claim_device(SpaprMachine *s, unsigned fixed, bool lsi, GError **err);
/* The first of n free numbers in a row for messages, `aligned` to a power of two not below n; 0: none to be had. */
unsigned spapr_irq_claim_messages(SpaprMachine *s, unsigned n, bool aligned, GError **err);
void spapr_irq_release(SpaprMachine *s, unsigned first, unsigned n);        /* numbers that do not exist are passed over */
void spapr_irq_reset(SpaprMachine *s);                      /* no messages any more */
extern const struct VMState vmstate_irq_map;                /* a subsection of the machine's section */

/* ---- console (hw/char/spapr-vty.c) ---- */
SpaprVty *spapr_vty_default(const SpaprMachine *s);         /* the one of the lowest unit address, or NULL */
uint32_t spapr_vty_reg(const SpaprVty *v);
void spapr_vty_put(SpaprVty *v, const uint8_t *buf, unsigned len);
unsigned spapr_vty_get(SpaprVty *v, uint8_t *buf, unsigned len);

/* ---- Open Firmware client interface (hw/ppc/vof.c, vof-services.c) ---- */
void vof_reset(SpaprMachine *s);
void vof_start_client(PowerPCCPU *boot, SpaprMachine *s);
uint64_t spapr_rma_size(const SpaprMachine *s);     /* of the first memory node */
uint64_t vof_client_call(PowerPCCPU *cpu, SpaprMachine *s, uint64_t args_addr);

/* A table of translation control entries for 4 KiB pages of one logical I/O bus. */

/* Start a stopped thread at `pc` with r3. */
void spapr_start_cpu(PowerPCCPU *cpu, uint64_t pc, uint64_t r3);

/* client-architecture-support: the negotiated vectors; returns a hypercall code */
uint64_t spapr_cas(PowerPCCPU *cpu, SpaprMachine *s, uint64_t vec_addr, uint64_t fdt_buf, uint64_t fdt_size);

#endif
