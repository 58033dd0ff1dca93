/*
 * JSON as QMP has it: values cut out of a stream of bytes, and values as text.
 *
 * Beyond RFC 8259 the peer takes strings in single quotes and the escape \'; it refuses noncharacters, keys that come twice and what is
 * nested deeper than 1024. NUL in a string is kept as bytes c0 80, so that strings end where C thinks they do.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MONITOR_QMP_JSON_H
#define MONITOR_QMP_JSON_H

#include <glib.h>
#include <json-c/json.h>
#include <stdbool.h>

typedef struct QmpJson QmpJson;

/* A value (NULL: the word null), which is the function's from now on; or with `complaint` what is wrong with the input. */
typedef void QmpJsonFn(void *opaque, json_object *value, const char *complaint);

QmpJson *qmp_json_new(QmpJsonFn *fn, void *opaque);
void qmp_json_free(QmpJson *j);
void qmp_json_reset(QmpJson *j);                /* forgets what is not complete */
void qmp_json_feed(QmpJson *j, const uint8_t *buf, size_t len);
/* In ASCII, with the blanks where the peer has them: scripts look for '{"return": {}}'. */
void qmp_json_print(json_object *o, bool pretty, GString *out);

#endif
