/*
 * See yank.h, and the commands yank and query-yank.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/yank.h"
#include "monitor/qmp.h"
#include <string.h>
#include <sys/socket.h>

typedef struct Instance {
    YankType type;
    char *id;
    GArray *fds;
} Instance;

static GMutex lock;
static GPtrArray *instances;        /* in the order they came */

static const char *const names[] = { [YANK_CHARDEV] = "chardev", [YANK_MIGRATION] = "migration" };

static void free_instance(void *p)
{
    Instance *i = p;

    g_free(i->id);
    g_array_unref(i->fds);
    g_free(i);
}

static Instance *find(const char *type, const char *id, guint *at)
{
    for (guint n = 0; instances && n < instances->len; n++) {
        Instance *i = instances->pdata[n];
        if (!strcmp(names[i->type], type) && !g_strcmp0(i->id, id)) {
            *at = n;
            return i;
        }
    }
    return NULL;
}

void yank_add(YankType type, const char *id)
{
    guint at;

    g_mutex_lock(&lock);
    if (!instances) {
        instances = g_ptr_array_new_with_free_func(free_instance);
    }
    if (!find(names[type], id, &at)) {
        Instance *i = g_new(Instance, 1);
        *i = (Instance){ type, g_strdup(id), g_array_new(FALSE, FALSE, sizeof(int)) };
        g_ptr_array_add(instances, i);
    }
    g_mutex_unlock(&lock);
}

void yank_remove(YankType type, const char *id)
{
    guint at;

    g_mutex_lock(&lock);
    if (find(names[type], id, &at)) {
        g_ptr_array_remove_index(instances, at);
    }
    g_mutex_unlock(&lock);
}

void yank_add_fd(YankType type, const char *id, int fd)
{
    guint at;

    g_mutex_lock(&lock);
    Instance *i = find(names[type], id, &at);
    if (i) {
        g_array_append_val(i->fds, fd);
    }
    g_mutex_unlock(&lock);
}

void yank_remove_fd(int fd)
{
    g_mutex_lock(&lock);
    for (guint n = 0; instances && n < instances->len; n++) {
        GArray *fds = ((Instance *)instances->pdata[n])->fds;
        for (guint k = fds->len; k-- > 0;) {
            if (g_array_index(fds, int, k) == fd) {
                g_array_remove_index(fds, k);
            }
        }
    }
    g_mutex_unlock(&lock);
}

QMP_ENUM(YankInstanceType, "block-node chardev migration");

static char *members_of(const char *type)
{
    return g_strdup(!strcmp(type, "block-node") ? "node-name:str" : !strcmp(type, "chardev") ? "id:str" : "");
}

QMP_UNION(YankInstance, "type:YankInstanceType", "type", members_of);

/* All of them are there, or none is touched. */
QMP(yank, "yank", "instances:[YankInstance]", "", QMP_OOB)
{
    json_object *list = json_object_object_get(args, "instances");
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    guint at;

    g_mutex_lock(&lock);
    for (size_t n = 0; n < json_object_array_length(list); n++) {
        json_object *o = json_object_array_get_idx(list, n);
        Instance *i = find(qmp_str(o, "type", ""), qmp_str(o, "id", NULL), &at);
        if (!i) {
            g_mutex_unlock(&lock);
            g_set_error(err, QMP_ERROR, QMP_DEVICE_NOT_FOUND, "Instance not found");
            return false;
        }
        g_ptr_array_add(found, i);
    }
    for (guint n = 0; n < found->len; n++) {
        GArray *fds = ((Instance *)found->pdata[n])->fds;
        for (guint k = 0; k < fds->len; k++) {
            shutdown(g_array_index(fds, int, k), SHUT_RDWR);
        }
    }
    g_mutex_unlock(&lock);
    return true;
}

QMP(query_yank, "query-yank", "", "[YankInstance]", QMP_OOB)
{
    *ret = json_object_new_array();
    g_mutex_lock(&lock);
    for (guint n = 0; instances && n < instances->len; n++) {
        const Instance *i = instances->pdata[n];
        json_object *o = qmp_object("type", JSTR(names[i->type]), NULL);
        if (i->id) {
            json_object_object_add(o, "id", JSTR(i->id));
        }
        json_object_array_add(*ret, o);
    }
    g_mutex_unlock(&lock);
    return true;
}
