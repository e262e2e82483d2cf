/* SPDX-License-Identifier: MIT */
#include "deploy/load.h"

#include <string.h>

#include "hub/unavailable.h"
#include "script/gateway_loader.h"

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
    tg_unavailable_set(made);
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
