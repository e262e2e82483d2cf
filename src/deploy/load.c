/* SPDX-License-Identifier: MIT */
#include "deploy/load.h"

#include <limits.h>
#include <stdio.h>

#include "base/check.h"
#include "base/hash.h"
#include "base/log.h"
#include "core/bundle.h"
#include "deploy/folder.h"
#include "script/gateway_loader.h"

static const char LOG_MODULE[] = "deploy";

int tg_load_folder(struct tg_hub *hub, const char *path, const struct tg_gateway **gateway,
                   struct tg_errmsg *msg)
{
    struct tg_bundle bundle;
    struct tg_gateway *loaded = NULL;
    int err = tg_folder_read(path, &bundle, msg);

    if (err) {
        return err;
    }
    err = tg_gateway_load(hub, &bundle, &loaded, msg);
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
    if (err) {
        return err;
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
