/*
 * Values that stay in host registers from one turn of a loop to the next.
 *
 * A region whose exit leads to its own start is a loop. Its slots are stored there as at every exit, so that the state at the
 * region's head is the same however it was reached; but the registers a turn reads first are not loaded again: they are loaded
 * once before the head, and the way back puts their new values where the head expects them. So what one turn hands to the next does not
 * go through memory, whose latency would bound short loops.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/x86_64/select.h"
#include "target/ppc/cpu.h"

/* The others of the pools are left to the loop's body; a value that does not change is worth less than one that does. */
static const unsigned carried_most[2] = { 8, 10 }, constant_most[2] = { 6, 8 };

bool is_loop_edge(const Gen *g, uint32_t exit)
{
    const IrExit *x = &g->ir->exits[exit];

    return x->kind == EXIT_DIRECT && x->target == g->ir->pc && !(g->ir->flags & (RF_WATCHED | RF_ONE));
}

/* The other view of a VSR's first half, or the slot itself. */
static unsigned alias(unsigned slot)
{
    return slot >= SLOT_FPR && slot <= SLOT_FPR_LAST ? slot - SLOT_FPR + SLOT_VSR
        : slot >= SLOT_VSR && slot <= SLOT_VSR_LAST ? slot - SLOT_VSR + SLOT_FPR : slot;
}

typedef enum Turn { CONSTANT, CHANGES, HOME } Turn;

/* What becomes of a slot in a turn that ends at this edge? HOME: its new value can only be had from memory. */
static Turn turn_of(const Gen *g, const IrNode *edge, unsigned slot)
{
    const IrSnap *s = &g->ir->snaps[edge->snap];
    Turn t = CONSTANT;

    for (uint32_t i = s->first; i < s->first + s->count; i++) {
        const IrSnapEntry *e = &g->ir->snap_entries[i];
        if (e->slot == slot) {
            t = g->v[e->val.n].sunk ? HOME : CHANGES;
        } else if (e->slot == alias(slot)) {
            return HOME;
        }
    }
    return t;
}

bool stores_slots(const IrRegion *ir, const IrNode *n)
{
    return n->op == IR_CALL && ir->calls[n->imm].flags & (IRC_READ | IRC_WRITE);
}

/* Slots that are read before anything but this region's own nodes may have changed them. */
static void choose(Gen *g, const uint32_t *edges, unsigned nedges, Turn wanted)
{
    const IrRegion *ir = g->ir;
    const unsigned *most = wanted == CHANGES ? carried_most : constant_most;

    for (uint32_t i = 1; i < ir->node_count && !stores_slots(ir, &ir->nodes[i]); i++) {
        const IrNode *n = &ir->nodes[i];
        VState *s = &g->v[i];
        if (n->op != IR_SLOT || !s->last || !n->uses || s->carried || g->carried_kind[s->xmm] >= most[s->xmm]) {
            continue;
        }
        Turn t = CONSTANT;
        for (unsigned k = 0; k < nedges; k++) {
            t = MAX(t, turn_of(g, &ir->nodes[edges[k]], n->imm));
        }
        if (t == wanted && g->carried_count < CARRIED_MAX) {
            s->carried = true;
            g->carried_kind[s->xmm]++;
            g->carried[g->carried_count++] = (Carried){ .node = i, .slot = n->imm };
            if (t == CONSTANT) {
                s->last = MAX(s->last, edges[nedges - 1]);
            }
        }
    }
}

void loop_plan(Gen *g)
{
    uint32_t edges[8];
    unsigned nedges = 0;

    for (uint32_t i = 1; i < g->ir->node_count; i++) {
        const IrNode *n = &g->ir->nodes[i];
        if ((n->op == IR_EXIT || n->op == IR_EXIT_IF) && is_loop_edge(g, n->imm)) {
            if (nedges == G_N_ELEMENTS(edges)) {
                return;
            }
            edges[nedges++] = i;
        }
    }
    if (nedges) {
        choose(g, edges, nedges, CHANGES);
        choose(g, edges, nedges, CONSTANT);
    }
}

void loop_enter(Gen *g)
{
    g->pinned[0] = g->pinned[1] = 0;
    for (unsigned i = 0; i < g->carried_count; i++) {
        Carried *c = &g->carried[i];
        g->at = c->node;
        gen_slot(g, &g->ir->nodes[c->node]);
        c->reg = g->v[c->node].reg;
    }
    g->head = g->e->p;
}

uint32_t loop_capture(Gen *g, uint32_t map_first, uint32_t map_count)
{
    const MapEntry *maps = (const MapEntry *)(void *)g->exit_maps->data + map_first;
    uint32_t first = g->carried_locs->len;

    for (unsigned i = 0; i < g->carried_count; i++) {
        const Carried *c = &g->carried[i];
        const VState *s = &g->v[c->node];
        Loc l = { .kind = LOC_NONE };       /* in memory */
        bool changed = false;
        for (uint32_t k = 0; k < map_count; k++) {
            if (maps[k].slot == c->slot) {
                l = maps[k].loc;
            }
            changed |= maps[k].slot == c->slot || maps[k].slot == alias(c->slot);
        }
        if (!changed && !g->slots_stored && (s->reg >= 0 || s->cell >= 0)) {
            l = locate(g, (Val){ c->node });
        }
        if (l.kind != LOC_STACK && l.kind != (s->xmm ? LOC_XMM : LOC_GPR) && (l.kind != LOC_CONST || s->xmm)) {
            l.kind = LOC_NONE;
        }
        g_array_append_val(g->carried_locs, l);
    }
    return first;
}

static void move(Gen *g, bool xmm, int to, int from)
{
    if (xmm) {
        vmov_rr(g->e, to, from);
    } else {
        mov_rr(g->e, to, from);
    }
}

/* All at once: a register that is still to be read is not written; a circle is broken by a scratch register. */
static void move_registers(Gen *g, bool xmm, const Loc *from)
{
    int source[16];
    unsigned left = 0;

    memset(source, -1, sizeof(source));         /* of each register; none: -1 */
    for (unsigned i = 0; i < g->carried_count; i++) {
        const Carried *c = &g->carried[i];
        if (from[i].kind == (xmm ? LOC_XMM : LOC_GPR) && g->v[c->node].xmm == xmm && from[i].reg != c->reg) {
            source[c->reg] = from[i].reg;
            left++;
        }
    }
    while (left) {
        bool progress = false;
        for (int to = 0; to < 16; to++) {
            bool read = false;
            for (int k = 0; k < 16; k++) {
                read |= source[k] == to;
            }
            if (source[to] >= 0 && !read) {
                move(g, xmm, to, source[to]);
                source[to] = -1;
                left--;
                progress = true;
            }
        }
        for (int to = 0; to < 16 && !progress; to++) {
            if (source[to] >= 0) {              /* what it holds goes aside for the one that reads it */
                int scratch = xmm ? 15 : RAX;
                move(g, xmm, scratch, to);
                for (int k = 0; k < 16; k++) {
                    source[k] = source[k] == to ? scratch : source[k];
                }
                progress = true;
            }
        }
    }
}

void loop_back(Gen *g, uint32_t locs_first)
{
    const Loc *from = &g_array_index(g->carried_locs, Loc, locs_first);

    if (g->carried_count) {
        move_registers(g, false, from);
        move_registers(g, true, from);
    }
    for (unsigned i = 0; i < g->carried_count; i++) {
        const Carried *c = &g->carried[i];
        switch (from[i].kind) {
        case LOC_STACK:
            if (g->v[c->node].xmm) {
                vload(g->e, c->reg, RSP, 16 * from[i].index);
            } else {
                load64(g->e, c->reg, RSP, 16 * from[i].index);
            }
            break;
        case LOC_CONST: mov_ri(g->e, c->reg, from[i].k); break;
        case LOC_NONE: load_slot(g, c->slot, c->reg); break;
        }
    }
    patch32(jmp32(g->e), g->head);
}
