/*
 * See announce.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/announce.h"
#include "migration/manifest.h"
#include "migration/protocol.h"
#include "monitor/qmp.h"
#include "system/cpus.h"
#include "system/report.h"
#include <string.h>

#define TEXT_MAX (16u << 20)        /* bytes of a manifest; a guest of 256 threads has 2 MiB. One that is larger goes unannounced. */
#define ANSWER_MAX 0xffffu          /* of an answer, by its length's two bytes */

bool announce_guest(MigOut *o, GError **err)
{
    uint8_t size[4];
    size_t n;

    if (!mig_out_flush(o, err) || !return_path_wait_pong(PING_OPENED, mig_out_cancellable(o), err)) {
        return false;
    }
    if (!return_path_got_pong(PING_ANNOUNCE)) {
        return true;                /* none of ours */
    }
    bql_lock();
    json_object *manifest = manifest_new(err);
    bql_unlock();
    if (!manifest) {
        return false;
    }
    const char *text = json_object_to_json_string_length(manifest, JSON_C_TO_STRING_PLAIN, &n);
    bool send = n <= TEXT_MAX;
    if (send) {
        vms_put_be(size, 4, n);
        command_put(o, COMMAND_MANIFEST, size, sizeof(size));
        mig_put(o, text, n);
    }
    json_object_put(manifest);
    return !send || (mig_out_flush(o, err) && return_path_wait_verdict(mig_out_cancellable(o), err));
}

static json_object *parse(const uint8_t *text, size_t n, GError **err)
{
    json_tokener *parser = json_tokener_new_ex(32);
    json_object *o = json_tokener_parse_ex(parser, (const char *)text, n);
    enum json_tokener_error why = json_tokener_get_error(parser);

    if (why != json_tokener_success || json_tokener_get_parse_end(parser) != n) {
        report_fail(err, "the manifest is no JSON: %s", why == json_tokener_success ? "something follows" : json_tokener_error_desc(why));
        json_object_put(o);
        o = NULL;
    }
    json_tokener_free(parser);
    return o;
}

/* Byte 1: it is taken. 0: it is not, and why. */
static void answer(const char *reasons)
{
    size_t n = strlen(reasons);
    g_autofree uint8_t *data = g_malloc(1 + n);

    data[0] = !n;
    memcpy(data + 1, reasons, n);
    reply_send(REPLY_VERDICT, data, MIN(1 + n, ANSWER_MAX));
}

bool announce_load(VmsSource *in, uint32_t size, GError **err)
{
    if (!size || size > TEXT_MAX) {
        return report_fail(err, "the stream's manifest is said to have %u bytes; 1 to %u are possible", size, TEXT_MAX);
    }
    g_autofree uint8_t *text = g_try_malloc(size);
    if (!text) {
        return report_fail(err, "no memory for a manifest of %u bytes", size);
    }
    if (!in->read(in, text, size, err)) {
        return false;
    }
    json_object *manifest = parse(text, size, err);
    bool ok = manifest && manifest_is_one(manifest, err);
    if (ok) {
        g_autofree char *reasons = manifest_check(manifest);
        answer(reasons);
        ok = !*reasons || report_fail(err, "the source announces a guest that this machine does not take: %s", reasons);
    }
    json_object_put(manifest);
    return ok;
}
