/*
 * Ending a region: dropping what nobody needs, counting uses, checking, printing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/ir-build.h"
#include <inttypes.h>
#include <string.h>

/* May the node vanish when neither a node nor a snapshot mentions its value? */
static bool droppable(const IrRegion *r, const IrNode *n)
{
    switch (n->op) {
    case IR_SLOT: case IR_LDENV: case IR_LDENVX:
        return true;
    case IR_CALL: case IR_GUARD:
        return (r->calls[n->imm].flags & ~IRC_SINGLE) == IRC_PURE;
    default:
        return ir_op_info[n->op].pure;
    }
}

static void count(uint16_t *c)
{
    if (*c != UINT16_MAX) {
        ++*c;
    }
}

/* All operands of a node, through `visit`. */
static void each_operand(IrRegion *r, IrNode *n, void (*visit)(IrRegion *, Val *, void *), void *opaque)
{
    for (int i = 0; i < 4; i++) {
        if (n->a[i].n) {
            visit(r, &n->a[i], opaque);
        }
    }
    if (n->op == IR_CALL || n->op == IR_GUARD) {
        IrCall *c = &r->calls[n->imm];
        for (int i = 0; i < c->nargs; i++) {
            visit(r, &c->args[i], opaque);
        }
    } else if ((n->op == IR_EXIT || n->op == IR_EXIT_IF) && r->exits[n->imm].pc.n) {
        visit(r, &r->exits[n->imm].pc, opaque);
    }
}

static void count_use(IrRegion *r, Val *v, void *opaque)
{
    count(&r->nodes[v->n].uses);
}

static void renumber(IrRegion *r, Val *v, void *opaque)
{
    v->n = ((uint32_t *)opaque)[v->n];
}

IrRegion *ir_finish(void)
{
    IrRegion *r = ir_builder.r;
    g_autofree uint8_t *keep = g_malloc0(r->node_count);
    g_autofree uint8_t *snap_kept = g_malloc0(r->snap_count);
    g_autofree uint8_t *entries_kept = g_malloc0(r->snap_entry_count + 1);
    g_autofree uint32_t *map = g_new0(uint32_t, r->node_count);

    g_assert(ir_builder.ended);
    ir_builder.r = NULL;
    for (uint32_t i = r->node_count - 1; i > 0; i--) {
        IrNode *n = &r->nodes[i];
        if (!n->uses && !n->snap_uses && droppable(r, n)) {
            continue;
        }
        keep[i] = 1;
        each_operand(r, n, count_use, NULL);
        if (n->snap) {
            IrSnap *s = &r->snaps[n->snap];
            snap_kept[n->snap] = 1;
            if (s->count && !entries_kept[s->first]) {      /* ranges are shared whole */
                entries_kept[s->first] = 1;
                for (uint32_t k = s->first; k < s->first + s->count; k++) {
                    count(&r->nodes[r->snap_entries[k].val.n].snap_uses);
                }
            }
        }
    }
    uint32_t kept = 1;
    for (uint32_t i = 1; i < r->node_count; i++) {
        if (keep[i]) {
            map[i] = kept;
            r->nodes[kept++] = r->nodes[i];
        }
    }
    r->node_count = kept;
    for (uint32_t i = 1; i < r->node_count; i++) {
        each_operand(r, &r->nodes[i], renumber, map);
    }
    /* Snapshots of dropped nodes may name dropped values: they map to 0 and are never looked at. */
    for (uint32_t i = 0; i < r->snap_entry_count; i++) {
        r->snap_entries[i].val.n = map[r->snap_entries[i].val.n];
    }
    return r;
}

void ir_free(IrRegion *r)
{
    if (r) {
        g_free(r->nodes);
        g_free(r->snaps);
        g_free(r->snap_entries);
        g_free(r->calls);
        g_free(r->exits);
        g_aligned_free(r->pool);
        g_free(r);
    }
}

static char *bad(uint32_t i, const IrNode *n, const char *what)
{
    return g_strdup_printf("node %u (%s): %s", i, ir_op_info[n->op].name, what);
}

static bool type_fits(char want, IrType t)
{
    switch (want) {
    case 'I': return t == IR_I64;
    case 'F': return t == IR_F64;
    case 'X': return t == IR_V128;
    default: return t != IR_VOID;
    }
}

char *ir_verify(const IrRegion *r)
{
    for (uint32_t i = 1; i < r->node_count; i++) {
        const IrNode *n = &r->nodes[i];
        const IrOpInfo *info = &ir_op_info[n->op];
        for (int k = 0; k < info->nargs; k++) {
            if (!n->a[k].n || n->a[k].n >= i) {
                return bad(i, n, "operand missing or not yet defined");
            }
            if (!type_fits(info->args[k], r->nodes[n->a[k].n].type)) {
                return bad(i, n, "operand of the wrong type");
            }
        }
        if (info->snap && (!n->snap || n->snap >= r->snap_count)) {
            return bad(i, n, "no snapshot");
        }
        if (n->snap) {
            const IrSnap *s = &r->snaps[n->snap];
            for (uint32_t k = s->first; k < s->first + s->count; k++) {
                const IrSnapEntry *e = &r->snap_entries[k];
                if (!e->val.n || e->val.n >= i || r->nodes[e->val.n].type != ir_slot_info[e->slot].type) {
                    return bad(i, n, "snapshot entry is wrong");
                }
            }
        }
        if (n->op == IR_EXIT && i != r->node_count - 1) {
            return bad(i, n, "exit in the middle");
        }
    }
    if (r->node_count < 2 || r->nodes[r->node_count - 1].op != IR_EXIT) {
        return g_strdup("region does not end in an exit");
    }
    return NULL;
}

static const char *const cond_names[] = { "eq", "ne", "lt", "ge", "le", "gt", "ltu", "geu", "leu", "gtu",
                                          "tstz", "tstnz", "un" };

static void slot_name(GString *out, unsigned slot)
{
    unsigned first = slot;

    while (first > 0 && ir_slot_info[first - 1].name == ir_slot_info[slot].name) {
        first--;
    }
    g_string_append_printf(out, "%s%u", ir_slot_info[slot].name, slot - first);
}

void ir_print(const IrRegion *r, GString *out)
{
    g_string_append_printf(out, "region %016" PRIx64 " flags %08x, %u instructions\n", r->pc, r->flags, r->insns);
    for (uint32_t i = 1; i < r->node_count; i++) {
        const IrNode *n = &r->nodes[i];
        const IrOpInfo *info = &ir_op_info[n->op];
        g_string_append_printf(out, "%5u %-8s", i, info->name);
        for (int k = 0; k < info->nargs; k++) {
            g_string_append_printf(out, " %%%u", n->a[k].n);
        }
        switch (n->op) {
        case IR_SETCOND: case IR_SEL: case IR_FSETCOND: case IR_FSEL: case IR_VFCMP: case IR_GUARD: case IR_EXIT_IF:
            g_string_append_printf(out, " %s%s", cond_names[n->cond], n->aux & 1 && n->op != IR_VFCMP ? ".w" : "");
            break;
        case IR_SLOT:
            g_string_append_c(out, ' ');
            slot_name(out, n->imm);
            break;
        default:
            g_string_append_printf(out, " .%u #%" PRIx64 " [%x]", n->size, n->imm, n->aux);
        }
        if (n->op == IR_CALL || n->op == IR_GUARD) {
            const IrCall *c = &r->calls[n->imm];
            g_string_append_printf(out, " %s(", c->name);
            for (int k = 0; k < c->nargs; k++) {
                g_string_append_printf(out, "%s%%%u", k ? ", " : "", c->args[k].n);
            }
            g_string_append_printf(out, ") flags %x", c->flags);
        }
        if (n->op == IR_EXIT || n->op == IR_EXIT_IF) {
            const IrExit *e = &r->exits[n->imm];
            g_string_append_printf(out, " kind %d target %" PRIx64 " pc %%%u", e->kind, e->target, e->pc.n);
        }
        if (n->snap) {
            const IrSnap *s = &r->snaps[n->snap];
            g_string_append_printf(out, "  {pc %" PRIx64, s->pc);
            for (uint32_t k = s->first; k < s->first + s->count; k++) {
                g_string_append_c(out, ' ');
                slot_name(out, r->snap_entries[k].slot);
                g_string_append_printf(out, "=%%%u", r->snap_entries[k].val.n);
            }
            g_string_append_c(out, '}');
        }
        g_string_append_printf(out, "   ; uses %u+%u\n", n->uses, n->snap_uses);
    }
}
