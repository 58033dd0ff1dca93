/*
 * The special purpose registers that debuggers see, with the names they know from QEMU. Which those are is an interface of its
 * own: registers of real machines that no guest of ours has (spr.c) are among them, and some that have rows there are not.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "gdbstub/gdb-int.h"
#include "target/ppc/models.h"
#include "target/ppc/spr.h"

enum { ANY = UINT16_MAX };
typedef struct SprName {
    uint16_t num;
    const char *name;
    uint16_t first, last;       /* isa_level of the families that show it */
} SprName;

/* By number: gdb counts its registers in this order. */
static const SprName names[] = {
    { 1, "xer", 201, ANY }, { 8, "lr", 201, ANY }, { 9, "ctr", 201, ANY }, { 13, "uamr", 206, ANY },
    { 17, "spr_dscr", 206, ANY }, { 18, "dsisr", 201, ANY }, { 19, "dar", 201, ANY }, { 22, "decr", 201, ANY },
    { 25, "sdr1", 201, 207 }, { 26, "srr0", 201, ANY }, { 27, "srr1", 201, ANY }, { 28, "spr_cfar", 206, ANY },
    { 29, "amr", 206, ANY }, { 31, "acop", 206, ANY }, { 48, "pid", 206, ANY }, { 61, "iamr", 207, ANY },
    { 128, "tfhar", 207, ANY }, { 129, "tfiar", 207, ANY }, { 130, "texasr", 207, ANY }, { 131, "texasru", 207, ANY },
    { 136, "spr_uctrl", 201, ANY }, { 144, "tidr", 300, 300 }, { 152, "spr_ctrl", 201, ANY },
    { 153, "fscr", 207, ANY }, { 157, "uamor", 206, ANY }, { 159, "pspb", 207, ANY }, { 176, "dpdes", 207, ANY },
    { 180, "dawr0", 207, ANY }, { 186, "rpr", 207, ANY }, { 187, "ciabr", 207, ANY }, { 188, "dawrx0", 207, ANY },
    { 190, "hfscr", 206, ANY }, { 256, "vrsave", 201, 201 }, { 256, "vrsave", 206, ANY }, { 259, "usprg3", 201, ANY },
    { 268, "tbl", 201, ANY }, { 269, "tbu", 201, ANY }, { 272, "sprg0", 201, ANY }, { 273, "sprg1", 201, ANY },
    { 274, "sprg2", 201, ANY }, { 275, "sprg3", 201, ANY }, { 282, "ear", 203, ANY }, { 284, "tbl", 201, ANY },
    { 285, "tbu", 201, ANY }, { 286, "tbu40", 203, ANY }, { 287, "pvr", 201, ANY }, { 304, "hsprg0", 206, ANY },
    { 305, "hsprg1", 206, ANY }, { 306, "hdsisr", 206, ANY }, { 307, "hdar", 206, ANY }, { 308, "spurr", 206, ANY },
    { 309, "purr", 206, ANY }, { 310, "hdec", 203, ANY }, { 311, "spr_hior", 201, 203 }, { 312, "rmor", 206, 207 },
    { 313, "hrmor", 206, ANY }, { 314, "hsrr0", 206, ANY }, { 315, "hsrr1", 206, ANY }, { 316, "mmcrh", 206, ANY },
    { 317, "tfmr", 206, ANY }, { 318, "lpcr", 203, ANY }, { 319, "lpidr", 206, ANY }, { 336, "hmer", 206, ANY },
    { 337, "hmeer", 206, ANY }, { 338, "pcr", 206, ANY }, { 349, "amor", 206, ANY }, { 446, "tir", 207, ANY },
    { 464, "ptcr", 300, ANY }, { 468, "hashkeyr", 310, ANY }, { 469, "hashpkeyr", 310, ANY },
    { 528, "ibat0u", 201, 203 }, { 529, "ibat0l", 201, 203 }, { 530, "ibat1u", 201, 203 },
    { 531, "ibat1l", 201, 203 }, { 532, "ibat2u", 201, 203 }, { 533, "ibat2l", 201, 203 },
    { 534, "ibat3u", 201, 203 }, { 535, "ibat3l", 201, 203 }, { 536, "dbat0u", 201, 203 },
    { 537, "dbat0l", 201, 203 }, { 538, "dbat1u", 201, 203 }, { 539, "dbat1l", 201, 203 },
    { 540, "dbat2u", 201, 203 }, { 541, "dbat2l", 201, 203 }, { 542, "dbat3u", 201, 203 },
    { 543, "dbat3l", 201, 203 }, { 768, "usier", 207, ANY }, { 769, "ummcr2", 207, ANY }, { 770, "ummcra", 201, ANY },
    { 771, "upmc1", 201, ANY }, { 772, "upmc2", 201, ANY }, { 773, "upmc3", 201, ANY }, { 774, "upmc4", 201, ANY },
    { 775, "upmc5", 201, ANY }, { 776, "upmc6", 201, ANY }, { 777, "upmc7", 201, 203 }, { 778, "upmc8", 201, 203 },
    { 779, "ummcr0", 201, ANY }, { 780, "usiar", 201, ANY }, { 781, "usdar", 201, ANY }, { 782, "ummcr1", 201, ANY },
    { 784, "sier", 207, ANY }, { 785, "mmcr2", 207, ANY }, { 786, "mmcra", 201, ANY }, { 787, "pmc1", 201, ANY },
    { 788, "pmc2", 201, ANY }, { 789, "pmc3", 201, ANY }, { 790, "pmc4", 201, ANY }, { 791, "pmc5", 201, ANY },
    { 792, "pmc6", 201, ANY }, { 793, "pmc7", 201, 203 }, { 794, "pmc8", 201, 203 }, { 795, "mmcr0", 201, ANY },
    { 796, "siar", 201, ANY }, { 797, "sdar", 201, ANY }, { 798, "mmcr1", 201, ANY }, { 800, "bescrs", 207, ANY },
    { 801, "bescrsu", 207, ANY }, { 802, "bescrr", 207, ANY }, { 803, "bescrru", 207, ANY },
    { 804, "ebbhr", 207, ANY }, { 805, "ebbrr", 207, ANY }, { 806, "bescr", 207, ANY }, { 815, "tar", 207, ANY },
    { 816, "asdr", 300, ANY }, { 848, "ic", 207, ANY }, { 849, "vtb", 207, ANY }, { 851, "mmcrc", 206, ANY },
    { 855, "psscr", 300, ANY }, { 888, "tacr", 207, ANY }, { 889, "tcscr", 207, ANY }, { 890, "csigr", 207, ANY },
    { 892, "spmc1", 207, ANY }, { 893, "spmc2", 207, ANY }, { 894, "mmcrs", 207, ANY }, { 895, "wort", 207, ANY },
    { 896, "ppr", 203, ANY }, { 921, "tscr", 206, ANY }, { 1008, "hid0", 201, ANY }, { 1009, "hid1", 201, 203 },
    { 1010, "iabr", 201, 201 }, { 1012, "hid4", 201, 201 }, { 1013, "dabr", 201, 206 }, { 1014, "hid5", 201, 203 },
    { 1015, "dabrx", 201, 206 }, { 1023, "pir", 206, ANY },
};

/* The n-th that the model shows. */
static const SprName *nth(const PpcModel *model, unsigned n)
{
    unsigned level = model->family->isa_level;

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        if (names[i].first <= level && level <= names[i].last && n-- == 0) {
            return &names[i];
        }
    }
    return NULL;
}

const char *gdb_spr_name(const PpcModel *model, unsigned n)
{
    const SprName *s = nth(model, n);

    return s ? s->name : NULL;
}

uint64_t gdb_spr_get(PowerPCCPU *cpu, unsigned n)
{
    unsigned num = nth(cpu->model, n)->num;

    return spr_find(cpu, num) ? spr_get(cpu, num) : cpu->spr[num];
}

void gdb_spr_set(PowerPCCPU *cpu, unsigned n, uint64_t v)
{
    unsigned num = nth(cpu->model, n)->num;

    if (spr_find(cpu, num)) {
        spr_set(cpu, num, v);
    } else {
        cpu->spr[num] = v;      /* nothing acts on it */
    }
}
