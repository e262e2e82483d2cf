/* SPDX-License-Identifier: MIT */
#include "deploy/load.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/hash.h"
#include "base/log.h"
#include "core/bundle.h"
#include "deploy/folder.h"
#include "script/gateway_loader.h"

static const char LOG_MODULE[] = "deploy";

/* Its code may not run; where it would be reached is known from when it did. When it never got so
 * far, there is no place at which it could be refused. */
static int make_unavailable(const struct tg_gateway_row *row, uint64_t counter,
                            struct tg_gateway **gateway, struct tg_errmsg *msg)
{
    if (row->path[0] == '\0') {
        return tg_errmsg_set(msg, TG_ERR_UNAVAILABLE, "%s: unloaded, too many workers died in it",
                             row->name);
    }
    struct tg_gateway *made = tg_gateway_create(tg_str_of(row->name));
    if (!made) {
        return tg_errmsg_set(msg, TG_ERR_NOMEM, "out of memory");
    }
    int err = tg_gateway_set_path(made, tg_str_of(row->path), msg);
    if (err) {
        tg_gateway_destroy(made);
        return tg_errmsg_wrap(msg, err, "%s: unloaded, too many workers died in it", row->name);
    }
    memcpy(made->generation, row->generation, sizeof(made->generation));
    made->is_unavailable = true;
    made->counter = counter;
    *gateway = made;
    return TG_OK;
}

int tg_load_bundle(struct tg_hub *hub, const struct tg_bundle *bundle, struct tg_gateway **gateway,
                   struct tg_errmsg *msg)
{
    const struct tg_gateway_row *row =
        tg_unloaded_find(&hub->page->unloaded, bundle->name, bundle->generation);

    return row ? make_unavailable(row, bundle->counter, gateway, msg)
               : tg_gateway_load(hub, bundle, gateway, msg);
}

int tg_load_folder(struct tg_hub *hub, const char *path, const struct tg_gateway **gateway,
                   struct tg_errmsg *msg)
{
    struct tg_bundle bundle;
    struct tg_gateway *loaded = NULL;
    int err = tg_folder_read(path, &bundle, msg);

    if (err) {
        return err;
    }
    err = tg_load_bundle(hub, &bundle, &loaded, msg);
    tg_bundle_fini(&bundle);
    if (err) {
        return err;
    }
    tg_require(loaded != NULL);
    err = tg_hub_add_gateway(hub, loaded, msg);
    if (err) {
        tg_gateway_destroy(loaded);
        (void)tg_errmsg_wrap(msg, err, "%s", path);
        return err;
    }
    *gateway = loaded;
    return TG_OK;
}

static int load_named(struct tg_hub *hub, const char *root, const char *name, struct tg_errmsg *msg)
{
    char path[PATH_MAX];
    char quoted[512];
    const struct tg_gateway *gateway = NULL;
    int length = snprintf(path, sizeof(path), "%s/%s", root, name);

    if (length < 0 || (size_t)length >= sizeof(path)) {
        return tg_errmsg_set(msg, TG_ERR_TOO_LARGE, "%s: the path is too long", root);
    }
    int err = tg_load_folder(hub, path, &gateway, msg);
    if (err == TG_ERR_UNAVAILABLE) {
        TG_LOG_WARN("gateway is unavailable, its path was never known", "folder=%s",
                    tg_log_quote(quoted, sizeof(quoted), tg_str_of(path)));
        return TG_OK;
    }
    if (err) {
        return err;
    }
    if (!tg_check(gateway != NULL)) {
        return TG_ERR_INVALID;
    }
    if (gateway->is_unavailable) {
        TG_LOG_WARN("gateway is unavailable", "gateway=%s generation=%s", gateway->name,
                    gateway->generation);
        return TG_OK;
    }
    TG_LOG_INFO("gateway loaded", "gateway=%s path=%s generation=%s events=%u folder=%s",
                gateway->name, gateway->path, gateway->generation,
                (unsigned)HASH_COUNT(gateway->events),
                tg_log_quote(quoted, sizeof(quoted), tg_str_of(path)));
    return TG_OK;
}

int tg_load_root(struct tg_hub *hub, const char *root, struct tg_errmsg *msg)
{
    char **names = NULL;
    uint32_t count = 0;
    int err = tg_folder_list(root, &names, &count, msg);

    if (!err && count == 0) {
        err = tg_errmsg_set(msg, TG_ERR_NOT_FOUND,
                            "%s: no gateway in it: a gateway is a folder with a gateway.lua", root);
    }
    for (uint32_t i = 0; i < count && !err; i++) {
        err = load_named(hub, root, names[i], msg);
    }
    tg_folder_free_names(names, count);
    return err;
}
